//! `Fn::ForEach`.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-foreach.html>

use super::Expander;
use crate::template::document::{Document, Entry, MAX_NODES, NodeId, Scalar, Value};

const PREFIX: &str = "Fn::ForEach::";

/// Whether a mapping's key is a loop.
pub(super) fn is_loop(key: &str) -> bool {
    key.starts_with(PREFIX)
}

/// The variable of a loop with one of its values.
struct Binding<'t> {
    name: &'t str,
    value: &'t str,
}

impl Expander<'_> {
    /// The entries that a loop makes; `None`, with a note, if its collection can't be known.
    pub(super) fn repeat(&mut self, entry: &Entry) -> Option<Vec<Entry>> {
        let made = self.made(entry);
        if made.is_none() {
            let message = format!("`{}` can't be written out: what it makes is not audited", entry.key);
            let help =
                "audit the template that the transform gives, or name the collection's parameter by `--parameter`";
            self.warn(entry.key_span, message, help);
        }
        made
    }

    fn made(&mut self, entry: &Entry) -> Option<Vec<Entry>> {
        let [variable, collection, body] = *self.document.items(entry.value) else { return None };
        let variable = self.document.text(variable)?.into_owned();
        let values = self.collection(collection)?;
        self.copied = self.copied.saturating_add(u32::try_from(values.len()).unwrap_or(u32::MAX));
        if self.copied > MAX_NODES {
            return None;
        }
        let body = self.document.entries(body).to_vec();
        let mut made = Vec::new();
        for value in &values {
            let binding = Binding { name: &variable, value };
            for entry in &body {
                let entry = self.bound_entry(entry, &binding)?;
                if is_loop(&entry.key) {
                    made.extend(self.repeat(&entry)?);
                } else {
                    let value = self.node(entry.value);
                    made.push(Entry { value, ..entry });
                }
            }
        }
        Some(made)
    }

    /// The values that a loop runs over: literals, a list parameter, an entry of `Mappings`.
    fn collection(&self, node: NodeId) -> Option<Vec<String>> {
        let document = &*self.document;
        if let Value::Sequence(items) = document.value(node) {
            let values = items.iter().map(|item| self.item(*item));
            return values.collect::<Option<Vec<_>>>().map(|lists| lists.into_iter().flatten().collect());
        }
        self.item(node)
    }

    fn item(&self, node: NodeId) -> Option<Vec<String>> {
        let document = &*self.document;
        if let Some(text) = document.text(node) {
            return Some(vec![text.into_owned()]);
        }
        let call = document.intrinsic(node)?;
        match &*call.key {
            "Ref" => self.parameter(&document.text(call.value)?),
            "Fn::FindInMap" => {
                let mut at = document.get(document.root(), "Mappings")?;
                for key in document.items(call.value) {
                    at = document.get(at, &document.text(*key)?)?;
                }
                document.items(at).iter().map(|item| document.text(*item).map(Into::into)).collect()
            }
            _ => None,
        }
    }

    fn parameter(&self, name: &str) -> Option<Vec<String>> {
        let document = &*self.document;
        let parameter = document.get(document.get(document.root(), "Parameters")?, name)?;
        let default = || Some(document.text(document.get(parameter, "Default")?)?.into_owned());
        let text = self.parameters.get(name).cloned().or_else(default)?;
        Some(text.split(',').map(|item| item.trim().to_owned()).collect())
    }

    /// `None` if the loops have made too much.
    fn bound_entry(&mut self, entry: &Entry, binding: &Binding) -> Option<Entry> {
        let value = self.bound(entry.value, binding)?;
        Some(Entry { key: binding.put_into(&entry.key).into(), key_span: entry.key_span, value })
    }

    /// A copy of a node with the variable replaced.
    fn bound(&mut self, id: NodeId, binding: &Binding) -> Option<NodeId> {
        self.copied += 1;
        if self.copied > MAX_NODES {
            return None;
        }
        let span = self.document.span(id);
        let value = match self.document.value(id).clone() {
            Value::Scalar(scalar) => {
                let text = binding.put_into(&scalar.text).into();
                Value::Scalar(Scalar { text, ..scalar })
            }
            Value::Mapping(_) if binding.is_reference(self.document, id) => {
                Value::Scalar(Scalar { text: binding.value.into(), quoted: true })
            }
            Value::Sequence(items) => {
                Value::Sequence(items.into_iter().map(|item| self.bound(item, binding)).collect::<Option<_>>()?)
            }
            Value::Mapping(entries) => {
                let entries = entries.iter().map(|entry| self.bound_entry(entry, binding));
                Value::Mapping(entries.collect::<Option<_>>()?)
            }
        };
        Some(self.document.push(span, value))
    }
}

impl Binding<'_> {
    /// `${Name}` is the value, `&{Name}` the value without anything but letters and digits.
    fn put_into(&self, text: &str) -> String {
        if !text.contains('{') {
            return text.to_owned();
        }
        let plain: String = self.value.chars().filter(char::is_ascii_alphanumeric).collect();
        text.replace(&format!("${{{}}}", self.name), self.value).replace(&format!("&{{{}}}", self.name), &plain)
    }

    fn is_reference(&self, document: &Document, id: NodeId) -> bool {
        let call = document.intrinsic(id).filter(|call| &*call.key == "Ref");
        call.and_then(|call| document.text(call.value)).as_deref() == Some(self.name)
    }
}
