//! What the SAM transform refuses: `sam deploy` stops there, and cfn-lint says nothing of most of it.
//!
//! Every fault is an error with its place; the audit goes on with what the template plainly means.
//! <https://github.com/aws/serverless-application-model/tree/develop/samtranslator>

mod api;
mod authorizer;
mod broker;
mod checks;
mod connector;
mod domain;
mod event;
mod function;
mod globals;
mod graphql;
mod open_api;
mod policy;
mod properties;
mod publish;
mod route;
mod schedule;
mod source;
#[cfg(test)]
mod tests;
mod web_socket;

use super::Resource;
use super::diagnostic::Diagnostic;
use super::document::{Document, Entry, NodeId, Value};
use super::resolve::Resolver;
use super::role::{SAM_STATE_MACHINE, generated_id, generates_role};
use checks::{Check, literal};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

const SAM: &str = "AWS::Serverless-2016-10-31";
const LANGUAGE_EXTENSIONS: &str = "AWS::LanguageExtensions";
/// Files that are at hand have taken its place already.
const INCLUDE: &str = "AWS::Include";
const FUNCTION: &str = "AWS::Serverless::Function";
const REST_API: &str = "AWS::Serverless::Api";
const HTTP_API: &str = "AWS::Serverless::HttpApi";
const PREFIX: &str = "AWS::Serverless::";

/// Reports what the transform refuses in a template that asks for it.
pub(super) fn check<'d>(r: &Resolver<'d>, resources: &[Resource<'d>]) {
    let doc = r.doc;
    if !is_sam(doc, resources) || is_made_by_macros(doc) {
        return;
    }
    if let Some(other) = other_macro(doc) {
        let message = "another macro may change this template first: what `sam deploy` refuses of it is not told";
        r.report(Diagnostic::note(doc.span(other), message, "audit the template that the macro gives"));
        return;
    }
    let by_id: BTreeMap<&str, &Resource<'d>> = resources.iter().map(|resource| (resource.id, resource)).collect();
    let parameters = doc.get(doc.root(), "Parameters").map_or(&[][..], |node| doc.entries(node));
    let parameters = parameters.iter().map(|entry| (&*entry.key, entry.value)).collect();
    let check = Check { r, doc, parameters, resources: &by_id };
    shapes(&check);
    globals::check(&check);
    let whole = resources.iter().filter(|resource| !has_macro(doc, resource.body)).collect::<Vec<_>>();
    let of_kind = |kinds: &[&str]| whole.iter().copied().filter(|one| kinds.contains(&one.kind)).collect::<Vec<_>>();
    source::triggers(&check, &of_kind(&[FUNCTION]));
    let routed = route::check(&check, &of_kind(&[FUNCTION, SAM_STATE_MACHINE]));
    for resource in whole {
        one(&check, resource, &routed);
    }
    for (section, id) in route::IMPLICIT.iter().filter(|(_, id)| routed.contains(id) && !by_id.contains_key(id)) {
        let globals = doc.get(doc.root(), "Globals").and_then(|globals| doc.entry(globals, section));
        if let Some(Entry { key_span, value, .. }) = globals {
            let kind = if *section == "Api" { REST_API } else { HTTP_API };
            let implicit = Resource { id, kind, key: *key_span, body: *value, properties: Some(*value) };
            api(&check, &implicit, &routed);
        }
    }
}

fn api<'d>(check: &Check<'d, '_>, resource: &Resource<'d>, routed: &BTreeSet<&str>) {
    let routed = routed.contains(resource.id);
    match resource.kind {
        REST_API => api::rest(check, resource, routed),
        HTTP_API => api::http(check, resource, routed),
        _ => web_socket::check(check, resource),
    }
}

pub(super) fn is_sam(doc: &Document, resources: &[Resource]) -> bool {
    let transform = doc.get(doc.root(), "Transform");
    let names_it = |node: NodeId| doc.text(node).as_deref() == Some(SAM);
    transform.is_some_and(|node| names_it(node) || doc.items(node).iter().any(|item| names_it(*item)))
        || resources.iter().any(|resource| resource.kind.starts_with(PREFIX))
}

/// Whether macros may make resources of which nothing is known.
pub(super) fn may_be_made(doc: &Document) -> bool {
    let is_elsewhere = |node: &NodeId| macro_name(doc, *node).as_deref() == Some(INCLUDE);
    other_macro(doc).is_some() || has_macro(doc, doc.root()) || macros(doc).iter().any(is_elsewhere)
}

/// Letters of a logical id at most.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html>
const LONGEST_ID: usize = 255;

/// The beginnings of a name, the shortest first, the name itself among them: what SAM makes for a resource begins with that
/// resource's own (`FnAliaslive`).
pub(super) fn beginnings(name: &str) -> impl DoubleEndedIterator<Item = &str> {
    (1..=name.len().min(LONGEST_ID)).filter_map(|end| name.get(..end))
}

/// Whether macros make sections or resources as a whole. They run before the transform, so that nothing can be told.
fn is_made_by_macros(doc: &Document) -> bool {
    let direct = |node| doc.entries(node).iter().any(|entry| is_macro(&entry.key));
    let at = |key| doc.get(doc.root(), key);
    direct(doc.root()) || at("Resources").is_some_and(direct) || at("Globals").is_some_and(|node| has_macro(doc, node))
}

