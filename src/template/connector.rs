//! Connectors between functions and tables: `AWS::Serverless::Connector`, and `Connectors` of a resource.

use super::Resource;
use super::document::NodeId;
use super::function::is_function;
use super::model::{Effect, Function, PolicyOrigin, RoleLink, Statement};
use super::resolve::{Got, Resolver, When};
use super::role::Roles;
use super::statement::Grants;
use super::table::is_table;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::iam::connector_actions;
use crate::source::{Span, Spanned};

/// What SAM grants a function for reading a table's stream.
const STREAM_ACTIONS: &[&str] =
    &["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];

/// One end of a connector.
struct End {
    kind: String,
    /// The resource, if it is named by `Id`.
    id: Option<String>,
    /// `Arn`, or the ARN of `Id`.
    arn: Option<Symbolic>,
    /// `RoleName`.
    role: Option<Symbolic>,
    span: Span,
}

/// Adds the grants of every connector of the template to the roles.
pub(super) fn connect<'d>(r: &Resolver<'d>, resources: &[Resource<'d>], functions: &[Function], roles: &mut Roles) {
    for resource in resources {
        if resource.kind == "AWS::Serverless::Connector" {
            let at = |key: &str| resource.properties.and_then(|node| r.doc.get(node, key));
            let source = at("Source").and_then(|node| end(r, node));
            one(r, resource.id, source, at("Destination"), at("Permissions"), functions, roles);
        }
        let Some(embedded) = r.doc.get(resource.body, "Connectors") else { continue };
        for entry in r.doc.entries(embedded) {
            let at = |key: &str| r.doc.get(entry.value, "Properties").and_then(|node| r.doc.get(node, key));
            let source = Some(by_id(r, resource.id, entry.key_span));
            let name = format!("{}{}", resource.id, entry.key);
            one(r, &name, source, at("Destination"), at("Permissions"), functions, roles);
        }
    }
}

fn one(
    r: &Resolver,
    name: &str,
    source: Option<End>,
    destination: Option<NodeId>,
    permissions: Option<NodeId>,
    functions: &[Function],
    roles: &mut Roles,
) {
    let (Some(source), Some(destination), Some(permissions)) = (source, destination, permissions) else { return };
    let listed = r.doc.items(destination);
    let destinations = if listed.is_empty() { vec![destination] } else { listed.to_vec() };
    for destination in destinations.into_iter().filter_map(|node| end(r, node)) {
        for permission in r.doc.items(permissions) {
            if !r.spend(functions.len()) {
                return;
            }
            let Some(text) = r.doc.text(*permission) else { continue };
            let span = r.doc.span(*permission);
            let granted = if is_function(&source.kind) && is_table(&destination.kind) {
                let actions = connector_actions(&text);
                actions.map(|actions| (&source, grant(name, actions, &destination, &["", "/index/*"], span)))
            } else if is_table(&source.kind) && is_function(&destination.kind) && text == "Read" {
                Some((&destination, grant(name, STREAM_ACTIONS, &source, &["/stream/*"], span)))
            } else {
                None
            };
            if let Some((function, statement)) = granted {
                for role in roles_of(r, function, functions, roles) {
                    let grants = Grants { statements: vec![statement.clone()], unknown: vec![] };
                    roles.grant(&role, grants, false);
                }
            }
        }
    }
}

fn grant(name: &str, actions: &[&str], table: &End, suffixes: &[&str], span: Span) -> Statement {
    let resource = |suffix: &&str| {
        let mut arn = table.arn.clone().unwrap_or_else(|| Symbolic::hole(&*table.kind));
        arn.push(Part::Text((*suffix).to_owned()));
        Spanned::new(arn, table.span)
    };
    Statement {
        effect: Effect::Allow,
        actions: actions.iter().map(|action| Spanned::new((*action).to_owned(), span)).collect(),
        not_action: false,
        resources: suffixes.iter().map(resource).collect(),
        not_resource: false,
        conditional: false,
        origin: PolicyOrigin::Connector(name.to_owned()),
        span,
    }
}

fn roles_of(r: &Resolver, function: &End, functions: &[Function], roles: &Roles) -> Vec<ResourceRef> {
    if let Some(id) = &function.id {
        let function = functions.iter().find(|function| function.resource.id == *id);
        return match function.map(|function| &function.role) {
            Some(RoleLink::Known(roles)) => roles.clone(),
            _ => vec![],
        };
    }
    function.role.as_ref().map_or_else(Vec::new, |role| roles.named(r, role))
}

fn end(r: &Resolver, node: NodeId) -> Option<End> {
    let span = r.doc.span(node);
    if let Some(id) = r.doc.get(node, "Id").and_then(|id| r.doc.text(id)) {
        return Some(by_id(r, &id, span));
    }
    let symbolic = |key: &str| {
        let alts = r.strings(r.doc.get(node, key)?, &When::default());
        alts.into_iter().find_map(|alt| match alt.got {
            Got::Is(value) => Some(value.value),
            _ => None,
        })
    };
    let kind = r.doc.get(node, "Type").and_then(|kind| r.doc.text(kind))?.into_owned();
    Some(End { kind, id: None, arn: symbolic("Arn"), role: symbolic("RoleName"), span })
}

fn by_id(r: &Resolver, id: &str, span: Span) -> End {
    let resource = ResourceRef { stack: r.stack, id: id.to_owned() };
    End {
        kind: r.type_of(id).unwrap_or_default().to_owned(),
        id: Some(id.to_owned()),
        arn: Some(Symbolic::resource(resource, "Arn")),
        role: None,
        span,
    }
}
