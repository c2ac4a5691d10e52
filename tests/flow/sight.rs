//! Where sight is lost: what is said of it, and what it withholds.

use crate::harness::audited;

/// What can't be followed in a project: each blind spot of its code with the rules that it withholds.
fn blind_spots(project: &str) -> String {
    audited(project, |audit| {
        let mut lines: Vec<String> = Vec::new();
        for spot in &audit.facts.blind_spots {
            let (file, line) = audit.place(spot.span);
            lines.push(format!("{file}:{line} {}: {}\n", spot.reason, spot.withholds.join(", ")));
        }
        lines.concat()
    })
}

/// The grants of `Api` on `Orders` (read, write, query its index) and on `Audit` (read), each with its status.
fn statuses(code: &str) -> String {
    grants(&project(code))
}

fn grants(project: &str) -> String {
    audited(project, |audit| {
        let facts = &audit.facts;
        let grant = |g: &ddb_audit::facts::Grant| {
            let index = if g.index { "/index" } else { "" };
            let status = format!("{:?}", g.status).to_lowercase();
            format!("{} {}{index} {status}", g.action, audit.table(g.table))
        };
        let mut lines: Vec<String> = facts.grants.iter().map(grant).collect();
        lines.sort();
        let index = format!("{:?}", facts.tables[0].indexes[0].status).to_lowercase();
        format!("{}; by-status {index}", lines.join(", "))
    })
}

fn project(code: &str) -> String {
    format!(
        "=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Layers: [!Sub 'arn:aws:lambda:${{AWS::Region}}:123456789012:layer:ours:7']
      Environment: {{ Variables: {{ ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit }} }}
      Policies:
        - Statement:
            - {{ Effect: Allow, Action: ['dynamodb:GetItem', 'dynamodb:Scan'], Resource: !GetAtt Orders.Arn }}
            - {{ Effect: Allow, Action: 'dynamodb:Query', Resource: !Sub '${{Orders.Arn}}/index/*' }}
            - {{ Effect: Allow, Action: 'dynamodb:GetItem', Resource: !GetAtt Audit.Arn }}
=== src/app.py
{code}"
    )
}

const ALL_UNUSED: &str =
    "GetItem Audit unused, GetItem Orders unused, Query Orders/index unused, Scan Orders unused; by-status unused";
const ALL_OPEN: &str = "GetItem Audit unverified, GetItem Orders unverified, Query Orders/index unverified, \
                        Scan Orders unverified; by-status unknown";
const ORDERS_OPEN: &str = "GetItem Audit unused, GetItem Orders unverified, Query Orders/index unverified, \
                           Scan Orders unverified; by-status unknown";

const AUDIT_OPEN: &str = "GetItem Audit unverified, GetItem Orders unused, Query Orders/index unused, \
                          Scan Orders unused; by-status unused";

/// The end of a handler that makes a call for which there is no grant.
const SEEN: &str = "    import boto3\n    boto3.client('dynamodb').describe_table(TableName='app-dev-orders')\n";

/// The end of a handler that changes items of both tables, for which there is no grant.
const TOUCHED: &str = "    boto3.resource('dynamodb').Table('app-dev-orders').put_item(Item=event)
    boto3.resource('dynamodb').Table(os.environ['AUDIT_TABLE']).put_item(Item=event)
";

#[test]
fn libraries_that_are_known_hide_nothing() {
    let code = "import requests, yaml, json\n\ndef handler(event, context):\n    requests.post(yaml.dump(event))\n";
    assert_eq!(blind_spots(&project(code)), "");
    assert_eq!(statuses(code), ALL_UNUSED);
}

#[test]
fn an_unknown_module_is_a_blind_spot() {
    let code = "import acme_store\n\ndef handler(event, context):\n    acme_store.save(event)\n";
    let reason = "the import `acme_store` isn't among the code at hand, and may be in a layer that isn't either";
    assert_eq!(blind_spots(&project(code)), format!("src/app.py:1 {reason}: iam-over-grant, unused-gsi\n"));
    assert_eq!(statuses(code), ALL_OPEN, "where else would its calls be?");
    let code = format!("{code}{SEEN}");
    assert_eq!(statuses(&code), ALL_OPEN, "that a table is asked about says nothing of its items");
    let code = format!("{code}    boto3.resource('dynamodb').Table('app-dev-orders').put_item(Item=event)\n");
    assert_eq!(blind_spots(&project(&code)), format!("src/app.py:1 {reason}: iam-over-grant, unused-gsi\n"));
    assert_eq!(statuses(&code), AUDIT_OPEN, "its calls on the other table aren't among what is seen");
}

