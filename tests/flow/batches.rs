//! What batches and transactions hold: how many requests, and what each is given. `# !! rule` ends the line that the finding
//! points at.

use crate::harness::{audited, by_line, cases, notes};

/// The rules under test.
const RULES: &[&str] = &[
    "batch-over-limit",
    "float-value",
    "incomplete-key",
    "key-type-mismatch",
    "put-missing-key",
    "reserved-word",
    "update-key-attribute",
];

fn check(project: &str) {
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| RULES.contains(&finding.rule));
        by_line(ours.map(|finding| (audit.place(finding.span), finding.rule.to_owned())))
    });
    assert_eq!(found, notes(project, "# !! "), "found (left), wanted (right)");
}

cases! {
    with check;

    requests_of_batches_are_requests r##"
import os
from db import audit, dynamodb, orders

TABLE = os.environ["ORDERS_TABLE"]

def handler(event, context):
    dynamodb.batch_write_item(RequestItems={TABLE: [
        {"PutRequest": {"Item": {"pk": "A", "sk": "B"}}},
        {"PutRequest": {"Item": {"pk": "A"}}},  # !! put-missing-key
    ]})
    gone = [{"DeleteRequest": {"Key": {"pk": pk}}} for pk in event["gone"]]  # !! incomplete-key
    dynamodb.batch_write_item(RequestItems={orders.name: gone})
    keys = [{"pk": "A", "sk": "B"}, {"pk": "C", "sk": "D"}]
    dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})
    ids = [{"id": i, "sk": "B"} for i in event["ids"]]  # !! incomplete-key
    dynamodb.batch_get_item(RequestItems={audit.name: {"Keys": ids}})
    dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": {"pk": 1, "sk": "B"}}}]})  # !! key-type-mismatch
    dynamodb.batch_write_item(RequestItems={TABLE: [{"PutRequest": {"Item": {"pk": "A", "sk": "B", "rate": 0.5}}}]})  # !! float-value
"##

    requests_of_transactions_are_requests r##"
import os
import boto3

client = boto3.client("dynamodb")
ORDERS, AUDIT = os.environ["ORDERS_TABLE"], os.environ["AUDIT_TABLE"]

def handler(event, context):
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": AUDIT, "Item": {"id": {"S": "A"}}}},
        {"Put": {"TableName": ORDERS, "Item": {"pk": {"S": "A"}, "sk": {"S": "B"}}}},
        {"Delete": {"TableName": AUDIT, "Key": {"id": {"S": "A"}}}},
        {"ConditionCheck": {"TableName": ORDERS, "Key": {"pk": {"S": "A"}, "sk": {"S": "B"}}, "ConditionExpression": "attribute_exists(pk)"}},
    ])
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": AUDIT, "Item": {"pk": {"S": "A"}}}},  # !! put-missing-key
        {"Put": {"TableName": ORDERS, "Item": {"pk": {"S": "A"}, "sk": {"S": "B"}}}},
    ])
    client.transact_write_items(TransactItems=[
        {"Update": {
            "TableName": ORDERS,
            "Key": {"pk": {"S": "A"}, "sk": {"S": "B"}},
            "UpdateExpression": "SET sk = :s",  # !! update-key-attribute
            "ExpressionAttributeValues": {":s": {"S": "C"}},
        }},
    ])
    client.transact_write_items(TransactItems=[
        {"Update": {
            "TableName": ORDERS,
            "Key": {"pk": {"S": "A"}, "sk": {"S": "B"}},
            "UpdateExpression": "SET size = :s",  # !! reserved-word
            "ExpressionAttributeValues": {":s": {"S": "C"}},
        }},
    ])
    client.transact_get_items(TransactItems=[{"Get": {"TableName": AUDIT, "Key": {"pk": {"S": "A"}}}}])  # !! incomplete-key
"##

    tables_of_requests_that_are_not_known r##"
import os
from db import audit, dynamodb, orders

def write(table, item):
    dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item}}]})

def handler(event, context):
    name = orders.name if event["orders"] else audit.name
    dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": {"id": "A"}}}]})
    dynamodb.batch_get_item(RequestItems={event["table"]: {"Keys": [{"id": "A"}]}})
    requests = {}
    requests[name] = [{"DeleteRequest": {"Key": {"id": "A"}}}]
    dynamodb.batch_write_item(RequestItems=requests)
    write(audit.name, {"id": "A"})
    write(orders.name, {"pk": "A", "sk": "B"})
    dynamodb.batch_write_item(RequestItems={orders.name: [{"PutRequest": {"Item": {"pk": "A", **event["more"]}}}]})
