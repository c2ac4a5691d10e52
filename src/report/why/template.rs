//! What a template declares: the readers and writers of tables and indexes, what a Lambda reaches, what a variable names.

use super::site::some_calls;
use super::{Answer, Chapter, Place, call, lambda, table as table_name, user};
use crate::dynamodb::operation::OperationKind;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::facts::{AccessId, AttributeSite, FunctionId, IndexStatus, TableFacts, TableId, User};
use crate::flow::{Certainty, NameRole};
use crate::report::Report;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Calls shown for each reader or writer.
const MAX_CALLS: usize = 6;

pub(super) fn table(report: &Report, id: TableId) -> Answer {
    let facts = report.facts.table(id);
    let mut chapters = Vec::new();
    for (kind, does) in [(OperationKind::Read, "reads"), (OperationKind::Write, "writes")] {
        chapters.extend(uses(report, facts, kind).into_iter().map(|(who, calls)| {
            let (places, left_out) = some_calls(report, &calls, MAX_CALLS);
            Chapter { title: format!("{} {does} it", user(report, who)), places, left_out, ..Chapter::default() }
        }));
    }
    chapters.extend(facts.services.iter().map(|service| {
        let operations: Vec<String> = service.operations.iter().map(ToString::to_string).collect();
        let title = format!("{} uses it by configuration", service.user.resource.id);
        Chapter::because(title, operations.join(", "))
    }));
    chapters.extend(perhaps(report, &facts.possible_accesses, "These calls may be on it"));
    if chapters.is_empty() {
        chapters.push(Chapter::because("Nothing uses it", "No call that could be followed is on this table."));
    }
    Answer { title: format!("The table {}", table_name(report, id)), span: facts.table.span, chapters }
}

/// Who does such things to a table, and where.
fn uses(report: &Report, facts: &TableFacts, kind: OperationKind) -> BTreeMap<User, Vec<AccessId>> {
    let mut uses: BTreeMap<User, Vec<AccessId>> = BTreeMap::new();
    for (who, id) in &facts.users {
        if report.facts.access(*id).access.operation.kind() == kind {
            uses.entry(*who).or_default().push(*id);
        }
    }
    uses
}

fn perhaps(report: &Report, ids: &[AccessId], title: &str) -> Option<Chapter> {
    let (places, left_out) = some_calls(report, ids, MAX_CALLS);
    (!places.is_empty()).then(|| Chapter { title: title.to_owned(), places, left_out, ..Chapter::default() })
}

pub(super) fn index(report: &Report, id: TableId, index: usize) -> Answer {
    let facts = &report.facts.table(id).indexes[index];
    let mut chapters = Vec::new();
    let mut readers: Vec<Place> = facts.readers.iter().map(|id| with_callers(report, *id)).collect();
    readers.extend(facts.service_readers.iter().map(|span| Place::new(*span, "is configured to read it")));
    chapters.push(match facts.status {
        IndexStatus::Used => Chapter::new("It is read", readers),
        IndexStatus::Unused => {
            let table = report.facts.table(id);
            let calls = table.accesses.iter().filter(|id| !report.facts.access(**id).access.opens_batch).count();
            let name = table_name(report, id);
            let reason = match calls {
                0 => format!("No call is surely on {name}, and of those that may be none goes through it."),
                1 => format!("The one call on {name} doesn't go through it, and every call that could was followed."),
                _ => format!(
                    "None of the {calls} calls on {name} goes through it, and every call that could was followed."
                ),
            };
            Chapter::because("Nothing reads it", reason)
        }
        IndexStatus::Unknown => {
            let spots = report.facts.blind_spots.iter().filter(|spot| spot.withholds.contains(&"unused-gsi"));
            readers.extend(spots.take(MAX_CALLS).map(|spot| Place::new(spot.span, spot.reason.clone())));
            let reason = "No call surely reads it, but one could be hidden here.".to_owned();
            Chapter {
                title: "It can't be told whether anything reads it".to_owned(),
                reason,
                places: readers,
                left_out: 0,
            }
        }
    });
    let mut attributes: BTreeMap<&str, Vec<&AttributeSite>> = BTreeMap::new();
    for key in &facts.index.keys {
        attributes.entry(&key.attribute.value).or_default();
    }
    for site in &facts.key_writes {
        attributes.entry(&site.attribute).or_default().push(site);
    }
    for (attribute, sites) in attributes {
        let places: BTreeSet<(Span, String)> = sites.iter().map(|site| (site.span, set_to(&site.value))).collect();
        let places: Vec<Place> =
            places.into_iter().take(MAX_CALLS).map(|(span, what)| Place::new(span, what)).collect();
        let title = if places.is_empty() { "No code that was followed writes" } else { "Code writes" };
        chapters.push(Chapter::new(format!("{title} its key attribute {attribute}"), places));
    }
    let name = &facts.index.name;
    Answer { title: format!("The index {} of {}", name.value, table_name(report, id)), span: name.span, chapters }
}

