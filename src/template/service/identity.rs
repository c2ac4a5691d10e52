//! Who acts under the roles of a stack, its IAM users and groups, and whoever its policies are made for.

use super::super::document::NodeId;
use super::super::model::{PolicyOrigin, Role};
use super::super::resolve::{Alt, Got, Resolver};
use super::super::role::{MANAGED_POLICY, ROLE, managed_policy};
use super::super::statement::{self, Grants};
use super::tree::{Node, Tree, of_template};
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::source::Spanned;
use crate::template::Resource;
use crate::template::service_use::{Identity, Person, Services};
use std::collections::BTreeMap;

/// Adds the identities of a stack.
pub(super) fn read<'d>(r: &Resolver<'d>, resources: &[Resource<'d>], out: &mut Services) {
    let by_id: BTreeMap<&str, &Resource<'d>> = resources.iter().map(|resource| (resource.id, resource)).collect();
    for resource in resources {
        match resource.kind {
            ROLE => out.identities.push(of_role(r, resource)),
            "AWS::IAM::User" | "AWS::IAM::Group" => {
                let people = vec![Spanned::new(Person::Holder, resource.key)];
                out.identities.push(Identity { role: resource.reference(r), services: vec![], people });
                out.people.push(person(r, resource, resources, &by_id));
            }
            MANAGED_POLICY if is_unattached(r, resource, resources) => {
                let people = vec![Spanned::new(Person::Holder, resource.key)];
                out.identities.push(Identity { role: resource.reference(r), services: vec![], people });
                out.people.push(whoever_has(r, resource));
            }
            _ => {}
        }
    }
}

/// The principals of `AssumeRolePolicyDocument` that are let in.
fn of_role<'d>(r: &Resolver<'d>, resource: &Resource<'d>) -> Identity {
    let mut out = Identity { role: resource.reference(r), services: vec![], people: vec![] };
    for alt in r.property(resource.properties, &["AssumeRolePolicyDocument"]) {
        let tree = match alt.got {
            Got::Unset => continue,
            Got::Is(node) => of_template(r, node, &alt.when),
            Got::Unknown(span) => Node::new(Tree::Opaque, span),
        };
        if !tree.is_map() {
            out.people.push(Spanned::new(Person::Unknown, tree.span));
        }
        for statements in tree.members("Statement") {
            let listed: Vec<&Node> = statements.value.items().collect();
            let one = listed.is_empty().then_some(&statements.value);
            one.into_iter().chain(listed).flat_map(Node::alternatives).for_each(|s| principals(s, &mut out));
        }
    }
    out
}

fn principals(statement: &Node, out: &mut Identity) {
    if statement.texts_of("Effect").known.iter().any(|effect| effect.as_text() == Some("Deny")) {
        return;
    }
    for principal in statement.members("Principal") {
        if let Some(all) = principal.value.texts().known.first() {
            out.people.push(Spanned::new(Person::Named(all.to_string()), principal.value.span));
        }
        for member in principal.value.maps().flat_map(|map| &map.members) {
            let listed: Vec<&Node> = member.value.items().collect();
            let one = listed.is_empty().then_some(&member.value);
            for node in one.into_iter().chain(listed) {
                let texts = node.texts();
                let names = texts.known.iter().map(|name| Spanned::new(service_name(name), node.span));
                match member.key.as_str() {
                    "Service" => out.services.extend(names),
                    _ => out.people.extend(names.map(|name| Spanned::new(Person::Named(name.value), name.span))),
                }
            }
        }
    }
}

/// `ecs-tasks.${AWS::URLSuffix}` is a service of Amazon's.
fn service_name(name: &Symbolic) -> String {
    let suffix = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Hole(origin) if origin == "AWS::URLSuffix" => "amazonaws.com".to_owned(),
        part => [part.clone()].into_iter().collect::<Symbolic>().to_string(),
    };
    name.parts().iter().map(suffix).collect()
}

/// Whether a policy is there for identities that aren't at hand: it names none, and no resource of the stack names it.
fn is_unattached<'d>(r: &Resolver<'d>, policy: &Resource<'d>, resources: &[Resource<'d>]) -> bool {
    let given = |resource: &Resource<'d>, key: &str| r.property(resource.properties, &[key]);
    let own = policy.reference(r);
    let names = |resource: &Resource<'d>, key: &str| {
        let names = r.known_strings(r.items(given(resource, key)));
        names.iter().any(|name| name.value.resources().any(|id| *id == own))
    };
    !["Roles", "Users", "Groups"].iter().any(|key| given(policy, key).iter().any(|alt| !matches!(alt.got, Got::Unset)))
        && !resources
            .iter()
            .any(|other| ["ManagedPolicyArns", "Policies", "PermissionsBoundary"].iter().any(|key| names(other, key)))
}

/// Whoever a policy will be attached to, with what it grants.
fn whoever_has<'d>(r: &Resolver<'d>, policy: &Resource<'d>) -> Role {
    let mut grants = Grants::default();
    add_document(r, r.property(policy.properties, &["PolicyDocument"]), &mut grants);
    Role {
        resource: policy.reference(r),
        span: policy.key,
        generated: false,
        condition: None,
        statements: grants.statements,
        unread_policies: grants.unread,
        boundary: grants.boundary,
    }
}

/// A user or group, with its own policies and those that name it.
fn person<'d>(
    r: &Resolver<'d>,
    resource: &Resource<'d>,
    resources: &[Resource<'d>],
    by_id: &BTreeMap<&str, &Resource<'d>>,
) -> Role {
    let mut grants = Grants::default();
    for policy in r.items(r.property(resource.properties, &["Policies"])) {
        add_document(r, r.step(policy, "PolicyDocument"), &mut grants);
    }
    for arn in r.items(r.property(resource.properties, &["ManagedPolicyArns"])) {
        managed_policy(r, &arn, by_id, &mut grants);
    }
    let reference = resource.reference(r);
    let key = if resource.kind == "AWS::IAM::Group" { "Groups" } else { "Users" };
    for policy in resources.iter().filter(|p| matches!(p.kind, "AWS::IAM::Policy" | MANAGED_POLICY)) {
        let names = r.known_strings(r.items(r.property(policy.properties, &[key])));
        let own = |part: &Part| matches!(part, Part::Resource(named, _) if *named == reference);
        if names.iter().any(|name| name.value.parts().iter().any(own)) {
            add_document(r, r.property(policy.properties, &["PolicyDocument"]), &mut grants);
        }
    }
    super::super::role::boundary(r, resource, by_id, &mut grants);
    Role {
        resource: resource.reference(r),
        span: resource.key,
        generated: false,
        condition: None,
        statements: grants.statements,
        unread_policies: grants.unread,
        boundary: grants.boundary,
    }
}

fn add_document<'d>(r: &Resolver<'d>, document: Vec<Alt<'d, NodeId>>, grants: &mut Grants) {
    grants.extend(statement::document(r, document, &PolicyOrigin::Document), false);
}
