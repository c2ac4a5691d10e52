//! Folders that a program puts on its path itself.

use crate::harness::cases;

cases! {
    a_folder_above_the_code_that_the_handler_adds r#"
=== template.yaml
  Place:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/place/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
=== src/place/app.py
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), ".."))

from common.store import save

def handler(event, context):
    save(event)
=== src/common/__init__.py
# A package.
=== src/common/store.py
from .table import orders

def save(item):
    orders().put_item(Item=item)  # => PutItem Orders @Place
=== src/common/table.py
import os
import boto3

def orders():
    return boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])
"#

    a_folder_that_is_named_first_and_told_with_pathlib r#"
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
VENDOR: Path = HERE.parent.parent / "vendor"

if str(VENDOR) not in sys.path:
    sys.path.append(str(VENDOR))
sys.path.extend([str(HERE.parents[1] / "more"), "/opt/elsewhere"])

from keep import save
from drop import remove

def handler(event, context):
    save(event)
    remove(event)
=== vendor/keep.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=item)  # => PutItem Orders @Api
=== more/drop.py
import os
import boto3

def remove(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).delete_item(Key=item)  # => DeleteItem Orders @Api
"#

    a_folder_that_an_imported_module_adds r#"
import paths
from keep import save

def handler(event, context):
    save(event)
=== src/paths.py
import sys
from os.path import abspath, dirname

def add(name):
    here = dirname(abspath(__file__)) + f"/../{name}"
    sys.path.append(here)

sys.path.append(dirname(dirname(abspath(__file__))) + "/kept")
=== kept/keep.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=item)  # => PutItem Orders @Api
"#

    a_folder_below_the_one_that_it_runs_in r#"
import sys

sys.path.insert(0, "./inside")

import keep

def handler(event, context):
    keep.save(event)
=== src/inside/keep.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=item)  # => PutItem Orders @Api
"#

    what_the_code_holds_itself_is_meant_rather r#"
import os
import sys

sys.path.append(os.path.join(os.path.dirname(__file__), "..", "other"))

import keep

def handler(event, context):
    keep.save(event)
=== src/keep.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=item)  # => PutItem Orders @Api
=== other/keep.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).delete_item(Key=item)  # => DeleteItem Orders latent
"#
}
