//! Rules that look at what a call is given: `# !! rule` ends the line that the finding points at. What has no such
//! comment must not be found.

use crate::harness::{audited, cases, check_findings};

/// The rules under test.
const RULES: &[&str] = &[
    "consistent-read-on-gsi",
    "float-value",
    "incomplete-key",
    "key-not-in-schema",
    "key-type-mismatch",
    "placeholder-mismatch",
    "projection-gap",
    "put-missing-key",
    "reserved-word",
    "scan-could-be-query",
    "update-key-attribute",
];

fn check(project: &str) {
    check_findings(project, RULES, |_, finding| finding.rule.to_owned());
}

cases! {
    with check;

    conditions_that_fit_no_schema r##"
from db import Attr, Key, audit, orders

def handler(event, context):
    orders.query(KeyConditionExpression=Key("sk").eq("A"))  # !! key-not-in-schema
    orders.query(KeyConditionExpression="pk > :p", ExpressionAttributeValues={":p": "A"})  # !! key-not-in-schema
    values = {":p": "A", ":c": "B"}
    orders.query(KeyConditionExpression="pk = :p AND created > :c", ExpressionAttributeValues=values)  # !! key-not-in-schema
    orders.query(IndexName="by-status", KeyConditionExpression=Key("pk").eq("A"))  # !! key-not-in-schema
    audit.query(KeyConditions={"pk": {"ComparisonOperator": "EQ"}})  # !! key-not-in-schema
    orders.query(KeyConditionExpression=Key("pk").eq("A") & Key("sk").lt("B"))
    orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("A"))
    orders.query(
        IndexName="by-status",
        KeyConditionExpression="#s = :s",
        ExpressionAttributeNames={"#s": "status"},
        ExpressionAttributeValues={":s": "A"},
    )
"##

    what_is_not_known_is_not_wrong r##"
from db import Key, orders

def handler(event, context):
    orders.query(KeyConditionExpression=Key(event["name"]).eq("A"))
    orders.query(IndexName=event["index"], KeyConditionExpression=Key("status").eq("A"))
    orders.query(KeyConditionExpression=f"{event['name']} = :p", ExpressionAttributeValues={":p": "A"})
    orders.query(IndexName="unheard-of", KeyConditionExpression=Key("status").eq("A"))
    orders.query(**event["request"])
"##

    keys_whose_names_are_not_known r##"
import os

import boto3

dynamodb = boto3.resource("dynamodb")
named = dynamodb.Table(os.environ["NAMED_TABLE"])
simple = dynamodb.Table(os.environ["SIMPLE_TABLE"])

def handler(event, context):
    named.get_item(Key={"pk": "A", "sort": "B"})
    named.put_item(Item={"pk": "A"})
    simple.get_item(Key={"name": "A"})
    simple.put_item(Item={"name": "A"})
=== template.yaml
  Named:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: !Ref Stage, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}, {AttributeName: !Ref Stage, KeyType: RANGE}]
  Simple:
    Type: AWS::Serverless::SimpleTable
    Properties:
      PrimaryKey: {Name: !Ref Stage, Type: String}
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {NAMED_TABLE: !Ref Named, SIMPLE_TABLE: !Ref Simple}}
"##

    a_condition_for_each_index r##"
from db import Key, orders

def find(status=None):
    request = {"KeyConditionExpression": Key("pk").eq("A")}
    if status:
        request["IndexName"] = "by-status"
        request["KeyConditionExpression"] = Key("status").eq(status)
    return orders.query(**request)

def search(index, condition):
    return orders.query(IndexName=index, KeyConditionExpression=condition)

def handler(event, context):
    find(event.get("status"))
    search("by-status", Key("status").eq("A"))
"##

    dead_code_is_asked_only_where_nothing_lives r##"
from db import Key, orders

def lookup(name):
    return orders.query(KeyConditionExpression=Key(name).eq("A"))

def unused():
    return lookup("sk")

def never_called():
    return orders.query(KeyConditionExpression=Key("sk").eq("A"))  # !! key-not-in-schema

