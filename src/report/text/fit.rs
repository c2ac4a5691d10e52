//! Columns: how wide text is on a terminal, and prose wrapped to it.

use textwrap::{Options, WordSeparator, WordSplitter};
use unicode_width::UnicodeWidthChar;

/// Columns that a tab is drawn with, at most.
pub(super) const TAB: usize = 4;

/// Columns of a text on one line.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(c: char) -> usize {
    if c == '\t' { TAB } else { c.width().unwrap_or(1) }
}

/// Characters with the bytes and columns where they end.
pub(super) struct Columns<'a> {
    text: std::str::CharIndices<'a>,
    column: usize,
}

/// One character of a line.
pub(super) struct Column {
    /// Its first byte.
    pub(super) start: usize,
    /// The byte after it.
    pub(super) next: usize,
    /// The column after it.
    pub(super) end: usize,
}

impl<'a> Columns<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text: text.char_indices(), column: 0 }
    }
}

impl Iterator for Columns<'_> {
    type Item = Column;

    fn next(&mut self) -> Option<Column> {
        let (start, c) = self.text.next()?;
        self.column += width(c);
        Some(Column { start, next: start + c.len_utf8(), end: self.column })
    }
}

/// Prose for `width` columns, `first` before its first line and as many spaces before the others. Names such as
/// `GSI1-ByDate` are not torn apart.
pub fn wrapped(text: &str, first: &str, width: usize) -> String {
    let rest = " ".repeat(columns(first));
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(&rest)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(text, options) + "\n"
}

#[cfg(test)]
mod tests {
    use super::{columns, wrapped};

    #[test]
    fn wide_characters_count_twice_and_tabs_four_times() {
        assert_eq!(columns("a漢\té"), 1 + 2 + 4 + 1);
    }

    #[test]
    fn names_stay_whole() {
        assert_eq!(wrapped("read GSI1-ByDate now", "  help: ", 18), "  help: read\n        GSI1-ByDate\n        now\n");
    }
}