/// A value that an attribute is set to.
pub(super) fn set_to(value: &Symbolic) -> String {
    match value.parts() {
        [] => "to an empty string".to_owned(),
        [Part::Hole(origin)] if origin.contains(' ') || origin == "…" => {
            "to what is known only at run time".to_owned()
        }
        _ => format!("as `{value}`"),
    }
}

/// A call with those who make it.
pub(super) fn with_callers(report: &Report, id: AccessId) -> Place {
    let facts = report.facts.access(id);
    let functions = facts.functions.iter().map(|id| lambda(report, *id));
    let scripts = facts.scripts.iter().map(|file| report.sources.file(*file).name.clone());
    let who: Vec<String> = functions.chain(scripts).collect();
    let Place { span, message } = call(report, id);
    let message = match facts.certainty {
        Certainty::Latent => format!("{message}, which nothing leads to"),
        Certainty::Possible => format!("{message}, perhaps"),
        Certainty::Resolved => format!("{message}, reached from {}", who.join(", ")),
    };
    Place { span, message }
}

pub(super) fn function(report: &Report, id: FunctionId) -> Answer {
    let facts = report.facts.function(id);
    let mut tables: BTreeMap<String, Vec<AccessId>> = BTreeMap::new();
    for access in &facts.accesses {
        let on = report.facts.access(*access).table.known();
        let on =
            on.map_or_else(|| "a table that isn't one and the same known one".to_owned(), |id| table_name(report, *id));
        tables.entry(on).or_default().push(*access);
    }
    let mut chapters: Vec<Chapter> = Vec::new();
    for (table, calls) in tables {
        let (places, left_out) = some_calls(report, &calls, MAX_CALLS);
        chapters.push(Chapter { title: format!("It makes calls on {table}"), places, left_out, ..Chapter::default() });
    }
    chapters.extend(perhaps(report, &facts.possible_accesses, "It may make these calls"));
    let spots = report.facts.blind_spots.iter().filter(|spot| spot.function == Some(id));
    let spots: Vec<Place> = spots.map(|spot| Place::new(spot.span, spot.reason.clone())).collect();
    if !spots.is_empty() {
        chapters.push(Chapter::new("This in it couldn't be resolved", spots));
    }
    if chapters.is_empty() {
        chapters
            .push(Chapter::because("It makes no DynamoDB call", "Its code was followed from the handler to its end."));
    }
    Answer { title: format!("The Lambda {}", lambda(report, id)), span: facts.function.span, chapters }
}

pub(super) fn variable(report: &Report, name: &str, span: Span) -> Answer {
    let mut named: BTreeMap<NameRole, BTreeSet<AccessId>> = BTreeMap::new();
    for (id, facts) in (0..).map(AccessId).zip(&report.facts.accesses) {
        let origins = facts.access.observations.iter().flat_map(|seen| &seen.evidence.names);
        for origin in origins.filter(|origin| origin.steps.iter().any(|step| step.span == span)) {
            named.entry(origin.role).or_default().insert(id);
        }
    }
    let mut chapters: Vec<Chapter> = Vec::new();
    for (role, calls) in named {
        let calls: Vec<AccessId> = calls.into_iter().collect();
        let (places, left_out) = some_calls(report, &calls, MAX_CALLS);
        let what = if role == NameRole::Table { "table" } else { "index" };
        chapters.push(Chapter {
            title: format!("It names the {what} of these calls"),
            places,
            left_out,
            ..Chapter::default()
        });
    }
    if chapters.is_empty() {
        let reason = "No call that could be followed has its table or its index from it.";
        chapters.push(Chapter::because("Nothing is named by it", reason));
    }
    Answer { title: format!("The environment variable {name}"), span, chapters }
}
