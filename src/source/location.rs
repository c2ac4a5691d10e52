//! From byte ranges to the lines and columns that people read.

use super::{SourceMap, Span};

/// A line and a column, both 1-based; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, in characters.
    pub column: u32,
}

/// A span as a report prints it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path relative to the working folder, `/` as separator.
    pub file: String,
    /// First character.
    pub start: Position,
    /// One past the last character.
    pub end: Position,
}

impl SourceMap {
    /// Line and column of a byte offset.
    pub fn position(&self, span: Span, offset: u32) -> Position {
        let file = self.file(span.file);
        let line = file.line_starts.partition_point(|s| *s <= offset).max(1) - 1;
        let start = file.line_starts[line] as usize;
        let column = file.text.get(start..offset as usize).map_or(0, |t| t.chars().count());
        let number = |n: usize| u32::try_from(n + 1).unwrap_or(u32::MAX);
        Position { line: number(line), column: number(column) }
    }

    /// The printed form of a span.
    pub fn location(&self, span: Span) -> Location {
        Location {
            file: self.file(span.file).name.clone(),
            start: self.position(span, span.start),
            end: self.position(span, span.end),
        }
    }
}
