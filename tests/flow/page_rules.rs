//! Rules that look at what becomes of pages: `# !! rule` ends the first line of the call. What has no such comment must not
//! be found.

use crate::harness::{audited, cases, check_findings};

/// The rules under test.
const RULES: &[&str] =
    &["batch-unprocessed-ignored", "broken-pagination", "count-first-page", "filter-with-limit", "missing-pagination"];

fn check(project: &str) {
    check_findings(project, RULES, |_, finding| finding.rule.to_owned());
}

cases! {
    with check;

    one_more_page r#"
from db import Key, orders

def apart(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    items = response["Items"]
    if "LastEvaluatedKey" in response:
        key = response["LastEvaluatedKey"]
        more = orders.query(KeyConditionExpression=Key("pk").eq(pk), ExclusiveStartKey=key)  # !! broken-pagination
        items.extend(more["Items"])
    return [item["sk"] for item in items]

def in_one_variable():
    response = orders.scan()
    items = response["Items"]
    key = response.get("LastEvaluatedKey")
    if key:
        response = orders.scan(ExclusiveStartKey=key)  # !! broken-pagination
        items += response["Items"]
    return len(items)

def handler(event, context):
    return apart(event["pk"]), in_one_variable()
"#

    one_more_page_may_be_meant r#"
from db import orders

def up_to_two():
    response = orders.scan(Limit=50)  # !! missing-pagination
    items = response["Items"]
    if "LastEvaluatedKey" in response:
        more = orders.scan(Limit=50, ExclusiveStartKey=response["LastEvaluatedKey"])  # !! missing-pagination
        items.extend(more["Items"])
    return [item["pk"] for item in items]

def says_so():
    response = orders.scan()  # !! missing-pagination
    items = response["Items"]
    if "LastEvaluatedKey" in response:
        more = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])  # !! missing-pagination
        items.extend(more["Items"])
        if "LastEvaluatedKey" in more:
            print("there is more")
    return [item["pk"] for item in items]

def hands_it_on(event):
    response = orders.scan()
    if not response["Items"] and "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])
    return response

def handler(event, context):
    return up_to_two(), says_so(), hands_it_on(event)
"#

    the_same_page_again r#"
from db import Key, orders

def the_first(pk):
    items = []
    while True:
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! broken-pagination
        items.extend(response["Items"])
        if not response.get("LastEvaluatedKey"):
            break
    return [item["sk"] for item in items]

def by_a_flag():
    items, more = [], True
    while more:
        response = orders.scan(FilterExpression="attribute_exists(gone)")  # !! broken-pagination
        items += response["Items"]
        more = "LastEvaluatedKey" in response
    return len(items)

def the_second():
    response = orders.scan()
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        page = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])  # !! broken-pagination
        items.extend(page["Items"])
    return len(items)

def by_kept_arguments():
    query = {"KeyConditionExpression": Key("pk").eq("A")}
    response = orders.query(**query)
    items = response["Items"]
    while response.get("LastEvaluatedKey"):
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
        page = orders.query(**query)  # !! broken-pagination
        items.extend(page["Items"])
    return len(items)

def handler(event, context):
    return the_first(event["pk"]), by_a_flag(), the_second(), by_kept_arguments()
"#

    a_loop_that_takes_away_what_it_reads r#"
from db import Key, orders

def remove(items):
    with orders.batch_writer() as batch:
        for item in items:
            batch.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})

