//! What the checks look at, and how they note a fault.

use crate::source::Span;
use crate::template::Resource;
use crate::template::diagnostic::Diagnostic;
use crate::template::document::{Document, NodeId, Typed, Value};
use crate::template::resolve::Resolver;
use std::collections::BTreeMap;

/// What the checks look at.
pub(super) struct Check<'d, 'r> {
    pub r: &'r Resolver<'d>,
    pub doc: &'d Document,
    /// The template's parameters by name.
    pub parameters: BTreeMap<&'d str, NodeId>,
    pub resources: &'r BTreeMap<&'d str, &'r Resource<'d>>,
}

impl<'d> Check<'d, '_> {
    /// Notes a fault: `what` is wrong there.
    pub fn refuse(&self, span: Span, what: impl AsRef<str>, help: &str) {
        let message = format!("`sam deploy` refuses this template: {}", what.as_ref());
        self.r.report(Diagnostic::error(span, message, help));
    }

    /// Notes a fault that a later version of SAM may not find.
    pub fn refuse_for_now(&self, span: Span, what: impl AsRef<str>, help: &str) {
        let message = format!("`sam deploy` refuses this template: {}", what.as_ref());
        self.r.report(Diagnostic { dated: true, ..Diagnostic::error(span, message, help) });
    }

    /// A property that is set, if any: null counts as absent.
    pub fn get(&self, node: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.doc.get(node?, key).filter(|value| !self.doc.is_null(*value))
    }

    /// A property as the translator's `if value:` sees it.
    pub fn truthy(&self, node: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.get(node, key).filter(|value| self.is_truthy(*value))
    }

    /// Whether a mapping that may be long has such a property. It is paid for by its length; when that is spent, all
    /// are taken to be there.
    pub fn has(&self, node: Option<NodeId>, key: &str) -> bool {
        let length = node.map_or(0, |node| self.doc.entries(node).len());
        !self.r.spend(length) || self.truthy(node, key).is_some()
    }

    /// Whether a value is neither null, false, zero nor empty.
    pub fn is_truthy(&self, node: NodeId) -> bool {
        match self.doc.value(node) {
            Value::Scalar(scalar) => match scalar.typed() {
                Typed::Null | Typed::Bool(false) | Typed::Int(0) => false,
                Typed::Text(text) => !text.is_empty(),
                _ => true,
            },
            Value::Sequence(items) => !items.is_empty(),
            Value::Mapping(entries) => !entries.is_empty(),
        }
    }

    /// Notes a fault of a value.
    pub fn refuse_node(&self, node: NodeId, what: impl AsRef<str>, help: &str) {
        self.refuse(self.doc.span(node), what, help);
    }

    /// Whether a value is a mapping; a fault if it isn't. An intrinsic counts as the mapping that it is.
    pub fn expect_map(&self, node: NodeId, what: &str) -> bool {
        let sound = self.is_map(node);
        if !sound {
            self.refuse_node(node, format!("{what} must be a mapping"), "write it as `Name: value` pairs");
        }
        sound
    }

    /// The items of a value; a fault if it isn't a list.
    pub fn expect_list(&self, node: NodeId, what: &str) -> &'d [NodeId] {
        if !matches!(self.doc.value(node), Value::Sequence(_)) {
            self.refuse_node(node, format!("{what} must be a list"), "write each as an item, with `-`");
        }
        self.doc.items(node)
    }

    /// The text of a value; a fault if it isn't one, or is an intrinsic.
    pub fn expect_text(&self, node: NodeId, what: &str) -> Option<&'d str> {
        let text = self.literal(node);
        if text.is_none() {
            self.refuse_node(
                node,
                format!("{what} must be a plain text"),
                "write it out, without an intrinsic function",
            );
        }
        text
    }

    /// [`Check::expect_text`], where SAM puts a parameter's value in its place. Of one without a default nothing is
    /// known. Of what CloudFormation sets, SAM knows only these two.
    pub fn known_text(&self, node: NodeId, what: &str) -> Option<&'d str> {
        let given =
            |name: &&str| matches!(*name, "AWS::Region" | "AWS::Partition") || self.parameters.contains_key(name);
        let own = self.parameter(node).filter(given);
        let Some(name) = own else { return self.expect_text(node, what) };
        if !self.r.keeps_default(name) {
            return None;
        }
        self.literal(self.doc.get(*self.parameters.get(name)?, "Default")?)
    }

    /// Whether a value is a parameter, the template's own or one that CloudFormation sets.
    pub fn is_parameter(&self, node: NodeId) -> bool {
        self.parameter(node).is_some()
    }

    fn parameter(&self, node: NodeId) -> Option<&'d str> {
        let call = self.doc.intrinsic(node).filter(|call| &*call.key == "Ref")?;
        let name = self.literal(call.value)?;
        let set = name.starts_with("AWS::") && name != "AWS::NoValue";
        (set || self.parameters.contains_key(name)).then_some(name)
    }

    /// A fault if a value isn't one of these texts.
    pub fn expect_one_of(&self, node: NodeId, what: &str, known: &[&str]) {
        if !self.literal(node).is_some_and(|text| known.contains(&text)) {
            let help = format!("it is one of {}", known.join(", "));
            self.refuse_node(node, format!("{what} is none that SAM knows"), &help);
        }
    }

    /// Entries whose keys aren't among these are faults.
    pub fn expect_keys(&self, node: NodeId, what: &str, known: &[&str]) {
        for entry in self.doc.entries(node).iter().filter(|entry| !known.contains(&&*entry.key)) {
            let help = format!("it may have {}", known.join(", "));
            self.refuse(entry.key_span, format!("{what} can't have `{}`", entry.key), &help);
        }
    }

    /// Whether a value is written as `true` or `false`.
    pub fn is_bool(&self, node: NodeId) -> bool {
        matches!(self.doc.value(node), Value::Scalar(scalar) if matches!(scalar.typed(), Typed::Bool(_)))
    }

    /// Whether a value is written as an integer.
    pub fn is_integer(&self, node: NodeId) -> bool {
        matches!(self.doc.value(node), Value::Scalar(scalar) if matches!(scalar.typed(), Typed::Int(_) | Typed::Bool(_)))
    }

    /// Whether a value is written as `true`.
    pub fn is_true(&self, node: NodeId) -> bool {
        matches!(self.doc.value(node), Value::Scalar(scalar) if scalar.typed() == Typed::Bool(true))
    }

    /// A text scalar; not a number, not an intrinsic.
    pub fn literal(&self, node: NodeId) -> Option<&'d str> {
        literal(self.doc, node)
    }

    /// Whether a node is what the translator takes for an intrinsic: a mapping of one key.
    pub fn is_call(&self, node: NodeId) -> bool {
        self.doc.single(node).is_some()
    }

    pub fn is_map(&self, node: NodeId) -> bool {
        matches!(self.doc.value(node), Value::Mapping(_))
    }
}

/// A text scalar; not a number, not an intrinsic.
pub(super) fn literal(doc: &Document, node: NodeId) -> Option<&str> {
    match doc.value(node) {
        Value::Scalar(scalar) => match scalar.typed() {
            Typed::Text(text) | Typed::Timestamp(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
