//! What a module does to Python's path, and what it imports in between, in order: `sys.path.insert(0, …)`. What can't be read
//! exactly is said to be so.

use super::imported::Imported;
use super::ir::{Arg, BinaryOp, Block, Clause, CompareOp, ExprId, ExprKind, FPart, Module, Stmt, Target};
use super::path_text::{Folder, PathReader};
use rustc_hash::FxHashSet;
use std::path::Path;

/// Builtins that leave what they are given as it is.
const READING: [&str; 11] =
    ["any", "enumerate", "hasattr", "len", "list", "print", "repr", "set", "sorted", "str", "tuple"];
/// Methods of a list that leave it as it is.
const ASKING: [&str; 3] = ["copy", "count", "index"];

/// When a step is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    /// In its turn.
    Now,
    /// In its turn, or not at all.
    Perhaps,
    /// At any time from then on, or not at all: by a function.
    Later,
}

/// Something that matters to where imports are looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub what: Change,
    pub when: When,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// `from ..module import names`.
    Import { level: u32, module: Box<str>, names: Vec<Box<str>> },
    /// A folder is put on the path.
    Add(Addition),
    /// Anything may become of the path.
    Anything,
    /// Modules that were imported may be imported anew: `del sys.modules[name]`, `importlib.reload(module)`.
    Forgetting,
    /// The program goes to another folder: what is told from its folder isn't any more.
    WorkingFolder,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Addition {
    /// None for one that can't be told.
    pub folder: Option<Folder>,
    pub at: Position,
    /// Only if the path doesn't hold it.
    pub unless_there: bool,
}

/// Where on the path a folder is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Position {
    First,
    Second,
    Last,
    Anywhere,
}

/// Whether a module may change the path, by what it names: most don't, and are asked no more.
pub(super) fn may_change_path(module: &Module) -> bool {
    mentions(module, "path") && has_sys(module) || names_or_imports(module, "addsitedir") || has_finders(module)
}

/// Whether it may look modules up by itself.
fn has_finders(module: &Module) -> bool {
    ["meta_path", "path_hooks"].iter().any(|list| names_or_imports(module, list))
}

/// Whether it may make Python forget modules that it has imported.
fn may_forget_modules(module: &Module) -> bool {
    mentions(module, "modules") && has_sys(module) || names_or_imports(module, "reload")
}

fn has_sys(module: &Module) -> bool {
    mentions(module, "sys") || any_import(module, &|from, _| from == "sys")
}

/// Whether a name is in its code.
pub(super) fn names(module: &Module, wanted: &str) -> bool {
    module.names.iter().any(|name| **name == *wanted)
}

/// Whether it names this, or holds it as text: `getattr(sys, "path")`.
pub(super) fn mentions(module: &Module, wanted: &str) -> bool {
    names(module, wanted) || module.all_exprs().any(|(id, _)| module.is_text(id, wanted))
}

/// Whether a name is in its code, or imported under another.
pub(super) fn names_or_imports(module: &Module, wanted: &str) -> bool {
    names(module, wanted) || any_import(module, &|_, imported| imported.contains(&wanted))
}

/// Whether there is such an import in a module: from where, and what.
fn any_import(module: &Module, is_it: &dyn Fn(&str, &[&str]) -> bool) -> bool {
    let imports = |stmt: &Stmt| match stmt {
        Stmt::Import { module, .. } => is_it(module, &[]),
        Stmt::ImportFrom { module, names, .. } => {
            is_it(module, &names.iter().map(|(name, _)| &**name).collect::<Vec<_>>())
        }
        _ => false,
    };
    let functions = module.functions.iter().map(|function| &function.body);
    functions.chain(module.classes.iter().map(|class| &class.body)).any(|block| block.holds(&imports))
}

/// The steps of the module at `file`.
pub(super) fn steps(module: &Module, file: &Path) -> Vec<Step> {
    let imported = Imported::new(module);
    let reader = may_change_path(module).then(|| PathReader::new(module, file, &imported));
    let mut lister = Lister { module, imported: &imported, reader, settled: FxHashSet::default(), steps: Vec::new() };
    lister.block(&module.function(Module::TOP).body, When::Now);
    let mut steps = Vec::new();
    let is_vague = || names_or_imports(module, "addsitedir") || has_finders(module);
    if lister.reader.is_some() && (lister.has_unsettled() || is_vague()) {
        steps.push(Step { what: Change::Anything, when: When::Later });
    }
    if may_forget_modules(module) {
        steps.push(Step { what: Change::Forgetting, when: When::Later });
    }
    if names_or_imports(module, "chdir") {
        steps.push(Step { what: Change::WorkingFolder, when: When::Later });
    }
    steps.extend(called_imports(module, &imported));
    steps.append(&mut lister.steps);
    steps
}

