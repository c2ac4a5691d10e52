//! What a role lacks on a table is one finding, with one edit, whoever runs under it and however much is missing.

use crate::harness::{audited_files, whole};
use ddb_audit::facts::Verdict;
use ddb_audit::rules;
use std::fmt::Write;

/// Two Lambdas that do much with orders, one of them through the index too, and write the audit trail.
const CODE: &str = r#"
from db import Key, audit, orders

def place(event, context):
    key = {"pk": event["pk"], "sk": "ORDER"}
    if "Item" not in orders.get_item(Key=key):
        orders.put_item(Item={**key, "status": "OPEN"})
    audit.put_item(Item={"id": event["pk"]})

def close(event, context):
    for order in open_orders():
        orders.update_item(Key={"pk": order["pk"], "sk": order["sk"]}, UpdateExpression="SET closed = :c",
                           ExpressionAttributeValues={":c": event["time"]})
    audit.put_item(Item={"id": "closed"})
    audit.put_item(Item={"id": "closed-at", "time": event["time"]})

def open_orders():
    return orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("OPEN"), Limit=10)["Items"]
"#;

fn lambda(name: &str, handler: &str, rights: &str) -> String {
    format!(
        "
  {name}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.{handler}
      Runtime: python3.13
      Environment: {{ Variables: {{ ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit }} }}
      {rights}"
    )
}

fn two_under_one_role(statements: &str) -> String {
    let shared = "Role: !GetAtt ShopRole.Arn";
    format!(
        "{}{}
  ShopRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: shop
          PolicyDocument:
            Statement:{statements}
",
        lambda("Place", "place", shared),
        lambda("Close", "close", shared)
    )
}

/// The findings about missing rights, whole.
fn missing(lambdas: &str) -> String {
    let files = whole(&format!("{CODE}=== template.yaml\n{}", lambdas.trim_start_matches('\n')));
    audited_files(&files, |audit| {
        let mut shown = String::new();
        for finding in rules::run(&audit.facts).iter().filter(|f| f.rule.starts_with("iam-missing")) {
            let place = |span| {
                let (file, line) = audit.place(span);
                format!("{file}:{line}")
            };
            let (severity, confidence) = (finding.severity.as_str(), finding.confidence.as_str());
            let _ = writeln!(shown, "{severity} {} ({confidence}): {}", finding.rule, finding.title);
            let _ = writeln!(shown, "  at {}: {}", place(finding.span), finding.label);
            for related in &finding.related {
                let _ = writeln!(shown, "  see {}: {}", place(related.span), related.message);
            }
            let help = audit.relative(&finding.help);
            let _ = writeln!(shown, "  {}\n  help: {help}\n  anchor: {}", finding.message, finding.anchor);
        }
        shown
    })
}

#[test]
fn one_finding_a_role_and_table() {
    let statements = "
              - Effect: Allow
                Action: dynamodb:Scan
                Resource: !GetAtt Audit.Arn";
    insta::assert_snapshot!(missing(&two_under_one_role(statements)));
}

#[test]
fn roles_of_their_own_are_findings_of_their_own() {
    let own = |table: &str| format!("Policies: [{{ DynamoDBReadPolicy: {{ TableName: !Ref {table} }} }}]\n");
    let lambdas = lambda("Place", "place", &own("Orders")) + &lambda("Close", "close", &own("Audit"));
    insta::assert_snapshot!(missing(&lambdas));
}

#[test]
fn an_index_beside_the_table() {
    let statements = "
              - Effect: Allow
                Action:
                  - dynamodb:Query
                  - dynamodb:GetItem
                Resource: !GetAtt Orders.Arn
              - {Effect: Allow, Action: 'dynamodb:PutItem', Resource: !GetAtt Audit.Arn}";
    insta::assert_snapshot!(missing(&two_under_one_role(statements)));
}

