//! Connectors between tables and functions, state machines or data sources: `AWS::Serverless::Connector`, and `Connectors` of a resource.

use super::Resource;
use super::document::NodeId;
use super::function::{LAMBDA_FUNCTION, SAM_FUNCTION, is_function};
use super::model::{Effect, PolicyOrigin, RoleLink, Statement};
use super::resolve::{Got, Resolver, When};
use super::role::{Roles, SAM_STATE_MACHINE};
use super::statement::Grants;
use super::table::is_table;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::iam::connector_actions;
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;

/// Type of a connector.
pub(super) const CONNECTOR: &str = "AWS::Serverless::Connector";

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
pub(super) fn connect<'d>(r: &Resolver<'d>, resources: &[Resource<'d>], roles: &mut Roles) {
    let by_id: BTreeMap<&str, &Resource<'d>> = resources.iter().map(|resource| (resource.id, resource)).collect();
    for resource in resources {
        if resource.kind == CONNECTOR {
            let at = |key: &str| resource.properties.and_then(|node| r.doc.get(node, key));
            let source = at("Source").and_then(|node| end(r, node));
            let condition = resource.condition(r);
            one(r, &Wire { name: resource.id, condition }, source, at("Destination"), at("Permissions"), &by_id, roles);
        }
        let Some(embedded) = r.doc.get(resource.body, "Connectors") else { continue };
        for entry in r.doc.entries(embedded) {
            let at = |key: &str| r.doc.get(entry.value, "Properties").and_then(|node| r.doc.get(node, key));
            let mut source = by_id_of(r, resource.id, entry.key_span);
            // The end may be told apart further; who it is stays the resource.
            source.role = at("SourceReference").and_then(|node| end(r, node)).and_then(|end| end.role);
            let name = format!("{}{}", resource.id, entry.key);
            let wire = Wire { name: &name, condition: None };
            one(r, &wire, Some(source), at("Destination"), at("Permissions"), &by_id, roles);
        }
    }
}

/// A connector, whatever it connects.
struct Wire<'n> {
    name: &'n str,
    condition: Option<String>,
}

fn one<'d>(
    r: &Resolver<'d>,
    wire: &Wire,
    source: Option<End>,
    destination: Option<NodeId>,
    permissions: Option<NodeId>,
    by_id: &BTreeMap<&str, &Resource<'d>>,
    roles: &mut Roles,
) {
    let (Some(source), Some(destination), Some(permissions)) = (source, destination, permissions) else { return };
    let listed = r.doc.items(destination);
    let destinations = if listed.is_empty() { vec![destination] } else { listed.to_vec() };
    for destination in destinations.into_iter().filter_map(|node| end(r, node)) {
        for permission in r.doc.items(permissions) {
            if !r.spend(1) {
                return;
            }
            let Some(text) = r.doc.text(*permission) else { continue };
            let span = r.doc.span(*permission);
            let granted = if role_key(&source.kind).is_some() && is_table(&destination.kind) {
                let actions = connector_actions(&text);
                actions.map(|actions| (&source, grant(wire.name, actions, &destination, &["", "/index/*"], span)))
            } else if is_table(&source.kind) && is_function(&destination.kind) && text == "Read" {
                Some((&destination, grant(wire.name, STREAM_ACTIONS, &source, &["/stream/*"], span)))
            } else {
                None
            };
            let Some((owner, statement)) = granted else { continue };
            for role in roles_of(r, owner, by_id, roles) {
                let grants = Grants { statements: vec![statement.clone()], ..Grants::default() };
                roles.grant(&role, grants, wire.condition.as_deref());
            }
        }
    }
}

/// The property that names the role of a resource that a connector can let into a table.
fn role_key(kind: &str) -> Option<&'static str> {
    match kind {
        SAM_FUNCTION | LAMBDA_FUNCTION | SAM_STATE_MACHINE => Some("Role"),
        "AWS::StepFunctions::StateMachine" => Some("RoleArn"),
        "AWS::AppSync::DataSource" => Some("ServiceRoleArn"),
        _ => None,
    }
}

fn grant(name: &str, actions: &[&str], table: &End, suffixes: &[&str], span: Span) -> Statement {
    let arn = table.arn.clone().unwrap_or_else(|| Symbolic::hole(&*table.kind));
    statement(name, actions, &Spanned::new(arn, table.span), suffixes, span)
}

/// What a connector allows on a table's ARN with each of `suffixes`.
pub(super) fn statement(
    name: &str,
    actions: &[&str],
    table: &Spanned<Symbolic>,
    suffixes: &[&str],
    span: Span,
) -> Statement {
    let resource = |suffix: &&str| {
        let mut arn = table.value.clone();
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
        layout: None,
    }
}

fn roles_of<'d>(
    r: &Resolver<'d>,
    owner: &End,
    by_id: &BTreeMap<&str, &Resource<'d>>,
    roles: &Roles,
) -> Vec<ResourceRef> {
    if let Some(role) = &owner.role {
        return roles.named(r, role);
    }
    let resource = owner.id.as_deref().and_then(|id| by_id.get(id));
    match resource.zip(role_key(&owner.kind)).map(|(resource, key)| roles.link_by(r, resource, key)) {
        Some(RoleLink::Known(roles)) => roles,
        _ => vec![],
    }
}

fn end(r: &Resolver, node: NodeId) -> Option<End> {
    let span = r.doc.span(node);
    if let Some(id) = r.doc.get(node, "Id").and_then(|id| r.doc.text(id)) {
        return Some(by_id_of(r, &id, span));
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

fn by_id_of(r: &Resolver, id: &str, span: Span) -> End {
    let resource = ResourceRef { stack: r.stack, id: id.to_owned() };
    End {
        kind: r.type_of(id).unwrap_or_default().to_owned(),
        id: Some(id.to_owned()),
        arn: Some(Symbolic::resource(resource, "Arn")),
        role: None,
        span,
    }
}
