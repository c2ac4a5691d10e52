//! What rules say alike: who reaches an access, and what that does to a finding's severity.

use super::{Confidence, Severity};
use crate::facts::{AccessFacts, Facts, FunctionId, Resolution, Taken, User};
use crate::flow::Certainty;
use crate::template::model::TriggerKind;
use std::collections::BTreeSet;

/// Who reaches an access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reach {
    /// Lambdas.
    Lambdas(Vec<String>),
    /// Lambdas, if the file that is taken for their code is it; and how that was found.
    Taken(Vec<String>, String),
    /// Lambdas, through a call that was resolved by its name only.
    Perhaps(Vec<String>),
    /// Scripts and pages outside the Lambdas.
    Scripts,
    /// Nothing.
    Dead,
}

impl Reach {
    pub fn of(facts: &Facts, access: &AccessFacts) -> Self {
        if !access.functions.is_empty() {
            Self::of_lambdas(facts, &access.functions)
        } else if !access.scripts.is_empty() && access.certainty == Certainty::Resolved {
            Self::Scripts
        } else if !access.possible_functions.is_empty() {
            Self::Perhaps(names(facts, &access.possible_functions))
        } else if access.scripts.is_empty() {
            Self::Dead
        } else {
            Self::Scripts
        }
    }

    /// As [`Reach::of`], of none but `those`: who reaches the access otherwise isn't to blame. Code that nothing reaches is dead,
    /// unless somebody may reach it after all.
    pub fn of_those(facts: &Facts, access: &AccessFacts, those: &BTreeSet<User>) -> Self {
        let lambdas = those.iter().filter_map(|user| if let User::Function(id) = user { Some(*id) } else { None });
        let lambdas: Vec<FunctionId> = lambdas.collect();
        match (Self::of(facts, access), those.is_empty()) {
            _ if !lambdas.is_empty() => Self::of_lambdas(facts, &lambdas),
            (_, false) => Self::Scripts,
            (Self::Lambdas(_) | Self::Taken(..) | Self::Scripts, true) => Self::Dead,
            (reach, true) => reach,
        }
    }

    /// Of those who write something to one of the tables that the access is made on; of all, if nobody surely does.
    pub fn of_writers(facts: &Facts, access: &AccessFacts, writers: &BTreeSet<User>) -> Self {
        if writers.is_empty() { Self::of(facts, access) } else { Self::of_those(facts, access, writers) }
    }

    /// Lambdas alone.
    pub fn of_lambdas(facts: &Facts, ids: &[FunctionId]) -> Self {
        let is_known = ids.iter().any(|id| facts.taken_code(*id).is_none());
        match taken(facts, ids.iter().copied()).filter(|_| !is_known) {
            Some(how) => Self::Taken(names(facts, ids), how),
            None => Self::Lambdas(names(facts, ids)),
        }
    }

    /// Scripts are rated one step lower, dead code two; one only, if some Lambda's code couldn't be followed to its end.
    pub fn lower(&self, severity: Severity, facts: &Facts) -> Severity {
        match self {
            Self::Lambdas(_) | Self::Taken(..) | Self::Perhaps(_) => severity,
            Self::Dead if facts.reach_is_complete() => severity.lowered().lowered(),
            Self::Dead | Self::Scripts => severity.lowered(),
        }
    }

    pub fn confidence(&self) -> Confidence {
        match self {
            Self::Lambdas(_) | Self::Scripts => Confidence::Certain,
            Self::Taken(..) | Self::Perhaps(_) | Self::Dead => Confidence::Likely,
        }
    }

    /// A sentence: `Reached from A and B.`
    pub fn sentence(&self) -> String {
        match self {
            Self::Lambdas(names) => format!("Reached from {}.", few(names)),
            Self::Taken(names, how) => format!("Reached from {}. {how}", few(names)),
            Self::Perhaps(names) => {
                format!("Probably reached from {}, through a call that is resolved by name only.", few(names))
            }
            Self::Scripts => {
                "Reached only from scripts or pages outside the Lambdas, so it is rated one step lower.".to_owned()
            }
            Self::Dead => {
                "No Lambda or script reaches this code, so it is rated lower than it would be in use.".to_owned()
            }
        }
    }
}

fn names(facts: &Facts, ids: &[FunctionId]) -> Vec<String> {
    distinct(ids.iter().map(|id| facts.function(*id).function.resource.id.as_str()))
}

