//! Why the program gives up, and how it says so.

use crate::AuditError;
use crate::report::{self, TextStyle};
use crate::source::SourceMap;
use std::io;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("no template given, and none in the current folder")]
    NoTemplate,
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
        let (span, help) = match self {
            Self::NoTemplate => (None, "name one: ddb-audit path/to/template.yaml"),
            Self::Audit(AuditError::Template(error)) => (error.span(), error.help()),
            Self::Folder(_) | Self::Write(..) => (None, ""),
        };
        report::error(&self.to_string(), span, help, sources, style)
    }
}
