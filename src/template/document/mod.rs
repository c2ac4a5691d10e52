//! The spanned document: a template's text as a tree of scalars, sequences and mappings, each with its place.
//!
//! YAML and JSON give the same tree, short tags (`!Ref`) the same nodes as the long form (`Ref:`). Nodes live in an
//! arena and an alias is the anchor's own [`NodeId`], so that an alias bomb costs nothing to hold; the size and depth
//! that it would have when expanded are checked once, and walking the tree is safe afterwards. What a node means is
//! left to the rest of the room. Nothing outside this module names the parser.

mod build;
mod check;
mod mapping;
mod scalar;
#[cfg(test)]
mod tests;

pub(crate) use mapping::Entries;
pub use scalar::Typed;

use crate::source::{FileId, Span};

/// Nodes that a document may have, aliases counted as often as they are used.
pub(crate) const MAX_NODES: u32 = 400_000;
/// Levels of nesting that a document may have, aliases followed.
pub(crate) const MAX_DEPTH: u32 = 200;
/// Bytes that a template may have: four times what `CloudFormation` accepts.
pub(crate) const MAX_BYTES: u64 = 4 << 20;

/// A node of a [`Document`]. Only valid for the document that gave it out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(u32);

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key's text.
    pub key: Box<str>,
    /// The key; for a short tag, the tag.
    pub key_span: Span,
    /// The value.
    pub value: NodeId,
}

/// A scalar as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// The text, escapes and line folding resolved.
    pub text: Box<str>,
    /// Whether it was quoted, a block scalar, or tagged `!!str`: then it is text whatever it looks like.
    pub quoted: bool,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A scalar.
    Scalar(Scalar),
    /// A sequence.
    Sequence(Vec<NodeId>),
    /// A mapping in the order of its text. Keys are unique: of duplicates the last one is kept.
    Mapping(Vec<Entry>),
}

/// A key that a mapping has more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateKey {
    /// The key's text.
    pub key: Box<str>,
    /// The keys that lead to the mapping, outermost first; an item of a sequence is its index.
    pub path: Vec<Box<str>>,
    /// The places that are overruled, in the order of the text; at least one.
    pub earlier: Vec<Span>,
    /// The place that wins.
    pub last: Span,
    /// Whether all have the same value, so that nothing is lost.
    pub same: bool,
}

#[derive(Debug)]
struct Node {
    span: Span,
    value: Value,
    /// Nodes under and including this one, aliases expanded; saturating.
    size: u32,
    /// Levels under and including this one, aliases followed.
    depth: u32,
}

/// A parsed template.
#[derive(Debug)]
pub struct Document {
    nodes: Vec<Node>,
    root: NodeId,
    duplicates: Vec<DuplicateKey>,
}

impl Document {
    /// Parses `text`, the whole text of `file`. `name` is the file's name for messages.
    pub fn parse(file: FileId, name: &str, text: &str) -> Result<Self, crate::template::TemplateError> {
        check::check(file, name, text)?;
        build::build(file, name, text)
    }

    /// The outermost node.
    pub fn root(&self) -> NodeId {
        self.root
    }

    /// Keys that some mapping has more than once, in the order of the text.
    pub fn duplicates(&self) -> &[DuplicateKey] {
        &self.duplicates
    }

    /// What a node is.
    pub fn value(&self, id: NodeId) -> &Value {
        &self.node(id).value
    }

    /// Where a node stands; for an alias, where its anchor's text stands.
    pub fn span(&self, id: NodeId) -> Span {
        self.node(id).span
    }

    /// Nodes under and including this one, aliases expanded.
    pub fn size(&self, id: NodeId) -> u32 {
        self.node(id).size
    }

