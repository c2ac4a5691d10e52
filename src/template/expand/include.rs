//! `AWS::Include` of files that lie beside the template.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-include.html>

use super::{Expander, Including, MAX_INCLUDED, MAX_NESTED};
use crate::source::normalize;
use crate::template::document::{Document, Entries, Entry, NodeId, Value};
use crate::template::nested::is_remote;
use crate::template::{Diagnostic, Place, TemplateError, read};

/// The key that calls a macro.
pub(super) const TRANSFORM: &str = "Fn::Transform";
const INCLUDE: &str = "AWS::Include";

/// Whether the template as a whole is a call of the macro: `Transform: {Name: AWS::Include, …}`.
pub(super) fn at_top(document: &Document) -> bool {
    calls(document).iter().any(|call| location(document, *call).is_some())
}

/// The entries of the template's `Transform`.
fn calls(document: &Document) -> Vec<NodeId> {
    let Some(transform) = document.get(document.root(), "Transform") else { return Vec::new() };
    match document.value(transform) {
        Value::Sequence(items) => items.clone(),
        _ => vec![transform],
    }
}

/// Where a call of `AWS::Include` finds its file.
fn location(document: &Document, call: NodeId) -> Option<(NodeId, String)> {
    let name = document.get(call, "Name").and_then(|name| document.text(name));
    let node = document.get(document.get(call, "Parameters")?, "Location")?;
    let text = document.text(node)?.into_owned();
    (name.as_deref() == Some(INCLUDE)).then_some((node, text))
}

impl Expander<'_> {
    /// The whole template: what its `Transform` includes is added to its sections, and what can't be had stays there.
    pub(super) fn top(&mut self, root: NodeId) -> NodeId {
        let mut root = self.node(root);
        let mut left = Vec::new();
        let calls = calls(self.document);
        let all = calls.len();
        for call in calls {
            let Some(included) = self.include(call) else {
                left.push(call);
                continue;
            };
            let mut entries = self.document.entries(root).to_vec();
            for entry in self.document.entries(included).to_vec() {
                self.add_section(&mut entries, entry);
            }
            let span = self.document.span(root);
            root = self.document.push(span, Value::Mapping(entries));
        }
        if left.len() < all {
            let mut entries = self.document.entries(root).to_vec();
            for entry in entries.iter_mut().filter(|entry| &*entry.key == "Transform") {
                entry.value = self.document.push(self.document.span(entry.value), Value::Sequence(left.clone()));
            }
            let span = self.document.span(root);
            root = self.document.push(span, Value::Mapping(entries));
        }
        root
    }

    fn add_section(&mut self, sections: &mut Vec<Entry>, entry: Entry) {
        let Some(at) = sections.iter().position(|section| section.key == entry.key) else {
            return sections.push(entry);
        };
        let both = [sections[at].value, entry.value];
        let entries: Entries = both.iter().flat_map(|node| self.document.entries(*node)).cloned().collect();
        let span = self.document.span(sections[at].value);
        sections[at].value = self.document.push(span, Value::Mapping(entries.finish()));
    }

    /// The root of the file that a call of `AWS::Include` names, written out in its turn; `None` for other macros, and,
    /// with a note, for files that can't be had.
    pub(super) fn include(&mut self, call: NodeId) -> Option<NodeId> {
        let (node, location) = location(self.document, call)?;
        let span = self.document.span(node);
        if is_remote(&location) {
            let help = "audit the template with the file's content in its place";
            self.warn(span, format!("`{location}` is not beside the template: what it includes is not audited"), help);
            return None;
        }
        let folder =
            self.including.last().and_then(|file| file.path.parent()).map(ToOwned::to_owned).unwrap_or_default();
        let path = normalize(&folder.join(&location));
        if let Some(at) = self.including.iter().position(|file| file.path == path) {
            let first = self.including.get(at + 1).and_then(|file| file.by).unwrap_or(span);
            let place = |span| Place::of(self.sources, span);
            let circle = TemplateError::Circular { at: place(first), by: place(span), how: "included" };
            self.notes.push(Diagnostic::error(span, format!("not audited: {circle}"), circle.help()));
            self.circle.get_or_insert(circle);
            return None;
        }
        if self.included >= MAX_INCLUDED || self.including.len() > MAX_NESTED {
            self.warn(span, format!("`{location}` is included by too many"), "include it by the template itself");
            return None;
        }
        self.included += 1;
        let parsed = read::text(self.sources, &path).and_then(|read| read.parse());
        match parsed {
            Err(error) => {
                self.warn(span, format!("what is included is not audited: {error}"), error.help());
                None
            }
            Ok(document) => {
                let root = self.document.graft(document);
                self.including.push(Including { path, by: Some(span) });
                let root = self.node(root);
                self.including.pop();
                Some(root)
            }
        }
    }
}