def handler(event, context):
    return lookup("pk")
"##

    keys_that_are_not_the_primary_key r##"
from db import audit, orders

def handler(event, context):
    orders.get_item(Key={"pk": "A"})  # !! incomplete-key
    orders.update_item(Key={"pk": "A", "sk": "B", "status": "C"})  # !! incomplete-key
    audit.delete_item(Key={"pk": "A"})  # !! incomplete-key
    with orders.batch_writer() as batch:
        batch.delete_item(Key={"pk": "A"})  # !! incomplete-key
    orders.get_item(Key={"pk": "A", "sk": "B"})
    audit.get_item(Key={"id": event["id"]})
"##

    operations_and_what_they_are_given_by_one_name r##"
from db import audit, orders

def handler(event, context):
    steps = {"close": orders.delete_item, "note": audit.put_item}
    given = {"close": {"Key": {"pk": event["pk"], "sk": "1"}}, "note": {"Item": {"id": event["id"]}}}
    for name in steps:
        steps[name](**given[name])
    with audit.batch_writer() as batch:
        moves = {"drop": batch.delete_item, "keep": batch.put_item}
        given = {"drop": {"Key": {"id": event["id"]}}, "keep": {"Item": {"id": event["id"], "kept": True}}}
        for name in moves:
            moves[name](**given[name])
    steps["close"](Key={"pk": event["pk"]})  # !! incomplete-key
    steps["note"](Item={"at": event["at"]})  # !! put-missing-key
"##

    keys_that_may_be_whole r##"
from db import audit, orders

def key(pk, sk=None):
    made = {"pk": pk}
    if sk is not None:
        made["sk"] = sk
    return made

def complete(made, event):
    made["sk"] = event["sk"]
    return made

def handler(event, context):
    orders.get_item(Key=key("A", event["sk"]))
    orders.get_item(Key=complete({"pk": "A"}, event))
    orders.get_item(Key={"pk": "A", **event["more"]})
    orders.get_item(Key={"pk": "A", event["name"]: "B"})
    orders.get_item(Key={name: event[name] for name in ("pk", "sk")})
    orders.get_item(Key=dict(zip(("pk", "sk"), event["key"])))
    found = {"id": event["id"]}
    audit.get_item(Key=found)
    found["name"] = event["name"]
    item = orders.get_item(Key={"pk": "A", "sk": "B"})["Item"]
    orders.delete_item(Key={k: v for k, v in item.items() if k in ("pk", "sk")})
    orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
"##

    a_key_for_tables_that_differ r##"
from db import audit, orders

def get(table, key):
    return table.get_item(Key=key)

def handler(event, context):
    get(orders, {"pk": "A", "sk": "B"})
    get(audit, {"id": "A"})
"##

    consistent_reads_of_a_global_index r##"
from db import Key, orders

def read(consistent=False, **more):
    return orders.query(KeyConditionExpression=Key("status").eq("A"), ConsistentRead=consistent, **more)

def handler(event, context):
    condition = Key("status").eq("A")
    orders.query(IndexName="by-status", KeyConditionExpression=condition, ConsistentRead=True)  # !! consistent-read-on-gsi
    orders.scan(IndexName="by-status", ConsistentRead=True)  # !! consistent-read-on-gsi
    orders.query(IndexName="by-status", KeyConditionExpression=condition, ConsistentRead=event["fresh"])
    orders.query(IndexName="by-status", KeyConditionExpression=condition, ConsistentRead=False)
    orders.query(KeyConditionExpression=Key("pk").eq("A"), ConsistentRead=True)
    read(IndexName="by-status")
