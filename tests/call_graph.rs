//! `--dump call-graph`: who calls whom.

use ddb_audit::flow::CallGraph;
use ddb_audit::source::SourceMap;
use ddb_audit::{Options, call_graph};
use std::fs;

/// The graph of a project without a template: `=== path` begins a file; text before the first one is `main.py`. Callers
/// that call nothing are left out by `calls`, not by `graph`.
fn graph(project: &str) -> CallGraph {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in format!("=== main.py\n{project}").split("=== ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap_or((file, ""));
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("can create folders");
        fs::write(path, text).expect("can write");
    }
    let options = Options { src: vec![folder.path().to_path_buf()], ..Options::default() };
    call_graph(&options, &mut SourceMap::default()).expect("there is no template to be wrong")
}

/// The graph's edges: `caller -> callee, callee`.
fn calls(project: &str) -> Vec<String> {
    let line = |(caller, callees): (String, std::collections::BTreeSet<String>)| {
        format!("{caller} -> {}", callees.into_iter().collect::<Vec<_>>().join(", "))
    };
    graph(project).into_iter().filter(|(_, callees)| !callees.is_empty()).map(line).collect()
}

#[test]
fn every_function_and_callee_is_a_key() {
    let graph = graph("import tools.text\n\ndef idle():\n    return len([])\n=== tools/text.py\ntrim = lambda s: s\n");
    let keys: Vec<&str> = graph.keys().map(String::as_str).collect();
    assert_eq!(keys, ["<builtin>.len", "main", "main.idle", "tools.text", "tools.text.<lambda1>"]);
}

#[test]
fn functions_that_nothing_calls_are_looked_at_too() {
    let found = calls(
        "
def ship(order):
    def label():
        return stamp(order)
    return weigh(order)

def weigh(order):
    return order

def stamp(order):
    return order
",
    );
    assert_eq!(found, ["main.ship -> main.weigh", "main.ship.label -> main.stamp"]);
}

#[test]
fn methods_constructors_and_super() {
    let found = calls(
        "
class Store:
    class Full(Exception):
        def __init__(self):
            self.say()

        def say(self):
            pass

    def __init__(self):
        self.open()

    def open(self):
        pass

class Cold(Store):
    def __init__(self):
        super().__init__()

    def put(self, item):
        raise Store.Full

Cold().put(1)
",
    );
    assert_eq!(
        found,
        [
            "main -> main.Cold.__init__, main.Cold.put",
            "main.Cold.__init__ -> <builtin>.super, main.Store.__init__",
            "main.Cold.put -> main.Store.Full.__init__",
            "main.Store.Full.__init__ -> main.Store.Full.say",
            "main.Store.__init__ -> main.Store.open",
        ]
    );
}

#[test]
fn libraries_and_what_they_make() {
    let found = calls(
        "
import boto3
from carrier import Parcel, Post as Mail

class Office(Mail):
    def send(self):
        self.stamp()

Office().send()
Parcel(1).track().stop()
boto3.resource(\"dynamodb\").Table(\"orders\").put_item(Item={})
",
    );
    assert_eq!(
        found,
        [
            "main -> boto3.resource, boto3.resource.Table, boto3.resource.Table.put_item, carrier.Parcel, \
             carrier.Parcel.track, carrier.Parcel.track.stop, carrier.Post.__init__, main.Office.send",
            "main.Office.send -> carrier.Post.stamp",
        ]
    );
}

#[test]
fn a_package_and_a_script_in_it() {
    let found = calls(
        "
from shop import *
from shop.cart import total as price

price()
checkout()
=== shop/__init__.py
from .pay import checkout
=== shop/pay.py
from . import cart

def checkout():
    return cart.total()

if __name__ == \"__main__\":
    checkout()
=== shop/cart.py
def total():
    return 0
",
    );
    assert_eq!(
        found,
        [
            "main -> shop.cart.total, shop.pay.checkout",
            "shop.pay -> shop.pay.checkout",
            "shop.pay.checkout -> shop.cart.total",
        ]
    );
}

#[test]
fn protocols_of_loops_and_blocks() {
    let found = calls(
        "
class Queue:
    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        pass

    def __iter__(self):
        return self

    def __next__(self):
        return work

def work():
    pass

with Queue() as queue:
    for job in queue:
        job()
for name in sorted({\"a\": 1}, key=lambda name: name.lower()):
    pass
",
    );
    assert_eq!(
        found,
        [
            "main -> <builtin>.sorted, main.<lambda1>, main.Queue.__enter__, main.Queue.__exit__, \
             main.Queue.__iter__, main.Queue.__next__, main.work",
            "main.<lambda1> -> <**PyStr**>.lower",
            "main.Queue.__exit__ -> main.Queue.close",
        ]
    );
}
