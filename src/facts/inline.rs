//! Programs that stand in a template: `ZipFile` and `InlineCode`.

use super::code::template_path;
use crate::python::Embedded;
use crate::source::SourceMap;
use crate::template::model::{Code, Function, Stack};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The Python programs of all templates, each once, at the place that [`path`] gives it.
pub fn programs(stacks: &[Stack], sources: &SourceMap) -> Vec<Embedded> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (stack, function) in stacks.iter().flat_map(|stack| stack.functions.iter().map(move |f| (stack, f))) {
        let Code::Inline { text: code, is_pattern } = &function.code else { continue };
        let path = path(stack, function, sources);
        let runtime = function.runtime.as_ref().map(|runtime| runtime.value.starts_with("python"));
        if runtime != Some(false) && seen.insert(path.clone()) {
            out.push(Embedded {
                path,
                text: sources.file(code.span.file).text.clone(),
                span: code.span,
                program: code.value.clone(),
                is_pattern: *is_pattern,
                is_python: runtime.is_some(),
            });
        }
    }
    out
}

/// Where a function's program would be, if it were a file. No file can be below a template; Lambda puts the program into
/// one of this name.
pub(super) fn path(stack: &Stack, function: &Function, sources: &SourceMap) -> PathBuf {
    template_path(stack, sources).join(&function.resource.id).join("index.py")
}
