//! Roles and the policies attached to them.

use super::attachment;
use super::document::{Document, NodeId};
use super::function::SAM_FUNCTION;
use super::model::{PolicyOrigin, Role, RoleLink, Stack, Statement, UnreadPolicy};
use super::resolve::{Alt, Got, Resolver};
use super::statement::{self, Grants};
use super::{Resource, graphql, sam_policy};
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;

pub(super) const ROLE: &str = "AWS::IAM::Role";
pub(super) const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";
/// Type of a state machine that SAM makes.
pub(super) const SAM_STATE_MACHINE: &str = "AWS::Serverless::StateMachine";

/// What the statements of an AWS managed policy cost: about as many actions as the largest one has.
const MANAGED_COST: usize = 200;

/// A role under construction.
struct Draft {
    role: Role,
    grants: Grants,
    /// `RoleName`.
    names: Vec<Symbolic>,
}

/// Every role of a template with what is attached to it.
pub(super) struct Roles {
    drafts: Vec<Draft>,
    by_id: BTreeMap<String, usize>,
    abroad: Vec<Abroad>,
}

/// What a template attaches to a role of another template of the run.
pub(super) struct Abroad {
    pub role: ResourceRef,
    pub grants: Grants,
}

impl Abroad {
    /// Adds the policy to its role.
    pub fn attach(self, stacks: &mut [Stack]) {
        let stack = stacks.get_mut(self.role.stack as usize);
        let role = stack.and_then(|stack| stack.roles.iter_mut().find(|role| role.resource == self.role));
        if let Some(role) = role {
            role.statements.extend(self.grants.statements);
            role.unread_policies.extend(self.grants.unread);
        }
    }
}

impl Roles {
    /// Roles declared and generated, with their own policies.
    pub fn collect<'d>(r: &Resolver<'d>, resources: &[Resource<'d>]) -> Self {
        let by_id: BTreeMap<&str, &Resource<'d>> = resources.iter().map(|resource| (resource.id, resource)).collect();
        let mut roles = Self { drafts: Vec::new(), by_id: BTreeMap::new(), abroad: Vec::new() };
        for resource in resources {
            if resource.kind == ROLE {
                roles.add(r, resource, resource.id.to_owned(), declared(r, resource, &by_id));
            } else if generates_role(r.doc, resource) {
                let grants = sam_policy::grants(r, resource, &by_id);
                roles.add(r, resource, generated_id(resource.id), grants);
            }
            for (id, grants) in graphql::roles(r, resource) {
                roles.add(r, resource, id, grants);
            }
        }
        roles.attach(r, resources);
        attachment::mark(r, resources, &mut roles);
        roles
    }

    /// Notes a policy that a role may have and that isn't read. What isn't a role's logical id says nothing.
    pub fn unread(&mut self, id: &str, policy: UnreadPolicy, span: Span) {
        if let Some(at) = self.by_id.get(id) {
            self.drafts[*at].grants.unread(policy, span);
        }
    }

    /// Whether this is a role's logical id.
    pub fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// Logical ids of roles with a name of their own, which may be known elsewhere.
    pub fn with_names(&self) -> Vec<String> {
        let named = self.drafts.iter().filter(|draft| !draft.names.is_empty());
        named.map(|draft| draft.role.resource.id.clone()).collect()
    }