/// As [`project`], without the layer.
fn without_layer(code: &str) -> String {
    let project = project(code);
    let lines: Vec<&str> = project.lines().filter(|line| !line.contains("Layers:")).collect();
    lines.join("\n") + "\n"
}

#[test]
fn a_module_that_neither_a_layer_nor_an_index_has_may_do_anything() {
    let code = "import acme_store\n\ndef handler(event, context):\n    acme_store.save(event)\n";
    let reason = "the import `acme_store` isn't among the code at hand, is no library that is known, and no \
                  requirements, project or lock file at hand asks a package index for it";
    let alone = without_layer(code);
    assert_eq!(blind_spots(&alone), format!("src/app.py:1 {reason}: iam-over-grant, unused-gsi\n"));
    assert_eq!(grants(&alone), ALL_OPEN);

    let reason = "the import `acme_store` isn't among the code at hand, and is no public library that is known";
    let taken = format!("{alone}=== src/requirements.txt\nacme-store==2.1\n");
    assert_eq!(blind_spots(&taken), format!("src/app.py:1 {reason}: iam-over-grant, unused-gsi\n"));
    assert_eq!(grants(&taken), ALL_OPEN, "the index may be the project's own");
    for file in ["requirements/base.txt", "dev-requirements.txt", "src/requirements.in"] {
        assert_eq!(blind_spots(&format!("{alone}=== {file}\nacme-store\n")), blind_spots(&taken), "{file}");
    }

    let own = format!("{alone}=== src/requirements.txt\n./lib/acme_store/\n");
    assert_eq!(grants(&own), ALL_OPEN);
}

#[test]
fn decorators_that_are_not_at_hand_are_told_of_functions_alone() {
    let seen = "    boto3.resource('dynamodb').Table('app-dev-orders').put_item(Item=event)\n";
    let code = |line: &str| {
        format!(
            "import boto3\nfrom acme import logged, named\n\n@logged(named('api'))\ndef handler(event, context):\n{line}{seen}"
        )
    };
    assert_eq!(statuses(&code("")), ALL_UNUSED);
    assert_eq!(statuses(&code("    named(event)\n")), AUDIT_OPEN);
    assert_eq!(statuses(&code("").replace(seen, "    return boto3\n")), ALL_OPEN, "where else would its calls be?");
}

#[test]
fn what_is_not_at_hand_makes_unused_rights_likely() {
    let code = |first: &str, line: &str| {
        format!(
            "import boto3\n{first}\ndef handler(event, context):\n    {line}boto3.resource('dynamodb').Table('app-dev-orders').put_item(Item=event)\n"
        )
    };
    let told = |code: &str| {
        audited(&project(code), |audit| {
            let findings = ddb_audit::rules::run(&audit.facts);
            let ours = findings.iter().filter(|finding| finding.rule == "iam-over-grant");
            let told = |text: &str| text.contains(" Modules that aren't at hand are taken not to use them.");
            ours.map(|finding| (finding.confidence.as_str(), told(&finding.message))).collect::<Vec<_>>()
        })
    };
    assert_eq!(told(&code("", "")), [("certain", false); 3]);
    // The other table's rights may be the module's.
    assert_eq!(told(&code("import acme_store\n", "acme_store.save(event)\n    ")), [("likely", true); 2]);
    assert_eq!(told(&code("from acme import logged\n@logged", "")), [("likely", true); 3]);
}

