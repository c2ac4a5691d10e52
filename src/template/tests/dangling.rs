//! References to what isn't there.

use super::read;
use crate::template::Severity;

/// What is refused, each with its line.
fn refused(text: &str) -> Vec<String> {
    let (_, notes, sources) = read(text);
    let errors = notes.iter().filter(|note| note.severity == Severity::Error);
    errors.map(|note| format!("{} {} [{}]", sources.location(note.span).start.line, note.message, note.help)).collect()
}

fn unresolved(line: usize, name: &str, block: &str, help: &str) -> String {
    format!(
        "{line} `{name}` is neither a resource nor a parameter of the template: CloudFormation refuses it with \"Template format error: \
         Unresolved resource dependencies [{name}] in the {block} block of the template\" [{help}]"
    )
}

#[test]
fn names_that_nothing_bears() {
    let text = r"
Parameters:
  Stage: {Type: String}
Resources:
  OrdersTable:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${Stage}-${Stge}-${AWS::Region}'
  Topic:
    Type: AWS::SNS::Topic
    DependsOn: [OrdersTable, Gone]
    Properties:
      TopicName: !GetAtt OrderTable.Arn
      DisplayName: !If [Small, !Ref Missing, !Ref AWS::NoValue]
Outputs:
  First: {Value: !Ref Missing}
  Second: {Value: !Sub '${Missing}'}
";
    let otherwise = "declare it, or take the reference out";
    assert_eq!(
        refused(text),
        [
            unresolved(8, "Stge", "Resources", "Stage is meant?"),
            unresolved(11, "Gone", "Resources", otherwise),
            unresolved(13, "OrderTable", "Resources", "OrdersTable is meant?"),
            unresolved(14, "Missing", "Resources", otherwise),
            unresolved(16, "Missing", "Outputs", otherwise),
        ]
    );
}

#[test]
fn what_is_there_or_may_be_made() {
    let none: [&str; 0] = [];
    for text in [
        // Texts and variables of a pattern's own.
        "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Sub ['${own}-${!Text}-${a b}', {own: a}], DisplayName: Ref}\n",
        "Resources:\n  T:\n    Type: AWS::SNS::Topic\n    Metadata: {A: !Ref Gone}\n",
        // A macro may make it, of the whole template or of a part.
        "Transform: [Mine]\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref Gone}\n",
        "Resources:\n  'Fn::Transform': {Name: Mine}\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref Gone}\n",
        "Transform: AWS::LanguageExtensions\nResources:\n  'Fn::ForEach::Topics': [Name, !Ref Names, {'T${Name}': {Type: AWS::SNS::Topic}}]\n  U:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref TA}\n",
        "Transform: AWS::LanguageExtensions\nResources:\n  'Fn::ForEach::Topics': [Name, [A, B], {'T${Name}': {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}}]\n  U:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref TA}\n",
        // SAM makes roles, stages and APIs; modules bring what is in them.
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: {Runtime: python3.13, Handler: a.b, CodeUri: s3://a/b}\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref FRole, DisplayName: !Sub '${ServerlessRestApi}-${F.Arn}'}\n",
        "Resources:\n  M: {Type: My::Table::Kind::MODULE}\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref M.Topic, DisplayName: !GetAtt MTopic.Name}\n",
    ] {
        assert_eq!(refused(text), none, "{text}");
    }
}