    /// Whether a reference or a name stands for a role of the run.
    pub fn is_one(&self, r: &Resolver, role: &Symbolic) -> bool {
        role_abroad(r, role).is_some() || !self.find(r, role).is_empty()
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
                condition: resource.condition(r),
                statements: vec![],
                boundary: None,
                unread_policies: vec![],
            },
            grants,
            names: if generated { vec![] } else { names.into_iter().map(|name| name.value).collect() },
        });
    }

    /// Policies that name the roles that they are attached to.
    fn attach<'d>(&mut self, r: &Resolver<'d>, resources: &[Resource<'d>]) {
        for resource in resources {
            let Some(key) = roles_of_policy(resource.kind) else { continue };
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
                    if let Some(role) = role_abroad(r, &name.value).filter(|_| r.spend(grants.statements.len())) {
                        let mut all = Grants::default();
                        all.extend(grants.clone(), !alt.when.is_always() || condition.is_some());
                        self.abroad.push(Abroad { role, grants: all });
                        continue;
                    }
                    for at in self.find(r, &name.value) {
                        let draft = &mut self.drafts[at];
                        if !r.spend(grants.statements.len()) {
                            draft.grants.unread(UnreadPolicy::TooLarge, resource.key);
                            continue;
                        }
                        let conditional =
                            !alt.when.is_always() || (condition.is_some() && condition != draft.role.condition);
                        draft.grants.extend(grants.clone(), conditional);
                    }
                }
            }
        }
    }

    /// Adds a connector's grant to a role; `condition` is the connector's.
    pub fn grant(&mut self, role: &ResourceRef, grants: Grants, condition: Option<&str>) {
        if let Some(at) = self.by_id.get(&role.id) {
            let draft = &mut self.drafts[*at];
            let conditional = condition.is_some() && condition != draft.role.condition.as_deref();
            draft.grants.extend(grants, conditional);
        }
    }

    /// [`Roles::named`], by position.
    fn find(&self, r: &Resolver, role: &Symbolic) -> Vec<usize> {
        let by_reference = role.parts().iter().find_map(|part| match part {
            Part::Resource(resource, _) if resource.stack == r.stack => self.by_id.get(&resource.id).copied(),
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
        self.link_by(r, function, "Role")
    }

    /// The role that a resource names by this property.
    pub fn link_by<'d>(&self, r: &Resolver<'d>, function: &Resource<'d>, key: &str) -> RoleLink {
        let mut found: Vec<ResourceRef> = Vec::new();
        for alt in r.property(function.properties, &[key]) {
            let node = match alt.got {
                Got::Is(node) => node,
                Got::Unknown(span) => return RoleLink::External(span),
                Got::Unset if may_generate_role(function.kind) => {
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
                let abroad = match &role.got {
                    Got::Is(role) => role_abroad(r, &role.value),
                    Got::Unset | Got::Unknown(_) => None,
                };
                if roles.is_empty() && abroad.is_none() {
                    return RoleLink::External(r.doc.span(node));
                }
                found.extend(abroad.filter(|role| !found.contains(role)));
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

    /// The finished roles, in template order, and what is attached to roles of other templates.
    pub fn finish(self) -> (Vec<Role>, Vec<Abroad>) {
        let finish = |draft: Draft| Role {
            statements: draft.grants.statements,
            boundary: draft.grants.boundary,
            unread_policies: draft.grants.unread,
            ..draft.role
        };
        (self.drafts.into_iter().map(finish).collect(), self.abroad)
    }
}

/// The property of a policy's type that names the roles which it is attached to.
pub(super) fn roles_of_policy(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::IAM::Policy" | MANAGED_POLICY => Some("Roles"),
        "AWS::IAM::RolePolicy" => Some("RoleName"),
        _ => None,
    }
}

/// The role of another template of the run that a reference or ARN stands for.
fn role_abroad(r: &Resolver, role: &Symbolic) -> Option<ResourceRef> {
    role.parts().iter().find_map(|part| match part {
        Part::Resource(resource, _) if resource.stack != r.stack && r.type_of_resource(resource) == Some(ROLE) => {
            Some(resource.clone())
        }
        _ => None,
    })
}

/// The logical id of the role that SAM makes for a function.
pub(super) fn generated_id(function: &str) -> String {
    format!("{function}Role")
}

/// Whether a type has a role of its own unless `Role` names one.
pub(super) fn may_generate_role(kind: &str) -> bool {
    matches!(kind, SAM_FUNCTION | SAM_STATE_MACHINE)
}

/// Whether SAM makes a role: without `Role`; for a function also if a branch of an outermost `Fn::If` is `AWS::NoValue`.
/// SAM looks no deeper: `Role: !Ref AWS::NoValue` leaves the function without a role.
pub(super) fn generates_role(doc: &Document, resource: &Resource) -> bool {
    if !may_generate_role(resource.kind) {
        return false;
    }
    let Some(role) = resource.properties.and_then(|node| doc.get(node, "Role")).filter(|role| !doc.is_null(*role))
    else {
        return true;
    };
    let branches =
        doc.intrinsic(role).filter(|call| &*call.key == "Fn::If").map_or(&[][..], |call| doc.items(call.value));
    resource.kind == SAM_FUNCTION && branches.iter().skip(1).any(|branch| is_no_value(doc, *branch))
}

/// `!Ref AWS::NoValue`
pub(super) fn is_no_value(doc: &Document, node: NodeId) -> bool {
    let call = doc.intrinsic(node).filter(|call| &*call.key == "Ref");
    call.and_then(|call| doc.text(call.value)).as_deref() == Some("AWS::NoValue")
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
            Got::Unknown(span) => grants.unread(UnreadPolicy::Unresolved("a policy"), span),
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
    boundary(r, role, by_id, &mut grants);
    grants
}

/// A boundary takes away from what the policies grant. One that isn't at hand, or that only some branch sets, takes away
/// nobody knows what.
pub(super) fn boundary<'d>(
    r: &Resolver<'d>,
    role: &Resource<'d>,
    by_id: &BTreeMap<&str, &Resource<'d>>,
    grants: &mut Grants,
) {
    let alts = r.property(role.properties, &["PermissionsBoundary"]);
    if let [alt] = alts.as_slice()
        && let Some(statements) = known_boundary(r, alt, by_id)
    {
        grants.boundary = Some(statements);
        return;
    }
    for alt in alts {
        let Some(span) = span_of(r, &alt.got) else { continue };
        if !grants.unread.iter().any(|known| known.span == span) {
            grants.unread(UnreadPolicy::Boundary, span);
        }
    }
}

fn known_boundary<'d>(
    r: &Resolver<'d>,
    policy: &Alt<'d, NodeId>,
    by_id: &BTreeMap<&str, &Resource<'d>>,
) -> Option<Vec<Statement>> {
    if policy.got == Got::Unset {
        return None;
    }
    let mut allowed = Grants::default();
    managed_policy(r, policy, by_id, &mut allowed);
    // An AWS managed policy that says nothing of DynamoDB looks the same as one that is newer than the list of them.
    (allowed.unread.is_empty() && !allowed.statements.is_empty()).then_some(allowed.statements)
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
        Got::Unknown(span) => return grants.unread(UnreadPolicy::Unresolved("a policy"), span),
    };
    let conditional = !policy.when.is_always();
    for alt in r.strings(node, &policy.when) {
        let conditional = conditional || !alt.when.is_always();
        match alt.got {
            Got::Unset => {}
            Got::Unknown(span) => grants.unread(UnreadPolicy::Unresolved("a policy"), span),
            Got::Is(Spanned { value, span }) => {
                let own = value.parts().iter().find_map(|part| match part {
                    Part::Resource(resource, _) if resource.stack == r.stack => by_id.get(resource.id.as_str()),
                    _ => None,
                });
                if let Some(resource) = own.filter(|resource| resource.kind == MANAGED_POLICY) {
                    grants.extend(policy_resource(r, resource), conditional);
                } else if let Some(name) = aws_managed(&value) {
                    r.spend(MANAGED_COST);
                    let origin = PolicyOrigin::Managed(name.to_owned());
                    grants.statements.extend(statement::managed(name, span, conditional, &origin));
                } else {
                    grants.unread(UnreadPolicy::Named(value.to_string()), span);
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
