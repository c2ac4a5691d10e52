//! Who reads an index, and who writes its keys.

use super::join::{Join, Sighting, Who};
use super::policies::{INDEX_ACTIONS, Ruling, rule};
use super::spread::few_values;
use super::{AccessId, AttributeSite, Facts, IndexFacts, IndexStatus, TableId};
use crate::flow::Certainty;
use crate::source::Span;
use crate::template::model::{Index, Table};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

impl IndexFacts<'_> {
    /// Whether a Lambda reads it, or a service that the templates configure; scripts may, besides.
    pub fn serves_lambdas(&self, facts: &Facts) -> bool {
        let by_lambda = |id: &AccessId| !facts.access(*id).functions.is_empty();
        !self.service_readers.is_empty() || self.readers.iter().any(by_lambda)
    }
}

/// The facts of a table's indexes. `id` answers for the table.
pub(super) fn index_facts<'a>(join: &Join<'a>, id: TableId, table: &'a Table) -> Vec<IndexFacts<'a>> {
    let facts = |index: &'a Index| IndexFacts {
        index,
        status: status(join, id, index),
        readers: readers(join, id, index),
        service_readers: service_readers(join, id, index),
        few_partitions: index.keys.first().and_then(|key| few_values(join, id, &key.attribute.value)),
        key_writes: key_writes(join, id, index),
    };
    table.indexes.iter().map(facts).collect()
}

/// Whether a live access, certain of its table and index, reads it; else whether anything could.
fn status(join: &Join, table: TableId, index: &Index) -> IndexStatus {
    let name = index.name.value.as_str();
    if is_read(join, table, name) {
        return IndexStatus::Used;
    }
    let may_read = |s: &Sighting| {
        let on_it = names_it(s, name) || s.may_read_index(name);
        s.is_live() && s.reads_indexes() && s.names.may_touch(table) && on_it && is_allowed(join, s.who, table, name)
    };
    let hides = || join.function_ids().filter(|(_, f)| f.may_hide_read(table));
    // Code that names it, and that nothing is seen to reach, may be what they can't be followed into.
    let is_named = join.sightings.iter().any(|s| {
        !s.is_live() && s.reads_indexes() && s.names.unknown.is_some() && s.names.may_touch(table) && names_it(s, name)
    });
    let hidden = hides().any(|(id, _)| is_named || is_allowed(join, Who::Function(id), table, name));
    let by_service = join.services.iter().any(|s| s.may_read(table, name, &join.tables));
    let outside = join.outsiders.iter().any(|o| o.may_read(table, name, &join.tables));
    let in_a_script = !join.cut_short.is_empty();
    if hidden || in_a_script || by_service || outside || join.sightings.iter().any(may_read) {
        IndexStatus::Unknown
    } else {
        IndexStatus::Unused
    }
}

/// Whether something live surely reads it.
pub(super) fn is_read(join: &Join, table: TableId, index: &str) -> bool {
    join.sightings.iter().any(|s| s.is_resolved() && reads(s, table, index))
        || join.services.iter().any(|s| s.reads(table, index))
}

fn service_readers(join: &Join, table: TableId, index: &Index) -> Vec<Span> {
    let reading = join.services.iter().filter(|s| s.reads(table, &index.name.value));
    reading.map(|s| s.call.span).collect::<BTreeSet<_>>().into_iter().collect()
}

fn reads(sighting: &Sighting, table: TableId, index: &str) -> bool {
    sighting.reads_indexes() && sighting.names.tables.contains(&table) && names_it(sighting, index)
}

fn names_it(sighting: &Sighting, index: &str) -> bool {
    sighting.names.indexes.iter().flatten().any(|name| name == index)
}

/// Whether whoever it is could read the index: a Lambda whose whole role doesn't let it can't, whatever its code holds.
fn is_allowed(join: &Join, who: Who, table: TableId, index: &str) -> bool {
    let Who::Function(id) = who else { return true };
    let lambda = &join.functions[id.0];
    let allows = |role, action| rule(role, action, table, Some(index), &join.tables) != Ruling::Denied;
    lambda.foreign_role.is_some()
        || INDEX_ACTIONS.iter().any(|action| lambda.roles.iter().any(|role| allows(role, action)))
}

/// Every access that reads it, dead code included.
fn readers(join: &Join, table: TableId, index: &Index) -> Vec<AccessId> {
    let reading = join.sightings.iter().filter(|s| reads(s, table, &index.name.value));
    reading.map(|s| s.id).collect::<BTreeSet<_>>().into_iter().collect()
}

fn key_writes(join: &Join, table: TableId, index: &Index) -> Vec<AttributeSite> {
    let is_key = |name: &str| index.keys.iter().any(|key| key.attribute.value == name);
    attribute_sites(join, table, is_key)
}

/// Writes of some attributes of a table: each place once.
pub(super) fn attribute_sites(join: &Join, table: TableId, wanted: impl Fn(&str) -> bool) -> Vec<AttributeSite> {
    let mut out: BTreeMap<(AccessId, Span, &str), AttributeSite> = BTreeMap::new();
    for sighting in join.sightings.iter().filter(|s| s.names.tables.contains(&table)) {
        let user = sighting.who.user().filter(|_| sighting.is_resolved());
        for write in sighting.writes_to(table, &join.tables).into_iter().filter(|w| wanted(&w.attribute)) {
            match out.entry((sighting.id, write.span, &write.attribute)) {
                Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    known.users.extend(user);
                    known.in_seconds &= write.in_seconds;
                    known.form = known.form.filter(|form| Some(*form) == write.form);
                    known.lifetime = known.lifetime.filter(|lifetime| Some(*lifetime) == write.lifetime);
                }
                Entry::Vacant(place) => {
                    place.insert(AttributeSite {
                        access: sighting.id,
                        attribute: write.attribute.clone(),
                        value: write.value.clone(),
                        span: write.span,
                        form: write.form,
                        in_seconds: write.in_seconds,
                        lifetime: write.lifetime,
                        users: user.into_iter().collect(),
                    });
                }
            }
        }
    }
    out.into_values().collect()
}

/// The best certainty with which anyone reaches an access.
pub(super) fn certainty(join: &Join, id: AccessId) -> Certainty {
    join.of_access(id)
        .iter()
        .map(|s| if s.is_live() { s.observation.certainty } else { Certainty::Latent })
        .min()
        .unwrap_or(Certainty::Latent)
}
