//! Code sets an expiry that the table's TTL doesn't look at.

use super::describe::{Reach, count};
use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::words::words;
use crate::facts::{AttributeSite, Facts, TableFacts, User};
use crate::source::Span;
use crate::template::model::Setting;
use std::collections::BTreeSet;

pub const RULE: Rule =
    Rule { name: "ttl-attribute-mismatch", page: include_str!("../../rules/ttl-attribute-mismatch.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        let own = match &table.table.ttl {
            Setting::Is(attribute) => Some((attribute.value.as_str(), attribute.span)),
            Setting::Unset => None,
            Setting::Varies(_) | Setting::Unknown(_) => continue,
        };
        // Of two declarations that stand for one table, either may be the one that code was written for.
        if table.alternatives.iter().any(|other| !same_attribute(&other.ttl, &table.table.ttl)) {
            continue;
        }
        if set_by_code(facts, table) || own.is_some_and(|(name, _)| is_written(table, name)) {
            continue;
        }
        let attributes: BTreeSet<&str> = table.ttl_writes.iter().map(|site| site.attribute.as_str()).collect();
        // A time that an index is sorted by is what queries look for, and no expiry.
        let is_key = |attribute: &str| {
            let indexes = table.table.indexes.iter().flat_map(|index| &index.keys);
            indexes.chain(&table.table.keys).any(|key| key.attribute.value == attribute)
        };
        for attribute in attributes.into_iter().filter(|attribute| !is_key(attribute)) {
            let sites: Vec<&AttributeSite> = table
                .ttl_writes
                .iter()
                .filter(|site| site.attribute == attribute && (own.is_none() || writes_are_whole(facts, site)))
                .collect();
            if own.is_none() && !is_named_ttl(attribute) && !are_times(&sites) {
                continue;
            }
            if let Some(first) = sites.first() {
                findings.push(finding(facts, table, own, first, &sites));
            }
        }
    }
}

fn same_attribute(a: &Setting<String>, b: &Setting<String>) -> bool {
    let name = |setting: &Setting<String>| match setting {
        Setting::Is(attribute) => Some(attribute.value.clone()),
        _ => None,
    };
    name(a) == name(b)
}

fn set_by_code(facts: &Facts, table: &TableFacts) -> bool {
    let mut accesses = table.accesses.iter().chain(&table.possible_accesses);
    accesses.any(|id| facts.access(*id).access.operation == Operation::UpdateTimeToLive)
}

fn is_written(table: &TableFacts, attribute: &str) -> bool {
    table.ttl_writes.iter().any(|site| site.attribute == attribute)
}

fn is_named_ttl(attribute: &str) -> bool {
    words(attribute).iter().any(|word| word == "ttl")
}

/// Whether what is written is a time that DynamoDB could go by. Under a name such as `expires_at`, a string or a number from
/// elsewhere is as often a date that people read: of a subscription, of a contract.
fn are_times(sites: &[&AttributeSite]) -> bool {
    sites.iter().any(|site| site.in_seconds) && sites.iter().all(|site| site.form.is_none())
}

/// Whether everything that the call writes is known, so that the table's own attribute isn't among it.
fn writes_are_whole(facts: &Facts, site: &AttributeSite) -> bool {
    facts.access(site.access).access.observations.iter().all(|o| o.writes_complete)
}

fn finding(
    facts: &Facts,
    table: &TableFacts,
    own: Option<(&str, Span)>,
    first: &AttributeSite,
    sites: &[&AttributeSite],
) -> Finding {
    let id = &table.table.resource.id;
    let attribute = &first.attribute;
    let access = facts.access(first.access);
    let users: BTreeSet<User> = sites.iter().flat_map(|site| site.users.iter().copied()).collect();
    let reach = Reach::of_writers(facts, access, &users);
    let confidence = if own.is_none() && !is_named_ttl(attribute) {
        Confidence::Possible
    } else {
        reach.confidence().min(Confidence::Likely)
    };
    let (title, why, help) = match own {
        Some((name, _)) => (
            format!("{id} expires items by `{name}`, and code writes `{attribute}`"),
            format!("DynamoDB deletes an item at the time in `{name}` and looks at nothing else."),
            format!("Write `{name}` instead of `{attribute}`, or set the table's TTL attribute to `{attribute}`."),
        ),
        None => (
            format!("Code writes `{attribute}` to {id}, whose TTL is off"),
            "DynamoDB deletes expired items only where the table's TimeToLiveSpecification names the attribute."
                .to_owned(),
            format!(
                "Add {} to {id}, if DynamoDB is meant to delete these items.",
                setting(
                    facts,
                    table.table.span,
                    &format!("TimeToLiveSpecification: {{AttributeName: {attribute}, Enabled: true}}")
                )
            ),
        ),
    };
    let others = sites.iter().filter(|site| site.span != first.span);
    let mut related: Vec<Related> =
        others.map(|site| Related { span: site.span, message: format!("`{attribute}` is written here too") }).collect();
    let declared = own
        .map_or((table.table.span, format!("{id} has no TTL")), |(name, span)| (span, format!("{id} uses `{name}`")));
    related.push(Related { span: declared.0, message: declared.1 });
    Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::High, facts),
        confidence,
        title,
        message: format!(
            "{why} Items written here ({}) never expire. {}",
            count(sites.len(), "place"),
            reach.sentence()
        ),
        help,
        span: first.span,
        label: format!("`{attribute}` has no effect here"),
        related,
        anchor: format!("{id} {attribute}"),
    }
}