/// What calls import by a name that is spelled out: at any time, for all that is told of calls.
fn called_imports(module: &Module, imported: &Imported) -> Vec<Step> {
    let functions = ["builtins.__import__", "importlib.import_module"];
    let step = |name: &str| {
        let what = Change::Import { level: 0, module: name.into(), names: Vec::new() };
        Step { what, when: When::Later }
    };
    let calls = module.all_exprs().filter_map(|(_, expr)| match &expr.kind {
        ExprKind::Call(callee, args) => match args.first()? {
            Arg::Positional(name) if functions.iter().any(|function| imported.is(*callee, function)) => Some(*name),
            _ => None,
        },
        _ => None,
    });
    let name = |expr: ExprId| if let ExprKind::Str(name) = &module.expr(expr).kind { Some(step(name)) } else { None };
    calls.filter_map(name).collect()
}

struct Lister<'m> {
    module: &'m Module,
    imported: &'m Imported<'m>,
    /// None where nothing changes the path.
    reader: Option<PathReader<'m>>,
    /// Mentions of `sys` and its path of which it is known what becomes of them.
    settled: FxHashSet<ExprId>,
    steps: Vec<Step>,
}

impl Lister<'_> {
    fn push(&mut self, what: Change, when: When) {
        self.steps.push(Step { what, when });
    }

    fn block(&mut self, block: &[Stmt], when: When) {
        let module = self.module;
        for stmt in block {
            self.settle_targets(stmt);
            match stmt {
                Stmt::Import { module, .. } => {
                    self.push(Change::Import { level: 0, module: module.clone(), names: Vec::new() }, when);
                }
                Stmt::ImportFrom { level, module, names, star, .. } => {
                    if *level == 0 && **module == *"sys" && (*star || names.iter().any(|(name, _)| **name == *"path")) {
                        self.push(Change::Anything, when);
                    }
                    let names = names.iter().map(|(name, _)| name.clone()).collect();
                    self.push(Change::Import { level: *level, module: module.clone(), names }, when);
                }
                Stmt::Def(function, _) => self.block(&module.function(*function).body, When::Later),
                Stmt::Class(class, _) => self.block(&module.class(*class).body, when),
                Stmt::If { test, then, otherwise } => {
                    self.guarded(*test, then, when);
                    self.block(otherwise, when.max(When::Perhaps));
                }
                _ => {
                    self.change(stmt, None, when);
                    stmt.blocks().into_iter().for_each(|block| self.block(block, when.max(When::Perhaps)));
                }
            }
        }
    }

    /// The block of an `if`: what `if folder not in sys.path` guards is done unless it is needless.
    fn guarded(&mut self, test: ExprId, then: &Block, when: When) {
        let folder = match &self.module.expr(test).kind {
            ExprKind::Compare(folder, rest) => match rest.as_slice() {
                [(CompareOp::NotIn, list)] if self.is_path(*list) => self.folder(*folder),
                _ => None,
            },
            _ => None,
        };
        let Some(folder) = folder else { return self.block(then, when.max(When::Perhaps)) };
        for stmt in then {
            if !self.change(stmt, Some(&folder), when) {
                self.block(std::slice::from_ref(stmt), when.max(When::Perhaps));
            }
        }
    }

    /// Notes what a statement puts on the path; with a folder, only if that is what it puts there. Says whether it does.
    fn change(&mut self, stmt: &Stmt, only: Option<&Folder>, when: When) -> bool {
        let Some((list, at, added)) = self.added(stmt) else { return false };
        let folders: Vec<Option<Folder>> = added.into_iter().map(|expr| self.folder(expr?)).collect();
        if only.is_some_and(|only| folders.iter().any(|folder| folder.as_ref() != Some(only))) {
            return false;
        }
        self.settled.insert(list);
        for folder in folders {
            self.push(Change::Add(Addition { folder, at, unless_there: only.is_some() }), when);
        }
        true
    }

    /// What a statement puts on the path: the mention of it, the place, and the folders, `None` for one that has no expression
    /// of its own.
    fn added(&self, stmt: &Stmt) -> Option<(ExprId, Position, Vec<Option<ExprId>>)> {
        match stmt {
            Stmt::Expr(call) => {
                let ExprKind::Call(callee, args) = &self.module.expr(*call).kind else { return None };
                let ExprKind::Attr(list, method) = self.module.expr(*callee).kind else { return None };
                self.is_path(list).then_some(())?;
                match (self.module.name(method), args.as_slice()) {
                    ("append", [Arg::Positional(entry)]) => Some((list, Position::Last, vec![Some(*entry)])),
                    ("insert", [Arg::Positional(at), Arg::Positional(entry)]) => {
                        let at = match self.module.expr(*at).kind {
                            ExprKind::Int(0) => Position::First,
                            ExprKind::Int(1) => Position::Second,
                            _ => Position::Anywhere,
                        };
                        Some((list, at, vec![Some(*entry)]))
                    }
                    ("extend", [Arg::Positional(entries)]) => Some((list, Position::Last, self.entries(*entries))),
                    _ => None,
                }
            }
            Stmt::Augmented { target: Target::Attr(sys, name), op: BinaryOp::Add, value, .. } => {
                let is_path = self.module.name(*name) == "path" && self.imported.is(*sys, "sys");
                is_path.then(|| (*sys, Position::Last, self.entries(*value)))
            }
            _ => None,
        }
    }

    /// The entries of a list that is spelled out.
    fn entries(&self, list: ExprId) -> Vec<Option<ExprId>> {
        match &self.module.expr(list).kind {
            ExprKind::List(entries) | ExprKind::Tuple(entries) => entries.iter().map(|entry| Some(*entry)).collect(),
            _ => vec![None],
        }
    }

    fn folder(&mut self, expr: ExprId) -> Option<Folder> {
        self.reader.as_mut()?.folder(expr)
    }

    /// Whether an expression is `sys.path`, and surely.
    fn is_path(&self, expr: ExprId) -> bool {
        self.reader.is_some() && self.imported.is(expr, "sys.path")
    }

    /// `sys.stdout = …` and `for folder in sys.path` leave the path as it is.
    fn settle_targets(&mut self, stmt: &Stmt) {
        for leaf in stmt.targets().into_iter().flat_map(Target::leaves) {
            if let Target::Attr(owner, name) = leaf
                && self.module.name(*name) != "path"
            {
                self.settled.insert(*owner);
            }
        }
        if let Stmt::For { iter, .. } = stmt {
            self.settled.insert(*iter);
        }
    }

    /// Whether something may become of `sys` or its path that isn't among the steps.
    fn has_unsettled(&mut self) -> bool {
        let module = self.module;
        module.all_exprs().for_each(|(_, expr)| self.settle_parts(&expr.kind));
        module.all_exprs().any(|(id, _)| !self.settled.contains(&id) && (self.may_be_sys(id) || self.may_be_path(id)))
    }

    /// Notes the parts of an expression that it leaves as they are.
    fn settle_parts(&mut self, kind: &ExprKind) {
        match kind {
            ExprKind::Attr(owner, name) if self.is_plain(*owner, self.module.name(*name)) => {
                self.settled.insert(*owner);
            }
            ExprKind::Compare(first, rest) => {
                self.settled.insert(*first);
                self.settled.extend(rest.iter().map(|(_, operand)| *operand));
            }
            ExprKind::Subscript(owner, _) | ExprKind::Starred(owner) => drop(self.settled.insert(*owner)),
            ExprKind::Binary(_, left, right) => self.settled.extend([*left, *right]),
            ExprKind::FString(parts) => {
                let inner = |part: &FPart| match part {
                    FPart::Expr(inner) | FPart::Format(inner) => Some(*inner),
                    FPart::Text(_) => None,
                };
                self.settled.extend(parts.iter().filter_map(inner));
            }
            ExprKind::Comprehension(comprehension) => {
                let iterated = |clause: &Clause| if let Clause::For(_, iter) = clause { Some(*iter) } else { None };
                self.settled.extend(comprehension.clauses.iter().filter_map(iterated));
            }
            ExprKind::Call(callee, args) if self.leaves_as_it_is(*callee, args) => {
                self.settled.extend(args.iter().map(Arg::value));
            }
            _ => {}
        }
    }

    /// Whether an attribute is one of `sys` that isn't all of it, or a method of its path that changes nothing.
    fn is_plain(&self, owner: ExprId, name: &str) -> bool {
        self.may_be_sys(owner) && !name.starts_with("__") || ASKING.contains(&name)
    }

    fn leaves_as_it_is(&self, callee: ExprId, args: &[Arg]) -> bool {
        if let ExprKind::Attr(owner, name) = self.module.expr(callee).kind {
            return matches!(self.module.expr(owner).kind, ExprKind::Str(_)) && self.module.name(name) == "join";
        }
        let dotted = self.imported.dotted(callee);
        match dotted.as_deref().and_then(|dotted| dotted.strip_prefix("builtins.")) {
            Some("getattr") => args.get(1).is_some_and(|name| match &self.module.expr(name.value()).kind {
                ExprKind::Str(name) => **name != *"path",
                _ => false,
            }),
            Some(name) => READING.contains(&name),
            None => false,
        }
    }

    fn may_be_sys(&self, expr: ExprId) -> bool {
        match &self.module.expr(expr).kind {
            ExprKind::Name(_, name) => self.module.name(*name) == "sys" || self.imported.is(expr, "sys"),
            ExprKind::Attr(_, name) => self.module.name(*name) == "sys",
            ExprKind::Call(_, args) => {
                matches!(args.as_slice(), [Arg::Positional(name)] if self.module.is_text(*name, "sys"))
            }
            _ => false,
        }
    }

    fn may_be_path(&self, expr: ExprId) -> bool {
        match self.module.expr(expr).kind {
            ExprKind::Attr(owner, name) => self.module.name(name) == "path" && self.may_be_sys(owner),
            _ => false,
        }
    }
}
