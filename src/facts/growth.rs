//! What makes a table grow, and what makes it shrink.

use super::join::{Join, Sighting, Who};
use super::{AccessId, FunctionId, TableId};
use crate::dynamodb::occurrence::{Occurrence, occurrence};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::source::Span;
use crate::template::model::{Function, TriggerKind};
use std::collections::BTreeSet;

/// A put that leaves another item with every event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GrowingWrite {
    /// The call.
    pub access: AccessId,
    /// The key attribute that is new each time.
    pub attribute: String,
    /// The key's pattern.
    pub value: Symbolic,
    /// What in it is new.
    pub by: Occurrence,
    /// Whether only the attribute's name says so, and nothing is known of the value.
    pub by_name_alone: bool,
    /// Where the attribute is named.
    pub span: Span,
    /// The Lambdas that surely make it when an event comes.
    pub functions: Vec<FunctionId>,
}

/// The puts that leave another item with every event, in order of the calls; of each call, the first of its key
/// attributes that says so most surely.
pub(super) fn growing_writes(join: &Join, table: TableId) -> Vec<GrowingWrite> {
    let mut out: Vec<GrowingWrite> = Vec::new();
    for sighting in join.sightings.iter().filter(|s| is_put(s, table)) {
        let Who::Function(function) = sighting.who else { continue };
        if !comes_by_itself(join.functions[function.0].function) {
            continue;
        }
        if let Some(known) = out.iter_mut().find(|write| write.access == sighting.id) {
            known.functions.push(function);
        } else {
            out.extend(growing(join, sighting, table, function));
        }
    }
    out
}

/// The live calls that take items away, or may.
pub(super) fn deletes(join: &Join, table: TableId) -> Vec<AccessId> {
    let deleting = |s: &&Sighting| s.is_live() && s.observation.deletes && s.names.tables.contains(&table);
    join.sightings.iter().filter(deleting).map(|s| s.id).collect::<BTreeSet<_>>().into_iter().collect()
}

fn is_put(sighting: &Sighting, table: TableId) -> bool {
    let names = &sighting.names;
    let puts = matches!(
        sighting.access.operation,
        Operation::PutItem | Operation::BatchWriteItem | Operation::TransactWriteItems
    );
    puts && sighting.is_resolved()
        && names.tables.iter().eq([&table])
        && names.undeclared.is_empty()
        && names.unknown.is_none()
}

/// Whether events reach it, and only such as nobody makes by hand: what people enter through an API is theirs to keep, also
/// where a schedule keeps the Lambda warm.
fn comes_by_itself(function: &Function) -> bool {
    let mut kinds = function.triggers.iter().map(|trigger| trigger.kind);
    let by_hand = |kind| matches!(kind, TriggerKind::Api | TriggerKind::Auth);
    kinds.clone().any(TriggerKind::is_event_source) && !kinds.any(by_hand)
}

fn growing(join: &Join, sighting: &Sighting, table: TableId, function: FunctionId) -> Option<GrowingWrite> {
    let keys = &join.tables.get(table).keys;
    let is_key = |name: &str| keys.iter().any(|key| key.attribute.value == name);
    let keys = sighting.observation.writes.iter().filter(|write| is_key(&write.attribute));
    let growing = keys.filter_map(|write| {
        let (by, by_name_alone) = by(&write.attribute, &write.value)?;
        if by_name_alone && looks_first(join, table, function) {
            return None;
        }
        Some(GrowingWrite {
            access: sighting.id,
            attribute: write.attribute.clone(),
            by,
            by_name_alone,
            value: write.value.clone(),
            span: write.span,
            functions: vec![function],
        })
    });
    growing.min_by_key(|write| write.by_name_alone)
}

/// Whether a function reads items by their keys before it puts them, or may: what is looked up is as likely kept under a key
/// that comes again, such as the state of what goes on.
fn looks_first(join: &Join, table: TableId, function: FunctionId) -> bool {
    let reads = |s: &&Sighting| matches!(s.access.operation, Operation::GetItem | Operation::BatchGetItem);
    join.of(function).filter(reads).any(|s| s.names.may_touch(table))
}

/// What in a key's value is new with every event, and whether, of a value that isn't known at all, only the attribute's own
/// name tells.
fn by(attribute: &str, value: &Symbolic) -> Option<(Occurrence, bool)> {
    let own = |part: &Part| if let Part::Hole(origin) = part { occurrence(origin) } else { None };
    match value.parts() {
        [hole @ Part::Hole(_)] => {
            own(hole).map(|by| (by, false)).or_else(|| occurrence(attribute).map(|by| (by, true)))
        }
        parts => parts.iter().find_map(own).map(|by| (by, false)),
    }
}
