//! What is read from the text of modules when it is first asked for, and kept for all entry points.

use super::kept::Kept;
use super::unchosen::Choices;
use crate::python::bindings::Bindings;
use crate::python::ir::FunctionId;
use crate::python::{Codebase, ModuleId};
use std::sync::OnceLock;

/// The readings of all modules.
#[derive(Debug)]
pub(super) struct Readings {
    modules: Vec<Reading>,
}

/// Those of one module.
#[derive(Debug)]
struct Reading {
    bindings: OnceLock<Bindings>,
    kept: OnceLock<Kept>,
    /// By function.
    choices: Vec<OnceLock<Choices>>,
}

impl Readings {
    pub fn new(codebase: &Codebase) -> Self {
        let of = |functions: usize| Reading {
            bindings: OnceLock::new(),
            kept: OnceLock::new(),
            choices: (0..functions).map(|_| OnceLock::new()).collect(),
        };
        Self { modules: codebase.modules.iter().map(|module| of(module.functions.len())).collect() }
    }

    /// What a module's variables are bound to.
    pub fn bindings(&self, codebase: &Codebase, id: ModuleId) -> &Bindings {
        self.modules[id.0 as usize].bindings.get_or_init(|| Bindings::new(codebase.module(id)))
    }

    /// Which lists of a module can only have grown.
    pub fn kept(&self, codebase: &Codebase, id: ModuleId) -> &Kept {
        let bindings = self.bindings(codebase, id);
        self.modules[id.0 as usize].kept.get_or_init(|| Kept::new(codebase.module(id), bindings))
    }

    /// What in a function may choose.
    pub fn choices(&self, codebase: &Codebase, id: ModuleId, function: FunctionId) -> &Choices {
        let module = codebase.module(id);
        let made = &self.modules[id.0 as usize].choices[function.0 as usize];
        made.get_or_init(|| Choices::of(module, module.function(function)))
    }
}
