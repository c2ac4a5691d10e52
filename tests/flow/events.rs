//! What the templates say of the events that Lambdas are given.

use crate::harness::check;

/// A Lambda for custom resources, with what follows in the template, and its code.
fn seeding(more: &str, code: &str) -> String {
    format!(
        "=== template.yaml
  Seed:
    Type: AWS::Serverless::Function
    Properties: {{ CodeUri: src/, Handler: app.handler, Runtime: python3.13 }}
{more}=== src/app.py
import boto3

dynamodb = boto3.resource(\"dynamodb\")
{code}"
    )
}

const TWO: &str = "  SeedOrders:
    Type: Custom::Seed
    Properties:
      ServiceToken: !GetAtt Seed.Arn
      TableName: !Ref Orders
      Main: !Ref Orders
      Others: [!Ref Audit, { Name: !Ref Orders }]
  SeedAudit:
    Type: AWS::CloudFormation::CustomResource
    Properties:
      ServiceToken: !GetAtt Seed.Arn
      TableName: !Ref Audit
      Stage: !Ref Stage
";

#[test]
fn properties_of_custom_resources_name_tables() {
    check(&seeding(
        TWO,
        r#"
def handler(event, context):
    if event["RequestType"] == "Delete":
        return None
    properties = event["ResourceProperties"]
    dynamodb.Table(properties["TableName"]).put_item(Item={})  # => PutItem Orders|Audit @Seed
    dynamodb.Table(properties.get("Main", "app-dev-orders")).scan()  # => Scan Orders unknown @Seed
    dynamodb.Table(properties["Stage"]).get_item(Key={})  # => GetItem ? @Seed
    for other in properties["Others"]:
        if isinstance(other, dict):
            dynamodb.Table(other["Name"]).delete_item(Key={})  # => DeleteItem Orders @Seed
    old = event.get("OldResourceProperties", {}).get("TableName")
    dynamodb.Table(old).update_item(Key={})  # => UpdateItem ? @Seed
"#,
    ));
}

#[test]
fn what_others_may_send_is_not_known() {
    let code = r#"
def handler(event, context):
    dynamodb.Table(event["ResourceProperties"]["TableName"]).put_item(Item={})  # => PutItem ? @Seed
"#;
    let other = "  Ticks:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 hour)
      Targets: [{ Id: a, Arn: !GetAtt Seed.Arn, InputPath: $.detail }]
";
    check(&seeding(&format!("{TWO}{other}"), code));
    let unknown = "  SeedOrders:
    Type: Custom::Seed
    Properties:
      Fn::Transform: { Name: AWS::Include, Parameters: { Location: s3://bucket/properties.yaml } }
      ServiceToken: !GetAtt Seed.Arn
";
    check(&seeding(unknown, code));
}

#[test]
fn a_request_may_hold_what_the_template_does_not_say() {
    check(&seeding(
        TWO,
        r#"
def handler(event, context):
    if event.get("action") == "purge":
        dynamodb.Table("app-dev-orders").delete_item(Key={})  # => DeleteItem Orders @Seed
        return dynamodb.Table(event["table"]).scan()  # => Scan ? cursor @Seed
    properties = event["ResourceProperties"]
    if properties.get("Mode") == "reset" or properties["Main"] == "none":
        dynamodb.Table(properties["Main"]).update_item(Key={})  # => UpdateItem Orders @Seed
    if {**properties}["Mode"] == "again":
        dynamodb.Table(properties["Main"]).put_item(Item={})  # => PutItem Orders @Seed
    for key in properties:
        if key == "Purge":
            dynamodb.Table(properties["Main"]).get_item(Key={})  # => GetItem Orders @Seed
"#,
    ));
}

#[test]
fn what_a_property_says_today_it_may_not_say_tomorrow() {
    let literal = "  SeedOrders:
    Type: Custom::Seed
    Properties: { ServiceToken: !GetAtt Seed.Arn, Mode: seed, TableName: app-dev-audit }
";
    check(&seeding(
        literal,
        r#"
def handler(event, context):
    properties = event["ResourceProperties"]
    table = dynamodb.Table(properties["TableName"])
    if properties["Mode"] == "purge":
        table.delete_item(Key={})  # => DeleteItem 'app-dev-audit' @Seed
    else:
        table.put_item(Item={})  # => PutItem 'app-dev-audit' @Seed
"#,
    ));
}

#[test]
fn whoever_is_told_of_the_function_may_send_what_it_likes() {
    let code = r#"
def handler(event, context):
    dynamodb.Table(event["ResourceProperties"]["TableName"]).put_item(Item={})  # => PutItem ? @Seed
"#;
    let told = "  Boss:
    Type: AWS::Lambda::Function
    Properties: { Runtime: nodejs20.x, Environment: { Variables: { SEED: !Ref Seed } } }
";
    check(&seeding(&format!("{TWO}{told}"), code));
    check(&seeding(&format!("{TWO}Outputs:\n  Token: {{ Value: !GetAtt Seed.Arn }}\n"), code));
    let known = r#"
def handler(event, context):
    dynamodb.Table(event["ResourceProperties"]["TableName"]).put_item(Item={})  # => PutItem Orders|Audit @Seed
"#;
    let log = "  Log:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: !Sub '/aws/lambda/${Seed}' }
";
    check(&seeding(&format!("{TWO}{log}"), known));
}

/// A Lambda that two states and a clock invoke, with its code.
fn syncing(machine: &str, more: &str, code: &str) -> String {
    format!(
        "=== template.yaml
  Sync:
    Type: AWS::Serverless::Function
    Properties: {{ CodeUri: src/, Handler: app.handler, Runtime: python3.13 }}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties:
{machine}{more}=== src/app.py
import boto3

dynamodb = boto3.resource(\"dynamodb\")
{code}"
    )
}

const MACHINE: &str = r#"      Policies: [{ LambdaInvokePolicy: { FunctionName: !Ref Sync } }]
      DefinitionSubstitutions: { SyncArn: !GetAtt Sync.Arn, OrdersTable: !Ref Orders, AuditTable: !Ref Audit }
      Definition:
        StartAt: First
        States:
          First:
            Type: Task
            Resource: arn:aws:states:::lambda:invoke
            Parameters: { FunctionName: "${SyncArn}", Payload: { table: "${OrdersTable}", action: sync, id.$: $.id, n: 3 } }
            Next: All
          All:
            Type: Map
            ItemProcessor:
              StartAt: Second
              States:
                Second: { Type: Task, Resource: "${SyncArn}", Parameters: { table: "${AuditTable}", more: { other: "${OrdersTable}" } }, End: true }
            End: true
"#;

const NAMED: &str = r#"
def handler(event, context):
    table = dynamodb.Table(event["table"])
    table.put_item(Item={"pk": event["id"]})  # => PutItem Orders|Audit @Sync
    if event.get("more"):
        dynamodb.Table(event["more"]["other"]).get_item(Key={})  # => GetItem Orders @Sync
    if event["action"] != "sync":
        table.delete_item(Key={})  # => DeleteItem Orders|Audit @Sync
"#;

const LOST: &str = r#"
def handler(event, context):
    dynamodb.Table(event["table"]).put_item(Item={})  # => PutItem ? @Sync
"#;

#[test]
fn payloads_of_tasks_name_tables() {
    check(&syncing(MACHINE, "", NAMED));
    // What an event of a clock holds besides what it always holds is spelled, too.
    let clock = r#"  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{ Id: a, Arn: !GetAtt Sync.Arn, Input: !Sub '{"table": "${Orders}", "action": "clean"}' }]
  Weekly:
    Type: AWS::Events::Rule
    Properties: { ScheduleExpression: rate(7 days), Targets: [{ Id: a, Arn: !GetAtt Sync.Arn }] }
"#;
    check(&syncing(MACHINE, clock, NAMED));
    let role = r#"  Starter:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: states.amazonaws.com }, Action: sts:AssumeRole }]
      Policies:
        - PolicyName: invoke
          PolicyDocument: { Statement: [{ Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Sync.Arn }] }
"#;
    check(&syncing(MACHINE, role, NAMED));
}

#[test]
fn states_that_pass_on_their_input_send_what_is_not_known() {
    let whole =
        MACHINE.replace("Payload: { table: \"${OrdersTable}\", action: sync, id.$: $.id, n: 3 }", "Payload.$: $");
    check(&syncing(&whole, "", LOST));
    let bare = MACHINE.replace("Parameters: { table: \"${AuditTable}\", more: { other: \"${OrdersTable}\" } }, ", "");
    check(&syncing(&bare, "", LOST));
    let computed = MACHINE.replace("FunctionName: \"${SyncArn}\"", "FunctionName.$: $.function");
    check(&syncing(&computed, "", LOST));
    let input = "  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{ Id: a, Arn: !GetAtt Sync.Arn, InputPath: $.detail }]
";
    check(&syncing(MACHINE, input, LOST));
}

#[test]
fn whoever_may_invoke_by_name_may_send_what_it_likes() {
    let boss = r#"  Boss:
    Type: AWS::Serverless::Function
    Properties:
      InlineCode: "exports.handler = 1"
      Handler: index.handler
      Runtime: nodejs22.x
      Policies: [{ Statement: [{ Effect: Allow, Action: lambda:InvokeFunction, Resource: "*" }] }]
"#;
    // Without a name of its own, nobody can spell it; with one, anybody may: users, roles that can't be read, other templates.
    check(&syncing(MACHINE, boss, NAMED));
    let named = |more: &str, code: &str| {
        syncing(MACHINE, more, code).replace("CodeUri: src/,", "FunctionName: sync, CodeUri: src/,")
    };
    check(&named("", LOST));
    check(&named(boss, LOST));
    let by_arn = "  Other:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        States: { Only: { Type: Task, Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:sync', End: true } }
";
    check(&named(by_arn, LOST));
}

#[test]
fn inputs_of_schedules_name_tables() {
    let code = r#"
def handler(event, context):
    dynamodb.Table(event["table"]).put_item(Item={})  # => PutItem Orders|Audit @Sync
"#;
    let project = |events: &str| {
        format!(
            "=== template.yaml
  Sync:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Events:
{events}=== src/app.py
import boto3

dynamodb = boto3.resource(\"dynamodb\")
{code}"
        )
    };
    let known = r#"        Hourly: { Type: Schedule, Properties: { Schedule: rate(1 hour), Input: !Sub '{"table": "${Orders}"}' } }
        Daily: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 day), Input: !Sub '{"table": "${Audit}"}' } }
"#;
    check(&project(known));
    let lost = |project: String| project.replace("PutItem Orders|Audit", "PutItem ?");
    check(&lost(project(&format!("{known}        Web: {{ Type: Api, Properties: {{ Path: /, Method: post }} }}\n"))));
    let list = "        Hourly: { Type: Schedule, Properties: { Schedule: rate(1 hour), Input: '[1, 2]' } }\n";
    check(&lost(project(list)));
}

/// What follows `Sync` in a template leaves what it is sent known, or doesn't.
#[test]
fn who_else_may_invoke() {
    let project = |more: &str, code: &str| {
        format!(
            "=== template.yaml
  Sync:
    Type: AWS::Serverless::Function
    Properties: {{ CodeUri: src/, Handler: app.handler, Runtime: python3.13, AutoPublishAlias: live }}
  Nightly:
    Type: AWS::Events::Rule
    Properties:
      ScheduleExpression: rate(1 day)
      Targets: [{{ Id: a, Arn: !GetAtt Sync.Arn, Input: !Sub '{{\"table\": \"${{Orders}}\"}}' }}]
  Elsewhere: {{ Type: AWS::Events::Rule, Properties: {{ ScheduleExpression: rate(1 day) }} }}
{more}=== src/app.py
import boto3

dynamodb = boto3.resource(\"dynamodb\")

def handler(event, context):
    dynamodb.Table(event[\"table\"]).put_item(Item={{}})  # => PutItem {code} @Sync
"
        )
    };
    let permission = |rest: &str| format!("  May: {{ Type: AWS::Lambda::Permission, Properties: {{ {rest} }} }}\n");
    let of_rule = "FunctionName: !Ref Sync, Principal: events.amazonaws.com";
    for known in [
        String::new(),
        permission(&format!("{of_rule}, SourceArn: !GetAtt Nightly.Arn")),
        "  Late: { Type: AWS::CloudWatch::Alarm, Properties: { Dimensions: [{ Name: FunctionName, Value: !Ref Sync }] } }\n".to_owned(),
    ] {
        check(&project(&known, "Orders"));
    }
    let topic = |rest: &str| format!("  T:\n    Type: AWS::SNS::Topic\n{rest}");
    let connector = |to: &str| {
        topic(&format!("    Connectors: {{ C: {{ Properties: {{ Destination: {to}, Permissions: [Write] }} }} }}\n"))
    };
    let whole = "  C:
    Type: AWS::Serverless::Connector
    Properties: { Source: { Id: T }, Destination: [{ Id: Sync }], Permissions: [Write] }
";
    for told in [
        permission(of_rule),
        permission(&format!("{of_rule}, SourceArn: !GetAtt Elsewhere.Arn")),
        permission(&format!("{of_rule}, SourceArn: 'arn:aws:events:eu-west-1:123456789012:rule/in-another-stack'")),
        permission("FunctionName: !Ref Sync, Principal: '*'"),
        permission("FunctionName: !Ref Sync, Principal: '210987654321'"),
        permission("FunctionName: !Ref Sync, Principal: s3.amazonaws.com, SourceArn: 'arn:aws:s3:::uploads'"),
        permission("FunctionName: !Ref Sync, Principal: s3.amazonaws.com, SourceArn: !GetAtt Nightly.Arn"),
        topic("") + whole,
        connector("{ Id: Sync }"),
        connector("{ Type: AWS::Lambda::Function, Arn: !Ref Stage }"),
        topic("    Metadata: { Calls: !Ref Sync }\n"),
        topic("    Properties: { TopicName: !Select [6, !Split [':', !GetAtt Sync.Arn]] }\n"),
        topic("    Properties: { TopicName: !Ref Sync.Alias }\n"),
        topic("    Properties: { TopicName: !Ref SyncAliaslive }\n"),
        "  Late: { Type: AWS::CloudWatch::Alarm, Properties: { AlarmActions: [!GetAtt Sync.Arn] } }\n".to_owned(),
        "  Passing:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      Definition:
        States: { One: { Type: Task, Resource: 'arn:aws:states:::sqs:sendMessage', Parameters: { MessageBody: !Ref Sync } } }
"
        .to_owned(),
        "Outputs:\n  Live: { Value: !Ref Sync.Alias }\n".to_owned(),
    ] {
        check(&project(&told, "?"));
    }
}

#[test]
fn what_a_schedule_fills_in_is_not_known() {
    let schedule = |table: &str, code: &str| {
        format!(
            "=== template.yaml
  Sync:
    Type: AWS::Serverless::Function
    Properties: {{ CodeUri: src/, Handler: app.handler, Runtime: python3.13 }}
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 day)
      Target: {{ Arn: !GetAtt Sync.Arn, Input: !Sub '{{\"table\": \"{table}\"}}' }}
=== src/app.py
import boto3

dynamodb = boto3.resource(\"dynamodb\")

def handler(event, context):
    dynamodb.Table(event[\"table\"]).put_item(Item={{}})  # => PutItem {code} @Sync
"
        )
    };
    check(&schedule("${Orders}", "Orders"));
    check(&schedule("orders-<aws.scheduler.execution-id>", "?"));
}
