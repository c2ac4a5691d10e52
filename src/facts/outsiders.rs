//! Identities of the templates under which code runs that isn't at hand: a container, an instance, a person.

use super::TableId;
use super::join::Lambda;
use super::policies::{INDEX_ACTIONS, Ruling, names_action, rule};
use super::services::{ServiceRoles, service_roles};
use super::tables::Tables;
use crate::source::{Span, Spanned};
use crate::template::model::{Effect, Identity, Role, Stack, Statement};

/// Somebody whose accesses can't be seen.
pub(super) struct Outsider<'a> {
    pub role: &'a Role,
    /// `a container`
    pub who: String,
    /// Where the template lets them in.
    pub span: Span,
    /// Whoever deploys may do everything, and that says nothing of what they read.
    deploys: bool,
}

/// Services that run nobody's code under a role, and make no call on items that isn't configured.
const INERT: &[&str] = &[
    "cloudformation",
    "codepipeline",
    "codedeploy",
    "application-autoscaling",
    "autoscaling",
    "dax",
    "backup",
    "config",
    "cloudtrail",
    "events",
    "s3",
    "sns",
    "sqs",
    "logs",
    "delivery.logs",
    "vpc-flow-logs",
    "firehose",
    "kinesis",
    "ecs",
    "replication.dynamodb",
    "ops.apigateway",
    "cognito-idp",
    "comprehend",
    "mediaconvert",
    "polly",
    "rekognition",
    "textract",
    "transcribe",
    "translate",
];

/// Everybody under a role of the stacks whose code isn't among what was read.
pub(super) fn outsiders<'a>(stacks: &'a [Stack], lambdas: &[Lambda]) -> Vec<Outsider<'a>> {
    let services = service_roles(stacks);
    let mut out = Vec::new();
    for stack in stacks {
        for identity in &stack.services.identities {
            let known = stack.roles.iter().chain(&stack.services.people);
            let Some(role) = known.into_iter().find(|role| role.resource == identity.role) else { continue };
            let at_hand = |service: &str| is_at_hand(service, role, lambdas, &services, stacks);
            out.extend(of_identity(identity, role, &at_hand));
        }
    }
    out
}

fn of_identity<'a>(identity: &Identity, role: &'a Role, at_hand: &dyn Fn(&str) -> bool) -> Option<Outsider<'a>> {
    let service = |spanned: &Spanned<String>| {
        let name = spanned.value.split(".amazonaws.com").next().unwrap_or_default().to_owned();
        (name, spanned.span)
    };
    let mut strangers = identity.services.iter().map(service).filter(|(name, _)| {
        !INERT.contains(&name.as_str()) && !name.ends_with(".application-autoscaling") && !at_hand(name)
    });
    if let Some((name, span)) = strangers.next() {
        return Some(Outsider { role, who: who(&name), span, deploys: name == "codebuild" });
    }
    let person = identity.people.first()?;
    Some(Outsider { role, who: person.value.to_string(), span: person.span, deploys: true })
}

/// Whether what the service does under the role is known: a resource at hand runs under it, or may, since its role
/// couldn't be told.
fn is_at_hand(service: &str, role: &Role, lambdas: &[Lambda], services: &[ServiceRoles], stacks: &[Stack]) -> bool {
    let runs = |roles: &[&Role]| roles.iter().any(|r| std::ptr::eq(*r, role));
    if service == "lambda" || service == "edgelambda" {
        return lambdas.iter().any(|lambda| runs(&lambda.roles));
    }
    let kinds: &[&str] = match service.split('.').next().unwrap_or_default() {
        "states" => &["StateMachine"],
        "appsync" => &["AWS::AppSync::", "GraphQLApi"],
        "apigateway" => &["AWS::ApiGateway", "AWS::Serverless::Api"],
        "scheduler" => &["AWS::Scheduler::"],
        "iot" => &["AWS::IoT::"],
        "pipes" => return true,
        _ => return false,
    };
    let mut own = services.iter().filter(|user| kinds.iter().any(|kind| user.kind.contains(kind)));
    let known = own.any(|user| user.roles.as_ref().is_none_or(|roles| runs(roles)));
    // A Lambda's role often lets in more than ever uses it: what the run declares of the service is read, and none of it
    // runs under the role.
    let declared = || {
        let types = stacks.iter().flat_map(|stack| stack.resources.values()).map(|(kind, _)| kind.as_str());
        let events =
            lambdas.iter().flat_map(|lambda| &lambda.function.triggers).map(|event| event.declared_as.as_str());
        let is_api = |event: &str| service.ends_with("apigateway") && matches!(event, "Api" | "HttpApi");
        types.into_iter().any(|kind| kinds.iter().any(|part| kind.contains(part))) || events.into_iter().any(is_api)
    };
    known || lambdas.iter().any(|lambda| runs(&lambda.roles)) && declared()
}

fn who(service: &str) -> String {
    match service {
        "ecs-tasks" => "a container".to_owned(),
        "ec2" => "an EC2 instance".to_owned(),
        "codebuild" => "a build project".to_owned(),
        "glue" => "a Glue job".to_owned(),
        "lambda" | "edgelambda" => "a Lambda that isn't at hand".to_owned(),
        "states" => "a state machine that isn't at hand".to_owned(),
        "apigateway" => "an API that isn't at hand".to_owned(),
        "appsync" => "an AppSync data source that isn't at hand".to_owned(),
        other => format!("`{other}`"),
    }
}

impl Outsider<'_> {
    /// Whether the role lets them read an index.
    pub fn may_read(&self, table: TableId, index: &str, tables: &Tables) -> bool {
        if self.deploys && self.is_almighty() {
            return false;
        }
        INDEX_ACTIONS.iter().any(|action| rule(self.role, action, table, Some(index), tables) != Ruling::Denied)
    }

    /// Whether the role lets them do one of these actions on a table's items.
    pub fn may_do(&self, table: TableId, actions: &[&str], tables: &Tables) -> bool {
        let almighty = |s: &Statement| s.not_action || s.actions.iter().any(|action| action.value == "*");
        let of = |action: &&&str| rule(self.role, action, table, None, tables) != Ruling::Denied;
        let mut allowed = actions.iter().filter(of).peekable();
        let by_all = |action: &&str| {
            let mut naming =
                self.role.statements.iter().filter(|s| s.effect == Effect::Allow && names_action(s, action));
            naming.all(almighty)
        };
        allowed.peek().is_some() && !(self.deploys && allowed.all(by_all))
    }

    /// Whether all that lets them read is a statement that allows everything.
    fn is_almighty(&self) -> bool {
        let reading = self.role.statements.iter().filter(|s| s.effect == Effect::Allow && names_action(s, "Query"));
        let mut reading = reading.peekable();
        reading.peek().is_some() && reading.all(|s| s.not_action || s.actions.iter().any(|action| action.value == "*"))
    }
}
