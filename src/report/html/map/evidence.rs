//! The picture as a list: what stands behind each box and each line.

use super::graph::{Card, Edge, Ends, Graph, Node, Who};
use super::id;
use crate::facts::{FunctionId, Grant, GrantStatus};
use crate::report::Report;
use crate::report::html::iam::{role, verdict, why_open};
use crate::report::html::tables::health;
use crate::report::html::text::{call, calls, code, place, places};
use maud::{Markup, html};
use std::collections::BTreeMap;

pub(super) fn list(report: &Report, graph: &Graph) -> Markup {
    html! {
        details #map-list {
            summary { "The picture as a list" }
            @for (number, user) in graph.users.iter().enumerate() { (user_entry(report, graph, number, user)) }
            @for (number, card) in graph.tables.iter().enumerate() { (table_entry(report, graph, number, card)) }
        }
    }
}

fn user_entry(report: &Report, graph: &Graph, number: usize, user: &Node) -> Markup {
    let edges: Vec<_> = graph.edges.iter().filter(|(ends, _)| ends.user == number).collect();
    html! {
        div.evidence id=(format!("user-{number}")) {
            h3 { (code(user.name)) }
            @match user.who {
                Who::Function(id) => (lambda(report, id)),
                Who::Service(_) => p { "Uses tables by its configuration, without a Lambda." },
                Who::Script(_) => p { "A script or page outside the Lambdas." },
            }
            @if edges.is_empty() { p { "It uses no table." } }
            @for (ends, edge) in edges { (edge_entry(report, graph, *ends, edge)) }
        }
    }
}

fn lambda(report: &Report, id: FunctionId) -> Markup {
    let facts = report.facts.function(id);
    html! {
        dl.facts id=(format!("lambda-{}", id.0)) {
            dt { "Declared" } dd { (place(report, facts.function.span)) }
            @if let Some(handler) = &facts.function.handler { dt { "Handler" } dd { (code(&handler.value)) } }
            dt { "Role" } dd { (role(facts)) }
            dt { "Verdict" } dd { (verdict(facts.verdict)) }
        }
    }
}

fn edge_entry(report: &Report, graph: &Graph, ends: Ends, edge: &Edge) -> Markup {
    let (user, card) = (&graph.users[ends.user], &graph.tables[ends.table]);
    let kinds: Vec<&str> = edge.strands.iter().map(|strand| strand.label()).collect();
    html! {
        div.evidence.edge id=(id(ends)) {
            h4 {
                (code(user.name)) " → " (code(card.name))
                @if let Some(row) = ends.row { ", index " (code(card.rows[row].name)) }
            }
            p.kinds { (kinds.join(", ")) }
            @if !edge.calls.is_empty() {
                ul.calls {
                    @for id in &edge.calls {
                        @let access = report.facts.access(*id).access;
                        li { b { (access.operation.name()) } " in " (code(&access.function)) " at " (call(report, *id)) }
                    }
                }
            }
            @if let (Who::Function(function), Some(_)) = (user.who, card.id) { (grants(report, function, ends)) }
        }
    }
}

/// What the role allows: each action with its statement and whether it is used.
fn grants(report: &Report, function: FunctionId, ends: Ends) -> Markup {
    let on =
        |grant: &&Grant| grant.function == function && grant.table.0 == ends.table && grant.index == ends.row.is_some();
    let mut actions: BTreeMap<(&str, GrantStatus, bool), Vec<&Grant>> = BTreeMap::new();
    for grant in report.facts.grants.iter().filter(on) {
        actions.entry((grant.action.as_str(), grant.status, grant.is_used_elsewhere())).or_default().push(grant);
    }
    let missing = report.facts.missing_grants.iter().filter(|missing| {
        missing.function == function && missing.table.0 == ends.table && missing.index.is_some() == ends.row.is_some()
    });
    html! {
        @if !actions.is_empty() { p { "The role allows:" } }
        ul.calls {
            @for ((action, status, elsewhere), grants) in &actions {
                li {
                    b { (action) } ", "
                    @match status {
                        GrantStatus::Used => "used",
                        GrantStatus::Unused if *elsewhere => "used on a table that no template declares",
                        GrantStatus::Unused => span.verdict.over { "never used" },
                        GrantStatus::Unverified => "unverified",
                    }
                    ", by " (places(report, grants.iter().map(|grant| grant.span)))
                }
            }
            @if actions.keys().any(|(_, status, _)| *status == GrantStatus::Unverified) {
                li { (why_open(report, report.facts.function(function))) }
            }
            @for missing in missing {
                li { b { (missing.action) } ", " span.verdict.under { "not allowed" } ", needed at " (calls(report, &missing.accesses)) }
            }
        }
    }
}

fn table_entry(report: &Report, graph: &Graph, number: usize, card: &Card) -> Markup {
    let users = |row: Option<usize>| {
        let edges = graph.edges.keys().filter(move |ends| (ends.table, ends.row) == (number, row));
        html! {
            ul.calls {
                @for ends in edges {
                    @let kinds: Vec<&str> = graph.edges[ends].strands.iter().map(|strand| strand.label()).collect();
                    li { a href=(format!("#{}", id(*ends))) { (code(graph.users[ends.user].name)) } ": " (kinds.join(", ")) }
                }
            }
        }
    };
    html! {
        div.evidence id=(format!("store-{number}")) {
            h3 { (code(card.name)) }
            @match card.id {
                Some(id) => p { "Declared at " (place(report, report.facts.table(id).table.span)) ". "
                    a href=(format!("#table-{}", id.0)) { "All about the table" } },
                None => p { "No template declares it." },
            }
            (users(None))
            @for (i, row) in card.rows.iter().enumerate() {
                @let facts = card.id.and_then(|id| report.facts.table(id).indexes.get(i));
                div.evidence id=(format!("store-{number}-{i}")) {
                    h4 { "Index " (code(row.name)) }
                    @match facts {
                        Some(facts) => {
                            p { (health(report, facts)) " Declared at " (place(report, facts.index.body)) "." }
                            @if !facts.readers.is_empty() { p { "Read at:" } (calls(report, &facts.readers)) }
                            @if !facts.key_writes.is_empty() {
                                p { "Its keys are written at:" } (places(report, facts.key_writes.iter().map(|site| site.span)))
                            }
                        }
                        None => p { span.verdict.under { "doesn't exist" } " Code asks for it, and the table has no such index." },
                    }
                    (users(Some(i)))
                }
            }
        }
    }
}
