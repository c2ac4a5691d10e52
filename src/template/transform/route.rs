//! Events that are routes of an API: SAM writes them into the API's definition, if that is its own to write.

use super::{Check, FUNCTION};
use crate::source::Span;
use crate::template::Resource;
use crate::template::document::{Entry, NodeId};
use std::collections::{BTreeMap, BTreeSet};

/// Ids of the APIs that SAM makes for events that name none.
pub(super) const IMPLICIT: &[(&str, &str)] = &[("Api", "ServerlessRestApi"), ("HttpApi", "ServerlessHttpApi")];

/// A route: the API, the path, and the method in small letters.
type Taken<'d> = BTreeMap<(&'d str, &'d str, String), Span>;

/// An event of the kind `Api` or `HttpApi`.
struct Route<'d> {
    kind: &'static str,
    event: &'d Entry,
    properties: Option<NodeId>,
    whose: String,
    of_function: bool,
}

/// The API that an event names.
struct Api<'d> {
    id: &'d str,
    properties: Option<NodeId>,
}

/// Checks the routes of all functions and state machines together: no two may be the same. Gives the APIs that have any.
pub(super) fn check<'d>(check: &Check<'d, '_>, owners: &[&Resource<'d>]) -> BTreeSet<&'d str> {
    let (mut taken, mut routed) = (Taken::new(), BTreeSet::new());
    for owner in owners {
        let Some(events) = check.get(owner.properties, "Events") else { continue };
        for event in check.doc.entries(events) {
            let kind = check.get(Some(event.value), "Type").and_then(|kind| check.literal(kind));
            let Some((kind, _)) = IMPLICIT.iter().find(|(known, _)| Some(*known) == kind) else { continue };
            let of_function = owner.kind == FUNCTION;
            let whose = format!("the event `{}` of `{}`", event.key, owner.id);
            let properties = check.get(Some(event.value), "Properties").filter(|node| check.is_map(*node));
            if of_function || *kind == "Api" {
                routed.extend(one(check, &Route { kind, event, properties, whose, of_function }, &mut taken));
            }
        }
    }
    routed
}

/// Checks a route; gives the API's id.
fn one<'d>(check: &Check<'d, '_>, route: &Route<'d>, taken: &mut Taken<'d>) -> Option<&'d str> {
    let rest = route.kind == "Api";
    if rest && route.properties.is_none_or(|node| check.doc.entries(node).is_empty()) {
        return None;
    }
    let api = api(check, route)?;
    if let Some(stage) =
        check.get(api.properties, "StageName").filter(|stage| rest && check.literal(*stage) == Some(""))
    {
        check.refuse_node(stage, format!("`StageName` of `{}` is empty", api.id), "name the stage");
    }
    let texts = path_and_method(check, route);
    let body = check.truthy(api.properties, "DefinitionBody");
    let managed = body.is_none() && check.truthy(api.properties, "DefinitionUri").is_none();
    let merged = route.of_function && check.truthy(api.properties, "MergeDefinitions").is_some() && body.is_some();
    if let Some((path, method)) = texts.filter(|_| managed && !(rest && merged)) {
        let place = route.properties.and_then(|node| check.doc.get(node, "Path"));
        let place = place.map_or(route.event.key_span, |node| check.doc.span(node));
        if taken.insert((api.id, path, method), place).is_some() {
            check.refuse(place, format!("{} has a route that another event has", route.whose), "change path or method");
        }
    }
    let auth = check.truthy(route.properties, "Auth").filter(|auth| check.is_map(*auth));
    if let Some(auth) = auth {
        match (rest, managed || merged) {
            (true, true) => authorizer(check, route, &api, auth),
            (true, false) => overridden(check, route, &api, auth, body.is_some() && route.of_function),
            (false, _) if managed || body.is_some() => http_authorizer(check, route, &api, auth),
            (false, _) => {}
        }
    }
    if rest && route.of_function && (managed || merged) {
        model(check, route, &api);
        parameters(check, route);
    }
    Some(api.id)
}

