//! Whether anybody can see what a batch call left undone: told from the text around the call, which says nothing unless the
//! response goes nowhere.

use crate::python::ir::{Arg, Block, ExprId, ExprKind, Function, Module, Place, Slot, Stmt, Target};

/// The parts of a batch's response that don't tell of what was left undone.
const OTHER_PARTS: [&str; 4] = ["Responses", "ConsumedCapacity", "ItemCollectionMetrics", "ResponseMetadata"];

/// Whether the response of a batch call is dropped, or kept in a local of which only other parts are read.
pub(super) fn is_unseen(module: &Module, call: ExprId) -> bool {
    let ExprKind::Call(callee, _) = &module.expr(call).kind else { return false };
    let ExprKind::Attr(_, method) = &module.expr(*callee).kind else { return false };
    if !matches!(module.name(*method), "batch_get_item" | "batch_write_item") {
        return false;
    }
    let function = module.function_around(call);
    let mut around = module.exprs_in(function.range);
    let awaited = around.find(|(_, expr)| matches!(expr.kind, ExprKind::Await(inner) if inner == call));
    let response = awaited.map_or(call, |(id, _)| id);
    if reads_other_part(module, response) {
        return true;
    }
    match taken_by(&function.body, response) {
        Some(Taker::Nobody) => true,
        Some(Taker::Local(slot)) => {
            !function.captured.contains(&slot)
                && reads(module, function, slot).into_iter().all(|read| reads_other_part(module, read))
        }
        None => false,
    }
}

/// Where a statement puts the value of an expression.
enum Taker {
    Nobody,
    Local(Slot),
}

/// Who takes the value, if a statement does nothing else with it.
fn taken_by(body: &Block, value: ExprId) -> Option<Taker> {
    let mut blocks = vec![body];
    while let Some(block) = blocks.pop() {
        for stmt in block {
            match stmt {
                Stmt::Expr(expr) if *expr == value => return Some(Taker::Nobody),
                Stmt::Assign(targets, assigned) if *assigned == value => {
                    let [Target::Name(Place::Local(slot), _)] = targets.as_slice() else { return None };
                    return Some(Taker::Local(*slot));
                }
                _ => blocks.extend(stmt.blocks()),
            }
        }
    }
    None
}

fn reads(module: &Module, function: &Function, slot: Slot) -> Vec<ExprId> {
    let is_read = |kind: &ExprKind| matches!(kind, ExprKind::Name(Place::Local(read), _) if *read == slot);
    module.exprs_in(function.range).filter(|(_, expr)| is_read(&expr.kind)).map(|(id, _)| id).collect()
}

/// Whether all that is done with a response is to take one of the other parts out of it.
fn reads_other_part(module: &Module, response: ExprId) -> bool {
    let is_other = |key: &ExprId| match &module.expr(*key).kind {
        ExprKind::Str(part) => OTHER_PARTS.contains(&&**part),
        _ => false,
    };
    module.exprs.iter().any(|expr| match &expr.kind {
        ExprKind::Subscript(object, key) => *object == response && is_other(key),
        ExprKind::Call(callee, args) => match (&module.expr(*callee).kind, args.first()) {
            (ExprKind::Attr(object, method), Some(Arg::Positional(key))) => {
                *object == response && module.name(*method) == "get" && is_other(key)
            }
            _ => false,
        },
        _ => false,
    })
}
