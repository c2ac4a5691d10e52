//! Tables, their indexes and entities, as JSON shows them.

use super::model::{Alternative, Entity, Index, Key, Location, ServiceUser, Table, TableUser};
use super::{access_locations, location, with_services};
use crate::dynamodb::operation::OperationKind;
use crate::facts::{self, AccessId, AttributeSite, IndexFacts, IndexStatus, TableFacts, User};
use crate::report::Report;
use crate::template::model::{IndexKind, KeyElement, KeyRole, Setting};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn tables(report: &Report) -> Vec<Table> {
    report.facts.tables.iter().map(|table| entry(report, table)).collect()
}

fn entry(report: &Report, facts: &TableFacts) -> Table {
    let table = facts.table;
    let names: Vec<String> = table.names.iter().map(|name| name.value.to_string()).collect();
    Table {
        id: table.resource.id.clone(),
        kind: table.kind.type_name(),
        location: location(report, table.span),
        table_name: Some(names.join(" | ")).filter(|names| !names.is_empty()),
        keys: keys(&table.keys),
        ttl: text(&table.ttl),
        pitr: switch(&table.pitr),
        billing: text(&table.billing),
        stream: text(&table.stream),
        deletion_policy: text(&table.deletion_policy),
        deletion_protection: switch(&table.deletion_protection),
        alternatives: facts
            .alternatives
            .iter()
            .map(|other| Alternative { id: other.resource.id.clone(), location: location(report, other.span) })
            .collect(),
        entities: facts.entities.iter().map(|e| entity(report, facts, e)).collect(),
        indexes: facts.indexes.iter().map(|i| index(report, i)).collect(),
        used_by: used_by(report, facts),
        services: facts.services.iter().map(|usage| service(report, usage)).collect(),
        stream_readers: facts.stream_readers.iter().map(|reader| reader.id.clone()).collect(),
    }
}

fn keys(keys: &[KeyElement]) -> Vec<Key> {
    let key = |key: &KeyElement| Key {
        name: key.attribute.value.clone(),
        attribute_type: key.attribute_type.clone(),
        role: match key.role {
            KeyRole::Partition => "HASH",
            KeyRole::Sort => "RANGE",
        },
    };
    keys.iter().map(key).collect()
}

fn text(setting: &Setting<String>) -> Option<String> {
    match setting {
        Setting::Is(value) => Some(value.value.clone()),
        Setting::Unset | Setting::Varies(_) | Setting::Unknown(_) => None,
    }
}

fn switch(setting: &Setting<bool>) -> Option<bool> {
    match setting {
        Setting::Is(value) => Some(value.value),
        Setting::Unset => Some(false),
        Setting::Varies(_) | Setting::Unknown(_) => None,
    }
}

fn entity(report: &Report, table: &TableFacts, entity: &facts::Entity) -> Entity {
    let named = |name: &String| table.indexes.iter().find(|index| index.index.name.value == *name);
    let indexes = entity.indexes.iter().map(|name| {
        let patterns = named(name).map(|index| patterns(&index.key_writes, &entity.writers)).unwrap_or_default();
        (name.clone(), patterns)
    });
    Entity {
        name: entity.name.clone(),
        key: entity.key.iter().map(|(attribute, pattern)| (attribute.clone(), pattern.to_string())).collect(),
        indexes: indexes.collect(),
        writers: access_locations(report, &entity.writers),
    }
}

/// Key attributes and their patterns, as these writers write them.
fn patterns(sites: &[AttributeSite], writers: &[AccessId]) -> BTreeMap<String, String> {
    let mut alternatives: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for site in sites.iter().filter(|site| writers.contains(&site.access)) {
        alternatives.entry(&site.attribute).or_default().insert(site.value.to_string());
    }
    let joined = |(attribute, patterns): (&str, BTreeSet<String>)| {
        (attribute.to_owned(), patterns.into_iter().collect::<Vec<_>>().join(" | "))
    };
    alternatives.into_iter().map(joined).collect()
}

fn index(report: &Report, facts: &IndexFacts) -> Index {
    let index = facts.index;
    let writers: BTreeSet<Location> = facts.key_writes.iter().map(|site| location(report, site.span)).collect();
    Index {
        name: index.name.value.clone(),
        kind: match index.kind {
            IndexKind::Global => "GSI",
            IndexKind::Local => "LSI",
        },
        keys: keys(&index.keys),
        projection: index.projection.clone(),
        location: location(report, index.body),
        status: match facts.status {
            IndexStatus::Used => "used",
            IndexStatus::Unused => "unused",
            IndexStatus::Unknown => "unknown",
        },
        readers: with_services(report, &facts.readers, &facts.service_readers),
        writers: writers.into_iter().collect(),
    }
}

fn service(report: &Report, usage: &facts::ServiceUse) -> ServiceUser {
    let of_kind = |kind| usage.operations.iter().filter(|o| o.kind() == kind).map(|o| o.name()).collect();
    ServiceUser {
        resource: usage.user.resource.id.clone(),
        kind: usage.user.kind.clone(),
        location: location(report, usage.user.span),
        reads: of_kind(OperationKind::Read),
        writes: of_kind(OperationKind::Write),
        complete: !usage.unknown,
    }
}

fn used_by(report: &Report, table: &TableFacts) -> Vec<TableUser> {
    let mut users: BTreeMap<usize, [BTreeSet<&'static str>; 2]> = BTreeMap::new();
    for (user, id) in &table.users {
        let User::Function(function) = user else { continue };
        let operation = report.facts.access(*id).access.operation;
        let side = match operation.kind() {
            OperationKind::Read => 0,
            OperationKind::Write => 1,
            OperationKind::Control => continue,
        };
        users.entry(function.0).or_default()[side].insert(operation.name());
    }
    let user = |(function, [reads, writes]): (usize, [BTreeSet<&'static str>; 2])| TableUser {
        function: report.facts.functions[function].function.resource.id.clone(),
        reads: reads.into_iter().collect(),
        writes: writes.into_iter().collect(),
    };
    users.into_iter().map(user).collect()
}
