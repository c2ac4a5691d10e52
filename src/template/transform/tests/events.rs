//! Events: brokers, schedules, buckets, user pools, topics.

use super::{check, function};

/// The errors of a function with one event `E`, which stands on line 9.
#[track_caller]
fn event(kind: &str, properties: &str, more: &str, expected: &[&str]) {
    let events = format!("Events: {{E: {{Type: {kind}, Properties: {{{properties}}}}}}}");
    check(&format!("{}{more}", function(&events)), expected);
}

const QUEUE: &str = "Broker: b, Queues: [q]";
const SECRET: &str = "{Type: BASIC_AUTH, URI: s}";

#[test]
fn brokers_that_need_one_secret() {
    let mq = |access: &str, expected: &[&str]| {
        event("MQ", &format!("{QUEUE}, SourceAccessConfigurations: {access}"), "", expected);
    };
    mq(&format!("[{SECRET}, {{Type: VIRTUAL_HOST, URI: /}}]"), &[]);
    event("MQ", QUEUE, "", &["9: the event `E` of `F` doesn't say how the function signs in"]);
    mq("[{Type: VIRTUAL_HOST, URI: /}]", &["9: the event `E` of `F` has no secret to sign in with"]);
    mq(&format!("[{SECRET}, {SECRET}]"), &["9: the event `E` of `F` has two secrets"]);
    mq("[{Type: BASIC_AUTH}]", &["9: the secret of the event `E` of `F` has no `URI`"]);
    mq(
        &format!("[{SECRET}, {{Type: SASL_SCRAM_256_AUTH, URI: s}}]"),
        &["9: the kind of access of the event `E` of `F` is none that SAM knows"],
    );
    mq(
        &format!("[{SECRET}], SecretsManagerKmsKeyId: !Ref K"),
        &["9: `SecretsManagerKmsKeyId` of the event `E` of `F` must be a plain text"],
    );
    let documents = "Cluster: c, DatabaseName: d, SourceAccessConfigurations:";
    event("DocumentDB", &format!("{documents} [{SECRET}]"), "", &[]);
    event(
        "DocumentDB",
        &format!("{documents} [{SECRET}, {{Type: VIRTUAL_HOST, URI: /}}]"),
        "",
        &["9: the kind of access of the event `E` of `F` is none that SAM knows"],
    );
}

#[test]
fn rights_of_events_beside_conditions() {
    let with = |policy: &str, role: &str, expected: &[&str]| {
        let event = format!("{{Type: MQ, Properties: {{{QUEUE}, SourceAccessConfigurations: [{SECRET}]}}}}");
        check(&function(&format!("Events: {{E: {event}}}\n      Policies: [{policy}]\n{role}")), expected);
    };
    let fails = "9: SAM can't add what the event `E` of `F` needs to a policy under `Fn::If`";
    let read = "{DynamoDBReadPolicy: {TableName: t}}";
    with(&format!("!If [C, {read}, !Ref AWS::NoValue]"), "", &[fails]);
    with("!If [C, {Statement: []}, {Statement: []}]", "      Role: !If [C, r, !Ref AWS::NoValue]\n", &[fails]);
    with(&format!("!If [C, {read}, !Ref AWS::NoValue]"), "      Role: r\n", &[fails]);
    with(&format!("!If [C, a, b], {read}"), "", &[]);
}

#[test]
fn kafka_without_aws() {
    let kafka = |properties: &str, expected: &[&str]| event("SelfManagedKafka", properties, "", expected);
    let sound = "KafkaBootstrapServers: [b], Topics: [t]";
    let subnet = "{Type: VPC_SUBNET, URI: s}";
    kafka(&format!("{sound}, SourceAccessConfigurations: [{SECRET}]"), &[]);
    kafka(
        &format!("SourceAccessConfigurations: [{SECRET}]"),
        &["9: the event `E` of `F` names no broker", "9: the event `E` of `F` names no topic"],
    );
    kafka(
        &format!("KafkaBootstrapServers: [b], Topics: [t, u], SourceAccessConfigurations: [{SECRET}]"),
        &["9: the event `E` of `F` names several topics"],
    );
    kafka(
        &format!("{sound}, SourceAccessConfigurations: [{subnet}]"),
        &["9: the event `E` of `F` has a subnet or a security group without the other"],
    );
    kafka(
        &format!("{sound}, SourceAccessConfigurations: [{SECRET}, {{Type: SASL_SCRAM_512_AUTH, URI: s}}]"),
        &["9: the event `E` of `F` has two ways to sign in"],
    );
    kafka(
        &format!("{sound}, SourceAccessConfigurations: [{{Type: PASSWORD, URI: s}}]"),
        &["9: the kind of access of the event `E` of `F` is none that SAM knows"],
    );
}

#[test]
fn schemas_of_records() {
    let msk = |registry: &str, expected: &[&str]| {
        event(
            "MSK",
            &format!("Stream: s, StartingPosition: LATEST, SchemaRegistryConfig: {{{registry}}}"),
            "",
            expected,
        );
    };
    let sound = "SchemaRegistryURI: u, EventRecordFormat: JSON";
    msk(&format!("{sound}, SchemaValidationConfigs: []"), &[]);
    msk(sound, &["9: `SchemaRegistryConfig` of the event `E` of `F` lacks `SchemaValidationConfigs`"]);
    msk(
        "SchemaRegistryURI: u, EventRecordFormat: AVRO, SchemaValidationConfigs: []",
        &["9: `EventRecordFormat` of the event `E` of `F` is none that SAM knows"],
    );
}

