//! Code that knows of further pages and doesn't read them: it fails where there are any, or has itself started again.
//! `# !! rule` ends the first line of a call; what has no such comment must not be found.

use crate::harness::{cases, check_findings};

fn check(project: &str) {
    check_findings(project, &["missing-pagination", "filter-with-limit", "count-first-page"], |_, finding| {
        finding.rule.to_owned()
    });
}

cases! {
    with check;

    a_run_that_fails_for_a_further_page_loses_nothing r#"
from db import Attr, Key, orders

class TooMany(Exception):
    pass

def on_the_spot(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    if "LastEvaluatedKey" in response:
        raise TooMany(pk)
    return [item["sk"] for item in response["Items"]]

def by_get(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk), FilterExpression=Attr("open").eq(True))
    if response.get("LastEvaluatedKey") is not None:
        print("too many")
        raise TooMany(pk)
    return {item["sk"]: item for item in response["Items"]}

def by_a_variable(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    rest = response.get("LastEvaluatedKey")
    items = response["Items"]
    if not items or rest:
        raise TooMany(pk)
    return sorted(item["sk"] for item in items)

def by_walrus():
    response = orders.scan()
    if rest := response.get("LastEvaluatedKey"):
        raise TooMany(rest)
    return [item["pk"] for item in response["Items"]]

def at_the_end(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    if "LastEvaluatedKey" not in response:
        return [item["sk"] for item in response["Items"]]
    print("too many for", pk)
    raise TooMany(pk)

def otherwise(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    if not response.get("LastEvaluatedKey"):
        found = [item["sk"] for item in response["Items"]]
    elif pk == "all":
        raise TooMany(pk)
    else:
        raise ValueError(pk)
    return found

def asserted(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    assert "LastEvaluatedKey" not in response, "more than a page"
    return [item["sk"] for item in response["Items"]]

def asserted_none(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    assert response.get("LastEvaluatedKey") is None
    return [item["sk"] for item in response["Items"]]

def handler(event, context):
    pk = event["pk"]
    try:
        both = by_walrus(), at_the_end(pk), otherwise(pk), asserted(pk), asserted_none(pk)
        return on_the_spot(pk), by_get(pk), by_a_variable(pk), both
    except TooMany:
        return None
"#

    a_word_about_further_pages_is_not_enough r#"
from db import Key, orders

def logged(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    if "LastEvaluatedKey" in response:
        print("there are more")
    return [item["sk"] for item in response["Items"]]

def fails_without_items(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    if not response["Items"]:
        raise KeyError(pk)
    return [item["sk"] for item in response["Items"]]

def fails_on_the_last_page(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    if "LastEvaluatedKey" not in response:
        raise KeyError(pk)
    return [item["sk"] for item in response["Items"]]

def fails_for_another(pk):
    first = orders.query(KeyConditionExpression=Key("pk").eq("all"))
    if "LastEvaluatedKey" in first:
        raise KeyError(pk)
    second = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    return [item["sk"] for item in first["Items"] + second["Items"]]

def handler(event, context):
    pk = event["pk"]
    return logged(pk), fails_without_items(pk), fails_on_the_last_page(pk), fails_for_another(pk)
"#

    one_caller_of_a_helper_fails_another_does_not r#"
from db import Key, orders

def page(pk):
    return orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination

def checked(pk):
    response = page(pk)
    if "LastEvaluatedKey" in response:
        raise KeyError(pk)
    return [item["sk"] for item in response["Items"]]

def unchecked(pk):
    return [item["sk"] for item in page(pk)["Items"]]

def handler(event, context):
    return checked(event["pk"]), unchecked(event["pk"])
"#

    a_purge_has_itself_started_again r#"
import json
import os
import boto3
from db import Key, orders

client = boto3.client("lambda")
queue = boto3.client("sqs")

def again(pk):
    name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    client.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps({"pk": pk}))

def purge(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    if items:
        again(pk)

def purge_batch(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]
    if len(items) == 0:
        return {"done": True}
    with orders.batch_writer() as batch:
        for item in items:
            batch.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    queue.send_message(QueueUrl="purges", MessageBody=pk)
    return {"done": False}

def purge_by_key(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    for item in response["Items"]:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    if "LastEvaluatedKey" in response:
        queue.send_message(QueueUrl="purges", MessageBody=pk)

def handler(event, context):
    return purge(event["pk"]), purge_batch(event["pk"]), purge_by_key(event["pk"])
"#

    a_loop_deletes_the_first_page_until_it_is_the_last r#"
from db import Key, audit, orders

def purge(pk):
    more = True
    while more:
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
        for item in response["Items"]:
            orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
        more = "LastEvaluatedKey" in response

def remove(item):
    orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})

def purge_by_helper(pk):
    while True:
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
        for item in response["Items"]:
            remove(item)
        if "LastEvaluatedKey" not in response:
            return

def handler(event, context):
    return purge(event["pk"]), purge_by_helper(event["pk"])
"#

    a_function_deletes_the_first_page_and_is_called_until_nothing_is_left r#"
from concurrent.futures import ThreadPoolExecutor
from db import Key, audit, orders

def by_itself():
    items = orders.scan()["Items"]
    if not items:
        return
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    by_itself()

def counted(count=0):
    items = audit.scan()["Items"]
    for item in items:
        audit.delete_item(Key={"id": item["id"]})
    return counted(count + len(items)) if items else count

def one_page(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    return len(items)

def by_a_loop(pk):
    while True:
        if one_page(pk) == 0:
            return

class Queue:
    def pull(self):
        return audit.scan()["Items"]

    def done(self, item):
        audit.delete_item(Key={"id": item["id"]})

def by_methods(queue):
    while batch := queue.pull():
        for item in batch:
            queue.done(item)

def batches():
    while items := audit.scan()["Items"]:
        yield items

def by_a_generator():
    for batch in batches():
        for item in batch:
            audit.delete_item(Key={"id": item["id"]})

def load():
    return audit.scan()["Items"]

def by_iter():
    for batch in iter(load, []):
        for item in batch:
            audit.delete_item(Key={"id": item["id"]})

def drop(item):
    audit.delete_item(Key={"id": item["id"]})

def by_a_pool():
    with ThreadPoolExecutor() as pool:
        while items := audit.scan()["Items"]:
            list(pool.map(drop, items))

def handler(event, context):
    by_itself()
    counted()
    by_a_loop(event["pk"])
    by_methods(Queue())
    by_a_generator()
    by_iter()
    by_a_pool()
"#

    another_partition_each_time_is_no_drain r#"
from db import Key, orders

def folder(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination
    if not items:
        return
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
        folder(item["sk"])

def one(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination
    if not items:
        print("nothing of", pk)
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})

def several(names):
    while names:
        name = names.pop()
        one(name)

def handler(event, context):
    folder(event["pk"])
    several(list(event["names"]))
"#

    other_ways_to_fail r#"
import sys
from db import Key, orders

def die(why):
    print(why)
    raise RuntimeError(why)

def by_a_variable(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    more = "LastEvaluatedKey" in response
    if more:
        raise RuntimeError(pk)
    return [item["sk"] for item in response["Items"]]

def by_exit(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    if "LastEvaluatedKey" in response:
        sys.exit("too many")
    return [item["sk"] for item in response["Items"]]

def by_a_function(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    if "LastEvaluatedKey" in response:
        die(pk)
    return [item["sk"] for item in response["Items"]]

def in_a_block(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    if "LastEvaluatedKey" in response:
        try:
            raise RuntimeError(pk)
        finally:
            print("too many")
    return [item["sk"] for item in response["Items"]]

def handler(event, context):
    pk = event["pk"]
    return by_a_variable(pk), by_exit(pk), by_a_function(pk), in_a_block(pk)
"#

    failing_sometimes_or_for_oneself_is_not_enough r#"
import os
from db import Key, orders

STRICT = os.environ.get("STRICT")

def if_strict(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    if STRICT and "LastEvaluatedKey" in response:
        raise RuntimeError(pk)
    return [item["sk"] for item in response["Items"]]

def unless_partial(pk, partial):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    if "LastEvaluatedKey" not in response or partial:
        return [item["sk"] for item in response["Items"]]
    raise RuntimeError(pk)

def caught_at_once(pk):
    found = []
    try:
        response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
        found.extend(item["sk"] for item in response["Items"])
        if "LastEvaluatedKey" in response:
            raise RuntimeError(pk)
    except RuntimeError:
        print("too many")
    return found

def answers_with_what_there_is(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    names = []
    for item in response["Items"]:
        names.append(item["sk"])
    if "LastEvaluatedKey" in response:
        print("too many")
        return names
    return names

def answers_with_nothing(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    if "LastEvaluatedKey" in response:
        return []
    return [item["sk"] for item in response["Items"]]

def handler(event, context):
    pk = event["pk"]
    return if_strict(pk), unless_partial(pk, event["partial"]), caught_at_once(pk), answers_with_what_there_is(pk), answers_with_nothing(pk)
"#

    what_is_asked_again_without_taking_anything_away r#"
import time
from db import Key, audit, orders

def load(pk):
    return orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination

def waits(pk):
    while True:
        items = load(pk)
        if items:
            break
        time.sleep(1)
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})

def tries(pk, attempt=0):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination
    try:
        for item in items or []:
            orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    except Exception:
        if attempt < 3:
            tries(pk, attempt + 1)

def pages(pk):
    return orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination

def unlocks(pk):
    while True:
        items = pages(pk)
        if not items:
            return
        print(len(items))
        audit.delete_item(Key={"id": "lock"})

def up(node):
    items = orders.query(KeyConditionExpression=Key("pk").eq(node["id"]))["Items"]  # !! missing-pagination
    if not items:
        return
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    up(node["parent"])

def handler(event, context):
    waits(event["pk"])
    tries(event["pk"])
    unlocks(event["pk"])
    up(event["node"])
"#

    items_are_marked_as_done_until_none_is_open r#"
from db import Key, orders

def page():
    return orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("open"))["Items"]

def handler(event, context):
    while True:
        items = page()
        if not items:
            return
        for item in items:
            orders.update_item(
                Key={"pk": item["pk"], "sk": item["sk"]},
                UpdateExpression="SET #s = :d",
                ExpressionAttributeNames={'#s': "status"},
                ExpressionAttributeValues={":d": "done"},
            )
"#

    an_answer_without_the_items_where_there_are_more r#"
import json
from db import Key, orders

def refuses(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))
    if response.get("LastEvaluatedKey"):
        return {"statusCode": 413, "body": "too many"}
    return {"statusCode": 200, "body": json.dumps(response["Items"])}

def cuts(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    items = response["Items"]
    if response.get("LastEvaluatedKey"):
        print("too many")
        return {"statusCode": 200, "body": json.dumps(items)}
    return {"statusCode": 200, "body": json.dumps(items)}

def handler(event, context):
    return refuses(event["pk"]), cuts(event["pk"])
"#

    news_of_some_items_is_not_another_start r#"
import json
import boto3
from db import Key, audit, orders

queue = boto3.client("sqs")
topic = boto3.client("sns")

def sent(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination
    if items:
        queue.send_message(QueueUrl="orders", MessageBody=json.dumps(items))

def one_by_one(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination
    if not items:
        return
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
        queue.send_message(QueueUrl="mails", MessageBody=item["sk"])

def of_another_table(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination
    if items:
        audit.delete_item(Key={"id": pk})
        queue.send_message(QueueUrl="invoices", MessageBody=json.dumps([item["sk"] for item in items]))

def alarm(pk):
    response = orders.query(KeyConditionExpression=Key("pk").eq(pk))  # !! missing-pagination
    if "LastEvaluatedKey" in response:
        queue.send_message(QueueUrl="operators", MessageBody="a large partition")
    return len(response["Items"])

def announced(pk):
    items = orders.query(KeyConditionExpression=Key("pk").eq(pk))["Items"]  # !! missing-pagination
    for item in items:
        orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
    if items:
        topic.publish(TopicArn="deleted", Message=f"{len(items)} deleted")

def handler(event, context):
    sent(event["pk"])
    one_by_one(event["pk"])
    of_another_table(event["pk"])
    return alarm(event["pk"]), announced(event["pk"])
"#
}
