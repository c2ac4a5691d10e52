//! Kinds of item, told from the keys that puts write.

use super::join::{Join, Sighting};
use super::{AccessId, TableId};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::dynamodb::words::words;
use crate::flow::{AttributeWrite, Lifetime, Observation};
use crate::template::model::{Index, KeyElement, Setting, Table};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A kind of item in a table, told from its key pattern.
#[derive(Debug, Clone)]
pub struct Entity {
    /// `TRADE`, from the constant beginning of the key pattern.
    pub name: String,
    /// Primary-key attributes and their patterns.
    pub key: Vec<(String, Symbolic)>,
    /// Names of the indexes whose keys it fills.
    pub indexes: Vec<String>,
    /// When its items expire.
    pub expiry: Expiry,
    /// The calls that write it.
    pub writers: Vec<AccessId>,
}

/// When the items of a kind expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Expiry {
    /// They don't.
    Never,
    /// So long after each write.
    After(Lifetime),
    /// At a time that is known only when the program runs, or differs from write to write.
    Varies,
    /// It can't be seen whether they do.
    Unknown,
}

impl fmt::Display for Expiry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Never => f.write_str("never"),
            Self::After(lifetime) => write!(f, "{lifetime} after each write"),
            Self::Varies => f.write_str("at a time known only at run time"),
            Self::Unknown => f.write_str("unknown"),
        }
    }
}

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
    for entity in join
        .sightings
        .iter()
        .filter(puts)
        .flat_map(|sighting| written(sighting, &sighting.writes_to(id, &join.tables), table))
    {
        let place = *known.entry((entity.name.clone(), shape(&entity))).or_insert(out.len());
        match out.get_mut(place) {
            Some(known) => {
                known.writers.extend(entity.writers);
                known.writers.dedup();
                known.indexes.extend(entity.indexes);
                known.indexes.sort();
                known.indexes.dedup();
                known.expiry = both(known.expiry, entity.expiry);
            }
            None => out.push(entity),
        }
    }
    out
}

/// The live calls that put items with known attributes into a table. An update doesn't count: what it finds, somebody else
/// put there. Nor does a call that may be on another table, as far as its parts don't tell.
pub(super) fn item_writers(join: &Join, id: TableId) -> Vec<AccessId> {
    let puts = |s: &&Sighting| {
        let action = match s.access.operation {
            Operation::PutItem | Operation::TransactWriteItems => "PutItem",
            Operation::BatchWriteItem => "BatchWriteItem",
            _ => return false,
        };
        let is_on = s.names_for(action).is_some_and(|names| names.tables.contains(&id));
        let is_only = s.parts.is_some() || join.of_access(s.id).iter().all(|s| s.names.tables.iter().eq([&id]));
        s.is_live() && is_on && is_only && !s.writes_to(id, &join.tables).is_empty()
    };
    join.sightings.iter().filter(puts).map(|s| s.id).collect::<BTreeSet<_>>().into_iter().collect()
}

/// The kinds that one put writes: one, unless a single key attribute has several constants, each of which is one.
fn written(sighting: &Sighting, writes: &[&AttributeWrite], table: &Table) -> Vec<Entity> {
    let of = |k: &KeyElement| {
        let values = writes.iter().filter(|w| w.attribute == k.attribute.value).map(|w| &w.value);
        (k.attribute.value.clone(), values.collect::<Vec<_>>())
    };
    let key: Vec<(String, Vec<&Symbolic>)> =
        table.keys.iter().map(of).filter(|(_, values)| !values.is_empty()).collect();
    let mut several = key.iter().enumerate().filter(|(_, (_, values))| values.len() > 1);
    let constants = match (several.next(), several.next()) {
        (Some((at, (_, values))), None) if values.iter().all(|value| value.as_text().is_some()) => Some((at, values)),
        _ => None,
    };
    let Some((at, constants)) = constants else { return entity(sighting, writes, table, &key).into_iter().collect() };
    let one = |constant| {
        let mut key = key.clone();
        key[at].1 = vec![constant];
        entity(sighting, writes, table, &key)
    };
    constants.iter().copied().filter_map(one).collect()
}

