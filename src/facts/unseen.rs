//! What may be done to a table's items unseen: the reason why nobody can say "nothing writes this", "nothing deletes here".

use super::join::{Join, Sighting, Who};
use super::policies::{Ruling, rule};
use super::{TableId, Unseen};
use crate::dynamodb::operation::Operation;
use crate::template::model::Role;

/// Actions that give items attributes.
const WRITES: [&str; 5] = ["PutItem", "UpdateItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate"];
/// Actions that take items away.
const DELETES: [&str; 3] = ["DeleteItem", "BatchWriteItem", "PartiQLDelete"];

/// The first thing that may write attributes that aren't known.
pub(super) fn unseen_writes(join: &Join, table: TableId) -> Option<Unseen> {
    let whole = |s: &Sighting| {
        let partiql = s.access.actions.iter().any(|action| action.starts_with("PartiQL"));
        s.observation.writes_complete && !partiql && s.access.operation != Operation::ExecuteTransaction
    };
    unseen(join, table, &WRITES, &whole)
}

/// The first thing that may delete items, though it isn't known to.
pub(super) fn unseen_deletes(join: &Join, table: TableId) -> Option<Unseen> {
    unseen(join, table, &DELETES, &|s| s.access.operation != Operation::BatchWriteItem || s.observation.writes_complete)
}

fn unseen(join: &Join, table: TableId, actions: &[&str], whole: &dyn Fn(&Sighting) -> bool) -> Option<Unseen> {
    let id = &join.tables.get(table).resource.id;
    let may = |who: Who| actions.iter().any(|action| is_allowed(join, who, table, action));
    let acts = |s: &&Sighting| s.is_live() && actions.iter().any(|action| s.access.actions.contains(*action));
    for s in join.sightings.iter().filter(acts).filter(|s| s.names.may_touch(table)) {
        if !s.names.tables.contains(&table) && may(s.who) {
            return Some(Unseen { span: s.access.span, reason: format!("{} may be on {id}", s.access.operation) });
        }
        if s.names.tables.contains(&table) && !whole(s) {
            let reason = format!("not all that {} writes to {id} is known", s.access.operation);
            return Some(Unseen { span: s.access.span, reason });
        }
    }
    for (function, lambda) in join.function_ids() {
        let hides = actions
            .iter()
            .any(|action| lambda.may_hide(table, action) && is_allowed(join, Who::Function(function), table, action));
        if hides {
            let reason = format!("{} may write to {id} where its code can't be followed", lambda.function.resource.id);
            return Some(Unseen { span: lambda.function.span, reason });
        }
    }
    if let Some(span) = join.cut_short.first() {
        return Some(Unseen { span: *span, reason: format!("this script may write to {id} where it isn't followed") });
    }
    let writes = |operation: Option<Operation>| {
        operation.is_none_or(|o| o.actions().iter().any(|action| actions.contains(action)))
    };
    if let Some(s) = join.services.iter().find(|s| writes(s.call.operation) && s.names.may_touch(table)) {
        let reason = format!("{} {} may write to {id}", s.user.kind, s.user.resource.id);
        return Some(Unseen { span: s.call.span, reason });
    }
    let outsider = join.outsiders.iter().find(|o| o.may_do(table, actions, &join.tables))?;
    Some(Unseen { span: outsider.span, reason: format!("{} may write to {id}", outsider.who) })
}

/// Whether whoever it is may do it: a Lambda whose whole role doesn't let it can't, whatever its code holds.
pub(super) fn is_allowed(join: &Join, who: Who, table: TableId, action: &str) -> bool {
    let Who::Function(id) = who else { return true };
    let lambda = &join.functions[id.0];
    let allows = |role: &Role| rule(role, action, table, None, &join.tables) != Ruling::Denied;
    lambda.foreign_role.is_some() || lambda.roles.iter().any(|role| allows(role))
}
