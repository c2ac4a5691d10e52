//! Schedules, rules, crawlers; streams; identities.

use super::check;

#[test]
fn tables_in_a_property() {
    let template = r#"
Resources:
  Readings: {Type: AWS::Serverless::SimpleTable}
  Clean:
    Type: AWS::Scheduler::Schedule
    Properties:
      Target:
        Arn: !Sub arn:${AWS::Partition}:scheduler:::aws-sdk:dynamodb:updateItem
        RoleArn: !ImportValue R
        Input: !Sub '{"TableName": "${Readings}", "Key": {}}'
  Other:
    Type: AWS::Scheduler::Schedule
    Properties: {Target: {Arn: !GetAtt Worker.Arn, Input: '{}'}}
  Store:
    Type: AWS::IoT::TopicRule
    Properties:
      TopicRulePayload:
        Actions:
          - DynamoDBv2: {RoleArn: a, PutItem: {TableName: !Ref Readings}}
          - DynamoDB: {RoleArn: a, TableName: raw, HashKeyField: id}
          - Lambda: {FunctionArn: a}
  Crawl:
    Type: AWS::Glue::Crawler
    Properties: {Role: x, Targets: {DynamoDBTargets: [{Path: !Ref Readings}], S3Targets: [{Path: s3://b}]}}
"#;
    check(
        &[("t.yaml", template)],
        r"
AWS::Scheduler::Schedule Clean as somebody
  UpdateItem on [${Readings}] by [table] @t.yaml:8
AWS::IoT::TopicRule Store as somebody
  PutItem on [raw] by [table] @t.yaml:20
AWS::IoT::TopicRule Store as somebody
  PutItem on [${Readings}] by [table] @t.yaml:19
AWS::Glue::Crawler Crawl as somebody
  Scan on [${Readings}] by [table] @t.yaml:24
",
    );
}

#[test]
fn readers_of_streams() {
    let template = r"
Resources:
  Orders: {Type: AWS::DynamoDB::Table}
  Pipe:
    Type: AWS::Pipes::Pipe
    Properties: {Source: !GetAtt Orders.StreamArn, Target: !GetAtt Queue.Arn}
  QueuePipe:
    Type: AWS::Pipes::Pipe
    Properties: {Source: !GetAtt Queue.Arn, Target: !GetAtt Bus.Arn}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Changes: {Type: DynamoDB, Properties: {Stream: !GetAtt Orders.StreamArn}}
        Timer: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
  Indexer: {Type: AWS::Lambda::Function}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Indexer, EventSourceArn: !GetAtt Orders.StreamArn}
  Queue: {Type: AWS::SQS::Queue}
";
    check(
        &[("t.yaml", template)],
        r"
Pipe reads ${Orders.StreamArn} @t.yaml:6
Worker reads ${Orders.StreamArn} @t.yaml:14
Indexer reads ${Orders.StreamArn} @t.yaml:19
",
    );
}

#[test]
fn identities() {
    let template = r"
Resources:
  Task:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - {Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: 'sts:AssumeRole'}
          - {Effect: Allow, Principal: {AWS: ['arn:aws:iam::1:root'], Federated: cognito-identity.amazonaws.com}, Action: a}
          - {Effect: Deny, Principal: '*', Action: 'sts:AssumeRole'}
  One:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: {Statement: {Effect: Allow, Principal: '*', Action: 'sts:AssumeRole'}}}
  Odd:
    Type: AWS::IAM::Role
    Properties: {AssumeRolePolicyDocument: !Ref Document}
  Importer: {Type: AWS::IAM::User}
";
    check(
        &[("t.yaml", template)],
        r"
Task: ecs-tasks.amazonaws.com | `arn:aws:iam::1:root`, `cognito-identity.amazonaws.com`
One:  | `*`
Odd:  | somebody who can't be told
Importer:  | a person or program
",
    );
}
