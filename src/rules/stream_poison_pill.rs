//! A record that a Lambda fails on, and a table's stream that stops at it.

use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, FunctionFacts, TableFacts};
use crate::template::model::{Delivery, Setting, Trigger};

pub const RULE: Rule =
    Rule { name: "stream-poison-pill", page: include_str!("../../rules/stream-poison-pill.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        for (id, trigger) in &table.stream_consumers {
            if let Some(delivery) = trigger.delivery.as_ref().filter(|delivery| never_gives_up(delivery)) {
                findings.push(finding(table, facts.function(*id), trigger, delivery));
            }
        }
    }
}

/// Whether neither attempts nor age are bounded: -1, the default, is without bound.
fn never_gives_up(delivery: &Delivery) -> bool {
    let without_bound = |setting: &Setting<String>| match setting {
        Setting::Unset => true,
        Setting::Is(value) => value.value == "-1",
        Setting::Varies(_) | Setting::Unknown(_) => false,
    };
    without_bound(&delivery.retries) && without_bound(&delivery.record_age)
}

fn finding(table: &TableFacts, function: &FunctionFacts, trigger: &Trigger, delivery: &Delivery) -> Finding {
    let id = &table.table.resource.id;
    let lambda = &function.function.resource.id;
    let mut lines = vec!["`MaximumRetryAttempts: 3`"];
    if matches!(delivery.bisects, Setting::Unset) {
        lines.push("`BisectBatchOnFunctionError: true`");
    }
    if !delivery.has_destination {
        lines.push("`DestinationConfig: {OnFailure: {Destination: …}}` with a queue that keeps what was given up");
    }
    Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: Confidence::Certain,
        title: format!("One record that {lambda} fails on stops the stream of {id} for a day"),
        message: format!(
            "A batch that fails is tried again until it succeeds or its records expire, 24 hours later, and nothing after it in \
             the shard is delivered meanwhile; then it is lost. No bound is set for attempts or age{}. Changes of {id} pile up \
             behind one record that {lambda} can't deal with.",
            if delivery.has_destination { "" } else { ", and nothing keeps what expires" }
        ),
        help: format!("Add {} to this event source.", super::describe::list(&lines)),
        span: trigger.span,
        label: "tried again without end".to_owned(),
        related: vec![
            Related { span: table.table.span, message: format!("the stream of {id}") },
            Related { span: function.function.span, message: format!("{lambda} is invoked") },
        ],
        anchor: format!("{id} {lambda}"),
    }
}
