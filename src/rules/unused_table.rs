//! A table that nothing uses.

use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, NamedBy, TableFacts, Unused};
use crate::template::model::{Setting, Table};

pub const RULE: Rule = Rule { name: "unused-table", page: include_str!("../../rules/unused-table.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        if let Some(unused) = table.unused.as_ref().filter(|unused| unused.unseen.is_none()) {
            findings.push(finding(facts, table, unused));
        }
    }
}

fn finding(facts: &Facts, table: &TableFacts, unused: &Unused) -> Finding {
    let id = &table.table.resource.id;
    let related = unused.named.iter().map(|naming| Related { span: naming.span, message: named(facts, &naming.by) });
    let output = unused.named.iter().find_map(|naming| match &naming.by {
        NamedBy::Output(name) => Some(name),
        NamedBy::Variable(..) | NamedBy::Upkeep(_) => None,
    });
    let outside =
        output.map(|name| format!(" The output {name} names it: whoever reads that may use it.")).unwrap_or_default();
    Finding {
        rule: RULE.name,
        severity: Severity::Low,
        confidence: if output.is_some() { Confidence::Possible } else { Confidence::Likely },
        title: format!("Nothing {}uses {id}", if output.is_some() { "here " } else { "" }),
        message: format!(
            "No code makes a call on it, no policy names it, and no other resource of the templates works with it. {}, and \
             everybody who reads the template takes it for a part of the system.{outside}",
            costs(table.table)
        ),
        help: help(table.table, unused, output.is_some()),
        span: table.table.span,
        label: "nothing reads or writes it".to_owned(),
        related: related.collect(),
        anchor: id.clone(),
    }
}

fn named(facts: &Facts, by: &NamedBy) -> String {
    match by {
        NamedBy::Variable(function, name) => {
            format!(
                "{} is told of it in `{name}`, and makes no call on it",
                facts.function(*function).function.resource.id
            )
        }
        NamedBy::Output(name) => format!("the output {name} names it"),
        NamedBy::Upkeep(resource) => format!("{resource} names it, to watch or to keep it"),
    }
}

/// A clause on what the table costs while nothing uses it.
fn costs(table: &Table) -> &'static str {
    match &table.billing {
        Setting::Is(mode) if mode.value == "PAY_PER_REQUEST" => "What is stored in it and its backups are paid for",
        Setting::Is(_) => "Its provisioned capacity is paid for by the hour",
        Setting::Unset | Setting::Varies(_) | Setting::Unknown(_) => {
            "Its capacity and what is stored in it are paid for"
        }
    }
}

fn help(table: &Table, unused: &Unused, is_output: bool) -> String {
    let id = &table.resource.id;
    let rest = if unused.named.is_empty() { "" } else { " with what names it" };
    let retained = table.deletion_policy.values().any(|policy| policy.value.starts_with("Retain"));
    let kept = if retained { " Its DeletionPolicy keeps the table in the account: delete it there too." } else { "" };
    let first = if is_output {
        "Ask who reads the output. If nobody does, remove"
    } else {
        "Look whether it holds items that somebody wants; then remove"
    };
    format!("{first} {id} from the template{rest}.{kept}")
}
