//! Methods that nobody calls by name: Python does, or a library that the program gave a class, an object or a function.

use crate::harness::cases;

cases! {
    what_python_calls_for_operators_and_builtins r#"
from db import audit, orders

class Ledger:
    def __contains__(self, order):
        return "Item" in audit.get_item(Key={"id": order})  # => GetItem Audit ?Api

    def __delitem__(self, order):
        audit.delete_item(Key={"id": order})  # => DeleteItem Audit ?Api

    def __repr__(self):
        return str(audit.describe_limits)

    def __iadd__(self, order):
        audit.put_item(Item={"id": order})  # => PutItem Audit @Api
        return self

    def never_called(self):
        orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders latent

def handler(event, context):
    ledger = Ledger()
    ledger += event["id"]
    if event["gone"] in ledger:
        del ledger[event["gone"]]
"#

    a_descriptor_that_writes r#"
from db import audit

class Recorded:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner=None):
        return instance.__dict__[self.name]

    def __set__(self, instance, value):
        audit.put_item(Item={"id": self.name, "to": value})  # => PutItem Audit ?Api

class Order:
    status = Recorded()

def handler(event, context):
    Order().status = event["status"]
"#

    a_thread_of_its_own_class r#"
import threading
from db import audit

class Writer(threading.Thread):
    def __init__(self, name):
        super().__init__()
        self.key = name

    def run(self):
        audit.put_item(Item={"id": self.key})  # => PutItem Audit @Api

def handler(event, context):
    writer = Writer(event["id"])
    writer.start()
    writer.join()
"#

    subclasses_of_what_the_standard_library_calls r#"
import json
import logging
from html.parser import HTMLParser
from db import audit, orders

class Encoder(json.JSONEncoder):
    def default(self, value):
        return orders.get_item(Key=value.key)["Item"]  # => GetItem Orders ?Api

class Trail(logging.Handler):
    def emit(self, record):
        audit.put_item(Item={"id": record.msg})  # => PutItem Audit ?Api

class Links(HTMLParser):
    def handle_starttag(self, tag, attributes):
        audit.delete_item(Key={"id": tag})  # => DeleteItem Audit ?Api

def handler(event, context):
    logging.getLogger("trail").addHandler(Trail())
    Links().feed(event["page"])
    return json.dumps(event, cls=Encoder)
"#

    resources_that_a_framework_is_told_of r#"
import falcon
from flask import Flask
from flask_restful import Api, Resource
from db import audit, orders

class Order:
    def on_get(self, request, response):
        response.media = orders.get_item(Key=request.params)["Item"]  # => GetItem Orders ?Api

class Entry(Resource):
    def put(self):
        audit.put_item(Item={"id": "x"})  # => PutItem Audit ?Api

class Unheard:
    def on_get(self, request, response):
        orders.scan()  # => Scan Orders unknown latent

service = falcon.App()
service.add_route("/orders", Order())
app = Flask(__name__)
Api(app).add_resource(Entry, "/entries")

def handler(event, context):
    return service(event) or app(event)
"#

    a_view_that_is_a_class r#"
import awsgi
from flask import Flask
from flask.views import MethodView
from db import audit

app = Flask(__name__)

class Entries(MethodView):
    def __init__(self, table):
        self.table = table

    def post(self):
        self.table.put_item(Item={"id": "x"})  # => PutItem ? ?Api

app.add_url_rule("/entries", view_func=Entries.as_view("entries", audit))

def handler(event, context):
    return awsgi.response(app, event, context)
"#

    stores_for_powertools r#"
from aws_lambda_powertools.utilities.feature_flags import FeatureFlags, StoreProvider
from aws_lambda_powertools.utilities.idempotency import idempotent
from aws_lambda_powertools.utilities.idempotency.persistence.base import BasePersistenceLayer
from db import audit, orders

