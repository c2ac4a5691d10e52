//! Loops that gather every page, and then use the last one alone.

use crate::harness::check_findings;

fn check(project: &str) {
    check_findings(project, &["broken-pagination"], |audit, finding| {
        let lines = finding.related.iter().map(|related| audit.place(related.span).1.to_string());
        [finding.rule.to_owned()].into_iter().chain(lines).collect::<Vec<_>>().join(" ")
    });
}

crate::harness::cases! { with check;
    the_old_line_stands_below_the_loop r#"
from db import orders

def handler(event, context):
    response = orders.scan()
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])  # !! broken-pagination 9
        items.extend(response["Items"])
    items = response.get("Items", [])
    return items
"#
    what_is_gathered_has_another_name r#"
from db import orders

def handler(event, context):
    query = {}
    found = []
    while True:
        response = orders.scan(**query)  # !! broken-pagination 12
        found += response.get("Items", [])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return [item["pk"] for item in response["Items"]]
"#
    item_by_item r#"
from db import orders

def handler(event, context):
    found, query = [], {}
    while True:
        response = orders.scan(**query)  # !! broken-pagination 13
        for item in response["Items"]:
            if item["sk"] != "META":
                found.append(item["pk"])
        query["ExclusiveStartKey"] = response.get("LastEvaluatedKey")
        if not query["ExclusiveStartKey"]:
            break
    for item in response["Items"]:
        print(item["pk"])
"#
    one_of_two_branches_is_mended r#"
from db import Key, orders

def handler(event, context):
    if event.get("pk"):
        query = {"KeyConditionExpression": Key("pk").eq(event["pk"])}
        response = orders.query(**query)
        items = response["Items"]
        while "LastEvaluatedKey" in response:
            response = orders.query(**query, ExclusiveStartKey=response["LastEvaluatedKey"])  # !! broken-pagination 13
            items.extend(response["Items"])
    else:
        response = orders.scan()
    items = response.get("Items", [])
    return items

def apart(event, context):
    if event.get("pk"):
        query = {"KeyConditionExpression": Key("pk").eq(event["pk"])}
        response = orders.query(**query)
        items = response["Items"]
        while "LastEvaluatedKey" in response:
            response = orders.query(**query, ExclusiveStartKey=response["LastEvaluatedKey"])
            items.extend(response["Items"])
    else:
        response = orders.scan()
        items = response.get("Items", [])
    return items

def anew(event, context):
    response = orders.scan()
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])
        items.extend(response["Items"])
    response = orders.query(KeyConditionExpression=Key("pk").eq("all"), Limit=3)
    items = response.get("Items", [])
    return items
"#
    what_is_gathered_is_used r#"
from db import orders

def handler(event, context):
    response = orders.scan()
    items = response["Items"]
    while "LastEvaluatedKey" in response:
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])
        items.extend(response["Items"])
    last = response.get("Items", [])
    print(len(last), last)
    return items
"#
    the_last_page_is_added_below_the_loop r#"
from db import orders

def handler(event, context):
    items = []
    response = orders.scan()
    while "LastEvaluatedKey" in response:
        items.extend(response["Items"])
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])
    items.extend(response["Items"])
    return items

def other(event, context):
    items = []
    response = orders.scan()
    while "LastEvaluatedKey" in response:
        items.extend(response["Items"])
        response = orders.scan(ExclusiveStartKey=response["LastEvaluatedKey"])
    items = items + response["Items"]
    return items
"#
    pages_are_worked_on_in_the_loop r#"
from db import orders

def handler(event, context):
    query, seen = {}, []
    while True:
        response = orders.scan(**query)
        for item in response["Items"]:
            print(item["pk"])
            seen.append(item["pk"])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    return response["Items"]
"#
    one_of_two_lists_is_used r#"
from db import orders

def handler(event, context):
    query, open_orders, others = {}, [], []
    while True:
        response = orders.scan(**query)
        for item in response["Items"]:
            if item["status"] == "OPEN":
                open_orders.append(item["pk"])
            else:
                others.append(item["pk"])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    last = response["Items"]
    return others, last
"#
    partition_by_partition r#"
from db import Key, orders

def handler(event, context):
    every = []
    for pk in event["pks"]:
        print(len(every), every)
        query = {"KeyConditionExpression": Key("pk").eq(pk)}
        while True:
            response = orders.query(**query)
            every.extend(response["Items"])
            if "LastEvaluatedKey" not in response:
                break
            query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
        print(response["Items"])
"#
    only_how_many_the_last_page_holds r#"
from db import orders

def handler(event, context):
    query, found = {}, []
    while True:
        response = orders.scan(**query)
        found.extend(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    print("the last page has", len(response["Items"]))
    last = response["Items"][-1]
    return last
"#
    another_list_of_the_same_name r#"
from db import orders

class Report:
    def __init__(self):
        self.items = []

def handler(event, context):
    report, query = Report(), {}
    items = report.items
    while True:
        response = orders.scan(**query)
        items.extend(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    items = response["Items"]
    return report.items, items
"#

    what_is_gathered_is_held_elsewhere r#"
from db import Key, orders

def gathered(query, items, rest):
    pass

def twice(event, context):
    found = items = []
    query = {}
    while True:
        response = orders.scan(**query)
        items.extend(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    for item in response["Items"]:
        print(item)
    return found

def kept(event, context):
    context.found = items = []
    query = {}
    while True:
        response = orders.scan(**query)
        items.extend(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    for item in response["Items"]:
        print(item)

def into_the_event(event, context):
    items = event["Items"]
    query = {}
    while True:
        response = orders.scan(**query)
        items += response["Items"]
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    print(response["Items"])
    return event

def by_name(event, context):
    items = []
    query = {}
    while True:
        response = orders.scan(**query)
        items.extend(response["Items"])
        if "LastEvaluatedKey" not in response:
            break
        query["ExclusiveStartKey"] = response["LastEvaluatedKey"]
    for item in response["Items"]:
        print(item)
    return "{items}".format(**locals())
"#
}
