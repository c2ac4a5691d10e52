//! A statement of a policy: who uses what it grants, and why the rest is believed unused, or can't be told.

use super::site::some_calls;
use super::{Answer, Chapter, Place, lambda, table};
use crate::facts::{AccessId, Breadth, FunctionId, Grant, GrantStatus, TableId, breadth};
use crate::report::Report;
use crate::report::totals::counted;
use crate::source::Span;
use crate::template::model::{PolicyOrigin, Role, Statement};
use std::collections::{BTreeMap, BTreeSet};

/// Calls shown of those that use a right, or that a Lambda makes on a table.
const MAX_CALLS: usize = 4;
/// Blind spots shown of those that keep it open whether a right is used.
const MAX_SPOTS: usize = 4;

/// Rights of one function on one table, or on its indexes.
type Holding = (FunctionId, TableId, bool);

pub(super) fn answer(report: &Report, statement: &Statement, line: Span) -> Answer {
    let mut holdings: BTreeMap<Holding, Vec<&Grant>> = BTreeMap::new();
    for grant in report.facts.grants_in(statement, line) {
        holdings.entry((grant.function, grant.table, grant.index)).or_default().push(grant);
    }
    let source = match &statement.origin {
        PolicyOrigin::Document => "A statement".to_owned(),
        PolicyOrigin::SamTemplate(name) | PolicyOrigin::Managed(name) => name.clone(),
        PolicyOrigin::Connector(id) => format!("The connector {id}"),
        PolicyOrigin::Event(_) => "The policy for an event source".to_owned(),
    };
    let all = report.facts.grants.iter().filter(|grant| grant.statement.span == statement.span);
    let all: BTreeSet<&str> = all.map(|grant| grant.action.as_str()).collect();
    let here: BTreeSet<&str> = holdings.values().flatten().map(|grant| grant.action.as_str()).collect();
    let Some(first) = holdings.values().flatten().next() else {
        let title = format!("{source} that gives no Lambda a right on a table of this run");
        return Answer { title, span: statement.span, chapters: Vec::new() };
    };
    let every = matches!(breadth(statement), Some(Breadth::Actions | Breadth::Both));
    let named: Vec<&str> = here.iter().copied().collect();
    let (title, span) = match named.as_slice() {
        _ if every => (format!("{source} that grants every DynamoDB action"), statement.span),
        [only] if all.len() == 1 => (format!("{source} that grants dynamodb:{only}"), first.span),
        [only] => (format!("dynamodb:{only}, one of the {} actions of {}", all.len(), lower(&source)), first.span),
        some if some.len() < all.len() => {
            (format!("{} of the {} actions of {}", some.len(), all.len(), lower(&source)), first.span)
        }
        all => (format!("{source} that grants {}", counted(all.len(), "action", "actions")), statement.span),
    };
    let chapters = holdings.iter().flat_map(|(holding, grants)| of_holding(report, *holding, grants)).collect();
    Answer { title, span, chapters }
}

/// Within a sentence.
fn lower(source: &str) -> String {
    source.strip_prefix("A ").map_or_else(|| source.to_owned(), |rest| format!("a {rest}"))
}

/// A role: who runs under it, and what each of its statements grants.
pub(super) fn of_role(report: &Report, role: &Role) -> Answer {
    let facts = report.facts;
    let under = facts.functions.iter().filter(|f| f.roles.iter().any(|own| own.resource == role.resource));
    let under: Vec<Place> = under.map(|f| Place::new(f.function.span, f.function.resource.id.clone())).collect();
    let who = if under.is_empty() {
        Chapter::because("No Lambda of this run runs under it", "Its rights are compared with no code.")
    } else {
        Chapter::new("Under it runs", under)
    };
    let mut rights: BTreeMap<Span, BTreeMap<String, BTreeSet<&str>>> = BTreeMap::new();
    for grant in facts.grants.iter().filter(|grant| grant.role.resource == role.resource) {
        let on = target(report, (grant.function, grant.table, grant.index));
        rights.entry(grant.statement.span).or_default().entry(on).or_default().insert(&grant.action);
    }
    let each = rights.into_iter().map(|(span, targets)| {
        let targets = targets
            .into_iter()
            .map(|(on, actions)| format!("{} on {on}", actions.into_iter().collect::<Vec<_>>().join(", ")));
        Place::new(span, format!("grants {}", targets.collect::<Vec<_>>().join("; ")))
    });
    let places: Vec<Place> = each.collect();
    let grants = if places.is_empty() {
        Chapter::because("It grants nothing", "None of its statements is for a table of this run.")
    } else {
        Chapter::new("It grants rights on tables of this run", places)
    };
    Answer { title: format!("The role {}", role.resource.id), span: role.span, chapters: vec![who, grants] }
}

