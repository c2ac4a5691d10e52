//! Attributes of functions, and what `functools` puts there: `__wrapped__`, the function that a wrapper stands for.

use super::call::{Args, Keyword};
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::FunctionId;

const WRAPPED: &str = "__wrapped__";
/// Wrappers around wrappers that [`Machine::unwrap_function`] follows; no program has as many.
const MAX_WRAPPERS: u8 = 12;

impl<'p> Machine<'p> {
    /// `functools.wraps(wrapped)`: what calls `update_wrapper(wrapper, wrapped=wrapped)` once it is given the wrapper.
    pub fn make_wraps(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let update = self.external("functools.update_wrapper");
        let wrapped = args.positional.first().map(|value| Keyword {
            name: self.values.sym("wrapped"),
            value: *value,
            spans: Vec::new(),
            always: true,
        });
        let keywords = wrapped.into_iter().chain(args.keywords.iter().cloned()).collect();
        self.make_partial(frame, &Args { positional: vec![update], keywords, ..Args::default() }, site)
    }

    /// `functools.partialmethod(method, …)`. Its object comes before what is given here, which a partial doesn't know.
    pub fn make_partial_method(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        if args.positional.len() > 1 {
            self.hand_out(frame, args, site);
            return self.values.opaque("a method that is a part of another");
        }
        let made = self.make_partial(frame, args, site);
        for atom in self.values.atoms_vec(made) {
            if let Atom::Object(object) = atom {
                self.wrapped.partial_methods.insert(object);
            }
        }
        made
    }

    /// `functools.update_wrapper(wrapper, wrapped)` gives the wrapper, and calls neither.
    pub fn update_wrapper(&mut self, frame: &Frame<'p>, args: &Args) -> Val {
        let wrapper = args.positional.first().copied().unwrap_or(Val::BOTTOM);
        let name = self.values.sym("wrapped");
        let wrapped = args.positional.get(1).copied().or_else(|| args.keyword(name).map(|keyword| keyword.value));
        if let Some(wrapped) = wrapped {
            self.copy_attributes(frame, wrapped, wrapper);
            let name = self.values.sym(WRAPPED);
            self.set_attribute(frame, wrapper, name, wrapped);
        }
        wrapper
    }

    /// Updates what a wrapper has in its `__dict__` by what the wrapped function has in its own.
    fn copy_attributes(&mut self, frame: &Frame<'p>, wrapped: Val, wrapper: Val) {
        for atom in self.values.atoms_vec(wrapped) {
            let Atom::Function(module, function, closure) = atom else { continue };
            let attributes = self.attributes_on((module, function, closure));
            let own = self.values.sym(WRAPPED);
            let names: Vec<Sym> = self.heap.fields(attributes).into_iter().map(|(name, _)| name).collect();
            for name in names.into_iter().filter(|name| *name != own) {
                let value = self.read_field(attributes, name, frame.instance);
                self.set_attribute(frame, wrapper, name, value);
            }
        }
    }

    /// `inspect.unwrap(function)`: what is at the end of its `__wrapped__`.
    pub fn unwrap_function(&mut self, frame: &mut Frame<'p>, args: &Args) -> Val {
        let name = self.values.sym(WRAPPED);
        let mut found = args.positional.first().copied().unwrap_or(Val::BOTTOM);
        for _ in 0..MAX_WRAPPERS {
            let inner = self.attribute(frame, found, name);
            if self.values.join(found, inner) == found {
                break;
            }
            found = self.values.join(found, inner);
        }
        found
    }

    /// The object that holds a function's attributes.
    pub fn attributes_on(&mut self, (module, function, closure): (ModuleId, FunctionId, u32)) -> ObjId {
        self.heap.object(AllocKey::Function(module, function, closure), Kind::Dict).0
    }

    /// `function.name`, `None` where no such attribute was set. What a library's cache makes of a function is taken for the
    /// function itself, which so is what it wraps.
    pub fn function_attribute(&mut self, frame: &Frame<'p>, function: Atom, name: Sym) -> Option<Val> {
        let Atom::Function(module, id, closure) = function else { return None };
        let attributes = self.attributes_on((module, id, closure));
        if self.values.str(name) == "__dict__" {
            return Some(self.values.one(Atom::Object(attributes)));
        }
        let value = self.read_field(attributes, name, frame.instance);
        if value == Val::BOTTOM && self.values.str(name) == WRAPPED {
            return Some(self.values.one(function));
        }
        (value != Val::BOTTOM).then_some(value)
    }
}