/// The API, which must be a resource of this template, or the one that SAM makes.
fn api<'d>(check: &Check<'d, '_>, route: &Route<'d>) -> Option<Api<'d>> {
    let key = if route.kind == "Api" { "RestApiId" } else { "ApiId" };
    let Some(given) = route.properties.and_then(|node| check.doc.get(node, key)) else {
        let (_, id) = IMPLICIT.iter().find(|(kind, _)| *kind == route.kind)?;
        let section = if route.kind == "Api" { "Api" } else { "HttpApi" };
        let globals = check.doc.get(check.doc.root(), "Globals");
        return Some(Api { id, properties: globals.and_then(|globals| check.doc.get(globals, section)) });
    };
    let name = check.doc.get(given, "Ref").unwrap_or(given);
    let what = format!("`{key}` of {}", route.whose);
    let Some(id) = check.literal(name) else {
        let help = "name an API of this template by `!Ref`, and no other function";
        check.refuse_node(given, format!("{what} must be the name of an API"), help);
        return None;
    };
    let http = |resource: &&&Resource| resource.kind == "AWS::Serverless::HttpApi" && route.kind == "Api";
    match check.resources.get(id).filter(|resource| !http(resource)) {
        Some(resource) => Some(Api { id: resource.id, properties: resource.properties }),
        None if IMPLICIT.iter().any(|(_, implicit)| *implicit == id) => None,
        None => {
            let help = "declare the API here, of the kind that the event names";
            check.refuse_node(given, format!("{what} names no API of this template"), help);
            None
        }
    }
}

/// Path and method are plain texts, as they become keys of an `OpenAPI` document.
fn path_and_method<'d>(check: &Check<'d, '_>, route: &Route<'d>) -> Option<(&'d str, String)> {
    let at = |part: &str| check.get(route.properties, part);
    if route.kind == "HttpApi" && ["Path", "Method"].iter().all(|part| check.truthy(route.properties, part).is_none()) {
        return Some(("$default", "any".to_owned()));
    }
    let text = |part: &str| match at(part) {
        Some(value) => check.expect_text(value, &format!("`{part}` of {}", route.whose)),
        // The table of properties tells of those of an `Api`.
        None if route.kind == "HttpApi" => {
            let what = format!("{} lacks `{part}`", route.whose);
            check.refuse(route.event.key_span, what, "give both path and method, or neither");
            None
        }
        None => None,
    };
    let (path, method) = (text("Path"), text("Method"));
    let method = method?.to_ascii_lowercase();
    Some((path?, if method == "x-amazon-apigateway-any-method" { "any".to_owned() } else { method }))
}

/// What an event says about an API whose definition is written by hand.
fn overridden(check: &Check, route: &Route, api: &Api, auth: NodeId, inline: bool) {
    if !inline || check.truthy(Some(auth), "OverrideApiAuth").is_none() {
        return;
    }
    if ["Authorizer", "ApiKeyRequired", "ResourcePolicy"].iter().all(|key| check.truthy(Some(auth), key).is_none()) {
        let what = format!("{} overrides the authorization of its API by nothing", route.whose);
        return check.refuse_node(auth, what, "give `Authorizer`, `ApiKeyRequired` or `ResourcePolicy`");
    }
    authorizer(check, route, api, auth);
}

fn authorizer(check: &Check, route: &Route, api: &Api, auth: NodeId) {
    let whole = check.truthy(api.properties, "Auth");
    let named = check.truthy(Some(auth), "Authorizer");
    if let Some(named) = named {
        let defined = check.truthy(whole, "Authorizers").filter(|node| {
            check.literal(named) == Some("AWS_IAM")
                || check.expect_map(*node, &format!("the authorizers of `{}`", api.id))
        });
        match check.literal(named) {
            Some("AWS_IAM") => {}
            Some("NONE") => needs_default(check, route, whole, named),
            name => is_defined(check, route, api, named, name, defined),
        }
    }
    if let Some(scopes) = check.truthy(Some(auth), "AuthorizationScopes") {
        check.expect_list(scopes, &format!("the scopes of {}", route.whose));
        if named.is_none() {
            check.refuse_node(scopes, format!("{} has scopes, and no authorizer", route.whose), "set `Authorizer`");
        }
    }
    let key = check.get(Some(auth), "ApiKeyRequired").filter(|_| check.truthy(Some(auth), "ApiKeyRequired").is_none());
    if let Some(key) = key.filter(|_| check.truthy(whole, "ApiKeyRequired").is_none()) {
        let what = format!("{} needs no key, and its API asks for none", route.whose);
        check.refuse_node(key, what, "remove `ApiKeyRequired`");
    }
    if let Some(policy) = check.truthy(Some(auth), "ResourcePolicy") {
        check.expect_map(policy, &format!("the resource policy of {}", route.whose));
    }
}

