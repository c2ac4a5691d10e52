//! Input that means harm or means nothing.

use super::services;

fn machine(definition: &str) -> String {
    let quoted = definition.replace('\'', "''");
    let template = format!(
        "Resources:\n  M:\n    Type: AWS::StepFunctions::StateMachine\n    Properties: {{DefinitionString: '{quoted}'}}\n"
    );
    services(&[("t.yaml", &template)])
}

fn resolver(code: &str, key: &str) -> String {
    let quoted = code.replace('\'', "''");
    let template = format!(
        "Resources:\n  S: {{Type: AWS::AppSync::DataSource, Properties: {{Name: n, Type: AMAZON_DYNAMODB}}}}\n  \
         R: {{Type: AWS::AppSync::Resolver, Properties: {{DataSourceName: n, {key}: '{quoted}'}}}}\n"
    );
    services(&[("t.yaml", &template)])
}

const UNREAD: &str =
    "AWS::StepFunctions::StateMachine M as somebody\n  ? on [] by [] @t.yaml:4: its definition can't be read\n";
const UNTOLD: &str = "AWS::AppSync::DataSource S as somebody\n  ? on [] by [] @t.yaml:3: its request can't be told\n";

#[test]
fn depth() {
    for open in ["{\"States\":", "[", "("] {
        assert_eq!(machine(&open.repeat(50_000)), UNREAD);
    }
    assert_eq!(resolver(&"{\"a\":".repeat(50_000), "RequestMappingTemplate"), UNTOLD);
    assert_eq!(resolver(&"f({".repeat(50_000), "Code"), UNTOLD);
    assert_eq!(resolver(&"#if(".repeat(50_000), "RequestMappingTemplate"), UNTOLD);
}

#[test]
fn length() {
    assert_eq!(machine(&" ".repeat(1_100_000)), UNREAD);
    let many = format!("{{\"States\": {{{}}}}}", "\"a\": 1, ".repeat(100_000));
    assert_eq!(machine(&many), UNREAD.replace("its definition", "a state"));
}

#[test]
fn nonsense() {
    let texts = [
        "",
        "}",
        ")",
        "]}{[",
        "{\"a\"",
        "{\"a\":",
        "\"",
        "\"\\u12",
        "\\",
        "${",
        "{\"States\": 3}",
        "#",
        "#{",
        "##",
        "#*",
        "$!{",
        "{,,,:::;;;}",
        "import * as",
        "\u{f0000}\u{fffff}",
        "{a: #if}",
        "{a: #if ; ]",
    ];
    for text in texts {
        assert!(machine(text).contains("  ? on [] by [] "), "{text}");
        assert_eq!(resolver(text, "RequestMappingTemplate"), UNTOLD, "{text}");
        assert_eq!(resolver(text, "Code"), UNTOLD, "{text}");
    }
}
