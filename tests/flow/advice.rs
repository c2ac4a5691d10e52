//! What findings about rights tell to do: the lines as they should read, or why there are none; and that following it leaves
//! nothing worse behind.

use crate::harness::audited_files;
use ddb_audit::rules;

/// Two tables with an index, and `Lambdas` with their policies.
const TABLES: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    CodeUri: src/
    Runtime: python3.13
    Environment: {Variables: {LEDGER: !Ref Ledger, DRAFT: !Ref Draft}}
Resources:
  Ledger:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: day, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - {IndexName: by-day, KeySchema: [{AttributeName: day, KeyType: HASH}], Projection: {ProjectionType: ALL}}
  Draft:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
";

const CODE: &str = r#"
import os
import boto3
from boto3.dynamodb.conditions import Key

db = boto3.resource("dynamodb")
ledger, draft = db.Table(os.environ["LEDGER"]), db.Table(os.environ["DRAFT"])


def idle(event, context):
    return event["id"]


def get(event, context):
    return ledger.get_item(Key={"id": event["id"]})


def put(event, context):
    ledger.put_item(Item={"id": event["id"], "day": event["day"]})


def move(event, context):
    item = draft.get_item(Key={"id": event["id"]})["Item"]
    ledger.put_item(Item={"id": event["id"], "day": item["day"]})


def either(event, context):
    key = {"id": event["id"]}
    return ledger.get_item(Key=key), draft.get_item(Key=key)


def newest(event, context):
    return ledger.query(IndexName="by-day", KeyConditionExpression=Key("day").eq(event["day"]), Limit=1)


def book(event, context):
    db.meta.client.transact_write_items(TransactItems=[
        {"Put": {"TableName": os.environ["LEDGER"], "Item": {"id": event["id"], "day": event["day"]}}},
        {"Delete": {"TableName": os.environ["DRAFT"], "Key": {"id": event["id"]}}},
    ])
"#;

/// What the rules about rights say of these resources: severity, rule, title, message and advice.
fn said(resources: &str) -> String {
    let template = format!("{TABLES}{resources}");
    let files = [("template.yaml".to_owned(), template), ("src/app.py".to_owned(), CODE.to_owned())];
    audited_files(&files, |audit| {
        let found = rules::run(&audit.facts).into_iter().filter(|finding| finding.rule.starts_with("iam-"));
        let each = found.map(|f| {
            format!(
                "{} {}: {}\n  at {}\n  {}\n  {}\n",
                f.severity.as_str(),
                f.rule,
                f.title,
                f.label,
                f.message,
                f.help
            )
        });
        audit.relative(&each.collect::<Vec<_>>().join("\n"))
    })
}

/// A Lambda with these policies.
fn lambda(handler: &str, policies: &str) -> String {
    format!(
        "  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: app.{handler}\n      Policies:\n{policies}"
    )
}

/// A list without entries is refused: its key goes with the last one, and a policy with its last statement.
#[test]
fn what_would_be_left_empty_goes_too() {
    let only = said(&lambda("idle", "        - DynamoDBReadPolicy: {TableName: !Ref Ledger}\n"));
    let both = said(&lambda(
        "idle",
        "        - DynamoDBReadPolicy: {TableName: !Ref Ledger}\n        - DynamoDBReadPolicy: {TableName: !Ref Draft}\n",
    ));
    let statement = said(&lambda(
        "get",
        "        - DynamoDBReadPolicy: {TableName: !Ref Ledger}
        - Statement:
            - Effect: Allow
              Action: dynamodb:GetItem
              Resource: !GetAtt Draft.Arn
",
    ));
    let of_role = said(
        "  Fn:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.idle, Role: !GetAtt Own.Arn}
  Own:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      Policies:
        - PolicyName: ledger
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: dynamodb:GetItem
                Resource: !GetAtt Ledger.Arn
",
    );
    let json = said(&lambda("idle", "        [DynamoDBReadPolicy: {TableName: !Ref Ledger}]\n"));
    insta::assert_snapshot!([only, both, statement, of_role, json].join("\n----\n"));
}

