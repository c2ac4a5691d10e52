//! What leaves the program's sight. Functions that are handed to code which isn't seen are taken as called. What reaches
//! DynamoDB and goes where it can't be followed leaves a gap: whoever has it may use it.
//!
//! Objects of the program's own aren't looked into: what a library calls of them is found as a callback, or by name.

use super::Hides;
use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::unbound::UNBOUND;
use super::value::{Atom, AtomId, Principal, Sym, Val};
use crate::dynamodb::operation::Operation;
use rustc_hash::FxHashSet;

/// Containers in containers whose content is handed out with them.
const MAX_DEPTH: u8 = 2;

/// Why a callback's arguments aren't known.
pub(super) const FROM_LIBRARY: &str = "passed in by a library";

/// Who is handed a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taker {
    /// Calls back, and does nothing else with what it is given.
    Keeper,
    /// A library, or whoever it is: may use what reaches DynamoDB, and call methods of the objects and classes that it gets.
    Library,
    /// A module that isn't known at all, or one that takes tables by name: may work on a table whose name it is told.
    Stranger,
}

impl<'p> Machine<'p> {
    /// Who runs behind a library's import path.
    pub fn taker(&self, path: &str) -> Taker {
        let root = path.split('.').next().unwrap_or_default();
        match root {
            "boto3" | "aioboto3" | "aiobotocore" | "botocore" | "aws_xray_sdk" | "logging" | "warnings" => {
                Taker::Keeper
            }
            _ if self.strangers.contains(root) => Taker::Stranger,
            _ => Taker::Library,
        }
    }

    pub fn first_is_ours(&self, args: &Args) -> bool {
        args.positional.first().is_some_and(|first| self.values.atoms(*first).iter().any(|a| self.is_ours(*a)))
    }

