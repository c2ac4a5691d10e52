//! Context managers: what `with` binds, and what runs at its end.

use super::frame::Frame;
use super::heap::{InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Sym, Val};

impl<'p> Machine<'p> {
    /// `with manager as x`: what `x` is.
    pub fn enter(&mut self, frame: &mut Frame<'p>, manager: Val) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(manager) {
            let value = match atom {
                Atom::Object(object) => match self.heap.get(object).kind {
                    Kind::Instance(..) => self.enter_instance(frame, atom),
                    Kind::List => self.heap.read(self.heap.get(object).elements, frame.instance),
                    _ => self.values.one(atom),
                },
                atom => self.values.one(atom),
            };
            result = self.values.join(result, value);
        }
        result
    }

    fn enter_instance(&mut self, frame: &mut Frame<'p>, atom: Atom) -> Val {
        let one = self.values.one(atom);
        let mut result = Val::BOTTOM;
        for name in ["__enter__", "__aenter__"] {
            let name = self.values.sym(name);
            if self.defines(atom, name, frame.instance) {
                let value = self.call_method(frame, one, name, &[]);
                result = self.values.join(result, value);
            }
        }
        if result == Val::BOTTOM { one } else { result }
    }

    /// The end of a `with` block.
    pub fn exit(&mut self, frame: &mut Frame<'p>, manager: Val) {
        for atom in self.values.atoms_vec(manager) {
            for name in ["__exit__", "__aexit__"] {
                let name = self.values.sym(name);
                if self.defines(atom, name, frame.instance) {
                    let one = self.values.one(atom);
                    let unknown = self.values.data();
                    self.call_method(frame, one, name, &[unknown, unknown, unknown]);
                }
            }
        }
    }

    /// Whether an instance's class, ours, has this member.
    pub fn defines(&mut self, atom: Atom, name: Sym, reader: InstanceId) -> bool {
        let Atom::Object(object) = atom else { return false };
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return false };
        self.class_field(module, class, name, reader) != Val::BOTTOM
    }
}
