//! Programs that lead back to themselves, and ones that are larger than is usual: each must come to an end, and its calls
//! be found all the same.

use crate::harness::{cases, check};

cases! {
    a_partial_of_itself r#"
import functools
from db import orders

def save(item, again=None):
    orders.put_item(Item=item)  # => PutItem Orders @Api

work = functools.partial(save)
work = functools.partial(work, again=work)

def handler(event, context):
    work(event)
"#

    a_provider_of_itself r#"
from dependency_injector import providers
from db import orders

class Store:
    def __init__(self, other=None):
        self.other = other

    def save(self, item):
        orders.put_item(Item=item)  # => PutItem Orders @Api

store = providers.Factory(Store)
store = providers.Factory(Store, other=store)
store = providers.Factory(store)

def handler(event, context):
    store().save(event)
"#

    two_objects_that_iterate_each_other r#"
from db import orders

class Ring:
    def __init__(self, following):
        self.following = following

    def __iter__(self):
        return self.following if self.following else self.turn()

    def turn(self):
        return self

def handler(event, context):
    one = Ring(None)
    two = Ring(one)
    one.following = two
    for item in two:
        orders.put_item(Item=item)  # => PutItem Orders @Api
"#

    modules_that_star_import_each_other r#"
from one import *

def handler(event, context):
    missing_everywhere(event)
    orders.put_item(Item=event)  # => PutItem Orders @Api
=== src/one.py
from two import *
=== src/two.py
from one import *
from db import orders
"#

    a_diamond_of_supers r#"
from db import audit, orders

class Base:
    def save(self, item):
        orders.put_item(Item=item)  # => PutItem Orders @Api

class Left(Base):
    def save(self, item):
        super().save(item)

class Right(Base):
    def save(self, item):
        audit.put_item(Item=item)  # => PutItem Audit @Api
        super().save(item)

class Both(Left, Right):
    def save(self, item):
        super().save(item)

def handler(event, context):
    Both().save(event)
"#

    classes_that_derive_from_their_own_names r#"
from db import orders

class One:
    def save(self, item):
        orders.put_item(Item=item)  # => PutItem Orders @Api

Two = One

class One(Two):
    def save(self, item):
        super().save(item)

class Two(One):
    pass

def handler(event, context):
    Two().save(event)
"#

    containers_that_hold_themselves r#"
import json
from db import orders

def handler(event, context):
    items = []
    items.append(items)
    box = {"items": items}
    box["box"] = box
    pair = (box, items)
    pair = (pair, pair)
    print(json.dumps(box), *items)
    for item in items:
        orders.put_item(Item=item, **box)  # => PutItem Orders @Api
    return {"body": box, "pair": pair}
"#

    functions_that_call_each_other r#"
from db import orders

def even(items):
    return odd(items[1:]) if items else save(items)

def odd(items):
    return even(items[1:]) if items else save(items)

def save(items):
    return lambda: orders.put_item(Item=items)  # => PutItem Orders @Api

def handler(event, context):
    even(event["items"])()
"#
}

#[test]
fn more_locals_than_bits_in_a_word() {
    let line = |n: usize| format!("    v{n} = orders if event.get('v{n}') else audit\n");
    let locals = (0..150).map(line).collect::<Vec<_>>().concat();
    check(&format!(
        "from db import audit, orders\n\ndef handler(event, context):\n{locals}    def save():\n        \
         v149.put_item(Item=event)  # => PutItem Orders|Audit @Api\n    if v70:\n        save()\n"
    ));
}

#[test]
fn of_many_instances_each_counts() {
    let stores = "    Store(orders)\n".repeat(60);
    check(&format!(
        r#"
import signal
from db import audit, orders

class Store:
    def __init__(self, table):
        self.table = table

def save(store: Store):
    store.table.put_item(Item={{"id": "1"}})  # => PutItem Orders|Audit @Api

def handler(event, context):
    signal.signal(signal.SIGTERM, save)
{stores}    Store(audit)
"#
    ));
}
