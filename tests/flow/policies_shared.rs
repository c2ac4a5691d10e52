//! Lines of a policy that serve several roles: one finding for them all, and one edit.

use crate::harness::audited_files;
use crate::policies::project;
use ddb_audit::rules;

/// Two Lambdas, each under a role of its own, and a policy of both with these statements; the first may do the rest elsewhere.
fn shared(statements: &str) -> Vec<(String, String)> {
    project(&format!(
        "
      Role: !GetAtt ApiRole.Arn
  Reader:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.reader
      Runtime: python3.13
      Environment: {{ Variables: {{ ORDERS_TABLE: !Ref Orders, AUDIT_TABLE: !Ref Audit }} }}
      Role: !GetAtt ReaderRole.Arn
  ApiRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      ManagedPolicyArns: [!Ref Shared]
      Policies:
        - PolicyName: audit
          PolicyDocument:
            Statement: [{{Effect: Allow, Action: dynamodb:PutItem, Resource: !GetAtt Audit.Arn}}]
  ReaderRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      ManagedPolicyArns: [!Ref Shared]
  Shared:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
{statements}"
    ))
}

/// What `iam-over-grant` says of them: severity, title, the sentence on what isn't used, and the fix.
fn found(statements: &str) -> Vec<[String; 3]> {
    audited_files(&shared(statements), |audit| {
        let findings = rules::run(&audit.facts);
        let ours = findings.iter().filter(|finding| finding.rule == "iam-over-grant");
        ours.map(|f| [format!("{}: {}", f.severity.as_str(), f.title), f.message.clone(), f.help.clone()]).collect()
    })
}

const ORDERS: &str = "            Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']\n";

#[test]
fn what_no_role_uses_goes_at_once() {
    let statement = format!(
        "          - Effect: Allow\n            Action: [dynamodb:GetItem, dynamodb:Query, dynamodb:DeleteItem]\n{ORDERS}"
    );
    assert_eq!(
        found(&statement),
        [[
            "medium: ApiRole and ReaderRole allow more than their code uses: DeleteItem on Orders".to_owned(),
            "Every DynamoDB call of Api and Reader that could use them is resolved, and none does. Rights to change or delete \
             that nobody needs are what a fault or a stolen credential uses."
                .to_owned(),
            "Remove from the statement: DeleteItem on Orders. More goes only by policies of their own: ReaderRole without \
             Query on Orders; Query on the indexes of Orders.\nLines 69–71 become:\n    - Effect: Allow\n      Action: \
             [dynamodb:GetItem, dynamodb:Query]\n      Resource: [!GetAtt Orders.Arn, !Sub '${Orders.Arn}/index/*']"
                .to_owned(),
        ]]
    );
}

#[test]
fn a_statement_that_no_role_uses_goes_whole() {
    let both = format!(
        "          - Effect: Allow\n            Action: [dynamodb:GetItem, dynamodb:Query]\n{ORDERS}          \
         - {{Effect: Allow, Action: dynamodb:Scan, Resource: !GetAtt Audit.Arn}}\n"
    );
    assert_eq!(
        found(&both)[0],
        [
            "medium: ApiRole and ReaderRole: a statement for Audit that nothing uses".to_owned(),
            "Every DynamoDB call of Api and Reader that could use them is resolved, and none needs Scan on Audit. Rights \
             that nobody needs serve only whoever gets hold of the credentials."
                .to_owned(),
            "Remove the statement: delete line 72.".to_owned(),
        ]
    );
}

#[test]
fn what_one_role_uses_stays_for_all() {
    let statement =
        format!("          - Effect: Allow\n            Action: [dynamodb:GetItem, dynamodb:Query]\n{ORDERS}");
    assert_eq!(
        found(&statement),
        [[
            "low: ApiRole and ReaderRole share a statement for Orders that gives them more than their code uses".to_owned(),
            "Every DynamoDB call of Api and Reader that could use them is resolved, and ReaderRole doesn't use Query on \
             Orders; Query on the indexes of Orders. Rights that nobody needs serve only whoever gets hold of the credentials."
                .to_owned(),
            "Give policies of their own: ReaderRole without Query on Orders; Query on the indexes of Orders.".to_owned(),
        ]]
    );
}
