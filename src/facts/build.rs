//! Puts the facts together.

use super::blind_spots::blind_spots;
use super::broken_pages::broken;
use super::doubts::doubts;
use super::entities::{entities, item_writers};
use super::grants::grants;
use super::growth::{deletes, growing_writes};
use super::indexes::{attribute_sites, certainty, index_facts};
use super::join::{Join, Sighting, Who};
use super::missing::missing_grants;
use super::requests::requests;
use super::self_writes::self_writes;
use super::services::{stream_readers, uses_of};
use super::spread::few_values;
use super::streams::stream_consumers;
use super::unseen::{unseen_deletes, unseen_writes};
use super::unused::{unseen_users, unused};
use super::verdicts::functions;
use super::whole_puts::whole_puts;
use super::{
    AccessFacts, AccessId, BlindSpot, Facts, FunctionId, GrantStatus, IndexFacts, IndexStatus, Pagination,
    PaginationStatus, Resolution, TableFacts, TableId, User, Verdict, pagination,
};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::ttl::looks_like_ttl;
use crate::flow::{Access, Analysis, Certainty, EntryPoint, Injection, KeyLoop, Presence};
use crate::source::FileId;
use crate::template::model::{Setting, Stack, Table};
use std::collections::{BTreeMap, BTreeSet};

/// Joins templates and program. `blind` holds what was lost on the way to `entries` (see
/// [`super::environment::entry_points`]).
pub fn build<'a>(
    stacks: &'a [Stack],
    entries: &[EntryPoint],
    analysis: &'a Analysis,
    blind: &[BlindSpot],
) -> Facts<'a> {
    let join = Join::new(stacks, entries, analysis);
    let mut accesses: Vec<AccessFacts> =
        join.accesses.iter().enumerate().map(|(i, access)| access_facts(&join, AccessId(i), access)).collect();
    let broken = broken(&accesses);
    accesses.iter_mut().zip(broken).for_each(|(access, broken)| access.broken = broken);
    let tables = join.tables.iter().map(|(id, table)| table_facts(&join, stacks, id, table, &accesses)).collect();
    let grants = grants(&join);
    let missing_grants = missing_grants(&join);
    let mut blind_spots = blind_spots(&join, entries, analysis);
    blind_spots.extend(blind.iter().cloned());
    let mut facts = Facts {
        stacks,
        tables,
        functions: functions(&join, &grants, &missing_grants),
        starters: join.starters.iter().map(|who| who.user()).collect(),
        accesses,
        grants,
        missing_grants,
        installed: analysis.installed.clone(),
        blind_spots: Vec::new(),
    };
    blind_spots.extend(facts.tables.iter().filter_map(unseen_writers));
    blind_spots.extend(facts.tables.iter().filter_map(unseen_deleters));
    blind_spots.extend(unseen_users(&facts.tables));
    facts.blind_spots = blind_spots.into_iter().collect();
    let open = facts.grants.iter().filter(|grant| grant.status == GrantStatus::Unverified);
    let open: BTreeSet<FunctionId> = open.map(|grant| grant.function).collect();
    for (id, lambda) in join.function_ids() {
        if facts.functions[id.0].verdict == Verdict::Unverified || open.contains(&id) {
            facts.functions[id.0].doubts = doubts(&join, (id, lambda), &facts.grants, &facts.blind_spots);
        }
    }
    facts
}

/// What keeps it open whether an attribute that nothing is known to write is written after all.
fn unseen_writers(table: &TableFacts) -> Option<BlindSpot> {
    let unseen = table.unseen_writes.as_ref()?;
    table.item_writers.first()?;
    let mut withholds = Vec::new();
    let is_open = |index: &&IndexFacts| index.status == IndexStatus::Used && !table.unwritten_keys(index).is_empty();
    withholds.extend(table.indexes.iter().any(|index| is_open(&index)).then_some("gsi-keys-never-written"));
    let ttl_is_open = matches!(table.table.ttl, Setting::Is(_)) && table.ttl_writes.is_empty();
    withholds.extend(ttl_is_open.then_some("ttl-never-written"));
    let spot = BlindSpot { span: unseen.span, reason: unseen.reason.clone(), withholds, function: None, taken: None };
    (!spot.withholds.is_empty()).then_some(spot)
}