def handler(event, context):
    while True:
        response = orders.query(KeyConditionExpression=Key("pk").eq("queue"))
        remove(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
"#

    a_loop_over_other_things r#"
from db import Key, orders

def handler(event, context):
    names, found = list(event["names"]), []
    while names:
        name = names.pop()
        response = orders.query(KeyConditionExpression=Key("pk").eq(name))  # !! missing-pagination
        found.extend(response["Items"])
        if "LastEvaluatedKey" in response:
            print("more of", name)
    return len(found)
"#

    the_last_page_only r#"
from db import Key, orders

def in_a_variable(pk):
    query, items = {"KeyConditionExpression": Key("pk").eq(pk)}, []
    while True:
        response = orders.query(**query)  # !! broken-pagination
        items = response["Items"]
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return [item["sk"] for item in items]

def in_the_response():
    response = orders.scan()
    while "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])  # !! broken-pagination
    return len(response["Items"])

def returned():
    start = {}
    while True:
        response = orders.scan(**start)  # !! broken-pagination
        items = response.get("Items", [])
        key = response.get("LastEvaluatedKey")
        if key is None:
            return sum(item["amount"] for item in items)
        start = {"ExclusiveStartKey": key}

def handler(event, context):
    return in_a_variable(event["pk"]), in_the_response(), returned()
"#

    pages_that_are_taken_up r#"
from db import Key, orders

def by_yield():
    start = {}
    while True:
        response = orders.scan(**start)
        items = response["Items"]
        yield items
        if "LastEvaluatedKey" not in response:
            return
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

def by_callback(take):
    response = orders.scan()
    take(response["Items"])
    while "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])
        items = response["Items"]
        take(items)
    return items

def extend(into, items):
    into.extend(items)

def elsewhere():
    start, found = {}, []
    while True:
        response = orders.scan(**start)
        items = response["Items"]
        extend(found, items)
        if not response.get("LastEvaluatedKey"):
            return len(found), items
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

def counted():
    start, count = {}, 0
    while True:
        response = orders.scan(**start)
        items = response["Items"]
        count += len(items)
        if not response.get("LastEvaluatedKey"):
            return count, items
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

def searched(code):
    start = {}
    while True:
        response = orders.scan(**start)
        items = [item for item in response["Items"] if item["code"] == code]
        if items or "LastEvaluatedKey" not in response:
            break
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
    return items

def added():
    items, start = [], {}
    while True:
        response = orders.scan(**start)
        items = items + response["Items"]
        if "LastEvaluatedKey" not in response:
            return items
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}

def handler(event, context):
    taken = []
    by_callback(taken.extend)
    return [list(page) for page in by_yield()], elsewhere(), counted(), searched(event["code"]), added(), taken
"#

    the_last_page_may_be_meant r#"
from db import Key, orders

def the_newest(pk):
    query = {"KeyConditionExpression": Key("pk").eq(pk)}
    while True:
        response = orders.query(**query)
        items = response["Items"]
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return items[-1]

def page_of(number):
    query = {"KeyConditionExpression": Key("pk").eq("A")}
    while number > 0:
        response = orders.query(**query)
        items = response["Items"]
        number -= 1
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return [item["sk"] for item in items]

def the_last_by_limit():
    response = orders.scan(Limit=25)
    while "LastEvaluatedKey" in response:
        response = orders.scan(Limit=25, ExclusiveStartKey=response["LastEvaluatedKey"])
    return [item["pk"] for item in response["Items"]]

def handler(event, context):
    return the_newest(event["pk"]), page_of(event["page"]), the_last_by_limit()
"#

    pages_that_inner_functions_see r#"
from db import orders

def collected():
    out, start = [], {}
    def flush():
        out.extend(items)
    while True:
        response = orders.scan(**start)
        items = response["Items"]
        flush()
        key = response.get("LastEvaluatedKey")
        if key is None:
            break
        start = {"ExclusiveStartKey": key}
    return len(out), len(items)

def handler(event, context):
    return collected()
"#

    the_last_item_is_wanted r#"
from db import Key, orders

def popped(pk):
    query, items = {"KeyConditionExpression": Key("pk").eq(pk)}, []
    while True:
        response = orders.query(**query)
        items = response["Items"]
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return items.pop()

def turned(pk):
    query, items = {"KeyConditionExpression": Key("pk").eq(pk)}, []
    while True:
        response = orders.query(**query)
        items = response["Items"]
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return next(reversed(items))