"##
}
cases! {
    with check;

    reserved_words_named_bare r##"
from db import Attr, orders

KEY = {"pk": "A", "sk": "B"}

def handler(event, context):
    v = {":v": event["v"]}
    orders.update_item(Key=KEY, UpdateExpression="SET Status = :v", ExpressionAttributeValues=v)  # !! reserved-word
    orders.update_item(Key=KEY, UpdateExpression="SET info.#a.value = :v", ExpressionAttributeNames={"#a": "b"}, ExpressionAttributeValues=v)  # !! reserved-word
    orders.delete_item(Key=KEY, ConditionExpression="pk = :v AND attribute_exists(date)", ExpressionAttributeValues=v)  # !! reserved-word
    orders.scan(FilterExpression="size(tags) > :v AND begins_with(label, :v)", ExpressionAttributeValues=v)
    orders.scan(ProjectionExpression="pk, name")  # !! reserved-word
    orders.scan(FilterExpression=Attr("name").eq("A"))
    orders.update_item(Key=KEY, UpdateExpression=f"SET {event['name']} = :v", ExpressionAttributeValues=v)
    orders.update_item(Key=KEY, UpdateExpression=f"SET {event['name']} = :v, ttl = :v", ExpressionAttributeValues=v)  # !! reserved-word
    orders.update_item(Key=KEY, UpdateExpression="REMOVE amount ADD visits :v", ExpressionAttributeValues=v)
"##

    placeholders_that_do_not_match r##"
from db import Attr, Key, orders

KEY = {"pk": "A", "sk": "B"}

def handler(event, context):
    orders.update_item(Key=KEY, UpdateExpression="SET a = :a", ExpressionAttributeValues={":b": 1})  # !! placeholder-mismatch
    orders.update_item(Key=KEY, UpdateExpression="SET #a = :a", ExpressionAttributeValues={":a": 1})  # !! placeholder-mismatch
    orders.update_item(Key=KEY, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": 1, ":b": 2})  # !! placeholder-mismatch
    orders.scan(
        FilterExpression="#a = :a",
        ExpressionAttributeNames={
            "#a": "state",
            "#b": "b",  # !! placeholder-mismatch
        },
        ExpressionAttributeValues={":a": 1},
    )
    orders.query(
        KeyConditionExpression="pk = :a",
        FilterExpression="#b = :b",
        ProjectionExpression="#c",
        ExpressionAttributeNames={"#b": "b", "#c": "c"},
        ExpressionAttributeValues={":a": "A", ":b": 2},
    )
    orders.query(
        KeyConditionExpression=Key("pk").eq("A"),
        ProjectionExpression="#c",
        ExpressionAttributeNames={"#c": "c"},
    )
"##

    expressions_assembled_in_steps r##"
from db import orders

def update(key, fields):
    names, values, parts = {}, {}, []
    for name, value in fields.items():
        names[f"#{name}"] = name
        values[f":{name}"] = value
        parts.append(f"#{name} = :{name}")
    values[":now"] = 1
    orders.update_item(
        Key=key,
        UpdateExpression="SET updated = :now, " + ", ".join(parts),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues=values,
    )

def search(status=None, owner=None):
    request = {"FilterExpression": "kind = :kind"}
    values = {":kind": "order"}
    if status:
        request["FilterExpression"] += " AND #s = :s"
        request["ExpressionAttributeNames"] = {"#s": "status"}
        values[":s"] = status
    if owner:
        request["FilterExpression"] += " AND customer = :o"
        values[":o"] = owner
    return orders.scan(ExpressionAttributeValues=values, **request)

def touch(key, note=None):
    expression = "SET seen = :seen"
    values = {":seen": 1}
    if note is not None:
        expression += ", note = :note"
        values.update({":note": note})
    orders.update_item(Key=key, UpdateExpression=expression, ExpressionAttributeValues=values)

def handler(event, context):
    update({"pk": "A", "sk": "B"}, {"status": "A", "amount": 3})
    search(event.get("status"), event.get("owner"))
    touch({"pk": "A", "sk": "B"}, event.get("note"))
    touch({"pk": "A", "sk": "B"})
"##

    updates_of_the_key r##"
from db import audit, orders

KEY = {"pk": "A", "sk": "B"}

def handler(event, context):
    v = {":v": 1}
    orders.update_item(Key=KEY, UpdateExpression="SET amount = :v, sk = :v", ExpressionAttributeValues=v)  # !! update-key-attribute
    orders.update_item(Key=KEY, UpdateExpression="REMOVE #k", ExpressionAttributeNames={"#k": "pk"})  # !! update-key-attribute
    orders.update_item(Key=KEY, UpdateExpression="SET created = :v", ExpressionAttributeValues=v)
    orders.update_item(Key=KEY, UpdateExpression="SET amount = pk, id = :v", ExpressionAttributeValues=v)
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET pk = :v", ExpressionAttributeValues=v)
"##

    items_without_their_key r##"
from db import audit, orders

def keyed(item):
    item["sk"] = item["pk"]
    return item

def handler(event, context):
    orders.put_item(Item={"pk": "A", "SK": "B"})  # !! put-missing-key
    with audit.batch_writer() as batch:
        batch.put_item(Item={"pk": "A"})  # !! put-missing-key
        batch.put_item(Item={"id": "A"})
    orders.put_item(Item={**event["item"], "pk": "A"})
    orders.put_item(Item=keyed({"pk": "A"}))
    orders.put_item(Item={k: v for k, v in event.items() if v})
    orders.put_item(Item=dict(event, pk="A"))
    item = {"pk": "A"}
    item.update(event["more"])
    orders.put_item(Item=item)
"##

    scans_for_one_key r##"
from db import Attr, Key, audit, orders

def handler(event, context):
    orders.scan(FilterExpression=Attr("pk").eq("A") & Attr("open").eq(True))  # !! scan-could-be-query
    audit.scan(FilterExpression="id = :i", ExpressionAttributeValues={":i": "A"})  # !! scan-could-be-query
    orders.scan(FilterExpression=Attr("status").eq("A"))  # !! scan-could-be-query
    orders.scan(FilterExpression=Attr("pk").eq("A") | Attr("pk").eq("B"))
    orders.scan(FilterExpression=~Attr("pk").eq("A"))
    orders.scan(FilterExpression=Attr("pk").begins_with("A") & Attr("sk").eq("B"))
    orders.scan(FilterExpression=event["filter"])
    orders.scan(IndexName="by-status", FilterExpression=Attr("pk").eq("A"))
    request = {}
    if event.get("pk"):
        request["FilterExpression"] = Attr("pk").eq(event["pk"])
    orders.scan(**request)
"##

    keys_of_another_type r##"
from db import audit, orders
import os

def handler(event, context):
    orders.get_item(Key={"pk": 7, "sk": "B"})  # !! key-type-mismatch
    orders.put_item(
        Item={
            "pk": "A",
            "sk": "B",
            "status": True,  # !! key-type-mismatch
        }
    )
    audit.delete_item(Key={"id": event["id"]})
    audit.delete_item(Key={"id": str(7)})
    audit.delete_item(Key={"id": os.environ["ID"]})
    audit.put_item(Item={"id": "A", "status": 3})
    audit.put_item(Item={"id": None if event else 3})
"##

    keys_compared_with_another_type r##"
import boto3
from boto3.dynamodb.conditions import Attr, Key

client = boto3.client("dynamodb")
ledger = boto3.resource("dynamodb").Table("ledger")

def either(flag):
    return Key("who").eq("A" if flag else 1)

def last(who, turn):
    return ledger.query(KeyConditionExpression=Key("who").eq(who) & Key("turn").gte(turn))  # !! key-type-mismatch

def named(name, value):
    return ledger.query(IndexName="by-place", KeyConditionExpression=Key(name).eq(value))

def handler(event, context):
    ledger.query(KeyConditionExpression=Key("who").eq(0))  # !! key-type-mismatch
    ledger.query(KeyConditionExpression=Key("who").eq("A") & Key("turn").between("MON", "TUE"))  # !! key-type-mismatch
    ledger.query(KeyConditionExpression=Key("who").eq("A") & Key("turn").begins_with(event["turn"]))  # !! key-type-mismatch
    ledger.query(IndexName="by-place", KeyConditionExpression=Key("place").eq(True))  # !! key-type-mismatch
    ledger.query(
        KeyConditionExpression="who = :w AND #d > :d",
        ExpressionAttributeNames={"#d": "turn"},
        ExpressionAttributeValues={
            ":w": "A",
            ":d": "MON",  # !! key-type-mismatch
        },
    )
    client.query(TableName="ledger", KeyConditionExpression="who = :w", ExpressionAttributeValues={":w": {"N": "0"}})  # !! key-type-mismatch
    client.query(TableName="ledger", KeyConditionExpression="who = :w and begins_with(turn, :d)", ExpressionAttributeValues={":w": {"S": "0"}, ":d": {"N": "2"}})  # !! key-type-mismatch
    ledger.query(KeyConditions={"who": {"ComparisonOperator": "EQ", "AttributeValueList": [0]}})  # !! key-type-mismatch
    last("A", "MON")
    named("place", "A")
    named("place", 1 if event else "A")
    ledger.query(KeyConditionExpression=either(event))
    ledger.query(KeyConditionExpression=Key("who").eq("A") & Key("turn").between(1, event["turn"]))
    ledger.query(KeyConditionExpression=Key("who").eq(event["who"]) & Key("turn").eq(1), FilterExpression=Attr("kind").eq(7))
    ledger.query(KeyConditionExpression=Key("who").begins_with("A") if event else Key("who").eq(str(7)))
    client.query(TableName="ledger", KeyConditionExpression="who = :w AND turn = :d", ExpressionAttributeValues={":w": {"S": "0"}, ":d": {"N": "0"}, ":n": {"N": "1"}}, FilterExpression="seats = :n")
    ledger.query(KeyConditions={"who": {"ComparisonOperator": "EQ", "AttributeValueList": ["A"]}, "turn": {"ComparisonOperator": "LT", "AttributeValueList": [3]}})
=== template.yaml
  Ledger:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: ledger
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: who, AttributeType: S }
        - { AttributeName: turn, AttributeType: N }
        - { AttributeName: place, AttributeType: S }
      KeySchema:
        - { AttributeName: who, KeyType: HASH }
        - { AttributeName: turn, KeyType: RANGE }
      GlobalSecondaryIndexes:
        - IndexName: by-place
          KeySchema: [{ AttributeName: place, KeyType: HASH }]
          Projection: { ProjectionType: ALL }
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Ledger }
"##

    what_an_index_does_not_hold r##"
