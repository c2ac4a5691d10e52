//! A Query or Scan whose first page is used as if it were all.

use super::describe::{Reach, anchor, index_name, table_name};
use super::every_page::{EveryPage, every_page};
use super::lookalike::has_index;
use super::registry::Rule;
use super::{Finding, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, Pagination, PaginationStatus, Resolution};
use crate::flow::{Access, ItemUse, PageFlow, Presence};

pub const RULE: Rule =
    Rule { name: "missing-pagination", page: include_str!("../../rules/missing-pagination.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in &facts.accesses {
        // A loop that goes wrong is told of as such.
        let (Some(pages), None) = (&access.access.pages, &access.broken) else { continue };
        if let Some(verdict) = access.pagination.as_ref().filter(|p| p.status == PaginationStatus::Missing) {
            findings.push(finding(facts, access, pages, verdict));
        }
    }
}

fn finding(facts: &Facts, access: &AccessFacts, pages: &PageFlow, verdict: &Pagination) -> Finding {
    let reach = Reach::of(facts, access);
    let index = index_name(access).map(|name| format!(" through {name}")).unwrap_or_default();
    let operation = access.access.operation;
    Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::High, facts),
        confidence: reach.confidence(),
        title: format!("`{}` reads only one page of {}{index}", access.access.function, table_name(facts, access)),
        message: format!(
            "{}A {operation} returns at most 1 MB a call{}. Here {}. {} {}",
            fails_first(facts, access),
            if pages.filter == Presence::Never { "" } else { ", counted before the filter" },
            verdict.reason,
            consequence(pages),
            reach.sentence()
        ),
        help: help(access.access, pages),
        span: access.access.span,
        label: "only one page is read".to_owned(),
        related: Vec::new(),
        anchor: anchor(facts, access),
    }
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

fn consequence(pages: &PageFlow) -> &'static str {
    match pages.items {
        ItemUse::First | ItemUse::Existence => "An item that is there can be taken for missing.",
        _ if pages.count != Presence::Never => "The number comes out too low, without an error.",
        _ => "Once the items outgrow a page, the rest is left out without an error.",
    }
}

fn help(access: &Access, pages: &PageFlow) -> String {
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
