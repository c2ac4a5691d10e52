//! What nobody reaches, what somebody may reach, and what that makes of grants.

use crate::harness::{audited, cases, check};

cases! {
    a_function_that_nothing_calls r#"
from db import Key, orders

def used(pk):
    return orders.get_item(Key=pk)  # => GetItem Orders @Api

def unused(status):
    return orders.query(  # => Query Orders/by-status missing latent
        IndexName="by-status", KeyConditionExpression=Key("status").eq(status)
    )["Items"]

def handler(event, context):
    return used(event["pk"])
"#

    a_method_that_nothing_calls r#"
import os
import boto3

class Store:
    def __init__(self, name):
        self.table = boto3.resource("dynamodb").Table(name)

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

    def everything(self):
        return self.table.scan()["Items"]  # => Scan Orders missing latent

def handler(event, context):
    Store(os.environ["ORDERS_TABLE"]).save(event)
"#

    a_module_that_nothing_imports r#"
from db import orders

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders @Api
=== src/old.py
from db import audit

def note(item):
    audit.put_item(Item=item)  # => PutItem Audit latent
"#

    a_branch_that_a_constant_closes r#"
from db import audit, orders

DEBUG = False

def handler(event, context):
    if DEBUG:
        audit.put_item(Item=event)  # => PutItem Audit latent
    orders.put_item(Item=event)  # => PutItem Orders @Api
"#

    after_a_return r#"
from db import audit, orders

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders @Api
    return event
    audit.delete_item(Key=event)  # => DeleteItem Audit latent
"#

    a_method_of_an_unknown_object r#"
from db import orders
from somebody import on_message

class Store:
    def save_order(self, item):
        orders.put_item(Item=item)  # => PutItem Orders ?Api

def receive(store, message):
    store.save_order(message)

def handler(event, context):
    on_message(event, receive)
"#

    a_class_named_at_run_time r#"
from db import orders

class Store:
    def save_order(self, item):
        orders.put_item(Item=item)  # => PutItem Orders ?Api

def handler(event, context):
    store = globals()[event["kind"]]()
    store.save_order(event)
"#

    a_script_beside_the_lambdas r#"
def handler(event, context):
    return None
=== src/store.py
from db import orders

def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @tools/load.py
=== tools/load.py
import sys
sys.path.insert(0, "src")
from store import save

save({"pk": "a"})
"#
}

/// What the role allows `Api` and what is lacking, one line each: `Query Orders/index unused`.
fn grants(policies: &str, code: &str) -> String {
    let policies: Vec<String> = policies.trim().lines().map(|line| format!("            - {line}\n")).collect();
    let policies = policies.concat();
    let lambda = format!(
        "=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {{ Variables: {{ ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit }} }}
      Policies:
        - Statement:
{policies}
=== src/app.py
{code}"
    );
    check(&lambda);
    audited(&lambda, |audit| {
        let index = |index| if index { "/index" } else { "" };
        let mut lines = Vec::new();
        for grant in &audit.facts.grants {
            let status = format!("{:?}", grant.status).to_lowercase();
            lines.push(format!("{} {}{} {status}\n", grant.action, audit.table(grant.table), index(grant.index)));
        }
        for grant in &audit.facts.missing_grants {
            lines.push(format!(
                "{} {}{} lacking\n",
                grant.action,
                audit.table(grant.table),
                index(grant.index.is_some())
            ));
        }
        lines.sort();
        lines.concat()
    })
}

const READ_WRITE: &str =
    "{ Effect: Allow, Action: ['dynamodb:GetItem', 'dynamodb:PutItem'], Resource: !GetAtt Orders.Arn }";

#[test]
fn grants_are_used_unused_or_lacking() {
    let found = grants(
        READ_WRITE,
        r#"
from db import orders

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders @Api
    orders.delete_item(Key=event["key"])  # => DeleteItem Orders @Api
"#,
    );
    assert_eq!(found, "DeleteItem Orders lacking\nGetItem Orders unused\nPutItem Orders used\n");
}

#[test]
fn a_batch_writer_needs_another_action_than_a_put() {
    let found = grants(
        READ_WRITE,
        r#"
from db import orders

def handler(event, context):
    with orders.batch_writer() as batch:  # => BatchWriteItem Orders @Api
        batch.put_item(Item=event)  # => BatchWriteItem Orders @Api
"#,
    );
    assert_eq!(found, "BatchWriteItem Orders lacking\nGetItem Orders unused\nPutItem Orders unused\n");
}

#[test]
fn an_index_is_granted_apart_from_its_table() {
    let policies = "{ Effect: Allow, Action: 'dynamodb:Query', Resource: !GetAtt Orders.Arn }
{ Effect: Allow, Action: 'dynamodb:Query', Resource: !Sub '${Orders.Arn}/index/*' }";
    let found = grants(
        policies,
        r#"
from db import Key, orders

def handler(event, context):
    return orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]))  # => Query Orders cursor @Api
"#,
    );
    assert_eq!(found, "Query Orders used\nQuery Orders/index unused\n");
}

#[test]
fn what_a_guessed_callee_needs_is_unverified() {
    let found = grants(
        READ_WRITE,
        r#"
from db import orders
from somebody import on_message

class Store:
    def save_order(self, item):
        orders.put_item(Item=item)  # => PutItem Orders ?Api

def handler(event, context):
    on_message(event, lambda store, message: store.save_order(message))
    orders.get_item(Key=event["key"])  # => GetItem Orders @Api
"#,
    );
    assert_eq!(found, "GetItem Orders used\nPutItem Orders unverified\n");
}

