//! Who invokes the Lambdas, one line a trigger.

use crate::source::SourceMap;
use crate::template::load_text;
use crate::template::model::{Delivery, Setting, Trigger};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

fn triggers(text: &str) -> String {
    let mut sources = SourceMap::default();
    let (stacks, _) = load_text(&mut sources, Path::new("template.yaml"), text, &BTreeMap::new()).unwrap();
    let mut out = String::new();
    for function in stacks.iter().flat_map(|stack| &stack.functions) {
        writeln!(out, "{}", function.resource.id).unwrap();
        for Trigger { kind, declared_as, span, sources: arns, delivery, .. } in &function.triggers {
            let line = sources.location(*span).start.line;
            let from: Vec<String> = arns.iter().map(ToString::to_string).collect();
            let from = if from.is_empty() { String::new() } else { format!(" from {}", from.join(" or ")) };
            writeln!(out, "  {kind:?} {declared_as} @{line}{from}").unwrap();
            if let Some(delivery) = delivery {
                writeln!(out, "    {}", settings(delivery)).unwrap();
            }
        }
    }
    out
}

fn settings(delivery: &Delivery) -> String {
    fn shown<T: std::fmt::Debug>(setting: &Setting<T>) -> String {
        match setting {
            Setting::Unset => "unset".to_owned(),
            Setting::Is(value) => format!("{:?}", value.value),
            Setting::Varies(values) => format!("{:?}", values.iter().flatten().map(|v| &v.value).collect::<Vec<_>>()),
            Setting::Unknown(_) => "unknown".to_owned(),
        }
    }
    let Delivery { retries, record_age, bisects, partial_responses, has_destination, may_be_off, is_filtered } =
        delivery;
    let (retries, age, bisects, partial) =
        (shown(retries), shown(record_age), shown(bisects), shown(partial_responses));
    let off = if *may_be_off { ", may be off" } else { "" };
    format!(
        "retries {retries}, age {age}, bisects {bisects}, partial {partial}, destination {has_destination}, filtered {is_filtered}{off}"
    )
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let found = triggers(text);
    let expected = expected.trim_start_matches('\n');
    assert!(found == expected, "found:\n{found}\nexpected:\n{expected}");
}

#[test]
fn events_of_sam_functions() {
    check(
        r"
Resources:
  Orders: {Type: AWS::DynamoDB::Table, Properties: {}}
  Jobs: {Type: AWS::SQS::Queue}
  F:
    Type: AWS::Serverless::Function
    Properties:
      FunctionUrlConfig: {AuthType: NONE}
      Events:
        Get: {Type: Api, Properties: {Path: /, Method: get}}
        Daily: {Type: Schedule, Properties: {Schedule: rate(1 day)}}
        Changed:
          Type: DynamoDB
          Properties:
            Stream: !GetAtt Orders.StreamArn
            MaximumRetryAttempts: 3
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            FilterCriteria: {Filters: []}
        Job: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn, Enabled: false}}
  Idle: {Type: AWS::Serverless::Function, Properties: {}}
",
        r#"
F
  Api Api @10
  Schedule Schedule @11
  TableStream DynamoDB @12 from ${Orders.StreamArn}
    retries "3", age unset, bisects true, partial true, destination false, filtered true
  Queue SQS @20 from ${Jobs.Arn}
    retries unset, age unset, bisects unset, partial unset, destination false, filtered false, may be off
  Api FunctionUrlConfig @8
Idle
"#,
    );
}

#[test]
fn resources_that_name_a_function() {
    check(
        r"
Resources:
  F: {Type: AWS::Lambda::Function, Properties: {Role: r}}
  Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref F, Name: live}}
  Orders: {Type: AWS::DynamoDB::Table, Properties: {}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref F
      EventSourceArn: !GetAtt Orders.StreamArn
      MaximumRecordAgeInSeconds: 60
      FunctionResponseTypes: [!If [C, ReportBatchItemFailures, !Ref AWS::NoValue]]
      DestinationConfig: {OnFailure: {Destination: x}}
  Nightly:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: !GetAtt F.Arn}]}
  Paid:
    Type: AWS::Events::Rule
    Properties: {EventPattern: {source: [shop]}, Targets: [{Id: a, Arn: !Ref Live}]}
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      Integration: {Uri: !Sub 'arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${F.Arn}/invocations'}
  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties: {DefinitionSubstitutions: {Task: !GetAtt F.Arn}}
  Setup:
    Type: Custom::Setup
    Properties: {ServiceToken: !GetAtt F.Arn}
  Resolver: {Type: AWS::AppSync::DataSource, Properties: {LambdaConfig: {LambdaFunctionArn: !GetAtt F.Arn}}}
",
        r#"
F
  TableStream AWS::Lambda::EventSourceMapping @6 from ${Orders.StreamArn}
    retries unset, age "60", bisects unset, partial true, destination true, filtered false
  Schedule AWS::Events::Rule @14
  Bus AWS::Events::Rule @17
  Api AWS::ApiGateway::Method @20
  Workflow AWS::StepFunctions::StateMachine @24
  Custom Custom::Setup @27
  Api AWS::AppSync::DataSource @30
"#,
    );
}

#[test]
fn a_permission_counts_where_nothing_else_tells() {
    check(
        r"
Resources:
  A: {Type: AWS::Lambda::Function, Properties: {Role: r}}
  B: {Type: AWS::Lambda::Function, Properties: {Role: r, Environment: {Variables: {NEXT: !Ref A}}}}
  Rule:
    Type: AWS::Events::Rule
    Properties: {ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: !GetAtt A.Arn}]}
  OfRule: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref A, Principal: events.amazonaws.com}}
  OfApi: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref A, Principal: apigateway.amazonaws.com}}
  OfAnother: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref B, Principal: '123456789012'}}
",
        r"
A
  Schedule AWS::Events::Rule @5
  Api AWS::Lambda::Permission @9
B
  Other AWS::Lambda::Permission @10
",
    );
}
