//! Several files: nested stacks, includes, the CDK's output.

use super::render_stack;
use crate::source::SourceMap;
use crate::template::{Diagnostic, Severity, load};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// The stacks of a project, one after the other, then what is said of the whole.
#[track_caller]
pub(super) fn check(files: &[(&str, &str)], given: &[&str], expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let paths: Vec<PathBuf> = given.iter().map(|name| folder.path().join(name)).collect();
    let mut sources = SourceMap::default();
    let (stacks, notes) = load(&mut sources, &paths, &BTreeMap::new()).unwrap();
    let short = |text: &str| text.replace(&format!("{}/", folder.path().display()), "");
    let mut found = String::new();
    for stack in &stacks {
        writeln!(found, "== {}", short(&sources.file(stack.file).name)).unwrap();
        found += &render_stack(stack, &[], &sources);
    }
    for note in notes.iter().filter(|note| note.severity != Severity::Error) {
        let at = sources.location(note.span);
        let file = short(&sources.file(note.span.file).name);
        writeln!(found, "{:?} {file}:{}: {}", note.severity, at.start.line, short(&note.message)).unwrap();
    }
    let expected = expected.trim_start_matches('\n');
    assert!(found == expected, "found:\n{found}\nexpected:\n{expected}");
}

const TABLES: &str = r"
Parameters:
  Stage: {Type: String}
  Attribute: {Type: String, Default: ttl}
Conditions:
  Kept: !Equals [!Ref Stage, prod]
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub 'orders-${Stage}'
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {Enabled: true, AttributeName: !Ref Attribute}
Outputs:
  Name: {Value: !If [Kept, !Ref Orders, old-orders]}
  Arn: {Value: !GetAtt Orders.Arn}
  Index: {Value: by-date}
";

#[test]
fn values_pass_through_nested_stacks() {
    let root = r"
Parameters:
  Stage: {Type: String, Default: dev}
Resources:
  Tables:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./tables.yaml
      Parameters: {Stage: !Ref Stage}
  Api:
    Type: AWS::Serverless::Application
    Properties:
      Location: api/template.yaml
      Parameters:
        Table: !GetAtt Tables.Outputs.Name
        TableArn: !GetAtt Tables.Outputs.Arn
        Index: !GetAtt Tables.Outputs.Index
        Missing: !GetAtt Tables.Outputs.Nothing
";
    let api = r"
Parameters:
  Table: {Type: String}
  TableArn: {Type: String}
  Index: {Type: String}
  Missing: {Type: String}
  Page: {Type: Number, Default: 25}
Resources:
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment:
        Variables: {TABLE: !Ref Table, INDEX: !Ref Index, MISSING: !Ref Missing, PAGE: !Ref Page}
      Policies:
        - Statement: {Effect: Allow, Action: 'dynamodb:Query', Resource: !Sub '${TableArn}/index/${Index}'}
";
    let files = [("root.yaml", root), ("tables.yaml", TABLES), ("api/template.yaml", api)];
    check(
        &files,
        &["root.yaml"],
        r#"
== root.yaml

== tables.yaml
AWS::DynamoDB::Table Orders @8: partition id:?
  named orders-{Stage}
  ttl "ttl", pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
== api/template.yaml
List: list.handler python3.12 . as ListRole
  INDEX @15 = by-date
  MISSING @15 = ${Tables.Outputs.Nothing}
  PAGE @15 = 25
  TABLE @15 = ${Orders} old-orders
role ListRole (generated)
  Allow [Query] on [${Orders.Arn}/index/by-date] @17
"#,
    );
}

#[test]
fn a_template_that_is_nested_twice_is_one_stack_with_the_values_of_both() {
    let root = r"
Resources:
  Live:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: tables.yaml, Parameters: {Stage: prod, Attribute: expires_at}}
  Demo:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: ./tables.yaml, Parameters: {Stage: demo}}
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment:
        Variables: {LIVE: !GetAtt Live.Outputs.Arn, DEMO: !Sub '${Demo.Outputs.Arn}'}
