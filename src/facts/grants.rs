//! What roles allow, action by action, and whether code uses it.

use super::join::{Join, Lambda};
use super::policies::{INDEX_ACTIONS, covers, denial};
use super::services::grant_uses;
use super::tables::Named;
use super::{AccessId, FunctionId, TableId};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
use crate::flow::Principal;
use crate::iam::{Answer, Target, action_matches};
use crate::source::Span;
use crate::template::model::{Effect, Role, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// One thing that a role allows a function.
#[derive(Debug)]
pub struct Grant<'a> {
    /// The function.
    pub function: FunctionId,
    /// The role.
    pub role: &'a Role,
    /// The table.
    pub table: TableId,
    /// Whether it is granted on the table's indexes (`index/*`) rather than the table.
    pub index: bool,
    /// The action, without `dynamodb:`.
    pub action: String,
    /// The action's place in the statement (the policy template's entry, if there is no statement).
    pub span: Span,
    /// The statement.
    pub statement: &'a Statement,
    /// Whether code uses it.
    pub status: GrantStatus,
    /// The accesses that need the action on a table that no template declares, and that the statement's resources cover or
    /// may cover: there it is used, whatever it is here.
    pub used_elsewhere: BTreeSet<AccessId>,
    /// The accesses that use it.
    pub used_by: Vec<AccessId>,
    /// Places where a service is configured to use it, under the same role.
    pub services: Vec<Span>,
}

impl Grant<'_> {
    /// Whether something needs it for certain, on its table or elsewhere.
    pub fn is_used(&self) -> bool {
        self.status == GrantStatus::Used || self.is_used_elsewhere()
    }

    /// Whether provably nothing needs it, neither on its table nor elsewhere.
    pub fn is_unused(&self) -> bool {
        self.status == GrantStatus::Unused && !self.is_used_elsewhere()
    }

    /// Whether it is used on a table that no template declares.
    pub fn is_used_elsewhere(&self) -> bool {
        !self.used_elsewhere.is_empty()
    }
}

/// Whether a grant is used on its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GrantStatus {
    /// A resolved access uses it.
    Used,
    /// Provably nothing does.
    Unused,
    /// Something unresolved could.
    Unverified,
}

/// Every grant of every function: by function, table and action, index before table, then in policy order.
pub(super) fn grants<'a>(join: &Join<'a>) -> Vec<Grant<'a>> {
    let mut out = Vec::new();
    for (id, lambda) in join.function_ids() {
        for &role in &lambda.roles {
            let holder = Holder { function: id, lambda, role };
            // An entry for whichever of two tables is deployed is two statements, and grants once.
            let mut seen = BTreeSet::new();
            for statement in role.statements.iter().filter(|s| s.effect == Effect::Allow) {
                of_statement(join, &holder, statement, &mut seen, &mut out);
            }
        }
    }
    out.sort_by(|a, b| (a.function, a.table, &a.action, !a.index).cmp(&(b.function, b.table, &b.action, !b.index)));
    out
}

/// A function under one of its roles.
struct Holder<'j, 'a> {
    function: FunctionId,
    lambda: &'j Lambda<'a>,
    role: &'a Role,
}

/// A right that an entry of a policy gives: on which table, or on its indexes, the action, and the places of action and
/// statement.
type Entry = (TableId, bool, &'static str, Span, Span);

fn of_statement<'a>(
    join: &Join<'a>,
    holder: &Holder<'_, 'a>,
    statement: &'a Statement,
    seen: &mut BTreeSet<Entry>,
    out: &mut Vec<Grant<'a>>,
) {
    let Holder { function, lambda, role } = *holder;
    let shared = join.outsiders.iter().any(|outsider| std::ptr::eq(outsider.role, role));
    let actions = granted_actions(statement);
    if actions.is_empty() {
        return;
    }
    let elsewhere = needed_elsewhere(join, function, statement);
    for table in join.tables.ids() {
        let indexes = covered_indexes(join, statement, table);
        let on_table = covers(statement, table, None, &join.tables) == Answer::Yes;
        for (action, span) in &actions {
            let on_index = INDEX_ACTIONS.contains(action) && !indexes.is_empty();
            for index in [on_index.then_some(true), on_table.then_some(false)].into_iter().flatten() {
                let denied = |index: Option<&str>| denial(role, action, table, index, &join.tables).is_some();
                let all_denied = if index { indexes.iter().all(|name| denied(Some(name))) } else { denied(None) };
                if all_denied || !seen.insert((table, index, action, *span, statement.span)) {
                    continue;
                }
                let indexes = index.then_some(&indexes);
                let (mut status, used_by) = usage(join, function, lambda, table, indexes, action);
                let (services, possible) = grant_uses(join, role, table, indexes, action);
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
                    used_elsewhere: elsewhere.get(action).cloned().unwrap_or_default(),
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
    action == "DescribeTable" || Operation::item_actions().any(|item| item == action)
}

/// Actions that a function needs on tables that no template declares, as far as a statement's resources may cover them, each
/// with the accesses that need it.
fn needed_elsewhere<'a>(
    join: &Join<'a>,
    function: FunctionId,
    statement: &Statement,
) -> BTreeMap<&'a str, BTreeSet<AccessId>> {
    let targets: Vec<Target> = statement.resources.iter().map(|resource| Target::parse(&resource.value)).collect();
    let may_cover = |name: &Symbolic| {
        let is_undeclared = || matches!(join.tables.resolve(name), Named::Undeclared(_));
        targets.iter().any(|target| target.covers_name(name) != Answer::No) != statement.not_resource && is_undeclared()
    };
    let mut needed: BTreeMap<&str, BTreeSet<AccessId>> = BTreeMap::new();
    for sighting in join.of(function).filter(|s| !s.names.undeclared.is_empty()) {
        for action in sighting.actions() {
            if sighting.tables_for(action).iter().any(may_cover) {
                needed.entry(action).or_default().insert(sighting.id);
            }
        }
    }
    needed
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
    for sighting in join.of(function).filter(|s| s.observation.principal != Principal::Foreign) {
        let Some(names) = sighting.names_for(action) else { continue };
        // What is on no table is allowed or not wherever it is granted.
        let on_table = names.tables.contains(&table) || !sighting.access.operation.has_table();
        let through =
            indexes.is_none_or(|names| sighting.names.indexes.iter().flatten().any(|i| names.contains(i.as_str())));
        if on_table && through {
            used_by.insert(sighting.id);
            used |= sighting.is_resolved() && sighting.needs_every_action();
            possible = true;
        } else if names.may_touch(table) {
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
