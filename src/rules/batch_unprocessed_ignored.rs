//! A batch call whose leftovers nobody sees.

use super::describe::{Reach, anchor, table_name};
use super::registry::Rule;
use super::{Finding, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts};

pub const RULE: Rule =
    Rule { name: "batch-unprocessed-ignored", page: include_str!("../../rules/batch-unprocessed-ignored.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in facts.accesses.iter().filter(|access| access.access.left_unseen) {
        findings.extend(finding(facts, access));
    }
}

fn finding(facts: &Facts, access: &AccessFacts) -> Option<Finding> {
    let table = table_name(facts, access);
    let function = &access.access.function;
    let (severity, title, message, help) = match access.access.operation {
        Operation::BatchWriteItem => (
            Severity::Critical,
            format!("`{function}` loses what a batch write to {table} leaves undone"),
            "When DynamoDB is short of capacity, it writes a part of a batch and answers as if all were well: what it left \
             undone is in `UnprocessedItems` of the response, and nothing here looks at it. Those puts and deletes are lost \
             without an error.",
            "Let boto3 send the rest again: `with table.batch_writer() as batch:` and `batch.put_item(Item=…)` for each item. \
             With a client, call `batch_write_item(RequestItems=response[\"UnprocessedItems\"])` after a growing pause until \
             there is nothing left.",
        ),
        Operation::BatchGetItem => (
            Severity::High,
            format!("`{function}` takes a part of a batch read of {table} for all"),
            "When DynamoDB is short of capacity, or the items exceed 16 MB, it reads a part of a batch and answers as if all were \
             well: the keys that it left out are in `UnprocessedKeys` of the response, and nothing here looks at it. Items that \
             are there are taken for missing, without an error.",
            "Call `batch_get_item(RequestItems=response[\"UnprocessedKeys\"])` after a growing pause until there is nothing \
             left, and collect `Responses` of each call.",
        ),
        _ => return None,
    };
    let reach = Reach::of(facts, access);
    Some(Finding {
        rule: RULE.name,
        severity: reach.lower(severity, facts),
        confidence: reach.confidence(),
        title,
        message: format!("{message} {}", reach.sentence()),
        help: help.to_owned(),
        span: access.access.span,
        label: "what is left undone is never looked at".to_owned(),
        related: Vec::new(),
        anchor: anchor(facts, access),
    })
}
