//! `--why FILE:LINE`: whole answers, on the fixtures and on a project whose names come a long way.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn run(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ddb-audit"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS"] {
        command.env_remove(variable);
    }
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    let status = status.code().expect("not killed");
    format!("status: {status}\n--- stdout\n{}--- stderr\n{}", text(stdout), text(stderr))
}

/// What is said of a line of the orders fixture.
fn of_orders(line: &str) -> String {
    run(Path::new(env!("CARGO_MANIFEST_DIR")), &["fixtures/orders/template.yaml", "--why", line])
}

macro_rules! orders {
    ($name:ident, $line:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(of_orders($line));
        }
    };
}

orders!(a_call_in_a_layer, "fixtures/orders/layers/shared/python/orders_shared/orders.py:111");
orders!(a_line_within_a_call, "fixtures/orders/layers/shared/python/orders_shared/orders.py:60");
orders!(code_that_nothing_reaches, "./fixtures/orders/../orders/layers/shared/python/orders_shared/orders.py:125:9");
orders!(a_call_that_several_reach, "fixtures/orders/layers/shared/python/orders_shared/audit.py:15");
orders!(a_script, "fixtures/orders/scripts/find_stuck_orders.py:12");
orders!(an_unused_right, "fixtures/orders/template.yaml:123");
orders!(rights_by_wildcard, "fixtures/orders/template.yaml:156");
orders!(a_policy_template, "fixtures/orders/template.yaml:183");
orders!(rights_on_table_and_indexes, "fixtures/orders/template.yaml:142");
orders!(an_unused_index, "fixtures/orders/template.yaml:64");
orders!(a_used_index, "fixtures/orders/template.yaml:52");
orders!(a_table, "fixtures/orders/template.yaml:98");
orders!(a_variable_for_all, "fixtures/orders/template.yaml:20");
orders!(a_lambda, "fixtures/orders/template.yaml:189");
orders!(a_role, "fixtures/orders/template.yaml:131");
orders!(a_writer_of_an_index_key, "fixtures/orders/layers/shared/python/orders_shared/keys.py:20");
orders!(a_writer_of_a_time_to_live, "fixtures/orders/layers/shared/python/orders_shared/orders.py:36");
orders!(a_list_of_actions, "fixtures/orders/template.yaml:117");
orders!(nothing_there, "fixtures/orders/layers/shared/python/orders_shared/orders.py:3");
orders!(beyond_the_end, "fixtures/orders/layers/shared/python/orders_shared/orders.py:5000");
orders!(a_file_of_another_folder, "orders.py:4");
orders!(a_file_of_no_folder, "nowhere.py:4");
orders!(no_line, "fixtures/orders/template.yaml");
orders!(line_zero, "fixtures/orders/template.yaml:0");

#[test]
fn an_absolute_path_is_the_same_file() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let line = "fixtures/orders/template.yaml:52";
    let absolute = root.join(line);
    assert_eq!(of_orders(absolute.to_str().expect("the path is UTF-8")), of_orders(line));
}

#[test]
fn a_page_has_no_answers() {
    let arguments = ["fixtures/orders/template.yaml", "--why", "fixtures/orders/template.yaml:52", "--format", "html"];
    insta::assert_snapshot!(run(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments));
}

#[test]
fn answers_as_json() {
    let line = "fixtures/orders/layers/shared/python/orders_shared/orders.py:111";
    let arguments = ["fixtures/orders/template.yaml", "--why", line, "--format", "json"];
    insta::assert_snapshot!(run(Path::new(env!("CARGO_MANIFEST_DIR")), &arguments));
}

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Notes:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: author, AttributeType: S }
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
      GlobalSecondaryIndexes:
        - IndexName: by-author
          KeySchema: [{ AttributeName: author, KeyType: HASH }]
          Projection: { ProjectionType: ALL }
  Api:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      CodeUri: src/
      Handler: api.handler
      Environment:
        Variables:
          NOTES_TABLE: !Ref Notes
      Policies:
        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:Query
                - dynamodb:DeleteItem
              Resource: [!GetAtt Notes.Arn, !Sub '${Notes.Arn}/index/*']
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.12
      CodeUri: src/
      Handler: worker.handler
      Policies:
        - DynamoDBWritePolicy: { TableName: !Ref Notes }
";

