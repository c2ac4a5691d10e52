//! REST and HTTP APIs.

use super::open_api::{self, Definition, Kind};
use super::{Check, authorizer, domain, publish};
use crate::template::Resource;
use crate::template::document::NodeId;

const REST_AUTH: &[&str] = &[
    "Authorizers",
    "DefaultAuthorizer",
    "InvokeRole",
    "AddDefaultAuthorizerToCorsPreflight",
    "AddApiKeyRequiredToCorsPreflight",
    "ApiKeyRequired",
    "ResourcePolicy",
    "UsagePlan",
];
const HTTP_AUTH: &[&str] = &["Authorizers", "DefaultAuthorizer", "EnableIamAuthorizer"];
const REST_CORS: &[&str] = &["AllowMethods", "AllowHeaders", "AllowOrigin", "MaxAge", "AllowCredentials"];
const HTTP_CORS: &[&str] =
    &["AllowMethods", "AllowHeaders", "AllowOrigins", "MaxAge", "ExposeHeaders", "AllowCredentials"];
const USAGE: &[&str] = &["CreateUsagePlan", "Description", "Quota", "Tags", "Throttle", "UsagePlanName"];

/// Properties that SAM writes into the definition.
const REST_WRITTEN: &[&str] = &["Cors", "Auth", "GatewayResponses", "Models"];
const HTTP_WRITTEN: &[&str] = &["CorsConfiguration", "Auth", "Tags", "Description", "Name"];

/// An API, `routed` if events add to it.
struct Api<'d, 'r> {
    resource: &'r Resource<'d>,
    kind: Kind,
    /// The definition, if the template has it.
    definition: Option<Definition<'d>>,
    routed: bool,
}

pub(super) fn rest<'d>(check: &Check<'d, '_>, resource: &Resource<'d>, routed: bool) {
    let api = api(check, resource, Kind::Rest, routed);
    let at = |key: &str| check.truthy(resource.properties, key);
    let id = resource.id;
    if let Some(version) = at("OpenApiVersion").filter(|version| !open_api::is_version(check, *version, &["2", "3"])) {
        check.refuse_node(version, format!("`OpenApiVersion` of `{id}` is no version"), "write it as '3.0.1'");
    }
    if let (Some(node), Some(_)) = (at("MergeDefinitions"), at("DefinitionUri")) {
        check.refuse_node(
            node,
            format!("the definition of `{id}` lies elsewhere, and can't be merged"),
            "write it here",
        );
    }
    if let Some(endpoint) = at("EndpointConfiguration").filter(|one| check.truthy(Some(*one), "Type").is_some())
        && let (Some(node), Some(_)) =
            (check.doc.get(endpoint, "VPCEndpointIds"), check.doc.get(endpoint, "VpcEndpointIds"))
    {
        check.refuse_node(node, format!("`{id}` names its VPC endpoints twice"), "remove `VpcEndpointIds`");
    }
    if let (Some(definition), Some(_)) = (api.definition, at("BinaryMediaTypes")) {
        definition.must_be_editable(check);
    }
    if let Some(responses) = at("GatewayResponses") {
        gateway_responses(check, id, responses);
    }
    if let Some(models) = at("Models") {
        for model in check.doc.entries(models) {
            if check.truthy(Some(model.value), "type").is_none() {
                check.refuse(
                    model.key_span,
                    format!("the model `{}` of `{id}` has no `type`", model.key),
                    "write a JSON schema",
                );
            }
        }
    }
    if let Some(definition) = api.definition {
        definition.must_be_convertible(check, at("OpenApiVersion"));
    }
    domain::check(check, resource, domain::Api::Rest);
}

pub(super) fn http<'d>(check: &Check<'d, '_>, resource: &Resource<'d>, routed: bool) {
    let api = api(check, resource, Kind::Http, routed);
    if let Some(definition) = api.definition {
        definition.must_take_tags(check);
        if routed {
            definition.must_be_editable(check);
        }
    }
    domain::check(check, resource, domain::Api::Http);
}

