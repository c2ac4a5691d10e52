//! Folders that a program puts on its path itself.

use crate::harness::{audited, cases};

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

/// What becomes of two rights of a handler that imports `store` after it has run this code, its beginning told: the module
/// `src/old/store.py` uses the one, `src/new/store.py` the other, and there is no other module of that name.
fn imported(code: &str) -> String {
    imported_beside(code, "")
}

/// As [`imported`], with further files.
fn imported_beside(code: &str, files: &str) -> String {
    let project = format!(
        r#"
import os
import sys
from pathlib import Path

HERE = os.path.dirname(__file__)
{code}

def handler(event, context):
    store.save(event)
=== src/old/store.py
from db import orders

def save(event):
    orders.get_item(Key=event)
=== src/new/store.py
from db import audit

def save(event):
    audit.put_item(Item=event)
{files}"#
    );
    audited(&project, |audit| {
        let of_store =
            |action: &str, table: &str| matches!((action, table), ("GetItem", "Orders") | ("PutItem", "Audit"));
        let grants = audit.facts.grants.iter().map(|grant| (grant, audit.table(grant.table)));
        let grants = grants.filter(|(grant, table)| !grant.index && of_store(&grant.action, table));
        let mut told: Vec<String> =
            grants.map(|(grant, table)| format!("{table} {:?}", grant.status).to_lowercase()).collect();
        told.sort();
        told.dedup();
        told.join(", ")
    })
}

const OLD: &str = "audit unused, orders used";
const NEW: &str = "audit used, orders unused";
const EITHER: &str = "audit unverified, orders unverified";

/// Asserts what is believed after each of these pieces of code.
fn check_imported(rows: &[(&str, &str)]) {
    let rows: Vec<(&str, &str, &str)> = rows.iter().map(|(code, wanted)| (*code, "", *wanted)).collect();
    check_beside(&rows);
}

