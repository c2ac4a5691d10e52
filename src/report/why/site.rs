//! A DynamoDB call: who comes to it, and how its names are known.

use super::{Answer, Chapter, Place, table, user};
use crate::facts::{AccessFacts, AccessId, PaginationStatus, Resolution, User};
use crate::flow::{Certainty, Event, Observation, Step};
use crate::report::Report;
use std::collections::BTreeSet;

/// Entry points whose way to the call is shown; of more, only the names.
const MAX_WAYS: usize = 4;

pub(super) fn answer(report: &Report, id: AccessId) -> Answer {
    let facts = report.facts.access(id);
    let access = facts.access;
    let mut chapters = ways(report, facts);
    chapters.push(of_table(report, facts));
    chapters.extend(of_index(report, facts));
    chapters.extend(of_pages(facts));
    if access.observations.iter().any(|seen| seen.foreign_credentials) {
        let reason = "They neither use nor need the rights of the function's own role.";
        chapters.push(Chapter::because("It is made with other credentials than the function's own", reason));
    }
    let on = match (&facts.table, facts.index.known()) {
        (Resolution::Known(id), Some(Some(index))) => format!(" on {} through {index}", table(report, *id)),
        (Resolution::Known(id), _) => format!(" on {}", table(report, *id)),
        _ => String::new(),
    };
    Answer { title: format!("`{}` calls {}{on}", access.function, access.operation), span: access.span, chapters }
}

/// How the first of those who come to it come there.
pub(in crate::report) fn evidence(report: &Report, id: AccessId) -> Vec<Place> {
    let facts = report.facts.access(id);
    let first = starts(report, facts).into_iter().next();
    first.map_or_else(Vec::new, |(seen, user)| way(report, facts, seen, user))
}

/// Those who come to it, the surest first, each once.
fn starts<'r>(report: &Report, facts: &AccessFacts<'r>) -> Vec<(&'r Observation, User)> {
    let starter = |seen: &Observation| seen.entry.and_then(|entry| *report.facts.starters.get(entry)?);
    let seen = facts.access.observations.iter().filter_map(|seen| Some((seen, starter(seen)?)));
    let mut seen: Vec<(&Observation, User)> = seen.collect();
    seen.sort_by_key(|(seen, user)| (seen.certainty, *user));
    let mut users = BTreeSet::new();
    seen.retain(|(_, user)| users.insert(*user));
    seen
}

/// Who comes to it, and how.
fn ways(report: &Report, facts: &AccessFacts) -> Vec<Chapter> {
    let seen = starts(report, facts);
    if seen.is_empty() {
        let reason = "Its function was looked at by itself. What only such code does uses no right and no index.";
        return vec![Chapter::because("Nothing leads to it, no Lambda and no script", reason)];
    }
    let (shown, others) = seen.split_at(if seen.len() > MAX_WAYS + 1 { MAX_WAYS } else { seen.len() });
    let mut chapters: Vec<Chapter> = shown.iter().map(|(seen, user)| of_way(report, facts, seen, *user)).collect();
    if !others.is_empty() {
        let names: Vec<String> = others.iter().map(|(_, other)| user(report, *other)).collect();
        chapters.push(Chapter::because(format!("Reached from {} more", others.len()), names.join(", ")));
    }
    chapters
}

fn way(report: &Report, facts: &AccessFacts, seen: &Observation, who: User) -> Vec<Place> {
    let mut places = Vec::new();
    if let User::Function(id) = who {
        places.push(Place::new(report.facts.function(id).function.span, "the Lambda"));
    }
    places.extend(seen.evidence.reach.iter().map(place).filter(|place| place.span != facts.access.span));
    places.push(Place::new(facts.access.span, format!("the {}", facts.access.operation)));
    places
}