#[test]
fn what_can_be_installed_is_not_what_a_layer_has() {
    let code = "from common import save\n\ndef handler(event, context):\n    save(event)\n";
    let infra =
        "=== infra/common/__init__.py\ndef save(config):\n    print(config)\n=== infra/setup.py\nimport setuptools\n";
    assert_eq!(grants(&format!("{}{infra}", project(code))), ALL_OPEN, "the layer's may be another");
    let named = "=== src/requirements.txt\n-e ../infra\n";
    assert_eq!(grants(&format!("{}{infra}{named}", project(code))), ALL_UNUSED);
    let taken = "=== src/requirements.txt\ncommon==2.0\n";
    assert_eq!(grants(&format!("{}{infra}{taken}", without_layer(code))), ALL_OPEN, "the index's may be another");
    assert_eq!(grants(&format!("{}{infra}", without_layer(code))), ALL_UNUSED, "where else would it be?");
}

#[test]
fn a_module_that_hands_on_boto3_may_do_more() {
    let code = |module: &str| {
        format!("from {module} import boto3\n\ndef handler(event, context):\n    boto3.client('s3').list_buckets()\n")
    };
    assert_eq!(grants(&without_layer(&code("common"))), ALL_OPEN);
    assert_eq!(grants(&without_layer(&code("vendor"))), ALL_UNUSED);
}

#[test]
fn tests_that_stand_a_table_in_are_no_readers() {
    let code = "def handler(event, context):\n    return 'ok'\n";
    let tests = "=== tests/test_orders.py
import boto3
from moto import mock_aws

@mock_aws
def test_orders():
    table = boto3.resource('dynamodb').Table('app-dev-orders')
    table.get_item(Key={'pk': 'A', 'sk': 'B'})
    table.query(IndexName='by-status', KeyConditionExpression='status = :s')
    table.scan()
=== src/conftest.py
import boto3
import moto

def orders():
    with moto.mock_aws():
        yield boto3.resource('dynamodb').Table('app-dev-orders').scan()['Items']
";
    let project = format!("{}{tests}", project(code));
    assert_eq!(grants(&project), ALL_UNUSED);
    assert_eq!(crate::harness::accesses(&project), "");
}

#[test]
fn an_unknown_module_that_is_told_a_table_may_use_it() {
    let code = "
import os
import acme_store

def handler(event, context):
    acme_store.Store(os.environ['ORDERS_TABLE'], 'a word').save(event)
";
    assert_eq!(statuses(&format!("import boto3\n{code}{TOUCHED}")), ORDERS_OPEN);
}

#[test]
fn a_library_that_is_told_a_name_does_nothing_to_a_table() {
    let code = "
import os
import requests

def handler(event, context):
    requests.post('https://example.org', json={'table': os.environ['ORDERS_TABLE']})
";
    assert_eq!(statuses(code), ALL_UNUSED);
}

#[test]
fn a_library_that_takes_tables_by_name_may_use_the_table() {
    let code = "
import os
from langchain_community.chat_message_histories import DynamoDBChatMessageHistory

def handler(event, context):
    return DynamoDBChatMessageHistory(os.environ['ORDERS_TABLE'], session_id=event['id']).messages
";
    assert_eq!(statuses(code), ORDERS_OPEN);
    let code = "
import os
from cachetools import Store

TABLE = os.environ['ORDERS_TABLE']

def handler(event, context):
    return Store(table_name=TABLE).get(event['id'])
";
    assert_eq!(statuses(code), ORDERS_OPEN);
}

#[test]
fn whoever_is_handed_a_table_may_use_it() {
    let code = "
import cachetools
from db import orders

def handler(event, context):
    cachetools.Keeper({'table': [orders]})
";
    assert_eq!(statuses(code), ORDERS_OPEN);
}

#[test]
fn whoever_is_handed_a_client_or_session_may_use_any_table() {
    for made in ["boto3.client('dynamodb')", "boto3.resource('dynamodb')", "boto3.Session()"] {
        let code = format!(
            "import boto3\nimport acme_store\n\ndef handler(event, context):\n    acme_store.save({made}, event)\n"
        );
        assert_eq!(statuses(&code), ALL_OPEN, "{made}");
    }
    let code = "import boto3\nimport os\nimport acme\n\ndef handler(event, context):\n    acme.save(boto3.client('s3'), event)\n";
    assert_eq!(statuses(&format!("{code}{TOUCHED}")), ALL_UNUSED);
}

