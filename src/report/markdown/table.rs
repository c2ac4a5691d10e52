//! Tables: the inventory of all, and a section for each.

use super::escape::{code, head, row};
use super::place;
use crate::dynamodb::operation::OperationKind;
use crate::facts::{AccessId, Entity, IndexFacts, IndexStatus, TableFacts};
use crate::report::Report;
use crate::template::model::{IndexKind, KeyElement, Setting};
use std::collections::{BTreeMap, BTreeSet};

/// One row a table.
pub(super) fn inventory(report: &Report) -> String {
    let facts = report.facts;
    if facts.tables.is_empty() {
        return "## Tables\n\nThe templates declare none.\n".to_owned();
    }
    let mut out = String::from("## Tables\n\n");
    out += &head(&["Table", "Key", "Indexes", "TTL", "PITR", "Billing", "Items", "Lambdas"]);
    for table in &facts.tables {
        let entities: Vec<String> = table.entities.iter().map(|entity| code(&entity.name)).collect();
        let users: BTreeSet<usize> =
            table.accesses.iter().flat_map(|id| facts.accesses[id.0].functions.iter().map(|f| f.0)).collect();
        out += &row([
            code(&table.table.resource.id),
            keys(&table.table.keys),
            table.indexes.len().to_string(),
            text(&table.table.ttl, "off"),
            switch(&table.table.pitr),
            text(&table.table.billing, "default"),
            entities.join(", "),
            users.len().to_string(),
        ]);
    }
    out
}

/// A section a table.
pub(super) fn sections(report: &Report) -> String {
    report.facts.tables.iter().map(|table| section(report, table)).collect()
}

fn section(report: &Report, facts: &TableFacts) -> String {
    let table = facts.table;
    let mut out = format!("## {}\n\n", code(&table.resource.id));
    let names: Vec<String> = table.names.iter().map(|name| code(&name.value.to_string())).collect();
    let name = if names.is_empty() { "given by CloudFormation".to_owned() } else { names.join(" or ") };
    let facts_of = [
        ("Declared", format!("{}, {}", place(report, table.span), code(table.kind.type_name()))),
        ("Name", name),
        ("Key", keys(&table.keys)),
        ("Time to live", text(&table.ttl, "off")),
        ("Point-in-time recovery", switch(&table.pitr)),
        ("Billing", text(&table.billing, "default")),
        ("Stream", text(&table.stream, "off")),
        ("Deletion policy", text(&table.deletion_policy, "default")),
        ("Deletion protection", switch(&table.deletion_protection)),
    ];
    out.extend(facts_of.iter().map(|(name, value)| format!("- {name}: {value}\n")));
    out += &entities(report, &facts.entities);
    out += &indexes(report, &facts.indexes);
    out += &users(report, facts);
    out + "\n"
}

fn entities(report: &Report, entities: &[Entity]) -> String {
    if entities.is_empty() {
        return String::new();
    }
    let mut out = format!("\n{}", head(&["Item", "Key pattern", "Fills index", "Written at"]));
    for entity in entities {
        let key = entity.key.iter().map(|(name, pattern)| code(&format!("{name} = {pattern}")));
        let indexes = entity.indexes.iter().map(|index| code(index));
        out += &row([code(&entity.name), list(key), list(indexes), places(report, &entity.writers)]);
    }
    out
}

fn indexes(report: &Report, indexes: &[IndexFacts]) -> String {
    if indexes.is_empty() {
        return String::new();
    }
    let mut out =
        format!("\n{}", head(&["Index", "Kind", "Key", "Projection", "Health", "Read at", "Keys written at"]));
    for facts in indexes {
        let index = facts.index;
        let kind = match index.kind {
            IndexKind::Global => "GSI",
            IndexKind::Local => "LSI",
        };
        let health = match facts.status {
            IndexStatus::Used => "used",
            IndexStatus::Unused => "**unused**",
            IndexStatus::Unknown => "unknown",
        };
        let spans: BTreeSet<_> = facts.key_writes.iter().map(|site| site.span).collect();
        let written: BTreeSet<String> = spans.into_iter().map(|span| place(report, span)).collect();
        let projection = index.projection.clone().unwrap_or_default();
        let key = keys(&index.keys);
        let readers = places(report, &facts.readers);
        out += &row([code(&index.name.value), kind.into(), key, projection, health.into(), readers, list(written)]);
    }
    out
}

/// Who reads and writes: Lambdas first, then scripts.
fn users(report: &Report, table: &TableFacts) -> String {
    let facts = report.facts;
    let mut users: BTreeMap<(bool, String), [BTreeSet<&str>; 2]> = BTreeMap::new();
    for id in &table.accesses {
        let access = &facts.accesses[id.0];
        let side = match access.access.operation.kind() {
            OperationKind::Read => 0,
            OperationKind::Write => 1,
            OperationKind::Control => continue,
        };
        let lambdas = access.functions.iter().map(|f| (false, facts.functions[f.0].function.resource.id.clone()));
        let scripts = access.scripts.iter().map(|file| (true, report.sources.file(*file).name.clone()));
        for user in lambdas.chain(scripts) {
            users.entry(user).or_default()[side].insert(access.access.operation.name());
        }
    }
    if users.is_empty() {
        return "\nNo call to this table was found.\n".to_owned();
    }
    let mut out = format!("\n{}", head(&["Used by", "Reads", "Writes"]));
    for ((script, name), [reads, writes]) in users {
        let name = if script { format!("{} (script)", code(&name)) } else { code(&name) };
        out += &row([name, list(reads), list(writes)]);
    }
    out
}

/// `PK` (S) / `SK` (S): partition key, then sort key.
fn keys(keys: &[KeyElement]) -> String {
    let key = |key: &KeyElement| {
        let kind = key.attribute_type.as_deref().unwrap_or("undefined");
        format!("{} ({kind})", code(&key.attribute.value))
    };
    keys.iter().map(key).collect::<Vec<_>>().join(" / ")
}

fn text(setting: &Setting<String>, unset: &str) -> String {
    match setting {
        Setting::Unset => unset.to_owned(),
        Setting::Is(value) => code(&value.value),
        Setting::Varies(values) => {
            let value = |v: &Option<_>| v.as_ref().map_or_else(|| unset.to_owned(), spanned_code);
            values.iter().map(value).collect::<Vec<_>>().join(" or ")
        }
        Setting::Unknown(_) => "unknown".to_owned(),
    }
}

fn spanned_code(value: &crate::source::Spanned<String>) -> String {
    code(&value.value)
}

fn switch(setting: &Setting<bool>) -> String {
    let word = |on: bool| if on { "on" } else { "off" };
    match setting {
        Setting::Unset => "off".to_owned(),
        Setting::Is(value) => word(value.value).to_owned(),
        Setting::Varies(_) => "depends on a condition".to_owned(),
        Setting::Unknown(_) => "unknown".to_owned(),
    }
}

fn places(report: &Report, accesses: &[AccessId]) -> String {
    let ids: BTreeSet<AccessId> = accesses.iter().copied().collect();
    list(ids.into_iter().map(|id| place(report, report.facts.accesses[id.0].access.span)))
}

fn list<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    let words: Vec<S> = words.into_iter().collect();
    words.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ")
}
