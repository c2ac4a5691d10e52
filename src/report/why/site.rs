//! A DynamoDB call: who comes to it, and how its names are known.

use super::{Answer, Chapter, Place, table, user};
use crate::facts::{AccessFacts, AccessId, PaginationStatus, Resolution, TableId, User};
use crate::flow::Principal;
use crate::flow::{Certainty, Event, NameRole, Observation, Origin, Step};
use crate::report::Report;
use crate::source::Span;
use std::collections::BTreeSet;

/// Entry points whose way to the call is shown; of more, only the names.
const MAX_WAYS: usize = 4;

pub(super) fn answer(report: &Report, id: AccessId) -> Answer {
    let facts = report.facts.access(id);
    let access = facts.access;
    let mut chapters = ways(report, facts);
    chapters.extend(of_table(report, facts));
    chapters.extend(of_index(report, facts));
    chapters.extend(of_pages(facts));
    if access.observations.iter().any(|seen| seen.principal == Principal::Foreign) {
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
    let mut places = Vec::new();
    if let Some((seen, user)) = starts(report, facts).first() {
        places = way(report, facts, seen, *user);
        for origin in &seen.evidence.names {
            places.extend(way_of_name(report, facts, origin));
        }
    }
    places
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
    places.push(the_call(facts));
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
        Event::Sets(name) => format!("sets {name}"),
        Event::Reads(name) => format!("reads {name}"),
        Event::Names => "spells the name out".to_owned(),
        Event::Builds => "builds the name".to_owned(),
        Event::Keeps(name) => format!("keeps it as `{name}`"),
        Event::Passes { name, to } => format!("passes it to `{to}` as `{name}`"),
        Event::Defaults(name) => format!("is the default of `{name}`"),
        Event::Returns => "returns it".to_owned(),
        Event::Opens => "opens the table".to_owned(),
    };
    Place::new(step.span, message)
}

/// The ways on which a name came, each that is different once, and who comes with it.
fn ways_of_names(report: &Report, facts: &AccessFacts, role: NameRole) -> Vec<(Vec<Place>, Vec<String>)> {
    let mut ways: Vec<(Vec<Place>, Vec<String>)> = Vec::new();
    for seen in &facts.access.observations {
        let starter = seen.entry.and_then(|entry| *report.facts.starters.get(entry)?);
        let who = starter.map(|starter| user(report, starter));
        for origin in seen.evidence.names.iter().filter(|origin| origin.role == role) {
            let way = way_of_name(report, facts, origin);
            match ways.iter_mut().find(|(known, _)| *known == way) {
                Some((_, users)) => users.extend(who.clone().filter(|who| !users.contains(who))),
                None => ways.push((way, who.iter().cloned().collect())),
            }
        }
    }
    ways
}

/// From a name's source to the call; what happens on one line is told at once.
fn way_of_name(report: &Report, facts: &AccessFacts, origin: &Origin) -> Vec<Place> {
    let line = |span: Span| (span.file, report.sources.position(span, span.start).line);
    let mut places: Vec<Place> = Vec::new();
    for step in &origin.steps {
        let Place { span, message } = place(step);
        match places.last_mut() {
            Some(last) if line(last.span) == line(span) => last.message = format!("{}, {message}", last.message),
            _ => places.push(Place { span, message }),
        }
    }
    places.push(the_call(facts));
    places
}

fn the_call(facts: &AccessFacts) -> Place {
    Place::new(facts.access.span, format!("the {}", facts.access.operation))
}

/// What a name is, with the first ways on which it came; of several, each says for whom.
fn known(title: &str, declared: Option<Place>, ways: Vec<(Vec<Place>, Vec<String>)>) -> Vec<Chapter> {
    let several = ways.len() > 1;
    let mut chapters: Vec<Chapter> = Vec::new();
    for (at, (way, users)) in ways.into_iter().take(MAX_WAYS).enumerate() {
        let title = if several { format!("{title}, for {}", users.join(", ")) } else { title.to_owned() };
        let declared = declared.iter().filter(|_| at == 0).cloned();
        chapters.push(Chapter::new(title, declared.chain(way).collect()));
    }
    if chapters.is_empty() {
        chapters.push(Chapter::new(title, declared.into_iter().collect()));
    }
    chapters
}

fn of_table(report: &Report, facts: &AccessFacts) -> Vec<Chapter> {
    let ways = ways_of_names(report, facts, NameRole::Table);
    let chapter = match &facts.table {
        Resolution::Known(id) => {
            let declared = Place::new(report.facts.table(*id).table.span, "declares the table");
            return known(&format!("Its table is {}", table(report, *id)), Some(declared), ways);
        }
        Resolution::Several(ids) => {
            let names: Vec<String> = ids.iter().map(|id| table(report, *id)).collect();
            let places = ids.iter().map(|id| Place::new(report.facts.table(*id).table.span, "declares one of them"));
            let places = places.collect();
            if facts.parts.is_empty() {
                let title = format!("Its table is one of {}, for some callers this, for others that", names.join(", "));
                Chapter::new(title, places)
            } else {
                let reason = format!("Its parts need {}.", parts(report, facts));
                Chapter { reason, ..Chapter::new(format!("Its tables are {}", names.join(", ")), places) }
            }
        }
        Resolution::Undeclared(name) => {
            Chapter::because(format!("Its table is {name}"), "No template of this run declares a table of that name.")
        }
        Resolution::Unknown(reason) => Chapter::because("Its table isn't known", format!("{reason}.")),
    };
    let more = ways
        .into_iter()
        .take(MAX_WAYS)
        .map(|(way, users)| Chapter::new(format!("It may have come so, for {}", users.join(", ")), way));
    std::iter::once(chapter).chain(more).collect()
}

/// `PutItem on Payments, UpdateItem on Orders and Stock`.
fn parts(report: &Report, facts: &AccessFacts) -> String {
    let on = |(action, ids): (&String, &BTreeSet<TableId>)| {
        let names: Vec<String> = ids.iter().map(|id| table(report, *id)).collect();
        let names = if names.is_empty() { "tables that aren't known".to_owned() } else { names.join(" and ") };
        format!("{action} on {names}")
    };
    facts.parts.iter().map(on).collect::<Vec<_>>().join("; ")
}

fn of_index(report: &Report, facts: &AccessFacts) -> Vec<Chapter> {
    let ways = ways_of_names(report, facts, NameRole::Index);
    match &facts.index {
        Resolution::Known(None) => Vec::new(),
        Resolution::Known(Some(name)) | Resolution::Undeclared(name) => {
            let on = facts.table.known().map(|id| report.facts.table(*id));
            let indexes = on.map(|table| table.indexes.iter());
            let index = indexes.and_then(|mut indexes| indexes.find(|index| index.index.name.value == *name));
            let declared = index.map(|index| Place::new(index.index.name.span, "declares the index"));
            let lacks = on.filter(|_| declared.is_none()).map(|table| table.table.resource.id.as_str());
            let mut chapters = known(&format!("Its index is {name}"), declared, ways);
            if let (Some(table), Some(first)) = (lacks, chapters.first_mut()) {
                first.reason = format!("{table} has no such index.");
            }
            chapters
        }
        Resolution::Several(names) => {
            let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "none".to_owned());
            let names: Vec<String> = names.iter().map(name).collect();
            known(&format!("Its index is one of {}", names.join(", ")), None, ways)
        }
        Resolution::Unknown(reason) => vec![Chapter::because("Its index isn't known", format!("{reason}."))],
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
