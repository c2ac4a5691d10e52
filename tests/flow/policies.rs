//! Edits of policies: put into the template, they load, and no rule about rights has anything more to say.

use crate::harness::{Audit, audited_files, whole};
use ddb_audit::facts::{Edit, MissingGrant, Rewriter};
use ddb_audit::rules;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Reads an order by its key and through its index, and writes the audit trail.
const CODE: &str = r#"
from db import Key, audit, orders

def handler(event, context):
    orders.get_item(Key={"pk": event["pk"], "sk": "ORDER"})
    orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("OPEN"), Limit=10)
    audit.put_item(Item={"id": event["pk"]})

def reader(event, context):
    return orders.get_item(Key={"pk": event["pk"], "sk": "ORDER"})
"#;

/// Functions and roles, in all styles. Each needs edits.
const TEMPLATES: [(&str, &str); 15] = [
    (
        "a policy template with an index",
        "
      Policies:
        - DynamoDBCrudPolicy:
            TableName: !Ref Orders
        - DynamoDBWritePolicy: { TableName: !Ref Audit }
",
    ),
    (
        "a policy template in flow style, long form",
        "
      Policies: [{DynamoDBCrudPolicy: {TableName: {Ref: Orders}}}, {DynamoDBWritePolicy: {TableName: {Ref: Audit}}}]
",
    ),
    (
        "too many actions, block style",
        "
      Policies:
        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:GetItem
                - dynamodb:DeleteItem
                - dynamodb:Query
              Resource:
                - !GetAtt Orders.Arn
                - !Sub '${Orders.Arn}/index/*'
            - Effect: Allow
              Action: [\"dynamodb:PutItem\", \"dynamodb:Scan\"]
              Resource: !GetAtt Audit.Arn
",
    ),
    (
        "an action for the only one",
        "
      Policies:
        - Version: '2012-10-17'
          Statement:
            - Sid: Orders
              Effect: Allow
              Action: dynamodb:GetItem
              Resource: !GetAtt Orders.Arn
            - Effect: Allow
              Resource: !GetAtt Audit.Arn
              Action: dynamodb:PutItem
",
    ),
    (
        "two tables in one statement",
        "
      Policies:
        - Statement:
          - Effect: Allow
            Action: ['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem']
            Resource:
              - Fn::GetAtt: [Orders, Arn]
              - Fn::Sub: ${Orders.Arn}/index/*
              - Fn::GetAtt:
                  - Audit
                  - Arn
",
    ),
    (
        "every action",
        "
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:*
              Resource:
                - !GetAtt Orders.Arn
                - !Sub ${Orders.Arn}/index/*
            - {Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Audit.Arn}
",
    ),
    (
        "every action on every table",
        "
      Policies:
        - Statement:
            - Effect: Allow
              Action: 'dynamodb:*'
              Resource: '*'
",
    ),
    (
        "items by wildcard, on one line",
        "
      Policies:
        - Statement: [{Effect: Allow, Action: ['dynamodb:*Item', 'dynamodb:Query'], Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']}, {Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Audit.Arn}]
",
    ),
    (
        "no index",
        "
      Policies:
        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:GetItem
                - dynamodb:Query
              Resource: !GetAtt Orders.Arn
            - Effect: Allow
              Action: [dynamodb:PutItem]
              Resource: !GetAtt Audit.Arn
",
    ),
    (
        "no statement for the table",
        "
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:Query]
              Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']
",
    ),
    (
        "no policy for the table",
        "
      Policies:
        - DynamoDBReadPolicy:
            TableName: !Ref Orders
        - AWSLambdaBasicExecutionRole
",
    ),
    (
        "a role that two functions share",
        "
      Role: !GetAtt Role.Arn
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.reader
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Role: !GetAtt Role.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: orders
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action:
                  - dynamodb:GetItem
                  - dynamodb:Query
                  - dynamodb:Scan
                Resource:
                  - !GetAtt Orders.Arn
                  - !Sub ${Orders.Arn}/index/*
              - Effect: Allow
                Action: dynamodb:PutItem
                Resource: !GetAtt Audit.Arn
",
    ),
    (
        "a policy that two roles share",
        "
      Role: !GetAtt Role.Arn
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.reader
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Role: !GetAtt ReaderRole.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns: [!Ref Shared]
  ReaderRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns: [!Ref Shared]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [dynamodb:GetItem, dynamodb:Query, dynamodb:UpdateItem]
            Resource:
              - !GetAtt Orders.Arn
              - !Sub ${Orders.Arn}/index/*
          - Effect: Allow
            Action: dynamodb:PutItem
            Resource: !GetAtt Audit.Arn
",
    ),
    (
        "a stream's actions beside an index that nothing reads",
        "
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:Query]
              Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']
            - Effect: Allow
              Action: [dynamodb:PutItem, dynamodb:GetRecords]
              Resource: !GetAtt Audit.Arn
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.reader
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Policies:
        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:GetItem
                - dynamodb:Query
                - dynamodb:GetRecords
              Resource:
                - !GetAtt Orders.Arn
                - !Sub '${Orders.Arn}/index/*'
",
    ),
    (
        "another service in the statement",
        "
      Policies:
        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:GetItem
                - dynamodb:Query
                - dynamodb:UpdateItem
                - s3:GetObject
              Resource:
                - !GetAtt Orders.Arn
                - !Sub ${Orders.Arn}/index/*
                - arn:aws:s3:::papers/*
            - Effect: Allow
              Action: dynamodb:PutItem
              Resource: !GetAtt Audit.Arn
",
    ),
];

/// Rights that the roles of a shared policy don't need themselves, though others do, remain.
const REMAINING: [(&str, &str); 2] = [("a policy that two roles share", "iam-over-grant"); 2];

#[test]
fn edits_leave_nothing_to_say() {
    let (mut shown, mut remaining) = (String::new(), Vec::new());
    for (name, functions) in TEMPLATES {
        let files = project(functions);
        let before = template(&files).to_owned();
        let (after, left) = mended(files);
        remaining.extend(left.into_iter().map(|rule| (name, rule)));
        let _ = writeln!(shown, "# {name}\n{}", difference(&before, &after));
    }
    insta::assert_snapshot!(shown);
    assert_eq!(remaining, REMAINING);
}

#[test]
fn edits_of_json() {
    let template = r#"{
  "Transform": "AWS::Serverless-2016-10-31",
  "Resources": {
    "Orders": {
      "Type": "AWS::DynamoDB::Table",
      "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
          {"AttributeName": "pk", "AttributeType": "S"},
          {"AttributeName": "sk", "AttributeType": "S"},
          {"AttributeName": "status", "AttributeType": "S"}
        ],
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        "GlobalSecondaryIndexes": [
          {
            "IndexName": "by-status",
            "KeySchema": [{"AttributeName": "status", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"}
          }
        ]
      }
    },
    "Audit": {"Type": "AWS::Serverless::SimpleTable"},
    "Api": {
      "Type": "AWS::Serverless::Function",
      "Properties": {
        "CodeUri": "src/",
        "Handler": "app.handler",
        "Runtime": "python3.13",
        "Environment": {"Variables": {"ORDERS_TABLE": {"Ref": "Orders"}, "AUDIT_TABLE": {"Ref": "Audit"}}},
        "Policies": [
          {
            "Statement": [
              {
                "Effect": "Allow",
                "Action": [
                  "dynamodb:GetItem",
                  "dynamodb:DeleteItem",
                  "dynamodb:Query"
                ],
                "Resource": {"Fn::GetAtt": ["Orders", "Arn"]}
              }
            ]
          }
        ]
      }
    }
  }
}
"#;
    let mut files = project("");
    files.iter_mut().find(|(name, _)| name == "template.yaml").expect("a template").1 = template.to_owned();
    let (after, left) = mended(files);
    insta::assert_snapshot!(difference(template, &after));
    assert_eq!(left, Vec::<&str>::new());
}

pub fn project(functions: &str) -> Vec<(String, String)> {
    let head = "
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }";
    whole(&format!("{CODE}=== template.yaml\n{}{functions}", head.trim_start_matches('\n')))
}

fn template(files: &[(String, String)]) -> &str {
    files.iter().find(|(name, _)| name == "template.yaml").map_or("", |(_, text)| text)
}

/// The template after all edits, and the rules about rights that still find something.
fn mended(mut files: Vec<(String, String)>) -> (String, Vec<&'static str>) {
    for _ in 0..6 {
        let mut edits = audited_files(&files, |audit| [narrowed(audit), granting(audit)].concat());
        edits.sort_by_key(|edit| edit.span);
        edits.dedup();
        let Some(edit) = edits.pop() else { break };
        let text = &mut files.iter_mut().find(|(name, _)| name == "template.yaml").expect("a template").1;
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    let about_rights = |audit: &Audit| {
        let found = rules::run(&audit.facts);
        found.iter().map(|finding| finding.rule).filter(|rule| rule.starts_with("iam-")).collect::<Vec<_>>()
    };
    let left = audited_files(&files, about_rights);
    (template(&files).to_owned(), left)
}

pub fn narrowed(audit: &Audit) -> Vec<Edit> {
    let rewriter = Rewriter::new(&audit.facts);
    let roles = audit.facts.functions.iter().flat_map(|function| &function.roles);
    roles.flat_map(|role| &role.statements).filter_map(|statement| rewriter.narrowed(statement).ok()).collect()
}

pub fn granting(audit: &Audit) -> Vec<Edit> {
    let rewriter = Rewriter::new(&audit.facts);
    let mut lacks: BTreeMap<_, Vec<&MissingGrant>> = BTreeMap::new();
    for missing in &audit.facts.missing_grants {
        lacks.entry((&missing.role, missing.table, missing.allowed_on_table)).or_default().push(missing);
    }
    lacks.values().filter_map(|missing| rewriter.granting(missing)).collect()
}

/// What differs, from the first line that does to the last.
fn difference(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let rest = old.len().min(new.len()) - start;
    let end = old.iter().rev().zip(new.iter().rev()).take_while(|(a, b)| a == b).count().min(rest);
    let lines =
        |mark: &'static str, lines: &[&str]| lines.iter().flat_map(|line| [mark, line, "\n"]).collect::<String>();
    lines("- ", &old[start..old.len() - end]) + &lines("+ ", &new[start..new.len() - end])
}