    /// Whether it is code of the program's, or a method that reaches DynamoDB.
    pub fn is_ours(&self, atom: Atom) -> bool {
        match atom {
            Atom::Function(..) => true,
            Atom::Bound(_, function) => matches!(self.values.atom(function), Atom::Function(..)),
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Partial),
            Atom::Method(receiver, _) => matches!(
                self.values.atom(receiver),
                Atom::Client(..) | Atom::Resource(..) | Atom::Table(..) | Atom::BatchWriter(..) | Atom::Paginator(..)
            ),
            _ => false,
        }
    }

    /// Arguments of a call of something that isn't seen.
    pub fn hand_out(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) {
        self.hand_to(frame, args, site, Taker::Library);
    }

    pub fn hand_to(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite, to: Taker) {
        let mut seen = FxHashSet::default();
        let mut level = args.values();
        for depth in 0..=MAX_DEPTH {
            let mut inside = Vec::new();
            while let Some(value) = level.pop() {
                if seen.insert(value) {
                    self.budget.spend(self.values.atoms(value).len());
                    let tuples = self.hand_value(frame, value, (site, to), depth, &mut inside);
                    // What tuples hold is as near as what lists do, however they are nested.
                    if depth == 0 { inside.extend(tuples) } else { level.extend(tuples) }
                }
            }
            level = inside;
            level.reverse();
        }
    }

    /// A value that is stored in something of a library's, or in what is lost: it can't be told who takes it out.
    pub fn escape_into(&mut self, frame: &mut Frame<'p>, container: Val, value: Val, site: CallSite) {
        let is_unseen = |atom: &Atom| {
            matches!(
                atom,
                Atom::Opaque(_) | Atom::External(_) | Atom::ExternalObject(_) | Atom::Method(..) | Atom::Data(_)
            )
        };
        if self.values.atoms(container).iter().any(is_unseen) {
            self.hand_out(frame, &Args::of(&[value]), site);
        }
    }

    /// Hands out one value; what is in its containers goes to `inside`, what is in its tuples is given back.
    fn hand_value(
        &mut self,
        frame: &mut Frame<'p>,
        value: Val,
        (site, to): (CallSite, Taker),
        depth: u8,
        inside: &mut Vec<Val>,
    ) -> Vec<Val> {
        let mut tuples = Vec::new();
        let mut is_deep = false;
        self.tell(&[value]);
        for atom in self.values.atoms_vec(value) {
            match atom {
                _ if self.is_ours(atom) => self.call_back(frame, atom, site),
                Atom::Tuple(tuple) => tuples.extend_from_slice(self.values.tuple(tuple)),
                Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Dict | Kind::List) => {
                    if self.heap.get(object).kind == Kind::List {
                        self.disorder(object);
                    }
                    is_deep |= depth == MAX_DEPTH;
                    if depth < MAX_DEPTH {
                        inside.push(self.all_values(object, frame.instance));
                    }
                }
                _ if to != Taker::Keeper => self.note_escape(frame, atom, (site, to)),
                _ => {}
            }
            if to != Taker::Keeper {
                self.call_by_taker(frame, atom, site);
            }
        }
        if is_deep {
            let deep = self.with_contents(frame.instance, &[value]);
            self.tell(&deep);
        }
        if is_deep && self.holds_something(value) {
            let span = self.place(frame, site);
            self.gap(span, "something handed out deep inside containers", Hides::Anything);
        }
        tuples
    }

    /// Calls what a library may call, with arguments that aren't known.
    fn call_back(&mut self, frame: &mut Frame<'p>, callee: Atom, site: CallSite) {
        if self.callbacks.insert((frame.instance, callee)) || self.settled {
            let unknown = self.values.opaque(FROM_LIBRARY);
            let args = Args { star: unknown, ..Args::default() };
            let callee = self.values.one(callee);
            let result = self.call(frame, callee, &args, site);
            self.give_back(frame, result, site);
            let returned = self.with_contents(frame.instance, &[result]);
            self.tell(&returned);
        }
    }

    /// Whether containers hold what could be called, or what reaches DynamoDB.
    fn holds_something(&mut self, value: Val) -> bool {
        let mut inner = self.peek_contents(value);
        inner.sort_unstable();
        inner.dedup();
        self.budget.spend(inner.len());
        inner.iter().flat_map(|value| self.values.atoms(*value)).any(|a| self.is_ours(*a) || self.reaches_tables(*a))
    }

    pub fn reaches_tables(&self, atom: Atom) -> bool {
        let is_ours = |principal: Principal| principal != Principal::Foreign;
        match atom {
            Atom::Client(service, principal) | Atom::Resource(service, principal) => {
                is_ours(principal) && self.values.str(service) == "dynamodb"
            }
            Atom::Session(principal)
            | Atom::Table(_, principal)
            | Atom::BatchWriter(_, principal)
            | Atom::Paginator(_, principal) => is_ours(principal),
            _ => false,
        }
    }

    /// Notes what could be done with a value by whoever has it now.
    pub fn note_escape(&mut self, frame: &Frame<'p>, atom: Atom, (site, to): (CallSite, Taker)) {
        if let Atom::Object(object) = atom {
            self.note_store_escapes(frame, object, site);
        }
        if let Atom::ExternalObject(path) = atom {
            self.note_working(frame, path);
        }
        self.note_lent(atom);
        if self.reaches_tables(atom) {
            let span = self.place(frame, site);
            let (what, hides) = match atom {
                Atom::Table(names, _) | Atom::BatchWriter(names, _) => ("a table", self.on_tables(names)),
                Atom::Session(_) => ("a session", vec![Hides::Anything]),
                _ => ("a DynamoDB client", vec![Hides::Anything]),
            };
            for hides in hides {
                self.gap(span, &format!("{what} is handed to code that isn't followed"), hides);
            }
        } else if to == Taker::Stranger && matches!(atom, Atom::Str(_) | Atom::Text(_)) {
            let hides = Hides::Table(self.values.to_symbolic(atom, ""));
            let span = self.place(frame, site);
            self.gap(span, "a table's name is handed to code that isn't followed", hides);
        }
    }

    /// Calls on the tables of these names, as far as they are known.
    pub fn on_tables(&self, names: Val) -> Vec<Hides> {
        let atoms = self.values.atoms(names);
        let known = |a: &Atom| matches!(a, Atom::Str(_) | Atom::Text(_));
        if atoms.is_empty() || !atoms.iter().all(known) {
            return vec![Hides::Anything];
        }
        atoms.iter().map(|a| Hides::Table(self.values.to_symbolic(*a, ""))).collect()
    }

    /// A call of a value that is lost. What a library passes to a callback is the library's own, or was handed to it, and
    /// then is taken as called. A name that nothing binds is never called: to read it raises.
    pub fn note_lost_call(&mut self, frame: &Frame<'p>, reason: Sym, site: CallSite) {
        if matches!(self.values.str(reason), FROM_LIBRARY | UNBOUND) {
            return;
        }
        let span = self.place(frame, site);
        let reason = format!("a call of something that can't be told: {}", self.values.str(reason));
        self.gap(span, &reason, Hides::Anything);
    }

    /// A call of attributes of what is lost, by another name: `make = lost.make; make()`. Who calls them where they are read
    /// calls a method of whatever it is, as calls on libraries' objects mostly are.
    pub fn note_lost_attributes(&mut self, frame: &Frame<'p>, called: Val, site: CallSite) {
        for atom in self.values.atoms_vec(called) {
            if let Atom::Method(receiver, _) = atom
                && let Atom::Opaque(reason) = self.root_of(receiver)
            {
                self.note_lost_call(frame, reason, site);
            }
        }
    }

    /// What an attribute of attributes is one of.
    fn root_of(&self, atom: AtomId) -> Atom {
        let mut atom = self.values.atom(atom);
        while let Atom::Method(receiver, _) = atom {
            atom = self.values.atom(receiver);
        }
        atom
    }

    /// A method with the name of an operation, called on what is lost.
    pub fn note_lost_method(&mut self, frame: &Frame<'p>, name: Sym, args: &Args, site: CallSite) {
        let method = self.values.str(name);
        let hides = match method {
            "batch_writer" => Hides::Operation(Operation::BatchWriteItem),
            "get_paginator" => match args.positional.first().and_then(|name| self.values.single(*name)) {
                Some(Atom::Str(name)) => match Operation::from_method(self.values.str(name)) {
                    Some(operation) => Hides::Operation(operation),
                    None => return,
                },
                _ => Hides::Anything,
            },
            _ if self.program.is_candidate_name(name) => match Operation::from_method(method) {
                Some(operation) => Hides::Operation(operation),
                None => return,
            },
            _ => return,
        };
        let reason = format!("a call of `{method}` on something that can't be told");
        let span = self.place(frame, site);
        self.gap(span, &reason, hides);
    }

    /// A method of a library's object that is given what only DynamoDB's methods take.
    pub fn note_shape(&mut self, frame: &Frame<'p>, name: Sym, args: &Args, site: CallSite) {
        if self.program.is_candidate_name(name)
            && let Some(operation) = self.shape_of(name, args)
        {
            let reason = format!("a call of `{}` on an object of a library", self.values.str(name));
            let span = self.place(frame, site);
            self.gap(span, &reason, Hides::Operation(operation));
        }
    }
}
