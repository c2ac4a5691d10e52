//! Methods that nobody calls by name: what Python calls for an operator or a builtin
//! (<https://docs.python.org/3/reference/datamodel.html#special-method-names>), and what a library calls of subclasses of its own
//! and of what it is given. When that is isn't followed: from where an object is made, or is given away, they are called perhaps,
//! which counts as a use of rights and proves no fault.

use super::call::{Args, Keyword};
use super::class::Ancestry;
use super::escape::{FROM_LIBRARY, Taker};
use super::frame::Frame;
use super::heap::{CallSite, InstanceId, Kind};
use super::held::Held;
use super::machine::{Edge, Machine};
use super::members::Wanted;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ir::ClassId;
use crate::python::{ModuleId, is_library, is_standard};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Libraries whose decorators wrap what they are put on, or leave it as it is.
const WRAPPERS: &str = "
abc aiocache asgiref async_lru async_timeout asyncio attr attrs aws_embedded_metrics aws_lambda_powertools aws_xray_sdk
backoff beartype builtins cachetools chalice codetiming contextlib dataclasses datadog_lambda ddtrace decorator deprecated
deprecation enum epsagon freezegun func_timeout functools jsonschema lumigo_tracer memory_profiler mock moto multipledispatch
newrelic numba opentelemetry overrides ratelimit retry retrying sentry_sdk stamina streamlit tenacity thundra timeout_decorator
typeguard types typing typing_extensions wrapt
";

/// Libraries whose base classes are for data, choices, errors and types.
const PASSIVE: &str = "
attr attrs boto3 botocore builtins contextlib dependency_injector enum mypy_extensions pydantic pydantic_settings pynamodb sqlmodel
typing typing_extensions
";

/// `typing.Mapping` and its like, whose own methods call those of a subclass.
fn is_protocol_of_containers(path: &str) -> bool {
    const OF_CONTAINERS: [&str; 8] =
        ["Iterator", "Mapping", "MutableMapping", "MutableSequence", "MutableSet", "Sequence", "Set", "Generator"];
    path.rsplit_once('.').is_some_and(|(module, name)| module == "typing" && OF_CONTAINERS.contains(&name))
}

/// Base classes that call no method of a subclass unless it is asked for: data, choices, errors, types.
fn is_passive(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or(path);
    let is_error = ["Error", "Exception", "Warning"].iter().any(|end| path.ends_with(end));
    PASSIVE.split_whitespace().any(|known| known == root) && !is_protocol_of_containers(path)
        || is_error && is_standard(root)
        // Models and errors of Powertools.
        || path.starts_with("aws_lambda_powertools.utilities.parser.")
        || is_error && root == "aws_lambda_powertools"
}

/// Whether a decorator calls what it is put on only when it is called itself. One of a module that isn't known is taken to.
fn wraps(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or(path);
    let name = path.rsplit('.').next().unwrap_or(path);
    !is_library(root)
        || WRAPPERS.split_whitespace().any(|known| known == root)
        || matches!(name, "dataclass" | "dataclass_json" | "retry" | "validate_arguments" | "validate_call" | "wraps")
}

/// Methods that may be called of themselves are looked at once what is called by name is known: they would be run for the
/// sake of objects that are half made.
#[derive(Debug, Default)]
pub(super) struct Implicit {
    has_started: bool,
    pub held: Held,
    /// Who makes objects that have such methods.
    makers: BTreeSet<InstanceId>,
    /// Who made an object of a class first.
    first_makers: FxHashMap<(ModuleId, ClassId), InstanceId>,
    /// Who handed an object or a class out first, for all who do.
    givers: FxHashMap<Atom, InstanceId>,
    /// Functions that were given to a library by what it calls right now: each is called once, whoever gives it.
    given: FxHashSet<Atom>,
    /// Such calls within each other.
    giving: u32,
}

impl<'p> Machine<'p> {
    /// Looks at the methods that may be called of themselves from now on, and again at who makes that possible.
    pub fn start_implicit(&mut self) {
        self.implicit.has_started = true;
        std::mem::take(&mut self.implicit.makers).into_iter().for_each(|maker| self.enqueue(maker));
    }

    /// Whether methods may be called of themselves by now. If not, who makes that possible is asked again later.
    pub fn may_call_perhaps(&mut self, maker: InstanceId) -> bool {
        if !self.implicit.has_started {
            self.implicit.makers.insert(maker);
        }
        self.implicit.has_started
    }

