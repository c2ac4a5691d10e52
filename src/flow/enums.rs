//! Enums ([`enum`](https://docs.python.org/3/library/enum.html)). Members are taken as their values, which so have the methods
//! of the enums that may hold them.

use super::call::Args;
use super::class::Ancestry;
use super::frame::Frame;
use super::heap::{CallSite, InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::ClassId;

impl<'p> Machine<'p> {
    pub fn is_enum(&self, line: &Ancestry) -> bool {
        self.has_base(line, "Enum") || self.has_base(line, "Flag")
    }

    /// Notes the classes that an enum's members have methods of.
    pub fn note_enum(&mut self, line: &Ancestry) {
        if self.is_enum(line) {
            self.of_enums.extend(line.ours.iter().copied());
        }
    }

    /// What iterating an enum, or calling it, gives: its members' values.
    pub fn enum_members(&mut self, module: ModuleId, class: ClassId, reader: InstanceId) -> Val {
        let Some(info) = self.classes.get(&(module, class)) else { return self.values.data() };
        let namespace = info.namespace;
        self.all_values(namespace, reader)
    }

    /// `member.name`, where `member` may be an enum's: a method or a property that some enum gives its members.
    pub fn member_attribute(&mut self, frame: &mut Frame<'p>, member: Atom, name: Sym) -> Val {
        let mut result = Val::BOTTOM;
        if self.of_enums.is_empty() || !self.may_be_member(member) {
            return result;
        }
        let definers = self.methods.get(&name).into_iter().flatten();
        let definers: Vec<_> = definers.filter(|class| self.of_enums.contains(*class)).copied().collect();
        for (module, class) in definers {
            let found = self.class_field(module, class, name, frame.instance);
            for atom in self.values.atoms_vec(found) {
                let receiver = if matches!(atom, Atom::ClassMethod(_)) { Atom::Class(module, class) } else { member };
                let found = self.values.one(atom);
                let bound = self.bind_members(frame, found, receiver);
                result = self.values.join(result, bound);
            }
        }
        result
    }

    /// `member()`.
    pub fn call_member(&mut self, frame: &mut Frame<'p>, member: Atom, args: &Args, site: CallSite) -> Val {
        let name = self.values.sym("__call__");
        match self.member_attribute(frame, member, name) {
            Val::BOTTOM => Val::BOTTOM,
            method => self.call(frame, method, args, site),
        }
    }

    /// Whether an atom may be an enum's member: a value of any kind, but nothing that has attributes of its own.
    fn may_be_member(&self, atom: Atom) -> bool {
        match atom {
            Atom::Str(_)
            | Atom::Text(_)
            | Atom::Int(_)
            | Atom::True
            | Atom::False
            | Atom::Tuple(_)
            | Atom::Data(_)
            | Atom::Table(..)
            | Atom::Client(..)
            | Atom::Resource(..) => true,
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Dict | Kind::List | Kind::Instance(..)),
            _ => false,
        }
    }
}
