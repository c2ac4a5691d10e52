//! What calls are given, with the key schema that it must fit.

use super::join::{Names, Sighting, known_index, names};
use super::tables::Tables;
use super::{Facts, TableFacts, TableId, User};
use crate::dynamodb::operation::Operation;
use crate::flow::{Certainty, Request};
use crate::template::model::{IndexKind, KeyElement, KeyRole};
use std::collections::{BTreeMap, BTreeSet};

/// What one context gives a call, with its names resolved.
#[derive(Debug, Clone)]
pub struct RequestFacts<'a> {
    /// The parameters.
    pub request: &'a Request,
    /// The table, if the call is to this one only.
    pub table: Option<TableId>,
    /// The index by name, if it is this one only: the inner `None` is the base table.
    pub index: Option<Option<String>>,
    /// What it does: the call's operation, or that of the part of a batch or transaction that it is.
    pub operation: Operation,
    /// Who gives it this; nobody, if it is in code that nothing reaches.
    pub users: BTreeSet<User>,
}

/// A key schema: of a table, or of one of its indexes.
#[derive(Debug, Clone, Copy)]
pub struct KeySchema<'f> {
    /// The partition key.
    pub partition: &'f KeyElement,
    /// The sort key.
    pub sort: Option<&'f KeyElement>,
    /// Of what kind the index is, if it is one.
    pub kind: Option<IndexKind>,
}

impl<'f> KeySchema<'f> {
    /// The schema that these elements make, if they make one.
    fn new(keys: &'f [KeyElement], kind: Option<IndexKind>) -> Option<Self> {
        let (partition, sort) = match keys {
            [partition] => (partition, None),
            [partition, sort] => (partition, Some(sort)),
            _ => return None,
        };
        let sound = partition.role == KeyRole::Partition && sort.is_none_or(|sort| sort.role == KeyRole::Sort);
        let defined = [Some(partition), sort].into_iter().flatten().all(|key| key.attribute_type.is_some());
        (sound && defined).then_some(Self { partition, sort, kind })
    }

    /// Its elements: the partition key first.
    pub fn elements(&self) -> impl Iterator<Item = &'f KeyElement> + use<'f> {
        [Some(self.partition), self.sort].into_iter().flatten()
    }

    /// Names of its attributes: the partition key first.
    pub fn names(&self) -> Vec<&'f str> {
        self.elements().map(|key| key.attribute.value.as_str()).collect()
    }

    /// Whether the attribute is one of its keys.
    pub fn has(&self, attribute: &str) -> bool {
        self.elements().any(|key| key.attribute.value == attribute)
    }

    fn is_like(&self, other: &KeySchema) -> bool {
        let types = |schema: &KeySchema| schema.elements().map(|key| key.attribute_type.clone()).collect::<Vec<_>>();
        self.names() == other.names() && types(self) == types(other) && self.kind == other.kind
    }
}

impl TableFacts<'_> {
    /// The key schema of the table (`None`) or of an index, if all declarations that stand for the table agree.
    pub fn key_schema(&self, index: Option<&str>) -> Option<KeySchema<'_>> {
        let mut schemas = self.declarations().map(|table| match index {
            None if table.keys_unsure => None,
            None => KeySchema::new(&table.keys, None),
            Some(name) => {
                let mut named = table.indexes.iter().filter(|index| index.name.value == name);
                let index = named.next().filter(|index| named.next().is_none() && !index.keys_unsure)?;
                KeySchema::new(&index.keys, Some(index.kind))
            }
        });
        let first = schemas.next()??;
        schemas.all(|other| other.is_some_and(|other| other.is_like(&first))).then_some(first)
    }
}

impl TableFacts<'_> {
    /// The attributes that a global index holds, if these aren't simply all. A local index fetches what it lacks.
    pub fn projected(&self, index: &str) -> Option<BTreeSet<&str>> {
        let schema = self.key_schema(Some(index)).filter(|schema| schema.kind == Some(IndexKind::Global))?;
        let mut held: BTreeSet<&str> = schema.names().into_iter().chain(self.key_schema(None)?.names()).collect();
        for table in self.declarations() {
            let index = table.indexes.iter().find(|other| other.name.value == index)?;
            match index.projection.as_deref() {
                Some("KEYS_ONLY") => {}
                Some("INCLUDE") => held.extend(index.non_key_attributes.iter().map(String::as_str)),
                _ => return None,
            }
        }
        Some(held)
    }
}

impl<'a> Facts<'a> {
    /// The table of a request and the key schema that it is held against.
    pub fn schema_of(&self, request: &RequestFacts<'a>) -> Option<(&TableFacts<'a>, KeySchema<'_>)> {
        let table = self.table(request.table?);
        Some((table, table.key_schema(request.index.as_ref()?.as_deref())?))
    }
}

/// The requests of an access: of those who reach it most surely, live code before dead.
pub(super) fn requests<'a>(sightings: &[&Sighting<'a>], tables: &Tables) -> Vec<RequestFacts<'a>> {
    let rank = |s: &Sighting| (!s.is_live(), s.observation.certainty);
    let Some(surest) = sightings.iter().map(|s| rank(s)).min() else { return Vec::new() };
    let mut places = BTreeMap::new();
    let mut out: Vec<RequestFacts> = Vec::new();
    for sighting in sightings.iter().filter(|s| rank(s) == surest && s.observation.certainty != Certainty::Possible) {
        for request in &sighting.observation.requests {
            let place = *places.entry(request).or_insert_with(|| {
                let on = names(&request.tables, &[], tables);
                let operation = request.part.as_ref().map_or(sighting.access.operation, |part| part.operation);
                let index = match request.indexes.as_slice() {
                    [] | [None] => Some(None),
                    [Some(name)] => known_index(name, &on.tables, tables).map(Some),
                    _ => None,
                };
                out.push(RequestFacts { request, table: only_table(&on), index, operation, users: BTreeSet::new() });
                out.len() - 1
            });
            out[place].users.extend(sighting.who.user());
        }
    }
    out
}

/// The table, if it is known to be this one only.
fn only_table(names: &Names) -> Option<TableId> {
    let only = names.unknown.is_none() && names.undeclared.is_empty() && names.tables.len() == 1;
    names.tables.first().copied().filter(|_| only)
}
