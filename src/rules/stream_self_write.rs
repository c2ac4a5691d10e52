//! A Lambda that a table's stream invokes, and whose write to the table invokes it again.

use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, SelfWrite, TableFacts};

pub const RULE: Rule =
    Rule { name: "stream-self-write", page: include_str!("../../rules/stream-self-write.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        findings.extend(table.self_writes.iter().map(|write| finding(facts, table, write)));
    }
}

fn finding(facts: &Facts, table: &TableFacts, write: &SelfWrite) -> Finding {
    let id = &table.table.resource.id;
    let lambda = &facts.function(write.function).function.resource.id;
    let access = facts.access(write.access).access;
    let (attribute, place) = &write.attribute;
    Finding {
        rule: RULE.name,
        severity: Severity::High,
        confidence: Confidence::Likely,
        title: format!("{lambda} is invoked by its own writes to {id}"),
        message: format!(
            "Each record of the stream of {id} leads {lambda} here, whatever it holds, and the call adds to `{attribute}`: that is a change \
             again, and its record invokes {lambda} again, without end. Both are paid for each time. Lambda's own detection of \
             loops doesn't see those that go through DynamoDB."
        ),
        help: format!(
            "Leave out the records that {lambda} made itself: compare `OldImage` with `NewImage` and go on only where what \
             matters has changed, or write to another table. If only new items are meant, let the event source pass no others: \
             {}.",
            setting(
                facts,
                write.trigger.span,
                "FilterCriteria: {Filters: [{Pattern: '{\"eventName\": [\"INSERT\"]}'}]}"
            )
        ),
        span: access.span,
        label: "makes the next record".to_owned(),
        related: vec![
            Related {
                span: write.trigger.span,
                message: format!("the stream of {id} invokes {lambda}, with no filter"),
            },
            Related { span: *place, message: "changes each time".to_owned() },
        ],
        anchor: format!("{id} {lambda} {}", access.function),
    }
}
