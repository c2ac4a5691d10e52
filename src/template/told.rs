//! Which functions somebody is told of without its being said what they are sent: code that has a function's name or
//! may guess it invokes it with whatever it likes.
//!
//! What isn't told is taken as known, so that anything that isn't understood tells. Each function that has a name of its
//! own counts as told: other templates, users and roles that can't be read may spell it.

use super::Resource;
use super::connector::CONNECTOR;
use super::custom_resource::is_custom;
use super::document::{Entry, NodeId, Value};
use super::function::is_function;
use super::invoke::{is_alias, named_functions};
use super::resolve::{Got, Resolver, When, variables};
use super::role::ROLE;
use super::service::Payloads;
use super::transform::{beginnings, may_be_made};
use crate::dynamodb::symbolic::ResourceRef;
use std::collections::{BTreeMap, BTreeSet};

/// Services that send what the templates say and nothing else; a role for them alone tells nobody of a function.
const SENDERS: [&str; 3] = ["states", "events", "scheduler"];
/// Sections, and attributes of resources, that may name functions beside what a resource's properties do.
const SECTIONS: [&str; 4] = ["Outputs", "Globals", "Metadata", "Hooks"];
const ATTRIBUTES: [&str; 4] = ["Metadata", "UpdatePolicy", "CreationPolicy", "Connectors"];

/// Who is told of what, throughout the run. Functions are named by themselves or by their versions and aliases.
#[derive(Default)]
pub(super) struct Told {
    functions: BTreeSet<ResourceRef>,
    /// Every function there is.
    declared: BTreeSet<ResourceRef>,
    /// Whether anything may be told of any function.
    anybody: bool,
    /// Whether something invokes functions by names that aren't seen to be any function's.
    by_name: bool,
    /// What resources of senders name.
    senders: BTreeMap<ResourceRef, BTreeSet<ResourceRef>>,
    /// What roles of nobody but [`SENDERS`] name.
    by_roles: BTreeSet<ResourceRef>,
    permissions: Vec<Permission>,
}

/// Who may invoke some functions.
struct Permission {
    functions: BTreeSet<ResourceRef>,
    /// Rules, schedules and state machines; `None` if it may be others.
    senders: Option<BTreeSet<ResourceRef>>,
}

impl Told {
    /// Notes the functions, versions and aliases that anything names but a custom resource by its `ServiceToken`, what
    /// is seen to send them something, what is itself a trigger, and what only watches.
    pub fn add<'d>(&mut self, r: &Resolver<'d>, resources: &[Resource<'d>], payloads: &Payloads) {
        self.anybody |= may_be_made(r.doc);
        for resource in resources {
            let reference = resource.reference(r);
            for attribute in ATTRIBUTES.iter().filter_map(|name| r.doc.get(resource.body, name)) {
                named(r, attribute, &mut self.functions);
            }
            self.connectors(r, resource);
            if is_function(resource.kind) {
                self.declared.insert(reference.clone());
                let name = r.property(resource.properties, &["FunctionName"]);
                if name.iter().any(|alt| alt.got != Got::Unset) {
                    self.functions.insert(reference.clone());
                }
            }
            let mut found = BTreeSet::new();
            let entries = resource.properties.map_or(&[][..], |node| r.doc.entries(node));
            for entry in entries.iter().filter(|entry| !is_understood(resource.kind, entry)) {
                named(r, entry.value, &mut found);
            }
            if is_sender(resource.kind) {
                let payload = payloads.get(&resource.key);
                self.by_name |= payload.is_some_and(|payload| payload.by_name);
                let is_sent = |function: &&ResourceRef| payload.is_some_and(|sent| sent.events.contains_key(function));
                self.functions.extend(found.iter().filter(|function| !is_sent(function)).cloned());
                self.senders.insert(reference, found);
            } else if resource.kind == ROLE && is_of_senders(r, resource) {
                self.by_roles.append(&mut found);
            } else if resource.kind == "AWS::Lambda::Permission" {
                self.permissions.push(Permission { functions: found, senders: permitted(r, resource) });
            } else {
                self.functions.append(&mut found);
            }
        }
        for section in SECTIONS.iter().filter_map(|name| r.doc.get(r.doc.root(), name)) {
            named(r, section, &mut self.functions);
        }
        self.anybody |= r.exhausted();
    }

    /// SAM lets the source of a connector do to its destination what it likes.
    fn connectors<'d>(&mut self, r: &Resolver<'d>, resource: &Resource<'d>) {
        let own = (resource.kind == CONNECTOR).then_some(resource.properties);
        let embedded = r.doc.get(resource.body, "Connectors").map_or(&[][..], |node| r.doc.entries(node));
        let embedded = embedded.iter().map(|entry| r.doc.get(entry.value, "Properties"));
        for properties in own.into_iter().chain(embedded) {
            let Some(destination) = properties.and_then(|node| r.doc.get(node, "Destination")) else {
                self.anybody = true;
                continue;
            };
            for end in r.doc.one_or_all(&destination) {
                let id = r.doc.get(*end, "Id").map(|id| r.doc.text(id));
                let kind = r.doc.get(*end, "Type").and_then(|kind| r.doc.text(kind));
                match id {
                    Some(Some(id)) => named_by_id(r, &id, &mut self.functions),
                    None if kind.as_deref().is_some_and(|kind| !is_function(kind)) => {}
                    None | Some(None) => self.anybody = true,
                }
            }
        }
    }

    /// Everything that may be sent what isn't seen, by what tells the function of a version or an alias.
    pub fn all(mut self, function_of: impl Fn(&ResourceRef) -> ResourceRef) -> BTreeSet<ResourceRef> {
        if self.anybody {
            return self.declared;
        }
        let functions_of = |found: &BTreeSet<ResourceRef>| found.iter().map(&function_of).collect::<BTreeSet<_>>();
        let senders: BTreeMap<_, _> = self.senders.iter().map(|(id, found)| (id, functions_of(found))).collect();
        let mut told = functions_of(&self.functions);
        for permission in &self.permissions {
            for function in functions_of(&permission.functions) {
                let sends = |id: &ResourceRef| senders.get(id).is_some_and(|found| found.contains(&function));
                if !permission.senders.as_ref().is_some_and(|ids| ids.iter().all(sends)) {
                    told.insert(function);
                }
            }
        }
        if self.by_name {
            self.by_roles.extend(self.senders.into_values().flatten());
            told.append(&mut functions_of(&self.by_roles));
        }
        told
    }
}

