//! A table with lasting data that goes with its stack.

use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessId, Facts, TableFacts};
use crate::source::Span;
use crate::template::model::{Setting, Table};

pub const RULE: Rule =
    Rule { name: "missing-deletion-policy", page: include_str!("../../rules/missing-deletion-policy.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let kept = facts.tables.iter().flat_map(TableFacts::declarations).find_map(kept);
    for table in &facts.tables {
        if table.declarations().all(is_unprotected)
            && !table.is_cache(facts)
            && let Some(reason) = lasting(facts, table, kept.as_ref())
        {
            findings.push(finding(table, reason));
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

/// What says that the table's data are meant to last: it can be restored, or a Lambda writes items that never expire,
/// and another table is kept.
fn lasting(facts: &Facts, table: &TableFacts, kept: Option<&Related>) -> Option<Related> {
    if let Setting::Is(on) = &table.table.pitr
        && on.value
    {
        let message = format!("{} has point-in-time recovery", table.table.resource.id);
        return Some(Related { span: on.span, message });
    }
    let writes = |access: &&AccessId| {
        let access = facts.access(**access);
        matches!(access.access.operation, Operation::PutItem | Operation::BatchWriteItem | Operation::UpdateItem)
            && !access.functions.is_empty()
    };
    table.accesses.iter().find(writes).and(kept).cloned()
}

fn finding(table: &TableFacts, reason: Related) -> Finding {
    let table = table.table;
    let id = &table.resource.id;
    let written: Option<Span> = table.deletion_policy.values().next().map(|policy| policy.span);
    Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: Confidence::Likely,
        title: format!("{id} and its items are deleted with the stack"),
        message:
            "Its DeletionPolicy is the default, Delete, and deletion protection is off: removing the resource or the \
                  stack, or a change that replaces the table, deletes every item."
                .to_owned(),
        help: format!(
            "Set `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` beside the Type of {id}, or \
             `DeletionProtectionEnabled: true` under its properties."
        ),
        span: written.unwrap_or(table.span),
        label: "deleted with the stack".to_owned(),
        related: vec![reason],
        anchor: id.clone(),
    }
}
