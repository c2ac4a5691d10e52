//! Who may do what: each Lambda's role against what its code does.

use super::escape::{code, head, row};
use crate::facts::{FunctionId, Verdict};
use crate::report::Report;
use crate::report::rights::{BRACKET, ByResource, by_actions, missing, unused, used};
use crate::rules::removable;
use std::collections::BTreeSet;

pub(super) fn matrix(report: &Report) -> String {
    let facts = report.facts;
    if facts.functions.is_empty() || !report.shows_rights {
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
        let unused = list(report, &unused(facts, id, &asked));
        shared |= unused.contains(BRACKET);
        out += &row([name, role, list(report, &used(facts, id)), verdict, unused, list(report, &missing(facts, id))]);
    }
    if shared {
        out += "\nWhat stands in brackets comes with an entry of the policy that is used for something else, so no \
                finding asks to take it away by itself.\n";
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

/// One line for all tables and indexes with the same actions.
fn list(report: &Report, resources: &ByResource) -> String {
    let name =
        |(table, suffix): &(usize, String)| code(&format!("{}{suffix}", report.facts.tables[*table].table.resource.id));
    let entry = |(resources, actions): (Vec<&(usize, String)>, &BTreeSet<String>)| {
        let names: Vec<String> = resources.into_iter().map(name).collect();
        let actions: Vec<&str> = actions.iter().map(String::as_str).collect();
        format!("{}: {}", names.join(", "), actions.join(", "))
    };
    by_actions(resources).into_iter().map(entry).collect::<Vec<_>>().join("\n")
}
