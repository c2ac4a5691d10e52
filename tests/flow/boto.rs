//! What boto3 makes, and what only looks like it.

use crate::harness::cases;

cases! {
    clients_and_resources r#"
import os
import boto3

session = boto3.Session(region_name="eu-west-1")
client = boto3.client("dynamodb")
regional = session.client(service_name="dynamodb")
resource = boto3.session.Session().resource("dynamodb", region_name="eu-west-1")
orders = os.environ["ORDERS_TABLE"]

def handler(event, context):
    client.put_item(TableName=orders, Item=event)  # => PutItem Orders @Api
    regional.get_item(TableName=orders, Key=event["key"])  # => GetItem Orders @Api
    resource.Table(orders).delete_item(Key=event["key"])  # => DeleteItem Orders @Api
    resource.meta.client.put_item(TableName=os.environ["AUDIT_TABLE"], Item=event)  # => PutItem Audit @Api
    resource.Table(orders).meta.client.describe_table(TableName=orders)  # => DescribeTable Orders @Api
"#

    attributes_of_a_table_are_calls_only_where_they_are r#"
from db import orders

def handler(event, context):
    orders.load()  # => DescribeTable Orders @Api
    return orders.name, orders.table_name, orders.meta.client.meta.region_name
"#

    attributes_that_only_dynamodb_knows r#"
from db import audit, orders

def arn(table):
    return table.table_arn  # => DescribeTable Audit @Api

def handler(event, context):
    if orders.table_status != "ACTIVE":  # => DescribeTable Orders @Api
        orders.wait_until_exists()  # => DescribeTable Orders @Api
        orders.reload()  # => DescribeTable Orders @Api
    count = getattr(orders, "item_count")  # => DescribeTable Orders @Api
    return count, arn(audit), [index["IndexName"] for index in orders.global_secondary_indexes]  # => DescribeTable Orders @Api
"#

    batch_writer r#"
from db import orders

def save(batch, item):
    batch.put_item(Item=item)  # => BatchWriteItem Orders @Api

def handler(event, context):
    with orders.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:  # => BatchWriteItem Orders @Api
        for item in event["items"]:
            save(batch, item)
        batch.delete_item(Key=event["key"])  # => BatchWriteItem Orders @Api
"#

    batches_by_table_name r#"
import os
import boto3

client = boto3.client("dynamodb")
orders = os.environ["ORDERS_TABLE"]

def handler(event, context):
    request = {orders: {"Keys": [{"pk": {"S": "a"}, "sk": {"S": "b"}}]}}
    while request:
        response = client.batch_get_item(RequestItems=request)  # => BatchGetItem Orders @Api
        request = response.get("UnprocessedKeys")
    puts = [{"PutRequest": {"Item": item}} for item in event["items"]]
    client.batch_write_item(RequestItems={os.environ["AUDIT_TABLE"]: puts})  # => BatchWriteItem Audit @Api
"#

    transactions_need_the_actions_of_their_parts r#"
import os
import boto3

client = boto3.client("dynamodb")
orders = os.environ["ORDERS_TABLE"]

def handler(event, context):
    client.transact_write_items(  # => TransactWriteItems(PutItem,UpdateItem) Orders @Api
        TransactItems=[
            {"Put": {"TableName": orders, "Item": {"pk": {"S": "a"}, "sk": {"S": "b"}}}},
            {"Update": {"TableName": orders, "Key": {"pk": {"S": "a"}, "sk": {"S": "c"}}, "UpdateExpression": "ADD n :o"}},
        ]
    )
    client.transact_get_items(  # => TransactGetItems Audit @Api
        TransactItems=[{"Get": {"TableName": os.environ["AUDIT_TABLE"], "Key": {"id": {"S": "a"}}}}]
    )
"#

    a_transaction_built_step_by_step r#"
import os
import boto3

client = boto3.client("dynamodb")

def put(item):
    return {"Put": {"TableName": os.environ["ORDERS_TABLE"], "Item": item}}

def handler(event, context):
    parts = []
    for item in event["items"]:
        parts.append(put(item))
    parts.append({"Delete": {"TableName": os.environ["ORDERS_TABLE"], "Key": event["key"]}})
    client.transact_write_items(TransactItems=parts)  # => TransactWriteItems(DeleteItem,PutItem) Orders @Api
"#

    statements r#"
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    client.execute_statement(  # => ExecuteStatement(PartiQLSelect) Orders @Api
        Statement='SELECT * FROM "app-dev-orders" WHERE pk = ?', Parameters=[{"S": event["pk"]}]
    )
    client.execute_statement(  # => ExecuteStatement(PartiQLDelete) Orders @Api
        Statement='DELETE FROM "app-dev-orders" WHERE pk = ? AND sk = ?', Parameters=event["key"]
    )
"#

    statements_with_a_name_from_the_environment r#"
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    name = os.environ["ORDERS_TABLE"]
    client.execute_statement(  # => ExecuteStatement(PartiQLInsert) Orders @Api
        Statement=f"INSERT INTO \"{name}\" VALUE {{'pk': ?}}", Parameters=[{"S": event["pk"]}]
    )
"#

    a_helper_that_is_told_the_operation r#"
import os
import boto3
from lib.pages import paginate

client = boto3.client("dynamodb")
s3 = boto3.client("s3")

def orders():
    return list(paginate(client, client.scan, TableName=os.environ["ORDERS_TABLE"]))  # => Scan Orders paginated @Api

def audit():
    return list(paginate(  # => Scan Audit paginated @Api
        client, client.scan, TableName=os.environ["AUDIT_TABLE"]
    ))

def handler(event, context):
    return orders(), audit(), paginate(s3, s3.list_objects_v2, Bucket="files")
=== src/lib/pages.py
def paginate(client, method, **kwargs):
    for page in client.get_paginator(method.__name__).paginate(**kwargs):
        yield from page["Items"]
"#

    another_principals_client r#"
import os
import boto3

def assumed(role):
    found = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="audit")["Credentials"]
    return boto3.resource(
        "dynamodb",
        aws_access_key_id=found["AccessKeyId"],
        aws_secret_access_key=found["SecretAccessKey"],
        aws_session_token=found["SessionToken"],
    )

