//! Tables: the inventory of all, and a section for each.

use super::text::{calls, code, place, places, table as scrolling};
use crate::dynamodb::operation::OperationKind;
use crate::facts::{AccessId, IndexFacts, IndexStatus, TableFacts, TableId, User};
use crate::report::callers::{Caller, caller, callers};
use crate::report::{INVENTORY, Report};
use crate::template::model::{IndexKind, KeyElement, Setting, Table};
use maud::{Markup, html};
use std::collections::{BTreeMap, BTreeSet};

/// One row a table.
pub(super) fn inventory(report: &Report) -> Markup {
    let tables = &report.facts.tables;
    let rows = html! {
        @for (id, facts) in tables.iter().enumerate() {
            @let entities: BTreeSet<&str> = facts.entities.iter().map(|entity| entity.name.as_str()).collect();
            @let lambdas: BTreeSet<&User> =
                facts.users.iter().map(|(user, _)| user).filter(|user| matches!(user, User::Function(_))).collect();
            tr data-tables=(id) {
                th scope="row" { a href=(format!("#table-{id}")) { (code(&facts.table.resource.id)) } }
                td { (keys(&facts.table.keys)) }
                td.number { (facts.indexes.len()) }
                td { (text(&facts.table.ttl, "off")) }
                td { (switch(&facts.table.pitr)) }
                td {
                    (text(&facts.table.deletion_policy, "default"))
                    @if facts.table.is_protected() { ", protected" }
                }
                td { (text(&facts.table.billing, "default")) }
                td { (list(entities.into_iter().map(code))) }
                td.number { (lambdas.len()) }
            }
        }
    };
    html! {
        section #tables aria-labelledby="tables-title" {
            h2 #tables-title { "Tables" }
            @if tables.is_empty() { p { "The templates declare none." } } @else {
                (scrolling("Inventory of tables", &INVENTORY, &rows))
            }
        }
    }
}

/// A section a table.
pub(super) fn sections(report: &Report) -> Markup {
    html! { @for (id, table) in report.facts.tables.iter().enumerate() { (section(report, id, table)) } }
}

fn section(report: &Report, id: usize, facts: &TableFacts) -> Markup {
    let table = facts.table;
    html! {
        section.table.evidence id=(format!("table-{id}")) data-tables=(id) {
            h3 { (code(&table.resource.id)) }
            dl.facts {
                dt { "Declared" }
                dd {
                    (place(report, table.span)) ", " (code(table.kind.type_name()))
                    @for other in &facts.alternatives { "; or as " (code(&other.resource.id)) " at " (place(report, other.span)) }
                }
                dt { "Name" } dd { (names(table)) }
                dt { "Key" } dd { (keys(&table.keys)) }
                dt { "Time to live" } dd { (text(&table.ttl, "off")) }
                dt { "Point-in-time recovery" } dd { (switch(&table.pitr)) }
                dt { "Billing" } dd { (text(&table.billing, "default")) }
                dt { "Stream" } dd { (text(&table.stream, "off")) }
                dt { "Deletion policy" } dd { (text(&table.deletion_policy, "default")) }
                dt { "Deletion protection" } dd { (switch(&table.deletion_protection)) }
            }
            (entities(report, TableId(id), facts))
            (indexes(report, id, &facts.indexes))
            (users(report, id, facts))
        }
    }
}

fn names(table: &Table) -> Markup {
    html! {
        @if table.names.is_empty() { "given by CloudFormation" }
        @for (i, name) in table.names.iter().enumerate() { @if i > 0 { " or " } (code(&name.value.to_string())) }
    }
}

/// The kinds of item. Of a table without TTL none expires, and without indexes there is none to fill.
fn entities(report: &Report, id: TableId, table: &TableFacts) -> Markup {
    let indexed = !table.indexes.is_empty();
    let expires = !matches!(table.table.ttl, Setting::Unset);
    let rows = html! {
        @for entity in &table.entities {
            tr {
                th scope="row" { (code(&entity.name)) }
                td { (list(entity.key.iter().map(|(name, pattern)| code(&format!("{name} = {pattern}"))))) }
                @if indexed { td { (list(entity.indexes.iter().map(|index| code(index)))) } }
                @if expires { td { (entity.expiry) } }
                td { (who(report, id, &entity.writers)) }
                td { (calls(report, &entity.writers)) }
            }
        }
    };
    let mut head = vec!["Item", "Key pattern"];
    head.extend(indexed.then_some("Fills index"));
    head.extend(expires.then_some("Expires"));
    head.extend(["Written by", "Written at"]);
    html! {
        @if !table.entities.is_empty() { (scrolling(&format!("Items of {}", name(report, id.0)), &head, &rows)) }
    }
}

/// Who makes the calls; nobody, if no entry point reaches them.
fn who(report: &Report, table: TableId, accesses: &[AccessId]) -> Markup {
    let callers = callers(report, table, accesses);
    html! { @if callers.is_empty() { "no live code" } @else { (list(callers.iter().map(named))) } }
}