    /// The entries of a mapping; none for anything else.
    pub fn entries(&self, id: NodeId) -> &[Entry] {
        match self.value(id) {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for anything else.
    pub fn items(&self, id: NodeId) -> &[NodeId] {
        match self.value(id) {
            Value::Sequence(items) => items,
            _ => &[],
        }
    }

    /// The items of a sequence; of anything else, itself: `Action: a` is short for `Action: [a]`.
    pub fn one_or_all<'s>(&'s self, id: &'s NodeId) -> &'s [NodeId] {
        match self.items(*id) {
            [] => std::slice::from_ref(id),
            items => items,
        }
    }

    /// A mapping's entry by key.
    pub fn entry(&self, id: NodeId, key: &str) -> Option<&Entry> {
        self.entries(id).iter().find(|entry| &*entry.key == key)
    }

    /// A mapping's value by key.
    pub fn get(&self, id: NodeId, key: &str) -> Option<NodeId> {
        self.entry(id, key).map(|entry| entry.value)
    }

    /// A scalar's text as `CloudFormation` sees it after typing (`yes` is `true`, `012` is `10`); `None` for null and
    /// for anything but a scalar.
    pub fn text(&self, id: NodeId) -> Option<std::borrow::Cow<'_, str>> {
        match self.value(id) {
            Value::Scalar(scalar) => scalar.typed().text(),
            _ => None,
        }
    }

    /// Whether a node is an empty scalar, `~` or `null`.
    pub fn is_null(&self, id: NodeId) -> bool {
        matches!(self.value(id), Value::Scalar(scalar) if scalar.typed() == Typed::Null)
    }

    /// The one entry of a mapping that has exactly one: the shape of an intrinsic.
    pub fn single(&self, id: NodeId) -> Option<&Entry> {
        match self.entries(id) {
            [entry] => Some(entry),
            _ => None,
        }
    }

    /// The call that a node makes if it is an intrinsic (`Ref`, `Condition`, `Fn::…`).
    pub fn intrinsic(&self, id: NodeId) -> Option<&Entry> {
        self.single(id).filter(|entry| is_intrinsic(&entry.key))
    }

    /// Adds a node that stands for text elsewhere in the document (merged Globals).
    pub(crate) fn push(&mut self, span: Span, value: Value) -> NodeId {
        let (size, depth) = self.measure(&value);
        self.nodes.push(Node { span, value, size, depth });
        NodeId(u32::try_from(self.nodes.len() - 1).expect("the arena is capped far below 2^32 nodes"))
    }

    /// Gives a mapping's entry another value.
    pub(crate) fn set_entry(&mut self, mapping: NodeId, key: &str, value: NodeId) {
        if let Value::Mapping(entries) = &mut self.nodes[mapping.0 as usize].value {
            entries.iter_mut().filter(|entry| &*entry.key == key).for_each(|entry| entry.value = value);
        }
    }

    /// Adds another document's nodes; gives its root.
    pub(crate) fn graft(&mut self, other: Self) -> NodeId {
        let shift = u32::try_from(self.nodes.len()).expect("the arena is capped far below 2^32 nodes");
        let moved = |id: NodeId| NodeId(id.0 + shift);
        let root = moved(other.root);
        self.nodes.extend(other.nodes.into_iter().map(|mut node| {
            match &mut node.value {
                Value::Scalar(_) => {}
                Value::Sequence(items) => items.iter_mut().for_each(|item| *item = moved(*item)),
                Value::Mapping(entries) => entries.iter_mut().for_each(|entry| entry.value = moved(entry.value)),
            }
            node
        }));
        self.duplicates.extend(other.duplicates);
        root
    }

    /// Makes another node the outermost.
    pub(crate) fn set_root(&mut self, root: NodeId) {
        self.root = root;
    }

    /// Levels under and including a node, aliases followed.
    pub(crate) fn depth(&self, id: NodeId) -> u32 {
        self.node(id).depth
    }

    /// Every intrinsic's call, in no order that matters.
    pub(crate) fn calls(&self) -> impl Iterator<Item = (NodeId, &Entry)> {
        let ids = (0..self.nodes.len()).filter_map(|at| u32::try_from(at).ok()).map(NodeId);
        ids.filter_map(|id| Some((id, self.intrinsic(id)?)))
    }

    /// Every mapping's keys, in no order that matters.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        let entries = self.nodes.iter().filter_map(|node| match &node.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        });
        entries.flatten().map(|entry| &*entry.key)
    }

    /// Nodes held, each counted once.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    fn measure(&self, value: &Value) -> (u32, u32) {
        let fold = |(size, depth): (u32, u32), id: NodeId| {
            let node = self.node(id);
            (size.saturating_add(node.size), depth.max(node.depth.saturating_add(1)))
        };
        match value {
            Value::Scalar(_) => (1, 1),
            Value::Sequence(items) => items.iter().copied().fold((1, 1), fold),
            Value::Mapping(entries) => entries.iter().map(|entry| entry.value).fold((1, 1), fold),
        }
    }
}

/// Whether a key calls an intrinsic when it is the only one of its mapping.
pub(crate) fn is_intrinsic(key: &str) -> bool {
    key == "Ref" || key == "Condition" || key.starts_with("Fn::")
}
