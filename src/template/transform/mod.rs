//! What the SAM transform refuses: `sam deploy` stops there, and cfn-lint says nothing of most of it.
//!
//! Every fault is an error with its place; the audit goes on with what the template plainly means.
//! <https://github.com/aws/serverless-application-model/tree/develop/samtranslator>

mod api;
mod connector;
mod event;
mod function;
mod globals;
mod graphql;
mod policy;
mod properties;
#[cfg(test)]
mod tests;

use super::Resource;
use super::diagnostic::Diagnostic;
use super::document::{Document, NodeId, Typed, Value};
use super::resolve::Resolver;
use super::role::{generated_id, generates_role};
use crate::source::Span;
use std::collections::BTreeMap;

const SAM: &str = "AWS::Serverless-2016-10-31";
const PREFIX: &str = "AWS::Serverless::";

/// What the checks look at.
struct Check<'d, 'r> {
    r: &'r Resolver<'d>,
    doc: &'d Document,
    resources: &'r BTreeMap<&'d str, &'r Resource<'d>>,
}

impl Check<'_, '_> {
    /// Notes a fault: `what` is wrong there.
    fn refuse(&self, span: Span, what: impl AsRef<str>, help: &str) {
        let message = format!("`sam deploy` refuses this template: {}", what.as_ref());
        self.r.report(Diagnostic::error(span, message, help));
    }

    /// A property that is set, if any: null counts as absent.
    fn get(&self, node: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.doc.get(node?, key).filter(|value| !self.doc.is_null(*value))
    }

    /// A property as the translator's `if value:` sees it.
    fn truthy(&self, node: Option<NodeId>, key: &str) -> Option<NodeId> {
        self.get(node, key).filter(|value| match self.doc.value(*value) {
            Value::Scalar(scalar) => match scalar.typed() {
                Typed::Null | Typed::Bool(false) | Typed::Int(0) => false,
                Typed::Text(text) => !text.is_empty(),
                _ => true,
            },
            Value::Sequence(items) => !items.is_empty(),
            Value::Mapping(entries) => !entries.is_empty(),
        })
    }

    /// A text scalar; not a number, not an intrinsic.
    fn literal(&self, node: NodeId) -> Option<&str> {
        literal(self.doc, node)
    }

    /// Whether a node is what the translator takes for an intrinsic: a mapping of one key.
    fn is_call(&self, node: NodeId) -> bool {
        self.doc.single(node).is_some()
    }

    fn is_map(&self, node: NodeId) -> bool {
        matches!(self.doc.value(node), Value::Mapping(_))
    }
}

