//! How calls find the function that they call: generators, closures, arguments that decide.

use crate::harness::cases;

cases! {
    generators r#"
from db import orders

def keys(event):
    for record in event["Records"]:
        yield record["key"]

def items(event):
    yield from (orders.get_item(Key=key) for key in keys(event))  # => GetItem Orders @Api

def handler(event, context):
    for item in items(event):
        orders.put_item(Item=item)  # => PutItem Orders @Api
"#

    comprehensions r#"
from db import audit, orders

def load(table, key):
    return table.get_item(Key=key)  # => GetItem Orders|Audit @Api

def handler(event, context):
    found = [load(table, event["key"]) for table in (orders, audit)]
    return {key: value for item in found for key, value in item.items()}
"#

    arguments_in_a_dict_built_step_by_step r#"
from db import Key, orders

def find(status, newest_first=False, since=None):
    condition = Key("status").eq(status)
    if since:
        condition = condition & Key("created").gte(since)
    kwargs = {"KeyConditionExpression": condition}
    kwargs["IndexName"] = "by-status"
    kwargs.update(ScanIndexForward=not newest_first)
    if newest_first:
        kwargs["Limit"] = 10
    response = orders.query(**kwargs)  # => Query Orders/by-status missing @Api
    return response["Items"]

def handler(event, context):
    return find("open") + find("closed", newest_first=True)
"#

    a_branch_that_no_argument_takes r#"
from db import Key, orders

def find(customer, status=None):
    if status is None:
        return orders.query(KeyConditionExpression=Key("pk").eq(customer))["Items"]  # => Query Orders missing @Api
    return orders.query(  # => Query Orders/by-status missing latent
        IndexName="by-status", KeyConditionExpression=Key("status").eq(status)
    )["Items"]

def handler(event, context):
    return find(event["customer"])
"#

    closures r#"
from db import audit, orders

def saver(table):
    count = 0

    def save(item):
        nonlocal count
        count += 1
        table.put_item(Item=item)  # => PutItem Orders|Audit @Api

    return save

def handler(event, context):
    save, note = saver(orders), saver(audit)
    save(event)
    note(event)
"#

    lambdas r#"
from db import audit, orders

drop = lambda table, key: table.delete_item(Key=key)  # => DeleteItem Audit @Api

def handler(event, context):
    drop(audit, event["key"])
    list(map(lambda item: orders.put_item(Item=item), event["items"]))  # => PutItem Orders @Api
"#

    callable_objects r#"
from db import orders

class Save:
    def __init__(self, table):
        self.table = table

    def __call__(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

handler_steps = [Save(orders), print]

def handler(event, context):
    for step in handler_steps:
        step(event)
"#

    a_match_statement r#"
from db import audit, orders

def handler(event, context):
    match event:
        case {"kind": "open", "item": item}:
            orders.put_item(Item=item)  # => PutItem Orders @Api
        case {"kind": "note", **rest}:
            audit.put_item(Item=rest)  # => PutItem Audit @Api
        case _:
            raise ValueError("unknown kind")
"#

    exceptions_and_finally r#"
from db import audit, orders

def handler(event, context):
    try:
        orders.put_item(Item=event)  # => PutItem Orders @Api
    except orders.meta.client.exceptions.ConditionalCheckFailedException as error:
        audit.put_item(Item={"id": str(error)})  # => PutItem Audit @Api
        raise
    else:
        audit.delete_item(Key={"id": "last"})  # => DeleteItem Audit @Api
    finally:
        audit.update_item(Key={"id": "count"}, UpdateExpression="ADD n :one")  # => UpdateItem Audit @Api
"#

    syntax_of_newer_pythons r#"
from db import orders

type Key = dict[str, str]

def first[T](items: list[T]) -> T | None:
    return items[0] if items else None

class Store[T]:
    def load(self, key: Key) -> T | None:
        print(f"loading {key["pk"]}")
        return orders.get_item(Key=key).get("Item")  # => GetItem Orders @Api

def handler(event, context):
    return Store[dict]().load(first(event["keys"]))
"#

    code_that_does_not_parse_everywhere r#"
from db import orders

def broken(:
    return

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders ?Api
"#

    a_class_as_the_handler r#"
from db import orders

class Handler:
    def __init__(self):
        self.table = orders

    def __call__(self, event, context):
        return self.table.get_item(Key=event["key"])  # => GetItem Orders @Api

handler = Handler()
"#

    a_base_class_that_calls_its_hooks r#"
from db import audit, orders

class Job:
    def run(self, event):
        self.before(event)
        return self.work(event)

    def before(self, event):
        audit.put_item(Item={"id": "start"})  # => PutItem Audit @Api

    def work(self, event):
        raise NotImplementedError

class Import(Job):
    def work(self, event):
        orders.put_item(Item=event)  # => PutItem Orders @Api

class Export(Job):
    def work(self, event):
        return orders.get_item(Key=event)  # => GetItem Orders latent

def handler(event, context):
    return Import().run(event)
"#

    a_dict_grown_by_an_operator r#"
from db import Key, orders

def handler(event, context):
    kwargs = {"IndexName": "by-status", "KeyConditionExpression": Key("status").eq("OPEN")}
    if event.get("newest"):
        kwargs |= {"ScanIndexForward": False}
    return orders.query(**kwargs)["Items"]  # => Query Orders/by-status missing @Api
"#

    a_dispatcher_that_is_told_its_functions r#"
from db import audit, orders

class Dispatcher:
    def __init__(self):
        self.table = {}

    def register(self, symbol, function):
        self.table[symbol] = function

    def dispatch(self, symbol, *arguments):
        if symbol not in self.table:
            raise KeyError(symbol)
        return self.table[symbol](*arguments)

def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

def note(item):
    audit.put_item(Item=item)  # => PutItem Audit @Api

def forgotten(item):
    audit.delete_item(Key=item)  # => DeleteItem Audit latent

def register_all(dispatcher: Dispatcher) -> None:
    dispatcher.register("save", save)
    dispatcher.register("note", note)

class Engine:
    def __init__(self):
        self.dispatcher = Dispatcher()
        register_all(self.dispatcher)

    def evaluate(self, node):
        head, *rest = node
        return self.dispatcher.dispatch(head, *[self.evaluate(part) for part in rest])

def handler(event, context):
    return Engine().evaluate(event["program"])
"#

    parts_of_a_list_counted_from_its_end r#"
from db import audit, orders

def handler(event, context):
    tables = [orders, orders, audit]
    for table in tables[:-1]:
        table.put_item(Item=event)  # => PutItem Orders @Api
    for table in tables[-1:]:
        table.put_item(Item=event)  # => PutItem Audit @Api
    for table in tables[-9:2]:
        table.put_item(Item=event)  # => PutItem Orders @Api
    for table in tables[event:]:
        table.put_item(Item=event)  # => PutItem Orders|Audit @Api
"#

    names_taken_over_from_what_is_wrapped r#"
import functools
from db import audit, orders

def logged(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper

def counted(function):
    def wrapper(*args):
        return function(*args)
    return functools.update_wrapper(wrapper, function)

def timed(function):
    def wrapper(*args):
        return function(*args)
    return functools.wraps(function)(wrapper)

@logged
def save(event):
    orders.put_item(Item=event)  # => PutItem Orders @Api

@logged
def forget(event):
    audit.delete_item(Key={"id": event["id"]})  # => DeleteItem Audit latent

@counted
def load(event):
    return orders.get_item(Key=event["key"])  # => GetItem Orders @Api

@counted
def look(event):
    return audit.get_item(Key={"id": event["id"]})  # => GetItem Audit latent

@timed
def close(event):
    orders.delete_item(Key=event["key"])  # => DeleteItem Orders @Api

@timed
def note(event):
    audit.put_item(Item=event)  # => PutItem Audit latent

def handler(event, context):
    save(load(event))
    close(event)
"#
}
