//! What is overwritten, and what stands at which place of a list.

use crate::harness::cases;

cases! {
    a_script_that_uses_a_name_again r#"
def handler(event, context):
    return None
=== tools/load.py
from db import audit, orders

table = orders
table.put_item(Item={"pk": "a"})  # => PutItem Orders @tools/load.py
table = audit
table.put_item(Item={"id": "a"})  # => PutItem Audit @tools/load.py
if input():
    table = orders
table.delete_item(Key={"pk": "a"})  # => DeleteItem Orders|Audit @tools/load.py
"#

    an_entry_that_a_script_overwrites r#"
def handler(event, context):
    return None
=== tools/load.py
from db import audit, orders

tables = {"current": orders}
tables["current"] = audit
tables["current"].put_item(Item={"id": "a"})  # => PutItem Audit @tools/load.py
tables.update({"current": orders})
tables["current"].delete_item(Key={"pk": "a"})  # => DeleteItem Orders @tools/load.py
"#

    a_global_that_a_function_sets_too r#"
def handler(event, context):
    return None
=== tools/load.py
from db import audit, orders

def choose():
    global table
    table = audit

table = audit
table = orders
choose()
table.put_item(Item={"id": "a"})  # => PutItem Orders|Audit @tools/load.py
"#

    a_name_that_may_not_have_been_set_again r#"
def handler(event, context):
    return None
=== tools/load.py
from contextlib import suppress
from db import audit, orders

table = orders
try:
    print(open("tables.txt"))
    table = audit
except OSError:
    pass
table.put_item(Item={"id": "a"})  # => PutItem Orders|Audit @tools/load.py
table = orders
with suppress(OSError):
    print(open("tables.txt"))
    table = audit
table.delete_item(Key={"id": "a"})  # => DeleteItem Orders|Audit @tools/load.py
"#

    dicts_that_a_loop_makes r#"
def handler(event, context):
    return None
=== tools/load.py
from db import audit, orders

made = []
for name in ["a", "b"]:
    entry = {"table": orders}
    made.append(entry)
    made[0]["table"].put_item(Item={"id": "a"})  # => PutItem Orders|Audit @tools/load.py
    entry["table"] = audit
"#

    places_of_a_list r#"
from db import audit, orders

def handler(event, context):
    tables = [orders, audit]
    tables[0].put_item(Item=event)  # => PutItem Orders @Api
    tables[1].put_item(Item=event)  # => PutItem Audit @Api
    tables[1:2][0].delete_item(Key=event)  # => DeleteItem Audit @Api
    tables[event["n"]].update_item(Key=event)  # => UpdateItem Orders|Audit @Api
"#

    lists_whose_elements_move r#"
from random import shuffle
from db import audit, orders

def handler(event, context):
    turned, mixed, pushed = [orders, audit], [orders, audit], [orders]
    turned.reverse()
    turned[0].put_item(Item=event)  # => PutItem Orders|Audit @Api
    shuffle(mixed)
    mixed[0].delete_item(Key=event)  # => DeleteItem Orders|Audit @Api
    pushed.insert(0, audit)
    pushed[0].get_item(Key=event)  # => GetItem Orders|Audit @Api
"#

    what_finally_sets_on_the_way_out r#"
from db import audit, orders

def broken_off(event):
    table = orders
    while True:
        try:
            break
        finally:
            table = audit
    table.put_item(Item=event)  # => PutItem Audit @Api

def gone_on(event):
    table = orders
    while event.pop("more"):
        try:
            continue
        finally:
            table = audit
    table.delete_item(Key=event)  # => DeleteItem Orders|Audit @Api

def left_alone(event):
    table = orders
    while True:
        try:
            table = audit
            break
        finally:
            print("done")
    table.get_item(Key=event)  # => GetItem Audit @Api

def left_from_a_handler(event):
    table = orders
    try:
        print(event["id"])
    except KeyError:
        table = audit
        return None
    finally:
        table.update_item(Key=event)  # => UpdateItem Orders|Audit @Api

def handler(event, context):
    broken_off(event), gone_on(event), left_alone(event), left_from_a_handler(event)
"#
}
