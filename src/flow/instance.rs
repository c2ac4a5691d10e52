//! `isinstance` and class patterns: whether an atom is an instance of a class, said only where the class can't decide
//! otherwise ([`__instancecheck__`](https://docs.python.org/3/reference/datamodel.html#customizing-instance-and-subclass-checks)).

use super::heap::Kind;
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, Module};

/// Builtin classes of which no instance of another one of them is an instance.
const APART: [&str; 8] = ["bytes", "dict", "float", "frozenset", "list", "set", "str", "tuple"];

impl Machine<'_> {
    /// Whether an atom is an instance of (one of) the classes; `None` if it can't be told.
    pub fn instance_of(&self, atom: Atom, classes: Val) -> Option<bool> {
        any_of(self.values.atoms(classes).iter().map(|class| self.instance_of_one(atom, *class)))
    }

    fn instance_of_one(&self, atom: Atom, class: Atom) -> Option<bool> {
        match class {
            Atom::Tuple(tuple) => any_of(self.values.tuple(tuple).iter().map(|part| self.instance_of(atom, *part))),
            Atom::Builtin(name) => self.instance_of_builtin(atom, self.values.str(name)),
            Atom::Class(module, class) => self.instance_of_ours(atom, (module, class)),
            _ => None,
        }
    }

    fn instance_of_builtin(&self, atom: Atom, name: &str) -> Option<bool> {
        if name == "object" {
            return Some(true);
        }
        let own = match atom {
            Atom::None => "",
            Atom::Str(_) | Atom::Text(_) => "str",
            Atom::Data(_) if self.values.is_float(atom) => "float",
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Dict => "dict",
                Kind::Instance(module, class) if !self.has_builtin_data((module, class)) => "",
                _ => return None,
            },
            _ => return None,
        };
        if name == own { Some(true) } else { (APART.contains(&name) || name == "int").then_some(false) }
    }

    fn instance_of_ours(&self, atom: Atom, wanted: (ModuleId, ClassId)) -> Option<bool> {
        let is_other = match atom {
            Atom::None => true,
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Instance(module, class) if self.is_one_class(wanted) => {
                    if self.ancestry(module, class).ours.contains(&wanted) {
                        return Some(true);
                    }
                    self.knows_ancestry((module, class)) && !self.stands_in((module, class))
                }
                // `dict`'s and `list`'s own: they may have been made by a class of ours that extends those.
                Kind::Dict | Kind::List => !self.has_builtin_data(wanted),
                _ => false,
            },
            // Members of an enum are taken as their values.
            _ => false,
        };
        (is_other && !self.changes_classes && self.decides_plainly(wanted)).then_some(false)
    }

    /// Whether a class statement makes one class: in a function, it makes another with every call.
    fn is_one_class(&self, (module, class): (ModuleId, ClassId)) -> bool {
        self.module(module).class(class).parent == Module::TOP
    }

    /// Whether an object may say itself that it is of another class (`__class__`), as proxies do.
    fn stands_in(&self, (module, class): (ModuleId, ClassId)) -> bool {
        let line = self.ancestry(module, class).ours;
        let mut namespaces = line.iter().filter_map(|class| self.classes.get(class)).map(|info| info.namespace);
        let has =
            |names: &[Sym], namespace| names.iter().any(|name| self.heap.get(namespace).fields.contains_key(name));
        namespaces.any(|namespace| has(&self.class_methods, namespace))
    }

    /// Whether a class may extend one of the builtin classes that hold data (`class Kind(str)`).
    fn has_builtin_data(&self, class: (ModuleId, ClassId)) -> bool {
        let is_builtin = |atom: &Atom| matches!(atom, Atom::Builtin(name) if self.values.str(*name) != "object");
        !self.knows_ancestry(class) || self.bases(class).is_none_or(|bases| bases.iter().any(is_builtin))
    }

    /// Whether all that a class inherits from is ours, builtin, or the mark of an abstract class.
    fn knows_ancestry(&self, (module, class): (ModuleId, ClassId)) -> bool {
        let line = self.ancestry(module, class);
        let is_known = |atom: &Atom| {
            matches!(atom, Atom::Class(..) | Atom::Builtin(_) | Atom::External(_) | Atom::ExternalObject(_))
        };
        !line.cut
            && line.external.is_empty()
            && self.bases((module, class)).is_some_and(|bases| bases.iter().all(is_known))
    }

    /// Whether a class leaves it to the ancestry of an object whether that is its instance: no metaclass anywhere, and no
    /// mark of an abstract class, with which others are registered or which asks for methods.
    fn decides_plainly(&self, (module, class): (ModuleId, ClassId)) -> bool {
        let line = self.ancestry(module, class);
        let has_keywords =
            line.ours.iter().any(|(module, class)| !self.module(*module).class(*class).keywords.is_empty());
        let is_plain = |atom: &Atom| matches!(atom, Atom::Class(..) | Atom::Builtin(_));
        !line.cut && !has_keywords && self.bases((module, class)).is_some_and(|bases| bases.iter().all(is_plain))
    }

    /// The bases of a class and of all of its ancestors; `None` if one isn't known yet.
    fn bases(&self, (module, class): (ModuleId, ClassId)) -> Option<Vec<Atom>> {
        let mut bases = Vec::new();
        for class in self.ancestry(module, class).ours {
            for base in &self.classes.get(&class)?.bases {
                if *base == Val::BOTTOM {
                    return None;
                }
                bases.extend(self.values.atoms(*base).iter().copied());
            }
        }
        Some(bases)
    }
}

/// Whether any holds: true as soon as one does, and open as long as one is.
fn any_of(mut each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    each.try_fold(Some(false), |all, one| match one {
        Some(true) => Err(()),
        None => Ok(None),
        Some(false) => Ok(all),
    })
    .unwrap_or(Some(true))
}