/// A text scalar; not a number, not an intrinsic.
fn literal(doc: &Document, node: NodeId) -> Option<&str> {
    match doc.value(node) {
        Value::Scalar(scalar) => match scalar.typed() {
            Typed::Text(text) | Typed::Timestamp(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Reports what the transform refuses in a template that asks for it.
pub(super) fn check<'d>(r: &Resolver<'d>, resources: &[Resource<'d>]) {
    let doc = r.doc;
    // Macros run before the transform: what they put where can't be told here.
    let is_macro = |key: &str| key.starts_with("Fn::Transform") || key.starts_with("Fn::ForEach");
    if !is_sam(doc, resources) || doc.keys().any(is_macro) {
        return;
    }
    let by_id: BTreeMap<&str, &Resource<'d>> = resources.iter().map(|resource| (resource.id, resource)).collect();
    let check = Check { r, doc, resources: &by_id };
    shapes(&check);
    globals::check(&check);
    for resource in resources {
        one(&check, resource);
    }
}

fn is_sam(doc: &Document, resources: &[Resource]) -> bool {
    let transform = doc.get(doc.root(), "Transform");
    let names_it = |node: NodeId| doc.text(node).as_deref() == Some(SAM);
    transform.is_some_and(|node| names_it(node) || doc.items(node).iter().any(|item| names_it(*item)))
        || resources.iter().any(|resource| resource.kind.starts_with(PREFIX))
}

/// Every resource must be a mapping with a type, and there must be one.
fn shapes(check: &Check) {
    let doc = check.doc;
    let Some(section) = doc.entry(doc.root(), "Resources") else { return };
    if doc.entries(section.value).is_empty() {
        check.refuse(section.key_span, "it has no resources", "declare what is to be deployed");
    }
    for entry in doc.entries(section.value) {
        if !check.is_map(entry.value) {
            check.refuse(entry.key_span, "a resource must be a mapping", "check its indentation");
        }
    }
}

fn one(check: &Check, resource: &Resource) {
    connector::embedded(check, resource);
    if !resource.kind.starts_with(PREFIX) {
        return;
    }
    let id = resource.id;
    if !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        check.refuse(resource.key, format!("the logical id `{id}` isn't alphanumeric"), "rename the resource");
    }
    attributes(check, resource);
    if resource.properties.is_some_and(|node| !check.is_map(node)) {
        check.refuse(resource.key, format!("the properties of `{id}` must be a mapping"), "check the indentation");
        return;
    }
    properties::check(check, resource.kind, resource.properties, resource.key, &format!("`{id}`"));
    if generates_role(check.doc, resource) {
        clash(check, resource);
    }
    match resource.kind {
        "AWS::Serverless::Function" => function::check(check, resource),
        "AWS::Serverless::StateMachine" => function::machine(check, resource),
        "AWS::Serverless::SimpleTable" => simple_table(check, resource),
        "AWS::Serverless::Connector" => connector::check(check, resource),
        "AWS::Serverless::GraphQLApi" => graphql::check(check, resource),
        "AWS::Serverless::Api" | "AWS::Serverless::HttpApi" => api::check(check, resource),
        _ => {}
    }
}

/// Attributes beside `Properties`.
fn attributes(check: &Check, resource: &Resource) {
    let doc = check.doc;
    if let Some(condition) = check.get(Some(resource.body), "Condition")
        && check.literal(condition).is_none()
        && resource.kind == "AWS::Serverless::Function"
    {
        let what = format!("the condition of `{}` must be the name of one", resource.id);
        check.refuse(doc.span(condition), what, "declare the condition under `Conditions`, and name it here");
    }
    let Some(ignored) = check.truthy(Some(resource.body), "IgnoreGlobals") else { return };
    let section = resource.kind.strip_prefix(PREFIX).unwrap_or_default();
    let globals = doc.get(doc.root(), "Globals").and_then(|node| doc.get(node, section));
    let Some(globals) = globals else { return };
    if check.literal(ignored) == Some("*") {
        return;
    }
    let listed = matches!(doc.value(ignored), Value::Sequence(_));
    let unknown = doc.items(ignored).iter().find(|item| {
        let name = doc.text(**item);
        name.is_none_or(|name| doc.get(globals, &name).is_none())
    });
    if let Some(place) = if listed { unknown.copied() } else { Some(ignored) } {
        let what = format!("`IgnoreGlobals` of `{}` names what `Globals` doesn't set", resource.id);
        check.refuse(doc.span(place), what, "name a property of the section, or `'*'`");
    }
}

/// The role that SAM makes must not be there already.
fn clash(check: &Check, resource: &Resource) {
    let id = generated_id(resource.id);
    if let Some(other) = check.resources.get(id.as_str()) {
        let what = format!("SAM makes a role `{id}` for `{}`, and there is a resource of this name", resource.id);
        check.refuse(other.key, what, "rename the resource, or let `Role` name it");
    }
}

fn simple_table(check: &Check, table: &Resource) {
    let doc = check.doc;
    let Some(key) = check.truthy(table.properties, "PrimaryKey") else { return };
    for part in ["Name", "Type"] {
        if check.get(Some(key), part).is_none() {
            let what = format!("the primary key of `{}` has no `{part}`", table.id);
            check.refuse(doc.span(key), what, "give the attribute's `Name` and its `Type`: String, Number or Binary");
        }
    }
    if let Some(kind) = check.get(Some(key), "Type")
        && !check.literal(kind).is_some_and(|kind| matches!(kind, "String" | "Number" | "Binary"))
    {
        let what = format!("the primary key of `{}` is of no type that SAM knows", table.id);
        check.refuse(doc.span(kind), what, "its `Type` is String, Number or Binary");
    }
}
