//! Where values come from, told from the text of one interpretation's contexts: from a variable to what it is bound to, from
//! a parameter to what each call gives for it.

use super::Start;
use super::access::{Held, Observation, PutBack};
use super::heap::InstanceId;
use super::injection::Injection;
use super::kept::Kept;
use super::key_loop::KeyLoop;
use super::machine::{Instance, Machine};
use super::unchosen::Choices;
use super::wrapper::Callers;
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::python::bindings::{Binding, Bindings, Variable};
use crate::python::ir::{Arg, ExprId, ExprKind, Function, Module, ParamKind};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::OnceCell;
use std::collections::BTreeSet;

/// What finds lineages; made once for an interpretation.
pub(super) struct Lineage<'m, 'p> {
    pub machine: &'m Machine<'p>,
    pub callers: &'m Callers,
    readers: OnceCell<FxHashSet<InstanceId>>,
    writers: OnceCell<FxHashSet<InstanceId>>,
    /// Contexts of the handler: their first argument is the event.
    pub handlers: FxHashSet<InstanceId>,
    /// Whether a context only hands on what it is given.
    pub inert: FxHashMap<InstanceId, bool>,
    /// Steps that are left to the search that is on.
    pub steps: usize,
}

/// What the text around a call tells of it.
pub(super) struct Told {
    held: Option<Held>,
    key_loops: BTreeSet<KeyLoop>,
    puts_back: BTreeSet<PutBack>,
    injections: BTreeSet<Injection>,
    caught: Option<Span>,
}

impl Told {
    /// Adds it to what the interpretation saw.
    pub fn add_to(&self, observation: &mut Observation) {
        observation.held = self.held;
        observation.caught = self.caught;
        observation.key_loops.extend(self.key_loops.iter().cloned());
        observation.puts_back.extend(self.puts_back.iter().cloned());
        observation.injections.extend(self.injections.iter().cloned());
    }
}

/// What a call gives for a parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given {
    /// Whose call it is.
    pub at: InstanceId,
    pub call: ExprId,
    pub value: ExprId,
}

impl<'m, 'p> Lineage<'m, 'p> {
    pub fn new(machine: &'m Machine<'p>, callers: &'m Callers, root: InstanceId) -> Self {
        let handlers = handlers(machine, root);
        let (readers, writers) = (OnceCell::new(), OnceCell::new());
        Self { machine, callers, readers, writers, handlers, inert: FxHashMap::default(), steps: 0 }
    }

    /// Whether a context writes to DynamoDB, itself.
    pub fn writes_itself(&self, at: InstanceId) -> bool {
        let writers = self.writers.get_or_init(|| {
            let writes =
                self.machine.accesses.keys().filter(|(.., operation)| operation.kind() == OperationKind::Write);
            writes.map(|(instance, ..)| *instance).collect()
        });
        writers.contains(&at)
    }

    /// Contexts that read from DynamoDB, themselves or through others.
    pub fn readers(&self) -> &FxHashSet<InstanceId> {
        self.readers.get_or_init(|| {
            let reads = self.machine.accesses.keys().filter(|(.., operation)| operation.kind() == OperationKind::Read);
            let mut readers: FxHashSet<InstanceId> = reads.map(|(instance, ..)| *instance).collect();
            let mut waiting: Vec<InstanceId> = readers.iter().copied().collect();
            while let Some(reader) = waiting.pop() {
                let above = self.callers.get(&reader).into_iter().flatten().map(|(caller, _)| *caller);
                waiting.extend(above.filter(|caller| readers.insert(*caller)));
            }
            readers
        })
    }

    /// What the text around a call tells.
    pub fn told(&mut self, at: InstanceId, call: ExprId, operation: Operation) -> Told {
        Told {
            held: self.held(at, call, operation),
            key_loops: self.key_loops(at, call, operation),
            puts_back: self.put_anew(at, call, operation),
            injections: self.injections(at, call),
            caught: self.caught(at, call),
        }
    }