import os
import boto3
from boto3.dynamodb.conditions import Attr, Key

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

def handler(event, context):
    when = Key("keeper").eq("A")
    table.query(IndexName="keys", KeyConditionExpression=when, ProjectionExpression="id, size.#n", ExpressionAttributeNames={"#n": "n"})  # !! projection-gap; reserved-word
    table.query(IndexName="keys", KeyConditionExpression=when, ProjectionExpression="id, #s", ExpressionAttributeNames={"#s": "state"})  # !! projection-gap
    table.query(IndexName="keys", KeyConditionExpression=when, FilterExpression=Attr("state").eq("A"))  # !! projection-gap
    table.query(IndexName="some", KeyConditionExpression=when, ProjectionExpression="id, colour.red, keeper")
    table.query(IndexName="some", KeyConditionExpression=when, FilterExpression=Attr("shape").exists())  # !! projection-gap
    table.query(IndexName="every", KeyConditionExpression=when, FilterExpression=Attr("shape").exists())
    table.query(IndexName=event["index"], KeyConditionExpression=when, FilterExpression=Attr("shape").exists())
    table.query(IndexName="keys", KeyConditionExpression=when, ProjectionExpression=event["wanted"])
=== template.yaml
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: id, AttributeType: S }
        - { AttributeName: keeper, AttributeType: S }
      KeySchema:
        - { AttributeName: id, KeyType: HASH }
      GlobalSecondaryIndexes:
        - IndexName: keys
          KeySchema: [{ AttributeName: keeper, KeyType: HASH }]
          Projection: { ProjectionType: KEYS_ONLY }
        - IndexName: some
          KeySchema: [{ AttributeName: keeper, KeyType: HASH }]
          Projection: { ProjectionType: INCLUDE, NonKeyAttributes: [colour] }
        - IndexName: every
          KeySchema: [{ AttributeName: keeper, KeyType: HASH }]
          Projection: { ProjectionType: ALL }
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { TABLE: !Ref Things } }
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Things }
"##

    floats_that_are_stored r##"
