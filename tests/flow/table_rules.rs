//! Rules on what becomes of tables: what they say of small projects, and what they must not say of others that look alike.

use crate::harness::audited;

/// A Lambda that writes orders; `Audit` is left to each test.
const KEEP: &str = r"
=== template.yaml
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          ORDERS_TABLE: !Ref Orders
          AUDIT_TABLE: !Ref Audit
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
";

const PUTS: &str = r#"
import os

import boto3

orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])


def handler(event, context):
    orders.put_item(Item={"pk": event["id"], "sk": "A"})
"#;

/// The findings of one rule, each as its confidence, its title and the places that it relates to; and what withholds it.
fn told(rule: &str, project: &str) -> Vec<String> {
    audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == rule);
        let mut out: Vec<String> = ours
            .map(|finding| {
                let related: Vec<&str> = finding.related.iter().map(|related| related.message.as_str()).collect();
                format!("{}: {} [{}]", finding.confidence.as_str(), finding.title, related.join("; "))
            })
            .collect();
        let spots = audit.facts.blind_spots.iter().filter(|spot| spot.withholds.contains(&rule));
        out.extend(spots.map(|spot| format!("withheld: {}", spot.reason)));
        out
    })
}

fn unused(code: &str, resources: &str) -> Vec<String> {
    told("unused-table", &format!("{code}{KEEP}{resources}"))
}

const VARIABLE: &str = "Keep is told of it in `AUDIT_TABLE`, and makes no call on it";

#[test]
fn a_table_that_is_only_named() {
    let likely = [format!("likely: Nothing uses Audit [{VARIABLE}]")];
    assert_eq!(unused(PUTS, ""), likely);
    // To read the variable is no use of the table.
    assert_eq!(unused(&PUTS.replace("def handler", "name = os.environ[\"AUDIT_TABLE\"]\n\n\ndef handler"), ""), likely);
    let alarm = r"
  Full:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/DynamoDB
      MetricName: ThrottledRequests
      Dimensions: [{Name: TableName, Value: !Ref Audit}]
  Scaling:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: application-autoscaling.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: scale
          PolicyDocument:
            Statement: [{Effect: Allow, Action: ['dynamodb:DescribeTable', 'dynamodb:UpdateTable'], Resource: !GetAtt Audit.Arn}]
";
    assert_eq!(
        unused(PUTS, alarm),
        [format!("likely: Nothing uses Audit [{VARIABLE}; Full names it, to watch or to keep it]")]
    );
    let output = "Outputs:\n  AuditName: {Value: !Ref Audit}\n";
    assert_eq!(
        unused(PUTS, output),
        [format!("possible: Nothing here uses Audit [{VARIABLE}; the output AuditName names it]")]
    );
}

#[test]
fn whoever_works_with_a_table_uses_it() {
    const NOTHING: [&str; 0] = [];
    for resources in [
        "        - DynamoDBReadPolicy: { TableName: !Ref Audit }\n",
        "        - Statement: [{Effect: Allow, Action: 'dynamodb:Query', Resource: !Sub '${Audit.Arn}/index/*'}]\n",
        "    Connectors: {Audits: {Properties: {Destination: {Id: Audit}, Permissions: [Read]}}}\n",
        "  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties: {ContainerDefinitions: [{Environment: [{Name: T, Value: !Ref Audit}]}]}\n",
        "  Name:\n    Type: AWS::SSM::Parameter\n    Properties: {Type: String, Value: !Join ['/', [tables, !Ref Audit]]}\n",
        "  Seed:\n    Type: Custom::Seed\n    Properties: {ServiceToken: arn:aws:lambda:eu-west-1:111122223333:function:seed, Table: !Ref Audit}\n",
        "  Elsewhere:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: 'https://example.com/t.yaml', Parameters: {T: !GetAtt Audit.Arn}}\n",
    ] {
        assert_eq!(unused(PUTS, resources), NOTHING, "{resources}");
    }
    for line in ["audit.get_item(Key={'id': 'a'})", "return audit"] {
        let dead = format!(
            "\n\ndef never():\n    audit = boto3.resource('dynamodb').Table(os.environ['AUDIT_TABLE'])\n    {line}\n"
        );
        let found = unused(&format!("{PUTS}{dead}"), "");
        assert_eq!(found.is_empty(), line.starts_with("audit"), "{line}: {found:?}");
    }
}

