//! Why a template can't be audited, each with its place and what to do about it.

use crate::source::{SourceMap, Span};
use std::fmt;
use std::io;
use std::path::PathBuf;

/// A place as a one-line message prints it, with its span for whoever can show the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file's name.
    pub name: String,
    /// 1-based line.
    pub line: usize,
    /// The place.
    pub span: Span,
}

impl Place {
    /// The place of `span` in one of the files that are read.
    pub(crate) fn of(sources: &SourceMap, span: Span) -> Self {
        let file = sources.file(span.file);
        Self::new(&file.name, &file.text, span)
    }

    /// The place of `span` in the file `name`, whose text is `text`.
    pub(crate) fn new(name: &str, text: &str, span: Span) -> Self {
        let before = text.get(..span.start as usize).unwrap_or(text);
        Self { name: name.into(), line: 1 + before.matches('\n').count(), span }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.line)
    }
}

/// A template that can't be audited.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The file can't be read.
    #[error("cannot read {}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A folder, a named pipe, a device.
    #[error("cannot read {}: it is {found}, not a file", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What it is.
        found: &'static str,
    },
    /// Larger than any template can be.
    #[error("{name} has {bytes} bytes; a template may have {limit}")]
    TooLarge {
        /// The file.
        name: String,
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// Not UTF-8.
    #[error("{at}: not UTF-8")]
    NotUtf8 {
        /// The first byte that isn't.
        at: Place,
    },
    /// Has a NUL.
    #[error("{at}: the file holds a NUL byte, so it is not a template")]
    Binary {
        /// The first one.
        at: Place,
    },
    /// Nothing in it.
    #[error("{at}: the template is empty")]
    Empty {
        /// The file's start.
        at: Place,
    },
    /// Not YAML, not JSON.
    #[error("{at}: {message}")]
    Syntax {
        /// Where parsing stopped.
        at: Place,
        /// What the parser says.
        message: String,
    },
    /// More than one document.
    #[error("{at}: a second document starts here; a template is one document")]
    SeveralDocuments {
        /// The second document.
        at: Place,
    },
    /// A template of a template.
    #[error("{at}: this is a {engine} template that has not been rendered")]
    NotRendered {
        /// The first marker.
        at: Place,
        /// Whose marker it is.
        engine: &'static str,
    },
    /// Nested too deeply, or too large once aliases are expanded.
    #[error("{at}: {what}")]
    TooComplex {
        /// Where the limit is passed.
        at: Place,
        /// Which limit.
        what: String,
    },
    /// A template that is part of itself: CloudFormation would never come to its end.
    #[error("{at}: what is {how} here leads back to itself, by {by}")]
    Circular {
        /// The first step of the circle.
        at: Place,
        /// The step that closes it; the same one, if there is no other.
        by: Place,
        /// `included` or `nested`.
        how: &'static str,
    },
    /// The document isn't a mapping.
    #[error("{at}: a template is a mapping, this is {found}")]
    NotAMapping {
        /// The document.
        at: Place,
        /// What it is instead.
        found: &'static str,
    },
    /// No `Resources`.
    #[error("{at}: the template has no `Resources` mapping")]
    NoResources {
        /// `Resources`, or the document.
        at: Place,
    },
    /// More than one error in one text; at least two, the first one met first.
    #[error("{}", all(.0))]
    Several(Vec<TemplateError>),
}

/// The first error, and the others below it.
fn all(errors: &[TemplateError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

impl TemplateError {
    /// One error that stands for all of them; none for none.
    pub(crate) fn of_all(mut errors: Vec<Self>) -> Option<Self> {
        if errors.len() > 1 { Some(Self::Several(errors)) } else { errors.pop() }
    }

    /// The errors that this one stands for: itself, or several.
    pub fn each(&self) -> impl Iterator<Item = &Self> {
        let (one, several): (Option<&Self>, &[Self]) = match self {
            Self::Several(errors) => (None, errors),
            error => (Some(error), &[]),
        };
        one.into_iter().chain(several)
    }

    /// Where, if the text could be read.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Io { .. } | Self::NotAFile { .. } | Self::TooLarge { .. } => None,
            Self::Several(errors) => errors.first().and_then(Self::span),
            Self::NotUtf8 { at }
            | Self::Binary { at }
            | Self::Empty { at }
            | Self::Syntax { at, .. }
            | Self::SeveralDocuments { at }
            | Self::NotRendered { at, .. }
            | Self::TooComplex { at, .. }
            | Self::Circular { at, .. }
            | Self::NotAMapping { at, .. }
            | Self::NoResources { at } => Some(at.span),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Io { .. } | Self::NotAFile { .. } => {
                "give the path of a SAM or CloudFormation template that can be read"
            }
            Self::TooLarge { .. } => "CloudFormation accepts at most 1 MB; is this the template?",
            Self::NotUtf8 { .. } => "save the template as UTF-8",
            Self::Binary { .. } => "give the template itself, as UTF-8 text, not an archive or UTF-16",
            Self::Empty { .. } | Self::NotAMapping { .. } | Self::NoResources { .. } => {
                "give a SAM or CloudFormation template, with a `Resources` mapping"
            }
            Self::Syntax { .. } => "correct the syntax; `sam validate` must accept the template",
            Self::SeveralDocuments { .. } => "put each template into a file of its own",
            Self::NotRendered { .. } => "render it first, and audit the result",
            Self::TooComplex { .. } => {
                "CloudFormation refuses such a template too; write it flatter or without aliases"
            }
            Self::Circular { .. } => "name another file at one of the two places",
            Self::Several(errors) => errors.first().map_or("", Self::help),
        }
    }
}
