//! Items that are read and put back as a whole: `# !! severity line` ends the line of the put, with the line of the read.

use crate::harness::{cases, check_findings, severity_and_lines};

fn check(project: &str) {
    check_findings(project, &["read-modify-write"], severity_and_lines);
}

cases! {
    with check;

    items_that_are_put_back r##"
import copy
from db import audit, orders

def load(pk):
    response = audit.get_item(Key={"id": pk})
    return response.get("Item")

def save(item):
    audit.put_item(Item=item)  # !! medium 5

def handler(event, context):
    item = audit.get_item(Key={"id": event["id"]})["Item"]
    item["count"] += 1
    audit.put_item(Item=item)  # !! medium 12
    found = audit.get_item(Key={"id": event["id"]}).get("Item", {})
    audit.put_item(Item={**found, "state": "done"})  # !! medium 15
    old = audit.get_item(Key={"id": event["id"]})
    new = copy.deepcopy(old["Item"])
    new.update({"state": "done"})
    audit.put_item(Item=new)  # !! medium 17
    kept = load(event["id"])
    kept["seen"] = event["time"]
    save(kept)
    other = dict(orders.get_item(Key={"pk": "A", "sk": "B"})["Item"])
    other["lines"].append(event["line"])
    with orders.batch_writer() as batch:
        batch.put_item(Item=other)  # !! medium 24
"##

    items_made_anew_of_what_was_read r##"
from db import audit, orders

def handler(event, context):
    pk = event["id"]
    found = audit.get_item(Key={"id": pk}).get("Item", {})
    count = int(found.get("count", 0)) + 1
    audit.put_item(Item={"id": pk, "count": count})  # !! medium 5
    response = orders.get_item(Key={"pk": f"A#{pk}", "sk": "META"})
    lines = response["Item"]["lines"]
    lines.append(event["line"])
    item = {"pk": f"A#{pk}", "sk": "META", "lines": lines}
    orders.put_item(Item=item)  # !! medium 8
"##

    items_made_anew_elsewhere r##"
from db import Attr, audit, orders

def handler(event, context):
    pk = event["id"]
    found = audit.get_item(Key={"id": pk}).get("Item", {})
    audit.put_item(Item={"id": pk, "count": 1})
    audit.put_item(Item={"id": event["other"], "count": found["count"]})
    audit.put_item(Item={"id": pk, "count": found["count"]}, ConditionExpression=Attr("id").not_exists())
    audit.put_item(Item={"id": pk, "count": found["count"]}, **event["more"])
    orders.put_item(Item={"pk": pk, "sk": "A", "id": pk, "count": found["count"]})
    order = orders.get_item(Key={"pk": pk, "sk": "META"})["Item"]
    orders.put_item(Item={"pk": pk, "sk": "LOG", "total": order["total"]})
    session = audit.get_item(Key={"id": pk}).get("Item")
    if session:
        number = session["number"]
    else:
        number = event["number"]
        audit.put_item(Item={"id": pk, "number": number})
    other = event["id"]
    before = audit.get_item(Key={"id": other})["Item"]
    other = event["next"]
    audit.put_item(Item={"id": other, "count": before["count"]})
"##

    items_that_are_made_where_there_were_none r##"
from db import audit

def handler(event, context):
    response = audit.get_item(Key={"id": event["id"]})
    item = response.get("Item") or {"id": event["id"]}
    if "Item" not in response:
        audit.put_item(Item=item)
    found = audit.get_item(Key={"id": event["id"]}).get("Item")
    other = dict(found) if found else {"id": event["id"]}
    if found:
        print(found)
    elif event["create"]:
        audit.put_item(Item=other)
    if found is None:
        audit.put_item(Item=other)
    if not event["dry"]:
        audit.put_item(Item=other)  # !! medium 8
    count = audit.get_item(Key={"id": event["id"]})["Item"]
    if not count["n"]:
        audit.put_item(Item=count)  # !! medium 18
    given: dict = audit.get_item(Key={"id": event["id"]}).get("Item")
    made = dict(given) if given else {"id": event["id"]}
    if not given:
        audit.put_item(Item=made)
"##

    puts_that_lose_nothing r##"
import json
from db import Attr, audit, dynamodb, orders

def handler(event, context):
    item = audit.get_item(Key={"id": event["id"]})["Item"]
    version = item["version"]
    item["version"] += 1
    audit.put_item(Item=item, ConditionExpression=Attr("version").eq(version))
    options = {"Item": item, **event["options"]}
    audit.put_item(**options)
    dynamodb.meta.client.transact_write_items(TransactItems=[{"Put": {"TableName": audit.name, "Item": item}}])
    audit.update_item(Key={"id": event["id"]}, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": item})
    audit.put_item(Item={"id": "B", "from": item["id"], "body": item["body"]})
    audit.put_item(Item=json.loads(item["snapshot"]))
    audit.put_item(Item=item["draft"])
    orders.put_item(Item=item)
    moved = audit.get_item(Key={"id": event["old"]})["Item"]
    moved["id"] = event["new"]
    audit.put_item(Item=moved)
    copied = audit.get_item(Key={"id": event["old"]})["Item"]
    audit.put_item(Item={**copied, "id": event["new"]})
    renamed = audit.get_item(Key={"id": event["old"]})["Item"]
    renamed.update(id=event["new"])
    audit.put_item(Item=renamed)
    order = orders.get_item(Key={"pk": event["pk"], "sk": "META"})["Item"]
    for part in ("pk", "sk"):
        order[part] = "v2#" + order[part]
    orders.put_item(Item=order)
    if "Item" not in audit.get_item(Key={"id": event["id"]}):
        audit.put_item(Item={"id": event["id"], "count": 0})
    fetched = orders.get_item(Key={"pk": "A", "sk": "B"})
    cache = {}
    cache[event["id"]] = fetched["Item"]
    orders.put_item(Item=cache)
"##
}

/// Where more may have been stored than is known by name, the item may be put under another key.
#[test]
fn how_sure_it_is() {
    let project = r##"
from db import audit
from somewhere import enrich

def handler(event, context):
    a = audit.get_item(Key={"id": "A"})["Item"]
    a["count"] += 1
    audit.put_item(Item=a)  # !! certain
    b = audit.get_item(Key={"id": "B"})["Item"]
    b[event["name"]] = 1
    audit.put_item(Item=b)  # !! likely
    c = audit.get_item(Key={"id": "C"})["Item"]
    c.update(event["changes"])
    audit.put_item(Item=c)  # !! likely
    d = audit.get_item(Key={"id": "D"})["Item"]
    audit.put_item(Item={**d, **event["changes"]})  # !! likely
    e = audit.get_item(Key={"id": "E"})["Item"]
    enrich(e)
    audit.put_item(Item=e)  # !! likely
    f = audit.get_item(Key={"id": "F"})["Item"]
    f.update({"state": "done"}, seen=event["time"])
    audit.put_item(Item={**f, "by": "me"})  # !! certain
"##;
    check_findings(project, &["read-modify-write"], |_, finding| finding.confidence.as_str().to_owned());
}
