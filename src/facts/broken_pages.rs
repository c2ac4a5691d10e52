//! Attempts to read every page that don't: from where LastEvaluatedKey comes and to what it is given.

use super::{AccessFacts, AccessId, PaginationStatus, Resolution};
use crate::dynamodb::operation::Operation;
use crate::flow::{Conditions, ItemUse, LoopFault, PageFlow, Presence};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// How reading further pages goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Broken {
    /// The calls that go on from here are broken: what there is to say is said of this one of them.
    ByContinuation(AccessId),
    /// It reads the page after this call's, and that is all.
    OneMore(AccessId),
    /// Every pass of the loop reads the same page: what starts it comes from a call before the loop, if from any.
    NeverAdvances(Option<AccessId>),
    /// Every page takes the place of the one before.
    Overwrites,
    /// Every page is gathered, and what is gathered is dropped: here the last page is used alone.
    Drops(Span),
    /// It goes on where another call ended, but asks for something else.
    Differs(AccessId, Vec<Difference>),
}

/// What a continuation lacks of what the first call asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    /// It is made on another table.
    Table,
    /// The first call reads through this index, it doesn't.
    Index(String),
    /// It has no key condition.
    KeyCondition,
    /// Its key condition demands nothing of these attributes.
    KeyAttributes(Vec<String>),
    /// It has no filter.
    Filter,
}

/// What is broken, in order of the accesses.
pub(super) fn broken(accesses: &[AccessFacts]) -> Vec<Option<Broken>> {
    let mut after: BTreeMap<Span, Vec<AccessId>> = BTreeMap::new();
    for (i, access) in accesses.iter().enumerate() {
        for from in access.access.pages.iter().flat_map(|pages| &pages.starts_after) {
            after.entry(*from).or_default().push(AccessId(i));
        }
    }
    let calls = Calls { accesses, after };
    let own: Vec<Option<Broken>> = (0..accesses.len()).map(|i| calls.judge(AccessId(i))).collect();
    let by_continuation = |i: usize| {
        let after = calls.after(AccessId(i));
        let is_told = !after.is_empty() && after.iter().all(|next| next.0 != i && own[next.0].is_some());
        is_told.then(|| Broken::ByContinuation(after[0]))
    };
    own.iter().enumerate().map(|(i, own)| own.clone().or_else(|| by_continuation(i))).collect()
}

/// All calls, with those that start after each.
struct Calls<'f, 'a> {
    /// In order of place.
    accesses: &'f [AccessFacts<'a>],
    after: BTreeMap<Span, Vec<AccessId>>,
}

impl<'f, 'a> Calls<'f, 'a> {
    fn get(&self, id: AccessId) -> &'f AccessFacts<'a> {
        &self.accesses[id.0]
    }

    fn judge(&self, id: AccessId) -> Option<Broken> {
        let access = self.get(id);
        let pages = access.access.pages.as_ref().filter(|pages| pages.items != ItemUse::Lost)?;
        // With the start key of a call elsewhere, it can't be told how often that is renewed.
        let before = self.before(access, pages)?;
        match pages.loop_fault {
            Some(LoopFault::Overwrites) if pages.limit == Presence::Never => return Some(Broken::Overwrites),
            Some(LoopFault::Drops(range)) if pages.limit == Presence::Never => {
                let file = access.access.span.file;
                return Some(Broken::Drops(Span::new(file, range.start, range.end)));
            }
            Some(LoopFault::Repeats) if is_missing(access) || pages.limit != Presence::Never => {
                return Some(Broken::NeverAdvances(before.first().copied()));
            }
            _ => {}
        }
        if let Some(differs) = before.iter().find_map(|from| self.differs(*from, id)) {
            return Some(differs);
        }
        let one_more = !before.is_empty() && before.iter().all(|from| self.is_one_more(*from, id));
        one_more.then(|| Broken::OneMore(before[0]))
    }

    /// The calls after which one starts, if all of them stand in the same function.
    fn before(&self, access: &AccessFacts, pages: &PageFlow) -> Option<Vec<AccessId>> {
        let mut found = Vec::new();
        for from in &pages.starts_after {
            let first = self.accesses.partition_point(|other| other.access.span < *from);
            let at = self.accesses[first..].iter().take_while(|other| other.access.span == *from);
            found.extend(
                at.enumerate().filter(|(_, other)| other.access.pages.is_some()).map(|(i, _)| AccessId(first + i)),
            );
        }
        found.iter().all(|id| is_beside(self.get(*id), access)).then_some(found)
    }

