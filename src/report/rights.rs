//! What a Lambda does and what its role allows, by table or index: for the IAM matrices.

use crate::facts::{Facts, FunctionId, Grant, User, breadth};
use crate::rules::RoleRight;
use std::collections::{BTreeMap, BTreeSet};

/// Actions or operations by table, or by what belongs to it: the table's number, and what follows its name.
pub(super) type ByResource = BTreeMap<(usize, String), BTreeSet<String>>;

/// Resources, and the actions of each of them.
pub(super) type Alike<'r> = (Vec<&'r (usize, String)>, &'r BTreeSet<String>);

/// Resources with the same actions together, in the order of the first of each.
pub(super) fn by_actions(resources: &ByResource) -> Vec<Alike<'_>> {
    let mut out: Vec<Alike> = Vec::new();
    for (resource, actions) in resources {
        match out.iter_mut().find(|(_, known)| *known == actions) {
            Some((resources, _)) => resources.push(resource),
            None => out.push((vec![resource], actions)),
        }
    }
    out
}

/// What marks a right that no finding asks to take away.
pub(super) const BRACKET: char = '(';

/// What its code does, by table.
pub(super) fn used(facts: &Facts, function: FunctionId) -> ByResource {
    let mut out = ByResource::new();
    for (at, table) in facts.tables.iter().enumerate() {
        for (_, id) in table.users.iter().filter(|(user, _)| *user == User::Function(function)) {
            let operation = facts.access(*id).access.operation.name().to_owned();
            out.entry((at, String::new())).or_default().insert(operation);
        }
    }
    out
}

/// Rights that nothing uses; those that no finding asks to take away in brackets.
pub(super) fn unused(facts: &Facts, function: FunctionId, asked: &BTreeSet<RoleRight>) -> ByResource {
    let mut out = ByResource::new();
    for grant in facts.grants.iter().filter(|g| g.function == function && g.is_unused()) {
        let action = if is_asked(grant, asked) { grant.action.clone() } else { format!("{BRACKET}{})", grant.action) };
        let suffix = if grant.index { "/index/*" } else { "" };
        out.entry((grant.table.0, suffix.to_owned())).or_default().insert(action);
    }
    out
}

/// Whether a finding asks to take it away.
pub(super) fn is_asked(grant: &Grant, asked: &BTreeSet<RoleRight>) -> bool {
    let right = (&grant.role.resource, grant.table, grant.action.as_str(), grant.index);
    asked.contains(&right) || breadth(grant.statement).is_some()
}

/// Rights that its code needs and doesn't have.
pub(super) fn missing(facts: &Facts, function: FunctionId) -> ByResource {
    let mut out = ByResource::new();
    for missing in facts.missing_grants.iter().filter(|missing| missing.function == function) {
        let suffix = missing.index.as_ref().map_or_else(String::new, |name| format!("/index/{name}"));
        out.entry((missing.table.0, suffix)).or_default().insert(missing.action.clone());
    }
    out
}