#[test]
fn what_an_unknown_table_may_need_is_unverified() {
    let found = grants(
        READ_WRITE,
        r#"
import boto3

def handler(event, context):
    boto3.resource("dynamodb").Table(event["table"]).put_item(Item=event)  # => PutItem ? @Api
"#,
    );
    assert_eq!(found, "GetItem Orders unused\nPutItem Orders unverified\n");
}

#[test]
fn another_principals_calls_use_nothing_and_lack_nothing() {
    let found = grants(
        READ_WRITE,
        r#"
import os
import boto3

def handler(event, context):
    given = boto3.client("sts").assume_role(RoleArn=event["role"], RoleSessionName="a")["Credentials"]
    session = boto3.Session(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    table = session.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    table.put_item(Item=event)  # => PutItem Orders foreign @Api
    table.delete_item(Key=event["key"])  # => DeleteItem Orders foreign @Api
"#,
    );
    assert_eq!(found, "GetItem Orders unused\nPutItem Orders unused\n");
}

#[test]
fn code_that_nothing_reaches_and_scripts_use_no_grant() {
    let found = grants(
        READ_WRITE,
        r#"
from db import orders

def unused(item):
    orders.put_item(Item=item)  # => PutItem Orders latent

def handler(event, context):
    return orders.get_item(Key=event["key"])  # => GetItem Orders @Api
=== tools/load.py
import boto3

boto3.resource("dynamodb").Table("app-dev-orders").put_item(Item={"pk": "a"})  # => PutItem Orders @tools/load.py
"#,
    );
    assert_eq!(found, "GetItem Orders used\nPutItem Orders unused\n");
}

#[test]
fn idempotency_uses_its_own_grants() {
    let found = grants(
        "{ Effect: Allow, Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem'], Resource: !GetAtt Audit.Arn }",
        r#"
import os
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, idempotent

layer = DynamoDBPersistenceLayer(table_name=os.environ["AUDIT_TABLE"])

@idempotent(persistence_store=layer)  # => PutItem Audit @Api; UpdateItem Audit @Api; DeleteItem Audit @Api
def handler(event, context):
    return {"statusCode": 200}
"#,
    );
    assert_eq!(found, "DeleteItem Audit lacking\nPutItem Audit used\nUpdateItem Audit used\n");
}

/// Three classes behind the handler, by index, with the refusal swallowed: whoever takes the right away sees nothing fail.
const HOLDINGS: &str = r#"
from engine import Engine

def handler(event, context):
    return Engine().rebalance(event["customer"])
=== src/engine.py
from holdings import Holdings

class Engine:
    def __init__(self):
        self.planner = Planner(Holdings())

    def rebalance(self, customer):
        return self.planner.plan(customer)

class Planner:
    def __init__(self, holdings):
        self._holdings = holdings

    def plan(self, customer):
        held = self._holdings.open_positions(customer)
        return [] if held else ["buy"]
=== src/holdings.py
import logging
from db import Key, orders

class Holdings:
    def __init__(self):
        self._table = orders

    def open_positions(self, customer):
        try:
            items, kwargs = [], {"IndexName": "by-status", "KeyConditionExpression": Key("status").eq(customer)}
            while True:
                response = self._table.query(**kwargs)  # => Query Orders/by-status paginated @Api
                items.extend(response["Items"])
                if "LastEvaluatedKey" not in response:
                    return {item["sk"]: item for item in items}
                kwargs["ExclusiveStartKey"] = response["LastEvaluatedKey"]
        except Exception:
            logging.exception("no holdings")
            return {}
"#;

#[test]
fn a_right_that_only_a_class_far_behind_the_handler_needs() {
    let table = "{ Effect: Allow, Action: ['dynamodb:GetItem', 'dynamodb:Query'], Resource: !GetAtt Orders.Arn }";
    let index = "{ Effect: Allow, Action: 'dynamodb:Query', Resource: !Sub '${Orders.Arn}/index/*' }";
    assert_eq!(
        grants(&format!("{table}\n{index}"), HOLDINGS),
        "GetItem Orders unused\nQuery Orders used\nQuery Orders/index used\n"
    );
    assert_eq!(grants(table, HOLDINGS), "GetItem Orders unused\nQuery Orders used\nQuery Orders/index lacking\n");
}

/// Each file's functions run in their own file, in whatever group it is looked at.
#[test]
fn code_of_several_files_that_nothing_reaches() {
    check(
        r#"
def handler(event, context):
    pass
=== src/brief.py
import boto3
import os

def store(key):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=key)  # => PutItem Orders latent
=== src/lengthy.py
import json
import os
import time
import boto3
import uuid
import web

TABLE = os.environ["AUDIT_TABLE"]
QUEUE = os.environ.get("QUEUE_URL", "")
audit = boto3.resource("dynamodb").Table(TABLE)
queue = boto3.client("sqs")

class Answers(web.Answers):
    def __init__(self, status: web.Status):
        self.status = status

def answer(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}

def submit(body: "flask.Request", context: json.JSONDecoder, name=TABLE):
    project = (body.get("project") or "").strip().strip("/")
    if not project or " " in project or not all(part for part in project.split("/")):
        return answer(400, {"error": "Give a path"})
    audit.put_item(Item={"id": uuid.uuid4().hex[:12], "project": project, "at": int(time.time())})  # => PutItem Audit latent
    queue.send_message(QueueUrl=QUEUE, MessageBody=json.dumps({"project": project}))
    return answer(202, {"status": "PENDING"})

def status(job):
    item = audit.get_item(Key={"id": job}).get("Item")  # => GetItem Audit latent
    return answer(200, item) if item else answer(404, {"error": "no such job"})

def serve(event, context):
    if event.get("httpMethod", "") == "POST":
        return submit(json.loads(event.get("body") or "{}"))
    return status((event.get("pathParameters") or {}).get("job"))
"#,
    );
}
