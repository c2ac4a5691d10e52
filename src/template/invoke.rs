//! Who invokes the Lambdas: events of SAM functions, and resources of other types that name a function.

use super::Resource;
use super::custom_resource::{self, is_custom};
use super::document::{Entry, NodeId, Value};
use super::function::{SAM_FUNCTION, is_function};
use super::model::{Setting, Stack};
use super::resolve::{Alt, Got, Resolver, When, collect};
use super::service::Payloads;
use super::told::Told;
use super::trigger::{Delivery, Trigger, TriggerKind};
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::source::Spanned;
use std::collections::{BTreeMap, BTreeSet};

const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
const PERMISSION: &str = "AWS::Lambda::Permission";

/// Who invokes which function, or a version or alias of it, throughout the run.
#[derive(Default)]
pub(super) struct Invocations {
    triggers: Vec<(ResourceRef, Trigger)>,
    /// Versions and aliases with their functions.
    aliases: BTreeMap<ResourceRef, ResourceRef>,
    told: Told,
}

impl Invocations {
    /// Adds what one template declares, of its own functions and of other stacks'. `payloads` holds what is sent.
    pub fn add<'d>(&mut self, r: &Resolver<'d>, resources: &[Resource<'d>], payloads: &Payloads) {
        self.told.add(r, resources, payloads);
        for resource in resources {
            let reference = resource.reference(r);
            if resource.kind == SAM_FUNCTION {
                let own = events(r, resource).into_iter().chain(function_url(r, resource));
                let sent = |trigger: &Trigger| payloads.get(&trigger.span)?.events.get(&reference)?.clone();
                let own = own.map(|trigger| Trigger { event: sent(&trigger), ..trigger });
                self.triggers.extend(own.map(|trigger| (reference.clone(), trigger)));
            } else if is_alias(resource.kind) {
                let names = r.known_strings(r.property(resource.properties, &["FunctionName"]));
                let function = names.iter().flat_map(|name| name.value.resources()).next();
                self.aliases.extend(function.map(|function| (reference, function.clone())));
            } else if let Some((kind, property)) = invoker(r, resource) {
                let functions = functions_of(r, resource, property);
                if functions.is_empty() {
                    continue;
                }
                let trigger = declared(r, resource, kind);
                let sent = |function: &ResourceRef| payloads.get(&resource.key)?.events.get(function)?.clone();
                self.triggers.extend(functions.into_iter().map(|function| {
                    let event = trigger.event.clone().or_else(|| sent(&function));
                    (function, Trigger { event, ..trigger.clone() })
                }));
            }
        }
    }

    /// Gives the functions of all stacks their triggers, in the order of the templates.
    pub fn attach(self, stacks: &mut [Stack]) {
        let mut by_function: BTreeMap<ResourceRef, Vec<Trigger>> = BTreeMap::new();
        let function_of = |target: &ResourceRef| self.aliases.get(target).unwrap_or(target).clone();
        let told = self.told.all(function_of);
        for (target, mut trigger) in self.triggers {
            let function = function_of(&target);
            if told.contains(&function) {
                trigger.event = None;
            }
            by_function.entry(function).or_default().push(trigger);
        }
        for function in stacks.iter_mut().flat_map(|stack| &mut stack.functions) {
            let mut triggers = by_function.remove(&function.resource).unwrap_or_default();
            let declared: BTreeSet<TriggerKind> =
                triggers.iter().filter(|t| t.declared_as != PERMISSION).map(|t| t.kind).collect();
            triggers.retain(|trigger| trigger.declared_as != PERMISSION || !is_explained(trigger.kind, &declared));
            function.triggers = triggers;
        }
    }
}

fn declared(r: &Resolver, resource: &Resource, kind: TriggerKind) -> Trigger {
    let is_mapping = resource.kind == MAPPING;
    Trigger {
        kind,
        declared_as: resource.kind.to_owned(),
        span: resource.key,
        sources: if is_mapping { source_arns(r, resource.properties, &["EventSourceArn"]) } else { vec![] },
        delivery: is_mapping.then(|| delivery(r, resource.properties, &[])),
        event: is_custom(resource.kind).then(|| custom_resource::event(r, resource.properties)),
    }
}

fn functions_of<'d>(r: &Resolver<'d>, resource: &Resource<'d>, property: Option<&str>) -> BTreeSet<ResourceRef> {
    let mut functions = BTreeSet::new();
    for alt in r.property(resource.properties, property.as_slice()) {
        if let Got::Is(node) = alt.got {
            named_functions(r, node, &alt.when, &mut functions);
        }
    }
    functions
}

/// Whether a permission says no more than what declares the invocation itself. A rule's doesn't tell a schedule from a
/// pattern.
fn is_explained(permission: TriggerKind, declared: &BTreeSet<TriggerKind>) -> bool {
    match permission {
        TriggerKind::Bus => declared.contains(&TriggerKind::Bus) || declared.contains(&TriggerKind::Schedule),
        TriggerKind::Other => !declared.is_empty(),
        kind => declared.contains(&kind),
    }
}

