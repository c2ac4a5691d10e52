// A project of many Lambdas and tables: each Lambda reads one table and writes another, some through an index.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export function large(folder, lambdas, tables) {
  mkdirSync(join(folder, "src"), { recursive: true });
  const table = (i) => `  Customer${i}RecordsTable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: records-${i}
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: by, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - {IndexName: by-${i}, KeySchema: [{AttributeName: by, KeyType: HASH}], Projection: {ProjectionType: ALL}}
`;
  const lambda = (i) => `  HandlerNumber${i}OfManyWithALongNameIndeedFunction:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      CodeUri: src/
      Handler: app${i}.handler
      Policies:
        - DynamoDBCrudPolicy: {TableName: !Ref Customer${i % tables}RecordsTable}
`;
  const code = (i) => `import boto3

read = boto3.resource("dynamodb").Table("records-${i % tables}")
written = boto3.resource("dynamodb").Table("records-${(i * 7 + 3) % tables}")


def handler(event, context):
    page = read.query(${i % 3 ? "" : `IndexName="by-${i % tables}", `}KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": event["id"]})
    ${i % 5 ? "written.put_item" : "written.delete_item"}(${i % 5 ? "Item" : "Key"}={"pk": event["id"]})
    return page["Items"]
`;
  const range = (n) => [...Array(n).keys()];
  const text = `Transform: AWS::Serverless-2016-10-31\nResources:\n${range(tables).map(table).join("")}${range(lambdas).map(lambda).join("")}`;
  writeFileSync(join(folder, "template.yaml"), text);
  for (const i of range(lambdas)) writeFileSync(join(folder, "src", `app${i}.py`), code(i));
  return folder;
}
