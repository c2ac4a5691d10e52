//! Runs a case: writes the project to a folder, audits it, and compares what was found with the code's own comments.
//!
//! `=== path` begins a file; text before the first one is `src/app.py`, the handler's module. Without a template of its
//! own, a project has the Lambda of [`API`]. The tables of [`TABLES`] are in every template. Code that imports `db`
//! is given [`DB`].
//!
//! A call is described by operation (with its actions where these follow from its arguments), table, index, pagination
//! status, and who reaches it: `@Api` surely, `?Api` possibly, `@tools/a.py` a script; `latent` if nobody does.
//! `A|B` are alternatives, `-` among them the base table, `?` is unknown, `'name'` a table that no template declares.

use ddb_audit::facts::{AccessFacts, Facts, Resolution};
use ddb_audit::flow::{Certainty, Principal};
use ddb_audit::rules::{Finding, Severity};
use ddb_audit::source::{SourceMap, Span};
use ddb_audit::{Options, Project};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// The beginning of every template.
pub const TABLES: &str = r#"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage:
    Type: String
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub "app-${Stage}-orders"
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: pk, AttributeType: S }
        - { AttributeName: sk, AttributeType: S }
        - { AttributeName: status, AttributeType: S }
        - { AttributeName: created, AttributeType: S }
      KeySchema:
        - { AttributeName: pk, KeyType: HASH }
        - { AttributeName: sk, KeyType: RANGE }
      GlobalSecondaryIndexes:
        - IndexName: by-status
          KeySchema:
            - { AttributeName: status, KeyType: HASH }
            - { AttributeName: created, KeyType: RANGE }
          Projection: { ProjectionType: ALL }
  Audit:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: id, AttributeType: S }
      KeySchema:
        - { AttributeName: id, KeyType: HASH }
"#;

/// The Lambda of projects that bring no template.
const API: &str = r"
  Api:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Runtime: python3.13
      Environment:
        Variables:
          ORDERS_TABLE: !Ref Orders
          AUDIT_TABLE: !Ref Audit
          SHOP_TABLE: !Ref Orders
          STORE__ORDERS__TABLE: !Ref Orders
      Policies:
        - DynamoDBCrudPolicy: { TableName: !Ref Orders }
        - DynamoDBCrudPolicy: { TableName: !Ref Audit }
";

/// `src/db.py` of projects where it doesn't matter how the tables are made.
const DB: &str = r#"
import os

import boto3
from boto3.dynamodb.conditions import Attr, Key

dynamodb = boto3.resource("dynamodb")
orders = dynamodb.Table(os.environ["ORDERS_TABLE"])
audit = dynamodb.Table(os.environ["AUDIT_TABLE"])
"#;

