//! Who may do what: each Lambda's role against what its code does.

use super::text::{code, place, prose, table};
use crate::facts::{Doubt, Facts, FunctionFacts, FunctionId, Verdict};
use crate::report::Report;
use crate::report::rights::{ByResource, by_actions, first_doubts, kept, missing, open_doubts, unused, used};
use crate::report::totals::counted;
use crate::rules::removable;
use maud::{Markup, html};

/// Doubts shown of those that keep a verdict open.
const MAX_DOUBTS: usize = 2;

pub(super) fn matrix(report: &Report) -> Markup {
    let facts = report.facts;
    let asked = removable(facts);
    let kept = kept(facts, &asked);
    let head = ["Lambda, its role", "Verdict", "Tables used", "Granted, not used", "Used, not granted"];
    let rows = html! {
        @for (id, function) in (0..).map(FunctionId).zip(&facts.functions) {
            tr data-functions=(id.0) {
                th scope="row" {
                    a href=(format!("#lambda-{}", id.0)) { (code(&function.function.resource.id)) }
                    div.role { (role(function)) }
                }
                td { (verdict(function.verdict)) (doubts(report, function)) }
                td data-label=(head[2]) { (list(facts, &used(facts, id))) }
                td data-label=(head[3]) { (list(facts, &unused(facts, id, &asked))) }
                td.missing data-label=(head[4]) { (list(facts, &missing(facts, id))) }
            }
        }
    };
    html! {
        @if !facts.functions.is_empty() && report.shows_rights {
            section #iam aria-labelledby="iam-title" {
                h2 #iam-title { "IAM" }
                p { "What each Lambda's role allows, against what its code does. What is unverified can't be told from the code \
                     and the templates: the reasons stand with it." }
                (table("IAM matrix", &head, &rows))
                @if !kept.is_empty() {
                    p { "What stands in brackets no finding asks to take away by itself:" }
                    ul {
                        @for ((role, why), rights) in &kept {
                            li { (code(role)) ": " (prose(why)) (list(facts, rights)) }
                        }
                    }
                }
            }
        }
    }
}

/// Why a verdict is unverified.
fn doubts(report: &Report, function: &FunctionFacts) -> Markup {
    reasons(report, open_doubts(function, MAX_DOUBTS))
}

/// What can't be told, and how much more there is.
fn reasons(report: &Report, (shown, more): (&[Doubt], usize)) -> Markup {
    html! {
        @for doubt in shown { div.why { (prose(&doubt.reason)) " (" (place(report, doubt.span)) ")" } }
        @if more > 0 { div.why { "and " (counted(more, "more reason", "more reasons")) } }
    }
}

/// Why it can't be told whether some right is used.
pub(super) fn why_open(report: &Report, function: &FunctionFacts) -> Markup {
    html! { div.why { "What is unverified can't be told:" } (reasons(report, first_doubts(function, MAX_DOUBTS))) }
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

fn list(facts: &Facts, resources: &ByResource) -> Markup {
    html! {
        @if !resources.is_empty() {
            ul.plain {
                @for (resources, actions) in by_actions(resources) {
                    li {
                        @for (i, (table, suffix)) in resources.into_iter().enumerate() {
                            @if i > 0 { ", " }
                            (code(&format!("{}{suffix}", facts.tables[*table].table.resource.id)))
                        }
                        ": "
                        (actions.iter().map(String::as_str).collect::<Vec<_>>().join(", "))
                    }
                }
            }
        }
    }
}
