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
      Targets: [{ Id: a, Arn: !GetAtt Seed.Arn }]
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
