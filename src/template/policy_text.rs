//! Policy documents that are given as JSON text, as CloudFormation takes them too (`PolicyDocument: !Sub '{…}'`): turned into
//! nodes like those of all others. Their places are the text's.

use super::document::{Document, Entry, NodeId, Scalar, Value};
use crate::source::Span;
use serde_json::Value as Json;

/// What holds policy documents, and which.
const DOCUMENTS: [&str; 2] = ["PolicyDocument", "AssumeRolePolicyDocument"];
/// Levels of a policy document, generously.
const MAX_LEVELS: u32 = 16;

/// A document to be put into an entry of a mapping.
struct Found {
    mapping: NodeId,
    key: &'static str,
    json: Json,
    span: Span,
    /// Whether the text is a pattern of `Fn::Sub`, and the variables that this has besides.
    is_pattern: bool,
    variables: Option<NodeId>,
}

/// Spells out the texts of a template's roles and policies that are JSON; leaves others as they are.
pub(super) fn spell_out(document: &mut Document) {
    for found in found(document) {
        if let Some(node) = node(document, &found.json, &found, MAX_LEVELS) {
            document.set_entry(found.mapping, found.key, node);
        }
    }
}

fn found(document: &Document) -> Vec<Found> {
    let mut out = Vec::new();
    let resources = document.get(document.root(), "Resources");
    for resource in resources.map(|node| document.entries(node)).unwrap_or_default() {
        let kind = document.get(resource.value, "Type").and_then(|kind| document.text(kind));
        let Some(properties) = document.get(resource.value, "Properties") else { continue };
        if !kind.is_some_and(|kind| kind.starts_with("AWS::IAM::")) {
            continue;
        }
        let inline = document.get(properties, "Policies").map(|node| document.items(node)).unwrap_or_default();
        for mapping in std::iter::once(properties).chain(inline.iter().copied()) {
            out.extend(DOCUMENTS.into_iter().filter_map(|key| of_entry(document, mapping, key)));
        }
    }
    out
}

fn of_entry(document: &Document, mapping: NodeId, key: &'static str) -> Option<Found> {
    let given = document.get(mapping, key)?;
    let sub = document.intrinsic(given).filter(|call| &*call.key == "Fn::Sub");
    let (text, variables) = match sub.map(|call| (call.value, document.items(call.value))) {
        None => (given, None),
        Some((text, [])) => (text, None),
        Some((_, [text, variables])) => (*text, Some(*variables)),
        Some(_) => return None,
    };
    let span = document.span(text);
    let Value::Scalar(text) = document.value(text) else { return None };
    let json: Json = serde_json::from_str(&text.text).ok().filter(Json::is_object)?;
    Some(Found { mapping, key, json, span, is_pattern: sub.is_some(), variables })
}

fn node(document: &mut Document, json: &Json, found: &Found, levels: u32) -> Option<NodeId> {
    let levels = levels.checked_sub(1)?;
    let value = match json {
        Json::Array(items) => {
            Value::Sequence(items.iter().map(|item| node(document, item, found, levels)).collect::<Option<_>>()?)
        }
        Json::Object(members) => {
            let mut entries = Vec::new();
            for (key, member) in members {
                let value = node(document, member, found, levels)?;
                entries.push(Entry { key: key.as_str().into(), key_span: found.span, value });
            }
            Value::Mapping(entries)
        }
        Json::String(text) => return Some(string(document, text, found)),
        other => Value::Scalar(Scalar { text: other.to_string().into(), quoted: false }),
    };
    Some(document.push(found.span, value))
}

/// A string of the text, which `Fn::Sub` has its way with where the text is its pattern.
fn string(document: &mut Document, text: &str, found: &Found) -> NodeId {
    let scalar = document.push(found.span, Value::Scalar(Scalar { text: text.into(), quoted: true }));
    if !found.is_pattern || !text.contains("${") {
        return scalar;
    }
    let argument = match found.variables {
        Some(map) => document.push(found.span, Value::Sequence(vec![scalar, map])),
        None => scalar,
    };
    let call = Entry { key: "Fn::Sub".into(), key_span: found.span, value: argument };
    document.push(found.span, Value::Mapping(vec![call]))
}