/// What is added to a list keeps its key, though every entry goes.
#[test]
fn a_list_that_grows_stays() {
    let cases = [
        "        - DynamoDBReadPolicy: {TableName: !Ref Draft}\n      Timeout: 5\n",
        "        - Statement:
            - Effect: Allow
              Action: dynamodb:GetItem
              Resource: !GetAtt Draft.Arn
            - Effect: Allow
              Action: dynamodb:Query
              Resource: !GetAtt Draft.Arn
",
        "        - Statement:
            - Effect: Allow
              Action: dynamodb:GetItem
              Resource: !GetAtt Draft.Arn
        - DynamoDBReadPolicy:
            TableName: !Ref Draft
",
        // One of two statements on one line goes: its policy stays.
        "        - DynamoDBReadPolicy: {TableName: !Ref Draft}
        - Statement: [{Effect: Allow, Action: dynamodb:Scan, Resource: !GetAtt Draft.Arn}, {Effect: Allow, Action: 's3:*', Resource: '*'}]
",
    ];
    insta::assert_snapshot!(cases.map(|case| said(&lambda("get", case))).join("\n----\n"));
}

/// What says how a text is read isn't part of its place: with a list in its place it would be wrong.
#[test]
fn what_a_header_or_a_tag_stands_before_stays() {
    let of = |action: &str| {
        said(&lambda(
            "get",
            &format!(
                "        - Statement:\n            - Effect: Allow\n              Action: {action}\n              Resource: !GetAtt Ledger.Arn\n"
            ),
        ))
    };
    let cases = [
        ">- # in two lines\n                dynamodb:*",
        "!!str dynamodb:*",
        "\n                - |-\n                  dynamodb:GetItem\n                - dynamodb:PutItem",
        "[&first dynamodb:GetItem, dynamodb:PutItem]",
        "!!seq\n                - dynamodb:GetItem\n                - dynamodb:PutItem",
    ];
    insta::assert_snapshot!(cases.map(of).join("\n----\n"));
}

/// What isn't all of a long line is named by its text.
#[test]
fn a_part_of_a_long_line() {
    let cases = [
        "        [{S3ReadPolicy: {BucketName: the-first-bucket}}, {S3WritePolicy: {BucketName: the-second-bucket}}, \
         {DynamoDBCrudPolicy: {TableName: !Ref Ledger}}, {S3ReadPolicy: {BucketName: the-third-bucket}}]\n",
        "        [{S3ReadPolicy: {BucketName: the-first-bucket}}, {DynamoDBCrudPolicy: {TableName: !Ref Ledger}}, \
         {S3WritePolicy: {BucketName: the-second-bucket}}, {DynamoDBCrudPolicy: {TableName: !Ref Ledger}}]\n",
        "        - Statement: [{Effect: Allow, Action: 's3:*', Resource: [a, b]}]\n",
        "        - {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::the-first-bucket/*'}, \
         {Effect: Allow, Action: 's3:PutObject', Resource: 'arn:aws:s3:::the-second-bucket/*'}]}\n",
        "        - Statement: [
            {Effect: Allow, Action: 's3:*', Resource: [a, b]},
            {Effect: Allow, Action: 's3:*', Resource: [c, d]}
          ]
",
    ];
    insta::assert_snapshot!(cases.map(|case| said(&lambda("get", case))).join("\n----\n"));
}

/// Why nothing is removed, where that would take more than lines of a list in block style.
#[test]
fn why_lines_are_not_deleted() {
    let policy = |statements: &str| {
        said(&format!(
            "  Fn:
    Type: AWS::Serverless::Function
    Properties: {{Handler: app.idle, Role: !GetAtt Own.Arn}}
  Own: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{}}, ManagedPolicyArns: [!Ref Both]}}}}
  Both:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
{statements}"
        ))
    };
    let cases = [
        said(&lambda("idle", "        [{DynamoDBReadPolicy: {TableName: !Ref Ledger}}]\n")),
        said(&lambda("idle", "        -\n          DynamoDBReadPolicy: {TableName: !Ref Ledger}\n")),
        said(&lambda("idle", "        - Statement: {Effect: Allow, Action: dynamodb:Scan, Resource: !GetAtt Ledger.Arn}\n")),
        policy("          - {Effect: Allow, Action: dynamodb:Scan, Resource: !GetAtt Ledger.Arn}\n"),
        said(&lambda("idle", "        - DynamoDBReadPolicy: {TableName: &name !Ref Ledger}\n")),
        said(&lambda("get", "        - Statement:\n            - Effect: Allow\n              NotAction: dynamodb:PutItem\n              Resource: !GetAtt Ledger.Arn\n")),
        said(&lambda("idle", "        - \"Statement\" :\n            - \"Effect\": Allow\n              Action: dynamodb:Scan\n              Resource: !GetAtt Ledger.Arn\n").replace("Policies:", "'Policies' :")),
    ];
    insta::assert_snapshot!(cases.join("\n----\n"));
}

