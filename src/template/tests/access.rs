//! Roles, policies, connectors.

use super::{check, read};
use crate::template::model::{TableStatement, UnreadPolicy};

#[test]
fn policies_of_a_generated_role() {
    check(
        r"
Parameters: {Extra: {Type: String}, Other: {Type: String, Default: t}}
Resources:
  T: {Type: AWS::Serverless::SimpleTable}
  P:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:Scan', Resource: '*'}]}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Policies:
        - AmazonDynamoDBReadOnlyAccess
        - AWSLambdaBasicExecutionRole
        - !Sub 'arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaDynamoDBExecutionRole'
        - arn:aws:iam::123456789012:policy/ours
        - !Ref Extra
        - !Ref P
        - DynamoDBWritePolicy: {TableName: !Ref T}
        - DynamoDBReadPolicy: {TableName: !Ref Other}
        - DynamoDBReconfigurePolicy: {TableName: !If [C, a, !Ref T]}
        - DynamoDBStreamReadPolicy: {TableName: !Ref T, StreamName: '*'}
        - SQSPollerPolicy: {QueueName: q}
        - DynamoDBEverythingPolicy: {TableName: !Ref T}
        - Statement:
            - {Effect: Deny, Action: ['dynamodb:Delete*'], Resource: !GetAtt T.Arn}
        - !If [C, {DynamoDBReconfigurePolicy: {TableName: !Ref T}}, !Ref AWS::NoValue]
      Events:
        S: {Type: DynamoDB, Properties: {Stream: !GetAtt T.StreamArn}}
",
        r#"
AWS::Serverless::SimpleTable T @4: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
fault @30: no stream
F: - - . as FRole
  events DynamoDB
role FRole (generated)
  Allow [BatchGetItem Describe* List* GetAbacStatus GetItem GetResourcePolicy Query Scan PartiQLSelect] on [*] by AmazonDynamoDBReadOnlyAccess @14
  Allow [DescribeStream GetRecords GetShardIterator ListStreams] on [*] by AWSLambdaDynamoDBExecutionRole @16
  Allow [Scan] on [*] @8
  Allow [PutItem UpdateItem BatchWriteItem] on [ARN:table/${T} ARN:table/${T}/index/*] by DynamoDBWritePolicy @20
  Allow [GetItem Scan Query BatchGetItem DescribeTable] on [ARN:table/{Other} ARN:table/{Other}/index/*] by DynamoDBReadPolicy @21
  Allow? [UpdateTable] on [ARN:table/a] by DynamoDBReconfigurePolicy @22
  Allow? [UpdateTable] on [ARN:table/${T}] by DynamoDBReconfigurePolicy @22
  Allow [DescribeStream GetRecords GetShardIterator] on [ARN:table/${T}/stream/*] by DynamoDBStreamReadPolicy @23
  Allow [ListStreams] on [ARN:table/${T}/stream/*] by DynamoDBStreamReadPolicy @23
  Deny [Delete*] on [${T.Arn}] @27
  Allow? [UpdateTable] on [ARN:table/${T}] by DynamoDBReconfigurePolicy @28
  Allow [DescribeStream GetRecords GetShardIterator ListStreams] on [*] by event S @30
  the policy arn:aws:iam::123456789012:policy/ours can't be read @17
  the policy {Extra} can't be read @18
  the policy DynamoDBEverythingPolicy can't be read @25
"#,
    );
}

#[test]
fn policies_beside_a_role_do_not_count() {
    check(
        r"
Resources:
  R: {Type: AWS::IAM::Role, Properties: {}}
  A: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt R.Arn, Policies: [AmazonDynamoDBFullAccess]}}
  B: {Type: AWS::Serverless::Function, Properties: {Role: !If [C, !GetAtt R.Arn, !Ref AWS::NoValue], Policies: AdministratorAccess}}
  C: {Type: AWS::Serverless::Function, Properties: {Role: !Sub 'arn:aws:iam::${AWS::AccountId}:role/${R}'}}
  D: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt BRole.Arn}}
  E: {Type: AWS::Serverless::Function, Properties: {Role: !If [C, !GetAtt R.Arn, !Ref P]}}
",
        r"
A: - - . as R
B: - - . as R BRole
C: - - . as R
D: - - . as BRole
E: - - . as external `!Ref P`
role R
role BRole (generated)
  Allow [*] on [*] by AdministratorAccess @5
",
    );
}

#[test]
fn declared_roles_and_attached_policies() {
    check(
        r"
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub 'app-${AWS::StackName}'
      PermissionsBoundary: !Ref Boundary
      ManagedPolicyArns: ['arn:aws:iam::aws:policy/PowerUserAccess', !Ref M]
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              Effect: Allow
              Action: ['dynamodb:GetItem', !If [C, 'dynamodb:PutItem', !Ref AWS::NoValue], !Sub 'dynamodb:${Verb}', !Sub 's3:${Verb}']
              Resource: [!GetAtt T.Arn, !Sub '${T.Arn}/index/*']
              Condition: {StringEquals: {a: b}}
        - PolicyName: q
          PolicyDocument:
            Statement:
              - {Effect: Allow, NotAction: 'iam:*', NotResource: 'arn:aws:s3:::*'}
              - {Effect: Allow, Action: 'dynamodb:Scan', Resource: [!Ref X, !If [C, a, b]]}
  M: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:Query', Resource: '*'}]}}}
  N:
    Type: AWS::IAM::Policy
    Condition: C
    Properties: {Roles: [!Sub 'app-${AWS::StackName}', other], PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:DeleteItem', Resource: '*'}]}}
  O:
    Type: AWS::IAM::RolePolicy
    Properties: {RoleName: !Ref R, PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:UpdateItem', Resource: '*'}]}}
  T: {Type: AWS::SSM::Parameter}
",
        r"
role R
  Allow? [GetItem] on [${T.Arn} ${T.Arn}/index/*] @13
  Allow? [PutItem] on [${T.Arn} ${T.Arn}/index/*] @13
  Allow not [iam:*] on not [arn:aws:s3:::*] @20
  Allow [Scan] on [{X}] @21
  Allow? [Scan] on [a b] @21
  Allow not [iam:* organizations:* account:*] on [*] by PowerUserAccess @8
  Allow [Query] on [*] @22
  Allow? [DeleteItem] on [*] @26
  Allow [UpdateItem] on [*] @29
  the action `dynamodb:{Verb}` can't be resolved @14
  a permissions boundary can't be read @7
",
    );
}

#[test]
fn policies_that_others_may_attach() {
    check(
        r"
Parameters: {Targets: {Type: String}}
Resources:
  Named: {Type: AWS::IAM::Role, Properties: {RoleName: the-role}}
  Taken: {Type: AWS::IAM::Role}
  Given: {Type: AWS::IAM::Role}
  Passed: {Type: AWS::IAM::Role}
  Exported: {Type: AWS::IAM::Role}
  Shown: {Type: AWS::IAM::Role}
  Split:
    Type: AWS::IAM::Policy
    Properties:
      Roles: !Split [',', !Ref Targets]
      PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:Query', Resource: '*'}]}
  FromArn:
    Type: AWS::IAM::RolePolicy
    Properties:
      RoleName: !Select [1, !Split ['/', !GetAtt Taken.Arn]]
      PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:Scan', Resource: '*'}]}
  Elsewhere:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [another-teams-role]
      PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:Scan', Resource: '*'}]}
  Attach:
    Type: Custom::Attachment
    Properties: {ServiceToken: !ImportValue attacher, Role: !Sub '${Given}'}
  Rights:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: 'https://example.com/rights.yaml', Parameters: {RoleName: !Ref Passed}}
Outputs:
  Name: {Value: !Ref Exported, Export: {Name: the-exported-role}}
  Arn: {Value: !GetAtt Shown.Arn, Export: {Name: the-shown-role}}
  Unexported: {Value: !Ref Shown}
",
        r"
role Named
  the roles of a policy can't be resolved @10
role Taken
  the roles of a policy can't be resolved @15
role Given
  Attach is given the role's name and may attach policies to it @25
role Passed
  Rights is given the role's name and may attach policies to it @28
role Exported
  whoever imports Name is given the role's name and may attach policies to it @32
role Shown
",
    );
}

#[test]
fn aliased_policies_keep_the_anchors_place() {
    check(
        r"
Resources:
  A:
    Type: AWS::IAM::Role
    Properties:
      Policies: &shared
        - PolicyDocument:
            Statement: [{Effect: Allow, Action: 'dynamodb:Query', Resource: '*'}]
  B: {Type: AWS::IAM::Role, Properties: {Policies: *shared}}
",
        r"
role A
  Allow [Query] on [*] @8
role B
  Allow [Query] on [*] @8
",
    );
}

#[test]
fn connectors() {
    check(
        r"
Resources:
  T: {Type: AWS::DynamoDB::Table}
  F:
    Type: AWS::Serverless::Function
    Connectors:
      Mine: {Properties: {Destination: [{Id: T}, {Id: Q}], Permissions: [Write]}}
  Q: {Type: AWS::SQS::Queue}
  ToTable:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: F}, Destination: {Type: AWS::DynamoDB::Table, Arn: !ImportValue A}, Permissions: [Read]}
  ToFunction:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: T}, Destination: {Id: F}, Permissions: [Read]}
",
        r"
AWS::DynamoDB::Table T @3: 
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
F: - - . as FRole
role FRole (generated)
  Allow [PutItem UpdateItem DeleteItem BatchWriteItem PartiQLDelete PartiQLInsert PartiQLUpdate] on [${T.Arn} ${T.Arn}/index/*] by connector FMine @7
  Allow [GetItem Query Scan BatchGetItem ConditionCheckItem PartiQLSelect] on [{ImportValue A} {ImportValue A}/index/*] by connector ToTable @11
  Allow [DescribeStream GetRecords GetShardIterator ListStreams] on [${T.Arn}/stream/*] by connector ToFunction @14
",
    );
}

#[test]
fn a_policy_may_be_json_text() {
    check(
        r#"
Resources:
  T: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [{AttributeName: id, KeyType: HASH}]}}
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument: !Sub |
            {
              "Statement": [
                {"Effect": "Allow", "Action": ["dynamodb:Query", "dynamodb:Scan"], "Resource": ["${T.Arn}", "${T.Arn}/index/*"]}
              ]
            }
        - PolicyName: q
          PolicyDocument: '{"Statement": {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "*"}}'
        - PolicyName: r
          PolicyDocument: !Sub ['{"Statement": {"Effect": "Deny", "Action": "dynamodb:PutItem", "Resource": "${Arn}"}}', {Arn: !GetAtt T.Arn}]
        - PolicyName: s
          PolicyDocument: !Sub '{"Statement": ${Statement}}'
"#,
        r"
AWS::DynamoDB::Table T @3: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
role R
  Allow [Query Scan] on [${T.Arn} ${T.Arn}/index/*] @10
  Allow [GetItem] on [*] @16
  Deny [PutItem] on [${T.Arn}] @18
  a policy document can't be resolved @20
",
    );
}

#[test]
fn a_statement_that_cannot_be_read_is_not_passed_over() {
    check(
        r"
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - !ImportValue P
        - PolicyDocument: !ImportValue Q
        - PolicyDocument: {Statement: [!Transform {Name: x}, {Effect: Allow, Action: 'dynamodb:*', Resource: {Odd: 1}}]}
      ManagedPolicyArns: !Ref Arns
",
        r"
role R
  Allow [*] on [{unknown}] @9
  a policy document can't be resolved @7
  a policy document can't be resolved @8
  a statement can't be resolved @9
  the policy {Arns} can't be read @10
",
    );
}

#[test]
fn state_machines_and_data_sources_have_roles() {
    check(
        r"
Resources:
  T: {Type: AWS::Serverless::SimpleTable}
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: m.json
      Policies: [DynamoDBReconfigurePolicy: {TableName: !Ref T}]
  N: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: m.json, Role: !GetAtt R.Arn}}
  R: {Type: AWS::IAM::Role}
  Wire:
    Type: AWS::Serverless::Connector
    Properties: {Source: {Id: M}, Destination: {Id: T}, Permissions: [Read]}
  Api:
    Type: AWS::Serverless::GraphQLApi
    Properties:
      DataSources:
        DynamoDb:
          Own: {TableName: x, ServiceRoleArn: !GetAtt R.Arn}
          Near: {TableName: !Ref T, TableArn: !GetAtt T.Arn, Permissions: [Write]}
          Far: {TableName: far, Region: eu-west-1, Permissions: [Read]}
",
        r#"
AWS::Serverless::SimpleTable T @3: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
role MRole (generated)
  Allow [UpdateTable] on [ARN:table/${T}] by DynamoDBReconfigurePolicy @8
  Allow [GetItem Query Scan BatchGetItem ConditionCheckItem PartiQLSelect] on [${T.Arn} ${T.Arn}/index/*] by connector Wire @13
role R
role ApiNearDynamoDBDataSourceRole (generated)
  Allow [PutItem UpdateItem DeleteItem BatchWriteItem PartiQLDelete PartiQLInsert PartiQLUpdate] on [${T.Arn} ${T.Arn}/index/*] by connector ApiNearDynamoDBDataSourceToTableConnector @20
role ApiFarDynamoDBDataSourceRole (generated)
  Allow [GetItem Query Scan BatchGetItem ConditionCheckItem PartiQLSelect] on [arn:{AWS::Partition}:dynamodb:eu-west-1:{AWS::AccountId}:table/far arn:{AWS::Partition}:dynamodb:eu-west-1:{AWS::AccountId}:table/far/index/*] by connector ApiFarDynamoDBDataSourceToTableConnector @21
"#,
    );
}

#[test]
fn boundaries_and_table_policies_are_read() {
    let (stack, _, _) = read(
        r"
Resources:
  B: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: 'dynamodb:Get*', Resource: '*'}]}}}
  R: {Type: AWS::IAM::Role, Properties: {PermissionsBoundary: !Ref B}}
  Q: {Type: AWS::IAM::Role, Properties: {PermissionsBoundary: !If [C, !Ref B, !Ref AWS::NoValue]}}
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      ResourcePolicy:
        PolicyDocument:
          Statement:
            - {Effect: Allow, Principal: {AWS: [!GetAtt R.Arn, '*']}, Action: 'dynamodb:Query', Resource: '*'}
            - {Effect: Deny, NotPrincipal: {AWS: !GetAtt Q.Arn}, Action: 'dynamodb:Scan', Resource: '*'}
  G:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      Replicas:
        - Region: eu-west-1
          ResourcePolicy: {PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 'dynamodb:GetItem', Resource: '*'}]}}
        - {Region: us-east-1, ResourcePolicy: !ImportValue x}
",
    );
    let boundary = |id: usize| stack.roles[id].boundary.as_ref().map(Vec::len);
    assert_eq!((boundary(0), boundary(1)), (Some(1), None));
    assert_eq!(stack.roles[0].unread_policies.len(), 0);
    assert_eq!(stack.roles[1].unread_policies[0].value, UnreadPolicy::Boundary);
    let line = |one: &TableStatement| {
        let who: Vec<String> = one.principals.iter().map(|principal| principal.value.to_string()).collect();
        let (not, may) = (if one.not_principal { "all but " } else { "" }, one.statement.conditional);
        format!("{:?} {} of {not}{} {may}", one.statement.effect, one.statement.actions[0].value, who.join(" "))
    };
    let lines = |table: usize| stack.tables[table].policy.iter().map(line).collect::<Vec<_>>();
    assert_eq!(lines(0), ["Allow dynamodb:Query of ${R.Arn} * false", "Deny dynamodb:Scan of all but ${Q.Arn} false"]);
    assert_eq!(lines(1), ["Allow dynamodb:GetItem of * true"]);
    assert_eq!(stack.tables[1].unread_policies.len(), 1);
}
