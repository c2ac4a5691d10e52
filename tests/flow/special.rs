//! Special names that lead from functions and classes to others.

use crate::harness::{audited, cases};

cases! {
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
        "globals()[event['name']]()",
        "dict(inspect.getmembers(Store))['put']()",
        "runpy.run_path(event['path'])",
        "vars(Store())['put']()",
    ] {
        let project = format!(
            "import inspect\nimport runpy\nfrom db import audit\n\nclass Store:\n    def put(self):\n        \
             audit.put_item(Item={{'id': 'a'}})\n\ndef put():\n    Store().put\n\ndef handler(event, context):\n    {way}\n"
        );
        let spots = audited(&project, |audit| {
            let spots = &audit.facts.blind_spots;
            spots.iter().filter(|spot| spot.withholds.contains(&"iam-over-grant")).count()
        });
        assert!(spots > 0, "{way}");
    }
}
