//! The lines of one file that a diagnostic shows, made safe for a terminal: control characters replaced, endless lines
//! cut to a window around what is marked.

use crate::report::sanitize::{one_line, sanitize};
use crate::source::{Position, SourceMap, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Lines shown before and after a marked one.
pub(super) const CONTEXT: usize = 1;
/// A marked range of more lines than this is marked on its first line only.
const MAX_MARKED_LINES: usize = 8;
/// Lines longer than this many bytes are cut.
const MAX_LINE: usize = 200;
/// Bytes kept before the marked place in a line that is cut.
const LEAD: usize = 60;
/// Labels longer than this many characters are cut: they don't wrap, and the message says it all anyway.
const MAX_LABEL: usize = 100;
const CUT: &str = "…";

/// A place and what it is said to be.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) label: Option<String>,
}

/// A stretch of one file with its marks. The first mark is the primary one.
#[derive(Debug)]
pub(super) struct Excerpt {
    name: String,
    text: String,
    first_line: usize,
    primary: (SourceSpan, Position),
    pub(super) labels: Vec<LabeledSpan>,
}

/// Where a line of the file went.
struct Line {
    source: usize,
    window: usize,
    shown: usize,
    shown_length: usize,
}

impl Excerpt {
    /// The lines of `marks`, which are all of one file; nothing without a mark or in an empty file.
    pub(super) fn new(sources: &SourceMap, marks: &[Mark]) -> Option<Self> {
        let first = marks.first()?;
        let file = sources.file(first.span.file);
        let text: &str = &file.text;
        if text.is_empty() {
            return None;
        }
        let ranges: Vec<(usize, usize)> = marks.iter().map(|m| clipped(text, m.span)).collect();
        let from = lines_up(text, ranges.iter().map(|r| r.0).min()?);
        let to = lines_down(text, ranges.iter().map(|r| r.1).max()?);
        let (shown, lines) = copy_lines(text, from, to, &ranges);
        let labels = marks.iter().zip(&ranges).enumerate().map(|(i, (mark, range))| {
            let (start, end) = (place(&lines, range.0), place(&lines, range.1));
            let label = mark.label.as_deref().map(short);
            let span = (start, end.saturating_sub(start));
            if i == 0 {
                LabeledSpan::new_primary_with_span(label, span)
            } else {
                LabeledSpan::new_with_span(label, span)
            }
        });
        let labels: Vec<LabeledSpan> = labels.collect();
        let primary = (*labels.first()?.inner(), sources.position(first.span, first.span.start));
        let first_line = text.get(..from).map_or(0, |t| t.matches('\n').count());
        Some(Self { name: one_line(&file.name), text: shown, first_line, primary, labels })
    }
}

impl SourceCode for Excerpt {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let inner = self.text.read_span(span, before, after)?;
        let (mut line, mut column) = (inner.line() + self.first_line, inner.column());
        if (before, after) == (0, 0) && *span == self.primary.0 {
            // The header's place: characters of the file, not bytes of the excerpt.
            (line, column) = (self.primary.1.line as usize - 1, self.primary.1.column as usize - 1);
        }
        let count = inner.line_count();
        let contents =
            MietteSpanContents::new_named(self.name.clone(), inner.data(), *inner.span(), line, column, count);
        Ok(Box::new(contents))
    }
}

fn short(label: &str) -> String {
    let label = one_line(label);
    let end = label.char_indices().nth(MAX_LABEL).map(|(i, _)| i);
    end.map_or_else(|| label.clone(), |end| format!("{}{CUT}", label[..end].trim_end()))
}

/// The byte range to mark: the span, or its first line if it is long; never the line break at its end.
fn clipped(text: &str, span: Span) -> (usize, usize) {
    let (start, end) = (span.start as usize, span.end as usize);
    let marked = text.get(start..end).unwrap_or("").trim_end();
    let length = if marked.lines().count() > MAX_MARKED_LINES { marked.find('\n') } else { None };
    (start.min(text.len()), (start + length.unwrap_or(marked.len())).min(text.len()))
}

/// Start of the line `CONTEXT` lines above the one that holds `offset`.
fn lines_up(text: &str, offset: usize) -> usize {
    let above = text.get(..offset).unwrap_or("");
    above.rmatch_indices('\n').nth(CONTEXT).map_or(0, |(i, _)| i + 1)
}

/// End of the line `CONTEXT` lines below the one that holds `offset`, its line break included.
fn lines_down(text: &str, offset: usize) -> usize {
    let below = text.get(offset..).unwrap_or("");
    below.match_indices('\n').nth(CONTEXT).map_or(text.len(), |(i, _)| offset + i + 1)
}

fn copy_lines(text: &str, from: usize, to: usize, marks: &[(usize, usize)]) -> (String, Vec<Line>) {
    let mut out = String::new();
    let mut lines = Vec::new();
    let mut at = from;
    for line in text.get(from..to).unwrap_or("").split_inclusive('\n') {
        let body = line.strip_suffix('\n').unwrap_or(line);
        let marked = marks.iter().map(|m| m.0).filter(|m| (at..=at + body.len()).contains(m)).min();
        let (start, end) = window(body, marked.map_or(0, |m| m - at));
        if start > 0 {
            out.push_str(CUT);
        }
        let shown = out.len();
        out.push_str(&sanitize(&body[start..end]));
        lines.push(Line { source: at, window: at + start, shown, shown_length: end - start });
        if end < body.len() {
            out.push_str(CUT);
        }
        if line.len() > body.len() {
            out.push('\n');
        }
        at += line.len();
    }
    (out, lines)
}

/// The part of a line to show, on character boundaries.
fn window(line: &str, marked: usize) -> (usize, usize) {
    if line.len() <= MAX_LINE {
        return (0, line.len());
    }
    let start = boundary(line, marked.saturating_sub(LEAD));
    (start, boundary(line, start + MAX_LINE))
}

/// The last character boundary at or before `offset`.
fn boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0)
}

/// Where an offset of the file is in the excerpt.
fn place(lines: &[Line], offset: usize) -> usize {
    let at = lines.partition_point(|line| line.source <= offset).saturating_sub(1);
    lines.get(at).map_or(0, |line| line.shown + offset.saturating_sub(line.window).min(line.shown_length))
}
