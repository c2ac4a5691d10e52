//! Loops that read one item after the other: `# !! rule` ends the line that the finding points at.

use crate::harness::{audited, by_line, cases, notes};

fn check(project: &str) {
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == "n-plus-one-get");
        by_line(ours.map(|finding| {
            let related = finding.related.iter().map(|related| audit.place(related.span).1.to_string());
            let related: Vec<String> = related.collect();
            (audit.place(finding.span), format!("{} {}", finding.severity.as_str(), related.join(" ")))
        }))
    });
    assert_eq!(found, notes(project, "# !! "), "found (left), wanted (right)");
}

cases! {
    with check;

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
    pk = event["id"]
    while pk:
        pk = audit.get_item(Key={"id": pk})["Item"].get("parent")
    for step in event["steps"]:
        pk = single(pk)["Item"][step]
    for step in event["steps"]:
        top = parent_of(step)  # !! medium 57 17
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
