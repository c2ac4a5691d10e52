//! The interpreter's state: function instances by context, a worklist, and the cells that tie them together.
//!
//! A function is interpreted once for each abstract context (its arguments), and again whenever something that it read
//! has grown. Cells, objects, contexts and edges only ever grow, and their growth is bounded, so it ends. What an
//! instance itself notes of its DynamoDB calls and locals is made anew by each of its runs: later runs see more, so the
//! last one tells all.

use super::boto::Conditions;
use super::budget::Budget;
use super::context::{Apart, ContextKey};
use super::decorate::Wrapped;
use super::entry::Site;
use super::exact::Exact;
use super::found::Finds;
use super::further::Further;
use super::heap::{AllocKey, CallSite, CellId, Heap, InstanceId, Kind, MAX_CHANGES};
use super::implicit::Implicit;
use super::origin::{At, Growth, Probe};
use super::pages::Pages;
use super::program::Program;
use super::record::Record;
use super::remarks::Takings;
use super::value::{Atom, ObjId, Sym, Val, Values};
use super::{EntryPoint, Hides, Start, class::ClassInfo};
use crate::dynamodb::operation::Operation;
use crate::python::ir::{ClassId, ExprId, Function, FunctionId, Module};
use crate::python::{ModuleId, Resolved};
use crate::source::Span;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

/// Interpretations nested in each other before the callee has to wait in the worklist.
const MAX_DEPTH: u32 = 96;
/// Interpretations of one instance before it is left as it is.
const MAX_RUNS: u16 = 60;

/// Growth steps after which a cell keeps less detail, so that it settles soon.
const COARSE_AFTER: u8 = 3;

/// How sure a call is of its callee.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Edge {
    /// The callee is resolved.
    Resolved,
    /// An object of this library was told of the callee, and calls it once it gets to work.
    Registered(Sym),
    /// The callee was guessed by name.
    Possible,
}

/// A function in one context.
#[derive(Debug)]
pub(super) struct Instance {
    pub module: ModuleId,
    pub function: FunctionId,
    /// The frame around it (object number plus one; 0 for none).
    pub frame: u32,
    /// One cell a parameter.
    pub params: Vec<CellId>,
    pub result: CellId,
    runs: u16,
    state: State,
    /// Read a name or attribute that nothing has set yet.
    pub saw_unset: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Waiting,
    Running,
    /// Running, and must run again: something that it read has grown meanwhile.
    RunningStale,
    Done,
}

/// A gap before it is attributed to an entry point.
pub(super) type GapKey = (Span, String, Hides, Option<Box<str>>);

/// A context, a call in it, and the operation.
pub(super) type RecordKey = (InstanceId, CallSite, Operation);

