//! Events of buckets, user pools and topics: resources of the same template, into which SAM writes who is invoked.

use super::Check;
use crate::source::Span;
use crate::template::Resource;
use crate::template::document::{NodeId, Value};
use std::collections::BTreeMap;

pub(super) fn check(check: &Check, kind: &str, owner: &Resource, node: Option<NodeId>, whose: &str) {
    match kind {
        "S3" => bucket(check, owner, node, whose),
        "Cognito" => pool(check, node, whose),
        "SNS" => topic(check, node, whose),
        _ => {}
    }
}

/// The resource that a property names by `Ref`.
fn named<'r, 'd>(check: &'r Check<'d, '_>, node: Option<NodeId>, key: &str) -> Option<&'r Resource<'d>> {
    let reference = check.doc.get(check.get(node, key)?, "Ref")?;
    check.resources.get(check.literal(reference)?).copied()
}

fn bucket(check: &Check, owner: &Resource, node: Option<NodeId>, whose: &str) {
    let Some(given) = check.get(node, "Bucket") else { return };
    let Some(bucket) = named(check, node, "Bucket") else {
        let what = format!("{whose} names a bucket outside this template");
        return check.refuse_node(given, what, "declare the bucket here and name it by `!Ref`");
    };
    let id = bucket.id;
    let conditional = check.get(Some(owner.body), "Condition").is_some();
    if let Some(order) = check.get(Some(bucket.body), "DependsOn").filter(|_| !conditional)
        && !is_order(check, order)
    {
        check.refuse_node(order, format!("`DependsOn` of `{id}` must be a text or a list of texts"), "name resources");
    }
    let Some(properties) = bucket.properties else { return };
    if check.doc.is_null(properties) || !check.expect_map(properties, &format!("the properties of `{id}`")) {
        return;
    }
    if let Some(tags) = check.get(bucket.properties, "Tags").filter(|_| conditional) {
        check.expect_list(tags, &format!("`Tags` of `{id}`"));
    }
    let Some(notification) = check.get(bucket.properties, "NotificationConfiguration") else { return };
    if check.expect_map(notification, &format!("`NotificationConfiguration` of `{id}`"))
        && let Some(lambdas) = check.get(Some(notification), "LambdaConfigurations")
    {
        check.expect_list(lambdas, &format!("`LambdaConfigurations` of `{id}`"));
    }
}

/// What the translator can take for a set of names.
fn is_order(check: &Check, node: NodeId) -> bool {
    match check.doc.value(node) {
        Value::Scalar(_) => check.literal(node).is_some(),
        Value::Sequence(items) => items.iter().all(|item| matches!(check.doc.value(*item), Value::Scalar(_))),
        Value::Mapping(_) => true,
    }
}

fn pool(check: &Check, node: Option<NodeId>, whose: &str) {
    let Some(given) = check.get(node, "UserPool") else { return };
    let Some(pool) = named(check, node, "UserPool") else {
        let what = format!("{whose} names a user pool outside this template");
        return check.refuse_node(given, what, "declare the user pool here and name it by `!Ref`");
    };
    if let Some(config) = check.get(pool.properties, "LambdaConfig") {
        check.expect_map(config, &format!("`LambdaConfig` of `{}`", pool.id));
    }
}

fn topic(check: &Check, node: Option<NodeId>, whose: &str) {
    let Some(queue) = check.truthy(node, "SqsSubscription").filter(|queue| check.is_map(*queue)) else { return };
    if ["QueueArn", "QueueUrl"].iter().any(|key| check.truthy(Some(queue), key).is_none()) {
        check.refuse_node(queue, format!("the queue of {whose} lacks `QueueArn` or `QueueUrl`"), "set both");
    }
}

/// Triggers of user pools: each is set once, by the pool itself or by one event.
pub(super) fn triggers(check: &Check, functions: &[&Resource]) {
    let mut taken: BTreeMap<(&str, &str), Span> = BTreeMap::new();
    for function in functions {
        let Some(events) = check.get(function.properties, "Events") else { continue };
        for event in check.doc.entries(events) {
            let properties = check.get(Some(event.value), "Properties");
            let kind = check.get(Some(event.value), "Type").and_then(|kind| check.literal(kind));
            let (Some("Cognito"), Some(pool)) = (kind, named(check, properties, "UserPool")) else { continue };
            let Some(trigger) = check.get(properties, "Trigger") else { continue };
            let listed = match check.doc.value(trigger) {
                Value::Sequence(items) => items.clone(),
                _ => vec![trigger],
            };
            let own = check.get(pool.properties, "LambdaConfig");
            for node in listed {
                let Some(name) = check.literal(node) else { continue };
                let before = taken.insert((pool.id, name), check.doc.span(node));
                if before.is_some() || own.is_some_and(|own| check.doc.get(own, name).is_some()) {
                    let what = format!("the trigger `{name}` of `{}` is set more than once", pool.id);
                    check.refuse_node(node, what, "remove all but one");
                }
            }
        }
    }
}
