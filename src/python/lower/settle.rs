//! Second half of scoping: every provisional place becomes the real one, and captured locals are noted.

use super::scope::Scopes;
use crate::python::ir::{Block, Clause, ExprKind, Function, Module, Pattern, Place, Stmt, Target};

/// Settles every place of a module.
pub(super) fn settle(module: &mut Module, scopes: &Scopes) {
    let mut settler = Settler { scopes, captured: Vec::new() };
    for expr in &mut module.exprs {
        match &mut expr.kind {
            ExprKind::Name(place, _) => settler.place(place),
            ExprKind::Walrus(target, _) => settler.target(target),
            ExprKind::Comprehension(comprehension) => {
                for clause in &mut comprehension.clauses {
                    if let Clause::For(target, _) = clause {
                        settler.target(target);
                    }
                }
            }
            _ => {}
        }
    }
    module.functions.iter_mut().for_each(|f| settler.block(&mut f.body));
    module.classes.iter_mut().for_each(|c| settler.block(&mut c.body));
    settler.note_captured(&mut module.functions);
}

struct Settler<'a> {
    scopes: &'a Scopes,
    captured: Vec<(u32, u32)>,
}

impl Settler<'_> {
    fn place(&mut self, place: &mut Place) {
        *place = self.scopes.settle(*place);
        if let Place::Enclosing(function, slot) = place {
            self.captured.push((function.0, slot.0));
        }
    }

    fn target(&mut self, target: &mut Target) {
        match target {
            Target::Name(place, _) => self.place(place),
            Target::Tuple(targets) => self.targets(targets),
            Target::Starred(target) => self.target(target),
            Target::Attr(..) | Target::Subscript(..) => {}
        }
    }

    fn targets(&mut self, targets: &mut [Target]) {
        for target in targets {
            self.target(target);
        }
    }

    fn block(&mut self, block: &mut Block) {
        for statement in block {
            self.statement(statement);
        }
    }

    fn blocks<'b>(&mut self, blocks: impl IntoIterator<Item = &'b mut Block>) {
        for block in blocks {
            self.block(block);
        }
    }

    fn statement(&mut self, statement: &mut Stmt) {
        match statement {
            Stmt::Assign(targets, _) | Stmt::Delete(targets) => self.targets(targets),
            Stmt::Annotated { target, .. }
            | Stmt::Augmented { target, .. }
            | Stmt::Import { target, .. }
            | Stmt::Def(_, target)
            | Stmt::Class(_, target) => self.target(target),
            Stmt::ImportFrom { names, .. } => names.iter_mut().for_each(|(_, t)| self.target(t)),
            Stmt::If { then, otherwise, .. } => self.blocks([then, otherwise]),
            Stmt::While { body, otherwise, .. } => self.blocks([body, otherwise]),
            Stmt::For { target, body, otherwise, .. } => {
                self.target(target);
                self.blocks([body, otherwise]);
            }
            Stmt::Try { body, handlers, otherwise, finally } => {
                for handler in handlers {
                    handler.target.iter_mut().for_each(|t| self.target(t));
                    self.block(&mut handler.body);
                }
                self.blocks([body, otherwise, finally]);
            }
            Stmt::With { items, body, .. } => {
                items.iter_mut().filter_map(|(_, t)| t.as_mut()).for_each(|t| self.target(t));
                self.block(body);
            }
            Stmt::Match { cases, .. } => {
                for case in cases {
                    self.pattern(&mut case.pattern);
                    self.block(&mut case.body);
                }
            }
            Stmt::Expr(_)
            | Stmt::Return(_)
            | Stmt::Raise(..)
            | Stmt::Assert(..)
            | Stmt::Break
            | Stmt::Continue
            | Stmt::Unsupported(_) => {}
        }
    }

    fn pattern(&mut self, pattern: &mut Pattern) {
        match pattern {
            Pattern::Wildcard | Pattern::Value(_) => {}
            Pattern::Capture(target) => self.target(target),
            Pattern::As(inner, target) => {
                self.pattern(inner);
                self.target(target);
            }
            Pattern::Star(rest) => rest.iter_mut().for_each(|t| self.target(t)),
            Pattern::Or(parts) | Pattern::Sequence(parts) => parts.iter_mut().for_each(|p| self.pattern(p)),
            Pattern::Mapping { entries, rest } => {
                entries.iter_mut().for_each(|(_, p)| self.pattern(p));
                rest.iter_mut().for_each(|t| self.target(t));
            }
            Pattern::Class { positional, keywords, .. } => {
                positional.iter_mut().chain(keywords.iter_mut().map(|(_, p)| p)).for_each(|p| self.pattern(p));
            }
        }
    }

    fn note_captured(mut self, functions: &mut [Function]) {
        self.captured.sort_unstable();
        self.captured.dedup();
        for (function, slot) in self.captured {
            functions[function as usize].captured.push(crate::python::ir::Slot(slot));
        }
    }
}
