//! Code that the template doesn't point at: uploaded to a bucket, or built into an image.

use crate::harness::{audited, cases, check};

/// A Lambda for each `(name, properties)`, with what follows.
macro_rules! lambda {
    ($name:literal, $properties:literal) => {
        concat!(
            "  ",
            $name,
            ":\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.13\n      ",
            "Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }\n      ",
            $properties,
            "\n"
        )
    };
}

const SAVE: &str = "
import os
import boto3

def handler(event, context):
    table = boto3.resource('dynamodb').Table(os.environ['ORDERS_TABLE'])
";

/// A project of these Lambdas and files; each file saves an order.
fn project(lambdas: &[&str], files: &[(&str, &str)]) -> String {
    let file = |(path, note): &(&str, &str)| format!("=== {path}{SAVE}    table.put_item(Item=event){note}\n");
    format!("=== template.yaml\n{}{}", lambdas.concat(), files.iter().map(file).collect::<String>())
}

fn spots(project: &str) -> Vec<(String, Vec<&'static str>)> {
    audited(project, |audit| audit.facts.blind_spots.iter().map(|s| (said(&s.reason), s.withholds.clone())).collect())
}

/// A message without the folder in which the test happens to run.
fn said(reason: &str) -> String {
    let below = |word: &str| word.find("/source/").map_or_else(|| word.to_owned(), |at| word[at + 1..].to_owned());
    reason.split('`').map(below).collect::<Vec<_>>().join("`")
}

#[test]
fn the_one_file_that_fits_the_handler_is_taken() {
    let uploaded =
        lambda!("Api", "Handler: save_order.handler\n      CodeUri: { Bucket: b, Key: !Sub '${AWS::Region}/x.zip' }");
    let files = [
        ("source/orders/save_order.py", "  # => PutItem Orders @Api"),
        ("source/orders/tests/save_order.py", ""),
        ("source/orders/not_save_order.py", "  # => PutItem Orders latent"),
    ];
    let project = project(&[uploaded], &files);
    check(&project);
    let assumption = "Api: its code isn't beside the template; `source/orders/save_order.py` is taken for it, as no other \
                      file has its handler `save_order.handler`";
    assert_eq!(spots(&project), [(assumption.to_owned(), vec!["env-not-set"])]);
}

/// What rests on code that is found by a name is likely at most, and says by what it was found.
#[test]
fn what_is_claimed_of_assumed_code_is_likely() {
    let policies = "\n      Policies: [{ DynamoDBCrudPolicy: { TableName: !Ref Orders } }]\n";
    let read = "import os\nimport boto3\norders = boto3.resource('dynamodb').Table(os.environ['ORDERS_TABLE'])\ndef handler(event, context):\n    \
                return [o for o in orders.query(KeyConditionExpression='pk = :p')['Items']]\n";
    let with = |read: &str, code: &str| {
        let lambda = lambda!("Api", "Handler: app.handler\n      CodeUri: CODE").replace("CODE", code) + policies;
        audited(&format!("=== template.yaml\n{lambda}=== source/app.py\n{read}"), |audit| {
            let findings = ddb_audit::rules::run(&audit.facts);
            let ours = ["iam-broader-template", "missing-pagination", "n-plus-one-get"];
            let ours = findings.into_iter().filter(|finding| ours.contains(&finding.rule));
            let end = |message: &str| said(message.rsplit_once(". ").map_or(message, |(_, last)| last));
            ours.map(|f| format!("{} {}: {}", f.confidence.as_str(), f.rule, end(&f.message))).collect::<Vec<_>>()
        })
    };
    let found = |code: &str| with(read, code);
    let how = "The code of Api isn't where the template says: `source/app.py` is taken for it, by its handler's name.";
    assert_eq!(
        found("s3://bucket/code.zip"),
        [format!("likely missing-pagination: {how}"), format!("likely iam-broader-template: {how}")]
    );
    let one_by_one = read
        .replace("orders.query(KeyConditionExpression='pk = :p')['Items']", "event['keys'] if orders.get_item(Key=o)");
    assert_eq!(with(&one_by_one, "s3://bucket/code.zip")[0], format!("likely n-plus-one-get: {how}"));
    let used = "BatchGetItem, BatchWriteItem, ConditionCheckItem, DeleteItem, DescribeTable, GetItem, PutItem, Scan and UpdateItem";
    assert_eq!(
        found("source/"),
        [
            "certain missing-pagination: Reached from Api.".to_owned(),
            format!("certain iam-broader-template: Nothing uses {used}.")
        ]
    );
}

#[test]
fn of_several_files_the_archive_may_tell() {
    let lambdas = [
        lambda!("Api", "Handler: index.handler\n      CodeUri: s3://b/v1/save-order.zip"),
        lambda!("Other", "Handler: index.handler\n      CodeUri: { Bucket: b, Key: all.zip }"),
    ];
    let files = [
        ("source/save_order/index.py", "  # => PutItem Orders @Api"),
        ("source/drop_order/index.py", "  # => PutItem Orders @source/drop_order/index.py"),
    ];
    let project = project(&lambdas, &files);
    let [first, second] = spots(&project).try_into().expect("two blind spots");
    let taken = "Api: its code isn't beside the template; `source/save_order/index.py` is taken for it, as only its folder is \
                 called as the archive is";
    assert_eq!(first, (taken.to_owned(), vec!["env-not-set"]));
    let reason = "Other: its code isn't beside the template, and several files have its handler `index.handler`: \
                  `source/drop_order/index.py`, `source/save_order/index.py`";
    assert_eq!(second, (reason.to_owned(), vec!["iam-over-grant", "iam-missing-action", "unused-gsi"]));
}

