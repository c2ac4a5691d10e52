//! The lines of a place, with what is meant marked.

use super::text::breakable;
use crate::report::Report;
use crate::source::Span;
use maud::{Markup, html};
use std::ops::Range;

/// Lines shown before and after the marked ones.
const CONTEXT: usize = 2;
/// Of a longer range only so many lines are shown.
const MAX_LINES: usize = 14;
/// Of a longer line only so many bytes before and after the marked part are shown.
const MAX_BYTES: usize = 240;

/// A figure: the place, what it is, the lines.
pub(super) fn excerpt(report: &Report, span: Span, label: &str) -> Markup {
    let place = report.sources.location(span);
    let text: &str = &report.sources.file(span.file).text;
    let first = (place.start.line as usize).saturating_sub(1 + CONTEXT);
    let last = (place.end.line as usize + CONTEXT).min(place.start.line as usize + MAX_LINES);
    let lines: Vec<Line> = lines(text, span).skip(first).take(last.saturating_sub(first)).collect();
    let indent = lines.iter().filter_map(Line::indent).min().unwrap_or(0);
    html! {
        figure.excerpt {
            figcaption {
                code.place { (breakable(&place.file)) ":" (place.start.line) }
                @if !label.is_empty() { " " span.label { (super::text::prose(label)) } }
            }
            pre { code {
                @for (number, line) in (first + 1..).zip(&lines) {
                    span.line.hit[line.mark.is_some()] data-n=(number) { (source(line, indent)) }
                }
            } }
        }
    }
}

/// A line and the part of it that is marked.
struct Line<'t> {
    text: &'t str,
    mark: Option<Range<usize>>,
}

impl Line<'_> {
    /// Columns that it is indented by; nothing for an empty line.
    fn indent(&self) -> Option<usize> {
        let code = self.text.trim_start_matches(' ');
        (!code.trim().is_empty()).then_some(self.text.len() - code.len())
    }
}

/// The lines of a text. A range over several lines marks each from its first to its last character.
fn lines(text: &str, span: Span) -> impl Iterator<Item = Line<'_>> {
    let (start, end) = (span.start as usize, span.end as usize);
    text.split_inclusive('\n').scan(0, move |at, line| {
        let from = *at;
        *at += line.len();
        let text = line.trim_end_matches(['\n', '\r']);
        let code = text.len() - text.trim_start().len();
        let marked = (start.max(from + code), end.min(from + text.trim_end().len()));
        let mark = (marked.0 < marked.1).then(|| marked.0 - from..marked.1 - from);
        Some(Line { text, mark })
    })
}

fn source(line: &Line, indent: usize) -> Markup {
    let indent = if line.text.get(..indent).is_some_and(|head| head.trim().is_empty()) { indent } else { 0 };
    let Range { start, end } = line.mark.clone().unwrap_or(indent..indent);
    let (start, end) = (start.max(indent), end.max(indent));
    let part = |range: Range<usize>| line.text.get(range).unwrap_or_default();
    let before = part(indent..start);
    let after = part(end..line.text.len());
    let marked = part(start..end);
    let (head, tail) = (last_bytes(before), first_bytes(after));
    html! {
        @if head.len() < before.len() { "…" }
        (head)
        @if !marked.is_empty() {
            mark { (first_bytes(marked)) @if first_bytes(marked).len() < marked.len() { "…" } }
        }
        (tail)
        @if tail.len() < after.len() { "…" }
    }
}

fn first_bytes(text: &str) -> &str {
    let end = (0..=MAX_BYTES.min(text.len())).rev().find(|end| text.is_char_boundary(*end));
    &text[..end.unwrap_or(0)]
}

fn last_bytes(text: &str) -> &str {
    let start = (text.len().saturating_sub(MAX_BYTES)..=text.len()).find(|start| text.is_char_boundary(*start));
    &text[start.unwrap_or(0)..]
}

#[cfg(test)]
mod tests {
    use super::excerpt;
    use crate::report::{Inputs, Report, sample};
    use crate::source::{SourceMap, Span};
    use std::path::Path;

    fn lines(text: &str, part: &str) -> Vec<String> {
        let mut sources = SourceMap::default();
        let file = sources.add(Path::new("a.py"), text.into());
        let span = if part.is_empty() { Span::new(file, 0, 0) } else { sample::span(file, text, part) };
        let html = sample::with_report(|report| {
            let inputs = Inputs::default();
            excerpt(&Report { sources: &sources, inputs: &inputs, ..*report }, span, "").into_string()
        });
        let lines = html.split("<span class=\"line").skip(1);
        lines.map(|line| line.split("</span>").next().unwrap_or_default().to_owned()).collect()
    }

    #[test]
    fn marks_the_place_and_takes_the_common_indent_off() {
        let text = "def f():\r\n    a = g(\r\n        1,\r\n    )\r\n    b\r\n    c\r\n    d\r\n";
        let expected = [
            "\" data-n=\"1\">def f():",
            " hit\" data-n=\"2\">    a = <mark>g(</mark>",
            " hit\" data-n=\"3\">        <mark>1,</mark>",
            " hit\" data-n=\"4\">    <mark>)</mark>",
            "\" data-n=\"5\">    b",
            "\" data-n=\"6\">    c",
        ];
        assert_eq!(lines(text, "g(\r\n        1,\r\n    )"), expected);
        assert_eq!(
            lines("    a\n    <b>\n", "<b>"),
            ["\" data-n=\"1\">a", " hit\" data-n=\"2\"><mark>&lt;b&gt;</mark>"]
        );
    }

    #[test]
    fn long_lines_are_cut_around_the_mark() {
        let text = format!("{}scan(){}", "é".repeat(200), "x".repeat(300));
        let expected = format!(" hit\" data-n=\"1\">…{}<mark>scan()</mark>{}…", "é".repeat(120), "x".repeat(240));
        assert_eq!(lines(&text, "scan()"), [expected]);
    }

    #[test]
    fn an_empty_file_has_no_lines() {
        assert_eq!(lines("", ""), Vec::<String>::new());
    }
}
