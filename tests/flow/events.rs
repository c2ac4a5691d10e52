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
