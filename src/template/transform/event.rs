//! Events of functions and of state machines.

use super::{Check, properties};
use crate::template::Resource;
use crate::template::document::{Entry, NodeId, Value};

/// `owner` is `function` or `machine`, as in the table of properties.
pub(super) fn check(check: &Check, resource: &Resource, owner: &str) {
    let Some(events) = check.get(resource.properties, "Events") else { return };
    for event in check.doc.entries(events) {
        one(check, resource.id, event, owner);
    }
}

fn one(check: &Check, id: &str, event: &Entry, owner: &str) {
    let doc = check.doc;
    let whose = format!("the event `{}` of `{id}`", event.key);
    let kind = doc.get(event.value, "Type").and_then(|kind| Some((kind, check.literal(kind)?)));
    let Some((place, kind)) = kind else {
        return check.refuse(event.key_span, format!("{whose} has no type"), "set its `Type`");
    };
    let table = format!("{owner} event {kind}");
    if !properties::is_known(&table) {
        let what = format!("{whose} is of no type that SAM knows: `{kind}`");
        return check.refuse(doc.span(place), what, "check the spelling, capital letters included");
    }
    let node = doc.get(event.value, "Properties");
    if let Some(node) = node.filter(|node| !check.is_map(*node)) {
        return check.refuse(
            doc.span(node),
            format!("the properties of {whose} must be a mapping"),
            "check the indentation",
        );
    }
    properties::check(check, &table, node, event.key_span, &whose);
    if matches!(kind, "Api" | "HttpApi") {
        route(check, node, event, &whose, kind);
    }
    if properties::has(&table, "TumblingWindowInSeconds") {
        stream(check, node, &whose, kind);
    }
}

/// Path and method are plain texts, as they become keys of an `OpenAPI` document.
fn route(check: &Check, node: Option<NodeId>, event: &Entry, whose: &str, kind: &str) {
    let parts = ["Path", "Method"].map(|part| (part, check.get(node, part)));
    let none = parts.iter().all(|(_, value)| value.is_none());
    if kind == "HttpApi" && none {
        return;
    }
    for (part, value) in parts {
        match value {
            Some(value) if check.literal(value).is_none() => {
                let what = format!("`{part}` of {whose} must be a plain text");
                check.refuse(check.doc.span(value), what, "write it out, without an intrinsic function");
            }
            // The table of properties tells of those of an `Api`.
            None if kind == "HttpApi" => {
                check.refuse(event.key_span, format!("{whose} lacks `{part}`"), "give both, or neither");
            }
            _ => {}
        }
    }
}

fn stream(check: &Check, node: Option<NodeId>, whose: &str, kind: &str) {
    let doc = check.doc;
    if let Some(group) = check.truthy(node, "ConsumerGroupId").filter(|_| !matches!(kind, "MSK" | "SelfManagedKafka")) {
        check.refuse(doc.span(group), format!("{whose} can't have a consumer group"), "remove `ConsumerGroupId`");
    }
    filters(check, node, whose);
    let Some(destination) = check.truthy(node, "DestinationConfig").filter(|node| check.is_map(*node)) else { return };
    let Some(failure) = check.get(Some(destination), "OnFailure").filter(|node| check.is_map(*node)) else {
        let what = format!("the destination of {whose} has no `OnFailure`");
        return check.refuse(doc.span(destination), what, "give `OnFailure` with `Type` and `Destination`");
    };
    if let Some(kind) = check.truthy(Some(failure), "Type")
        && !check.literal(kind).is_some_and(|kind| matches!(kind, "SQS" | "SNS" | "S3" | "Kafka"))
    {
        check.refuse(doc.span(kind), format!("{whose} can't send failures there"), "`Type` is SQS, SNS, S3 or Kafka");
    }
}

fn filters(check: &Check, node: Option<NodeId>, whose: &str) {
    let doc = check.doc;
    let Some(criteria) = check.truthy(node, "FilterCriteria").filter(|node| doc.intrinsic(*node).is_none()) else {
        return;
    };
    let Some(filters) = check.truthy(Some(criteria), "Filters").filter(|node| doc.intrinsic(*node).is_none()) else {
        return;
    };
    if !matches!(doc.value(filters), Value::Sequence(_)) {
        check.refuse(
            doc.span(filters),
            format!("the filters of {whose} must be a list"),
            "write each filter as an item",
        );
    }
}
