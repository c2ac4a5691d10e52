//! From what an interpretation knows of a call to what it tells of it: values become names and patterns.

use super::access::{AttributeWrite, Certainty, Observation};
use super::evidence::Evidence;
use super::machine::Machine;
use super::pattern::patterns;
use super::record::{Record, Written};
use super::value::{Atom, Val};
use super::{Presence, Request};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Machine<'_> {
    /// What a record tells, as seen from an entry point.
    pub(super) fn observation(
        &self,
        record: &Record,
        entry: Option<usize>,
        certainty: Certainty,
        evidence: Evidence,
    ) -> Observation {
        let indexed = matches!(record.operation, Operation::Query | Operation::Scan);
        let mut indexes: Vec<Option<Symbolic>> = Vec::new();
        if indexed {
            indexes.extend(self.names(record.index).into_iter().map(Some));
            if record.has_no_index {
                indexes.push(None);
            }
        }
        let tables: Arc<[Symbolic]> = self.names(record.table).into();
        // What a request lacks may be given where the interpretation didn't get to.
        let is_whole = !self.budget.is_spent();
        let requests = record.requests.iter().filter(|_| is_whole);
        let tables_of = |r: &Request| if r.part.is_some() { r.tables.clone() } else { tables.to_vec() };
        let requests =
            requests.map(|r| Request { indexes: indexes.clone(), tables: tables_of(r), ..r.clone() }).collect();
        Observation {
            entry,
            certainty,
            tables: tables.to_vec(),
            indexes,
            writes: self.attribute_writes(record, &tables),
            writes_complete: record.writes_complete && is_whole,
            deletes: record.deletes || record.actions.iter().any(|a| a == "DeleteItem" || a == "PartiQLDelete"),
            requests,
            parts: self.parts(record),
            held: None,
            caught: None,
            key_loops: BTreeSet::new(),
            puts_back: self.puts_back(&record.puts_back),
            injections: BTreeSet::new(),
            per_event: Presence::Never,
            every_record: false,
            item_reads: BTreeSet::new(),
            principal: self.acting(record.principal),
            evidence,
        }
    }

    fn parts(&self, record: &Record) -> Option<BTreeMap<String, Vec<Symbolic>>> {
        let parts = record.parts.as_ref().filter(|_| !self.budget.is_spent())?;
        Some(parts.iter().map(|(action, tables)| ((*action).to_owned(), self.names(*tables))).collect())
    }

    /// What is written, attribute by attribute. `tables`: the call's own.
    fn attribute_writes(&self, record: &Record, tables: &Arc<[Symbolic]>) -> Vec<AttributeWrite> {
        let mut out = Vec::new();
        for ((attribute, span), Written { value, tables: of_parts }) in &record.writes {
            let tables = of_parts.map_or_else(|| tables.clone(), |of_parts| self.names(of_parts).into());
            out.extend(patterns(self.names(*value)).into_iter().map(|pattern| AttributeWrite {
                attribute: attribute.clone(),
                value: pattern,
                span: *span,
                form: self.values.time_form(*value),
                in_seconds: self.values.is_in_seconds(*value),
                lifetime: self.values.lifetime(*value),
                tables: tables.clone(),
            }));
        }
        out
    }

    /// What a value may be, as names: sorted, each once.
    fn names(&self, value: Val) -> Vec<Symbolic> {
        let atoms = self.values.atoms(value).iter().filter(|atom| **atom != Atom::None);
        let mut names: Vec<Symbolic> = atoms.map(|atom| self.values.to_symbolic(*atom, "")).collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
