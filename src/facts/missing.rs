//! What code surely does and its role surely doesn't allow.

use super::join::{Join, Lambda, Sighting};
use super::policies::{Ruling, rule};
use super::{FunctionId, MissingGrant};
use crate::dynamodb::operation::Operation;
use crate::template::model::Role;

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
        && !sighting.access.foreign_credentials
        && sighting.tables.len() == 1
        && sighting.undeclared.is_empty()
        && sighting.unknown.is_none()
        && sighting.unknown_indexes.is_empty()
        && sighting.needs_every_action()
}

fn of_sighting(join: &Join, function: FunctionId, role: &Role, sighting: &Sighting) -> Vec<MissingGrant> {
    let Some(table) = sighting.tables.first().copied() else { return Vec::new() };
    let through_index = matches!(sighting.access.operation, Operation::Query | Operation::Scan);
    let targets: Vec<Option<&str>> = match sighting.indexes.iter() {
        indexes if through_index && indexes.len() > 0 => indexes.map(Option::as_deref).collect(),
        _ => vec![None],
    };
    let mut out = Vec::new();
    for index in targets {
        // An index that the table doesn't have fails before its rights matter.
        let declared = |name| join.tables.get(table).indexes.iter().any(|i| i.name.value == name);
        if !index.is_none_or(declared) {
            continue;
        }
        for action in &sighting.access.actions {
            if rule(role, action, table, index, &join.tables) == Ruling::Denied {
                out.push(MissingGrant {
                    function,
                    role: role.resource.clone(),
                    table,
                    index: index.map(str::to_owned),
                    action: action.clone(),
                    operation: sighting.access.operation,
                    access: sighting.id,
                });
            }
        }
    }
    out
}
