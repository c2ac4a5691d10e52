//! Files to documents.

use super::document::{Document, MAX_BYTES};
use super::error::{Place, TemplateError};
use crate::source::{FileId, ReadError, SourceMap, Span, display_name, read_file};
use std::path::Path;
use std::sync::Arc;

/// The text of a file.
pub(super) struct Read {
    pub file: FileId,
    pub name: String,
    pub text: Arc<str>,
}

impl Read {
    pub fn new(sources: &mut SourceMap, path: &Path, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let file = sources.add(path, Arc::clone(&text));
        Self { file, name: sources.file(file).name.clone(), text }
    }

    pub fn parse(&self) -> Result<Document, TemplateError> {
        Document::parse(self.file, &self.name, &self.text)
    }

    /// A place in the file, for messages.
    pub fn place(&self, span: Span) -> Place {
        Place::new(&self.name, &self.text, span)
    }
}

/// Reads a file.
pub(super) fn text(sources: &mut SourceMap, path: &Path) -> Result<Read, TemplateError> {
    let bytes = read_file(path, MAX_BYTES).map_err(|error| unreadable(path, error))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Read::new(sources, path, text)),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            // Up to the bad byte the replaced text is the file's own, so that the place is right.
            let read = Read::new(sources, path, String::from_utf8_lossy(error.as_bytes()));
            let start = u32::try_from(valid).unwrap_or(u32::MAX);
            Err(TemplateError::NotUtf8 { at: read.place(Span::new(read.file, start, start)) })
        }
    }
}

fn unreadable(path: &Path, error: ReadError) -> TemplateError {
    match error {
        ReadError::Io(source) => TemplateError::Io { path: path.to_path_buf(), source },
        ReadError::NotAFile(found) => TemplateError::NotAFile { path: path.to_path_buf(), found },
        ReadError::TooLarge { bytes, limit } => TemplateError::TooLarge { name: display_name(path), bytes, limit },
    }
}