/// Names, each once: templates for several stages or regions declare the same things.
fn distinct<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
}

/// How the code of those Lambdas was found whose code isn't where the template says: what is claimed of them is likely at
/// most.
pub(super) fn taken(facts: &Facts, ids: impl IntoIterator<Item = FunctionId>) -> Option<String> {
    let found: Vec<(&str, &Taken)> = ids
        .into_iter()
        .filter_map(|id| Some((facts.function(id).function.resource.id.as_str(), facts.taken_code(id)?)))
        .collect();
    Some(match found.as_slice() {
        [] => return None,
        [(name, Taken::Layer(folder))] => {
            format!("A layer of {name} isn't declared here: `{folder}` is taken for it.")
        }
        [(name, Taken::Layer(_)), others @ ..] => format!(
            "Layers of {name} and {} aren't declared here: folders are taken for them.",
            count(others.len(), "other Lambda")
        ),
        [(name, Taken::Code(file))] => {
            format!(
                "The code of {name} isn't where the template says: `{file}` is taken for it, by its handler's name."
            )
        }
        [(name, _), others @ ..] => format!(
            "The code of {name} and {} isn't where the template says: files are taken for it by their handlers' names.",
            count(others.len(), "other Lambda")
        ),
    })
}

/// `Place (invoked by a queue)`.
pub(super) fn invoked(facts: &Facts, id: FunctionId) -> String {
    let function = facts.function(id);
    let kinds: Vec<&str> = function.trigger_kinds().into_iter().map(TriggerKind::label).collect();
    let name = &function.function.resource.id;
    if kinds.is_empty() { name.clone() } else { format!("{name} (invoked by {})", list(&kinds)) }
}

/// `A`, `A and B`, `A, B and C`.
pub(super) fn list<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [start @ .., last] => {
            let start: Vec<&str> = start.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", start.join(", "), last.as_ref())
        }
    }
}

/// Names of Lambdas, for a sentence: of many, the first few, and how many more there are.
pub(super) fn few<S: AsRef<str>>(names: &[S]) -> String {
    /// More names than this nobody reads.
    const MANY: usize = 8;
    /// So many are given then.
    const SOME: usize = 5;
    if names.len() <= MANY {
        return list(names);
    }
    let some: Vec<&str> = names.iter().take(SOME).map(AsRef::as_ref).collect();
    format!("{} and {} others", some.join(", "), names.len() - SOME)
}

/// `PutItem on tables that no template declares`, for the actions that are needed there, if any are.
pub(super) fn elsewhere(actions: &BTreeSet<&str>) -> Option<String> {
    let actions: Vec<&str> = actions.iter().copied().collect();
    (!actions.is_empty()).then(|| format!("{} on tables that no template declares", list(&actions)))
}

/// `1 place`, `3 places`.
pub(super) fn count(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// The table's logical id, or words for it.
pub(super) fn table_name(facts: &Facts, access: &AccessFacts) -> String {
    match &access.table {
        Resolution::Known(id) => facts.table(*id).table.resource.id.clone(),
        Resolution::Several(ids) => list(&distinct(ids.iter().map(|id| facts.table(*id).table.resource.id.as_str()))),
        Resolution::Undeclared(name) => format!("`{name}`"),
        Resolution::Unknown(_) => "a table that isn't known".to_owned(),
    }
}

/// The index, if it is known to be one.
pub(super) fn index_name<'f>(access: &'f AccessFacts) -> Option<&'f str> {
    access.index.known().and_then(Option::as_deref)
}

/// ` through GSI1`, if it is known to be an index.
pub(super) fn through_index(access: &AccessFacts) -> String {
    index_name(access).map(|name| format!(" through {name}")).unwrap_or_default()
}

/// What stays the same about an access when lines move.
pub(super) fn anchor(facts: &Facts, access: &AccessFacts) -> String {
    let index = index_name(access).unwrap_or("-");
    let table = match &access.table {
        Resolution::Unknown(_) => "its table".to_owned(),
        _ => table_name(facts, access),
    };
    format!("{} {} {table} {index}", access.access.function, access.access.operation)
}

/// Names as code.
pub(super) fn quoted<S: AsRef<str>>(names: &[S]) -> Vec<String> {
    names.iter().map(|name| format!("`{}`", name.as_ref())).collect()
}
