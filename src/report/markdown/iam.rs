//! Who may do what: each Lambda's role against what its code does.

use super::escape::{code, head, row};
use crate::facts::{FunctionId, Grant, GrantStatus, User, Verdict, breadth};
use crate::report::Report;
use crate::rules::{RoleRight, removable};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn matrix(report: &Report) -> String {
    let facts = report.facts;
    if facts.functions.is_empty() {
        return String::new();
    }
    let mut out = String::from("## IAM\n\nWhat each Lambda's role allows, against what its code does.\n\n");
    out += &head(&["Lambda", "Role", "Tables used", "Verdict", "Granted, not used", "Used, not granted"]);
    let asked = removable(facts);
    let mut shared = false;
    for (id, function) in (0..).map(FunctionId).zip(&facts.functions) {
        let roles: Vec<String> = function.roles.iter().map(|role| code(&role.resource.id)).collect();
        let role = if roles.is_empty() { "unknown".to_owned() } else { roles.join(" or ") };
        let name = code(&function.function.resource.id);
        let verdict = verdict(function.verdict).to_owned();
        let unused = unused(report, id, &asked);
        shared |= unused.contains(BRACKET);
        out += &row([name, role, tables(report, id), verdict, unused, missing(report, id)]);
    }
    if shared {
        out += "\nWhat stands in brackets comes with an entry of the policy that is used for something else, so no \
                finding asks to take it away by itself.\n";
    }
    out
}

/// What marks a right that no finding asks to take away.
const BRACKET: char = '(';

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exact => "exact",
        Verdict::OverGranted => "**over-granted**",
        Verdict::UnderGranted => "**under-granted**",
        Verdict::Both => "**over- and under-granted**",
        Verdict::Unverified => "unverified",
        Verdict::NoDynamoDb => "no DynamoDB",
    }
}

/// Tables with the operations that reach them.
fn tables(report: &Report, function: FunctionId) -> String {
    let facts = report.facts;
    let mut tables: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (at, table) in facts.tables.iter().enumerate() {
        for (_, id) in table.users.iter().filter(|(user, _)| *user == User::Function(function)) {
            tables.entry(at).or_default().insert(facts.access(*id).access.operation.name());
        }
    }
    let entry = |(table, operations): (usize, BTreeSet<&str>)| {
        format!("{}: {}", code(&facts.tables[table].table.resource.id), joined(&operations))
    };
    tables.into_iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn unused(report: &Report, function: FunctionId, asked: &BTreeSet<RoleRight>) -> String {
    let grants = report.facts.grants.iter().filter(|g| g.function == function && g.status == GrantStatus::Unused);
    let key = |grant: &Grant| (grant.table.0, if grant.index { "/index/*".to_owned() } else { String::new() });
    let action = |grant: &Grant| {
        let right = (&grant.role.resource, grant.table, grant.action.as_str(), grant.index);
        let asked_for = asked.contains(&right) || breadth(grant.statement).is_some();
        if asked_for { grant.action.clone() } else { format!("{BRACKET}{})", grant.action) }
    };
    by_resource(report, grants.map(|grant| (key(grant), action(grant))))
}

fn missing(report: &Report, function: FunctionId) -> String {
    let missing = report.facts.missing_grants.iter().filter(|missing| missing.function == function);
    let index = |name: &Option<String>| name.as_ref().map_or_else(String::new, |name| format!("/index/{name}"));
    by_resource(report, missing.map(|m| ((m.table.0, index(&m.index)), m.action.clone())))
}

/// One line a table or index: its actions.
fn by_resource(report: &Report, actions: impl Iterator<Item = ((usize, String), String)>) -> String {
    let mut resources: BTreeMap<(usize, String), BTreeSet<String>> = BTreeMap::new();
    for (resource, action) in actions {
        resources.entry(resource).or_default().insert(action);
    }
    let entry = |((table, suffix), actions): ((usize, String), BTreeSet<String>)| {
        format!("{}: {}", code(&format!("{}{suffix}", report.facts.tables[table].table.resource.id)), joined(&actions))
    };
    resources.into_iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn joined<S: AsRef<str>>(words: &BTreeSet<S>) -> String {
    words.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", ")
}