fn entity(
    sighting: &Sighting,
    writes: &[&AttributeWrite],
    table: &Table,
    key: &[(String, Vec<&Symbolic>)],
) -> Option<Entity> {
    let pattern = |(name, values): &(String, Vec<&Symbolic>)| Some((name.clone(), pattern(values)?));
    let key: Vec<(String, Symbolic)> = key.iter().filter_map(pattern).collect();
    if key.is_empty() {
        return None;
    }
    let discriminator = writes.iter().find(|w| is_discriminator(&w.attribute)).and_then(|w| w.value.as_text());
    let name = discriminator.map(str::to_owned).or_else(|| name_from_key(&key));
    let name = name.unwrap_or_else(|| name_from_table(&table.resource.id));
    let fills = |index: &&Index| index.keys.iter().all(|k| writes.iter().any(|w| w.attribute == k.attribute.value));
    let indexes = table.indexes.iter().filter(fills).map(|i| i.name.value.clone()).collect();
    Some(Entity { name, key, indexes, expiry: expiry(sighting.observation, writes, table), writers: vec![sighting.id] })
}

fn expiry(observation: &Observation, writes: &[&AttributeWrite], table: &Table) -> Expiry {
    let attribute = match &table.ttl {
        Setting::Is(ttl) => &ttl.value,
        Setting::Unset => return Expiry::Never,
        Setting::Varies(_) | Setting::Unknown(_) => return Expiry::Unknown,
    };
    let set = writes.iter().filter(|write| write.attribute == *attribute);
    let each = set.map(|write| write.lifetime.map_or(Expiry::Varies, Expiry::After));
    let unset = if observation.writes_complete { Expiry::Never } else { Expiry::Unknown };
    each.reduce(both).unwrap_or(unset)
}

fn both(a: Expiry, b: Expiry) -> Expiry {
    if a == b { a } else { Expiry::Varies }
}

/// What several values of an attribute have in common: how they begin.
fn pattern(values: &[&Symbolic]) -> Option<Symbolic> {
    let (first, others) = values.split_first()?;
    let shared = others.iter().fold(first.parts().len(), |shared, other| {
        let same = |(a, b): &(&Part, &Part)| a == b || matches!((a, b), (Part::Hole(_), Part::Hole(_)));
        shared.min(first.parts().iter().zip(other.parts()).take_while(same).count())
    });
    if others.iter().all(|other| other.parts().len() == shared) && shared == first.parts().len() {
        return Some((*first).clone());
    }
    let mut out: Symbolic = first.parts()[..shared].iter().cloned().collect();
    let rest = values.iter().map(|value| match value.parts().get(shared) {
        Some(Part::Text(text)) => text.as_str(),
        _ => "",
    });
    out.push(Part::Text(common_separator(rest)));
    out.push(Part::Hole("…".to_owned()));
    Some(out)
}

/// The separator that all texts begin with, or nothing.
fn common_separator<'t>(mut texts: impl Iterator<Item = &'t str>) -> String {
    let is_separator = |c: &char| matches!(c, '#' | '|' | ':' | '/');
    let first = texts.next().and_then(|text| text.chars().next()).filter(is_separator);
    first.filter(|first| texts.all(|text| text.starts_with(*first))).map_or_else(String::new, String::from)
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

/// `STRATEGY#{name}` and `TRADE#{id}` as `STRATEGY/TRADE`; `None` for keys without constant text.
fn name_from_key(key: &[(String, Symbolic)]) -> Option<String> {
    let prefixes: Vec<&str> = key.iter().filter_map(|(_, value)| prefix(value)).collect();
    (!prefixes.is_empty()).then(|| prefixes.join("/"))
}

/// What a table holds if its keys don't tell kinds of item apart: `OrdersTable` holds `Orders`.
fn name_from_table(id: &str) -> String {
    let name = id.strip_suffix("DynamoDBTable").or_else(|| id.strip_suffix("Table")).unwrap_or(id);
    if name.is_empty() { id.to_owned() } else { name.to_owned() }
}

/// The constant word at the beginning of a key: up to its first separator.
fn prefix(value: &Symbolic) -> Option<&str> {
    let Some(Part::Text(text)) = value.parts().first() else { return None };
    let word = text.split(['#', '|', ':', '/']).next().unwrap_or_default();
    (!word.is_empty()).then_some(word)
}
