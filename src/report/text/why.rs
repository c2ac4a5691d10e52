//! What is known of a line, for a terminal: each thing with the places that show it, and the source line of each.

use super::TextStyle;
use super::excerpt::cut;
use super::fit::wrapped;
use super::place;
use crate::report::Report;
use crate::report::sanitize::one_line;
use crate::report::why::{Answer, Chapter, Place};
use crate::source::Span;

pub(in crate::report) fn why(report: &Report, answers: &[Answer], style: &TextStyle) -> String {
    let shown = answers.iter().map(|answer| {
        let title = bold(&wrapped(&one_line(&answer.title), "", style.width), style);
        let head = format!("{title}  {}\n{}", place(report, answer.span), source(report, answer.span, style));
        let chapters = answer.chapters.iter().map(|chapter| self::chapter(report, chapter, style));
        std::iter::once(head).chain(chapters).collect::<Vec<_>>().join("\n")
    });
    shown.collect::<Vec<_>>().join("\n")
}

fn chapter(report: &Report, chapter: &Chapter, style: &TextStyle) -> String {
    let end = if chapter.places.is_empty() && chapter.reason.is_empty() { "." } else { ":" };
    let mut out = wrapped(&format!("{}{end}", one_line(&chapter.title)), "", style.width);
    if !chapter.reason.is_empty() {
        out.push_str(&wrapped(&one_line(&chapter.reason), "  ", style.width));
    }
    for Place { span, message } in &chapter.places {
        out.push_str(&wrapped(&format!("{}  {}", place(report, *span), one_line(message)), "  ", style.width));
        out.push_str(&source(report, *span, style));
    }
    if chapter.left_out > 0 {
        out.push_str(&wrapped(&format!("and {} more", chapter.left_out), "  ", style.width));
    }
    out
}

/// The line in which a place begins.
fn source(report: &Report, span: Span, style: &TextStyle) -> String {
    const INDENT: &str = "      ";
    let sources = report.sources;
    let number = sources.position(span, span.start).line;
    let text = sources.line(span.file, number).map(|line| one_line(sources.text(line).trim()));
    let text = text.filter(|text| !text.is_empty());
    text.map_or_else(String::new, |text| format!("{INDENT}{}\n", cut(&text, style.width.saturating_sub(INDENT.len()))))
}

fn bold(text: &str, style: &TextStyle) -> String {
    if style.color { format!("\u{1b}[1m{}\u{1b}[0m\n", text.trim_end()) } else { text.to_owned() }
}
