//! Which attributes are taken for an expiry: `# !! ttl-attribute-mismatch possible` ends the line that writes one in vain.

use crate::harness::{cases, check_findings};

fn check(project: &str) {
    check_findings(project, &["ttl-attribute-mismatch"], |_, finding| {
        format!("{} {}", finding.rule, finding.confidence.as_str())
    });
}

cases! {
    with check;

    only_times_that_dynamodb_could_go_by r##"
import time
from datetime import datetime, timedelta, timezone
from db import audit

def handler(event, context):
    until = datetime.now(timezone.utc) + timedelta(days=30)
    audit.put_item(Item={"id": "1", "expiresAt": int(time.time()) + 600})  # !! ttl-attribute-mismatch possible
    audit.put_item(Item={"id": "2", "ends_ttl": event["ends"]})  # !! ttl-attribute-mismatch likely
    audit.put_item(Item={"id": "3", "expires_at": until.isoformat()})
    audit.put_item(Item={"id": "4", "expire_at": event.get("until", "")})
    audit.put_item(Item={"id": "5", "expires_on": None})
    audit.put_item(Item={"id": "6", "expires_time": int(time.time()) + event["seconds"]})  # !! ttl-attribute-mismatch possible
"##

    a_part_of_a_transaction_writes_to_its_own_table r##"
import time
import boto3
from db import audit, orders

client = boto3.client("dynamodb")

def handler(event, context):
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": audit.name, "Item": {"id": {"S": "1"}}}},
        {"Put": {"TableName": orders.name, "Item": {
            "pk": {"S": "1"}, "sk": {"S": "2"},
            "expiresAt": {"N": str(int(time.time()) + 60)},  # !! ttl-attribute-mismatch possible
        }}},
    ])
"##
}
