//! WebSocket APIs.

use super::{Check, domain};
use crate::template::Resource;
use crate::template::document::NodeId;

pub(super) fn check(check: &Check, api: &Resource) {
    let id = api.id;
    let at = |key: &str| check.truthy(api.properties, key);
    domain::check(check, api, domain::Api::WebSocket);
    if let Some(kind) = check.get(api.properties, "IpAddressType").filter(|kind| check.doc.intrinsic(*kind).is_none()) {
        check.expect_one_of(kind, &format!("`IpAddressType` of `{id}`"), &["ipv4", "dualstack"]);
    }
    if let Some(stage) = at("StageName").filter(|stage| check.literal(*stage) == Some("$default")) {
        check.refuse_node(stage, format!("`StageName` of `{id}` can't be `$default`"), "give another name");
    }
    let Some(routes) = check.get(api.properties, "Routes").filter(|routes| !check.is_parameter(*routes)) else {
        return;
    };
    if check.doc.entries(routes).is_empty() {
        check.refuse_node(routes, format!("`{id}` has no routes"), "declare one");
    }
    for route in check.doc.entries(routes) {
        let special = matches!(&*route.key, "$connect" | "$disconnect" | "$default");
        let plain = !route.key.is_empty() && route.key.chars().all(char::is_alphanumeric);
        if !special && !plain {
            let what = format!("the route `{}` of `{id}` has a key that SAM can't name", route.key);
            check.refuse(route.key_span, what, "write letters and digits, $connect, $disconnect or $default");
        }
        if check.doc.get(route.value, "FunctionArn").is_none() {
            let what = format!("the route `{}` of `{id}` has no function", route.key);
            check.refuse(route.key_span, what, "set `FunctionArn`");
        }
        if let Some(parameters) =
            check.truthy(Some(route.value), "RequestParameters").filter(|_| &*route.key != "$connect")
        {
            let what = format!("the route `{}` of `{id}` can't have request parameters", route.key);
            check.refuse_node(parameters, what, "only $connect has them");
        }
    }
    if let Some(auth) = at("Auth").filter(|auth| !check.is_parameter(*auth)) {
        authorization(check, id, auth, check.doc.get(routes, "$connect").is_some());
    }
}

/// How those who connect show who they are.
fn authorization(check: &Check, id: &str, auth: NodeId, connect: bool) {
    let whose = format!("`Auth` of `{id}`");
    if !connect {
        check.refuse_node(auth, format!("{whose} has no route to guard"), "declare the route `$connect`");
    }
    let Some(kind) = check.truthy(Some(auth), "AuthType") else {
        return check.refuse_node(auth, format!("{whose} has no `AuthType`"), "set it");
    };
    let Some(name) = check.known_text(kind, &format!("`AuthType` of `{id}`")) else { return };
    match name {
        "CUSTOM" if check.truthy(Some(auth), "AuthArn").is_none() => {
            check.refuse_node(auth, format!("{whose} has no function that decides"), "set `AuthArn`");
        }
        "CUSTOM" => {}
        "AWS_IAM" | "NONE" => check.expect_keys(auth, &whose, &["AuthType"]),
        _ => check.refuse_node(
            kind,
            format!("`AuthType` of `{id}` is none that SAM knows"),
            "it is AWS_IAM, CUSTOM or NONE",
        ),
    }
}
