//! What expressions make of functions, tables and objects that go into them: operators, displays, calls of the standard library
//! that hand back what they are given; and expressions that Python evaluates where one may not look.

use crate::harness::cases;

cases! {
    tuples_put_together r#"
from db import audit, orders

def put():
    audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

def drop():
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

def nothing():
    orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders latent

class Base:
    steps = ()

class Writing(Base):
    steps = Base.steps + (put,)

cleaning = ()
cleaning += (drop,)

def handler(event, context):
    for step in Writing.steps:
        step()
    cleaning[0]()
    for table in (audit,) + (orders,):
        table.scan()  # => Scan Orders|Audit unknown @Api
    both = (nothing, orders) + (audit,)
    both[1].get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api
"#

    lists_repeated_and_sets_compared r#"
from db import audit, orders

def put():
    audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

def drop():
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

def handler(event, context):
    for table in [audit] * event["times"]:
        table.get_item(Key={"id": "a"})  # => GetItem Audit @Api
    (2 * (put,))[1]()
    for step in {drop} ^ {handler}:
        step(event, context)
"#

    what_a_star_unpacks_is_called r#"
from itertools import chain
from db import audit, orders

def put(order):
    audit.put_item(Item={"id": order})  # => PutItem Audit @Api

def drop(order):
    audit.delete_item(Key={"id": order})  # => DeleteItem Audit @Api

def touch(order):
    audit.update_item(Key={"id": order})  # => UpdateItem Audit @Api

class Steps:
    def all(self):
        return [touch]

def handler(event, context):
    done = [*map(put, event["orders"])]
    names, steps = zip(*[("drop", drop)])
    steps[0](event["id"])
    for step in [*Steps().all(), print]:
        step(event["id"])
    for table in chain(*[[orders]]):
        table.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api
    return done
"#

    entries_taken_and_put_in r#"
from db import audit, orders

def put():
    audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

def handler(event, context):
    left = {"audit": audit}
    while left:
        name, table = left.popitem()
        table.delete_item(Key={"id": name})  # => DeleteItem Audit @Api
    steps = {}
    steps.update([("put", put)])
    steps["put"]()
    tables = [orders]
    tables[1:] = [audit]
    tables[-1].get_item(Key={"id": "a"})  # => GetItem Orders|Audit @Api
"#

    what_operators_of_ours_make r#"
from db import audit, orders

class Path:
    def __init__(self, parts):
        self.parts = parts

    def __truediv__(self, part):
        return Path(self.parts + [part])

    def save(self):
        audit.put_item(Item={"id": "/".join(self.parts)})  # => PutItem Audit @Api

class Pipeline:
    def __init__(self):
        self.steps = []

    def __lshift__(self, step):
        self.steps.append(step)
        return self

    def __rmul__(self, times):
        return Cleaner()

    def __ior__(self, other):
        return Reader()

    def run(self):
        for step in self.steps:
            step()

class Cleaner:
    def __neg__(self):
        return Reader()

    def clean(self):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

class Reader:
    def __gt__(self, other):
        return Counter()

    def read(self):
        return orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

class Counter:
    def count(self):
        return orders.scan(Select="COUNT")  # => Scan Orders cursor @Api

def step():
    orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders @Api

def handler(event, context):
    (Path(["a"]) / event["id"]).save()
    (Pipeline() << step).run()
    (2 * Pipeline()).clean()
    (-Cleaner()).read()
    pipeline = Pipeline()
    pipeline |= step
    return pipeline.read(), (Reader() > 1).count()
"#

    expressions_in_odd_places r#"
from typing import Annotated
from db import audit, orders

def noted(order):
    audit.put_item(Item={"id": order})  # => PutItem Audit @Api
    return order

def cause():
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api
    return ValueError()

def width():
    return len(audit.get_item(Key={"id": "a"})["Item"])  # => GetItem Audit @Api

def kind():
    orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api
    return str

def unit():
    orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders @Api
    return int

def never():
    orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders latent
    return int

total: Annotated[int, unit()] = 0

def shown(order: kind() = "") -> str:
    local: never() = 1
    return f"{order:>{width()}}"

def handler(event, context):
    try:
        assert "id" in event, noted(event["path"])
        raise KeyError(shown("a")) from cause()
    except Exception:
        return None
"#

    what_a_partial_holds r#"
from functools import partial
from db import audit, orders

def run(*steps, **tables):
    pass

def put():
    audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

def drop():
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

def each(step):
    step()

putting = partial(put)
all_of_it = partial(run, drop, table=orders)
reading = partial(audit.get_item, Key={"id": "a"})
given = partial(each, *[step for step in (lambda: audit.get_item(Key={"id": "b"}),)])  # => GetItem Audit @Api

def handler(event, context):
    putting.func()
    all_of_it.args[0]()
    all_of_it.keywords["table"].get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api
    given()
    return reading.func(*reading.args, **reading.keywords)  # => GetItem Audit @Api
"#

    what_is_chosen_from_what_is_given r#"
import json
import operator
import random
import secrets
from db import audit, orders

class Job:
    def run(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

    @classmethod
    def read(cls, fields):
        return cls()

def drop():
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

def close():
    orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders @Api

chance = random.Random(7)

def handler(event, context):
    random.choice([audit, orders]).scan()  # => Scan Orders|Audit unknown @Api
    random.sample([drop], 1)[0]()
    chance.choice([close])()
    secrets.choice([orders]).get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api
    operator.getitem({"audit": audit}, "audit").get_item(Key={"id": "a"})  # => GetItem Audit @Api
    operator.concat([], [audit])[0].update_item(Key={"id": "a"})  # => UpdateItem Audit @Api
    json.loads(event["body"], object_hook=Job.read).run()
    max(orders, audit, key=str).query()  # => Query Orders|Audit unknown @Api
    return random.random() < 0.5
"#

    slices_of_objects_and_of_sequences r#"
from db import audit, orders

class Recent:
    def __getitem__(self, part):
        return audit.scan()["Items"]  # => Scan Audit missing @Api

def first():
    orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

def last():
    audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit @Api

def handler(event, context):
    (first, last)[::-1][0]()
    [first, last][::2][0]()
    return Recent()[:10]
"#

    methods_of_what_is_made_without_its_class r#"
from db import audit

class Row:
    def __str__(self):
        return str(audit.get_item(Key={"id": "a"})["Item"])  # => GetItem Audit ?Api

def handler(event, context):
    return str(object.__new__(Row))
"#
}
