//! What roles allow, action by action, and whether code uses it.

use super::join::{Join, Lambda, Sighting};
use super::policies::{covers, denies};
use super::services::grant_uses;
use super::{FunctionId, Grant, GrantStatus, TableId};
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::iam::{Answer, action_matches};
use crate::source::Span;
use crate::template::model::{Effect, Role, Statement};
use std::collections::BTreeSet;

/// Actions that name an index's ARN as their resource.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
const INDEX_ACTIONS: [&str; 3] = ["Query", "Scan", "PartiQLSelect"];

/// Every grant of every function: by function, table and action, index before table, then in policy order.
pub(super) fn grants<'a>(join: &Join<'a>) -> Vec<Grant<'a>> {
    let mut out = Vec::new();
    for (id, lambda) in join.function_ids() {
        for &role in &lambda.roles {
            for statement in role.statements.iter().filter(|s| s.effect == Effect::Allow) {
                of_statement(join, id, lambda, role, statement, &mut out);
            }
        }
    }
    // An entry for whichever of two tables is deployed is two statements, and grants once.
    let mut seen = BTreeSet::new();
    out.retain(|g| {
        let key = (g.function, &g.role.resource, g.table, g.index, g.action.clone(), g.span, g.statement.span);
        seen.insert(key)
    });
    out.sort_by(|a, b| (a.function, a.table, &a.action, !a.index).cmp(&(b.function, b.table, &b.action, !b.index)));
    out
}

fn of_statement<'a>(
    join: &Join<'a>,
    function: FunctionId,
    lambda: &Lambda<'a>,
    role: &'a Role,
    statement: &'a Statement,
    out: &mut Vec<Grant<'a>>,
) {
    let actions = granted_actions(statement);
    if actions.is_empty() {
        return;
    }
    for table in join.tables.ids() {
        let indexes = covered_indexes(join, statement, table);
        let on_table = covers(statement, table, None, &join.tables) == Answer::Yes;
        for (action, span) in &actions {
            let on_index = INDEX_ACTIONS.contains(action) && !indexes.is_empty();
            for index in [on_index.then_some(true), on_table.then_some(false)].into_iter().flatten() {
                let denied = |index: Option<&str>| denies(role, action, table, index, &join.tables);
                if if index { indexes.iter().all(|name| denied(Some(name))) } else { denied(None) } {
                    continue;
                }
                let indexes = index.then_some(&indexes);
                let (mut status, used_by) = usage(join, function, lambda, table, indexes, action);
                let (services, possible) = grant_uses(join, role, table, indexes, action);
                let shared = join.outsiders.iter().any(|outsider| std::ptr::eq(outsider.role, role));
                if !services.is_empty() {
                    status = GrantStatus::Used;
                } else if status == GrantStatus::Unused && (possible || shared) {
                    status = GrantStatus::Unverified;
                }
                out.push(Grant {
                    function,
                    role,
                    table,
                    index,
                    action: (*action).to_owned(),
                    span: *span,
                    statement,
                    status,
                    used_by,
                    services,
                });
            }
        }
    }
}

/// The table actions that a statement grants, each with the place that grants it. Wildcards stand for the actions on
/// items, and for `DescribeTable`.
fn granted_actions(statement: &Statement) -> Vec<(&'static str, Span)> {
    let mut out = Vec::new();
    for action in table_actions() {
        let full = format!("dynamodb:{action}");
        let place = statement.actions.iter().find(|pattern| {
            let by_wildcard = statement.not_action || pattern.value.contains(['*', '?']);
            action_matches(&pattern.value, &full) && (!by_wildcard || is_item_action(action))
        });
        match place {
            Some(pattern) if !statement.not_action => out.push((action, pattern.span)),
            None if statement.not_action && is_item_action(action) => out.push((action, statement.span)),
            _ => {}
        }
    }
    out
}

/// Actions of all operations, each once.
fn table_actions() -> BTreeSet<&'static str> {
    Operation::ALL.iter().flat_map(|operation| operation.actions()).copied().collect()
}

/// Actions on items, `DescribeTable` counted in.
fn is_item_action(action: &str) -> bool {
    action == "DescribeTable"
        || Operation::ALL.iter().any(|o| o.kind() != OperationKind::Control && o.actions().contains(&action))
}

fn covered_indexes<'a>(join: &Join<'a>, statement: &Statement, table: TableId) -> BTreeSet<&'a str> {
    let names = join.tables.get(table).indexes.iter().map(|index| index.name.value.as_str());
    names.filter(|name| covers(statement, table, Some(name), &join.tables) == Answer::Yes).collect()
}

/// Who uses an action on a table (`indexes` is `None`; an access through an index counts too, since it is the same entry
/// of the policy) or on some of its indexes.
fn usage(
    join: &Join,
    function: FunctionId,
    lambda: &Lambda,
    table: TableId,
    indexes: Option<&BTreeSet<&str>>,
    action: &str,
) -> (GrantStatus, Vec<super::AccessId>) {
    let mut used_by = BTreeSet::new();
    let mut used = false;
    let mut possible = lambda.may_hide(table, action);
    let own = |s: &&Sighting| !s.observation.foreign_credentials && s.access.actions.contains(action);
    for sighting in join.of(function).filter(own) {
        let on_table = sighting.tables.contains(&table);
        let through = indexes.is_none_or(|names| sighting.indexes.iter().flatten().any(|i| names.contains(i.as_str())));
        if on_table && through {
            used_by.insert(sighting.id);
            used |= sighting.is_resolved() && sighting.needs_every_action();
            possible = true;
        } else if sighting.may_touch(table) {
            possible |= through || indexes.is_some_and(|names| names.iter().any(|name| sighting.may_read_index(name)));
        }
    }
    let status = match (used, possible) {
        (true, _) => GrantStatus::Used,
        (false, true) => GrantStatus::Unverified,
        (false, false) => GrantStatus::Unused,
    };
    (status, used_by.into_iter().collect())
}
