//! What evidence needs to know of a finished interpretation: where each cell got its values, and what each expression of an
//! instance evaluated to.
//!
//! The first is logged as it happens, if anybody asks for evidence. The second is had by running an instance once more:
//! everything that it reads has settled, so it sees what its last run saw.

use crate::flow::frame::Frame;
use crate::flow::heap::{CellId, InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::value::{Atom, ObjId, Val};
use crate::python::ir::ExprId;
use rustc_hash::FxHashMap;

/// How deep a name is looked for in containers and objects.
const MAX_DEPTH: u8 = 3;
/// Atoms looked at for a name in one value.
const MAX_ATOMS: u32 = 2_000;

/// Where the program is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::flow) struct At {
    pub instance: InstanceId,
    /// The expression last looked at.
    pub expr: ExprId,
    /// Whether its value is known and being stored; else it is being called or looked up.
    pub done: bool,
}

impl At {
    /// At no expression of any instance.
    pub const NOWHERE: Self = Self { instance: InstanceId(u32::MAX), expr: ExprId(0), done: false };
}

/// A cell that grew.
#[derive(Debug, Clone, Copy)]
pub(in crate::flow) struct Growth {
    pub cell: CellId,
    /// What it held from then on.
    pub value: Val,
    pub at: At,
}

/// What the expressions of an instance evaluate to.
pub(in crate::flow) type Seen = FxHashMap<ExprId, Val>;

/// An instance that is being watched.
#[derive(Debug)]
pub(in crate::flow) struct Probe {
    instance: InstanceId,
    seen: Seen,
}

impl<'p> Machine<'p> {
    pub fn eval(&mut self, frame: &mut Frame<'p>, expr: ExprId) -> Val {
        let value = self.eval_kind(frame, expr);
        if !self.pages.is_empty() {
            self.pages.take_key(&self.values, value, frame.instance);
        }
        if self.probe.as_ref().is_some_and(|probe| probe.instance == frame.instance)
            && self.is_at_home(frame)
            && let Some(probe) = &mut self.probe
        {
            let known = probe.seen.entry(expr).or_default();
            *known = self.values.join(*known, value);
        }
        value
    }

    /// Says where the program is. Annotations and defaults of another module are looked at for an instance that calls into it:
    /// that is at no place of its own.
    pub fn be_at(&mut self, frame: &Frame<'p>, expr: ExprId, done: bool) {
        if self.is_at_home(frame) {
            self.at = At { instance: frame.instance, expr, done };
        }
    }

    /// Whether the code of a frame is that of its instance's module, whose expressions are meant by their numbers.
    fn is_at_home(&self, frame: &Frame<'p>) -> bool {
        self.instance(frame.instance).module == frame.module_id
    }

    /// Runs an instance once more, and watches it.
    pub fn watched(&mut self, instance: InstanceId) -> Seen {
        let outer = self.probe.replace(Probe { instance, seen: Seen::default() });
        let log = self.growths.take();
        self.run_instance(instance);
        self.growths = log;
        let probe = std::mem::replace(&mut self.probe, outer);
        probe.map(|probe| probe.seen).unwrap_or_default()
    }

    /// Whether a value is this name, or a table or batch of that name, itself or among what a container holds.
    pub fn holds(&self, value: Val, name: Atom) -> bool {
        let mut budget = MAX_ATOMS;
        self.holds_within(value, name, MAX_DEPTH, &mut budget)
    }

    /// Whether it is so without any container's help.
    pub fn is_or_names(&self, value: Val, name: Atom) -> bool {
        let mut budget = MAX_ATOMS;
        self.holds_within(value, name, 0, &mut budget)
    }

    fn holds_within(&self, value: Val, name: Atom, depth: u8, budget: &mut u32) -> bool {
        self.values.atoms(value).iter().any(|atom| self.atom_holds(*atom, name, depth, budget))
    }

    fn atom_holds(&self, atom: Atom, name: Atom, depth: u8, budget: &mut u32) -> bool {
        if atom == name {
            return true;
        }
        if *budget == 0 {
            return false;
        }
        *budget -= 1;
        match atom {
            Atom::Table(of, _) | Atom::BatchWriter(of, _) => self.values.atoms(of).contains(&name),
            Atom::Bound(receiver, _) | Atom::Method(receiver, _) => {
                self.atom_holds(self.values.atom(receiver), name, depth, budget)
            }
            Atom::Object(object) if depth > 0 && self.is_key(object, name) => true,
            Atom::Tuple(_) | Atom::Object(_) if depth > 0 => {
                let one = self.inside(atom);
                one.into_iter().any(|(_, value)| self.holds_within(value, name, depth - 1, budget))
            }
            _ => false,
        }
    }

    /// Whether a name is a key of a mapping.
    fn is_key(&self, object: ObjId, name: Atom) -> bool {
        let object = self.heap.get(object);
        matches!(name, Atom::Str(text) if object.kind == Kind::Dict && object.fields.contains_key(&text))
    }

    /// What a container or object holds, and in which cells.
    pub fn inside(&self, atom: Atom) -> Vec<(Option<CellId>, Val)> {
        match atom {
            Atom::Tuple(tuple) => self.values.tuple(tuple).iter().map(|value| (None, *value)).collect(),
            Atom::Object(object) => {
                let held = self.heap.get(object);
                let fields = self.heap.fields(object);
                let cells = fields.iter().map(|(_, field)| field.cell).chain([held.elements, held.keys]);
                cells.map(|cell| (Some(cell), self.heap.peek(cell))).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The cell, within the objects that a value is, that holds a name.
    pub fn cell_within(&self, value: Val, name: Atom) -> Option<CellId> {
        self.cell_below(value, name, MAX_DEPTH)
    }

    fn cell_below(&self, value: Val, name: Atom, depth: u8) -> Option<CellId> {
        let atoms = self.values.atoms(value).iter();
        let inner: Vec<(Option<CellId>, Val)> = atoms.flat_map(|atom| self.inside(*atom)).collect();
        let own = inner.iter().find(|(cell, value)| cell.is_some() && self.is_or_names(*value, name));
        own.and_then(|(cell, _)| *cell).or_else(|| {
            let deeper = depth.checked_sub(1).filter(|depth| *depth > 0)?;
            inner.iter().find_map(|(_, value)| self.cell_below(*value, name, deeper))
        })
    }
}
