//! Declarations that can't work.

use super::render;

/// The faults that are found, one a line.
fn faults(text: &str) -> Vec<String> {
    render(text).lines().filter(|line| line.starts_with("fault")).map(str::to_owned).collect()
}

#[test]
fn what_can_not_be_deployed() {
    let text = r"
Conditions: {C: !Equals [!Ref AWS::Region, x]}
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
      AttributeDefinitions: [{AttributeName: a, AttributeType: S}, {AttributeName: n, AttributeType: N}]
      KeySchema: [{AttributeName: a, KeyType: HASH}, {AttributeName: n, KeyType: RANGE}]
      TimeToLiveSpecification: {Enabled: true, AttributeName: a}
      LocalSecondaryIndexes:
        - IndexName: foreign
          KeySchema: [{AttributeName: b, KeyType: HASH}, {AttributeName: n, KeyType: RANGE}]
          Projection: {ProjectionType: INCLUDE}
        - IndexName: own
          KeySchema: [{AttributeName: a, KeyType: HASH}, {AttributeName: b, KeyType: RANGE}]
          Projection: {ProjectionType: ALL, NonKeyAttributes: [x]}
      GlobalSecondaryIndexes:
        - IndexName: own
          KeySchema: [{AttributeName: b, KeyType: HASH}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [x]}
          ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
  Plain:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: [{AttributeName: a, KeyType: HASH}]
      LocalSecondaryIndexes:
        - IndexName: local
          KeySchema: [{AttributeName: a, KeyType: HASH}, {AttributeName: b, KeyType: RANGE}]
          Projection: {ProjectionType: KEYS_ONLY}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Orders: {Type: DynamoDB, Properties: {Stream: !GetAtt Orders.StreamArn, StartingPosition: LATEST}}
        Plain: {Type: DynamoDB, Properties: {Stream: {'Fn::GetAtt': [Plain, StreamArn]}, StartingPosition: LATEST}}
";
    let expected = [
        "fault @8: capacity of None",
        "fault @14: foreign by b, not a",
        "fault @15: foreign includes nothing",
        "fault @18: attributes of own under ALL",
        "fault @20: own again, after 16",
        "fault @23: capacity of Some(\"own\")",
        "fault @11: ttl a is S by 10",
        "fault @36: no stream",
        "fault @29: local needs a sort key",
        "fault @37: no stream",
    ];
    let mut found = faults(text);
    let mut expected: Vec<String> = expected.map(str::to_owned).to_vec();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[test]
fn what_depends_on_a_condition_or_works_is_left_alone() {
    let text = r"
Parameters: {Mode: {Type: String}}
Conditions: {C: !Equals [!Ref Mode, x]}
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: !If [C, PAY_PER_REQUEST, PROVISIONED]
      ProvisionedThroughput: !If [C, !Ref AWS::NoValue, {ReadCapacityUnits: 1, WriteCapacityUnits: 1}]
      AttributeDefinitions: [{AttributeName: a, AttributeType: S}, {AttributeName: n, AttributeType: N}]
      KeySchema: [{AttributeName: a, KeyType: HASH}, {AttributeName: n, KeyType: RANGE}]
      TimeToLiveSpecification: {Enabled: true, AttributeName: n}
      StreamSpecification: !If [C, {StreamViewType: KEYS_ONLY}, !Ref AWS::NoValue]
      GlobalSecondaryIndexes:
        - !If
          - C
          - {IndexName: one, KeySchema: [{AttributeName: n, KeyType: HASH}], Projection: {ProjectionType: ALL}}
          - {IndexName: one, KeySchema: [{AttributeName: a, KeyType: HASH}], Projection: {ProjectionType: ALL}}
        - IndexName: two
          KeySchema: [{AttributeName: n, KeyType: HASH}]
          Projection:
            ProjectionType: !If [C, ALL, INCLUDE]
            NonKeyAttributes: !If [C, !Ref AWS::NoValue, [x]]
  F:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Orders: {Type: DynamoDB, Properties: {Stream: !GetAtt Orders.StreamArn, StartingPosition: LATEST}}
";
    assert_eq!(faults(text), Vec::<String>::new());
}