def latest(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    while "LastEvaluatedKey" in response:
        start = response["LastEvaluatedKey"]
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk), ExclusiveStartKey=start)
    return max(response["Items"], key=lambda item: item["sk"])

def unpacked(pk):
    query, items = {"KeyConditionExpression": Key("pk").eq(pk)}, []
    while True:
        response = orders.query(**query)
        items = response["Items"]
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    if items:
        *_, last = items
        return last

def unpacked_at_once(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    while "LastEvaluatedKey" in response:
        start = response["LastEvaluatedKey"]
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk), ExclusiveStartKey=start)
    [*_, last] = response["Items"]
    return last

def unpacked_from_a_list(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    while "LastEvaluatedKey" in response:
        start = response["LastEvaluatedKey"]
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk), ExclusiveStartKey=start)
    (*_, last), count = response["Items"], 1
    return last, count

def handler(event, context):
    pk = event["pk"]
    return popped(pk), turned(pk), latest(pk), unpacked(pk), unpacked_at_once(pk), unpacked_from_a_list(pk)
"#

    a_continuation_that_asks_for_something_else r#"
from db import Attr, Key, audit, orders

def without_its_filter():
    response = orders.scan(FilterExpression=Attr("gone").not_exists())
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])  # !! broken-pagination
        items.extend(response["Items"])
    return len(items)

def without_its_index(status):
    condition = Key("status").eq(status)
    response = orders.query(IndexName="by-status", KeyConditionExpression=condition)
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        start = response["LastEvaluatedKey"]
        response = orders.query(KeyConditionExpression=condition, ExclusiveStartKey=start)  # !! broken-pagination
        items.extend(response["Items"])
    return len(items)

def without_its_condition(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk) & Key("sk").begins_with("ORDER#"))
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = orders.query(ExclusiveStartKey=response["LastEvaluatedKey"])  # !! broken-pagination
        items.extend(response["Items"])
    return len(items)

def without_its_range(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk) & Key("sk").begins_with("ORDER#"))
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        start = response["LastEvaluatedKey"]
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk), ExclusiveStartKey=start)  # !! broken-pagination
        items.extend(response["Items"])
    return len(items)

def on_another_table():
    start, items = {}, []
    while True:
        response = orders.scan(**start)  # !! broken-pagination
        items.extend(response["Items"])
        others = audit.scan()
        items.extend(others["Items"])
        if "LastEvaluatedKey" not in others:
            return len(items)
        start = {"ExclusiveStartKey": others["LastEvaluatedKey"]}

def handler(event, context):
    return (
        without_its_filter(), without_its_index(event["status"]), without_its_condition(event["pk"]),
        without_its_range(event["pk"]), on_another_table(),
    )
"#

    a_continuation_that_asks_for_the_same r#"
from db import Attr, Key, orders

def by_branches(gone):
    if gone:
        response = orders.scan(FilterExpression=Attr("gone").exists())
    else:
        response = orders.scan()
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        start = response["LastEvaluatedKey"]
        if gone:
            response = orders.scan(FilterExpression=Attr("gone").exists(), ExclusiveStartKey=start)
        else:
            response = orders.scan(ExclusiveStartKey=start)
        items.extend(response["Items"])
    return len(items)

def by_arguments(gone):
    request = {}
    if gone:
        request["FilterExpression"] = Attr("gone").exists()
    response = orders.scan(**request)
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = orders.scan(**request, ExclusiveStartKey=response["LastEvaluatedKey"])
        items.extend(response["Items"])
    return len(items)

def one_after_the_other():
    items, start = [], {}
    while True:
        response = orders.scan(FilterExpression=Attr("gone").exists(), **start)
        items.extend(response["Items"])
        key = response.get("LastEvaluatedKey")
        if not key:
            break
        start = {"ExclusiveStartKey": key}
    while True:
        response = orders.scan(ExclusiveStartKey=key) if key else orders.scan()
        items.extend(response["Items"])
        key = response.get("LastEvaluatedKey")
        if not key:
            break
    return len(items)

