//! Events of functions and of state machines.

use super::{Check, broker, policy, properties, schedule, source};
use crate::template::Resource;
use crate::template::document::{Entry, NodeId};

/// `owner` is `function` or `machine`, as in the table of properties.
pub(super) fn check(check: &Check, resource: &Resource, owner: &str) {
    let Some(events) = check.get(resource.properties, "Events") else { return };
    for event in check.doc.entries(events) {
        one(check, resource, event, owner);
    }
}

fn one(check: &Check, resource: &Resource, event: &Entry, owner: &str) {
    let (doc, id) = (check.doc, resource.id);
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
    clash(check, resource, event, kind, owner);
    beside_conditions(check, resource, event, kind, node);
    broker::check(check, kind, node, event.key_span, &whose);
    schedule::check(check, kind, node, &whose);
    source::check(check, kind, resource, node, &whose);
    if properties::has(&table, "TumblingWindowInSeconds") {
        stream(check, node, &whose, kind);
    }
}

/// Rights that an event adds are compared with the policies of the role that SAM would make, even where `Role` names
/// another one, and the translator fails on an `Fn::If` there.
fn beside_conditions(check: &Check, resource: &Resource, event: &Entry, kind: &str, node: Option<NodeId>) {
    let adds = matches!(kind, "MQ" | "DocumentDB" | "SelfManagedKafka")
        || kind == "MSK" && check.truthy(node, "SchemaRegistryConfig").is_some();
    if adds && policy::conditional(check, resource).is_some() {
        let what = format!(
            "SAM can't add what the event `{}` of `{}` needs to a policy under `Fn::If`",
            event.key, resource.id
        );
        check.refuse(
            event.key_span,
            what,
            "give the function a role of its own, or move the condition into the document",
        );
    }
}

/// What SAM makes for an event must not be there already.
fn clash(check: &Check, resource: &Resource, event: &Entry, kind: &str, owner: &str) {
    let own = !matches!(kind, "Api" | "HttpApi" | "AlexaSkill" | "S3" | "Cognito");
    let invoked = ["Schedule", "CloudWatchEvent", "EventBridgeRule", "AlexaSkill", "IoTRule", "CloudWatchLogs", "S3"];
    let permitted = owner == "function" && invoked.contains(&kind);
    for (made, suffix) in [(own, ""), (permitted, "Permission")] {
        let id = format!("{}{}{suffix}", resource.id, event.key);
        if let Some(other) = check.resources.get(id.as_str()).filter(|_| made) {
            let what =
                format!("SAM makes `{id}` for an event of `{}`, and there is a resource of this name", resource.id);
            check.refuse(other.key, what, "rename the resource or the event");
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

/// Nothing but filters.
fn filters(check: &Check, node: Option<NodeId>, whose: &str) {
    if let Some(criteria) = check.truthy(node, "FilterCriteria").filter(|node| check.doc.intrinsic(*node).is_none()) {
        check.expect_keys(criteria, &format!("the filter criteria of {whose}"), &["Filters"]);
    }
}
