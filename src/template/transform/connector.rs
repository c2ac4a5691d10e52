//! Connectors: between which resources, with which permissions, and what must be known of both ends.

use super::Check;
use crate::source::Span;
use crate::template::Resource;
use crate::template::connector::CONNECTOR;
use crate::template::document::{NodeId, Value};
use crate::template::role::{SAM_STATE_MACHINE, generates_role};

/// What SAM knows of a pair of types.
struct Profile {
    permissions: Vec<&'static str>,
    /// `Source.Arn`, `Destination.Name`, …
    variables: Vec<&'static str>,
    /// `role`, `queue`, `topic`, `function`: whose policy is written.
    written: &'static str,
    of_source: bool,
    /// Sets of permissions that go together, sorted; empty if any do.
    combinations: Vec<Vec<&'static str>>,
}

fn profile(source: &str, destination: &str) -> Option<Profile> {
    include_str!("connectors.txt").lines().find_map(|line| {
        let mut words = line.split(' ');
        if words.next()? != source || words.next()? != destination {
            return None;
        }
        let mut list = || Some(words.next()?.split(',').collect::<Vec<_>>());
        let (permissions, variables) = (list()?, list()?);
        let (written, side) = (words.next()?, words.next()?);
        let combinations = words.next().map(|all| all.split('|').map(|one| one.split('+').collect()).collect());
        Some(Profile {
            permissions,
            variables,
            written,
            of_source: side == "source",
            combinations: combinations.unwrap_or_default(),
        })
    })
}

/// One end.
struct End<'d> {
    kind: String,
    node: NodeId,
    /// The resource, if it is named by `Id`.
    id: Option<&'d str>,
}

pub(super) fn check(check: &Check, connector: &Resource) {
    let at = |key: &str| check.get(connector.properties, key);
    if let (Some(source), Some(destination), Some(permissions)) = (at("Source"), at("Destination"), at("Permissions")) {
        let source = end(check, source);
        pairs(check, connector.id, source.as_ref(), destination, permissions);
    }
}

/// `Connectors` of a resource.
pub(super) fn embedded(check: &Check, resource: &Resource) {
    let doc = check.doc;
    if resource.kind == CONNECTOR {
        return;
    }
    let Some(connectors) = check.get(Some(resource.body), "Connectors") else { return };
    if !check.is_map(connectors) {
        let what = format!("the connectors of `{}` must be a mapping", resource.id);
        return check.refuse(doc.span(connectors), what, "give each a name");
    }
    for entry in doc.entries(connectors) {
        let properties = check.get(Some(entry.value), "Properties").filter(|node| check.is_map(*node));
        let Some(properties) = properties else {
            let what = format!("the connector `{}` of `{}` has no properties", entry.key, resource.id);
            check.refuse(entry.key_span, what, "give it `Destination` and `Permissions`");
            continue;
        };
        let at = |key: &str| check.get(Some(properties), key);
        for key in ["Destination", "Permissions"] {
            if at(key).is_none() {
                let what = format!("the connector `{}` of `{}` lacks `{key}`", entry.key, resource.id);
                check.refuse(entry.key_span, what, &format!("set `{key}`"));
            }
        }
        let (Some(destination), Some(permissions)) = (at("Destination"), at("Permissions")) else { continue };
        let source = End { kind: cfn_type(resource.kind), node: properties, id: Some(resource.id) };
        let name = format!("{}{}", resource.id, entry.key);
        pairs(check, &name, Some(&source), destination, permissions);
    }
}

fn pairs(check: &Check, name: &str, source: Option<&End>, destination: NodeId, permissions: NodeId) {
    let doc = check.doc;
    let listed = match doc.value(destination) {
        Value::Sequence(items) => items.clone(),
        _ => vec![destination],
    };
    if listed.is_empty() {
        check.refuse(doc.span(destination), format!("the connector `{name}` leads nowhere"), "name a destination");
    }
    for node in listed {
        let destination = end(check, node);
        if let (Some(source), Some(destination)) = (source, destination.as_ref()) {
            pair(check, name, source, destination, permissions);
        }
    }
}

