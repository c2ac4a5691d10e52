//! A record that a Lambda fails on, and a table's stream that stops at it.

use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, FunctionFacts, FunctionId, TableFacts};
use crate::template::model::{Delivery, Setting, Trigger};
use std::collections::BTreeMap;

pub const RULE: Rule =
    Rule { name: "stream-poison-pill", page: include_str!("../../rules/stream-poison-pill.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        let mut sources: BTreeMap<FunctionId, Vec<(&Trigger, &Delivery)>> = BTreeMap::new();
        for (id, trigger) in &table.stream_consumers {
            if let Some(delivery) = trigger.delivery.as_ref().filter(|delivery| never_gives_up(delivery)) {
                sources.entry(*id).or_default().push((trigger, delivery));
            }
        }
        findings.extend(sources.iter().filter_map(|(id, sources)| finding(facts, table, facts.function(*id), sources)));
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

/// What is wrong with the event sources through which a table's stream invokes a Lambda.
fn finding(
    facts: &Facts,
    table: &TableFacts,
    function: &FunctionFacts,
    sources: &[(&Trigger, &Delivery)],
) -> Option<Finding> {
    let ((trigger, _), others) = sources.split_first()?;
    let id = &table.table.resource.id;
    let lambda = &function.function.resource.id;
    let as_written = |yaml| setting(facts, trigger.span, yaml);
    let mut lines = vec![as_written("MaximumRetryAttempts: 3")];
    if sources.iter().any(|(_, delivery)| matches!(delivery.bisects, Setting::Unset)) {
        lines.push(as_written("BisectBatchOnFunctionError: true"));
    }
    let has_destination = sources.iter().all(|(_, delivery)| delivery.has_destination);
    if !has_destination {
        let destination = as_written("DestinationConfig: {OnFailure: {Destination: …}}");
        lines.push(format!("{destination} with a queue that keeps what was given up"));
    }
    let places = others.iter().map(|(other, _)| Related { span: other.span, message: "and so here".to_owned() });
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: Confidence::Certain,
        title: format!("One record that {lambda} fails on stops the stream of {id} for a day"),
        message: format!(
            "A batch that fails is tried again until it succeeds or its records expire, 24 hours later, and nothing after it in \
             the shard is delivered meanwhile; then it is lost. No bound is set for attempts or age{}. Changes of {id} pile up \
             behind one record that {lambda} can't deal with.",
            if has_destination { "" } else { ", and nothing keeps what expires" }
        ),
        help: format!(
            "Add {} to {}.",
            super::describe::list(&lines),
            if others.is_empty() { "this event source" } else { "each of these event sources that lacks it" }
        ),
        span: trigger.span,
        label: "tried again without end".to_owned(),
        related: places
            .chain([
                Related { span: table.table.span, message: format!("the stream of {id}") },
                Related { span: function.function.span, message: format!("{lambda} is invoked") },
            ])
            .collect(),
        anchor: format!("{id} {lambda}"),
    })
}