def by_what_the_caller_wants(since=None):
    if since:
        response = orders.query(KeyConditionExpression=Key("pk").eq("A") & Key("sk").gt(since))
    else:
        response = orders.query(KeyConditionExpression=Key("pk").eq("A"))
    items = response["Items"]
    while response.get("LastEvaluatedKey"):
        request = {"KeyConditionExpression": Key("pk").eq("A"), "ExclusiveStartKey": response["LastEvaluatedKey"]}
        if since:
            request["KeyConditionExpression"] = Key("pk").eq("A") & Key("sk").gt(since)
        response = orders.query(**request)
        items.extend(response["Items"])
    return len(items)

def narrower(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    items = response["Items"]
    condition = Key("pk").eq(pk)
    while "LastEvaluatedKey" in response:
        start = response["LastEvaluatedKey"]
        response = orders.query(KeyConditionExpression=condition, ExclusiveStartKey=start, ConsistentRead=True)
        items.extend(response["Items"])
    return len(items)

def handler(event, context):
    by_what_the_caller_wants()
    return by_branches(event["gone"]), by_arguments(event["gone"]), one_after_the_other(), narrower(event["pk"])
"#

    pages_in_other_hands r#"
from db import orders

def load(start=None):
    response = orders.scan(ExclusiveStartKey=start) if start else orders.scan()
    items = response["Items"]
    if response.get("LastEvaluatedKey"):
        items = items + load(response["LastEvaluatedKey"])
    return items

class Reader:
    def __init__(self):
        self.key = None

    def first(self):
        response = orders.scan()
        self.key = response.get("LastEvaluatedKey")
        return response["Items"]

    def next(self):
        response = orders.scan(ExclusiveStartKey=self.key)
        self.key = response.get("LastEvaluatedKey")
        return response["Items"]

def handler(event, context):
    reader = Reader()
    items = reader.first()
    while reader.key:
        items += reader.next()
    return load(), items
"#
    counts_and_limits r#"
from db import Attr, Key, orders

def how_many(pk):
    return orders.query(KeyConditionExpression=Key("pk").eq(pk), Select="COUNT")["Count"]  # !! count-first-page

def how_many_are_open():
    return orders.scan(FilterExpression=Attr("open").eq(True), Select="COUNT")["Count"] + 1  # !! count-first-page

def ten_open_ones(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk), FilterExpression=Attr("open").eq(True), Limit=10)  # !! filter-with-limit
    return [item["sk"] for item in response["Items"]]

def an_open_one():
    items = orders.scan(FilterExpression=Attr("open").eq(True), Limit=1)["Items"]  # !! filter-with-limit
    return items[0] if items else None

def an_open_one_without_a_limit():
    items = orders.scan(FilterExpression=Attr("open").eq(True))["Items"]  # !! missing-pagination
    return items[0] if items else None

def as_many_as_are_wanted(limit=None):
    request = {"FilterExpression": Attr("open").eq(True)}
    if limit:
        request["Limit"] = limit
    return [item["pk"] for item in orders.scan(**request)["Items"]]  # !! missing-pagination

def handler(event, context):
    pk = event["pk"]
    return (
        how_many(pk), how_many_are_open(), ten_open_ones(pk), an_open_one(), an_open_one_without_a_limit(),
        as_many_as_are_wanted(event.get("limit")), as_many_as_are_wanted(),
    )
"#

    counts_and_limits_over_all_pages r#"
from db import Attr, Key, orders

def how_many(pk):
    request = {"KeyConditionExpression": Key("pk").eq(pk), "Select": "COUNT"}
    response = orders.query(**request)
    total = response["Count"]
    while "LastEvaluatedKey" in response:
        response = orders.query(**request, ExclusiveStartKey=response["LastEvaluatedKey"])
        total += response["Count"]
    return total

def page(start=None):
    request = {"FilterExpression": Attr("open").eq(True), "Limit": 50}
    if start:
        request["ExclusiveStartKey"] = start
    return orders.scan(**request)

