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