#[test]
fn what_is_forbidden_is_not_mended_by_allowing_it() {
    let statements = "
              - {Effect: Allow, Action: 'dynamodb:*', Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']}
              - {Effect: Allow, Action: 'dynamodb:PutItem', Resource: !GetAtt Audit.Arn}
              - {Effect: Deny, Action: 'dynamodb:UpdateItem', Resource: '*'}";
    insta::assert_snapshot!(missing(&two_under_one_role(statements)));
}

/// The verdict, and the blind spots that withhold a claim about missing rights.
fn elsewhere(statement: &str) -> (Verdict, Vec<String>) {
    let code = "
import boto3

def handler(event, context):
    return boto3.resource('dynamodb').Table('partner-prices').get_item(Key={'id': event['id']})
";
    let lambda = lambda("Prices", "handler", &format!("Policies: [{{ Statement: [{statement}] }}]\n"));
    let files = whole(&format!("{code}=== template.yaml\n{}", lambda.trim_start_matches('\n')));
    audited_files(&files, |audit| {
        assert!(rules::run(&audit.facts).iter().all(|f| f.rule != "iam-missing-action"));
        let spots = audit.facts.blind_spots.iter().filter(|spot| spot.withholds.contains(&"iam-missing-action"));
        (audit.facts.functions[0].verdict, spots.map(|spot| spot.reason.clone()).collect())
    })
}

#[test]
fn a_table_that_no_template_declares_may_let_the_role_in_itself() {
    let refused = "PricesRole doesn't allow dynamodb:GetItem on `partner-prices`, which no template declares: unless that \
                   table's own policy does, the call is refused";
    let allow = |action: &str, resource: &str| {
        elsewhere(&format!(
            "{{Effect: Allow, Action: 'dynamodb:{action}', Resource: !Sub 'arn:aws:dynamodb:*:*:table/{resource}'}}"
        ))
    };
    assert_eq!(allow("PutItem", "partner-prices"), (Verdict::Unverified, vec![refused.to_owned()]));
    assert_eq!(allow("GetItem", "partner-stock"), (Verdict::Unverified, vec![refused.to_owned()]));
    assert_eq!(allow("GetItem", "partner-*"), (Verdict::Exact, vec![]));
    assert_eq!(allow("GetItem", "${Stage}-prices"), (Verdict::Exact, vec![]));
}

/// Titles of the findings about a Lambda that deletes from one table in production and from another elsewhere.
fn of_either_table(policies: &str) -> Vec<String> {
    let code = "
import os
import boto3

def handler(event, context):
    boto3.resource('dynamodb').Table(os.environ['LEDGER_TABLE']).delete_item(Key={'id': event['id']})
";
    let table = |name: &str, condition: &str| {
        format!(
            "
  {name}:
    Type: AWS::DynamoDB::Table
    Condition: {condition}
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{{ AttributeName: id, AttributeType: S }}]
      KeySchema: [{{ AttributeName: id, KeyType: HASH }}]"
        )
    };
    let template = format!(
        "
  Clean:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {{ Variables: {{ LEDGER_TABLE: !If [Prod, !Ref Ledger, !Ref Scratch] }} }}
      Policies:
        {policies}{}{}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Test: !Not [!Condition Prod]
",
        table("Ledger", "Prod"),
        table("Scratch", "Test")
    );
    let files = whole(&format!("{code}=== template.yaml\n{}", template.trim_start_matches('\n')));
    audited_files(&files, |audit| {
        let findings = rules::run(&audit.facts);
        let ours = findings.iter().filter(|f| f.rule.starts_with("iam-missing"));
        ours.flat_map(|f| [f.title.clone(), f.help.clone()]).collect()
    })
}

#[test]
fn a_right_denied_on_one_of_two_tables_is_not_missing() {
    let denied = |tables: &str| {
        of_either_table(&format!(
            "- DynamoDBCrudPolicy: {{ TableName: !If [Prod, !Ref Ledger, !Ref Scratch] }}
        - Statement:
            - {{ Effect: Deny, Action: 'dynamodb:DeleteItem', Resource: {tables} }}"
        ))
    };
    assert_eq!(
        denied("[!GetAtt Ledger.Arn, !GetAtt Scratch.Arn]"),
        [
            "Clean calls DeleteItem on Ledger, which CleanRole doesn't allow",
            "Take `dynamodb:DeleteItem` on `!GetAtt Ledger.Arn` out of what is forbidden to CleanRole, or drop the calls."
        ]
    );
    assert_eq!(denied("!GetAtt Ledger.Arn"), Vec::<String>::new());
}

#[test]
fn what_allows_on_one_of_two_tables_chooses_between_them() {
    assert_eq!(
        of_either_table("- Statement: [{ Effect: Allow, Action: 's3:GetObject', Resource: '*' }]"),
        [
            "Clean calls DeleteItem on Ledger, which CleanRole doesn't allow",
            "Allow `dynamodb:DeleteItem` on `!GetAtt Ledger.Arn` in CleanRole. Ledger and Scratch exclude each other: choose the ARN by \
             `Fn::If`, as the table's name is chosen; to name one that isn't there is refused."
        ]
    );
}

/// An `except` that takes the error and raises none lets nobody know that a right is missing.
#[test]
fn an_error_that_nobody_notices() {
    let template = format!("=== template.yaml\n{}", lambda("Place", "handler", "").trim_start_matches('\n'));
    let said = |body: &str| {
        let code = format!(
            "import logging\nfrom botocore.exceptions import ClientError\nfrom db import audit\n\ndef handler(event, context):\n{body}"
        );
        audited_files(&whole(&format!("{code}{template}")), |audit| {
            let findings = rules::run(&audit.facts);
            let ours = findings.iter().find(|finding| finding.rule == "iam-missing-action").expect("it is found");
            let caught = ours.related.iter().filter(|related| related.message == "takes the error, and raises none");
            let lines: Vec<usize> = caught.map(|related| audit.place(related.span).1).collect();
            (ours.message.contains("The `except` around it takes that error and raises none"), lines)
        })
    };
    let put = "audit.put_item(Item={\"id\": \"1\"})";
    let within = |handler: &str| format!("    try:\n        {put}\n    {handler}\n");
    assert_eq!(said(&format!("    {put}\n")), (false, vec![]));
    assert_eq!(said(&within("except ClientError:\n        logging.exception(\"failed\")")), (true, vec![8]));
    assert_eq!(said(&within("except (KeyError, Exception) as error:\n        return None")), (true, vec![8]));
    assert_eq!(said(&within("except:\n        pass")), (true, vec![]));
    assert_eq!(said(&within("except KeyError:\n        pass")), (false, vec![]));
    assert_eq!(said(&within("except Exception:\n        if event:\n            raise\n")), (false, vec![]));
    assert_eq!(
        said(&within("except KeyError:\n        pass\n    except Exception:\n        return 1")),
        (true, vec![10])
    );
    let raised_within = format!(
        "    try:\n        try:\n            {put}\n        except ClientError as error:\n            raise RuntimeError() from error\n    except Exception:\n        return 1\n"
    );
    assert_eq!(said(&raised_within), (false, vec![]));
}