/// What keeps it open whether a table only grows.
fn unseen_deleters(table: &TableFacts) -> Option<BlindSpot> {
    let unseen = table.unseen_deletes.as_ref().filter(|_| table.seems_to_grow_only())?;
    let withholds = vec!["unbounded-growth"];
    Some(BlindSpot { span: unseen.span, reason: unseen.reason.clone(), withholds, function: None, taken: None })
}

fn access_facts<'a>(join: &Join<'a>, id: AccessId, access: &'a Access) -> AccessFacts<'a> {
    let sightings: Vec<&Sighting> = join.of_access(id).iter().collect();
    let of_functions = |certainty| -> BTreeSet<FunctionId> {
        let reached = sightings.iter().filter(|s| s.observation.certainty == certainty);
        reached.filter_map(|s| if let Who::Function(id) = s.who { Some(id) } else { None }).collect()
    };
    let functions = of_functions(Certainty::Resolved);
    let possible = of_functions(Certainty::Possible);
    let scripts: BTreeSet<FileId> =
        sightings.iter().filter_map(|s| if let Who::Script(file) = s.who { Some(file) } else { None }).collect();
    let mut per_event = BTreeMap::new();
    for sighting in sightings.iter().filter(|s| s.is_resolved() && s.observation.per_event != Presence::Never) {
        if let Who::Function(id) = sighting.who {
            let often = per_event.entry(id).or_insert(Presence::Never);
            *often = sighting.observation.per_event.max(*often);
        }
    }
    let surely = sightings.iter().filter(|s| s.observation.certainty != Certainty::Possible);
    let mut key_loops: BTreeMap<&KeyLoop, BTreeSet<User>> = BTreeMap::new();
    let mut injections: BTreeMap<&Injection, BTreeSet<User>> = BTreeMap::new();
    for sighting in surely.clone() {
        let by = sighting.who.user();
        for injection in &sighting.observation.injections {
            injections.entry(injection).or_default().extend(by);
        }
        for key_loop in &sighting.observation.key_loops {
            key_loops.entry(key_loop).or_default().extend(by);
        }
    }
    let table = table(&sightings);
    let index = index(&sightings);
    AccessFacts {
        access,
        pagination: verdict(join, access, &table, &index),
        broken: None,
        table,
        index,
        parts: parts(&sightings),
        held: surely.clone().filter_map(|s| s.observation.held).max(),
        key_loops,
        injections,
        whole_puts: whole_puts(join, &sightings),
        per_event,
        requests: requests(&sightings, &join.tables),
        possible_functions: possible.difference(&functions).copied().collect(),
        functions: functions.into_iter().collect(),
        scripts: scripts.into_iter().collect(),
        certainty: certainty(join, id),
    }
}

/// See [`AccessFacts::parts`].
fn parts(sightings: &[&Sighting]) -> BTreeMap<String, BTreeSet<TableId>> {
    let mut out: BTreeMap<String, BTreeSet<TableId>> = BTreeMap::new();
    for sighting in sightings {
        let Some(parts) = &sighting.parts else { return BTreeMap::new() };
        for (action, names) in parts {
            out.entry((*action).to_owned()).or_default().extend(&names.tables);
        }
    }
    out
}

/// Live code decides; dead code is asked only if no live code knows.
fn by_liveness<T>(sightings: &[&Sighting], answer: impl Fn(&[&Sighting]) -> Option<T>) -> Option<T> {
    let (live, dead): (Vec<&Sighting>, Vec<&Sighting>) = sightings.iter().partition(|s| s.is_live());
    answer(&live).or_else(|| answer(&dead))
}

fn one_or_several<T: Ord>(values: BTreeSet<T>) -> Option<Resolution<T>> {
    let mut values: Vec<T> = values.into_iter().collect();
    match values.len() {
        0 => None,
        1 => values.pop().map(Resolution::Known),
        _ => Some(Resolution::Several(values)),
    }
}

