//! Tables, functions, layers, Globals.

use super::{check, read};
use crate::template::load_text;
use crate::template::{Severity, TemplateError};
use std::collections::BTreeMap;

#[test]
fn a_table_with_everything() {
    check(
        r"
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub '${AWS::StackName}-orders'
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: customer, AttributeType: S}
        - {AttributeName: placed, AttributeType: N}
        - {AttributeName: status, AttributeType: S}
      KeySchema:
        - {AttributeName: placed, KeyType: RANGE}
        - {AttributeName: customer, KeyType: HASH}
      GlobalSecondaryIndexes:
        - IndexName: by-status
          KeySchema: [{AttributeName: status, KeyType: HASH}, {AttributeName: untyped, KeyType: RANGE}]
          Projection: {ProjectionType: INCLUDE, NonKeyAttributes: [total, address]}
      LocalSecondaryIndexes:
        - IndexName: by-total
          KeySchema: [{AttributeName: customer, KeyType: HASH}]
          Projection: {ProjectionType: KEYS_ONLY}
      TimeToLiveSpecification: {AttributeName: expires, Enabled: yes}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: 'true'}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      DeletionProtectionEnabled: false
",
        r#"
AWS::DynamoDB::Table Orders @3: partition customer:S, sort placed:N
  named {AWS::StackName}-orders
  Global by-status @17: partition status:S, sort untyped:? INCLUDE [total address]
  Local by-total @21: partition customer:S KEYS_ONLY []
  ttl "expires", pitr true, billing "PAY_PER_REQUEST", stream "NEW_IMAGE", deletion policy "Retain", deletion protection false
"#,
    );
}

#[test]
fn conditions_reach_into_tables() {
    check(
        r"
Parameters:
  Backups: {Type: String, Default: 'false', AllowedValues: ['true', 'false']}
  Protect: {Type: String, Default: 'false'}
Resources:
  A:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: !If [IsProd, Retain, Delete]
    Properties:
      TableName: !If [IsProd, orders, !Ref AWS::NoValue]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - !If [IsProd, {IndexName: one, KeySchema: [{AttributeName: a, KeyType: HASH}]}, !Ref AWS::NoValue]
      TimeToLiveSpecification: !If [IsProd, {AttributeName: ttl, Enabled: true}, !Ref AWS::NoValue]
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: !Ref Backups}
      DeletionProtectionEnabled: !Ref Protect
  B:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: !If [IsProd, [{AttributeName: id, KeyType: HASH}], [{AttributeName: id, KeyType: HASH}]]
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: !If [IsProd, true, false]}
  C:
    Type: AWS::DynamoDB::Table
    Properties:
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: false}
      PointInTimeRecoverySpecification: !ImportValue x
",
        r#"
AWS::DynamoDB::Table A @6: partition id:?
  named orders ${A}
  Global one @13: partition a:? - []
  ttl "ttl" or unset, pitr true or false, billing unset, stream unset, deletion policy "Retain" or "Delete", deletion protection unknown
AWS::DynamoDB::Table B @17: partition id:?
  ttl "ttl" or unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table C @22: 
  ttl unset, pitr unknown, billing unset, stream unset, deletion policy unset, deletion protection unset
"#,
    );
}

#[test]
fn global_and_simple_tables() {
    check(
        r"
Resources:
  G:
    Type: AWS::DynamoDB::GlobalTable
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: B}]
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      Replicas:
        - Region: eu-west-1
          DeletionProtectionEnabled: true
          PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
        - Region: us-east-1
          DeletionProtectionEnabled: true
  S: {Type: AWS::Serverless::SimpleTable}
  T:
    Type: AWS::Serverless::SimpleTable
    Properties:
      TableName: !Ref AWS::StackName
      PrimaryKey: {Name: n, Type: Number}
      ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}
      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true}
",
        r#"
AWS::DynamoDB::GlobalTable G @3: partition id:B
  ttl "ttl", pitr true or unset, billing unset, stream unset, deletion policy unset, deletion protection true
AWS::Serverless::SimpleTable S @15: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
AWS::Serverless::SimpleTable T @16: partition n:N
  named {AWS::StackName}
  ttl unset, pitr true, billing unset, stream unset, deletion policy unset, deletion protection unset
