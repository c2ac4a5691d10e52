//! Which functions somebody is told of without its being said what they are sent: code that has a function's name or
//! may guess it invokes it with whatever it likes.

use super::Resource;
use super::custom_resource::is_custom;
use super::document::{Entry, NodeId, Value};
use super::function::is_function;
use super::invoke::{is_alias, named_functions, references};
use super::model::{Effect, Role, Stack, Statement};
use super::resolve::{Got, Resolver, When};
use super::role::{ROLE, generated_id};
use crate::dynamodb::symbolic::ResourceRef;
use crate::iam::action_matches;
use std::collections::BTreeSet;

const INVOKE: &str = "lambda:InvokeFunction";
/// Services that send what the templates say and nothing else; a role for them alone tells nobody of a function.
const SENDERS: [&str; 3] = ["states", "events", "scheduler"];

/// Who is told of what, throughout the run.
#[derive(Default)]
pub(super) struct Told {
    functions: BTreeSet<ResourceRef>,
    /// Functions whose names the template chooses, so that they can be spelled.
    named: BTreeSet<ResourceRef>,
    /// Whether something invokes functions by names that aren't seen to be any function's.
    by_name: bool,
    /// Roles of nobody but [`SENDERS`].
    of_senders: BTreeSet<ResourceRef>,
}

impl Told {
    /// Notes the functions, versions and aliases that anything names but a custom resource by its `ServiceToken`, what
    /// is seen to send them something, what is itself a trigger, and what only watches.
    pub fn add<'d>(&mut self, r: &Resolver<'d>, resources: &[Resource<'d>]) {
        let when = When::default();
        for resource in resources {
            let reference = resource.reference(r);
            if is_sender(resource.kind) {
                self.of_senders.insert(ResourceRef { id: generated_id(resource.id), ..reference });
                continue;
            }
            if resource.kind == ROLE && is_of_senders(r, resource) {
                self.of_senders.insert(reference);
                continue;
            }
            if is_function(resource.kind)
                && r.property(resource.properties, &["FunctionName"]).iter().any(|alt| alt.got != Got::Unset)
            {
                self.named.insert(reference);
            }
            if is_alias(resource.kind) || only_watches(resource.kind) {
                continue;
            }
            let is_token = |entry: &Entry| is_custom(resource.kind) && &*entry.key == "ServiceToken";
            let entries = resource.properties.map_or(&[][..], |node| r.doc.entries(node));
            for entry in entries.iter().filter(|entry| !is_token(entry)) {
                named_functions(r, entry.value, &when, &mut self.functions);
            }
            let policies = r.property(resource.properties, &["Policies"]);
            self.by_name |= r.items(policies).iter().any(|policy| lets_invoke_by_name(r, &policy.got));
        }
        if let Some(outputs) = r.doc.get(r.doc.root(), "Outputs") {
            named_functions(r, outputs, &when, &mut self.functions);
        }
    }

    /// Notes that something invokes a function by a name that is no reference.
    pub fn somebody_invokes_by_name(&mut self) {
        self.by_name = true;
    }

    /// Everything that may be sent what isn't seen.
    pub fn all(mut self, stacks: &[Stack]) -> BTreeSet<ResourceRef> {
        let mut roles = stacks.iter().flat_map(|stack| &stack.roles);
        let is_open = |role: &Role| {
            !self.of_senders.contains(&role.resource) && role.statements.iter().any(allows_invoking_by_name)
        };
        if self.by_name || roles.any(is_open) {
            self.functions.append(&mut self.named);
        }
        self.functions
    }
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

/// Whether a resource of this type names functions without sending them anything that a trigger wouldn't tell.
fn only_watches(kind: &str) -> bool {
    kind == "AWS::Lambda::Permission"
        || ["AWS::Logs::LogGroup", "AWS::CloudWatch::"].iter().any(|prefix| kind.starts_with(prefix))
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
    let one = [services];
    let services = if r.doc.items(services).is_empty() { &one[..] } else { r.doc.items(services) };
    services.iter().all(|service| {
        let names = r.strings(*service, &When::default());
        names.iter().all(|name| match &name.got {
            // `states.eu-west-1.amazonaws.com` is the same service.
            Got::Is(name) => name.value.to_string().split('.').next().is_some_and(|name| SENDERS.contains(&name)),
            Got::Unset | Got::Unknown(_) => false,
        })
    })
}

/// Whether SAM's `LambdaInvokePolicy` is given a name that is no reference.
fn lets_invoke_by_name(r: &Resolver, policy: &Got<NodeId>) -> bool {
    let Got::Is(node) = policy else { return false };
    let name = r.doc.get(*node, "LambdaInvokePolicy").and_then(|given| r.doc.get(given, "FunctionName"));
    name.is_some_and(|name| {
        r.strings(name, &When::default()).iter().any(|name| match &name.got {
            Got::Is(name) => references(&name.value).next().is_none(),
            Got::Unset | Got::Unknown(_) => true,
        })
    })
}

fn allows_invoking_by_name(statement: &Statement) -> bool {
    let covers = statement.actions.iter().any(|action| action_matches(&action.value, INVOKE)) != statement.not_action;
    let by_name = || statement.resources.iter().any(|resource| references(&resource.value).next().is_none());
    statement.effect == Effect::Allow && covers && (statement.not_resource || by_name())
}
