import os
import boto3
from boto3.dynamodb.conditions import Attr, Key

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

def handler(event, context):
    page = table.query(IndexName="by-status", KeyConditionExpression=Key("status").eq(event["s"]))
    items = page["Items"]
    while "LastEvaluatedKey" in page:
        page = table.query(IndexName="by-status", ExclusiveStartKey=page["LastEvaluatedKey"])
        items.extend(page["Items"])
    return items
