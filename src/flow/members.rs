//! What a class's namespace holds at run time that may be called: functions that its body defines, wherever in it and under
//! whatever name, and what is put there later.

use super::heap::{AllocKey, InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, Stmt};

impl<'p> Machine<'p> {
    /// Notes the methods that a class's body has made.
    pub fn note_methods(&mut self, class: (ModuleId, ClassId)) {
        let module = self.module(class.0);
        for stmt in &module.class(class.1).body {
            if let Stmt::Def(function, _) = stmt {
                let name = self.values.sym(&module.function(*function).name);
                self.methods.entry(name).or_default().insert(class);
            }
        }
        for name in self.methods_in(class, &|_| true) {
            self.methods.entry(name).or_default().insert(class);
        }
    }

    /// `Class.name = function`. Whoever looked for the class's methods looks again.
    pub fn note_added_method(&mut self, class: (ModuleId, ClassId), name: Sym, value: Val) {
        if self.may_be_method(value) {
            self.methods.entry(name).or_default().insert(class);
            let (namespace, _) = self.heap.object(AllocKey::Class(class.0, class.1), Kind::Class);
            let added = self.values.one(Atom::Str(name));
            self.write(self.heap.get(namespace).keys, added);
        }
    }

    /// The names of a class's own methods, for who looks again when there are more.
    pub fn methods_of(
        &mut self,
        class: (ModuleId, ClassId),
        reader: InstanceId,
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Vec<Sym> {
        if let Some(namespace) = self.heap.find(AllocKey::Class(class.0, class.1)) {
            let added = self.heap.get(namespace).keys;
            self.heap.read(added, reader);
        }
        self.methods_in(class, is_wanted)
    }

    fn methods_in(&self, class: (ModuleId, ClassId), is_wanted: &dyn Fn(&str) -> bool) -> Vec<Sym> {
        let Some(namespace) = self.heap.find(AllocKey::Class(class.0, class.1)) else { return Vec::new() };
        let fields = self.heap.get(namespace).fields.iter();
        let wanted = fields.filter(|(name, _)| is_wanted(self.values.str(**name)));
        wanted.filter(|(_, field)| self.may_be_method(self.heap.peek(field.cell))).map(|(name, _)| *name).collect()
    }

    /// Whether what a class has under a name may be a method: a function, however wrapped, or an object that is called like one.
    fn may_be_method(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|atom| match *atom {
            Atom::Function(..) | Atom::Bound(..) | Atom::ClassMethod(_) | Atom::Property(_) | Atom::StaticMethod(_) => {
                true
            }
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Partial | Kind::Instance(..)),
            _ => false,
        })
    }
}