def all_open_ones():
    items, start = [], None
    while True:
        response = page(start)
        items.extend(response["Items"])
        start = response.get("LastEvaluatedKey")
        if not start:
            return items

def is_any(pk):
    return orders.query(KeyConditionExpression=Key("pk").eq(pk), Select="COUNT")["Count"] > 0

def the_item(pk, sk):
    condition = Key("pk").eq(pk) & Key("sk").eq(sk)
    return orders.query(KeyConditionExpression=condition, FilterExpression=Attr("open").eq(True), Limit=1)["Items"]

def handler(event, context):
    pk = event["pk"]
    return how_many(pk), len(all_open_ones()), is_any(pk), the_item(pk, event["sk"])
"#

    batches_whose_leftovers_nobody_sees r#"
import asyncio
import os

import aioboto3
import boto3
from db import dynamodb, orders

client = boto3.client("dynamodb")
name = os.environ["ORDERS_TABLE"]

def dropped(items):
    client.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item}} for item in items]})  # !! batch-unprocessed-ignored
    orders.meta.client.batch_write_item(RequestItems={name: []})  # !! batch-unprocessed-ignored
    try:
        _ = dynamodb.batch_write_item(RequestItems={name: []})  # !! batch-unprocessed-ignored
    except client.exceptions.ResourceNotFoundException:
        raise

def other_parts(keys):
    response = dynamodb.batch_get_item(RequestItems={name: {"Keys": keys}})  # !! batch-unprocessed-ignored
    found = response["Responses"][name]
    print(response.get("ConsumedCapacity"))
    return found + client.batch_get_item(RequestItems={name: {"Keys": keys}})["Responses"].get(name, [])  # !! batch-unprocessed-ignored

async def awaited(items):
    async with aioboto3.Session().client("dynamodb") as later:
        await later.batch_write_item(RequestItems={name: items})  # !! batch-unprocessed-ignored
        response = await later.batch_get_item(RequestItems={name: {"Keys": items}})  # !! batch-unprocessed-ignored
        return response["Responses"]

def handler(event, context):
    dropped(event["items"])
    asyncio.run(awaited(event["items"]))
    return other_parts(event["keys"])
"#

    batches_whose_leftovers_may_be_seen r#"
import os

import boto3
from db import dynamodb, orders
from tenacity import retry, retry_if_result

client = boto3.client("dynamodb")
name = os.environ["ORDERS_TABLE"]

def writer(items):
    with orders.batch_writer() as batch:
        for item in items:
            batch.put_item(Item=item)

def sent_again(requests):
    while requests:
        response = client.batch_write_item(RequestItems=requests)
        requests = response.get("UnprocessedItems")

def returned(requests):
    return client.batch_write_item(RequestItems=requests)

@retry(retry=retry_if_result(lambda response: response["UnprocessedKeys"]))
def retried(keys):
    response = client.batch_get_item(RequestItems={name: {"Keys": keys}})
    return response

def handed_on(requests):
    response = client.batch_write_item(RequestItems=requests)
    print(response)
    check(client.batch_write_item(RequestItems=requests))

def check(response):
    assert not response["UnprocessedItems"]

class Writer:
    def write(self, requests):
        self.last = client.batch_write_item(RequestItems=requests)

def by_a_function_inside(requests):
    response = client.batch_write_item(RequestItems=requests)
    def left():
        return response["UnprocessedItems"]
    return left()

def by_items(keys):
    response = dynamodb.batch_get_item(RequestItems={name: {"Keys": keys}})
    return {part: value for part, value in response.items()}

def by_a_walrus(requests):
    if (response := client.batch_write_item(RequestItems=requests))["UnprocessedItems"]:
        raise RuntimeError(response["ResponseMetadata"])

def handler(event, context):
    writer(event["items"])
    sent_again(event["requests"])
    Writer().write(event["requests"])
    handed_on(event["requests"])
    by_a_walrus(event["requests"])
    return returned(event["requests"])["UnprocessedItems"], retried(event["keys"]), by_items(event["keys"])
