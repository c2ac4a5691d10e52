//! Text from outside in expressions: `# !! severity parameter` ends the line of what is put in.

use crate::harness::{audited, cases, check_findings};

fn check(project: &str) {
    check_findings(project, &["expression-injection"], |_, finding| {
        let parameter = finding.title.split(" into the ").nth(1).and_then(|rest| rest.split(' ').next());
        format!("{} {}", finding.severity.as_str(), parameter.unwrap_or_default())
    });
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

/// What stands before the handlers of the cases below.
const CHOICES: &str = r#"
import json
import os
import re
import boto3
from enum import Enum
from typing import Literal
from db import Attr, Key, audit, orders

client = boto3.client("dynamodb")
ALLOWED = {"name", "city"}
FIELDS = {"n": "name", "c": "city"}
TABLE = os.environ["AUDIT_TABLE"]

class Order(Enum):
    UP = "created"

def validate_names(names):
    for name in names:
        reject_unknown(name)

def reject_unknown(name):
    if name not in ALLOWED:
        raise ValueError(name)
    return name

def once(function):
    return function

"#;

/// Whether something is found of a handler with this body.
fn finds(body: &str) -> bool {
    let handler = if body.contains("def handler") {
        body.to_owned()
    } else {
        format!("def handler(event, context):\n    {}\n", body.replace('\n', "\n    "))
    };
    audited(&format!("{CHOICES}{handler}"), |audit| {
        ddb_audit::rules::run(&audit.facts).iter().any(|finding| finding.rule == "expression-injection")
    })
}

#[test]
fn text_that_nobody_chose() {
    for body in [
        "field = event['field']\naudit.scan(FilterExpression=f'{field} = :v')",
        "body = json.loads(event['body'])\naudit.scan(ProjectionExpression=','.join(body['names']))",
        "order = None\nif event['sorted']:\n    order = event['order']\naudit.scan(FilterExpression=f'{order} > :o')",
        "kw = {}\nkw['FilterExpression'] = f\"{event['x']} = :v\"\naudit.scan(**kw)",
    ] {
        assert!(finds(body), "{body}");
    }
}

#[test]
fn text_that_somebody_may_have_chosen() {
    let scan = "audit.scan(FilterExpression=f'{field} = :v')";
    let names = "audit.scan(ProjectionExpression=','.join(names))";
    let update = "audit.update_item(Key={'id': 'A'}, UpdateExpression='SET ' + ', '.join(f'{k} = :{k}' for k in body))";
    for body in [
        "body = json.loads(event['body'])\naudit.update_item(Key={'id': 'A'}, UpdateExpression='SET ' + ', '.join(f'{k} = :{k}' for k in body if k in ALLOWED))".to_owned(),
        "body = json.loads(event['body'])\naudit.update_item(Key={'id': 'A'}, UpdateExpression='SET ' + ', '.join(f'{k} = :{k}' for k in ALLOWED if k in body))".to_owned(),
        format!("body = json.loads(event['body'])\nbody = {{k: v for k, v in body.items() if k in ALLOWED}}\n{update}"),
        format!("body = json.loads(event['body'])\nbody = {{k: body[k] for k in ('name', 'city')}}\n{update}"),
        format!("body = json.loads(event['body'])\nif any(k not in ALLOWED for k in body):\n    return\n{update}"),
        format!("body = json.loads(event['body'])\nif not set(body).issubset(ALLOWED):\n    return\n{update}"),
        format!("body = json.loads(event['body'])\nif set(body) - ALLOWED:\n    return\n{update}"),
        format!("body = Schema().loads(event['body'])\n{update}"),
        format!("field = event['field']\nif field not in ALLOWED:\n    return\n{scan}"),
        format!("field = event['field']\nok = field in ALLOWED\nif not ok:\n    return\n{scan}"),
        format!("field = event['field']\nreject_unknown(field)\n{scan}"),
        format!("field = event['field']\ntry:\n    FIELDS[field]\nexcept KeyError:\n    return\n{scan}"),
        format!("field = event['field']\ntry:\n    Order(field)\nexcept ValueError:\n    return\n{scan}"),
        format!("field = event['field']\nif not re.fullmatch('[a-z]+', field):\n    return\n{scan}"),
        format!("field = event['field']\nmatch field:\n    case 'name' | 'city':\n        {scan}"),
        format!("field = FIELDS[event['by']]\n{scan}"),
        format!("field = FIELDS.get(event['by'], 'name')\n{scan}"),
        format!("field = Order(event['order']).value\n{scan}"),
        format!("field = reject_unknown(event['other'])\n{scan}"),
        format!("field = event['field']\nnames = {{'#f': field}}\nfield = '#f'\n{scan}"),
        format!("if event['queryStringParameters']['sort'] not in ALLOWED:\n    return\nfield = event['queryStringParameters']['sort']\n{scan}"),
        format!("field = event['requestContext']['stage']\n{scan}"),
        format!("field = event['httpMethod']\n{scan}"),
        format!("names = event['names']\nvalidate_names(names)\n{names}"),
        format!("names = event['names'].split(',')\nnames = [f'#{{n}}' for n in names]\n{names}"),
        "position = int(event['position'])\naudit.update_item(Key={'id': 'A'}, UpdateExpression=f'REMOVE lines[{position}]')".to_owned(),
        "at = event['at']\nif not isinstance(at, int):\n    return\naudit.update_item(Key={'id': 'A'}, UpdateExpression=f'REMOVE lines[{at}]')".to_owned(),
        "audit.scan(FilterExpression=Attr(event['by']).eq('A') & Attr('state').eq(f\"{event['state']}\"))".to_owned(),
        "orders.query(KeyConditionExpression=Key('pk').eq(f\"USER#{event['user']}\"))".to_owned(),
        "audit.scan(FilterExpression=event['filter'])".to_owned(),
        "client.execute_statement(Statement=f'SELECT * FROM \"{TABLE}\" WHERE id = ?', Parameters=[{'S': event['id']}])".to_owned(),
        "audit.scan(FilterExpression='state = :s', ExpressionAttributeValues={':s': f\"{event['state']}\"})".to_owned(),
        "kw = {}\nkw['FilterExpression'] = f\"{event['x']} = :v\"\nprint(kw)\nkw = {'ProjectionExpression': 'id'}\naudit.scan(**kw)".to_owned(),
        "kw = {}\naudit.scan(**kw)\nkw['FilterExpression'] = f\"{event['x']} = :v\"".to_owned(),
        format!("@event_parser(model=Model)\ndef handler(event, context):\n    field = event['field']\n    {scan}\n"),
        format!("def handler(event, context):\n    search(event['field'])\n\ndef search(field: Literal['a', 'b']):\n    {scan}\n"),
    ] {
        assert!(!finds(&body), "{body}");
    }
}