from decimal import Decimal
from db import orders
import time

def handler(event, context):
    orders.put_item(
        Item={
            "pk": "A",
            "sk": "B",
            "score": 0.5,  # !! float-value
        }
    )
    orders.update_item(
        Key={"pk": "A", "sk": "B"},
        UpdateExpression="SET seen = :now",
        ExpressionAttributeValues={
            ":now": time.time(),  # !! float-value
        },
    )
    orders.put_item(Item={"pk": "A", "sk": "B", "score": Decimal("0.5"), "at": int(time.time()), "text": f"{0.5}"})
    orders.put_item(Item={"pk": "A", "sk": "B", "score": event["score"], "rate": 0.5 if event else None})
"##

    // A client takes values in DynamoDB's own form, and refuses others for that.
    floats_in_calls_of_a_client r##"
import os
import boto3
from db import dynamodb, orders

client = boto3.client("dynamodb")
TABLE = os.environ["ORDERS_TABLE"]

def handler(event, context):
    client.put_item(TableName=TABLE, Item={"pk": {"S": "A"}, "sk": {"S": "B"}, "score": {"N": 1.5}})
    client.put_item(TableName=TABLE, Item={"pk": {"S": "A"}, "sk": {"S": "B"}, "score": 1.5})
    client.update_item(TableName=TABLE, Key={"pk": {"S": "A"}, "sk": {"S": "B"}}, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": 0.5})
    client.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": {"pk": {"S": "A"}, "sk": {"S": "B"}, "score": 1.5}}}]})
    client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": {"pk": {"S": "A"}, "sk": {"S": "B"}, "score": 1.5}}}])
    for page in client.get_paginator("scan").paginate(TableName=TABLE, FilterExpression="score > :s", ExpressionAttributeValues={":s": 0.5}):
        print(page)
    orders.meta.client.put_item(TableName=TABLE, Item={"pk": "A", "sk": "B", "score": 1.5})
    dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": {"pk": "A", "sk": "B", "score": 1.5}}}]})  # !! float-value
    with orders.batch_writer() as batch:
        batch.put_item(Item={"pk": "A", "sk": "B", "score": 1.5})  # !! float-value
"##
}

