//! Decorators: the program's own are called, libraries' keep or register what they decorate.

use super::Start;
use super::call::Args;
use super::escape::FROM_LIBRARY;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::{Edge, Machine};
use super::value::{Atom, AtomId, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ExprId, FunctionId, Module};
use crate::python::is_library;
use rustc_hash::{FxHashMap, FxHashSet};

/// What decorators and their like make of functions.
#[derive(Debug, Default)]
pub(super) struct Wrapped {
    /// Functions that Powertools makes idempotent, with the decorator that says so.
    pub idempotent: FxHashMap<(ModuleId, FunctionId), ExprId>,
    /// Partials that are methods: they get the object that they are read from.
    pub partial_methods: FxHashSet<ObjId>,
    /// Functions of ours that make context managers: generators that `contextlib.contextmanager` decorates.
    pub managers: FxHashSet<(ModuleId, FunctionId)>,
    /// Functions whose arguments are converted to the annotated types; whether that is how, or isn't known.
    pub converting: FxHashMap<(ModuleId, FunctionId), bool>,
    /// Functions that were given to a cache by a call.
    pub kept: FxHashSet<(ModuleId, FunctionId)>,
}

impl<'p> Machine<'p> {
    /// Applies a decorator. Unless it is proven to do otherwise it keeps what it decorates.
    pub fn decorate(&mut self, frame: &mut Frame<'p>, decorator: Val, decorated: Val, site: CallSite) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(decorator) {
            let value = match atom {
                Atom::Function(..) | Atom::Bound(..) => self.decorate_by_call(frame, atom, decorated, site),
                Atom::Object(object) if self.heap.get(object).kind == Kind::Partial => {
                    self.decorate_by_call(frame, atom, decorated, site)
                }
                Atom::Builtin(_) | Atom::External(_) | Atom::ExternalObject(_) | Atom::Method(..) => {
                    self.decorate_from_library(frame, atom, decorated, site)
                }
                Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Tool(_)) => {
                    self.make_idempotent(frame, object, decorated, site);
                    decorated
                }
                Atom::Object(object) if self.is_context_decorator(object, frame.instance) => {
                    let manager = self.values.one(atom);
                    self.put_around(frame, manager, decorated, site)
                }
                Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Instance(..)) => {
                    let one = self.values.one(atom);
                    let made = self.call(frame, one, &Args::of(&[decorated]), site);
                    if self.is_callable(made) { made } else { decorated }
                }
                Atom::Class(module, class) => self.instantiate(frame, (module, class), &Args::of(&[decorated]), site),
                _ => decorated,
            };
            result = self.values.join(result, value);
        }
        if result == Val::BOTTOM { decorated } else { result }
    }

    fn decorate_by_call(&mut self, frame: &mut Frame<'p>, decorator: Atom, decorated: Val, site: CallSite) -> Val {
        let decorator = self.values.one(decorator);
        let made = self.call(frame, decorator, &Args::of(&[decorated]), site);
        if self.is_callable(made) { made } else { self.values.join(made, decorated) }
    }

    fn is_callable(&self, value: Val) -> bool {
        let callable = |a: &Atom| {
            matches!(
                a,
                Atom::Function(..)
                    | Atom::Bound(..)
                    | Atom::Class(..)
                    | Atom::Property(_)
                    | Atom::StaticMethod(_)
                    | Atom::ClassMethod(_)
                    | Atom::Object(_)
            )
        };
        self.values.atoms(value).iter().any(callable)
    }

    /// A decorator from a library keeps the function; one of an object (a router, a queue) also registers it.
    pub fn decorate_from_library(
        &mut self,
        frame: &mut Frame<'p>,
        decorator: Atom,
        decorated: Val,
        site: CallSite,
    ) -> Val {
        if let Atom::External(path) | Atom::ExternalObject(path) = decorator {
            self.note_conversion(path, decorated);
        }
        match decorator {
            Atom::Builtin(name) => return self.call_builtin(frame, name, &Args::of(&[decorated]), site),
            Atom::Method(receiver, _) if matches!(self.values.atom(receiver), Atom::Property(_)) => {
                let property = self.values.atom(receiver);
                return self.values.one(property);
            }
            Atom::External(name) => {
                self.note_library_decorator(frame, name, decorated, site);
                self.note_manager(name, decorated);
                let path = self.values.str(name);
                let property = path.ends_with("cached_property")
                    || path.ends_with("computed_field")
                    || path.ends_with("hybrid_property")
                    || path == "abc.abstractproperty";
                if property {
                    let property = self.values.sym("property");
                    return self.call_builtin(frame, property, &Args::of(&[decorated]), site);
                }
                return decorated;
            }
            _ => {}
        }
        match (self.registrar(decorator), decorator) {
            (Some(library), _) => self.register(frame, library, decorated, site),
            (None, Atom::ExternalObject(path)) => self.note_library_decorator(frame, path, decorated, site),
            // `@field.validator` of attrs.
            (None, Atom::Method(receiver, _)) if self.is_field(receiver) => {
                self.call_all_perhaps(frame, decorated, site);
            }
            (None, _) => {}
        }
        decorated
    }

    /// Notes that a decorator may change what functions are given: pydantic's converts it to the annotated types, and of one that
    /// isn't known nothing is.
    fn note_conversion(&mut self, decorator: Sym, decorated: Val) {
        let path = self.values.str(decorator);
        let root = path.split('.').next().unwrap_or(path);
        let validates = root == "pydantic" && (path.ends_with("validate_call") || path.ends_with("validate_arguments"));
        if !validates && is_library(root) {
            return;
        }
        for atom in self.values.atoms_vec(decorated) {
            let inner = match atom {
                Atom::StaticMethod(inner) | Atom::ClassMethod(inner) => self.values.atom(inner),
                atom => atom,
            };
            if let Atom::Function(module, function, _) = inner {
                *self.wrapped.converting.entry((module, function)).or_insert(validates) &= validates;
            }
        }
    }

    fn is_field(&self, atom: AtomId) -> bool {
        matches!(self.values.atom(atom), Atom::Object(object) if self.heap.get(object).kind == Kind::Field)
    }

    /// Calls what an object of a library is told to call.
    fn register(&mut self, frame: &mut Frame<'p>, library: Sym, decorated: Val, site: CallSite) {
        let (functions, others): (Vec<Atom>, Vec<Atom>) =
            self.values.atoms_vec(decorated).partition(|atom| matches!(atom, Atom::Function(..)));
        for atom in functions {
            let Atom::Function(module, function, closure) = atom else { continue };
            if self.callbacks.insert((frame.instance, atom)) || self.settled {
                let unknown = self.values.opaque(FROM_LIBRARY);
                let args = Args { star: unknown, ..Args::default() };
                let callee = (module, function, closure);
                let result = self.call_function(frame, callee, &args, site, Edge::Registered(library));
                self.leave(frame.instance, result);
            }
        }
        let others: Vec<Val> = others.into_iter().map(|atom| self.values.one(atom)).collect();
        self.hand_out(frame, &Args::of(&others), site);
    }

    /// Notes that a function of ours uses an object that a library made.
    pub fn note_working(&mut self, frame: &Frame<'p>, path: Sym) {
        if frame.function != Module::TOP {
            let library = self.root(path);
            self.working.insert(library);
        }
    }

    /// Whether what was registered with a library's objects is called: they get to work in our code, or whatever runs is
    /// no function of ours but made by a library.
    pub fn serves(&self, library: Sym, handler: Val) -> bool {
        let ours = |atom: &Atom| matches!(atom, Atom::Function(..) | Atom::Bound(..) | Atom::Class(..));
        let handler = self.values.atoms(handler);
        self.working.contains(&library) || handler.is_empty() || !handler.iter().all(ours)
    }

    /// The first name of an import path.
    fn root(&mut self, path: Sym) -> Sym {
        let path = self.values.str(path);
        let root = path.split('.').next().unwrap_or(path).to_owned();
        self.values.sym(&root)
    }

    /// The library whose object is told by a decorator to call the function (`@app.get("/x")`).
    fn registrar(&mut self, decorator: Atom) -> Option<Sym> {
        const WRAPPERS: &[&str] = &[
            "capture_method",
            "capture_lambda_handler",
            "inject_lambda_context",
            "log_metrics",
            "field_validator",
            "model_validator",
            "validator",
            "root_validator",
            "dataclass",
            "lru_cache",
            "wraps",
            "retry",
            "decorator",
        ];
        // Chalice deploys each of these as a Lambda of its own, whose handler is the function itself.
        const LAMBDAS_OF_THEIR_OWN: &[&str] = &["lambda_function", "schedule", "authorizer"];
        let (path, library) = match decorator {
            Atom::ExternalObject(path) => (self.values.str(path), path),
            Atom::Method(receiver, name) => match self.values.atom(receiver) {
                Atom::ExternalObject(library) => (self.values.str(name), library),
                _ => (self.values.str(name), name),
            },
            _ => return None,
        };
        let last = path.rsplit('.').next().unwrap_or(path);
        // A decorator that a module's function made (`@tenacity.retry(…)`) wraps; one that an object's method made registers.
        let of_object = path.matches('.').count() >= 2 || matches!(decorator, Atom::Method(..));
        let apart = path.starts_with("chalice.") && (LAMBDAS_OF_THEIR_OWN.contains(&last) || last.starts_with("on_"));
        let registers = of_object && !WRAPPERS.contains(&last) && !(apart && self.entry.start != Start::Script);
        registers.then(|| self.root(library))
    }
}
