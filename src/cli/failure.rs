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
    #[error("{} is a folder, not a template", .0.display())]
    FolderAsTemplate(PathBuf),
    #[error("{} is Python, not a template", .0.display())]
    PythonAsTemplate(PathBuf),
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
            Self::FolderAsTemplate(folder) => match super::templates_in(folder).as_deref() {
                Ok([first, ..]) => format!("name the template: ddb-audit {}", folder.join(first).display()),
                _ => "name the template in it; folders of Python code are given with --src".to_owned(),
            },
            Self::PythonAsTemplate(_) => "name the template; the Python beside it is found by itself, and --src names \
                                          folders elsewhere"
                .to_owned(),
            Self::Audit(_) | Self::Folder(_) | Self::Write(..) => String::new(),
        }
    }
}
