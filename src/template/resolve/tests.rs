use crate::source::{FileId, SourceMap};
use crate::template::document::Document;
use crate::template::load_text;
use std::collections::BTreeMap;
use std::path::Path;

const TEMPLATE: &str = r"
Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Table: {Type: String, Default: orders}
  Empty: {Type: String, Default: ''}
  Looked: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /app/table}
  Names: {Type: CommaDelimitedList, Default: 'a,b'}
Mappings:
  Regions:
    eu-west-1: {name: west, list: [x, y]}
    eu-central-1: {name: central, list: [z]}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsNotProd: !Not [!Condition IsProd]
  IsDev: !Not [!Not [!Not [!Equals [prod, !Ref Stage]]]]
  Both: !And [!Condition IsProd, !Not [!Equals [!Ref Table, orders]]]
Resources:
  Orders: {Type: AWS::DynamoDB::Table}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Environment:
        Variables:
          V: ";

/// The values of an expression, `unset` among them if some branch leaves it unset.
fn values(expression: &str, given: &[(&str, &str)]) -> Vec<String> {
    let text = format!("{TEMPLATE}{expression}\n");
    let given = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let (stacks, _) = load_text(&mut SourceMap::default(), Path::new("t.yaml"), text, &given).unwrap();
    let variable = &stacks[0].functions[0].environment["V"];
    let mut values: Vec<_> = variable.values.iter().map(ToString::to_string).collect();
    values.extend(variable.optional.then(|| "unset".to_owned()));
    values
}

#[track_caller]
fn check(expression: &str, expected: &[&str]) {
    assert_eq!(values(expression, &[]), expected, "{expression}");
}

#[test]
fn references() {
    check("!Ref Orders", &["${Orders}"]);
    check("!GetAtt Orders.Arn", &["${Orders.Arn}"]);
    check("{'Fn::GetAtt': Orders.StreamArn}", &["${Orders.StreamArn}"]);
    check("!Ref AWS::Region", &["{AWS::Region}"]);
    check("!Ref FRole", &["${FRole}"]);
    check("!Ref Missing", &["{Missing}"]);
    check("!ImportValue shared-table", &["{ImportValue shared-table}"]);
    check("!ImportValue {'Fn::Sub': '${Stage}-table'}", &["{ImportValue {Stage}-table}"]);
    check("!Ref AWS::NoValue", &["unset"]);
    check("!Base64 x", &["{Fn::Base64}"]);
    check("[1, 2]", &[]);
}

#[test]
fn parameters() {
    check("!Ref Table", &["orders", "{Table}"]);
    check("!Sub '${Table}'", &["orders", "{Table}"]);
    check("!Sub 'app-${Stage}-x'", &["app-{Stage}-x"]);
    check("!Join ['-', [app, !Ref Stage]]", &["app-{Stage}"]);
    check("!Ref Empty", &["{Empty}"]);
    check("!Ref Looked", &["{Looked}"]);
    assert_eq!(values("!Sub 'app-${Stage}-x'", &[("Stage", "prod")]), ["app-prod-x"]);
    assert_eq!(values("!Ref Table", &[("Table", "t2")]), ["t2"]);
}

#[test]
fn sub() {
    check("!Sub ['${A}-${Orders}-${Stage}', {A: !Ref AWS::Region}]", &["{AWS::Region}-${Orders}-{Stage}"]);
    check("!Sub '${!Literal} ${Orders.Arn}/index/*'", &["${Literal} ${Orders.Arn}/index/*"]);
    check("!Sub 'a ${ Orders } b'", &["a ${Orders} b"]);
    check("!Sub 'open ${Orders'", &["open ${Orders"]);
    check("!Sub ['${A}', {A: !If [C, x, y]}]", &["x", "y"]);
}

#[test]
fn conditions() {
    check("!If [C, a, b]", &["a", "b"]);
    check("!If [C, a, !Ref AWS::NoValue]", &["a", "unset"]);
    check("!If [C, !If [C, a, never], b]", &["a", "b"]);
    check("!Join ['-', [!If [C, a, b], !If [C, x, y]]]", &["a-x", "b-y"]);
    check("!Join ['-', [!If [C, a, b], !If [D, x, y]]]", &["a-x", "a-y", "b-x", "b-y"]);
    check("!Join ['-', [a, !If [C, b, !Ref AWS::NoValue]]]", &["a-b", "a"]);
    assert_eq!(values("!If [IsProd, a, b]", &[("Stage", "prod")]), ["a"]);
    assert_eq!(values("!If [IsProd, a, b]", &[("Stage", "dev")]), ["b"]);
    assert_eq!(values("!If [Both, a, b]", &[("Stage", "dev")]), ["b"]);
    assert_eq!(values("!If [Both, a, b]", &[("Stage", "prod")]), ["a", "b"]);
}

