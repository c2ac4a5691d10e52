//! Helpers that serve several tables: what one caller gives for one table says nothing of the others.

use crate::harness::{audited, cases, check_findings};

fn check(project: &str) {
    let rules = ["scan-could-be-query", "unused-gsi", "incomplete-key", "put-missing-key"];
    check_findings(project, &rules, |_, finding| format!("{}: {}", finding.rule, finding.title));
}

cases! {
    with check;

    a_claim_names_the_table_that_it_is_about r##"
from boto3.dynamodb.conditions import Attr, Key
from db import audit, orders
from shared import find

def handler(event, context):
    find(audit, Attr("note").exists())
    find(orders, Attr("status").eq("open"))
    return orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("open"))
=== src/shared.py
def find(table, condition):
    return table.scan(FilterExpression=condition)["Items"]  # !! scan-could-be-query: `find` scans Orders for one value of `status`, by which by-status of Orders is keyed
"##

    each_caller_gives_its_own_table_what_it_gives r##"
from boto3.dynamodb.conditions import Attr, Key
from db import audit, orders
from shared import find, save

def handler(event, context):
    save(orders, {"pk": "1", "sk": "2", "status": "open", "created": "now"})
    save(audit, {"id": "1"})
    find(audit, Attr("status").eq("open"))
    find(orders, Attr("created").gt("2020"))
    return orders.query(IndexName="by-status", KeyConditionExpression=Key("status").eq("open"))
=== src/shared.py
def save(table, item):
    table.put_item(Item=item)

def find(table, condition):
    return table.scan(FilterExpression=condition)["Items"]
"##
}

/// What a helper writes is of the table that it was given with it.
#[test]
fn keys_of_an_index_are_written_to_the_table_they_are_given_with() {
    let project = r#"
from db import audit, orders
from shared import save

def handler(event, context):
    save(audit, {"id": "1", "status": "open", "created": "now"})
    save(orders, {"pk": "1", "sk": "2"})
=== src/shared.py
def save(table, item):
    table.put_item(Item=item)
"#;
    let written = audited(project, |audit| {
        let indexes = audit.facts.tables.iter().flat_map(|table| &table.indexes);
        indexes.flat_map(|index| &index.key_writes).count()
    });
    assert_eq!(written, 0);
}

/// A time to live that one Lambda writes through a helper is nothing that the other does, which puts into another table.
#[test]
fn who_writes_a_time_to_live() {
    let lambda = |name: &str| {
        format!(
            "  {name}:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.{}
      Runtime: python3.13
      Environment: {{ Variables: {{ ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit }} }}
",
            name.to_lowercase()
        )
    };
    let project = format!(
        r#"
import time
from db import audit, orders
from shared import save

def offer(event, context):
    save(orders, {{"pk": "1", "sk": "2", "ttl": int(time.time()) + 60}})

def note(event, context):
    save(audit, {{"id": "1"}})
=== src/shared.py
def save(table, item):
    table.put_item(Item=item)
=== template.yaml
{}{}"#,
        lambda("Offer"),
        lambda("Note")
    );
    let said = audited(&project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.into_iter().filter(|finding| finding.rule == "ttl-attribute-mismatch");
        ours.map(|finding| finding.message).collect::<Vec<_>>()
    });
    assert_eq!(
        said,
        [
            "DynamoDB deletes expired items only where the table's TimeToLiveSpecification names the attribute. Items written \
          here (1 place) never expire. Reached from Offer."
        ]
    );
}