def handler(event, context):
    assumed(event["role"]).Table(os.environ["ORDERS_TABLE"]).put_item(Item=event)  # => PutItem Orders foreign @Api
    boto3.resource("dynamodb").Table(os.environ["AUDIT_TABLE"]).put_item(Item=event)  # => PutItem Audit @Api
"#

    sessions_that_may_be_anothers r#"
import os
import boto3
import botocore.session

def handler(event, context):
    profile = boto3.Session(profile_name="archive").resource("dynamodb")
    profile.Table(os.environ["ORDERS_TABLE"]).put_item(Item=event)  # => PutItem Orders perhaps-foreign @Api
    session = botocore.session.Session(session_vars=event)
    kept = boto3.Session(botocore_session=make(session)).resource("dynamodb")
    kept.Table(os.environ["AUDIT_TABLE"]).put_item(Item=event)  # => PutItem Audit perhaps-foreign @Api
    own = boto3.Session(profile_name=None, region_name="eu-west-1").resource("dynamodb")
    own.Table(os.environ["AUDIT_TABLE"]).delete_item(Key=event)  # => DeleteItem Audit @Api

def make(session):
    import refreshing
    return refreshing.session(session)
"#

    addresses_that_are_not_dynamodbs r#"
import os
import boto3

LOCAL = "http://localhost:8000"

def handler(event, context):
    local = boto3.resource("dynamodb", endpoint_url=LOCAL)
    local.Table(os.environ["ORDERS_TABLE"]).put_item(Item=event)  # => PutItem Orders perhaps-foreign @Api
    near = boto3.resource("dynamodb", endpoint_url="https://dynamodb.eu-west-1.amazonaws.com")
    near.Table(os.environ["ORDERS_TABLE"]).delete_item(Key=event)  # => DeleteItem Orders @Api
    either = boto3.resource("dynamodb", endpoint_url=LOCAL if os.environ.get("AWS_SAM_LOCAL") else None)
    either.Table(os.environ["AUDIT_TABLE"]).delete_item(Key=event)  # => DeleteItem Audit @Api
"#

    keys_in_the_environment r#"
import os
import boto3
from db import audit

def handler(event, context):
    audit.get_item(Key=event)  # => GetItem Audit perhaps-foreign @Api
    found = boto3.client("sts").assume_role(RoleArn=event["role"], RoleSessionName="audit")["Credentials"]
    os.environ.update(AWS_ACCESS_KEY_ID=found["AccessKeyId"], AWS_SECRET_ACCESS_KEY=found["SecretAccessKey"])
    table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    table.put_item(Item=event)  # => PutItem Orders perhaps-foreign @Api
"#

    keys_for_all_sessions r#"
import os
import boto3

def handler(event, context):
    found = boto3.client("sts").assume_role(RoleArn=event["role"], RoleSessionName="audit")["Credentials"]
    boto3.setup_default_session(aws_access_key_id=found["AccessKeyId"], aws_session_token=found["SessionToken"])
    table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    table.put_item(Item=event)  # => PutItem Orders perhaps-foreign @Api
"#

    a_region_for_all_sessions r#"
import os
import boto3

def handler(event, context):
    os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
    boto3.setup_default_session(region_name="eu-west-1")
    table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    table.put_item(Item=event)  # => PutItem Orders @Api
"#

    look_alikes_are_no_accesses r#"
import json
import boto3

class Search:
    def __init__(self):
        self.items = []

    def query(self, **kwargs):
        return {"Items": self.items}

    def scan(self):
        return self.items

    def put_item(self, Item):
        self.items.append(Item)

