//! A loop that reads its items one by one.

use super::describe::{Reach, anchor, list, table_name};
use super::registry::Rule;
use super::{Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, Resolution, User};
use crate::flow::KeyLoop;
use std::collections::BTreeSet;

pub const RULE: Rule = Rule { name: "n-plus-one-get", page: include_str!("../../rules/n-plus-one-get.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in &facts.accesses {
        // A table whose name can't be told is one all the same: the fact says that each pass reads the same.
        if !matches!(access.table, Resolution::Several(_)) {
            findings.extend(access.key_loops.iter().map(|(key_loop, by)| finding(facts, access, key_loop, by)));
        }
    }
}

fn finding(facts: &Facts, access: &AccessFacts, key_loop: &KeyLoop, by: &BTreeSet<User>) -> Finding {
    let table = table_name(facts, access);
    let KeyLoop { call, over, variable, function } = key_loop;
    let reach = Reach::of_those(facts, access, by);
    let is_direct = *call == access.access.span;
    let through = if is_direct { String::new() } else { format!(", through `{}`", access.access.function) };
    let waits = match &reach {
        Reach::Lambdas(names) | Reach::Taken(names, _) => format!("{} waits", list(names)),
        _ => "it waits".to_owned(),
    };
    let mut related = vec![Related { span: *over, message: format!("the loop takes each `{variable}` from here") }];
    if !is_direct {
        related.push(Related { span: access.access.span, message: "this is the read of one item".to_owned() });
    }
    Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::Medium, facts),
        confidence: reach.confidence(),
        title: format!("`{function}` reads {table} once for each `{variable}`{through}"),
        message: format!(
            "Every pass of the loop is a request of its own, and {waits} for one answer before it asks for the next: a hundred \
             keys take a hundred round trips, where one `batch_get_item` takes one. {}",
            reach.sentence()
        ),
        help: format!(
            "Collect the keys first, each once, and ask for up to 100 at a time: `batch_get_item(RequestItems={{table.name: \
             {{\"Keys\": keys}}}})`. Ask again for what comes back in `UnprocessedKeys`, and look each `{variable}` up in what came: \
             the items are in no order, and those that don't exist are left out."
        ),
        span: *call,
        label: format!("one read for each `{variable}`"),
        related,
        anchor: anchor(facts, access),
    }
}
