//! Contexts: which calls of a function are interpreted apart, and which together.

use super::entry::Site;
use super::heap::{AllocKey, InstanceId, Kind};
use super::machine::Machine;
use super::naming::Telling;
use super::value::{Atom, Taint, Val};
use crate::python::ModuleId;
use crate::python::ir::FunctionId;

/// Contexts of one function that are kept apart, as long as no more steps than these have been spent on the program.
#[derive(Clone, Copy)]
struct Limits {
    steps: u64,
    /// By the strings that they are given too.
    names: u32,
    /// By the objects that they are given.
    objects: u32,
    /// The expressions that all contexts of a small function may hold together: getters, constructors and decorators that
    /// every class of a program uses cost little, and hide all of these behind each other where they are merged.
    together: u32,
}

/// The longer a program, the fewer: what names tables is mostly done early, when modules load and objects are wired; what
/// costs without end is computing.
const LIMITS: [Limits; 3] = [
    Limits { steps: 25_000, names: 16, objects: 24, together: 2_000 },
    Limits { steps: 40_000, names: 4, objects: 6, together: 500 },
    LEAST,
];

const LEAST: Limits = Limits { steps: u64::MAX, names: 0, objects: 1, together: 0 };

/// Most contexts of a function, however small it is.
const MOST: u32 = 128;

/// Contexts of a function that are kept apart by what of ours it is given to call, however many steps have been spent: those
/// who share a decorator have nothing else in common, and taken together, each would do what all of them do.
const CALLABLES: u32 = 256;

/// How closely contexts are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Apart {
    /// Those of small functions, and of those that are given something to call, one by one.
    Closely,
    /// A few of each function: for programs that are too large to be followed to their end otherwise.
    Roughly,
}

/// What identifies a function's context: its arguments, more and more coarsely as there are more of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ContextKey {
    pub function: (ModuleId, FunctionId),
    pub frame: u32,
    arguments: Box<[Val]>,
    /// The call, of what gives pages back to its callers.
    call: Option<Site>,
    detail: Detail,
}

/// What of the arguments keeps contexts apart. Plain data never does: it hardly ever says which table is meant, and
/// programs that compute would have contexts without end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Detail {
    /// Constant strings besides: they may name a table or a variable.
    Names,
    /// Objects, functions and boto3's things.
    Identities,
    Merged,
}

impl Machine<'_> {
    /// The instance of the context that these arguments make.
    pub fn context(
        &mut self,
        module: ModuleId,
        function: FunctionId,
        frame: u32,
        arguments: &[Val],
        call: Option<Site>,
    ) -> InstanceId {
        let count = self.context_counts.get(&(module, function)).copied().unwrap_or_default();
        let limits = LIMITS.into_iter().find(|limits| self.steps < limits.steps);
        let Limits { names, objects, together, .. } = limits.unwrap_or(LEAST);
        let closely = self.apart == Apart::Closely;
        let together = if closely { together } else { 0 };
        let small = (together / self.module(module).size(function).max(1)).min(MOST);
        let telling = self.program.tells_apart(module, function);
        let call = call.filter(|_| telling.pages);
        let names = match telling {
            Telling { tables: true, .. } => names.max(small),
            Telling { containers: true, .. } => small,
            Telling { .. } => 0,
        };
        let objects = objects.max(small);
        let levels = [(Detail::Names, names), (Detail::Identities, objects)];
        for ((detail, most), count) in levels.into_iter().zip(count) {
            let key = ContextKey { call, ..self.context_key(module, function, frame, arguments, detail) };
            if let Some(id) = self.contexts.get(&key) {
                return *id;
            }
            let by_callable = || closely && detail == Detail::Identities && count < CALLABLES;
            if count < most || by_callable() && self.is_given_callable(arguments) {
                self.context_counts.entry((module, function)).or_default()[detail as usize] += 1;
                return self.new_context(key, arguments.len());
            }
        }
        let key = self.context_key(module, function, frame, arguments, Detail::Merged);
        match self.contexts.get(&key) {
            Some(id) => *id,
            None => self.new_context(key, arguments.len()),
        }
    }

    /// Whether an argument is one function of ours, or one object that can be called.
    fn is_given_callable(&mut self, arguments: &[Val]) -> bool {
        let call = self.values.sym("__call__");
        arguments.iter().any(|value| match self.values.single(*value) {
            Some(Atom::Function(..) | Atom::Bound(..)) => true,
            Some(Atom::Object(object)) => match self.heap.get(object).kind {
                Kind::Instance(module, class) => {
                    self.methods.get(&call).is_some_and(|classes| classes.contains(&(module, class)))
                }
                _ => false,
            },
            _ => false,
        })
    }

    fn context_key(
        &mut self,
        module: ModuleId,
        function: FunctionId,
        frame: u32,
        arguments: &[Val],
        detail: Detail,
    ) -> ContextKey {
        let arguments = match detail {
            Detail::Merged => Box::default(),
            detail => {
                let all = detail == Detail::Names
                    && self.apart == Apart::Closely
                    && self.program.tells_apart(module, function).containers;
                arguments.iter().map(|value| self.identities(*value, detail, all)).collect()
            }
        };
        ContextKey { function: (module, function), frame, arguments, call: None, detail }
    }

    /// The atoms of a value that may tell one table from another, and one container from another where that matters.
    fn identities(&mut self, value: Val, detail: Detail, containers: bool) -> Val {
        let identity = |atom: &Atom| match atom {
            Atom::Object(object) if containers && matches!(self.heap.get(*object).kind, Kind::Dict | Kind::List) => {
                true
            }
            Atom::Object(object) => {
                // What else a call gives by keyword may name the table.
                let keywords = || detail == Detail::Names && matches!(self.heap.key(*object), AllocKey::Keywords(..));
                matches!(self.heap.get(*object).kind, Kind::Instance(..)) || keywords()
            }
            Atom::Function(..) | Atom::Bound(..) | Atom::Class(..) | Atom::Text(_) => true,
            Atom::Client(..) | Atom::Resource(..) | Atom::Table(..) | Atom::BatchWriter(..) | Atom::Method(..) => true,
            Atom::Str(_) => detail == Detail::Names,
            _ => false,
        };
        // What stands for all plain values of a kind: they go into a dict's entries as they are, each kind apart.
        let kind = |atom: &Atom| match atom {
            Atom::Int(_) if containers => Some(Atom::Int(0)),
            Atom::Data(_) if containers => Some(Atom::Data(Taint(0))),
            atom => identity(atom).then_some(*atom),
        };
        let atoms = self.values.atoms(value).iter().filter_map(kind).collect();
        self.values.set(atoms)
    }
}
