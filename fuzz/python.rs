//! Python source → IR → flow → facts → findings and answers, behind a template whose Lambda starts in it.

use ddb_audit::report::{self, Report, TextStyle};
use ddb_audit::source::SourceMap;
use ddb_audit::{Options, Project, rules};
use std::fs;
use std::sync::LazyLock;
use tempfile::TempDir;

const TEMPLATE: &str = "
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}, {AttributeName: status, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-status
          KeySchema: [{AttributeName: status, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment: {Variables: {ORDERS_TABLE: !Ref Orders}}
      Policies: [DynamoDBReadPolicy: {TableName: !Ref Orders}]
";

/// Lines of each file that are asked about.
const LINES: u32 = 60;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("src")).expect("can create folders");
    fs::write(folder.path().join("template.yaml"), TEMPLATE).expect("can write");
    folder
});

pub fn run(code: &[u8]) {
    fs::write(FOLDER.path().join("src/app.py"), code).expect("can write");
    let templates = vec![FOLDER.path().join("template.yaml")];
    let options = Options { templates, origins: true, ..Options::default() };
    let mut sources = SourceMap::default();
    let project = Project::load(&options, &mut sources).expect("the template is sound");
    let facts = project.facts();
    let findings = rules::run(&facts);
    for finding in &findings {
        let places = finding.related.iter().map(|related| related.span).chain([finding.span]);
        for span in places {
            let text = &sources.file(span.file).text;
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
        }
    }
    let inputs = &project.inputs;
    let report = Report {
        facts: &facts,
        findings: &findings,
        sources: &sources,
        inputs,
        gate: None,
        failed: false,
        shows_rights: true,
    };
    let style = TextStyle { color: false, width: 100, quiet: false, verbose: true };
    for (file, _) in sources.files() {
        for line in (1..=LINES).map_while(|number| sources.line(file, number)) {
            report::why(false, &report, line, &style);
            report::near(&report, line);
        }
    }
}
