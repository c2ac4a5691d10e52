//! What builtins and libraries ask of objects by names that the program doesn't spell out, and code that is found by its text.

use crate::harness::{audited, cases};

cases! {
    keys_that_are_objects r#"
from functools import partial
from operator import attrgetter, methodcaller
from db import audit, orders

class Order:
    def __init__(self, row):
        self.row = row

    @property
    def rank(self):
        return audit.get_item(Key={"id": self.row})["Item"]["rank"]  # => GetItem Audit @Api

    @property
    def unused(self):
        return orders.query(KeyConditionExpression="pk = :p")  # => Query Orders cursor latent

    def close(self, how):
        orders.update_item(Key={"pk": self.row, "sk": how})  # => UpdateItem Orders @Api

class ByTotal:
    def __call__(self, order):
        return orders.get_item(Key={"pk": order.row, "sk": "total"})["Item"]["total"]  # => GetItem Orders @Api

class Named:
    def __init__(self, name):
        orders.put_item(Item={"pk": name, "sk": "a"})  # => PutItem Orders @Api

def by_age(table, order):
    return table.delete_item(Key={"id": order.row})  # => DeleteItem Audit @Api

def handler(event, context):
    rows = [Order(row) for row in event["rows"]]
    list(map(methodcaller("close", "done"), rows))
    sorted(event["names"], key=Named)
    return sorted(rows, key=attrgetter("rank")), max(rows, key=ByTotal()), min(*rows, key=partial(by_age, audit))
"#

    attributes_that_are_only_asked_for r#"
from db import audit, orders

class Order:
    @property
    def ready(self):
        return audit.get_item(Key={"id": "a"})  # => GetItem Audit @Api

    @property
    def status(self):
        return orders.get_item(Key={"pk": "a", "sk": "b"})  # => GetItem Orders @Api

    @property
    def unused(self):
        return audit.scan()  # => Scan Audit cursor latent

class Lazy:
    def __getattr__(self, name):
        return orders.delete_item(Key={"pk": name, "sk": "b"})  # => DeleteItem Orders @Api

class Rows:
    @property
    def first(self):
        return audit.put_item(Item={"id": "a"})  # => PutItem Audit ?Api

def handler(event, context):
    if hasattr(Order(), "ready") or hasattr(Lazy(), "ready"):
        return "{0.status} {rows}".format(Order(), rows=getattr(Rows(), event["name"]))
"#

    mappings_of_ours r#"
from db import audit, orders

class Rows:
    def __init__(self, table):
        self.table = table

    def keys(self):
        return [row["id"] for row in self.table.scan()["Items"]]  # => Scan Orders|Audit missing @Api

    def __getitem__(self, key):
        return self.table.get_item(Key=key)["Item"]  # => GetItem Orders|Audit @Api

class Pairs:
    def __iter__(self):
        yield "store", orders

class Old:
    def __getitem__(self, index):
        if index > 2:
            raise IndexError
        return orders.update_item(Key={"pk": index, "sk": "b"})  # => UpdateItem Orders @Api

class Texts:
    def __getitem__(self, key):
        return audit.update_item(Key={"id": key})  # => UpdateItem Audit @Api

def taken(**rows):
    return rows

def handler(event, context):
    taken(**Rows(orders))
    dict(Pairs())["store"].put_item(Item=event)  # => PutItem Orders @Api
    return {**Rows(audit)}, "%(name)s" % Texts(), event["name"] in Old()
"#

    what_is_closed_at_the_end r#"
from contextlib import ExitStack, aclosing, closing
from db import audit, orders

class Session:
    def close(self):
        audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

    def __exit__(self, *error):
        audit.scan()  # => Scan Audit unknown latent

class Pool:
    def close(self):
        orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders @Api

class Stream:
    async def aclose(self):
        orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders @Api

async def read():
    async with aclosing(Stream()):
        pass

def handler(event, context):
    closing(Session())
    with ExitStack() as stack:
        stack.enter_context(closing(Pool()))
        read()
"#

    what_logging_is_set_up_with r#"
import logging
import logging.config
from db import audit, orders

class Sink:
    def write(self, text):
        audit.put_item(Item={"id": text})  # => PutItem Audit ?Api

class Marked:
    def filter(self, record):
        audit.update_item(Key={"id": "a"})  # => UpdateItem Audit ?Api
        return True

class Late:
    def filter(self, record):
        orders.update_item(Key={"pk": "a", "sk": "b"})  # => UpdateItem Orders ?Api

class Named:
    def filter(self, record):
        orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders ?Api

class Told:
    def __init__(self, name):
        self.name = name

    def drop(self):
        audit.delete_item(Key={"id": self.name})  # => DeleteItem Audit latent

def record(*args, **kwargs):
    orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders ?Api

logging.basicConfig(stream=Sink())
logging.setLogRecordFactory(record)
logging.config.dictConfig({
    "version": 1,
    "filters": {"marked": {"()": Marked}, "named": {"()": "app.Named"}},
    "handlers": {"out": {"class": "logging.StreamHandler", "filters": ["marked", "named"]}},
})
logger = logging.getLogger("app")

def handler(event, context):
    logger.addFilter(Late())
    logger.info("told %s", Told("a"))
"#

    what_a_task_calls_when_it_is_done r#"
import asyncio
from db import audit

def done(task):
    audit.put_item(Item={"id": "done"})  # => PutItem Audit @Api

async def work():
    pass

async def main():
    task = asyncio.create_task(work())
    task.add_done_callback(done)
    await task

def handler(event, context):
    asyncio.run(main())
"#

    bases_that_are_called_like_passive_ones r#"
import asyncio
from typing import Protocol
from werkzeug.exceptions import HTTPException
from db import audit, orders

class Lines(asyncio.Protocol):
    def data_received(self, data):
        audit.put_item(Item={"id": data})  # => PutItem Audit ?Api

class Refused(HTTPException):
    def get_response(self, *args):
        orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders ?Api

class Store(Protocol):
    def save(self):
        orders.delete_item(Key={"pk": "a", "sk": "b"})  # => DeleteItem Orders latent

class Slow(asyncio.TimeoutError, Exception):
    def note(self):
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit latent

def handler(event, context):
    raise Refused() if event else Slow()
"#

    code_that_a_text_names r#"
import pkgutil
import pydoc
from db import audit, orders

class Store:
    @staticmethod
    def save():
        audit.put_item(Item={"id": "a"})  # => PutItem Audit @Api

    @staticmethod
    def drop():
        audit.delete_item(Key={"id": "a"})  # => DeleteItem Audit latent

def handler(event, context):
    pydoc.locate("app.Store.save")()
    return pkgutil.resolve_name("jobs.keep:run")()

=== src/jobs/keep.py
from db import orders

def run():
    orders.put_item(Item={"pk": "a", "sk": "b"})  # => PutItem Orders @Api
"#
}

