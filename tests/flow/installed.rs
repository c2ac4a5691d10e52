//! Packages that an installer put beside the handlers: no code of the project's, and no wall either.

use crate::harness::{accesses, audited, by_line, cases, notes};

cases! {
    a_copy_of_boto3_is_boto3 r#"
import os
import boto3
from boto3.dynamodb.conditions import Key

orders = boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"])

def handler(event, context):
    orders.put_item(Item=event)  # => PutItem Orders @Api
    return orders.query(KeyConditionExpression=Key("pk").eq(event["pk"]))  # => Query Orders cursor @Api
=== src/boto3/__init__.py
from boto3.session import Session

def resource(*args, **kwargs):
    return Session().resource(*args, **kwargs)
=== src/boto3/session.py
class Session:
    def resource(self, name):
        return self.table.scan()
"#

    a_known_library_is_not_followed_and_calls_back r#"
from db import orders
import tenacity

@tenacity.retry(stop=tenacity.stop_after_attempt(3))
def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

def handler(event, context):
    save(event)
=== src/tenacity/__init__.py
def stop_after_attempt(number):
    return number

def retry(stop):
    def decorate(function):
        return None
    return decorate
=== src/tenacity-9.0.0.dist-info/RECORD
tenacity/__init__.py,sha256=x,100
"#

    a_package_of_ones_own_is_followed_to_the_table r#"
import os
import acme_store

def handler(event, context):
    acme_store.Store(os.environ["ORDERS_TABLE"]).save(event)
=== src/acme_store/__init__.py
import boto3

class Store:
    def __init__(self, name):
        self.table = boto3.resource("dynamodb").Table(name)

    def save(self, item):
        self.table.put_item(Item=item)  # => PutItem Orders @Api

    def everything(self):
        return self.table.scan()["Items"]

if __name__ == "__main__":
    Store("app-dev-orders").everything()
=== src/acme_store-2.0.dist-info/RECORD
acme_store/__init__.py,sha256=x,100
"#

    a_package_without_dynamodb_is_as_any_library r#"
from db import orders
import acme_flow

def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

def handler(event, context):
    acme_flow.run(event, save)
=== src/acme_flow/__init__.py
class Query:
    def run(self, text):
        return self.connection.query(text)

def run(event, step):
    return None
=== src/acme_flow-1.0.dist-info/RECORD
acme_flow/__init__.py,sha256=x,100
"#

    an_egg_without_a_list_is_the_projects_own r#"
import acme_store

def handler(event, context):
    acme_store.save(event)
=== src/acme_store/__init__.py
from db import orders

def save(item):
    orders.put_item(Item=item)  # => PutItem Orders @Api

def unused():
    return orders.scan()["Items"]  # => Scan Orders missing latent
=== src/acme_store.egg-info/top_level.txt
acme_store
"#
}

/// What installed code does counts, and nothing is said of the code itself; nor is there anything that can't be followed.
#[test]
fn findings_are_about_the_projects_own_code() {
    let project = r#"
import os
import acme_store

store = acme_store.Store(os.environ["ORDERS_TABLE"])

def handler(event, context):
    return len(store.everything()), len(store.table.scan()["Items"])  # !! missing-pagination
=== src/acme_store/__init__.py
import boto3

class Store:
    def __init__(self, name):
        self.table = boto3.resource("dynamodb").Table(name)

    def everything(self):
        return self.table.scan()["Items"]
=== src/acme_store-2.0.dist-info/RECORD
acme_store/__init__.py,sha256=x,100
"#;
    let (found, spots) = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        let of_code = findings.iter().filter(|finding| audit.place(finding.span).0.starts_with("src/"));
        let found = by_line(of_code.map(|finding| (audit.place(finding.span), finding.rule.to_owned())));
        (found, audit.facts.blind_spots.len())
    });
    assert_eq!((found, spots), (notes(project, "# !! "), 0), "found (left), wanted (right)");
}

#[test]
fn what_a_build_has_copied_is_found_once_and_in_its_source() {
    let code = "import os
import boto3

table = boto3.resource('dynamodb').Table(os.environ['ORDERS_TABLE'])

def handler(event, context):
    return table.scan()['Items']

def unused():
    table.delete_item(Key={})
";
    let project = format!(
        "=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: cdk.out/asset.0f
      Handler: app.handler
      Runtime: python3.13
      Environment: {{ Variables: {{ ORDERS_TABLE: !Ref Orders }} }}
=== lambda/app.py
{code}=== cdk.out/asset.0f/app.py
{code}"
    );
    let found = accesses(&project);
    assert_eq!(found, "lambda/app.py:7 Scan Orders missing @Api\nlambda/app.py:10 DeleteItem Orders latent\n");
}

/// A layer that is declared elsewhere may be this folder, or another: what it does isn't certain.
#[test]
fn a_folder_that_is_taken_for_a_layer() {
    let project = r#"
from shelf import save

def handler(event, context):
    save(event)
=== lib/python/shelf.py
import os
import boto3

def save(item):
    boto3.resource("dynamodb").Table(os.environ["ORDERS_TABLE"]).put_item(Item=item)
=== template.yaml
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Layers: ["{{resolve:ssm:/layers/shelf}}"]
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders } }
      Policies:
        - DynamoDBReadPolicy: { TableName: !Ref Orders }
"#;
    let said = |project: &str| {
        audited(project, |audit| {
            let findings = ddb_audit::rules::run(&audit.facts).into_iter().filter(|f| f.rule.starts_with("iam-"));
            let findings = findings.map(|f| format!("{} {}", f.rule, f.confidence.as_str()));
            let spots = audit.facts.blind_spots.iter().filter(|spot| spot.taken.is_some());
            findings.chain(spots.map(|spot| audit.relative(&spot.reason))).collect::<Vec<_>>()
        })
    };
    assert_eq!(
        said(project),
        [
            "iam-missing-action likely",
            "iam-over-grant likely",
            "`lib/python` is taken for a layer that isn't declared here; what rests on it is likely at most"
        ]
    );
    let declared = project.replace("[\"{{resolve:ssm:/layers/shelf}}\"]", "[!Ref Shelf]")
        + "  Shelf:\n    Type: AWS::Serverless::LayerVersion\n    Properties: { ContentUri: lib }\n";
    assert_eq!(said(&declared), ["iam-missing-action certain", "iam-over-grant certain"]);
}
