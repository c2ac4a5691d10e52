//! What a role's statements say of one action on one table or index.

use super::TableId;
use super::tables::Tables;
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::iam::{Answer, Target, TargetKind, action_matches};
use crate::template::model::{Effect, Role, Statement};

/// What a role says of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ruling {
    /// No statement allows it, or one surely denies it.
    Denied,
    /// It depends on a condition or on something unknown.
    Unclear,
    /// Allowed.
    Allowed,
}

/// Rules on `action` (without `dynamodb:`) for a table, or for one of its indexes.
pub(super) fn rule(role: &Role, action: &str, table: TableId, index: Option<&str>, tables: &Tables) -> Ruling {
    let strongest = |effect| {
        let of_effect = role.statements.iter().filter(|s| s.effect == effect);
        of_effect.map(|s| applies(s, action, table, index, tables)).max().unwrap_or(Answer::No)
    };
    match (strongest(Effect::Allow), strongest(Effect::Deny)) {
        (_, Answer::Yes) => Ruling::Denied,
        (Answer::No, _) if role.unknown_policies.is_empty() => Ruling::Denied,
        (Answer::Yes, Answer::No) => Ruling::Allowed,
        _ => Ruling::Unclear,
    }
}

/// Whether some statement surely denies the action.
pub(super) fn denies(role: &Role, action: &str, table: TableId, index: Option<&str>, tables: &Tables) -> bool {
    let mut denials = role.statements.iter().filter(|s| s.effect == Effect::Deny);
    denials.any(|s| applies(s, action, table, index, tables) == Answer::Yes)
}

/// Whether a statement speaks of the action on the table or index; conditions make a yes a maybe.
fn applies(statement: &Statement, action: &str, table: TableId, index: Option<&str>, tables: &Tables) -> Answer {
    if !names(statement, action) {
        return Answer::No;
    }
    match covers(statement, table, index, tables) {
        Answer::Yes if statement.conditional => Answer::Maybe,
        covered => covered,
    }
}

/// Whether a statement's resources cover the table or index.
pub(super) fn covers(statement: &Statement, table: TableId, index: Option<&str>, tables: &Tables) -> Answer {
    let covered = statement
        .resources
        .iter()
        .map(|pattern| tables.covered_by(&Target::parse(&pattern.value), table, index))
        .max()
        .unwrap_or(Answer::No);
    match (statement.not_resource, covered) {
        (false, covered) => covered,
        (true, Answer::Yes) => Answer::No,
        (true, Answer::No) => Answer::Yes,
        (true, Answer::Maybe) => Answer::Maybe,
    }
}

/// How a statement is too broad to be judged action by action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Breadth {
    /// Every action (`*`, `dynamodb:*`, all but some).
    Actions,
    /// Every table (`*`, `table/*`, all but some).
    Tables,
    /// Both.
    Both,
}

/// Whether an `Allow` statement grants all of DynamoDB's item actions, or some of them on all tables.
pub fn breadth(statement: &Statement) -> Option<Breadth> {
    if statement.effect == Effect::Deny {
        return None;
    }
    let items = Operation::ALL.iter().filter(|o| o.kind() != OperationKind::Control).flat_map(|o| o.actions());
    let any_item = items.clone().any(|action| names(statement, action));
    let every_item = items.clone().all(|action| names(statement, action));
    let targets: Vec<Target> = statement.resources.iter().map(|r| Target::parse(&r.value)).collect();
    let actions = every_item && (statement.not_resource || targets.iter().any(is_of_dynamodb));
    let tables = any_item && (statement.not_resource || targets.iter().any(covers_every_table));
    match (actions, tables) {
        (true, true) => Some(Breadth::Both),
        (true, false) => Some(Breadth::Actions),
        (false, true) => Some(Breadth::Tables),
        (false, false) => None,
    }
}

/// Whether the statement's actions name this one (without `dynamodb:`).
pub(super) fn names(statement: &Statement, action: &str) -> bool {
    let full = format!("dynamodb:{action}");
    statement.actions.iter().any(|pattern| action_matches(&pattern.value, &full)) != statement.not_action
}

fn is_of_dynamodb(target: &Target) -> bool {
    !matches!(target.kind(), TargetKind::OtherService | TargetKind::OtherDynamoDb)
}

/// Whether a table of any name is covered.
fn covers_every_table(target: &Target) -> bool {
    let unheard_of = ResourceRef { stack: u32::MAX, id: String::new() };
    target.covers_table(&unheard_of, &[Symbolic::hole("any name")]) == Answer::Yes
}
