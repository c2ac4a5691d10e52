//! Text from outside in expressions: `# !! severity parameter` ends the line of what is put in.

use crate::harness::{audited, by_line, cases, notes};

fn check(project: &str) {
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == "expression-injection");
        by_line(ours.map(|finding| {
            let parameter = finding.title.split(" into the ").nth(1).and_then(|rest| rest.split(' ').next());
            (audit.place(finding.span), format!("{} {}", finding.severity.as_str(), parameter.unwrap_or_default()))
        }))
    });
    assert_eq!(found, notes(project, "# !! "), "found (left), wanted (right)");
}

cases! {
    with check;

    text_of_the_event r##"
import json
import boto3
from db import Attr, audit, orders

client = boto3.client("dynamodb")

def changes(data):
    expression = ["set "]
    values = {}
    for key, value in data.items():
        expression.append(f" {key} = :{key},")  # !! high UpdateExpression
        values[f":{key}"] = value
    return "".join(expression)[:-1], values

def search(field, value):
    return audit.scan(
        FilterExpression="%s = :value" % field,  # !! high FilterExpression
        ExpressionAttributeValues={":value": value},
    )

def body_of(event):
    return json.loads(event.get("body") or "{}")

def handler(event, context):
    body = body_of(event)
    expression, values = changes(body)
    audit.update_item(Key={"id": "A"}, UpdateExpression=expression, ExpressionAttributeValues=values)
    params = event["queryStringParameters"]
    search(params["field"], params["value"])
    order = params.get("order", "created")
    request = {"KeyConditionExpression": "pk = :p AND " + order + " > :c"}  # !! high KeyConditionExpression
    orders.query(**request)
    more = {}
    more["FilterExpression"] = "{} = :v".format(params["by"])  # !! high FilterExpression
    audit.scan(**more)
    audit.scan(ProjectionExpression=", ".join(params["fields"].split(",")))  # !! high ProjectionExpression
    audit.scan(ProjectionExpression=", ".join(body["fields"]))  # !! high ProjectionExpression
    client.execute_statement(Statement=f"SELECT * FROM \"app\" WHERE id = '{params['id']}'")  # !! high Statement
    update = "SET seen = :s"
    for name in body.keys():
        update += f", #x.{name} = :{name}"  # !! high UpdateExpression
    audit.update_item(Key={"id": "A"}, UpdateExpression=update)
"##

    text_of_a_framework r##"
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from db import audit

app = APIGatewayRestResolver()

@app.get("/items")
def find():
    field = app.current_event.get_query_string_value(name="field")
    return audit.scan(FilterExpression=f"{field} = :v", ExpressionAttributeValues={":v": "A"})  # !! high FilterExpression

def handler(event, context):
    return app.resolve(event, context)
"##

    text_that_names_placeholders r##"
import json
from db import audit

def handler(event, context):
    body = json.loads(event["body"])
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"#{k} = :{k}" for k in body))
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join("#" + k + " = :" + k for k in body))
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join("#%s = :%s" % (k, k) for k in body))
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join("#{} = :new_{}".format(k, k) for k in body))
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"#n{i} = :v{i}" for i, k in enumerate(body)))
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"#{k} = {k}" for k in body))  # !! high UpdateExpression
"##

    text_that_somebody_chose r##"
import json
import os
import re
import boto3
from enum import Enum
from db import Attr, Key, audit, orders

client = boto3.client("dynamodb")
ALLOWED = {"name", "city"}
FIELDS = {"n": "name", "c": "city"}
TABLE = os.environ["AUDIT_TABLE"]

class Order(Enum):
    UP = "created"

def validate_names(names):
    pass

def checked(name):
    if name not in ALLOWED:
        raise ValueError(name)
    return name

def handler(event, context):
    body = json.loads(event["body"])
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"{k} = :{k}" for k in body if k in ALLOWED))
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"{k} = :{k}" for k in ALLOWED if k in body))
    chosen = {k: v for k, v in body.items() if k in ALLOWED}
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"{k} = :{k}" for k in chosen))
    field = event["field"]
    if field not in ALLOWED:
        return
    audit.scan(FilterExpression=f"{field} = :v")
    audit.scan(FilterExpression=f"{FIELDS[event['by']]} = :v")
    audit.scan(FilterExpression=f"{FIELDS.get(event['by'], 'name')} = :v")
    audit.scan(FilterExpression=f"{Order(event['order']).value} = :v")
    audit.scan(FilterExpression=f"{checked(event['other'])} = :v")
    if event["kind"] in ALLOWED:
        audit.scan(FilterExpression=f"{event['kind']} = :v")
    word = event["word"]
    if not re.fullmatch("[a-z]+", word):
        return
    audit.scan(FilterExpression=f"{word} = :v")
    names = event["names"]
    validate_names(names)
    audit.scan(ProjectionExpression=",".join(names))
    position = int(event["position"])
    audit.update_item(Key={"id": "A"}, UpdateExpression=f"REMOVE lines[{position}]")
    audit.scan(FilterExpression=Attr(event["by"]).eq("A") & Attr("state").eq(f"{event['state']}"))
    orders.query(KeyConditionExpression=Key("pk").eq(f"USER#{event['user']}"))
    audit.scan(FilterExpression=event["filter"])
    client.execute_statement(Statement=f'SELECT * FROM "{TABLE}" WHERE id = ?', Parameters=[{"S": event["id"]}])
    audit.scan(FilterExpression="state = :s", ExpressionAttributeValues={":s": f"{event['state']}"})
    extra = json.loads(event["extra"])
    if any(k not in ALLOWED for k in extra):
        return
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"{k} = :{k}" for k in extra))
"##

    text_that_is_bound_anew r##"
import json
from db import audit

WRITABLE = ("name", "city")

def handler(event, context):
    body = json.loads(event["body"])
    body = {name: body[name] for name in WRITABLE if name in body}
    audit.update_item(Key={"id": "A"}, UpdateExpression="SET " + ", ".join(f"{k} = :{k}" for k in body))
    fields = event["fields"]
    FIELDS_SCHEMA.load(fields)
    audit.scan(ProjectionExpression=", ".join(fields))
    order = None
    if event["sorted"]:
        order = event["order"]
    audit.scan(FilterExpression=f"{order} > :o")  # !! high FilterExpression
"##

    text_of_a_queue r##"
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

def handler(event, context):
    for record in event["Records"]:
        table.update_item(Key={"id": "A"}, UpdateExpression=f"SET {record['name']} = :v")  # !! medium UpdateExpression
=== template.yaml
  Queue:
    Type: AWS::SQS::Queue
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {TABLE: !Ref Audit}}
      Events: {Made: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}
"##
}