#[test]
fn lists_and_maps() {
    check("!Select [1, [a, b, c]]", &["b"]);
    check("!Select ['0', !Split ['-', 'a-b']]", &["a"]);
    check("!Select [0, !Split ['-', !Sub 'a-${Stage}-b']]", &["a"]);
    check("!Select [2, !Split ['-', !Sub 'a-${Stage}-b']]", &["{Fn::Select}"]);
    check("!Select [1, !Split ['/', !GetAtt Orders.Arn]]", &["${Orders}"]);
    check("!Select [1, !Split ['/', !GetAtt Orders.StreamArn]]", &["${Orders}"]);
    check("!Select [9, [a]]", &["{Fn::Select}"]);
    check("!Select [0, !If [C, [a], [b]]]", &["a", "b"]);
    check("!Select [0, !Ref Names]", &["{Fn::Select}"]);
    assert_eq!(values("!Select [1, !Ref Names]", &[("Names", "x, y")]), ["y"]);
    check("!FindInMap [Regions, eu-west-1, name]", &["west"]);
    check("!FindInMap [Regions, !Ref AWS::Region, name]", &["west", "central"]);
    check("!Join [',', !FindInMap [Regions, eu-west-1, list]]", &["x,y"]);
    check("!FindInMap [Missing, a, b]", &["{Fn::FindInMap}"]);
    check("!Join ['', !Ref Names]", &["{Fn::Join}"]);
}

#[test]
fn too_many_alternatives_are_a_hole() {
    let items: Vec<_> = (0..40).map(|n| format!("!If [C{n}, a, b]")).collect();
    let found = values(&format!("!Join ['', [{}]]", items.join(", ")), &[]);
    assert_eq!(found.len(), 64);
    assert!(found.iter().all(|value| value.ends_with(&"{Fn::If}".repeat(34))), "{:?}", found[0]);
}

#[test]
fn a_condition_and_its_opposite_are_one() {
    check("!If [IsProd, !If [IsNotProd, never, a], !If [IsDev, b, never]]", &["a", "b"]);
    check("!Join ['-', [!If [IsProd, a, b], !If [IsDev, x, y]]]", &["a-y", "b-x"]);
    check("!If [IsProd, !If [Both, a, b], !If [Both, c, d]]", &["a", "b", "c", "d"]);
}

#[test]
fn conditions_that_refer_to_themselves_end() {
    let text = "Parameters: {P: {Type: String}}\nConditions: {A: !Or [!Condition A, !Condition A], B: !Not [!Condition B]}\nResources: {}\n";
    assert!(Document::parse(FileId(0), "t", text).is_ok());
    let given = BTreeMap::from([("P".to_owned(), "x".to_owned())]);
    let (stacks, notes) = load_text(&mut SourceMap::default(), Path::new("t.yaml"), text, &given).unwrap();
    assert_eq!((stacks[0].resources.len(), notes.len()), (0, 0));
}

/// Each level of the text nests the next one; the innermost is `x`.
fn nested(levels: usize, open: &str, close: &str) -> String {
    format!("{}x{}", open.repeat(levels), close.repeat(levels))
}

#[test]
fn deep_and_doubling_expressions_end() {
    check(&nested(60, "!Join ['', [", "]]"), &["x"]);
    check(&nested(60, "!Sub ['${A}', {A: ", "}]"), &["x"]);
    check(&nested(80, "!If [C, ", ", y]"), &["x", "y"]);
    check(&nested(17, "!Sub ['${A}${A}', {A: ", "}]"), &["x".repeat(1 << 17).as_str()]);
    check(&nested(60, "!Sub ['${A}${A}', {A: ", "}]"), &["{a very long text}"]);
}

#[test]
fn long_lists_are_joined_whole() {
    let items = "!Ref AWS::Region, !If [C, a, b], ".repeat(10_000);
    let found = values(&format!("!Join ['', [{items}]]"), &[]);
    assert_eq!(found, ["{AWS::Region}a".repeat(10_000), "{AWS::Region}b".repeat(10_000)]);
}
