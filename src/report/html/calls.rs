//! Every call with its source lines: what links to places lead to.

use super::excerpt::excerpt;
use super::text::{code, place, prose};
use crate::facts::{AccessFacts, FunctionId, PaginationStatus, Resolution, TableId};
use crate::report::Report;
use crate::report::totals::counted;
use maud::{Markup, html};

pub(super) fn section(report: &Report) -> Markup {
    let accesses = &report.facts.accesses;
    html! {
        section #calls aria-labelledby="calls-title" {
            h2 #calls-title { "Calls" }
            @if accesses.is_empty() { p { "No DynamoDB call was found." } } @else {
                details {
                    summary { (counted(report.facts.calls().count(), "DynamoDB call", "DynamoDB calls")) " by place" }
                    @for (id, access) in accesses.iter().enumerate() { (call(report, id, access)) }
                }
            }
        }
    }
}

fn call(report: &Report, id: usize, facts: &AccessFacts) -> Markup {
    let access = facts.access;
    let chains = access.observations.iter().map(|o| o.evidence.calls().collect::<Vec<_>>());
    let chain = { chains }.find(|chain| !chain.is_empty());
    html! {
        div.evidence.call id=(format!("call-{id}")) {
            h3 { (access.operation.name()) " in " (code(&access.function)) }
            p { (place(report, access.span)) }
            dl.facts {
                dt { "Table" } dd { (table(report, &facts.table)) }
                @if let Resolution::Known(Some(index)) = &facts.index { dt { "Index" } dd { (code(index)) } }
                @if let Some(pages) = &facts.pagination {
                    dt { "Pages" } dd { (pagination(pages.status)) ": " (prose(&pages.reason)) }
                }
                dt { "Reached from" } dd { (reached(report, facts)) }
            }
            (excerpt(report, access.span, ""))
            @if let Some(chain) = chain {
                p { "How the table is known:" }
                ol.places { @for span in chain { li { (place(report, span)) } } }
            }
        }
    }
}

fn table(report: &Report, table: &Resolution<TableId>) -> Markup {
    let link = |id: TableId| html! { a href=(format!("#table-{}", id.0)) { (code(&report.facts.table(id).table.resource.id)) } };
    html! {
        @match table {
            Resolution::Known(id) => (link(*id)),
            Resolution::Several(ids) => { "one of " @for (i, id) in ids.iter().enumerate() { @if i > 0 { ", " } (link(*id)) } },
            Resolution::Undeclared(name) => { (code(name)) ", which no template declares" },
            Resolution::Unknown(reason) => { "unknown: " (prose(reason)) },
        }
    }
}

fn pagination(status: PaginationStatus) -> &'static str {
    match status {
        PaginationStatus::Paginated => "all are read",
        PaginationStatus::Cursor => "the caller is given a cursor",
        PaginationStatus::Bounded => "one is enough",
        PaginationStatus::Missing => "only the first is read",
        PaginationStatus::Unknown => "unknown",
    }
}

fn reached(report: &Report, access: &AccessFacts) -> Markup {
    let name = |id: &FunctionId| code(&report.facts.function(*id).function.resource.id);
    let possible = access.possible_functions.iter().filter(|id| !access.functions.contains(id));
    let surely = access.functions.iter().map(name);
    let perhaps = possible.map(|id| html! { (name(id)) " (possibly)" });
    let scripts = access.scripts.iter().map(|file| html! { (code(&report.sources.file(*file).name)) " (script)" });
    let all: Vec<Markup> = surely.chain(perhaps).chain(scripts).collect();
    html! {
        @if all.is_empty() { "nothing: no entry point leads here" } @else { ul.plain { @for one in all { li { (one) } } } }
    }
}
