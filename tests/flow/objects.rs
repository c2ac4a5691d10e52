//! How tables travel in objects.

use crate::harness::cases;

cases! {
    a_dependency_container r#"
import os
import boto3
from dependency_injector import containers, providers

class OrderRepository:
    def __init__(self, resource, table_name):
        self._table = resource.Table(table_name)

    def get(self, key):
        return self._table.get_item(Key=key).get("Item")  # => GetItem Orders @Api

class Container(containers.DeclarativeContainer):
    resource = providers.Singleton(boto3.resource, "dynamodb")
    repository = providers.Factory(OrderRepository, resource=resource, table_name=os.environ["ORDERS_TABLE"])

container = Container()

def handler(event, context):
    return container.repository().get(event["key"])
"#

    one_object_for_all r#"
from db import audit, orders

class Store:
    _instance = None

    def __new__(cls, *args):
        if cls._instance is None:
            cls._instance = super().__new__(cls)
            cls._instance.table = orders
        return cls._instance

    def get(self, key):
        return self.table.get_item(Key=key)  # => GetItem Orders @Api

class Log(object):
    def __new__(cls):
        made = object.__new__(cls)
        made.table = audit
        return made

    def __init__(self):
        self.kept = self.table

    def write(self, entry):
        self.table.put_item(Item=entry)  # => PutItem Audit @Api
        self.kept.delete_item(Key={"id": entry["id"]})  # => DeleteItem Audit @Api

def handler(event, context):
    Log().write(event)
    return Store().get(event["key"])
"#

    a_dependency_container_of_several_levels r#"
import os
import boto3
from dependency_injector import containers, providers

class OrderRepository:
    def __init__(self, resource, table_name):
        self._table = resource.Table(table_name)

    def get(self, key):
        return self._table.get_item(Key=key).get("Item")  # => GetItem Orders @Api

class OrderService:
    def __init__(self, repository):
        self.repository = repository

    def find(self, key):
        return self.repository.get(key)

class Container(containers.DeclarativeContainer):
    resource = providers.Singleton(boto3.resource, "dynamodb")
    repository = providers.Factory(OrderRepository, resource=resource, table_name=os.environ["ORDERS_TABLE"])
    service = providers.Factory(OrderService, repository=repository)

container = Container()

def handler(event, context):
    return container.service().find(event["key"])
"#

    providers_wired_outside_the_container r#"
import os
import boto3
from dependency_injector import providers

class Journal:
    def __init__(self, *, table_name):
        self.table = boto3.resource("dynamodb").Table(table_name)

    def note(self, item):
        self.table.put_item(Item=item)  # => PutItem Audit @Api

class Services:
    pass

def wire(services):
    services.journal = providers.Factory(Journal, table_name=os.environ["AUDIT_TABLE"])

def handler(event, context):
    services = Services()
    wire(services)
    services.journal().note(event)
"#

    one_class_two_tables r#"
import os
import boto3

class Store:
    def __init__(self, name):
        self.table = boto3.resource("dynamodb").Table(name)

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders|Audit @Api

    def drop(self, key):
        self.table.delete_item(Key=key)  # => DeleteItem Audit @Api

def make(kind):
    return Store(os.environ["ORDERS_TABLE"]) if kind == "orders" else Store(os.environ["AUDIT_TABLE"])

def handler(event, context):
    orders, audit = make("orders"), make("audit")
    orders.save(event)
    audit.save(event)
    audit.drop(event["key"])
"#

    a_singleton_in_a_module_global r#"
import os
import boto3

_table = None

def get_table():
    global _table
    if _table is None:
        _table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    return _table

def handler(event, context):
    get_table().put_item(Item=event)  # => PutItem Orders @Api
"#

    a_lazy_property r#"
import os
import boto3

class Requests:
    def __init__(self, name=None):
        self._client = None
        self.name = name or os.environ["AUDIT_TABLE"]

    @property
    def client(self):
        if self._client is None:
            self._client = boto3.client("dynamodb")
        return self._client

    def start(self, key):
        self.client.update_item(TableName=self.name, Key=key, UpdateExpression="ADD n :one")  # => UpdateItem Audit @Api

def handler(event, context):
    Requests().start(event["key"])
"#

    cached_getters r#"
import os
from functools import cached_property, lru_cache
import boto3

@lru_cache(maxsize=None)
def resource():
    return boto3.resource("dynamodb")

class Store:
    @cached_property
    def table(self):
        return resource().Table(os.environ["ORDERS_TABLE"])

@lru_cache
def store() -> Store:
    return Store()

def handler(event, context):
    store().table.put_item(Item=event)  # => PutItem Orders @Api
"#

    a_table_as_an_untyped_argument r#"
from db import audit, orders

def save(table, item):
    table.put_item(Item=item)  # => PutItem Orders @Api

class Archive:
    @staticmethod
    def drop(table, key):
        table.delete_item(Key=key)  # => DeleteItem Audit @Api

    @classmethod
    def touch(cls, table, key):
        cls.mark(table, key)

    @classmethod
    def mark(cls, table, key):
        table.update_item(Key=key, UpdateExpression="SET seen = :t")  # => UpdateItem Orders @Api

def handler(event, context):
    save(orders, event)
    Archive.drop(audit, event["key"])
    Archive.touch(orders, event["key"])
"#

    inheritance_and_super r#"
import os
from abc import ABC, abstractmethod
import boto3

class Repository(ABC):
    def __init__(self, name):
        self.table = boto3.resource("dynamodb").Table(name)

    @abstractmethod
    def key(self, item): ...

    def load(self, item):
        return self.table.get_item(Key=self.key(item))  # => GetItem Orders @Api

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

class Orders(Repository):
    def __init__(self):
        super().__init__(os.environ["ORDERS_TABLE"])

    def key(self, item):
        return {"pk": item["pk"], "sk": "ORDER"}

    def save(self, item):
        super().save({**item, "kind": "order"})

def handler(event, context):
    orders = Orders()
    orders.save(event)
    return orders.load(event)
"#

    same_method_name_on_two_classes r#"
from db import audit, orders

class Orders:
    def close(self, key):
        orders.delete_item(Key=key)  # => DeleteItem Orders @Api

class Journal:
    def close(self, key):
        audit.delete_item(Key=key)  # => DeleteItem Audit latent

class Session:
    def close(self, key):
        return key

def handler(event, context):
    Orders().close(event["key"])
    Session().close(event["key"])
"#

    another_objects_private_attribute r#"
from db import orders

class Repository:
    def __init__(self):
        self._table = orders

class Report:
    def __init__(self, repository):
        self._repository = repository

    def total(self):
        return len(self._repository._table.scan()["Items"])  # => Scan Orders missing @Api

def handler(event, context):
    return Report(Repository()).total()
"#

    an_attribute_set_in_another_method r#"
import os
import boto3

class Store:
    def connect(self):
        self.table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
        return self

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

def handler(event, context):
    Store().connect().save(event)
"#

    a_context_manager_class r#"
from db import orders

class Unit:
    def __init__(self, table):
        self.table = table

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if kind is None:
            self.table.update_item(Key={"pk": "a", "sk": "b"})  # => UpdateItem Orders @Api

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

def handler(event, context):
    with Unit(orders) as unit:
        unit.save(event)
"#

    a_context_manager_function r#"
from contextlib import contextmanager
from db import audit

@contextmanager
def lock(name):
    audit.put_item(Item={"id": name}, ConditionExpression="attribute_not_exists(id)")  # => PutItem Audit @Api
    try:
        yield audit
    finally:
        audit.delete_item(Key={"id": name})  # => DeleteItem Audit @Api

def handler(event, context):
    with lock("import") as table:
        table.get_item(Key={"id": "state"})  # => GetItem Audit @Api
"#

    made_but_never_called r#"
from db import audit

class Journal:
    def __init__(self, table):
        self.table = table

    def note(self, item):
        self.table.put_item(Item=item)  # => PutItem Audit latent

def handler(event, context):
    journal = Journal(audit)
    return {"ready": journal is not None}
"#

    a_protocol_as_the_only_type r#"
from typing import Protocol
from db import orders

class Store(Protocol):
    def save(self, item: dict) -> None: ...

class OrderStore:
    def save(self, item: dict) -> None:
        orders.put_item(Item=item)  # => PutItem Orders @Api

class Service:
    def __init__(self, store: Store) -> None:
        self._store = store

    def accept(self, item):
        self._store.save(item)

def handler(event, context):
    Service(OrderStore()).accept(event)
"#

    tables_in_a_dict r#"
from db import audit, orders

TABLES = {"orders": orders, "audit": audit}

def handler(event, context):
    TABLES["audit"].put_item(Item=event)  # => PutItem Audit @Api
    for table in TABLES.values():
        table.delete_item(Key=event["key"])  # => DeleteItem Orders|Audit @Api
"#

    a_registry_of_classes r#"
from db import audit, orders

class Open:
    def apply(self, item):
        orders.put_item(Item=item)  # => PutItem Orders @Api

class Note:
    def apply(self, item):
        audit.put_item(Item=item)  # => PutItem Audit @Api

ACTIONS = {"open": Open, "note": Note}

def handler(event, context):
    ACTIONS[event["kind"]]().apply(event)
"#

    tables_in_a_tuple r#"
import os
import boto3

def tables():
    resource = boto3.resource("dynamodb")
    return resource.Table(os.environ["ORDERS_TABLE"]), resource.Table(os.environ["AUDIT_TABLE"])

orders, audit = tables()

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders @Api
    tables()[1].put_item(Item=event)  # => PutItem Audit @Api
"#

    dataclasses_and_models_that_hold_tables r#"
from dataclasses import dataclass, field
from typing import Any
from pydantic import BaseModel
from db import audit, orders

@dataclass
class Store:
    table: object
    journal: object = field(default=audit)

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api
        self.journal.put_item(Item=item)  # => PutItem Audit @Api

class Reader(BaseModel):
    table: Any

    def load(self, key):
        return self.table.get_item(Key=key)  # => GetItem Orders @Api

def handler(event, context):
    Store(orders).save(event)
    return Reader(table=orders).load(event["key"])
"#

    own_classes_named_by_annotations_where_flow_ends r#"
from typing import Optional, Protocol
from db import audit, orders
from somebody import on_message

class Reads(Protocol):
    def load(self, key: dict) -> dict: ...

class Orders:
    def load(self, key):
        return orders.get_item(Key=key)  # => GetItem Orders @Api

    def drop(self, key):
        orders.delete_item(Key=key)  # => DeleteItem Orders latent

class Notes:
    def load(self, key):
        return audit.get_item(Key=key)  # => GetItem Audit ?Api

class Other:
    def load(self, key, more):
        return audit.delete_item(Key=key)  # => DeleteItem Audit ?Api

def one(store: Optional[Orders], message):
    store.load(message)

def any_of(store: Reads, message):
    store.load(message)

def handler(event, context):
    on_message(event, one)
    on_message(event, any_of)
"#

    what_members_of_enums_do r#"
from enum import Enum, IntEnum
from db import audit, orders

class Acts:
    def drop(self, key):
        orders.delete_item(Key=key)  # => DeleteItem Orders @Api

class Step(Acts, Enum):
    LOAD = "load"
    KEEP = ("keep", 2)

    def run(self, key):
        orders.get_item(Key=key)  # => GetItem Orders @Api

    @property
    def trail(self):
        return audit

    @classmethod
    def of(cls, event):
        return cls(event["step"])

class Level(IntEnum):
    LOW = 1

    def __call__(self, key):
        orders.put_item(Item=key)  # => PutItem Orders @Api

def finish(step: Step, key):
    step.drop(key)

def handler(event, context):
    Step.LOAD.run(event["key"])
    Step["KEEP"].trail.put_item(Item={"id": "1"})  # => PutItem Audit @Api
    Level.LOW(event["key"])
    finish(Step.of(event), event["key"])
    for step in Step:
        step.trail.delete_item(Key={"id": step.value})  # => DeleteItem Audit @Api

class Table:
    def query(self):
        return audit.scan()  # => Scan Audit cursor latent
"#

    several_items_at_once_and_what_a_shelf_keeps r#"
import shelve
from operator import attrgetter, itemgetter
from types import SimpleNamespace
from db import audit, orders

def load(key):
    orders.get_item(Key=key)  # => GetItem Orders @Api

def note(key):
    audit.put_item(Item=key)  # => PutItem Audit @Api

def drop(key):
    orders.delete_item(Key=key)  # => DeleteItem Orders @Api

def forget(key):
    audit.delete_item(Key=key)  # => DeleteItem Audit @Api

def handler(event, context):
    first, second = itemgetter("load", "note")({"load": load, "note": note})
    first(event)
    second(event)
    shelf = shelve.open("steps")
    shelf["drop"] = drop
    shelf.get("drop", None)(event)
    steps = SimpleNamespace(forget=None)
    vars(steps)["forget"] = forget
    steps.forget(event)
"#

    members_that_a_constructor_makes r#"
from enum import Enum
from db import audit, orders

def load(key):
    orders.get_item(Key=key)  # => GetItem Orders @Api

class Store(Enum):
    TRAIL = ("trail", audit)
    MAIN = ("main", orders)

    def __init__(self, label, table):
        self.label = label
        self.table = table

class Step(Enum):
    LOAD = (load,)

    def __init__(self, work):
        self.work = work

def handler(event, context):
    Store.TRAIL.table.put_item(Item={"id": "1"})  # => PutItem Orders|Audit @Api
    Step.LOAD.work(event["key"])
"#

    members_that_are_made_otherwise r#"
from dataclasses import dataclass
from enum import Enum
from db import audit, orders

def load(key):
    orders.get_item(Key=key)  # => GetItem Orders @Api

@dataclass
class Holding:
    work: object

class Step(Holding, Enum):
    LOAD = (load,)

class Level(Enum):
    LOW = 1

    @classmethod
    def _missing_(cls, value):
        audit.put_item(Item={"id": value})  # => PutItem Audit @Api
        return cls.LOW

def handler(event, context):
    Step.LOAD.work(event["key"])
    Level(event["level"])
"#

    fields_that_are_replaced_or_not_given r#"
from dataclasses import InitVar, dataclass, field, replace
from db import audit, orders

@dataclass(frozen=True)
class Repository:
    table: object

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Audit @Api

@dataclass
class Pair:
    first: InitVar[object]
    kept: object = field(init=False)
    second: object = None

    def __post_init__(self, first):
        self.kept = first

def handler(event, context):
    replace(Repository(orders), table=audit).save(event)
    pair = Pair(orders, audit)
    pair.kept.get_item(Key=event["key"])  # => GetItem Orders @Api
    pair.second.delete_item(Key=event["key"])  # => DeleteItem Audit @Api
"#

    objects_that_say_what_they_are r#"
from db import audit, orders

class Order:
    pass

class Proxy:
    def __init__(self, of):
        self.of = of

    @property
    def __class__(self):
        return type(self.of)

def make():
    class Made:
        pass
    return Made

One, Other = make(), make()

def handler(event, context):
    if isinstance(Proxy(Order()), Order):
        orders.get_item(Key=event["key"])  # => GetItem Orders @Api
    made = One()
    if not isinstance(made, Other):
        audit.put_item(Item=event)  # => PutItem Audit @Api
"#
}
