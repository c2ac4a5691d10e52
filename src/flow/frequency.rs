//! What runs again with each event: not what is read once when a Lambda starts, nor what is kept from one event to the next.

use super::call::Args;
use super::entry::Site;
use super::heap::InstanceId;
use super::machine::{Edge, Instance, Machine};
use super::value::{Atom, Sym};
use super::{Presence, Start};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::words::words;
use crate::python::ModuleId;
use crate::python::ir::{Block, ExprId, ExprKind, Function, FunctionId, Module, NameId, Place, Range, Stmt, Target};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;

/// How often events come to each instance; those that none comes to are left out.
pub(super) type PerEvent = BTreeMap<InstanceId, Presence>;

impl Machine<'_> {
    /// How often an event comes to each instance, over edges that count; of entry points that scan tables.
    pub fn per_event(&self, root: InstanceId, texts: &mut Texts, counts: impl Fn(Edge) -> bool) -> PerEvent {
        let mut found = PerEvent::new();
        let scans = self.accesses.keys().any(|(_, _, operation)| *operation == Operation::Scan);
        if !scans || !matches!(self.entry.start, Start::Handler(_)) {
            return found;
        }
        let reached = self.reachable(&[root], &counts);
        let mut waiting = Vec::new();
        for caller in reached.keys() {
            for (callee, edge, site) in self.calls.get(caller).into_iter().flatten() {
                let by_library = matches!(edge, Edge::Registered(_));
                // The handler is what nobody's text calls.
                let is_handler = *caller == root && site.is_none() && !self.unspelled.contains_key(&(root, *callee));
                if counts(*edge) && (by_library || is_handler) && !self.is_kept(*callee) {
                    // Libraries choose by route or by kind of event.
                    waiting.push((*callee, if by_library { Presence::Sometimes } else { Presence::Always }));
                }
            }
        }
        while let Some((id, often)) = waiting.pop() {
            if found.get(&id).is_some_and(|known| *known >= often) {
                continue;
            }
            found.insert(id, often);
            for (callee, edge, site) in self.calls.get(&id).into_iter().flatten() {
                if counts(*edge) && !self.is_kept(*callee) {
                    let site = site.or_else(|| self.unspelled.get(&(id, *callee)).copied());
                    let here = site.map_or(Presence::Always, |site| self.runs(id, site, texts));
                    waiting.extend(Some((*callee, often.min(here))).filter(|_| here != Presence::Never));
                }
            }
        }
        found
    }

    /// How often a run of an instance comes to an expression of it.
    pub fn runs(&self, id: InstanceId, site: ExprId, texts: &mut Texts) -> Presence {
        let Instance { module, function, .. } = *self.instance(id);
        let text = self.program.codebase.module(module);
        let known = texts.modules.entry(module).or_insert_with(|| Text::new(text));
        *texts.answers.entry(((module, site), function)).or_insert_with(|| known.runs(text, function, site))
    }

    /// Whether an expression stands in a comprehension or a lambda.
    pub fn is_deferred(&self, module: ModuleId, site: ExprId, texts: &mut Texts) -> bool {
        let text = self.program.codebase.module(module);
        let known = texts.modules.entry(module).or_insert_with(|| Text::new(text));
        known.deferred.iter().any(|range| range.covers(text.expr(site).range))
    }

    /// Whether it runs once and what it returns is kept: a module's top level, a function that is decorated so or given to
    /// a cache.
    fn is_kept(&self, id: InstanceId) -> bool {
        let Instance { module, function, .. } = *self.instance(id);
        let text = self.program.codebase.module(module);
        function == Module::TOP
            || self.wrapped.kept.contains(&(module, function))
            || text.function(function).decorators.iter().any(|decorator| keeps(text, *decorator))
    }

    /// `lru_cache(maxsize=1)(load)`, `cache(load)`: a library's cache calls the function, and keeps what it returns.
    pub fn note_kept(&mut self, path: Sym, args: &Args) {
        let name = self.values.str(path).rsplit('.').next().unwrap_or_default();
        let [given] = args.positional[..] else { return };
        if is_cache(name) {
            let function = |atom: &Atom| match atom {
                Atom::Function(module, function, _) => Some((*module, *function)),
                Atom::Bound(_, function) => match self.values.atom(*function) {
                    Atom::Function(module, function, _) => Some((module, function)),
                    _ => None,
                },
                _ => None,
            };
            let functions: Vec<_> = self.values.atoms(given).iter().filter_map(function).collect();
            self.wrapped.kept.extend(functions);
        }
    }
}

