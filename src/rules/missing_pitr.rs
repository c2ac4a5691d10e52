//! A table without point-in-time recovery beside tables that have it.

use super::describe::list;
use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, TableFacts};
use crate::source::Span;
use crate::template::model::{Setting, Table};

pub const RULE: Rule = Rule { name: "missing-pitr", page: include_str!("../../rules/missing-pitr.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let covered: Vec<(&str, Span)> = facts
        .tables
        .iter()
        .flat_map(TableFacts::declarations)
        .filter_map(|table| match &table.pitr {
            Setting::Is(on) if on.value => Some((table.resource.id.as_str(), on.span)),
            _ => None,
        })
        .collect();
    if covered.is_empty() {
        return;
    }
    for table in facts.tables.iter().filter(|table| table.declarations().all(is_off)) {
        match &table.table.pitr {
            Setting::Unset => findings.push(finding(facts, table, &covered, table.table.span)),
            Setting::Is(on) if !on.value => findings.push(finding(facts, table, &covered, on.span)),
            Setting::Is(_) | Setting::Varies(_) | Setting::Unknown(_) => {}
        }
    }
}

fn is_off(table: &Table) -> bool {
    match &table.pitr {
        Setting::Unset => true,
        Setting::Is(on) => !on.value,
        Setting::Varies(_) | Setting::Unknown(_) => false,
    }
}

fn finding(facts: &Facts, table: &TableFacts, covered: &[(&str, Span)], span: Span) -> Finding {
    let id = &table.table.resource.id;
    let cache = table.is_cache(facts);
    let why = if cache {
        "Every item is written with a TTL, so less is lost than elsewhere."
    } else {
        "A bad deployment or a stray delete can't be undone: without it there is nothing to restore from."
    };
    let kept = table.longest_lifetime().filter(|_| !cache).map(|longest| format!(" Items are kept for {longest}."));
    Finding {
        rule: RULE.name,
        severity: if cache { Severity::Low } else { Severity::Medium },
        confidence: Confidence::Certain,
        title: format!("{id} has no point-in-time recovery, unlike {}", others(covered)),
        message: why.to_owned() + kept.as_deref().unwrap_or_default(),
        help: format!(
            "Set {} under its properties. Where the data can be made anew it may stay off.",
            setting(facts, span, "PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}")
        ),
        span,
        label: "point-in-time recovery is off".to_owned(),
        related: covered
            .iter()
            .take(1)
            .map(|(id, span)| Related { span: *span, message: format!("{id} has it") })
            .collect(),
        anchor: id.clone(),
    }
}

/// One or two names; of more, one and how many others.
fn others(covered: &[(&str, Span)]) -> String {
    match covered {
        [(first, _), _, rest @ ..] if !rest.is_empty() => format!("{first} and {} other tables", rest.len() + 1),
        few => list(&few.iter().map(|(id, _)| *id).collect::<Vec<_>>()),
    }
}
