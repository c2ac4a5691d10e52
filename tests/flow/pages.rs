//! What becomes of a response's further pages.

use crate::harness::cases;

cases! {
    while_on_membership_with_a_second_call r#"
from db import Key, orders

def handler(event, context):
    response = orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]))  # => Query Orders paginated @Api
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = orders.query(  # => Query Orders paginated @Api
            KeyConditionExpression=Key("pk").eq(event["pk"]), ExclusiveStartKey=response["LastEvaluatedKey"]
        )
        items.extend(response["Items"])
    return items
"#

    while_on_get r#"
from db import orders

def handler(event, context):
    response = orders.scan()  # => Scan Orders paginated @Api
    items = list(response.get("Items", []))
    while response.get("LastEvaluatedKey"):
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])  # => Scan Orders paginated @Api
        items += response.get("Items", [])
    return len(items)
"#

    while_true_with_mutated_arguments r#"
from db import Key, orders

def handler(event, context):
    kwargs = {"KeyConditionExpression": Key("pk").eq(event["pk"])}
    items = []
    while True:
        response = orders.query(**kwargs)  # => Query Orders paginated @Api
        items.extend(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
        kwargs["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return items
"#

    a_start_key_variable r#"
from db import orders

def handler(event, context):
    items, start = [], None
    done = False
    while not done:
        extra = {"ExclusiveStartKey": start} if start else {}
        response = orders.scan(FilterExpression="attribute_exists(gone)", **extra)  # => Scan Orders paginated @Api
        items += response["Items"]
        start = response.get("LastEvaluatedKey", None)
        done = start is None
    return items
"#

    a_walrus r#"
from db import orders

def handler(event, context):
    response = orders.scan()  # => Scan Orders paginated @Api
    items = response["Items"]
    while key := response.get("LastEvaluatedKey"):
        response = orders.scan(ExclusiveStartKey=key)  # => Scan Orders paginated @Api
        items.extend(response["Items"])
    return items
"#

    recursion r#"
from db import orders

def load(start=None):
    response = orders.scan(ExclusiveStartKey=start) if start else orders.scan()  # => Scan Orders paginated @Api; Scan Orders paginated @Api
    if "LastEvaluatedKey" in response:
        return response["Items"] + load(response["LastEvaluatedKey"])
    return response["Items"]

def handler(event, context):
    return load()
"#

    a_generator_of_pages r#"
from db import orders

def pages(**kwargs):
    while True:
        response = orders.scan(**kwargs)  # => Scan Orders paginated @Api
        yield response["Items"]
        start = response.get("LastEvaluatedKey")
        if not start:
            return
        kwargs["ExclusiveStartKey"] = start

def handler(event, context):
    return [item["pk"] for page in pages(ProjectionExpression="pk") for item in page]
"#

    a_helper_given_the_bound_method r#"
from db import Key, orders

def fetch_all(method, **kwargs):
    response = method(**kwargs)  # => Query Orders paginated @Api
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = method(**kwargs, ExclusiveStartKey=response["LastEvaluatedKey"])  # => Query Orders paginated @Api
        items.extend(response["Items"])
    return items

def handler(event, context):
    return fetch_all(orders.query, KeyConditionExpression=Key("pk").eq(event["pk"]))
"#

    a_helper_given_two_bound_methods r#"
from db import Key, audit, orders

def fetch_all(method, **kwargs):
    response = method(**kwargs)  # => Query Orders paginated @Api; Scan Audit paginated @Api
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = method(**kwargs, ExclusiveStartKey=response["LastEvaluatedKey"])  # => Query Orders paginated @Api; Scan Audit paginated @Api
        items.extend(response["Items"])
    return items

def handler(event, context):
    found = fetch_all(orders.query, KeyConditionExpression=Key("pk").eq(event["pk"]))
    return found + fetch_all(audit.scan)
"#

    three_branches_and_one_loop r#"
from db import Key, orders

def handler(event, context):
    kind = event["kind"]
    condition = Key("pk").eq(event["pk"])
    if kind == "recent":
        response = orders.query(KeyConditionExpression=condition & Key("sk").gt("2024"))  # => Query Orders paginated @Api
    elif kind == "open":
        response = orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("OPEN"))  # => Query Orders/by-status paginated @Api
    else:
        response = orders.query(KeyConditionExpression=condition)  # => Query Orders paginated @Api
    items = response["Items"]
    while response.get("LastEvaluatedKey"):
        response = orders.query(KeyConditionExpression=condition, ExclusiveStartKey=response["LastEvaluatedKey"])  # => Query Orders paginated @Api
        items.extend(response["Items"])
    return items
"#

    paginators r#"
import os
import boto3

client = boto3.client("dynamodb")
orders = os.environ["ORDERS_TABLE"]

def handler(event, context):
    paginator = client.get_paginator("query")
    items = []
    for page in paginator.paginate(TableName=orders, KeyConditionExpression="pk = :p"):  # => Query Orders paginated @Api
        items.extend(page["Items"])
    scans = client.get_paginator("scan").paginate(TableName=os.environ["AUDIT_TABLE"])  # => Scan Audit paginated @Api
    everything = client.get_paginator("scan").paginate(TableName=orders).build_full_result()  # => Scan Orders paginated @Api
    return items, [item for page in scans for item in page["Items"]], everything["Items"]
"#

    a_paginator_named_by_a_variable r#"
from db import orders

def pages(operation, **kwargs):
    client = orders.meta.client
    yield from client.get_paginator(operation).paginate(TableName=orders.name, **kwargs)  # => Scan Orders paginated @Api

def handler(event, context):
    return sum(page["Count"] for page in pages("scan", Select="COUNT"))
"#

    a_loop_that_drains r#"
from db import Key, orders

def handler(event, context):
    while True:
        items = orders.query(KeyConditionExpression=Key("pk").eq("queue"))["Items"]  # => Query Orders paginated @Api
        if not items:
            break
        for item in items:
            orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})  # => DeleteItem Orders @Api
