//! What invokes a Lambda, and how events that it fails on are treated.

use super::model::Setting;
use crate::dynamodb::json::Json;
use crate::dynamodb::symbolic::Symbolic;
use crate::source::Span;

/// Something that the templates have invoke a Lambda.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The sort of event.
    pub kind: TriggerKind,
    /// How it is declared: a SAM event's type (`Api`), or a resource type (`AWS::Events::Rule`).
    pub declared_as: String,
    /// Where: an event's key, or the resource's logical id.
    pub span: Span,
    /// Of streams and queues: every value that the source's ARN may have.
    pub sources: Vec<Symbolic>,
    /// Of what is polled (streams, queues): what becomes of records that the Lambda fails on.
    pub delivery: Option<Delivery>,
    /// What the event holds, where the templates say it.
    pub event: Option<Json>,
}

/// The sort of event that invokes a Lambda.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TriggerKind {
    /// Somebody waits for the answer: HTTP, GraphQL, a function URL, a load balancer.
    Api,
    /// A hook of a user pool: somebody waits for their login.
    Auth,
    /// A cron or rate expression.
    Schedule,
    /// A queue.
    Queue,
    /// A DynamoDB table's stream.
    TableStream,
    /// Another stream: Kinesis, Kafka, logs.
    Stream,
    /// Objects of a bucket.
    Bucket,
    /// A topic.
    Topic,
    /// Events of a bus, `IoT` messages.
    Bus,
    /// A step of a state machine.
    Workflow,
    /// A custom resource: it runs while a stack is deployed.
    Custom,
    /// Something else is allowed to invoke it.
    Other,
}

impl TriggerKind {
    /// For a sentence: `an API`, `a schedule`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Api => "an API",
            Self::Auth => "a user pool",
            Self::Schedule => "a schedule",
            Self::Queue => "a queue",
            Self::TableStream => "a table's stream",
            Self::Stream => "a stream",
            Self::Bucket => "a bucket",
            Self::Topic => "a topic",
            Self::Bus => "an event bus",
            Self::Workflow => "a state machine",
            Self::Custom => "a custom resource",
            Self::Other => "another service",
        }
    }

    /// Whether events come by themselves, as often as the world has them: neither by a person's deployment nor only by
    /// somebody who may invoke it.
    pub fn is_event_source(self) -> bool {
        !matches!(self, Self::Custom | Self::Other)
    }
}

/// What an event source mapping does about records that the Lambda fails on.
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `MaximumRetryAttempts`.
    pub retries: Setting<String>,
    /// `MaximumRecordAgeInSeconds`.
    pub record_age: Setting<String>,
    /// `BisectBatchOnFunctionError`.
    pub bisects: Setting<bool>,
    /// Whether `FunctionResponseTypes` holds `ReportBatchItemFailures`.
    pub partial_responses: Setting<bool>,
    /// Whether some branch sets a `DestinationConfig`.
    pub has_destination: bool,
    /// Whether some branch turns the source off (`Enabled: false`), or may.
    pub may_be_off: bool,
    /// Whether some branch filters the records.
    pub is_filtered: bool,
}
