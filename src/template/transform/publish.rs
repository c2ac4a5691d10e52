//! Functions once more: where their code lies, and how their versions, addresses and results are published.

use super::Check;
use crate::template::Resource;
use crate::template::document::NodeId;

pub(super) fn check(check: &Check, function: &Resource) {
    let at = |key: &str| check.truthy(function.properties, key);
    let id = function.id;
    if at("InlineCode").is_none() && check.get(function.properties, "InlineCode").is_none() {
        location(check, function, "CodeUri");
    }
    alias(check, function);
    deployment(check, function);
    if let Some(config) = at("EventInvokeConfig") {
        destinations(check, id, config);
    }
    if let Some(config) = at("FunctionUrlConfig") {
        address(check, id, config);
    }
    for (one, other) in
        [("CapacityProviderConfig", "ProvisionedConcurrencyConfig"), ("CapacityProviderConfig", "VpcConfig")]
    {
        if let (Some(_), Some(node)) = (at(one), at(other)) {
            check.refuse_node(node, format!("`{id}` has both `{one}` and `{other}`"), "remove one");
        }
    }
    for (one, needed) in
        [("FunctionScalingConfig", "CapacityProviderConfig"), ("VersionDeletionPolicy", "AutoPublishAlias")]
    {
        if let (Some(node), None) = (at(one), at(needed)) {
            check.refuse_node(node, format!("`{one}` of `{id}` needs `{needed}`"), &format!("set `{needed}`"));
        }
    }
}

/// A place in a bucket, if it isn't a path that `sam build` or `sam package` uploads.
pub(super) fn location(check: &Check, resource: &Resource, key: &str) {
    let Some(node) = check.get(resource.properties, key) else { return };
    let whose = format!("`{key}` of `{}`", resource.id);
    if is_path_by_call(check, node) {
        return;
    }
    if check.is_map(node) {
        if ["Bucket", "Key"].iter().any(|part| check.truthy(Some(node), part).is_none()) {
            let help = "write a path, or give both; no other resource can give them";
            check.refuse_node(node, format!("{whose} lacks `Bucket` or `Key`"), help);
        }
    } else if let Some(text) = check.literal(node) {
        let remote = text.strip_prefix("s3://");
        let bucket = remote.map(|rest| rest.split_once('/').map_or("", |(bucket, _)| bucket));
        if ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme))
            || bucket.is_some_and(|name| name.is_empty() || name.contains(['[', ']']))
        {
            check.refuse_node(node, format!("{whose} is no place in a bucket"), "write `s3://bucket/key`, or a path");
        } else if remote.is_some_and(|rest| rest.contains("{{resolve:")) {
            let what = format!("{whose} has a dynamic reference");
            check.refuse_node(node, what, "give `Bucket` and `Key`; there the reference may stand");
        }
    } else {
        check.refuse_node(node, format!("{whose} must be a text or a mapping"), "write a path, or `s3://bucket/key`");
    }
}

/// Whether an intrinsic gives a text before the deployment: `sam build` resolves it, and writes its own path there.
fn is_path_by_call(check: &Check, node: NodeId) -> bool {
    check.doc.intrinsic(node).is_some_and(|call| match &*call.key {
        "Ref" => check.is_parameter(node),
        key => !matches!(key, "Fn::GetAtt" | "Fn::ImportValue"),
    })
}

fn alias(check: &Check, function: &Resource) {
    let Some(alias) = check.truthy(function.properties, "AutoPublishAlias") else { return };
    let what = format!("`AutoPublishAlias` of `{}`", function.id);
    if let Some(name) = check.known_text(alias, &what) {
        let sound = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        if name.is_empty() || !name.bytes().all(sound) || name.bytes().all(|b| b.is_ascii_digit()) {
            check.refuse_node(alias, format!("{what} is no name of an alias"), "write letters, digits, `-` and `_`");
        }
    }
    if let Some(digest) = check.truthy(function.properties, "AutoPublishCodeSha256") {
        check.known_text(digest, &format!("`AutoPublishCodeSha256` of `{}`", function.id));
    }
}

