//! What code surely does and its role surely doesn't allow.

use super::join::{Join, Lambda, Sighting};
use super::policies::{Ruling, rule};
use super::{AccessId, FunctionId, TableId};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::ResourceRef;
use crate::template::model::Role;

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
    /// The action, without `dynamodb:`.
    pub action: String,
    /// The operation that will fail.
    pub operation: Operation,
    /// The access that needs it.
    pub access: AccessId,
}

/// One entry for each (function, role, table, index, action), placed at the first access that needs it.
pub(super) fn missing_grants(join: &Join) -> Vec<MissingGrant> {
    let mut out: Vec<MissingGrant> = Vec::new();
    for (id, lambda) in join.function_ids() {
        let Lambda { roles, .. } = lambda;
        for sighting in join.of(id).filter(|s| is_sure(s)) {
            for role in roles {
                for missing in of_sighting(join, id, role, sighting) {
                    let same = |m: &MissingGrant| {
                        MissingGrant { access: missing.access, operation: missing.operation, ..m.clone() } == missing
                    };
                    if !out.iter().any(same) {
                        out.push(missing);
                    }
                }
            }
        }
    }
    out
}

fn is_sure(sighting: &Sighting) -> bool {
    sighting.is_resolved()
        && !sighting.observation.foreign_credentials
        && sighting.names.tables.len() == 1
        && sighting.names.undeclared.is_empty()
        && sighting.names.unknown.is_none()
        && sighting.names.unknown_indexes.is_empty()
        && sighting.needs_every_action()
}

/// Whether it can't be told that the role allows a call.
pub(super) fn is_unclear(join: &Join, role: &Role, sighting: &Sighting) -> bool {
    let targets = targets(sighting);
    let unclear = |table: &TableId, action: &str| {
        targets.iter().any(|index| rule(role, action, *table, *index, &join.tables) == Ruling::Unclear)
    };
    sighting.names.tables.iter().any(|table| sighting.access.actions.iter().any(|action| unclear(table, action)))
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
    let Some(table) = sighting.names.tables.first().copied() else { return Vec::new() };
    let mut out = Vec::new();
    for index in targets(sighting) {
        // An index that the table doesn't have fails before its rights matter.
        let declared = |name| join.tables.get(table).indexes.iter().any(|i| i.name.value == name);
        if !index.is_none_or(declared) {
            continue;
        }
        for action in &sighting.access.actions {
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
                    action: action.clone(),
                    operation: sighting.access.operation,
                    access: sighting.id,
                });
            }
        }
    }
    out
}
