//! Authorizers of APIs: who may call.

use super::Check;
use super::open_api::Kind;
use crate::template::document::{NodeId, Value};

const SOURCES: &[&str] = &["Headers", "QueryStrings", "StageVariables", "Context"];

/// Properties of an HTTP API's authorizer, by whether it looks at tokens itself.
const OF_TOKENS: &[&str] = &["AuthorizationScopes", "JwtConfiguration", "IdentitySource"];
const OF_FUNCTIONS: &[&str] = &[
    "FunctionArn",
    "FunctionInvokeRole",
    "Identity",
    "AuthorizerPayloadFormatVersion",
    "EnableSimpleResponses",
    "EnableFunctionDefaultPermissions",
];

/// Checks `Authorizers` and `DefaultAuthorizer` of the `Auth` of the API `id`.
pub(super) fn check(check: &Check, id: &str, auth: NodeId, kind: Kind) {
    let defined = check.truthy(Some(auth), "Authorizers").filter(|node| !check.is_parameter(*node));
    if let Some(defined) = defined
        && check.expect_map(defined, &format!("the authorizers of `{id}`"))
    {
        for entry in check.doc.entries(defined) {
            let whose = format!("the authorizer `{}` of `{id}`", entry.key);
            if check.is_map(entry.value) {
                match kind {
                    Kind::Rest => rest(check, entry.value, &whose),
                    Kind::Http => http(check, entry.value, &whose),
                }
            } else {
                check.refuse(entry.key_span, format!("{whose} must be a mapping"), "give it properties");
            }
        }
    }
    let Some(default) = check.truthy(Some(auth), "DefaultAuthorizer") else { return };
    if kind == Kind::Rest && defined.is_none()
        || crate::template::role::is_no_value(check.doc, default) && kind == Kind::Http
    {
        return;
    }
    let Some(name) = check.known_text(default, &format!("`DefaultAuthorizer` of `{id}`")) else { return };
    let iam = name == "AWS_IAM"
        && (kind == Kind::Rest
            || check.doc.get(auth, "EnableIamAuthorizer").is_some_and(|enabled| check.is_true(enabled)));
    if !iam && defined.is_none_or(|defined| check.doc.get(defined, name).is_none()) {
        check.refuse_node(
            default,
            format!("the default authorizer of `{id}` isn't among its authorizers"),
            "define it",
        );
    }
}

fn rest(check: &Check, authorizer: NodeId, whose: &str) {
    let at = |key: &str| check.get(Some(authorizer), key);
    let payload = at("FunctionPayloadType").filter(|payload| !check.is_parameter(*payload));
    if let Some(payload) = payload {
        check.expect_one_of(payload, &format!("`FunctionPayloadType` of {whose}"), &["TOKEN", "REQUEST"]);
    }
    let request = payload.and_then(|payload| check.literal(payload)) == Some("REQUEST");
    let identity = check.truthy(Some(authorizer), "Identity").filter(|identity| !check.is_parameter(*identity));
    if let Some(identity) = identity
        && check.expect_map(identity, &format!("`Identity` of {whose}"))
        && request
        && check.truthy(Some(authorizer), "UserPoolArn").is_none()
    {
        sources(check, identity, whose);
    }
    let named = identity.is_some_and(|one| SOURCES.iter().any(|key| check.truthy(Some(one), key).is_some()));
    if request && !named && !identity.is_some_and(|identity| never_kept(check, identity)) {
        check.refuse_node(
            authorizer,
            format!("{whose} looks at nothing of the request"),
            "name `Headers` in `Identity`",
        );
    }
    common(check, authorizer, whose, "DisableFunctionDefaultPermissions");
}

/// Whether answers are asked for anew each time.
fn never_kept(check: &Check, identity: NodeId) -> bool {
    let Some(seconds) = check.get(Some(identity), "ReauthorizeEvery") else { return false };
    let Value::Scalar(scalar) = check.doc.value(seconds) else { return check.is_parameter(seconds) };
    scalar.text.trim().parse::<i64>().is_ok_and(|seconds| seconds <= 0)
}

fn http(check: &Check, authorizer: NodeId, whose: &str) {
    let at = |key: &str| check.truthy(Some(authorizer), key);
    if let Some(node) = check.doc.get(authorizer, "OpenIdConnectUrl") {
        check.refuse_node(node, format!("{whose} can't have `OpenIdConnectUrl` any more"), "use `JwtConfiguration`");
    }
    let tokens = at("JwtConfiguration");
    if let Some(tokens) = tokens {
        check.expect_map(tokens, &format!("`JwtConfiguration` of {whose}"));
    }
    let (needed, foreign): (&[&str], _) = match tokens {
        Some(_) => (&["IdentitySource"], OF_FUNCTIONS),
        None => (&["FunctionArn", "AuthorizerPayloadFormatVersion"], OF_TOKENS),
    };
    for key in needed {
        if at(key).is_none() {
            check.refuse_node(authorizer, format!("{whose} lacks `{key}`"), &format!("set `{key}`"));
        }
    }
    for key in foreign {
        if let Some(node) = check.get(Some(authorizer), key) {
            let what = format!("{whose} can't have `{key}`: an authorizer is a function, or looks at tokens");
            check.refuse_node(node, what, "remove one of the two");
        }
    }
    if let Some(identity) = at("Identity")
        && check.expect_map(identity, &format!("`Identity` of {whose}"))
    {
        sources(check, identity, whose);
    }
    common(check, authorizer, whose, "EnableFunctionDefaultPermissions");
}

/// What of the request is looked at: lists of texts.
fn sources(check: &Check, identity: NodeId, whose: &str) {
    for key in SOURCES {
        let Some(list) = check.truthy(Some(identity), key).filter(|list| !check.is_parameter(*list)) else { continue };
        let what = format!("`{key}` of {whose}");
        for item in check.expect_list(list, &what) {
            check.known_text(*item, &what);
        }
    }
}

fn common(check: &Check, authorizer: NodeId, whose: &str, flag: &str) {
    if let Some(scopes) =
        check.get(Some(authorizer), "AuthorizationScopes").filter(|scopes| !check.is_parameter(*scopes))
    {
        check.expect_list(scopes, &format!("`AuthorizationScopes` of {whose}"));
    }
    if let Some(node) =
        check.get(Some(authorizer), flag).filter(|node| !check.is_bool(*node) && !check.is_parameter(*node))
    {
        check.refuse_node(node, format!("`{flag}` of {whose} must be true or false"), "write it out");
    }
}
