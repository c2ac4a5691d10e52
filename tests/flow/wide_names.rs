//! Rights by a pattern of names: they are also rights on tables that no template declares.

use crate::harness::{audited, audited_files};
use ddb_audit::facts::Verdict;

/// What the two rules about unused rights say of a Lambda whose policy is this one: title, and advice. Its code reads and
/// writes `Orders`, and puts into `shop-audit`, which nothing declares.
fn said(policies: &str) -> Vec<(String, String)> {
    said_by(&["iam-over-grant", "iam-broader-template", "iam-wildcard"], policies)
}

fn said_by(rules: &[&str], policies: &str) -> Vec<(String, String)> {
    let template = format!(
        "
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: shop-orders
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
  Stock:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: shop-stock
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Policies:
{policies}"
    );
    let code = "
import boto3
db = boto3.resource('dynamodb')

def handler(event, context):
    db.Table('shop-audit').put_item(Item={'id': event['id']})
    db.meta.client.list_tables()
    return db.Table('shop-orders').get_item(Key={'id': event['id']})
";
    let files = [("template.yaml".to_owned(), template), ("src/app.py".to_owned(), code.to_owned())];
    audited_files(&files, |audit| {
        let found = ddb_audit::rules::run(&audit.facts).into_iter().filter(|finding| rules.contains(&finding.rule));
        found.map(|finding| (finding.title, finding.help)).collect()
    })
}

fn pair(title: &str, help: &str) -> (String, String) {
    (title.to_owned(), help.to_owned())
}

#[test]
fn what_an_undeclared_table_needs_is_used() {
    let crud = "        - DynamoDBCrudPolicy: {TableName: 'shop-*'}\n";
    assert_eq!(
        said(crud),
        [pair(
            "FnRole allows more than its code uses: BatchGetItem, BatchWriteItem, ConditionCheckItem, DeleteItem, \
             DescribeTable, Query, Scan and UpdateItem on Orders; BatchGetItem, BatchWriteItem, ConditionCheckItem, \
             DeleteItem, DescribeTable, GetItem, Query, Scan and UpdateItem on Stock",
            "Replace the policy template DynamoDBCrudPolicy by a statement that allows what is left: GetItem on Orders; \
             and PutItem on tables that no template declares."
        )]
    );
}

/// A policy on the one table gives nothing elsewhere.
#[test]
fn a_name_covers_no_other() {
    let own = "        - DynamoDBWritePolicy: {TableName: !Ref Orders}\n";
    assert_eq!(
        said(own),
        [pair(
            "FnRole: a statement for Orders that nothing uses",
            "Remove the policy template DynamoDBWritePolicy: delete line 23. What the role lacks is added to the list, which \
             would be empty without it."
        )]
    );
}

