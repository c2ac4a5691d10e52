//! Objects that are made for data and have methods all the same: they go through a library, or a library makes them.

use crate::harness::{audited, cases};

cases! {
    a_job_comes_back_from_a_heap r#"
import heapq
import random
from dataclasses import dataclass
from db import audit, orders

@dataclass(order=True)
class Job:
    priority: int
    key: str

    def run(self):
        audit.put_item(Item={"id": self.key})  # => PutItem Audit ?Api

    def undo(self):
        audit.delete_item(Key={"id": self.key})  # => DeleteItem Audit latent

@dataclass
class Draw:
    key: str

    def enter(self):
        audit.get_item(Key={"id": self.key})  # => GetItem Audit @Api

def handler(event, context):
    heap = []
    heapq.heappush(heap, Job(1, event["id"]))
    while heap:
        heapq.heappop(heap).run()
    random.choice([Draw("a"), Draw("b")]).enter()
"#

    who_never_leaves_isnt_called_by_its_name r#"
import json
from dataclasses import dataclass
from db import audit

@dataclass
class Order:
    key: str

    def save(self):
        audit.put_item(Item={"id": self.key})  # => PutItem Audit latent

def handler(event, context):
    order = Order(event["id"])
    upload = json.loads(event["body"])
    upload.save()
    return order.key
"#

    a_repository_in_a_frameworks_state r#"
from dataclasses import dataclass
from flask import Flask, current_app, g
from db import audit

app = Flask(__name__)

@dataclass
class Repository:
    name: str

    def save(self):
        audit.put_item(Item={"id": self.name})  # => PutItem Audit ?Api

@dataclass
class Session:
    name: str

    def close_it(self):
        audit.delete_item(Key={"id": self.name})  # => DeleteItem Audit ?Api

app.config["repository"] = Repository("a")

@app.before_request
def before():
    g.session = Session("b")

@app.route("/")
def index():
    current_app.config["repository"].save()
    g.session.close_it()

def handler(event, context):
    return app.test_client().get("/")
"#

    a_model_makes_its_lines r#"
from pydantic import BaseModel, TypeAdapter
from db import audit, orders

class Line(BaseModel):
    sku: str

    def book(self):
        audit.put_item(Item={"id": self.sku})  # => PutItem Audit ?Api

class Order(BaseModel):
    lines: list[Line]

class Refund(BaseModel):
    key: str

    def pay(self):
        audit.update_item(Key={"id": self.key})  # => UpdateItem Audit ?Api

class Later(BaseModel):
    key: str

    def pay_later(self):
        audit.delete_item(Key={"id": self.key})  # => DeleteItem Audit latent

def handler(event, context):
    for line in Order(**event).lines:
        line.book()
    for refund in TypeAdapter(list[Refund]).validate_python(event["refunds"]):
        refund.pay()
        refund.pay_later
"#

    an_error_is_asked_where_it_was_not_caught r#"
import sys
from concurrent.futures import ThreadPoolExecutor
from db import audit

class AuditError(Exception):
    def report(self):
        audit.put_item(Item={"id": "error"})  # => PutItem Audit ?Api

    def forget(self):
        audit.delete_item(Key={"id": "error"})  # => DeleteItem Audit latent

def work():
    raise AuditError

def handler(event, context):
    with ThreadPoolExecutor() as pool:
        pool.submit(work).exception().report()
"#

    what_a_callback_makes r#"
from werkzeug.local import LocalProxy
from marshmallow import Schema, fields, post_load
from db import audit

class Repository:
    def save(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

class Order:
    def __init__(self, key):
        self.key = key

    def close(self):
        audit.delete_item(Key={"id": self.key})  # => DeleteItem Audit ?Api

class OrderSchema(Schema):
    key = fields.Str()

    @post_load
    def make(self, data, **kwargs):
        return Order(**data)

repository = LocalProxy(lambda: Repository())

def handler(event, context):
    repository.save()
    OrderSchema().load(event).close()
"#

    a_container_that_is_asked_for_a_class r#"
from lagom import Container
from db import audit

class Repository:
    def save(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

container = Container()

def handler(event, context):
    container[Repository].save()
"#

    a_property_is_read_by_a_template r#"
import jinja2
from dataclasses import dataclass
from db import audit

@dataclass
class Row:
    key: str

    @property
    def status(self):
        return audit.get_item(Key={"id": self.key})["Item"]  # => GetItem Audit ?Api

    def save(self):
        audit.put_item(Item={"id": self.key})  # => PutItem Audit latent

def handler(event, context):
    return jinja2.Template("{{ row.status }}").render(row=Row(event["id"]))
"#

    a_page_of_a_model_and_a_mapping_of_ours r#"
from typing import Generic, Mapping, TypeVar
from pydantic import BaseModel
from db import audit, orders

T = TypeVar("T")

class Page(BaseModel, Generic[T]):
    items: list[T]

class Order(BaseModel):
    key: str

    def save(self):
        audit.put_item(Item={"id": self.key})  # => PutItem Audit ?Api

class Stored(Mapping):
    def __getitem__(self, key):
        return orders.get_item(Key={"pk": key, "sk": key})["Item"]  # => GetItem Orders ?Api

    def __iter__(self):
        return iter(())

    def __len__(self):
        return 0

def handler(event, context):
    Page[Order](items=event["orders"]).items[0].save()
    return Stored().get("a")
"#

    an_enums_member_comes_out_of_a_queue r#"
import queue
from enum import Enum
from db import audit

class Step(Enum):
    BOOK = "book"

    def execute(self):
        audit.put_item(Item={"id": self.value})  # => PutItem Audit ?Api

def handler(event, context):
    steps = queue.SimpleQueue()
    steps.put(Step.BOOK)
    steps.get().execute()
"#
}

/// Functions that give each other to a library: each is looked at once, not along each way through them.
#[test]
fn functions_that_give_all_the_others() {
    let screens = 0..24;
    let functions = screens.clone().map(|n| {
        format!("def screen{n}(event):\n    audit.get_item(Key={{'id': '{n}'}})\n    return SCREENS[event['next']]\n\n")
    });
    let all = screens.clone().map(|n| format!("'{n}': screen{n}")).collect::<Vec<_>>().join(", ");
    let project = format!(
        "from marshmallow import Schema, post_load\nfrom db import audit\n\n{}SCREENS = {{{all}}}\n\n\
         class Start(Schema):\n    @post_load\n    def make(self, data, **kwargs):\n        return screen0\n\n\
         def handler(event, context):\n    return Start().load(event)\n",
        functions.collect::<String>()
    );
    let reached = audited(&project, |audit| {
        let is_reached = |access: &&ddb_audit::facts::AccessFacts<'_>| {
            access.access.observations.iter().any(|observation| observation.entry.is_some())
        };
        audit.facts.accesses.iter().filter(is_reached).count()
    });
    assert_eq!(reached, screens.count());
}
