//! Why the program gives up, and how it says so.

use crate::AuditError;
use crate::report::{self, TextStyle};
use crate::source::SourceMap;
use std::io;
use std::path::PathBuf;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no template given, and none in the current folder")]
    NoTemplate,
    #[error("no template given, and none in the current folder")]
    NoTemplateToAsk(String),
    #[error("{} is a folder, not a template", .0.display())]
    FolderAsTemplate(PathBuf),
    #[error("{} is Python, not a template", .0.display())]
    PythonAsTemplate(PathBuf),
    #[error("--why answers as text or JSON")]
    WhyFormat,
    #[error("{0} is not among the files that were read")]
    UnreadFile(String, Vec<String>),
    #[error("{0} has {1} lines")]
    NoSuchLine(String, usize),
    #[error("nothing is known of {0}: no DynamoDB call is there, and no table, index, right or Lambda")]
    NothingKnown(String, Vec<(u32, String)>),
    #[error("cannot read the current folder: {0}")]
    Folder(String),
    #[error("cannot write {0}: {1}")]
    Write(String, io::Error),
    #[error(transparent)]
    Audit(#[from] AuditError),
}

impl Failure {
    /// The failure with its place and its remedy, for standard error.
    pub(super) fn draw(&self, sources: &SourceMap, style: &TextStyle) -> String {
        let one = |message: &str, span, help: &str| report::error(message, span, help, sources, style);
        match self {
            Self::Audit(AuditError::Template(error)) => {
                error.each().map(|error| one(&error.to_string(), error.span(), error.help())).collect()
            }
            _ => one(&self.to_string(), None, &self.help()),
        }
    }

    /// What to do about it; may be empty.
    fn help(&self) -> String {
        match self {
            Self::NoTemplate => "name one: ddb-audit path/to/template.yaml".to_owned(),
            Self::NoTemplateToAsk(line) => {
                format!("name one before the line: ddb-audit path/to/template.yaml --why {line}")
            }
            Self::FolderAsTemplate(folder) => match super::templates_in(folder).as_deref() {
                Ok([first, ..]) => format!("name the template: ddb-audit {}", folder.join(first).display()),
                _ => "name the template in it; folders of Python code are given with --src".to_owned(),
            },
            Self::PythonAsTemplate(_) => "name the template; the Python beside it is found by itself, and --src names \
                                          folders elsewhere"
                .to_owned(),
            Self::WhyFormat => "leave --format out, or say --format json".to_owned(),
            Self::UnreadFile(_, alike) if alike.is_empty() => {
                "name a template of the run, or Python in its folders; --src names folders elsewhere".to_owned()
            }
            Self::UnreadFile(_, alike) => format!("of that name there is {}", listed(alike)),
            Self::NothingKnown(_, near) if near.is_empty() => "nothing in that file concerns DynamoDB".to_owned(),
            Self::NothingKnown(_, near) => {
                let near: Vec<String> = near.iter().map(|(line, what)| format!("line {line} ({what})")).collect();
                format!("nearest in that file: {}", listed(&near))
            }
            Self::Audit(_) | Self::Folder(_) | Self::Write(..) | Self::NoSuchLine(..) => String::new(),
        }
    }
}

/// `a, b and c`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
