//! Policies that are left as they are: the finding is there, in words, and no edit goes with it.

use crate::harness::{audited, audited_files};
use crate::policies::{granting, narrowed, project};
use ddb_audit::rules;

/// What is found about rights (`- ORDERS` and `- AUDIT` are policies with what the code uses and no more), if no edit of any kind goes with it.
fn unedited(functions: &str) -> Vec<&'static str> {
    let exact = [
        ("ORDERS", "[dynamodb:GetItem, dynamodb:Query]", "[!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']"),
        ("AUDIT", "dynamodb:PutItem", "!GetAtt Audit.Arn"),
    ];
    let functions = exact.iter().fold(functions.to_owned(), |text, (mark, action, resource)| {
        let policy = format!("- Statement: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]\n");
        text.replace(&format!("- {mark}\n"), &policy)
    });
    let mut files = project(&functions);
    files.push((
        "src/plugins.py".to_owned(),
        "import importlib, boto3\ndef handler(event, context):\n    importlib.import_module(event['p']).run(boto3)\n"
            .to_owned(),
    ));
    files.push((
        "src/archive.py".to_owned(),
        "import boto3\ndef handler(event, context):\n    boto3.resource('dynamodb').Table('elsewhere').put_item(Item={'id': 1})\n"
            .to_owned(),
    ));
    audited_files(&files, |audit| {
        assert_eq!([narrowed(audit), granting(audit)].concat(), [], "{functions}");
        let mut found = rules::run(&audit.facts);
        found.retain(|finding| finding.rule.starts_with("iam-"));
        for finding in &found {
            let lines = ["become", "delete line", "Add after"].iter().any(|words| finding.help.contains(words));
            assert!(!lines, "{functions}: {}", finding.help);
        }
        found.iter().map(|finding| finding.rule).collect()
    })
}

/// Where somebody's use of the lines isn't known, they are left alone.
#[test]
fn no_edit_without_certainty() {
    let unknown_user = "
      Role: !GetAtt Role.Arn
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns: [!Ref Shared]
  Server:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {}
      ManagedPolicyArns: [!Ref Shared]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [dynamodb:GetItem, dynamodb:DeleteItem]
            Resource: !GetAtt Orders.Arn
";
    let branch = "
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, !If [Wide, dynamodb:DeleteItem, !Ref AWS::NoValue]]
              Resource: !GetAtt Orders.Arn
";
    let hidden = "
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
        - AUDIT
  Plugins:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: plugins.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Role: !GetAtt ApiRole.Arn
";
    let external = "
      Policies:
        - Statement:
            - Effect: Allow
              Action: [dynamodb:GetItem, dynamodb:Query, dynamodb:PutItem, dynamodb:DeleteItem]
              Resource: '*'
        - DynamoDBWritePolicy: { TableName: elsewhere }
  Archive:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: archive.handler
      Runtime: python3.13
      Role: !GetAtt ApiRole.Arn
