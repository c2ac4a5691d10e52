//! Libraries that call DynamoDB on their own.

use crate::harness::cases;

cases! {
    pynamodb_reads r#"
import os
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

class StatusIndex(GlobalSecondaryIndex):
    class Meta:
        index_name = "by-status"
        projection = AllProjection()

    status = UnicodeAttribute(hash_key=True)
    created = NumberAttribute(range_key=True)

class Order(Model):
    class Meta:
        table_name = os.environ["ORDERS_TABLE"]

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    status = UnicodeAttribute()
    created = NumberAttribute(default=0)
    by_status = StatusIndex()

def handler(event, context):
    order = Order.get(event["pk"], "ORDER")  # => GetItem Orders @Api
    order.refresh()  # => GetItem Orders @Api
    lines = [line.sk for line in Order.query(order.pk, Order.sk.startswith("LINE"))]  # => Query Orders paginated @Api
    open_ones = list(Order.by_status.query("OPEN", filter_condition=Order.created > 5))  # => Query Orders/by-status paginated @Api
    also = Order.query("OPEN", index_name="by-status", limit=5)  # => Query Orders/by-status paginated @Api
    several = Order.batch_get([("a", "b")])  # => BatchGetItem Orders @Api
    first = next(Order.scan(Order.status == "OPEN"), None)  # => Scan Orders paginated @Api
    number = Order.count(event["pk"])  # => Query Orders paginated @Api
    return len(lines), open_ones, also, several, first, number
"#

    pynamodb_page_by_page r#"
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

class Order(Model):
    class Meta:
        table_name = "app-dev-orders"

    pk = UnicodeAttribute(hash_key=True)

def handler(event, context):
    found = Order.query(event["pk"], limit=20, last_evaluated_key=event["start"])  # => Query Orders cursor @Api
    return {"items": [order.pk for order in found], "next": found.last_evaluated_key}
"#

    pynamodb_transactions r#"
import os
from pynamodb.attributes import UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite

class Order(Model):
    class Meta:
        table_name = os.environ["ORDERS_TABLE"]
        host = os.environ.get("LOCAL_DYNAMODB")

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    status = UnicodeAttribute()

class Note(Model):
    class Meta:
        table_name = os.environ["AUDIT_TABLE"]

    id = UnicodeAttribute(hash_key=True)

def add(transaction, order):
    transaction.save(order, condition=Order.pk.does_not_exist())  # => TransactWriteItems(PutItem) Orders @Api

def handler(event, context):
    with TransactWrite(connection=Connection()) as transaction:
        add(transaction, Order("a", "b", status="OPEN"))
        transaction.update(Note("n"), actions=[Note.id.set("m")])  # => TransactWriteItems(UpdateItem) Audit @Api
        transaction.delete(model=Order("c", "d"))  # => TransactWriteItems(DeleteItem) Orders @Api
        transaction.condition_check(Note, "n", condition=Note.id.exists())  # => TransactWriteItems(ConditionCheckItem) Audit @Api
        transaction.save(event["model"])  # => TransactWriteItems(PutItem) ? @Api
    with TransactGet(connection=Connection()) as transaction:
        future = transaction.get(Order, "a", "b")  # => TransactGetItems Orders @Api
    order = future.get()
    order.status = "DONE"
    order.save()  # => PutItem Orders @Api
"#

    pynamodb_without_models r#"
import os
from pynamodb.connection import Connection, TableConnection

orders = TableConnection(os.environ["ORDERS_TABLE"])
audit = TableConnection(table_name=os.environ["AUDIT_TABLE"], region="eu-west-1")
connection = Connection(region="eu-west-1")

def every(status):
    start = None
    while True:
        page = orders.query(status, index_name="by-status", exclusive_start_key=start)  # => Query Orders/by-status paginated @Api
        yield from page["Items"]
        start = page.get("LastEvaluatedKey")
        if not start:
            return

def handler(event, context):
    orders.put_item("a", "b", attributes={"status": {"S": "OPEN"}})  # => PutItem Orders @Api
    some = audit.scan(filter_condition=event["filter"])["Items"]  # => Scan Audit missing @Api
    connection.get_item(os.environ["AUDIT_TABLE"], event["id"])  # => GetItem Audit @Api
    connection.update_item(table_name=os.environ["ORDERS_TABLE"], hash_key="a")  # => UpdateItem Orders @Api
    connection.delete_item(event["table"], event["id"])  # => DeleteItem ? @Api
    audit.batch_write_item(delete_items=event["ids"])  # => BatchWriteItem Audit @Api
    return list(every("OPEN")), len(some)
"#

    pynamodb_writes r#"
import os
from pynamodb.attributes import UnicodeAttribute
from pynamodb.models import Model

class Base(Model):
    id = UnicodeAttribute(hash_key=True)

    def save(self, **options):
        return super().save(**options)  # => PutItem Audit @Api

class Note(Base):
    class Meta:
        table_name = os.environ["AUDIT_TABLE"]

def handler(event, context):
    if not Note.exists():  # => DescribeTable Audit @Api
        return None
    Note(event["id"]).save()
    note = Note.get(event["id"])  # => GetItem Audit @Api
    note.update(actions=[Note.id.set("b")])  # => UpdateItem Audit @Api
    note.delete()  # => DeleteItem Audit @Api
    with Note.batch_write() as batch:  # => BatchWriteItem Audit @Api
        batch.save(Note("a"))  # => BatchWriteItem Audit @Api
"#

    idempotent_helpers_count_where_they_run r#"
import os
from aws_lambda_powertools.utilities.idempotency import DynamoDBPersistenceLayer, idempotent_function

layer = DynamoDBPersistenceLayer(table_name=os.environ["AUDIT_TABLE"], expiry_attr="ttl")

@idempotent_function(data_keyword_argument="order", persistence_store=layer)  # => PutItem Audit @Api; UpdateItem Audit @Api; DeleteItem Audit @Api
def pay(order):
    return order

@idempotent_function(data_keyword_argument="order", persistence_store=layer)
def refund(order):
    return order

def handler(event, context):
    return pay(order=event)
"#

    powertools_parameters r#"
import os
from aws_lambda_powertools.utilities import parameters

provider = parameters.DynamoDBProvider(table_name=os.environ["AUDIT_TABLE"])

def handler(event, context):
    one = provider.get("flag")  # => GetItem Audit @Api
    return one, provider.get_multiple("flags")  # => Query Audit paginated @Api
"#

    what_fastapi_depends_on r#"
import os
import boto3
from fastapi import APIRouter, Depends, FastAPI
from mangum import Mangum

def table():
    return boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

def session():
    yield boto3.client("dynamodb")

class Orders:
    def __init__(self, orders=Depends(table)):
        self.orders = orders

    def find(self, key):
        return self.orders.get_item(Key=key)  # => GetItem Orders @Api

router = APIRouter()

@router.get("/orders")
def find(key: str, orders: Orders = Depends(Orders)):
    return orders.find(key)

@router.delete("/orders")
def remove(key: str, client=Depends(session)):
    client.delete_item(TableName=os.environ["AUDIT_TABLE"], Key=key)  # => DeleteItem Audit @Api

app = FastAPI()
app.include_router(router)
handler = Mangum(app)
"#

    what_fastapi_is_told_in_annotations r#"
from typing import Annotated
from fastapi import Depends, FastAPI
from mangum import Mangum
from db import audit, orders

def table():
    return orders

def log():
    yield audit

class Store:
    def __init__(self, table: Annotated[object, Depends(table)]):
        self.table = table

Log = Annotated[object, Depends(log)]

app = FastAPI()

@app.get("/orders")
def find(key: str, table: Annotated[object, Depends(table)], store: Annotated[Store, Depends()]):
    store.table.delete_item(Key={"pk": key})  # => DeleteItem Orders @Api
    return table.get_item(Key={"pk": key})  # => GetItem Orders @Api

@app.put("/orders")
def note(key: str, log: Log, store: Store = Depends()):
    store.table.put_item(Item={"pk": key})  # => PutItem Orders @Api
    log.put_item(Item={"id": key})  # => PutItem Audit @Api

def again(log: Log):
    log.delete_item(Key={"id": "a"})  # => DeleteItem Orders @Api

handler = Mangum(app)
again(orders)
"#

    variables_of_a_context r#"
from contextvars import ContextVar
from db import audit, orders

table = ContextVar("table", default=orders)
log: ContextVar = ContextVar("log")

def handler(event, context):
    token = log.set(audit)
    try:
        table.get().put_item(Item=event)  # => PutItem Orders @Api
        log.get().put_item(Item=event)  # => PutItem Audit @Api
        log.get(None).delete_item(Key=event)  # => DeleteItem Audit @Api
    finally:
        log.reset(token)
"#

    dax_has_rights_of_its_own r#"
import os
from amazondax import AmazonDaxClient

orders = AmazonDaxClient.resource(endpoint_url="daxs://cache").Table(os.environ["ORDERS_TABLE"])

def handler(event, context):
    return orders.get_item(Key=event["key"])  # => GetItem Orders foreign @Api
"#

    every_table_of_the_account r#"
import boto3

def handler(event, context):
    for table in boto3.resource("dynamodb").tables.all():  # => ListTables ? @Api
        table.delete_item(Key=event["key"])  # => DeleteItem ? @Api
    boto3.client("dynamodb").export_table_to_point_in_time(TableArn="arn:aws:dynamodb:eu-west-1:123456789012:table/app-dev-orders", S3Bucket="a")  # => ExportTableToPointInTime Orders @Api
"#
}
