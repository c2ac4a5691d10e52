//! Who may do what: each Lambda's role against what its code does.

use super::escape::{code, head, prose, row};
use super::place;
use crate::facts::{Doubt, FunctionFacts, FunctionId, Verdict};
use crate::report::Report;
use crate::report::rights::{ByResource, by_actions, kept, missing, open_doubts, unused, used};
use crate::report::totals::counted;
use crate::rules::removable;
use std::collections::BTreeSet;

/// Doubts shown of those that keep a verdict open.
const MAX_DOUBTS: usize = 2;

pub(super) fn matrix(report: &Report) -> String {
    let facts = report.facts;
    if facts.functions.is_empty() || !report.shows_rights {
        return String::new();
    }
    let mut out = String::from(
        "## IAM\n\nWhat each Lambda's role allows, against what its code does. What is `unverified` \
                                can't be told from the code and the templates: the reasons stand with it.\n\n",
    );
    out += &head(&["Lambda", "Role", "Tables used", "Verdict", "Granted, not used", "Used, not granted"]);
    let asked = removable(facts);
    for (id, function) in (0..).map(FunctionId).zip(&facts.functions) {
        let roles: Vec<String> = function.roles.iter().map(|role| code(&role.resource.id)).collect();
        let role = if roles.is_empty() { "unknown".to_owned() } else { roles.join(" or ") };
        let name = code(&function.function.resource.id);
        let verdict = verdict(function.verdict).to_owned() + &doubts(report, function);
        let unused = list(report, &unused(facts, id, &asked));
        out += &row([name, role, list(report, &used(facts, id)), verdict, unused, list(report, &missing(facts, id))]);
    }
    let kept = kept(facts, &asked);
    if !kept.is_empty() {
        out += "\nWhat stands in brackets no finding asks to take away by itself:\n\n";
    }
    for ((role, why), rights) in &kept {
        let rights = list(report, rights).replace('\n', "; ");
        out += &format!("- {}, {rights}: {}.\n", code(role), prose(why));
    }
    out
}

/// Why a verdict is unverified, a line each.
fn doubts(report: &Report, function: &FunctionFacts) -> String {
    let (shown, more) = open_doubts(function, MAX_DOUBTS);
    let line = |doubt: &Doubt| format!("\n{} ({})", prose(&doubt.reason), place(report, doubt.span));
    let mut out: String = shown.iter().map(line).collect();
    out += &if more > 0 { format!("\nand {}", counted(more, "more reason", "more reasons")) } else { String::new() };
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
