//! Who may do what: each Lambda's role against what its code does.

use super::escape::{code, head, row};
use crate::facts::{FunctionId, Grant, GrantStatus, Verdict};
use crate::report::Report;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn matrix(report: &Report) -> String {
    let facts = report.facts;
    if facts.functions.is_empty() {
        return String::new();
    }
    let mut out = String::from("## IAM\n\nWhat each Lambda's role allows, against what its code does.\n\n");
    out += &head(&["Lambda", "Role", "Tables used", "Verdict", "Granted, not used", "Used, not granted"]);
    for (id, function) in (0..).map(FunctionId).zip(&facts.functions) {
        let roles: Vec<String> = function.roles.iter().map(|role| code(&role.resource.id)).collect();
        let role = if roles.is_empty() { "unknown".to_owned() } else { roles.join(" or ") };
        let name = code(&function.function.resource.id);
        let verdict = verdict(function.verdict).to_owned();
        out += &row([name, role, tables(report, id), verdict, unused(report, id), missing(report, id)]);
    }
    out
}

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
    for id in &facts.functions[function.0].accesses {
        let access = &facts.accesses[id.0];
        if let Some(table) = access.table.known() {
            tables.entry(table.0).or_default().insert(access.access.operation.name());
        }
    }
    let entry = |(table, operations): (usize, BTreeSet<&str>)| {
        format!("{}: {}", code(&facts.tables[table].table.resource.id), joined(operations))
    };
    tables.into_iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn unused(report: &Report, function: FunctionId) -> String {
    let grants = report.facts.grants.iter().filter(|g| g.function == function && g.status == GrantStatus::Unused);
    let key = |grant: &Grant| (grant.table.0, if grant.index { "/index/*".to_owned() } else { String::new() });
    by_resource(report, grants.map(|grant| (key(grant), grant.action.as_str())))
}

fn missing(report: &Report, function: FunctionId) -> String {
    let missing = report.facts.missing_grants.iter().filter(|missing| missing.function == function);
    let index = |name: &Option<String>| name.as_ref().map_or_else(String::new, |name| format!("/index/{name}"));
    by_resource(report, missing.map(|m| ((m.table.0, index(&m.index)), m.action.as_str())))
}

/// One line a table or index: its actions.
fn by_resource<'a>(report: &Report, actions: impl Iterator<Item = ((usize, String), &'a str)>) -> String {
    let mut resources: BTreeMap<(usize, String), BTreeSet<&str>> = BTreeMap::new();
    for (resource, action) in actions {
        resources.entry(resource).or_default().insert(action);
    }
    let entry = |((table, suffix), actions): ((usize, String), BTreeSet<&str>)| {
        format!("{}: {}", code(&format!("{}{suffix}", report.facts.tables[table].table.resource.id)), joined(actions))
    };
    resources.into_iter().map(entry).collect::<Vec<_>>().join("\n")
}

fn joined(words: BTreeSet<&str>) -> String {
    words.into_iter().collect::<Vec<_>>().join(", ")
}
