//! Events that a rule or a schedule of `EventBridge` raises.

use super::Check;
use crate::template::document::NodeId;

pub(super) fn check(check: &Check, kind: &str, node: Option<NodeId>, whose: &str) {
    if !matches!(kind, "Schedule" | "ScheduleV2" | "CloudWatchEvent" | "EventBridgeRule") {
        return;
    }
    if let (Some(state), Some(_)) = (check.truthy(node, "State"), check.get(node, "Enabled")) {
        check.refuse_node(state, format!("{whose} has both `State` and `Enabled`"), "remove one");
    }
    if let (Some(name), Some(_)) = (check.truthy(node, "Name"), check.truthy(node, "OmitName")) {
        check.refuse_node(name, format!("{whose} has a name that `OmitName` leaves out"), "remove one");
    }
    if let Some(queue) = check.get(node, "DeadLetterConfig").filter(|queue| check.is_map(*queue)) {
        dead_letters(check, queue, whose);
    }
}

/// The queue is given by ARN, or made by its type.
fn dead_letters(check: &Check, queue: NodeId, whose: &str) {
    let at = |key: &str| check.doc.get(queue, key);
    match (at("Arn"), at("Type")) {
        (Some(_), Some(kind)) => {
            check.refuse_node(
                kind,
                format!("the dead letter queue of {whose} has both `Arn` and `Type`"),
                "remove one",
            );
        }
        (None, None) => {
            check.refuse_node(
                queue,
                format!("the dead letter queue of {whose} has neither `Arn` nor `Type`"),
                "give one",
            );
        }
        (None, Some(kind)) => check.expect_one_of(kind, &format!("the dead letter queue of {whose}"), &["SQS"]),
        (Some(_), None) => {}
    }
    if let Some(id) = check.get(Some(queue), "QueueLogicalId").filter(|_| check.get(Some(queue), "Arn").is_none()) {
        check.expect_text(id, &format!("`QueueLogicalId` of {whose}"));
    }
}
