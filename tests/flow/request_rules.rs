//! Rules that look at what a call is given: `# !! rule` ends the line that the finding points at. What has no such
//! comment must not be found.

use crate::harness::{audited, by_line, cases, notes};

/// The rules under test.
const RULES: &[&str] = &["consistent-read-on-gsi", "incomplete-key", "key-not-in-schema"];

fn check(project: &str) {
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| RULES.contains(&finding.rule));
        by_line(ours.map(|finding| (audit.place(finding.span), finding.rule.to_owned())))
    });
    assert_eq!(found, notes(project, "# !! "), "found (left), wanted (right)");
}

cases! {
    with check;

    conditions_that_fit_no_schema r##"
from db import Attr, Key, audit, orders

def handler(event, context):
    orders.query(KeyConditionExpression=Key("sk").eq("A"))  # !! key-not-in-schema
    orders.query(KeyConditionExpression="pk > :p")  # !! key-not-in-schema
    orders.query(KeyConditionExpression="pk = :p AND created > :c")  # !! key-not-in-schema
    orders.query(IndexName="by-status", KeyConditionExpression=Key("pk").eq("A"))  # !! key-not-in-schema
    audit.query(KeyConditions={"pk": {"ComparisonOperator": "EQ"}})  # !! key-not-in-schema
    orders.query(KeyConditionExpression=Key("pk").eq("A") & Key("sk").lt("B"))
    orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("A"))
    orders.query(IndexName="by-status", KeyConditionExpression="#s = :s", ExpressionAttributeNames={"#s": "status"})
"##

    what_is_not_known_is_not_wrong r##"
from db import Key, orders

def handler(event, context):
    orders.query(KeyConditionExpression=Key(event["name"]).eq("A"))
    orders.query(IndexName=event["index"], KeyConditionExpression=Key("status").eq("A"))
    orders.query(KeyConditionExpression=f"{event['name']} = :p")
    orders.query(IndexName="unheard-of", KeyConditionExpression=Key("status").eq("A"))
    orders.query(**event["request"])
"##

    a_condition_for_each_index r##"
from db import Key, orders

def find(status=None):
    request = {"KeyConditionExpression": Key("pk").eq("A")}
    if status:
        request["IndexName"] = "by-status"
        request["KeyConditionExpression"] = Key("status").eq(status)
    return orders.query(**request)

def search(index, condition):
    return orders.query(IndexName=index, KeyConditionExpression=condition)

def handler(event, context):
    find(event.get("status"))
    search("by-status", Key("status").eq("A"))
"##

    dead_code_is_asked_only_where_nothing_lives r##"
from db import Key, orders

def lookup(name):
    return orders.query(KeyConditionExpression=Key(name).eq("A"))

def unused():
    return lookup("sk")

def never_called():
    return orders.query(KeyConditionExpression=Key("sk").eq("A"))  # !! key-not-in-schema

def handler(event, context):
    return lookup("pk")
"##

    keys_that_are_not_the_primary_key r##"
from db import audit, orders

def handler(event, context):
    orders.get_item(Key={"pk": "A"})  # !! incomplete-key
    orders.update_item(Key={"pk": "A", "sk": "B", "status": "C"})  # !! incomplete-key
    audit.delete_item(Key={"pk": "A"})  # !! incomplete-key
    with orders.batch_writer() as batch:
        batch.delete_item(Key={"pk": "A"})  # !! incomplete-key
    orders.get_item(Key={"pk": "A", "sk": "B"})
    audit.get_item(Key={"id": event["id"]})
"##

    keys_that_may_be_whole r##"
from db import audit, orders

def key(pk, sk=None):
    made = {"pk": pk}
    if sk is not None:
        made["sk"] = sk
    return made

def complete(made, event):
    made["sk"] = event["sk"]
    return made

def handler(event, context):
    orders.get_item(Key=key("A", event["sk"]))
    orders.get_item(Key=complete({"pk": "A"}, event))
    orders.get_item(Key={"pk": "A", **event["more"]})
    orders.get_item(Key={"pk": "A", event["name"]: "B"})
    orders.get_item(Key={name: event[name] for name in ("pk", "sk")})
    orders.get_item(Key=dict(zip(("pk", "sk"), event["key"])))
    found = {"id": event["id"]}
    audit.get_item(Key=found)
    found["name"] = event["name"]
    item = orders.get_item(Key={"pk": "A", "sk": "B"})["Item"]
    orders.delete_item(Key={k: v for k, v in item.items() if k in ("pk", "sk")})
    orders.delete_item(Key={"pk": item["pk"], "sk": item["sk"]})
"##

    a_key_for_tables_that_differ r##"
from db import audit, orders

def get(table, key):
    return table.get_item(Key=key)

def handler(event, context):
    get(orders, {"pk": "A", "sk": "B"})
    get(audit, {"id": "A"})
"##

    consistent_reads_of_a_global_index r##"
from db import Key, orders

def read(consistent=False, **more):
    return orders.query(KeyConditionExpression=Key("status").eq("A"), ConsistentRead=consistent, **more)

def handler(event, context):
    condition = Key("status").eq("A")
    orders.query(IndexName="by-status", KeyConditionExpression=condition, ConsistentRead=True)  # !! consistent-read-on-gsi
    orders.scan(IndexName="by-status", ConsistentRead=True)  # !! consistent-read-on-gsi
    orders.query(IndexName="by-status", KeyConditionExpression=condition, ConsistentRead=event["fresh"])
    orders.query(IndexName="by-status", KeyConditionExpression=condition, ConsistentRead=False)
    orders.query(KeyConditionExpression=Key("pk").eq("A"), ConsistentRead=True)
    read(IndexName="by-status")
"##
}

/// Each finding whole.
#[test]
fn messages() {
    let project = r##"
from db import Attr, Key, audit, orders

def handler(event, context):
    orders.query(KeyConditionExpression=Key("sk").eq("A"))
    orders.query(KeyConditionExpression="pk = :p AND created > :c")
    orders.query(IndexName="by-status", KeyConditionExpression=Key("created").eq("A"), ConsistentRead=True)
    audit.query(KeyConditionExpression="begins_with(id, :i)")
    orders.get_item(Key={"pk": "A"})
    orders.delete_item(Key={"pk": "A", "sk": "B", "status": "C"})
    audit.get_item(Key={"pk": "A"})
"##;
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.into_iter().filter(|finding| RULES.contains(&finding.rule));
        let lines = ours.map(|f| {
            let (place, text) = (audit.place(f.span).1, format!("{}\n  {}\n  {}", f.title, f.message, f.help));
            (place, format!("{place} {} {} ({}): {text}\n", f.rule, f.severity.as_str(), f.confidence.as_str()))
        });
        let mut lines: Vec<(usize, String)> = lines.collect();
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect::<String>()
    });
    insta::assert_snapshot!(found);
}
