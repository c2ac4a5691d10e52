//! Kinds of item, told from the keys that puts write.

use super::join::{Join, Sighting};
use super::{Entity, TableId};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::dynamodb::words::words;
use crate::template::model::Table;
use std::collections::BTreeMap;

/// Attributes of a key, each with its constant texts and the holes between them.
type Shape = Vec<(String, Vec<Option<String>>)>;

/// The entities of a table, in order of their first writer.
pub(super) fn entities(join: &Join, id: TableId, table: &Table) -> Vec<Entity> {
    let mut out: Vec<Entity> = Vec::new();
    let mut known: BTreeMap<(String, Shape), usize> = BTreeMap::new();
    let puts = |s: &&Sighting| {
        matches!(s.access.operation, Operation::PutItem | Operation::BatchWriteItem | Operation::TransactWriteItems)
            && s.names.tables.contains(&id)
    };
    for sighting in join.sightings.iter().filter(puts) {
        let Some(entity) = entity(sighting, table) else { continue };
        let place = *known.entry((entity.name.clone(), shape(&entity))).or_insert(out.len());
        match out.get_mut(place) {
            Some(known) => {
                known.writers.extend(entity.writers);
                known.writers.dedup();
                known.indexes.extend(entity.indexes);
                known.indexes.sort();
                known.indexes.dedup();
            }
            None => out.push(entity),
        }
    }
    out
}

fn entity(sighting: &Sighting, table: &Table) -> Option<Entity> {
    let writes = &sighting.observation.writes;
    let value = |name: &str| writes.iter().find(|w| w.attribute == name).map(|w| &w.value);
    let key: Vec<(String, Symbolic)> = table
        .keys
        .iter()
        .filter_map(|k| value(&k.attribute.value).map(|v| (k.attribute.value.clone(), v.clone())))
        .collect();
    if key.is_empty() {
        return None;
    }
    let discriminator = writes.iter().find(|w| is_discriminator(&w.attribute)).and_then(|w| w.value.as_text());
    let name = discriminator.map_or_else(|| name_from_key(&key), str::to_owned);
    let fills = |index: &&crate::template::model::Index| index.keys.iter().all(|k| value(&k.attribute.value).is_some());
    let indexes = table.indexes.iter().filter(fills).map(|i| i.name.value.clone()).collect();
    Some(Entity { name, key, indexes, writers: vec![sighting.id] })
}

/// Two patterns that differ only in what fills their holes are one.
fn shape(entity: &Entity) -> Shape {
    let text = |part: &Part| match part {
        Part::Text(text) => Some(text.clone()),
        _ => None,
    };
    entity.key.iter().map(|(name, value)| (name.clone(), value.parts().iter().map(text).collect())).collect()
}

/// `EntityType`, `item_type`, `_type`: an attribute that names the kind.
fn is_discriminator(attribute: &str) -> bool {
    let words = words(attribute);
    match words.as_slice() {
        [one] => one == "entity" || one == "entitytype" || one == "et",
        [what, kind] => {
            matches!(what.as_str(), "entity" | "item" | "record" | "object" | "model")
                && matches!(kind.as_str(), "type" | "kind" | "name")
        }
        _ => false,
    }
}

/// `STRATEGY#{name}` and `TRADE#{id}` as `STRATEGY/TRADE`; keys without constant text by their attributes' names.
fn name_from_key(key: &[(String, Symbolic)]) -> String {
    let prefixes: Vec<&str> = key.iter().filter_map(|(_, value)| prefix(value)).collect();
    if prefixes.is_empty() {
        return key.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("/");
    }
    prefixes.join("/")
}

/// The constant word at the beginning of a key: up to its first separator.
fn prefix(value: &Symbolic) -> Option<&str> {
    let Some(Part::Text(text)) = value.parts().first() else { return None };
    let word = text.split(['#', '|', ':', '/']).next().unwrap_or_default();
    (!word.is_empty()).then_some(word)
}