/// Each finding whole.
#[test]
fn messages() {
    let project = r##"
from db import Attr, Key, audit, orders

def handler(event, context):
    orders.query(KeyConditionExpression=Key("sk").eq("A"))
    values = {":p": "A", ":c": "B"}
    orders.query(KeyConditionExpression="pk = :p AND created > :c", ExpressionAttributeValues=values)
    orders.query(IndexName="by-status", KeyConditionExpression=Key("created").eq("A"), ConsistentRead=True)
    audit.query(KeyConditionExpression="begins_with(id, :i)", ExpressionAttributeValues={":i": "A"})
    orders.get_item(Key={"pk": "A"})
    orders.delete_item(Key={"pk": "A", "sk": "B", "status": "C"})
    audit.get_item(Key={"pk": "A"})
    values = {":v": 1}
    orders.scan(FilterExpression="status = :v AND #name = :w", ExpressionAttributeValues=values)
    orders.scan(FilterExpression="amount = :v", ExpressionAttributeValues={":v": 1, ":w": 2})
    orders.update_item(Key={"pk": "A", "sk": "B"}, UpdateExpression="SET sk = :v", ExpressionAttributeValues=values)
    orders.put_item(Item={"pk": "A"})
    orders.put_item(Item={"pk": "A", "sk": 1})
    orders.put_item(Item={"pk": "A", "sk": "B", "status": 1})
    orders.get_item(Key={"pk": "A", "sk": 1})
    audit.scan(FilterExpression=Attr("id").eq("A"))
    orders.scan(FilterExpression=Attr("status").eq("A"))
    orders.query(KeyConditionExpression=Key("pk").eq(7))
    orders.query(KeyConditionExpression="pk = :p AND begins_with(sk, :n)", ExpressionAttributeValues={":p": "A", ":n": 7})
"##;
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.into_iter().filter(|finding| RULES.contains(&finding.rule));
        let lines = ours.map(|f| {
            let (place, text) = (audit.place(f.span).1, format!("{}\n  {}\n  {}", f.title, f.message, f.help));
            (place, format!("{place} {} {} ({}): {text}\n", f.rule, f.severity.as_str(), f.confidence.as_str()))
        });
        let mut lines: Vec<(usize, String)> = lines.collect();
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect::<String>()
    });
    insta::assert_snapshot!(found);
}