";
    check(
        &[("root.yaml", root), ("tables.yaml", TABLES)],
        &["root.yaml", "tables.yaml"],
        r#"
== root.yaml
List: list.handler python3.12 . as ListRole
  DEMO @15 = ${Orders.Arn}
  LIVE @15 = ${Orders.Arn}
role ListRole (generated)
== tables.yaml
AWS::DynamoDB::Table Orders @8: partition id:?
  named orders-prod orders-demo
  ttl "expires_at" or "ttl", pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
"#,
    );
}

#[test]
fn a_condition_is_known_where_the_parent_passes_a_text() {
    let root = r"
Resources:
  Tables:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: tables.yaml, Parameters: {Stage: dev}}
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment: {Variables: {TABLE: !GetAtt Tables.Outputs.Name}}
";
    check(
        &[("root.yaml", root), ("tables.yaml", TABLES)],
        &["root.yaml"],
        r#"
== root.yaml
List: list.handler python3.12 . as ListRole
  TABLE @11 = old-orders
role ListRole (generated)
== tables.yaml
AWS::DynamoDB::Table Orders @8: partition id:?
  named orders-dev
  ttl "ttl", pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
"#,
    );
}

#[test]
fn lists_pass_through_parameters() {
    let root = r"
Resources:
  Api:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: api.yaml, Parameters: {Tables: 'orders, carts'}}
";
    let api = r"
Parameters: {Tables: {Type: CommaDelimitedList}}
Resources:
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment: {Variables: {SECOND: !Select [1, !Ref Tables], ALL: !Join ['+', !Ref Tables]}}
";
    check(
        &[("root.yaml", root), ("api.yaml", api)],
        &["root.yaml"],
        r"
== root.yaml

== api.yaml
List: list.handler python3.12 . as ListRole
  ALL @9 = orders+carts
  SECOND @9 = carts
role ListRole (generated)
",
    );
}

#[test]
fn templates_that_cannot_be_read() {
    let root = r"
Parameters: {P: {Type: String, Default: x}}
Resources:
  Missing:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: gone.yaml}
  Broken:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: broken.yaml}
  Remote:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: https://s3.amazonaws.com/bucket/t.yaml}
  Later:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: '{{resolve:ssm:/template:1}}'}
  List:
    Type: AWS::Serverless::Function
    Properties:
      Handler: list.handler
      Runtime: python3.12
      Environment: {Variables: {P: !Ref P, R: !GetAtt Missing.Outputs.P}}
";
    check(
        &[("root.yaml", root), ("broken.yaml", "a: [")],
        &["root.yaml"],
        r"
== root.yaml
List: list.handler python3.12 . as ListRole
  P @21 = x {P}
  R @21 = ${Missing.Outputs.P}
role ListRole (generated)
",
    );
}

#[test]
fn included_files_take_the_place_of_their_call() {
    let root = r"
Transform:
  - AWS::Serverless-2016-10-31
  - {Name: AWS::Include, Parameters: {Location: more.yaml}}
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      KeySchema: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: parts/keys.json}}}
  Fn::Transform: {Name: AWS::Include, Parameters: {Location: parts/carts.yaml}}
  Gone:
    Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/gone.yaml}}
";
    let files = [
        ("root.yaml", root),
        ("more.yaml", "Resources:\n  Users: {Type: AWS::Serverless::SimpleTable}\n"),
        ("parts/keys.json", r#"[{"AttributeName": "pk", "KeyType": "HASH"}]"#),
        ("parts/carts.yaml", "Carts: {Type: AWS::Serverless::SimpleTable}\n"),
    ];
    check(
        &files,
        &["root.yaml"],
        r#"
== root.yaml
AWS::DynamoDB::Table Orders @6: partition pk:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::Serverless::SimpleTable Carts @1: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
AWS::Serverless::SimpleTable Users @2: partition id:S
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
Warning root.yaml:12: `s3://bucket/gone.yaml` is not beside the template: what it includes is not audited
"#,
    );
}

