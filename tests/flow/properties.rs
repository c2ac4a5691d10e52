//! What must hold of any program.

use crate::harness::{accesses, accesses_anywhere, audited, check};
use crate::programs::{Dice, Names, Program, Traits, Writer};
use ddb_audit::facts::{Resolution, TableId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

const PROGRAMS: u64 = 25;

/// A program of functions `step_0`, `step_1`… that call later ones (any, if `cyclic`); the handler calls the first.
/// Without cycles, comments say what is to be found. `name` gives the locals their names.
fn program(seed: u64, functions: usize, cyclic: bool, name: impl Fn(usize) -> String) -> String {
    let mut dice = Dice::new(seed);
    let mut reached = vec![false; functions];
    reached[0] = true;
    let mut code =
        "from db import audit, orders\n\ndef handler(event, context):\n    return step_0(event, orders)\n".to_owned();
    for function in 0..functions {
        let mut lines = vec![format!("\ndef step_{function}({}, {}):", name(0), name(1))];
        let mut indent = "    ".to_owned();
        for _ in 0..=dice.below(5) {
            let line = match dice.below(5) {
                0 => {
                    let (variable, table) = (name(2), ["orders", "audit"][dice.below(2)]);
                    let who = if reached[function] { "@Api" } else { "latent" };
                    let target = if table == "orders" { "Orders" } else { "Audit" };
                    lines.push(format!("{indent}{variable} = {table}"));
                    format!("{indent}{variable}.put_item(Item={})  # => PutItem {target} {who}", name(0))
                }
                1 => format!("{indent}{} = {{**{}, \"n\": {function}}}", name(0), name(0)),
                2 => {
                    let line = format!("{indent}for {} in {}[\"items\"]:", name(3), name(0));
                    indent += "    ";
                    line
                }
                3 => {
                    let line = format!("{indent}if {}[\"kind\"] == \"{function}\":", name(0));
                    indent += "    ";
                    line
                }
                _ if cyclic || function + 1 < functions => {
                    let callee = if cyclic {
                        dice.below(functions)
                    } else {
                        function + 1 + dice.below(functions - function - 1)
                    };
                    reached[callee] |= reached[function];
                    format!("{indent}step_{callee}({}, {})", name(0), name(1))
                }
                _ => format!("{indent}print({})", name(1)),
            };
            lines.push(line);
        }
        lines.push(format!("{indent}pass\n"));
        code += &lines.join("\n");
    }
    code
}

fn local(number: usize) -> String {
    ["event", "table", "target", "item"][number].to_owned()
}

#[test]
fn generated_programs_are_known_whole() {
    for seed in 0..PROGRAMS {
        check(&program(seed, 8, false, local));
    }
}

#[test]
fn a_function_that_nothing_calls_changes_nothing() {
    let unreachable = "
def never_called(event, table):
    event = table or orders
    event.scan()
    step_0(audit, event)
    handler(event, table)
";
    for seed in 0..PROGRAMS {
        let code = program(seed, 8, true, local);
        let with = accesses(&format!("{code}{unreachable}"));
        let with: String = with.split_inclusive('\n').filter(|line| !line.contains(" Scan ")).collect();
        assert_eq!(with, accesses(&code), "seed {seed}");
    }
}

const NAMES: Names = ["qaa", "qbb", "qcc", "qdd", "qee", "qff"];

/// Programs with everything, acyclic first.
fn programs(returns: bool) -> impl Iterator<Item = (u64, Program)> {
    let traits = move |seed| Traits { functions: 6, cyclic: seed % 2 == 1, returns };
    (0..2 * PROGRAMS).map(move |seed| (seed, Program::new(seed, traits(seed))))
}

/// Everything that is known of a program.
fn whole(code: &str) -> String {
    audited(code, |audit| format!("{:?}", audit.facts))
}

/// The tables of the calls that the Lambda reaches, by the number in their `sk`.
fn tables_by_number(code: &str) -> BTreeMap<usize, BTreeSet<String>> {
    let lines: Vec<&str> = code.lines().collect();
    let number = |line: usize| lines[line - 1].split('"').filter_map(|text| text.parse().ok()).next_back();
    audited(code, |audit| {
        let mut found: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for access in audit.facts.accesses.iter().filter(|access| !access.functions.is_empty()) {
            let (_, line) = audit.place(access.access.span);
            let tables: &[TableId] = match &access.table {
                Resolution::Known(id) => &[*id],
                Resolution::Several(ids) => ids,
                Resolution::Undeclared(_) | Resolution::Unknown(_) => panic!("nothing known of line {line} of\n{code}"),
            };
            let tables = tables.iter().map(|id| audit.table(*id).to_lowercase());
            found.entry(number(line).expect("each call has its number")).or_default().extend(tables);
        }
        found
    })
}

#[test]
fn whatever_a_run_does_is_found() {
    let mut done = 0;
    for (seed, program) in programs(true) {
        let code = Writer::write(&program, &NAMES, false);
        let found = tables_by_number(&code);
        for (number, table) in program.runs(seed, 200) {
            let tables = found.get(&number);
            assert!(
                tables.is_some_and(|t| t.contains(table)),
                "seed {seed}: {number} on {table}, not {tables:?}\n{code}"
            );
            done += 1;
        }
    }
    // Programs that do next to nothing would show next to nothing.
    assert!(done > 500, "{done}");
}

#[test]
fn code_that_nothing_reaches_changes_nothing_at_all() {
    let unreachable = "
def never_called(one, two, event):
    TABLES[\"orders\"] = audit
    store = Store(one)
    store.table = step_0(audit, one, event) or audit
    store.save()
    return handler(two, one)
";
    for (seed, program) in programs(true) {
        let code = Writer::write(&program, &NAMES, false);
        assert_eq!(whole(&format!("{code}{unreachable}")), whole(&code), "seed {seed}");
    }
}

#[test]
fn names_of_locals_do_not_matter() {
    // As long as the others, in another order, some of them the others' own.
    const OTHERS: Names = ["qff", "qzz", "_qq", "qaa", "Qbb", "qcc"];
    for (seed, program) in programs(true) {
        let [one, other] = [&NAMES, &OTHERS].map(|names| whole(&Writer::write(&program, names, false)));
        // Messages quote the code: its names are the only difference.
        let own =
            |word: &str| OTHERS.iter().position(|name| *name == word).map_or(word.to_owned(), |i| NAMES[i].to_owned());
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let renamed: String = other
            .split_inclusive(|c| !is_word(c))
            .map(|piece| {
                let word = piece.trim_end_matches(|c| !is_word(c));
                own(word) + &piece[word.len()..]
            })
            .collect();
        assert_eq!(renamed, one, "seed {seed}");
    }
}

#[test]
fn a_function_is_as_its_code_in_place() {
    let mut compared = 0;
    let traits = Traits { functions: 6, cyclic: false, returns: false };
    // What a call gives back seldom matters: many programs are needed to see it.
    for seed in 0..6 * PROGRAMS {
        let program = Program::new(seed, traits);
        let [called, inlined] = [false, true].map(|inline| Writer::write(&program, &NAMES, inline));
        // Of very many objects that one function makes, not each is told apart.
        if inlined.matches("Store(").count() <= 20 {
            assert_eq!(tables_by_number(&called), tables_by_number(&inlined), "seed {seed}\n{called}\n{inlined}");
            compared += 1;
        }
    }
    assert!(compared > 50, "{compared}");
}

/// A handler that calls helpers, and the same by hand without them.
const INLINED: [(&str, &str); 3] = [
    (
        r#"
from db import Key, orders

def condition(pk):
    return Key("pk").eq(pk)

def page(pk, start):
    extra = {"ExclusiveStartKey": start} if start else {}
    return orders.query(KeyConditionExpression=condition(pk), **extra)

def handler(event, context):
    items, start = [], None
    while True:
        response = page(event["pk"], start)
        items.extend(response["Items"])
        start = response.get("LastEvaluatedKey")
        if not start:
            return items
"#,
        r#"
from db import Key, orders

def handler(event, context):
    items, start = [], None
    while True:
        extra = {"ExclusiveStartKey": start} if start else {}
        response = orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]), **extra)
        items.extend(response["Items"])
        start = response.get("LastEvaluatedKey")
        if not start:
            return items
"#,
    ),
    (
        r#"
import os
import boto3

def table(variable):
    return boto3.resource("dynamodb").Table(os.environ[variable])

def first(items):
    return items[0] if items else None

def handler(event, context):
    table("AUDIT_TABLE").put_item(Item={"id": "a"})
    return first(table("ORDERS_TABLE").query(KeyConditionExpression="pk = :p", FilterExpression="x = :x")["Items"])
"#,
        r#"
import os
import boto3

def handler(event, context):
    boto3.resource("dynamodb").Table(os.environ["AUDIT_TABLE"]).put_item(Item={"id": "a"})
    table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    items = table.query(KeyConditionExpression="pk = :p", FilterExpression="x = :x")["Items"]
    return items[0] if items else None
"#,
    ),
    (
        r#"
from db import orders

class Batch:
    def __init__(self, table):
        self.table = table

    def write(self, items):
        with self.table.batch_writer() as batch:
            for item in items:
                batch.put_item(Item=item)

    def count(self):
        return self.table.scan(Select="COUNT")["Count"]

def handler(event, context):
    batch = Batch(orders)
    batch.write(event["items"])
    return batch.count()
"#,
        r#"
from db import orders

def handler(event, context):
    with orders.batch_writer() as batch:
        for item in event["items"]:
            batch.put_item(Item=item)
    return orders.scan(Select="COUNT")["Count"]
"#,
    ),
];

