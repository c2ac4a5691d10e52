//! Who may do what: each Lambda's role against what its code does.

use super::text::{code, table};
use crate::facts::{Facts, FunctionFacts, FunctionId, Grant, GrantStatus, User, Verdict, breadth};
use crate::report::Report;
use crate::rules::{RoleRight, removable};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// Actions or operations by table, or by what belongs to it.
type ByResource = BTreeMap<(usize, String), BTreeSet<String>>;

pub(super) fn matrix(report: &Report) -> Markup {
    let facts = report.facts;
    let asked = removable(facts);
    let head = ["Lambda, its role", "Verdict", "Tables used", "Granted, not used", "Used, not granted"];
    let rows = html! {
        @for (id, function) in (0..).map(FunctionId).zip(&facts.functions) {
            tr data-functions=(id.0) {
                th scope="row" {
                    a href=(format!("#lambda-{}", id.0)) { (code(&function.function.resource.id)) }
                    div.role { (role(function)) }
                }
                td { (verdict(function.verdict)) }
                td { (list(facts, &used(facts, id))) }
                td { (list(facts, &unused(facts, id, &asked))) }
                td.missing { (list(facts, &missing(facts, id))) }
            }
        }
    };
    html! {
        @if !facts.functions.is_empty() {
            section #iam aria-labelledby="iam-title" {
                h2 #iam-title { "IAM" }
                p { "What each Lambda's role allows, against what its code does. What stands in brackets comes with an entry of \
                     the policy that is used for something else, so no finding asks to take it away by itself." }
                (table("IAM matrix", &head, &rows))
            }
        }
    }
}

/// Its roles.
pub(super) fn role(function: &FunctionFacts) -> Markup {
    html! {
        @if function.roles.is_empty() { "unknown" }
        @for (i, role) in function.roles.iter().enumerate() { @if i > 0 { " or " } (code(&role.resource.id)) }
    }
}

/// The verdict as a label.
pub(super) fn verdict(verdict: Verdict) -> Markup {
    let (class, text) = match verdict {
        Verdict::Exact => ("good", "exact"),
        Verdict::OverGranted => ("over", "over-granted"),
        Verdict::UnderGranted => ("under", "under-granted"),
        Verdict::Both => ("under", "over- and under-granted"),
        Verdict::Unverified => ("open", "unverified"),
        Verdict::NoDynamoDb => ("idle", "no DynamoDB"),
    };
    html! { span.verdict.(class) { (text) } }
}

fn used(facts: &Facts, function: FunctionId) -> ByResource {
    let mut out = ByResource::new();
    for (at, table) in facts.tables.iter().enumerate() {
        for (_, id) in table.users.iter().filter(|(user, _)| *user == User::Function(function)) {
            let operation = facts.access(*id).access.operation.name().to_owned();
            out.entry((at, String::new())).or_default().insert(operation);
        }
    }
    out
}

fn unused(facts: &Facts, function: FunctionId, asked: &BTreeSet<RoleRight>) -> ByResource {
    let mut out = ByResource::new();
    for grant in facts.grants.iter().filter(|g| g.function == function && g.status == GrantStatus::Unused) {
        let action = if is_asked(grant, asked) { grant.action.clone() } else { format!("({})", grant.action) };
        let suffix = if grant.index { "/index/*" } else { "" };
        out.entry((grant.table.0, suffix.to_owned())).or_default().insert(action);
    }
    out
}

/// Whether a finding asks to take it away.
pub(super) fn is_asked(grant: &Grant, asked: &BTreeSet<RoleRight>) -> bool {
    let right = (&grant.role.resource, grant.table, grant.action.as_str(), grant.index);
    asked.contains(&right) || breadth(grant.statement).is_some()
}

fn missing(facts: &Facts, function: FunctionId) -> ByResource {
    let mut out = ByResource::new();
    for missing in facts.missing_grants.iter().filter(|missing| missing.function == function) {
        let suffix = missing.index.as_ref().map_or_else(String::new, |name| format!("/index/{name}"));
        out.entry((missing.table.0, suffix)).or_default().insert(missing.action.clone());
    }
    out
}

fn list(facts: &Facts, resources: &ByResource) -> Markup {
    html! {
        @if !resources.is_empty() {
            ul.plain {
                @for ((table, suffix), actions) in resources {
                    li {
                        (code(&format!("{}{suffix}", facts.tables[*table].table.resource.id))) ": "
                        (actions.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
                    }
                }
            }
        }
    }
}
