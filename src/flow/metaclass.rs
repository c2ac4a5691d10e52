//! Metaclasses of the program's own: what they do with the classes that they make, and what these have of them
//! (<https://docs.python.org/3/reference/datamodel.html#metaclasses>).

use super::call::Args;
use super::class::Ancestry;
use super::frame::Frame;
use super::heap::CallSite;
use super::machine::Machine;
use super::members::Wanted;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::ClassId;

impl<'p> Machine<'p> {
    /// A class that is defined: what is called on it by itself, of its own and of its metaclasses. What one of these does with
    /// it, to put it into a registry for one, isn't followed.
    pub fn note_metaclass(&mut self, frame: &mut Frame<'p>, class: (ModuleId, ClassId), line: &Ancestry) {
        let made = self.values.one(Atom::Class(class.0, class.1));
        self.call_perhaps(frame, line, made, None, Wanted::Hooks);
        let names = ["__new__", "__init__"].map(|name| self.values.sym(name));
        for metaclass in self.metaclasses(line) {
            let line = self.ancestry(metaclass.0, metaclass.1);
            if names.iter().any(|name| self.find_in_class(&line, *name, frame.instance) != Val::BOTTOM) {
                self.call_by_library(frame, Atom::Class(class.0, class.1), None);
            }
            let itself = self.values.one(Atom::Class(metaclass.0, metaclass.1));
            self.call_perhaps(frame, &line, itself, None, Wanted::Making);
            self.call_perhaps(frame, &line, made, None, Wanted::OfMetaclass);
        }
    }

    /// `Class(…)` where a metaclass says what that does. What it gives is taken to be the object that is made anyway.
    pub fn call_of_metaclass(
        &mut self,
        frame: &mut Frame<'p>,
        class: (ModuleId, ClassId),
        line: &Ancestry,
        args: &Args,
        site: CallSite,
    ) {
        let call = self.values.sym("__call__");
        let receiver = self.values.one(Atom::Class(class.0, class.1));
        for metaclass in self.metaclasses(line) {
            let found = self.class_field(metaclass.0, metaclass.1, call, frame.instance);
            for atom in self.values.atoms_vec(found) {
                self.call_function_perhaps(frame, atom, Some(receiver), args, site);
            }
        }
    }

    /// `Class.name` where a metaclass has it.
    pub fn attribute_of_metaclass(
        &mut self,
        frame: &mut Frame<'p>,
        class: (ModuleId, ClassId),
        line: &Ancestry,
        name: Sym,
    ) -> Option<Val> {
        let getattr = self.values.sym("__getattr__");
        let receiver = Atom::Class(class.0, class.1);
        for metaclass in self.metaclasses(line) {
            let found = self.class_field(metaclass.0, metaclass.1, name, frame.instance);
            if found != Val::BOTTOM {
                return Some(self.bind_to_class(frame, found, receiver, metaclass));
            }
            let computed = self.class_field(metaclass.0, metaclass.1, getattr, frame.instance);
            if computed != Val::BOTTOM && !self.values.str(name).starts_with("__") {
                let method = self.bind_to_class(frame, computed, receiver, metaclass);
                let name = self.values.one(Atom::Str(name));
                return Some(self.call(frame, method, &Args::of(&[name]), None));
            }
        }
        None
    }

    /// What `Class[index]`, or going through it, calls of a metaclass.
    pub fn call_special_of_metaclass(
        &mut self,
        frame: &mut Frame<'p>,
        class: (ModuleId, ClassId),
        name: &str,
        args: &[Val],
    ) -> Option<Val> {
        let name = self.values.sym(name);
        let line = self.ancestry(class.0, class.1);
        for metaclass in self.metaclasses(&line) {
            let found = self.class_field(metaclass.0, metaclass.1, name, frame.instance);
            if found != Val::BOTTOM {
                let method = self.bind_to_class(frame, found, Atom::Class(class.0, class.1), metaclass);
                return Some(self.call(frame, method, &Args::of(args), None));
            }
        }
        None
    }

    /// A metaclass's members as seen through a class that it makes.
    fn bind_to_class(
        &mut self,
        frame: &mut Frame<'p>,
        members: Val,
        class: Atom,
        metaclass: (ModuleId, ClassId),
    ) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(members) {
            let (receiver, bound) = match atom {
                Atom::Function(..) => (class, self.values.atom_id(atom)),
                Atom::ClassMethod(inner) => (Atom::Class(metaclass.0, metaclass.1), inner),
                Atom::Property(inner) => {
                    let (getter, receiver) = (self.values.atom(inner), self.values.one(class));
                    let getter = self.values.one(getter);
                    let value = self.call(frame, getter, &Args::of(&[receiver]), None);
                    result = self.values.join(result, value);
                    continue;
                }
                atom => {
                    let one = self.values.one(atom);
                    let value = self.bind_members(frame, one, class);
                    result = self.values.join(result, value);
                    continue;
                }
            };
            let receiver = self.values.atom_id(receiver);
            let method = self.values.one(Atom::Bound(receiver, bound));
            result = self.values.join(result, method);
        }
        result
    }

    /// The metaclasses of ours that a class, or one that it inherits from, names.
    fn metaclasses(&self, line: &Ancestry) -> Vec<(ModuleId, ClassId)> {
        let mut metaclasses = Vec::new();
        for class in &line.ours {
            let named = self.classes.get(class).map_or(Val::BOTTOM, |info| info.metaclass);
            for atom in self.values.atoms(named) {
                if let Atom::Class(module, class) = *atom
                    && !metaclasses.contains(&(module, class))
                {
                    metaclasses.push((module, class));
                }
            }
        }
        metaclasses
    }
}
