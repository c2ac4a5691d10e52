//! `stream-self-write`: Lambdas that a table's stream invokes, and that write to the table.

use crate::harness::audited;

const TEMPLATE: &str = r"
=== template.yaml
  Counts:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
  Count:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {COUNTS: !Ref Counts, AUDIT: !Ref Audit}}
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Counts }
        - DynamoDBCrudPolicy: { TableName: !Ref Audit }
      Events:
        Changes: {Type: DynamoDB, Properties: {Stream: !GetAtt Counts.StreamArn, StartingPosition: LATEST}}
";

const IMPORTS: &str = r#"
import functools
import json
import os
from datetime import UTC, datetime

import boto3

table = boto3.resource("dynamodb").Table(os.environ["COUNTS"])
other = boto3.resource("dynamodb").Table(os.environ["AUDIT"])


def is_new(record):
    return record["eventName"] == "INSERT"


"#;

fn found_in(code: &str, template: &str) -> bool {
    audited(&format!("{IMPORTS}{code}{template}"), |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours: Vec<String> = findings
            .iter()
            .filter(|finding| finding.rule == "stream-self-write")
            .map(|finding| {
                format!("{} ({}): {}", finding.severity.as_str(), finding.confidence.as_str(), finding.title)
            })
            .collect();
        assert!(
            ours.is_empty() || ours == ["high (likely): Count is invoked by its own writes to Counts"],
            "{code}: {ours:?}"
        );
        !ours.is_empty()
    })
}

fn found(code: &str) -> bool {
    found_in(code, TEMPLATE)
}

/// An update of the item that the record is of.
fn update(expression: &str, values: &str) -> String {
    format!(
        "table.update_item(Key={{\"id\": record[\"dynamodb\"][\"Keys\"][\"id\"][\"S\"]}}, UpdateExpression=\"{expression}\", \
         ExpressionAttributeValues={values})"
    )
}

fn counting() -> String {
    update("ADD n :one", "{':one': 1}")
}

/// A handler that does this with each record.
fn each(body: &str) -> String {
    let body = format!("        {}\n", body.replace('\n', "\n        "));
    format!("def handler(event, context):\n    for record in event[\"Records\"]:\n{body}")
}

#[test]
fn changes_that_are_never_the_same() {
    for body in [
        counting(),
        update("SET n = n + :one", "{':one': 1}"),
        update("SET n = if_not_exists(n, :zero) + :one", "{':one': 1, ':zero': 0}"),
    ] {
        assert!(found(&each(&body)), "{body}");
    }
    let helper = format!("def count(record):\n    {}\n\n\n{}", counting(), each("count(record)"));
    assert!(found(&helper));
    let printed = each(&counting()).replace("    for", "    print(json.dumps(event))\n    for");
    assert!(found(&printed));
}

#[test]
fn changes_that_come_to_an_end() {
    for body in [
        update("SET done = :yes", "{':yes': True}"),
        update("ADD n :zero", "{':zero': 0}"),
        update("SET first = if_not_exists(first, :one)", "{':one': 1}"),
        update("ADD n :more", "{':more': int(record['dynamodb']['NewImage']['n']['N'])}"),
        // Of a time, it isn't known when it was taken.
        update("SET seen = :now", "{':now': datetime.now(UTC).isoformat()}"),
        update("SET seen = :at", "{':at': datetime.fromisoformat(record['at']).isoformat()}"),
        counting().replace(
            "ExpressionAttributeValues",
            "ConditionExpression='attribute_not_exists(n)', ExpressionAttributeValues",
        ),
        counting().replace("table.", "other."),
    ] {
        assert!(!found(&each(&body)), "{body}");
    }
}

#[test]
fn records_that_are_told_apart() {
    let count = counting();
    for body in [
        format!("if is_new(record):\n    {count}"),
        format!("if record['eventName'] != 'INSERT':\n    continue\n{count}"),
        format!("is_new(record) and {count}"),
        format!("match record['eventName']:\n    case 'INSERT':\n        {count}"),
        format!("for line in record['dynamodb']['NewImage']['lines']['L']:\n    {count}"),
        format!("try:\n    check(record)\n    {count}\nexcept ValueError:\n    pass"),
        // A record that has no such attribute, or isn't of such an event, ends the run.
        format!("check(record)\n{count}"),
        format!("assert record['eventName'] == 'INSERT'\n{count}"),
        format!("kind, number = record['dynamodb']['Keys']['id']['S'].split('#')\n{count}"),
        format!("email = record['dynamodb']['NewImage']['email']['S']\n{count}"),
        format!("with suppress(KeyError):\n    record['dynamodb']['OldImage']\n    {count}"),
        format!("order = Order(**record['dynamodb'])\n{count}"),
    ] {
        let check = "\n\ndef check(record):\n    if not is_new(record):\n        raise ValueError\n";
        assert!(!found(&format!("{}{check}", each(&body))), "{body}");
    }
    let new = "[r for r in event['Records'] if is_new(r)]";
    let dispatch = |call: &str| {
        format!(
            "def count(record):\n    {count}\n\n\ndef skip(record):\n    pass\n\n\nACTIONS = {{'INSERT': count, 'MODIFY': skip}}\n\n\n{}",
            each(call)
        )
    };
    for call in [
        "ACTIONS[record['eventName']](record)",
        "ACTIONS.get(record['eventName'], skip)(record)",
        "act = ACTIONS[record['eventName']]\nact(record)",
        "act = count if is_new(record) else skip\nact(record)",
    ] {
        assert!(!found(&dispatch(call)), "{call}");
    }
    assert!(found(&dispatch("count(record)")));
    let with = |before: &str| each(&count).replace("    for", &format!("    {before}\n    for"));
    for code in [
        each(&count).replace("event[\"Records\"]", new),
        format!(
            "def handler(event, context):\n    [count(r) for r in event['Records'] if is_new(r)]\n\n\ndef count(record):\n    {count}\n"
        ),
        format!("{}\n\ndef fresh(event):\n    return {{'Records': {new}}}\n", with("event = fresh(event)")),
        format!("{}\n\ndef fresh(event):\n    event['Records'] = {new}\n", with("fresh(event)")),
        with(&format!("event['Records'] = {new}")),
        with("if not event['Records']:\n        return"),
        format!(
            "{}\n\n\ndef handler(event, context):\n    work({{'Records': {new}}})\n",
            each(&count).replace("handler(event, context)", "work(event)")
        ),
        format!(
            "def once(f):\n    def inner(event, context):\n        return f({{'Records': {new}}}, context)\n    return inner\n\n\n@once\n{}",
            each(&count)
        ),
    ] {
        assert!(!found(&code), "{code}");
    }
}

#[test]
fn sources_that_pass_not_all() {
    let code = each(&counting());
    let with = |setting: &str| TEMPLATE.replace("LATEST}", &format!("LATEST, {setting}}}"));
    assert!(found_in(&code, &with("MaximumRetryAttempts: 3")));
    assert!(!found_in(&code, &with("FilterCriteria: {Filters: [{Pattern: '{\"eventName\": [\"INSERT\"]}'}]}")));
    assert!(!found_in(&code, &with("Enabled: false")));
    assert!(!found_in(&code, &with("Enabled: !Ref Stage")));
}
