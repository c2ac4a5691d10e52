//! Tables under conditions that exclude each other and that stand for one another.

use super::model::{Function, Table};
use super::resolve::Resolver;
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use std::collections::BTreeSet;

/// A shorter beginning that two logical ids share says nothing.
const MIN_SHARED: usize = 4;
/// A variable of more values chooses between other things than twins.
const MAX_CHOICES: usize = 8;

/// Groups of tables of which at most one is deployed, each with the same keys and either a like name or a variable that
/// is the one or the other.
pub(super) fn alternatives(r: &Resolver, tables: &[Table], functions: &[Function]) -> Vec<Vec<ResourceRef>> {
    let chosen = choices(functions);
    let mut groups: Vec<Vec<&Table>> = Vec::new();
    for table in tables.iter().filter(|table| table.condition.is_some()) {
        if !r.spend(tables.len()) {
            break;
        }
        let group = groups.iter_mut().find(|group| group.iter().all(|other| stand_in(r, table, other, &chosen)));
        match group {
            Some(group) => group.push(table),
            None => groups.push(vec![table]),
        }
    }
    let several = groups.into_iter().filter(|group| group.len() > 1);
    several.map(|group| group.iter().map(|one| one.resource.clone()).collect()).collect()
}

fn stand_in(r: &Resolver, a: &Table, b: &Table, chosen: &BTreeSet<(&ResourceRef, &ResourceRef)>) -> bool {
    let (Some(first), Some(second)) = (&a.condition, &b.condition) else { return false };
    let (one, other) = (&a.resource, &b.resource);
    r.exclusive(first, second)
        && a.is_shaped_like(b)
        && (alike(a, b) || chosen.contains(&(one, other)) || chosen.contains(&(other, one)))
}

/// Pairs of resources that one variable is, under one condition or another.
fn choices(functions: &[Function]) -> BTreeSet<(&ResourceRef, &ResourceRef)> {
    let variables = functions.iter().flat_map(|function| function.environment.values());
    let mut pairs = BTreeSet::new();
    for variable in variables.filter(|variable| (2..=MAX_CHOICES).contains(&variable.values.len())) {
        let named: Vec<&ResourceRef> = variable.values.iter().flat_map(Symbolic::resources).collect();
        pairs.extend(named.iter().flat_map(|one| named.iter().map(|other| (*one, *other))));
    }
    pairs
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
