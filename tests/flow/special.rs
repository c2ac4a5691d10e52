//! Special names that lead from functions and classes to others.

use crate::harness::{audited, cases};

cases! {
    modules_that_are_loaded r#"
import sys
import db
from db import audit

def put():
    audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

def handler(event, context):
    getattr(sys.modules[__name__], "put")()
    sys.modules["db"].orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api
    sys.modules.get("db").audit.scan()  # => Scan Audit unknown @Api
"#

    functions_inside_what_wraps_them r#"
from db import audit, orders

class Store:
    @staticmethod
    def put(order):
        audit.put_item(Item={"id": order})  # => PutItem Audit @Api

    @classmethod
    def drop(cls, order):
        audit.delete_item(Key={"id": order})  # => DeleteItem Audit @Api

    @property
    def last(self):
        return audit.get_item(Key={"id": "last"})  # => GetItem Audit @Api

    def move(self, order):
        orders.put_item(Item={"pk": order, "sk": "moved"})  # => PutItem Orders @Api

    def close(self):
        orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders @Api

    actions = [put.__wrapped__, drop.__func__]

def handler(event, context):
    store = Store()
    Store.actions[0]("a")
    Store.actions[1](Store, "a")
    Store.last.fget(store)
    move = store.move
    move.__func__(store, "a")
    move.__self__.close()
"#

    functions_bound_by_hand r#"
import inspect
from db import audit

class Store:
    @classmethod
    def drop(cls, order):
        audit.delete_item(Key={"id": order})  # => DeleteItem Audit @Api

    @staticmethod
    def read(order):
        return audit.get_item(Key={"id": order})  # => GetItem Audit @Api

def put(self, order):
    audit.put_item(Item={"id": order})  # => PutItem Audit @Api

def update(order):
    audit.update_item(Key={"id": order})  # => UpdateItem Audit @Api

def handler(event, context):
    put.__get__(Store())("a")
    Store.__dict__["drop"].__get__(None, Store)("a")
    inspect.getattr_static(Store, "read").__func__("a")
    update.__call__("a")
"#

    classes_found_from_classes r#"
from db import audit, orders

class Task:
    def run(self):
        audit.put_item(Item={"id": "task"})  # => PutItem Audit @Api

class Nightly(Task):
    def run(self):
        audit.delete_item(Key={"id": "nightly"})  # => DeleteItem Audit @Api

class Cleared(Nightly):
    def run(self):
        orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders latent

class Alone:
    def run(self):
        orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders @Api

def handler(event, context):
    for task in Task.__subclasses__():
        task().run()
    Cleared.__mro__[2].run(Cleared())
    type.__call__(Alone).run()
"#

    namespaces_read_as_dicts r#"
import actions
from db import audit

class Store:
    @staticmethod
    def put():
        audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

def handler(event, context):
    vars(Store)["put"].__func__()
    actions.__dict__["drop"]()
    vars(actions)["read"]()
=== src/actions.py
from db import audit

def drop():
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

def read():
    return audit.get_item(Key={"id": "a"})  # => GetItem Audit @Api

def other():
    audit.update_item(Key={"id": "a"})  # => UpdateItem Audit latent
"#

    values_of_members_that_may_be_any r#"
from enum import Enum
from functools import partial
from db import audit, orders

def put(key):
    audit.put_item(Item=key)  # => PutItem Audit @Api

def drop(key):
    audit.delete_item(Key=key)  # => DeleteItem Audit @Api

def update(key):
    audit.update_item(Key=key)  # => UpdateItem Audit @Api

class Source(Enum):
    ORDERS = orders
    AUDIT = audit

class Action(Enum):
    PUT = (put, 1)
    DROP = (drop, 2)

    @property
    def function(self):
        return self.value[0]

class Called(Enum):
    UPDATE = partial(update)

    def __call__(self, key):
        return self.value(key)

class Kind(Enum):
    ORDER = ("orders", orders)
    ENTRY = ("audit", audit)

    def __init__(self, label, table):
        self.label = label
        self.store = table

    @property
    def table(self):
        return self.store

def handler(event, context):
    Source[event["source"]].value.get_item(Key=event["key"])  # => GetItem Orders|Audit @Api
    Action.PUT.value[0](event["key"])
    Action[event["action"]].function(event["key"])
    Called.UPDATE(event["key"])
    Kind[event["kind"]].table.scan()  # => Scan Orders|Audit unknown @Api
"#

    copies_with_other_fields r#"
import os
from dataclasses import dataclass, replace
from typing import NamedTuple
from pydantic import BaseModel
from db import audit, dynamodb, orders

@dataclass
class Store:
    name: str

    def __post_init__(self):
        self.table = dynamodb.Table(self.name)

    def save(self):
        self.table.put_item(Item={"id": "a"})  # => PutItem Audit @Api

    def read(self):
        return self.table.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

class Pair(NamedTuple):
    table: object
    key: dict

    def drop(self):
        self.table.delete_item(Key=self.key)  # => DeleteItem Audit @Api

class Change(BaseModel):
    key: str

    def apply(self):
        orders.update_item(Key={"pk": self.key, "sk": "a"})  # => UpdateItem Orders @Api

def handler(event, context):
    store = Store(os.environ["ORDERS_TABLE"])
    store.read()
    replace(store, name=os.environ["AUDIT_TABLE"]).save()
    Pair(orders, {"pk": "a"})._replace(table=audit, key={"id": "a"}).drop()
    Change(key="a").model_copy(update={"key": event["key"]}).apply()
"#

    methods_that_are_parts_of_others r#"
from functools import partialmethod
from db import audit, orders

class Store:
    def __init__(self, table):
        self.table = table

    def _set(self, key, *, status):
        self.table.update_item(Key=key, UpdateExpression="SET s = :s", ExpressionAttributeValues={":s": status})  # => UpdateItem Orders @Api

    def _drop(self, status):
        self.table.delete_item(Key={"id": status})  # => DeleteItem Audit @Api

    close = partialmethod(_set, status="closed")
    forget = partialmethod(_drop, status="closed")

def handler(event, context):
    Store(orders).close(event["key"])
    Store(audit).forget()
"#

    enums_of_classes_and_functions r#"
from enum import Enum, member
from functools import partial
from db import audit, orders

class Keep:
    def run(self):
        audit.put_item(Item={"id": "kept"})  # => PutItem Audit @Api

class Job(Enum):
    KEEP = Keep

    def start(self):
        self.value().run()

class Action(Enum):
    DROP = partial(audit.delete_item, Key={"id": "a"})

    @member
    def READ():
        return orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

def handler(event, context):
    Job.KEEP.start()
    Action.DROP.value()  # => DeleteItem Audit @Api
    Action.READ.value()
"#
}

/// What leads to code that isn't followed is said so.
#[test]
fn other_ways_to_code_are_blind_spots() {
    for way in [
        "vars(handler.__globals__)['put']()",
        "put.__closure__[0].cell_contents()",
        "FunctionType(put.__code__, globals())()",
        "globals()[event['name']]()",
        "dict(inspect.getmembers(Store))['put']()",
        "runpy.run_path(event['path'])",
        "vars(Store())['put']()",
        "type('Made', (Store,), {'save': put})().save()",
        "[p.annotation for p in inspect.signature(handler).parameters.values()][0]()",
        "weakref.ref(put)()()",
    ] {
        let project = format!(
            "import inspect\nimport runpy\nimport weakref\nfrom types import FunctionType\nfrom db import audit\n\nclass Store:\n    def put(self):\n        \
             audit.put_item(Item={{'id': 'a'}})\n\ndef put():\n    Store().put\n\ndef handler(event, context):\n    {way}\n"
        );
        let spots = audited(&project, |audit| {
            let spots = &audit.facts.blind_spots;
            spots.iter().filter(|spot| spot.withholds.contains(&"iam-over-grant")).count()
        });
        assert!(spots > 0, "{way}");
    }
}
