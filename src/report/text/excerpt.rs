//! The lines of one file that a diagnostic shows, made safe for a terminal and fitted to its width: control characters
//! replaced, lines that are too long cut to a window around what is marked.

use super::fit::{Columns, columns};
use crate::report::sanitize::{one_line, sanitize};
use crate::source::{Position, SourceMap, Span};
use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

/// Lines shown before and after a marked one.
pub(super) const CONTEXT: usize = 1;
/// Marked lines with at most this many lines between them share a frame.
const JOINED: usize = 5;
/// A marked range of more lines than this is marked on its first line only.
const MAX_MARKED_LINES: usize = 8;
/// Labels longer than this many characters are cut: they don't wrap, and the message says it all anyway.
const MAX_LABEL: usize = 80;
/// For so many columns of a label its line is shifted; the rest of it isn't worth the code that would be lost.
const SEEN_LABEL: usize = 40;
/// A label is cut to the room beside it, but never to less than this.
const MIN_LABEL: usize = 12;
/// Columns kept before the marked place in a line that is cut.
const LEAD: usize = 4;
/// Columns between an underline's middle and its label.
const ARM: usize = 4;
/// Columns that the brackets of a mark over several lines take.
const BRACKET: usize = 4;
pub(super) const CUT: &str = "…";

/// A place and what it is said to be.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    places: Vec<(SourceSpan, Position)>,
    pub(super) labels: Vec<LabeledSpan>,
}

/// Where a line of the file went.
struct Line {
    source: usize,
    window: usize,
    shown: usize,
    shown_length: usize,
}

/// A mark clipped to what is drawn of it.
struct Clipped<'m> {
    start: usize,
    end: usize,
    label: Option<&'m str>,
}

impl Excerpt {
    /// The lines of `marks`, which are all of one file, for `width` columns, of which line numbers take `digits`; nothing
    /// without a mark or in an empty file.
    pub(super) fn new(sources: &SourceMap, marks: &[Mark], width: usize, digits: usize) -> Option<Self> {
        let first = marks.first()?;
        let file = sources.file(first.span.file);
        let text: &str = &file.text;
        if text.is_empty() {
            return None;
        }
        let clipped: Vec<Clipped> = marks.iter().map(|mark| clipped(text, mark)).collect();
        let from = lines_up(text, clipped.iter().map(|m| m.start).min()?);
        let to = lines_down(text, clipped.iter().map(|m| m.end).max()?);
        let room = room(text, &clipped, width.saturating_sub(digits));
        let (shown, lines) = copy_lines(text, (from, to), &clipped, room);
        let mut labels = Vec::new();
        let mut places = Vec::new();
        for (i, (mark, clipped)) in marks.iter().zip(&clipped).enumerate() {
            let (start, end) = (place(&lines, clipped.start), place(&lines, clipped.end));
            let span = (start, end.saturating_sub(start));
            let label = clipped.label.map(|label| fitted(label, &shown, span, room));
            let labeled = match i {
                0 => LabeledSpan::new_primary_with_span(label, span),
                _ => LabeledSpan::new_with_span(label, span),
            };
            places.push((*labeled.inner(), sources.position(mark.span, mark.span.start)));
            labels.push(labeled);
        }
        let first_line = text.get(..from).map_or(0, |t| t.matches('\n').count());
        Some(Self { name: one_line(&file.name), text: shown, first_line, places, labels })
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
        let header = self.places.iter().find(|(known, _)| (before, after) == (0, 0) && known == span);
        if let Some((_, position)) = header {
            // The header's place: characters of the file, not bytes of the excerpt.
            (line, column) = (position.line as usize - 1, position.column as usize - 1);
        }
        // Two contexts become one frame if the second begins within so many lines of the first. `str` counts from the
        // beginning of the text, which would make one of all that follow.
        let shown = inner.data().split_inclusive(|byte| *byte == b'\n').count();
        let count = shown + JOINED + 1 - (1 + 2 * CONTEXT);
        let contents =
            MietteSpanContents::new_named(self.name.clone(), inner.data(), *inner.span(), line, column, count);
        Ok(Box::new(contents))
    }
}

/// Digits of the line numbers that frames of these places have.
pub(super) fn digits<'m>(sources: &SourceMap, marks: impl IntoIterator<Item = &'m Mark>) -> usize {
    let last = |mark: &Mark| sources.position(mark.span, mark.span.end).line as usize + CONTEXT;
    marks.into_iter().map(last).max().unwrap_or(0).to_string().len()
}

/// Whether two places are so close that one frame shows both.
pub(super) fn share_a_frame(sources: &SourceMap, a: Span, b: Span) -> bool {
    let line = |span: Span, offset| sources.position(span, offset).line as usize;
    let between = |upper: Span, lower: Span| line(lower, lower.start).saturating_sub(line(upper, upper.end) + 1);
    a.file == b.file && between(a, b) <= JOINED && between(b, a) <= JOINED
}

