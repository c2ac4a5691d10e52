//! Which functions may decide a table's name from the strings that they are given, or make a dict or a
//! function of what they are given: only these are interpreted apart for different strings, dicts and lists. Told from
//! names and nesting alone; a function too many costs time, one too few costs precision.

use super::value::Sym;
use crate::python::ModuleId;
use crate::python::ir::{Arg, Block, Expr, ExprId, ExprKind, FunctionId, Module, NameId, Stmt};
use rustc_hash::FxHashSet;

/// Names whose mention tells of tables or of the environment that names them.
const NAMING_WORDS: &[&str] = &[
    "Table",
    "TableName",
    "IndexName",
    "RequestItems",
    "environ",
    "getenv",
    "get_paginator",
    "batch_writer",
    "client",
    "resource",
];

/// What goes through a dict entry by entry, to make another of it (numbers made decimals, empty values left out).
const REBUILDING_WORD: &str = "items";

/// What a function must be interpreted apart for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Telling {
    /// Strings that it is given: it may decide a table's name from them.
    pub tables: bool,
    /// Dicts and lists that it is given: it may make others of them, whose keys say what is written, or functions that
    /// use them.
    pub containers: bool,
    /// Who calls it: it reads a page, and its callers may be the ones who go on.
    pub pages: bool,
}

/// Methods that read a page.
const PAGE_WORDS: [&str; 2] = ["query", "scan"];

/// Rounds of "calls one that does": the depth of helpers around helpers.
const ROUNDS: usize = 4;

/// A mention of a name inside a function.
struct Mention {
    function: (ModuleId, FunctionId),
    name: Sym,
}

/// For each module and function, what it must be interpreted apart for.
pub(super) fn naming_functions(
    modules: &[Module],
    sym: impl Fn(ModuleId, NameId) -> Sym,
    telling: impl Fn(&str) -> Option<Sym>,
) -> Vec<Vec<Telling>> {
    let mut naming: Vec<Vec<Telling>> = modules.iter().map(|m| vec![Telling::default(); m.functions.len()]).collect();
    let mut known: FxHashSet<Sym> = NAMING_WORDS.iter().filter_map(|name| telling(name)).collect();
    let mentions: Vec<Mention> =
        (0u32..).map(ModuleId).zip(modules).flat_map(|(id, m)| mentions(id, m, &sym)).collect();
    let rebuilding = telling(REBUILDING_WORD);
    for mention in mentions.iter().filter(|mention| Some(mention.name) == rebuilding) {
        let (module, function) = mention.function;
        naming[module.0 as usize][function.0 as usize].containers = true;
    }
    let paging = PAGE_WORDS.map(&telling);
    for mention in mentions.iter().filter(|mention| paging.contains(&Some(mention.name))) {
        let (module, function) = mention.function;
        naming[module.0 as usize][function.0 as usize].pages |= hands_back(&modules[module.0 as usize], function);
    }
    for (marks, module) in naming.iter_mut().zip(modules) {
        let named = module.functions.iter().filter(|function| &*function.name != "<lambda>");
        for maker in named.filter_map(|function| function.parent).filter(|parent| *parent != Module::TOP) {
            marks[maker.0 as usize].containers = true;
        }
    }
    for _ in 0..ROUNDS {
        let before = known.len();
        let mut found = Vec::new();
        for mention in mentions.iter().filter(|m| known.contains(&m.name)) {
            let (module, function) = mention.function;
            let mark = &mut naming[module.0 as usize][function.0 as usize].tables;
            if !*mark {
                *mark = true;
                found.extend(called_as(module, &modules[module.0 as usize], function, &sym));
            }
        }
        known.extend(found);
        if known.len() == before {
            break;
        }
    }
    naming
}

/// Whether a function may leave it to its callers to go on: it speaks of LastEvaluatedKey, or returns what it is answered.
fn hands_back(module: &Module, function: FunctionId) -> bool {
    let function = module.function(function);
    let is_page = |value: &ExprId| match &module.expr(*value).kind {
        ExprKind::Call(callee, _) => match module.expr(*callee).kind {
            ExprKind::Attr(_, name) => PAGE_WORDS.contains(&module.name(name)),
            _ => false,
        },
        _ => false,
    };
    returned(&function.body).iter().any(is_page)
        || module.exprs_in(function.range).any(|(id, _)| module.is_text(id, "LastEvaluatedKey"))
}

fn returned(block: &Block) -> Vec<ExprId> {
    let own = block.iter().filter_map(|stmt| if let Stmt::Return(value) = stmt { *value } else { None });
    let inner = block.iter().flat_map(Stmt::blocks).flat_map(returned);
    own.chain(inner).collect()
}

/// The names under which a function is called: its own; for a constructor, its class's. Methods are left out: their
/// receivers tell them apart.
fn called_as(
    id: ModuleId,
    module: &Module,
    function: FunctionId,
    sym: &impl Fn(ModuleId, NameId) -> Sym,
) -> Option<Sym> {
    let function = module.function(function);
    let name: &str = match function.class {
        None => &function.name,
        Some(class) if &*function.name == "__init__" => &module.class(class).name,
        Some(_) => return None,
    };
    module.names.iter().position(|n| &**n == name).map(|n| sym(id, NameId(u32::try_from(n).unwrap_or_default())))
}

fn mentions(id: ModuleId, module: &Module, sym: &impl Fn(ModuleId, NameId) -> Sym) -> Vec<Mention> {
    let mut by_start: Vec<FunctionId> =
        (0u32..).map(FunctionId).zip(&module.functions).skip(1).map(|(id, _)| id).collect();
    by_start.sort_by_key(|f| module.function(*f).range.start);
    let mut out = Vec::new();
    for expr in &module.exprs {
        each_name(module, expr, &mut |name| {
            let function = innermost(module, &by_start, expr.range.start);
            out.push(Mention { function: (id, function), name: sym(id, name) });
        });
    }
    out
}

/// Names that an expression mentions as something called, imported or passed.
fn each_name(module: &Module, expr: &Expr, visit: &mut impl FnMut(NameId)) {
    match &expr.kind {
        ExprKind::Attr(_, name) => visit(*name),
        ExprKind::Call(callee, args) => {
            if let ExprKind::Name(_, name) = &module.expr(*callee).kind {
                visit(*name);
            }
            for arg in args {
                if let Arg::Keyword(name, _) = arg {
                    visit(*name);
                }
            }
        }
        _ => {}
    }
}

/// The innermost function around a position.
fn innermost(module: &Module, by_start: &[FunctionId], position: u32) -> FunctionId {
    let after = by_start.partition_point(|f| module.function(*f).range.start <= position);
    let mut next = after.checked_sub(1).map(|i| by_start[i]);
    while let Some(id) = next {
        let function = module.function(id);
        if id == Module::TOP || position < function.range.end {
            return id;
        }
        next = function.parent;
    }
    Module::TOP
}
