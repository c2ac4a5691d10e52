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
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Front:\n    Type: AWS::Serverless::Api\n    Properties:\n      StageName: prod\n      Domain: {DomainName: api.example.com, CertificateArn: arn, Route53: {HostedZoneId: Z1}}\nOutputs:\n  D: {Value: !GetAtt ApiGatewayDomainName1bc412bb08.RegionalDomainName}\n  R: {Value: !Ref RecordSetGroupdc5493edf0}\n",
        // What is included isn't at hand.
        "Transform: {Name: AWS::Include, Parameters: {Location: s3://bucket/common.yaml}}\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref Common}\n",
        "Transform: [{Name: AWS::Include, Parameters: {Location: !Ref Gone}}]\nResources:\n  T:\n    Type: AWS::SNS::Topic\n    Properties: {TopicName: !Ref Common}\n",
    ] {
        assert_eq!(refused(text), none, "{text}");
    }
}

#[test]
fn many_names_that_nothing_bears() {
    let mut text = "Transform: AWS::Serverless-2016-10-31\nResources:\n".to_owned();
    for n in 0..1000 {
        let of = format!("TopicName: !Ref Topik{n}, DisplayName: !Ref Nobody{n}");
        text = format!("{text}  Topic{n}: {{Type: AWS::SNS::Topic, Properties: {{{of}}}}}\n");
    }
    let found = refused(&text);
    let (offered, more) = (found.iter().filter(|line| line.contains("is meant?")).count(), found.last());
    assert_eq!((found.len(), offered), (101, 10));
    let end = "53 1900 more names from here on are neither resources nor parameters of the template [mend those that are named first]";
    assert_eq!(more.map(String::as_str), Some(end));
}
