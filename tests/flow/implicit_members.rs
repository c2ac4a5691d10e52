//! Methods that nobody calls by name, and that a class has by other ways than a `def` in its body, or through its metaclass.

use crate::harness::cases;

cases! {
    special_methods_by_another_name r#"
import sys
from db import audit, orders

class Buffer:
    def _flush(self):
        audit.put_item(Item={"id": "flushed"})  # => PutItem Audit ?Api

    __del__ = _flush
    __len__ = lambda self: audit.scan()["Count"]  # => Scan Audit unknown ?Api

    if sys.version_info >= (3, 8):
        def __contains__(self, key):
            return orders.get_item(Key=key)  # => GetItem Orders ?Api

    def _unused(self):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit latent

def handler(event, context):
    buffer = Buffer()
    return event in buffer, len(buffer)
"#

    special_methods_that_are_put_on_a_class r#"
import functools
from db import audit, orders

class Order:
    pass

def length(self):
    return audit.scan()["Count"]  # => Scan Audit unknown ?Api

Order.__len__ = length

def described(cls):
    def describe(self):
        audit.put_item(Item={"id": "described"})  # => PutItem Audit ?Api
        return "an order"
    setattr(cls, "__repr__", describe)
    return cls

class traced:
    def __init__(self, function):
        self.function = function

    def __get__(self, owner, kind):
        return functools.partial(self.function, owner)

    def __call__(self, *args):
        return self.function(*args)

@described
class Late:
    @traced
    def __bool__(self):
        return "Item" in orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders ?Api

def drop(self):
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit ?Api

def handler(event, context):
    order = Order()
    Order.__del__ = drop
    return len(order) if Late() else repr(Late())
"#

    what_a_library_calls_by_another_name r#"
import falcon
from functools import partialmethod
from db import audit, orders

class Orders:
    def _read(self, request, response, table=None):
        table.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders ?Api

    def _write(self, request, response):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

    on_get = partialmethod(_read, table=orders)
    on_put = on_post = _write

app = falcon.App()
app.add_route("/", Orders())

def handler(event, context):
    return app(event)
"#

    methods_of_the_unknown_by_another_name r#"
from db import audit

class Store:
    def _save(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

    save = _save

    @staticmethod
    def drop():
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit ?Api

def handler(event, context):
    store = globals()[event["name"]]
    store.save()
    store.drop()
"#
}
