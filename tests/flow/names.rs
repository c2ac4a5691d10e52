//! How code learns the name of its table.

use crate::harness::cases;

cases! {
    environment_subscript r#"
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

def handler(event, context):
    return table.get_item(Key={"pk": event["id"], "sk": "ORDER"})["Item"]  # => GetItem Orders @Api
"#

    environment_get_and_getenv r#"
from os import environ, getenv
import boto3

def handler(event, context):
    resource = boto3.resource("dynamodb")
    resource.Table(environ.get("ORDERS_TABLE")).put_item(Item=event)  # => PutItem Orders @Api
    resource.Table(getenv("AUDIT_TABLE")).put_item(Item=event)  # => PutItem Audit @Api
"#

    a_default_counts_only_where_the_variable_is_unset r#"
import os
import boto3

resource = boto3.resource("dynamodb")
given = resource.Table(os.environ.get("ORDERS_TABLE", "Audit"))
unset = resource.Table(os.getenv("LEDGER_TABLE", "app-dev-orders"))

def handler(event, context):
    given.put_item(Item=event)  # => PutItem Orders @Api
    unset.delete_item(Key=event["key"])  # => DeleteItem Orders @Api
"#

    chains_of_or r#"
import os
import boto3

class Ledger:
    def __init__(self, name=None):
        name = name or os.environ.get("LEDGER_TABLE") or os.environ.get("AUDIT_TABLE") or "orders"
        self._table = boto3.resource("dynamodb").Table(name) if name else None

    def note(self, item):
        if self._table is not None:
            self._table.put_item(Item=item)  # => PutItem Audit @Api

def handler(event, context):
    Ledger().note(event)
"#

    a_default_may_be_a_logical_id r#"
import os
import boto3

def handler(event, context):
    client = boto3.client("dynamodb")
    client.put_item(TableName=os.environ.get("UNSET", "Orders"), Item=event)  # => PutItem Orders @Api
"#

    a_name_that_no_template_declares r#"
import boto3

def handler(event, context):
    boto3.resource("dynamodb").Table("billing-ledger").put_item(Item=event)  # => PutItem 'billing-ledger' @Api
"#

    a_name_from_the_event_is_unknown r#"
import boto3

def handler(event, context):
    boto3.resource("dynamodb").Table(event["table"]).put_item(Item=event["item"])  # => PutItem ? @Api
"#

    the_environment_set_in_code r#"
import os
import boto3

os.environ.setdefault("ORDERS_TABLE", "elsewhere")
os.environ["HISTORY_TABLE"] = os.environ["AUDIT_TABLE"]

def handler(event, context):
    resource = boto3.resource("dynamodb")
    resource.Table(os.environ["ORDERS_TABLE"]).put_item(Item=event)  # => PutItem Orders @Api
    resource.Table(os.environ["HISTORY_TABLE"]).put_item(Item=event)  # => PutItem Audit @Api
"#

    names_put_together r#"
import boto3

def handler(event, context):
    stage = event["stage"]
    client = boto3.client("dynamodb")
    client.delete_item(TableName="-".join(("app", stage, "orders")), Key=event)  # => DeleteItem Orders @Api
    client.put_item(TableName="app-%s-orders" % stage, Item=event)  # => PutItem Orders @Api
    client.get_item(TableName="app-{}-orders".format(stage), Key=event)  # => GetItem Orders @Api
    client.update_item(TableName="app-" + stage + "-orders", Key=event)  # => UpdateItem Orders @Api
"#

    a_name_joined_from_a_list r#"
import boto3

def handler(event, context):
    name = "-".join(["app", event["stage"], "orders"])
    boto3.client("dynamodb").delete_item(TableName=name, Key=event)  # => DeleteItem Orders @Api
"#

    pydantic_settings_with_a_prefix r#"
import boto3
from pydantic_settings import BaseSettings, SettingsConfigDict

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SHOP_")
    table: str
    region: str = "eu-west-1"

settings = Settings()

def handler(event, context):
    boto3.resource("dynamodb").Table(settings.table).put_item(Item=event)  # => PutItem Orders @Api
"#

    pydantic_settings_with_a_nested_delimiter r#"
import boto3
from pydantic import BaseModel
from pydantic_settings import BaseSettings, SettingsConfigDict

class OrdersSettings(BaseModel):
    table: str = ""

class StoreSettings(BaseModel):
    orders: OrdersSettings = OrdersSettings()

class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_nested_delimiter="__", extra="ignore")
    store: StoreSettings = StoreSettings()