/// One interpretation: the state of everything reachable from one entry point.
pub(super) struct Machine<'p> {
    pub program: &'p Program<'p>,
    pub entry: &'p EntryPoint,
    pub values: Values<'p>,
    pub heap: Heap,
    pub instances: Vec<Instance>,
    pub contexts: FxHashMap<ContextKey, InstanceId>,
    pub context_counts: FxHashMap<(ModuleId, FunctionId), [u32; 2]>,
    /// Instances that must run again. Those that ran least go first, by fours, and of these the
    /// oldest: callers before what they call, so that growth reaches a callee in few large steps.
    queue: BTreeSet<(u16, InstanceId)>,
    depth: u32,
    pub steps: u64,
    pub budget: Budget,
    /// Second phase: what is still unset is taken as unknown, and calls through unknown receivers are guessed by name.
    pub settled: bool,
    pub implicit: Implicit,
    pub classes: FxHashMap<(ModuleId, ClassId), ClassInfo>,
    /// Classes that define a method, by its name.
    pub methods: FxHashMap<Sym, BTreeSet<(ModuleId, ClassId)>>,
    /// Whether the program sets credentials for all sessions, which may be another's.
    pub credentials_change: bool,
    /// Enums, and the classes that they inherit from.
    pub of_enums: BTreeSet<(ModuleId, ClassId)>,
    /// Attributes of enums' members of which it isn't known what is in them.
    pub unclear_members: BTreeSet<Sym>,
    /// For each enum with a constructor, what that gives the members.
    pub made_members: BTreeSet<ObjId>,
    pub modules: BTreeMap<ModuleId, InstanceId>,
    pub stars: FxHashMap<ModuleId, Vec<Val>>,
    /// Default values by function and frame.
    pub defaults: FxHashMap<(ModuleId, FunctionId, u32), Vec<CellId>>,
    /// By caller, every call with its callee, in the order of these.
    pub calls: FxHashMap<InstanceId, BTreeSet<(InstanceId, Edge, CallSite)>>,
    /// Where a module is imported first, by importer.
    pub imports: FxHashMap<(InstanceId, ModuleId), Span>,
    /// The attribute or call last looked at, or what was last stored: it stands for calls that no expression spells out.
    pub at: At,
    pub unspelled: FxHashMap<(InstanceId, InstanceId), ExprId>,
    /// Every growth of a cell, in order; only origins of names ask for them.
    pub growths: Option<Vec<Growth>>,
    pub probe: Option<Probe>,
    /// By context, call and operation: one expression may call several bound methods.
    pub accesses: BTreeMap<RecordKey, Record>,
    pub pages: Pages,
    pub finds: Finds,
    pub further: Further,
    pub conditions: Conditions,
    /// Dotted names that were looked up.
    pub resolved: FxHashMap<Box<str>, Resolved>,
    /// Attribute expressions with a DynamoDB-like name that were evaluated on a known receiver.
    pub visited: FxHashSet<(ModuleId, ExprId)>,
    /// The same on any receiver, known or not: where control got to.
    pub met: FxHashSet<(ModuleId, ExprId)>,
    /// Look at what a return or a constant test leaves out, too.
    pub everything: bool,
    pub apart: Apart,
    pub gaps: BTreeSet<GapKey>,
    /// Subscripts that fail if nothing is there, in code that runs.
    pub takings: Takings,
    /// Texts that went where nobody sees what becomes of them.
    pub told: FxHashSet<Atom>,
    /// Whether all environment variables went there.
    pub tells_environment: bool,
    /// Modules that are imported but are neither at hand nor known as libraries, by dotted name.
    pub strangers: FxHashSet<Box<str>>,
    pub callbacks: FxHashSet<(InstanceId, Atom)>,
    /// Libraries, by their import path's first name, of which functions of ours use objects: these call what is registered.
    pub working: FxHashSet<Sym>,
    /// What wrappers make of functions.
    pub wrapped: Wrapped,
    pub main: bool,
    /// `__bool__` and `__len__`.
    pub truth_methods: [Sym; 2],
    /// Members by which an object says what class it is of.
    pub class_methods: [Sym; 2],
    /// Whether an object is given another class.
    pub changes_classes: bool,
    /// Objects that are being called or iterated right now, within the running instance: one that leads to itself ends.
    pub active: Vec<ObjId>,
    /// Who looked into containers without being woken by them.
    pub deep_readers: BTreeSet<InstanceId>,
    /// Calls of builtins and libraries, by import path; only the call graph asks for them.
    pub outside: Option<BTreeSet<(InstanceId, Sym)>>,
    outsiders: Vec<InstanceId>,
    pub exact: Exact,
}

impl<'p> Machine<'p> {
    pub fn new(program: &'p Program<'p>, entry: &'p EntryPoint) -> Self {
        let mut values = Values::new(&program.names);
        let truth_methods = ["__bool__", "__len__"].map(|name| values.sym(name));
        let class_methods = ["__class__", "__getattribute__"].map(|name| values.sym(name));
        let mut machine = Self {
            program,
            entry,
            values,
            heap: Heap::default(),
            instances: Vec::new(),
            contexts: FxHashMap::default(),
            context_counts: FxHashMap::default(),
            queue: BTreeSet::new(),
            depth: 0,
            steps: 0,
            budget: Budget::default(),
            settled: false,
            implicit: Implicit::default(),
            classes: FxHashMap::default(),
            methods: FxHashMap::default(),
            credentials_change: false,
            of_enums: BTreeSet::new(),
            made_members: BTreeSet::new(),
            unclear_members: BTreeSet::new(),
            modules: BTreeMap::new(),
            stars: FxHashMap::default(),
            defaults: FxHashMap::default(),
            calls: FxHashMap::default(),
            imports: FxHashMap::default(),
            at: At::NOWHERE,
            unspelled: FxHashMap::default(),
            growths: program.with_origins.then(Vec::new),
            probe: None,
            accesses: BTreeMap::new(),
            pages: Pages::default(),
            finds: Finds::default(),
            further: Further::default(),
            conditions: Conditions::default(),
            resolved: FxHashMap::default(),
            visited: FxHashSet::default(),
            met: FxHashSet::default(),
            everything: false,
            apart: Apart::Closely,
            gaps: BTreeSet::new(),
            told: FxHashSet::default(),
            tells_environment: false,
            takings: Takings::new(),
            strangers: FxHashSet::default(),
            callbacks: FxHashSet::default(),
            working: FxHashSet::default(),
            wrapped: Wrapped::default(),
            main: entry.start == Start::Script,
            truth_methods,
            class_methods,
            changes_classes: false,
            active: Vec::new(),
            deep_readers: BTreeSet::new(),
            outside: None,
            outsiders: Vec::new(),
            exact: Exact::default(),
        };
        machine.grant(entry.module);
        machine
    }