"##

    more_than_a_call_takes r##"
import os
from db import audit, dynamodb, orders

TABLE = os.environ["AUDIT_TABLE"]
COUNT = 30
SEEDS = [{"id": "A"}] * 26

def put(item):
    return {"PutRequest": {"Item": item}}

def write(requests):
    dynamodb.batch_write_item(RequestItems={TABLE: requests})  # !! batch-over-limit

def write_few(requests):
    dynamodb.batch_write_item(RequestItems={TABLE: requests})

def handler(event, context):
    dynamodb.batch_write_item(RequestItems={TABLE: [put({"id": str(i)}) for i in range(COUNT)]})  # !! batch-over-limit
    dynamodb.batch_write_item(RequestItems={TABLE: [put(seed) for seed in SEEDS]})  # !! batch-over-limit
    requests = []
    for number in range(1, 40):
        item = {"id": str(number)}
        requests.append(put(item))
    response = dynamodb.batch_write_item(RequestItems={TABLE: requests})  # !! batch-over-limit
    half = [put({"id": str(i)}) for i in range(13)]
    dynamodb.batch_write_item(RequestItems={TABLE: half, orders.name: half + []})  # !! batch-over-limit
    write([put({"id": str(i)}) for i in range(50)])
    write_few([put({"id": str(i)}) for i in range(25)])
    keys = [{"id": str(i)} for i in range(101)]
    dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys}})  # !! batch-over-limit
    client = dynamodb.meta.client
    client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": {"id": str(i)}}} for i in range(11) for _ in range(10)])  # !! batch-over-limit
"##

    as_many_as_a_call_takes r##"
import os
from db import audit, dynamodb, orders

TABLE = os.environ["AUDIT_TABLE"]
ITEMS = [{"PutRequest": {"Item": {"id": str(i)}}} for i in range(60)]

def chunks(items, size):
    for start in range(0, len(items), size):
        yield items[start : start + size]

def send(requests):
    while requests:
        dynamodb.batch_write_item(RequestItems={TABLE: requests[:25]})
        requests = requests[25:]

def cut(requests):
    del requests[25:]

def handler(event, context):
    for chunk in chunks(ITEMS, 25):
        dynamodb.batch_write_item(RequestItems={TABLE: chunk})
    for start in range(0, len(ITEMS), 25):
        dynamodb.batch_write_item(RequestItems={TABLE: ITEMS[start : start + 25]})
    send(ITEMS)
    dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": [{"id": str(i)} for i in range(100)]}})
    requests = []
    for number in range(100):
        requests.append({"DeleteRequest": {"Key": {"id": str(number)}}})
        if len(requests) == 25:
            dynamodb.batch_write_item(RequestItems={TABLE: requests})
            requests = []
    buffer = []
    for number in range(100):
        buffer.append({"DeleteRequest": {"Key": {"id": str(number)}}})
        if number % 25 == 24:
            dynamodb.batch_write_item(RequestItems={TABLE: buffer})
            buffer.clear()
    some = []
    for number in range(100):
        if number in event["wanted"]:
            some.append({"DeleteRequest": {"Key": {"id": str(number)}}})
    dynamodb.batch_write_item(RequestItems={TABLE: some})
    until = []
    for number in range(100):
        until.append({"DeleteRequest": {"Key": {"id": str(number)}}})
        if event["last"] == number:
            break
    dynamodb.batch_write_item(RequestItems={TABLE: until})
    shortened = [{"DeleteRequest": {"Key": {"id": str(i)}}} for i in range(60)]
    cut(shortened)
    dynamodb.batch_write_item(RequestItems={TABLE: shortened})
    filtered = [{"id": str(i)} for i in range(200) if i in event["wanted"]]
    dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": filtered}})
    later = []
    dynamodb.batch_write_item(RequestItems={TABLE: later})
    for number in range(100):
        later.append({"DeleteRequest": {"Key": {"id": str(number)}}})
    with audit.batch_writer() as batch:
        for number in range(100):
            batch.put_item(Item={"id": str(number)})
"##
}
