//! Functions, accesses and grants, as JSON shows them.

use super::model::{Access, Doubt, EntryPoint, Evidence, Function, Grant, Location, MissingGrant};
use super::{location, with_services};
use crate::facts::{
    AccessFacts, AccessId, Facts, FunctionFacts, FunctionId, GrantStatus, PaginationStatus, Resolution, TableId,
};
use crate::facts::{TableFacts, Verdict};
use crate::report::rights::{Kept, is_asked};
use crate::report::{Report, why};
use crate::rules::removable;
use crate::source::normalize;
use crate::template::model::Code;
use std::path::Path;

pub(super) fn functions(report: &Report) -> Vec<Function> {
    report.facts.functions.iter().map(|function| self::function(report, function)).collect()
}

fn function(report: &Report, facts: &FunctionFacts) -> Function {
    let function = facts.function;
    let roles: Vec<&str> = facts.roles.iter().map(|role| role.resource.id.as_str()).collect();
    Function {
        id: function.resource.id.clone(),
        handler: function.handler.as_ref().map(|handler| handler.value.clone()),
        location: location(report, function.span),
        role: Some(roles.join(" | ")).filter(|roles| !roles.is_empty()),
        code: match &function.code {
            Code::Local(path) => beside(&report.sources.file(function.span.file).name, &path.value),
            Code::Image { context, .. } => beside(&report.sources.file(function.span.file).name, &context.value),
            Code::Inline { .. } => "inline".to_owned(),
            Code::Uploaded(_) | Code::Elsewhere => "elsewhere".to_owned(),
        },
        verdict: match facts.verdict {
            Verdict::Exact => "exact",
            Verdict::OverGranted => "over-granted",
            Verdict::UnderGranted => "under-granted",
            Verdict::Both => "both",
            Verdict::Unverified => "unverified",
            Verdict::NoDynamoDb => "no-dynamodb",
        },
        doubts: facts.doubts.iter().map(|doubt| self::doubt(report, doubt)).collect(),
    }
}

fn doubt(report: &Report, doubt: &crate::facts::Doubt) -> Doubt {
    Doubt { location: location(report, doubt.span), reason: doubt.reason.clone() }
}

/// A path that a template gives, as seen from the working folder.
fn beside(template: &str, path: &str) -> String {
    let folder = Path::new(template).parent().unwrap_or(Path::new(""));
    let path = normalize(&folder.join(path)).to_string_lossy().replace('\\', "/");
    if path.is_empty() { ".".to_owned() } else { path }
}

pub(super) fn accesses(report: &Report) -> Vec<Access> {
    (0..report.facts.accesses.len()).map(|id| access(report, AccessId(id))).collect()
}

fn access(report: &Report, id: AccessId) -> Access {
    let facts = report.facts.access(id);
    let access = facts.access;
    let (table, table_reason) = table(report.facts, &facts.table);
    let action = access.actions.iter().next().map(String::as_str);
    let action = action.or(access.operation.actions().first().copied()).unwrap_or_default();
    Access {
        location: location(report, access.span),
        function: access.function.clone(),
        operation: access.operation.name(),
        action: format!("dynamodb:{action}"),
        table,
        table_reason,
        index: facts.index.known().cloned().flatten(),
        pagination: facts.pagination.as_ref().map(|pagination| pagination_status(pagination.status)),
        functions: function_ids(report.facts, &facts.functions),
        entry_points: entry_points(report, facts),
        evidence: evidence(report, id),
    }
}

/// How the first of those who come to a call come there, and how the call's names are known.
fn evidence(report: &Report, id: AccessId) -> Vec<Evidence> {
    let places = why::evidence(report, id).into_iter();
    places.map(|place| Evidence { location: location(report, place.span), message: place.message }).collect()
}

