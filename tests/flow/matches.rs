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
}
