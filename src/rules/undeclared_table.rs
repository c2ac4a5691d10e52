//! A table that code names and no template declares.

use super::describe::{Reach, count};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::words::nearest;
use crate::facts::{AccessFacts, Facts, Resolution};
use crate::flow::Certainty;
use std::collections::BTreeMap;

pub const RULE: Rule = Rule { name: "undeclared-table", page: include_str!("../../rules/undeclared-table.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    // Of a project without tables, all tables are elsewhere, and meant to be.
    if facts.tables.is_empty() {
        return;
    }
    let mut tables: BTreeMap<&str, Vec<&AccessFacts>> = BTreeMap::new();
    for access in &facts.accesses {
        if let Resolution::Undeclared(name) = &access.table {
            tables.entry(name).or_default().push(access);
        }
    }
    for (name, calls) in tables {
        let made = calls.iter().any(|access| access.access.operation == Operation::CreateTable);
        let live: Vec<&AccessFacts> =
            calls.into_iter().filter(|access| access.certainty != Certainty::Latent).collect();
        let elsewhere = facts.is_granted_elsewhere(name) || facts.is_in_environment(name);
        if is_named(name) && !made && !live.is_empty() && !elsewhere {
            findings.push(finding(facts, name, &live));
        }
    }
}

/// Whether the code itself spells the name: what comes from outside may be any table.
fn is_named(name: &str) -> bool {
    let mut depth = 0;
    let spelled = name.chars().filter(|c| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0 && c.is_alphanumeric()
    });
    spelled.count() > 2
}

fn finding(facts: &Facts, name: &str, calls: &[&AccessFacts]) -> Finding {
    let ids: Vec<&str> = facts.tables.iter().map(|table| table.table.resource.id.as_str()).collect();
    let near = nearest(name, ids.iter().copied());
    // The most live of its callers tells how bad it is.
    let by_liveness = |access: &&&AccessFacts| match Reach::of(facts, access) {
        Reach::Lambdas(_) | Reach::Taken(..) => 0,
        Reach::Perhaps(_) => 1,
        Reach::Scripts | Reach::Dead => 2,
    };
    let first = calls.iter().min_by_key(by_liveness).copied().unwrap_or(calls[0]);
    let reach = Reach::of(facts, first);
    Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::Medium, facts),
        confidence: Confidence::Likely,
        title: format!("`{}` uses the table `{name}`, which no template declares", first.access.function),
        message: format!(
            "Its name is spelled out in the code{}. If the table isn't there, each call fails with \"ResourceNotFoundException: Requested \
             resource not found\"; if it is, nothing says how it is keyed, backed up and paid for, and nothing here can check \
             its use. {}",
            if calls.len() == 1 { String::new() } else { format!(", for {}", count(calls.len(), "call")) },
            reach.sentence()
        ),
        help: match near {
            Some(near) => format!("If {near} is meant, take its name from the environment (`!Ref {near}`). Else declare the table, or give its template to the audit as well."),
            None => "Declare the table; if another template does, give that to the audit as well. Code that is left over can go.".to_owned(),
        },
        span: first.access.span,
        label: "no template declares this table".to_owned(),
        related: calls
            .iter()
            .filter(|access| access.access.span != first.access.span)
            .map(|access| Related { span: access.access.span, message: format!("{} in `{}`", access.access.operation, access.access.function) })
            .collect(),
        anchor: name.to_owned(),
    }
}
