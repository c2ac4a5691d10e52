//! Programs in which one small helper serves a great many others: it mustn't make one of them all.

use crate::harness::{audited, check};
use std::fmt::Write;

/// How many others there are.
const OTHERS: usize = 60;

#[test]
fn many_functions_behind_one_wrapper() {
    let mut code = r#"
import functools
from db import audit, orders

class Chain:
    def __init__(self, function):
        self.function = function
        self.steps = []

    def __call__(self, event):
        for step in self.steps:
            event = step(event)
        return self.function(event)

def checked(steps):
    def decorate(function):
        @functools.wraps(function)
        def run(event):
            chain = Chain(function)
            chain.steps.extend(steps)
            return chain(event)
        return run
    return decorate

def stamp(event):
    return {**event, "stamped": True}
"#
    .to_owned();
    for number in 0..OTHERS {
        write!(code, "\n@checked([stamp])\ndef count_{number}(event):\n    return event[\"{number}\"]\n")
            .expect("text");
    }
    code += r#"
@checked([stamp])
def save(event):
    orders.put_item(Item=event)  # => PutItem Orders @Api

@checked([stamp])
def forget(event):
    audit.delete_item(Key={"id": event["id"]})  # => DeleteItem Audit latent

ROUTES = {"GET /count": count_0, "POST /orders": save}

def handler(event, context):
    return ROUTES[event["route"]](event)
"#;
    check(&code);
    let unseen: Vec<String> =
        audited(&code, |audit| audit.facts.blind_spots.iter().map(|spot| spot.reason.clone()).collect());
    assert_eq!(unseen, Vec::<String>::new());
}

#[test]
fn many_settings_behind_one_getter() {
    let mut code = r#"
import os
import boto3

class Settings:
    @classmethod
    def get(cls, name, default=None):
        return os.environ.get(name, default)

    @classmethod
    def number(cls, name, default):
        return int(cls.get(name, default))

class Limits(Settings):
"#
    .to_owned();
    for number in 0..OTHERS {
        writeln!(code, "    TEXT_{number} = Settings.get(\"TEXT_{number}\", \"text {number}\")").expect("text");
        writeln!(code, "    LIMIT_{number} = Settings.number(\"LIMIT_{number}\", {number})").expect("text");
    }
    code += r#"
class Tables(Settings):
    ORDERS = Settings.get("ORDERS_TABLE", "orders")
    AUDIT = Settings.get("AUDIT_TABLE", "audit")

class Store:
    def __init__(self, name):
        self.table = boto3.resource("dynamodb").Table(name)

class Orders(Store):
    def __init__(self):
        super().__init__(Tables.ORDERS)

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

class Audit(Store):
    def __init__(self):
        super().__init__(Tables.AUDIT)

    def note(self, item):
        self.table.update_item(Key={"id": item["id"]})  # => UpdateItem Audit @Api
"#;
    for number in 0..OTHERS {
        write!(code, "\nclass Service{number}:\n    def __init__(self):\n        self.orders = Orders()\n        self.audit = Audit()\n\n    def run(self, event):\n        self.orders.save(event)\n        self.audit.note(event)\n").expect("text");
    }
    code += "\ndef handler(event, context):\n";
    for number in 0..OTHERS {
        writeln!(code, "    Service{number}().run(event)").expect("text");
    }
    check(&code);
}