#[test]
fn the_same_logical_id_in_two_templates_is_two_tables() {
    let template = |key: &str| {
        format!(
            "
Resources:
  T: {{Type: AWS::DynamoDB::Table, Properties: {{KeySchema: [{{AttributeName: {key}, KeyType: HASH}}]}}}}
  F:
    Type: AWS::Serverless::Function
    Properties: {{Environment: {{Variables: {{T: !Ref T}}}}, Policies: [DynamoDBReconfigurePolicy: {{TableName: !Ref T}}]}}
"
        )
    };
    check(
        &[("a.yaml", &template("id")), ("b.yaml", &template("pk"))],
        &["a.yaml", "b.yaml"],
        r"
== a.yaml
AWS::DynamoDB::Table T @3: partition id:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
F: - - . as FRole
  T @6 = ${T}
role FRole (generated)
  Allow [UpdateTable] on [ARN:table/${T}] by DynamoDBReconfigurePolicy @6
== b.yaml
AWS::DynamoDB::Table T @3: partition pk:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
F: - - . as FRole
  T @6 = ${T}
role FRole (generated)
  Allow [UpdateTable] on [ARN:table/${T}] by DynamoDBReconfigurePolicy @6
",
    );
}

#[test]
fn circles_are_errors_with_both_places() {
    let nested = |location: &str| {
        format!("Resources:\n  N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {location}}}}}\n")
    };
    let include = |location: &str| {
        format!("Resources:\n  Fn::Transform: {{Name: AWS::Include, Parameters: {{Location: {location}}}}}\n")
    };
    for (parts, expected) in [
        (
            [nested("b.yaml"), nested("c.yaml"), nested("a.yaml")],
            "a.yaml:2: what is nested here leads back to itself, by c.yaml:2",
        ),
        (
            [include("b.yaml"), include("c.yaml"), include("b.yaml")],
            "b.yaml:2: what is included here leads back to itself, by c.yaml:2",
        ),
        (
            [include("a.yaml"), include("a.yaml"), nested("c.yaml")],
            "a.yaml:2: what is included here leads back to itself, by a.yaml:2",
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in ["a.yaml", "b.yaml", "c.yaml"].iter().zip(&parts) {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let error = load(&mut SourceMap::default(), &[folder.path().join("a.yaml")], &BTreeMap::new()).unwrap_err();
        assert_eq!(error.to_string().replace(&format!("{}/", folder.path().display()), ""), expected);
    }
}

#[test]
fn circles_beside_or_below_others_are_noted() {
    let nested = |location: &str| {
        format!("Resources:\n  N: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {location}}}}}\n")
    };
    let included = "Resources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: b.yaml}}\n";
    let nests_b = "Error c.yaml:2: not audited: b.yaml:2: what is nested here leads back to itself, by c.yaml:2";
    let includes_b = "Error b.yaml:2: not audited: b.yaml:2: what is included here leads back to itself, by b.yaml:2";
    for (b, given, expected) in [
        (&nested("c.yaml")[..], &["a.yaml"][..], nests_b),
        (&nested("c.yaml")[..], &["a.yaml", "b.yaml"][..], nests_b),
        (included, &["a.yaml"][..], includes_b),
        (included, &["a.yaml", "b.yaml"][..], includes_b),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("a.yaml", &nested("b.yaml")[..]), ("b.yaml", b), ("c.yaml", &nested("b.yaml")[..])] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let mut sources = SourceMap::default();
        let paths: Vec<_> = given.iter().map(|name| folder.path().join(name)).collect();
        let (stacks, notes) = load(&mut sources, &paths, &BTreeMap::new()).unwrap();
        assert_eq!(stacks.len(), if b == included { 2 } else { 3 });
        let line = |note: &Diagnostic| {
            let place = sources.location(note.span);
            let text = format!("{:?} {}:{}: {}", note.severity, place.file, place.start.line, note.message);
            text.replace(&format!("{}/", folder.path().display()), "")
        };
        let errors: Vec<String> = notes.iter().filter(|note| note.severity == Severity::Error).map(line).collect();
        assert_eq!(errors, [expected]);
    }
}

#[test]
fn one_nested_template_too_many_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let nested = |n| format!("  N{n}: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: {n}.yaml}}}}\n");
    let root = format!("Resources:\n{}", (0..1_000).map(nested).collect::<String>());
    for n in 0..1_000 {
        std::fs::write(folder.path().join(format!("{n}.yaml")), "Resources: {T: {Type: AWS::SNS::Topic}}\n").unwrap();
    }
    let path = folder.path().join("root.yaml");
    std::fs::write(&path, root).unwrap();
    let (stacks, notes) = load(&mut SourceMap::default(), &[path], &BTreeMap::new()).unwrap();
    assert_eq!(stacks.len(), 1_000);
    let warnings = notes.iter().filter(|note| note.severity == Severity::Warning).map(|note| &note.message[..]);
    assert_eq!(warnings.collect::<Vec<_>>(), ["the nested template is not audited: there are more than 1000"]);
}

