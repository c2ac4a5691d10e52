//! What is odd about a template that can be audited all the same.

use crate::source::Span;

/// How much a [`Diagnostic`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// `CloudFormation` or the SAM transform refuses the template; the audit goes on.
    Error,
    /// Probably a mistake in the template, or something that limits the audit.
    Warning,
    /// Good to know.
    Note,
}

/// Something odd about a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// Where.
    pub span: Span,
    /// Whether a later version of SAM may have nothing against it.
    pub dated: bool,
}

impl Diagnostic {
    /// An error.
    pub fn error(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { severity: Severity::Error, message: message.into(), help: help.into(), span, dated: false }
    }

    /// A warning.
    pub fn warning(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, message: message.into(), help: help.into(), span, dated: false }
    }

    /// A note.
    pub fn note(span: Span, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { severity: Severity::Note, message: message.into(), help: help.into(), span, dated: false }
    }
}