class Flags(StoreProvider):
    def get_configuration(self):
        return orders.get_item(Key={"pk": "flags", "sk": "all"})["Item"]  # => GetItem Orders ?Api

    @property
    def get_raw_configuration(self):
        return orders.query(KeyConditionExpression="pk = :f")["Items"]  # => Query Orders missing ?Api

class Records(BasePersistenceLayer):
    def _get_record(self, key):
        return audit.get_item(Key={"id": key})  # => GetItem Audit ?Api

    def _put_record(self, record):
        audit.put_item(Item={"id": record.key})  # => PutItem Audit ?Api

flags = FeatureFlags(store=Flags())

@idempotent(persistence_store=Records())
def handler(event, context):
    return flags.evaluate(name="new", default=False)
"#

    what_decorators_of_a_library_are_put_on r#"
from marshmallow import Schema, fields, post_load
from pydantic import BaseModel, field_validator
from tenacity import retry
from db import audit, orders

class Order(BaseModel):
    customer: str

    @field_validator("customer")
    @classmethod
    def known(cls, customer):
        return audit.get_item(Key={"id": customer})["Item"]["id"]  # => GetItem Audit ?Api

    def remove(self):
        audit.delete_item(Key={"id": self.customer})  # => DeleteItem Audit latent

class Form(Schema):
    customer = fields.Str()

    @post_load
    def keep(self, data, **kwargs):
        audit.put_item(Item=data)  # => PutItem Audit ?Api

@retry
def unused():
    orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders latent

def handler(event, context):
    Form().load(event)
    return Order(**event)
"#

    models_and_errors_of_libraries_call_nothing r#"
from enum import Enum
from pydantic import BaseModel
from pynamodb.exceptions import DoesNotExist
from db import audit

class Entry(BaseModel):
    id: str

    def drop(self):
        audit.delete_item(Key={"id": self.id})  # => DeleteItem Audit latent

class Gone(DoesNotExist):
    def note(self):
        audit.put_item(Item={"id": "gone"})  # => PutItem Audit latent

class Kind(Enum):
    NEW = "new"

    def count(self):
        return audit.get_item(Key={"id": self.value})  # => GetItem Audit latent

def handler(event, context):
    if event["kind"] == Kind.NEW.value:
        raise Gone
    return Entry(**event).model_dump()
"#

    a_hook_for_subclasses r#"
from db import audit, orders

class Job:
    jobs = {}

    def __init_subclass__(cls, kind=None, **kwargs):
        super().__init_subclass__(**kwargs)
        cls.jobs[kind] = cls

class Save(Job, kind="save"):
    def run(self, event):
        audit.put_item(Item={"id": event["id"]})  # => PutItem Audit @Api

class Drop(Job, kind="drop"):
    def run(self, event):
        orders.delete_item(Key=event["key"])  # => DeleteItem Orders latent

def handler(event, context):
    Job.jobs["save"]().run(event)
"#

    errors_that_do_something r#"
from db import audit, orders

class Failure(Exception):
    def note(self):
        pass

class Conflict(Failure):
    def __init__(self, table):
        self.table = table

    def note(self):
        self.table.put_item(Item={"id": "conflict"})  # => PutItem Audit ?Api

class Late(Exception):
    def note(self):
        orders.put_item(Item={"pk": "a", "sk": "late"})  # => PutItem Orders @Api

def work(event):
    raise Conflict(audit) if event else Late()

def handler(event, context):
    try:
        work(event)
    except Failure as failure:
        failure.note()
    except (KeyError, Late) as late:
        late.note()
"#

    what_a_generator_returns r#"
from db import audit

def opened():
    yield "opening"
    return audit

def steps():
    table = yield from opened()
    table.put_item(Item={"id": "x"})  # => PutItem Audit @Api
    yield "done"

def handler(event, context):
    return list(steps())
"#

    validators_in_all_their_forms r#"
from typing import Annotated
import attrs
from pydantic import AfterValidator, BaseModel, computed_field
from db import audit, orders

def known(customer):
    orders.get_item(Key={"pk": customer, "sk": "profile"})  # => GetItem Orders @Api
    return customer