    /// As [`Machine::call_special_methods`], for any object of a class: who makes one first stands for all who do.
    pub fn call_special_methods_of_any(
        &mut self,
        frame: &mut Frame<'p>,
        class: (ModuleId, ClassId),
        line: &Ancestry,
        site: CallSite,
    ) {
        let first = *self.implicit.first_makers.entry(class).or_insert(frame.instance);
        if first == frame.instance {
            let any = self.any_instance(class.0, class.1);
            self.call_special_methods(frame, line, any, site);
        }
    }

    /// Takes the special methods of an object as perhaps called.
    pub fn call_special_methods(&mut self, frame: &mut Frame<'p>, line: &Ancestry, made: Val, site: CallSite) {
        self.call_perhaps(frame, line, made, site, Wanted::Special);
    }

    /// Takes the methods of an object or a class that a library gets as perhaps called; those of what is made for data, once
    /// somebody calls them on what comes back.
    pub fn call_by_taker(&mut self, frame: &mut Frame<'p>, taken: Atom, site: CallSite) {
        let Some(class) = self.own_class(taken) else { return };
        let line = self.ancestry(class.0, class.1);
        let is_generated = |class| self.classes.get(class).is_some_and(|info| info.generated_init);
        if !line.ours.iter().any(is_generated) && !line.external.iter().any(|base| is_passive(self.values.str(*base))) {
            self.call_by_library(frame, taken, site);
        } else {
            self.hold(frame, class);
            // A template reads the properties of what is data otherwise, and what writes it out does.
            let receiver = self.values.one(taken);
            self.call_perhaps(frame, &line, receiver, site, Wanted::Properties);
        }
    }

    /// As [`Machine::call_by_taker`], for all values and what they hold: `json.load(source)`, `random.choice([job])`.
    pub fn call_all_by_taker(&mut self, frame: &mut Frame<'p>, taken: &[Val], site: CallSite) {
        let taken = self.with_contents(frame.instance, taken);
        let taken = self.values.join_all(taken.iter().copied());
        for atom in self.values.atoms_vec(taken) {
            self.call_by_taker(frame, atom, site);
        }
    }

    /// Takes the methods of an object, or of any instance of a class, as perhaps called.
    pub fn call_by_library(&mut self, frame: &mut Frame<'p>, taken: Atom, site: CallSite) {
        if *self.implicit.givers.entry(taken).or_insert(frame.instance) != frame.instance {
            return;
        }
        let Some(class) = self.own_class(taken) else { return };
        let receiver = match taken {
            Atom::Class(module, class) => self.any_instance(module, class),
            object => self.values.one(object),
        };
        let line = self.ancestry(class.0, class.1);
        self.call_perhaps(frame, &line, receiver, site, Wanted::All);
    }

    /// Whether a library's class among those that a class inherits from may call its methods by itself.
    fn has_active_base(&self, line: &Ancestry) -> bool {
        line.external.iter().any(|base| !is_passive(self.values.str(*base)))
    }

    /// What an object's library base class is made with.
    pub fn hand_to_base(&mut self, frame: &mut Frame<'p>, line: &Ancestry, args: &Args, site: CallSite) {
        if self.has_active_base(line) {
            self.hand_out(frame, args, site);
        }
    }

    /// A class that is defined as a subclass of a library's, which so knows it.
    pub fn note_library_subclass(&mut self, frame: &mut Frame<'p>, class: (ModuleId, ClassId), line: &Ancestry) {
        if self.has_active_base(line) {
            self.call_by_library(frame, Atom::Class(class.0, class.1), None);
        }
    }

    /// A function that a library's decorator is put on: most wrap it, others call it when they see fit.
    pub fn note_library_decorator(&mut self, frame: &mut Frame<'p>, decorator: Sym, decorated: Val, site: CallSite) {
        if !wraps(self.values.str(decorator)) {
            self.call_all_perhaps(frame, decorated, site);
        }
    }

