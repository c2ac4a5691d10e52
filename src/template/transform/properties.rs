//! Properties of SAM's resources and events: which there are, which must be set, and what they may be.

use super::Check;
use crate::dynamodb::words::nearest;
use crate::source::Span;
use crate::template::document::{Document, Entry, NodeId, Typed, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Version of `aws-sam-translator` whose properties the text file has.
const VERSION: &str = "1.115";

/// Kind of a thing with properties, to its properties by name.
type Table = BTreeMap<&'static str, BTreeMap<&'static str, Property>>;

/// A property.
#[derive(Debug, Clone, Copy)]
struct Property {
    /// Letters as in the text file; none for anything.
    kinds: &'static str,
    required: bool,
    /// Whether an intrinsic may stand for it.
    intrinsic: bool,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| parse(include_str!("properties.txt")));

fn parse(text: &'static str) -> Table {
    let mut table = Table::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let kind_words = if line.contains(" event ") && !line.starts_with("AWS::") {
            3
        } else if line.starts_with("globals ") {
            2
        } else {
            1
        };
        let end = line.match_indices(' ').nth(kind_words - 1).map_or(line.len(), |(at, _)| at);
        let (kind, words) = line.split_at(end);
        let mut properties = BTreeMap::new();
        for word in words.split_whitespace() {
            if let Some(shared) = word.strip_prefix('*') {
                properties.extend(table.get(shared).cloned().unwrap_or_default());
            } else {
                let (name, property) = property(word);
                properties.insert(name, property);
            }
        }
        table.insert(kind, properties);
    }
    table
}

/// `Name`, `Name:sm`, `Name:s-!`
fn property(word: &'static str) -> (&'static str, Property) {
    let (word, required) = word.strip_suffix('!').map_or((word, false), |rest| (rest, true));
    let (word, intrinsic) = word.strip_suffix('-').map_or((word, true), |rest| (rest, false));
    let (name, kinds) = word.split_once(':').unwrap_or((word, ""));
    (name, Property { kinds, required, intrinsic })
}

/// Whether there is such a kind (`function event S3`, `globals Function`).
pub(super) fn is_known(kind: &str) -> bool {
    TABLE.contains_key(kind)
}

/// Whether a kind has a property.
pub(super) fn has(kind: &str, property: &str) -> bool {
    TABLE.get(kind).is_some_and(|properties| properties.contains_key(property))
}

/// Reports properties of `node` that the kind doesn't have, lacks, or has of another type. `place` stands for what is
/// absent; `whose` names the owner.
pub(super) fn check(check: &Check, kind: &str, node: Option<NodeId>, place: Span, whose: &str) {
    let Some(properties) = TABLE.get(kind) else { return };
    let doc = check.doc;
    for entry in node.map_or(&[][..], |node| doc.entries(node)) {
        let Some(property) = properties.get(&*entry.key) else {
            // A GraphQL API's are checked by another part of the translator; a macro makes what isn't seen yet.
            if !entry.key.starts_with("Fn::") {
                unknown(check, entry, properties, whose);
            }
            continue;
        };
        let call = property.intrinsic && check.is_call(entry.value);
        if !call && !doc.is_null(entry.value) && !fits(doc, entry.value, property.kinds) {
            let what = format!("`{}` of {whose} must be {}", entry.key, words(property.kinds));
            check.refuse(entry.key_span, what, "write it as the SAM specification has it");
        }
    }
    let has_macro = node.is_some_and(|node| doc.entries(node).iter().any(|entry| entry.key.starts_with("Fn::")));
    for (name, _) in properties.iter().filter(|(_, property)| property.required && !has_macro) {
        if check.get(node, name).is_none() {
            check.refuse(place, format!("{whose} lacks `{name}`"), &format!("set `{name}`"));
        }
    }
}

/// A property that isn't in the table: misspelt, or newer than the table.
fn unknown(check: &Check, entry: &Entry, properties: &BTreeMap<&str, Property>, whose: &str) {
    let what = format!("{whose} has no property `{}`", entry.key);
    if let Some(name) = nearest(&entry.key, properties.keys().copied()) {
        check.refuse(entry.key_span, what, &format!("did you mean `{name}`?"));
    } else {
        let help = "check its name and its indentation; a later version of SAM may have it";
        check.refuse_for_now(entry.key_span, format!("{what} in version {VERSION} of the translator"), help);
    }
}

fn fits(doc: &Document, node: NodeId, kinds: &str) -> bool {
    if kinds.is_empty() {
        return true;
    }
    let has = |letters: &str| kinds.contains(|kind| letters.contains(kind));
    match doc.value(node) {
        Value::Scalar(scalar) => match scalar.typed() {
            Typed::Text(text) => has("s") || (kinds == "V" && matches!(text, "Delete" | "Retain")),
            Typed::Timestamp(_) => has("s"),
            Typed::Bool(_) => has("bi"),
            Typed::Int(_) => has("i"),
            Typed::Float(_) | Typed::Null => false,
        },
        Value::Sequence(items) => {
            let all = |test: &dyn Fn(NodeId) -> bool| items.iter().all(|item| test(*item));
            let (text, map) = (|node| is_text(doc, node), |node| is_map(doc, node));
            has("l")
                || (has("S") && all(&|node| text(node) || map(node)))
                || (has("T") && all(&text))
                || (has("D") && all(&map))
        }
        Value::Mapping(entries) => {
            let all = |test: &dyn Fn(NodeId) -> bool| entries.iter().all(|entry| test(entry.value));
            has("m")
                || (has("X") && all(&|node| is_map(doc, node)))
                || (has("Y") && all(&|node| is_text(doc, node)))
                || (has("Z") && all(&|node| is_map(doc, node) || is_integer(doc, node)))
        }
    }
}

fn is_map(doc: &Document, node: NodeId) -> bool {
    matches!(doc.value(node), Value::Mapping(_))
}

fn is_text(doc: &Document, node: NodeId) -> bool {
    super::literal(doc, node).is_some()
}

fn is_integer(doc: &Document, node: NodeId) -> bool {
    matches!(doc.value(node), Value::Scalar(scalar) if matches!(scalar.typed(), Typed::Int(_) | Typed::Bool(_)))
}

/// What the letters stand for.
fn words(kinds: &str) -> String {
    let word = |kind| match kind {
        's' => "a text",
        'i' => "an integer",
        'b' => "true or false",
        'm' => "a mapping",
        'l' => "a list",
        'S' => "a list of texts or mappings",
        'T' => "a list of texts",
        'D' => "a list of mappings",
        'X' => "a mapping of mappings",
        'Y' => "a mapping of texts",
        'Z' => "a mapping of integers",
        _ => "Delete or Retain",
    };
    kinds.chars().map(word).collect::<Vec<_>>().join(" or ")
}