/// The table's name: template, variable, settings, container, constructor, attribute. The index's: a module of constants,
/// and a helper's keyword arguments.
const FILES: &[(&str, &str)] = &[
    (
        "src/api.py",
        "from notes.container import Container\n\n\ndef handler(event, context):\n    container = Container()\n    \
         repository = container.notes()\n    return repository.of_author(event[\"author\"])\n",
    ),
    ("src/notes/__init__.py", ""),
    ("src/notes/constants.py", "AUTHOR_INDEX = \"by-author\"\n"),
    (
        "src/notes/settings.py",
        "import os\n\n\nclass Settings:\n    def __init__(self):\n        self.notes_table = os.environ[\"NOTES_TABLE\"]\n",
    ),
    (
        "src/notes/container.py",
        "from notes.repository import NoteRepository\nfrom notes.settings import Settings\n\n\nclass Container:\n    \
         def __init__(self):\n        self.settings = Settings()\n\n    def notes(self):\n        \
         return NoteRepository(self.settings.notes_table)\n",
    ),
    (
        "src/notes/repository.py",
        "import boto3\n\nfrom notes.constants import AUTHOR_INDEX\nfrom notes.paging import read_all\n\n\n\
         class NoteRepository:\n    def __init__(self, table_name):\n        \
         self._table = boto3.resource(\"dynamodb\").Table(table_name)\n\n    def of_author(self, author):\n        \
         arguments = {\n            \"IndexName\": AUTHOR_INDEX,\n            \
         \"KeyConditionExpression\": \"author = :author\",\n            \
         \"ExpressionAttributeValues\": {\":author\": author},\n        }\n        \
         return read_all(self._table, **arguments)\n",
    ),
    (
        "src/notes/paging.py",
        "def read_all(table, **arguments):\n    items = []\n    while True:\n        page = table.query(\n            \
         **arguments,\n        )\n        items += page[\"Items\"]\n        if \"LastEvaluatedKey\" not in page:\n            \
         return items\n        arguments[\"ExclusiveStartKey\"] = page[\"LastEvaluatedKey\"]\n",
    ),
    (
        "src/worker.py",
        "import importlib\n\n\ndef handler(event, context):\n    job = importlib.import_module(event[\"job\"])\n    \
         job.run(event)\n",
    ),
];

fn notes() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir_all(folder.path().join("src/notes")).expect("can create folders");
    for (name, text) in FILES.iter().copied().chain([("template.yaml", TEMPLATE)]) {
        fs::write(folder.path().join(name), text).expect("can write");
    }
    folder
}

macro_rules! notes {
    ($name:ident, $line:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(run(notes().path(), &["--why", $line]));
        }
    };
}

notes!(a_helper_that_is_given_its_table, "src/notes/paging.py:5");
notes!(a_used_right, "template.yaml:27");
notes!(a_right_that_nothing_uses, "template.yaml:28");
notes!(rights_of_code_that_cannot_be_followed, "template.yaml:37");
notes!(a_variable, "template.yaml:22");
notes!(a_blind_spot, "src/worker.py:5");

/// A template needn't be named twice.
#[test]
fn a_template_that_is_only_asked_about() {
    let folder = notes();
    fs::rename(folder.path().join("template.yaml"), folder.path().join("notes.yml")).expect("can rename");
    insta::assert_snapshot!(run(folder.path(), &["--why", "notes.yml:22"]));
    let python = run(folder.path(), &["--why", "src/worker.py:5"]);
    assert_eq!(
        python,
        "status: 2\n--- stdout\n--- stderr\n  × no template given, and none in the current folder\n  help: name one before \
         the line: ddb-audit path/to/template.yaml --why src/worker.py:5\n"
    );
}

/// A name that is put together in steps comes from the last one.
#[test]
fn a_name_that_grows() {
    let folder = notes();
    let script = "import boto3\n\ndynamodb = boto3.resource(\"dynamodb\")\nname = \"No\"\nsize = len(\"x\").bit_length()\n\
                  name += \"tes\"\ndynamodb.Table(name).scan()\n";
    fs::create_dir_all(folder.path().join("tools")).expect("can create folders");
    fs::write(folder.path().join("tools/load.py"), script).expect("can write");
    insta::assert_snapshot!(run(folder.path(), &["--why", "tools/load.py:7"]));
}

/// Each part of a transaction is on a table of its own.
#[test]
fn a_transaction() {
    let folder = notes();
    let script = "import boto3\n\nclient = boto3.client(\"dynamodb\")\nclient.transact_write_items(TransactItems=[\n    \
                  {\"Put\": {\"TableName\": \"Notes\", \"Item\": {\"pk\": {\"S\": \"n\"}}}},\n    \
                  {\"Delete\": {\"TableName\": \"Drafts\", \"Key\": {\"pk\": {\"S\": \"d\"}}}},\n])\n";
    let template = TEMPLATE.replace(
        "    Properties:\n      AttributeDefinitions:",
        "    Properties:\n      TableName: Notes\n      AttributeDefinitions:",
    );
    let drafts = "  Drafts:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: Drafts\n      \
                  AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]\n      \
                  KeySchema: [{ AttributeName: pk, KeyType: HASH }]\n";
    fs::create_dir_all(folder.path().join("tools")).expect("can create folders");
    fs::write(folder.path().join("template.yaml"), template + drafts).expect("can write");
    fs::write(folder.path().join("tools/publish.py"), script).expect("can write");
    insta::assert_snapshot!(run(folder.path(), &["--why", "tools/publish.py:4"]));
}