/// A table's logical id, or why there isn't one.
fn table(facts: &Facts, table: &Resolution<TableId>) -> (Option<String>, Option<String>) {
    match table {
        Resolution::Known(id) => (Some(table_id(facts, *id)), None),
        Resolution::Several(ids) => {
            let ids: Vec<String> = ids.iter().map(|id| table_id(facts, *id)).collect();
            (None, Some(format!("one of {}", ids.join(", "))))
        }
        Resolution::Undeclared(name) => (None, Some(format!("no template declares {name}"))),
        Resolution::Unknown(reason) => (None, Some(reason.clone())),
    }
}

fn pagination_status(status: PaginationStatus) -> &'static str {
    match status {
        PaginationStatus::Paginated => "paginated",
        PaginationStatus::Cursor => "cursor",
        PaginationStatus::Bounded => "bounded",
        PaginationStatus::Missing => "missing",
        PaginationStatus::Unknown => "unknown",
    }
}

fn entry_points(report: &Report, access: &AccessFacts) -> Vec<EntryPoint> {
    let function = |certainty| {
        move |id: &FunctionId| EntryPoint { kind: "function", name: function_id(report.facts, *id), certainty }
    };
    let certain = access.functions.iter().map(function("resolved"));
    let possible = access.possible_functions.iter().filter(|id| !access.functions.contains(id));
    let scripts = access.scripts.iter().map(|file| EntryPoint {
        kind: "script",
        name: report.sources.file(*file).name.clone(),
        certainty: "resolved",
    });
    certain.chain(possible.map(function("possible"))).chain(scripts).collect()
}

/// The calls that use a right, on its table or on one that no template declares.
fn users(grant: &crate::facts::Grant) -> Vec<AccessId> {
    let all: std::collections::BTreeSet<AccessId> =
        grant.used_by.iter().chain(&grant.used_elsewhere).copied().collect();
    all.into_iter().collect()
}

pub(super) fn grants(report: &Report) -> Vec<Grant> {
    let (kept, asked) = (Kept::new(report.facts), removable(report.facts));
    let is_kept = |grant: &crate::facts::Grant| grant.is_unused() && !is_asked(grant, &asked);
    let entry = |grant: &crate::facts::Grant| Grant {
        function: function_id(report.facts, grant.function),
        role: grant.role.resource.id.clone(),
        table: table_id(report.facts, grant.table),
        index: grant.index,
        action: format!("dynamodb:{}", grant.action),
        location: location(report, grant.span),
        // An entry that serves another table can't be taken away, though this table has no need of it.
        status: match grant.status {
            _ if grant.is_used() => "used",
            GrantStatus::Unverified => "unverified",
            GrantStatus::Used | GrantStatus::Unused => "unused",
        },
        kept: is_kept(grant).then(|| kept.why(report.facts, grant)),
        used_by: with_services(report, &users(grant), &grant.services),
    };
    report.facts.grants.iter().map(entry).collect()
}

pub(super) fn missing_grants(report: &Report) -> Vec<MissingGrant> {
    let place = |id: usize| -> Location { location(report, report.facts.accesses[id].access.span) };
    let entry = |missing: &crate::facts::MissingGrant| MissingGrant {
        function: function_id(report.facts, missing.function),
        role: missing.role.id.clone(),
        table: table_id(report.facts, missing.table),
        index: missing.index.clone(),
        action: format!("dynamodb:{}", missing.action),
        location: place(missing.accesses[0].0),
    };
    report.facts.missing_grants.iter().map(entry).collect()
}

/// Logical ids, each once: two templates may use one.
fn function_ids(facts: &Facts, ids: &[FunctionId]) -> Vec<String> {
    let ids: std::collections::BTreeSet<String> = ids.iter().map(|id| function_id(facts, *id)).collect();
    ids.into_iter().collect()
}

fn function_id(facts: &Facts, id: FunctionId) -> String {
    facts.functions[id.0].function.resource.id.clone()
}

fn table_id(facts: &Facts, id: TableId) -> String {
    let table: &TableFacts = &facts.tables[id.0];
    table.table.resource.id.clone()
}
