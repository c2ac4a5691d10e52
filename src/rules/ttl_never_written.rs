//! Time to live is on, and no item ever has a time.

use super::describe::count;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, TableFacts};
use crate::source::Spanned;
use crate::template::model::Setting;

pub const RULE: Rule =
    Rule { name: "ttl-never-written", page: include_str!("../../rules/ttl-never-written.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in facts.tables.iter().filter(|table| table.unseen_writes.is_none() && !table.table.imported) {
        // A write of another attribute that looks like a TTL is `ttl-attribute-mismatch`.
        if let Setting::Is(attribute) = &table.table.ttl
            && table.ttl_writes.is_empty()
            && table.alternatives.is_empty()
        {
            findings.extend(finding(facts, table, attribute));
        }
    }
}

fn finding(facts: &Facts, table: &TableFacts, attribute: &Spanned<String>) -> Option<Finding> {
    let id = &table.table.resource.id;
    let name = &attribute.value;
    let writers: Vec<Related> = table
        .item_writers
        .iter()
        .map(|id| Related { span: facts.access(*id).access.span, message: format!("writes items without `{name}`") })
        .collect();
    let n = (!writers.is_empty()).then_some(writers.len())?;
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: Confidence::Likely,
        title: format!("{id} expires items by `{name}`, and no code writes it"),
        message: format!(
            "DynamoDB deletes only items that have `{name}`. {} to {id} and none sets it, so nothing ever expires: the table \
             grows, though its declaration says otherwise.",
            if n == 1 { "1 call writes".to_owned() } else { format!("{} write", count(n, "call")) }
        ),
        help: format!(
            "Write `{name}`, a Number with the time in seconds since 1970, where items are put; or remove \
             TimeToLiveSpecification from {id}, if they are meant to stay."
        ),
        span: attribute.span,
        label: "no item has this attribute".to_owned(),
        related: writers,
        anchor: format!("{id} {name}"),
    })
}
