//! When one page is enough, and when it only looks so.

use crate::harness::cases;

cases! {
    the_first_page_as_if_it_were_all r#"
from db import Key, orders

def handler(event, context):
    response = orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]))  # => Query Orders missing @Api
    return [item["sk"] for item in response.get("Items", [])]
"#

    a_whole_primary_key r#"
from db import Key, orders

def handler(event, context):
    condition = Key("pk").eq(event["pk"]) & Key("sk").eq("ORDER")
    return orders.query(KeyConditionExpression=condition)["Items"]  # => Query Orders bounded @Api
"#

    a_whole_primary_key_as_a_string r##"
from db import audit, orders

def handler(event, context):
    values = {":p": event["pk"], ":s": "ORDER"}
    orders.query(  # => Query Orders bounded @Api
        KeyConditionExpression="#p = :p AND sk = :s",
        ExpressionAttributeNames={"#p": "pk"},
        ExpressionAttributeValues=values,
    )["Items"].sort()
    return audit.query(KeyConditionExpression="id = :p", ExpressionAttributeValues=values)["Items"]  # => Query Audit bounded @Api
"##

    a_whole_primary_key_of_any_table r#"
import boto3

def lookup(table, pk, sk):
    found = boto3.resource("dynamodb").Table(table).query(  # => Query ? bounded latent
        KeyConditionExpression="shop = :p AND number = :s",
        FilterExpression="open = :o",
        ExpressionAttributeValues={":p": pk, ":s": sk, ":o": True},
    )
    return found["Items"]

def lookup_by_status(table, status, created):
    found = boto3.resource("dynamodb").Table(table).query(  # => Query ?/by-status missing latent
        IndexName="by-status",
        KeyConditionExpression="status = :p AND created = :s",
        ExpressionAttributeValues={":p": status, ":s": created},
    )
    return found["Items"]

def handler(event, context):
    return None
"#

    a_query_without_a_key_reads_nothing r#"
from db import Key, orders

def handler(event, context):
    try:
        found = orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]))  # => Query Orders missing @Api
    except ModuleNotFoundError:
        found = orders.query()  # => Query Orders unknown @Api
    return found["Items"]
"#

    a_range_of_the_sort_key r#"
from db import Key, orders

def handler(event, context):
    condition = Key("pk").eq(event["pk"]) & Key("sk").begins_with("LINE#")
    return orders.query(KeyConditionExpression=condition)["Items"]  # => Query Orders missing @Api
"#

    a_condition_joined_from_strings r#"
from db import orders

def find(pk, since=None):
    parts = ["pk = :p"]
    values = {":p": pk}
    if since:
        parts.append("sk >= :s")
        values[":s"] = since
    return orders.query(  # => Query Orders missing @Api
        KeyConditionExpression=" AND ".join(parts), ExpressionAttributeValues=values
    )["Items"]

def handler(event, context):
    return find(event["pk"], event.get("since"))
"#

    keys_of_an_index_are_not_unique r#"
from db import Key, orders

def handler(event, context):
    condition = Key("status").eq("OPEN") & Key("created").eq(event["at"])
    return orders.query(IndexName="by-status", KeyConditionExpression=condition)["Items"]  # => Query Orders/by-status missing @Api
"#

    a_limit_that_is_always_given r#"
from db import Key, orders

def latest(pk, count=10):
    return orders.query(  # => Query Orders bounded @Api
        KeyConditionExpression=Key("pk").eq(pk), ScanIndexForward=False, Limit=count
    )["Items"]

def handler(event, context):
    return latest(event["pk"], event["count"])
"#

    a_limit_that_only_some_callers_give r#"
from db import Key, orders

def find(pk, limit=None):
    kwargs = {"KeyConditionExpression": Key("pk").eq(pk)}
    if limit:
        kwargs["Limit"] = limit
    return orders.query(**kwargs)["Items"]  # => Query Orders missing @Api

def handler(event, context):
    return find(event["pk"], event.get("limit"))
"#

    a_limit_before_a_filter r#"
from db import Attr, Key, orders

def handler(event, context):
    return orders.query(  # => Query Orders missing @Api
        KeyConditionExpression=Key("pk").eq(event["pk"]), FilterExpression=Attr("open").eq(True), Limit=5
    )["Items"]
"#

    an_existence_check r#"
from db import Key, orders