#[test]
fn a_table_that_is_kept_in_something_unseen_may_be_used_from_there() {
    for store in ["local.orders = orders", "local.state['orders'] = orders", "setattr(local, 'orders', orders)"] {
        let code = format!(
            "import threading\nfrom db import orders\n\nlocal = threading.local()\n\ndef handler(event, context):\n    {store}\n"
        );
        assert_eq!(statuses(&code), ORDERS_OPEN, "{store}");
    }
}

#[test]
fn the_projects_own_modules_that_are_not_at_hand_may_do_anything() {
    let gone = "from shop.store import save\n\ndef handler(event, context):\n    save(event)\n=== src/shop/__init__.py\nA = 1\n";
    assert_eq!(statuses(gone), ALL_OPEN);
    let relative = "from shop import save\n\ndef handler(event, context):\n    save(event)\n=== src/shop/__init__.py\nfrom .store import save\n";
    assert_eq!(statuses(relative), ALL_OPEN);
    let elsewhere = "import store\n\ndef handler(event, context):\n    store.save(event)\n";
    let with_table = "=== lib/store.py\nimport boto3\n\ndef save(item):\n    boto3.client('dynamodb').put_item(Item=item, TableName='a')\n";
    assert_eq!(statuses(&format!("{elsewhere}{with_table}")), ALL_OPEN);
    let without = format!("{elsewhere}=== lib/store.py\ndef save(item):\n    return item\n");
    assert_eq!(statuses(&without), ALL_OPEN, "the layer's may be another");
    assert_eq!(grants(&without_layer(&without)), ALL_UNUSED);
}

#[test]
fn a_call_of_something_lost_may_be_any() {
    let code = "def handler(event, context):\n    globals()[event['kind']](event)\n";
    assert_eq!(statuses(code), ALL_OPEN);
}

#[test]
fn a_method_named_like_an_operation_on_something_lost_may_be_it() {
    let scan = "GetItem Audit unused, GetItem Orders unused, Query Orders/index unused, Scan Orders unverified; \
                by-status unknown";
    for call in ["scan()", "scan(**event)", "get_paginator('scan')"] {
        let code = format!("def handler(event, context):\n    globals()['orders'].{call}\n");
        assert_eq!(statuses(&code), scan, "{call}");
    }
    let code = "def handler(event, context):\n    globals()['store'].save_all(event)\n";
    assert_eq!(statuses(code), ALL_UNUSED);
}

#[test]
fn queries_of_other_libraries_are_none_of_dynamodb() {
    let code = "
import sqlalchemy.orm

session = sqlalchemy.orm.Session()

def handler(event, context):
    return session.query(event).scan()
";
    assert_eq!(blind_spots(&project(code)), "");
    assert_eq!(statuses(code), ALL_UNUSED);
}

#[test]
fn statements_and_transactions_that_are_partly_lost_may_be_on_any_table() {
    let get = "GetItem Audit unverified, GetItem Orders used, Query Orders/index unused, Scan Orders unused; \
               by-status unused";
    let code = "
import boto3

def handler(event, context):
    items = [{'Get': {'TableName': 'app-dev-orders', 'Key': event}}, {'Get': {**event}}]
    boto3.client('dynamodb').transact_get_items(TransactItems=items)
";
    assert_eq!(statuses(code), get);
    let code = "
import boto3

def handler(event, context):
    statement = event['statement'] if event else \"DELETE FROM 'app-dev-orders'\"
    boto3.client('dynamodb').execute_statement(Statement=statement)
";
    let index = "GetItem Audit unused, GetItem Orders unused, Query Orders/index unused, Scan Orders unused; \
                 by-status unknown";
    assert_eq!(statuses(code), index);
}

#[test]
fn a_handler_that_isnt_there_may_do_anything() {
    let code = "def other(event, context):\n    return event\n";
    let reason = "the handler `handler` isn't found in its module";
    assert_eq!(blind_spots(&project(code)), format!("src/app.py:1 {reason}: iam-over-grant, unused-gsi\n"));
    assert_eq!(statuses(code), ALL_OPEN);
}

