//! State machines: `AWS::StepFunctions::StateMachine`, `AWS::Serverless::StateMachine`.
//! <https://docs.aws.amazon.com/step-functions/latest/dg/connect-ddb.html>

use super::parameters::{Substitutions, call, operation, pattern, substituted_texts};
use super::payload::{Payload, json};
use super::tree::{MAX_DEPTH, Node, Texts, of_template};
use super::{MAX_CALLS, Reader, unread};
use crate::dynamodb::json::Json;
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::template::Resource;
use crate::template::resolve::Got;
use crate::template::service_use::ServiceCall;

/// Whether a resource is a state machine.
pub(super) fn is_state_machine(kind: &str) -> bool {
    matches!(kind, "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine")
}

/// What a state machine calls, and what it sends to Lambdas, if all of its states can be read.
pub(super) fn calls<'d>(reader: &mut Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> (Vec<ServiceCall>, Payload) {
    let r = reader.r;
    let substitutions = substitutions(reader, resource);
    let mut machine = Machine { substitutions, calls: Vec::new(), payload: Payload::default(), is_whole: true };
    let mut defined = false;
    for alt in r.property(resource.properties, &["Definition"]) {
        let Got::Is(node) = alt.got else { continue };
        defined = true;
        machine.definition(&of_template(r, node, &alt.when), MAX_DEPTH);
    }
    for found in reader.objects_of(resource, "DefinitionString", super::scan::Syntax::Json) {
        defined = true;
        match found {
            Ok((found, _)) if found.complete && found.objects.len() == 1 => {
                machine.definition(&found.objects[0], MAX_DEPTH);
            }
            Ok((_, span)) | Err((_, span)) => machine.add(unread("its definition can't be read", span)),
        }
    }
    for key in ["DefinitionUri", "DefinitionS3Location"] {
        for found in reader.definition_of(resource, key) {
            defined = true;
            match found {
                Ok(node) => machine.definition(&node, MAX_DEPTH),
                Err((reason, span)) => machine.add(unread(format!("its definition, {reason}"), span)),
            }
        }
    }
    if !defined {
        machine.add(unread("its definition can't be read", resource.key));
    }
    let unknown = Payload { by_name: true, ..Payload::default() };
    (machine.calls, if machine.is_whole { machine.payload } else { unknown })
}

fn substitutions<'d>(reader: &Reader<'_, 'd, '_, '_>, resource: &Resource<'d>) -> Substitutions {
    let r = reader.r;
    let mut out = Substitutions::new();
    for alt in r.property(resource.properties, &["DefinitionSubstitutions"]) {
        let Got::Is(node) = alt.got else { continue };
        let tree = of_template(r, node, &alt.when);
        for member in tree.maps().flat_map(|map| &map.members) {
            let texts = member.value.texts();
            let known = out.entry(member.key.clone()).or_default();
            known.known.extend(texts.known);
            known.known.dedup();
            known.unknown |= texts.unknown;
        }
    }
    out
}

struct Machine {
    substitutions: Substitutions,
    calls: Vec<ServiceCall>,
    payload: Payload,
    /// Whether every task could be read, as far as it may invoke a Lambda.
    is_whole: bool,
}

impl Machine {
    /// A definition, or one nested in a state: `{StartAt, States}`.
    fn definition(&mut self, definition: &Node, depth: u32) {
        let states: Vec<&Node> = definition.members("States").map(|member| &member.value).collect();
        let Some(depth) = depth.checked_sub(1) else { return };
        if states.is_empty() || !definition.is_map() {
            self.add(unread("a part of its definition can't be read", definition.span));
        }
        for states in states {
            if !states.is_map() || states.maps().any(|map| map.open) {
                self.add(unread("some of its states can't be read", states.span));
            }
            let each = states.maps().flat_map(|map| &map.members);
            each.for_each(|member| self.state(&member.value, depth));
        }
    }

    fn state(&mut self, state: &Node, depth: u32) {
        if !state.is_map() {
            self.add(unread("a state can't be read", state.span));
        }
        let is_task = state.members("Resource").next().is_some();
        if is_task {
            self.task(state);
        }
        self.tell(state, is_task);
        for key in ["Iterator", "ItemProcessor"] {
            state.members(key).for_each(|member| self.definition(&member.value, depth));
        }
        for branches in state.members("Branches") {
            if branches.value.items().next().is_none() {
                self.add(unread("its branches can't be read", branches.value.span));
            }
            branches.value.items().for_each(|branch| self.definition(branch, depth));
        }
    }