fn pair(check: &Check, name: &str, source: &End, destination: &End, permissions: NodeId) {
    let doc = check.doc;
    let Some(profile) = profile(&source.kind, &destination.kind) else {
        let what = format!("SAM has no connector from {} to {}", source.kind, destination.kind);
        return check.refuse(doc.span(destination.node), what, "write the policy yourself");
    };
    let mut given: Vec<&str> = doc.items(permissions).iter().filter_map(|node| check.literal(*node)).collect();
    given.sort_unstable();
    given.dedup();
    let known = given.iter().all(|permission| profile.permissions.contains(permission));
    let together = profile.combinations.is_empty() || profile.combinations.contains(&given);
    if given.is_empty() || !known || !together {
        let what = format!("the connector `{name}` can't have these permissions");
        let help = format!("{} may have {}", name, profile.permissions.join(" and "));
        check.refuse(doc.span(permissions), what, &help);
    }
    let missing = profile.variables.iter().find(|variable| {
        let (side, what) = variable.split_once('.').unwrap_or_default();
        let end = if side == "Source" { source } else { destination };
        end.id.is_none() && check.get(Some(end.node), what).is_none()
    });
    if let Some(variable) = missing {
        let place = if variable.starts_with("Source") { source } else { destination };
        check.refuse(
            doc.span(place.node),
            format!("the connector `{name}` needs {variable}"),
            "give it, or name the resource by `Id`",
        );
    }
    let owner = if profile.of_source { source } else { destination };
    if profile.written == "role" && !has_role(check, owner) {
        let what = format!("the connector `{name}` can't tell the role of one of its ends");
        check.refuse(doc.span(owner.node), what, "let `Role` be a `!GetAtt` of a role, or give `RoleName`");
    }
}

fn end<'d>(check: &Check<'d, '_>, node: NodeId) -> Option<End<'d>> {
    let doc = check.doc;
    let refuse = |span: Span, what: &str| {
        check.refuse(span, what, "name a resource by `Id`, or describe it by `Type` and `Arn`");
        None
    };
    if !check.is_map(node) {
        return refuse(doc.span(node), "an end of a connector must be a mapping");
    }
    let by_id = doc.get(node, "Id").is_some();
    let described = doc.entries(node).iter().any(|entry| !matches!(&*entry.key, "Id" | "Qualifier"));
    if by_id == described {
        return refuse(doc.span(node), "an end of a connector has an `Id`, or is described, not both");
    }
    let Some(id) = check.truthy(Some(node), "Id") else {
        let kind = check.truthy(Some(node), "Type").and_then(|kind| check.literal(kind));
        return match kind {
            Some(kind) => Some(End { kind: cfn_type(kind), node, id: None }),
            None => refuse(doc.span(node), "an end of a connector has no `Type`"),
        };
    };
    let Some(name) = check.literal(id) else {
        return refuse(doc.span(id), "the `Id` of a connector's end must be a logical id");
    };
    match check.resources.get(name) {
        Some(resource) => Some(End { kind: cfn_type(resource.kind), node, id: Some(resource.id) }),
        None => refuse(doc.span(id), &format!("a connector names `{name}`, and there is no such resource")),
    }
}

/// What SAM makes of a type.
fn cfn_type(kind: &str) -> String {
    match kind {
        "AWS::Serverless::Function" => "AWS::Lambda::Function",
        "AWS::Serverless::StateMachine" => "AWS::StepFunctions::StateMachine",
        "AWS::Serverless::Api" => "AWS::ApiGateway::RestApi",
        "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api",
        "AWS::Serverless::SimpleTable" => "AWS::DynamoDB::Table",
        other => other,
    }
    .to_owned()
}

/// Whether the translator finds the name of an end's role: it follows a plain `Ref` or `GetAtt`, nothing else.
fn has_role(check: &Check, end: &End) -> bool {
    let Some(resource) = end.id.and_then(|id| check.resources.get(id)) else {
        return check.truthy(Some(end.node), "RoleName").is_some();
    };
    let doc = check.doc;
    let key = match resource.kind {
        "AWS::StepFunctions::StateMachine" => "RoleArn",
        "AWS::AppSync::DataSource" => "ServiceRoleArn",
        // The role belongs to one of the rule's targets.
        "AWS::Events::Rule" => return true,
        _ => "Role",
    };
    let Some(role) = check.truthy(resource.properties, key) else {
        return generates_role(doc, resource) || resource.kind == SAM_STATE_MACHINE;
    };
    doc.intrinsic(role).is_some_and(|call| match (&*call.key, doc.value(call.value)) {
        ("Ref", Value::Scalar(_)) => true,
        ("Fn::GetAtt", Value::Sequence(items)) => items.len() == 2,
        ("Fn::GetAtt", Value::Scalar(scalar)) => scalar.text.split('.').count() == 2,
        _ => false,
    })
}
