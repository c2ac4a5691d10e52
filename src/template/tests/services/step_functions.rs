//! State machines, in each form of their definition.

use super::check;

#[test]
fn a_definition_in_the_template() {
    let template = r"
Parameters:
  Audit: {Type: String}
Resources:
  Bookings: {Type: AWS::Serverless::SimpleTable}
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Policies: [{DynamoDBReadPolicy: {TableName: !Ref Bookings}}]
      Definition:
        StartAt: Load
        States:
          Load:
            Type: Task
            Resource: arn:aws:states:::dynamodb:getItem
            Parameters: {TableName: !Ref Bookings, Key: {id: {S.$: $.id}}}
            Next: Fan
          Fan:
            Type: Parallel
            Branches:
              - StartAt: Find
                States:
                  Find:
                    Type: Task
                    Resource: !Sub 'arn:${AWS::Partition}:states:::aws-sdk:dynamodb:query'
                    Parameters: {TableName: !Ref Bookings, IndexName: by-guest}
                    End: true
              - StartAt: Each
                States:
                  Each:
                    Type: Map
                    ItemProcessor:
                      StartAt: Save
                      States:
                        Save:
                          Type: Task
                          Resource: arn:aws:states:::dynamodb:updateItem.sync
                          Parameters: {TableName: !Ref Audit}
                          End: true
                    End: true
            Next: Old
          Old:
            Type: Map
            Iterator:
              StartAt: Scan
              States:
                Scan:
                  Type: Task
                  Resource: arn:aws:states:::aws-sdk:dynamodb:scan
                  Parameters: {TableName.$: $.table, IndexName.$: $.index}
            Next: Notify
          Notify:
            Type: Task
            Resource: arn:aws:states:::sns:publish
            Parameters: {TopicArn: a}
          Call:
            Type: Task
            Resource: !Ref Worker
          Pass: {Type: Pass, Result: {Resource: arn:aws:states:::dynamodb:deleteItem}}
";
    check(
        &[("t.yaml", template)],
        r"
AWS::Serverless::StateMachine Flow as FlowRole
  GetItem on [${Bookings}] by [table] @t.yaml:15
  Query on [${Bookings}] by [by-guest] @t.yaml:25
  UpdateItem on [{Audit}] by [table] @t.yaml:37
  Scan on [{TableName}] by [{IndexName}] @t.yaml:49
",
    );
}

#[test]
fn a_definition_as_text() {
    let template = r#"
Resources:
  Bookings: {Type: AWS::Serverless::SimpleTable}
  Runner:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: [!Sub 'states.${AWS::URLSuffix}']}, Action: 'sts:AssumeRole'}]
  Sub:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Runner.Arn
      DefinitionString: !Sub |
        {
          "StartAt": "Find",
          "States": {
            "Find": {
              "Type": "Task",
              "Resource": "arn:${AWS::Partition}:states:::aws-sdk:dynamodb:query",
              "Parameters": {"TableName": "${Bookings}", "IndexName": "by-day", "Limit": ${AWS::AccountId}},
              "End": true
            }
          }
        }
  Join:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Runner.Arn
      DefinitionString:
        Fn::Join:
          - ''
          - - '{"StartAt":"S","States":{"S":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:putItem","Parameters":{"TableName":"'
            - !Ref Bookings
            - '","Item":{}},"End":true}}}'
  Jsonata:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::123456789012:role/runner
      DefinitionString: |
        {"QueryLanguage": "JSONata", "StartAt": "A", "States": {
          "A": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:query",
                "Arguments": {"TableName": "{% $states.input.table %}", "IndexName": "{% $i %}"}},
          "B": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:query", "Arguments": "{% $all %}"},
          "C": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem"}
        }}
  Broken:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: !GetAtt Runner.Arn
      DefinitionString: !Ref Nowhere
"#;
    check(
        &[("t.yaml", template)],
        r"
AWS::StepFunctions::StateMachine Sub as Runner
  Query on [${Bookings}] by [by-day] @t.yaml:19
AWS::StepFunctions::StateMachine Join as Runner
  PutItem on [${Bookings}] by [table] @t.yaml:30
AWS::StepFunctions::StateMachine Jsonata as somebody
  Query on [{TableName}] by [{IndexName}] @t.yaml:41
  Query on [{TableName}] by [{IndexName}] @t.yaml:43
  GetItem on [{TableName}] by [table] @t.yaml:44
AWS::StepFunctions::StateMachine Broken as Runner
  ? on [] by [] @t.yaml:50: its definition can't be read
Runner: states.amazonaws.com | 
",
    );
}

const FILE: &str = r#"{
  "StartAt": "Batch",
  "States": {
    "Batch": {
      "Type": "Task",
      "Resource": "arn:aws:states:::aws-sdk:dynamodb:batchGetItem",
      "Parameters": {"RequestItems": {"${Bookings}": {"Keys": []}, "guests": {"Keys": []}}}
    },
    "Both": {
      "Type": "Task",
      "Resource": "${Write}",
      "Parameters": {"TransactItems": [{"Put": {"TableName": "${Bookings}"}}, {"Delete": {"TableName": "guests-${Stage}"}}]}
    },
    "Open": {"Type": "Task", "Resource": "${Unset}", "Parameters": {"TableName": "guests"}},
    "Lambda": {"Type": "Task", "Resource": "${Function}"}
  }
}
"#;

#[test]
fn a_definition_in_a_file() {
    let template = r"
Resources:
  Bookings: {Type: AWS::Serverless::SimpleTable}
  Json:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: !ImportValue Runner
      DefinitionUri: flows/booking.asl.json
      DefinitionSubstitutions:
        Bookings: !Ref Bookings
        Write: !Sub 'arn:${AWS::Partition}:states:::aws-sdk:dynamodb:transactWriteItems'
        Stage: !Ref Stage
        Function: !GetAtt Worker.Arn
  Yaml:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionS3Location: ./flows/find.asl.yaml
  Gone:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flows/gone.json
  Bucket:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: {Bucket: b, Key: k}
";
    let yaml = r"
StartAt: Find
States:
  Find:
    Type: Task
    Resource: arn:aws:states:::aws-sdk:dynamodb:scan
    Parameters:
      TableName: bookings
      IndexName: ${Index}
    End: true
";
    check(
        &[("t.yaml", template), ("flows/booking.asl.json", FILE), ("flows/find.asl.yaml", yaml)],
        r"
AWS::Serverless::StateMachine Json as somebody
  BatchGetItem on [${Bookings} or guests] by [table] @booking.asl.json:6
  TransactWriteItems on [${Bookings} or guests-{Stage}] by [table] @booking.asl.json:11
  ? on [guests] by [table] @booking.asl.json:14: its operation can't be told
AWS::StepFunctions::StateMachine Yaml as somebody
  Scan on [bookings] by [{Index}] @find.asl.yaml:6
AWS::Serverless::StateMachine Gone as GoneRole
  ? on [] by [] @t.yaml:21: its definition, `flows/gone.json` can't be read
AWS::Serverless::StateMachine Bucket as BucketRole
  ? on [] by [] @t.yaml:25: its definition, it is in S3
",
    );
}