#[test]
fn loops_are_written_out() {
    let root = r"
Transform: AWS::LanguageExtensions
Parameters:
  Names: {Type: CommaDelimitedList, Default: 'orders, line-items'}
  Unknown: {Type: CommaDelimitedList}
Mappings: {Stages: {dev: {Names: [a]}}}
Resources:
  Fn::ForEach::Tables:
    - Name
    - !Ref Names
    - Table&{Name}:
        Type: AWS::DynamoDB::Table
        Properties:
          TableName: !Ref Name
          KeySchema: [{AttributeName: !Sub '${Name}-id', KeyType: HASH}]
  Fn::ForEach::Outer:
    - A
    - [x, y]
    - Fn::ForEach::Inner:
        - B
        - !FindInMap [Stages, dev, Names]
        - ${A}${B}: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: '${A}-${B}'}}
  Fn::ForEach::Lost: [C, !Ref Unknown, {'L${C}': {Type: AWS::Serverless::SimpleTable}}]
";
    check(
        &[("root.yaml", root)],
        &["root.yaml"],
        r#"
== root.yaml
AWS::DynamoDB::Table Tableorders @11: partition orders-id:?
  named orders
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::DynamoDB::Table Tablelineitems @11: partition line-items-id:?
  named line-items
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
AWS::Serverless::SimpleTable xa @22: partition id:S
  named x-a
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
AWS::Serverless::SimpleTable ya @22: partition id:S
  named y-a
  ttl unset, pitr unset, billing "PAY_PER_REQUEST", stream unset, deletion policy unset, deletion protection unset
Warning root.yaml:23: `Fn::ForEach::Lost` can't be written out: what it makes is not audited
"#,
    );
}

#[test]
fn the_cdk_names_its_assets_in_metadata() {
    let app = r#"{
 "Resources": {
  "Handler886CB40B": {
   "Type": "AWS::Lambda::Function",
   "Properties": {"Code": {"S3Bucket": "cdk-assets", "S3Key": "0f.zip"}, "Handler": "index.handler", "Runtime": "python3.12",
    "Environment": {"Variables": {"TABLE": {"Fn::GetAtt": ["DataNestedStack", "Outputs.TableRef"]},
     "SHARED": {"Fn::ImportValue": "Other:ExportsOutputRefTable"}}}},
   "Metadata": {"aws:cdk:path": "App/Handler", "aws:asset:path": "asset.0f", "aws:asset:property": "Code"}
  },
  "DataNestedStack": {
   "Type": "AWS::CloudFormation::Stack",
   "Properties": {"TemplateURL": {"Fn::Join": ["", ["https://s3.", {"Ref": "AWS::URLSuffix"}, "/data.json"]]}},
   "Metadata": {"aws:asset:path": "Data.nested.template.json", "aws:asset:property": "TemplateURL"}
  }
 }
}"#;
    let data = r#"{"Resources": {"Table": {"Type": "AWS::DynamoDB::Table", "Properties": {
 "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}}}, "Outputs": {"TableRef": {"Value": {"Ref": "Table"}}}}"#;
    let files = [("cdk.out/App.template.json", app), ("cdk.out/Data.nested.template.json", data)];
    check(
        &files,
        &["cdk.out/App.template.json"],
        r#"
== cdk.out/App.template.json
Handler886CB40B: index.handler python3.12 asset.0f as external `"Handler886CB40B"`
  SHARED @7 = {ImportValue Other:ExportsOutputRefTable}
  TABLE @6 = ${Table}
== cdk.out/Data.nested.template.json
AWS::DynamoDB::Table Table @1: partition pk:?
  ttl unset, pitr unset, billing unset, stream unset, deletion policy unset, deletion protection unset
"#,
    );
}