fn deployment(check: &Check, function: &Resource) {
    let Some(preference) = check.truthy(function.properties, "DeploymentPreference").filter(|node| check.is_map(*node))
    else {
        return;
    };
    let id = function.id;
    let at = |key: &str| check.doc.get(preference, key);
    if let Some(condition) = at("PassthroughCondition") {
        let flag = check.is_bool(condition)
            || check.literal(condition).is_some_and(|text| matches!(text, "true" | "True" | "false" | "False"))
            || check.is_parameter(condition)
            || check.doc.get(condition, "Fn::FindInMap").is_some();
        if !flag {
            let what = format!("`PassthroughCondition` of `{id}` must be true or false");
            check.refuse_node(condition, what, "write it out, or name a parameter or a mapping");
        }
    }
    // What is only known when it is deployed may be false.
    let maybe_off = at("Enabled").is_some_and(|node| {
        let text = check.literal(node).is_some_and(|text| matches!(text, "false" | "False"));
        text || !check.is_truthy(node) || check.is_parameter(node) || check.doc.get(node, "Fn::FindInMap").is_some()
    });
    if maybe_off {
        return;
    }
    if at("Type").is_none() {
        check.refuse_node(preference, format!("the deployment preference of `{id}` has no `Type`"), "set `Type`");
    }
    if let Some(hooks) = at("Hooks") {
        check.expect_map(hooks, &format!("the hooks of `{id}`"));
    }
    if check.truthy(function.properties, "AutoPublishAlias").is_none() {
        let what = format!("`DeploymentPreference` of `{id}` needs an alias");
        check.refuse_node(preference, what, "set `AutoPublishAlias`");
    }
    if let Some(alarms) =
        check.truthy(Some(preference), "Alarms").filter(|alarms| check.doc.get(*alarms, "Fn::If").is_none())
    {
        check.expect_list(alarms, &format!("the alarms of `{id}`"));
    }
}

/// Where the results of asynchronous calls go.
fn destinations(check: &Check, id: &str, config: NodeId) {
    let Some(destinations) = check.truthy(Some(config), "DestinationConfig").filter(|node| !check.is_parameter(*node))
    else {
        return;
    };
    if !check.expect_map(destinations, &format!("`DestinationConfig` of `{id}`")) {
        return;
    }
    for key in ["OnSuccess", "OnFailure"] {
        let Some(one) = check.get(Some(destinations), key) else { continue };
        let whose = format!("`{key}` of `{id}`");
        if !check.expect_map(one, &whose) {
            continue;
        }
        let kind = check.get(Some(one), "Type");
        if !kind.is_some_and(|kind| check.is_parameter(kind)) {
            let known = ["SQS", "SNS", "EventBridge", "Lambda", "S3Bucket"];
            check.expect_one_of(kind.unwrap_or(one), &format!("the type of {whose}"), &known);
        }
        if is_made(check, one, &whose)
            && kind.and_then(|kind| check.literal(kind)).is_some_and(|kind| !matches!(kind, "SQS" | "SNS"))
        {
            check.refuse_node(
                one,
                format!("{whose} has no `Destination`"),
                "SAM makes only queues and topics; give its ARN",
            );
        }
    }
}

/// Whether SAM makes the destination, on some branch.
fn is_made(check: &Check, one: NodeId, whose: &str) -> bool {
    let Some(destination) = check.get(Some(one), "Destination") else { return true };
    let Some(branches) = check.doc.get(destination, "Fn::If") else { return false };
    let [_, yes, no] = *check.doc.items(branches) else {
        let what = format!("the `Fn::If` in {whose} doesn't have three arguments");
        check.refuse_node(destination, what, "give the condition and both values");
        return false;
    };
    let unset = |node| crate::template::role::is_no_value(check.doc, node);
    unset(yes) != unset(no)
}

/// The function's own URL.
fn address(check: &Check, id: &str, config: NodeId) {
    let call = |node: NodeId| check.doc.intrinsic(node).is_some();
    if call(config) {
        return;
    }
    let kind = check.truthy(Some(config), "AuthType");
    if !kind.is_some_and(call) {
        check.expect_one_of(kind.unwrap_or(config), &format!("`AuthType` of the URL of `{id}`"), &["AWS_IAM", "NONE"]);
    }
    let Some(cors) = check.truthy(Some(config), "Cors").filter(|cors| !call(*cors)) else { return };
    let whose = format!("`Cors` of the URL of `{id}`");
    let lists = ["AllowOrigins", "AllowMethods", "AllowHeaders", "ExposeHeaders"];
    if check.expect_map(cors, &whose) {
        check.expect_keys(cors, &whose, &[&lists[..], &["AllowCredentials", "MaxAge"]].concat());
    }
    for entry in check.doc.entries(cors).iter().filter(|entry| !call(entry.value)) {
        let what = format!("`{}` of {whose}", entry.key);
        match &*entry.key {
            "AllowCredentials" if !check.is_bool(entry.value) => {
                check.refuse_node(entry.value, format!("{what} must be true or false"), "write it out");
            }
            "MaxAge" if !check.is_integer(entry.value) => {
                check.refuse_node(entry.value, format!("{what} must be an integer"), "write it without quotes");
            }
            key if lists.contains(&key) => {
                check.expect_list(entry.value, &what);
            }
            _ => {}
        }
    }
}