"#,
    );
}

#[test]
fn functions_inherit_from_globals() {
    check(
        r"
Globals:
  Function:
    Runtime: python3.12
    Handler: app.handler
    CodeUri: src/
    Role: !GetAtt Never.Arn
    Policies: [AmazonDynamoDBFullAccess]
    Layers: [!Ref Shared]
    Environment:
      Variables: {TABLE: !Ref Orders, LEVEL: info}
Resources:
  Orders: {Type: AWS::Serverless::SimpleTable}
  Shared: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layers/shared}}
  Own: {Type: AWS::Lambda::LayerVersion, Properties: {Content: {S3Bucket: b, S3Key: k}}}
  A:
    Type: AWS::Serverless::Function
    Properties:
      Handler: a.main
      Layers: [!Ref Own, 'arn:aws:lambda:eu-west-1:123456789012:layer:x:1']
      Environment:
        Variables: {LEVEL: debug, EXTRA: !If [C, '1', !Ref AWS::NoValue]}
  B: {Type: AWS::Serverless::Function}
  C: {Type: AWS::Serverless::Function, IgnoreGlobals: '*', Properties: {InlineCode: 'pass'}}
  D:
    Type: AWS::Serverless::Function
    IgnoreGlobals: [Environment, CodeUri]
    Properties: {PackageType: Image, Environment: !If [C, {Variables: {X: 1}}, !Ref AWS::NoValue]}
",
        r#"
AWS::Serverless::SimpleTable Orders @13: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
layer Shared: layers/shared
layer Own: elsewhere
A: a.main python3.12 src/ as ARole
  layers Shared Own
  EXTRA? @22 = 1
  LEVEL @22 = debug
  TABLE @11 = ${Orders}
B: app.handler python3.12 src/ as BRole
  layers Shared
  LEVEL @11 = info
  TABLE @11 = ${Orders}
C: - - inline "pass" as CRole
D: app.handler python3.12 elsewhere as DRole
  layers Shared
  X? @28 = 1
role ARole (generated)
role BRole (generated)
role CRole (generated)
role DRole (generated)
"#,
    );
}

#[test]
fn code_is_found() {
    check(
        r"
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Role: 'arn:aws:iam::1:role/x'}}
  B: {Type: AWS::Serverless::Function, Properties: {CodeUri: 's3://b/k', Role: !Ref P}}
  C: {Type: AWS::Serverless::Function, Properties: {CodeUri: {Bucket: b, Key: k}, Role: !ImportValue R}}
  D: {Type: AWS::Lambda::Function, Properties: {Code: ./fn, Handler: a.b}}
  E: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: !Sub 'print(${T})'}, Role: x}}
  F: {Type: AWS::Lambda::Function, Properties: {Code: {ImageUri: x}, Role: x}}
  G: {Type: AWS::Lambda::Function, Properties: {Code: {ImageUri: x}, ImageConfig: {Command: [a.b]}, Role: x}}
  H:
    Type: AWS::Serverless::Function
    Metadata: {DockerContext: svc}
    Properties: {PackageType: Image, ImageConfig: {Command: [c.d]}, Role: x}
  M:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !GetAtt D.Arn}
",
        r#"
A: - - . as external `'arn:aws:iam::1:role/x'`
B: - - uploaded s3://b/k as external `!Ref P`
C: - - uploaded k as external `!ImportValue R`
D: a.b - ./fn as external `D`
  events AWS::Lambda::EventSourceMapping
E: - - inline "print(${T})" as external `x`
F: - - elsewhere as external `x`
G: a.b - uploaded  as external `x`
H: c.d - image of svc:  as external `x`
"#,
    );
}

#[test]
fn oddities_are_reported() {
    check(
        "Resources:\n  A: {Type: T}\n  Fn::Transform: {Name: Macro}\n",
        r"
Warning @3: `Fn::Transform` is not expanded: the resources that it makes are not audited
",
    );
}

