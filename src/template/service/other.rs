//! Services that name a table in a property: schedules, rules for messages of things, Glue crawlers; and readers of tables' streams.

use super::parameters::{Substitutions, call, operation, pattern};
use super::scan::Syntax;
use super::tree::{Node, Tree, of_template};
use super::{Reader, unread, user};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::template::Resource;
use crate::template::function::SAM_FUNCTION;
use crate::template::resolve::{Got, Resolver};
use crate::template::service_use::{ServiceCall, ServiceUser, StreamReader};

/// What a resource of these services calls.
pub(super) fn users<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<ServiceUser> {
    match resource.kind {
        "AWS::Scheduler::Schedule" => schedule(reader, resource),
        "AWS::IoT::TopicRule" => topic_rule(reader, resource),
        "AWS::Glue::Crawler" => crawler(reader, resource),
        _ => vec![],
    }
}

fn properties<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<Node> {
    let alts = reader.r.property(resource.properties, &[]);
    let known = alts.into_iter().filter_map(|alt| match alt.got {
        Got::Is(node) => Some(of_template(reader.r, node, &alt.when)),
        _ => None,
    });
    known.collect()
}

/// A schedule whose target is an action of the API.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html>
fn schedule<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<ServiceUser> {
    let mut out = Vec::new();
    for target in properties(reader, resource).iter().filter_map(|node| node.get("Target")) {
        let arns = target.texts_of("Arn");
        for arn in arns.known.iter().map(pattern) {
            let Some((_, name)) = arn.split_once(":scheduler:::aws-sdk:dynamodb:") else { continue };
            let input = target.get("Input").map(Node::alternatives).unwrap_or_default();
            let request = input.into_iter().find_map(|node| match &node.tree {
                Tree::Text(text) => reader.objects(text, node.span, Syntax::Json).ok()?.0.objects.into_iter().next(),
                _ => None,
            });
            let call = call(operation(name), request.as_ref(), &Substitutions::new(), target.span);
            let role = reader.named_role(&target.texts_of("RoleArn").known, target.span);
            out.push(user(reader.r, resource, role, vec![call]));
        }
    }
    out
}

fn topic_rule<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<ServiceUser> {
    let mut out = Vec::new();
    for rule in properties(reader, resource) {
        let actions = rule.members("TopicRulePayload").flat_map(|member| member.value.members("Actions"));
        let actions: Vec<&Node> = actions.flat_map(|actions| actions.value.items()).collect();
        for (key, inner) in [("DynamoDB", None), ("DynamoDBv2", Some("PutItem"))] {
            for action in actions.iter().filter_map(|action| action.get(key)) {
                let names = inner.map_or(Some(action), |inner| action.get(inner));
                let call = call(Some(Operation::PutItem), names, &Substitutions::new(), action.span);
                let role = reader.named_role(&action.texts_of("RoleArn").known, action.span);
                out.push(user(reader.r, resource, role, vec![call]));
            }
        }
    }
    out
}

fn crawler<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<ServiceUser> {
    let mut calls: Vec<ServiceCall> = Vec::new();
    for crawler in properties(reader, resource) {
        let targets = crawler.members("Targets").flat_map(|member| member.value.members("DynamoDBTargets"));
        for target in targets.flat_map(|targets| targets.value.items()) {
            let tables = target.texts_of("Path").known;
            let indexes = vec![None];
            let scan = Some(Operation::Scan);
            calls.push(if tables.is_empty() {
                unread("its table can't be told", target.span)
            } else {
                ServiceCall { operation: scan, tables, indexes, unread: None, span: target.span }
            });
        }
    }
    if calls.is_empty() {
        return vec![];
    }
    let role = reader.role_of(resource, &["Role"]);
    vec![user(reader.r, resource, role, calls)]
}

/// Pipes, event source mappings, and events of functions whose source is a table's stream.
pub(super) fn stream_readers<'d>(r: &Resolver<'d>, resource: &Resource<'d>) -> Vec<StreamReader> {
    match resource.kind {
        "AWS::Pipes::Pipe" => of_property(r, resource, "Source", &[]).into_iter().collect(),
        "AWS::Lambda::EventSourceMapping" => {
            let functions = r.known_strings(r.property(resource.properties, &["FunctionName"]));
            let functions: Vec<ResourceRef> =
                functions.iter().filter_map(|name| name.value.resources().next().cloned()).collect();
            of_property(r, resource, "EventSourceArn", &functions).into_iter().collect()
        }
        SAM_FUNCTION => of_events(r, resource),
        _ => vec![],
    }
}

fn of_property(r: &Resolver, resource: &Resource, key: &str, readers: &[ResourceRef]) -> Option<StreamReader> {
    let sources = r.known_strings(r.property(resource.properties, &[key]));
    let span = sources.first()?.span;
    let streams: Vec<Symbolic> = sources.into_iter().map(|arn| arn.value).filter(is_stream).collect();
    let reader = readers.first().cloned().unwrap_or_else(|| resource.reference(r));
    (!streams.is_empty()).then_some(StreamReader { resource: reader, streams, span })
}

fn of_events(r: &Resolver, resource: &Resource) -> Vec<StreamReader> {
    let mut out = Vec::new();
    for alt in r.property(resource.properties, &["Events"]) {
        let Got::Is(map) = alt.got else { continue };
        for entry in r.doc.entries(map) {
            let is_table =
                r.doc.get(entry.value, "Type").and_then(|kind| r.doc.text(kind)).as_deref() == Some("DynamoDB");
            let streams = r.known_strings(r.property(Some(entry.value), &["Properties", "Stream"]));
            let streams: Vec<Symbolic> = streams.into_iter().map(|arn| arn.value).collect();
            if is_table && !streams.is_empty() {
                out.push(StreamReader { resource: resource.reference(r), streams, span: entry.key_span });
            }
        }
    }
    out
}

/// `GetAtt Table.StreamArn`, `arn:aws:dynamodb:…:table/orders/stream/…`.
fn is_stream(arn: &Symbolic) -> bool {
    match arn.parts() {
        [Part::Resource(_, attribute), ..] => attribute == "StreamArn",
        _ => pattern(arn).contains(":dynamodb:"),
    }
}
