//! Tables under conditions that exclude each other and that stand for one another.

use super::model::Table;
use super::resolve::Resolver;
use crate::dynamodb::symbolic::ResourceRef;

/// A shorter beginning that two logical ids share says nothing.
const MIN_SHARED: usize = 4;

/// A table with the condition under which it exists.
pub(super) struct Conditional<'t> {
    pub table: &'t Table,
    pub condition: Option<String>,
}

/// Groups of tables of which at most one is deployed, each with the same keys and a like name.
pub(super) fn alternatives(r: &Resolver, tables: &[Conditional]) -> Vec<Vec<ResourceRef>> {
    let mut groups: Vec<Vec<&Conditional>> = Vec::new();
    for table in tables.iter().filter(|table| table.condition.is_some()) {
        if !r.spend(tables.len()) {
            break;
        }
        let group = groups.iter_mut().find(|group| group.iter().all(|other| stand_in(r, table, other)));
        match group {
            Some(group) => group.push(table),
            None => groups.push(vec![table]),
        }
    }
    let several = groups.into_iter().filter(|group| group.len() > 1);
    several.map(|group| group.iter().map(|one| one.table.resource.clone()).collect()).collect()
}

fn stand_in(r: &Resolver, a: &Conditional, b: &Conditional) -> bool {
    let (Some(first), Some(second)) = (&a.condition, &b.condition) else { return false };
    r.exclusive(first, second) && a.table.is_shaped_like(b.table) && alike(a.table, b.table)
}

/// Whether two tables have one name, or logical ids that begin alike.
fn alike(a: &Table, b: &Table) -> bool {
    let names = |table: &Table| table.names.iter().map(|name| name.value.clone()).collect::<Vec<_>>();
    if !a.names.is_empty() && names(a) == names(b) {
        return true;
    }
    let (a, b) = (&a.resource.id, &b.resource.id);
    let shared = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
    shared >= MIN_SHARED && shared * 2 >= a.len().min(b.len())
}