/// An index of such a table is one too; and who needs the right there isn't over-granted.
#[test]
fn indexes_of_undeclared_tables_need_their_rights() {
    let template = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: shop-orders
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: day, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-day
          KeySchema: [{AttributeName: day, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Policies:
        - Statement:
            - {Effect: Allow, Action: dynamodb:Query, Resource: 'arn:aws:dynamodb:*:*:table/*/index/*'}
            - {Effect: Allow, Action: dynamodb:GetItem, Resource: !GetAtt Orders.Arn}
";
    let code = "
import boto3
from boto3.dynamodb.conditions import Key
db = boto3.resource('dynamodb')

def handler(event, context):
    db.Table('old-orders').query(IndexName='by-day', KeyConditionExpression=Key('day').eq('1'), Limit=1)
    return db.Table('shop-orders').get_item(Key={'id': event['id']})
";
    let files = [("template.yaml".to_owned(), template.to_owned()), ("src/app.py".to_owned(), code.to_owned())];
    audited_files(&files, |audit| {
        let found = ddb_audit::rules::run(&audit.facts);
        let titles: Vec<&str> =
            found.iter().filter(|f| f.rule.starts_with("iam-over")).map(|finding| finding.title.as_str()).collect();
        assert_eq!(titles, Vec::<&str>::new());
        assert_eq!(audit.facts.functions[0].verdict, Verdict::Exact);
    });
}

/// `ListTables` has no resource: on a table's ARN it would be refused.
#[test]
fn actions_without_a_table_stay_on_the_star() {
    let star = "        - Statement: [{Effect: Allow, Action: [dynamodb:ListTables, dynamodb:GetItem, dynamodb:PutItem], Resource: '*'}]\n";
    assert_eq!(
        said(star),
        [pair(
            "FnRole grants access to every table",
            "Grant what the code uses instead: dynamodb:GetItem on Orders; dynamodb:ListTables on `*`, for it is no \
             table's; PutItem on tables that no template declares."
        )]
    );
}

/// However the policy spells them.
#[test]
fn list_tables_by_any_pattern() {
    for actions in ["'DynamoDB:*'", "[dynamodb:List*, dynamodb:Get*, dynamodb:Put*]"] {
        let star = format!("        - Statement: [{{Effect: Allow, Action: {actions}, Resource: '*'}}]\n");
        let helps: Vec<String> = said(&star).into_iter().map(|(_, help)| help).collect();
        assert_eq!(
            helps,
            [
                "Grant what the code uses instead: dynamodb:GetItem on Orders; dynamodb:ListTables on `*`, for it is no table's; \
              PutItem on tables that no template declares."
            ],
            "{actions}"
        );
    }
}

/// Rights on everything are rights on other services too: these aren't this audit's to take.
#[test]
fn other_services_keep_what_they_need() {
    let all = "        - Statement: [{Effect: Allow, Action: '*', Resource: '*'}]\n";
    let [(title, help)] = said(all).try_into().expect("one finding");
    assert_eq!(title, "FnRole grants every DynamoDB action on every table");
    assert_eq!(
        help,
        "Grant what the code uses instead: dynamodb:GetItem on Orders; dynamodb:ListTables on `*`, for it is no table's; \
         PutItem on tables that no template declares. What it allows of other services is needed or not for reasons of its own."
    );
}

/// What stands in for an action that doesn't exist may be allowed already: then there is nothing to write.
#[test]
fn an_action_that_does_not_exist_goes_where_its_parts_are_allowed() {
    let statement = |actions: &str| {
        format!(
            "        - Statement: [{{Effect: Allow, Action: [{actions}, dynamodb:TransactWriteItems], Resource: !GetAtt Orders.Arn}}]\n"
        )
    };
    let helps = |actions: &str| {
        let found = said_by(&["iam-dead-grant"], &statement(actions));
        found.into_iter().map(|(_, help)| help).collect::<Vec<_>>()
    };
    let all = "dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem, dynamodb:ConditionCheckItem";
    assert_eq!(
        helps(all),
        ["Remove it: FnRole allows PutItem, UpdateItem, DeleteItem and ConditionCheckItem already."]
    );
    assert_eq!(
        helps("dynamodb:PutItem"),
        ["Remove it: no code under FnRole makes such a call.
Line 23 becomes, with what the role lacks and without what nothing uses:
    - Statement: [{Effect: Allow, Action: [dynamodb:GetItem], Resource: !GetAtt Orders.Arn}]"]
    );
}

/// A managed policy can't be rewritten; what its users need is written out all the same.
#[test]
fn statements_in_the_place_of_a_managed_policy() {
    let project = r#"
from db import Key, audit, orders

def handler(event, context):
    audit.put_item(Item={"id": "1"})
    orders.get_item(Key={"pk": "1", "sk": "2"})
    return orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("open"))
=== template.yaml
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Policies: AmazonDynamoDBFullAccess
"#;
    let code = r#"
The statements, for an entry `Statement` under `Policies` of Keep at template.yaml:34:
    - Effect: Allow
      Action:
        - dynamodb:GetItem
        - dynamodb:Query
      Resource:
        - !GetAtt Orders.Arn
        - !Sub "${Orders.Arn}/index/*"
    - Effect: Allow
      Action:
        - dynamodb:PutItem
      Resource: !GetAtt Audit.Arn"#;
    let needs = "Grant what the code uses instead: dynamodb:PutItem on Audit; dynamodb:GetItem and dynamodb:Query (through \
                 indexes only) on Orders.";
    assert_eq!(advised(project), [format!("{needs}{code}")]);
}

/// A table under a condition that the Lambda isn't under: a statement that names it would be refused where it isn't there.
#[test]
fn what_is_not_always_there_is_not_named() {
    let project = |of_lambda: &str| {
        format!(
            r#"
import os
import boto3

ledger = boto3.resource("dynamodb").Table(os.environ["LEDGER_TABLE"])

def handler(event, context):
    ledger.put_item(Item={{"id": event["id"]}})
=== template.yaml
  Ledger:
    Type: AWS::DynamoDB::Table
    Condition: Prod
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{ AttributeName: id, AttributeType: S }}]
      KeySchema: [{{ AttributeName: id, KeyType: HASH }}]
  Keep:
    Type: AWS::Serverless::Function{of_lambda}
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {{ Variables: {{ LEDGER_TABLE: !Ref Ledger }} }}
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:*
              Resource: "*"
Conditions:
  Prod: !Equals [!Ref Stage, prod]
"#
        )
    };
    let needs = "Grant what the code uses instead: dynamodb:PutItem on Ledger.";
    let why = "No lines are shown, for `Fn::GetAtt` can't name the table there.";
    assert_eq!(advised(&project("")), [format!("{needs} {why}")]);
    let lines = "Lines 51–53 become:
    - Effect: Allow
      Action: dynamodb:PutItem
      Resource: !GetAtt Ledger.Arn";
    assert_eq!(advised(&project("\n    Condition: Prod")), [format!("{needs}\n{lines}")]);
}

/// What `iam-wildcard` advises.
fn advised(project: &str) -> Vec<String> {
    audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts).into_iter();
        let ours = findings.filter(|finding| finding.rule == "iam-wildcard");
        ours.map(|finding| audit.relative(&finding.help)).collect::<Vec<_>>()
    })
}

/// A read through an index asks for a right on the index, and for none on the table.
#[test]
fn whoever_reads_an_index_alone_needs_no_right_on_the_table() {
    let project = |more: &str| {
        format!(
            r##"
from db import Key, orders

def handler(event, context):
    {more}
    return orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("open"))
=== template.yaml
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {{ Variables: {{ ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit }} }}
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:*
              Resource: "*"
"##
        )
    };
    let resource = |code: &str| {
        let help = advised(&project(code)).pop().expect("a finding");
        help.split_once("Resource:").map(|(_, text)| text.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    assert_eq!(resource("pass").as_deref(), Some("!Sub \"${Orders.Arn}/index/*\""));
    let both = "- !GetAtt Orders.Arn - !Sub \"${Orders.Arn}/index/*\"";
    assert_eq!(resource("orders.get_item(Key={'pk': 'A', 'sk': 'B'})").as_deref(), Some(both));
}
