//! What a template says by macro: `AWS::Include` of files beside it, and `Fn::ForEach`. Both are written out before
//! anything else is read, so that the rest of the room sees plain resources.

mod for_each;
mod include;
#[cfg(test)]
mod tests;

use super::Diagnostic;
use super::document::{Document, Entry, MAX_DEPTH, MAX_NODES, NodeId, Value};
use crate::source::{SourceMap, Span};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files that one template may include, those included by included ones counted.
const MAX_INCLUDED: usize = 200;
/// Files that include one another in a row: CloudFormation follows none.
const MAX_NESTED: usize = 4;

/// Writes out the macros of a document. `path` is the template's, `parameters` what was given on the command line.
pub(super) fn expand(
    document: &mut Document,
    sources: &mut SourceMap,
    path: &Path,
    parameters: &BTreeMap<String, String>,
) -> Vec<Diagnostic> {
    let concerned = document.keys().any(|key| key == include::TRANSFORM || for_each::is_loop(key));
    if !concerned && !include::at_top(document) {
        return Vec::new();
    }
    let path = path.to_path_buf();
    let mut expander = Expander {
        document,
        sources,
        parameters,
        notes: Vec::new(),
        done: BTreeMap::new(),
        including: vec![path],
        included: 0,
        copied: 0,
    };
    let root = expander.document.root();
    let root = expander.top(root);
    let (size, depth) = (expander.document.size(root), expander.document.depth(root));
    let mut notes = expander.notes;
    if size > MAX_NODES || depth > MAX_DEPTH {
        let help = "what its macros make is not audited; audit a smaller template";
        notes.push(Diagnostic::warning(document.span(root), "too large once its macros are written out", help));
    } else {
        document.set_root(root);
    }
    notes
}

struct Expander<'a> {
    document: &'a mut Document,
    sources: &'a mut SourceMap,
    parameters: &'a BTreeMap<String, String>,
    notes: Vec<Diagnostic>,
    /// Nodes written out already, per including file: an anchor is looked at once.
    done: BTreeMap<NodeId, NodeId>,
    /// The files that are being read, each included by the one before it.
    including: Vec<PathBuf>,
    included: usize,
    /// Nodes that loops have made.
    copied: u32,
}

impl Expander<'_> {
    /// A node with everything below it written out. Recursion is bounded by the documents' depth and by
    /// [`MAX_NESTED`].
    fn node(&mut self, id: NodeId) -> NodeId {
        if let Some(done) = self.done.get(&id) {
            return *done;
        }
        let span = self.document.span(id);
        let new = match self.document.value(id).clone() {
            Value::Scalar(_) => id,
            Value::Sequence(items) => {
                let new: Vec<NodeId> = items.iter().map(|item| self.node(*item)).collect();
                if new == items { id } else { self.document.push(span, Value::Sequence(new)) }
            }
            Value::Mapping(entries) => self.mapping(id, span, &entries),
        };
        self.done.insert(id, new);
        new
    }

    fn mapping(&mut self, id: NodeId, span: Span, entries: &[Entry]) -> NodeId {
        let called = |key: &str| for_each::is_loop(key) || key == include::TRANSFORM;
        if !entries.iter().any(|entry| called(&entry.key)) {
            return self.plain(id, span, entries);
        }
        let mut new: Vec<Entry> = Vec::with_capacity(entries.len());
        for entry in entries {
            if for_each::is_loop(&entry.key)
                && let Some(made) = self.repeat(entry)
            {
                made.into_iter().for_each(|entry| insert(&mut new, entry));
            } else if entry.key.as_ref() == include::TRANSFORM
                && let Some(included) = self.include(entry.value)
            {
                if entries.len() == 1 {
                    return included;
                }
                self.document.entries(included).to_vec().into_iter().for_each(|entry| insert(&mut new, entry));
            } else {
                let value = self.node(entry.value);
                insert(&mut new, Entry { value, ..entry.clone() });
            }
        }
        if new == entries { id } else { self.document.push(span, Value::Mapping(new)) }
    }

    /// A mapping without a macro of its own: its keys stay as they are.
    fn plain(&mut self, id: NodeId, span: Span, entries: &[Entry]) -> NodeId {
        let new: Vec<Entry> =
            entries.iter().map(|entry| Entry { value: self.node(entry.value), ..entry.clone() }).collect();
        if new == entries { id } else { self.document.push(span, Value::Mapping(new)) }
    }

    fn warn(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.notes.push(Diagnostic::warning(span, message, help));
    }
}

/// Adds an entry; a key that is there already is overruled, as in any mapping.
fn insert(entries: &mut Vec<Entry>, entry: Entry) {
    match entries.iter_mut().find(|known| known.key == entry.key) {
        Some(known) => *known = entry,
        None => entries.push(entry),
    }
}
