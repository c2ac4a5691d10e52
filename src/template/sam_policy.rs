//! The role that SAM generates for a function or a state machine: its `Policies` in all their forms, and what its events add.

use super::Resource;
use super::document::{Entry, NodeId, Value};
use super::model::{Effect, PolicyOrigin, Statement, UnreadPolicy};
use super::resolve::{Alt, Got, Resolver, When};
use super::role::{boundary, managed_policy, span_of};
use super::statement::{self, Grants};
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::iam::{TemplateParameter, is_policy_template, policy_template};
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;

/// What the generated role of `function` may do.
pub(super) fn grants<'d>(r: &Resolver<'d>, function: &Resource<'d>, by_id: &BTreeMap<&str, &Resource<'d>>) -> Grants {
    let mut grants = Grants::default();
    for policy in r.items(r.property(function.properties, &["Policies"])) {
        one(r, policy, by_id, &mut grants);
    }
    for (name, event) in stream_events(r, function) {
        let origin = PolicyOrigin::Event(name);
        grants.statements.extend(statement::managed("AWSLambdaDynamoDBExecutionRole", event, false, &origin));
    }
    boundary(r, function, by_id, &mut grants);
    grants
}

/// A managed policy's name or ARN, a document, or a policy template.
fn one<'d>(r: &Resolver<'d>, policy: Alt<'d, NodeId>, by_id: &BTreeMap<&str, &Resource<'d>>, grants: &mut Grants) {
    let Got::Is(node) = policy.got else {
        if let Some(span) = span_of(r, &policy.got) {
            grants.unread(UnreadPolicy::Unresolved("a policy"), span);
        }
        return;
    };
    match r.doc.value(node) {
        Value::Mapping(entries) if r.doc.intrinsic(node).is_none() => {
            if r.doc.get(node, "Statement").is_some() {
                grants.extend(statement::document(r, vec![policy], &PolicyOrigin::Document), false);
                return;
            }
            for entry in entries {
                template(r, entry, &policy.when, grants);
            }
        }
        Value::Sequence(_) => {
            // SAM refuses a list in a list (an `Fn::If` over several policies); what was meant is clear.
            for policy in r.items(vec![policy]) {
                if !matches!(policy.got, Got::Is(node) if matches!(r.doc.value(node), Value::Sequence(_))) {
                    one(r, policy, by_id, grants);
                }
            }
        }
        _ => managed_policy(r, &policy, by_id, grants),
    }
}

fn template<'d>(r: &Resolver<'d>, entry: &Entry, when: &When<'d>, grants: &mut Grants) {
    let name = &*entry.key;
    let Some(statements) = policy_template(name) else {
        if !is_policy_template(name) {
            grants.unread(UnreadPolicy::Named(name.to_owned()), entry.key_span);
        }
        return;
    };
    let tables = parameter(r, entry.value, "TableName", when);
    let streams = parameter(r, entry.value, "StreamName", when);
    let whole =
        Span::new(entry.key_span.file, entry.key_span.start, entry.key_span.end.max(r.doc.span(entry.value).end));
    for (table, table_when) in &tables {
        for statement in statements {
            let mut resources = Vec::new();
            for (suffix, last) in statement.resources {
                let mut arn = table_arn(&table.value);
                arn.push(Part::Text((*suffix).to_owned()));
                match last {
                    None => resources.push(Spanned::new(arn, table.span)),
                    Some(TemplateParameter::TableName) => {}
                    Some(TemplateParameter::StreamName) => {
                        for (stream, _) in &streams {
                            let mut arn = arn.clone();
                            arn.extend(&stream.value);
                            resources.push(Spanned::new(arn, stream.span));
                        }
                    }
                }
            }
            grants.statements.push(Statement {
                effect: Effect::Allow,
                actions: statement.actions.iter().map(|a| Spanned::new((*a).to_owned(), entry.key_span)).collect(),
                not_action: false,
                resources,
                not_resource: false,
                conditional: !table_when.is_always(),
                origin: PolicyOrigin::SamTemplate(name.to_owned()),
                span: whole,
                layout: None,
            });
        }
    }
}

/// The values of a policy template's parameter; a hole if it is missing.
pub(super) fn parameter<'d>(
    r: &Resolver<'d>,
    values: NodeId,
    key: &str,
    when: &When<'d>,
) -> Vec<(Spanned<Symbolic>, When<'d>)> {
    let Some(node) = r.doc.get(values, key) else {
        return vec![(Spanned::new(Symbolic::hole(key), r.doc.span(values)), when.clone())];
    };
    let known = |alt: Alt<'d, Spanned<Symbolic>>| match alt.got {
        Got::Is(value) => Some((value, alt.when)),
        Got::Unknown(span) => Some((Spanned::new(Symbolic::hole(key), span), alt.when)),
        Got::Unset => None,
    };
    r.pieces_of(node, when).into_iter().filter_map(known).collect()
}

/// The ARN that SAM builds around a table's name.
pub(super) fn table_arn(name: &Symbolic) -> Symbolic {
    let text = |text: &str| Part::Text(text.to_owned());
    let hole = |name: &str| Part::Hole(name.to_owned());
    let mut arn: Symbolic = [
        text("arn:"),
        hole("AWS::Partition"),
        text(":dynamodb:"),
        hole("AWS::Region"),
        text(":"),
        hole("AWS::AccountId"),
        text(":table/"),
    ]
    .into_iter()
    .collect();
    arn.extend(name);
    arn
}

/// Events that make SAM attach the policy for reading streams of tables: name and place.
fn stream_events(r: &Resolver, function: &Resource) -> Vec<(String, Span)> {
    let mut events = Vec::new();
    for alt in r.property(function.properties, &["Events"]) {
        let Got::Is(map) = alt.got else { continue };
        for entry in r.doc.entries(map) {
            let kind = r.doc.get(entry.value, "Type").and_then(|kind| r.doc.text(kind));
            if kind.as_deref() == Some("DynamoDB") {
                events.push((entry.key.to_string(), entry.key_span));
            }
        }
    }
    events
}
