//! What one instance does at one DynamoDB call: the arguments as far as they are known.

use super::access::Principal;
use super::found::ReadId;
use super::value::{ResponseId, Sym, Val};
use crate::dynamodb::operation::Operation;
use crate::flow::{Equalities, Presence, Request};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Most requests that are kept of a call.
const MAX_REQUESTS: usize = 12;

/// A DynamoDB call in one context. Evaluations of the call within one run of the instance are merged.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub operation: Operation,
    pub actions: BTreeSet<String>,
    pub table: Val,
    pub principal: Principal,
    /// Index names; `has_no_index` if some path gives none.
    pub index: Val,
    pub has_no_index: bool,
    pub limit: Presence,
    pub limit_one: bool,
    pub filter: Presence,
    pub count: Presence,
    pub start_key: Presence,
    pub key_condition: Presence,
    pub equalities: Equalities,
    /// Attribute and place, with the possible values.
    pub writes: BTreeMap<(String, Span), Written>,
    pub writes_complete: bool,
    pub deletes: bool,
    /// The reads whose item a put writes back as a whole, with the names of what it was given since.
    pub puts_back: BTreeSet<(ReadId, Vec<Sym>, bool)>,
    /// What each evaluation is given, up to [`MAX_REQUESTS`].
    pub requests: BTreeSet<Request>,
    /// Of a transaction whose parts are all seen: the tables on which each action is needed.
    pub parts: Option<BTreeMap<&'static str, Val>>,
    pub response: Option<ResponseId>,
    /// Which operation it is, the caller of the function around it tells.
    pub is_told: bool,
}

impl Record {
    /// Merges another evaluation of the same call.
    pub fn merge(&mut self, other: Record, join: &mut impl FnMut(Val, Val) -> Val) {
        self.table = join(self.table, other.table);
        self.index = join(self.index, other.index);
        self.has_no_index |= other.has_no_index;
        self.principal = self.principal.min(other.principal);
        self.actions.extend(other.actions);
        self.limit = both(self.limit, other.limit);
        self.limit_one &= other.limit_one;
        self.filter = both(self.filter, other.filter);
        self.count = both(self.count, other.count);
        self.start_key = both(self.start_key, other.start_key);
        self.key_condition = both(self.key_condition, other.key_condition);
        self.equalities = common(&self.equalities, &other.equalities);
        for (place, new) in other.writes {
            note_write(&mut self.writes, place, new, join);
        }
        self.writes_complete &= other.writes_complete;
        self.deletes |= other.deletes;
        self.puts_back.extend(other.puts_back);
        keep_requests(&mut self.requests, other.requests);
        let parts = self.parts.take().zip(other.parts);
        self.parts = parts.map(|(own, others)| joined(own, others, join));
    }
}

/// The tables of each action over two evaluations.
fn joined(
    mut into: BTreeMap<&'static str, Val>,
    more: BTreeMap<&'static str, Val>,
    join: &mut impl FnMut(Val, Val) -> Val,
) -> BTreeMap<&'static str, Val> {
    for (action, tables) in more {
        let known = into.entry(action).or_insert(tables);
        *known = join(*known, tables);
    }
    into
}

/// What is written to an attribute at one place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Written {
    pub value: Val,
    /// Names of the tables of the parts of a batch or transaction that write it; `None` for the call's own.
    pub tables: Option<Val>,
}

impl Written {
    /// Either of two writes of the same attribute at the same place.
    fn either(self, other: Self, join: &mut impl FnMut(Val, Val) -> Val) -> Self {
        let tables = self.tables.zip(other.tables).map(|(a, b)| join(a, b));
        Self { value: join(self.value, other.value), tables }
    }
}

/// Adds a write to those that are known.
pub(super) fn note_write(
    writes: &mut BTreeMap<(String, Span), Written>,
    place: (String, Span),
    new: Written,
    join: &mut impl FnMut(Val, Val) -> Val,
) {
    let known = writes.entry(place).or_insert(new);
    *known = known.either(new, join);
}

/// Takes in further requests, up to a bound: what is said of one doesn't depend on the others.
pub(super) fn keep_requests(into: &mut BTreeSet<Request>, more: BTreeSet<Request>) {
    into.extend(more);
    while into.len() > MAX_REQUESTS {
        into.pop_last();
    }
}

/// Presence over two paths.
pub(super) fn both(a: Presence, b: Presence) -> Presence {
    if a == b { a } else { Presence::Sometimes }
}

/// Equalities that hold on both paths.
pub(super) fn common(a: &Equalities, b: &Equalities) -> Equalities {
    match (a, b) {
        (Equalities::Known(a), Equalities::Known(b)) => Equalities::Known(a.intersection(b).cloned().collect()),
        _ => Equalities::Unknown,
    }
}