fn of_way(report: &Report, facts: &AccessFacts, seen: &Observation, who: User) -> Chapter {
    let (name, places) = (user(report, who), way(report, facts, seen, who));
    match seen.certainty {
        Certainty::Possible => Chapter {
            title: format!("Perhaps reached from {name}"),
            reason:
                "What is called on the way isn't known, and was guessed by its name. Such a way counts as a use of \
                     rights and indexes, and proves no fault."
                    .to_owned(),
            places,
            left_out: 0,
        },
        Certainty::Resolved | Certainty::Latent => Chapter::new(format!("Reached from {name}"), places),
    }
}

pub(super) fn place(step: &Step) -> Place {
    let message = match &step.what {
        Event::Starts(name) => format!("starts with `{name}`"),
        Event::Calls(name) => format!("calls `{name}`"),
        Event::Registers(name) => format!("registers `{name}`, which the library calls"),
        Event::MayCall(name) => format!("may call `{name}`"),
        Event::Imports => "imports the module, and runs its top level".to_owned(),
    };
    Place::new(step.span, message)
}

fn of_table(report: &Report, facts: &AccessFacts) -> Chapter {
    match &facts.table {
        Resolution::Known(id) => {
            let declared = Place::new(report.facts.table(*id).table.span, "declares the table");
            Chapter::new(format!("Its table is {}", table(report, *id)), vec![declared])
        }
        Resolution::Several(ids) => {
            let names: Vec<String> = ids.iter().map(|id| table(report, *id)).collect();
            let places = ids.iter().map(|id| Place::new(report.facts.table(*id).table.span, "declares one of them"));
            let title = format!("Its table is one of {}, for some callers this, for others that", names.join(", "));
            Chapter::new(title, places.collect())
        }
        Resolution::Undeclared(name) => {
            Chapter::because(format!("Its table is {name}"), "No template of this run declares a table of that name.")
        }
        Resolution::Unknown(reason) => Chapter::because("Its table isn't known", format!("{reason}.")),
    }
}

fn of_index(report: &Report, facts: &AccessFacts) -> Option<Chapter> {
    match &facts.index {
        Resolution::Known(None) => None,
        Resolution::Known(Some(name)) => {
            let Some(id) = facts.table.known() else {
                return Some(Chapter::new(format!("Its index is {name}"), vec![]));
            };
            let declared = report.facts.table(*id).indexes.iter().find(|index| index.index.name.value == *name);
            Some(match declared {
                Some(index) => {
                    let place = Place::new(index.index.name.span, "declares the index");
                    Chapter::new(format!("Its index is {name}"), vec![place])
                }
                None => Chapter::because(
                    format!("Its index is {name}"),
                    format!("{} has no such index.", table(report, *id)),
                ),
            })
        }
        Resolution::Several(names) => {
            let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
            let names: Vec<String> = names.iter().map(name).collect();
            Some(Chapter::new(format!("Its index is one of {}", names.join(", ")), Vec::new()))
        }
        Resolution::Undeclared(name) => Some(Chapter::new(format!("Its index is {name}"), Vec::new())),
        Resolution::Unknown(reason) => Some(Chapter::because("Its index isn't known", format!("{reason}."))),
    }
}

fn of_pages(facts: &AccessFacts) -> Option<Chapter> {
    let pages = facts.pagination.as_ref()?;
    let title = match pages.status {
        PaginationStatus::Paginated => "It reads every page",
        PaginationStatus::Cursor => "Its caller can go on to further pages",
        PaginationStatus::Bounded => "One page is enough",
        PaginationStatus::Missing => "It takes the first page for all",
        PaginationStatus::Unknown => "What becomes of its pages isn't known",
    };
    Some(Chapter::because(title, format!("{}.", pages.reason)))
}

/// Places of calls, the first few of many, and how many are left out.
pub(super) fn some_calls(report: &Report, ids: &[AccessId], most: usize) -> (Vec<Place>, usize) {
    let places = ids.iter().take(most).map(|id| super::call(report, *id)).collect();
    (places, ids.len().saturating_sub(most))
}