/// What both kinds have in common.
fn api<'d, 'r>(check: &Check<'d, '_>, resource: &'r Resource<'d>, kind: Kind, routed: bool) -> Api<'d, 'r> {
    let at = |key: &str| check.truthy(resource.properties, key);
    let id = resource.id;
    let body = at("DefinitionBody");
    let definition = body.map(|node| Definition { node, kind, id });
    let api = Api { resource, kind, definition, routed };
    if let (Some(node), Some(_)) = (at("DefinitionUri"), body) {
        check.refuse_node(node, format!("`{id}` has two definitions"), "remove `DefinitionUri` or `DefinitionBody`");
    }
    if body.is_none() && at("DefinitionUri").is_some() {
        publish::location(check, resource, "DefinitionUri");
    }
    let written = if kind == Kind::Rest { REST_WRITTEN } else { HTTP_WRITTEN };
    let set = written.iter().filter_map(|key| Some((*key, at(key)?)));
    let off =
        check.get(resource.properties, "DisableExecuteApiEndpoint").map(|node| ("DisableExecuteApiEndpoint", node));
    for (key, node) in set.chain(off) {
        match definition {
            Some(definition) if !matches!(key, "Description" | "Name") => definition.must_be_editable(check),
            None if at("DefinitionUri").is_some() => {
                let what = format!("`{key}` of `{id}` is written into a definition that lies elsewhere");
                check.refuse_node(node, what, "write the definition as `DefinitionBody`, or add this to it by hand");
            }
            _ => {}
        }
    }
    if let (Some(definition), Some(_)) = (definition, off) {
        definition.must_take_endpoint(check);
    }
    cors(check, &api);
    if let Some(auth) = at("Auth").filter(|auth| !check.is_parameter(*auth)) {
        authorization(check, &api, auth);
    }
    api
}

fn cors(check: &Check, api: &Api) {
    let (key, origin, known) = match api.kind {
        Kind::Rest => ("Cors", "AllowOrigin", REST_CORS),
        Kind::Http => ("CorsConfiguration", "AllowOrigins", HTTP_CORS),
    };
    let Some(cors) = check.truthy(api.resource.properties, key) else { return };
    if check.doc.intrinsic(cors).is_some() {
        return;
    }
    let whose = format!("`{key}` of `{}`", api.resource.id);
    check.expect_keys(cors, &whose, known);
    let credentials = check.doc.get(cors, "AllowCredentials").filter(|node| check.is_true(*node));
    let given = check.doc.get(cors, origin);
    let wild = match (api.kind, given) {
        (Kind::Rest, Some(given)) => check.literal(given) == Some("'*'"),
        (Kind::Rest, None) => check.is_map(cors),
        (Kind::Http, given) => {
            given.is_some_and(|given| matches!(check.doc.items(given), [one] if check.literal(*one) == Some("*")))
        }
    };
    if let Some(credentials) = credentials.filter(|_| wild) {
        let what = format!("{whose} lets everybody send credentials");
        check.refuse_node(credentials, what, &format!("name the origins in `{origin}`"));
    }
    let bare = |definition: Definition| {
        definition.paths(check).iter().any(|path| check.doc.get(path.value, "options").is_none())
    };
    if let Some(given) = given.filter(|given| api.kind == Kind::Rest && !check.is_truthy(*given))
        && api.definition.map_or(api.routed, bare)
    {
        check.refuse_node(given, format!("`{origin}` of {whose} is empty"), "name an origin, or remove it");
    }
}