fn http_authorizer(check: &Check, route: &Route, api: &Api, auth: NodeId) {
    let whole = check.truthy(api.properties, "Auth");
    let Some(named) = check.truthy(Some(auth), "Authorizer").or_else(|| check.truthy(whole, "DefaultAuthorizer"))
    else {
        let what = format!("{} has `Auth` without an authorizer, and its API has no default one", route.whose);
        return check.refuse_node(auth, what, "set `Authorizer`");
    };
    let iam =
        whole.and_then(|whole| check.doc.get(whole, "EnableIamAuthorizer")).is_some_and(|node| check.is_true(node));
    match check.literal(named) {
        Some("AWS_IAM") if iam => {}
        Some("NONE") => needs_default(check, route, whole, named),
        name => is_defined(check, route, api, named, name, check.truthy(whole, "Authorizers")),
    }
    if let Some(scopes) = check.truthy(Some(auth), "AuthorizationScopes") {
        check.expect_list(scopes, &format!("the scopes of {}", route.whose));
    }
}

fn needs_default(check: &Check, route: &Route, whole: Option<NodeId>, named: NodeId) {
    if check.truthy(whole, "DefaultAuthorizer").is_none() {
        let what = format!("{} wants no authorizer, and its API has no default one", route.whose);
        check.refuse_node(named, what, "remove `Authorizer: NONE`");
    }
}

fn is_defined(check: &Check, route: &Route, api: &Api, named: NodeId, name: Option<&str>, defined: Option<NodeId>) {
    let known = name.is_some_and(|name| check.has(defined, name));
    if !known {
        let what = format!("the authorizer of {} is none that `{}` defines", route.whose, api.id);
        check.refuse_node(named, what, "define it under `Auth: Authorizers:` of the API");
    }
}

/// The model of a request's body is one of the API's.
fn model(check: &Check, route: &Route, api: &Api) {
    let Some(request) = check.truthy(route.properties, "RequestModel").filter(|node| check.is_map(*node)) else {
        return;
    };
    let Some(model) = check.truthy(Some(request), "Model") else { return };
    let models = check.truthy(api.properties, "Models");
    let known = check.literal(model).is_some_and(|model| check.has(models, model));
    if !known {
        let what = format!("the model of {} is none that `{}` defines", route.whose, api.id);
        check.refuse_node(model, what, "define it under `Models` of the API");
    }
    for key in ["ValidateBody", "ValidateParameters"] {
        if let Some(node) = check.get(Some(request), key).filter(|node| !check.is_bool(*node)) {
            check.refuse_node(node, format!("`{key}` of {} must be true or false", route.whose), "write it out");
        }
    }
}

fn parameters(check: &Check, route: &Route) {
    let Some(listed) = check.truthy(route.properties, "RequestParameters") else { return };
    for item in check.doc.items(listed) {
        let first = check.doc.entries(*item).first();
        let name = check.literal(*item).or(first.map(|entry| &*entry.key));
        let place = ["querystring", "path", "header"].iter().any(|place| {
            name.and_then(|name| name.strip_prefix("method.request.")?.strip_prefix(place))
                .is_some_and(|rest| rest.starts_with('.'))
        });
        let what = format!("a request parameter of {}", route.whose);
        if !place {
            let help = "write `method.request.`, then querystring, path or header, then its name";
            check.refuse_node(*item, format!("{what} has no name that SAM knows"), help);
        }
        if let Some(entry) = first
            && check.expect_map(entry.value, &what)
        {
            check.expect_keys(entry.value, &what, &["Required", "Caching"]);
        }
    }
}
