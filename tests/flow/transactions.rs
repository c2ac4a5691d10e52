//! Parts of a transaction: each needs its own action on its own table, and nothing on those of the others.

use crate::harness::audited;
use ddb_audit::facts::{Facts, GrantStatus};
use ddb_audit::rules;

/// A Lambda that may do four things on each of the tables.
const TEMPLATE: &str = r#"
=== template.yaml
  Seen:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: gone, Enabled: true}
  Pay:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {ORDERS: !Ref Orders, AUDIT: !Ref Audit, SEEN: !Ref Seen}}
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:PutItem, dynamodb:UpdateItem, dynamodb:DeleteItem, dynamodb:ConditionCheckItem]
              Resource: [!GetAtt Orders.Arn, !GetAtt Audit.Arn, !GetAtt Seen.Arn]
"#;

const HEAD: &str = r#"
import os
import boto3

client = boto3.client("dynamodb")
ORDERS, AUDIT, SEEN = os.environ["ORDERS"], os.environ["AUDIT"], os.environ["SEEN"]

def put(table, **item):
    return {"Put": {"TableName": table, "Item": {name: {"S": value} for name, value in item.items()}}}

def handler(event, context):
"#;

/// `Orders: PutItem used` and so on.
fn grants(body: &str) -> Vec<String> {
    audited(&format!("{HEAD}{body}{TEMPLATE}"), |audit| {
        let status = |facts: &Facts, on| {
            let grants = facts.grants.iter().filter(|grant| grant.table == on);
            let used = grants.filter(|grant| grant.status != GrantStatus::Unused);
            used.map(|grant| format!("{} {:?}", grant.action, grant.status)).collect::<Vec<_>>().join(", ")
        };
        let tables = (0..audit.facts.tables.len()).map(ddb_audit::facts::TableId);
        tables.map(|on| format!("{}: {}", audit.table(on), status(&audit.facts, on))).collect()
    })
}

#[test]
fn each_part_uses_its_own_action_on_its_own_table() {
    let three = r#"
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": SEEN, "Item": {"id": {"S": event["id"]}}, "ConditionExpression": "attribute_not_exists(id)"}},
        {"Update": {"TableName": ORDERS, "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}, "UpdateExpression": "SET paid = :p",
                    "ExpressionAttributeValues": {":p": {"BOOL": True}}}},
        {"ConditionCheck": {"TableName": AUDIT, "Key": {"id": {"S": "c"}}, "ConditionExpression": "attribute_exists(id)"}},
    ])
"#;
    assert_eq!(grants(three), ["Orders: UpdateItem Used", "Audit: ConditionCheckItem Used", "Seen: PutItem Used"]);
}

#[test]
fn parts_that_are_put_together_elsewhere() {
    let gathered = r#"
    parts = []
    for table in (ORDERS, AUDIT):
        parts.append({"Put": {"TableName": table, "Item": {"id": {"S": "1"}}}})
    parts.append({"Delete": {"TableName": SEEN, "Key": {"id": {"S": "1"}}}})
    client.transact_write_items(TransactItems=parts)
"#;
    assert_eq!(grants(gathered), ["Orders: PutItem Used", "Audit: PutItem Used", "Seen: DeleteItem Used"]);
}

/// A part that isn't seen may be any, on any table.
#[test]
fn parts_that_are_not_known() {
    let all = "ConditionCheckItem Unverified, DeleteItem Unverified, PutItem Unverified, UpdateItem Unverified";
    for part in [r#"*event["parts"]"#, r#"{event["kind"]: {"TableName": SEEN}}"#] {
        let body = format!(
            r#"
    client.transact_write_items(TransactItems=[
        {{"Update": {{"TableName": ORDERS, "Key": {{"pk": {{"S": "a"}}, "sk": {{"S": "b"}}}}, "UpdateExpression": "SET paid = :p"}}}},
        {part},
    ])
"#
        );
        assert_eq!(grants(&body), ["Orders", "Audit", "Seen"].map(|table| format!("{table}: {all}")), "{part}");
    }
    let table = r#"
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": SEEN, "Item": {"id": {"S": "1"}}}},
        {"Delete": {"TableName": event["table"], "Key": {"id": {"S": "1"}}}},
    ])
