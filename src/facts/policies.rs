//! What a role's statements say of one action on one table or index.

use super::tables::{Tables, covers_variant};
use super::{Facts, TableId};
use crate::dynamodb::arn::table_name;
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::iam::{Answer, Target, TargetKind, action_matches};
use crate::source::{Span, Spanned};
use crate::template::model::{Effect, Role, Statement, Table, TableStatement, UnreadPolicy};

impl Facts<'_> {
    /// Whether a policy of the run names a table of this name: somebody knows that it is elsewhere.
    pub fn is_granted_elsewhere(&self, table: &str) -> bool {
        let statements = self.stacks.iter().flat_map(|stack| &stack.roles).flat_map(|role| &role.statements);
        let named = |resource: &Symbolic| {
            let name = table_name(resource);
            name.is_some_and(|name| {
                name.parts().iter().any(|p| matches!(p, Part::Text(_))) && name.to_string() == table
            })
        };
        statements.flat_map(|statement| &statement.resources).any(|resource| named(&resource.value))
    }

    /// Whether a Lambda's environment holds this table's name: it is the template's, as a parameter's default is.
    pub fn is_in_environment(&self, table: &str) -> bool {
        let variables = self.functions.iter().flat_map(|function| function.function.environment.values());
        variables.flat_map(|variable| &variable.values).any(|value| value.to_string() == table)
    }
}

/// Actions that name an index's ARN as their resource: those that can read through one.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>
pub(super) const INDEX_ACTIONS: [&str; 3] = ["Query", "Scan", "PartiQLSelect"];

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

/// Rules on `action` (without `dynamodb:`) for a table, or for one of its indexes: the role's policies within its
/// boundary, and the table's own policy. Of alternative declarations of one table it isn't known which is there.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>
pub(super) fn rule(role: &Role, action: &str, table: TableId, index: Option<&str>, tables: &Tables) -> Ruling {
    let mut rulings = tables.variants(table).iter().map(|table| Right { action, table, index }.rule(role));
    let first = rulings.next().unwrap_or(Ruling::Unclear);
    if rulings.all(|ruling| ruling == first) { first } else { Ruling::Unclear }
}

/// Why a ruling is unclear, if it is.
pub(super) fn unclear_ruling(
    role: &Role,
    action: &str,
    table: TableId,
    index: Option<&str>,
    tables: &Tables,
) -> Option<String> {
    if rule(role, action, table, index, tables) != Ruling::Unclear {
        return None;
    }
    let right = |table| Right { action, table, index };
    let such = |wanted| tables.variants(table).iter().find(move |table| right(table).rule(role) == wanted);
    let on = index.map_or(String::new(), |index| format!("{index} of "));
    let role = &role.resource.id;
    Some(match (such(Ruling::Unclear), such(Ruling::Allowed), such(Ruling::Denied)) {
        (None, Some(allowed), Some(denied)) => format!(
            "{role} allows dynamodb:{action} on {on}{} and not on {on}{}, of which only one is deployed",
            allowed.resource.id, denied.resource.id
        ),
        _ => format!(
            "whether {role} allows dynamodb:{action} on {on}{} depends on a condition, or on a name or policy that isn't known",
            tables.get(table).resource.id
        ),
    })
}

/// Whether a role's policies may allow an action on a table of this name, or on its indexes, that no template declares.
pub(super) fn may_allow_elsewhere(role: &Role, action: &str, name: &Symbolic) -> bool {
    let name = table_name(name).unwrap_or_else(|| name.clone());
    let covers = |s: &Statement| {
        let mut targets = s.resources.iter().map(|resource| Target::parse(&resource.value));
        s.not_resource || targets.any(|target| target.covers_name(&name) != Answer::No)
    };
    let mut allowing = role.statements.iter().filter(|s| s.effect == Effect::Allow && names_action(s, action));
    allowing.any(covers)
}

/// What forbids a right, whatever allows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// A statement of the role's policies.
    ByRole(Span),
    /// A statement of the table's own policy.
    ByTable(Span),
    /// A statement of the role's permissions boundary.
    ByBoundary(Span),
    /// The role's permissions boundary doesn't let it through.
    OutsideBoundary,
}

/// What surely forbids the action, if anything does: a statement that denies it, or the role's boundary. All of a table's
/// alternative declarations have to be forbidden.
pub(super) fn denial(
    role: &Role,
    action: &str,
    table: TableId,
    index: Option<&str>,
    tables: &Tables,
) -> Option<Denial> {
    let denials = tables.variants(table).iter().map(|table| Right { action, table, index }.denial(role));
    denials.collect::<Option<Vec<_>>>()?.first().copied()
}

/// What is asked for.
struct Right<'r> {
    action: &'r str,
    table: &'r Table,
    index: Option<&'r str>,
}