"#

    counting_every_page r#"
from db import Key, orders

def handler(event, context):
    kwargs = {"KeyConditionExpression": Key("pk").eq(event["pk"]), "Select": "COUNT"}
    total = 0
    while True:
        response = orders.query(**kwargs)  # => Query Orders paginated @Api
        total += response["Count"]
        if not response.get("LastEvaluatedKey"):
            return total
        kwargs["ExclusiveStartKey"] = response["LastEvaluatedKey"]
"#

    searching_page_by_page r#"
from db import orders

def handler(event, context):
    kwargs = {}
    while True:
        response = orders.scan(**kwargs)  # => Scan Orders paginated @Api
        for item in response["Items"]:
            if item["code"] == event["code"]:
                return item
        if "LastEvaluatedKey" not in response:
            return None
        kwargs = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
"#

    one_extra_page_is_not_all r#"
from db import orders

def handler(event, context):
    response = orders.scan()  # => Scan Orders missing @Api
    items = response["Items"]
    if "LastEvaluatedKey" in response:
        more = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])  # => Scan Orders missing @Api
        items.extend(more["Items"])
    return items
"#

    a_cursor_in_the_answer r#"
import json
from db import Key, orders

def handler(event, context):
    kwargs = {"KeyConditionExpression": Key("pk").eq(event["pk"]), "Limit": 20}
    if event.get("next"):
        kwargs["ExclusiveStartKey"] = json.loads(event["next"])
    response = orders.query(**kwargs)  # => Query Orders cursor @Api
    following = None
    if "LastEvaluatedKey" in response:
        following = json.dumps(response["LastEvaluatedKey"])
    return {"items": response["Items"], "next": following}
"#

    a_cursor_in_a_serialised_body r#"
import json
from db import orders

def handler(event, context):
    response = orders.scan()  # => Scan Orders cursor @Api
    body = {"items": response["Items"], "next": response.get("LastEvaluatedKey")}
    return {"statusCode": 200, "body": json.dumps(body)}
"#

    a_cursor_in_base64 r#"
import base64
import json
from db import orders

def handler(event, context):
    response = orders.scan()  # => Scan Orders cursor @Api
    following = None
    if "LastEvaluatedKey" in response:
        following = base64.b64encode(json.dumps(response["LastEvaluatedKey"]).encode()).decode()
    return {"items": response["Items"], "next": following}
