//! The code that `missing-pagination` proposes: put in the place of what it replaces, it parses, and every page is read.

use crate::harness::audited;
use ddb_audit::rules::{self, Finding};
use std::fmt::Write;

/// Each with its first page between `# {` and `# }`, which the proposal replaces, and code that fits both.
const CASES: [(&str, &str); 22] = [
    (
        "a table",
        r#"
from db import Key, orders

def handler(event, context):
    # {
    response = orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]))
    items = response.get("Items", [])
    # }
    return [item["sk"] for item in items]
"#,
    ),
    (
        "a table, its arguments on many lines",
        r##"
from db import orders

class Orders:
    def __init__(self):
        self._table = orders

    def between(self, pk, start):
        if pk:
            # {
            found = self._table.query(  # the newest first
                KeyConditionExpression=("#p = :p AND sk >= :s"),
                ExpressionAttributeNames={"#p": "pk"},
                ExpressionAttributeValues={
                    ":p": pk,
                    ":s": start,  # not before
                },
                ScanIndexForward=False,
            )
            items = found['Items']
            # }
            return items
        return []

def handler(event, context):
    return Orders().between(event["pk"], event["start"])
"##,
    ),
    (
        "items taken at once",
        r#"
from db import orders

def handler(event, context):
    # {
    everything = orders.scan()["Items"]
    # }
    return len(everything)
"#,
    ),
    (
        "items looked at in place",
        r#"
from db import orders

def handler(event, context):
    # {
    response = orders.scan()
    # }
    for item in response.get("Items", []):
        print(item)
"#,
    ),
    (
        "a client",
        r#"
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    # {
    response = client.query(
        TableName=os.environ["ORDERS_TABLE"],
        KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": event["pk"]}},
    )
    items = response["Items"]
    # }
    return items
"#,
    ),
    (
        "a client, limited",
        r#"
import os
import boto3

client = boto3.client("dynamodb")

def find(limit=None):
    # {
    items = client.scan(TableName=os.environ["ORDERS_TABLE"], FilterExpression="attribute_exists(paid)", Limit=20)["Items"]
    # }
    return items

def handler(event, context):
    return find(event.get("limit"))
"#,
    ),
    (
        "only the first page of a paginator",
        r#"
import os
import boto3

def handler(event, context):
    paginator = boto3.client("dynamodb").get_paginator("scan")
    # {
    items = next(iter(paginator.paginate(TableName=os.environ["ORDERS_TABLE"])))["Items"]
    # }
    return items
"#,
    ),
    (
        "a mapping",
        r#"
from db import Key, orders

def handler(event, context):
    query = {"KeyConditionExpression": Key("pk").eq(event["pk"])}
    # {
    response = orders.query(**query)
    items = response["Items"]
    # }
    return items
"#,
    ),
    (
        "a limit that only some callers give",
        r#"
from db import Key, orders

def find(pk, limit=None):
    kwargs = {"KeyConditionExpression": Key("pk").eq(pk)}
    if limit:
        kwargs["Limit"] = limit
    # {
    response = orders.query(**kwargs)
    items = response.get("Items", [])
    # }
    return [dict(item) for item in items]

def handler(event, context):
    return find(event["pk"], event.get("limit"))
"#,
    ),
    (
        "a limit that no caller gives yet",
        r#"
from db import Key, orders

def find(pk, limit=None):
    query = {"KeyConditionExpression": Key("pk").eq(pk)}
    if limit is not None:
        query["Limit"] = limit
    # {
    items = orders.query(**query)["Items"]
    # }
    return items

def handler(event, context):
    return find(event["pk"])
"#,
    ),
    (
        "a limit that only some callers give, before a filter",
        r#"
from db import Attr, Key, orders

def find(kwargs, limit):
    if limit:
        kwargs["Limit"] = limit
    # {
    response = orders.query(FilterExpression=Attr("open").eq(True), **kwargs)
    items = response["Items"]
    # }
    return items

def handler(event, context):
    return find({"KeyConditionExpression": Key("pk").eq(event["pk"])}, event.get("limit"))
"#,
    ),
    (
        "a limit before a filter",
        r#"
from db import Attr, Key, orders

def handler(event, context):
    # {
    items = orders.query(
        KeyConditionExpression=Key("pk").eq(event["pk"]),
        FilterExpression=Attr("open").eq(True),
        Limit=int(event["limit"]),
    )["Items"]
    # }
    return items
"#,
    ),
    (
        "a count",
        r#"
from db import Key, orders

def handler(event, context):
    # {
    count = orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]), Select="COUNT")["Count"]
    # }
    return count
