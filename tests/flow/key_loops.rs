//! Loops that read one item after the other: `# !! rule` ends the line that the finding points at.

use crate::harness::{audited, cases, check_findings, severity_and_lines};

fn check(project: &str) {
    check_findings(project, &["n-plus-one-get"], severity_and_lines);
}

cases! {
    with check;

    reads_that_are_remembered r##"
from db import audit

known = {}

class Names:
    def __init__(self):
        self.names = {}

    def of(self, pk):
        if pk in self.names:
            return self.names[pk]
        name = audit.get_item(Key={"id": pk})["Item"]["name"]
        self.names[pk] = name
        return name

def customer(pk):
    if pk not in known:
        known[pk] = audit.get_item(Key={"id": pk}).get("Item")
    return known[pk]

def handler(event, context):
    cache, names = {}, Names()
    for order in event["orders"]:
        pk = order["customer"]
        if pk in cache:
            found = cache[pk]
        else:
            found = audit.get_item(Key={"id": pk}).get("Item")
            cache[pk] = found
        print(found, customer(order["seller"]), names.of(order["driver"]))
    for pk in event["pks"]:
        if pk not in cache:
            print(audit.get_item(Key={"id": pk}))  # !! medium 31
    for pk in event["pks"]:
        if "Item" not in cache:
            cache[pk] = audit.get_item(Key={"id": pk})  # !! medium 34
"##

    a_read_for_each_key r##"
from db import audit, orders

def handler(event, context):
    found = []
    for pk in event["pks"]:
        found.append(orders.get_item(Key={"pk": pk, "sk": "META"}))  # !! medium 5
    ids = event["ids"]
    found += [audit.get_item(Key={"id": i})["Item"] for i in ids if i]  # !! medium 8
    for order in event["orders"].values():
        key = {"id": order["audit"]}
        try:
            item = audit.get_item(Key=key).get("Item")  # !! medium 9
        except KeyError:
            return None
        if not item:
            raise LookupError(key)
    for number, pk in enumerate(ids):
        while True:
            response = audit.get_item(Key={"id": f"A#{pk}"})  # !! medium 17
            if "Item" in response:
                break
    for record in event["Records"]:
        for pk in record["pks"]:
            audit.get_item(Key={"id": pk})  # !! medium 23
    for pk in range(len(ids)):
        audit.get_item(Key={"id": ids[pk]})  # !! medium 25
    for pk in ids:
        parent = audit.get_item(Key={"id": pk})  # !! medium 27
        orders.get_item(Key={"pk": parent["Item"]["order"], "sk": "META"})
    return found
"##

    writes_behind_a_function_that_is_called_before_too r##"
from db import audit, orders

def mark(item):
    orders.put_item(Item=item)

def handler(event, context):
    mark({"pk": "run", "sk": "META"})
    for key in event["ids"]:
        item = audit.get_item(Key={"id": key}).get("Item")
        mark({"pk": key, "sk": "SEEN"})
"##

    reads_behind_functions r##"
from db import audit, orders

class Store:
    def __init__(self, table):
        self.table = table

    def find(self, pk):
        key = {"id": pk}
        return self.table.get_item(Key=key).get("Item")

def described(store, pk, kind):
    return {kind: store.find(pk)}

def handler(event, context):
    store = Store(audit)
    for pk in event["pks"]:
        store.find(pk=pk)  # !! medium 16 9
    for pk in event["pks"]:
        described(store, pk.lower(), "user")  # !! medium 18 9
"##

    reads_that_are_few_or_must_be_single r##"
import json
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from db import audit, dynamodb, orders

KINDS = load()

@lru_cache
def cached(pk):
    return audit.get_item(Key={"id": pk})

def single(pk):
    return audit.get_item(Key={"id": pk})

def parent_of(pk):
    return audit.get_item(Key={"id": pk})["Item"]["parent"]

def process(record):
    return audit.get_item(Key={"id": record["body"]})

def close(pk):
    if audit.get_item(Key={"id": pk})["Item"]["state"] == "open":
        audit.update_item(Key={"id": pk}, UpdateExpression="SET closed = :c", ExpressionAttributeValues={":c": 1})

def select(records):
    return [record for record in records if record["kind"]]

def handle_all(records):
    for record in records:
        process(record)

def handler(event, context):
    for attempt in range(3):
        audit.get_item(Key={"id": event["id"]})
    for attempt in event["attempts"]:
        audit.get_item(Key={"id": event["id"]})
    for kind in ("A", "B", "C"):
        audit.get_item(Key={"id": kind})
    for kind in KINDS:
        audit.get_item(Key={"id": kind})
    for shard in range(10):
        audit.get_item(Key={"id": f"{event['id']}#{shard}"})
    for record in event["Records"]:
        audit.get_item(Key={"id": record["id"]})
    handle_all(event["Records"])
    for kind, group in groupby(select(event["Records"]), key=itemgetter("kind")):
        audit.get_item(Key={"id": kind})
    bodies = [json.loads(record["body"]) for record in event["Records"]]
    for body in bodies:
        audit.get_item(Key={"id": body["id"]})
    for body in map(lambda r: json.loads(r["body"]), event["Records"]):
        audit.get_item(Key={"id": body["id"]})
    parsed = filter(None, (json.loads(r["body"]) for r in event["Records"]))
    for body in parsed:
        audit.get_item(Key={"id": body["id"]})
    gathered = []
    for record in event["Records"]:
        gathered.append(json.loads(record["body"]))
    for body in gathered:
        process(body)
    once = set()
    for record in event["Records"]:
        body = json.loads(record["body"])
        once.add(body["id"])
    for pk in once:
        audit.get_item(Key={"id": pk})
    groups = {}
    for record in event["Records"]:
        groups.setdefault(record["id"], []).append(record)
    for pk, group in groups.items():
        audit.get_item(Key={"id": pk})
    named = []
    for record in event["Records"]:
        named.extend(record["ids"])
    for pk in named:
        audit.get_item(Key={"id": pk})  # !! medium 76
    pk = event["id"]
    while pk:
        pk = audit.get_item(Key={"id": pk})["Item"].get("parent")
    for step in event["steps"]:
        pk = single(pk)["Item"][step]
    for step in event["steps"]:
        top = parent_of(step)  # !! medium 83 17
        audit.get_item(Key={"id": top})
    for pk in event["pks"]:
        cached(pk)
    for pk in event["pks"]:
        close(pk)
    for name in event["tables"]:
        dynamodb.Table(name).get_item(Key={"id": name})
    next((item for pk in event["pks"] if "Item" in (item := audit.get_item(Key={"id": pk}))), None)
    any("Item" in audit.get_item(Key={"id": pk}) for pk in event["pks"])
    for pk in audit.get_item(Key={"id": event["list"]})["Item"]["pks"]:
        print(pk)
    single(event["id"])
    for pk in event["pks"]:
        item = audit.get_item(Key={"id": pk}).get("Item")
        if item:
            break
    for pk in event["pks"]:
        if "Item" in single(pk):
            return pk
"##

    reads_at_once_or_until_enough r##"
import asyncio
import json
from db import audit, orders

async def fetch(pk):
    return audit.get_item(Key={"id": pk})

async def fetch_all(pks):
    await asyncio.gather(*(fetch(pk) for pk in pks))
    tasks = [asyncio.create_task(fetch(pk)) for pk in pks]
    async with asyncio.TaskGroup() as group:
        for pk in pks:
            group.create_task(fetch(pk))
    return tasks

class Kinds:
    def __init__(self):
        self.kinds = ("A", "B")

    def read(self):
        return [audit.get_item(Key={"id": kind}) for kind in self.kinds]

def bodies(event):
    return [json.loads(record["body"]) for record in event["Records"]]

def items(pks):
    for pk in pks:
        yield audit.get_item(Key={"id": pk}).get("Item")

def count(item):
    audit.put_item(Item=item)

def handler(event, context):
    asyncio.run(fetch_all(event["pks"]))
    Kinds().read()
    for body in bodies(event):
        audit.get_item(Key={"id": body["id"]})
    next(item for item in items(event["pks"]) if item)
    for pk in event["pks"]:
        if "Item" in audit.get_item(Key={"id": pk}):
            raise ValueError(pk)
    for pk in event["pks"]:
        if "Item" not in audit.get_item(Key={"id": pk}):  # !! medium 42
            raise ValueError(pk)
    for pk in event["pks"]:
        item = audit.get_item(Key={"id": pk})["Item"]
        audit.put_item(Item=item | {"seen": True})
    for pk in event["pks"]:
        count(audit.get_item(Key={"id": pk})["Item"])
    asyncio.run(fetch_each(event["pks"]))

async def fetch_each(pks):
    return [await fetch(pk) for pk in pks]  # !! medium 53 6
"##

    scripts_have_time r##"
from db import orders

def read(pk):
    return orders.get_item(Key={"pk": pk, "sk": "META"})

def handler(event, context):
    return read(event["id"])
=== tools/load.py
import json
import boto3

table = boto3.resource("dynamodb").Table("app-dev-orders")
with open("pks.json") as file:
    for pk in json.load(file):
        table.get_item(Key={"pk": pk, "sk": "META"})  # !! low 6
"##
}

/// Functions that call each other by many ways: each way followed by itself takes more steps than the search has, and nothing would
/// be said.
#[test]
fn each_call_is_looked_at_once() {
    let mut code = "from db import audit\n\ndef f0_0(pk):\n    return audit.get_item(Key={\"id\": pk})\n".to_owned();
    let calls =
        |layer: usize, width: usize| (0..width).map(|i| format!("    f{layer}_{i}(pk)\n")).collect::<Vec<_>>().concat();
    for layer in 1..=5 {
        for i in 0..8 {
            code.extend([format!("\ndef f{layer}_{i}(pk):\n"), calls(layer - 1, if layer == 1 { 1 } else { 8 })]);
        }
    }
    code += "\ndef handler(event, context):\n    for pk in event[\"pks\"]:\n        f5_0(pk)\n";
    let found = audited(&code, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        findings.iter().filter(|finding| finding.rule == "n-plus-one-get").map(|f| f.title.clone()).collect::<Vec<_>>()
    });
    assert_eq!(found, ["`handler` reads Audit once for each `pk`, through `f0_0`"]);
}
