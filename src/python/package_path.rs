//! Packages that say themselves where their modules are looked up: by their `__path__`
//! (<https://docs.python.org/3/reference/import.html#path-attributes-on-modules>).

use super::imported::Imported;
use super::ir::{Arg, Block, Clause, ExprId, ExprKind, Module, Place, Stmt, Target};
use super::path_changes::{mentions, names_or_imports};
use super::project::{Codebase, ModuleId};
use rustc_hash::FxHashSet;

const PATH: &str = "__path__";
/// What spreads a package over the folders of its name: `__path__ = extend_path(__path__, __name__)`.
const SPREADING: [&str; 2] = ["pkgutil.extend_path", "pkg_resources.declare_namespace"];
/// Functions that read it.
const LISTING: [&str; 2] = ["pkgutil.iter_modules", "pkgutil.walk_packages"];
const READING: [&str; 11] =
    ["any", "enumerate", "iter", "len", "list", "next", "print", "repr", "sorted", "str", "tuple"];
/// Methods of a list that change it.
const CHANGING: [&str; 8] = ["append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"];

impl Codebase {
    /// Whether modules of a package may be looked up elsewhere than in its own folder, for all that a module does.
    pub(super) fn finds_elsewhere(&self, module: ModuleId) -> bool {
        let code = self.module(module);
        if self.package_of(module).is_some() || !may_look_elsewhere(code) {
            return false;
        }
        let imported = Imported::new(code);
        let spreads = |call: ExprId| match &code.expr(call).kind {
            ExprKind::Call(callee, _) => SPREADING.iter().any(|function| imported.is(*callee, function)),
            _ => false,
        };
        if code.all_exprs().any(|(id, _)| spreads(id)) && self.shares_its_name(module) {
            return true;
        }
        let is_changed = |id| match &code.expr(id).kind {
            ExprKind::Call(callee, _) => match code.expr(*callee).kind {
                ExprKind::Attr(list, method) => is_path(code, list) && CHANGING.contains(&code.name(method)),
                _ => false,
            },
            _ => false,
        };
        let is_set = |stmt: &Stmt| {
            let is_spread = matches!(stmt, Stmt::Assign(_, value) if spreads(*value));
            !is_spread && stmt.targets().into_iter().flat_map(Target::leaves).any(|target| is_path_target(code, target))
        };
        let bodies = code.functions.iter().map(|function| &function.body);
        code.all_exprs().any(|(id, _)| is_changed(id))
            || gets_away(code, &imported)
            || bodies.into_iter().any(|body| body.holds(&is_set))
    }

    /// Whether other folders hold a package of the same name.
    fn shares_its_name(&self, module: ModuleId) -> bool {
        let name = self.path(module).parent().and_then(|folder| folder.file_name()).and_then(|name| name.to_str());
        name.is_some_and(|name| self.homes(name).iter().filter(|home| home.is_own).count() > 1)
    }
}

/// Whether something may be done to the path by another name: it is given to a variable or a function, or found in a namespace.
fn gets_away(code: &Module, imported: &Imported<'_>) -> bool {
    let mut settled = FxHashSet::default();
    for (_, expr) in code.all_exprs() {
        match &expr.kind {
            ExprKind::Attr(owner, _) | ExprKind::Subscript(owner, _) | ExprKind::Starred(owner) => {
                settled.insert(*owner);
            }
            ExprKind::Compare(first, rest) => {
                settled.insert(*first);
                settled.extend(rest.iter().map(|(_, operand)| *operand));
            }
            ExprKind::Binary(_, left, right) => settled.extend([*left, *right]),
            ExprKind::Comprehension(comprehension) => {
                let iterated = |clause: &Clause| if let Clause::For(_, iter) = clause { Some(*iter) } else { None };
                settled.extend(comprehension.clauses.iter().filter_map(iterated));
            }
            ExprKind::Call(callee, args) if only_reads(code, imported, *callee) => {
                settled.extend(args.iter().map(Arg::value));
            }
            _ => {}
        }
    }
    let note_loops = |stmt: &Stmt| if let Stmt::For { iter, .. } = stmt { Some(*iter) } else { None };
    let mut blocks: Vec<&Block> = code.functions.iter().map(|function| &function.body).collect();
    blocks.extend(code.classes.iter().map(|class| &class.body));
    while let Some(block) = blocks.pop() {
        settled.extend(block.iter().filter_map(note_loops));
        blocks.extend(block.iter().flat_map(Stmt::blocks));
    }
    let is_entry = |kind: &ExprKind| match kind {
        ExprKind::Subscript(namespace, key) => {
            matches!(code.expr(*namespace).kind, ExprKind::Call(..)) && code.is_text(*key, PATH)
        }
        _ => false,
    };
    code.all_exprs().any(|(id, expr)| is_entry(&expr.kind) || is_path(code, id) && !settled.contains(&id))
}

/// Whether a function leaves a list that it is given as it is.
fn only_reads(code: &Module, imported: &Imported<'_>, callee: ExprId) -> bool {
    let is_builtin = match code.expr(callee).kind {
        ExprKind::Name(Place::Global(_), name) => READING.contains(&code.name(name)),
        _ => false,
    };
    let known = SPREADING.iter().chain(&LISTING);
    is_builtin || known.into_iter().any(|function| imported.is(callee, function))
}

/// Whether a module names what says so: most don't, and are asked no more.
fn may_look_elsewhere(module: &Module) -> bool {
    let last = |function: &'static str| function.rsplit('.').next().unwrap_or(function);
    mentions(module, PATH) || SPREADING.iter().any(|function| names_or_imports(module, last(function)))
}

fn is_path(module: &Module, expr: ExprId) -> bool {
    match module.expr(expr).kind {
        ExprKind::Name(_, name) | ExprKind::Attr(_, name) => module.name(name) == PATH,
        _ => false,
    }
}

fn is_path_target(module: &Module, target: &Target) -> bool {
    match target {
        Target::Name(_, name) | Target::Attr(_, name) => module.name(*name) == PATH,
        Target::Subscript(list, _) => is_path(module, *list),
        Target::Tuple(_) | Target::Starred(_) => false,
    }
}