";
    let stream = "
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:*
              Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/*', !GetAtt Audit.Arn]
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Api
      EventSourceArn: !GetAtt Orders.StreamArn
";
    let services = "
      Policies:
        - Statement:
            - Effect: Allow
              Action: '*'
              Resource: '*'
";
    let anchor = "
      Policies:
        - Statement:
            - Effect: Allow
              Action: &actions
                - dynamodb:GetItem
                - dynamodb:Query
                - dynamodb:PutItem
              Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']
            - Effect: Allow
              Action: *actions
              Resource: !GetAtt Audit.Arn
";
    for (functions, rules) in [
        (anchor, &["iam-over-grant", "iam-over-grant"][..]),
        (unknown_user, &["iam-missing-action", "iam-missing-action", "iam-over-grant"]),
        (branch, &["iam-missing-action", "iam-missing-action", "iam-over-grant"]),
        (hidden, &[]),
        (external, &["iam-wildcard"]),
        (stream, &["iam-wildcard"]),
        (services, &["iam-wildcard"]),
    ] {
        assert_eq!(unedited(functions), rules, "{functions}");
    }
}

const CASES: [(&str, &str, &[&str]); 8] = [
    (
        "a statement, block style",
        "
      Policies:
        - ORDERS
        - Statement:
            - Fn::If:
                - Wide
                - Effect: Allow
                  Action:
                    - dynamodb:GetItem
                    - dynamodb:DeleteItem
                  Resource: !GetAtt Orders.Arn
                - !Ref AWS::NoValue
            - Effect: Allow
              Action: dynamodb:PutItem
              Resource: !GetAtt Audit.Arn
", &["iam-over-grant"]
    ),
    (
        "an unused statement, block style",
        "
      Policies:
        - ORDERS
        - Statement:
            - Fn::If:
                - Wide
                - Effect: Allow
                  Action: dynamodb:DeleteItem
                  Resource: !GetAtt Orders.Arn
                - !Ref AWS::NoValue
            - Effect: Allow
              Action: dynamodb:PutItem
              Resource: !GetAtt Audit.Arn
", &["iam-over-grant"]
    ),
    (
        "an unused statement, short tag in block style",
        "
      Policies:
        - ORDERS
        - Statement:
            - !If
              - Wide
              - Effect: Allow
                Action: dynamodb:DeleteItem
                Resource: !GetAtt Orders.Arn
              - !Ref AWS::NoValue
            - Effect: Allow
              Action: dynamodb:PutItem
              Resource: !GetAtt Audit.Arn
", &["iam-over-grant"]
    ),
    (
        "a statement, flow style",
        "
      Policies:
        - ORDERS
        - Statement:
            - !If [Wide, {Effect: Allow, Action: [dynamodb:GetItem, dynamodb:DeleteItem], Resource: !GetAtt Orders.Arn}, !Ref AWS::NoValue]
            - Effect: Allow
              Action: dynamodb:PutItem
              Resource: !GetAtt Audit.Arn
", &["iam-over-grant"]
    ),
    (
        "a policy template, block style",
        "
      Policies:
        - Fn::If:
            - Wide
            - DynamoDBCrudPolicy:
                TableName: !Ref Orders
            - DynamoDBReadPolicy:
                TableName: !Ref Orders
        - AUDIT
", &["iam-broader-template", "iam-over-grant"]
    ),
    (
        "a policy template, flow style",
        "
      Policies:
        - !If [Wide, {DynamoDBCrudPolicy: {TableName: !Ref Orders}}, {DynamoDBReadPolicy: {TableName: !Ref Orders}}]
        - Fn::If: [Wide, {DynamoDBWritePolicy: {TableName: !Ref Audit}}, !Ref AWS::NoValue]
", &["iam-broader-template", "iam-over-grant", "iam-over-grant"]
    ),
    (
        "a policy template that nothing uses",
        "
      Policies:
        - Fn::If:
            - Wide
            - DynamoDBStreamReadPolicy:
                TableName: !Ref Orders
                StreamName: x
            - DynamoDBWritePolicy:
                TableName: !Ref Orders
        - ORDERS
        - AUDIT
", &["iam-over-grant"]
    ),
    (
        "a whole list of statements",
        "
      Policies:
        - ORDERS
        - Statement:
            Fn::If:
              - Wide
              - - Effect: Allow
                  Action: [dynamodb:GetItem, dynamodb:DeleteItem]
                  Resource: !GetAtt Orders.Arn
                - Effect: Allow
                  Action: dynamodb:UpdateItem
                  Resource: !GetAtt Orders.Arn
              - - Effect: Allow
                  Action: dynamodb:PutItem
                  Resource: !GetAtt Audit.Arn
", &["iam-over-grant", "iam-over-grant"]
    ),
];

/// Comments between the entries of what changes would be lost, or say something of another entry.
const COMMENTS: [(&str, &str, &[&str]); 3] = [
    (
        "between the items of a list",
        "
      Policies:
        - ORDERS
        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:PutItem # the trail
                # Nobody does yet.
                - dynamodb:DeleteItem
              Resource: !GetAtt Audit.Arn
",
        &["iam-over-grant"],
    ),
    (
        "behind the last one",
        "
      Policies:
        - ORDERS
        - Statement:
            - Effect: Allow
              Action:
                - dynamodb:PutItem
                - dynamodb:DeleteItem # nobody does yet
              Resource: !GetAtt Audit.Arn
",
        &["iam-over-grant"],
    ),
    (
        "in a policy template",
        "
      Policies:
        - ORDERS
        - DynamoDBCrudPolicy:
            # The trail.
            TableName: !Ref Audit
",
        &["iam-broader-template"],
    ),
];

#[test]
fn no_edit_that_loses_a_comment() {
    for (name, functions, rules) in COMMENTS {
        assert_eq!(unedited(functions), rules, "{name}");
    }
}

/// `Fn::If` counts its arguments, and what it holds may not apply.
#[test]
fn no_edit_inside_an_intrinsic() {
    for (name, functions, rules) in CASES {
        assert_eq!(unedited(functions), rules, "{name}");
    }
}

/// Where no edit is shown, what goes is said in the statement's own words.
#[test]
fn entries_are_named_as_they_stand() {
    let help = |statement: &str| {
        let all = "[!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']";
        let condition = "Condition: {Bool: {'aws:SecureTransport': true}}";
        let policies = format!(
            "\n      Policies:\n        - Statement:\n            - {{Effect: Allow, {statement}, Resource: {all}, {condition}}}\n"
        );
        audited_files(&project(&policies), |audit| {
            let found = rules::run(&audit.facts);
            let ours = found.into_iter().filter(|finding| finding.rule == "iam-over-grant");
            ours.map(|finding| finding.help).collect::<Vec<_>>()
        })
    };
    assert_eq!(
        help("Action: [dynamodb:Query, 'dynamodb:*Item', 'dynamodb:Describe*', dynamodb:Scan]"),
        [
            "Remove from the statement: Scan on Orders. In place of `dynamodb:*Item`, write GetItem. Remove `dynamodb:Describe*`. No lines \
             are shown, for a condition decides on it."
        ]
    );
    assert_eq!(
        help("NotAction: 'dynamodb:Delete*'"),
        ["In place of `NotAction`, which allows all but its list, write `Action` with GetItem and Query. No lines \
             are shown, for a condition decides on it."]
    );
}

/// What `*Item` stands for on a table whose use isn't known isn't spelled out: that would be all of it.
#[test]
fn a_wildcard_for_two_tables_of_which_one_may_be_used() {
    let project = r##"
from db import orders
import unheard_of

def handler(event, context):
    orders.update_item(Key={"pk": "A", "sk": "B"}, UpdateExpression="SET a = :a", ExpressionAttributeValues={":a": 1})
=== src/requirements.txt
unheard-of
=== template.yaml
  Keep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: { Variables: { ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit } }
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:*Item
              Resource: [!GetAtt Orders.Arn, !GetAtt Audit.Arn]
"##;
    let said = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts).into_iter();
        findings.filter(|finding| finding.rule == "iam-over-grant").map(|finding| finding.help).collect::<Vec<_>>()
    });
    let wanted = "Leave `dynamodb:*Item` to Audit, of which it can't be told what is used, and give UpdateItem on Orders a statement of its \
                  own.";
    assert_eq!(said, [wanted]);
}
