//! What the SAM transform refuses, and where.

mod apis;
mod events;
mod publish;

use crate::source::SourceMap;
use crate::template::{Severity, load_text};
use std::collections::BTreeMap;
use std::path::Path;

/// The errors of a template of these resources, each as `line: what`.
#[track_caller]
fn check(resources: &str, expected: &[&str]) {
    let functions = "  T: {Type: AWS::Serverless::SimpleTable}\n";
    let text = format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{functions}{resources}");
    let mut sources = SourceMap::default();
    let (_, notes) = load_text(&mut sources, Path::new("t.yaml"), text, &BTreeMap::new()).unwrap();
    // What is refused after the transform is no matter of these tests: they name things that aren't there.
    let is_of_transform =
        |note: &&crate::template::Diagnostic| !note.message.contains("Unresolved resource dependencies");
    let errors = notes.iter().filter(|note| note.severity == Severity::Error).filter(is_of_transform);
    let start = "`sam deploy` refuses this template: ";
    let line = |note: &crate::template::Diagnostic| {
        format!("{}: {}", sources.location(note.span).start.line, note.message.replacen(start, "", 1))
    };
    assert_eq!(errors.map(line).collect::<Vec<_>>(), expected);
}

/// A function with this line of properties after those that it must have.
fn function(properties: &str) -> String {
    format!(
        "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: a.b\n      Runtime: python3.13\n      {properties}\n"
    )
}

#[track_caller]
fn policies(policy: &str, expected: &[&str]) {
    check(&function(&format!("Policies: [{policy}]")), expected);
}

#[test]
fn forms_of_policies() {
    let read = "DynamoDBReadPolicy: {TableName: t}";
    policies(
        &format!("{{{read}}}, AWSLambdaExecute, {{Statement: []}}, !Ref P, !If [C, {{{read}}}, !Ref AWS::NoValue]"),
        &[],
    );
    policies(&format!("!If [C, {{{read}}}, {{DynamoDBCrudPolicy: {{TableName: t}}}}]"), &[]);
    policies(
        &format!("!If [C, {{{read}}}, {{Statement: []}}]"),
        &["9: the branches of an `Fn::If` in the policies of `F` are of different forms"],
    );
    let unknown = |what: &str| format!("9: a policy of `F` is none of the forms that SAM knows: {what}");
    for (policy, what) in [
        (format!("!If [C, [{{{read}}}], !Ref AWS::NoValue]"), "a mapping of several keys"),
        ("{Effect: Allow, Action: x, Resource: y}".to_owned(), "a statement without its document"),
        ("{DynamoDBEveryPolicy: {TableName: t}}".to_owned(), "there is no policy template `DynamoDBEveryPolicy`"),
        (format!("{{{read}, SQSPollerPolicy: {{QueueName: q}}}}"), "a mapping of several keys"),
    ] {
        let expected =
            if policy.starts_with("!If") { unknown("there is no policy template `Fn::If`") } else { unknown(what) };
        policies(&policy, &[&expected]);
    }
    policies(
        "{DynamoDBStreamReadPolicy: {TableName: t}}",
        &["9: `DynamoDBStreamReadPolicy` of `F` lacks its parameter `StreamName`"],
    );
    policies("{DynamoDBReadPolicy: t}", &["9: the parameters of `DynamoDBReadPolicy` must be a mapping"]);
    policies("!If [C, a]", &["9: an `Fn::If` in the policies of `F` doesn't have three arguments"]);
}

#[test]
fn simple_tables() {
    let table =
        |properties: &str| format!("  S: {{Type: AWS::Serverless::SimpleTable, Properties: {{{properties}}}}}\n");
    check(&table("PrimaryKey: {Name: id, Type: String}, TableName: !Ref X"), &[]);
    check(&table("PrimaryKey: {Name: id}"), &["4: the primary key of `S` has no `Type`"]);
    check(&table("PrimaryKey: {Type: Number}"), &["4: the primary key of `S` has no `Name`"]);
    check(&table("PrimaryKey: {Name: id, Type: S}"), &["4: the primary key of `S` is of no type that SAM knows"]);
    check(
        &table("BillingMode: PAY_PER_REQUEST"),
        &["4: `S` has no property `BillingMode` in version 1.115 of the translator"],
    );
}

