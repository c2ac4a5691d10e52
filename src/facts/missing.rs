//! What code surely does and its role surely doesn't allow.

use super::join::{Join, Lambda, Sighting};
use super::policies::{Denial, Ruling, denial, may_allow_elsewhere, rule, unclear_ruling};
use super::{AccessId, FunctionId, TableId};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::ResourceRef;
use crate::flow::Principal;
use crate::template::model::Role;
use std::collections::{BTreeMap, BTreeSet};

/// Something that code does and its role doesn't allow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingGrant {
    /// The function.
    pub function: FunctionId,
    /// Its role.
    pub role: ResourceRef,
    /// The table.
    pub table: TableId,
    /// The index, if the grant is missing on it.
    pub index: Option<String>,
    /// Whether the role allows the action on the table itself, so that only the index is missing.
    pub allowed_on_table: bool,
    /// What forbids it, so that it isn't enough to allow it.
    pub denial: Option<Denial>,
    /// The action, without `dynamodb:`.
    pub action: String,
    /// The accesses that need it, at least one.
    pub accesses: Vec<AccessId>,
}

/// One entry for each (function, role, table, index, action), in the order in which the accesses need them.
pub(super) fn missing_grants(join: &Join) -> Vec<MissingGrant> {
    let mut out: Vec<MissingGrant> = Vec::new();
    let mut known: BTreeMap<Right, usize> = BTreeMap::new();
    for (id, lambda) in join.function_ids() {
        let Lambda { roles, .. } = lambda;
        for sighting in join.of(id).filter(|s| is_sure(s)) {
            for role in roles {
                for missing in of_sighting(join, id, role, sighting) {
                    let MissingGrant { role, table, index, action, .. } = &missing;
                    let right = (id, role.clone(), *table, index.clone(), action.clone());
                    if let Some(at) = known.get(&right) {
                        let accesses = &mut out[*at].accesses;
                        accesses.extend((!accesses.contains(&sighting.id)).then_some(sighting.id));
                    } else {
                        known.insert(right, out.len());
                        out.push(missing);
                    }
                }
            }
        }
    }
    out
}

/// A function's right by its role: table, index, action.
type Right = (FunctionId, ResourceRef, TableId, Option<String>, String);

fn is_sure(sighting: &Sighting) -> bool {
    sighting.is_resolved()
        && sighting.observation.principal == Principal::Own
        && sighting.names.unknown_indexes.is_empty()
        && sighting.needs_every_action()
}

/// The table on which an action is needed, if it is surely this one.
fn sure_table(sighting: &Sighting, action: &str) -> Option<TableId> {
    let names = sighting.names_for(action).filter(|on| on.undeclared.is_empty() && on.unknown.is_none())?;
    names.tables.first().copied().filter(|_| names.tables.len() == 1)
}

/// A role, wholly known, that doesn't allow a call on a table which no template declares, and the action. Only the table's own
/// policy, which isn't at hand, may let it through.
pub(super) fn unallowed_elsewhere<'a, 's>(lambda: &Lambda<'a>, sighting: &'s Sighting) -> Option<(&'a Role, &'s str)> {
    let names = &sighting.names;
    let is_elsewhere = names.tables.is_empty() && names.unknown.is_none() && !names.undeclared.is_empty();
    let is_own =
        sighting.is_resolved() && sighting.observation.principal == Principal::Own && sighting.needs_every_action();
    let known = lambda.roles.iter().filter(|role| is_elsewhere && is_own && role.unread_policies.is_empty());
    let actions = || sighting.access.actions.iter().map(String::as_str);
    let mut calls = known.flat_map(|role| actions().map(|action| (*role, action)));
    calls.find(|(role, action)| sighting.observation.tables.iter().all(|name| !may_allow_elsewhere(role, action, name)))
}

/// A role that doesn't allow a call which may be made with other credentials.
pub(super) fn may_need_no_right<'a>(join: &Join, lambda: &Lambda<'a>, sighting: &Sighting) -> Option<&'a Role> {
    let is_it = sighting.observation.principal == Principal::Unclear;
    let is_denied = |role: &&Role| rulings(join, role, sighting).contains(&Ruling::Denied);
    lambda.roles.iter().copied().find(|role| is_it && is_denied(role))
}

/// Why it can't be told that the role allows a call, if it can't.
pub(super) fn unclear(join: &Join, role: &Role, sighting: &Sighting) -> Option<String> {
    let targets = targets(sighting);
    sighting.actions().into_iter().find_map(|action| {
        let tables = sighting.names_for(action)?.tables.iter();
        tables
            .flat_map(|table| targets.iter().map(|index| (*table, *index)))
            .find_map(|(table, index)| unclear_ruling(role, action, table, index, &join.tables))
    })
}

/// What a role says of each action that a call needs, on each table and index that it may be on.
fn rulings(join: &Join, role: &Role, sighting: &Sighting) -> BTreeSet<Ruling> {
    let targets = targets(sighting);
    let mut out = BTreeSet::new();
    for action in sighting.actions() {
        for table in sighting.names_for(action).map(|names| &names.tables).into_iter().flatten() {
            out.extend(targets.iter().map(|index| rule(role, action, *table, *index, &join.tables)));
        }
    }
    out
}

/// The indexes through which a call reads; `None` for the table itself.
fn targets<'s>(sighting: &'s Sighting) -> Vec<Option<&'s str>> {
    let through_index = matches!(sighting.access.operation, Operation::Query | Operation::Scan);
    match sighting.names.indexes.iter() {
        indexes if through_index && indexes.len() > 0 => indexes.map(Option::as_deref).collect(),
        _ => vec![None],
    }
}

/// Whether a statement in `PartiQL` may be on an index, whose name isn't read, and the role allows it there.
fn may_be_on_an_index(join: &Join, role: &Role, table: TableId, action: &str) -> bool {
    let mut indexes = join.tables.get(table).indexes.iter();
    let allowed = |index: &str| rule(role, action, table, Some(index), &join.tables) != Ruling::Denied;
    action.starts_with("PartiQL") && indexes.any(|index| allowed(&index.name.value))
}

fn of_sighting(join: &Join, function: FunctionId, role: &Role, sighting: &Sighting) -> Vec<MissingGrant> {
    let mut out = Vec::new();
    let calls = || sighting.actions().into_iter().filter_map(|action| Some((sure_table(sighting, action)?, action)));
    for index in targets(sighting) {
        for (table, action) in calls() {
            // An index that the table doesn't have fails before its rights matter.
            let declared = |name| join.tables.get(table).indexes.iter().any(|i| i.name.value == name);
            if !index.is_none_or(declared) {
                continue;
            }
            if rule(role, action, table, index, &join.tables) == Ruling::Denied
                && !may_be_on_an_index(join, role, table, action)
            {
                out.push(MissingGrant {
                    function,
                    role: role.resource.clone(),
                    table,
                    index: index.map(str::to_owned),
                    // An index is another resource: rights on the table don't reach it.
                    allowed_on_table: index.is_some()
                        && rule(role, action, table, None, &join.tables) == Ruling::Allowed,
                    denial: denial(role, action, table, index, &join.tables),
                    action: action.to_owned(),
                    accesses: vec![sighting.id],
                });
            }
        }
    }
    out
}