/// As [`check_imported`], with further files.
fn check_beside(rows: &[(&str, &str, &str)]) {
    let told = |(code, files, wanted): &(&str, &str, &str)| {
        let found = imported_beside(code, files);
        (found != *wanted).then(|| format!("{code}\n{files}\nfound: {found}\nwanted: {wanted}"))
    };
    assert_eq!(rows.iter().filter_map(told).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn the_order_of_what_is_put_on_the_path() {
    check_imported(&[
        ("sys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store", OLD),
        ("sys.path.insert(0, HERE + '/old')\nsys.path.insert(0, HERE + '/new')\nimport store", NEW),
        ("sys.path.append(HERE + '/old')\nsys.path.insert(0, HERE + '/new')\nimport store", NEW),
        ("sys.path.append(HERE + '/old')\nsys.path.insert(1, HERE + '/new')\nimport store", NEW),
        ("sys.path.insert(0, HERE + '/old')\nsys.path.insert(1, HERE + '/new')\nimport store", EITHER),
        ("sys.path.append(HERE + '/old')\nsys.path.insert(-1, HERE + '/new')\nimport store", EITHER),
        ("sys.path += [HERE + '/new']\nsys.path.append(HERE + '/old')\nimport store", NEW),
        ("sys.path.extend((HERE + '/new', HERE + '/old'))\nimport store", NEW),
    ]);
}

#[test]
fn the_time_at_which_the_path_changes() {
    check_imported(&[
        ("sys.path.append(HERE + '/old')\nimport store\nsys.path.insert(0, HERE + '/new')", OLD),
        (
            "sys.path.append(HERE + '/old')\nsys.path.insert(0, HERE + '/new')\ndef load():\n    import store\nload()\nimport store",
            NEW,
        ),
        (
            "sys.path.append(HERE + '/old')\ndef load():\n    import store\nsys.path.insert(0, HERE + '/new')\nload()\nimport store",
            EITHER,
        ),
        (
            "sys.path.append(HERE + '/old')\ntry:\n    import store\nexcept ImportError:\n    pass\nsys.path.insert(0, HERE + '/new')\nimport store",
            EITHER,
        ),
    ]);
}

#[test]
fn what_may_not_run() {
    check_imported(&[
        ("def never():\n    sys.path.insert(0, HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store", EITHER),
        ("def never():\n    sys.path.insert(0, HERE + '/old')\nnever()\nimport store", OLD),
        (
            "if os.environ.get('LEGACY'):\n    sys.path.append(HERE + '/old')\nelse:\n    sys.path.append(HERE + '/new')\nimport store",
            EITHER,
        ),
        (
            "try:\n    sys.path.append(HERE + '/old')\nfinally:\n    sys.path.append(HERE + '/new')\nimport store",
            EITHER,
        ),
        (
            "sys.path.append(HERE + '/new')\nif os.environ.get('LEGACY'):\n    sys.path.append(HERE + '/old')\nimport store",
            NEW,
        ),
        (
            "for part in ('old', 'new'):\n    sys.path.append(HERE + '/' + part)\nsys.path.append(HERE + '/old')\nimport store",
            EITHER,
        ),
        (
            "if HERE + '/old' not in sys.path:\n    sys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store",
            OLD,
        ),
        (
            "sys.path.append(HERE + '/old')\nif HERE + '/new' not in sys.path:\n    sys.path.insert(0, HERE + '/new')\nimport store",
            NEW,
        ),
        (
            "sys.path += [HERE + '/old', HERE + '/new']\nif HERE + '/new' not in sys.path:\n    sys.path.insert(0, HERE + '/new')\nimport store",
            EITHER,
        ),
        (
            "if os.environ.get('LEGACY'):\n    sys.path.append(HERE + '/new')\nsys.path.append(HERE + '/old')\nif HERE + '/new' not in sys.path:\n    sys.path.insert(0, HERE + '/new')\nimport store",
            EITHER,
        ),
        (
            "sys.path.append(os.environ['MORE'])\nsys.path.append(HERE + '/old')\nif HERE + '/new' not in sys.path:\n    sys.path.insert(0, HERE + '/new')\nimport store",
            EITHER,
        ),
        ("class Setup:\n    sys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store", OLD),
    ]);
}

#[test]
fn what_else_is_done_to_the_path() {
    check_imported(&[
        (
            "sys.path.append(HERE + '/old')\nsys.path.remove(HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store",
            EITHER,
        ),
        ("sys.path = [HERE + '/new'] + sys.path\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("sys.path[0:0] = [HERE + '/new']\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("sys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\ndel sys.path[-2]\nimport store", EITHER),
        ("sys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\nsys.path.reverse()\nimport store", EITHER),
        ("from sys import path\npath.insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("from sys import *\npath.insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("places = sys.path\nplaces.insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        (
            "def put(places, one):\n    places.insert(0, one)\nput(sys.path, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store",
            EITHER,
        ),
        ("getattr(sys, 'path').insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("vars(sys)['path'].insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("sys.__dict__['path'].insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("__import__('sys').path.insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("os.sys.path.insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        (
            "sys.path.insert(0, HERE + '/old')\nimport store\nsys.path.insert(0, HERE + '/new')\ndel sys.modules['store']\nimport store",
            EITHER,
        ),
        (
            "sys.path.insert(0, HERE + '/old')\nimport store\nsys.path.insert(0, HERE + '/new')\nimport importlib\nimportlib.reload(store)",
            EITHER,
        ),
        ("sys.path.insert(0, HERE + '/old')\nimport store\nprint(sys.modules['os'])\nimport store", OLD),
        (
            "class Finder:\n    def find_spec(self, name, path, target=None):\n        return None\nsys.path.insert(0, HERE + '/old')\nsys.meta_path.insert(0, Finder())\nimport store",
            EITHER,
        ),
        ("import site\nsite.addsitedir(HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        (
            "from site import addsitedir as more\nmore(HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store",
            EITHER,
        ),
        (
            "import sys as system\nsystem.path.insert(0, HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store",
            NEW,
        ),
        ("os.chdir(HERE + '/new')\nsys.path.append(os.getcwd())\nsys.path.append('old')\nimport store", EITHER),
        ("os.chdir('/tmp')\nsys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store", OLD),
        (
            "print(sys.path, len(sys.path), sys.path[0])\nsys.exit = None\nsys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store",
            OLD,
        ),
        (
            "sys.path.append('/tmp/unpacked')\nsys.path.append(HERE + '/old')\nsys.path.append(HERE + '/new')\nimport store",
            OLD,
        ),
        ("sys.path.append(os.environ['MORE'])\nimport store", EITHER),
    ]);
}

#[test]
fn what_a_path_is_made_of() {
    check_imported(&[
        ("sys.path.append('/'.join([HERE, 'new']))\nsys.path.append(HERE + '/old')\nimport store", EITHER),
        ("def join(*parts):\n    return HERE + '/new'\nsys.path.append(join(HERE, 'old'))\nimport store", EITHER),
        (
            "class Paths:\n    def join(self, *parts):\n        return HERE + '/new'\nsys.path.append(Paths().join(HERE, 'old'))\nimport store",
            EITHER,
        ),
        ("from os.path import join as under\nsys.path.append(under(HERE, 'new'))\nimport store", NEW),
        ("from os import path\nsys.path.append(path.join(HERE, 'new'))\nimport store", NEW),
        ("import os.path as paths\nsys.path.append(paths.join(HERE, 'new'))\nimport store", NEW),
        ("import pathlib\nsys.path.append(str(pathlib.Path(__file__).parent / 'new'))\nimport store", NEW),
        ("sys.path.append(os.path.dirname(HERE + '/new/'))\nimport store", NEW),
        ("sys.path.append(str(Path(HERE, 'old', '..', 'new').resolve()))\nimport store", NEW),
        ("sys.path.append(f'{HERE}/new')\nimport store", NEW),
        (
            "where = HERE + '/old'\nwith open('x') as where:\n    pass\nsys.path.append(where)\nsys.path.append(HERE + '/new')\nimport store",
            EITHER,
        ),
        (
            "where = HERE + '/old'\nimport where\nsys.path.append(where)\nsys.path.append(HERE + '/new')\nimport store",
            EITHER,
        ),
        (
            "def add(where):\n    where = where or HERE + '/old'\n    sys.path.append(where)\nadd(HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store",
            EITHER,
        ),
        ("def str(path):\n    return HERE + '/new'\nsys.path.append(str(HERE + '/old'))\nimport store", EITHER),
    ]);
}

#[test]
fn paths_made_of_themselves_over_and_over() {
    let doubled = |piece: &dyn Fn(usize) -> String| {
        let lines: Vec<String> = (1..14).map(|i| format!("p{i} = {}\n", piece(i - 1))).collect();
        lines.concat()
    };
    let shapes: [&dyn Fn(usize) -> String; 3] = [
        &|i| format!("f'{{p{i}}}{{p{i}}}{{p{i}}}{{p{i}}}'"),
        &|i| format!("os.path.join(p{i}, p{i}, p{i}, p{i})"),
        &|i| format!("p{i} + p{i} + p{i} + p{i}"),
    ];
    for shape in shapes {
        let code = format!(
            "p0 = 'a/'\n{}sys.path.append(p13)\nsys.path.insert(0, HERE + '/new')\nimport store",
            doubled(shape)
        );
        assert_eq!(imported(&code), NEW);
    }
}

#[test]
fn what_other_modules_put_on_the_path() {
    let first = "=== src/first.py\nimport os\nimport sys\n\nsys.path.insert(0, os.path.dirname(__file__) + '/new')\n";
    let later = "=== src/first.py\nimport os\nimport sys\n\ndef go():\n    sys.path.insert(0, os.path.dirname(__file__) + '/new')\n";
    let hidden = "=== src/first.py\nimport importlib\nfrom os.path import dirname\n\ngetattr(importlib.import_module('sys'), 'path').insert(0, dirname(__file__) + '/new')\n";
    let spread = "=== src/first/other.py\nNAME = 'first'\n=== src/new/first/more.py\nimport store\n\ndef save(event):\n    store.save(event)\n";
    let vague = "=== src/first.py\nimport sys\n\ndef go(place):\n    sys.path.insert(0, place)\n";
    let package = "=== src/setup/__init__.py\nfrom . import places\n=== src/setup/places.py\nimport os\nimport sys\n\nsys.path.append(os.path.dirname(os.path.dirname(__file__)) + '/new')\n";
    let lazy = "=== src/helper.py\ndef go():\n    import first\n=== src/first.py\nimport os\nimport sys\n\nsys.path.insert(0, os.path.dirname(__file__) + '/new')\n";
    check_beside(&[
        ("sys.path.append(HERE + '/old')\nimport first\nimport store", first, NEW),
        ("sys.path.append(HERE + '/old')\nimport store\nimport first", first, OLD),
        ("import first\nsys.path.insert(0, HERE + '/old')\nimport store", first, OLD),
        ("import first\nsys.path.append(HERE + '/old')\nimport store", later, EITHER),
        ("import first\nfirst.go(HERE + '/new')\nsys.path.append(HERE + '/old')\nimport store", vague, EITHER),
        ("import first.other\nsys.path.append(HERE + '/new')\nimport first.more as store", spread, NEW),
        (
            "import importlib\nimportlib.import_module('first')\nsys.path.append(HERE + '/old')\nimport store",
            first,
            EITHER,
        ),
        (
            "import importlib\nfor name in ('first',):\n    importlib.import_module(name)\nsys.path.append(HERE + '/old')\nimport store",
            first,
            "audit unverified, orders used",
        ),
        ("import first\nsys.path.append(HERE + '/old')\nimport store", hidden, EITHER),
        ("from setup import places\nsys.path.append(HERE + '/old')\nimport store", package, NEW),
        ("sys.path.append(HERE + '/old')\nimport setup.places\nimport store", package, OLD),
        ("import helper\nsys.path.append(HERE + '/old')\nimport store", lazy, EITHER),
        ("import helper\nhelper.go()\nsys.path.insert(0, HERE + '/old')\nimport first\nimport store", lazy, EITHER),
        ("import helper\nhelper.go()\nimport store", lazy, NEW),
        (
            "try:\n    import first\nexcept ImportError:\n    pass\nsys.path.append(HERE + '/old')\nimport store",
            first,
            EITHER,
        ),
    ]);
}

#[test]
fn a_folder_that_is_not_deployed_is_asked_last() {
    let outside = "=== other/store.py\nfrom db import orders\n\ndef save(event):\n    orders.delete_item(Key=event)\n";
    check_beside(&[
        ("sys.path.insert(0, HERE + '/../other')\nsys.path.append(HERE + '/new')\nimport store", outside, NEW),
        (
            "def never():\n    sys.path.insert(0, HERE + '/../other')\nsys.path.append(HERE + '/new')\nimport store",
            outside,
            NEW,
        ),
    ]);
}

/// A module that isn't found may be one of that name, which does through others what it does.
#[test]
fn what_a_folder_that_is_not_told_may_hold() {
    let held = "=== src/parts/keep.py\nimport acts\n\ndef save(event):\n    acts.act(event)\n=== src/acts.py\nfrom db import audit\n\ndef act(event):\n    audit.put_item(Item=event)\n";
    check_beside(&[("sys.path.append(os.environ['PARTS'])\nimport keep as store", held, EITHER)]);
}

cases! {
    the_layers_put_before_the_code r#"
=== template.yaml
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: { ContentUri: layer/ }
  Place:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Layers: [!Ref Shared]
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
=== src/app.py
import sys

sys.path.insert(0, "/opt/python")

import keep

def handler(event, context):
    keep.save(event)
=== src/keep.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).delete_item(Key=item)  # => DeleteItem Orders latent
=== layer/python/keep.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=item)  # => PutItem Orders @Place
"#
}