def load_settings() -> Settings:
    return Settings()

def handler(event, context):
    name = load_settings().store.orders.table
    boto3.resource("dynamodb").Table(name).put_item(Item=event)  # => PutItem Orders @Api
"#

    pydantic_settings_with_an_alias r#"
import boto3
from pydantic import Field
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    journal: str = Field(validation_alias="AUDIT_TABLE")

def handler(event, context):
    boto3.resource("dynamodb").Table(Settings().journal).put_item(Item=event)  # => PutItem Audit @Api
"#

    a_dataclass_made_by_a_classmethod r#"
import os
from dataclasses import dataclass, field
import boto3

@dataclass(frozen=True)
class Config:
    orders: str
    audit: str = field(default_factory=lambda: os.environ["AUDIT_TABLE"])

    @classmethod
    def from_environment(cls):
        return cls(orders=os.environ["ORDERS_TABLE"])

class Store:
    def __init__(self, config: Config) -> None:
        self.orders = boto3.resource("dynamodb").Table(config.orders)
        self.audit = boto3.resource("dynamodb").Table(config.audit)

    def save(self, item):
        self.orders.put_item(Item=item)  # => PutItem Orders @Api
        self.audit.put_item(Item=item)  # => PutItem Audit @Api

def handler(event, context):
    Store(config=Config.from_environment()).save(event)
"#

    a_named_tuple r#"
import os
from typing import NamedTuple
import boto3

class Names(NamedTuple):
    orders: str
    audit: str = "audit"

def names() -> Names:
    return Names(os.environ["ORDERS_TABLE"], audit=os.environ["AUDIT_TABLE"])

def handler(event, context):
    resource = boto3.resource("dynamodb")
    resource.Table(names().orders).put_item(Item=event)  # => PutItem Orders @Api
    resource.Table(names().audit).put_item(Item=event)  # => PutItem Audit @Api
"#

    a_named_tuple_that_a_call_makes r#"
import collections
import os
from collections import namedtuple
import boto3

Names = namedtuple("Names", "orders, audit")
Table = collections.namedtuple("Table", ["name", "index"], defaults=["by-status"])
names = Names(os.environ["ORDERS_TABLE"], audit=os.environ["AUDIT_TABLE"])

def handler(event, context):
    resource = boto3.resource("dynamodb")
    resource.Table(names.orders).put_item(Item=event)  # => PutItem Orders @Api
    _orders, audit = names
    resource.Table(audit).put_item(Item=event)  # => PutItem Audit @Api
    resource.Table(names[0]).get_item(Key=event)  # => GetItem Orders @Api
    table = Table(names.orders)
    found = resource.Table(table.name).query(IndexName=table.index, KeyConditionExpression="s = :s")  # => Query Orders/by-status missing @Api
    return found["Items"]
"#

    a_named_tuple_unpacked r#"
import os
from typing import NamedTuple
import boto3

class Names(NamedTuple):
    orders: str
    audit: str

def handler(event, context):
    names = Names(os.environ["ORDERS_TABLE"], os.environ["AUDIT_TABLE"])
    orders, audit = names
    resource = boto3.resource("dynamodb")
    resource.Table(orders).put_item(Item=event)  # => PutItem Orders @Api
    resource.Table(names[1]).put_item(Item=event)  # => PutItem Audit @Api
"#

    a_tuple_returned_and_unpacked r#"
import os
import boto3

def configuration():
    return os.environ["ORDERS_TABLE"], os.environ["AUDIT_TABLE"], 30

def handler(event, context):
    orders, audit, _days = configuration()
    parts = configuration()
    options = {"TableName": parts[1], "Item": event}
    client = boto3.client("dynamodb")
    client.put_item(TableName=orders, Item=event)  # => PutItem Orders @Api
    client.put_item(**options)  # => PutItem Audit @Api
"#

    a_script_by_a_literal_name r#"
def handler(event, context):
    return None
=== tools/report.py
import sys
import boto3

def main(stage):
    table = boto3.resource("dynamodb").Table(f"app-{stage}-orders")
    for item in table.scan()["Items"]:  # => Scan Orders missing @tools/report.py
        print(item["pk"])

if __name__ == "__main__":
    main(sys.argv[1])
"#

    a_script_that_sets_its_environment r#"
def handler(event, context):
    return None
=== tools/seed.py
import os
import boto3

os.environ["ORDERS_TABLE"] = "app-dev-orders"

