//! Rules that hold calls against key schemas, where these or the conditions have more than one form.

use crate::harness::audited;

const LAMBDA: &str = r"
=== template.yaml
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit}}
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
";

/// The titles of one rule's findings, in a Lambda that does this.
fn titles(rule: &str, body: &str, resources: &str) -> Vec<String> {
    let body = format!("    {}\n", body.replace('\n', "\n    "));
    let code = format!("from db import Key, dynamodb, orders\n\n\ndef handler(event, context):\n{body}");
    audited(&format!("{code}{LAMBDA}{resources}"), |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        findings.iter().filter(|finding| finding.rule == rule).map(|finding| finding.title.clone()).collect()
    })
}

#[test]
fn a_sort_key_that_only_some_stages_have() {
    let keys = |sort: &str| {
        let table = format!(
            "  Parts:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: parts\n      BillingMode: PAY_PER_REQUEST\n      \
             AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}, {{AttributeName: no, AttributeType: S}}]\n      \
             KeySchema:\n        - {{AttributeName: id, KeyType: HASH}}\n        - {sort}\nConditions:\n  Sorted: !Equals [!Ref Stage, prod]\n"
        );
        titles("incomplete-key", "dynamodb.Table('parts').get_item(Key={'id': event['id']})", &table).len()
    };
    assert_eq!(keys("{AttributeName: no, KeyType: RANGE}"), 1);
    assert_eq!(keys("!If [Sorted, {AttributeName: no, KeyType: RANGE}, !Ref AWS::NoValue]"), 0);
}

#[test]
fn a_key_that_is_compared_twice() {
    let twice = ["`handler` compares `sk` twice in one key condition"];
    let queried = |body: &str| titles("key-not-in-schema", body, "");
    let query = |condition: &str| queried(&format!("orders.query(KeyConditionExpression={condition})"));
    assert_eq!(query("Key('pk').eq('a') & Key('sk').gte('b') & Key('sk').lte('c')"), twice);
    assert_eq!(query("'pk = :pk AND sk >= :from AND sk <= :to', ExpressionAttributeValues=event['v']"), twice);
    assert_eq!(query("'pk = :pk AND begins_with(sk, :p) AND #s > :x', ExpressionAttributeNames={'#s': 'sk'}"), twice);
    let nothing: [&str; 0] = [];
    assert_eq!(query("Key('pk').eq('a') & Key('sk').between('b', 'c')"), nothing);
    assert_eq!(query("'pk = :pk AND sk BETWEEN :from AND :to'"), nothing);
    // Whether both are ever given isn't known.
    let optional = "condition = Key('pk').eq('a')\nif event.get('from'):\n    condition &= Key('sk').gte(event['from'])\n\
                    if event.get('to'):\n    condition = condition & Key('sk').lte(event['to'])\n\
                    orders.query(KeyConditionExpression=condition)";
    assert_eq!(queried(optional), nothing);
    let filtered = "from boto3.dynamodb.conditions import Attr\norders.query(KeyConditionExpression=Key('pk').eq('a'), \
                    FilterExpression=Attr('n').gte(1) & Attr('n').lte(2))";
    assert_eq!(queried(filtered), nothing);
}

#[test]
fn one_value_for_all_items() {
    let few = |body: &str| titles("low-cardinality-key", body, "");
    let put = "orders.put_item(Item={'pk': 'CONFIG', 'sk': event['id']})";
    let update = |key: &str| {
        format!(
            "{put}\norders.update_item(Key={{'pk': {key}, 'sk': 'A'}}, UpdateExpression='SET n = :n', ExpressionAttributeValues={{':n': 1}})"
        )
    };
    let found = ["All of Orders is in one partition: `pk` is always `CONFIG`"];
    assert_eq!(few(put), found);
    assert_eq!(few(&update("'CONFIG'")), found);
    // An update makes the item if there is none.
    assert_eq!(few(&update("event['user']")), [""; 0]);
    assert_eq!(few(&update("'USER'")), ["All of Orders is in 2 partitions: `pk` is always `CONFIG` or `USER`"]);
}

#[test]
fn a_scan_that_an_index_cannot_replace() {
    let scans = |more: &str| {
        let filter = "FilterExpression='#s = :s', ExpressionAttributeNames={'#s': 'status'}, ExpressionAttributeValues={':s': 'OPEN'}";
        titles("scan-could-be-query", &format!("return orders.scan({filter}{more})['Items']"), "").len()
    };
    assert_eq!(scans(""), 1);
    assert_eq!(scans(", ConsistentRead=True"), 0);
}
