//! Data that comes back as objects: instances of dataclasses, models, enums and errors that went through a library, and those
//! that a library makes of data. What calls a method of such a name, on what is plain data or a library's otherwise, calls it
//! perhaps: see [`super::implicit`].

use super::call::Args;
use super::class::Ancestry;
use super::frame::Frame;
use super::guess::MAX_GUESSES;
use super::heap::{CallSite, InstanceId, Kind};
use super::machine::Machine;
use super::members::Wanted;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, ExprId, ExprKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Methods that data has itself.
const OF_DATA: &str = "
add append capitalize casefold center clear copy count decode difference discard encode endswith extend find format get group
groups hex index insert intersection isalnum isalpha isdigit isnumeric isoformat items join keys ljust lower lstrip partition pop
popitem read remove replace reverse rfind rjust rpartition rsplit rstrip setdefault sort split splitlines startswith strftime
strip title total_seconds translate union update upper values zfill
";

/// Classes of ours of which libraries hold instances, or make some.
#[derive(Debug, Default)]
pub(super) struct Held {
    classes: FxHashSet<(ModuleId, ClassId)>,
    /// Models of which the fields' classes are among these.
    models: FxHashSet<(ModuleId, ClassId)>,
    /// Who calls a method of a name that has none elsewhere.
    askers: FxHashMap<Sym, BTreeSet<InstanceId>>,
}

impl<'p> Machine<'p> {
    /// A class of which a library gets an instance, or which it may make one of; the classes of its fields are made with it.
    fn note_held(&mut self, frame: &mut Frame<'p>, class: (ModuleId, ClassId)) {
        let mut waiting = vec![class];
        while let Some(next) = waiting.pop() {
            let line = self.ancestry(next.0, next.1);
            for own in line.ours {
                if self.implicit.held.classes.insert(own) {
                    self.wake_askers(own);
                    waiting.extend(self.classes_of_fields(frame, own));
                }
            }
        }
    }

    /// As [`Machine::note_held`], once what is called by name is known.
    pub fn hold(&mut self, frame: &mut Frame<'p>, class: (ModuleId, ClassId)) {
        if self.may_call_perhaps(frame.instance) {
            self.note_held(frame, class);
        }
    }

    /// The classes of the fields of a model, which makes their instances of the data that it gets.
    pub fn hold_fields(&mut self, frame: &mut Frame<'p>, line: &Ancestry) {
        for own in &line.ours {
            if self.may_call_perhaps(frame.instance) && self.implicit.held.models.insert(*own) {
                for class in self.classes_of_fields(frame, *own) {
                    self.note_held(frame, class);
                }
            }
        }
    }

    /// The classes that a type names: `TypeAdapter(list[Order])`.
    pub fn hold_named(&mut self, frame: &mut Frame<'p>, named: Val) {
        for atom in self.values.atoms_vec(named) {
            match atom {
                Atom::Class(module, class) => self.hold(frame, (module, class)),
                Atom::Tuple(tuple) => {
                    let items = self.values.tuple(tuple).to_vec();
                    items.into_iter().for_each(|item| self.hold_named(frame, item));
                }
                _ => {}
            }
        }
    }

    fn wake_askers(&mut self, class: (ModuleId, ClassId)) {
        for name in self.methods_in(class, Wanted::All) {
            let askers = self.implicit.held.askers.get(&name).cloned();
            askers.into_iter().flatten().for_each(|asker| self.enqueue(asker));
        }
    }

    /// The classes of ours that the annotations of a class's fields name.
    fn classes_of_fields(
        &mut self,
        frame: &mut Frame<'p>,
        (module, class): (ModuleId, ClassId),
    ) -> Vec<(ModuleId, ClassId)> {
        let code = self.module(module);
        let annotations: Vec<ExprId> = match self.classes.get(&(module, class)) {
            Some(info) => info.fields.iter().map(|field| field.annotation).collect(),
            None => return Vec::new(),
        };
        let mut inside = self.class_frame(frame, module, class);
        let mut named = Val::BOTTOM;
        for annotation in annotations {
            for (id, expr) in code.exprs_in(code.expr(annotation).range) {
                let value = match &expr.kind {
                    ExprKind::Name(..) | ExprKind::Attr(..) => self.eval(&mut inside, id),
                    // `"Line"`, as long as that isn't defined.
                    ExprKind::Str(text) => {
                        let name = self.values.sym(text);
                        self.module_attribute(frame.instance, module, name)
                    }
                    _ => continue,
                };
                named = self.values.join(named, value);
            }
        }
        let ours = |atom| if let Atom::Class(module, class) = atom { Some((module, class)) } else { None };
        self.values.atoms_vec(named).filter_map(ours).collect()
    }

    /// Whether it may be an object of ours that a library gave back, or made: plain data, what a model makes its fields of, and
    /// whatever else is a library's.
    pub fn may_be_held(&self, atom: Atom) -> bool {
        match atom {
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Dict | Kind::List),
            Atom::Data(_)
            | Atom::Str(_)
            | Atom::Text(_)
            | Atom::LastKey(_)
            | Atom::ExternalObject(_)
            | Atom::Method(..)
            | Atom::Function(..)
            | Atom::Bound(..) => true,
            _ => false,
        }
    }

    /// `object.name(…)` on what has no method of ours: those of objects that are held are called perhaps.
    pub fn call_held(&mut self, frame: &mut Frame<'p>, name: Sym, args: &Args, site: CallSite) {
        for (receiver, member) in self.held_members(frame, name, site) {
            if !matches!(member, Atom::Property(_)) {
                self.call_function_perhaps(frame, member, Some(receiver), args, site);
            }
        }
    }

    /// `object.name` on data: perhaps a property of objects that are held, or a method of theirs, which is given back.
    pub fn held_attribute(&mut self, frame: &mut Frame<'p>, data: Atom, name: Sym) -> Val {
        let mut result = Val::BOTTOM;
        for (receiver, member) in self.held_members(frame, name, None) {
            if matches!(member, Atom::Property(_)) {
                self.call_function_perhaps(frame, member, Some(receiver), &Args::default(), None);
            } else {
                result = self.method(data, name);
            }
        }
        result
    }

    /// What classes of which libraries may have instances, and enums, whose members are taken for their values, define under a
    /// name that isn't one of data: each with any instance.
    fn held_members(&mut self, frame: &Frame<'p>, name: Sym, site: CallSite) -> Vec<(Val, Atom)> {
        let text = self.values.str(name);
        let is_of_data = || text.starts_with("__") || OF_DATA.split_whitespace().any(|own| own == text);
        if !self.methods.contains_key(&name) || is_of_data() {
            return Vec::new();
        }
        self.implicit.held.askers.entry(name).or_default().insert(frame.instance);
        let definers = self.methods[&name].iter();
        let is_held = |class: &&(ModuleId, ClassId)| {
            self.implicit.held.classes.contains(*class) || self.of_enums.contains(*class)
        };
        let definers: Vec<_> = definers.filter(is_held).copied().collect();
        if definers.len() > MAX_GUESSES {
            self.note_many(frame, &definers, name, site);
            return Vec::new();
        }
        let mut found = Vec::new();
        for (module, class) in definers {
            let receiver = self.any_instance(module, class);
            let members = self.class_field(module, class, name, frame.instance);
            found.extend(self.values.atoms_vec(members).map(|member| (receiver, member)));
        }
        found
    }
}