#[test]
fn a_helper_is_as_its_code_in_place() {
    for (called, inlined) in INLINED {
        assert_eq!(accesses_anywhere(called), accesses_anywhere(inlined));
        assert!(!accesses_anywhere(called).is_empty());
    }
}

#[test]
fn generated_recursion_ends() {
    for seed in 0..PROGRAMS {
        accesses(&program(seed, 40, true, local));
    }
}

#[test]
fn deep_and_growing_programs_end() {
    let chain: String = (0..1500).fold(String::new(), |mut code, i| {
        let _ = writeln!(code, "def f{i}(x):\n    return f{}([x, {i}])", i + 1);
        code
    });
    let start = "from db import orders\n\ndef handler(event, context):\n    ";
    let end = "orders.put_item(Item=x)";
    let parentheses = format!("{start}x = {}1{}\n    {end}\n", "(".repeat(3000), ")".repeat(3000));
    let blocks: Vec<String> = (1..90).map(|depth| format!("{}if event[{depth}]:\n", "    ".repeat(depth))).collect();
    let programs = [
        format!("{start}f0(event)\n\n{chain}def f1500(x):\n    {end}\n"),
        format!(
            "{start}even([], 0)\n\ndef even(x, n):\n    return odd([x], n + 1)\n\ndef odd(x, n):\n    {end}\n    return even((x, x), n + 1)\n"
        ),
        format!("{start}x = event\n    while x:\n        x = {{\"inner\": x, \"more\": [x, x]}}\n        {end}\n"),
        format!("{start}x = lambda f: f(f)\n    x(x)\n    {end}\n"),
        format!("{start}x = \"a\"\n    for _ in event:\n        x = x + x + str(_)\n    {end}\n"),
        format!(
            "from db import orders\n\ndef handler(event, context):\n{}{}x = 1; {end}\n",
            blocks.concat(),
            "    ".repeat(90)
        ),
        parentheses,
    ];
    for code in programs {
        assert_eq!(accesses_anywhere(&code), ["PutItem Orders @Api"], "{}", &code[..200.min(code.len())]);
    }
}