def seed():
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item={"pk": "a"})  # => PutItem Orders @tools/seed.py

seed()
"#

    environs r#"
import boto3
from environs import Env

env = Env()
env.read_env()

def handler(event, context):
    boto3.resource("dynamodb").Table(env.str("ORDERS_TABLE")).put_item(Item=event)  # => PutItem Orders @Api
    boto3.resource("dynamodb").Table(env("AUDIT_TABLE")).put_item(Item=event)  # => PutItem Audit @Api
"#

    a_name_through_a_loop r#"
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    for variable in ("ORDERS_TABLE", "AUDIT_TABLE"):
        client.describe_table(TableName=os.environ[variable])  # => DescribeTable Orders|Audit @Api
"#

    an_enum_of_names r#"
import os
from enum import Enum
import boto3

class Tables(str, Enum):
    ORDERS = os.environ["ORDERS_TABLE"]
    AUDIT = os.environ["AUDIT_TABLE"]

def handler(event, context):
    boto3.resource("dynamodb").Table(Tables.AUDIT.value).put_item(Item=event)  # => PutItem Audit @Api
"#

    a_list_keeps_its_order_until_somebody_changes_it r#"
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    names = [os.environ["ORDERS_TABLE"], os.environ["AUDIT_TABLE"]]
    orders, audit = names
    client.put_item(TableName=orders, Item=event)  # => PutItem Orders @Api
    client.put_item(TableName=audit, Item=event)  # => PutItem Audit @Api
    client.delete_item(TableName=names[-1], Key=event)  # => DeleteItem Audit @Api
    changed = [os.environ["ORDERS_TABLE"], os.environ["AUDIT_TABLE"]]
    changed.reverse()
    client.delete_item(TableName=changed[0], Key=event)  # => DeleteItem Orders|Audit @Api
"#

    decouple r#"
import boto3
from decouple import config

TABLE = config("LEDGER_TABLE", default="app-dev-orders")

def handler(event, context):
    boto3.resource("dynamodb").Table(TABLE).put_item(Item=event)  # => PutItem Orders @Api
    boto3.resource("dynamodb").Table(config("AUDIT_TABLE")).put_item(Item=event)  # => PutItem Audit @Api
"#

    every_form_of_reference_and_globals r#"
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          BY_ARN: !GetAtt Orders.Arn
          BY_SUB: !Sub "${Audit}"
          BY_JOIN: !Join ["-", [app, !Ref Stage, orders]]
Globals:
  Function:
    Environment:
      Variables:
        FROM_GLOBALS: !Ref Audit
=== src/app.py
import os
import boto3

client = boto3.client("dynamodb")

def handler(event, context):
    client.put_item(TableName=os.environ["BY_ARN"], Item=event)  # => PutItem Orders @Api
    client.put_item(TableName=os.environ["BY_SUB"], Item=event)  # => PutItem Audit @Api
    client.put_item(TableName=os.environ["BY_JOIN"], Item=event)  # => PutItem Orders @Api
    client.put_item(TableName=os.environ["FROM_GLOBALS"], Item=event)  # => PutItem Audit @Api
"#

    a_table_whose_name_depends_on_a_condition r#"
=== template.yaml
  Carts:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !If [Numbered, !Sub "${AWS::StackName}-carts", !Sub "shop-${Stage}-carts"]
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{ AttributeName: id, AttributeType: S }]
      KeySchema: [{ AttributeName: id, KeyType: HASH }]
Conditions:
  Numbered: !Equals [!Ref Stage, "7"]
=== tools/report.py
import sys
import boto3

def load(stage, stack):
    resource = boto3.resource("dynamodb")
    resource.Table(f"shop-{stage}-carts").get_item(Key={"id": "a"})  # => GetItem Carts @tools/report.py
    resource.Table(f"{stack}-carts").delete_item(Key={"id": "a"})  # => DeleteItem Carts @tools/report.py

load(*sys.argv[1:3])
"#

    a_name_from_the_parameter_store_is_unknown r#"
from aws_lambda_powertools.utilities import parameters
import boto3

def handler(event, context):
    name = parameters.get_parameter("/shop/orders-table")
    boto3.resource("dynamodb").Table(name).put_item(Item=event)  # => PutItem ? @Api
"#

    a_name_that_may_be_another_is_not_said_to_be_this_one r#"
import boto3

def handler(event, context):
    name = event.get("table") or "prices"
    boto3.resource("dynamodb").Table(name).get_item(Key={"id": "a"})  # => GetItem ? @Api
"#
}