    fn after(&self, id: AccessId) -> &[AccessId] {
        self.after.get(&self.get(id).access.span).map_or(&[], Vec::as_slice)
    }

    /// Whether the second call reads the page after the first's, and nobody asks whether there is another. A `Limit` may
    /// mean that no more is wanted.
    fn is_one_more(&self, first: AccessId, second: AccessId) -> bool {
        let [first, second] = [first, second].map(|id| self.get(id));
        let (Some(a), Some(b)) = (&first.access.pages, &second.access.pages) else { return false };
        let unlimited = a.limit == Presence::Never && b.limit == Presence::Never;
        let is_first = a.start_key == Presence::Never && !a.continued;
        let is_last = !b.continued && !b.last_key_read && !b.looped;
        unlimited && is_first && is_last && is_missing(first) && is_missing(second) && is_beside(first, second)
    }

    /// What a continuation lacks, if nothing else continues the first call better.
    fn differs(&self, first: AccessId, next: AccessId) -> Option<Broken> {
        let start = self.get(first).access.pages.as_ref()?;
        let is_comparable = start.start_key == Presence::Never && is_reached_alike(self.get(first), self.get(next));
        if first == next || !is_comparable {
            return None;
        }
        let lacks = |id: AccessId| lacks(self.get(first), self.get(id));
        let differences = lacks(next);
        let is_worse = |id: &AccessId| !lacks(*id).is_empty() && is_beside(self.get(*id), self.get(next));
        let found = !differences.is_empty() && self.after(first).iter().all(is_worse);
        found.then_some(Broken::Differs(first, differences))
    }
}

fn is_beside(a: &AccessFacts, b: &AccessFacts) -> bool {
    a.access.span.file == b.access.span.file && a.access.function == b.access.function
}

/// Whether the same entry points reach both calls as surely. What is known of a call is of those who reach it most surely, so
/// otherwise the calls may have been looked at on different paths.
fn is_reached_alike(a: &AccessFacts, b: &AccessFacts) -> bool {
    let reached = |access: &AccessFacts| -> BTreeSet<_> {
        access.access.observations.iter().map(|seen| (seen.entry, seen.certainty)).collect()
    };
    reached(a) == reached(b)
}

fn is_missing(access: &AccessFacts) -> bool {
    access.pagination.as_ref().is_some_and(|verdict| verdict.status == PaginationStatus::Missing)
}

/// What a call lacks of what the first one asks for on every path.
fn lacks(first: &AccessFacts, next: &AccessFacts) -> Vec<Difference> {
    let (Some(a), Some(b)) = (&first.access.pages, &next.access.pages) else { return Vec::new() };
    let mut out = Vec::new();
    if let (Resolution::Known(a), Resolution::Known(b)) = (&first.table, &next.table)
        && a != b
    {
        out.push(Difference::Table);
    }
    if let (Resolution::Known(Some(name)), Resolution::Known(other)) = (&first.index, &next.index)
        && other.as_ref() != Some(name)
    {
        out.push(Difference::Index(name.clone()));
    }
    let dropped = |a: Presence, b: Presence| a == Presence::Always && b == Presence::Never;
    if first.access.operation == Operation::Query && dropped(a.key_condition, b.key_condition) {
        out.push(Difference::KeyCondition);
    } else if let (Some(wanted), Some(given)) = (demanded(first), demanded(next)) {
        let lost: Vec<String> = wanted.difference(&given).cloned().collect();
        if !lost.is_empty() && given.is_subset(&wanted) {
            out.push(Difference::KeyAttributes(lost));
        }
    }
    if dropped(a.filter, b.filter) {
        out.push(Difference::Filter);
    }
    out
}

/// The attributes of the one key condition that a call is known to have.
fn demanded(access: &AccessFacts) -> Option<BTreeSet<String>> {
    let [given] = access.requests.as_slice() else { return None };
    let Some(Conditions::Known(conditions)) = &given.request.key_condition else { return None };
    let [condition] = conditions.iter().collect::<Vec<_>>()[..] else { return None };
    Some(condition.equal.union(&condition.other).cloned().collect())
}