class Batch:
    def delete_item(self, Key):
        return Key

def handler(event, context):
    for page in boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket="b"):
        print(page.get("Contents"))
    for page in boto3.client("cloudwatch").get_paginator("list_metrics").paginate():
        print(page["Metrics"])
    search = Search()
    search.put_item(Item=json.loads(event["body"]))
    Batch().delete_item(Key="a")
    athena = boto3.client("athena")
    return search.query(TableName="orders"), search.scan(), athena.batch_get_query_execution(QueryExecutionIds=[])
"#

    look_alikes_by_parameter_are_no_accesses r#"
def run(session, frame, key):
    session.query("orders").filter(id=key)
    return frame.query("a > 1"), frame.scan()

def handler(event, context):
    return run(event["session"], event["frame"], event["key"])
"#

    aioboto3 r#"
import asyncio
import os
import aioboto3

session = aioboto3.Session()

async def save(item):
    async with session.resource("dynamodb") as dynamodb:
        table = await dynamodb.Table(os.environ["ORDERS_TABLE"])
        await table.put_item(Item=item)  # => PutItem Orders @Api
    async with session.client("dynamodb") as client:
        await client.delete_item(TableName=os.environ["AUDIT_TABLE"], Key=item)  # => DeleteItem Audit @Api

def handler(event, context):
    asyncio.get_event_loop().run_until_complete(save(event))
"#

    annotations_where_flow_ends r#"
from mypy_boto3_dynamodb.service_resource import Table
from registry_of_somebody import connect

def save(table: Table, item):
    table.put_item(Item=item)  # => PutItem ? @Api

def handler(event, context):
    save(connect(), event)
"#

    calls_on_tables_themselves r#"
import os
import boto3

def handler(event, context):
    boto3.client("dynamodb").update_time_to_live(  # => UpdateTimeToLive Orders @Api
        TableName=os.environ["ORDERS_TABLE"], TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
"#

    waiters r#"
import os
import boto3

def handler(event, context):
    client = boto3.client("dynamodb")
    client.get_waiter("table_exists").wait(TableName=os.environ["ORDERS_TABLE"])  # => DescribeTable Orders @Api
"#

    annotations_where_nobody_calls r#"
from mypy_boto3_dynamodb.client import DynamoDBClient
from mypy_boto3_dynamodb.service_resource import Table

def save(table: Table, item):
    table.put_item(Item=item)  # => PutItem ? latent

def drop(client: DynamoDBClient, key):
    client.delete_item(TableName="app-dev-orders", Key=key)  # => DeleteItem Orders latent

def handler(event, context):
    return None
"#

    another_principals_session_by_position r#"
import os
import boto3

def handler(event, context):
    given = boto3.client("sts").assume_role(RoleArn=event["role"], RoleSessionName="a")["Credentials"]
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    session.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=event)  # => PutItem Orders foreign @Api
"#

    aiobotocore r#"
import asyncio
import os
from aiobotocore.session import get_session

async def save(item):
    async with get_session().create_client("dynamodb", region_name="eu-west-1") as client:
        await client.put_item(TableName=os.environ["ORDERS_TABLE"], Item=item)  # => PutItem Orders @Api

def handler(event, context):
    asyncio.run(save(event))
"#

    pynamodb_models r#"
import os
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

class Order(Model):
    class Meta:
        table_name = os.environ["ORDERS_TABLE"]

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)

def handler(event, context):
    Order(event["pk"], "ORDER").save()  # => PutItem Orders @Api
"#

    what_a_batch_has_left_is_on_its_tables r#"
import os
import boto3

dynamodb = boto3.resource("dynamodb")
orders, audit = os.environ["ORDERS_TABLE"], os.environ["AUDIT_TABLE"]

def read(keys):
    response = dynamodb.batch_get_item(RequestItems={orders: {"Keys": keys}})  # => BatchGetItem Orders @Api
    found = response["Responses"][orders]
    left = response.get("UnprocessedKeys", {})
    while left:
        response = dynamodb.batch_get_item(RequestItems=left)  # => BatchGetItem Orders @Api
        found.extend(response["Responses"][orders])
        left = response.get("UnprocessedKeys")
    return found

def write(requests):
    response = dynamodb.batch_write_item(RequestItems=requests)  # => BatchWriteItem Audit @Api
    if response["UnprocessedItems"]:
        dynamodb.batch_write_item(RequestItems=response["UnprocessedItems"])  # => BatchWriteItem Audit @Api

def read_what_was_found(response):
    dynamodb.batch_get_item(RequestItems=response["Responses"])  # => BatchGetItem ? @Api

def handler(event, context):
    write({audit: [{"PutRequest": {"Item": event}}]})
    read_what_was_found(dynamodb.batch_get_item(RequestItems={orders: {"Keys": event["keys"]}}))  # => BatchGetItem Orders @Api
    return read(event["keys"])
"#
}
