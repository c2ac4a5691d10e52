//! Definitions and code beside the template.

use super::loose::{self, Found};
use super::scan::Syntax;
use super::text::Text;
use super::tree::{Node, of_document};
use crate::source::{FileId, ReadError, SourceMap, Span, normalize, read_file};
use crate::template::document::Document;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file longer than this is no definition.
const MAX_BYTES: u64 = 1 << 20;

/// Files that templates name, each read once.
pub(in crate::template) struct Files<'s> {
    pub(super) sources: &'s mut SourceMap,
    known: BTreeMap<PathBuf, Result<FileId, String>>,
    /// The folder of the template that is being read.
    folder: PathBuf,
}

impl<'s> Files<'s> {
    /// No files yet.
    pub fn new(sources: &'s mut SourceMap) -> Self {
        Self { sources, known: BTreeMap::new(), folder: PathBuf::new() }
    }

    /// Lets paths be relative to this template.
    pub fn beside(&mut self, template: &Path) {
        self.folder = template.parent().map(Path::to_path_buf).unwrap_or_default();
    }

    /// The file that a template names; an error says why there is none.
    fn open(&mut self, written: &str) -> Result<FileId, String> {
        if written.contains("://") {
            return Err(format!("`{written}` isn't beside the template"));
        }
        let path = normalize(&self.folder.join(written));
        if let Some(known) = self.known.get(&path) {
            return known.clone();
        }
        let opened = self.load(&path, written);
        self.known.insert(path, opened.clone());
        opened
    }

    fn load(&mut self, path: &Path, written: &str) -> Result<FileId, String> {
        let missing = || format!("`{written}` can't be read");
        let bytes = read_file(path, MAX_BYTES).map_err(|error| match error {
            ReadError::Io(_) => missing(),
            ReadError::NotAFile(_) | ReadError::TooLarge { .. } => {
                format!("`{written}` is no file of a definition's size")
            }
        })?;
        let text = String::from_utf8(bytes).map_err(|_| missing())?;
        Ok(self.sources.add(path, text.into()))
    }

    /// A file and its text, if it can be read.
    pub fn text(&mut self, written: &str) -> Option<(FileId, Arc<str>)> {
        let file = self.open(written).ok()?;
        Some((file, self.sources.file(file).text.clone()))
    }

    /// The objects in a file.
    pub(super) fn objects(&mut self, written: &str, syntax: Syntax) -> Result<(Found, Span), String> {
        let file = self.open(written)?;
        let source = self.sources.file(file).text.clone();
        let span = whole(file, &source);
        let text = Text::of_file(&source, span, self.sources).ok_or_else(|| format!("`{written}` is too long"))?;
        Ok((loose::objects(&text, syntax), span))
    }

    /// A definition in JSON or YAML.
    pub(super) fn definition(&mut self, written: &str) -> Result<Node, String> {
        let unread = || format!("`{written}` isn't a definition that can be read");
        let is = |ending: &str| Path::new(written).extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
        if is("json") || is("asl") {
            let (mut found, _) = self.objects(written, Syntax::Json)?;
            let whole = found.complete && found.objects.len() == 1;
            return if whole { Ok(found.objects.remove(0)) } else { Err(unread()) };
        }
        let file = self.open(written)?;
        let source = self.sources.file(file);
        Document::parse(file, &source.name, &source.text).map(|document| of_document(&document)).map_err(|_| unread())
    }
}

fn whole(file: FileId, text: &str) -> Span {
    Span::new(file, 0, u32::try_from(text.len()).unwrap_or(u32::MAX))
}
