//! What batches and transactions hold: how many requests, and what each is given. `# !! rule` ends the line that the finding
//! points at.

use crate::harness::{audited, cases, check_findings};

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
    check_findings(project, RULES, |_, finding| finding.rule.to_owned());
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

    alternatives_of_an_element_are_not_elements r##"
import os
from collections import defaultdict
from db import audit, dynamodb, orders

ORDERS, AUDIT = os.environ["ORDERS_TABLE"], os.environ["AUDIT_TABLE"]

def key(pk, sk=None):
    return {"pk": pk} if sk is None else {"pk": pk, "sk": sk}

def key_in(table, value):
    if table == ORDERS:
        return {"pk": value, "sk": value}
    return {"id": value}

def fetch(table, values):
    dynamodb.batch_get_item(RequestItems={table: {"Keys": [key_in(table, value) for value in values]}})

def removal(table, pk, sk=None):
    if sk is None:
        return {"Delete": {"TableName": table, "Key": {"pk": pk}}}
    return {"Delete": {"TableName": table, "Key": {"pk": pk, "sk": sk}}}

def handler(event, context):
    buffers = defaultdict(list)
    buffers[ORDERS].append({"PutRequest": {"Item": {"pk": "A", "sk": "B"}}})
    buffers[AUDIT].append({"PutRequest": {"Item": {"id": "A", "status": 1}}})
    dynamodb.batch_write_item(RequestItems={ORDERS: buffers[ORDERS]})
    dynamodb.batch_write_item(RequestItems={AUDIT: buffers[AUDIT]})
    dynamodb.batch_get_item(RequestItems={ORDERS: {"Keys": [key(o["pk"], o["sk"]) for o in event["orders"]]}})
    known = [{"pk": "A", "sk": "B"}, {"id": "A"}]
    dynamodb.batch_get_item(RequestItems={ORDERS: {"Keys": [item for item in known if "pk" in item]}})
    fetch(ORDERS, event["orders"])
    fetch(AUDIT, event["audits"])
    removals = [removal(ORDERS, o["pk"], o["sk"]) for o in event["orders"]]
    dynamodb.meta.client.transact_write_items(TransactItems=removals)
    every = [{"PutRequest": {"Item": {"pk": "A"}}}, {"PutRequest": {"Item": {"pk": "B", "size": 1}}}]  # !! put-missing-key
    dynamodb.batch_write_item(RequestItems={orders.name: every})
    sound = [{"PutRequest": {"Item": {"pk": "A", "sk": "B"}}}]
    dynamodb.batch_write_item(RequestItems={orders.name: [*sound, {"PutRequest": {"Item": {"sk": "B"}}}]})  # !! put-missing-key
"##

    more_than_a_call_takes r##"
import os
from db import audit, dynamodb, orders

TABLE = os.environ["AUDIT_TABLE"]
COUNT = 30

def put(item):
    return {"PutRequest": {"Item": item}}

def handler(event, context):
    dynamodb.batch_write_item(RequestItems={TABLE: [put({"id": str(i)}) for i in range(COUNT)]})  # !! batch-over-limit
    dynamodb.batch_write_item(RequestItems={TABLE: [put({"id": "A"})] * 26})  # !! batch-over-limit
    requests = []
    for number in range(1, 40):
        item = {"id": str(number)}
        requests.append(put(item))
    response = dynamodb.batch_write_item(RequestItems={TABLE: requests})  # !! batch-over-limit
    grown = [put({"id": "A"})]
    grown += [put({"id": str(i)}) for i in range(0, 100, 4)]
    dynamodb.batch_write_item(RequestItems={TABLE: grown})  # !! batch-over-limit
    half = [put({"id": str(i)}) for i in range(13)]
    dynamodb.batch_write_item(RequestItems={TABLE: half, orders.name: half + []})  # !! batch-over-limit
    seeds = [{"id": str(i)} for i in range(101)]
    keys = {TABLE: {"Keys": [seed for seed in seeds]}}
    if event["now"]:
        dynamodb.batch_get_item(RequestItems=keys)  # !! batch-over-limit
    client = dynamodb.meta.client
    client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": {"id": str(i)}}} for i in range(11) for _ in range(10)])  # !! batch-over-limit
"##

    lists_that_something_may_shorten r##"
import os
from contextlib import suppress
from db import audit, dynamodb, orders

TABLE = os.environ["AUDIT_TABLE"]
TOO_MANY = 9223372036854775807

def gone(i):
    return {"DeleteRequest": {"Key": {"id": str(i)}}}

def fits(n):
    return n <= 25

def write(requests):
    dynamodb.batch_write_item(RequestItems={TABLE: requests})

def counted(requests):
    n = len(requests)
    if n > 25:
        return [counted(requests[i : i + 25]) for i in range(0, n, 25)]
    dynamodb.batch_write_item(RequestItems={TABLE: requests})

