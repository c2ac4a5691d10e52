//! Failures that a handler reports one by one and nobody reads, or that are asked for and never reported.

use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, FunctionFacts};
use crate::template::model::{Delivery, Setting, Trigger, TriggerKind};

pub const RULE: Rule =
    Rule { name: "partial-batch-mismatch", page: include_str!("../../rules/partial-batch-mismatch.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for function in &facts.functions {
        let sources: Vec<(&Trigger, &Delivery)> = function
            .function
            .triggers
            .iter()
            .filter(|trigger| takes_reports(trigger.kind))
            .filter_map(|trigger| Some((trigger, trigger.delivery.as_ref()?)))
            .collect();
        // If one source asks for reports, they may be meant for that one.
        if sources.iter().all(|(_, delivery)| is_off(delivery)) {
            // What other events start the Lambda may be what the answer is for.
            let only = sources.first().filter(|_| function.function.triggers.len() == 1);
            findings.extend(only.and_then(|(trigger, _)| unread(facts, function, trigger)));
        } else if never_reports(facts, function) {
            let asking = sources.iter().find(|(_, delivery)| is_on(delivery));
            findings.extend(asking.map(|(trigger, _)| never_reported(function, trigger)));
        }
    }
}

fn never_reports(facts: &Facts, function: &FunctionFacts) -> bool {
    function.remarks.is_some_and(|remarks| !remarks.may_report_failures) && function.is_followed_whole(facts)
}

fn takes_reports(kind: TriggerKind) -> bool {
    matches!(kind, TriggerKind::TableStream | TriggerKind::Queue | TriggerKind::Stream)
}

fn is_off(delivery: &Delivery) -> bool {
    match &delivery.partial_responses {
        Setting::Unset => true,
        Setting::Is(on) => !on.value,
        Setting::Varies(_) | Setting::Unknown(_) => false,
    }
}

fn is_on(delivery: &Delivery) -> bool {
    matches!(&delivery.partial_responses, Setting::Is(on) if on.value)
}

/// The handler answers with failures, and they are taken for success.
fn unread(facts: &Facts, function: &FunctionFacts, trigger: &Trigger) -> Option<Finding> {
    let span = function.remarks?.reports_failures?;
    let id = &function.function.resource.id;
    let source = trigger.kind.label();
    Some(Finding {
        rule: RULE.name,
        severity: Severity::High,
        confidence: Confidence::Likely,
        title: format!("{id} reports failed records, and its event source doesn't read the report"),
        message: format!(
            "{id} is invoked by {source}. Without `ReportBatchItemFailures`, Lambda takes any answer for success: the records \
             that {id} names in `batchItemFailures` are neither tried again nor kept anywhere. They are lost without an error."
        ),
        help: format!(
            "Add {} to the event source.",
            setting(facts, trigger.span, "FunctionResponseTypes: [ReportBatchItemFailures]")
        ),
        span,
        label: "nobody reads this".to_owned(),
        related: vec![Related { span: trigger.span, message: "the event source".to_owned() }],
        anchor: format!("{id} unread"),
    })
}

fn never_reported(function: &FunctionFacts, trigger: &Trigger) -> Finding {
    let id = &function.function.resource.id;
    Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: Confidence::Likely,
        title: format!("{id} is to report failed records one by one, and never does"),
        message: format!(
            "The event source has `ReportBatchItemFailures`, but nothing that {id} loads returns `batchItemFailures`. One record \
             that fails makes the whole batch come again, those included that were dealt with; and a failure that the code \
             catches counts as success."
        ),
        help: "Return `{\"batchItemFailures\": [{\"itemIdentifier\": …}]}` with the message ids or sequence numbers of those that \
               failed; or remove `ReportBatchItemFailures`, if batches are to succeed or fail as a whole."
            .to_owned(),
        span: trigger.span,
        label: "asks for reports".to_owned(),
        related: vec![Related { span: function.function.span, message: format!("{id} never reports") }],
        anchor: format!("{id} never"),
    }
}
