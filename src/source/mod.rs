//! Files and places in them: what every other room points at. Knows nothing of what the text means.

mod discover;
mod left_out;
mod location;
mod read;

pub use discover::{Discovery, Skipped, discover_python};
pub use left_out::{LeftOut, left_out};
pub use location::{Location, Position};
pub use read::{ReadError, read_file};

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of this run. Ids are dense, in the order in which files were added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A half-open byte range of one file. Always on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file that holds the range.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span over `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// Whether another range lies within this one.
    pub fn covers(self, inner: Self) -> bool {
        self.file == inner.file && self.start <= inner.start && inner.end <= self.end
    }
}

/// A value and the place that it was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Attaches a place to a value.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// One file's text, with the start of each line.
#[derive(Debug)]
pub struct SourceFile {
    /// Path as a report shows it: relative to the working folder, `/` as separator.
    pub name: String,
    /// Path to open.
    pub path: PathBuf,
    /// The text, UTF-8.
    pub text: Arc<str>,
    line_starts: Vec<u32>,
}

/// Every file of a run, each held once.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file. `path` is as given or discovered; its display name is made from it.
    ///
    /// # Panics
    /// With 2^32 files.
    pub fn add(&mut self, path: &Path, text: Arc<str>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("fewer than 2^32 files"));
        self.files.push(SourceFile {
            name: display_name(path),
            path: path.to_path_buf(),
            line_starts: line_starts(&text),
            text,
        });
        id
    }

    /// The file behind an id that this map gave out.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The text under a span.
    pub fn text(&self, span: Span) -> &str {
        self.file(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The file of this name, however it is spelt: relative or absolute, with `./` or through a link.
    pub fn find(&self, path: &Path) -> Option<FileId> {
        let name = display_name(path);
        let named = self.files().find(|(_, file)| file.name == name);
        let real = |path: &Path| path.canonicalize().ok();
        let same =
            || real(path).and_then(|path| self.files().find(|(_, file)| real(&file.path).as_ref() == Some(&path)));
        named.or_else(same).map(|(id, _)| id)
    }

    /// A line of a file, 1-based, without its line break; `None` beyond the last.
    pub fn line(&self, file: FileId, number: u32) -> Option<Span> {
        let SourceFile { text, line_starts, .. } = self.file(file);
        let index = number.checked_sub(1)? as usize;
        let start = *line_starts.get(index)?;
        let rest = text.get(start as usize..)?;
        let length = rest.find('\n').unwrap_or(rest.len());
        Some(Span::new(file, start, start + u32::try_from(length).ok()?))
    }

    /// How many lines a file has.
    pub fn line_count(&self, file: FileId) -> usize {
        let SourceFile { text, line_starts, .. } = self.file(file);
        line_starts.len() - usize::from(text.ends_with('\n'))
    }

    /// All files, in the order of their ids.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        (0u32..).map(FileId).zip(&self.files)
    }
}

fn line_starts(text: &str) -> Vec<u32> {
    let newlines = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
    std::iter::once(0).chain(newlines.filter_map(|(i, _)| u32::try_from(i + 1).ok())).collect()
}

/// `./a/../b.py` as `b.py`; separators as `/`; nothing resolved through the file system. A path
/// under the working folder is shown relative to it.
pub fn display_name(path: &Path) -> String {
    let relative = std::env::current_dir().ok();
    let path = relative.and_then(|cwd| path.strip_prefix(cwd).ok()).unwrap_or(path);
    normalize(path).to_string_lossy().replace('\\', "/")
}

/// Removes `.` and resolves `..` lexically, so that one file has one name.
pub fn normalize(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a folder lies above the repository that a file or folder belongs to: what else is there is nobody's business.
pub fn is_above_repository(folder: &Path, of: &Path) -> bool {
    let (Ok(folder), Ok(of)) = (std::path::absolute(folder), std::path::absolute(of)) else { return false };
    let (folder, of) = (normalize(&folder), normalize(&of));
    of.starts_with(&folder)
        && of.ancestors().take_while(|inner| **inner != folder).any(|inner| inner.join(".git").exists())
}
