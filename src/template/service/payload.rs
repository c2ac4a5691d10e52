//! What state machines, rules and schedules invoke Lambdas with, where the templates spell it.

use super::Reader;
use super::parameters::{Substitutions, substituted};
use super::scan::Syntax;
use super::tree::{Node, Texts, Tree, of_template};
use crate::dynamodb::json::Json;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::source::Span;
use crate::template::Resource;
use crate::template::document::NodeId;
use crate::template::resolve::{Alt, Got};
use std::collections::BTreeMap;

/// What an event of `EventBridge` holds, if a target isn't given something else.
/// <https://docs.aws.amazon.com/eventbridge/latest/ref/overview-env-events.html>
const MEMBERS: [&str; 9] =
    ["account", "detail", "detail-type", "id", "region", "resources", "source", "time", "version"];

/// What one resource sends.
#[derive(Debug, Default)]
pub(in crate::template) struct Payload {
    /// The events for each function (or version or alias of one) that it refers to; `None` where they can't be told.
    pub events: BTreeMap<ResourceRef, Option<Json>>,
    /// Whether it invokes functions by names that aren't seen to be any function's.
    pub by_name: bool,
}

/// The same for every resource or SAM event, by the place of its key.
pub(in crate::template) type Payloads = BTreeMap<Span, Payload>;

impl Payload {
    /// Adds what one invocation sends to the functions of these names.
    pub fn send(&mut self, names: &[Symbolic], event: Option<&Json>) {
        for function in names.iter().filter_map(|name| name.resources().next()) {
            let known = self.events.entry(function.clone()).or_insert_with(|| event.cloned());
            *known = known.take().zip(event).map(|(known, event)| known.or(event.clone()));
        }
    }

    /// Notes that whatever a node refers to is passed on: who gets its name may send it anything.
    pub(super) fn tell(&mut self, node: &Node, substitutions: &Substitutions) {
        match &node.tree {
            Tree::Text(text) => {
                let known = substituted(text, substitutions);
                self.events.extend(known.iter().flat_map(Symbolic::resources).map(|resource| (resource.clone(), None)));
            }
            Tree::List(nodes) | Tree::Either(nodes) => nodes.iter().for_each(|node| self.tell(node, substitutions)),
            Tree::Map(map) => map.members.iter().for_each(|member| self.tell(&member.value, substitutions)),
            Tree::Opaque => {}
        }
    }
}

/// What a rule or a schedule sends.
pub(super) fn of_rule<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Option<Payload> {
    let targets = match resource.kind {
        "AWS::Events::Rule" => reader.r.items(reader.r.property(resource.properties, &["Targets"])),
        "AWS::Scheduler::Schedule" => reader.r.property(resource.properties, &["Target"]),
        _ => return None,
    };
    let mut payload = Payload::default();
    for alt in targets {
        let Got::Is(node) = alt.got else { continue };
        let target = of_template(reader.r, node, &alt.when);
        payload.send(&target.texts_of("Arn").known, target_event(reader, &target).as_ref());
        let others = target.maps().flat_map(|map| &map.members).filter(|member| member.key != "Arn");
        others.for_each(|member| payload.tell(&member.value, &Substitutions::new()));
    }
    Some(payload)
}

/// What the events of a SAM function that have an `Input` send to it.
pub(super) fn of_events<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<(Span, Payload)> {
    let r = reader.r;
    let mut out = Vec::new();
    for alt in r.property(resource.properties, &["Events"]) {
        let Got::Is(map) = alt.got else { continue };
        for entry in r.doc.entries(map) {
            let kind = r.doc.get(entry.value, "Type").and_then(|kind| r.doc.text(kind));
            let sends = ["Schedule", "ScheduleV2", "CloudWatchEvent", "EventBridgeRule"];
            if !kind.is_some_and(|kind| sends.contains(&&*kind)) {
                continue;
            }
            let properties: Vec<Alt<'d, NodeId>> = r.property(Some(entry.value), &["Properties"]);
            let nodes = properties.into_iter().filter_map(|alt| match alt.got {
                Got::Is(node) => Some(of_template(r, node, &alt.when)),
                Got::Unset | Got::Unknown(_) => None,
            });
            let events: Vec<Option<Json>> = nodes.map(|properties| target_event(reader, &properties)).collect();
            let event = events.into_iter().reduce(|one, other| Some(one?.or(other?))).flatten();
            let events = BTreeMap::from([(resource.reference(r), event)]);
            out.push((entry.key_span, Payload { events, by_name: false }));
        }
    }
    out
}

/// What a target is given: its `Input`, or the event as it is.
fn target_event(reader: &Reader, target: &Node) -> Option<Json> {
    let is_set = |key: &str| target.members(key).next().is_some();
    if !target.is_map() || ["InputPath", "InputPathsMap", "InputTransformer"].iter().any(|key| is_set(key)) {
        return None;
    }
    let whole = || Json::Map(MEMBERS.map(|name| (name.to_owned(), Json::Unknown)).into());
    if !is_set("Input") {
        return Some(whole());
    }
    let Texts { known, unknown, absent } = target.texts_of("Input");
    let mut event = absent.then(whole);
    for text in known {
        let (found, _) = reader.objects(&text, target.span, Syntax::Json).ok()?;
        let [object] = &found.objects[..] else { return None };
        let one = json(object, &Substitutions::new());
        event = Some(if let Some(known) = event { known.or(one) } else { one });
    }
    event.filter(|_| !unknown)
}

/// A definition's node as it is sent: what a path or an expression computes isn't known, nor what is no string.
/// <https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html>
pub(super) fn json(node: &Node, substitutions: &Substitutions) -> Json {
    let one = |node: &&Node| match &node.tree {
        Tree::Text(text) => {
            let known = substituted(text, substitutions);
            if known.is_empty() || known.iter().any(is_computed) { Json::Unknown } else { Json::Text(known) }
        }
        Tree::List(items) => Json::List(items.iter().map(|item| json(item, substitutions)).collect()),
        Tree::Map(map) if map.members.iter().any(|member| member.key.contains(ATTRIBUTE)) => Json::Unknown,
        Tree::Map(map) => {
            let mut members = BTreeMap::new();
            for member in &map.members {
                let value = match member.key.strip_suffix(".$") {
                    Some(name) => (name.to_owned(), Json::Unknown),
                    None => (member.key.clone(), json(&member.value, substitutions)),
                };
                let known = members.remove(&value.0);
                let event = if let Some(known) = known { Json::or(known, value.1) } else { value.1 };
                members.insert(value.0, event);
            }
            Json::Map(members)
        }
        Tree::Opaque | Tree::Either(_) => Json::Unknown,
    };
    node.alternatives().iter().map(one).reduce(Json::or).unwrap_or(Json::Unknown)
}

/// What a schedule replaces when it is time: `<aws.scheduler.scheduled-time>`.
/// <https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html>
const ATTRIBUTE: &str = "<aws.scheduler.";

/// Whether a text is an expression, or no string at all.
fn is_computed(text: &Symbolic) -> bool {
    if text.parts().iter().any(|part| matches!(part, Part::Text(text) if text.contains(ATTRIBUTE))) {
        return true;
    }
    let Some(Part::Text(first)) = text.parts().first() else { return false };
    let first = first.trim();
    first.starts_with("{%") || matches!(first, "true" | "false" | "null") || first.parse::<f64>().is_ok()
}
