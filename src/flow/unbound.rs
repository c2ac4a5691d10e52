//! Names that nothing binds: to read one raises `NameError`, so that nothing is done with it.
//! <https://docs.python.org/3/reference/executionmodel.html#resolution-of-names>

use super::machine::Machine;
use crate::python::ir::Module;
use crate::python::{Codebase, ModuleId};
use rustc_hash::FxHashSet;

/// Why the value of such a name isn't known.
pub(super) const UNBOUND: &str = "a name that nothing binds";

/// By these, code binds names of its own module that don't stand there as names.
const IN_ITS_MODULE: [&str; 10] =
    ["compile", "eval", "exec", "execfile", "globals", "locals", "modules", "setattr", "vars", "__dict__"];
/// By these, it adds to what all modules can name.
const IN_ALL_MODULES: [&str; 5] = ["__builtin__", "__builtins__", "builtins", "gettext", "run_path"];

/// Builtins that aren't followed, those of Python 2 among them.
/// <https://docs.python.org/3/library/functions.html>, <https://docs.python.org/3/library/constants.html>
const OTHER_BUILTINS: [&str; 19] = [
    "BaseExceptionGroup",
    "Ellipsis",
    "ExceptionGroup",
    "apply",
    "breakpoint",
    "buffer",
    "cmp",
    "coerce",
    "copyright",
    "credits",
    "execfile",
    "file",
    "get_ipython",
    "intern",
    "license",
    "reload",
    "site",
    "unichr",
    "_",
];

/// Modules of which it can be told what they bind: all but those that bind names by other means than statements, and those
/// that Python refuses.
pub(super) fn plain_modules(codebase: &Codebase) -> FxHashSet<ModuleId> {
    let names = |module: &Module, by: &[&str]| module.names.iter().any(|name| by.contains(&&**name));
    if codebase.ids().any(|id| names(codebase.module(id), &IN_ALL_MODULES)) {
        return FxHashSet::default();
    }
    let is_plain = |id: &ModuleId| {
        let module = codebase.module(*id);
        !names(module, &IN_ITS_MODULE) && codebase.syntax_error(*id).is_none() && !codebase.is_embedded(*id)
    };
    codebase.ids().filter(is_plain).collect()
}

impl Machine<'_> {
    /// Whether a name that its module doesn't bind is bound nowhere else either: no builtin, and from no `import *`.
    pub fn is_unbound(&self, module: ModuleId, name: &str) -> bool {
        self.program.is_plain(module)
            && !self.stars.contains_key(&module)
            && !name.starts_with("__")
            && !OTHER_BUILTINS.contains(&name)
    }
}
