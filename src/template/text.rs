//! A template's text with its lines: what edits that keep its style are cut from.

use crate::source::{FileId, Span};
use std::fmt;
use std::sync::Arc;

/// The text of one template.
#[derive(Clone)]
pub struct TemplateText {
    file: FileId,
    /// As reports call it.
    name: String,
    text: Arc<str>,
    /// First bytes of the lines.
    starts: Vec<usize>,
    /// Arguments of intrinsics, the outermost ones, in the order of the text.
    arguments: Vec<Span>,
}

impl fmt::Debug for TemplateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TemplateText").field("file", &self.file).finish_non_exhaustive()
    }
}

impl TemplateText {
    /// The whole text of a file of this name.
    pub fn new(file: FileId, name: impl Into<String>, text: Arc<str>) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { file, name: name.into(), text, starts, arguments: Vec::new() }
    }

    /// The file's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// With the places of what intrinsics (`Fn::If`) take, in any order.
    #[must_use]
    pub fn with_arguments(mut self, places: impl Iterator<Item = Span>) -> Self {
        let mut places: Vec<Span> = places.filter(|place| place.file == self.file).collect();
        places.sort_unstable_by_key(|place| (place.start, std::cmp::Reverse(place.end)));
        let mut end = 0;
        places.retain(|place| {
            let outermost = place.end > end;
            end = end.max(place.end);
            outermost
        });
        self.arguments = places;
        self
    }

    /// Whether a place is an intrinsic's argument, or inside one. `Fn::If` counts its arguments: none can be taken out.
    pub fn is_argument(&self, place: Span) -> bool {
        let behind = self.arguments.partition_point(|argument| argument.start <= place.start);
        self.arguments[..behind].last().is_some_and(|argument| place.end <= argument.end)
    }

    /// Whether it is JSON.
    pub fn is_json(&self) -> bool {
        self.text.trim_start_matches('\u{feff}').trim_start().starts_with('{')
    }

    /// The text of a place; `None` if it is another file's.
    pub fn slice(&self, span: Span) -> Option<&str> {
        self.text.get(span.start as usize..span.end as usize).filter(|_| span.file == self.file)
    }

    /// The text before a byte.
    pub fn head(&self, at: u32) -> &str {
        self.text.get(..at as usize).unwrap_or_default()
    }

    /// The text from a byte on.
    pub fn rest(&self, at: u32) -> &str {
        self.text.get(at as usize..).unwrap_or_default()
    }

    /// The line of a byte, counted from 1.
    pub fn line(&self, at: u32) -> usize {
        self.starts.partition_point(|start| *start <= at as usize)
    }

    /// What stands before a byte on its line.
    pub fn before(&self, at: u32) -> &str {
        let start = self.starts[self.line(at).max(1) - 1];
        self.text.get(start..at as usize).unwrap_or_default()
    }

    /// What stands behind a byte on its line.
    pub fn after(&self, at: u32) -> &str {
        self.rest(at).lines().next().unwrap_or_default()
    }

    /// The text of a place on one line, if there is no such text on the line besides.
    pub fn only_in_line(&self, span: Span) -> Option<&str> {
        let part = self.slice(span).filter(|part| !part.is_empty() && !part.contains(['\n', '`']))?;
        let line = self.rest(span.start - u32::try_from(self.before(span.start).len()).ok()?).lines().next()?;
        (line.matches(part).count() == 1).then_some(part)
    }

    /// The text of some lines, counted from 1.
    pub fn lines_of(&self, first: usize, last: usize) -> &str {
        let start = |line: usize| self.starts.get(line).copied().unwrap_or(self.text.len());
        self.text.get(start(first.max(1) - 1)..start(last)).unwrap_or_default()
    }

    /// The lines behind that of a byte.
    pub fn lines_below(&self, at: u32) -> impl Iterator<Item = &str> {
        let start = self.starts.get(self.line(at)).copied().unwrap_or(self.text.len());
        self.text.get(start..).unwrap_or_default().lines()
    }

    /// The lines above that of a byte, the nearest first.
    pub fn lines_above(&self, at: u32) -> impl Iterator<Item = &str> {
        let start = self.starts[self.line(at).max(1) - 1];
        self.text.get(..start).unwrap_or_default().lines().rev()
    }

    /// First and last line of an item of a list in block style, if it is alone on them and others stay in the list. An
    /// intrinsic's arguments are no such list.
    pub fn item_lines(&self, item: Span) -> Option<(usize, usize)> {
        let (before, after) = (self.before(item.start), self.after(item.end));
        let alone = self.slice(item).is_some() && before.trim() == "-" && is_blank(after);
        (alone && !self.is_argument(item) && !self.is_sole_item(item))
            .then(|| (self.line(item.start), self.line(last(item))))
    }

    fn is_sole_item(&self, item: Span) -> bool {
        let dash = self.before(item.start).find('-').unwrap_or(0);
        let column = |line: &str| line.len() - line.trim_start().len();
        let is_item = |line: &&str| column(line) == dash && line.trim_start().starts_with('-');
        // The first line that isn't part of the item, or of the one above.
        let outside = |line: &&str| !is_blank(line) && column(line) <= dash;
        let below = self.lines_below(last(item)).find(outside);
        let above = self.lines_above(item.start).find(outside);
        !below.is_some_and(|line| is_item(&line)) && !above.is_some_and(|line| is_item(&line))
    }
}

/// The last byte of a place.
pub(super) fn last(span: Span) -> u32 {
    span.end.max(span.start + 1) - 1
}

/// A line that says nothing.
pub(crate) fn is_blank(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

#[cfg(test)]
mod tests {
    use super::TemplateText;
    use crate::source::{FileId, Span};

    #[test]
    fn lines_of_an_item() {
        let text = "list:\n  - a: 1\n    b: 2 # two\n\n  # more\n  - {c: 3}\nalone:\n  - d\nflow: [e, f]\n";
        let of = |part: &str| {
            let start = u32::try_from(text.find(part).expect("a part")).expect("short");
            let end = start + u32::try_from(part.len()).expect("short");
            TemplateText::new(FileId(0), "template.yaml", text.into()).item_lines(Span::new(FileId(0), start, end))
        };
        assert_eq!(of("a: 1\n    b: 2"), Some((2, 3)));
        assert_eq!(of("{c: 3}"), Some((6, 6)));
        assert_eq!([of("d"), of("e"), of("b: 2")], [None; 3]);
    }

    #[test]
    fn arguments_are_no_items() {
        let text = "list:\n  - Fn::If:\n      - Wide\n      - a: [1]\n      - b: 2\n  - c: 3\n";
        let span = |part: &str| {
            let start = u32::try_from(text.find(part).expect("a part")).expect("short");
            Span::new(FileId(0), start, start + u32::try_from(part.len()).expect("short"))
        };
        let outer = span("- Wide\n      - a: [1]\n      - b: 2");
        let elsewhere = Span::new(FileId(1), 0, 99);
        let text = TemplateText::new(FileId(0), "template.yaml", text.into());
        assert_eq!(text.item_lines(span("a: [1]")), Some((4, 4)), "without what is known of the call");
        let text = text.with_arguments([span("[1]"), elsewhere, outer].into_iter());
        assert_eq!(["a: [1]", "b: 2"].map(|part| text.item_lines(span(part))), [None; 2]);
        assert_eq!(text.item_lines(span("c: 3")), Some((6, 6)));
        assert_eq!(["1", "Fn::If", "c: 3"].map(|part| text.is_argument(span(part))), [true, false, false]);
    }
}