/// Each right that is used, then all that aren't, then all of which it can't be told.
fn of_holding(report: &Report, holding: Holding, grants: &[&Grant]) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> =
        grants.iter().filter(|grant| grant.status == GrantStatus::Used).map(|grant| used(report, grant)).collect();
    for (status, chapter) in [
        (GrantStatus::Unused, unused as fn(&Report, Holding, &[&Grant]) -> Chapter),
        (GrantStatus::Unverified, unverified),
    ] {
        let such: Vec<&Grant> = grants.iter().copied().filter(|grant| grant.status == status).collect();
        if !such.is_empty() {
            chapters.push(chapter(report, holding, &such));
        }
    }
    chapters
}

/// `OrdersTable`, `the indexes of OrdersTable`.
fn target(report: &Report, (_, id, index): Holding) -> String {
    let table = table(report, id);
    if index { format!("the indexes of {table}") } else { table }
}

fn actions(grants: &[&Grant]) -> String {
    grants.iter().map(|grant| grant.action.as_str()).collect::<Vec<_>>().join(", ")
}

fn used(report: &Report, grant: &Grant) -> Chapter {
    let (mut places, left_out) = some_calls(report, &grant.used_by, MAX_CALLS);
    places.extend(grant.services.iter().map(|span| Place::new(*span, "is configured to use it")));
    let holding = (grant.function, grant.table, grant.index);
    let title = format!("{} uses {} on {}", lambda(report, grant.function), grant.action, target(report, holding));
    Chapter { title, places, left_out, ..Chapter::default() }
}

fn unused(report: &Report, holding: Holding, grants: &[&Grant]) -> Chapter {
    let (function, id, _) = holding;
    let name = lambda(report, function);
    let calls = calls_on(report, function, id);
    let (places, left_out) = some_calls(report, &calls, MAX_CALLS);
    let files = counted(report.facts.function(function).loaded.len(), "file", "files");
    let followed =
        format!("Its code was followed from the handler through {files}, and nothing in it hides a call that could.");
    let reason = match calls.len() {
        0 => format!("It makes no call on {}. {followed}", table(report, id)),
        1 => format!("The one call that it makes on {} needs none of that. {followed}", table(report, id)),
        n => format!("None of the {n} calls that it makes on {} needs that. {followed}", table(report, id)),
    };
    let title = format!("{name} doesn't use {} on {}", actions(grants), target(report, holding));
    Chapter { title, reason, places, left_out }
}

/// Calls of a function on a table, certain or possible.
fn calls_on(report: &Report, function: FunctionId, id: TableId) -> Vec<AccessId> {
    let facts = report.facts.function(function);
    let table = report.facts.table(id);
    let on = |access: &AccessId| table.accesses.contains(access) || table.possible_accesses.contains(access);
    let mut calls: Vec<AccessId> =
        facts.accesses.iter().chain(&facts.possible_accesses).copied().filter(|access| on(access)).collect();
    calls.retain(|access| !report.facts.access(*access).access.opens_batch);
    calls.sort_unstable();
    calls.dedup();
    calls
}

fn unverified(report: &Report, holding: Holding, grants: &[&Grant]) -> Chapter {
    let (function, id, _) = holding;
    let mut users: Vec<AccessId> = grants.iter().flat_map(|grant| grant.used_by.iter().copied()).collect();
    users.sort_unstable();
    users.dedup();
    let (mut places, _) = some_calls(report, &users, MAX_CALLS);
    places.iter_mut().for_each(|place| place.message.push_str(", which may need it"));
    let withheld = |spot: &&crate::facts::BlindSpot| {
        spot.withholds.contains(&"iam-over-grant") && spot.function.is_none_or(|of| of == function)
    };
    let spots: Vec<_> = report.facts.blind_spots.iter().filter(withheld).collect();
    places.extend(spots.iter().take(MAX_SPOTS).map(|spot| Place::new(spot.span, spot.reason.clone())));
    let left_out = spots.len().saturating_sub(MAX_SPOTS);
    let name = lambda(report, function);
    let title = format!("It can't be told whether {name} uses {} on {}", actions(grants), target(report, holding));
    let reason = match places.len() {
        0 => format!("Its code can't be followed to its end, so calls on {} may be hidden in it.", table(report, id)),
        _ => "No call surely needs it, but one could be hidden here.".to_owned(),
    };
    Chapter { title, reason, places, left_out }
}