#[test]
fn of_several_files_the_one_in_a_folder_called_almost_as_the_archive_is_taken() {
    let lambdas = [
        lambda!("Api", "Handler: index.handler\n      CodeUri: s3://b/v1/save-order.zip"),
        lambda!("Other", "Handler: index.handler\n      CodeUri: s3://b/v1/dropOrderLambda-1.zip"),
        lambda!("Any", "Handler: index.handler\n      CodeUri: s3://b/v1/lambda.zip"),
    ];
    let files = [
        ("source/save_order_handler/index.py", "  # => PutItem Orders @Api"),
        ("source/drop_order/index.py", "  # => PutItem Orders @Other"),
        ("source/lambda_edge/index.py", "  # => PutItem Orders latent"),
    ];
    let project = project(&lambdas, &files);
    check(&project);
    let reasons: Vec<String> = spots(&project).into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(
        reasons,
        [
            "Api: its code isn't beside the template; `source/save_order_handler/index.py` is taken for it, as only its \
             folder is called as the archive is",
            "Other: its code isn't beside the template; `source/drop_order/index.py` is taken for it, as only its folder \
             is called as the archive is",
            "Any: its code isn't beside the template, and several files have its handler `index.handler`: \
             `source/drop_order/index.py`, `source/lambda_edge/index.py`, `source/save_order_handler/index.py`",
        ]
    );
}

#[test]
fn code_may_be_a_single_file() {
    let lambdas = [
        lambda!("Api", "Handler: save-order.handler\n      CodeUri: source/save-order.py"),
        lambda!("Lost", "Handler: save-order.handler\n      CodeUri: source/other.py"),
    ];
    let project = project(&lambdas, &[("source/save-order.py", "  # => PutItem Orders @Api @Lost")]);
    check(&project);
    let reason = "Lost: no Python file was found in its code, `source/other.py`; `source/save-order.py` is taken for it, as \
                  no other file has its handler `save-order.handler`";
    assert_eq!(spots(&project), [(reason.to_owned(), vec!["env-not-set"])]);
}

#[test]
fn of_several_files_the_one_beside_the_other_handlers_is_taken() {
    let lambdas = [
        lambda!("Api", "Handler: orders.handler\n      CodeUri: ./out"),
        lambda!("Other", "Handler: returns.handler\n      CodeUri: ./out"),
        lambda!("Alone", "Handler: orders.handler\n      CodeUri: ./lost"),
    ];
    let files = [
        ("source/orders.py", "  # => PutItem Orders @Api"),
        ("source/returns.py", "  # => PutItem Orders @Other"),
        ("source/checks/orders.py", "  # => PutItem Orders latent"),
    ];
    let project = project(&lambdas, &files);
    check(&project);
    let reasons: Vec<String> = spots(&project).into_iter().map(|(reason, _)| reason).collect();
    assert_eq!(
        reasons,
        [
            "Api: no Python file was found in its code, `./out`; `source/orders.py` is taken for it, as the other handlers \
             of the same code are found beside it",
            "Other: no Python file was found in its code, `./out`; `source/returns.py` is taken for it, as no other file \
             has its handler `returns.handler`",
            "Alone: no Python file was found in its code, `./lost`, and several files have its handler `orders.handler`: \
             `source/checks/orders.py`, `source/orders.py`",
        ]
    );
}

cases! {
    an_image_built_beside_the_template r#"
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
    Metadata: { Dockerfile: api.Dockerfile, DockerContext: ./service }
  Commanded:
    Type: AWS::Serverless::Function
    Properties:
      PackageType: Image
      ImageConfig: { Command: [other.handler] }
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
    Metadata: { Dockerfile: api.Dockerfile, DockerContext: ./service }
=== service/api.Dockerfile
FROM public.ecr.aws/lambda/python:3.13
COPY lib/ app/ ${LAMBDA_TASK_ROOT}/
CMD ["api.main.handler"]
=== service/app/api/main.py
import store

def handler(event, context):
    store.save(event)
=== service/app/other.py
import store

def handler(event, context):
    return store.find(event)
=== service/lib/store.py
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

def save(item):
    table.put_item(Item=item)  # => PutItem Orders @Api

def find(key):
    return table.get_item(Key=key)  # => GetItem Orders @Commanded
"#

    tests_are_no_code_of_the_projects r#"
from db import orders

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders @Api
=== src/test_app.py
from db import orders
orders.scan()
=== src/app_test.py
from db import orders
orders.scan()
=== src/conftest.py
from db import orders
orders.scan()
=== tests/unit/setup.py
from db import orders
orders.scan()
=== contest.py
import boto3
boto3.resource("dynamodb").Table("app-dev-orders").scan()  # => Scan Orders unknown @contest.py
"#

    the_folder_of_a_lambda_may_be_called_test r#"
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: ./test
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
=== test/app.py
import os
import boto3

table = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

def handler(event, context):
    table.put_item(Item=event)  # => PutItem Orders @Api

def unused():
    table.delete_item(Key={})  # => DeleteItem Orders latent
"#
}
