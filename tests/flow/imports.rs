//! How modules find one another, and handlers are found.

use crate::harness::cases;

cases! {
    imports_inside_functions r#"
def handler(event, context):
    from store import Store

    Store().save(event)
=== src/store.py
class Store:
    def save(self, item):
        from db import orders

        orders.put_item(Item=item)  # => PutItem Orders @Api
"#

    relative_and_star_imports_and_reexports r#"
from shop import Orders, note
import shop.stores as stores

def handler(event, context):
    Orders().save(event)
    note(event)
    stores.journal.drop(event)
=== src/shop/__init__.py
# A package.
from .stores import *
from .stores.journal import note as note

__all__ = ["Orders", "note"]
=== src/shop/stores/__init__.py
from . import journal
from .orders import Orders
=== src/shop/stores/orders.py
from db import orders

class Orders:
    def save(self, item):
        orders.put_item(Item=item)  # => PutItem Orders @Api
=== src/shop/stores/journal.py
from db import audit

def note(item):
    audit.put_item(Item=item)  # => PutItem Audit @Api

def drop(key):
    audit.delete_item(Key=key)  # => DeleteItem Audit @Api
"#

    conditional_imports r#"
from typing import TYPE_CHECKING

try:
    from fast_store import save
except ImportError:
    from store import save

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

def handler(event, context):
    save(event)
=== src/store.py
from db import orders

def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api
"#

    a_namespace_package r#"
from shop.stores import orders

def handler(event, context):
    orders.save(event)
=== src/shop/stores/orders.py
import db

def save(item):
    from db import orders as table
    table.put_item(Item=item)  # => PutItem Orders @Api
"#

    one_module_name_in_two_lambdas r#"
=== template.yaml
  Intake:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: intake/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { TABLE: !Ref Orders } }
  Journal:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: journal/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { TABLE: !Ref Audit } }
=== intake/app.py
from service import run

def handler(event, context):
    return run(event)
=== intake/service.py
import os
import boto3

def run(event):
    boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(Item=event)  # => PutItem Orders @Intake
=== journal/app.py
from service import run

def handler(event, context):
    return run(event)
=== journal/service.py
import os
import boto3

def run(event):
    return boto3.resource("dynamodb").Table(os.environ["TABLE"]).get_item(Key=event)  # => GetItem Audit @Journal
"#

    a_layer_with_a_python_folder r#"
=== template.yaml
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties:
      ContentUri: layers/shared/
  Intake:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: intake/
      Handler: app.handler
      Runtime: python3.13
      Layers: [!Ref Shared]
      Environment: { Variables: { TABLE: !Ref Orders } }
  Journal:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: journal/
      Handler: app.handler
      Runtime: python3.13
      Layers: [!Ref Shared]
      Environment: { Variables: { TABLE: !Ref Audit } }
=== layers/shared/python/shop/store.py
import os
import boto3

class Store:
    def __init__(self):
        self.table = boto3.resource("dynamodb").Table(os.environ["TABLE"])

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders|Audit @Intake @Journal

    def load(self, key):
        return self.table.get_item(Key=key)  # => GetItem Audit @Journal
=== intake/app.py
from shop.store import Store

def handler(event, context):
    Store().save(event)
=== journal/app.py
from shop.store import Store

def handler(event, context):
    Store().save(event)
    return Store().load(event["key"])
"#

    several_handlers_in_one_file r#"
=== template.yaml
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: orders.read
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
  Writer:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: orders.write
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
=== src/orders.py
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

def load(key):
    return table.get_item(Key=key)["Item"]  # => GetItem Orders @Reader @Writer

def read(event, context):
    return load(event["key"])

def write(event, context):
    table.put_item(Item={**load(event["key"]), **event})  # => PutItem Orders @Writer
"#

    a_handler_with_slashes r#"
=== template.yaml
  Reader:
    Type: AWS::Lambda::Function
    Properties:
      Code: ./
      Handler: services/orders/app.handler
      Runtime: python3.13
      Role: arn:aws:iam::111122223333:role/reader
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
=== services/orders/app.py
import os
import boto3

def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
    return table.get_item(Key=event["key"])  # => GetItem Orders @Reader
"#

    one_code_two_environments r#"
=== template.yaml
  Hot:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { TABLE: !Ref Orders } }
  Cold:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { TABLE: !Ref Audit } }
=== src/app.py
import os
import boto3

def handler(event, context):
    boto3.resource("dynamodb").Table(os.environ["TABLE"]).put_item(Item=event)  # => PutItem Orders|Audit @Hot @Cold
"#

    modules_named_at_run_time r#"
import importlib

def handler(event, context):
    store = importlib.import_module("store")
    store.save(event)
=== src/store.py
from db import orders

def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api
"#

    modules_that_import_each_other r#"
import store

PREFIX = "ORDER#"

def handler(event, context):
    store.save(event)
=== src/store.py
import app
from db import orders

def save(item):
    orders.put_item(Item={"pk": app.PREFIX + item["id"]})  # => PutItem Orders @Api
"#

    modules_that_do_not_exist r#"
import importlib
from db import orders

class Plugins:
    @classmethod
    def load(cls):
        return importlib.import_module("shop.missing.plugins").Plugin()

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders @Api
"#

    a_folder_of_libraries_that_is_not_at_hand r#"
import sys

sys.path.append("shop")

from packages import boto3
from shop.packages.boto3.dynamodb.conditions import Key
import shop.packages.simplejson as json

orders = boto3.resource("dynamodb").Table("app-dev-orders")

def handler(event, context):
    key = Key("pk").eq(event["pk"])
    return json.dumps(orders.query(KeyConditionExpression=key)["Items"])  # => Query Orders missing @Api
=== src/shop/__init__.py
# A package.
"#

    a_package_of_the_projects_own_that_is_installed r#"
from acme_store import orders
from acme_audit.log import note

def handler(event, context):
    orders.save(event)
    note(event)
=== lib/store/pyproject.toml
[build-system]
requires = ["setuptools"]
=== lib/store/acme_store/__init__.py
# A package.
=== lib/store/acme_store/orders.py
from . import table

def save(item):
    table.orders.put_item(Item=item)  # => PutItem Orders @Api
=== lib/store/acme_store/table.py
import os
import boto3

orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
=== lib/audit/setup.cfg
[metadata]
name = acme-audit
=== lib/audit/src/acme_audit/__init__.py
# A package.
=== lib/audit/src/acme_audit/log.py
import os
import boto3

def note(item):
    boto3.resource("dynamodb").Table(os.environ["AUDIT_TABLE"]).put_item(Item=item)  # => PutItem Audit @Api
"#

    a_package_that_two_projects_have_is_neither r#"
import acme_store

def handler(event, context):
    acme_store.save(event)
=== one/setup.py
import setuptools
=== one/acme_store/__init__.py
def save(item):
    import boto3
    boto3.resource("dynamodb").Table("app-dev-orders").put_item(Item=item)  # => PutItem Orders latent
=== two/setup.py
import setuptools
=== two/acme_store/__init__.py
def save(item):
    import boto3
    boto3.resource("dynamodb").Table("app-dev-orders").delete_item(Key=item)  # => DeleteItem Orders latent
"#

    a_folder_that_is_not_installed_is_no_package r#"
import acme_store

def handler(event, context):
    acme_store.save(event)
=== lib/pyproject.toml
[tool.ruff]
line-length = 120
=== lib/acme_store/__init__.py
def save(item):
    import boto3
    boto3.resource("dynamodb").Table("app-dev-orders").put_item(Item=item)  # => PutItem Orders latent
"#
}
