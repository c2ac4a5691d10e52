//! How calls find the function that they call.

use crate::harness::cases;

cases! {
    a_partial r#"
from functools import partial
from db import audit, orders

def save(table, item, *, author="nobody"):
    table.put_item(Item={**item, "author": author})  # => PutItem Audit @Api

note = partial(save, audit, author="api")
drop = partial(orders.delete_item, ReturnValues="ALL_OLD")

def handler(event, context):
    note(event)
    drop(Key=event["key"])  # => DeleteItem Orders @Api
"#

    a_bound_method_by_another_name r#"
from db import orders

class Store:
    def save(self, item):
        put = orders.put_item
        put(Item=item)  # => PutItem Orders @Api

def handler(event, context):
    save = Store().save
    save(event)
"#

    a_registry_of_functions r#"
from db import audit, orders

def open_order(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

def close_order(item):
    orders.delete_item(Key=item["key"])  # => DeleteItem Orders @Api

def forgotten(item):
    audit.put_item(Item=item)  # => PutItem Audit latent

HANDLERS = {"open": open_order, "close": close_order}

def handler(event, context):
    return HANDLERS[event["kind"]](event)
"#

    a_registry_filled_by_a_decorator r#"
from db import audit, orders

ACTIONS = {}

def action(name):
    def register(function):
        ACTIONS[name] = function
        return function
    return register

@action("open")
def open_order(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

@action("note")
def note(item):
    audit.put_item(Item=item)  # => PutItem Audit @Api

def handler(event, context):
    act = ACTIONS.get(event["kind"])
    if act is None:
        raise KeyError(event["kind"])
    return act(event)
"#

    getattr_with_a_literal r#"
from db import audit, orders

class Store:
    def save(self, item):
        orders.put_item(Item=item)  # => PutItem Orders @Api

    def drop(self, item):
        orders.delete_item(Key=item)  # => DeleteItem Orders latent

def handler(event, context):
    getattr(Store(), "save")(event)
    getattr(audit, "put_item")(Item=event)  # => PutItem Audit @Api
"#

    events_routed_by_their_type r#"
from db import audit, orders

def opened(detail):
    orders.put_item(Item=detail)  # => PutItem Orders @Api

def closed(detail):
    audit.put_item(Item=detail)  # => PutItem Audit @Api

def handler(event, context):
    kind = event.get("detail-type", "")
    if kind == "OrderOpened":
        opened(event["detail"])
    elif kind == "OrderClosed":
        closed(event["detail"])
    else:
        print("ignored", kind)
"#

    own_decorators_with_wraps r#"
import functools
from db import orders

def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print(function.__name__)
        return function(*args, **kwargs)
    return wrapper

def retried(times):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for _ in range(times):
                try:
                    return function(*args, **kwargs)
                except ValueError:
                    continue
        return wrapper
    return decorate

class Store:
    def __init__(self, table):
        self.table = table

    @retried(times=3)
    @logged
    def save(self, item, *, strict=False):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

@logged
def handler(event, context):
    Store(orders).save(event, strict=True)
"#

    a_decorator_from_a_library r#"
from aws_lambda_powertools import Logger, Tracer
from tenacity import retry, stop_after_attempt
from db import orders

logger = Logger()
tracer = Tracer()

@retry(stop=stop_after_attempt(3))
def load(key):
    return orders.get_item(Key=key)  # => GetItem Orders @Api

@logger.inject_lambda_context(log_event=True)
@tracer.capture_lambda_handler
def handler(event, context):
    return load(event["key"])
"#

    an_app_with_routes r#"
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.event_handler.api_gateway import Router
from db import audit, orders

app = APIGatewayRestResolver()
router = Router()

@app.get("/orders/<order_id>")
def read(order_id: str):
    return orders.get_item(Key={"pk": order_id, "sk": "ORDER"})["Item"]  # => GetItem Orders @Api

@app.post("/orders")
def create():
    orders.put_item(Item=app.current_event.json_body)  # => PutItem Orders @Api

@router.delete("/notes/<note_id>")
def forget(note_id: str):
    audit.delete_item(Key={"id": note_id})  # => DeleteItem Audit @Api

app.include_router(router)

def handler(event, context):
    return app.resolve(event, context)
"#

    coroutines_gathered r#"
import asyncio
from db import audit, orders

async def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

async def note(item):
    await asyncio.to_thread(audit.put_item, Item=item)  # => PutItem Audit @Api

async def main(event):
    await asyncio.gather(*(save(item) for item in event["items"]), note(event["note"]))

def handler(event, context):
    asyncio.run(main(event))
"#

    executors r#"
from concurrent.futures import ThreadPoolExecutor, as_completed
from db import audit, orders

def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

def drop(table, key):
    table.delete_item(Key=key)  # => DeleteItem Audit @Api

def load(key):
    return orders.get_item(Key=key)  # => GetItem Orders @Api

def handler(event, context):
    with ThreadPoolExecutor(max_workers=4) as pool:
        futures = [pool.submit(drop, audit, key) for key in event["keys"]]
        list(pool.map(save, event["items"]))
        found = {pool.submit(load, key): key for key in event["wanted"]}
        return [future.result() for future in as_completed(found)] + [f.result() for f in futures]
"#

    threads r#"
import threading
from db import orders

def save(table, item):
    table.put_item(Item=item)  # => PutItem Orders @Api

def handler(event, context):
    threads = [threading.Thread(target=save, args=(orders, item)) for item in event["items"]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
"#

    a_callback_handed_to_a_library r#"
from somewhere import on_message
from db import orders

def save(message):
    orders.put_item(Item=message)  # => PutItem Orders @Api

def handler(event, context):
    on_message(event, save)
"#

    what_the_standard_library_calls_later r#"
import operator
import types
from functools import singledispatch
from db import audit, orders

@singledispatch
def store(entry):
    pass

@store.register(int)
def _(entry):
    orders.put_item(Item=entry)  # => PutItem Orders ?Api

def handler(event, context):
    operator.methodcaller("get_item", Key={"pk": "1", "sk": "1"})(orders)  # => GetItem Orders @Api
    tables = types.SimpleNamespace(orders=orders, audit=audit)
    tables.audit.delete_item(Key={"id": "1"})  # => DeleteItem Audit @Api
    operator.attrgetter("orders")(tables).delete_item(Key={"pk": "1", "sk": "1"})  # => DeleteItem Orders @Api
    operator.itemgetter("audit")({"audit": audit}).update_item(Key={"id": "1"})  # => UpdateItem Audit @Api
    store(event)
"#

    managers_on_a_stack r#"
from contextlib import ExitStack, contextmanager
from db import audit, orders

@contextmanager
def opened(table):
    yield table

class Batch:
    def __enter__(self):
        return audit

    def __exit__(self, *raised):
        orders.delete_item(Key={"pk": "1", "sk": "1"})  # => DeleteItem Orders @Api

def handler(event, context):
    with ExitStack() as stack:
        stack.enter_context(opened(orders)).get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
        stack.enter_context(Batch()).get_item(Key={"id": "1"})  # => GetItem Audit @Api
"#

    what_data_give_back_in_want_of_something_better r#"
import json
import validators
from db import audit, orders

class Store:
    def __init__(self, table):
        self.table = table

    def forget(self, key):
        self.table.delete_item(Key=key)  # => DeleteItem Orders @Api

def save(table, entry):
    table.put_item(Item=entry)  # => PutItem Orders|Audit @Api

def handler(event, context):
    routes = json.loads(event["routes"])
    routes.get("save", save)(orders, event)
    validators.checked(routes).get("save", save)(audit, event)
    routes.get("store", Store(orders)).forget(event)
    routes.pop("table", audit).get_item(Key={"id": "1"})  # => GetItem Audit @Api
"#
}