#[test]
fn what_cloudformation_would_refuse_for_its_size_is_audited_and_noted() {
    let resources = (0..501).map(|n| format!("  T{n}: {{Type: AWS::SNS::Topic}}\n")).collect::<Vec<_>>().concat();
    let padding = format!("# {}\n", "x".repeat(1 << 20));
    let (stack, diagnostics, _) = read(&format!("{padding}Resources:\n{resources}"));
    assert_eq!(stack.resources.len(), 501);
    let messages: Vec<_> = diagnostics.iter().map(|d| (d.severity, d.message.as_str())).collect();
    let bytes = 1_048_579 + 11 + resources.len();
    assert_eq!(
        messages,
        [
            (Severity::Note, &*format!("{bytes} bytes: CloudFormation accepts at most 1048576")),
            (Severity::Note, "501 resources: CloudFormation accepts at most 500"),
        ]
    );
}

#[test]
fn duplicate_keys_are_kept_with_their_places() {
    let text = "Resources:\n  A: {Type: T, Type: U}\n  A: {Type: T}\n";
    let (stack, _, sources) = read(text);
    let keys: Vec<_> = stack.duplicate_keys.iter().map(|k| (k.path.join("."), &*k.key, k.last.start)).collect();
    assert_eq!(keys, [("Resources.A".to_owned(), "Type", 26), ("Resources".to_owned(), "A", 37)]);
    assert_eq!(sources.text(stack.duplicate_keys[0].earlier[0]), "Type");
}

#[test]
fn spans_are_those_of_keys() {
    let text =
        "Resources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: {TableName: x}\n  Next: {Type: T}\n";
    let (stack, _, sources) = read(text);
    let table = &stack.tables[0];
    assert_eq!(sources.text(table.span), "Orders");
    assert_eq!(sources.text(table.body), "Orders:\n    Type: AWS::DynamoDB::Table\n    Properties: {TableName: x}");
    assert_eq!(sources.text(table.names[0].span), "x");
    let resources: Vec<_> = stack.resources.iter().map(|(id, (kind, span))| (id, kind, sources.text(*span))).collect();
    assert_eq!(
        resources,
        [(&"Next".into(), &"T".into(), "Next"), (&"Orders".into(), &"AWS::DynamoDB::Table".into(), "Orders")]
    );
}

#[test]
fn what_is_no_template_is_refused() {
    let refused = |text: &str| {
        let mut sources = crate::source::SourceMap::default();
        let error = load_text(&mut sources, std::path::Path::new("t.yaml"), text, &BTreeMap::new()).unwrap_err();
        error.to_string()
    };
    assert_eq!(refused("[a]"), "t.yaml:1: a template is a mapping, this is a list");
    assert_eq!(refused("a"), "t.yaml:1: a template is a mapping, this is a scalar");
    assert_eq!(refused("a: 1"), "t.yaml:1: the template has no `Resources` mapping");
    assert_eq!(refused("a: 1\nResources: 2\n"), "t.yaml:2: the template has no `Resources` mapping");
}

#[test]
fn files_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.yaml");
    let load = || {
        let mut sources = crate::source::SourceMap::default();
        crate::template::load(&mut sources, std::slice::from_ref(&path), &BTreeMap::new()).map(|_| ()).unwrap_err()
    };
    assert!(matches!(load(), TemplateError::Io { .. }));
    std::fs::write(&path, b"a: 1\nb: \xff\n").unwrap();
    let TemplateError::NotUtf8 { at } = load() else { panic!("not a matter of encoding") };
    assert_eq!((at.line, at.span.start), (2, 8));
}

#[test]
fn what_is_left_out_of_a_huge_template_is_said() {
    use std::fmt::Write;
    let mut text = String::from("Globals:\n  Function:\n    Environment:\n      Variables:\n");
    for n in 0..2_000 {
        writeln!(text, "        V{n}: x").unwrap();
    }
    text.push_str("Resources:\n");
    for n in 0..200 {
        let variables = "{Handler: a.b, Runtime: python3.13, Environment: {Variables: {A: b}}}";
        writeln!(text, "  F{n}: {{Type: AWS::Serverless::Function, Properties: {variables}}}").unwrap();
    }
    let (_, notes, _) = read(&text);
    let limits = notes.iter().filter(|note| note.severity != Severity::Error);
    let messages: Vec<_> = limits.map(|note| note.message.as_str()).collect();
    assert_eq!(messages, ["the template is too large to be resolved to its end"]);
}
