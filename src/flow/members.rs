//! What a class's namespace holds at run time that may be called: functions that its body defines, wherever in it and under
//! whatever name, and what is put there later.

use super::heap::{AllocKey, InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, Stmt};

/// Special methods that are called where Python calls them.
const FOLLOWED: [&str; 14] = [
    "__aenter__",
    "__aexit__",
    "__call__",
    "__class_getitem__",
    "__enter__",
    "__exit__",
    "__getattr__",
    "__getitem__",
    "__init__",
    "__init_subclass__",
    "__new__",
    "__next__",
    "__post_init__",
    "__setitem__",
];

/// Which methods of a class are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    All,
    /// What Python calls for operators and builtins, and nobody follows.
    Special,
    /// Those of a class itself: what asks for a subclass, or for a schema.
    Hooks,
    /// What is run when it is read.
    Properties,
    /// What a metaclass has for the classes that it makes.
    OfMetaclass,
    /// What a metaclass makes classes with.
    Making,
    /// What runs where an attribute is only read.
    Attributes,
}

fn is_special(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

impl Machine<'_> {
    /// Notes the methods that a class's body has made.
    pub fn note_methods(&mut self, class: (ModuleId, ClassId)) {
        let module = self.module(class.0);
        for stmt in &module.class(class.1).body {
            if let Stmt::Def(function, _) = stmt {
                let name = self.values.sym(&module.function(*function).name);
                self.methods.entry(name).or_default().insert(class);
            }
        }
        for name in self.methods_in(class, Wanted::All) {
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
    pub fn methods_of(&mut self, class: (ModuleId, ClassId), reader: InstanceId, wanted: Wanted) -> Vec<Sym> {
        if let Some(namespace) = self.heap.find(AllocKey::Class(class.0, class.1)) {
            let added = self.heap.get(namespace).keys;
            self.heap.read(added, reader);
        }
        self.methods_in(class, wanted)
    }

    pub fn methods_in(&self, class: (ModuleId, ClassId), wanted: Wanted) -> Vec<Sym> {
        let Some(namespace) = self.heap.find(AllocKey::Class(class.0, class.1)) else { return Vec::new() };
        let fields = self.heap.get(namespace).fields.iter();
        let named = fields.filter(|(name, field)| self.is_wanted(wanted, **name, self.heap.peek(field.cell)));
        named.map(|(name, _)| *name).collect()
    }

    fn is_wanted(&self, wanted: Wanted, name: Sym, value: Val) -> bool {
        let name = self.values.str(name);
        let has = |is_one: fn(&Atom) -> bool| self.values.atoms(value).iter().any(is_one);
        let is_meant = match wanted {
            Wanted::All => true,
            Wanted::Special => is_special(name) && !FOLLOWED.contains(&name),
            Wanted::Hooks => {
                is_special(name)
                    && !FOLLOWED.contains(&name)
                    && has(|atom| matches!(atom, Atom::ClassMethod(_) | Atom::StaticMethod(_)))
            }
            Wanted::Properties => has(|atom| matches!(atom, Atom::Property(_))),
            Wanted::OfMetaclass => is_special(name) && !matches!(name, "__call__" | "__new__" | "__prepare__"),
            Wanted::Making => matches!(name, "__new__" | "__prepare__"),
            Wanted::Attributes => {
                matches!(name, "__getattr__" | "__getattribute__") || has(|atom| matches!(atom, Atom::Property(_)))
            }
        };
        is_meant && self.may_be_method(value)
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
