//! Code that nothing reaches runs, if it ever does, in the environment of a Lambda that carries it.

use crate::harness::check;

#[test]
fn a_strangers_environment_says_nothing() {
    check(
        r#"
import os, boto3

def handler(event, context):
    return boto3.resource("dynamodb").Table(os.environ["ITEMS"]).get_item(Key={"id": "1"})  # => GetItem Audit @Checks
=== people/app.py
def handler(event, context):
    return event
=== people/old.py
import os, boto3
table = boto3.resource("dynamodb").Table(os.environ["ITEMS"])
other = boto3.resource("dynamodb").Table(os.environ["PEOPLE"])

def find(key):
    table.get_item(Key=key)  # => GetItem ? latent
    other.get_item(Key=key)  # => GetItem Orders latent
=== template.yaml
  Checks:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ITEMS: !Ref Audit } }
  People:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: people/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { PEOPLE: !Ref Orders } }
"#,
    );
}