/// Whether something of this name keeps what functions return.
fn is_cache(name: &str) -> bool {
    words(name).iter().any(|word| word.starts_with("cache") || word.starts_with("memoi") || word == "memo")
}

/// `@lru_cache(maxsize=1)`, `@functools.cache`, `@cached_property`, `@cached(cache=TTLCache(…))`, `@memoize`.
fn keeps(module: &Module, decorator: ExprId) -> bool {
    match &module.expr(decorator).kind {
        ExprKind::Call(callee, _) => keeps(module, *callee),
        ExprKind::Name(_, name) | ExprKind::Attr(_, name) => is_cache(module.name(*name)),
        _ => false,
    }
}

/// What is known of the texts of modules, found out when it is asked for.
#[derive(Default)]
pub(super) struct Texts {
    modules: FxHashMap<ModuleId, Text>,
    answers: FxHashMap<(Site, FunctionId), Presence>,
}

/// A part of a function that need not run.
struct Part {
    range: Range,
    runs: Presence,
}

/// The parts of a module that need not run.
struct Text {
    blocks: FxHashMap<FunctionId, Vec<Part>>,
    /// Operands of `and`, `or` and `if … else`.
    operands: Vec<Part>,
    /// Comprehensions and lambdas: what stands in one runs as often as it is asked for.
    deferred: Vec<Range>,
}

impl Text {
    fn new(module: &Module) -> Self {
        let kept = Kept::new(module);
        let mut operands = Vec::new();
        for expr in &module.exprs {
            let (test, parts) = match &expr.kind {
                ExprKind::And(test, then) | ExprKind::Or(test, then) => (*test, vec![*then]),
                ExprKind::If { test, then, otherwise } => (*test, vec![*then, *otherwise]),
                _ => continue,
            };
            let runs = kept.runs(module, &[test]);
            operands.extend(parts.into_iter().map(|part| Part { range: module.expr(part).range, runs }));
        }
        let parts = |function: &Function| {
            let mut parts = Vec::new();
            gather(module, &kept, &function.body, &mut parts);
            parts
        };
        let blocks = (0u32..).map(FunctionId).zip(&module.functions).map(|(id, f)| (id, parts(f))).collect();
        let is_deferred = |kind: &ExprKind| matches!(kind, ExprKind::Comprehension(_) | ExprKind::Lambda(_));
        let deferred = module.exprs.iter().filter(|expr| is_deferred(&expr.kind)).map(|expr| expr.range).collect();
        Self { blocks, operands, deferred }
    }

    fn runs(&self, module: &Module, function: FunctionId, site: ExprId) -> Presence {
        let place = module.expr(site).range;
        let whole = module.function(function).range;
        let own = self.operands.iter().filter(|part| function == Module::TOP || whole.covers(part.range));
        let around = self.blocks.get(&function).into_iter().flatten().chain(own);
        around.filter(|part| part.range.covers(place)).map(|part| part.runs).min().unwrap_or(Presence::Always)
    }
}

/// Variables and attributes that functions set for those who come later.
struct Kept {
    globals: FxHashSet<NameId>,
    attributes: FxHashSet<NameId>,
}

impl Kept {
    fn new(module: &Module) -> Self {
        let mut kept = Self { globals: FxHashSet::default(), attributes: FxHashSet::default() };
        for function in module.functions.iter().skip(1).filter(|function| &*function.name != "__init__") {
            kept.block(module, &function.body);
        }
        kept
    }

    fn block(&mut self, module: &Module, block: &Block) {
        for stmt in block {
            match stmt {
                Stmt::Assign(targets, _) => targets.iter().for_each(|target| self.target(module, target)),
                Stmt::Annotated { target, .. } | Stmt::Augmented { target, .. } => self.target(module, target),
                // `CACHE.update(…)`
                Stmt::Expr(expr) => {
                    if let ExprKind::Call(callee, _) = module.expr(*expr).kind
                        && let ExprKind::Attr(object, _) = module.expr(callee).kind
                    {
                        self.holder(module, object);
                    }
                }
                _ => {}
            }
            stmt.blocks().into_iter().for_each(|block| self.block(module, block));
        }
    }

