//! SAM's `Globals`, merged into the resources that inherit them.
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>

use super::document::{Document, Entries, Entry, NodeId, Value};
use std::collections::BTreeMap;

/// Entries that merging may copy in one template: functions times global properties.
const MAX_COPIED: usize = 300_000;

/// Properties that a function never inherits, whatever `Globals` says.
const NEVER: &[&str] = &["Role", "Policies", "Events"];

/// Resources with what they inherit.
#[derive(Default)]
pub(super) struct Merged {
    /// The properties of every resource that inherits any, by logical id.
    pub properties: BTreeMap<String, NodeId>,
    /// Whether there was more to inherit than [`MAX_COPIED`].
    pub truncated: bool,
}

/// Merges `Globals` into the resources of their kinds.
pub(super) fn merge(document: &mut Document) -> Merged {
    let root = document.root();
    let mut merged = Merged::default();
    let (Some(globals), Some(resources)) = (document.get(root, "Globals"), document.get(root, "Resources")) else {
        return merged;
    };
    let sections: Vec<(String, NodeId)> = document
        .entries(globals)
        .iter()
        .map(|entry| (format!("AWS::Serverless::{}", entry.key), entry.value))
        .collect();
    let mut budget = MAX_COPIED;
    for (kind, global) in sections {
        let heirs: Vec<(String, NodeId)> = document
            .entries(resources)
            .iter()
            .filter(|entry| {
                document.get(entry.value, "Type").and_then(|t| document.text(t)).as_deref() == Some(kind.as_str())
            })
            .map(|entry| (entry.key.to_string(), entry.value))
            .collect();
        for (id, body) in heirs {
            let Some(inherited) = inherited(document, global, body) else { continue };
            let span = document.span(global);
            let inherited = document.push(span, Value::Mapping(inherited));
            let properties = match document.get(body, "Properties") {
                Some(local) => combine(document, inherited, local, &mut budget),
                None => inherited,
            };
            merged.properties.insert(id, properties);
        }
    }
    merged.truncated = budget == 0;
    merged
}

/// The global properties that a resource doesn't refuse by `IgnoreGlobals`.
fn inherited(document: &Document, global: NodeId, body: NodeId) -> Option<Vec<Entry>> {
    let ignored = document.get(body, "IgnoreGlobals");
    if ignored.and_then(|node| document.text(node)).as_deref() == Some("*") {
        return None;
    }
    let ignored: Vec<_> = ignored.map_or(&[][..], |list| document.items(list)).to_vec();
    let refused = |key: &str| ignored.iter().any(|node| document.text(*node).as_deref() == Some(key));
    let entries = document.entries(global).iter();
    Some(entries.filter(|entry| !NEVER.contains(&&*entry.key) && !refused(&entry.key)).cloned().collect())
}

/// Maps merge deeply, lists concatenate, else the local value wins. An intrinsic is a scalar.
fn combine(document: &mut Document, global: NodeId, local: NodeId, budget: &mut usize) -> NodeId {
    let span = document.span(local);
    let plain = |document: &Document, node| document.intrinsic(node).is_none();
    match (document.value(global), document.value(local)) {
        (Value::Sequence(first), Value::Sequence(second)) => {
            if !take(budget, first.len() + second.len()) {
                return local;
            }
            let items = first.iter().chain(second).copied().collect();
            document.push(span, Value::Sequence(items))
        }
        (Value::Mapping(first), Value::Mapping(second)) if plain(document, global) && plain(document, local) => {
            if !take(budget, first.len() + second.len()) {
                return local;
            }
            let (first, mut second) = (first.clone(), second.iter().cloned().collect::<Entries>());
            for entry in first {
                match second.position(&entry.key) {
                    Some(at) => second.set_value(at, combine(document, entry.value, second.value(at), budget)),
                    None => second.push(entry),
                }
            }
            document.push(span, Value::Mapping(second.finish()))
        }
        _ => local,
    }
}

/// Both trees were read within the depth limit, so that the recursion above is bounded; its breadth is bounded here.
fn take(budget: &mut usize, amount: usize) -> bool {
    *budget = budget.saturating_sub(amount);
    *budget > 0
}
