//! What an entry point runs whatever the event: the top level of what it loads unconditionally, and its handler.

use super::heap::{InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, DictItem, ExprId, ExprKind, Function, FunctionId, Module, Range, Stmt};
use crate::source::Span;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// A handler that is a function of ours, and nothing else.
pub(super) type Handler = (ModuleId, FunctionId);

impl Machine<'_> {
    /// The function behind a handler's value, if it is one that nothing wraps.
    pub(super) fn plain_handler(&self, handler: Val) -> Option<Handler> {
        let Some(Atom::Function(module, function, _)) = self.values.single(handler) else { return None };
        let found = self.function(module, function);
        (found.decorators.is_empty() && !found.is_generator && !found.is_async).then_some((module, function))
    }

    /// Modules that are loaded by imports which stand at the top level, under nothing, from the entry point's own on.
    pub(super) fn surely_loaded(&self, root: InstanceId) -> BTreeSet<InstanceId> {
        let mut imported: FxHashMap<InstanceId, Vec<(InstanceId, Span)>> = FxHashMap::default();
        for ((importer, module), span) in &self.imports {
            if let Some(instance) = self.modules.get(module) {
                imported.entry(*importer).or_default().push((*instance, *span));
            }
        }
        let mut sure = BTreeSet::from([root]);
        let mut waiting = vec![root];
        while let Some(importer) = waiting.pop() {
            let body = &self.function(self.instance(importer).module, Module::TOP).body;
            let range = |stmt: &Stmt| match stmt {
                Stmt::Import { range, .. } | Stmt::ImportFrom { range, .. } => Some(*range),
                _ => None,
            };
            let ranges: Vec<Range> = body.iter().filter_map(range).collect();
            for (instance, span) in imported.remove(&importer).unwrap_or_default() {
                let next = ranges.partition_point(|range| range.start <= span.start);
                let is_direct = next.checked_sub(1).is_some_and(|at| span.end <= ranges[at].end);
                if is_direct && sure.insert(instance) {
                    waiting.push(instance);
                }
            }
        }
        sure
    }

    /// Whether every value that a handler returns is seen through: text, numbers, and dicts made here.
    pub(super) fn is_answer_known(&self, handler: Handler) -> bool {
        let of_handler = |i: &&super::machine::Instance| (i.module, i.function) == handler;
        self.instances.iter().filter(of_handler).all(|instance| {
            let atoms = self.values.atoms(self.heap.peek(instance.result));
            atoms.iter().all(|atom| match atom {
                Atom::None | Atom::True | Atom::False | Atom::Int(_) | Atom::Str(_) => true,
                Atom::Object(object) => self.heap.get(*object).kind == Kind::Dict,
                _ => false,
            })
        })
    }
}

/// Whether a place is evaluated each time that a function is called: before anything in it that branches.
pub(super) fn comes_first(module: &Module, function: &Function, place: Range) -> bool {
    for stmt in &function.body {
        let value = match stmt {
            Stmt::Expr(e) | Stmt::Assign(_, e) | Stmt::Return(Some(e)) => *e,
            Stmt::Annotated { value: Some(e), .. } | Stmt::Augmented { value: e, .. } => *e,
            Stmt::Import { .. } | Stmt::ImportFrom { .. } | Stmt::Def(..) => continue,
            _ => return false,
        };
        let range = module.expr(value).range;
        if range.covers(place) {
            return true;
        }
    }
    false
}

/// Where a handler returns `{key: …}`, if it ends so, returns nothing else, and what is under the key isn't always an
/// empty list.
pub(super) fn always_answers(module: &Module, function: &Function, key: &str) -> Option<Range> {
    let (Stmt::Return(Some(last)), before) = function.body.split_last()? else { return None };
    if before.iter().any(returns) {
        return None;
    }
    let ExprKind::Dict(items) = &module.expr(*last).kind else { return None };
    items.iter().find_map(|item| match item {
        DictItem::Pair(name, value) if module.is_text(*name, key) => {
            may_hold(module, function, *value).then_some(module.expr(*name).range)
        }
        _ => None,
    })
}

/// Whether a list display has items, or a list that the function has under a name gets some there.
fn may_hold(module: &Module, function: &Function, value: ExprId) -> bool {
    match &module.expr(value).kind {
        ExprKind::List(items) => !items.is_empty(),
        ExprKind::Comprehension(_) => true,
        ExprKind::Name(_, list) => module.exprs_in(function.range).any(|(_, expr)| {
            let ExprKind::Call(callee, args) = &expr.kind else { return false };
            let ExprKind::Attr(object, method) = &module.expr(*callee).kind else { return false };
            module.name(*method) == "append"
                && matches!(args[..], [Arg::Positional(_)])
                && matches!(&module.expr(*object).kind, ExprKind::Name(_, name) if name == list)
        }),
        _ => false,
    }
}

fn returns(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Return(_) | Stmt::Unsupported(_)) || stmt.blocks().into_iter().flatten().any(returns)
}