    fn target(&mut self, module: &Module, target: &Target) {
        match target {
            Target::Name(Place::Global(name), _) => drop(self.globals.insert(*name)),
            Target::Attr(object, name) => {
                self.attributes.insert(*name);
                self.holder(module, *object);
            }
            Target::Subscript(object, _) => self.holder(module, *object),
            Target::Tuple(items) => items.iter().for_each(|item| self.target(module, item)),
            Target::Name(..) | Target::Starred(_) => {}
        }
    }

    /// What something is put into.
    fn holder(&mut self, module: &Module, object: ExprId) {
        match module.expr(object).kind {
            ExprKind::Name(Place::Global(name), _) => drop(self.globals.insert(name)),
            ExprKind::Attr(_, name) => drop(self.attributes.insert(name)),
            _ => {}
        }
    }

    /// How often that runs for which these tests decide: never, for most events, if they ask for what is kept.
    fn runs(&self, module: &Module, tests: &[ExprId]) -> Presence {
        let asks = tests.iter().any(|test| self.asks(module, *test));
        if asks { Presence::Never } else { Presence::Sometimes }
    }

    fn asks(&self, module: &Module, expr: ExprId) -> bool {
        match &module.expr(expr).kind {
            ExprKind::Name(Place::Global(name), _) => self.globals.contains(name),
            ExprKind::Attr(object, name) => self.attributes.contains(name) || self.asks(module, *object),
            ExprKind::Not(inner) | ExprKind::Subscript(inner, _) => self.asks(module, *inner),
            ExprKind::And(a, b) | ExprKind::Or(a, b) | ExprKind::Binary(_, a, b) => {
                self.asks(module, *a) || self.asks(module, *b)
            }
            ExprKind::Compare(first, rest) => {
                self.asks(module, *first) || rest.iter().any(|(_, other)| self.asks(module, *other))
            }
            ExprKind::Call(callee, args) => {
                let given = args.iter().any(|arg| self.asks(module, arg.value()));
                given || self.asks(module, *callee)
            }
            ExprKind::Walrus(_, value) => self.asks(module, *value),
            _ => false,
        }
    }
}

/// Adds the blocks that need not run, and what comes after a way out.
fn gather(module: &Module, kept: &Kept, block: &Block, parts: &mut Vec<Part>) {
    let end = block.extent(module).map(|range| range.end).unwrap_or_default();
    for stmt in block {
        let mut tests = Vec::new();
        let leaves = leaves(stmt, false, &mut tests);
        let Some(range) = stmt.extent(module) else { continue };
        let runs = kept.runs(module, &tests);
        if leaves {
            parts.push(Part { range: Range { start: range.end, end }, runs });
        }
        let branches = match stmt {
            Stmt::If { test, then, otherwise } => {
                let runs = kept.runs(module, &[*test]);
                vec![(then, runs), (otherwise, runs)]
            }
            // `try: return CACHE[key]`, and the rest for want of it.
            Stmt::Try { handlers, .. } => handlers.iter().map(|handler| (&handler.body, runs)).collect(),
            Stmt::Match { cases, .. } => cases.iter().map(|case| (&case.body, Presence::Sometimes)).collect(),
            _ => Vec::new(),
        };
        for (branch, runs) in branches {
            parts.extend(branch.extent(module).map(|range| Part { range, runs }));
        }
        stmt.blocks().into_iter().for_each(|block| gather(module, kept, block, parts));
    }
}

/// Whether a statement may leave the block around it, and what it asks before it does.
fn leaves(stmt: &Stmt, looped: bool, asked: &mut Vec<ExprId>) -> bool {
    match stmt {
        Stmt::Return(value) => {
            asked.extend(*value);
            true
        }
        Stmt::Raise(..) => true,
        Stmt::Continue | Stmt::Break => !looped,
        _ => {
            let looped = looped || matches!(stmt, Stmt::For { .. } | Stmt::While { .. });
            let mut inner = Vec::new();
            let found = stmt.blocks().into_iter().flatten().filter(|s| leaves(s, looped, &mut inner)).count();
            if found > 0 {
                asked.extend(inner);
                asked.extend(if let Stmt::If { test, .. } = stmt { Some(*test) } else { None });
            }
            found > 0
        }
    }
}