/// Where no lines are proposed, half a sentence says why.
#[test]
fn a_refusal_has_its_reason() {
    let cases = [
        "        - DynamoDBCrudPolicy: {TableName: !If [Live, !Ref Ledger, !Ref Draft]}\n",
        "        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:GetItem # the entry
                - dynamodb:PutItem
              Resource: !GetAtt Ledger.Arn
",
        "        - Statement:
            - !If
              - Live
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:PutItem]
                Resource: !GetAtt Ledger.Arn
              - !Ref AWS::NoValue
",
        "        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:PutItem]
              Resource: !GetAtt Ledger.Arn
              Condition: {Bool: {aws:SecureTransport: true}}
",
        "        - Statement:
            - Effect: Allow
              Action: !If [Live, [dynamodb:GetItem, dynamodb:PutItem], [dynamodb:GetItem, dynamodb:DeleteItem]]
              Resource: !GetAtt Ledger.Arn
",
        "        - !If [Live, {DynamoDBReadPolicy: {TableName: !Ref Draft}}, !Ref AWS::NoValue]\n",
    ];
    let live = "Conditions:\n  Live: !Equals [!Ref AWS::Region, eu-west-1]\n";
    let all: Vec<String> = cases.iter().map(|case| said(&(lambda("get", case) + live))).collect();
    insta::assert_snapshot!(all.join("\n----\n"));
}

/// One statement that gives too much and too little: whichever advice is followed, it becomes the same.
#[test]
fn too_much_and_too_little_is_one_edit() {
    let put = said(&lambda(
        "put",
        "        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:GetItem
                - dynamodb:DeleteItem
              Resource:
                - !GetAtt Ledger.Arn
",
    ));
    let moves = said(&lambda(
        "move",
        "        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:GetItem
                - dynamodb:DeleteItem
              Resource:
                - !GetAtt Draft.Arn
            - Effect: Allow
              Action:
                - dynamodb:PutItem
                - dynamodb:UpdateItem
              Resource:
                - !GetAtt Ledger.Arn
                - !Sub '${Ledger.Arn}/index/*'
",
    ));
    let index = said(&lambda(
        "newest",
        "        - Statement:
            - Effect: Allow
              Action: [dynamodb:Query, dynamodb:Scan]
              Resource: !GetAtt Ledger.Arn
",
    ));
    insta::assert_snapshot!([put, moves, index].join("\n----\n"));
}

/// A role isn't judged worse for lines that it no longer shares; a narrower policy template isn't judged worse than the wide one.
#[test]
fn following_advice_raises_nothing() {
    let shared = |actions: &str| {
        said(&format!(
            "  Get:
    Type: AWS::Serverless::Function
    Properties: {{Handler: app.get, Role: !GetAtt GetRole.Arn}}
  Put:
    Type: AWS::Serverless::Function
    Properties: {{Handler: app.put, Role: !GetAtt PutRole.Arn}}
  GetRole: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{}}, ManagedPolicyArns: [!Ref Both]}}}}
  PutRole: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{}}, ManagedPolicyArns: [!Ref Both]}}}}
  Both:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [{actions}]
            Resource: !GetAtt Ledger.Arn
"
        ))
    };
    let before = shared("dynamodb:GetItem, dynamodb:PutItem, dynamodb:Query");
    let after = shared("dynamodb:GetItem, dynamodb:PutItem");
    let wide = said(&lambda("put", "        - DynamoDBCrudPolicy: {TableName: !Ref Ledger}\n"));
    let narrow = said(&lambda("put", "        - DynamoDBWritePolicy: {TableName: !Ref Ledger}\n"));
    insta::assert_snapshot!([before, after, wide, narrow].join("\n----\n"));
}