fn table(sightings: &[&Sighting]) -> Resolution<TableId> {
    let declared = by_liveness(sightings, |some| {
        one_or_several(some.iter().flat_map(|s| s.names.tables.iter().copied()).collect())
    });
    // What may be some other name besides isn't said to be this one.
    let undeclared = || {
        by_liveness(sightings, |some| {
            let mut told = some.iter().filter(|s| s.names.unknown.is_none());
            told.find_map(|s| s.names.undeclared.first().cloned())
        })
    };
    let reason = || {
        by_liveness(sightings, |some| some.iter().find_map(|s| s.names.unknown.as_ref().map(|(why, _)| why.clone())))
    };
    declared
        .or_else(|| undeclared().map(Resolution::Undeclared))
        .unwrap_or_else(|| Resolution::Unknown(reason().unwrap_or_else(|| "it is on no table".to_owned())))
}

fn index(sightings: &[&Sighting]) -> Resolution<Option<String>> {
    let unknown = by_liveness(sightings, |some| {
        some.iter().find_map(|s| s.names.unknown_indexes.first().map(ToString::to_string))
    });
    let known = by_liveness(sightings, |some| {
        one_or_several(some.iter().flat_map(|s| s.names.indexes.iter().cloned()).collect())
    });
    match (known, unknown) {
        (Some(known), None) => known,
        (None, None) => Resolution::Known(None),
        (_, Some(name)) => Resolution::Unknown(format!("the index name is `{name}`")),
    }
}

fn verdict(
    join: &Join,
    access: &Access,
    table: &Resolution<TableId>,
    index: &Resolution<Option<String>>,
) -> Option<Pagination> {
    let pages = access.pages.as_ref()?;
    let tables: &[TableId] = match table {
        Resolution::Known(id) => std::slice::from_ref(id),
        Resolution::Several(ids) => ids,
        Resolution::Undeclared(_) | Resolution::Unknown(_) => &[],
    };
    let pinned = |id: &TableId| {
        let keys: Vec<&str> = join.tables.get(*id).keys.iter().map(|key| key.attribute.value.as_str()).collect();
        pagination::pins(&pages.equalities, &keys)
    };
    let is_pinned = pagination::pins_any(&pages.equalities) || !tables.is_empty() && tables.iter().all(pinned);
    let verdict = pagination::verdict(pages, *index == Resolution::Known(None) && is_pinned);
    let asks = access.operation != Operation::Query || pages.key_condition != Presence::Never;
    Some(if asks || verdict.status != PaginationStatus::Missing { verdict } else { pagination::refused() })
}

fn table_facts<'a>(
    join: &Join<'a>,
    stacks: &'a [Stack],
    id: TableId,
    table: &'a Table,
    accesses: &[AccessFacts],
) -> TableFacts<'a> {
    let own: BTreeSet<AccessId> = accesses
        .iter()
        .enumerate()
        .filter(|(_, a)| a.table == Resolution::Known(id))
        .map(|(i, _)| AccessId(i))
        .collect();
    let possible: BTreeSet<AccessId> =
        join.sightings.iter().filter(|s| s.names.may_touch(id) && !own.contains(&s.id)).map(|s| s.id).collect();
    let users: BTreeSet<(_, AccessId)> = join
        .sightings
        .iter()
        .filter(|s| s.is_resolved() && s.names.tables.contains(&id))
        .filter_map(|s| Some((s.who.user()?, s.id)))
        .collect();
    let declarations = join.tables.variants(id);
    let is_ttl =
        |name: &str| looks_like_ttl(name) || declarations.iter().any(|t| t.ttl.values().any(|ttl| ttl.value == name));
    TableFacts {
        table,
        alternatives: declarations[1..].to_vec(),
        indexes: index_facts(join, id, table),
        accesses: own.into_iter().collect(),
        users: users.into_iter().collect(),
        possible_accesses: possible.into_iter().collect(),
        services: uses_of(join, id),
        stream_readers: stream_readers(stacks, &join.tables, id),
        stream_consumers: stream_consumers(join, id),
        ttl_writes: attribute_sites(join, id, is_ttl),
        item_writers: item_writers(join, id),
        entities: entities(join, id, table),
        few_partitions: table.keys.first().and_then(|key| few_values(join, id, &key.attribute.value)),
        growing_writes: growing_writes(join, id),
        deletes: deletes(join, id),
        unseen_writes: unseen_writes(join, id),
        unseen_deletes: unseen_deletes(join, id),
        self_writes: self_writes(join, id),
        unused: unused(join, stacks, id),
    }
}
