//! Small pieces of text: names, prose with code in it, places. `maud` escapes what is spliced in; nothing here writes
//! markup by itself.

use crate::facts::AccessId;
use crate::report::Report;
use crate::rules::Severity;
use crate::source::Span;
use maud::{Markup, html};
use std::collections::BTreeMap;

/// A name.
pub(super) fn code(text: &str) -> Markup {
    html! { code { (breakable(text)) } }
}

/// Text that may be broken after `/`, where a path is best broken.
pub(super) fn breakable(text: &str) -> Markup {
    html! { @for piece in text.split_inclusive('/') { (piece) @if piece.ends_with('/') { wbr; } } }
}

/// Text with code in single backticks, which messages are written with.
pub(super) fn prose(text: &str) -> Markup {
    let pieces: Vec<&str> = text.split('`').collect();
    let balanced = !pieces.len().is_multiple_of(2) && !text.contains("``");
    html! {
        @if balanced {
            @for (i, piece) in pieces.iter().enumerate() {
                @if i % 2 == 0 { (piece) } @else { code { (piece) } }
            }
        } @else { (text) }
    }
}

/// One or more paragraphs of prose; indented lines are code.
pub(super) fn paragraphs(text: &str) -> Markup {
    let is_code = |line: &&str| line.starts_with([' ', '\t']);
    let lines: Vec<&str> = text.trim_end().lines().filter(|line| !line.trim().is_empty()).collect();
    html! {
        @for run in lines.chunk_by(|a, b| is_code(a) == is_code(b)) {
            @if run.first().is_some_and(is_code) {
                pre.snippet { code { (unindented(run)) } }
            } @else {
                @for line in run { p { (prose(line)) } }
            }
        }
    }
}

fn unindented(lines: &[&str]) -> String {
    let indent = lines.iter().map(|line| line.len() - line.trim_start().len()).min().unwrap_or(0);
    lines.iter().map(|line| line.get(indent..).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// `file:line`.
pub(super) fn place(report: &Report, span: Span) -> Markup {
    let place = report.sources.location(span);
    html! { code.place { (breakable(&place.file)) ":" (place.start.line) } }
}

/// Places, each once.
pub(super) fn places(report: &Report, spans: impl IntoIterator<Item = Span>) -> Markup {
    let lines = spans.into_iter().map(|span| {
        let place = report.sources.location(span);
        ((place.file, place.start.line), span)
    });
    let lines: BTreeMap<(String, u32), Span> = lines.collect();
    html! { @if !lines.is_empty() { ul.places { @for span in lines.into_values() { li { (place(report, span)) } } } } }
}

/// Links to calls, each once.
pub(super) fn calls(report: &Report, ids: &[AccessId]) -> Markup {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    html! { @if !ids.is_empty() { ul.places { @for id in ids { li { (call(report, id)) } } } } }
}

/// A link to a call.
pub(super) fn call(report: &Report, id: AccessId) -> Markup {
    html! { a href=(format!("#call-{}", id.0)) { (place(report, report.facts.access(id).access.span)) } }
}

/// A severity as a label.
pub(super) fn severity(severity: Severity) -> Markup {
    html! { span class=(format!("badge {}", severity.as_str())) { (severity.as_str()) } }
}

/// `Critical`.
pub(super) fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A table that scrolls by itself where the page is narrower than it.
pub(super) fn table(label: &str, head: &[&str], rows: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) {
            table {
                thead { tr { @for name in head { th scope="col" { (name) } } } }
                tbody { (rows) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{paragraphs, prose};

    #[test]
    fn code_only_between_balanced_backticks() {
        assert_eq!(prose("a `<b>` & c").into_string(), "a <code>&lt;b&gt;</code> &amp; c");
        assert_eq!(prose("a ` <b>").into_string(), "a ` &lt;b&gt;");
        assert_eq!(prose("a ``b`` c").into_string(), "a ``b`` c");
    }

    #[test]
    fn indented_lines_are_one_block() {
        let html = paragraphs("Do:\n\n    while x:\n        y()\nThen rest.").into_string();
        assert_eq!(html, "<p>Do:</p><pre class=\"snippet\"><code>while x:\n    y()</code></pre><p>Then rest.</p>");
    }
}
