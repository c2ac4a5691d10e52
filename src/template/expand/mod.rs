//! What a template says by macro: `AWS::Include` of files beside it, and `Fn::ForEach`. Both are written out before
//! anything else is read, so that the rest of the room sees plain resources.

mod for_each;
mod include;

use super::document::{Document, Entries, Entry, MAX_DEPTH, MAX_NODES, NodeId, Value};
use super::{Diagnostic, TemplateError};
use crate::source::{SourceMap, Span, normalize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Files that one template may include, those included by included ones counted.
const MAX_INCLUDED: usize = 200;
/// Files that include one another in a row: CloudFormation follows none.
const MAX_NESTED: usize = 4;

/// Writes out the macros of a document. `path` is the template's, `parameters` what was given on the command line.
/// With the first circle of files that include themselves, if any: an error is noted at each, and it is not followed.
pub(super) fn expand(
    document: &mut Document,
    sources: &mut SourceMap,
    path: &Path,
    parameters: &BTreeMap<String, String>,
) -> (Vec<Diagnostic>, Option<TemplateError>) {
    let concerned = document.keys().any(|key| key == include::TRANSFORM || for_each::is_loop(key));
    if !concerned && !include::at_top(document) {
        return (Vec::new(), None);
    }
    let root = Including { path: normalize(path), by: None };
    let mut expander = Expander {
        document,
        sources,
        parameters,
        notes: Vec::new(),
        done: BTreeMap::new(),
        including: vec![root],
        circle: None,
        included: 0,
        copied: 0,
    };
    let root = expander.document.root();
    let root = expander.top(root);
    let circle = expander.circle;
    let (size, depth) = (expander.document.size(root), expander.document.depth(root));
    let mut notes = expander.notes;
    if size > MAX_NODES || depth > MAX_DEPTH {
        let help = "what its macros make is not audited; audit a smaller template";
        notes.push(Diagnostic::warning(document.span(root), "too large once its macros are written out", help));
    } else {
        document.set_root(root);
    }
    (notes, circle)
}

/// A file that is being read.
struct Including {
    path: PathBuf,
    /// The place that includes it; none for the template.
    by: Option<Span>,
}

struct Expander<'a> {
    document: &'a mut Document,
    sources: &'a mut SourceMap,
    parameters: &'a BTreeMap<String, String>,
    notes: Vec<Diagnostic>,
    /// Nodes written out already, per including file: an anchor is looked at once.
    done: BTreeMap<NodeId, NodeId>,
    /// The files that are being read, each included by the one before it.
    including: Vec<Including>,
    /// The first file that includes itself.
    circle: Option<TemplateError>,
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
        let mut new = Entries::default();
        for entry in entries {
            if for_each::is_loop(&entry.key)
                && let Some(made) = self.repeat(entry)
            {
                new.extend(made);
            } else if entry.key.as_ref() == include::TRANSFORM
                && let Some(included) = self.include(entry.value)
            {
                if entries.len() == 1 {
                    return included;
                }
                new.extend(self.document.entries(included).iter().cloned());
            } else {
                let value = self.node(entry.value);
                new.insert(Entry { value, ..entry.clone() });
            }
        }
        let new = new.finish();
        if new == entries { id } else { self.document.push(span, Value::Mapping(new)) }
    }

    fn warn(&mut self, span: Span, message: impl Into<String>, help: &str) {
        self.notes.push(Diagnostic::warning(span, message, help));
    }
}
