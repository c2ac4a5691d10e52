//! What is known of what calls are given: `# <- key pk:S sk:?` ends the first line of the call.
//!
//! Mappings are told entry by entry with the value's types, `~` before one that isn't on every path, `…` at the end where there
//! may be more. Conditions are told as `when`, filters as `filter`: `pk=` is an equality, `sk>` another comparison.
//! Expressions follow by their clause. Several requests of one call are told in order, with `/` between them.

use crate::harness::{audited, by_line, cases, notes};
use ddb_audit::flow::{Conditions, Expression, Mapping, Presence, Request, ValueType};

fn check(project: &str) {
    let found = audited(project, |audit| {
        let accesses = audit.facts.accesses.iter().map(|access| {
            let requests: Vec<String> = access.requests.iter().map(|given| describe(given.request)).collect();
            (audit.place(access.access.span), requests.join(" / "))
        });
        by_line(accesses)
    });
    assert_eq!(found, notes(project, "# <- "), "found (left), wanted (right)");
}

fn describe(request: &Request) -> String {
    let mut words = Vec::new();
    for (name, given) in
        [("key", &request.key), ("item", &request.item), ("names", &request.names), ("values", &request.values)]
    {
        words.extend(given.as_ref().map(|given| format!("{name} {}", mapping(given))));
    }
    for (name, given) in [("when", &request.key_condition), ("filter", &request.filter)] {
        words.extend(given.as_ref().map(|given| format!("{name} {}", conditions(given))));
    }
    words.extend(request.expressions.iter().map(expression));
    words.extend((request.consistent != Presence::Never).then(|| format!("consistent:{:?}", request.consistent)));
    words.extend(request.select.as_ref().map(|select| format!("select {select}")));
    words.extend((!request.complete).then(|| "…".to_owned()));
    words.join(", ")
}

fn mapping(mapping: &Mapping) -> String {
    let entry = |entry: &ddb_audit::flow::Entry| {
        let types: String = entry.types.iter().map(|t| letter(*t)).collect();
        let value = entry.text.as_ref().map_or(String::new(), |text| format!("={text}"));
        format!("{}{}:{types}{value}", if entry.sure { "" } else { "~" }, entry.name)
    };
    let mut words: Vec<String> = mapping.entries.iter().map(entry).collect();
    words.extend((!mapping.complete).then(|| "…".to_owned()));
    words.join(" ")
}

fn letter(of: ValueType) -> char {
    match of {
        ValueType::String => 'S',
        ValueType::Number => 'N',
        ValueType::Float => 'F',
        ValueType::Binary => 'B',
        ValueType::Boolean => 'T',
        ValueType::Null => '0',
        ValueType::Map => 'M',
        ValueType::List => 'L',
        ValueType::Unknown => '?',
    }
}

fn conditions(given: &Conditions) -> String {
    let Conditions::Known(all) = given else { return "?".to_owned() };
    let one = |condition: &ddb_audit::dynamodb::expression::KeyCondition| {
        let equal = condition.equal.iter().map(|name| format!("{name}="));
        let other = condition.other.iter().map(|name| format!("{name}>"));
        equal.chain(other).collect::<Vec<_>>().join(" ")
    };
    all.iter().map(one).collect::<Vec<_>>().join(" or ")
}

fn expression(given: &Expression) -> String {
    let mut forms: Vec<String> = given.texts.iter().map(|text| format!("`{text}`")).collect();
    forms.extend(given.built.then(|| "built".to_owned()));
    forms.extend(given.unknown.then(|| "?".to_owned()));
    format!("{:?} {}", given.clause, forms.join(" or "))
}

cases! {
    with check;

    keys_and_items_with_their_types r##"
from db import orders

def handler(event, context):
    number = event["n"]
    orders.get_item(Key={"pk": f"ORDER#{number}", "sk": number}, ConsistentRead=True)  # <- key pk:S sk:?, consistent:Always
    orders.put_item(Item={"pk": "A", "sk": 1, "open": True, "gone": None, "tags": [], "more": {"a": 1}})  # <- item gone:0 more:M open:T pk:S=A sk:N=1 tags:L
"##

    floats r##"
from decimal import Decimal
from db import orders
import time

def convert(value):
    if isinstance(value, float):
        return Decimal(str(value))
    return value

def handler(event, context):
    now = time.time()
    orders.put_item(  # <- item a:F b:F c:F d:? e:? f:? g:? h:? pk:S=A sk:S=B
        Item={
            "pk": "A",
            "sk": "B",
            "a": 1.5,
            "b": float(event["b"]),
            "c": now + 60,
            "d": int(now),
            "e": Decimal("1.5"),
            "f": convert(2.5),
            "g": str(now),
            "h": round(now),
        }
    )
"##

    low_level_values_say_their_type r##"
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    client.delete_item(TableName="t", Key={"id": {"N": str(event["id"])}, "at": {"S": event["at"]}})  # <- key at:S id:N
"##

    a_mapping_of_which_not_all_is_seen r##"
from db import orders

def handler(event, context):
    orders.put_item(Item={**event["item"], "pk": "A"})  # <- item ~pk:S=A …
    orders.get_item(Key=event["key"])  # <- key …
    orders.update_item(**event["request"])  # <- consistent:Sometimes, …
"##

    what_is_stored_later_is_not_on_every_path r##"
from db import orders

def handler(event, context):
    key = {"pk": "A"}
    if event.get("sort"):
        key["sk"] = "B"
    orders.get_item(Key=key)  # <- key ~other:S=C pk:S=A ~sk:S=B
    key["other"] = "C"
"##

    key_conditions_in_every_form r##"
from db import orders, Attr, Key

def handler(event, context):
    orders.query(KeyConditionExpression=Key("pk").eq("A") & Key("sk").begins_with("B"))  # <- when pk= sk>, KeyCondition built
    orders.query(  # <- names #s:S=status, when status=, KeyCondition `#s = :s`
        KeyConditionExpression="#s = :s", ExpressionAttributeNames={"#s": "status"}, IndexName="by-status"
    )
    orders.query(KeyConditions={"pk": {"ComparisonOperator": "EQ"}, "sk": {"ComparisonOperator": "GT"}})  # <- when pk= sk>
    orders.query(KeyConditionExpression=event["condition"])  # <- when ?, KeyCondition ?
"##

    filters r##"
from db import orders, Attr, Key

def handler(event, context):
    orders.scan(FilterExpression=Attr("pk").eq("A") & ~Attr("b").eq(1))  # <- filter pk= b>, Filter built
    orders.scan(FilterExpression=Attr("a").eq("A") | Attr("b").eq(1))  # <- filter a> b>, Filter built
    orders.scan(FilterExpression="pk = :a AND contains(b, :b)", Select="COUNT")  # <- filter pk= b>, Filter `pk = :a AND contains(b, :b)`, select COUNT
"##

    expressions_that_are_partly_known r##"
from db import orders

def handler(event, context):
    name = event["name"]
    orders.update_item(  # <- key pk:S=A, values :v:?, Update `SET {name} = :v`, Condition `attribute_exists(pk)`
        Key={"pk": "A"},
        UpdateExpression=f"SET {name} = :v",
        ConditionExpression="attribute_exists(pk)",
        ExpressionAttributeValues={":v": event["value"]},
    )
"##
}