def exists(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # => Query Orders bounded @Api
    return len(response["Items"]) > 0

def handler(event, context):
    return {"found": exists(event["pk"])}
"#

    an_existence_check_with_a_filter r#"
from db import Attr, Key, orders

def exists(pk):
    response = orders.query(  # => Query Orders missing @Api
        KeyConditionExpression=Key("pk").eq(pk), FilterExpression=Attr("open").eq(True)
    )
    return bool(response["Items"])

def handler(event, context):
    return {"found": exists(event["pk"])}
"#

    the_first_item r#"
from db import Key, orders

def newest(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk), ScanIndexForward=False)["Items"]  # => Query Orders bounded @Api
    return items[0] if items else None

def handler(event, context):
    return newest(event["pk"])
"#

    the_first_item_of_a_filtered_query r#"
from db import Attr, Key, orders

def first_open(pk):
    items = orders.query(  # => Query Orders missing @Api
        KeyConditionExpression=Key("pk").eq(pk), FilterExpression=Attr("open").eq(True)
    ).get("Items", [])
    if not items:
        return None
    return items[0]

def handler(event, context):
    return first_open(event["pk"])
"#

    a_filter_that_is_only_sometimes_given r#"
from db import Attr, Key, orders

def first(pk, open_only):
    kwargs = {"KeyConditionExpression": Key("pk").eq(pk)}
    if open_only:
        kwargs["FilterExpression"] = Attr("open").eq(True)
    return next(iter(orders.query(**kwargs)["Items"]), None)  # => Query Orders missing @Api

def handler(event, context):
    return first(event["pk"], event.get("open"))
"#

    a_uniqueness_lookup_on_an_index r#"
from db import Key, orders

def handler(event, context):
    response = orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq(event["code"]), Limit=1)  # => Query Orders/by-status bounded @Api
    return response["Items"][0] if response["Items"] else None
"#

    a_count_of_one_page r#"
from db import Key, orders

def handler(event, context):
    return orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]), Select="COUNT")["Count"]  # => Query Orders missing @Api
"#

    a_number_of_items_of_one_page r#"
from db import orders

def handler(event, context):
    return {"orders": len(orders.scan()["Items"])}  # => Scan Orders missing @Api
"#

    items_handed_to_a_library r#"
import pandas
from db import orders

def handler(event, context):
    frame = pandas.DataFrame(orders.scan()["Items"])  # => Scan Orders missing @Api
    return frame.to_csv()
"#

    items_returned_to_a_caller_that_takes_the_first r#"
from db import Key, orders

