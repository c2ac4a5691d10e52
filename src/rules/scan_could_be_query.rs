//! A Scan whose filter pins a partition key: a Query reads only what matches.

use super::judge::{Claim, each_call};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, RequestFacts, TableFacts};
use crate::flow::{Conditions, Presence};
use crate::source::Span;

pub const RULE: Rule = Rule {
    name: "scan-could-be-query",
    page: include_str!("../../rules/scan-could-be-query.md"),
    check: |facts, findings| each_call(RULE.name, Severity::Medium, facts, findings, claim),
};

/// A partition key that the filter pins.
struct Pinned<'f> {
    attribute: &'f str,
    index: Option<&'f str>,
    place: Span,
}

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, _) = facts.schema_of(given)?;
    let filtered = access.access.pages.as_ref().is_some_and(|pages| pages.filter == Presence::Always);
    if access.access.operation != Operation::Scan || !filtered || given.index != Some(None) {
        return None;
    }
    let Some(Conditions::Known(conditions)) = &given.request.filter else { return None };
    let every = |attribute: &str| conditions.iter().all(|condition| condition.equal.contains(attribute));
    // A global index has no consistent reads.
    let may_serve = |key: &Pinned| key.index.is_none() || given.request.consistent == Presence::Never;
    let mut keys = partition_keys(table).into_iter().filter(may_serve);
    let pinned = keys.find(|key| !conditions.is_empty() && every(key.attribute))?;
    let Pinned { attribute, index, place } = pinned;
    let id = &table.table.resource.id;
    let (what, through) = match index {
        None => (id.clone(), String::new()),
        Some(index) => (format!("{index} of {id}"), format!("IndexName=\"{index}\", ")),
    };
    Some(Claim {
        title: format!(
            "`{}` scans {id} for one value of `{attribute}`, by which {what} is keyed",
            access.access.function
        ),
        message: format!(
            "A Scan reads and bills every item of {id} and only then filters; a Query by `{attribute}` reads only those that \
             match."
        ),
        help: format!(
            "Call `query({through}KeyConditionExpression=Key(\"{attribute}\").eq(…))`, keep the other conditions as the filter, \
             and allow `dynamodb:Query`{} in the role.",
            if index.is_some() { " on the index" } else { "" }
        ),
        label: format!("the filter gives `{attribute}` one value"),
        span: None,
        related: vec![Related { span: place, message: format!("{what} is keyed by `{attribute}`") }],
    })
}

/// The table's partition key, then those of the indexes that hold whole items.
fn partition_keys<'f>(table: &'f TableFacts) -> Vec<Pinned<'f>> {
    let own = table.key_schema(None).map(|schema| Pinned {
        attribute: schema.partition.attribute.value.as_str(),
        index: None,
        place: schema.partition.attribute.span,
    });
    let whole = table.indexes.iter().filter(|index| index.index.projection.as_deref() == Some("ALL"));
    let indexes = whole.filter_map(|index| {
        let name = index.index.name.value.as_str();
        let partition = table.key_schema(Some(name))?.partition;
        Some(Pinned { attribute: partition.attribute.value.as_str(), index: Some(name), place: index.index.name.span })
    });
    own.into_iter().chain(indexes).collect()
}