"#,
    ),
    (
        "a client's count",
        r#"
import os
import boto3

def handler(event, context):
    client = boto3.client("dynamodb")
    # {
    total = client.scan(TableName=os.environ["AUDIT_TABLE"], Select="COUNT")
    count = total["Count"]
    # }
    return count
"#,
    ),
    (
        "the first item behind a filter",
        r#"
from db import Attr, Key, orders

def handler(event, context):
    # {
    items = orders.query(
        KeyConditionExpression=Key("pk").eq(event["pk"]), FilterExpression=Attr("open").eq(True), Limit=1
    ).get("Items", [])
    # }
    return items[0] if items else None
"#,
    ),
    (
        "whether a client finds any behind a filter",
        r#"
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    # {
    response = client.scan(TableName=os.environ["ORDERS_TABLE"], FilterExpression="attribute_exists(paid)")
    # }
    return {"any": bool(response["Items"])}
"#,
    ),
    (
        "one of two branches whose items one line reads",
        r#"
from db import Key, orders

def listed(pk):
    if pk:
        answer = {"Items": [{"sk": pk}]}
    else:
        # {
        answer = orders.scan()
        # }
    return {"orders": answer.get("Items", [])}

def handler(event, context):
    return listed(event.get("pk"))
"#,
    ),
    (
        "the first of three branches",
        r#"
from db import Key, orders

def listed(pk, most):
    if pk and most:
        # {
        answer = orders.query(KeyConditionExpression=Key("pk").eq(pk))
        # }
    elif pk:
        answer = {"Items": []}
    else:
        answer = {"Items": [{"sk": most}]}
    rows = answer.get("Items") or []
    return [row["sk"] for row in rows]

def handler(event, context):
    return listed(event.get("pk"), event.get("most"))
"#,
    ),
    (
        "a branch that replaces a first value, by a client",
        r#"
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    answer = {"Items": [], "Count": 0}
    if event.get("all"):
        # {
        answer = client.scan(TableName=os.environ["ORDERS_TABLE"])
        # }
    return {"orders": answer["Items"]}
"#,
    ),
    (
        "a branch of its own",
        r#"
from db import Key, orders

def handler(event, context):
    if event.get("pk"):
        # {
        answer = orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]))
        items = answer.get("Items", [])
        # }
    else:
        answer = {}
        items = []
    return items
"#,
    ),
    (
        "an asynchronous table",
        r#"
import os
import aioboto3

async def items():
    async with aioboto3.Session().resource("dynamodb") as dynamodb:
        table = await dynamodb.Table(os.environ["AUDIT_TABLE"])
        # {
        items = (await table.scan())["Items"]
        # }
        return items

def handler(event, context):
    import asyncio
    return asyncio.run(items())
"#,
    ),
    (
        "an asynchronous client",
        r#"
import os
import aioboto3

async def everything():
    async with aioboto3.Session().client("dynamodb") as client:
        # {
        response = await client.scan(TableName=os.environ["AUDIT_TABLE"])
        items = response["Items"]
        # }
        return items

def handler(event, context):
    import asyncio
    return asyncio.run(everything())
"#,
    ),
];

#[test]
fn proposals_read_every_page() {
    let mut shown = String::new();
    for (name, project) in CASES {
        let (start, rest) = project.split_once("# {\n").expect("what is replaced begins");
        let (_, end) = rest.split_once("# }\n").expect("what is replaced ends");
        let help = proposal(name, project);
        let indent = start.rsplit('\n').next().unwrap_or_default();
        let code = help.lines().filter_map(|line| line.strip_prefix("    "));
        let code: String = code.map(|line| [indent, line, "\n"].concat()).collect();
        let mended = format!("{}{code}{end}", start.trim_end_matches(' '));
        assert_eq!(findings(&mended), [], "{name}:\n{mended}");
        let _ = writeln!(shown, "# {name}\n{help}\n");
    }
    insta::assert_snapshot!(shown);
}