    pub fn module(&self, at: InstanceId) -> &'p Module {
        self.machine.module(self.machine.instance(at).module)
    }

    /// The bindings of the module that a context's text stands in.
    pub fn bindings(&self, at: InstanceId) -> &'p Bindings {
        self.machine.program.readings.bindings(self.machine.program.codebase, self.machine.instance(at).module)
    }

    /// What in a context's function may choose.
    pub fn choices(&self, at: InstanceId) -> &'p Choices {
        let Instance { module, function, .. } = *self.machine.instance(at);
        self.machine.program.readings.choices(self.machine.program.codebase, module, function)
    }

    /// Which lists of the module can only have grown that a context's text stands in.
    pub fn kept(&self, at: InstanceId) -> &'p Kept {
        self.machine.program.readings.kept(self.machine.program.codebase, self.machine.instance(at).module)
    }

    /// The variable that an expression names.
    pub fn variable(&self, at: InstanceId, expr: ExprId) -> Option<Variable> {
        Variable::named(self.module(at), expr)
    }

    /// Whether a variable has one value for as long as a run of its function lasts.
    pub fn is_bound_once(&self, at: InstanceId, variable: Variable) -> bool {
        let mut bound = self.bindings(at).of(variable).iter().filter(|binding| **binding != Binding::Handed);
        let first = bound.next().copied();
        bound.next().is_none() && !matches!(first, Some(Binding::Unknown | Binding::Item(..) | Binding::Grown(..)))
    }

    /// What the calls of a context give for a parameter of its function; nothing for other variables. Of several calls from one
    /// context that are alike, one is told.
    pub fn arguments(&self, at: InstanceId, variable: Variable) -> Vec<Given> {
        let Instance { module, function, .. } = *self.machine.instance(at);
        let Variable::Local(owner, slot) = variable else { return Vec::new() };
        if owner != function {
            return Vec::new();
        }
        let called = self.machine.function(module, function);
        let Some(index) = called.params.iter().position(|param| param.slot == slot) else { return Vec::new() };
        let param = &called.params[index];
        if matches!(param.kind, ParamKind::Star | ParamKind::DoubleStar) {
            return Vec::new();
        }
        let name = self.machine.module(module).name(param.name);
        let calls = self.callers.get(&at).into_iter().flatten();
        let given = calls.filter_map(|(caller, (text, call))| {
            let text = self.machine.module(*text);
            let value = argument(text, *call, (index, name), called)?;
            Some(Given { at: *caller, call: *call, value })
        });
        given.collect()
    }
}

/// Contexts that events come to: what the root calls without any text that does, and the function that the entry point names,
/// whatever wraps it.
fn handlers(machine: &Machine, root: InstanceId) -> FxHashSet<InstanceId> {
    let Start::Handler(path) = &machine.entry.start else { return FxHashSet::default() };
    let called = machine.calls.get(&root).into_iter().flatten();
    let called = called.filter(|(callee, _, site)| site.is_none() && !machine.unspelled.contains_key(&(root, *callee)));
    let mut handlers: FxHashSet<InstanceId> = called.map(|(callee, ..)| *callee).collect();
    if let [name] = path.as_slice() {
        let is_named = |instance: &Instance| {
            let function = machine.function(instance.module, instance.function);
            instance.module == machine.entry.module && *function.name == **name && function.parent == Some(Module::TOP)
        };
        let all = (0u32..).map(InstanceId).zip(&machine.instances);
        handlers.extend(all.filter(|(_, instance)| is_named(instance)).map(|(id, _)| id));
    }
    handlers
}

/// What a call gives for a parameter, by name or by place, if it calls the function by its own name: what is registered or
/// wrapped is called by others. A method's receiver isn't among the arguments.
fn argument(text: &Module, call: ExprId, (index, name): (usize, &str), called: &Function) -> Option<ExprId> {
    let ExprKind::Call(callee, args) = &text.expr(call).kind else { return None };
    let (callee, is_attribute) = match text.expr(*callee).kind {
        ExprKind::Name(_, name) => (name, false),
        ExprKind::Attr(_, name) => (name, true),
        _ => return None,
    };
    if text.name(callee) != &*called.name || !called.decorators.is_empty() {
        return None;
    }
    let by_name = text.keyword(args, name);
    if by_name.is_some() || args.iter().any(|arg| matches!(arg, Arg::Star(_))) {
        return by_name;
    }
    let index = if called.class.is_some() && is_attribute { index.checked_sub(1)? } else { index };
    match args.get(index)? {
        Arg::Positional(value) => Some(*value),
        _ => None,
    }
}
