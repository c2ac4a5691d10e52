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
    operators_on_classes r#"
from db import audit, orders

class Rows(type):
    def __iter__(cls):
        return iter(cls.table.scan()["Items"])  # => Scan Audit missing @Api

    def __contains__(cls, key):
        return "Item" in cls.table.get_item(Key=key)  # => GetItem Audit ?Api

    def __instancecheck__(cls, other):
        orders.put_item(Item=other)  # => PutItem Orders ?Api
        return True

    def unused(cls):
        audit.update_item(Key={"id": "a"})  # => UpdateItem Audit latent

class Entries(metaclass=Rows):
    table = audit

def handler(event, context):
    if event["key"] in Entries and isinstance(event, Entries):
        return [row for row in Entries]
"#

    members_that_classes_have_of_their_metaclass r#"
from db import audit, orders

class Meta(type):
    def __getattr__(cls, name):
        return orders if name == "orders" else None

    def __getitem__(cls, key):
        return audit.get_item(Key={"id": key})  # => GetItem Audit @Api

    @property
    def count(cls):
        return audit.scan(Select="COUNT")["Count"]  # => Scan Audit missing @Api

    def clear(cls):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

class Base(metaclass=Meta):
    pass

class Rows(Base):
    pass

def handler(event, context):
    Rows.clear()
    Rows.orders.put_item(Item=event)  # => PutItem Orders @Api
    return Rows["x"], Rows.count
"#

    metaclasses_that_do_something_where_classes_are_made r#"
from db import audit, orders

class Single(type):
    known = {}

    def __new__(meta, name, bases, namespace):
        audit.put_item(Item={"id": name})  # => PutItem Audit ?Api
        return super().__new__(meta, name, bases, namespace)

    def __call__(cls, *args):
        if cls not in Single.known:
            orders.update_item(Key={"pk": "a", "sk": "b"})  # => UpdateItem Orders ?Api
            Single.known[cls] = super().__call__(*args)
        return Single.known[cls]

class Store(metaclass=Single):
    def __init__(self, table):
        self.table = table

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

class Log(metaclass=Single):
    def __init__(self, table):
        self.table = table

    def save(self, item):
        self.table.delete_item(Key=item)  # => DeleteItem Audit @Api

def handler(event, context):
    Store(orders).save(event)
    Log(audit).save({"id": "a"})
"#

    hooks_that_are_called_on_classes r#"
import abc
from enum import Enum
from db import audit, orders

class Known(abc.ABC):
    @classmethod
    def __subclasshook__(cls, other):
        audit.get_item(Key={"id": other.__name__})  # => GetItem Audit ?Api
        return True

class Status(Enum):
    NEW = "new"

    def __str__(self):
        orders.put_item(Item={"pk": self.value, "sk": "b"})  # => PutItem Orders ?Api
        return "new"

    def unused(self):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit latent

def handler(event, context):
    return f"{Status.NEW}" if issubclass(dict, Known) else None
"#
}
