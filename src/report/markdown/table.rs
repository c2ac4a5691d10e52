//! Tables: the inventory of all, and a section for each.

use super::escape::{code, head, row};
use super::{place, places};
use crate::dynamodb::operation::OperationKind;
use crate::facts::{AccessId, IndexFacts, IndexStatus, TableFacts, TableId, User};
use crate::report::callers::{self, Caller, caller};
use crate::report::{INVENTORY, Report};
use crate::template::model::{IndexKind, KeyElement, Setting, Table};
use std::collections::{BTreeMap, BTreeSet};

/// One row a table.
pub(super) fn inventory(report: &Report) -> String {
    let facts = report.facts;
    if facts.tables.is_empty() {
        return "## Tables\n\nThe templates declare none.\n".to_owned();
    }
    let mut out = String::from("## Tables\n\n");
    out += &head(&INVENTORY);
    for table in &facts.tables {
        let mut entities: Vec<String> = table.entities.iter().map(|entity| code(&entity.name)).collect();
        let mut seen = BTreeSet::new();
        entities.retain(|name| seen.insert(name.clone()));
        let users = table.users.iter().filter(|(user, _)| matches!(user, User::Function(_))).map(|(user, _)| user);
        let users: BTreeSet<&User> = users.collect();
        out += &row([
            code(&table.table.resource.id),
            keys(&table.table.keys),
            table.indexes.len().to_string(),
            text(&table.table.ttl, "off"),
            switch(&table.table.pitr),
            deletion(table.table),
            text(&table.table.billing, "default"),
            entities.join(", "),
            users.len().to_string(),
        ]);
    }
    out
}

/// What becomes of it when its stack goes.
fn deletion(table: &Table) -> String {
    let policy = text(&table.deletion_policy, "default");
    if table.is_protected() { format!("{policy}, protected") } else { policy }
}

/// A section a table.
pub(super) fn sections(report: &Report) -> String {
    (0..).map(TableId).zip(&report.facts.tables).map(|(id, table)| section(report, id, table)).collect()
}

fn section(report: &Report, id: TableId, facts: &TableFacts) -> String {
    let table = facts.table;
    let mut out = format!("## {}\n\n", code(&table.resource.id));
    let names: Vec<String> = table.names.iter().map(|name| code(&name.value.to_string())).collect();
    let name = if names.is_empty() { "given by CloudFormation".to_owned() } else { names.join(" or ") };
    let other = |table: &&Table| format!("; or as {} at {}", code(&table.resource.id), place(report, table.span));
    let others: String = facts.alternatives.iter().map(other).collect();
    let facts_of = [
        ("Declared", format!("{}, {}{others}", place(report, table.span), code(table.kind.type_name()))),
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
    out += &entities(report, id, facts);
    out += &indexes(report, id, &facts.indexes);
    out += &users(report, facts);
    out + "\n"
}

/// The kinds of item. Of a table without TTL none expires, and without indexes there is none to fill.
fn entities(report: &Report, id: TableId, table: &TableFacts) -> String {
    if table.entities.is_empty() {
        return String::new();
    }
    let indexed = !table.indexes.is_empty();
    let expires = !matches!(table.table.ttl, Setting::Unset);
    let mut names = vec!["Item", "Key pattern"];
    names.extend(indexed.then_some("Fills index"));
    names.extend(expires.then_some("Expires"));
    names.extend(["Written by", "Written at"]);
    let mut out = format!("\n{}", head(&names));
    for entity in &table.entities {
        let key = entity.key.iter().map(|(name, pattern)| code(&format!("{name} = {pattern}")));
        let mut cells = vec![code(&entity.name), list(key)];
        cells.extend(indexed.then(|| list(entity.indexes.iter().map(|index| code(index)))));
        cells.extend(expires.then(|| entity.expiry.to_string()));
        cells.extend([callers(report, id, &entity.writers), calls(report, &entity.writers)]);
        out += &row(cells);
    }
    out
}

/// Who makes the calls; nobody, if no entry point reaches them.
fn callers(report: &Report, table: TableId, accesses: &[AccessId]) -> String {
    let all = list(callers::callers(report, table, accesses).iter().map(named));
    if all.is_empty() { "no live code".to_owned() } else { all }
}

fn named(caller: &Caller) -> String {
    match (&caller.template, caller.is_script) {
        (_, true) => format!("{} (script)", code(&caller.name)),
        (Some(template), _) => format!("{} ({})", code(&caller.name), code(template)),
        (None, _) => code(&caller.name),
    }
}

fn indexes(report: &Report, id: TableId, indexes: &[IndexFacts]) -> String {
    if indexes.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "\n{}",
        head(&["Index", "Kind", "Key", "Projection", "Health", "Read by", "Read at", "Keys written at"])
    );
    for facts in indexes {
        let index = facts.index;
        let kind = match index.kind {
            IndexKind::Global => "GSI",
            IndexKind::Local => "LSI",
        };
        let health = match facts.status {
            IndexStatus::Used if facts.serves_lambdas(report.facts) => "used",
            IndexStatus::Used => "used by no Lambda",
            IndexStatus::Unused => "**unused**",
            IndexStatus::Unknown => "unknown",
        };
        let written = places(report, facts.key_writes.iter().map(|site| site.span));
        let projection = index.projection.clone().unwrap_or_default();
        let key = keys(&index.keys);
        let configured = facts.service_readers.iter().map(|span| place(report, *span));
        let called = Some(calls(report, &facts.readers)).filter(|readers| !readers.is_empty());
        let readers = called.into_iter().chain(configured).collect::<Vec<_>>().join(", ");
        let by = if facts.readers.is_empty() { String::new() } else { callers(report, id, &facts.readers) };
        out += &row([code(&index.name.value), kind.into(), key, projection, health.into(), by, readers, written]);
    }
    out
}

