//! Calls on tables that no template declares: part of the audit that is missing, whatever the rules say of the rest.

use super::Report;
use super::totals::counted;
use crate::facts::Resolution;
use crate::source::Span;
use std::collections::BTreeMap;

/// A table that code uses and no template declares.
pub(super) struct Undeclared<'a> {
    /// Its name as far as it is known.
    pub(super) name: &'a str,
    /// The calls, in order of place.
    pub(super) calls: Vec<Span>,
}

impl Undeclared<'_> {
    /// `3 calls`.
    pub(super) fn counted(&self) -> String {
        counted(self.calls.len(), "call", "calls")
    }
}

/// The undeclared tables, by name.
pub(super) fn undeclared<'a>(report: &Report<'a>) -> Vec<Undeclared<'a>> {
    let mut tables: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
    for access in report.facts.calls() {
        if let Resolution::Undeclared(name) = &access.table {
            tables.entry(name).or_default().push(access.access.span);
        }
    }
    tables.into_iter().map(|(name, calls)| Undeclared { name, calls }).collect()
}