/// A sign that was forgotten, or is another's.
#[test]
fn the_placeholder_that_is_meant() {
    let helps = |given: &str| {
        let code = format!(
            "from db import orders\n\ndef handler(event, context):\n    orders.update_item(Key={{\"pk\": \"A\", \"sk\": \"B\"}}, \
             UpdateExpression=\"SET a = :v\", ExpressionAttributeValues={given})\n"
        );
        audited(&code, |audit| {
            let findings = ddb_audit::rules::run(&audit.facts);
            let ours = findings.into_iter().filter(|finding| finding.rule == "placeholder-mismatch");
            ours.map(|finding| finding.help).collect::<Vec<_>>()
        })
    };
    let meant = |entry: &str| {
        [format!(
            "Write `\":v\"` instead of `\"{entry}\"` in `ExpressionAttributeValues`: the sign before the name is a part of it."
        )]
    };
    assert_eq!(helps("{\"v\": 1}"), meant("v"));
    assert_eq!(helps("{\"#v\": 1}"), meant("#v"));
    assert_eq!(helps("{\":w\": 1}"), ["Add :v to `ExpressionAttributeValues`, or correct the expression."]);
}

/// Who shares a helper isn't to blame for what another gives it.
#[test]
fn only_those_who_give_a_call_what_is_wrong_are_named() {
    let lambda = |name: &str, table: &str, handler: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: src/\n      Handler: \
             app.{handler}\n      Runtime: python3.13\n      Environment: {{ Variables: {{ TABLE: !Ref {table} }} }}\n"
        )
    };
    let lambdas =
        lambda("Right", "Orders", "save") + &lambda("Wrong", "Audit", "save") + &lambda("Other", "Audit", "note");
    let code = r#"
import os
import boto3

def remove(key):
    boto3.resource("dynamodb").Table(os.environ["TABLE"]).delete_item(Key=key)

def save(event, context):
    remove({"pk": event["pk"], "sk": event["sk"]})

def note(event, context):
    remove({"id": event["id"]})
"#;
    let found = audited(&format!("=== template.yaml\n{lambdas}=== src/app.py{code}"), |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        findings.into_iter().filter(|f| f.rule == "incomplete-key").map(|f| (f.title, f.message)).collect::<Vec<_>>()
    });
    let message = "`Key` holds `pk` and `sk` instead of `id`; the primary key of Audit is `id`. The call fails with \
                   \"ValidationException: The provided key element does not match the schema\". Reached from Wrong.";
    assert_eq!(found, [("`remove` gives Audit a key that isn't its primary key".to_owned(), message.to_owned())]);
}

/// Python doesn't run a file with a syntax error at all: what can be read of it proves nothing.
#[test]
fn what_python_refuses_is_no_proof() {
    let found = |code: &str| {
        audited(code, |audit| {
            let found = ddb_audit::rules::run(&audit.facts);
            let severe = found.iter().filter(|finding| finding.severity >= ddb_audit::rules::Severity::High);
            severe.map(|finding| finding.rule).collect::<Vec<_>>()
        })
    };
    let code = "
from db import audit, orders

def handler(event, context):
    orders.get_item(Key={'id': 'A'})

def later(event, context):
    audit.delete_item(Key={'pk': 'A'})
";
    assert_eq!(found(code), ["incomplete-key"]);
    assert_eq!(found(&code.replace("later(event, context):", "later(event, context)")), [""; 0]);
}
