//! A read through an index that the table doesn't have.

use super::describe::{Reach, list};
use super::registry::Rule;
use super::{Finding, Related, Severity};
use crate::dynamodb::words::words;
use crate::facts::{AccessFacts, Facts, Resolution, TableFacts};

pub const RULE: Rule = Rule { name: "undefined-index", page: include_str!("../../rules/undefined-index.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in &facts.accesses {
        let Resolution::Known(id) = access.table else { continue };
        let table = facts.table(id);
        for name in index_names(access) {
            if !table.indexes.iter().any(|index| index.index.name.value == name) {
                findings.push(finding(facts, access, table, name));
            }
        }
    }
}

fn index_names<'f>(access: &'f AccessFacts) -> Vec<&'f str> {
    match &access.index {
        Resolution::Known(Some(name)) => vec![name],
        Resolution::Several(names) => names.iter().flatten().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn finding(facts: &Facts, access: &AccessFacts, table: &TableFacts, name: &str) -> Finding {
    let id = &table.table.resource.id;
    let reach = Reach::of(facts, access);
    let severity = match reach {
        Reach::Lambdas(_) | Reach::Perhaps(_) => Severity::Critical,
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
    related.extend(near.map(|index| Related {
        span: index.index.name.span,
        message: format!("the index most like it is {}", index.index.name.value),
    }));
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
        help: near.map_or_else(
            || format!("Declare {name} on {id}, or read the table by its own key."),
            |index| {
                format!(
                    "If {} is meant, write `IndexName=\"{0}\"` and check its key attributes; else declare {name} on {id}.",
                    index.index.name.value
                )
            },
        ),
        span: access.access.span,
        label: format!("{id} has no index {name}"),
        related,
        anchor: format!("{} {} {id} {name}", access.access.function, access.access.operation),
    }
}

/// The index with the most words in common, the longest common beginning deciding between equals.
fn nearest<'f, 'a>(table: &'f TableFacts<'a>, name: &str) -> Option<&'f crate::facts::IndexFacts<'a>> {
    let wanted = words(name);
    let likeness = |other: &str| {
        let shared = words(other).iter().filter(|word| word.as_str() != "index" && wanted.contains(word)).count();
        let beginning = name.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        (shared, beginning)
    };
    let best = table.indexes.iter().rev().max_by_key(|index| likeness(&index.index.name.value))?;
    let (shared, beginning) = likeness(&best.index.name.value);
    (shared > 0 || beginning >= 3).then_some(best)
}
