//! Decorators: the program's own are called, libraries' keep or register what they decorate.

use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, Val};

impl<'p> Machine<'p> {
    /// Applies a decorator. Unless it is proven to do otherwise it keeps what it decorates.
    pub fn decorate(&mut self, frame: &mut Frame<'p>, decorator: Val, decorated: Val, site: CallSite) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(decorator) {
            let value = match atom {
                Atom::Function(..) | Atom::Bound(..) => {
                    let one = self.values.one(atom);
                    let made = self.call(frame, one, &Args::of(&[decorated]), site);
                    if self.is_callable(made) { made } else { self.values.join(made, decorated) }
                }
                Atom::Builtin(_) | Atom::External(_) | Atom::ExternalObject(_) | Atom::Method(..) => {
                    self.decorate_from_library(frame, atom, decorated, site)
                }
                Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Tool(_)) => {
                    self.make_idempotent(frame, object, decorated, site);
                    decorated
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
        match decorator {
            Atom::Builtin(name) => return self.call_builtin(frame, name, &Args::of(&[decorated]), site),
            Atom::Method(receiver, _) if matches!(self.values.atom(receiver), Atom::Property(_)) => {
                let property = self.values.atom(receiver);
                return self.values.one(property);
            }
            Atom::External(path) => {
                let path = self.values.str(path);
                let property = path.ends_with("cached_property")
                    || path.ends_with("computed_field")
                    || path.ends_with("hybrid_property")
                    || path == "abc.abstractproperty";
                if property {
                    let name = self.values.sym("property");
                    return self.call_builtin(frame, name, &Args::of(&[decorated]), site);
                }
                return decorated;
            }
            _ => {}
        }
        if self.registers(decorator) {
            self.hand_out(frame, &Args::of(&[decorated]), site);
        }
        decorated
    }

    /// Whether a decorator made by a library's object makes the function an entry of its own (`@app.get("/x")`).
    fn registers(&self, decorator: Atom) -> bool {
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
        let path = match decorator {
            Atom::ExternalObject(path) => self.values.str(path),
            Atom::Method(_, name) => self.values.str(name),
            _ => return false,
        };
        let last = path.rsplit('.').next().unwrap_or(path);
        // A decorator that a module's function made (`@tenacity.retry(…)`) wraps; one that an object's method made registers.
        let of_object = path.matches('.').count() >= 2 || matches!(decorator, Atom::Method(..));
        of_object && !WRAPPERS.contains(&last)
    }
}
