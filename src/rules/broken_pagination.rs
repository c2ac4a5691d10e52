//! A Query or Scan that means to read every page and doesn't.

use super::describe::{Reach, anchor, list, quoted, table_name};
use super::registry::Rule;
use super::{Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, AccessId, Broken, Difference, Facts};
use crate::source::Span;

pub const RULE: Rule =
    Rule { name: "broken-pagination", page: include_str!("../../rules/broken-pagination.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in &facts.accesses {
        let claim = access.broken.as_ref().and_then(|broken| claim(facts, access, broken));
        findings.extend(claim.map(|claim| finding(facts, access, claim)));
    }
}

/// What is said of a call: what the function does, and why that goes wrong; what to do; and the other call.
struct Claim {
    does: String,
    message: String,
    help: String,
    label: &'static str,
    related: Option<(Span, &'static str)>,
}

fn finding(facts: &Facts, access: &AccessFacts, claim: Claim) -> Finding {
    let reach = Reach::of(facts, access);
    let related = claim.related.map(|(span, message)| Related { span, message: message.to_owned() });
    Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::Critical, facts),
        confidence: reach.confidence(),
        title: format!("`{}` {}", access.access.function, claim.does),
        message: format!("{} {}", claim.message, reach.sentence()),
        help: claim.help,
        span: access.access.span,
        label: claim.label.to_owned(),
        related: related.into_iter().collect(),
        anchor: anchor(facts, access),
    }
}

fn claim(facts: &Facts, access: &AccessFacts, broken: &Broken) -> Option<Claim> {
    let table = table_name(facts, access);
    let operation = access.access.operation;
    let at = |id: AccessId| facts.access(id).access.span;
    Some(match broken {
        Broken::ByContinuation(_) => return None,
        Broken::OneMore(first) => Claim {
            does: format!("reads two pages of {table} and no more"),
            message: format!(
                "A {operation} returns at most 1 MB a call. This one reads the second page, and its own \
                 LastEvaluatedKey is never read: what lies beyond that page is left out without an error."
            ),
            help: "Make the `if` a `while` on the last response's LastEvaluatedKey: assign both calls' responses to the \
                   same variable, and collect `Items` of each."
                .to_owned(),
            label: "its LastEvaluatedKey is dropped",
            related: Some((at(*first), "the first page")),
        },
        Broken::NeverAdvances(from) => Claim {
            does: format!("reads the same page of {table} again and again"),
            message: format!(
                "{} As soon as the items outgrow a page, the loop takes in the same ones over and over; where nothing \
                 else ends it, the Lambda runs into its time limit, and every pass is paid for.",
                match from {
                    Some(_) =>
                        "Every pass of the loop starts at the LastEvaluatedKey of a call before the loop, and nothing \
                         replaces it by that of the page just read.",
                    None =>
                        "The loop goes on until there is no LastEvaluatedKey, but the call isn't given it as \
                         ExclusiveStartKey, so every pass reads the first page.",
                }
            ),
            help: "Give each call `ExclusiveStartKey=response[\"LastEvaluatedKey\"]` of the page just read: assign both calls' \
                   responses to the same variable."
                .to_owned(),
            label: "starts at the same key in every pass",
            related: from.map(|from| (at(from), "every pass starts where this call ended")),
        },
        Broken::Overwrites => Claim {
            does: format!("keeps only the last page of {table}"),
            message: "The loop reads every page, but each takes the place of the one before, which nobody has looked at. \
                      Once the items outgrow a page, only those of the last page are left, without an error."
                .to_owned(),
            help: "Collect the items: `items.extend(response[\"Items\"])` in the loop.".to_owned(),
            label: "each page replaces the one before",
            related: None,
        },
        Broken::Drops(used) => Claim {
            does: format!("gathers every page of {table} and uses the last one alone"),
            message: "The loop gathers every page, but below it the items are taken from the last response, and what was \
                      gathered is never read. Once the items outgrow a page, only those of the last page are used, without \
                      an error."
                .to_owned(),
            help: "Use what the loop has gathered, and take out the line that reads `Items` of the last response.".to_owned(),
            label: "its pages are gathered for nothing",
            related: Some((*used, "the last page is used as if it were all")),
        },
        Broken::Differs(first, differences) => differs(facts, access, *first, differences),
    })
}

fn differs(facts: &Facts, access: &AccessFacts, first: AccessId, differences: &[Difference]) -> Claim {
    let table = table_name(facts, access);
    let lacks: Vec<String> = differences.iter().map(lack).collect();
    // The first is the worst, but for a missing key condition: that is looked at before anything else.
    let unasked = differences.iter().find(|difference| matches!(difference, Difference::KeyCondition));
    let follows = unasked.or(differences.first()).map_or("", |worst| consequence(worst, access.access.operation));
    Claim {
        does: format!("goes on through {table} with another query than it began with"),
        message: format!(
            "This call starts at the LastEvaluatedKey of an earlier one, but {}. {follows}",
            list(&lacks)
        ),
        help: "Make both calls from the same arguments, and add only `ExclusiveStartKey`: `query = {…}`, `table.query(**query)`, \
               then `table.query(**query, ExclusiveStartKey=…)`."
            .to_owned(),
        label: "asks for something else than the first call",
        related: Some((facts.access(first).access.span, "the first page")),
    }
}

fn lack(difference: &Difference) -> String {
    match difference {
        Difference::Table => "reads another table".to_owned(),
        Difference::Index(name) => format!("doesn't read the index {name} as that does"),
        Difference::KeyCondition => "has no key condition".to_owned(),
        Difference::KeyAttributes(names) => format!("demands nothing of {}", list(&quoted(names))),
        Difference::Filter => "drops its filter".to_owned(),
    }
}

fn consequence(difference: &Difference, operation: Operation) -> &'static str {
    match difference {
        Difference::Table => "A key of one table is no place in the other, so items are left out, or the call fails.",
        Difference::Index(_) => {
            "An index's key is no key of the table or of another index, so the call fails with \"ValidationException: \
             The provided starting key is invalid\"."
        }
        Difference::KeyCondition if operation == Operation::Query => {
            "The call fails with \"ValidationException: Either the KeyConditions or KeyConditionExpression parameter must \
             be specified in the request.\"."
        }
        Difference::KeyCondition => "From the second page on it reads the whole table.",
        Difference::KeyAttributes(_) => {
            "From the second page on it returns items of the partition that the first call's condition leaves out."
        }
        Difference::Filter => "From the second page on, items come that the filter would have left out.",
    }
}
