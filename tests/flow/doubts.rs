//! Why it can't be told how a role compares with its code: who is unverified says it.

use crate::harness::audited;

/// Each Lambda with its verdict and doubts, the latter with their lines.
fn doubts(project: &str) -> Vec<String> {
    audited(project, |audit| {
        let functions = audit.facts.functions.iter();
        let line = |function: &ddb_audit::facts::FunctionFacts| {
            let doubts = function.doubts.iter().map(|doubt| {
                let (file, line) = audit.place(doubt.span);
                format!("\n  {file}:{line} {}", doubt.reason)
            });
            format!("{} {:?}{}", function.function.resource.id, function.verdict, doubts.collect::<String>())
        };
        functions.map(line).collect()
    })
}

/// Two tables of which one is deployed, and a role that names the one of them.
#[test]
fn a_right_on_one_of_two_tables_that_exclude_each_other() {
    let project = r##"
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

def handler(event, context):
    return table.get_item(Key={"id": event["id"]})["Item"]
=== template.yaml
  Kept:
    Type: AWS::DynamoDB::Table
    Condition: IsKept
    DeletionPolicy: Retain
    Properties: &table
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
  Dropped:
    Type: AWS::DynamoDB::Table
    Condition: IsDropped
    Properties: *table
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { TABLE: !If [IsKept, !Ref Kept, !Ref Dropped] } }
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:GetItem
              Resource: !GetAtt Kept.Arn
Conditions:
  IsKept: !Equals [!Ref Stage, prod]
  IsDropped: !Not [!Condition IsKept]
"##;
    let said = "Api Unverified\n  src/app.py:7 ApiRole allows dynamodb:GetItem on Kept and not on Dropped, of which only one is deployed";
    assert_eq!(doubts(project), [said]);
}

/// Whoever is unverified says why.
#[test]
fn every_unverified_lambda_has_a_doubt() {
    let all: Vec<String> = [CONDITION, HIDDEN, TRANSACTION, ELSEWHERE].into_iter().flat_map(doubts).collect();
    insta::assert_snapshot!(all.join("\n"));
}

const CONDITION: &str = r##"
from db import orders

def handler(event, context):
    orders.get_item(Key={"pk": "A", "sk": "B"})
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:GetItem
              Resource: !GetAtt Orders.Arn
              Condition: { StringEquals: { "aws:PrincipalTag/team": shop } }
"##;

const HIDDEN: &str = r##"
from db import orders

def handler(event, context):
    exec(event["code"])
    orders.get_item(Key={"pk": "A", "sk": "B"})
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Policies:
        - Statement: [{ Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem], Resource: !GetAtt Orders.Arn }]
"##;

const TRANSACTION: &str = r##"
import boto3

def handler(event, context):
    boto3.client("dynamodb").transact_write_items(TransactItems=event["items"])
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Policies:
        - Statement: [{ Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Orders.Arn }]
"##;

const ELSEWHERE: &str = r##"
from db import orders

def handler(event, context):
    orders.get_item(Key={"pk": "A", "sk": "B"})
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Role: !ImportValue shared-role
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
"##;

/// A store of Powertools that isn't given to a decorator: whoever has it reads and writes its table.
#[test]
fn a_store_that_goes_elsewhere() {
    for (way, is_blind) in [
        ("handler = idempotent(handler, persistence_store=layer)", true),
        ("wrapped = idempotent_function(go, data_keyword_argument='order', persistence_store=layer)", true),
        ("once = functools.partial(idempotent, persistence_store=layer)\nonce(handler)", true),
        ("layer.save_inprogress(data={}, remaining_time_in_millis=1)", true),
        ("handler = idempotent(persistence_store=layer)(handler)", false),
        ("print('no store')", false),
    ] {
        let project = format!(
            "import functools\nimport os\nfrom aws_lambda_powertools.utilities.idempotency import (\n    \
             DynamoDBPersistenceLayer, idempotent, idempotent_function\n)\n\n\
             layer = DynamoDBPersistenceLayer(table_name=os.environ['AUDIT_TABLE'])\n\ndef go(order):\n    return 1\n\n\
             def handler(event, context):\n    return 1\n\n{way}\n"
        );
        let spots = audited(&project, |audit| {
            let reasons = audit.facts.blind_spots.iter().map(|spot| spot.reason.clone());
            reasons.filter(|reason| reason.contains("isn't followed")).collect::<Vec<_>>()
        });
        let said = "a `DynamoDBPersistenceLayer` of Powertools is used where it isn't followed";
        assert_eq!(spots, if is_blind { vec![said] } else { vec![] }, "{way}");
    }
}