    /// Takes functions and classes as perhaps called; functions in a class's body as methods.
    pub fn call_all_perhaps(&mut self, frame: &mut Frame<'p>, called: Val, site: CallSite) {
        for atom in self.values.atoms_vec(called) {
            match atom {
                Atom::Class(..) => self.call_by_library(frame, atom, site),
                Atom::Function(..)
                | Atom::Bound(..)
                | Atom::ClassMethod(_)
                | Atom::Property(_)
                | Atom::StaticMethod(_)
                    if self.may_call_perhaps(frame.instance) =>
                {
                    let receiver = match (frame.class, atom) {
                        (_, Atom::Bound(receiver, _)) => Some(self.values.atom(receiver)).map(|a| self.values.one(a)),
                        (Some((class, _)), Atom::ClassMethod(_)) => {
                            Some(self.values.one(Atom::Class(frame.module_id, class)))
                        }
                        (Some((class, _)), _) => Some(self.any_instance(frame.module_id, class)),
                        (None, _) => None,
                    };
                    let args = self.unknown_arguments();
                    self.call_function_perhaps(frame, atom, receiver, &args, site);
                }
                _ => {}
            }
        }
    }

    /// Takes these methods of a class as perhaps called.
    pub fn call_perhaps(
        &mut self,
        frame: &mut Frame<'p>,
        line: &Ancestry,
        receiver: Val,
        site: CallSite,
        wanted: Wanted,
    ) {
        let named: BTreeSet<Sym> =
            line.ours.iter().flat_map(|class| self.methods_of(*class, frame.instance, wanted)).collect();
        if named.is_empty() || !self.may_call_perhaps(frame.instance) {
            return;
        }
        let args = self.unknown_arguments();
        for name in named {
            let method = self.find_in_class(line, name, frame.instance);
            for atom in self.values.atoms_vec(method) {
                self.call_function_perhaps(frame, atom, Some(receiver), &args, site);
            }
        }
    }

    /// What a library passes, or Python itself.
    fn unknown_arguments(&mut self) -> Args {
        Args { star: self.values.opaque(FROM_LIBRARY), ..Args::default() }
    }

    /// Takes a member of a class, or a function, as perhaps called.
    pub fn call_function_perhaps(
        &mut self,
        frame: &mut Frame<'p>,
        called: Atom,
        receiver: Option<Val>,
        args: &Args,
        site: CallSite,
    ) {
        match called {
            Atom::Function(module, function, closure) => {
                let args = receiver.map_or_else(|| args.clone(), |receiver| args.with_receiver(receiver));
                let made = self.call_function(frame, (module, function, closure), &args, site, Edge::Possible);
                self.give_back(frame, made, site);
            }
            Atom::StaticMethod(inner) => {
                let inner = self.values.atom(inner);
                self.call_function_perhaps(frame, inner, None, args, site);
            }
            Atom::ClassMethod(inner) => {
                let inner = self.values.atom(inner);
                let class = receiver.map(|receiver| self.class_of(receiver));
                self.call_function_perhaps(frame, inner, class, args, site);
            }
            Atom::Property(inner) => {
                let inner = self.values.atom(inner);
                self.call_function_perhaps(frame, inner, receiver, args, site);
            }
            Atom::Bound(to, inner) => {
                let (to, inner) = (self.values.atom(to), self.values.atom(inner));
                let to = self.values.one(to);
                self.call_function_perhaps(frame, inner, Some(to), args, site);
            }
            Atom::Object(object) => {
                self.once(object, |m| {
                    m.call_object_perhaps(frame, object, receiver, args, site);
                    Val::BOTTOM
                });
            }
            _ => {}
        }
    }