    pub fn module(&self, id: ModuleId) -> &'p Module {
        self.program.codebase.module(id)
    }

    pub fn function(&self, module: ModuleId, function: FunctionId) -> &'p Function {
        self.module(module).function(function)
    }

    pub fn span(&self, module: ModuleId, expr: ExprId) -> Span {
        let module = self.module(module);
        let (start, end) = module.exprs.get(expr.0 as usize).map_or((0, 0), |e| (e.range.start, e.range.end));
        Span::new(module.file, start, end)
    }

    /// The name of a function where it is defined.
    pub fn name_span(&self, module: ModuleId, function: FunctionId) -> Span {
        let range = self.function(module, function).name_range;
        Span::new(self.module(module).file, range.start, range.end)
    }

    /// Notes that sight was lost, and what could be behind it.
    pub fn gap(&mut self, span: Span, reason: &str, hides: Hides) {
        if !self.budget.is_noted {
            self.gaps.insert((span, reason.to_owned(), hides, None));
        }
    }

    /// Runs what waits until nothing does: first with unset names as "not yet", the methods that may be called of themselves
    /// left out, then with those, then with unset names as unknown.
    pub fn run(&mut self) {
        self.drain();
        self.start_implicit();
        self.drain();
        self.settled = true;
        let unset = (0u32..).map(InstanceId).zip(&self.instances).filter(|(_, i)| i.saw_unset);
        let unset: Vec<_> = unset.map(|(id, _)| id).collect();
        unset.into_iter().for_each(|id| self.enqueue(id));
        self.drain();
        let deep = std::mem::take(&mut self.deep_readers);
        deep.into_iter().for_each(|id| self.enqueue(id));
        self.drain();
    }

    fn drain(&mut self) {
        while let Some((_, id)) = self.queue.pop_first() {
            if self.instance(id).state == State::Waiting {
                self.interpret(id);
            }
        }
    }

    pub fn instance(&self, id: InstanceId) -> &Instance {
        &self.instances[id.0 as usize]
    }

    /// The function that an instance is a context of.
    pub fn function_of(&self, id: InstanceId) -> (ModuleId, FunctionId) {
        let Instance { module, function, .. } = *self.instance(id);
        (module, function)
    }

    pub fn enqueue(&mut self, id: InstanceId) {
        let instance = &mut self.instances[id.0 as usize];
        match instance.state {
            State::Done | State::New => {
                instance.state = State::Waiting;
                let runs = instance.runs / 4;
                self.queue.insert((runs, id));
            }
            State::Running => instance.state = State::RunningStale,
            State::Waiting | State::RunningStale => {}
        }
    }

    /// The instance of a function for these arguments.
    pub fn instance_for(
        &mut self,
        module: ModuleId,
        function: FunctionId,
        frame: u32,
        arguments: &[Val],
        call: Option<Site>,
    ) -> InstanceId {
        let id = self.context(module, function, frame, arguments, call);
        for (index, value) in arguments.iter().enumerate() {
            let cell = self.instance(id).params[index];
            self.write(cell, *value);
        }
        id
    }

    /// A caller outside the program: it never runs itself.
    pub fn outsider(&mut self, module: ModuleId) -> InstanceId {
        let id = self.new_instance(module, Module::TOP, 0, 0);
        self.instances[id.0 as usize].state = State::Running;
        self.outsiders.push(id);
        id
    }

    /// Whether this is a caller outside the program.
    pub fn is_outsider(&self, id: InstanceId) -> bool {
        self.outsiders.contains(&id)
    }

    pub fn new_context(&mut self, key: ContextKey, params: usize) -> InstanceId {
        let (module, function) = key.function;
        let id = self.new_instance(module, function, key.frame, params);
        self.contexts.insert(key, id);
        id
    }

    fn new_instance(&mut self, module: ModuleId, function: FunctionId, frame: u32, params: usize) -> InstanceId {
        let id = InstanceId(u32::try_from(self.instances.len()).expect("the budget keeps instances below 2^32"));
        let params = (0..params).map(|_| self.heap.cell()).collect();
        let result = self.heap.cell();
        self.instances.push(Instance {
            module,
            function,
            frame,
            params,
            result,
            runs: 0,
            state: State::New,
            saw_unset: false,
        });
        id
    }

    /// What a callee returns, interpreting it first if it never was.
    pub fn demand(&mut self, caller: InstanceId, site: CallSite, edge: Edge, callee: InstanceId) -> Val {
        self.calls.entry(caller).or_default().insert((callee, edge, site));
        if site.is_none() && self.at.instance == caller {
            self.unspelled.entry((caller, callee)).or_insert(self.at.expr);
        }
        if self.instance(callee).state == State::New {
            if self.depth < MAX_DEPTH {
                self.interpret(callee);
            } else {
                self.enqueue(callee);
            }
        }
        let result = self.instance(callee).result;
        self.heap.read(result, caller)
    }

    fn interpret(&mut self, id: InstanceId) {
        let is_spent = self.budget.is_spent();
        let instance = &mut self.instances[id.0 as usize];
        if instance.runs >= MAX_RUNS || is_spent {
            instance.state = State::Done;
            let (module, function) = (instance.module, instance.function);
            if is_spent {
                self.note_spent(module, function);
            } else {
                self.note_unsettled(module, function);
            }
            return;
        }
        instance.runs += 1;
        instance.state = State::Running;
        instance.saw_unset = false;
        self.depth += 1;
        self.run_instance(id);
        self.depth -= 1;
        let instance = &mut self.instances[id.0 as usize];
        let stale = instance.state == State::RunningStale;
        instance.state = State::Done;
        if stale {
            self.enqueue(id);
        }
    }

    /// Adds a value to a cell and wakes its readers if that says something new.
    pub fn write(&mut self, cell: CellId, value: Val) {
        self.claim(cell);
        if let Some(new) = self.grow(cell, value)
            && let Some(pool) = self.heap.pool_of(cell)
        {
            self.grow(pool, new);
        }
    }

    /// Joins a value into a cell; tells what it holds now, if that is more than before.
    fn grow(&mut self, cell: CellId, value: Val) -> Option<Val> {
        let old = self.heap.peek(cell);
        let mut new = self.values.join(old, value);
        if new == old || self.heap.changes(cell) >= MAX_CHANGES {
            return None;
        }
        if self.heap.changes(cell) >= COARSE_AFTER {
            new = self.coarse(cell, new);
            if new == old {
                return None;
            }
        }
        if self.heap.changes(cell) + 1 == MAX_CHANGES {
            let lost = self.values.opaque("too many possible values");
            new = self.values.join(new, lost);
        }
        if let Some(growths) = &mut self.growths {
            growths.push(Growth { cell, value: new, at: self.at });
        }
        let readers = self.heap.grow(cell, new);
        self.budget.spend(readers.len());
        for reader in readers {
            self.enqueue(reader);
        }
        Some(new)
    }

    /// Does something with an object unless that is being done already, further out.
    pub fn once(&mut self, object: ObjId, act: impl FnOnce(&mut Self) -> Val) -> Val {
        if self.active.contains(&object) {
            return Val::BOTTOM;
        }
        self.active.push(object);
        let result = act(self);
        self.active.pop();
        result
    }

    /// Reads a cell on behalf of an instance. Unset cells are remembered: in the second phase they are unknown.
    pub fn read(&mut self, cell: CellId, reader: InstanceId) -> Val {
        let value = self.heap.read(cell, reader);
        if value == Val::BOTTOM {
            return self.unset(reader);
        }
        value
    }

    /// The value of something that nothing sets (yet).
    pub fn unset(&mut self, reader: InstanceId) -> Val {
        self.instances[reader.0 as usize].saw_unset = true;
        if self.settled { self.values.opaque("never set in the code that is seen") } else { Val::BOTTOM }
    }

    /// Reads a field, which may not exist yet.
    pub fn read_field(&mut self, object: ObjId, name: Sym, reader: InstanceId) -> Val {
        let cell = self.heap.field(object, name);
        self.heap.read(cell, reader)
    }

    /// Stores into a field.
    pub fn write_field(&mut self, object: ObjId, name: Sym, value: Val) {
        let cell = self.heap.field(object, name);
        self.write(cell, value);
        self.blur_latest(object, name, value);
    }

    /// A container made by an expression of an instance.
    pub fn container(&mut self, instance: InstanceId, site: CallSite, part: u8, kind: Kind, guard: &[u32]) -> ObjId {
        self.container_of(AllocKey::Site(instance, site, part), instance, kind, guard)
    }

    /// The container with this key, made in an instance if need be.
    pub fn container_of(&mut self, key: AllocKey, instance: InstanceId, kind: Kind, guard: &[u32]) -> ObjId {
        let (object, is_new) = self.heap.object(key, kind);
        if is_new {
            self.heap.get_mut(object).birth = Some((instance, guard.to_vec()));
        }
        object
    }
}
