//! A table without point-in-time recovery beside tables that have it.

use super::describe::list;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{Facts, TableFacts};
use crate::source::Span;
use crate::template::model::Setting;

pub const RULE: Rule = Rule { name: "missing-pitr", page: include_str!("../../rules/missing-pitr.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let covered: Vec<(&str, Span)> = facts
        .tables
        .iter()
        .filter_map(|table| match &table.table.pitr {
            Setting::Is(on) if on.value => Some((table.table.resource.id.as_str(), on.span)),
            _ => None,
        })
        .collect();
    if covered.is_empty() {
        return;
    }
    for table in &facts.tables {
        match &table.table.pitr {
            Setting::Unset => findings.push(finding(facts, table, &covered, table.table.span)),
            Setting::Is(on) if !on.value => findings.push(finding(facts, table, &covered, on.span)),
            Setting::Is(_) | Setting::Varies(_) | Setting::Unknown(_) => {}
        }
    }
}

fn finding(facts: &Facts, table: &TableFacts, covered: &[(&str, Span)], span: Span) -> Finding {
    let id = &table.table.resource.id;
    let cache = is_cache(facts, table);
    let others: Vec<&str> = covered.iter().map(|(id, _)| *id).collect();
    let why = if cache {
        "Every item is written with a TTL, so less is lost than elsewhere."
    } else {
        "A bad deployment or a stray delete can't be undone: without it there is nothing to restore from."
    };
    Finding {
        rule: RULE.name,
        severity: if cache { Severity::Low } else { Severity::Medium },
        confidence: Confidence::Certain,
        title: format!("{id} has no point-in-time recovery, unlike {}", list(&others)),
        message: why.to_owned(),
        help: "Set `PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}` under its properties. Where \
               the data can be made anew it may stay off."
            .to_owned(),
        span,
        label: "point-in-time recovery is off".to_owned(),
        related: covered.iter().map(|(id, span)| Related { span: *span, message: format!("{id} has it") }).collect(),
        anchor: id.clone(),
    }
}

/// Whether every item is written with the table's TTL attribute.
fn is_cache(facts: &Facts, table: &TableFacts) -> bool {
    let Setting::Is(ttl) = &table.table.ttl else { return false };
    let mut puts = table
        .accesses
        .iter()
        .filter(|id| matches!(facts.access(**id).access.operation, Operation::PutItem | Operation::BatchWriteItem))
        .filter(|id| facts.access(**id).access.observations.iter().any(|o| !o.writes.is_empty()))
        .peekable();
    let expires = |id: &&crate::facts::AccessId| {
        table.ttl_writes.iter().any(|site| site.access == **id && site.attribute == ttl.value)
    };
    puts.peek().is_some() && puts.all(|id| expires(&id))
}