    /// Functions that a state names beside invoking them.
    fn tell(&mut self, state: &Node, is_task: bool) {
        for member in state.maps().flat_map(|map| &map.members) {
            match member.key.as_str() {
                "Resource" | "Iterator" | "ItemProcessor" | "Branches" => {}
                "Parameters" | "Arguments" if is_task => {
                    let members = member.value.maps().flat_map(|map| &map.members);
                    let told = members.filter(|member| member.key != "FunctionName");
                    told.for_each(|member| self.payload.tell(&member.value, &self.substitutions));
                }
                _ => self.payload.tell(&member.value, &self.substitutions),
            }
        }
    }

    fn task(&mut self, state: &Node) {
        let parameters = state.get("Parameters").or_else(|| state.get("Arguments"));
        let place = state.get("Resource").map_or(state.span, |node| node.span);
        let resources = substituted_texts(&state.texts_of("Resource"), &self.substitutions);
        let mut integrations: Vec<Integration> = resources.known.iter().map(integration).collect();
        if resources.unknown {
            integrations.push(Integration::Unknown);
        }
        self.payload.by_name |= resources.known.iter().any(is_name_of_lambda);
        for integration in integrations {
            self.is_whole &= !matches!(integration, Integration::Unknown);
            let operation = match integration {
                Integration::DynamoDb(operation) => operation,
                Integration::Unknown if names_table(parameters) => None,
                Integration::Invoke => {
                    self.invoke(parameters);
                    continue;
                }
                Integration::Lambda(function) => {
                    let event = parameters.map(|node| json(node, &self.substitutions));
                    self.payload.send(&[function], event.as_ref());
                    continue;
                }
                Integration::Unknown | Integration::Other => continue,
            };
            let call = call(operation, parameters, &self.substitutions, place);
            self.add(call);
        }
    }

    /// `lambda:invoke`. Without a payload the event is an empty object.
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html>
    fn invoke(&mut self, parameters: Option<&Node>) {
        let names = parameters.filter(|node| node.is_map()).map(|node| node.texts_of("FunctionName"));
        let names = names.map_or_else(Texts::default, |names| substituted_texts(&names, &self.substitutions));
        self.is_whole &= !names.unknown && !names.known.is_empty();
        self.payload.by_name |= names.known.iter().any(|name| !refers(name));
        let Some(node) = parameters else { return };
        let payload = node.members("Payload").map(|member| json(&member.value, &self.substitutions));
        let event = payload.reduce(Json::or).unwrap_or_else(|| Json::Map([].into()));
        let is_computed = node.members("Payload.$").next().is_some() || event == Json::Unknown;
        self.payload.send(&names.known, (!is_computed).then_some(&event));
    }

    fn add(&mut self, call: ServiceCall) {
        self.is_whole &= call.unread.is_none();
        if self.calls.len() < MAX_CALLS && self.calls.last() != Some(&call) {
            self.calls.push(call);
        }
    }
}

/// What a task calls.
#[derive(Debug, PartialEq, Eq)]
enum Integration {
    /// An operation of `DynamoDB`, if it can be told.
    DynamoDb(Option<Operation>),
    /// `lambda:invoke`, whose parameters name the function.
    Invoke,
    /// A function of the templates itself.
    Lambda(Symbolic),
    Unknown,
    Other,
}

fn integration(resource: &Symbolic) -> Integration {
    let text = pattern(resource);
    for mark in [":states:::dynamodb:", ":states:::aws-sdk:dynamodb:"] {
        if let Some((_, name)) = text.split_once(mark) {
            let name = name.split('.').next().unwrap_or_default();
            return match operation(name) {
                // Actions of the SDK that have nothing to do with items.
                None if !name.contains('\0') => Integration::Other,
                operation => Integration::DynamoDb(operation),
            };
        }
    }
    if [":states:::lambda:", ":states:::aws-sdk:lambda:"].iter().any(|mark| text.contains(mark)) {
        return Integration::Invoke;
    }
    let resource_of_template = refers(resource);
    let open = text.contains('\0') && !resource_of_template;
    // A whole ARN of some service, with an unknown region or account in it.
    let elsewhere = text.split(":states:::").nth(1).is_some_and(|service| !service.starts_with('\0'));
    if open && !elsewhere && !text.contains(":lambda:") {
        Integration::Unknown
    } else if resource_of_template {
        Integration::Lambda(resource.clone())
    } else {
        Integration::Other
    }
}

/// Whether a task's resource is a function's ARN that is no reference.
fn is_name_of_lambda(resource: &Symbolic) -> bool {
    !refers(resource) && pattern(resource).split(':').nth(2) == Some("lambda")
}

fn refers(text: &Symbolic) -> bool {
    text.parts().iter().any(|part| matches!(part, Part::Resource(..)))
}

/// Only a request to `DynamoDB` names a table.
fn names_table(parameters: Option<&Node>) -> bool {
    parameters.is_some_and(|node| {
        ["TableName", "TableName.$", "RequestItems", "TransactItems"].iter().any(|key| node.get(key).is_some())
    })
}