/// Whether a resource of this type is a version or an alias of a function.
pub(super) fn is_alias(kind: &str) -> bool {
    matches!(kind, "AWS::Lambda::Alias" | "AWS::Lambda::Version")
}

/// What invokes the functions that a resource names, and the property below which it names them, if it isn't any.
fn invoker(r: &Resolver, resource: &Resource) -> Option<(TriggerKind, Option<&'static str>)> {
    let source = |key| source_kind(r, &source_arns(r, resource.properties, &[key]));
    let found = match resource.kind {
        MAPPING => (source("EventSourceArn"), Some("FunctionName")),
        PERMISSION => (permitted(r, resource), Some("FunctionName")),
        "AWS::Pipes::Pipe" => (source("Source"), None),
        "AWS::Events::Rule" => (rule_kind(r, resource), Some("Targets")),
        "AWS::Scheduler::Schedule" => (TriggerKind::Schedule, Some("Target")),
        "AWS::SecretsManager::RotationSchedule" => (TriggerKind::Schedule, None),
        "AWS::StepFunctions::StateMachine" | "AWS::Serverless::StateMachine" => (TriggerKind::Workflow, None),
        "AWS::S3::Bucket" => (TriggerKind::Bucket, Some("NotificationConfiguration")),
        "AWS::SNS::Subscription" | "AWS::SNS::Topic" => (TriggerKind::Topic, None),
        "AWS::IoT::TopicRule" => (TriggerKind::Bus, None),
        "AWS::Logs::SubscriptionFilter" | "AWS::KinesisFirehose::DeliveryStream" => (TriggerKind::Stream, None),
        "AWS::Cognito::UserPool" => (TriggerKind::Auth, Some("LambdaConfig")),
        "AWS::Lambda::Url"
        | "AWS::AppSync::DataSource"
        | "AWS::AppSync::GraphQLApi"
        | "AWS::Serverless::GraphQLApi"
        | "AWS::Serverless::Api"
        | "AWS::Serverless::HttpApi"
        | "AWS::ElasticLoadBalancingV2::TargetGroup"
        | "AWS::CloudFront::Distribution" => (TriggerKind::Api, None),
        kind if is_custom(kind) => (TriggerKind::Custom, Some("ServiceToken")),
        kind if kind.starts_with("AWS::ApiGateway") => (TriggerKind::Api, None),
        _ => return None,
    };
    Some(found)
}

fn rule_kind(r: &Resolver, rule: &Resource) -> TriggerKind {
    let schedule = r.property(rule.properties, &["ScheduleExpression"]);
    if schedule.iter().any(|alt| alt.got != Got::Unset) { TriggerKind::Schedule } else { TriggerKind::Bus }
}

/// What a permission lets invoke the function.
fn permitted(r: &Resolver, permission: &Resource) -> TriggerKind {
    let Setting::Is(principal) = r.text_setting(r.property(permission.properties, &["Principal"])) else {
        return TriggerKind::Other;
    };
    let url = r.property(permission.properties, &["FunctionUrlAuthType"]);
    if url.iter().any(|alt| alt.got != Got::Unset) {
        return TriggerKind::Api;
    }
    match principal.value.split(".amazonaws.com").next().unwrap_or_default() {
        "apigateway" | "elasticloadbalancing" | "lex" | "lexv2" | "alexa-appkit" | "alexa-connectedhome" => {
            TriggerKind::Api
        }
        "events" | "iot" => TriggerKind::Bus,
        "scheduler" => TriggerKind::Schedule,
        "s3" => TriggerKind::Bucket,
        "sns" => TriggerKind::Topic,
        "cognito-idp" | "cognito-sync" => TriggerKind::Auth,
        "logs" => TriggerKind::Stream,
        name if name.starts_with("logs.") => TriggerKind::Stream,
        "cloudformation" => TriggerKind::Custom,
        _ => TriggerKind::Other,
    }
}

/// Functions, versions and aliases that something below a node refers to.
pub(super) fn named_functions<'d>(r: &Resolver<'d>, node: NodeId, when: &When<'d>, found: &mut BTreeSet<ResourceRef>) {
    if !r.spend(1) {
        return;
    }
    match r.doc.value(node) {
        Value::Scalar(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| named_functions(r, *item, when, found)),
        Value::Mapping(_) if r.doc.intrinsic(node).is_some_and(|call| &*call.key != "Condition") => {
            for branch in r.branches(node, when) {
                let Got::Is(inner) = branch.got else { continue };
                if inner != node {
                    named_functions(r, inner, &branch.when, found);
                    continue;
                }
                let texts = r.known_strings(vec![Alt { got: Got::Is(inner), when: branch.when }]);
                let named = texts.iter().flat_map(|text| text.value.resources());
                found.extend(named.filter(|resource| is_invocable(r, resource)).cloned());
            }
        }
        Value::Mapping(entries) => entries.iter().for_each(|entry| named_functions(r, entry.value, when, found)),
    }
}

fn is_invocable(r: &Resolver, resource: &ResourceRef) -> bool {
    r.type_of_resource(resource).is_some_and(|kind| is_function(kind) || is_alias(kind))
}

