//! Roles and the policies attached to them.

use super::document::NodeId;
use super::function::SAM_FUNCTION;
use super::model::{PolicyOrigin, Role, RoleLink};
use super::resolve::{Alt, Got, Resolver};
use super::statement::{self, Grants};
use super::{Resource, sam_policy};
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;

pub(super) const ROLE: &str = "AWS::IAM::Role";
pub(super) const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";

/// What the statements of an AWS managed policy cost: about as many actions as the largest one has.
const MANAGED_COST: usize = 200;

/// A role under construction.
struct Draft {
    role: Role,
    grants: Grants,
    /// `RoleName`.
    names: Vec<Symbolic>,
    condition: Option<String>,
}

/// Every role of a template with what is attached to it.
pub(super) struct Roles {
    drafts: Vec<Draft>,
    by_id: BTreeMap<String, usize>,
}

impl Roles {
    /// Roles declared and generated, with their own policies.
    pub fn collect<'d>(r: &Resolver<'d>, resources: &[Resource<'d>]) -> Self {
        let by_id: BTreeMap<&str, &Resource<'d>> = resources.iter().map(|resource| (resource.id, resource)).collect();
        let mut roles = Self { drafts: Vec::new(), by_id: BTreeMap::new() };
        for resource in resources {
            if resource.kind == ROLE {
                roles.add(r, resource, resource.id.to_owned(), declared(r, resource, &by_id));
            } else if resource.kind == SAM_FUNCTION && generates_role(r, resource) {
                let grants = sam_policy::grants(r, resource, &by_id);
                roles.add(r, resource, generated_id(resource.id), grants);
            }
        }
        roles.attach(r, resources);
        roles
    }

    fn add(&mut self, r: &Resolver, resource: &Resource, id: String, grants: Grants) {
        let generated = resource.kind != ROLE;
        let names = r.known_strings(r.property(resource.properties, &["RoleName"]));
        self.by_id.insert(id.clone(), self.drafts.len());
        self.drafts.push(Draft {
            role: Role {
                resource: ResourceRef { stack: r.stack, id },
                span: resource.key,
                generated,
                statements: vec![],
                unknown_policies: vec![],
            },
            grants,
            names: if generated { vec![] } else { names.into_iter().map(|name| name.value).collect() },
            condition: resource.condition(r),
        });
    }

    /// Policies that name the roles that they are attached to.
    fn attach<'d>(&mut self, r: &Resolver<'d>, resources: &[Resource<'d>]) {
        for resource in resources {
            let key = match resource.kind {
                "AWS::IAM::Policy" | MANAGED_POLICY => "Roles",
                "AWS::IAM::RolePolicy" => "RoleName",
                _ => continue,
            };
            let roles = r.items(r.property(resource.properties, &[key]));
            if roles.iter().all(|alt| alt.got == Got::Unset) {
                continue;
            }
            let grants = policy_resource(r, resource);
            let condition = resource.condition(r);
            for alt in roles {
                let Got::Is(node) = alt.got else { continue };
                for name in r.strings(node, &alt.when) {
                    let Got::Is(name) = name.got else { continue };
                    for at in self.find(r, &name.value) {
                        let draft = &mut self.drafts[at];
                        if !r.spend(grants.statements.len()) {
                            draft.grants.unknown("a policy that is too large to be resolved", resource.key);
                            continue;
                        }
                        let conditional =
                            !alt.when.is_always() || (condition.is_some() && condition != draft.condition);
                        draft.grants.extend(grants.clone(), conditional);
                    }
                }
            }
        }
    }

    /// Adds a connector's grant to a role.
    pub fn grant(&mut self, role: &ResourceRef, grants: Grants, conditional: bool) {
        if let Some(at) = self.by_id.get(&role.id) {
            self.drafts[*at].grants.extend(grants, conditional);
        }
    }

    /// [`Roles::named`], by position.
    fn find(&self, r: &Resolver, role: &Symbolic) -> Vec<usize> {
        let by_reference = role.parts().iter().find_map(|part| match part {
            Part::Resource(resource, _) => self.by_id.get(&resource.id).copied(),
            _ => None,
        });
        if let Some(at) = by_reference {
            return vec![at];
        }
        if !r.spend(self.drafts.len()) {
            return vec![];
        }
        let name = role_name(role);
        let named = self.drafts.iter().enumerate().filter(|(_, draft)| draft.names.contains(&name));
        named.map(|(at, _)| at).collect()
    }

    /// The role that a function runs under.
    pub fn link<'d>(&self, r: &Resolver<'d>, function: &Resource<'d>) -> RoleLink {
        let mut found: Vec<ResourceRef> = Vec::new();
        for alt in r.property(function.properties, &["Role"]) {
            let node = match alt.got {
                Got::Is(node) => node,
                Got::Unknown(span) => return RoleLink::External(span),
                Got::Unset if function.kind == SAM_FUNCTION => {
                    let generated = ResourceRef { stack: r.stack, id: generated_id(function.id) };
                    if !found.contains(&generated) {
                        found.push(generated);
                    }
                    continue;
                }
                Got::Unset => return RoleLink::External(function.key),
            };
            for role in r.strings(node, &alt.when) {
                let roles = match &role.got {
                    Got::Is(role) => self.find(r, &role.value),
                    Got::Unset | Got::Unknown(_) => vec![],
                };
                if roles.is_empty() {
                    return RoleLink::External(r.doc.span(node));
                }
                for at in roles {
                    let role = &self.drafts[at].role.resource;
                    if !found.contains(role) {
                        found.push(role.clone());
                    }
                }
            }
        }
        RoleLink::Known(found)
    }

    /// The roles that a reference, a name or an ARN stands for.
    pub fn named(&self, r: &Resolver, role: &Symbolic) -> Vec<ResourceRef> {
        self.find(r, role).into_iter().map(|at| self.drafts[at].role.resource.clone()).collect()
    }

    /// The finished roles, in template order.
    pub fn finish(self) -> Vec<Role> {
        let finish = |draft: Draft| Role {
            statements: draft.grants.statements,
            unknown_policies: draft.grants.unknown,
            ..draft.role
        };
        self.drafts.into_iter().map(finish).collect()
    }
}

