//! Special names by which Python leads from classes and functions to others: `__func__`, `__mro__`, `__subclasses__()`
//! (<https://docs.python.org/3/reference/datamodel.html>). What leads to code in other ways is said not to be followed.

use super::call::Args;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::ClassId;

/// What a function holds that may be called, or lead to tables, besides itself.
const NOT_FOLLOWED: [&str; 7] =
    ["__closure__", "__code__", "__defaults__", "__globals__", "__kwdefaults__", "__reduce__", "__reduce_ex__"];

/// Why what is in a namespace isn't known.
pub(super) const NAMESPACE: &str = "a namespace read as a dict";

impl<'p> Machine<'p> {
    /// `callable.__name__`, where that leads to other code or to itself.
    pub fn special_attribute(&mut self, atom: Atom, name: Sym) -> Option<Val> {
        let text = self.values.str(name);
        if !text.starts_with("__") && text != "fget" {
            return None;
        }
        let inner = match (atom, text) {
            (Atom::StaticMethod(inner) | Atom::ClassMethod(inner), "__func__" | "__wrapped__")
            | (Atom::Property(inner), "fget")
            | (Atom::Bound(_, inner), "__func__")
            | (Atom::Bound(inner, _), "__self__") => inner,
            (Atom::Class(module, class), "__mro__") => return Some(self.resolution_order((module, class))),
            (Atom::Class(..) | Atom::Module(_), "__dict__") => return self.namespace_of(atom),
            (Atom::Class(module, class), "__bases__" | "__base__") => {
                return Some(self.bases_of((module, class), name));
            }
            (Atom::Function(..) | Atom::Bound(..), text) if NOT_FOLLOWED.contains(&text) => {
                return Some(self.values.opaque("what a function holds"));
            }
            _ => return None,
        };
        let inner = self.values.atom(inner);
        Some(self.values.one(inner))
    }

    /// `callable.__name__(…)`, where that leads to code.
    pub fn call_special(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Atom,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        let one = self.values.one(receiver);
        match (receiver, method) {
            (Atom::Object(object), _) if self.is_namespace(object) => match (method, args.positional.first()) {
                ("get" | "__getitem__" | "pop", Some(name)) => Some(self.namespace_entry(frame, object, *name)),
                _ => Some(self.values.opaque(NAMESPACE)),
            },
            (
                Atom::Function(..) | Atom::Bound(..) | Atom::StaticMethod(_) | Atom::ClassMethod(_) | Atom::Property(_),
                "__get__",
            ) => Some(self.bind_by_hand(frame, one, args)),
            (Atom::StaticMethod(_), "__call__") => Some(self.call(frame, one, args, site)),
            // `type.__call__(Class, …)` is what `Class(…)` does.
            (Atom::Builtin(name), "__call__") if self.values.str(name) == "type" => {
                let (class, rest) = args.positional.split_first()?;
                let rest = Args { positional: rest.to_vec(), ..args.clone() };
                Some(self.call(frame, *class, &rest, site))
            }
            (Atom::Class(..), "__call__") => Some(self.call(frame, one, args, site)),
            (Atom::Class(module, class), "mro") => Some(self.resolution_order((module, class))),
            (Atom::Class(module, class), "__subclasses__") => {
                let subclasses = self.subclasses_of((module, class));
                Some(self.values.one(Atom::Object(subclasses)))
            }
            _ => None,
        }
    }

    /// The `__dict__` of a class or a module.
    pub fn namespace_of(&mut self, atom: Atom) -> Option<Val> {
        let (namespace, _) = match atom {
            Atom::Class(module, class) => self.heap.object(AllocKey::Class(module, class), Kind::Class),
            Atom::Module(module) => self.heap.object(AllocKey::Module(module), Kind::Module),
            _ => return None,
        };
        Some(self.values.one(Atom::Object(namespace)))
    }

    pub fn is_namespace(&self, object: ObjId) -> bool {
        matches!(self.heap.key(object), AllocKey::Class(..) | AllocKey::Module(_))
    }

    /// `Class.__dict__[name]`: as it was stored there, neither bound nor inherited.
    pub fn namespace_entry(&mut self, frame: &Frame<'p>, namespace: ObjId, name: Val) -> Val {
        match self.values.single(name) {
            Some(Atom::Str(name)) => self.read_field(namespace, name, frame.instance),
            _ => self.values.opaque(NAMESPACE),
        }
    }