"#

}

/// Where some callers of a helper go on, the others are told apart.
fn of_some(project: &str) -> String {
    check(project);
    audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let mut ours = findings.into_iter().filter(|finding| RULES.contains(&finding.rule));
        let finding = ours.next().expect("there is one");
        let places =
            finding.related.iter().map(|related| format!("line {} {}", audit.place(related.span).1, related.message));
        let places: Vec<String> = places.collect();
        format!("{}. {}\nhelp: {}\n{}", finding.title, finding.message, finding.help, places.join("\n"))
    })
}

#[test]
fn a_helper_of_which_only_some_callers_take_the_first_page() {
    insta::assert_snapshot!(of_some(
        r#"
from db import audit, orders

def scan(table, **kwargs):
    return table.scan(**kwargs)  # !! missing-pagination

def handler(event, context):
    page = scan(orders, ExclusiveStartKey=event["after"])
    return page["Items"], page.get("LastEvaluatedKey"), [item["id"] for item in scan(audit)["Items"]]
"#
    ));
}

#[test]
fn a_store_that_hands_on_a_key_which_some_callers_leave() {
    insta::assert_snapshot!(of_some(
        r#"
from db import Key, orders

class Store:
    def page(self, status, limit=None, after=None):
        arguments = {"KeyConditionExpression": Key("status").eq(status), "IndexName": "by-status"}
        if limit:
            arguments["Limit"] = limit
        if after:
            arguments["ExclusiveStartKey"] = after
        response = orders.query(**arguments)  # !! missing-pagination
        return {"items": response.get("Items", []), "next": response.get("LastEvaluatedKey")}

store = Store()

def total():
    return sum(order["price"] for order in store.page("OPEN")["items"])

def every_key():
    found, after = [], None
    while True:
        page = store.page("OPEN", 100, after)
        found.extend(item["pk"] for item in page["items"])
        after = page.get("next")
        if not after:
            return found

def newest():
    return store.page("OPEN", 5)["items"]

def handler(event, context):
    page = store.page(event["status"], 20, event.get("after"))
    return {"orders": page["items"], "next": page["next"], "total": total(), "keys": every_key(), "newest": newest()}
"#
    ));
}

