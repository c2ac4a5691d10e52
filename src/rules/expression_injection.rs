//! Text of the caller's choosing in an expression.

use super::describe::{Reach, anchor, table_name};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, User};
use crate::flow::Injection;
use crate::template::model::TriggerKind;
use std::collections::BTreeSet;

pub const RULE: Rule =
    Rule { name: "expression-injection", page: include_str!("../../rules/expression-injection.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in &facts.accesses {
        // One finding a parameter: who mends it looks at the whole expression.
        let mut told = BTreeSet::new();
        for (injection, by) in &access.injections {
            if told.insert(injection.parameter) {
                findings.push(finding(facts, access, injection, by));
            }
        }
    }
}

fn finding(facts: &Facts, access: &AccessFacts, injection: &Injection, by: &BTreeSet<User>) -> Finding {
    let Injection { parameter, hole, source } = injection;
    let table = table_name(facts, access);
    let function = &access.access.function;
    let reach = Reach::of_those(facts, access, by);
    let severity = if by.iter().any(|user| anybody_calls(facts, *user)) { Severity::High } else { Severity::Medium };
    let (power, help) = words(parameter);
    Finding {
        rule: RULE.name,
        severity: reach.lower(severity, facts),
        confidence: reach.confidence().min(Confidence::Likely),
        title: format!("`{function}` puts text from the event into the {parameter} for {table}"),
        message: format!(
            "What comes with the event becomes part of the text that DynamoDB reads, and nothing here chooses what may pass: whoever \
             sends it {power}. Text that isn't meant so makes the call fail with a ValidationException. {}",
            reach.sentence()
        ),
        help: help.to_owned(),
        span: *hole,
        label: "this comes with the event".to_owned(),
        related: vec![
            Related { span: *source, message: "the event comes in here".to_owned() },
            Related { span: access.access.span, message: format!("the {parameter} is used here") },
        ],
        anchor: anchor(facts, access),
    }
}

/// Whether people may send what they like: through an API, or however a Lambda is invoked that no template says anything of.
fn anybody_calls(facts: &Facts, user: User) -> bool {
    let User::Function(id) = user else { return false };
    let kinds = facts.function(id).trigger_kinds();
    kinds.is_empty() || kinds.contains(&TriggerKind::Api) || kinds.contains(&TriggerKind::Auth)
}

/// What whoever sends the text may do, and how to mend it.
fn words(parameter: &str) -> (&'static str, &'static str) {
    match parameter {
        "UpdateExpression" => (
            "decides which attributes are written, a price, an owner or a role among them, and may remove others",
            "Take only names that are in a set of those that may be written (`if name in WRITABLE:`), and let a placeholder stand for \
             each: `f\"#{name} = :{name}\"`, with `ExpressionAttributeNames={\"#\" + name: name}` and \
             `ExpressionAttributeValues={\":\" + name: value}`.",
        ),
        "ProjectionExpression" => (
            "decides which attributes come back, those among them that aren't meant to be seen",
            "Take only names that are in a set of those that may be seen (`if name in VISIBLE:`), and let placeholders stand for them: \
             `\"#n0, #n1\"`, with `ExpressionAttributeNames={\"#n0\": name, …}`.",
        ),
        "Statement" => (
            "may end a string and go on with conditions, or another table, of its own",
            "Write `?` where a value belongs, and give the values apart: `Parameters=[{\"S\": value}]`. Names of tables and attributes \
             come from a set that is known (`if name in KNOWN:`).",
        ),
        _ => (
            "decides what the condition asks: `OR`, other attributes, one that always holds",
            "Let placeholders stand for what comes from outside: `\"#name = :value\"`, with `ExpressionAttributeNames` and \
             `ExpressionAttributeValues`, or build the condition from `Key` and `Attr`. Take only names that are in a set of those that \
             may be asked for (`if name in SEARCHABLE:`).",
        ),
    }
}