#[test]
fn schedules_and_rules() {
    let schedule = |properties: &str, expected: &[&str]| {
        event("Schedule", &format!("Schedule: rate(1 day), {properties}"), "", expected);
    };
    schedule("State: ENABLED, DeadLetterConfig: {Arn: a}", &[]);
    schedule("DeadLetterConfig: {Type: SQS, QueueLogicalId: Q}", &[]);
    schedule("State: ENABLED, Enabled: false", &["9: the event `E` of `F` has both `State` and `Enabled`"]);
    let queue = "9: the dead letter queue of the event `E` of `F`";
    schedule("DeadLetterConfig: {Arn: a, Type: SQS}", &[&format!("{queue} has both `Arn` and `Type`")]);
    schedule("DeadLetterConfig: {QueueLogicalId: Q}", &[&format!("{queue} has neither `Arn` nor `Type`")]);
    schedule("DeadLetterConfig: {Type: SNS}", &[&format!("{queue} is none that SAM knows")]);
    schedule(
        "DeadLetterConfig: {Type: SQS, QueueLogicalId: !Ref Q}",
        &["9: `QueueLogicalId` of the event `E` of `F` must be a plain text"],
    );
    event(
        "ScheduleV2",
        "ScheduleExpression: rate(1 day), Name: n, OmitName: true",
        "",
        &["9: the event `E` of `F` has a name that `OmitName` leaves out"],
    );
}

#[test]
fn buckets_pools_and_topics_of_the_template() {
    let bucket = |body: &str| format!("  B:\n    Type: AWS::S3::Bucket\n    {body}\n");
    let s3 = |body: &str, expected: &[&str]| event("S3", "Bucket: !Ref B, Events: x", &bucket(body), expected);
    s3("DependsOn: [T]", &[]);
    s3("Properties: {NotificationConfiguration: {LambdaConfigurations: []}}", &[]);
    s3("DependsOn: 3", &["12: `DependsOn` of `B` must be a text or a list of texts"]);
    s3("Properties: text", &["12: the properties of `B` must be a mapping"]);
    s3("Properties: {NotificationConfiguration: x}", &["12: `NotificationConfiguration` of `B` must be a mapping"]);
    s3(
        "Properties: {NotificationConfiguration: {LambdaConfigurations: x}}",
        &["12: `LambdaConfigurations` of `B` must be a list"],
    );
    let outside = "names a bucket outside this template";
    event("S3", "Bucket: b, Events: x", "", &[&format!("9: the event `E` of `F` {outside}")]);
    event("S3", "Bucket: !Ref B, Events: x", "", &[&format!("9: the event `E` of `F` {outside}")]);

    let pool =
        |config: &str| format!("  P: {{Type: AWS::Cognito::UserPool, Properties: {{LambdaConfig: {config}}}}}\n");
    let cognito = "UserPool: !Ref P, Trigger: PreSignUp";
    event("Cognito", cognito, &pool("{PostConfirmation: f}"), &[]);
    event("Cognito", cognito, &pool("{PreSignUp: f}"), &["9: the trigger `PreSignUp` of `P` is set more than once"]);
    event("Cognito", cognito, &pool("[]"), &["10: `LambdaConfig` of `P` must be a mapping"]);
    event(
        "Cognito",
        "UserPool: !GetAtt P.Arn, Trigger: PreSignUp",
        &pool("{}"),
        &["9: the event `E` of `F` names a user pool outside this template"],
    );
    event("SNS", "Topic: t, SqsSubscription: true", "", &[]);
    event(
        "SNS",
        "Topic: t, SqsSubscription: {QueueArn: q}",
        "",
        &["9: the queue of the event `E` of `F` lacks `QueueArn` or `QueueUrl`"],
    );
}

#[test]
fn what_sam_makes_for_an_event_is_not_there() {
    let other = |id: &str| format!("  {id}: {{Type: AWS::SNS::Topic}}\n");
    let made = |id: &str| format!("10: SAM makes `{id}` for an event of `F`, and there is a resource of this name");
    event("Schedule", "Schedule: rate(1 day)", &other("FE"), &[&made("FE")]);
    event("Schedule", "Schedule: rate(1 day)", &other("FEPermission"), &[&made("FEPermission")]);
    event("AlexaSkill", "SkillId: s", &other("FE"), &[]);
    event("SQS", "Queue: q", &other("FEPermission"), &[]);
}

#[test]
fn filters_of_streams() {
    let stream = |criteria: &str, expected: &[&str]| {
        event("SQS", &format!("Queue: q, FilterCriteria: {criteria}"), "", expected);
    };
    stream("{Filters: [{Pattern: p}]}", &[]);
    stream("!If [C, {Filters: []}, !Ref AWS::NoValue]", &[]);
    stream("{Filters: [], Pattern: p}", &["9: the filter criteria of the event `E` of `F` can't have `Pattern`"]);
    stream("{FiltersToUse: []}", &["9: the filter criteria of the event `E` of `F` can't have `FiltersToUse`"]);
    stream("{Filters: p}", &[]);
}
