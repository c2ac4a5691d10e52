//! Roles, policies, connectors.

use super::check;

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
  unknown: arn:aws:iam::123456789012:policy/ours @17
  unknown: {Extra} @18
  unknown: DynamoDBEverythingPolicy @25
Warning @25: SAM has no policy template `DynamoDBEverythingPolicy`
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
  unknown: the action `dynamodb:{Verb}` @14
  unknown: a permissions boundary @7
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
  unknown: a policy document that can't be resolved @7
  unknown: a policy document that can't be resolved @8
  unknown: a statement that can't be resolved @9
  unknown: {Arns} @10
",
    );
}