/// Other macros may change everything first.
#[test]
fn other_macros_of_the_template() {
    let told = |transform: &str| {
        let table = "{Type: AWS::Serverless::SimpleTable, Properties: {Tabs: x}}";
        let text = format!("Transform: {transform}\nResources:\n  T: {table}\n");
        let (_, notes) = load_text(&mut SourceMap::default(), Path::new("t.yaml"), text, &BTreeMap::new()).unwrap();
        notes.into_iter().map(|note| (note.severity, note.message)).collect::<Vec<_>>()
    };
    let refused = "`sam deploy` refuses this template: `T` has no property `Tabs`";
    for known in ["AWS::Serverless-2016-10-31", "[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]"] {
        assert_eq!(told(known), [(Severity::Error, refused.to_owned())]);
    }
    let note = "another macro may change this template first: what `sam deploy` refuses of it is not told";
    for other in ["[CompanyDefaults, AWS::Serverless-2016-10-31]", "[AWS::Serverless-2016-10-31, {Name: Own}]", "Own"] {
        assert_eq!(told(other), [(Severity::Note, note.to_owned())]);
    }
}

#[test]
fn functions_and_events() {
    check("  F: {Type: AWS::Serverless::Function}\n", &["4: `F` has no `Handler`", "4: `F` has no `Runtime`"]);
    check(&function("Environement: {}"), &["9: `F` has no property `Environement`"]);
    check(
        &function("Events: {E: {Type: DynamoDB, Properties: {StartingPosition: LATEST}}}"),
        &["9: the event `E` of `F` lacks `Stream`"],
    );
    check(
        &function("Events: {E: {Type: DynamoDb}}"),
        &["9: the event `E` of `F` is of no type that SAM knows: `DynamoDb`"],
    );
    check(&function("Role: !If [C, a]"), &["9: the `Fn::If` in the role of `F` doesn't have three arguments"]);
    let tenants = "TenancyConfig: {TenantIsolationMode: PER_TENANT}";
    let stream = "{Type: DynamoDB, Properties: {Stream: s, StartingPosition: LATEST}}";
    check(
        &function(&format!("{tenants}\n      Events: {{E: {stream}}}")),
        &["10: `F` has tenants, and can't have the event `E`"],
    );
    check(
        &format!("{}  FRole: {{Type: AWS::SNS::Topic}}\n", function("Timeout: 3")),
        &["10: SAM makes a role `FRole` for `F`, and there is a resource of this name"],
    );
}

#[test]
fn connectors() {
    let wire = |ends: &str| {
        format!("{}  W: {{Type: AWS::Serverless::Connector, Properties: {{{ends}}}}}\n", function("Timeout: 3"))
    };
    check(&wire("Source: {Id: F}, Destination: {Id: T}, Permissions: [Read, Write]"), &[]);
    check(
        &wire("Source: {Id: F}, Destination: {Id: T}, Permissions: [Delete]"),
        &["10: the connector `W` can't have these permissions"],
    );
    check(
        &wire("Source: {Id: F}, Destination: {Id: X}, Permissions: [Read]"),
        &["10: a connector names `X`, and there is no such resource"],
    );
    check(
        &wire("Source: {Id: T}, Destination: {Id: T}, Permissions: [Read]"),
        &["10: SAM has no connector from AWS::DynamoDB::Table to AWS::DynamoDB::Table"],
    );
    check(&wire("Source: {Id: F}, Permissions: [Read]"), &["10: `W` lacks `Destination`"]);
    check(
        &wire("Source: {Type: AWS::Lambda::Function}, Destination: {Id: T}, Permissions: [Read]"),
        &["10: the connector `W` can't tell the role of one of its ends"],
    );
}

#[test]
fn globals_state_machines_and_plain_templates() {
    check(
        "Globals: {Function: {Policies: []}, Table: {}}\n",
        &["4: `Policies` can't be set for every Function by `Globals`", "4: `Globals` has no section `Table`"],
    );
    let machine =
        |properties: &str| format!("  M: {{Type: AWS::Serverless::StateMachine, Properties: {{{properties}}}}}\n");
    check(&machine("DefinitionUri: m.json, Role: r"), &[]);
    check(&machine("DefinitionUri: m.json, Policies: {Version: v, Statement: []}"), &[]);
    check(&machine("DefinitionUri: m.json, Policies: {}"), &["4: `Policies` of `M` is an empty mapping"]);
    check(
        &machine("DefinitionUri: m.json, Role: r, Policies: [p]"),
        &["4: `M` has a role, and policies for another one"],
    );
    check(&machine("Role: r"), &["4: `M` has no definition"]);
}
