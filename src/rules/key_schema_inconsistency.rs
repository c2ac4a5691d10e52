//! Generic keys on some tables, keys named after what they hold on others.

use super::describe::list;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::words::words;
use crate::facts::Facts;
use crate::source::Span;
use crate::template::model::Table;

pub const RULE: Rule =
    Rule { name: "key-schema-inconsistency", page: include_str!("../../rules/key-schema-inconsistency.md"), check };

/// Of fewer tables than this, nobody can tell a habit.
const FEW: usize = 3;

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let tables: Vec<&Table> = facts.tables.iter().map(|facts| facts.table).filter(|t| !t.keys.is_empty()).collect();
    let (generic, named): (Vec<&Table>, Vec<&Table>) = tables.iter().partition(|table| is_generic(table));
    if tables.len() < FEW || generic.is_empty() || named.is_empty() {
        return;
    }
    let fewer = if named.len() > generic.len() { &generic } else { &named };
    let Some(span) = fewer.first().map(|table| place(table)) else { return };
    let keys = |table: &&&Table| {
        let names: Vec<&str> = table.keys.iter().map(|key| key.attribute.value.as_str()).collect();
        format!("{} (`{}`)", table.resource.id, names.join("`/`"))
    };
    let of = |tables: &[&Table]| list(&tables.iter().map(|table| keys(&table)).collect::<Vec<_>>());
    findings.push(Finding {
        rule: RULE.name,
        severity: Severity::Info,
        confidence: Confidence::Certain,
        title: format!(
            "{} with generic keys, {} with keys named after what they hold",
            tables_of(&generic),
            named.len()
        ),
        message: format!(
            "Both work. Generic keys are for tables that hold several kinds of item, named ones for tables with one kind. It \
             matters to code that is to work on any table, and when tables are to be joined.\nGeneric: {}.\nNamed: {}.",
            of(&generic),
            of(&named)
        ),
        help: "Nothing needs to be done. For new tables, take generic keys where several kinds of item are to share one, and \
               named keys elsewhere; a key can't be renamed without moving the items."
            .to_owned(),
        span,
        label: "keys of the other kind".to_owned(),
        related: fewer
            .iter()
            .skip(1)
            .map(|table| Related { span: place(table), message: format!("{} too", table.resource.id) })
            .collect(),
        anchor: "key schemas".to_owned(),
    });
}

fn tables_of(tables: &[&Table]) -> String {
    super::describe::count(tables.len(), "table")
}

fn place(table: &Table) -> Span {
    table.keys.first().map_or(table.span, |key| key.attribute.span)
}

/// `PK`, `sk`, `hash_key`, `partitionKey`: names that say nothing of what is in them.
fn is_generic(table: &Table) -> bool {
    let generic = |name: &str| {
        let words = words(name);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        matches!(
            words.as_slice(),
            ["pk" | "sk" | "hk" | "rk" | "hash" | "range" | "hashkey" | "rangekey" | "partitionkey" | "sortkey"]
                | ["hash" | "range" | "partition" | "sort" | "primary", "key"]
        )
    };
    table.keys.iter().all(|key| generic(&key.attribute.value))
}