def free(instance, attribute, value):
    orders.delete_item(Key={"pk": value, "sk": "lock"})  # => DeleteItem Orders ?Api

class Order(BaseModel):
    customer: Annotated[str, AfterValidator(known)]

    @computed_field
    @property
    def total(self) -> int:
        return audit.get_item(Key={"id": self.customer})["Item"]["total"]  # => GetItem Audit @Api

@attrs.define
class Lock:
    name: str = attrs.field(validator=free)
    owner: str = attrs.field(default="")

    @owner.validator
    def _owned(self, attribute, value):
        audit.put_item(Item={"id": self.name})  # => PutItem Audit ?Api

def handler(event, context):
    Lock(event["name"])
    return Order(customer=event["id"]).model_dump()
"#

    classes_that_a_metaclass_registers r#"
from db import audit, orders

class Registered(type):
    known = {}

    def __new__(meta, name, bases, namespace):
        cls = super().__new__(meta, name, bases, namespace)
        meta.known[name] = cls
        return cls

class Job(metaclass=Registered):
    pass

class Save(Job):
    def run(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

class Alone:
    def start(self):
        orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders latent

def handler(event, context):
    Registered.known["Save"]().run()
"#

    methods_put_under_names_that_are_computed r#"
from db import audit, orders

def logged(function):
    def inner(*args):
        audit.put_item(Item={"id": function.__name__})  # => PutItem Audit ?Api
        return function(*args)
    return inner

def all_logged(cls):
    for name, function in list(vars(cls).items()):
        if not name.startswith("_"):
            setattr(cls, name, logged(function))
    return cls

@all_logged
class Store:
    def save(self):
        orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders @Api

def handler(event, context):
    Store().save()
"#

    what_is_called_when_work_is_done r#"
import weakref
from concurrent.futures import ThreadPoolExecutor
from db import audit, orders

STORES = weakref.WeakSet()

class Store:
    def __init__(self, table):
        self.table = table
        STORES.add(self)

    def flush(self):
        self.table.put_item(Item={"id": "flushed"})  # => PutItem Audit @Api

store = Store(audit)

def read(key):
    return orders.get_item(Key=key)  # => GetItem Orders @Api

def handler(event, context):
    with ThreadPoolExecutor(2) as pool:
        future = pool.submit(read, event["key"])
        future.add_done_callback(lambda done: audit.delete_item(Key={"id": "a"}))  # => DeleteItem Audit @Api
    for one in STORES:
        one.flush()
"#

    what_libraries_read_and_write r#"
import csv
import json
import pickle
import weakref
from db import audit, orders

class Rows:
    def __iter__(self):
        return self

    def __next__(self):
        audit.get_item(Key={"id": "row"})  # => GetItem Audit ?Api
        raise StopIteration

class Sink:
    def write(self, text):
        audit.put_item(Item={"id": text})  # => PutItem Audit ?Api

class Job:
    def run(self):
        orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders ?Api

class Source:
    def read(self):
        return orders.get_item(Key={"pk": "a", "sk": "b"})["Item"]["text"]  # => GetItem Orders ?Api

def handler(event, context):
    rows = Rows()
    weakref.ref(rows, lambda gone: audit.delete_item(Key={"id": "gone"}))  # => DeleteItem Audit ?Api
    list(csv.reader(rows))
    print("written", file=Sink())
    json.load(Source())
    pickle.loads(pickle.dumps(Job())).run()
"#

    setters r#"
from db import audit

class Entry:
    @property
    def state(self):
        return audit.get_item(Key={"id": "a"})  # => GetItem Audit @Api

    @state.setter
    def state(self, state):
        audit.put_item(Item={"id": state})  # => PutItem Audit ?Api

    def _read(self):
        return 1

    def _write(self, owner):
        audit.update_item(Key={"id": owner})  # => UpdateItem Audit ?Api

    owner = property(_read, _write)

def handler(event, context):
    entry = Entry()
    entry.state
    entry.state = "new"
    entry.owner = "me"
"#
}
