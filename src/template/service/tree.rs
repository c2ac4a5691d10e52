//! Configuration of services as one kind of tree, whatever it is written in: a template's own nodes, a definition file,
//! JSON in a string, a mapping template, a resolver's JavaScript.

use crate::dynamodb::symbolic::Symbolic;
use crate::source::Span;
use crate::template::document::{Document, NodeId, Value};
use crate::template::resolve::{Got, Resolver, When};

/// Levels that are followed; a document's own limit is the same.
pub(super) const MAX_DEPTH: u32 = 200;
/// Nodes of one definition.
pub(super) const MAX_NODES: usize = 200_000;

/// A node with its place.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub tree: Tree,
    pub span: Span,
}

/// What a node is.
#[derive(Debug, Clone)]
pub(super) enum Tree {
    /// A string, number or word; unknown parts are holes.
    Text(Symbolic),
    /// Something that can't be told.
    Opaque,
    List(Vec<Node>),
    Map(Map),
    /// One of these.
    Either(Vec<Node>),
}

/// A mapping. A key may be there several times, under conditions.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    pub members: Vec<Member>,
    /// Whether there may be members that can't be seen.
    pub open: bool,
}

#[derive(Debug, Clone)]
pub(super) struct Member {
    pub key: String,
    /// The key, with what isn't known of it.
    pub name: Symbolic,
    pub value: Node,
    /// Whether it is there only sometimes.
    pub conditional: bool,
}

/// What is known of a member of a mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Texts {
    /// Its values.
    pub known: Vec<Symbolic>,
    /// Whether it may have another value.
    pub unknown: bool,
    /// Whether it may be absent.
    pub absent: bool,
}

impl Node {
    pub fn new(tree: Tree, span: Span) -> Self {
        Self { tree, span }
    }

    /// The node itself, or what it may be.
    pub fn alternatives(&self) -> Vec<&Node> {
        match &self.tree {
            Tree::Either(nodes) => nodes.iter().flat_map(Node::alternatives).collect(),
            _ => vec![self],
        }
    }

    /// The mappings that it may be.
    pub fn maps(&self) -> impl Iterator<Item = &Map> {
        self.alternatives().into_iter().filter_map(|node| match &node.tree {
            Tree::Map(map) => Some(map),
            _ => None,
        })
    }

    /// Whether it is a mapping on every branch.
    pub fn is_map(&self) -> bool {
        self.alternatives().iter().all(|node| matches!(node.tree, Tree::Map(_)))
    }

    /// Its members of this key.
    pub fn members(&self, key: &str) -> impl Iterator<Item = &Member> {
        self.maps().flat_map(move |map| map.members.iter().filter(move |member| member.key == key))
    }

    /// Its first member of this key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.members(key).next().map(|member| &member.value)
    }

    /// The items of the lists that it may be.
    pub fn items(&self) -> impl Iterator<Item = &Node> {
        self.alternatives().into_iter().flat_map(|node| match &node.tree {
            Tree::List(items) => items.iter(),
            _ => [].iter(),
        })
    }

    /// The texts that it may be.
    pub fn texts(&self) -> Texts {
        let mut texts = Texts::default();
        for node in self.alternatives() {
            match &node.tree {
                Tree::Text(text) if !texts.known.contains(text) => texts.known.push(text.clone()),
                Tree::Text(_) => {}
                _ => texts.unknown = true,
            }
        }
        texts
    }

    /// The texts that a member may be.
    pub fn texts_of(&self, key: &str) -> Texts {
        let mut all = Texts::default();
        let mut maps = 0;
        for map in self.maps() {
            maps += 1;
            let of_key: Vec<&Member> = map.members.iter().filter(|member| member.key == key).collect();
            all.absent |= of_key.iter().all(|member| member.conditional);
            all.unknown |= map.open && of_key.is_empty();
            for texts in of_key.iter().map(|member| member.value.texts()) {
                all.unknown |= texts.unknown;
                all.known.extend(texts.known);
            }
        }
        all.unknown |= maps < self.alternatives().len();
        all.known.dedup();
        all
    }
}

/// A node of the template, its intrinsics resolved.
pub(super) fn of_template<'d>(r: &Resolver<'d>, node: NodeId, when: &When<'d>) -> Node {
    resolved(r, node, when, MAX_DEPTH)
}

fn resolved<'d>(r: &Resolver<'d>, node: NodeId, when: &When<'d>, depth: u32) -> Node {
    let span = r.doc.span(node);
    let Some(depth) = depth.checked_sub(1).filter(|_| r.spend(1)) else { return Node::new(Tree::Opaque, span) };
    let mut branches = Vec::new();
    for alt in r.branches(node, when) {
        match alt.got {
            Got::Unset => {}
            Got::Unknown(span) => branches.push(Node::new(Tree::Opaque, span)),
            Got::Is(node) => branches.push(branch(r, node, &alt.when, depth)),
        }
    }
    match branches.len() {
        1 => branches.remove(0),
        0 => Node::new(Tree::Map(Map::default()), span),
        _ => Node::new(Tree::Either(branches), span),
    }
}

fn branch<'d>(r: &Resolver<'d>, node: NodeId, when: &When<'d>, depth: u32) -> Node {
    let span = r.doc.span(node);
    let texts = || {
        let known = r.strings(node, when).into_iter().filter_map(|alt| match alt.got {
            Got::Is(text) => Some(Node::new(Tree::Text(text.value), span)),
            Got::Unset => None,
            Got::Unknown(span) => Some(Node::new(Tree::Opaque, span)),
        });
        let mut known: Vec<Node> = known.collect();
        if known.len() == 1 { known.remove(0) } else { Node::new(Tree::Either(known), span) }
    };
    match r.doc.value(node) {
        Value::Scalar(_) => texts(),
        Value::Mapping(_) if r.doc.intrinsic(node).is_some_and(|call| &*call.key != "Condition") => texts(),
        Value::Sequence(items) => {
            let items = items.iter().map(|item| resolved(r, *item, when, depth)).collect();
            Node::new(Tree::List(items), span)
        }
        Value::Mapping(entries) => {
            let mut map = Map::default();
            for entry in entries {
                // What `Fn::Transform` beside other keys puts in can't be seen.
                map.open |= entry.key.starts_with("Fn::");
                let value = resolved(r, entry.value, when, depth);
                let name = Symbolic::text(&*entry.key);
                map.members.push(Member { key: entry.key.to_string(), name, value, conditional: false });
            }
            Node::new(Tree::Map(map), span)
        }
    }
}

/// A document that is no template: a definition file.
pub(super) fn of_document(doc: &Document) -> Node {
    plain(doc, doc.root())
}

/// The document was read within its limits of depth and size.
fn plain(doc: &Document, node: NodeId) -> Node {
    let tree = match doc.value(node) {
        Value::Scalar(_) => doc.text(node).map_or(Tree::Opaque, |text| Tree::Text(Symbolic::text(text))),
        Value::Sequence(items) => Tree::List(items.iter().map(|item| plain(doc, *item)).collect()),
        Value::Mapping(entries) => {
            let member = |entry: &crate::template::document::Entry| Member {
                key: entry.key.to_string(),
                name: Symbolic::text(&*entry.key),
                value: plain(doc, entry.value),
                conditional: false,
            };
            Tree::Map(Map { members: entries.iter().map(member).collect(), open: false })
        }
    };
    Node::new(tree, doc.span(node))
}
