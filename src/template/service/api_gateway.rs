//! APIs that call DynamoDB without a Lambda: methods, `OpenAPI` definitions, routes.
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/aws-api-gateway-integration-request-reference.html>

use super::parameters::{Substitutions, call, operation, pattern};
use super::scan::Syntax;
use super::tree::{Node, Tree, of_template};
use super::{Reader, unread, user};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
use crate::source::Span;
use crate::template::Resource;
use crate::template::model::RoleLink;
use crate::template::resolve::Got;
use crate::template::service_use::{ServiceCall, ServiceUser};

/// What an integration calls its parts: in a template, in `OpenAPI`, in a route.
struct Keys {
    uri: &'static str,
    credentials: &'static str,
    templates: &'static str,
}

const METHOD: Keys = Keys { uri: "Uri", credentials: "Credentials", templates: "RequestTemplates" };
const OPENAPI: Keys = Keys { uri: "uri", credentials: "credentials", templates: "requestTemplates" };
const ROUTE: Keys = Keys { uri: "IntegrationUri", credentials: "CredentialsArn", templates: "RequestTemplates" };

/// The users that a resource amounts to, one for each integration.
pub(super) fn users<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Vec<ServiceUser> {
    match resource.kind {
        "AWS::ApiGateway::Method" => of_property(reader, resource, &["Integration"], &METHOD),
        "AWS::ApiGatewayV2::Integration" => of_property(reader, resource, &[], &ROUTE),
        "AWS::ApiGateway::RestApi" => of_definition(reader, resource, &["Body"], &["BodyS3Location"]),
        "AWS::Serverless::Api" => of_definition(reader, resource, &["DefinitionBody"], &["DefinitionUri"]),
        _ => vec![],
    }
}

fn of_property<'d>(
    reader: &mut Reader<'_, 'd, '_, '_>,
    resource: &Resource<'d>,
    path: &[&str],
    keys: &Keys,
) -> Vec<ServiceUser> {
    let mut out = Vec::new();
    for alt in reader.r.property(resource.properties, path) {
        let Got::Is(node) = alt.got else { continue };
        let tree = of_template(reader.r, node, &alt.when);
        out.extend(integration(reader, resource, &tree, keys));
    }
    out
}

fn of_definition<'d>(
    reader: &mut Reader<'_, 'd, '_, '_>,
    resource: &Resource<'d>,
    body: &[&str],
    files: &[&str],
) -> Vec<ServiceUser> {
    let mut definitions: Vec<Result<Node, super::Unread>> = Vec::new();
    for alt in reader.r.property(resource.properties, body) {
        match alt.got {
            Got::Unset => {}
            Got::Unknown(span) => definitions.push(Err(("it can't be resolved".to_owned(), span))),
            Got::Is(node) => definitions.push(Ok(of_template(reader.r, node, &alt.when))),
        }
    }
    for key in files {
        definitions.extend(reader.definition_of(resource, key));
    }
    let mut out = Vec::new();
    for definition in definitions {
        match definition {
            Ok(definition) if definition.is_map() => out.extend(of_paths(reader, resource, &definition)),
            Ok(definition) => out.push(blind(reader, resource, "its definition can't be read", definition.span)),
            Err((reason, span)) => out.push(blind(reader, resource, &format!("its definition: {reason}"), span)),
        }
    }
    out
}

fn blind<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>, reason: &str, span: Span) -> ServiceUser {
    user(reader.r, resource, RoleLink::External(span), vec![unread(reason, span)])
}

fn of_paths<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>, definition: &Node) -> Vec<ServiceUser> {
    let paths = definition.members("paths").flat_map(|member| member.value.maps());
    let methods = paths.flat_map(|paths| &paths.members).flat_map(|path| path.value.maps());
    let methods = methods.flat_map(|methods| &methods.members);
    let integrations: Vec<&Node> = methods
        .flat_map(|method| method.value.members("x-amazon-apigateway-integration"))
        .map(|member| &member.value)
        .collect();
    integrations.into_iter().filter_map(|node| integration(reader, resource, node, &OPENAPI)).collect()
}

fn integration<'d>(
    reader: &mut Reader<'_, 'd, '_, '_>,
    resource: &Resource<'d>,
    node: &Node,
    keys: &Keys,
) -> Option<ServiceUser> {
    let uris = node.texts_of(keys.uri);
    let place = node.get(keys.uri).map_or(node.span, |uri| uri.span);
    let operations: Vec<Option<Operation>> = uris.known.iter().flat_map(operations_of).collect();
    if operations.is_empty() {
        return None;
    }
    let requests = requests(reader, node, keys);
    let mut calls: Vec<ServiceCall> = Vec::new();
    for operation in operations {
        for request in &requests {
            let call = call(operation, request.as_ref(), &Substitutions::new(), place);
            if !calls.contains(&call) {
                calls.push(call);
            }
        }
    }
    let credentials = node.texts_of(keys.credentials);
    let role = reader.named_role(&credentials.known, place);
    Some(user(reader.r, resource, role, calls))
}

/// `arn:aws:apigateway:eu-west-1:dynamodb:action/Query`: the operations behind it, `None` for one that can't be told;
/// none for another service, or for an action that has nothing to do with items.
fn operations_of(uri: &Symbolic) -> Vec<Option<Operation>> {
    let text = pattern(uri);
    let action = text.split_once(":dynamodb:action/").or_else(|| text.split_once(":dynamodb:path/"));
    let found = action.map(|(_, name)| (operation(name), name.contains('\0')));
    found.filter(|(operation, open)| operation.is_some() || *open).map(|(operation, _)| operation).into_iter().collect()
}

/// The request that each mapping template makes, `None` where the client's own is passed on or nothing can be told.
fn requests(reader: &Reader, integration: &Node, keys: &Keys) -> Vec<Option<Node>> {
    let templates = integration.members(keys.templates).flat_map(|member| member.value.maps());
    let templates: Vec<&Node> = templates.flat_map(|map| &map.members).map(|member| &member.value).collect();
    let mut out = Vec::new();
    for template in templates.into_iter().flat_map(Node::alternatives) {
        let Tree::Text(text) = &template.tree else {
            out.push(None);
            continue;
        };
        let found = reader.objects(text, template.span, Syntax::Velocity).ok().map(|(found, _)| found);
        let found = found.filter(|found| found.complete).map(|found| found.objects).unwrap_or_default();
        let requests: Vec<_> = found.into_iter().filter(is_request).map(Some).collect();
        if requests.is_empty() {
            out.push(None);
        }
        out.extend(requests);
    }
    if out.is_empty() { vec![None] } else { out }
}

fn is_request(node: &Node) -> bool {
    ["TableName", "RequestItems", "TransactItems"].iter().any(|key| node.get(key).is_some())
}