def seeded(count=None):
    if count is None:
        count = 40
    dynamodb.batch_write_item(RequestItems={TABLE: [gone(i) for i in range(count)]})

def given(requests):
    if not requests:
        requests = [gone(i) for i in range(40)]
    dynamodb.batch_write_item(RequestItems={TABLE: requests})

def handler(event, context):
    counted([gone(i) for i in range(60)])
    write([gone(i) for i in range(60)])
    seeded(10)
    given(event["requests"])
    asked = [gone(i) for i in range(60)]
    if fits(len(asked)):
        dynamodb.batch_write_item(RequestItems={TABLE: asked})
    sliced = [gone(i) for i in range(60)]
    if not sliced[25:]:
        dynamodb.batch_write_item(RequestItems={TABLE: sliced})
    some, others = [], []
    for i in range(100):
        some.append(gone(i)) if i in event["wanted"] else others.append(i)
    dynamodb.batch_write_item(RequestItems={TABLE: some})
    more = []
    for i in range(100):
        i in event["wanted"] and more.append(gone(i))
    dynamodb.batch_write_item(RequestItems={TABLE: more})
    effects = []
    [effects.append(gone(i)) for i in range(100) if i in event["wanted"]]
    dynamodb.batch_write_item(RequestItems={TABLE: effects})
    until = []
    with suppress(IndexError):
        for i in range(100):
            until.append(gone(event["ids"][i]))
    dynamodb.batch_write_item(RequestItems={TABLE: until})
    tried = []
    try:
        for i in range(100):
            tried.append(gone(event["ids"][i]))
    except IndexError:
        pass
    dynamodb.batch_write_item(RequestItems={TABLE: tried})
    nested = {TABLE: [gone(i) for i in range(60)]}
    rest = nested[TABLE][25:]
    del nested[TABLE][25:]
    dynamodb.batch_write_item(RequestItems=nested)
    seen = [gone(i) for i in range(60)]
    alias = seen
    alias[25:] = []
    dynamodb.batch_write_item(RequestItems={TABLE: seen})
    held = [gone(i) for i in range(60)]
    holder = {TABLE: held}
    holder[TABLE].clear()
    dynamodb.batch_write_item(RequestItems={TABLE: held})
    inner = [gone(i) for i in range(60)]
    def shorten():
        inner.clear()
    shorten()
    dynamodb.batch_write_item(RequestItems={TABLE: inner})
    dynamodb.batch_write_item(RequestItems={TABLE: [gone(i) for i in range(20)], TABLE: [gone(i) for i in range(20)]})
    dynamodb.batch_write_item(RequestItems={TABLE: [gone(i) for i in range(60)], **event["instead"]})
"##

    lengths_that_no_number_holds r##"
import os
from db import dynamodb

def handler(event, context):
    dynamodb.batch_write_item(RequestItems={os.environ["AUDIT_TABLE"]: [0] * 9223372036854775807 + [0] * 9223372036854775807 + [0] * 9223372036854775807})  # !! batch-over-limit
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

/// What is shared between a Lambda and a script is laid to the one who does it.
#[test]
fn what_a_script_gives_is_not_laid_to_the_lambda() {
    let project = r##"
=== src/app.py
from store import put

def handler(event, context):
    put({"id": "A"})

=== src/store.py
from db import audit

def put(item):
    audit.put_item(Item=item)

=== src/seed.py
from store import put

if __name__ == "__main__":
    put({"name": "A"})
"##;
    insta::assert_snapshot!(whole_findings(project, "put-missing-key"));
}

/// A finding of each kind, whole.
#[test]
fn messages() {
    let project = r##"
import os
from db import dynamodb, orders

def handler(event, context):
    dynamodb.batch_write_item(RequestItems={orders.name: [{"PutRequest": {"Item": {"pk": "A"}}}] * 30})
    dynamodb.batch_get_item(RequestItems={orders.name: {"Keys": [{"pk": "A", "sk": str(i)} for i in range(101)]}})
    dynamodb.batch_write_item(RequestItems={orders.name: [{"PutRequest": {"Item": {"pk": "A"}}}]})
"##;
    insta::assert_snapshot!(whole_findings(project, "batch-over-limit") + &whole_findings(project, "put-missing-key"));
}

fn whole_findings(project: &str, rule: &str) -> String {
    audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.into_iter().filter(|finding| finding.rule == rule);
        let lines = ours.map(|f| {
            let (file, line) = audit.place(f.span);
            let what = (f.rule, f.severity.as_str(), f.confidence.as_str());
            format!("{file}:{line} {} {} ({}): {}\n  {}\n  {}\n", what.0, what.1, what.2, f.title, f.message, f.help)
        });
        lines.collect()
    })
}