/// Who reads and writes: Lambdas first, then scripts.
fn users(report: &Report, table: &TableFacts) -> String {
    let facts = report.facts;
    let mut users: BTreeMap<Caller, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for (user, id) in &table.users {
        let access = facts.access(*id);
        let side = match access.access.operation.kind() {
            OperationKind::Read => 0,
            OperationKind::Write => 1,
            OperationKind::Control => continue,
        };
        users.entry(caller(report, *user)).or_default()[side].insert(access.access.operation.name());
    }
    if users.is_empty() && table.services.is_empty() {
        return format!("\nNo call to this table was found.\n{}", streams(table));
    }
    let mut out = format!("\n{}", head(&["Used by", "Reads", "Writes"]));
    for (caller, [reads, writes]) in users {
        out += &row([named(&caller), list(reads), list(writes)]);
    }
    out + &services(table) + &streams(table)
}

/// Rows of those who use it by configuration.
fn services(table: &TableFacts) -> String {
    let rows = table.services.iter().map(|usage| {
        let of_kind = |kind| usage.operations.iter().filter(move |o| o.kind() == kind).map(|o| o.name());
        let more = usage.unknown.then_some("and what can't be told");
        let name = format!("{} ({})", code(&usage.user.resource.id), usage.user.kind);
        row([name, list(of_kind(OperationKind::Read).chain(more)), list(of_kind(OperationKind::Write).chain(more))])
    });
    rows.collect()
}

fn streams(table: &TableFacts) -> String {
    if table.stream_readers.is_empty() {
        return String::new();
    }
    format!("\nIts stream is read by {}.\n", list(table.stream_readers.iter().map(|reader| code(&reader.id))))
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

fn calls(report: &Report, accesses: &[AccessId]) -> String {
    places(report, accesses.iter().map(|id| report.facts.accesses[id.0].access.span))
}

fn list<S: AsRef<str>>(words: impl IntoIterator<Item = S>) -> String {
    let words: Vec<S> = words.into_iter().collect();
    words.iter().map(AsRef::as_ref).collect::<Vec<&str>>().join(", ")
}
