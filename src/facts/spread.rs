//! Over how many values of a partition key the items spread.

use super::TableId;
use super::join::{Join, Sighting, Who};
use crate::dynamodb::operation::Operation;
use crate::flow::Clause;
use crate::source::Span;
use std::collections::BTreeMap;

/// With more values than this, a key may well be wide enough.
const FEW: usize = 8;

/// The few values that every live writer gives an attribute, each with the first place that writes it. `None` if there are
/// more, or any could be another; or if items are put without the attribute, which then aren't in an index that is keyed by it.
/// Scripts alone, which load samples or try something, don't tell what a table is filled with.
pub(super) fn few_values(join: &Join, table: TableId, attribute: &str) -> Option<BTreeMap<String, Span>> {
    let mut out = BTreeMap::new();
    let mut by_a_lambda = false;
    for sighting in join.sightings.iter().filter(|s| s.is_live() && s.names.may_touch(table) && writes(s)) {
        if sighting.names.tables.len() != 1 || removes(sighting) {
            return None;
        }
        let mut own = sighting.observation.writes.iter().filter(|write| write.attribute == attribute).peekable();
        if own.peek().is_none() && sighting.access.operation != Operation::UpdateItem {
            return None;
        }
        // An update makes an item under its key if there is none.
        for key in keys(sighting, attribute) {
            let (text, span) = key?;
            by_a_lambda |= matches!(sighting.who, Who::Function(_));
            out.entry(text.to_owned()).or_insert(span);
        }
        for write in own {
            by_a_lambda |= matches!(sighting.who, Who::Function(_));
            out.entry(write.value.as_text()?.to_owned()).or_insert(write.span);
        }
    }
    (by_a_lambda && out.len() <= FEW).then_some(out)
}

/// The values that an update's `Key` gives an attribute; `None` for one that isn't known.
fn keys<'s>(sighting: &'s Sighting, attribute: &'s str) -> impl Iterator<Item = Option<(&'s str, Span)>> {
    let is_update = sighting.access.operation == Operation::UpdateItem;
    let requests = sighting.observation.requests.iter().filter(move |_| is_update);
    let entries = requests.filter_map(move |request| request.key.as_ref()?.entry(attribute));
    entries.map(|entry| Some((entry.text.as_deref()?, entry.span.unwrap_or(sighting.access.span))))
}

fn writes(sighting: &Sighting) -> bool {
    !sighting.observation.writes.is_empty()
        && matches!(
            sighting.access.operation,
            Operation::PutItem | Operation::UpdateItem | Operation::BatchWriteItem | Operation::TransactWriteItems
        )
}

/// Whether it may take attributes away from an item, which then leaves the indexes that are keyed by them.
fn removes(sighting: &Sighting) -> bool {
    let expressions = sighting.observation.requests.iter().flat_map(|request| &request.expressions);
    let mut updates = expressions.filter(|expression| expression.clause == Clause::Update);
    updates.any(|update| {
        update.unknown || update.texts.iter().any(|text| text.to_string().to_uppercase().contains("REMOVE"))
    })
}
