//! What a module's top level surely holds at one of its points. The heap tells everything that was ever stored; a top level
//! runs just once, from its first line to its last, so that of what it overwrites there only the latest counts.
//!
//! That holds for places that nobody else writes, and outside loops, branches and blocks that may be left early.

use super::frame::Frame;
use super::heap::{AllocKey, CellId, InstanceId};
use super::machine::Machine;
use super::value::{ObjId, Sym, Val};
use crate::python::ir::Module;
use rustc_hash::FxHashMap;

/// Latest values of the running top level, and who relies on being the only writer of which place.
#[derive(Debug, Default)]
pub(super) struct Exact {
    pub latest: FxHashMap<(ObjId, Sym), Val>,
    trusting: FxHashMap<CellId, InstanceId>,
    /// The instance that runs.
    pub running: Option<InstanceId>,
}

impl<'p> Machine<'p> {
    /// Notes that a place holds just this from now on.
    pub fn know(&mut self, frame: &Frame<'p>, object: ObjId, name: Sym, value: Val) {
        let straight = frame.guard.is_empty() && frame.unsure == 0;
        if straight && value != Val::BOTTOM && self.is_single(frame, object) {
            self.exact.latest.insert((object, name), value);
        }
    }

    /// Whether an object of the heap is one object of the run: the top level's namespace, or one that it made in passing.
    fn is_single(&self, frame: &Frame<'p>, object: ObjId) -> bool {
        if frame.function != Module::TOP || self.exact.running != Some(frame.instance) {
            return false;
        }
        let birth = self.heap.get(object).birth.as_ref();
        self.heap.key(object) == AllocKey::Module(frame.module_id)
            || birth.is_some_and(|(instance, guard)| *instance == frame.instance && guard.is_empty())
    }

    /// What a place surely holds, if that is known.
    pub fn known(&mut self, frame: &Frame<'p>, object: ObjId, name: Sym) -> Option<Val> {
        if self.exact.latest.is_empty() || frame.function != Module::TOP || !frame.guard.is_empty() {
            return None;
        }
        let value = *self.exact.latest.get(&(object, name))?;
        let cell = self.heap.field(object, name);
        self.heap.read(cell, frame.instance);
        if !self.heap.is_only_writer(cell, frame.instance) {
            return None;
        }
        self.exact.trusting.insert(cell, frame.instance);
        Some(value)
    }

    /// A further value for a place: it may hold that as well.
    pub fn blur_latest(&mut self, object: ObjId, name: Sym, value: Val) {
        if let Some(latest) = self.exact.latest.get_mut(&(object, name)) {
            *latest = self.values.join(*latest, value);
        }
    }

    /// Notes who writes a cell. Who relied on being alone must look again.
    pub fn claim(&mut self, cell: CellId) {
        if let Some(writer) = self.exact.running
            && self.heap.add_writer(cell, writer)
            && let Some(trusting) = self.exact.trusting.remove(&cell)
        {
            self.enqueue(trusting);
        }
    }
}