    /// Functions of the standard library by which a program looks at itself, or runs further code.
    pub fn call_introspection(
        &mut self,
        frame: &mut Frame<'p>,
        path: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        Some(match path {
            "inspect.unwrap" => self.unwrap_function(frame, args),
            "inspect.getmembers" | "inspect.getmembers_static" => self.values.opaque(NAMESPACE),
            "inspect.get_annotations" | "inspect.signature" | "typing.get_type_hints" => {
                self.values.opaque("what annotations tell")
            }
            "weakref.proxy" => args.positional.first().copied()?,
            "weakref.ref" | "weakref.WeakMethod" => {
                if let Some(gone) = args.positional.get(1) {
                    self.call_all_perhaps(frame, *gone, site);
                }
                self.values.opaque("a weak reference")
            }
            "weakref.WeakSet" => {
                let first = args.positional.first().copied().unwrap_or(Val::BOTTOM);
                let element = self.iterate(frame, first);
                self.list_of(frame, element, site)
            }
            "weakref.WeakKeyDictionary" | "weakref.WeakValueDictionary" => self.make_dict(frame, args, site),
            "inspect.getattr_static" => {
                let [owner, name, ..] = args.positional[..] else { return None };
                let mut result = Val::BOTTOM;
                for owner in self.values.atoms_vec(owner) {
                    let found = match (owner, self.values.single(name)) {
                        (Atom::Class(module, class), Some(Atom::Str(name))) => {
                            self.class_field(module, class, name, frame.instance)
                        }
                        _ => self.values.opaque(NAMESPACE),
                    };
                    result = self.values.join(result, found);
                }
                result
            }
            "runpy.run_module" | "runpy.run_path" => self.dynamic_code(frame, site),
            _ => return self.call_by_text(frame, path, args, site),
        })
    }

    /// `descriptor.__get__(object, class)`.
    fn bind_by_hand(&mut self, frame: &mut Frame<'p>, descriptor: Val, args: &Args) -> Val {
        let mut bound = Val::BOTTOM;
        let given = self.values.join_all(args.positional.iter().take(2).copied());
        for receiver in self.values.atoms_vec(given) {
            if receiver != Atom::None {
                let one = self.bind_members(frame, descriptor, receiver);
                bound = self.values.join(bound, one);
            }
        }
        if bound == Val::BOTTOM { descriptor } else { bound }
    }

    /// Notes that a class is a subclass of each of its bases.
    pub fn note_subclass(&mut self, class: (ModuleId, ClassId), bases: &[Val]) {
        let value = self.values.one(Atom::Class(class.0, class.1));
        let bases = self.values.join_all(bases.iter().copied());
        for atom in self.values.atoms_vec(bases) {
            if let Atom::Class(module, base) = atom {
                let subclasses = self.subclasses_of((module, base));
                self.append(subclasses, value);
            }
        }
    }

    fn subclasses_of(&mut self, (module, class): (ModuleId, ClassId)) -> ObjId {
        self.heap.object(AllocKey::Subclasses(module, class), Kind::List).0
    }

    /// The class and its bases as Python asks them. Where a library's are among them, their places aren't known.
    fn resolution_order(&mut self, (module, class): (ModuleId, ClassId)) -> Val {
        let line = self.ancestry(module, class);
        if !line.external.is_empty() {
            return self.values.opaque("base classes, a library's among them");
        }
        let mut order: Vec<Val> = line.ours.iter().map(|(m, c)| self.values.one(Atom::Class(*m, *c))).collect();
        let object = self.values.sym("object");
        order.push(self.values.one(Atom::Builtin(object)));
        let order = self.values.tuple_atom(order);
        self.values.one(order)
    }

    /// `Class.__bases__`, or the first of them.
    fn bases_of(&mut self, class: (ModuleId, ClassId), name: Sym) -> Val {
        let bases = self.classes.get(&class).map(|info| info.bases.clone()).unwrap_or_default();
        if self.values.str(name) == "__base__" {
            return bases.first().copied().unwrap_or(Val::BOTTOM);
        }
        let bases = self.values.tuple_atom(bases);
        self.values.one(bases)
    }

    /// Whether a special name leads from what is lost to code: `lost.__func__()`.
    pub fn leads_to_code(&self, name: Sym) -> bool {
        let ways = ["cell_contents", "__call__", "__func__", "__get__", "__subclasses__", "__wrapped__"];
        ways.contains(&self.values.str(name))
    }
}