/// SAM's `Events`.
fn events(r: &Resolver, resource: &Resource) -> Vec<Trigger> {
    let mut out = Vec::new();
    for alt in r.property(resource.properties, &["Events"]) {
        let Got::Is(map) = alt.got else { continue };
        for entry in r.doc.entries(map) {
            let kind = r.doc.get(entry.value, "Type").and_then(|kind| r.doc.text(kind));
            out.extend(kind.map(|kind| event(r, entry, &kind)));
        }
    }
    out
}

fn event(r: &Resolver, entry: &Entry, declared_as: &str) -> Trigger {
    let kind = match declared_as {
        "Api" | "HttpApi" | "AlexaSkill" => TriggerKind::Api,
        "Schedule" | "ScheduleV2" => TriggerKind::Schedule,
        "SQS" | "MQ" => TriggerKind::Queue,
        "SNS" => TriggerKind::Topic,
        "S3" => TriggerKind::Bucket,
        "DynamoDB" => TriggerKind::TableStream,
        "Kinesis" | "MSK" | "SelfManagedKafka" | "DocumentDB" | "CloudWatchLogs" => TriggerKind::Stream,
        "CloudWatchEvent" | "EventBridgeRule" | "IoTRule" => TriggerKind::Bus,
        "Cognito" => TriggerKind::Auth,
        _ => TriggerKind::Other,
    };
    let key = match declared_as {
        "DynamoDB" | "Kinesis" | "MSK" => Some("Stream"),
        "SQS" => Some("Queue"),
        _ => None,
    };
    Trigger {
        kind,
        declared_as: declared_as.to_owned(),
        span: entry.key_span,
        sources: key.map_or_else(Vec::new, |key| source_arns(r, Some(entry.value), &["Properties", key])),
        delivery: key.map(|_| delivery(r, Some(entry.value), &["Properties"])),
        event: None,
    }
}

fn function_url(r: &Resolver, resource: &Resource) -> Option<Trigger> {
    let urls = r.property(resource.properties, &["FunctionUrlConfig"]);
    let node = urls.iter().find_map(|alt| if let Got::Is(node) = alt.got { Some(node) } else { None })?;
    Some(Trigger {
        kind: TriggerKind::Api,
        declared_as: "FunctionUrlConfig".to_owned(),
        span: r.doc.span(node),
        sources: vec![],
        delivery: None,
        event: None,
    })
}

fn source_arns(r: &Resolver, node: Option<NodeId>, path: &[&str]) -> Vec<Symbolic> {
    r.known_strings(r.property(node, path)).into_iter().map(|arn| arn.value).collect()
}

/// The sort of source that an ARN names.
fn source_kind(r: &Resolver, arns: &[Symbolic]) -> TriggerKind {
    let kinds = arns.iter().filter_map(|arn| {
        if let [Part::Resource(resource, attribute)] = arn.parts() {
            return match r.type_of_resource(resource)? {
                _ if attribute == "StreamArn" => Some(TriggerKind::TableStream),
                "AWS::SQS::Queue" => Some(TriggerKind::Queue),
                _ => Some(TriggerKind::Stream),
            };
        }
        let text = arn.to_string();
        match text.split(':').nth(2)? {
            "dynamodb" => Some(TriggerKind::TableStream),
            "sqs" => Some(TriggerKind::Queue),
            _ => Some(TriggerKind::Stream),
        }
    });
    kinds.min().unwrap_or(TriggerKind::Stream)
}

fn delivery(r: &Resolver, node: Option<NodeId>, path: &[&str]) -> Delivery {
    let at = |key: &'static str| {
        let path: Vec<&str> = path.iter().copied().chain([key]).collect();
        r.property(node, &path)
    };
    let is_given = |key: &'static str| at(key).iter().any(|alt| alt.got != Got::Unset);
    Delivery {
        retries: r.text_setting(at("MaximumRetryAttempts")),
        record_age: r.text_setting(at("MaximumRecordAgeInSeconds")),
        bisects: r.bool_setting(at("BisectBatchOnFunctionError")),
        partial_responses: collect(at("FunctionResponseTypes").into_iter().map(|alt| reports_failures(r, alt))),
        has_destination: is_given("DestinationConfig"),
        may_be_off: match r.bool_setting(at("Enabled")) {
            Setting::Unset => false,
            Setting::Is(on) => !on.value,
            Setting::Varies(_) | Setting::Unknown(_) => true,
        },
        is_filtered: is_given("FilterCriteria"),
    }
}

fn reports_failures<'d>(r: &Resolver<'d>, types: Alt<'d, NodeId>) -> Got<Spanned<bool>> {
    let node = match types.got {
        Got::Unset => return Got::Unset,
        Got::Unknown(span) => return Got::Unknown(span),
        Got::Is(node) => node,
    };
    let span = r.doc.span(node);
    match r.text_setting(r.items(vec![types])) {
        Setting::Unknown(span) => Got::Unknown(span),
        types => Got::Is(Spanned::new(types.values().any(|kind| kind.value == "ReportBatchItemFailures"), span)),
    }
}