#[test]
fn another_principals_calls_count_for_the_one_who_makes_them() {
    let project = r#"
=== template.yaml
  Own:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: src/, Handler: app.own, Runtime: python3.13, Environment: { Variables: { ORDERS_TABLE: !Ref Orders } } }
  Other:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: src/, Handler: app.other, Runtime: python3.13, Environment: { Variables: { ORDERS_TABLE: !Ref Orders } } }
=== src/app.py
import os
import boto3

def save(session, item):
    session.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=item)

def own(event, context):
    save(boto3.Session(), event)

def other(event, context):
    given = boto3.client("sts").assume_role(RoleArn=event["role"], RoleSessionName="a")["Credentials"]
    save(boto3.Session(aws_access_key_id=given["AccessKeyId"], aws_session_token=given["SessionToken"]), event)
"#;
    let missing = audited(project, |audit| {
        let facts = &audit.facts;
        facts.missing_grants.iter().map(|m| format!("{} {}", audit.function(m.function), m.action)).collect::<Vec<_>>()
    });
    assert_eq!(missing, ["Own PutItem"]);
}

#[test]
fn a_name_that_nothing_binds_does_nothing() {
    let code = |head: &str| {
        format!(
            "{head}\ndef handler(event, context):\n    if not event:\n        raise NotFound(event)\n    return event\n"
        )
    };
    assert_eq!(blind_spots(&project(&code(""))), "");
    assert_eq!(statuses(&code("")), ALL_UNUSED);
    let heads = [
        "from acme_store import *\n",
        "globals().update(event)\n",
        "import builtins\nbuiltins.NotFound = print\n",
        "exec(open('more').read())\n",
    ];
    for head in heads {
        assert_eq!(statuses(&code(head)), ALL_OPEN, "{head}");
    }
    let elsewhere = format!("{}=== src/more.py\nimport builtins\n", project(&code("import more\n")));
    assert_eq!(grants(&elsewhere), ALL_OPEN);
}

#[test]
fn what_would_be_imported_instead_is_not_missed() {
    let code = |import: &str| {
        format!(
            "try:\n    {import}\nexcept ImportError:\n    from acme.store import save\n\ndef handler(event, context):\n    \
             save(event)\n=== src/store.py\ndef save(item):\n    return item\n"
        )
    };
    assert_eq!(blind_spots(&project(&code("from store import save"))), "");
    assert_eq!(statuses(&code("from store import save")), ALL_UNUSED);
    for import in ["from store import keep as save", "from .store import save", "from stores import save"] {
        assert_eq!(statuses(&code(import)), ALL_OPEN, "{import}");
    }
}

#[test]
fn an_ignored_file_is_imported_all_the_same() {
    let code = "from models import save\n\ndef handler(event, context):\n    save(event)\n=== src/models.py\ndef save(item):\n    \
                return item\n=== src/.gitignore\nmodels.py\n";
    assert_eq!(blind_spots(&project(code)), "");
    assert_eq!(statuses(code), ALL_UNUSED);
}

#[test]
fn an_import_by_call_is_an_import() {
    let code = "def handler(event, context):\n    return __import__('datetime').datetime.now()\n";
    assert_eq!(blind_spots(&project(code)), "");
    let code = "def handler(event, context):\n    return __import__(event['name']).run()\n";
    let reason = "an import whose module name is computed";
    assert_eq!(
        blind_spots(&project(code)).lines().next(),
        Some(&*format!("src/app.py:2 {reason}: iam-over-grant, unused-gsi"))
    );
}

