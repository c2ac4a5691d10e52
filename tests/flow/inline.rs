//! Programs that stand in the template itself.

use crate::harness::{accesses, audited, by_line, whole};

/// As [`crate::harness::check`], for comments in the template.
fn check(project: &str) {
    let mut notes = Vec::new();
    for (name, text) in whole(project) {
        for (number, line) in (1..).zip(text.lines()) {
            notes.extend(line.split_once("# => ").map(|(_, note)| ((name.clone(), number), note.trim().to_owned())));
        }
    }
    assert_eq!(accesses(project), by_line(notes), "found (left), wanted (right)");
}

fn spots(project: &str) -> Vec<String> {
    let is_code = |reason: &&String| !reason.starts_with("the role of");
    audited(project, |audit| audit.facts.blind_spots.iter().map(|spot| &spot.reason).filter(is_code).cloned().collect())
}

#[test]
fn a_block_of_lines_is_a_program() {
    let project = r"=== template.yaml
  Save:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Environment: { Variables: { TABLE: !Ref Orders } }
      Code:
        ZipFile: |
          import os

          import boto3
          import cfnresponse

          def save(item):
              table.put_item(Item=item)  # => PutItem Orders @Save

          def never():
              table.scan()  # => Scan Orders unknown latent

          table = boto3.resource('dynamodb').Table(os.environ['TABLE'])

          def handler(event, context):
              save(event['item'])
              cfnresponse.send(event, context, cfnresponse.SUCCESS, {})
  Find:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Environment: { Variables: { TABLE: !Ref Audit } }
      InlineCode: |-
        import os, boto3
        def handler(event, context):
          table = boto3.resource('dynamodb').Table(os.environ['TABLE'])
          return table.get_item(Key={'id': event['id']})  # => GetItem Audit @Find
";
    check(project);
    assert_eq!(spots(project), Vec::<String>::new());
}

#[test]
fn what_sub_puts_into_a_program_names_tables() {
    let project = r#"=== template.yaml
  Save:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: !Sub |
          import boto3
          dynamodb = boto3.resource("dynamodb")

          def handler(event, context):
              dynamodb.Table("${Orders}").put_item(Item=event)  # => PutItem Orders @Save
              dynamodb.Table("app-${Stage}-orders").get_item(Key=event)  # => GetItem Orders @Save
              dynamodb.Table("${Stage}").get_item(Key=event)  # => GetItem ? @Save
  Drop:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile:
          Fn::Sub:
            - |
              import boto3

              def handler(event, context):
                  boto3.client("dynamodb").delete_item(TableName="${Audit}", Key=event)  # => DeleteItem Audit @Drop
            - { Name: x }
"#;
    check(project);
}

#[test]
fn what_has_no_lines_of_its_own_is_not_read() {
    let project = r#"=== template.yaml
  Save:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code: { ZipFile: "import boto3\ndef handler(event, context):\n  boto3.client('dynamodb').scan(TableName='x')" }
  Other:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Code:
        ZipFile: |
          exports.handler = async () => {}
  Lost:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      Code:
        ZipFile: |
          def handler(event, context):
              pass
"#;
    check(project);
    assert_eq!(
        spots(project),
        [
            "Save: its inline code isn't read, as it isn't written as a block of lines",
            "Other: its code is for nodejs22.x, and only Python is read",
            "Lost: no Python file was found for the handler `app.handler`",
        ]
    );
}

#[test]
fn what_sub_puts_outside_of_text_is_a_value() {
    let project = r#"=== template.yaml
  Save:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: !Sub |
          import boto3
          DAYS = ${Days}
          dynamodb = boto3.resource("dynamodb")  # isn't ${Orders}
          def handler(event, context):
              for number in range(${Days}):
                  dynamodb.Table("${Orders}").put_item(Item={"days": DAYS})  # => PutItem Orders @Save
              dynamodb.Table(f"app-${Stage}-orders").get_item(Key=event)  # => GetItem Orders @Save
  Find:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Code:
        ZipFile: |
          import boto3
          def handler(event, context):
              price = 3
              print(f"${price}")
              boto3.resource("dynamodb").Table("app-dev-orders").get_item(Key=event)  # => GetItem Orders @Find
"#;
    check(project);
    assert_eq!(audited(project, |audit| audit.syntax_errors), 0);
    assert_eq!(spots(project), Vec::<String>::new());
}

#[test]
fn what_may_be_another_language_counts_if_python_accepts_it() {
    let function = |id: &str, runtime: &str, code: &str| {
        let lines = format!("          {}\n", code.trim_end().replace('\n', "\n          "));
        format!(
            "  {id}:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: {runtime}
      Handler: index.handler
      Code:
        ZipFile: |
{lines}"
        )
    };
    let javascript = "const aws = require('aws-sdk');\nexports.handler = async (event) => { return 1 };\n";
    let python = "import boto3\n\ndef handler(event, context):\n    boto3.client('dynamodb').scan(TableName='${t}')\n";
    let project = ["!Ref Stage", "!FindInMap [Runtimes, !Ref Stage, Name]"].map(|runtime| {
        let python = function("Py", runtime, &python.replace("${t}", "app-dev-orders"));
        let python = python.replace("')\n", "')  # => Scan Orders unknown @Py\n");
        format!("=== template.yaml\n{}{python}", function("Js", runtime, javascript))
    });
    for project in project {
        check(&project);
        let reason = "Js: its inline code isn't read, as its runtime isn't known, and it is no Python";
        assert_eq!(spots(&project), ["Js may use Audit where its code can't be followed", reason]);
        assert_eq!(audited(&project, |audit| audit.syntax_errors), 0);
    }
}