impl Right<'_> {
    fn rule(&self, role: &Role) -> Ruling {
        let unknown = |policies: &[Spanned<UnreadPolicy>]| if policies.is_empty() { Answer::No } else { Answer::Maybe };
        let by_role = self.strongest(&role.statements, Effect::Allow).max(unknown(&role.unread_policies));
        let by_table = self.of_table(role, Effect::Allow);
        let within = role.boundary.as_ref().map_or(Answer::Yes, |boundary| self.strongest(boundary, Effect::Allow));
        let allowed = by_role.max(by_table).min(within);
        let denied = self.denied(role).max(unknown(&role.unread_policies));
        match (allowed, denied) {
            (_, Answer::Yes) | (Answer::No, _) => Ruling::Denied,
            (Answer::Yes, Answer::No) => Ruling::Allowed,
            _ => Ruling::Unclear,
        }
    }

    fn denial(&self, role: &Role) -> Option<Denial> {
        let boundary = role.boundary.as_ref();
        let outside = |boundary: &Vec<Statement>| self.strongest(boundary, Effect::Allow) == Answer::No;
        let by_role = || self.denying(&role.statements).map(Denial::ByRole);
        let by_table = || self.table_denying(role).map(Denial::ByTable);
        let by_boundary = || boundary.and_then(|boundary| self.denying(boundary)).map(Denial::ByBoundary);
        let left_out = || boundary.is_some_and(outside).then_some(Denial::OutsideBoundary);
        by_role().or_else(by_table).or_else(by_boundary).or_else(left_out)
    }

    /// Whether any statement of this effect speaks of it.
    fn strongest(&self, statements: &[Statement], effect: Effect) -> Answer {
        let of_effect = statements.iter().filter(|statement| statement.effect == effect);
        of_effect.map(|statement| self.applies(statement)).max().unwrap_or(Answer::No)
    }

    /// The place of a statement that surely denies it.
    fn denying(&self, statements: &[Statement]) -> Option<Span> {
        statements.iter().find(|statement| self.is_denied_by(statement)).map(|statement| statement.span)
    }

    fn is_denied_by(&self, statement: &Statement) -> bool {
        statement.effect == Effect::Deny && self.applies(statement) == Answer::Yes
    }

    /// The place of a statement in the table's own policy that surely denies it to the role.
    fn table_denying(&self, role: &Role) -> Option<Span> {
        let denies = |one: &&TableStatement| is_of(one, role) == Answer::Yes && self.is_denied_by(&one.statement);
        self.table.policy.iter().find(denies).map(|one| one.statement.span)
    }

    fn denied(&self, role: &Role) -> Answer {
        let by_boundary = role.boundary.as_ref().map_or(Answer::No, |boundary| self.strongest(boundary, Effect::Deny));
        self.strongest(&role.statements, Effect::Deny).max(by_boundary).max(self.of_table(role, Effect::Deny))
    }

    /// What the table's own policy says of the role.
    fn of_table(&self, role: &Role, effect: Effect) -> Answer {
        let says = |one: &TableStatement| {
            if one.statement.effect == effect { self.applies(&one.statement).min(is_of(one, role)) } else { Answer::No }
        };
        let read = self.table.policy.iter().map(says).max().unwrap_or(Answer::No);
        if self.table.unread_policies.is_empty() { read } else { read.max(Answer::Maybe) }
    }

    /// Whether a statement speaks of it; conditions make a yes a maybe.
    fn applies(&self, statement: &Statement) -> Answer {
        if !names_action(statement, self.action) {
            return Answer::No;
        }
        match covers_declared(statement, self.table, self.index) {
            Answer::Yes if statement.conditional => Answer::Maybe,
            covered => covered,
        }
    }
}

/// Whether a statement of a table's policy is about a role. The root of an account stands for the account, which lets
/// its own policies decide.
fn is_of(one: &TableStatement, role: &Role) -> Answer {
    let is_role = |principal: &Symbolic| match principal.parts() {
        [Part::Text(text)] if text == "*" => Answer::Yes,
        [Part::Resource(resource, attribute)] if attribute == "Arn" => {
            if *resource == role.resource {
                Answer::Yes
            } else {
                Answer::No
            }
        }
        _ => Answer::Maybe,
    };
    let named = one.principals.iter().map(|principal| is_role(&principal.value)).max().unwrap_or(Answer::No);
    match (one.not_principal, named) {
        (false, named) => named,
        (true, Answer::Yes) => Answer::No,
        (true, _) => Answer::Maybe,
    }
}

/// Whether a statement's resources cover the table or index: the best answer over the alternatives of one table.
pub(super) fn covers(statement: &Statement, table: TableId, index: Option<&str>, tables: &Tables) -> Answer {
    let answers = tables.variants(table).iter().map(|table| covers_declared(statement, table, index));
    answers.max().unwrap_or(Answer::No)
}

fn covers_declared(statement: &Statement, table: &Table, index: Option<&str>) -> Answer {
    let patterns = statement.resources.iter().map(|pattern| Target::parse(&pattern.value));
    let covered = patterns.map(|target| covers_variant(&target, table, index)).max().unwrap_or(Answer::No);
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
    let any_item = Operation::item_actions().any(|action| names_action(statement, action));
    let every_item = Operation::item_actions().all(|action| names_action(statement, action));
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
pub fn names_action(statement: &Statement, action: &str) -> bool {
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