#[test]
fn what_may_use_a_table_withholds_the_claim() {
    let exported = "Outputs:\n  Name: {Value: !Ref Audit, Export: {Name: audit}}\n";
    assert_eq!(unused(PUTS, exported), ["withheld: Audit is exported, and other stacks may use it"]);
    let unknown = PUTS.replace(
        "orders.put_item",
        "boto3.resource('dynamodb').Table(event['t']).delete_item(Key={})\n    orders.put_item",
    );
    let wide = "        - Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}]\n";
    assert_eq!(unused(&unknown, wide), ["withheld: DeleteItem may be on Audit"]);
    // The role doesn't let it, whatever the name comes to.
    assert_eq!(unused(&unknown, ""), [format!("likely: Nothing uses Audit [{VARIABLE}]")]);
    let elsewhere = r"  Web:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: web/
      Handler: index.handler
      Runtime: nodejs22.x
      Environment: {Variables: {AUDIT: !Ref Audit}}
";
    let withheld = "withheld: Web is told of Audit in `AUDIT`, and not all of its code is known";
    assert_eq!(unused(PUTS, elsewhere), [withheld]);
}

/// What `missing-deletion-policy` says where `Orders` can be restored and `Audit` is written so.
fn lost(code: &str, audit: &str) -> Vec<String> {
    let template =
        KEEP.replace("Ref Orders }", "Ref Orders }\n        - DynamoDBCrudPolicy: { TableName: !Ref Audit }");
    let kept = format!("{PUTS}\naudit = boto3.resource('dynamodb').Table(os.environ['AUDIT_TABLE'])\n");
    let code = kept.replace("    orders.put_item(Item={\"pk\": event[\"id\"], \"sk\": \"A\"})", code);
    let other = format!(
        "  Ledger:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      BillingMode: PAY_PER_REQUEST\n      \
         AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n      KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n      \
         PointInTimeRecoverySpecification: {{PointInTimeRecoveryEnabled: true}}\n{audit}"
    );
    told("missing-deletion-policy", &format!("import time\n{code}{template}{other}"))
}

#[test]
fn items_that_stay_are_lost_with_their_table() {
    let ledger = "likely: Ledger and its items are deleted with the stack [Ledger has point-in-time recovery]";
    let orders = "likely: Orders and its items are deleted with the stack [PutItem leaves items that stay; Ledger has point-in-time recovery]";
    let audit = "likely: Audit and its items are deleted with the stack [UpdateItem leaves items that stay; Ledger has point-in-time recovery]";
    assert_eq!(lost("    pass", ""), [ledger]);
    assert_eq!(lost("    orders.put_item(Item={'pk': event['id'], 'sk': 'A'})", ""), [orders, ledger]);
    assert_eq!(
        lost(
            "    audit.update_item(Key={'id': 'a'}, UpdateExpression='SET n = :n', ExpressionAttributeValues={':n': 1})",
            ""
        ),
        [audit, ledger]
    );
    // Nothing writes there: whether its data last can't be told.
    assert_eq!(lost("    return audit.get_item(Key={'id': 'a'})", ""), [ledger]);
}

/// A session, which expires: what is put, and into a table that keeps how long.
fn session(ttl: &str) -> Vec<String> {
    let code = format!("    boto3.resource('dynamodb').Table('sessions').put_item(Item={{'id': event['id']{ttl}}})");
    let table = r"  Sessions:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: sessions
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
";
    lost(&code, table).into_iter().filter(|told| told.contains("Sessions")).collect()
}

#[test]
fn a_cache_is_no_loss() {
    let none: [&str; 0] = [];
    assert_eq!(session(", 'ttl': int(time.time()) + 3600"), none);
    assert_eq!(session(", 'ttl': event['until']"), none);
    assert_eq!(session(", **event['rest']"), none);
    let lost = |how: &str| {
        let put = "likely: Sessions and its items are deleted with the stack [PutItem leaves items";
        [format!("{put} {how}; Ledger has point-in-time recovery]")]
    };
    assert_eq!(session(", 'ttl': int(time.time()) + 90 * 86400"), lost("for 90 days"));
    assert_eq!(session(", 'user': 'a'"), lost("that stay"));
}