fn authorization(check: &Check, api: &Api, auth: NodeId) {
    let id = api.resource.id;
    let whose = format!("`Auth` of `{id}`");
    let at = |key: &str| check.truthy(Some(auth), key);
    check.expect_keys(auth, &whose, if api.kind == Kind::Rest { REST_AUTH } else { HTTP_AUTH });
    authorizer::check(check, id, auth, api.kind);
    // SAM knows this one authorizer of a REST API without a definition.
    let signed = at("DefaultAuthorizer").and_then(|default| check.literal(default)) == Some("AWS_IAM");
    let authorizers = at("Authorizers").is_some() || (signed && api.kind == Kind::Rest);
    let default = at("DefaultAuthorizer").is_some() && (authorizers || api.kind == Kind::Http);
    let securities = authorizers || at("ApiKeyRequired").is_some();
    if let Some(definition) = api.definition.filter(|definition| definition.is_valid(check)) {
        if default || at("ApiKeyRequired").is_some() {
            definition.must_be_guardable(check);
        }
        if securities && api.kind == Kind::Rest {
            definition.must_define_securities(check);
        }
    }
    if api.kind == Kind::Http {
        return;
    }
    if let Some(policy) =
        at("ResourcePolicy").filter(|policy| check.expect_map(*policy, &format!("`ResourcePolicy` of {whose}")))
    {
        let some = api.definition.map_or(api.routed, |definition| !definition.paths(check).is_empty());
        for key in ["SourceVpcBlacklist", "SourceVpcWhitelist"] {
            let listed = check.doc.get(policy, key).map_or(&[][..], |list| check.doc.items(list));
            for item in
                listed.iter().filter(|item| some && check.literal(**item).is_none() && !check.is_parameter(**item))
            {
                let help = "list what is given by intrinsic functions under `IntrinsicVpc…` or `IntrinsicVpce…`";
                check.refuse_node(*item, format!("`{key}` of {whose} must list plain texts"), help);
            }
        }
    }
    if let Some(plan) = check.get(Some(auth), "UsagePlan").filter(|plan| !check.is_parameter(*plan)) {
        usage_plan(check, plan, &format!("`UsagePlan` of {whose}"));
    }
}

fn usage_plan(check: &Check, plan: NodeId, whose: &str) {
    if !check.expect_map(plan, whose) {
        return;
    }
    check.expect_keys(plan, whose, USAGE);
    let given = check.get(Some(plan), "CreateUsagePlan");
    if given.is_none() {
        check.refuse_node(plan, format!("{whose} lacks `CreateUsagePlan`"), "set it to PER_API, SHARED or NONE");
    }
    if let Some(given) = given.filter(|given| !check.is_parameter(*given)) {
        check.expect_one_of(given, &format!("`CreateUsagePlan` of {whose}"), &["SHARED", "PER_API", "NONE"]);
    }
}

fn gateway_responses(check: &Check, id: &str, responses: NodeId) {
    for response in check.doc.entries(responses) {
        let whose = format!("the gateway response `{}` of `{id}`", response.key);
        if !check.is_map(response.value) || check.doc.intrinsic(response.value).is_some() {
            check.refuse(response.key_span, format!("{whose} must be a mapping"), "write it out");
            continue;
        }
        check.expect_keys(response.value, &whose, &["ResponseParameters", "ResponseTemplates", "StatusCode"]);
        if let Some(code) = check.truthy(Some(response.value), "StatusCode")
            && !check
                .doc
                .text(code)
                .is_some_and(|code| matches!(code.len(), 1..=3) && code.bytes().all(|b| b.is_ascii_digit()))
        {
            check.refuse_node(code, format!("`StatusCode` of {whose} is no number"), "write three digits");
        }
        let Some(parameters) = check.truthy(Some(response.value), "ResponseParameters") else { continue };
        let what = format!("`ResponseParameters` of {whose}");
        let known = ["Headers", "Paths", "QueryStrings"];
        if check.expect_map(parameters, &what) {
            check.expect_keys(parameters, &what, &known);
            for key in known {
                if let Some(one) = check.doc.get(parameters, key) {
                    check.expect_map(one, &format!("`{key}` of {what}"));
                }
            }
        }
    }
}
