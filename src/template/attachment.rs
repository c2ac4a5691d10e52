//! Policies that somebody unseen may attach to a role: where it can't be read which roles a policy is for, and where a role's
//! name is given to what isn't at hand.

use super::Resource;
use super::custom_resource::is_custom;
use super::document::{Document, NodeId, Value};
use super::model::UnreadPolicy;
use super::resolve::{Got, Resolver, variables};
use super::role::{Roles, roles_of_policy};
use std::collections::BTreeSet;

/// Marks the roles of a template that may have more policies than are read.
pub(super) fn mark<'d>(r: &Resolver<'d>, resources: &[Resource<'d>], roles: &mut Roles) {
    for resource in resources {
        if let Some(property) = roles_of_policy(resource.kind) {
            if let Some(node) = resource.properties.and_then(|node| r.doc.get(node, property))
                && !are_known(r, resource, property, roles)
            {
                let mut named = references(r.doc, node, &["Ref", "Fn::GetAtt"]);
                named.retain(|id| roles.has(id));
                if named.is_empty() {
                    named.extend(roles.with_names());
                }
                for role in named {
                    roles.unread(&role, UnreadPolicy::Unresolved("the roles of a policy"), resource.key);
                }
            }
        } else if is_custom(resource.kind) || is_stack(resource.kind) && !r.nests(resource.id) {
            for role in resource.properties.map(|node| references(r.doc, node, &["Ref"])).unwrap_or_default() {
                roles.unread(&role, UnreadPolicy::GivenTo(resource.id.to_owned()), resource.key);
            }
        }
    }
    for output in r.doc.get(r.doc.root(), "Outputs").map_or(&[][..], |node| r.doc.entries(node)) {
        let exported = r.doc.get(output.value, "Export").and_then(|_| r.doc.get(output.value, "Value"));
        for role in exported.map(|value| references(r.doc, value, &["Ref"])).unwrap_or_default() {
            roles.unread(&role, UnreadPolicy::GivenTo(format!("whoever imports {}", output.key)), output.key_span);
        }
    }
}

fn is_stack(kind: &str) -> bool {
    matches!(kind, "AWS::CloudFormation::Stack" | "AWS::Serverless::Application")
}

/// Whether each of the roles that a policy is for is one of the run's, or surely none.
fn are_known(r: &Resolver, policy: &Resource, property: &str, roles: &Roles) -> bool {
    r.items(r.property(policy.properties, &[property])).iter().all(|alt| match alt.got {
        Got::Unset => true,
        Got::Unknown(_) => false,
        Got::Is(role) => r.strings(role, &alt.when).iter().all(|name| match &name.got {
            Got::Unset => true,
            Got::Unknown(_) => false,
            Got::Is(name) => name.value.as_text().is_some() || roles.is_one(r, &name.value),
        }),
    })
}

/// Logical ids to which these functions refer in a value, in the pieces of a `Fn::Sub` too. Policies are attached by a role's
/// name, which is what `Ref` gives; its ARN tells the name only to who takes it apart.
fn references(doc: &Document, node: NodeId, functions: &[&str]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left = vec![node];
    while let Some(node) = left.pop() {
        match (doc.value(node), doc.intrinsic(node)) {
            (_, Some(call)) if functions.contains(&&*call.key) => {
                let named = doc.text(call.value).or_else(|| doc.text(*doc.items(call.value).first()?));
                found.extend(named.and_then(|name| name.split('.').next().map(str::to_owned)));
            }
            (Value::Scalar(_), _) => {
                found.extend(variables(&doc.text(node).unwrap_or_default()).map(str::to_owned));
            }
            (Value::Sequence(items), _) => left.extend(items),
            (Value::Mapping(entries), _) => left.extend(entries.iter().map(|entry| entry.value)),
        }
    }
    found
}