    /// The classes of instances; classes stay what they are.
    fn class_of(&mut self, receiver: Val) -> Val {
        let classes = self.values.atoms_vec(receiver).map(|atom| match atom {
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Instance(module, class) => Atom::Class(module, class),
                _ => atom,
            },
            atom => atom,
        });
        let classes = classes.collect();
        self.values.set(classes)
    }

    /// As [`Machine::call_function_perhaps`], for what is called like a function: a partial one, an object with `__call__`.
    fn call_object_perhaps(
        &mut self,
        frame: &mut Frame<'p>,
        object: ObjId,
        receiver: Option<Val>,
        args: &Args,
        site: CallSite,
    ) {
        match self.heap.get(object).kind {
            Kind::Partial => {
                let receiver = receiver.filter(|_| self.wrapped.partial_methods.contains(&object));
                let args = receiver.map_or_else(|| args.clone(), |receiver| args.with_receiver(receiver));
                let (function, args) = self.partial_call(frame, object, &args);
                for atom in self.values.atoms_vec(function) {
                    self.call_function_perhaps(frame, atom, None, &args, site);
                }
            }
            Kind::Instance(module, class) => {
                // What it is a member of may be bound to it, as what decorates methods does.
                let first = receiver.map(|receiver| self.values.join(receiver, args.star));
                let args = first.map_or_else(|| args.clone(), |first| args.with_receiver(first));
                let name = self.values.sym("__call__");
                let call = self.class_field(module, class, name, frame.instance);
                let called = self.values.one(Atom::Object(object));
                for atom in self.values.atoms_vec(call) {
                    self.call_function_perhaps(frame, atom, Some(called), &args, site);
                }
            }
            _ => {}
        }
    }

    /// What code of ours gives to the library that calls it: functions are called perhaps, objects come back elsewhere, and who
    /// gets a method of a table may use it.
    pub fn give_back(&mut self, frame: &mut Frame<'p>, made: Val, site: CallSite) {
        let is_code = |atom: &Atom| matches!(atom, Atom::Object(_) | Atom::Class(..)) || self.is_ours(*atom);
        if !self.values.atoms(made).iter().any(is_code) {
            return;
        }
        self.implicit.giving += 1;
        let made = self.with_contents(frame.instance, &[made]);
        let made = self.values.join_all(made);
        for atom in self.values.atoms_vec(made) {
            if let Some(class) = self.own_class(atom) {
                self.hold(frame, class);
            } else if self.is_ours(atom) && self.implicit.given.insert(atom) {
                if let Atom::Method(table, _) = atom {
                    let table = self.values.atom(table);
                    self.note_escape(frame, table, (site, Taker::Library));
                }
                let args = self.unknown_arguments();
                self.call_function_perhaps(frame, atom, None, &args, site);
            }
        }
        self.implicit.giving -= 1;
        if self.implicit.giving == 0 {
            self.implicit.given.clear();
        }
    }

    /// A class, or the one that an object is made of.
    pub fn own_class(&self, atom: Atom) -> Option<(ModuleId, ClassId)> {
        match atom {
            Atom::Class(module, class) => Some((module, class)),
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Instance(module, class) => Some((module, class)),
                _ => None,
            },
            _ => None,
        }
    }

    /// `Worker().start()` of a subclass of a thread or a process: its `run` is called.
    pub fn start_own_thread(
        &mut self,
        frame: &mut Frame<'p>,
        object: ObjId,
        method: &str,
        site: CallSite,
    ) -> Option<Val> {
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return None };
        let line = self.ancestry(module, class);
        let runs = ["Thread", "Timer", "Process"].iter().any(|base| self.has_base(&line, base));
        let name = self.values.sym("run");
        if method != "start" || !runs || self.find_in_class(&line, name, frame.instance) == Val::BOTTOM {
            return None;
        }
        let worker = self.values.one(Atom::Object(object));
        let run = self.attribute(frame, worker, name);
        Some(self.call(frame, run, &Args::default(), site))
    }

    /// Runs `__init_subclass__` of the bases of a class that is defined.
    pub fn init_subclass(&mut self, frame: &mut Frame<'p>, (module, class): (ModuleId, ClassId), line: &Ancestry) {
        let name = self.values.sym("__init_subclass__");
        let bases = Ancestry { ours: line.ours.iter().copied().skip(1).collect(), ..Ancestry::default() };
        let hook = self.find_in_class(&bases, name, frame.instance);
        if hook == Val::BOTTOM {
            return;
        }
        let mut keywords = Vec::new();
        for (name, value) in &frame.module.class(class).keywords {
            let name = self.program.sym(module, *name);
            if self.values.str(name) != "metaclass" {
                let value = self.eval(frame, *value);
                keywords.push(Keyword { name, value, spans: Vec::new(), always: true });
            }
        }
        let class = Atom::Class(module, class);
        let args = Args { keywords, ..Args::default() };
        let receiver = self.values.one(class);
        for atom in self.values.atoms_vec(hook) {
            let (Atom::Function(..) | Atom::ClassMethod(_)) = atom else { continue };
            let function = self.values.one(atom);
            self.call(frame, function, &args.with_receiver(receiver), None);
        }
    }
}
