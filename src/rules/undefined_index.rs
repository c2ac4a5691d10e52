//! A read through an index that the table doesn't have.

use super::describe::{Reach, list};
use super::lookalike::{has_index, index_names, nearest};
use super::registry::Rule;
use super::{Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, IndexFacts, IndexStatus, Resolution, TableFacts};

pub const RULE: Rule = Rule { name: "undefined-index", page: include_str!("../../rules/undefined-index.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in &facts.accesses {
        let Resolution::Known(id) = access.table else { continue };
        let table = facts.table(id);
        for name in index_names(access) {
            if !has_index(table, name) {
                findings.push(finding(facts, access, table, name));
            }
        }
    }
}

fn finding(facts: &Facts, access: &AccessFacts, table: &TableFacts, name: &str) -> Finding {
    let id = &table.table.resource.id;
    let reach = Reach::of(facts, access);
    let severity = match reach {
        Reach::Lambdas(_) | Reach::Taken(..) | Reach::Perhaps(_) => Severity::Critical,
        Reach::Scripts | Reach::Dead => Severity::High,
    };
    let near = nearest(table, name);
    let has = match table.indexes.as_slice() {
        [] => format!("{id} has no index"),
        indexes => {
            let names: Vec<&str> = indexes.iter().map(|i| i.index.name.value.as_str()).collect();
            format!("{id} has {}", list(&names))
        }
    };
    let mut related = vec![Related { span: table.table.span, message: format!("{id} is declared here") }];
    related.extend(near.map(|index| Related { span: index.index.name.span, message: likeness(index) }));
    Finding {
        rule: RULE.name,
        severity,
        confidence: reach.confidence(),
        title: format!("`{}` reads {id} through an index that it doesn't have: {name}", access.access.function),
        message: format!(
            "The call fails with \"ValidationException: The table does not have the specified index: {name}\"; code that \
             catches the error takes it for an empty result. {has}. {}",
            reach.sentence()
        ),
        help: help(name, id, near),
        span: access.access.span,
        label: format!("{id} has no index {name}"),
        related,
        anchor: format!("{} {} {id} {name}", access.access.function, access.access.operation),
    }
}

fn likeness(index: &IndexFacts) -> String {
    let reads = if index.status == IndexStatus::Unused { ", which no live code reads" } else { "" };
    format!("the index most like it is {}{reads}", index.index.name.value)
}

fn help(name: &str, table: &str, near: Option<&IndexFacts>) -> String {
    let Some(index) = near else { return format!("Declare {name} on {table}, or read the table by its own key.") };
    let near = &index.index.name.value;
    let otherwise = match index.status {
        // The same place has a finding that says so.
        IndexStatus::Unused => format!("else declare {name} on {table}, and remove {near} as `unused-gsi` advises"),
        IndexStatus::Used | IndexStatus::Unknown => format!("else declare {name} on {table}"),
    };
    format!("If {near} is meant, write `IndexName=\"{near}\"` and check its key attributes; {otherwise}.")
}