/// Who is given a response finds one once all pages are read.
#[test]
fn a_response_that_is_returned_stays_one() {
    let project = r#"
from db import Key, orders

def query(arguments):
    return orders.query(**arguments)

def handler(event, context):
    response = query({"KeyConditionExpression": Key("pk").eq(event["pk"])})
    return [order["sk"] for order in response.get("Items", [])]
"#;
    let helps = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        findings.into_iter().filter(|f| f.rule == "missing-pagination").map(|f| f.help).collect::<Vec<_>>()
    });
    assert_eq!(
        helps,
        [r#"Repeat the call until the response has no `LastEvaluatedKey`, and collect the items of every page.
    items = []
    start = {}
    while True:
        response = orders.query(**arguments, **start)
        items.extend(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
        start = {"ExclusiveStartKey": response["LastEvaluatedKey"]}
    response.update(Items=items, Count=len(items))
Then use `response` in the place of the call: its items are those of all pages."#]
    );
}

/// What counts the items of a page counts those that the fix leaves.
#[test]
fn a_count_beside_the_items_is_theirs() {
    let last_lines = |body: &str| {
        let project = format!("\nfrom db import Attr, Key, orders\n\ndef handler(event, context):\n{body}\n");
        audited(&project, |audit| {
            let findings = ddb_audit::rules::run(&audit.facts).into_iter();
            let ours = findings.filter(|f| f.rule == "missing-pagination" || f.rule == "filter-with-limit");
            let lines = ours.map(|f| f.help.lines().rfind(|line| line.starts_with("    ")).map(str::to_owned));
            lines.flatten().collect::<Vec<_>>()
        })
    };
    let query = "orders.query(KeyConditionExpression=Key(\"pk\").eq(event[\"pk\"])";
    let tested =
        format!("    if (page := {query}))[\"Count\"]:\n        return [item[\"sk\"] for item in page[\"Items\"]]");
    assert_eq!(last_lines(&tested), ["    response.update(Items=items, Count=len(items))"]);
    let one = format!(
        "    page = {query}, FilterExpression=Attr(\"open\").eq(True), Limit=1)\n    if page[\"Count\"] == 1:\n        return page[\"Items\"][0]"
    );
    assert_eq!(last_lines(&one), ["    page.update(Items=page[\"Items\"][:1], Count=len(page[\"Items\"][:1]))"]);
}

/// What a helper gives back whole.
#[test]
fn a_response_of_which_some_callers_leave_the_key() {
    check(
        r#"
from db import Key, orders

def page(status, start=None):
    arguments = {"KeyConditionExpression": Key("status").eq(status), "IndexName": "by-status"}
    if start:
        arguments["ExclusiveStartKey"] = start
    return orders.query(**arguments)  # !! missing-pagination

def every(status):
    response = page(status)
    count = len(response["Items"])
    while "LastEvaluatedKey" in response:
        response = page(status, response["LastEvaluatedKey"])
        count += len(response["Items"])
    return count

def total(status):
    return sum(order["price"] for order in page(status)["Items"])

def handler(event, context):
    return every("OPEN"), total("PAID")
"#,
    );
}

/// Who asks anew until nothing is left reads every page, and who looks at the key knows that there are more.
#[test]
fn callers_that_drain_a_table_or_refuse_a_second_page() {
    check(
        r#"
from db import Key, orders

def page(status, start=None):
    arguments = {"KeyConditionExpression": Key("status").eq(status), "IndexName": "by-status"}
    if start:
        arguments["ExclusiveStartKey"] = start
    return orders.query(**arguments)

def every(status):
    response = page(status)
    count = len(response["Items"])
    while "LastEvaluatedKey" in response:
        response = page(status, response["LastEvaluatedKey"])
        count += len(response["Items"])
    return count

def purge(status):
    items = page(status)["Items"]
    while items:
        for item in items:
            orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
        items = page(status)["Items"]

def purge_all(status):
    items = page(status)["Items"]
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    if items:
        purge_all(status)

def purge_some(status):
    for attempt in range(20):
        items = page(status)["Items"]
        if not items:
            break
        for item in items:
            orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})

def items_of(status):
    return page(status)["Items"]

def checked(status):
    return [item for item in items_of(status) if item]

class Shop:
    def next_batch(self, status):
        return checked(status)

    def batch(self, status):
        return self.next_batch(status)

    def purge(self, status):
        while True:
            batch = self.batch(status)
            if not batch:
                return
            for item in batch:
                orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})

def few(status):
    response = page(status)
    if "LastEvaluatedKey" in response:
        raise ValueError("too many")
    return [item["pk"] for item in response["Items"]]

def handler(event, context):
    purge("GONE")
    purge_all("LOST")
    purge_some("OLD")
    Shop().purge("TORN")
    for attempt in range(20):
        old = orders.query(KeyConditionExpression=Key("pk").eq("OLD"))["Items"]
        if not old:
            break
        for item in old:
            orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    return every("OPEN"), few("LATE")
"#,
    );
}