/// A macro of the template as a whole, of which nothing is known. It may add, remove or write out anything.
fn other_macro(doc: &Document) -> Option<NodeId> {
    let known = |node: NodeId| matches!(macro_name(doc, node).as_deref(), Some(SAM | LANGUAGE_EXTENSIONS | INCLUDE));
    macros(doc).into_iter().find(|node| !doc.is_null(*node) && !known(*node))
}

/// The entries of the template's `Transform`.
fn macros(doc: &Document) -> Vec<NodeId> {
    let Some(transform) = doc.get(doc.root(), "Transform") else { return Vec::new() };
    match doc.value(transform) {
        Value::Sequence(items) => items.clone(),
        _ => vec![transform],
    }
}

fn macro_name(doc: &Document, node: NodeId) -> Option<Cow<'_, str>> {
    doc.text(doc.get(node, "Name").unwrap_or(node))
}

fn is_macro(key: &str) -> bool {
    key.starts_with("Fn::Transform") || key.starts_with("Fn::ForEach")
}

/// Whether macros make some of a node. The recursion is bounded by the document's depth.
fn has_macro(doc: &Document, node: NodeId) -> bool {
    doc.entries(node).iter().any(|entry| is_macro(&entry.key) || has_macro(doc, entry.value))
        || doc.items(node).iter().any(|item| has_macro(doc, *item))
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
        } else if let Some(kind) =
            doc.get(entry.value, "Type").filter(|kind| !matches!(doc.value(*kind), Value::Scalar(_)))
        {
            check.refuse_node(kind, format!("the type of `{}` must be a text", entry.key), "name a resource type");
        }
    }
    if let Some(mappings) = doc.entry(doc.root(), "Mappings").filter(|entry| !check.is_map(entry.value)) {
        check.refuse(mappings.key_span, "`Mappings` must be a mapping", "remove it, or give it maps");
    }
    substitutions(check);
}

fn one<'d>(check: &Check<'d, '_>, resource: &Resource<'d>, routed: &BTreeSet<&str>) {
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
    tags(check, resource);
    if generates_role(check.doc, resource) {
        clash(check, resource);
    }
    match resource.kind {
        "AWS::Serverless::Function" => function::check(check, resource),
        "AWS::Serverless::StateMachine" => function::machine(check, resource),
        "AWS::Serverless::SimpleTable" => simple_table(check, resource),
        "AWS::Serverless::Connector" => connector::check(check, resource),
        "AWS::Serverless::GraphQLApi" => graphql::check(check, resource),
        "AWS::Serverless::CapacityProvider" => capacity_provider(check, resource),
        "AWS::Serverless::LayerVersion" => publish::location(check, resource, "ContentUri"),
        REST_API | HTTP_API | "AWS::Serverless::WebSocketApi" => api(check, resource, routed),
        _ => {}
    }
}

/// A parameter that `Fn::Sub` puts into a text must be one.
fn substitutions(check: &Check) {
    let doc = check.doc;
    let Some(parameters) = doc.get(doc.root(), "Parameters") else { return };
    let listed = doc.entries(parameters).iter().filter(|parameter| {
        doc.get(parameter.value, "Default").is_some_and(|default| !matches!(doc.value(default), Value::Scalar(_)))
    });
    let names: BTreeSet<&str> = listed.map(|parameter| &*parameter.key).collect();
    for (node, call) in doc.calls().filter(|(_, call)| &*call.key == "Fn::Sub" && !names.is_empty()) {
        let text = doc.items(call.value).first().copied().unwrap_or(call.value);
        let text = doc.text(text).unwrap_or_default();
        let mut holes = text.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
        if let Some((name, _)) = holes.find(|(name, _)| names.contains(name)) {
            check.refuse_node(node, format!("`{name}` has a list as its default"), "write the default as one text");
        }
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

/// Tags that SAM sets itself.
const RESERVED: &[&str] = &["lambda:createdBy", "serverlessrepo:applicationId", "serverlessrepo:semanticVersion"];

fn tags(check: &Check, resource: &Resource) {
    let Some(tags) = check.get(resource.properties, "Tags") else { return };
    let own = ["AWS::Serverless::Function", "AWS::Serverless::Application"].contains(&resource.kind);
    for tag in check.doc.entries(tags).iter().filter(|tag| own && RESERVED.contains(&&*tag.key)) {
        check.refuse(tag.key_span, format!("the tag `{}` of `{}` is SAM's own", tag.key, resource.id), "rename it");
    }
}

fn capacity_provider(check: &Check, provider: &Resource) {
    let network = check.get(provider.properties, "VpcConfig").filter(|node| check.is_map(*node));
    if let Some(network) = network.filter(|network| check.get(Some(*network), "SubnetIds").is_none()) {
        check.refuse_node(network, format!("`VpcConfig` of `{}` lacks `SubnetIds`", provider.id), "set `SubnetIds`");
    }
    let machines = check.get(provider.properties, "InstanceRequirements");
    let at = |key: &str| check.truthy(machines, key);
    if let (Some(node), Some(_)) = (at("ExcludedTypes"), at("AllowedTypes")) {
        let what = format!("`{}` both allows and excludes types of instances", provider.id);
        check.refuse_node(node, what, "remove `AllowedTypes` or `ExcludedTypes`");
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