/// Functions, versions and aliases that anything below a node names, whether or not it can be resolved.
fn named(r: &Resolver, node: NodeId, found: &mut BTreeSet<ResourceRef>) {
    named_functions(r, node, &When::default(), found);
    written(r, node, found);
}

/// The same, as it is written. The recursion is bounded by the document's depth.
fn written(r: &Resolver, node: NodeId, found: &mut BTreeSet<ResourceRef>) {
    if !r.spend(1) {
        return;
    }
    if let Some(call) = r.doc.intrinsic(node) {
        let first = r.doc.items(call.value).first().copied().unwrap_or(call.value);
        let text = r.doc.text(first).unwrap_or_default();
        match &*call.key {
            "Ref" | "Fn::GetAtt" => named_by_id(r, &text, found),
            "Fn::Sub" => variables(&text).for_each(|name| named_by_id(r, name, found)),
            _ => {}
        }
    }
    match r.doc.value(node) {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| written(r, *item, found)),
        Value::Mapping(entries) => entries.iter().for_each(|entry| written(r, entry.value, found)),
    }
}

/// A logical id, `Id.Attribute`, or what SAM makes for a function: `FnAliaslive`.
fn named_by_id(r: &Resolver, name: &str, found: &mut BTreeSet<ResourceRef>) {
    let id = name.split('.').next().unwrap_or_default();
    let is_one = |id: &&str| r.type_of(id).is_some_and(|kind| is_function(kind) || is_alias(kind));
    let known = if r.type_of(id).is_some() { Some(id).filter(is_one) } else { beginnings(id).rev().find(is_one) };
    found.extend(known.map(|id| ResourceRef { stack: r.stack, id: id.to_owned() }));
}

/// Whether a resource of this type sends what can be read in it.
fn is_sender(kind: &str) -> bool {
    matches!(
        kind,
        "AWS::StepFunctions::StateMachine"
            | "AWS::Serverless::StateMachine"
            | "AWS::Events::Rule"
            | "AWS::Scheduler::Schedule"
    )
}

/// Whether a property names functions without sending them anything that a trigger wouldn't tell.
fn is_understood(kind: &str, entry: &Entry) -> bool {
    match kind {
        "AWS::Logs::LogGroup" => true,
        "AWS::CloudWatch::Alarm" => matches!(&*entry.key, "Dimensions" | "Metrics"),
        "AWS::Lambda::Permission" => &*entry.key != "FunctionName",
        kind => is_alias(kind) || is_custom(kind) && &*entry.key == "ServiceToken",
    }
}

/// The senders of the templates that a permission is for, if it is for nobody else.
fn permitted<'d>(r: &Resolver<'d>, permission: &Resource<'d>) -> Option<BTreeSet<ResourceRef>> {
    let principals = r.property(permission.properties, &["Principal"]);
    let all_senders = principals.iter().all(|alt| matches!(alt.got, Got::Is(node) if are_senders(r, node)));
    let mut sources = BTreeSet::new();
    for alt in r.property(permission.properties, &["SourceArn"]) {
        let Got::Is(node) = alt.got else { return None };
        for arn in r.strings(node, &alt.when) {
            let Got::Is(arn) = arn.got else { return None };
            let before = sources.len();
            sources.extend(arn.value.resources().cloned());
            if arn.value.to_string().contains('*') || sources.len() == before {
                return None;
            }
        }
    }
    (all_senders && !sources.is_empty()).then_some(sources)
}

/// Whether only [`SENDERS`] may assume a role.
fn is_of_senders(r: &Resolver, role: &Resource) -> bool {
    let statements = r.property(role.properties, &["AssumeRolePolicyDocument", "Statement"]);
    let statements = r.items(statements);
    !statements.is_empty()
        && statements.into_iter().all(|statement| {
            let principals = r.step(statement, "Principal");
            principals.into_iter().all(|alt| match alt.got {
                Got::Is(node) if matches!(r.doc.value(node), Value::Mapping(_)) => {
                    r.doc.entries(node).iter().all(|entry| &*entry.key == "Service" && are_senders(r, entry.value))
                }
                _ => false,
            })
        })
}

fn are_senders(r: &Resolver, services: NodeId) -> bool {
    r.doc.one_or_all(&services).iter().all(|service| {
        let names = r.strings(*service, &When::default());
        names.iter().all(|name| match &name.got {
            // `states.eu-west-1.amazonaws.com` is the same service.
            Got::Is(name) => name.value.to_string().split('.').next().is_some_and(|name| SENDERS.contains(&name)),
            Got::Unset | Got::Unknown(_) => false,
        })
    })
}
