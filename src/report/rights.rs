//! What a Lambda does and what its role allows, by table or index: for the IAM matrices.

use super::totals::counted;
use crate::facts::{Doubt, Facts, FunctionFacts, FunctionId, Grant, TableId, User, Verdict, breadth};
use crate::rules::RoleRight;
use crate::template::model::Statement;
use std::collections::{BTreeMap, BTreeSet};

/// Lambdas named of those that need a right of the role which they share.
const MAX_SHARERS: usize = 2;

/// Actions or operations by table, or by what belongs to it: the table's number, and what follows its name.
pub(super) type ByResource = BTreeMap<(usize, String), BTreeSet<String>>;

/// Resources, and the actions of each of them.
pub(super) type Alike<'r> = (Vec<&'r (usize, String)>, &'r BTreeSet<String>);

/// Resources with the same actions together, in the order of the first of each.
pub(super) fn by_actions(resources: &ByResource) -> Vec<Alike<'_>> {
    let mut out: Vec<Alike> = Vec::new();
    for (resource, actions) in resources {
        match out.iter_mut().find(|(_, known)| *known == actions) {
            Some((resources, _)) => resources.push(resource),
            None => out.push((vec![resource], actions)),
        }
    }
    out
}

/// What marks a right that no finding asks to take away.
const BRACKET: char = '(';

/// What its code does, by table.
pub(super) fn used(facts: &Facts, function: FunctionId) -> ByResource {
    let mut out = ByResource::new();
    for (at, table) in facts.tables.iter().enumerate() {
        for (_, id) in table.users.iter().filter(|(user, _)| *user == User::Function(function)) {
            let operation = facts.access(*id).access.operation.name().to_owned();
            out.entry((at, String::new())).or_default().insert(operation);
        }
    }
    out
}

/// Rights that nothing uses; those that no finding asks to take away in brackets.
pub(super) fn unused(facts: &Facts, function: FunctionId, asked: &BTreeSet<RoleRight>) -> ByResource {
    let mut out = ByResource::new();
    for grant in facts.grants.iter().filter(|g| g.function == function && g.is_unused()) {
        let action = if is_asked(grant, asked) { grant.action.clone() } else { format!("{BRACKET}{})", grant.action) };
        out.entry((grant.table.0, suffix(grant).to_owned())).or_default().insert(action);
    }
    out
}

/// What makes a verdict unverified: the first doubts, and how many more there are.
pub(super) fn open_doubts<'f>(function: &'f FunctionFacts, most: usize) -> (&'f [Doubt], usize) {
    if function.verdict == Verdict::Unverified { first_doubts(function, most) } else { (&[], 0) }
}

/// The first of what can't be told of a Lambda and its rights, and how much more there is.
pub(super) fn first_doubts<'f>(function: &'f FunctionFacts, most: usize) -> (&'f [Doubt], usize) {
    let all = function.doubts.as_slice();
    all.split_at_checked(most).map_or((all, 0), |(shown, more)| (shown, more.len()))
}

/// Why no finding asks to take away rights that a Lambda doesn't use: others under the same role need them, or may, or their
/// entries of the policy are needed for something else.
pub(super) struct Kept<'f> {
    needed: BTreeMap<EntryOf<'f>, BTreeSet<FunctionId>>,
    open: BTreeMap<EntryOf<'f>, BTreeSet<FunctionId>>,
}

/// A statement, by its place in memory, with a table, an action, and whether it is on the table's indexes.
type EntryOf<'f> = (*const Statement, TableId, &'f str, bool);

fn entry_of<'f>(grant: &'f Grant) -> EntryOf<'f> {
    (std::ptr::from_ref(grant.statement), grant.table, grant.action.as_str(), grant.index)
}

impl<'f> Kept<'f> {
    pub(super) fn new(facts: &'f Facts) -> Self {
        let (mut needed, mut open) = (BTreeMap::<_, BTreeSet<_>>::new(), BTreeMap::<_, BTreeSet<_>>::new());
        for grant in facts.grants.iter().filter(|grant| !grant.is_unused()) {
            let users = if grant.is_used() { &mut needed } else { &mut open };
            users.entry(entry_of(grant)).or_default().insert(grant.function);
        }
        Self { needed, open }
    }

    /// Why an unused right that no finding asks to take away stays, as the end of a sentence.
    pub(super) fn why(&self, facts: &Facts, grant: &Grant) -> String {
        let named = |users: &BTreeSet<FunctionId>| {
            let names = users.iter().take(MAX_SHARERS);
            let mut names: Vec<String> =
                names.map(|id| format!("`{}`", facts.function(*id).function.resource.id)).collect();
            let more = users.len().saturating_sub(MAX_SHARERS);
            names.extend((more > 0).then(|| counted(more, "other Lambda", "other Lambdas")));
            let verbs = if users.len() == 1 { ["runs", "uses", "it uses"] } else { ["run", "use", "they use"] };
            let (last, others) = names.split_last().map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
            let and = if others.is_empty() { "" } else { " and " };
            (format!("{}{and}{last}", others.join(", ")), verbs)
        };
        if let Some(users) = self.needed.get(&entry_of(grant)) {
            let (names, [run, uses, _]) = named(users);
            return format!("{names} {run} under the same role and {uses} it");
        }
        if let Some(users) = self.open.get(&entry_of(grant)) {
            let (names, [run, _, they_use]) = named(users);
            return format!("{names} {run} under the same role, and whether {they_use} it can't be told");
        }
        "it comes with an entry of the policy that is used for something else".to_owned()
    }
}

/// Why rights in brackets stay: by role and reason, the rights.
pub(super) fn kept<'f>(facts: &'f Facts, asked: &BTreeSet<RoleRight>) -> BTreeMap<(&'f str, String), ByResource> {
    let kept = Kept::new(facts);
    let mut out: BTreeMap<_, ByResource> = BTreeMap::new();
    for grant in facts.grants.iter().filter(|grant| grant.is_unused() && !is_asked(grant, asked)) {
        let why = (grant.role.resource.id.as_str(), kept.why(facts, grant));
        let rights = out.entry(why).or_default().entry((grant.table.0, suffix(grant).to_owned())).or_default();
        rights.insert(grant.action.clone());
    }
    out
}

fn suffix(grant: &Grant) -> &'static str {
    if grant.index { "/index/*" } else { "" }
}

/// Whether a finding asks to take it away.
pub(super) fn is_asked(grant: &Grant, asked: &BTreeSet<RoleRight>) -> bool {
    let right = (&grant.role.resource, grant.table, grant.action.as_str(), grant.index);
    asked.contains(&right) || breadth(grant.statement).is_some()
}

/// Rights that its code needs and doesn't have.
pub(super) fn missing(facts: &Facts, function: FunctionId) -> ByResource {
    let mut out = ByResource::new();
    for missing in facts.missing_grants.iter().filter(|missing| missing.function == function) {
        let suffix = missing.index.as_ref().map_or_else(String::new, |name| format!("/index/{name}"));
        out.entry((missing.table.0, suffix)).or_default().insert(missing.action.clone());
    }
    out
}
