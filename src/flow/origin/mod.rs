//! Where the name of a table or an index comes from: the way back from the call, through arguments, attributes and returns,
//! to the variable of the environment or the literal.
//!
//! The way is found from what expressions evaluate to: of what an expression is made of, the part that holds the name is
//! where the name came from. Of several such parts the first is taken, so there is one way, and always the same.

mod probe;
mod stored;
mod value;
mod variable;
mod ways;

pub(super) use probe::{At, Growth, Probe};
pub(super) use ways::returns;

use super::budget::Budget;
use super::entry::Sighting;
use super::evidence::{Event, NameRole, Origin, Step};
use super::heap::{CellId, InstanceId};
use super::machine::Machine;
use super::record::Record;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, ExprId, ExprKind};
use crate::source::Span;
use probe::Seen;
use rustc_hash::{FxHashMap, FxHashSet};

/// Hops of a way back, at most.
const MAX_HOPS: usize = 80;

/// What finding origins needs, made once for an interpretation.
#[derive(Debug, Default)]
struct Tracer {
    seen: FxHashMap<InstanceId, Seen>,
    growths: FxHashMap<CellId, Vec<(Val, At)>>,
    owners: FxHashMap<CellId, Owner>,
    /// Expressions that bind variables, by module.
    binders: FxHashMap<ModuleId, Vec<ExprId>>,
}

/// What a cell is.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Field(ObjId, Sym),
    Parameter(InstanceId, usize),
}

/// Where a way back has got to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Hop {
    /// This expression evaluates to what holds the name.
    Value(InstanceId, ExprId),
    /// This call passes it.
    Arguments(InstanceId, ExprId),
    /// This cell holds it.
    Cell(CellId),
}

/// A way back in the making.
struct Way {
    name: Atom,
    /// From the call to the source.
    steps: Vec<Step>,
}

impl Way {
    fn step(&mut self, span: Span, what: Event) {
        self.steps.push(Step { span, what });
    }
}

/// A call whose names are asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked {
    instance: InstanceId,
    site: ExprId,
    table: Val,
    index: Val,
}

impl Asked {
    pub fn of(instance: InstanceId, site: ExprId, record: &Record) -> Self {
        Self { instance, site, table: record.table, index: record.index }
    }
}

impl Machine<'_> {
    /// What is needed to find origins in this interpretation.
    fn tracer(&self) -> Tracer {
        let mut tracer = Tracer::default();
        for growth in self.growths.iter().flatten() {
            tracer.growths.entry(growth.cell).or_default().push((growth.value, growth.at));
        }
        for (object, _) in self.heap.objects() {
            for (name, field) in self.heap.fields(object) {
                tracer.owners.insert(field.cell, Owner::Field(object, name));
            }
        }
        for (id, instance) in (0u32..).map(InstanceId).zip(&self.instances) {
            for (index, cell) in instance.params.iter().enumerate() {
                tracer.owners.insert(*cell, Owner::Parameter(id, index));
            }
        }
        tracer
    }

    /// Adds to what was seen where the names come from. Of several contexts of a call that are given a name, the first tells.
    pub fn note_origins(&mut self, sightings: &mut [Sighting], asked: &[Asked]) {
        self.budget = Budget::default();
        self.modules.keys().copied().collect::<Vec<_>>().into_iter().for_each(|module| self.grant(module));
        let mut tracer = self.tracer();
        let mut told = FxHashSet::default();
        for (sighting, call) in sightings.iter_mut().zip(asked) {
            for (role, value) in [(NameRole::Table, call.table), (NameRole::Index, call.index)] {
                let names = self.values.atoms_vec(value).filter(|name| matches!(name, Atom::Str(_) | Atom::Text(_)));
                for name in names {
                    if !told.insert((sighting.site, sighting.operation, sighting.observation.certainty, role, name)) {
                        continue;
                    }
                    let mut steps = self.way_back(&mut tracer, call, role, name);
                    steps.reverse();
                    if !steps.is_empty() {
                        let name = self.values.to_symbolic(name, "");
                        sighting.observation.evidence.names.push(Origin { role, name, steps });
                    }
                }
            }
        }
    }

    fn way_back(&mut self, tracer: &mut Tracer, call: &Asked, role: NameRole, name: Atom) -> Vec<Step> {
        let mut way = Way { name, steps: Vec::new() };
        let mut met = FxHashSet::default();
        let mut next = self.first_hop(tracer, (call.instance, call.site), role, name);
        while let Some(hop) = next
            && met.len() < MAX_HOPS
            && met.insert((hop, way.name))
        {
            next = match hop {
                Hop::Value(instance, expr) => self.behind_value(tracer, instance, expr, &mut way),
                Hop::Arguments(instance, expr) => self.behind_arguments(tracer, instance, expr, &mut way),
                Hop::Cell(cell) => self.behind_cell(tracer, cell, &mut way),
            };
        }
        way.steps
    }

    /// A table's name comes with the receiver or as an argument; an index's as an argument, by its keyword first.
    fn first_hop(
        &mut self,
        tracer: &mut Tracer,
        (instance, site): (InstanceId, ExprId),
        role: NameRole,
        name: Atom,
    ) -> Option<Hop> {
        let module = self.module(self.instance(instance).module);
        let ExprKind::Call(callee, args) = &module.expr(site).kind else { return None };
        let keyword = if role == NameRole::Table { "TableName" } else { "IndexName" };
        let given = args.iter().find_map(|arg| match arg {
            Arg::Keyword(name, value) if [keyword, "RequestItems"].contains(&module.name(*name)) => Some(*value),
            _ => None,
        });
        if let Some(value) = given {
            return Some(Hop::Value(instance, value));
        }
        let receiver = self.value_of(tracer, instance, *callee);
        if role == NameRole::Table && self.holds(receiver, name) {
            return Some(Hop::Value(instance, *callee));
        }
        Some(Hop::Arguments(instance, site))
    }

    fn value_of(&mut self, tracer: &mut Tracer, instance: InstanceId, expr: ExprId) -> Val {
        if let Some(seen) = tracer.seen.get(&instance) {
            return seen.get(&expr).copied().unwrap_or_default();
        }
        let seen = self.watched(instance);
        let value = seen.get(&expr).copied().unwrap_or_default();
        tracer.seen.insert(instance, seen);
        value
    }

    fn place_of(&self, instance: InstanceId, expr: ExprId) -> Span {
        self.span(self.instance(instance).module, expr)
    }
}
