//! Tables of one system that call their TTL attribute differently.

use super::describe::list;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::Facts;
use crate::source::Span;
use crate::template::model::Setting;

pub const RULE: Rule = Rule { name: "ttl-naming", page: include_str!("../../rules/ttl-naming.md"), check };

struct Name<'f> {
    attribute: &'f str,
    tables: Vec<(&'f str, Span)>,
}

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let mut names: Vec<Name> = Vec::new();
    for table in facts.tables.iter().map(|t| t.table) {
        let Setting::Is(attribute) = &table.ttl else { continue };
        let user = (table.resource.id.as_str(), attribute.span);
        match names.iter_mut().find(|name| name.attribute == attribute.value) {
            Some(name) => name.tables.push(user),
            None => names.push(Name { attribute: &attribute.value, tables: vec![user] }),
        }
    }
    // Stable: of names used equally often, the first of the template leads.
    names.sort_by_key(|name| std::cmp::Reverse(name.tables.len()));
    if let [common, others @ ..] = names.as_slice()
        && let Some(span) = others.iter().flat_map(|name| &name.tables).map(|(_, span)| *span).min()
    {
        findings.push(finding(common, others, span));
    }
}

fn finding(common: &Name, others: &[Name], span: Span) -> Finding {
    let all = || std::iter::once(common).chain(others);
    let is_ahead = others.iter().all(|other| other.tables.len() < common.tables.len());
    let which = if is_ahead { format!(" (`{}` is the most used)", common.attribute) } else { String::new() };
    let attributes: Vec<String> = all().map(|name| format!("`{}`", name.attribute)).collect();
    let users = all().map(|name| {
        let tables: Vec<&str> = name.tables.iter().map(|(id, _)| *id).collect();
        format!("`{}`: {}", name.attribute, list(&tables))
    });
    // One table of each name first: who sees only the beginning has seen every name.
    let mut related: Vec<(usize, Related)> = all()
        .flat_map(|name| {
            let message = |id| format!("{id} uses `{}`", name.attribute);
            name.tables
                .iter()
                .enumerate()
                .map(move |(i, (id, span))| (i, Related { span: *span, message: message(id) }))
        })
        .filter(|(_, place)| place.span != span)
        .collect();
    related.sort_by_key(|(nth, _)| *nth);
    Finding {
        rule: RULE.name,
        severity: Severity::Low,
        confidence: Confidence::Certain,
        title: format!("{} names for one thing: the TTL attribute is {}", attributes.len(), list(&attributes)),
        message: format!(
            "Each works, but code that is moved from one table to another sets the wrong attribute, and such items never \
             expire. {}.",
            users.collect::<Vec<_>>().join("; ")
        ),
        help: format!(
            "Settle on one name for new tables{which} and change the others when their items are migrated: a table has one \
             TTL attribute, and items keep the one that they were written with."
        ),
        span,
        label: "differs from the other tables".to_owned(),
        related: related.into_iter().map(|(_, place)| place).collect(),
        anchor: "ttl attribute names".to_owned(),
    }
}
