//! `projection-gap`: attributes that are read from items of an index which doesn't hold them.

use crate::harness::audited;

/// `by-kind` holds the keys alone.
const TEMPLATE: &str = r#"
=== template.yaml
  Parts:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: parts
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: kind, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-kind
          KeySchema: [{AttributeName: kind, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Policies: [DynamoDBReadPolicy: {TableName: !Ref Parts}]
"#;

const IMPORTS: &str = r#"
import boto3
from boto3.dynamodb.conditions import Key

table = boto3.resource("dynamodb").Table("parts")
client = boto3.client("dynamodb")
kind = {"IndexName": "by-kind", "KeyConditionExpression": Key("kind").eq("bolt")}


def by_id(item):
    return table.get_item(Key={"id": item["id"]})["Item"]


def price_of(item):
    return item["price"]


def handler(event, context):
"#;

/// What is said of a handler that does this.
fn said(body: &str) -> Vec<String> {
    let body = format!("    {}\n", body.replace('\n', "\n    "));
    audited(&format!("{IMPORTS}{body}{TEMPLATE}"), |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == "projection-gap");
        ours.map(|finding| format!("{} {}: {}", finding.severity.as_str(), finding.confidence.as_str(), finding.title))
            .collect()
    })
}

const LACKS: &str = "`handler` gives items without `price`, which by-kind of Parts doesn't hold";

#[test]
fn attributes_that_the_items_lack() {
    for body in [
        "return sum(item['price'] for item in table.query(**kind)['Items'])",
        "page = table.query(**kind)\nreturn page['Items'][0]['price']",
        "for item in table.query(**kind).get('Items', []):\n    print(price_of(item))",
        "items = []\nitems.extend(table.query(**kind)['Items'])\nfor item in items:\n    print(item['price'])",
        "page = table.query(**kind)\nitems = page['Items']\nwhile 'LastEvaluatedKey' in page:\n    \
         page = table.query(ExclusiveStartKey=page['LastEvaluatedKey'], **kind)\n    items.extend(page['Items'])\n\
         return [item['price'] for item in items]",
        "pages = client.get_paginator('query').paginate(TableName='parts', IndexName='by-kind', \
         KeyConditionExpression='kind = :k', ExpressionAttributeValues={':k': {'S': 'bolt'}})\n\
         return [item['price']['N'] for page in pages for item in page['Items']]",
    ] {
        let found = said(body);
        assert!(
            !found.is_empty() && found.iter().all(|one| *one == format!("high certain: {LACKS}")),
            "{body}: {found:?}"
        );
    }
    for body in [
        "for item in table.query(**kind)['Items']:\n    print(item.get('price', 0))",
        "for item in table.query(**kind)['Items']:\n    if item.get('price'):\n        print(item['price'])",
        "for item in table.query(**kind)['Items']:\n    try:\n        print(item['price'])\n    except KeyError:\n        pass",
    ] {
        assert_eq!(said(body), [format!("high likely: {LACKS}")], "{body}");
    }
    assert_eq!(
        said("return table.query(Select='ALL_ATTRIBUTES', **kind)['Count']"),
        ["high certain: `handler` asks for whole items, which by-kind of Parts doesn't hold"]
    );
}

#[test]
fn attributes_that_come_from_elsewhere() {
    let nothing: [&str; 0] = [];
    for body in [
        "for item in table.query(**kind)['Items']:\n    print(item['id'], item['kind']['main'])",
        "for item in table.query(**kind)['Items']:\n    if 'price' in item:\n        print(item['price'])",
        "for item in table.query(**kind)['Items']:\n    item.update(by_id(item))\n    print(item['price'])",
        "for item in table.query(**kind)['Items']:\n    item['price'] = 1\n    print(item['price'])",
        "for item in table.query(**kind)['Items']:\n    item.setdefault('price', 1)\n    print(item['price'])",
        "for item in table.query(**kind)['Items']:\n    item = by_id(item)\n    print(item['price'])",
        "for item in table.query(**kind)['Items']:\n    print({**item, 'price': 1}['price'])",
        "for item in table.query(**kind)['Items'] + table.scan()['Items']:\n    print(item['price'])",
        "page = table.query(**kind)\nprint(page['ResponseMetadata'], page['Count'])",
        "for item in table.query(KeyConditionExpression=Key('id').eq('a'))['Items']:\n    print(item['price'])",
        "if event.get('all'):\n    page = table.scan()\nelse:\n    page = table.query(**kind)\n\
         for item in page['Items']:\n    if event.get('all'):\n        print(item['price'])",
        "for item in table.query(**kind)['Items']:\n    print(item['id'])\n\
         for item in table.scan()['Items']:\n    print(price_of(item))",
    ] {
        assert_eq!(said(body), nothing, "{body}");
    }
}
