//! Functions and state machines.

use super::{Check, event, policy, publish};
use crate::template::Resource;
use crate::template::document::{NodeId, Value};

pub(super) fn check(check: &Check, function: &Resource) {
    package(check, function);
    role(check, function);
    dead_letters(check, function);
    tenancy(check, function);
    if let Some(provisioned) = check.truthy(function.properties, "ProvisionedConcurrencyConfig")
        && check.truthy(function.properties, "AutoPublishAlias").is_none()
    {
        let what = format!("`{}` has provisioned concurrency, and no alias to have it", function.id);
        check.refuse(check.doc.span(provisioned), what, "set `AutoPublishAlias`");
    }
    publish::check(check, function);
    policy::check(check, function);
    event::check(check, function, "function");
}

/// What an archive and what an image must have, and mustn't.
fn package(check: &Check, function: &Resource) {
    let doc = check.doc;
    let at = |key: &str| check.truthy(function.properties, key);
    let kind = at("PackageType");
    let id = function.id;
    match kind.map_or(Some("Zip"), |kind| check.literal(kind)) {
        Some("Zip") => {
            for key in ["Handler", "Runtime"] {
                if at(key).is_none() {
                    check.refuse(
                        function.key,
                        format!("`{id}` has no `{key}`"),
                        &format!("set `{key}`, here or in `Globals`"),
                    );
                }
            }
            for key in ["ImageUri", "ImageConfig"] {
                if let Some(node) =
                    at(key).filter(|_| key == "ImageConfig" || at("CodeUri").is_none() && at("InlineCode").is_none())
                {
                    check.refuse(
                        doc.span(node),
                        format!("`{id}` isn't an image, and has `{key}`"),
                        "set `PackageType: Image`",
                    );
                }
            }
        }
        Some("Image") => {
            for key in ["Handler", "Runtime", "Layers"] {
                if let Some(node) = at(key) {
                    let what = format!("`{id}` is an image, and has `{key}`");
                    check.refuse(
                        doc.span(node),
                        what,
                        "leave it to the image; `IgnoreGlobals` keeps out what `Globals` sets",
                    );
                }
            }
        }
        _ => {
            let place = kind.map_or(function.key, |kind| doc.span(kind));
            check.refuse(place, format!("the package type of `{id}` is neither Zip nor Image"), "write one of the two");
        }
    }
}

/// `Role` may be an `Fn::If`, if it has its three arguments.
fn role(check: &Check, function: &Resource) {
    let doc = check.doc;
    let Some(role) = check.get(function.properties, "Role") else { return };
    if let Some(call) = doc.intrinsic(role).filter(|call| &*call.key == "Fn::If")
        && doc.items(call.value).len() != 3
    {
        let what = format!("the `Fn::If` in the role of `{}` doesn't have three arguments", function.id);
        check.refuse(doc.span(role), what, "give the condition and both values");
    }
}

fn dead_letters(check: &Check, function: &Resource) {
    let doc = check.doc;
    let Some(queue) = check.truthy(function.properties, "DeadLetterQueue").filter(|node| check.is_map(*node)) else {
        return;
    };
    let kind = check.truthy(Some(queue), "Type");
    if kind.is_none() || check.truthy(Some(queue), "TargetArn").is_none() {
        let what = format!("the dead letter queue of `{}` lacks `Type` or `TargetArn`", function.id);
        check.refuse(doc.span(queue), what, "set both");
    } else if let Some(kind) =
        kind.filter(|kind| !check.literal(*kind).is_some_and(|kind| matches!(kind, "SQS" | "SNS")))
    {
        check.refuse(
            doc.span(kind),
            format!("the dead letter queue of `{}` is neither SQS nor SNS", function.id),
            "write one of the two",
        );
    }
}

/// A function with tenants can't have what would be shared among them.
fn tenancy(check: &Check, function: &Resource) {
    let doc = check.doc;
    if check.truthy(function.properties, "TenancyConfig").is_none() {
        return;
    }
    let help = "remove one of the two";
    for key in ["ProvisionedConcurrencyConfig", "FunctionUrlConfig", "SnapStart"] {
        if let Some(node) = check.truthy(function.properties, key) {
            check.refuse(doc.span(node), format!("`{}` has tenants, and can't have `{key}`", function.id), help);
        }
    }
    let events = check.truthy(function.properties, "Events");
    for event in events.map_or(&[][..], |node| doc.entries(node)) {
        let kind = doc.get(event.value, "Type").and_then(|kind| check.literal(kind));
        if !matches!(kind, Some("Api" | "HttpApi")) {
            let what = format!("`{}` has tenants, and can't have the event `{}`", function.id, event.key);
            check.refuse(event.key_span, what, "only requests through an API name their tenant");
        }
    }
}

/// State machines.
pub(super) fn machine(check: &Check, machine: &Resource) {
    let id = machine.id;
    let at = |key: &str| check.truthy(machine.properties, key);
    match (at("Definition"), at("DefinitionUri")) {
        (None, None) => {
            check.refuse(machine.key, format!("`{id}` has no definition"), "set `Definition` or `DefinitionUri`");
        }
        (Some(node), Some(_)) => {
            check.refuse(
                check.doc.span(node),
                format!("`{id}` has two definitions"),
                "remove `Definition` or `DefinitionUri`",
            );
        }
        _ => {}
    }
    if let (Some(_), Some(policies)) = (at("Role"), at("Policies")) {
        let what = format!("`{id}` has a role, and policies for another one");
        check.refuse(check.doc.span(policies), what, "give the policies to the role, or remove `Role`");
    }
    if let Some(policies) = check.get(machine.properties, "Policies").filter(|node| check.is_map(*node))
        && check.doc.entries(policies).is_empty()
    {
        check.refuse_node(policies, format!("`Policies` of `{id}` is an empty mapping"), "remove it, or write `[]`");
    }
    if at("AutoPublishAlias").is_none() {
        for key in ["DeploymentPreference", "UseAliasAsEventTarget"] {
            if let Some(node) = at(key) {
                check.refuse(
                    check.doc.span(node),
                    format!("`{key}` of `{id}` needs an alias"),
                    "set `AutoPublishAlias`",
                );
            }
        }
    }
    definition(check, machine, at("DefinitionUri"));
    policy::check(check, machine);
    event::check(check, machine, "machine");
}

fn definition(check: &Check, machine: &Resource, uri: Option<NodeId>) {
    let Some(uri) = uri.filter(|uri| matches!(check.doc.value(*uri), Value::Mapping(_))) else { return };
    if ["Bucket", "Key"].iter().any(|key| check.truthy(Some(uri), key).is_none()) {
        let what = format!("the place of the definition of `{}` lacks `Bucket` or `Key`", machine.id);
        check.refuse(check.doc.span(uri), what, "set both");
    }
}