fn named(caller: &Caller) -> Markup {
    html! {
        (code(&caller.name))
        @if caller.is_script { " (script)" }
        @if let Some(template) = &caller.template { " (" (code(template)) ")" }
    }
}

fn indexes(report: &Report, id: usize, indexes: &[IndexFacts]) -> Markup {
    let rows = html! {
        @for (number, facts) in indexes.iter().enumerate() {
            @let index = facts.index;
            tr id=(format!("index-{id}-{number}")) {
                th scope="row" {
                    (code(&index.name.value))
                    div.more {
                        @match index.kind { IndexKind::Global => "GSI", IndexKind::Local => "LSI" }
                        @if let Some(projection) = &index.projection { ", " (projection) }
                    }
                }
                td { (keys(&index.keys)) }
                td { (health(report, facts)) }
                td {
                    @if !facts.readers.is_empty() { (who(report, TableId(id), &facts.readers)) }
                    div.more { (calls(report, &facts.readers)) (places(report, facts.service_readers.clone())) }
                }
                td { (places(report, facts.key_writes.iter().map(|site| site.span))) }
            }
        }
    };
    let head = ["Index, kind, projection", "Key", "Health", "Read by", "Keys written at"];
    html! { @if !indexes.is_empty() { (scrolling(&format!("Indexes of {}", name(report, id)), &head, &rows)) } }
}

/// Whether an index is read, as a label.
pub(super) fn health(report: &Report, index: &IndexFacts) -> Markup {
    html! {
        @match index.status {
            IndexStatus::Used if index.serves_lambdas(report.facts) => span.verdict.good { "used" },
            IndexStatus::Used => span.verdict.good { "used by no Lambda" },
            IndexStatus::Unused => span.verdict.over { "unused" },
            IndexStatus::Unknown => span.verdict.open { "unknown" },
        }
    }
}

fn name<'r>(report: &Report<'r>, id: usize) -> &'r str {
    &report.facts.tables[id].table.resource.id
}

/// Who reads and writes: Lambdas first, then scripts, then what uses it by configuration.
fn users(report: &Report, id: usize, table: &TableFacts) -> Markup {
    let facts = report.facts;
    let mut users: BTreeMap<Caller, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for (user, id) in &table.users {
        let operation = facts.access(*id).access.operation;
        let side = match operation.kind() {
            OperationKind::Read => 0,
            OperationKind::Write => 1,
            OperationKind::Control => continue,
        };
        users.entry(caller(report, *user)).or_default()[side].insert(operation.name());
    }
    let rows = html! {
        @for (caller, [reads, writes]) in users {
            tr {
                th scope="row" { (named(&caller)) }
                td { (words(&reads)) }
                td { (words(&writes)) }
            }
        }
        @for usage in &table.services {
            @let of = |kind| usage.operations.iter().filter(|o| o.kind() == kind).map(|o| o.name()).collect::<BTreeSet<&str>>();
            tr {
                th scope="row" { (code(&usage.user.resource.id)) " (" (usage.user.kind) ")" }
                td { (words(&of(OperationKind::Read))) @if usage.unknown { " and what can't be told" } }
                td { (words(&of(OperationKind::Write))) @if usage.unknown { " and what can't be told" } }
            }
        }
    };
    html! {
        @if rows.0.is_empty() { p { "No call to this table was found." } } @else {
            (scrolling(&format!("Users of {}", name(report, id)), &["Used by", "Reads", "Writes"], &rows))
        }
        @if !table.stream_readers.is_empty() {
            p { "Its stream is read by " (list(table.stream_readers.iter().map(|reader| code(&reader.id)))) "." }
        }
    }
}

fn words(words: &BTreeSet<&str>) -> String {
    words.iter().copied().collect::<Vec<_>>().join(", ")
}

fn list(items: impl Iterator<Item = Markup>) -> Markup {
    html! { @for (i, item) in items.enumerate() { @if i > 0 { ", " } (item) } }
}

/// `PK` (S) / `SK` (S): partition key, then sort key.
fn keys(keys: &[KeyElement]) -> Markup {
    html! {
        @for (i, key) in keys.iter().enumerate() {
            @if i > 0 { " / " }
            (code(&key.attribute.value)) " (" (key.attribute_type.as_deref().unwrap_or("undefined")) ")"
        }
    }
}

fn text(setting: &Setting<String>, unset: &str) -> Markup {
    html! {
        @match setting {
            Setting::Unset => (unset),
            Setting::Is(value) => (code(&value.value)),
            Setting::Varies(values) => {
                @for (i, value) in values.iter().enumerate() {
                    @if i > 0 { " or " }
                    @match value { Some(value) => (code(&value.value)), None => (unset) }
                }
            },
            Setting::Unknown(_) => "unknown",
        }
    }
}

fn switch(setting: &Setting<bool>) -> &'static str {
    match setting {
        Setting::Is(value) if value.value => "on",
        Setting::Is(_) | Setting::Unset => "off",
        Setting::Varies(_) => "depends on a condition",
        Setting::Unknown(_) => "unknown",
    }
}