/// Who asks again and again, and neither removes anything nor looks whether anything is left, asks for something else.
#[test]
fn callers_in_a_loop_that_drain_nothing() {
    let project = |code: &str| {
        format!(
            r#"
from db import Key, orders

def page(status, start=None):
    arguments = {{"KeyConditionExpression": Key("status").eq(status), "IndexName": "by-status"}}
    if start:
        arguments["ExclusiveStartKey"] = start
    return orders.query(**arguments)  # !! missing-pagination

def every(status):
    response = page(status)
    count = len(response["Items"])
    while "LastEvaluatedKey" in response:
        response = page(status, response["LastEvaluatedKey"])
        count += len(response["Items"])
    return count

def total(status):
    return sum(order["price"] for order in page(status)["Items"])
{code}"#
        )
    };
    check(&project(
        r#"
def handler(event, context):
    totals = [every("OPEN")]
    while event["statuses"]:
        totals.append(total(event["statuses"].pop()))
    return totals
"#,
    ));
    check(&project(
        r#"
def whole(tree):
    return total(tree["status"]) + sum(whole(child) for child in tree["children"])

def handler(event, context):
    return every("OPEN"), whole(event)
"#,
    ));
}

/// A caller that takes the key, whatever for, isn't judged, and one alone neither: what comes back says how to go on.
#[test]
fn a_store_whose_key_is_taken_or_left_by_all() {
    check(
        r#"
from db import audit, orders

def page(table, after=None):
    response = table.scan(**({"ExclusiveStartKey": after} if after else {}))
    return response["Items"], response.get("LastEvaluatedKey")

def names():
    response = audit.scan()
    return {"items": response["Items"], "next": response.get("LastEvaluatedKey")}

def warned():
    items, after = page(audit)
    if after:
        print("there are more")
    return [item["id"] for item in items]

def handler(event, context):
    items, after = page(orders, event["after"])
    return {"items": items, "after": after, "ids": warned(), "names": [item["id"] for item in names()["items"]]}
"#,
    );
}

/// Each finding whole.
#[test]
fn messages() {
    let project = r#"
from db import Attr, Key, orders

def once():
    response = orders.scan()
    items = response["Items"]
    if "LastEvaluatedKey" in response:
        items += orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])["Items"]
    return len(items)

def the_first():
    items = []
    while True:
        response = orders.scan()
        items += response["Items"]
        if "LastEvaluatedKey" not in response:
            return len(items)

def the_second():
    response = orders.scan()
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        items += orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])["Items"]
    return len(items)

def the_last():
    response = orders.scan()
    while "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])
    return len(response["Items"])

def another(status):
    condition = Key("status").eq(status) & Key("created").gt("2024")
    response = orders.query(
        IndexName="by-status", KeyConditionExpression=condition, FilterExpression=Attr("gone").not_exists()
    )
    while "LastEvaluatedKey" in response:
        response = orders.query(
            KeyConditionExpression=Key("status").eq(status), ExclusiveStartKey=response["LastEvaluatedKey"]
        )
        print(response["Items"])

def nothing_but_the_key(status):
    response = orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq(status))
    while "LastEvaluatedKey" in response:
        response = orders.query(ExclusiveStartKey=response["LastEvaluatedKey"])
        print(response["Items"])

def counted():
    return orders.scan(Select="COUNT")["Count"]

def limited():
    return [item["pk"] for item in orders.scan(FilterExpression=Attr("open").eq(True), Limit=10)["Items"]]

def batches(requests):
    orders.meta.client.batch_write_item(RequestItems=requests)
    return orders.meta.client.batch_get_item(RequestItems={orders.name: {"Keys": requests}})["Responses"]

def handler(event, context):
    another("OPEN")
    nothing_but_the_key("OPEN")
    return once(), the_first(), the_second(), the_last(), counted(), limited(), batches(event["requests"])
"#;
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.into_iter().filter(|finding| RULES.contains(&finding.rule));
        let lines = ours.map(|f| {
            let place = audit.place(f.span).1;
            let related = f.related.iter().map(|r| format!("\n  {}: {}", audit.place(r.span).1, r.message));
            let related: String = related.collect();
            let judged = format!("{} {} ({})", f.rule, f.severity.as_str(), f.confidence.as_str());
            (place, format!("{place} {judged}: {}\n  {}\n  {}{related}\n", f.title, f.message, f.help))
        });
        let mut lines: Vec<(usize, String)> = lines.collect();
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect::<String>()
    });
    insta::assert_snapshot!(found);
}
