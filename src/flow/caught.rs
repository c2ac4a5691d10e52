//! Whether the code around a call takes the error of a refused call and lets nobody know. Told from the text of one function.

use super::heap::InstanceId;
use super::lineage::Lineage;
use crate::python::ir::{Block, ExprId, ExprKind, Handler, Module, Range, Stmt};
use crate::source::Span;

/// Exceptions among which a `ClientError` is.
const CATCHING: [&str; 3] = ["ClientError", "Exception", "BaseException"];

impl Lineage<'_, '_> {
    /// The `except` that takes the error of a call without raising another; the call itself, if that has no place.
    pub fn caught(&self, at: InstanceId, call: ExprId) -> Option<Span> {
        let module = self.module(at);
        let place = module.expr(call).range;
        let found = caught(module, &module.function_around(call).body, place)?;
        Some(Span::new(module.file, found.start, found.end))
    }
}

fn caught(module: &Module, body: &Block, place: Range) -> Option<Range> {
    let mut around = None;
    for (block, at) in body.way_to(module, place) {
        if let Stmt::Try { body, handlers, .. } = &block[at]
            && body.covers(module, place)
            && let Some(handler) = handlers.iter().find(|handler| catches(module, handler))
        {
            // Of several `try`s within each other, the innermost that catches has it.
            around = Some(handler).filter(|handler| !raises(&handler.body));
        }
    }
    let handler = around?;
    // A bare `except: pass` has no place of its own.
    let place = handler.body.extent(module).unwrap_or(place);
    Some(handler.types.map_or(place, |types| module.expr(types).range))
}

fn catches(module: &Module, handler: &Handler) -> bool {
    handler.types.is_none_or(|types| names_one(module, types))
}

fn names_one(module: &Module, types: ExprId) -> bool {
    match &module.expr(types).kind {
        ExprKind::Name(_, name) | ExprKind::Attr(_, name) => CATCHING.contains(&module.name(*name)),
        ExprKind::Tuple(items) => items.iter().any(|item| names_one(module, *item)),
        _ => false,
    }
}

fn raises(block: &Block) -> bool {
    block.holds(&|stmt| matches!(stmt, Stmt::Raise(..)))
}
