//! Functions that a library's object is told to call: routes, schedules, listeners.

use crate::harness::cases;

cases! {
    routes_of_chalice r#"
=== template.yaml
  APIHandler:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.app
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
  Nightly:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.nightly
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
  Import:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.import_orders
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
=== src/app.py
from chalice import Chalice, Cron
from chalicelib.notes import notes
from db import Key, audit, orders

app = Chalice(app_name="shop")
app.register_blueprint(notes, url_prefix="/notes")

@app.route("/orders/{order_id}", methods=["GET"], cors=True)
def read(order_id):
    return orders.get_item(Key={"pk": order_id, "sk": "ORDER"})["Item"]  # => GetItem Orders @APIHandler ?Nightly ?Import

@app.route("/orders", methods=["POST"])
def create():
    save(app.current_request.json_body)

@app.schedule(Cron(0, 3, "*", "*", "?", "*"))
def nightly(event):
    audit.update_item(Key={"id": "nightly"}, UpdateExpression="ADD runs :one")  # => UpdateItem Audit @Nightly

@app.lambda_function(name="import")
def import_orders(event, context):
    for order in event["orders"]:
        save(order)

def save(order):
    orders.put_item(Item=order)  # => PutItem Orders @APIHandler @Import ?Nightly
=== src/chalicelib/notes.py
from chalice import Blueprint
from db import audit

notes = Blueprint(__name__)

@notes.route("/{note_id}", methods=["DELETE"])
def remove(note_id):
    audit.delete_item(Key={"id": note_id})  # => DeleteItem Audit @APIHandler ?Nightly ?Import
"#

    routes_beside_a_handler_that_does_not_serve_them r#"
=== template.yaml
  Site:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
  Cleaner:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.clean
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
=== src/app.py
import serverless_wsgi
from flask import Flask, request
from db import audit, orders

app = Flask(__name__)

@app.get("/orders/<order_id>")
def read(order_id):
    return orders.get_item(Key={"pk": order_id, "sk": "ORDER"})["Item"]  # => GetItem Orders @Site ?Cleaner

def handler(event, context):
    return serverless_wsgi.handle_request(app, event, context)

def clean(event, context):
    audit.delete_item(Key={"id": event["id"]})  # => DeleteItem Audit @Cleaner
"#

    an_app_that_a_library_wraps r#"
=== template.yaml
  Site:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
=== src/app.py
from fastapi import FastAPI
from mangum import Mangum
from db import orders

def create():
    app = FastAPI()

    @app.get("/orders/{order_id}")
    def read(order_id: str):
        return orders.get_item(Key={"pk": order_id, "sk": "ORDER"})["Item"]  # => GetItem Orders @Site

    return app

handler = Mangum(create())
"#

    listeners_of_a_bus_that_the_handler_uses r#"
from pyee import EventEmitter
from db import audit

bus = EventEmitter()

@bus.on("opened")
def note(order):
    audit.put_item(Item={"id": order["id"]})  # => PutItem Audit @Api

def handler(event, context):
    bus.emit("opened", event)
"#

    routes_without_a_template_are_reached_from_their_file r#"
def handler(event, context):
    return None
=== tools/site/app.py
from chalice import Chalice
import boto3

app = Chalice(app_name="tools")

@app.route("/")
def index():
    return boto3.resource("dynamodb").Table("app-dev-orders").scan()  # => Scan Orders cursor @tools/site/app.py

@app.lambda_function()
def job(event, context):
    boto3.resource("dynamodb").Table("app-dev-orders").put_item(Item=event)  # => PutItem Orders @tools/site/app.py
"#
}