#[test]
fn a_package_does_nothing_in_dynamodb_under_a_role_that_allows_nothing_there() {
    let verdict = |project: &str| audited(project, |audit| format!("{:?}", audit.facts.functions[0].verdict));
    let ungranted = |code: &str, policy: &str| {
        let head = project("");
        let head = head.split("      Policies:").next().unwrap_or_default();
        format!("{head}{policy}=== src/app.py\n{code}=== src/requirements.txt\nacme-store==1\n")
    };
    let code = "import acme_store\n\ndef handler(event, context):\n    return acme_store.save(event)\n";
    assert_eq!(verdict(&ungranted(code, "")), "NoDynamoDb");
    assert_eq!(verdict(&project(code)), "Unverified");
    let elsewhere = "      Policies:\n        - Statement:\n            - { Effect: Allow, Action: 'dynamodb:Query', Resource: '*' }\n";
    assert_eq!(verdict(&ungranted(code, elsewhere)), "Unverified");
    assert_eq!(verdict(&ungranted(code, "      Policies: [!Ref Given]\n")), "Unverified");
    let more = "import acme_store\nimport mine\n\ndef handler(event, context):\n    return acme_store.save(mine)\n";
    let own = format!("{}=== elsewhere/mine.py\nimport boto3\n", ungranted(more, ""));
    assert_eq!(verdict(&own), "Unverified");
}

#[test]
fn more_than_is_kept_apart_is_lost_and_said() {
    let functions: String =
        (0..120).fold(String::new(), |code, i| code + &format!("def f{i}(item):\n    return item\n\n"));
    let names: Vec<String> = (0..120).map(|i| format!("'k{i}': f{i}")).collect();
    let code = format!(
        "{functions}ACTIONS = {{{}}}\n\ndef handler(event, context):\n    ACTIONS[event['kind']](event)\n",
        names.join(", ")
    );
    let reason = "a call of something that can't be told: too many possible values";
    assert_eq!(blind_spots(&project(&code)), format!("src/app.py:364 {reason}: iam-over-grant, unused-gsi\n"));
    assert_eq!(statuses(&code), ALL_OPEN);
}

#[test]
fn more_classes_than_are_guessed_among_are_a_blind_spot() {
    let class = |i: usize| format!("class C{i}:\n    def save(self, item):\n        orders.put_item(Item=item)\n\n");
    let code = |classes: usize| {
        let classes: String = (0..classes).map(class).collect();
        format!(
            "from db import orders\nfrom requests import on_message\n\n{classes}def receive(store, item):\n    \
             store.save(item)\n\ndef handler(event, context):\n    on_message(event, receive)\n"
        )
    };
    assert_eq!(statuses(&code(8)), ALL_UNUSED);
    assert_eq!(blind_spots(&project(&code(8))), "");
    let reason = "a call of `save` on an unknown object: iam-over-grant, unused-gsi";
    assert_eq!(blind_spots(&project(&code(9))), format!("src/app.py:41 {reason}\n"));
    assert_eq!(statuses(&code(9)), ALL_OPEN);
}

#[test]
fn too_many_names_are_any_table() {
    let names: Vec<String> = (0..20).map(|i| format!("'k{i}': 'app-s{i}-ledger'")).collect();
    let code = format!(
        "import boto3\n\nNAMES = {{{}}}\n\ndef handler(event, context):\n    \
         boto3.client('dynamodb').scan(TableName=NAMES[event['kind']])\n",
        names.join(", ")
    );
    let scan = "GetItem Audit unused, GetItem Orders unused, Query Orders/index unused, Scan Orders unverified; \
                by-status unused";
    assert_eq!(statuses(&code), scan);
}

#[test]
fn a_module_that_is_not_there_hides_something_only_where_it_is_reached() {
    let plugins = "import importlib\n\nclass Plugins:\n    @classmethod\n    def load(cls):\n        \
                   return importlib.import_module('app.plugins').load()\n\ndef handler(event, context):\n    ";
    assert_eq!(statuses(&format!("{plugins}return event\n")), ALL_UNUSED);
    assert_eq!(statuses(&format!("{plugins}return Plugins.load()\n")), ALL_OPEN);
}

/// What a generator is sent isn't followed.
#[test]
fn what_a_generator_is_sent() {
    let code = r#"
from db import orders

def reads():
    table = yield
    table.get_item(Key={"pk": "1", "sk": "1"})

def handler(event, context):
    generator = reads()
    next(generator)
    generator.send(orders)
"#;
    assert_eq!(
        blind_spots(&project(code)),
        "src/app.py:6 GetItem on an unknown table: the table name can't be told (sent to a generator): iam-over-grant, iam-missing-action\n"
    );
}