/// The logical id of the role that SAM makes for a function.
pub(super) fn generated_id(function: &str) -> String {
    format!("{function}Role")
}

/// Whether some branch of `Role` is unset.
fn generates_role(r: &Resolver, function: &Resource) -> bool {
    r.property(function.properties, &["Role"]).iter().any(|alt| alt.got == Got::Unset)
}

/// What follows `role/` and the path in a role's ARN; else the whole.
fn role_name(role: &Symbolic) -> Symbolic {
    let parts = role.parts();
    let in_arn = |text: &str| text.contains(":role/");
    let Some(at) = parts.iter().position(|part| matches!(part, Part::Text(text) if in_arn(text))) else {
        return role.clone();
    };
    let Part::Text(text) = &parts[at] else { return role.clone() };
    let tail = text.rsplit('/').next().unwrap_or_default().to_owned();
    std::iter::once(Part::Text(tail)).chain(parts[at + 1..].iter().cloned()).collect()
}

fn declared<'d>(r: &Resolver<'d>, role: &Resource<'d>, by_id: &BTreeMap<&str, &Resource<'d>>) -> Grants {
    let mut grants = Grants::default();
    for policy in r.items(r.property(role.properties, &["Policies"])) {
        match policy.got {
            Got::Unknown(span) => grants.unknown("a policy that can't be resolved", span),
            Got::Unset => {}
            Got::Is(_) => {
                let document = r.step(policy, "PolicyDocument");
                grants.extend(statement::document(r, document, &PolicyOrigin::Document), false);
            }
        }
    }
    for arn in r.items(r.property(role.properties, &["ManagedPolicyArns"])) {
        managed_policy(r, &arn, by_id, &mut grants);
    }
    boundary(r, role, &mut grants);
    grants
}

/// A boundary takes away from what the policies grant, and isn't followed.
pub(super) fn boundary(r: &Resolver, role: &Resource, grants: &mut Grants) {
    for alt in r.property(role.properties, &["PermissionsBoundary"]) {
        let span = match alt.got {
            Got::Unset => continue,
            Got::Is(node) => r.doc.span(node),
            Got::Unknown(span) => span,
        };
        if !grants.unknown.iter().any(|known| known.span == span) {
            grants.unknown("a permissions boundary", span);
        }
    }
}

/// A managed policy by name, ARN or reference.
pub(super) fn managed_policy<'d>(
    r: &Resolver<'d>,
    policy: &Alt<'d, NodeId>,
    by_id: &BTreeMap<&str, &Resource<'d>>,
    grants: &mut Grants,
) {
    let node = match policy.got {
        Got::Is(node) => node,
        Got::Unset => return,
        Got::Unknown(span) => return grants.unknown("a policy that can't be resolved", span),
    };
    let conditional = !policy.when.is_always();
    for alt in r.strings(node, &policy.when) {
        let conditional = conditional || !alt.when.is_always();
        match alt.got {
            Got::Unset => {}
            Got::Unknown(span) => grants.unknown("a policy that can't be resolved", span),
            Got::Is(Spanned { value, span }) => {
                let own = value.parts().iter().find_map(|part| match part {
                    Part::Resource(resource, _) => by_id.get(resource.id.as_str()),
                    _ => None,
                });
                if let Some(resource) = own.filter(|resource| resource.kind == MANAGED_POLICY) {
                    grants.extend(policy_resource(r, resource), conditional);
                } else if let Some(name) = aws_managed(&value) {
                    r.spend(MANAGED_COST);
                    let origin = PolicyOrigin::Managed(name.to_owned());
                    grants.statements.extend(statement::managed(name, span, conditional, &origin));
                } else {
                    grants.unknown(value.to_string(), span);
                }
            }
        }
    }
}

/// The name of an AWS managed policy: a name alone, or `arn:…:iam::aws:policy/path/name`.
fn aws_managed(policy: &Symbolic) -> Option<&str> {
    let name = match policy.parts() {
        [Part::Text(name)] if !name.starts_with("arn:") => name,
        [.., Part::Text(text)] if text.contains(":iam::aws:policy/") => text,
        _ => return None,
    };
    name.rsplit('/').next().filter(|name| !name.is_empty())
}

/// The document of an `AWS::IAM::Policy`, `ManagedPolicy` or `RolePolicy`.
fn policy_resource<'d>(r: &Resolver<'d>, resource: &Resource<'d>) -> Grants {
    statement::document(r, r.property(resource.properties, &["PolicyDocument"]), &PolicyOrigin::Document)
}

/// The place of a node that can't be resolved.
pub(super) fn span_of(r: &Resolver, got: &Got<NodeId>) -> Option<Span> {
    match got {
        Got::Unset => None,
        Got::Is(node) => Some(r.doc.span(*node)),
        Got::Unknown(span) => Some(*span),
    }
}