/// Columns for the source text, right of line numbers and brackets.
fn room(text: &str, marks: &[Clipped], width: usize) -> usize {
    let spans_lines = |mark: &Clipped| text.get(mark.start..mark.end).is_some_and(|t| t.contains('\n'));
    let brackets = if marks.iter().any(spans_lines) { BRACKET } else { 0 };
    width.saturating_sub(4 + brackets).max(20)
}

/// The label, cut to the room that the underline's middle leaves.
fn fitted(label: &str, shown: &str, (start, length): (usize, usize), room: usize) -> String {
    let line = shown.get(..start).and_then(|t| t.rfind('\n')).map_or(0, |i| i + 1);
    let marked = shown.get(start..start + length).unwrap_or("");
    let before = columns(shown.get(line..start).unwrap_or(""));
    let middle = if marked.contains('\n') { 0 } else { before + columns(marked) / 2 };
    let left = room.saturating_sub(middle + ARM).clamp(MIN_LABEL, MAX_LABEL);
    cut(label, left)
}

/// At most so many columns of a text.
pub(super) fn cut(text: &str, room: usize) -> String {
    if columns(text) <= room {
        return text.to_owned();
    }
    let fits = Columns::of(text).take_while(|c| c.end < room).last();
    format!("{}{CUT}", text[..fits.map_or(0, |c| c.next)].trim_end())
}

/// The mark, or its first line if it is long; never the line break at its end.
fn clipped<'m>(text: &str, mark: &'m Mark) -> Clipped<'m> {
    let (start, end) = (mark.span.start as usize, mark.span.end as usize);
    let marked = text.get(start..end).unwrap_or("").trim_end();
    let length = if marked.lines().count() > MAX_MARKED_LINES { marked.find('\n') } else { None };
    let end = (start + length.unwrap_or(marked.len())).min(text.len());
    Clipped { start: start.min(text.len()), end, label: mark.label.as_deref() }
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

fn copy_lines(text: &str, (from, to): (usize, usize), marks: &[Clipped], room: usize) -> (String, Vec<Line>) {
    let mut starts = Vec::new();
    let mut at = from;
    for line in text.get(from..to).unwrap_or("").split_inclusive('\n') {
        starts.push((at, line));
        at += line.len();
    }
    let shifts: Vec<Option<usize>> = starts.iter().map(|(at, line)| shift(*at, body(line), marks, room)).collect();
    let mut out = String::new();
    let mut lines = Vec::new();
    for (i, (at, line)) in starts.iter().enumerate() {
        let (start, end) = window(body(line), nearest(&shifts, i), room);
        if start > 0 {
            out.push_str(CUT);
        }
        let shown = out.len();
        out.push_str(&sanitize(&body(line)[start..end]));
        lines.push(Line { source: *at, window: at + start, shown, shown_length: end - start });
        if end < body(line).len() {
            out.push_str(CUT);
        }
        if line.ends_with('\n') {
            out.push('\n');
        }
    }
    (out, lines)
}

fn body(line: &str) -> &str {
    let line = line.strip_suffix('\n').unwrap_or(line);
    line.strip_suffix('\r').unwrap_or(line)
}

/// Columns to leave out at the left of a marked line so that its marks and their labels fit, as far as both do;
/// nothing for a line without a mark.
fn shift(at: usize, line: &str, marks: &[Clipped], room: usize) -> Option<usize> {
    let own = || marks.iter().filter(|mark| (at..=at + line.len()).contains(&mark.start));
    let column = |offset: usize| columns(line.get(..(offset - at).min(line.len())).unwrap_or(line));
    let first = own().map(|mark| column(mark.start)).min()?;
    let right = |mark: &Clipped| {
        let (start, end) = (column(mark.start), column(mark.end.max(mark.start)));
        let label = mark.label.map_or(0, |label| ARM + columns(label).min(SEEN_LABEL));
        end.min(start + room / 2).max(start + (end - start) / 2 + label)
    };
    let right = own().map(right).max()?;
    Some(right.saturating_sub(room).min(first.saturating_sub(LEAD)))
}

/// The shift of the marked line that is closest.
fn nearest(shifts: &[Option<usize>], line: usize) -> usize {
    let known = shifts.iter().enumerate().filter_map(|(i, shift)| shift.map(|shift| (i.abs_diff(line), shift)));
    known.min().map_or(0, |(_, shift)| shift)
}

/// The bytes of a line to show: `room` columns from column `shift`, signs of what is cut included.
fn window(line: &str, shift: usize, room: usize) -> (usize, usize) {
    let shift = if columns(line) <= shift { 0 } else { shift };
    let start = if shift == 0 { 0 } else { Columns::of(line).find(|c| c.end > shift + 1).map_or(0, |c| c.start) };
    let limit = shift + room;
    if columns(line) <= limit {
        return (start, line.len());
    }
    let last = Columns::of(line).take_while(|c| c.end < limit).last();
    (start, last.map_or(start, |c| c.next).max(start))
}

/// Where an offset of the file is in the excerpt.
fn place(lines: &[Line], offset: usize) -> usize {
    let at = lines.partition_point(|line| line.source <= offset).saturating_sub(1);
    lines.get(at).map_or(0, |line| line.shown + offset.saturating_sub(line.window).min(line.shown_length))
}
