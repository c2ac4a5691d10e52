//! What `match` lets through, and what its patterns capture.

use crate::harness::cases;

cases! {
    parts_of_a_sequence r#"
from db import orders, audit

def handler(event, context):
    match [orders, audit]:
        case [first, *others]:
            first.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
            others[0].get_item(Key={"id": "1"})  # => GetItem Audit @Api
    match orders, event["key"]:
        case table, key:
            table.delete_item(Key=key)  # => DeleteItem Orders @Api
"#

    the_only_case_with_one_statement r#"
from db import orders, audit

def handler(event, context):
    match [orders, audit]:
        case [first, second]:
            second.get_item(Key={"id": "1"})  # => GetItem Audit @Api
"#

    values_of_a_mapping r#"
from db import orders, audit

TARGETS = {"order": {"table": orders, "key": "pk"}, "audit": {"table": audit, "key": "id"}}

def handler(event, context):
    match TARGETS["audit"]:
        case {"table": table, **rest}:
            table.get_item(Key={"id": "1"})  # => GetItem Audit @Api
"#

    attributes_of_an_object r#"
from dataclasses import dataclass
from db import orders, audit

@dataclass
class Target:
    table: object
    key: str

class Pair:
    __match_args__ = ("right", "left")

    def __init__(self, left, right):
        self.left = left
        self.right = right

def handler(event, context):
    match Target(orders, "pk"):
        case Target(table, key):
            table.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
    match Target(audit, "id"):
        case Target(key="id", table=found):
            found.get_item(Key={"id": "1"})  # => GetItem Audit @Api
    match Pair(orders, audit):
        case Pair(right):
            right.get_item(Key={"id": "1"})  # => GetItem Audit @Api
"#

    cases_of_other_classes_and_lengths_are_passed_over r#"
from db import orders, audit

class Placed:
    def __init__(self, table):
        self.table = table

class Cancelled(Placed):
    pass

def store(notice):
    match notice:
        case Cancelled():
            notice.table.delete_item(Key={"id": "1"})
        case Placed() as placed:
            placed.table.put_item(Item={"id": "1"})  # => PutItem Audit @Api

def handler(event, context):
    store(Placed(audit))
    match (orders, 1):
        case (table,):
            table.scan()
        case (table, 2):
            table.scan()  # => Scan Orders unknown latent
        case (table, 1 | 3):
            table.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
"#

    numbers_and_truth_are_alike r#"
from db import orders

def handler(event, context):
    match True:
        case 1:
            orders.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
"#

    names_that_every_case_binds r#"
from db import orders, audit

def handler(event, context):
    table = audit
    match event["kind"]:
        case "order":
            table = orders
        case str(kind) if kind:
            table = orders
        case _:
            table = orders
    table.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
"#

    what_extends_builtin_classes r#"
from db import orders, audit

class Kind(str):
    pass

class Options(dict):
    pass

def handler(event, context):
    match Kind("open"):
        case str():
            orders.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
    match Options(limit=1):
        case dict():
            audit.get_item(Key={"id": "1"})  # => GetItem Audit @Api
    match None:
        case object():
            audit.delete_item(Key={"id": "1"})  # => DeleteItem Audit @Api
    match "open":
        case object():
            orders.delete_item(Key={"pk": "1", "sk": "1"})  # => DeleteItem Orders @Api
"#

    classes_that_decide_for_themselves r#"
from abc import ABC
from typing import Protocol, runtime_checkable
from db import orders, audit

@runtime_checkable
class Storable(Protocol):
    def store(self): ...

class Event(ABC):
    pass

class Any(type):
    def __instancecheck__(cls, instance):
        return True

class Whatever(metaclass=Any):
    pass

class Order:
    def store(self):
        return None

Event.register(Order)

def handler(event, context):
    match Order():
        case Storable():
            orders.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
    match Order():
        case Event():
            audit.get_item(Key={"id": "1"})  # => GetItem Audit @Api
    if isinstance(Order(), Whatever):
        audit.delete_item(Key={"id": "1"})  # => DeleteItem Audit @Api
    order = Order()
    if isinstance(order, Whatever):
        orders.delete_item(Key={"pk": "1", "sk": "1"})  # => DeleteItem Orders @Api
"#

    a_class_of_ours_that_it_is_not r#"
from db import orders, audit

class Order:
    pass

class Refund:
    pass

def handler(event, context):
    match Refund():
        case Order():
            orders.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders latent
        case Refund():
            audit.get_item(Key={"id": "1"})  # => GetItem Audit @Api
"#

    the_same_is_more_than_equal r#"
from db import orders, audit

def handler(event, context):
    one, zero = 1, 0
    if one is not True:
        orders.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
    if zero is False:
        audit.put_item(Item={"id": "1"})  # => PutItem Audit latent
    match zero:
        case False:
            audit.get_item(Key={"id": "1"})  # => GetItem Audit latent
        case 0:
            audit.delete_item(Key={"id": "1"})  # => DeleteItem Audit @Api
    if one == True:
        orders.delete_item(Key={"pk": "1", "sk": "1"})  # => DeleteItem Orders @Api
"#

    what_is_left_is_a_list r#"
from db import orders, audit

def get(key):
    orders.get_item(Key=key)  # => GetItem Orders @Api

def delete(key):
    orders.delete_item(Key=key)  # => DeleteItem Orders @Api

def note(key):
    audit.put_item(Item=key)  # => PutItem Audit @Api

def forget(key):
    audit.delete_item(Key=key)  # => DeleteItem Audit @Api

def handler(event, context):
    first, *others = get, get
    others.append(delete)
    for step in others:
        step(event)
    match [get, get]:
        case [_, *rest]:
            rest.insert(0, note)
            rest[0](event)
    last, *none = (get,)
    for step in event["steps"]:
        none.append(step)
    if none:
        forget(event)
"#

    keyword_only_fields_have_no_place r#"
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar
from db import orders, audit

@dataclass
class Target:
    limit: ClassVar[int] = 5
    name: str = field(kw_only=True)
    table: object = None
    _: KW_ONLY
    key: str = "pk"

@dataclass(kw_only=True)
class Base:
    label: str

@dataclass
class Entry(Base):
    table: object

def handler(event, context):
    match Target(orders, name="a"):
        case Target(table):
            table.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders @Api
    match Entry(audit, label="b"):
        case Entry(table):
            table.get_item(Key={"id": "1"})  # => GetItem Audit @Api
"#
}