/// Code that is run by its text, or found by looking at what runs, is said not to be followed.
#[test]
fn texts_and_frames_are_blind_spots() {
    for (way, is_blind) in [
        ("timeit.timeit('put()', globals=globals(), number=1)", true),
        ("timeit.repeat(stmt='put()', setup='from app import put')", true),
        ("timeit.timeit(print, number=event['count'])", false),
        ("cProfile.runctx('put()', globals(), {})", true),
        ("cProfile.Profile().run(event['code'])", true),
        ("cProfile.Profile().dump_stats('profile')", false),
        ("inspect.currentframe().f_globals['put']()", true),
        ("inspect.stack()[0].frame.f_back.f_locals.get('put')()", true),
        ("print(inspect.stack()[1].function)", false),
        ("sys._getframe(1).f_globals[event['name']]()", true),
        ("pydoc.locate(event['name'])()", true),
        ("pydoc.locate('decimal.Decimal')(1)", false),
        ("importlib.util.module_from_spec(importlib.util.spec_from_file_location('a', 'a.py')).put()", true),
        ("importlib.machinery.SourceFileLoader('a', event['path']).load_module().put()", true),
        ("print(importlib.util.find_spec('a'))", false),
        ("sys.modules[event['name']].put()", true),
        ("print(sys.modules['decimal'])", false),
    ] {
        let project = format!(
            "import cProfile\nimport importlib.machinery\nimport importlib.util\nimport inspect\nimport pydoc\nimport sys\nimport timeit\nfrom db import audit\n\ndef put():\n    \
             audit.put_item(Item={{'id': 'a'}})\n\ndef handler(event, context):\n    {way}\n"
        );
        let spots = audited(&project, |audit| {
            let spots = &audit.facts.blind_spots;
            spots.iter().filter(|spot| spot.withholds.contains(&"iam-over-grant")).count()
        });
        assert_eq!(spots > 0, is_blind, "{way}");
    }
}
