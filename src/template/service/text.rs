//! Text whose parts aren't all known, flattened so that it can be scanned, and where its pieces stand.

use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::source::{SourceMap, Span};

/// Private characters that stand for the parts that are no text: the first of them for the first part.
const FIRST: u32 = 0xF_0000;
const LAST: u32 = 0xF_FFFD;
/// Bytes that are scanned: what any of the services accepts is far less.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Lines longer than this are one place.
const MAX_LINE: usize = 400;

/// A text to scan.
pub(super) struct Text<'s> {
    /// Known text, with one private character for each part that isn't.
    pub flat: String,
    parts: Vec<Part>,
    /// Where it was written.
    span: Span,
    /// The lines of the source under `span`, each with its first byte.
    raw: Vec<(usize, &'s str)>,
    /// First byte of each line of `flat`.
    starts: Vec<usize>,
    /// The line of the source that is the text's first.
    first: Option<usize>,
    /// Whether the text is the source itself.
    exact: bool,
}

/// What stands for a part.
pub(super) fn stands_for_part(c: char) -> bool {
    (FIRST..=LAST).contains(&u32::from(c))
}

impl<'s> Text<'s> {
    /// A text that the template makes at `span`. `None` if it is too long.
    pub fn of_template(text: &Symbolic, span: Span, sources: &'s SourceMap) -> Option<Self> {
        let mut flat = String::new();
        let mut parts = Vec::new();
        for part in text.parts() {
            match part {
                Part::Text(text) => flat.extend(text.chars().filter(|c| !stands_for_part(*c))),
                part => {
                    let at = u32::try_from(parts.len()).ok()?;
                    flat.push(char::from_u32(FIRST.checked_add(at)?).filter(|c| stands_for_part(*c))?);
                    parts.push(part.clone());
                }
            }
            if flat.len() > MAX_BYTES {
                return None;
            }
        }
        let mut text = Self::new(flat, parts, span, sources);
        text.first = text.first_line();
        Some(text)
    }

    /// The whole of a file.
    pub fn of_file(flat: &str, span: Span, sources: &'s SourceMap) -> Option<Self> {
        let mut text = Self::new(flat.to_owned(), Vec::new(), span, sources);
        text.exact = true;
        (flat.len() <= MAX_BYTES).then_some(text)
    }

    fn new(flat: String, parts: Vec<Part>, span: Span, sources: &'s SourceMap) -> Self {
        let mut raw = Vec::new();
        let mut at = span.start as usize;
        for line in sources.text(span).split('\n') {
            raw.push((at, line));
            at += line.len() + 1;
        }
        let starts = std::iter::once(0).chain(flat.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { flat, parts, span, raw, starts, first: None, exact: false }
    }

    /// Block scalars begin on the line after their indicator.
    fn first_line(&self) -> Option<usize> {
        let first = self.flat.lines().next()?.trim();
        self.raw.iter().take(4).position(|(_, line)| !first.is_empty() && line.trim() == first)
    }

    /// The place of a piece of the text: as near as it can be told.
    pub fn place(&self, start: usize, end: usize) -> Span {
        let span = |start: usize, end: usize| {
            let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            Span::new(self.span.file, offset(start), offset(end))
        };
        if self.exact {
            return span(self.span.start as usize + start, self.span.start as usize + end);
        }
        let near = || {
            let line = self.starts.partition_point(|first| *first <= start).checked_sub(1)?;
            let (at, raw) = *self.raw.get(self.first? + line)?;
            let end_of_line = self.starts.get(line + 1).map_or(self.flat.len(), |next| next - 1);
            let piece = self.flat.get(start..end.min(end_of_line))?;
            if raw.len() > MAX_LINE {
                return None;
            }
            let (found, len) = match raw.find(piece) {
                Some(found) if !piece.is_empty() => (found, piece.len()),
                _ => (raw.len() - raw.trim_start().len(), raw.trim().len()),
            };
            Some(span(at + found, at + found + len))
        };
        near().unwrap_or(self.span)
    }

    /// A piece with its parts put back.
    pub fn symbolic(&self, piece: &str) -> Symbolic {
        let mut out = Symbolic::default();
        let mut text = String::new();
        for c in piece.chars() {
            let part = stands_for_part(c).then(|| self.parts.get((u32::from(c) - FIRST) as usize)).flatten();
            match part {
                Some(part) => {
                    out.push(Part::Text(std::mem::take(&mut text)));
                    out.push(part.clone());
                }
                None => text.push(c),
            }
        }
        out.push(Part::Text(text));
        out
    }
}