/// What is read of the first response later on would be left behind: each such place is named.
#[test]
fn proposals_name_what_else_is_read() {
    let after = |call: &str, lines: &[&str]| {
        let lines: String = lines.iter().flat_map(|line| ["    ", line, "\n"]).collect();
        let project = format!("from db import orders\n\ndef handler(event, context):\n    {call}\n{lines}");
        proposal(call, &project).lines().last().unwrap_or_default().to_owned()
    };
    let call = "response = orders.scan()";
    let items = r#"items = response.get("Items")"#;
    let body = r#"return {"body": response.get("Items")}"#;
    let goes = "The line that sets `items` from `response` goes: it would leave one page of them.";
    assert_eq!(after(call, &[items, "return [item for item in items]"]), goes);
    assert_eq!(after(call, &[body]), r#"Then use `items` where `response.get("Items")` was read."#);
    assert_eq!(
        after(call, &[items, "print(len(items))", body]),
        format!(r#"{goes} Then use `items` for `response.get("Items")` (line 7)."#)
    );
    assert_eq!(
        after(
            call,
            &[r#"rows = response["Items"]"#, r#"print(response["Items"])"#, r#"return rows, response["Items"]"#]
        ),
        goes.replace("items", "rows") + r#" Then use `rows` for `response["Items"]` (lines 6 and 7)."#
    );
    assert_eq!(
        after(call, &[r#"print(response["Items"])"#, body]),
        r#"Then use `items` for `response["Items"]` (line 5) and `response.get("Items")` (line 6)."#
    );
    assert_eq!(
        after(
            call,
            &[items, r#"print(response["Count"], response["ScannedCount"])"#, "return [item for item in items]"]
        ),
        goes.to_owned()
            + r#" Then use `len(items)` for `response["Count"]` (line 6). `response` is then the last page alone: look at `response["ScannedCount"]` (line 6)."#
    );
    assert_eq!(
        after(
            r#"response = orders.meta.client.scan(TableName=orders.name)"#,
            &[items, "print(response)", "return [item for item in items]"]
        ),
        format!("{goes} `response` isn't there any more: look at `response` (line 6).")
    );
    // Another response of the same name.
    assert_eq!(after(call, &[items, "response = {}", r#"return [item for item in items], response["Items"]"#]), goes);
}

/// Of a call that a condition in its expression decides on, statements can't take the place: the condition would be lost.
#[test]
fn calls_within_an_expression_are_mended_in_words() {
    let scan = r#"orders.scan(FilterExpression=chosen, Limit=most)"#;
    let held = [
        format!("found = {scan} if chosen else {{}}"),
        format!("found = chosen and {scan} or {{}}"),
        format!("found = (lambda: {scan})()"),
        format!("found = [{scan} for _ in range(1)][0]"),
    ];
    for line in held {
        let project = format!(
            "from db import Attr, orders\n\ndef find(day, most):\n    chosen = Attr(\"day\").eq(day) if day else None\n    {line}\n    \
             return found.get(\"Items\", [])\n\ndef handler(event, context):\n    return find(event.get(\"day\"), event[\"most\"])\n"
        );
        assert_eq!(
            proposal(&line, &project),
            "Repeat the call with `ExclusiveStartKey=response[\"LastEvaluatedKey\"]` while the response has one, and stop once as \
             many items are collected as the caller asked for, and cut the list there: in a plain loop `Limit` is only the size \
             of a page, and the loop would return everything. A boto3 client does this with `get_paginator(\"scan\")`.",
            "{line}"
        );
    }
}

fn proposal(name: &str, project: &str) -> String {
    let findings = findings(project);
    let [only] = findings.as_slice() else { panic!("{name}: {findings:?}") };
    only.help.clone()
}

/// The rules that propose it.
const RULES: &[&str] = &["count-first-page", "filter-with-limit", "missing-pagination"];

/// The findings of these rules; a syntax error would be a panic.
fn findings(project: &str) -> Vec<Finding> {
    audited(project, |audit| {
        assert_eq!(audit.syntax_errors, 0, "{project}");
        let findings = rules::run(&audit.facts);
        findings.into_iter().filter(|finding| RULES.contains(&finding.rule)).collect()
    })
}
