//! What is known of the keys of indexes and the times to live that code writes: `# <- status = OPEN` ends the line that
//! names the attribute.

use crate::harness::{audited, by_line, cases, notes};
use std::collections::BTreeSet;

fn check(project: &str) {
    let found = audited(project, |audit| {
        let keys = audit.facts.tables.iter().flat_map(|table| &table.indexes).flat_map(|index| &index.key_writes);
        let sites = keys.chain(audit.facts.tables.iter().flat_map(|table| &table.ttl_writes));
        let lines = sites.map(|site| (audit.place(site.span), format!("{} = {}", site.attribute, site.value)));
        by_line(lines.collect::<BTreeSet<_>>())
    });
    assert_eq!(found, notes(project, "# <- "), "found (left), wanted (right)");
}

cases! {
    with check;

    literals_and_patterns r##"
from db import orders

def handler(event, context):
    order_id = event["id"]
    orders.put_item(
        Item={
            "pk": f"ORDER#{order_id}",
            "sk": "ORDER",
            "status": "OPEN",  # <- status = OPEN
            "created": "DAY#" + event["day"],  # <- created = DAY#{day}
        }
    )
"##

    built_by_a_method_in_another_file r##"
from db import orders
from schema import Order

def handler(event, context):
    order = Order(event["id"], "OPEN")
    orders.put_item(Item=order.to_item())
=== src/schema.py
class Order:
    def __init__(self, order_id, status):
        self.order_id = order_id
        self.status = status

    def to_item(self):
        item = {"pk": f"ORDER#{self.order_id}", "sk": "ORDER"}
        item["status"] = f"STATUS#{self.status}"  # <- status = STATUS#OPEN
        item.update(self.keys())
        return item

    def keys(self):
        return {"created": f"ORDER#{self.order_id}"}  # <- created = ORDER#{order_id}
"##

    an_update_expression_with_placeholders r##"
from db import orders

def handler(event, context):
    names = {"#s": "status", "#c": "created"}
    orders.update_item(
        Key={"pk": "a", "sk": "b"},
        UpdateExpression="SET #s = :s, #c = :c, note = :n REMOVE gone",  # <- created = DAY#1; status = CLOSED
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={":s": "CLOSED", ":c": "DAY#1", ":n": "x"},
    )
"##

    spread_from_a_helper r##"
from db import orders

def keys(kind):
    return {"status": f"KIND#{kind}", "created": "2024"}  # <- created = 2024; status = KIND#order

def handler(event, context):
    with orders.batch_writer() as batch:
        batch.put_item(Item={"pk": "a", "sk": "b", **keys("order")})
"##

    a_transaction_and_the_clients_types r#"
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    item = {"pk": {"S": "a"}, "sk": {"S": "b"}, "status": {"S": "NEW"}}  # <- status = NEW
    client.transact_write_items(TransactItems=[{"Put": {"TableName": os.environ["ORDERS_TABLE"], "Item": item}}])
"#

    attributes_of_the_same_name_elsewhere r#"
from db import audit, orders

def handler(event, context):
    audit.put_item(Item={"id": "a", "status": "OPEN"})
    orders.delete_item(Key={"pk": "a", "sk": "b"})
    orders.get_item(Key={"pk": "status", "sk": "created"})
"#

    a_time_to_live_spread_from_a_helper r#"
import time
from db import audit

def expiry(days):
    return {"ttl": int(time.time()) + days * 86400}  # <- ttl = {known only at run time}

def handler(event, context):
    with audit.batch_writer() as batch:
        for item in event["items"]:
            batch.put_item(Item={"id": item["id"], **expiry(30)})
"#

    serialised_items r#"
import os
import boto3
from boto3.dynamodb.types import TypeSerializer

client = boto3.client("dynamodb")
serializer = TypeSerializer()

def handler(event, context):
    item = {"pk": event["id"], "sk": "ORDER", "status": "OPEN"}  # <- status = OPEN
    typed = {name: serializer.serialize(value) for name, value in item.items()}
    client.put_item(TableName=os.environ["ORDERS_TABLE"], Item=typed)
"#

    a_dataclass_as_an_item r#"
from dataclasses import asdict, dataclass
from db import orders

@dataclass
class Order:
    pk: str
    sk: str
    status: str

def handler(event, context):
    order = Order(pk=event["id"], sk="ORDER", status="OPEN")  # <- status = OPEN
    orders.put_item(Item=asdict(order))
"#

    only_what_holds_something r#"
from db import orders

def handler(event, context):
    item = {"pk": event["id"], "sk": "ORDER", "status": "OPEN", "created": event.get("day")}  # <- created = {known only at run time}; status = OPEN
    orders.put_item(Item={name: value for name, value in item.items() if value is not None})
"#

    a_model_as_an_item r#"
from pydantic import BaseModel
from db import orders

class Order(BaseModel):
    pk: str
    sk: str = "ORDER"
    status: str

def handler(event, context):
    order = Order(pk=event["id"], status="OPEN")  # <- status = OPEN
    orders.put_item(Item=order.model_dump(mode="json"))
"#

    a_pynamodb_model r#"
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

class Order(Model):
    class Meta:
        table_name = "app-dev-orders"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    state = UnicodeAttribute(attr_name="status")
    created = UnicodeAttribute()

def handler(event, context):
    order = Order("a", "b", state="OPEN")  # <- status = OPEN
    order.save()
    order.update(actions=[Order.created.set("2024")])  # <- created = 2024
"#

    rebuilt_entry_by_entry_by_what_serves_all_dicts r##"
from decimal import Decimal
from db import audit, orders

def plain(value):
    if isinstance(value, float):
        return Decimal(str(value))
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value

class Store:
    def __init__(self, table):
        self.table = table

    def put(self, item, condition=None):
        kwargs = {"Item": plain(item)}
        if condition:
            kwargs["ConditionExpression"] = condition
        self.table.put_item(**kwargs)

    def find(self, values):
        return self.table.query(KeyConditionExpression="pk = :pk", ExpressionAttributeValues=plain(values))["Items"]

    def change(self, key, values):
        self.table.update_item(Key=key, UpdateExpression="SET n = :n", ExpressionAttributeValues=plain(values))

def handler(event, context):
    store, notes = Store(orders), Store(audit)
    found = store.find({":pk": "ORDER", ":never": event["never"]})
    store.change({"pk": "a", "sk": "b"}, {":n": 1.5, ":m": {"a": 1, "b": 2, "c": 3}})
    notes.put({"id": "n", "text": event["text"], "by": "me", "found": len(found), "more": {"x": 1}})
    store.put(
        {
            "pk": "ORDER",
            "sk": event["id"],
            "status": "OPEN",  # <- status = OPEN
            "created": f"DAY#{event['day']}",  # <- created = DAY#{day}
            "count": 0,
            "weight": event["weight"] / 2,
            "lines": [{"name": line} for line in event["lines"]],
        }
    )
"##
}
