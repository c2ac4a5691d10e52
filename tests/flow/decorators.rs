//! Decorators of the program's own: what they do besides, and whom they wrap.

use crate::harness::{cases, check};
use std::fmt::Write;

cases! {
    what_a_decorator_writes_around_the_handler r#"
from db import orders
from wrapping import audited, Traced, within

@audited("api")
@Traced
@within
def handler(event, context):
    return orders.get_item(Key=event)  # => GetItem Orders @Api
=== src/wrapping.py
import functools
from contextlib import contextmanager
from db import audit

def audited(name):
    def decorate(function):
        @functools.wraps(function)
        def inner(event, context):
            try:
                return function(event, context)
            finally:
                audit.put_item(Item={"id": name})  # => PutItem Audit @Api
        return inner
    return decorate

class Traced:
    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function = function

    def __call__(self, *args):
        audit.update_item(Key={"id": "trace"})  # => UpdateItem Audit @Api
        return self.function(*args)

@contextmanager
def lock():
    yield audit.delete_item(Key={"id": "lock"})  # => DeleteItem Audit @Api

def within(function):
    def inner(*args):
        with lock():
            return function(*args)
    return inner
"#

    what_a_wrapper_wraps r#"
from functools import lru_cache, update_wrapper, wraps
from db import orders, audit

def logged(function):
    @wraps(function)
    def wrapper(*args):
        audit.put_item(Item={"id": "1"})  # => PutItem Audit @Api
        return None
    return wrapper

class Counted:
    def __init__(self, function):
        update_wrapper(self, function)

    def __call__(self, *args):
        return None

@logged
def store(key):
    orders.put_item(Item={"pk": key, "sk": "1"})  # => PutItem Orders @Api

@Counted
def forget(key):
    orders.delete_item(Key={"pk": key, "sk": "1"})  # => DeleteItem Orders @Api

@lru_cache
def load(key):
    return orders.get_item(Key={"pk": key, "sk": "1"})  # => GetItem Orders @Api

@logged
def mark(key):
    orders.update_item(Key={"pk": key, "sk": "1"})  # => UpdateItem Orders @Api

def handler(event, context):
    store.__wrapped__(event["key"])
    forget.__wrapped__(event["key"])
    load.__wrapped__(event["key"])
    mark("1") if event["mark"] else None
"#

    attributes_of_a_function r#"
from db import orders

def store(key):
    store.table.put_item(Item={"pk": key, "sk": "1"})  # => PutItem Orders @Api

store.table = orders

def handler(event, context):
    store(event["key"])
"#

    what_is_found_under_wrappers r#"
from functools import update_wrapper, wraps
from inspect import unwrap
from db import orders, audit

def silent(function):
    @wraps(function)
    def wrapper(*args):
        return None
    return wrapper

@silent
@silent
def store(key):
    orders.put_item(Item={"pk": key, "sk": "1"})  # => PutItem Orders @Api

def note(key):
    audit.put_item(Item={"id": key})  # => PutItem Audit @Api

def forget(key):
    audit.delete_item(Key={"id": key})  # => DeleteItem Audit @Api

def plain(key):
    return key

plain.after = note
quiet = silent(plain)
plain.__dict__["before"] = forget

def handler(event, context):
    unwrap(store)(event["key"])
    quiet.after(event["key"])
    plain.before(event["key"])
"#

    managers_around_each_call r#"
from contextlib import ContextDecorator
from db import audit, orders

class trailed(ContextDecorator):
    def __enter__(self):
        audit.put_item(Item={"id": "begun"})  # => PutItem Audit @Api
        return self

    def __exit__(self, *error):
        audit.delete_item(Key={"id": "begun"})  # => DeleteItem Audit @Api

@trailed()
def store(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

def handler(event, context):
    store(event)
"#

    managers_of_what_nobody_calls r#"
from journal import kept, trailed
from db import audit, orders

class Shop:
    @trailed()
    def store(self, item):
        orders.put_item(Item=item)  # => PutItem Orders latent

    @kept("drop")
    def drop(self, key):
        orders.delete_item(Key=key)  # => DeleteItem Orders latent

    def load(self, key):
        return orders.get_item(Key=key)  # => GetItem Orders @Api

def handler(event, context):
    return Shop().load(event)
=== src/journal.py
from contextlib import ContextDecorator, contextmanager
from db import audit

class trailed(ContextDecorator):
    def __enter__(self):
        return self

    def __exit__(self, *error):
        audit.put_item(Item={"id": "done"})  # => PutItem Audit latent

@contextmanager
def kept(name):
    yield
    audit.update_item(Key={"id": name})  # => UpdateItem Audit latent
"#

    managers_around_methods_handlers_and_what_they_are_given r#"
from contextlib import AsyncContextDecorator, ContextDecorator, asynccontextmanager, contextmanager
from db import audit, orders

class trailed(ContextDecorator):
    def __init__(self, table):
        self.table = table

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.table.put_item(Item={"id": "done"})  # => PutItem Audit @Api

class watched(AsyncContextDecorator):
    async def __aenter__(self):
        audit.get_item(Key={"id": "lock"})  # => GetItem Audit @Api

    async def __aexit__(self, *error):
        audit.delete_item(Key={"id": "lock"})  # => DeleteItem Audit @Api

@contextmanager
def counted(table, key):
    yield
    table.update_item(Key=key)  # => UpdateItem Audit @Api

class Shop:
    @counted(audit, key={"id": "stores"})
    def store(self, item):
        orders.put_item(Item=item)  # => PutItem Orders @Api

    @staticmethod
    @watched()
    async def drop(key):
        orders.delete_item(Key=key)  # => DeleteItem Orders @Api

def load(key):
    return orders.get_item(Key=key)  # => GetItem Orders @Api

loads = trailed(audit)(load)

@trailed(audit)
async def handler(event, context):
    shop = Shop()
    shop.store(event)
    await shop.drop(event)
    return loads(event)
"#

    managers_of_what_may_be_called r#"
from contextlib import ContextDecorator, contextmanager
from db import audit, orders

class trailed(ContextDecorator):
    def __enter__(self):
        audit.put_item(Item={"id": "begun"})  # => PutItem Audit ?Api

    def __exit__(self, *error):
        pass

@contextmanager
def kept():
    audit.update_item(Key={"id": "1"})  # => UpdateItem Audit ?Api
    yield

class Order:
    @trailed()
    @kept()
    def __len__(self):
        return orders.get_item(Key={"pk": "1", "sk": "1"})  # => GetItem Orders ?Api

def handler(event, context):
    return len(Order())
"#
}

/// Handlers of one file that share a wrapper, of which a Lambda runs the first: each wraps its own.
fn sharing(wrapper: &str, decorator: &str, before: &str) -> String {
    let mut code = format!("from db import audit, orders\nfrom wrapping import wrapped\n{before}");
    for number in 0..150 {
        let name = if number == 0 { "handler".to_owned() } else { format!("handler{number}") };
        let call = if number == 0 {
            "orders.put_item(Item=event)  # => PutItem Orders @Api"
        } else {
            "audit.put_item(Item=event)  # => PutItem Audit latent"
        };
        write!(code, "\n{decorator}\ndef {name}(event, context):\n    {call}\n").expect("a string takes everything");
    }
    format!("{code}=== src/wrapping.py\n{wrapper}")
}

#[test]
fn handlers_that_share_a_wrapper_are_not_mixed() {
    let plain = "
def wrapped(function):
    def inner(event, context):
        print(event)
        return function(event, context)
    return inner
";
    check(&sharing(plain, "@wrapped", ""));
    // A program on which much has been spent before keeps fewer things apart, but not fewer of these.
    check(&sharing(plain, "@wrapped", &format!("NUMBERS = [{}]\n", "1, ".repeat(45_000))));
    let named = "
def wrapped(name, **options):
    def decorate(function):
        def inner(event, context):
            print(name, options)
            return function(event, context)
        return inner
    return decorate
";
    check(&sharing(named, "@wrapped('api', retries=3)", ""));
    let class = "
class wrapped:
    def __init__(self, function):
        self.function = function

    def __call__(self, event, context):
        return self.function(event, context)
";
    check(&sharing(class, "@wrapped", ""));
    let made = "
class Wrapper:
    def __init__(self, name):
        self.name = name

    def __call__(self, function):
        def inner(event, context):
            return self.run(function, event, context)
        return inner

    def run(self, function, event, context):
        return function(event, context)

wrapped = Wrapper('api')
";
    check(&sharing(made, "@wrapped", ""));
}