/// A test for each case, its name and its project; by [`check`], or by another function that is given first.
macro_rules! cases {
    (with $check:path; $($(#[$meta:meta])* $name:ident $project:literal)*) => {
        $(
            #[test]
            $(#[$meta])*
            fn $name() {
                $check($project);
            }
        )*
    };
    ($($cases:tt)*) => {
        $crate::harness::cases! { with $crate::harness::check; $($cases)* }
    };
}
pub(crate) use cases;

/// Asserts that the calls found are those that the code's comments describe, no more and no fewer.
pub fn check(project: &str) {
    assert_eq!(accesses(project), notes(project, "# => "), "found (left), wanted (right)");
}

/// How severe the findings of each rule can be, by its page.
static WORST: LazyLock<BTreeMap<String, Severity>> =
    LazyLock::new(|| ddb_audit::rules::pages().into_iter().map(|page| (page.name, page.up_to)).collect());

/// Asserts that the findings of these rules are those that comments `# !! …` tell, no more and no fewer. `note` is how a
/// comment tells one.
pub fn check_findings(project: &str, rules: &[&str], note: impl Fn(&Audit, &Finding) -> String) {
    let found = audited(project, |audit| {
        let findings = ddb_audit::rules::run(&audit.facts);
        for finding in &findings {
            assert!(finding.severity <= WORST[finding.rule], "{} is worse than its page says", finding.rule);
        }
        let ours = findings.iter().filter(|finding| rules.contains(&finding.rule));
        by_line(ours.map(|finding| (audit.place(finding.span), note(audit, finding))))
    });
    assert_eq!(found, notes(project, "# !! "), "found (left), wanted (right)");
}

/// How severe a finding is, and the lines that it relates to: `high 5 12`.
pub fn severity_and_lines(audit: &Audit, finding: &Finding) -> String {
    let lines = finding.related.iter().map(|related| audit.place(related.span).1.to_string());
    format!("{} {}", finding.severity.as_str(), lines.collect::<Vec<_>>().join(" "))
}

/// What is found, one line a line of code that holds calls: `src/app.py:7 GetItem Orders @Api`.
pub fn accesses(project: &str) -> String {
    audited(project, |audit| {
        by_line(audit.facts.accesses.iter().map(|access| (audit.place(access.access.span), audit.describe(access))))
    })
}

/// The same calls as [`accesses`], without their places, sorted.
pub fn accesses_anywhere(project: &str) -> Vec<String> {
    audited(project, |audit| {
        let mut found: Vec<String> = audit.facts.accesses.iter().map(|access| audit.describe(access)).collect();
        found.sort();
        found
    })
}

/// Loads a project and looks at it.
pub fn audited<T>(project: &str, look: impl FnOnce(&Audit) -> T) -> T {
    audited_files(&whole(project), look)
}

/// Loads files and looks at what they make.
pub fn audited_files<T>(files: &[(String, String)], look: impl FnOnce(&Audit) -> T) -> T {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("can create folders");
        fs::write(path, text).expect("can write");
    }
    // With the origins of names, as reports are made.
    let options = Options { templates: vec![folder.path().join("template.yaml")], origins: true, ..Options::default() };
    let mut sources = SourceMap::default();
    let project = Project::load(&options, &mut sources).expect("the template is sound");
    let syntax_errors = project.inputs.syntax_errors.len();
    look(&Audit { facts: project.facts(), syntax_errors, sources: &sources, folder: folder.path() })
}

/// An audited project.
pub struct Audit<'a> {
    pub facts: Facts<'a>,
    pub syntax_errors: usize,
    sources: &'a SourceMap,
    folder: &'a Path,
}

impl Audit<'_> {
    /// File and line.
    pub fn place(&self, span: Span) -> (String, usize) {
        let location = self.sources.location(span);
        (self.name(&self.sources.file(span.file).path), location.start.line.try_into().expect("lines fit"))
    }

    pub fn function(&self, id: ddb_audit::facts::FunctionId) -> &str {
        &self.facts.function(id).function.resource.id
    }

    pub fn table(&self, id: ddb_audit::facts::TableId) -> &str {
        &self.facts.table(id).table.resource.id
    }

    /// A text with the paths of files as the project knows them.
    pub fn relative(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.folder.to_string_lossy().replace('\\', "/")), "")
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.folder).unwrap_or(path).to_string_lossy().replace('\\', "/")
    }

    fn describe(&self, facts: &AccessFacts) -> String {
        let mut words = vec![operation(facts), self.target(facts)];
        words.extend(facts.pagination.iter().map(|pagination| format!("{:?}", pagination.status).to_lowercase()));
        let least = facts.access.observations.iter().map(|o| o.principal).min();
        words.extend(match least {
            None | Some(Principal::Own) => None,
            Some(Principal::Unclear) => Some("perhaps-foreign".to_owned()),
            Some(Principal::Foreign) => Some("foreign".to_owned()),
        });
        words.extend(facts.functions.iter().map(|id| format!("@{}", self.function(*id))));
        words.extend(facts.possible_functions.iter().map(|id| format!("?{}", self.function(*id))));
        words.extend(facts.scripts.iter().map(|file| format!("@{}", self.name(&self.sources.file(*file).path))));
        words.extend((facts.certainty == Certainty::Latent).then(|| "latent".to_owned()));
        words.join(" ")
    }

    fn target(&self, facts: &AccessFacts) -> String {
        let table = resolution(&facts.table, |id| self.table(*id).to_owned());
        let index = resolution(&facts.index, |index| index.clone().unwrap_or_else(|| "-".to_owned()));
        if index == "-" { table } else { format!("{table}/{index}") }
    }
}

fn operation(facts: &AccessFacts) -> String {
    let operation = facts.access.operation;
    match operation.actions() {
        [_] => operation.to_string(),
        _ => format!("{operation}({})", facts.access.actions.iter().cloned().collect::<Vec<_>>().join(",")),
    }
}

fn resolution<T>(resolution: &Resolution<T>, show: impl Fn(&T) -> String) -> String {
    match resolution {
        Resolution::Known(value) => show(value),
        Resolution::Several(values) => values.iter().map(show).collect::<Vec<_>>().join("|"),
        Resolution::Undeclared(name) => format!("'{name}'"),
        Resolution::Unknown(_) => "?".to_owned(),
    }
}

/// What the code's comments say after `mark`, line by line: `src/app.py:7 GetItem Orders @Api`.
pub fn notes(project: &str, mark: &str) -> String {
    let mut notes = Vec::new();
    for (name, text) in files(project) {
        for (number, line) in (1..).zip(text.lines()) {
            notes.extend(line.split_once(mark).map(|(_, note)| ((name.clone(), number), note.trim().to_owned())));
        }
    }
    by_line(notes)
}

/// A line for each line of code; what is said of one line is joined.
pub fn by_line(notes: impl IntoIterator<Item = ((String, usize), String)>) -> String {
    let mut lines: BTreeMap<(String, usize), Vec<String>> = BTreeMap::new();
    for (place, note) in notes {
        lines.entry(place).or_default().push(note);
    }
    let line = |((file, line), notes): ((String, usize), Vec<String>)| -> String {
        format!("{file}:{line} {}\n", notes.join("; "))
    };
    lines.into_iter().map(line).collect()
}

/// The files that a case spells out.
fn files(project: &str) -> Vec<(String, String)> {
    let mut files = vec![("src/app.py".to_owned(), String::new())];
    for line in project.trim_start_matches('\n').lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            files.push((name.to_owned(), String::new()));
        } else if let Some((_, text)) = files.last_mut() {
            *text += line;
            *text += "\n";
        }
    }
    files.retain(|(_, text)| !text.trim().is_empty());
    files
}

/// The files of a case, with what surrounds them.
pub fn whole(project: &str) -> Vec<(String, String)> {
    let mut files = files(project);
    match files.iter_mut().find(|(name, _)| name == "template.yaml") {
        Some((_, lambdas)) => *lambdas = format!("{TABLES}{lambdas}"),
        None => files.push(("template.yaml".to_owned(), format!("{TABLES}{API}"))),
    }
    if project.contains("from db import") {
        files.push(("src/db.py".to_owned(), DB.to_owned()));
    }
    files
}
