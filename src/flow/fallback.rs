//! `try: from shop import x` / `except ImportError: …`: where the first is at hand, what would be imported instead isn't missed.

use super::frame::Frame;
use super::machine::Machine;
use crate::python::ir::{ExprId, ExprKind, Module, Stmt};
use crate::python::{ModuleId, Resolved};

impl<'p> Machine<'p> {
    /// Whether a handler is for imports that fail, and those of the block that it guards are all found.
    pub fn is_needless_fallback(&mut self, frame: &Frame<'p>, body: &[Stmt], types: Option<ExprId>) -> bool {
        let is_import = |stmt: &&Stmt| matches!(stmt, Stmt::Import { .. } | Stmt::ImportFrom { .. });
        types.is_some_and(|types| is_import_error(frame.module, types))
            && body.iter().any(|stmt| is_import(&stmt))
            && body.iter().filter(is_import).all(|stmt| self.finds(frame, stmt))
    }

    fn finds(&mut self, frame: &Frame<'p>, import: &Stmt) -> bool {
        match import {
            Stmt::Import { module, .. } => matches!(self.resolve(module), Resolved::Module(_)),
            Stmt::ImportFrom { level, module, names, star, .. } => {
                let search = &self.entry.search;
                let Some(dotted) = self.program.codebase.absolute(search, frame.module_id, *level, module) else {
                    return false;
                };
                match self.resolve(&dotted) {
                    Resolved::Module(found) => *star || names.iter().all(|(name, _)| self.has(found, &dotted, name)),
                    Resolved::Namespace => !*star && names.iter().all(|(name, _)| self.has_submodule(&dotted, name)),
                    Resolved::Unclear | Resolved::External => false,
                }
            }
            _ => true,
        }
    }

    fn has(&mut self, module: ModuleId, dotted: &str, name: &str) -> bool {
        self.program.binds(module, name) || self.has_submodule(dotted, name)
    }

    fn has_submodule(&mut self, dotted: &str, name: &str) -> bool {
        matches!(self.resolve(&format!("{dotted}.{name}")), Resolved::Module(_))
    }
}

fn is_import_error(module: &Module, types: ExprId) -> bool {
    match &module.expr(types).kind {
        ExprKind::Name(_, name) => matches!(module.name(*name), "ImportError" | "ModuleNotFoundError"),
        ExprKind::Tuple(types) => types.iter().all(|one| is_import_error(module, *one)),
        _ => false,
    }
}