/// One entry for either of two tables is one finding, and what is used on one of them keeps it.
#[test]
fn an_entry_for_either_of_two_tables() {
    let either = |handler: &str, policy: &str| {
        let policy = format!("        - {policy}: {{TableName: !If [Live, !Ref Ledger, !Ref Draft]}}\n");
        said(&(lambda(handler, &policy) + "Conditions:\n  Live: !Equals [!Ref AWS::Region, eu-west-1]\n"))
    };
    insta::assert_snapshot!(
        [
            either("either", "DynamoDBCrudPolicy"),
            either("get", "DynamoDBCrudPolicy"),
            either("move", "DynamoDBCrudPolicy"),
            either("get", "DynamoDBReadPolicy"),
            either("idle", "DynamoDBReadPolicy"),
        ]
        .join("\n----\n")
    );
}

#[test]
fn many_roles_of_one_statement() {
    let role = |at: usize| {
        let handler = if at < 3 { "put" } else { "get" };
        format!(
            "  Fn{at}:
    Type: AWS::Serverless::Function
    Properties: {{Handler: app.{handler}, Role: !GetAtt Role{at}.Arn}}
  Role{at}: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{}}, ManagedPolicyArns: [!Ref All]}}}}
"
        )
    };
    let roles: String = (1..=10).map(role).collect();
    insta::assert_snapshot!(said(&format!(
        "{roles}  All:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:Scan]
            Resource: !GetAtt Ledger.Arn
"
    )));
}

/// A statement for tables that need different actions is shown split; names of statements stay unique.
#[test]
fn a_split_is_shown() {
    let split = |statement: &str| said(&lambda("book", &format!("        - Statement:\n{statement}")));
    let named = split(
        "            - Sid: Book
              Effect: Allow
              Action:
                - dynamodb:PutItem
                - dynamodb:DeleteItem
                - dynamodb:TransactWriteItems
              Resource:
                - !GetAtt Ledger.Arn
                - !GetAtt Draft.Arn
",
    );
    insta::assert_snapshot!(named);
}

#[test]
fn what_a_wildcard_is_used_for_on_an_index_alone() {
    insta::assert_snapshot!(said(&lambda(
        "newest",
        "        - Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: [!GetAtt Ledger.Arn, !Sub '${Ledger.Arn}/index/*']}]\n"
    )));
}

/// A name that a parameter has the last word on: where it can be told is said.
#[test]
fn a_table_named_by_a_parameter() {
    let parameter = "Parameters:\n  Book: {Type: String, Default: ledger}\n";
    let named = TABLES.replace("DRAFT: !Ref Draft", "DRAFT: !Ref Book");
    let template =
        format!("{parameter}{named}{}", lambda("either", "        - DynamoDBReadPolicy: {TableName: !Ref Ledger}\n"));
    let files = [("template.yaml".to_owned(), template), ("src/app.py".to_owned(), CODE.to_owned())];
    let reasons: Vec<String> =
        audited_files(&files, |audit| audit.facts.blind_spots.iter().map(|spot| spot.reason.clone()).collect());
    assert_eq!(
        reasons,
        ["GetItem on an unknown table: the table name is the template's parameter Book, which a deployment may set: \
             `--parameter Book=…` tells it"]
    );
}

/// What stays because it may be used is told from what is used.
#[test]
fn what_may_be_used_stays_and_says_so() {
    let code = r#"
import os
from pynamodb.models import Model
from pynamodb.attributes import UnicodeAttribute


class Entry(Model):
    class Meta:
        table_name = os.environ["LEDGER"]

    id = UnicodeAttribute(hash_key=True)


def handler(event, context):
    return Entry.get(event["id"]).id
"#;
    let policies = "        - DynamoDBReadPolicy: {TableName: !Ref Ledger}\n";
    let template = format!("{TABLES}{}", lambda("handler", policies));
    let files = [("template.yaml".to_owned(), template), ("src/app.py".to_owned(), code.to_owned())];
    let helps: Vec<String> = audited_files(&files, |audit| {
        rules::run(&audit.facts).into_iter().filter(|f| f.rule == "iam-over-grant").map(|f| f.help).collect()
    });
    assert_eq!(
        helps,
        ["Replace the policy template DynamoDBReadPolicy by a statement that allows what is left: DescribeTable and GetItem on \
          Ledger. Whether DescribeTable on Ledger is used can't be told.
Line 25 becomes:
    - Statement:
        - Effect: Allow
          Action:
            - dynamodb:DescribeTable
            - dynamodb:GetItem
          Resource: !GetAtt Ledger.Arn"]
    );
}
