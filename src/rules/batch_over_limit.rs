//! A batch or transaction of more requests than one call takes.

use super::describe::{Reach, anchor, table_name};
use super::registry::Rule;
use super::{Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts};

pub const RULE: Rule = Rule { name: "batch-over-limit", page: include_str!("../../rules/batch-over-limit.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    findings.extend(facts.accesses.iter().filter_map(|access| finding(facts, access)));
}

fn finding(facts: &Facts, access: &AccessFacts) -> Option<Finding> {
    let operation = access.access.operation;
    let (held, limit) = (access.held?, operation.most_requests()?);
    if held.count <= limit {
        return None;
    }
    let table = table_name(facts, access);
    let Words { what, error, remedy } = Words::of(operation)?;
    let count = held.count;
    let reach = Reach::of(facts, access);
    Some(Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::High, facts),
        confidence: reach.confidence(),
        title: format!("`{}` gives one {operation} {count} {what}, and it takes {limit}", access.access.function),
        message: format!(
            "One {operation} takes at most {limit} {what}; the list for {table} has at least {count} each time. The call fails \
             with \"ValidationException: {error}\", and nothing of it is done. {}",
            reach.sentence()
        ),
        help: remedy.to_owned(),
        span: access.access.span,
        label: format!("at least {count} {what}, {limit} are allowed"),
        related: vec![Related { span: held.span, message: format!("this makes {count} {what}") }],
        anchor: anchor(facts, access),
    })
}

/// What is said of an operation.
struct Words {
    what: &'static str,
    error: &'static str,
    remedy: &'static str,
}

impl Words {
    fn of(operation: Operation) -> Option<Self> {
        Some(match operation {
            Operation::BatchWriteItem => Self {
                what: "writes",
                error: "1 validation error detected: Value at 'requestItems' failed to satisfy constraint: Map value must satisfy \
                        constraint: [Member must have length less than or equal to 25, Member must have length greater than or \
                        equal to 1]",
                remedy: "Let boto3 cut the list and send the rest again: `with table.batch_writer() as batch:` and \
                         `batch.put_item(Item=…)` for each item. With a client, send `requests[i : i + 25]` for each `i` of \
                         `range(0, len(requests), 25)`, and what comes back in `UnprocessedItems` again.",
            },
            Operation::BatchGetItem => Self {
                what: "keys",
                error: "Too many items requested for the BatchGetItem call",
                remedy: "Ask for `keys[i : i + 100]` for each `i` of `range(0, len(keys), 100)`, for what comes back in \
                         `UnprocessedKeys` again, and collect the `Responses` of all calls.",
            },
            Operation::TransactWriteItems | Operation::TransactGetItems => Self {
                what: "items",
                error: "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length \
                        less than or equal to 100",
                remedy: "No transaction spans more than 100 items. Leave out what need not change together with the rest, or cut \
                         the list and make each part safe to repeat: a condition, or a `ClientRequestToken`.",
            },
            _ => return None,
        })
    }
}