"#;
    let delete = "DeleteItem Unverified";
    assert_eq!(
        grants(table),
        [format!("Orders: {delete}"), format!("Audit: {delete}"), format!("Seen: {delete}, PutItem Used")]
    );
}

/// Puts that stand in a transaction with others are writers too.
#[test]
fn writers_of_a_table_with_a_time_to_live() {
    let body = r#"
    client.put_item(TableName=SEEN, Item={"id": {"S": "1"}})
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": SEEN, "Item": {"id": {"S": "2"}}}},
        {"Put": {"TableName": AUDIT, "Item": {"id": {"S": "2"}}}},
    ])
"#;
    let found = audited(&format!("{HEAD}{body}{TEMPLATE}"), |audit| {
        let findings = rules::run(&audit.facts);
        let ttl = findings.iter().find(|finding| finding.rule == "ttl-never-written").expect("it is found");
        ttl.related.iter().map(|related| audit.place(related.span).1).collect::<Vec<_>>()
    });
    assert_eq!(found, [12, 13]);
}

/// What a role lacks is told of each part.
#[test]
fn a_part_that_the_role_does_not_allow() {
    let body = r#"
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": SEEN, "Item": {"id": {"S": "2"}}}},
        {"Delete": {"TableName": AUDIT, "Key": {"id": {"S": "2"}}}},
    ])
"#;
    let template = TEMPLATE.replace("dynamodb:DeleteItem, ", "");
    let found = audited(&format!("{HEAD}{body}{template}"), |audit| {
        let missing = audit.facts.missing_grants.iter();
        missing.map(|one| format!("{} on {}", one.action, audit.table(one.table))).collect::<Vec<_>>()
    });
    assert_eq!(found, ["DeleteItem on Audit"]);
}

/// Of an operation in the place of an action, one edit rids the statement, and of what nothing uses: both findings give it.
#[test]
fn an_operation_that_is_no_action() {
    let body = r#"
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": SEEN, "Item": {"id": {"S": "2"}}}},
        {"Update": {"TableName": ORDERS, "Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}, "UpdateExpression": "REMOVE paid"}},
    ])
"#;
    let (others, instead) = (["ConditionCheckItem]", "DeleteItem, dynamodb:"], ["TransactWriteItems]", ""]);
    let template = others.iter().zip(instead).fold(TEMPLATE.to_owned(), |text, (old, new)| text.replace(old, new));
    let lines = "\nLines 50–52 become:
    - Effect: Allow
      Action: [dynamodb:PutItem]
      Resource: [!GetAtt Seen.Arn]
    - Effect: Allow
      Action: [dynamodb:UpdateItem]
      Resource: [!GetAtt Orders.Arn]";
    let remove = "Split the statement, so that each table gets what is used on it. With it goes \
                  `dynamodb:TransactWriteItems`, which is no action (`iam-dead-grant`).";
    let said = |body: &str, template: &str| {
        audited(&format!("{HEAD}{body}{template}"), |audit| {
            let findings = rules::run(&audit.facts).into_iter();
            let ours = findings.filter(|finding| ["iam-dead-grant", "iam-over-grant"].contains(&finding.rule));
            ours.map(|finding| finding.help).collect::<Vec<_>>()
        })
    };
    assert_eq!(
        said(body, &template),
        [
            format!("{remove}{lines}"),
            format!(
                "Remove it. PayRole allows what the call needs: `dynamodb:PutItem` on Seen; `dynamodb:UpdateItem` on Orders.{lines}"
            )
        ]
    );
    // What it lacks is named, and nothing else.
    let lacking = template.replace("dynamodb:UpdateItem, ", "");
    let write = "Write `dynamodb:UpdateItem` on Orders instead, which is what the code needs.";
    assert_eq!(said(body, &lacking).pop().as_deref(), Some(write));
}
