//! What rules say alike of a Query or Scan whose first page is taken for all.

use super::describe::{Reach, anchor, index_name};
use super::every_page::{EveryPage, every_page};
use super::lookalike::has_index;
use super::{Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, Resolution, Shortfall};
use crate::flow::{Access, ItemUse, PageFlow, Presence};

/// What a rule says of such a call; what to do follows from the call.
pub(super) struct Claim {
    /// As [`Finding::title`].
    pub title: String,
    /// As [`Finding::message`], without who reaches it.
    pub message: String,
    /// As [`Finding::label`].
    pub label: &'static str,
}

/// A finding for each call of this kind.
pub(super) fn each_shortfall(
    rule: &'static str,
    kind: Shortfall,
    facts: &Facts,
    findings: &mut Vec<Finding>,
    say: impl Fn(&Facts, &AccessFacts, &PageFlow) -> Claim,
) {
    for access in facts.accesses.iter().filter(|access| access.shortfall() == Some(kind)) {
        let Some(pages) = &access.access.pages else { continue };
        let claim = say(facts, access, pages);
        let reach = Reach::of(facts, access);
        findings.push(Finding {
            rule,
            severity: reach.lower(Severity::High, facts),
            confidence: reach.confidence(),
            title: claim.title,
            message: format!(
                "{}{} {}{}",
                fails_first(facts, access),
                claim.message,
                told_apart(access, pages),
                reach.sentence()
            ),
            help: help(access.access, pages),
            span: access.access.span,
            label: claim.label.to_owned(),
            related: callers(pages),
            anchor: anchor(facts, access),
        });
    }
}

/// What comes of it, to whoever uses the items.
pub(super) fn consequence(pages: &PageFlow) -> &'static str {
    match pages.items {
        ItemUse::First | ItemUse::Existence => "An item that is there can be taken for missing.",
        _ if pages.count != Presence::Never => "The number comes out too low, without an error.",
        _ => "Once the items outgrow a page, the rest is left out without an error.",
    }
}

/// That what is said is of some callers only.
fn told_apart(access: &AccessFacts, pages: &PageFlow) -> String {
    if pages.of_some.is_none() {
        return String::new();
    }
    format!(
        "Other callers of `{}` go on with LastEvaluatedKey, or hand it on; this is about those that don't. ",
        access.access.function
    )
}

/// The calls that this is about, where others come here too.
fn callers(pages: &PageFlow) -> Vec<Related> {
    let calls = pages.of_some.iter().flatten();
    calls.map(|call| Related { span: *call, message: "takes the first page for all".to_owned() }).collect()
}

/// A call through an index that isn't there fails before there is a page; mended, it is as bad as the others.
fn fails_first(facts: &Facts, access: &AccessFacts) -> String {
    let Resolution::Known(id) = access.table else { return String::new() };
    let table = facts.table(id);
    match index_name(access).filter(|name| !has_index(table, name)) {
        Some(name) => format!(
            "As it stands this call fails, because {} has no index {name} (`undefined-index`); once that is mended, this \
             follows. ",
            table.table.resource.id
        ),
        None => String::new(),
    }
}

fn help(access: &Access, pages: &PageFlow) -> String {
    if pages.of_some.is_some() {
        return format!(
            "Let these callers go on as the others do: call `{}` again with the key that the last page ended at, until there \
             is none. A loop in `{0}` itself would change what the others get.",
            access.function
        );
    }
    match access.shape.as_ref().and_then(|shape| every_page(shape, pages)) {
        Some(EveryPage { what, code, then }) => {
            let code = code.iter().map(|line| format!("\n    {line}"));
            let then = if then.is_empty() { then } else { format!("\n{then}") };
            format!("{what}{}{then}", code.collect::<String>())
        }
        None => in_words(access.operation, pages),
    }
}

/// For calls that can't be written again without knowing more.
fn in_words(operation: Operation, pages: &PageFlow) -> String {
    let method = operation.method();
    let each = if pages.count != Presence::Never {
        "add up `Count` over the pages".to_owned()
    } else if matches!(pages.items, ItemUse::First | ItemUse::Existence) {
        "stop at the first item found".to_owned()
    } else if pages.limit != Presence::Never {
        "stop once as many items are collected as the caller asked for, and cut the list there: in a plain loop `Limit` \
         is only the size of a page, and the loop would return everything"
            .to_owned()
    } else {
        "collect `Items` of every page".to_owned()
    };
    format!(
        "Repeat the call with `ExclusiveStartKey=response[\"LastEvaluatedKey\"]` while the response has one, and {each}. \
         A boto3 client does this with `get_paginator(\"{method}\")`."
    )
}