def find(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # => Query Orders bounded @Api
    return response["Items"]

def handler(event, context):
    items = find(event["pk"])
    if not items:
        return None
    return items[0]
"#

    only_the_first_page_of_a_paginator r#"
import os
import boto3

def handler(event, context):
    pages = boto3.client("dynamodb").get_paginator("scan").paginate(TableName=os.environ["ORDERS_TABLE"])  # => Scan Orders missing @Api
    return next(iter(pages))["Items"]
"#

    the_key_read_only_to_be_logged r#"
from db import orders

def handler(event, context):
    response = orders.scan()  # => Scan Orders missing @Api
    if "LastEvaluatedKey" in response:
        print("there is more")
    return response["Items"]
"#

    items_that_a_script_prints r#"
def handler(event, context):
    return None
=== tools/show.py
import boto3

print(boto3.resource("dynamodb").Table("app-dev-orders").scan()["Items"])  # => Scan Orders missing @tools/show.py
"#

    a_condition_grown_by_an_operator r##"
from db import orders

def find(pk, until=None):
    condition, values = "pk = :p", {":p": pk}
    if until:
        condition += " AND sk <= :u"
        values[":u"] = until
    return orders.query(KeyConditionExpression=condition, ExpressionAttributeValues=values)["Items"]  # => Query Orders missing @Api

def handler(event, context):
    return find(event["pk"], event.get("until"))
"##

    a_limit_that_is_put_in_later r#"
from db import Key, orders

def arguments():
    return {"KeyConditionExpression": Key("pk").eq("a")}

def handler(event, context):
    by_name = {"KeyConditionExpression": Key("pk").eq("a")}
    by_name.update(Limit=10)
    first = orders.query(**by_name)["Items"]  # => Query Orders bounded @Api
    by_default = {"KeyConditionExpression": Key("pk").eq("a")}
    by_default.setdefault("Limit", 10)
    second = orders.query(**by_default)["Items"]  # => Query Orders bounded @Api
    sometimes = {"KeyConditionExpression": Key("pk").eq("a")}
    if event:
        sometimes.update(Limit=10)
    third = orders.query(**sometimes)["Items"]  # => Query Orders missing @Api
    cleared = {"KeyConditionExpression": Key("pk").eq("a"), "Limit": 10}
    cleared.clear()
    cleared.update(arguments())
    fourth = orders.query(**cleared)["Items"]  # => Query Orders missing @Api
    return first, second, third, fourth
"#

    a_key_that_is_handed_on_only_where_there_is_none r#"
from db import Key, orders

def falsy(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # => Query Orders missing @Api
    key = response.get("LastEvaluatedKey")
    if not key:
        return {"items": response["Items"], "next": key}
    return {"items": response["Items"]}

def none():
    response = orders.scan()  # => Scan Orders missing @Api
    key = response.get("LastEvaluatedKey")
    if key is None:
        return {"items": response["Items"], "next": key}
    return {"items": response["Items"]}

def either():
    response = orders.scan()  # => Scan Orders cursor @Api
    key = response.get("LastEvaluatedKey")
    if key:
        print("more")
    return {"items": response["Items"], "next": key}

def handler(event, context):
    return falsy(event["pk"]), none(), either()
"#

    so_many_from_the_front r##"
from itertools import islice
from db import Key, audit, orders

def by_constant(pk):
    found = orders.query(KeyConditionExpression=Key("pk").eq(pk), ScanIndexForward=False)  # => Query Orders bounded @Api
    latest = found.get("Items", [])[:25]
    return [order["sk"] for order in latest] if latest else []

def by_parameter(pk, limit=10):
    return orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"][:limit]  # => Query Orders bounded @Api

def by_iterator():
    return list(islice(audit.scan()["Items"], 25))  # => Scan Audit bounded @Api

def sorted_before():
    found = sorted(audit.scan()["Items"], key=lambda entry: entry["at"])  # => Scan Audit missing @Api
    return found[:25]

def first_of_sorted():
    return sorted(audit.scan()["Items"], key=lambda entry: entry["at"])[0]  # => Scan Audit missing @Api

def turned_in_place():
    found = audit.scan()["Items"]  # => Scan Audit missing @Api
    found.sort(key=lambda entry: entry["at"])
    return found[:25]

def of_the_filtered():
    return audit.scan(FilterExpression="attribute_exists(gone)")["Items"][:25]  # => Scan Audit missing @Api

def perhaps_all(limit=None):
    return audit.scan()["Items"][:limit]  # => Scan Audit missing @Api

def from_the_end():
    return audit.scan()["Items"][-25:], audit.scan()["Items"][:-1]  # => Scan Audit missing @Api; Scan Audit missing @Api

def a_page_of_them(offset):
    return audit.scan()["Items"][offset:offset + 25]  # => Scan Audit missing @Api

def more_than_a_page_holds():
    return audit.scan()["Items"][:100000]  # => Scan Audit missing @Api

def the_last_ones():
    return audit.scan()["Items"][::-1][:5]  # => Scan Audit missing @Api

def by_and_by():
    found = audit.scan()["Items"]  # => Scan Audit missing @Api
    while found:
        send(found[:25])
        found = found[25:]

def send(entries):
    print([entry["id"] for entry in entries])

def counted_too():
    found = audit.scan()["Items"]  # => Scan Audit missing @Api
    return {"total": len(found), "first": found[:25]}

def looked_through_too():
    found = audit.scan()["Items"]  # => Scan Audit missing @Api
    return {"open": [entry for entry in found if entry["open"]], "first": found[:25]}

def handler(event, context):
    yield by_constant(event["pk"])
    yield by_parameter(event["pk"], int(event["limit"]))
    yield by_iterator()
    yield sorted_before(), first_of_sorted(), turned_in_place()
    yield of_the_filtered(), perhaps_all(), from_the_end()
    yield more_than_a_page_holds(), the_last_ones(), by_and_by()
    yield a_page_of_them(event["offset"]), counted_too(), looked_through_too()
"##

    a_number_of_items_is_told_by_what_is_made_of_it r##"
import json
from db import audit

def success(body):
    return {"statusCode": 200, "body": json.dumps(body)}

def in_text():
    return {"body": str(len(audit.scan().get("Items", [])))}  # => Scan Audit missing @Api

def in_a_dict():
    items = audit.scan().get("Items", [])  # => Scan Audit missing @Api
    return success({"total": len(items)})

def whether_any():
    items = audit.scan().get("Items", [])  # => Scan Audit bounded @Api
    return success({"any": len(items) > 0})

def handler(event, context):
    return in_text(), in_a_dict(), whether_any()
"##
}
