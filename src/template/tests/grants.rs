//! Grants whose exact extent is SAM's, or that look like grants and are none.

use super::check;

#[test]
fn policy_templates_that_write_and_back_up() {
    check(
        r"
Resources:
  T: {Type: AWS::Serverless::SimpleTable}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - DynamoDBCrudPolicy: {TableName: !Ref T}
        - DynamoDBBackupFullAccessPolicy: {TableName: !Ref T}
        - DynamoDBRestoreFromBackupPolicy: {TableName: !Ref T}
        - DynamoDBReadPolicy: {TableName: !GetAtt T.Arn}
",
        r#"
AWS::Serverless::SimpleTable T @3: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
F: - - . as FRole
role FRole (generated)
  Allow [GetItem DeleteItem PutItem Scan Query UpdateItem BatchWriteItem BatchGetItem DescribeTable ConditionCheckItem] on [ARN:table/${T} ARN:table/${T}/index/*] by DynamoDBCrudPolicy @8
  Allow [CreateBackup DescribeContinuousBackups] on [ARN:table/${T}] by DynamoDBBackupFullAccessPolicy @9
  Allow [DeleteBackup DescribeBackup ListBackups] on [ARN:table/${T}/backup/*] by DynamoDBBackupFullAccessPolicy @9
  Allow [RestoreTableFromBackup] on [ARN:table/${T}/backup/*] by DynamoDBRestoreFromBackupPolicy @10
  Allow [PutItem UpdateItem DeleteItem GetItem Query Scan BatchWriteItem] on [ARN:table/${T}] by DynamoDBRestoreFromBackupPolicy @10
  Allow [GetItem Scan Query BatchGetItem DescribeTable] on [ARN:table/${T.Arn} ARN:table/${T.Arn}/index/*] by DynamoDBReadPolicy @11
"#,
    );
}

#[test]
fn conditions_make_grants_conditional_and_endpoints_grant_nothing() {
    check(
        r"
Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: dynamodb:GetItem
                Resource: '*'
                Condition: {'ForAllValues:StringEquals': {'dynamodb:LeadingKeys': ['${aws:userid}']}}
              - {Effect: Allow, NotAction: 'iam:*', Resource: '*'}
              - {Effect: Deny, Action: dynamodb:DeleteTable, NotResource: 'arn:aws:dynamodb:*:*:table/mine*'}
  Endpoint:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 'dynamodb:*', Resource: '*'}]}
",
        r"
role R
  Allow? [GetItem] on [*] @10
  Allow not [iam:*] on [*] @14
  Deny [DeleteTable] on not [arn:aws:dynamodb:*:*:table/mine*] @15
",
    );
}

#[test]
fn connectors_in_both_directions() {
    check(
        r"
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_IMAGE}
    Connectors:
      Stream: {Properties: {Destination: {Id: F}, Permissions: [Read]}}
  F:
    Type: AWS::Serverless::Function
    Connectors:
      Writes: {Properties: {Destination: [{Id: T}], Permissions: [Write]}}
",
        r#"
AWS::DynamoDB::Table T @3: partition pk:?
  ttl unset, pitr unset, billing unset, stream "NEW_IMAGE", deletion policy unset, deletion protection unset
F: - - . as FRole
role FRole (generated)
  Allow [DescribeStream GetRecords GetShardIterator ListStreams] on [${T.Arn}/stream/*] by connector TStream @9
  Allow [PutItem UpdateItem DeleteItem BatchWriteItem PartiQLDelete PartiQLInsert PartiQLUpdate] on [${T.Arn} ${T.Arn}/index/*] by connector FWrites @13
"#,
    );
}

#[test]
fn indexes_of_several_partition_and_sort_keys() {
    check(
        r"
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: a, AttributeType: S}, {AttributeName: b, AttributeType: N}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: wide
          KeySchema:
            - {AttributeName: a, KeyType: HASH}
            - {AttributeName: b, KeyType: HASH}
            - {AttributeName: c, KeyType: RANGE}
            - {AttributeName: d, KeyType: RANGE}
          Projection: {ProjectionType: KEYS_ONLY}
",
        r"
AWS::DynamoDB::Table T @3: partition pk:?
  Global wide @9: partition a:S, partition b:N, sort c:?, sort d:? KEYS_ONLY []
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
",
    );
}
