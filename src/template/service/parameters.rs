//! The parameters of a DynamoDB request, as services pass them on: `TableName`, `IndexName`, `RequestItems`.

use super::tree::{Node, Texts};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::source::Span;
use crate::template::service_use::ServiceCall;
use std::collections::BTreeMap;

/// Tables of one request: what a batch may hold.
const MAX_TABLES: usize = 200;

/// `DefinitionSubstitutions`: what `${Name}` in a definition becomes.
pub(super) type Substitutions = BTreeMap<String, Texts>;

/// The operation of this name, the first letter in either case (`getItem`).
pub(super) fn operation(name: &str) -> Option<Operation> {
    Operation::ALL.iter().copied().find(|operation| {
        let own = operation.name();
        own.eq_ignore_ascii_case(name) && own.get(1..) == name.get(1..)
    })
}

/// The call that a request with these parameters makes; without parameters, they are the input's.
pub(super) fn call(
    operation: Option<Operation>,
    parameters: Option<&Node>,
    substitutions: &Substitutions,
    span: Span,
) -> ServiceCall {
    let indexes = match operation {
        Some(Operation::Query | Operation::Scan) | None => {
            indexes(&parameters.map_or_else(unknown, |node| member(node, "IndexName", substitutions)))
        }
        // A statement of PartiQL names its index itself.
        Some(Operation::ExecuteStatement | Operation::BatchExecuteStatement | Operation::ExecuteTransaction) => vec![],
        Some(_) => vec![None],
    };
    let mut tables = parameters.map_or_else(Vec::new, |node| tables(node, substitutions));
    if tables.is_empty() {
        tables.push(Symbolic::hole("TableName"));
    }
    tables.truncate(MAX_TABLES);
    let unread = operation.is_none().then(|| "its operation can't be told".to_owned());
    ServiceCall { operation, tables, indexes, unread, span }
}

fn unknown() -> Texts {
    Texts { unknown: true, ..Texts::default() }
}

/// The indexes that a request may name.
pub(super) fn indexes(texts: &Texts) -> Vec<Option<Symbolic>> {
    let mut out: Vec<Option<Symbolic>> = texts.known.iter().cloned().map(Some).collect();
    if texts.unknown {
        out.push(Some(Symbolic::hole("IndexName")));
    }
    if texts.absent || out.is_empty() {
        out.push(None);
    }
    out
}

/// Every table that a request names, in whatever form.
fn tables(parameters: &Node, substitutions: &Substitutions) -> Vec<Symbolic> {
    let mut out = Vec::new();
    let mut add = |node: &Node| {
        let names = member(node, "TableName", substitutions);
        out.extend(names.known);
        if names.unknown {
            out.push(Symbolic::hole("TableName"));
        }
    };
    add(parameters);
    let items = parameters.members("TransactItems").flat_map(|member| member.value.items());
    for item in items {
        item.maps().flat_map(|map| &map.members).for_each(|member| add(&member.value));
    }
    for requested in parameters.members("RequestItems") {
        let names = requested.value.maps().flat_map(|map| &map.members).map(|member| &member.name);
        out.extend(names.flat_map(|name| substituted(name, substitutions)));
    }
    out
}

/// A member's texts; `Name.$` and `{% … %}` are computed when the request is made.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>
fn member(node: &Node, key: &str, substitutions: &Substitutions) -> Texts {
    let mut texts = substituted_texts(&node.texts_of(key), substitutions);
    let computed =
        |text: &Symbolic| matches!(text.parts().first(), Some(Part::Text(t)) if t.trim_start().starts_with("{%"));
    let before = texts.known.len();
    texts.known.retain(|text| !computed(text));
    texts.unknown |= texts.known.len() < before;
    let by_path = format!("{key}.$");
    if node.members(&by_path).next().is_some() {
        texts.unknown = true;
        texts.absent = false;
    }
    texts
}

/// Texts with their substitutions made.
pub(super) fn substituted_texts(texts: &Texts, substitutions: &Substitutions) -> Texts {
    let mut out = Texts { known: Vec::new(), ..texts.clone() };
    for text in &texts.known {
        for value in substituted(text, substitutions) {
            if !out.known.contains(&value) {
                out.known.push(value);
            }
        }
    }
    out
}

/// `${Name}` replaced. A text that is nothing else becomes each of its values; within a longer one, what isn't one and
/// the same is a hole.
pub(super) fn substituted(text: &Symbolic, substitutions: &Substitutions) -> Vec<Symbolic> {
    let whole = text.as_text().and_then(|text| text.strip_prefix("${")?.strip_suffix('}'));
    if let Some(name) = whole.filter(|name| !name.contains('}')) {
        return match substitutions.get(name) {
            Some(texts) if !texts.known.is_empty() => texts.known.clone(),
            _ => vec![Symbolic::hole(name)],
        };
    }
    let mut out = Symbolic::default();
    for part in text.parts() {
        let Part::Text(text) = part else {
            out.push(part.clone());
            continue;
        };
        let mut rest = text.as_str();
        while let Some((before, name, after)) = variable(rest) {
            out.push(Part::Text(before.to_owned()));
            match substitutions.get(name).map(|texts| texts.known.as_slice()) {
                Some([value]) => out.extend(value),
                _ => out.push(Part::Hole(name.to_owned())),
            }
            rest = after;
        }
        out.push(Part::Text(rest.to_owned()));
    }
    vec![out]
}

fn variable(text: &str) -> Option<(&str, &str, &str)> {
    let (before, after) = text.split_once("${")?;
    let (name, after) = after.split_once('}')?;
    Some((before, name, after))
}

/// Known text of a string, unknown parts as a NUL, which no ARN has.
pub(super) fn pattern(text: &Symbolic) -> String {
    let part = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Resource(..) | Part::Hole(_) => "\0".to_owned(),
    };
    text.parts().iter().map(part).collect()
}