"#

    a_cursor_through_a_repository r#"
from dataclasses import dataclass
from db import orders

@dataclass
class Page:
    items: list
    cursor: dict | None

class Repository:
    def page(self, cursor=None):
        kwargs = {"ExclusiveStartKey": cursor} if cursor else {}
        response = orders.scan(Limit=50, **kwargs)  # => Scan Orders cursor @Api
        return Page(items=response["Items"], cursor=response.get("LastEvaluatedKey"))

def handler(event, context):
    page = Repository().page(event.get("cursor"))
    return {"items": page.items, "cursor": page.cursor}
"#

    the_whole_response_returned r#"
from db import Key, orders

def find(pk):
    return orders.query(KeyConditionExpression=Key("pk").eq(pk))  # => Query Orders cursor @Api

def handler(event, context):
    return find(event["pk"])
"#

    a_wrapper_whose_caller_loops r#"
from db import orders

class Gateway:
    def scan(self, **kwargs):
        return orders.scan(**kwargs)  # => Scan Orders paginated @Api

def handler(event, context):
    gateway, items, start = Gateway(), [], None
    while True:
        response = gateway.scan(ExclusiveStartKey=start) if start else gateway.scan()
        items.extend(response["Items"])
        start = response.get("LastEvaluatedKey")
        if not start:
            return items
"#

    a_wrapper_whose_caller_does_not r#"
from db import orders

class Gateway:
    def scan(self, **kwargs):
        return orders.scan(**kwargs)  # => Scan Orders missing @Api

def handler(event, context):
    return [item["pk"] for item in Gateway().scan()["Items"]]
"#

    a_wrapper_of_which_one_caller_loops r#"
from db import audit, orders

def scan(table, **kwargs):
    return table.scan(**kwargs)  # => Scan Orders|Audit missing @Api

def handler(event, context):
    response = scan(orders)
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = scan(orders, ExclusiveStartKey=response["LastEvaluatedKey"])
        items += response["Items"]
    return items, [item["id"] for item in scan(audit)["Items"]]
"#

    a_wrapper_of_which_one_caller_hands_the_key_on r#"
from db import audit, orders

class Gateway:
    def __init__(self, table):
        self.table = table

    def scan(self, **kwargs):
        return self.table.scan(**kwargs)  # => Scan Orders|Audit missing @Api

def listing(event):
    more = {"ExclusiveStartKey": event["after"]} if event.get("after") else {}
    page = Gateway(orders).scan(**more)
    return {"items": page["Items"], "after": page.get("LastEvaluatedKey")}

def handler(event, context):
    return listing(event), [item["id"] for item in Gateway(audit).scan()["Items"]]
"#

    a_wrapper_whose_other_caller_wants_only_some r#"
from db import audit, orders

def scan(table, **kwargs):
    return table.scan(**kwargs)  # => Scan Orders|Audit cursor @Api

def handler(event, context):
    page = scan(orders, ExclusiveStartKey=event["after"])
    return page["Items"], page.get("LastEvaluatedKey"), [item["id"] for item in scan(audit, Limit=10)["Items"]]
"#

    a_cursor_that_is_yielded r#"
from db import orders

def pages():
    response = orders.scan(Limit=100)  # => Scan Orders cursor @Api
    yield response["Items"], response.get("LastEvaluatedKey")

def handler(event, context):
    return list(pages())
"#

    a_cursor_made_of_the_last_item r#"
from db import Key, orders

def handler(event, context):
    kwargs = {"KeyConditionExpression": Key("pk").eq(event["pk"])}
    if event.get("after"):
        kwargs["ExclusiveStartKey"] = {"pk": event["pk"], "sk": event["after"]}
    items = orders.query(**kwargs)["Items"]  # => Query Orders cursor @Api
    return {"items": items, "after": items[-1]["sk"] if items else None}
"#

    a_use_that_cannot_be_told r#"
from db import orders
from somebody import consume

def handler(event, context):
    consume(orders.scan())  # => Scan Orders unknown @Api
"#
}
