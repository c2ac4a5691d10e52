//! A table with lasting data that goes with its stack.

use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, TableFacts};
use crate::source::Span;
use crate::template::model::{Setting, Table};

pub const RULE: Rule =
    Rule { name: "missing-deletion-policy", page: include_str!("../../rules/missing-deletion-policy.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let declarations = || facts.tables.iter().flat_map(TableFacts::declarations);
    let cared_for = declarations().find_map(kept).or_else(|| declarations().find_map(recoverable));
    let tables = facts.tables.len();
    let none_kept = (tables > 1 && declarations().all(is_unprotected))
        .then(|| format!(" None of the {tables} tables is kept or protected."));
    for table in &facts.tables {
        if table.declarations().all(is_unprotected)
            && !table.is_cache(facts)
            && let Some(reasons) = lasting(facts, table, cared_for.as_ref())
        {
            findings.push(finding(table, reasons, none_kept.as_deref()));
        }
    }
}

/// What keeps a table on every branch.
fn kept(table: &Table) -> Option<Related> {
    let id = &table.resource.id;
    match (&table.deletion_policy, &table.deletion_protection) {
        (Setting::Is(policy), _) if policy.value != "Delete" => {
            Some(Related { span: policy.span, message: format!("{id} is kept") })
        }
        (_, Setting::Is(on)) if on.value => Some(Related { span: on.span, message: format!("{id} is protected") }),
        _ => None,
    }
}

/// Neither kept on deletion nor protected from it, on any branch.
fn is_unprotected(table: &Table) -> bool {
    let deleted = match &table.deletion_policy {
        Setting::Unset => true,
        Setting::Is(policy) => policy.value == "Delete",
        Setting::Varies(_) | Setting::Unknown(_) => false,
    };
    let open = match &table.deletion_protection {
        Setting::Unset => true,
        Setting::Is(on) => !on.value,
        Setting::Varies(_) | Setting::Unknown(_) => false,
    };
    deleted && open
}

/// A table that can be restored.
fn recoverable(table: &Table) -> Option<Related> {
    match &table.pitr {
        Setting::Is(on) if on.value => {
            let message = format!("{} has point-in-time recovery", table.resource.id);
            Some(Related { span: on.span, message })
        }
        _ => None,
    }
}

/// What says that the table's data are meant to last: it can be restored; or a Lambda writes items that nothing takes
/// away, and the data of another table are cared for.
fn lasting(facts: &Facts, table: &TableFacts, cared_for: Option<&Related>) -> Option<Vec<Related>> {
    if let Some(own) = recoverable(table.table) {
        return Some(vec![own]);
    }
    let access = facts.access(table.lasting_write(facts)?).access;
    let message = match table.longest_lifetime() {
        Some(longest) => format!("{} leaves items for {longest}", access.operation),
        None => format!("{} leaves items that stay", access.operation),
    };
    let write = Related { span: access.span, message };
    Some(vec![write, cared_for?.clone()])
}

fn finding(table: &TableFacts, related: Vec<Related>, none_kept: Option<&str>) -> Finding {
    let table = table.table;
    let id = &table.resource.id;
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
            "Set `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` beside the Type of {id}, or \
             `DeletionProtectionEnabled: true` under its properties."
        ),
        span: written.unwrap_or(table.span),
        label: "deleted with the stack".to_owned(),
        related,
        anchor: id.clone(),
    }
}
