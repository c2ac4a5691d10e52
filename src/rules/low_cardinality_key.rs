//! A partition key with so few values that the items hardly spread.

use super::describe::{count, list, quoted};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, IndexStatus, TableFacts};
use crate::source::Span;
use crate::template::model::{IndexKind, KeyElement};
use std::collections::BTreeMap;

pub const RULE: Rule =
    Rule { name: "low-cardinality-key", page: include_str!("../../rules/low-cardinality-key.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in facts.tables.iter().filter(|table| table.unseen_writes.is_none()) {
        if let (Some(values), [key, _]) = (&table.few_partitions, table.table.keys.as_slice()) {
            findings.push(finding(table, None, key, values));
        }
        for index in &table.indexes {
            let read = index.index.kind == IndexKind::Global && index.status != IndexStatus::Unused;
            if let (true, Some(values), [key, ..]) = (read, &index.few_partitions, index.index.keys.as_slice()) {
                findings.push(finding(table, Some(&index.index.name.value), key, values));
            }
        }
    }
}

fn finding(table: &TableFacts, index: Option<&str>, key: &KeyElement, values: &BTreeMap<String, Span>) -> Finding {
    let id = &table.table.resource.id;
    let attribute = &key.attribute.value;
    let names: Vec<&str> = values.keys().map(String::as_str).collect();
    let (what, effect) = match index {
        None => (id.clone(), "every further write is throttled"),
        Some(index) => {
            (format!("{index} of {id}"), "writes of the table itself are throttled until the index has caught up")
        }
    };
    Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: Confidence::Likely,
        title: match values.len() {
            1 => format!("All of {what} is in one partition: `{attribute}` is always {}", either(&names)),
            n => format!("All of {what} is in {n} partitions: `{attribute}` is always {}", either(&names)),
        },
        message: format!(
            "All that is written goes under {}. A partition takes 1,000 writes of a kilobyte a second, whatever the table is \
             paid for; beyond that, {effect}. And a Query by `{attribute}` reads all items of a value, as many as there will be.",
            if values.len() == 1 { "this one value".to_owned() } else { format!("these {} values", values.len()) },
        ),
        help: format!(
            "Add something that spreads to the value of `{attribute}`: the customer, the day, or one of a few numbers by turns \
             (`OPEN#0` to `OPEN#9`), and let readers ask for each. If the table stays small, leave it."
        ),
        span: key.attribute.span,
        label: format!("{} only", count(values.len(), "value")),
        related: values
            .iter()
            .map(|(value, span)| Related { span: *span, message: format!("writes `{value}`") })
            .collect(),
        anchor: format!("{what} {attribute}"),
    }
}

/// `A`, `A` or `B`.
fn either(names: &[&str]) -> String {
    match names {
        [a, b] => format!("`{a}` or `{b}`"),
        [_] => list(&quoted(names)),
        _ => format!("one of {}", list(&quoted(names))),
    }
}
