//! A table with lasting data that goes with its stack.

use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Care, CareKind, Facts, Lasting, TableFacts};
use crate::source::Span;

pub const RULE: Rule =
    Rule { name: "missing-deletion-policy", page: include_str!("../../rules/missing-deletion-policy.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let care = facts.care();
    let tables = facts.tables.len();
    let none_kept = (tables > 1 && facts.tables.iter().all(TableFacts::goes_with_its_stack))
        .then(|| format!(" None of the {tables} tables is kept or protected."));
    for table in facts.tables.iter().filter(|table| table.goes_with_its_stack()) {
        if let Some(lasting) = table.lasting(facts, care) {
            findings.push(finding(facts, table, related(facts, table, lasting), none_kept.as_deref()));
        }
    }
}

fn related(facts: &Facts, table: &TableFacts, lasting: Lasting) -> Vec<Related> {
    match lasting {
        Lasting::Recoverable(care) => vec![cared_for(care)],
        Lasting::Written(write, care) => {
            let access = facts.access(write).access;
            let how_long = table.longest_lifetime().map_or("that stay".to_owned(), |longest| format!("for {longest}"));
            let message = format!("{} leaves items {how_long}", access.operation);
            vec![Related { span: access.span, message }, cared_for(care)]
        }
    }
}

fn cared_for(care: Care) -> Related {
    let how = match care.kind {
        CareKind::Kept => "is kept",
        CareKind::Protected => "is protected",
        CareKind::Recoverable => "has point-in-time recovery",
    };
    Related { span: care.span, message: format!("{} {how}", care.table.resource.id) }
}

fn finding(facts: &Facts, table: &TableFacts, related: Vec<Related>, none_kept: Option<&str>) -> Finding {
    let table = table.table;
    let id = &table.resource.id;
    let as_written = |yaml| setting(facts, table.span, yaml);
    let written: Option<Span> = table.deletion_policy.values().next().map(|policy| policy.span);
    Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: Confidence::Likely,
        title: format!("{id} and its items are deleted with the stack"),
        message: format!(
            "Its DeletionPolicy is the default, Delete, and deletion protection is off: removing the resource or the \
             stack, or a change that replaces the table, deletes every item.{}",
            none_kept.unwrap_or_default()
        ),
        help: format!(
            "Set {} and {} beside the Type of {id}, or {} under its properties.",
            as_written("DeletionPolicy: Retain"),
            as_written("UpdateReplacePolicy: Retain"),
            as_written("DeletionProtectionEnabled: true")
        ),
        span: written.unwrap_or(table.span),
        label: "deleted with the stack".to_owned(),
        related,
        anchor: id.clone(),
    }
}
