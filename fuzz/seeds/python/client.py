import boto3
client = boto3.client("dynamodb")
def handler(event, context):
    for page in client.get_paginator("scan").paginate(TableName=f"app-{event['stage']}"):
        yield from page["Items"]
    client.update_item(TableName="t", Key={"pk": {"S": "a"}}, UpdateExpression="SET #t = :t REMOVE x",
                       ExpressionAttributeNames={"#t": "ttl"}, ExpressionAttributeValues={":t": {"N": "1"}})
