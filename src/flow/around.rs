//! What the `if`s around a call say of it: that it is made where a key isn't known yet, or where a read has found nothing. Told
//! from the text of one function.

use super::heap::InstanceId;
use super::lineage::Lineage;
use crate::python::bindings::{Bindings, Variable};
use crate::python::ir::{CompareOp, ExprId, ExprKind, Function, Module, Place, Stmt, Target};

/// Expressions within each other, and variables, through which an item is followed.
const MAX_DEPTH: usize = 8;

impl Lineage<'_, '_> {
    /// Whether what a call gives is kept in a dict, and the call is made for keys only that the dict doesn't hold.
    pub fn is_remembered(&self, at: InstanceId, call: ExprId) -> bool {
        let module = self.module(at);
        is_remembered(module, module.function_around(call), call)
    }
}

fn is_remembered(module: &Module, function: &Function, call: ExprId) -> bool {
    let place = module.expr(call).range;
    function.body.way_to(module, place).any(|(block, at)| {
        let skipped = block[..at].iter().any(|stmt| match stmt {
            Stmt::If { test, then, .. } => {
                let leaves = matches!(then.last(), Some(Stmt::Return(_) | Stmt::Continue));
                leaves && asked(module, *test, CompareOp::In).is_some_and(|dict| stores(module, &block[at..], dict))
            }
            _ => false,
        });
        let guarded = match &block[at] {
            Stmt::If { test, then, otherwise } => {
                [(then, CompareOp::NotIn), (otherwise, CompareOp::In)].into_iter().any(|(branch, operator)| {
                    branch.covers(module, place)
                        && asked(module, *test, operator).is_some_and(|dict| stores(module, branch, dict))
                })
            }
            _ => false,
        };
        skipped || guarded
    })
}

/// The dict of which a test asks whether it holds a key.
fn asked(module: &Module, test: ExprId, operator: CompareOp) -> Option<ExprId> {
    match &module.expr(test).kind {
        ExprKind::Compare(key, rest) if !matches!(module.expr(*key).kind, ExprKind::Str(_)) => match rest.as_slice() {
            [(given, dict)] if *given == operator => Some(*dict),
            _ => None,
        },
        ExprKind::Not(inner) => match operator {
            CompareOp::NotIn => asked(module, *inner, CompareOp::In),
            _ => None,
        },
        _ => None,
    }
}

/// Whether something is put into the dict.
fn stores(module: &Module, block: &[Stmt], dict: ExprId) -> bool {
    let is_it = |target: &&Target| matches!(target, Target::Subscript(object, _) if is_same(module, *object, dict));
    block.iter().any(|stmt| {
        stmt.targets().iter().any(is_it) || stmt.blocks().into_iter().any(|inner| stores(module, inner, dict))
    })
}

/// The same variable, or the same attribute of one.
fn is_same(module: &Module, a: ExprId, b: ExprId) -> bool {
    match (&module.expr(a).kind, &module.expr(b).kind) {
        (ExprKind::Name(a, _), ExprKind::Name(b, _)) => a == b,
        (ExprKind::Attr(a, x), ExprKind::Attr(b, y)) => x == y && is_same(module, *a, *b),
        _ => false,
    }
}

/// Whether a put is made only where a read of the same function has found no item.
pub(super) fn finds_nothing_before(module: &Module, bindings: &Bindings, put: ExprId, read: ExprId) -> bool {
    let function = module.function_around(put);
    let place = module.expr(put).range;
    if !function.range.covers(module.expr(read).range) {
        return false;
    }
    let of_read = |expr: ExprId| tells_of(module, bindings, expr, read, MAX_DEPTH);
    function.body.way_to(module, place).any(|(block, at)| {
        let Stmt::If { test, then, otherwise } = &block[at] else { return false };
        let lacks = says(module, *test, false).is_some_and(of_read) && then.covers(module, place);
        let found = says(module, *test, true).is_some_and(of_read) && otherwise.covers(module, place);
        lacks || found
    })
}

/// The expression of which a test says that it is there, or that it isn't, and nothing else.
fn says(module: &Module, test: ExprId, is_there: bool) -> Option<ExprId> {
    match &module.expr(test).kind {
        ExprKind::Not(inner) => says(module, *inner, !is_there),
        ExprKind::Compare(left, rest) => match rest.as_slice() {
            [(operator, right)] => {
                let is_part = is_item(module, *left);
                let is_none = matches!(module.expr(*right).kind, ExprKind::None);
                match operator {
                    CompareOp::In => (is_part && is_there).then_some(*right),
                    CompareOp::NotIn => (is_part && !is_there).then_some(*right),
                    CompareOp::IsNot => (is_none && is_there).then_some(*left),
                    CompareOp::Is => (is_none && !is_there).then_some(*left),
                    _ => None,
                }
            }
            _ => None,
        },
        // `response.get("Item")`
        ExprKind::Call(callee, args) => {
            let is_get = matches!(module.expr(*callee).kind, ExprKind::Attr(_, name) if module.name(name) == "get");
            let is_of_item = args.first().is_some_and(|key| is_item(module, key.value()));
            (is_there && is_get && is_of_item).then_some(test)
        }
        ExprKind::Name(..) => is_there.then_some(test),
        _ => None,
    }
}

/// Whether a key is that of the item in a response.
fn is_item(module: &Module, key: ExprId) -> bool {
    module.is_text(key, "Item")
}

/// Whether an expression is a read's response or its item, through locals that are bound once.
fn tells_of(module: &Module, bindings: &Bindings, expr: ExprId, read: ExprId, depth: usize) -> bool {
    let Some(depth) = depth.checked_sub(1) else { return false };
    let goes_on = |inner: ExprId| tells_of(module, bindings, inner, read, depth);
    expr == read
        || match &module.expr(expr).kind {
            ExprKind::Await(inner) => goes_on(*inner),
            ExprKind::Subscript(response, key) => is_item(module, *key) && goes_on(*response),
            ExprKind::Call(callee, args) => match module.expr(*callee).kind {
                ExprKind::Attr(response, name) => {
                    let is_of_item = args.first().is_some_and(|key| is_item(module, key.value()));
                    module.name(name) == "get" && is_of_item && goes_on(response)
                }
                _ => false,
            },
            ExprKind::Name(Place::Local(_), _) => {
                let variable = Variable::named(module, expr);
                variable.and_then(|variable| bindings.only_object(variable)).is_some_and(goes_on)
            }
            _ => false,
        }
}
