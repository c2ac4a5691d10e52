//! What times are: `# <- ttl milliseconds` ends the line that names an attribute whose value is surely no number of seconds
//! since 1970, `# <- ttl in 7 days` one that always is so far from now.

use crate::harness::{audited, by_line, cases, notes};
use ddb_audit::flow::TimeForm;
use std::collections::BTreeSet;

fn check(project: &str) {
    let found = audited(project, |audit| {
        let sites = audit.facts.tables.iter().flat_map(|table| &table.ttl_writes);
        let told = sites.filter_map(|site| {
            let form = match site.form {
                Some(TimeForm::Milliseconds) => "milliseconds".to_owned(),
                Some(TimeForm::Nanoseconds) => "nanoseconds".to_owned(),
                Some(TimeForm::Text) => "text".to_owned(),
                Some(TimeForm::Duration) => "duration".to_owned(),
                None => format!("in {}", site.lifetime?),
            };
            Some((audit.place(site.span), format!("{} {form}", site.attribute)))
        });
        by_line(told.collect::<BTreeSet<_>>())
    });
    assert_eq!(found, notes(project, "# <- "), "found (left), wanted (right)");
}

cases! {
    with check;

    numbers_of_each_unit r##"
import math
import time
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from db import audit

WEEK = 7 * 86400

def handler(event, context):
    now = datetime.now(timezone.utc)
    later = now + timedelta(days=7)
    audit.put_item(Item={"id": "1", "ttl": int(time.time()) + WEEK})  # <- ttl in 7 days
    audit.put_item(Item={"id": "2", "ttl": int(time.time() * 1000) + WEEK})  # <- ttl milliseconds
    audit.put_item(Item={"id": "3", "ttl": int((time.time() + WEEK) * 1000)})  # <- ttl milliseconds
    audit.put_item(Item={"id": "4", "ttl": WEEK})  # <- ttl duration
    audit.put_item(Item={"id": "5", "ttl": int(timedelta(days=7).total_seconds())})  # <- ttl duration
    audit.put_item(Item={"id": "6", "ttl": int(later.timestamp())})  # <- ttl in 7 days
    audit.put_item(Item={"id": "7", "ttl": round(later.timestamp() * 1000)})  # <- ttl milliseconds
    audit.put_item(Item={"id": "8", "ttl": time.time_ns()})  # <- ttl nanoseconds
    audit.put_item(Item={"id": "9", "ttl": time.time_ns() // 1_000_000})  # <- ttl milliseconds
    audit.put_item(Item={"id": "10", "ttl": time.time_ns() // 1_000_000_000 + WEEK})
    audit.put_item(Item={"id": "11", "ttl": int(time.time() * 1000) // 1000})
    audit.put_item(Item={"id": "12", "ttl": Decimal(str(1000 * math.floor(time.time())))})  # <- ttl milliseconds
    audit.put_item(Item={"id": "13", "ttl": Decimal(int(time.time()))})  # <- ttl in 0 seconds
    audit.put_item(Item={"id": "14", "ttl": int(time.time()) + int(timedelta(days=7).total_seconds())})  # <- ttl in 7 days
    audit.put_item(Item={"id": "15", "ttl": int(time.time()) + event["lifetime"]})
    audit.put_item(Item={"id": "16", "ttl": event["lifetime"]})
    audit.put_item(Item={"id": "17", "ttl": 0})
    audit.put_item(Item={"id": "18", "ttl": 4102444800})
    audit.put_item(Item={"id": "19", "ttl": int((later - now).total_seconds())})  # <- ttl duration
"##

    text r##"
import time
from datetime import datetime, timedelta
from db import audit

def handler(event, context):
    later = datetime.utcnow() + timedelta(days=1)
    audit.put_item(Item={"id": "1", "ttl": later.isoformat()})  # <- ttl text
    audit.put_item(Item={"id": "2", "ttl": later.isoformat() + "Z"})  # <- ttl text
    audit.put_item(Item={"id": "3", "ttl": later.replace(microsecond=0).strftime("%Y-%m-%d")})  # <- ttl text
    audit.put_item(Item={"id": "4", "ttl": str(int(later.timestamp()))})  # <- ttl text
    audit.put_item(Item={"id": "5", "ttl": int(later.strftime("%s"))})
    audit.put_item(Item={"id": "6", "ttl": "never"})  # <- ttl text
    audit.put_item(Item={"id": "7", "ttl": f"{int(time.time())}"})
    audit.put_item(Item={"id": "8", "ttl": str(later)})  # <- ttl text
    audit.put_item(Item={"id": "9", "ttl": None})
"##

    descriptors_of_the_low_level_client r##"
import os
import time
import boto3

client = boto3.client("dynamodb")
TABLE = os.environ["AUDIT_TABLE"]

def handler(event, context):
    now = int(time.time())
    client.put_item(TableName=TABLE, Item={"id": {"S": "1"}, "ttl": {"N": str(now + 60)}})  # <- ttl in 60 seconds
    client.put_item(TableName=TABLE, Item={"id": {"S": "2"}, "ttl": {"S": str(now + 60)}})  # <- ttl text
    client.put_item(TableName=TABLE, Item={"id": {"S": "3"}, "ttl": {"N": str(now * 1000)}})  # <- ttl milliseconds
"##

    through_functions_and_updates r##"
import time
from db import audit

def expiry(lifetime):
    return int(time.time() * 1000) + lifetime  # milliseconds

def mixed(fine):
    return int(time.time()) if fine else int(time.time() * 1000)

def handler(event, context):
    audit.update_item(
        Key={"id": "1"},
        UpdateExpression="SET #t = :t",  # <- ttl milliseconds
        ExpressionAttributeNames={"#t": "ttl"},
        ExpressionAttributeValues={":t": expiry(3600)},
    )
    audit.put_item(Item={"id": "2", "ttl": mixed(event["fine"])})
"##

    how_long_items_are_kept r##"
import time
from datetime import datetime, timedelta, timezone
from db import audit

DAY = 24 * 3600

class Keeper:
    def __init__(self, days=90):
        self.days = days

    def expiry(self):
        return int((datetime.now(timezone.utc) + timedelta(days=self.days)).timestamp())

def step(start):
    while start < 5:
        start = start + 60
    return start

def handler(event, context):
    audit.put_item(Item={"id": "1", "ttl": Keeper().expiry()})  # <- ttl in 90 days
    audit.put_item(Item={"id": "2", "ttl": int(time.time()) + DAY})  # <- ttl in 24 hours
    audit.put_item(Item={"id": "3", "ttl": int(time.time() + timedelta(minutes=15, seconds=30).total_seconds())})  # <- ttl in 930 seconds
    audit.put_item(Item={"id": "4", "ttl": int((datetime.utcnow() + timedelta(event["days"])).timestamp())})
    audit.put_item(Item={"id": "5", "ttl": int((datetime.fromisoformat(event["at"]) + timedelta(days=1)).timestamp())})
    audit.put_item(Item={"id": "6", "ttl": int(time.time()) + (DAY if event["short"] else 2 * DAY)})
    audit.put_item(Item={"id": "7", "ttl": step(int(time.time()))})
    audit.put_item(Item={"id": "8", "ttl": int(time.time()) - DAY})
"##
}
