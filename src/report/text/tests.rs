use super::diagnostic::{Drawn, graphical};
use super::fit::columns;
use super::{TextStyle, render};
use crate::report::sample::{self, finding, related, span};
use crate::rules::Severity;
use crate::source::{SourceMap, Span};
use std::path::Path;

const STYLE: TextStyle = TextStyle { color: false, width: 80, quiet: false, verbose: false };

#[test]
fn the_whole_report() {
    insta::assert_snapshot!(sample::with_report(|report| render(report, &TextStyle { verbose: true, ..STYLE })));
}

#[test]
fn quiet_shows_findings_only() {
    let quiet = TextStyle { quiet: true, ..STYLE };
    insta::assert_snapshot!(sample::with_report(|report| render(report, &quiet)));
}

#[test]
fn quiet_says_nothing_when_there_is_nothing() {
    let quiet = TextStyle { quiet: true, ..STYLE };
    let text = sample::with_report(|report| render(&crate::report::Report { findings: &[], ..*report }, &quiet));
    assert_eq!(text, "");
}

#[test]
fn hostile_text_is_shown_harmless() {
    let mut sources = SourceMap::default();
    let text = "x = 1\r\ntable.scan()  # \u{1b}[2J\u{202e}gone\n";
    let file = sources.add(Path::new("a\u{1b}]0;b.py"), text.into());
    let mut finding = finding(Severity::High, "missing-pagination", span(file, text, "table.scan()"), Vec::new());
    finding.title = "of \u{1b}[31mred\nthings".into();
    insta::assert_snapshot!(graphical(&Drawn::finding(&finding, &sources, 80), &STYLE));
}

#[test]
fn an_endless_line_is_cut_around_the_mark() {
    let mut sources = SourceMap::default();
    let text = format!("{{\"é\":\"{}\",\"IndexName\":\"by-author\",\"y\":\"{}\"}}", "x".repeat(5000), "y".repeat(5000));
    let file = sources.add(Path::new("template.json"), text.as_str().into());
    let finding = finding(Severity::Low, "unused-gsi", span(file, &text, "\"by-author\""), Vec::new());
    insta::assert_snapshot!(graphical(&Drawn::finding(&finding, &sources, 80), &STYLE));
}

#[test]
fn far_places_of_one_file_and_places_of_others_are_all_shown() {
    let mut sources = SourceMap::default();
    let text = format!("first()\n{}last()\n", "pass\n".repeat(30));
    let file = sources.add(Path::new("a.py"), text.as_str().into());
    let other = sources.add(Path::new("b.py"), "one()\ntwo()\n".into());
    let places = vec![
        related(span(file, &text, "last()"), "read here"),
        related(span(other, "one()\ntwo()\n", "one()"), "called here"),
        related(span(other, "one()\ntwo()\n", "two()"), "and here"),
    ];
    let finding = finding(Severity::Critical, "broken-pagination", span(file, &text, "first()"), places);
    insta::assert_snapshot!(graphical(&Drawn::finding(&finding, &sources, 80), &STYLE));
}

/// Marks with many lines between them get frames of their own, and only some of many places are shown.
#[test]
fn many_places_of_one_file_are_short_frames_and_a_number() {
    let mut sources = SourceMap::default();
    let lines: Vec<String> = (1..=400).map(|i| format!("line{i}()\n")).collect();
    let text = lines.concat();
    let file = sources.add(Path::new("a.py"), text.as_str().into());
    let at = |line: usize| span(file, &text, lines[line - 1].trim_end());
    let places = [103, 110, 300, 305, 1000, 399, 398].map(|line| related(at(line.min(400)), &format!("line {line}")));
    let finding = finding(Severity::Low, "ttl-naming", at(100), places.to_vec());
    insta::assert_snapshot!(graphical(&Drawn::finding(&finding, &sources, 80), &STYLE));
}

#[test]
fn no_line_of_a_frame_is_wider_than_the_terminal() {
    let mut sources = SourceMap::default();
    let long = format!(
        "        value = {}table.query({})  # {}\n",
        "call(".repeat(9),
        "argument, ".repeat(12),
        "漢".repeat(60)
    );
    let text = format!("def handler():\n{long}\tx = 1\n{long}");
    let file = sources.add(Path::new("a.py"), text.as_str().into());
    let first = span(file, &text, "table.query(");
    let down = u32::try_from(long.len() + "\tx = 1\n".len()).expect("a short text");
    let second = Span { start: first.start + down, end: first.end + down, ..first };
    let label = "a label that says a great deal more than would fit beside the place that it is about, and goes on";
    let mut finding = finding(Severity::High, "missing-pagination", first, vec![related(second, label)]);
    finding.label = label.into();
    for width in [40, 60, 80, 120] {
        let style = TextStyle { width, ..STYLE };
        let drawn = graphical(&Drawn::finding(&finding, &sources, width), &style);
        let wide: Vec<&str> = drawn.lines().filter(|line| columns(line) > width).collect();
        assert_eq!(wide, Vec::<&str>::new(), "{width}");
        assert_eq!(drawn.matches("table.query(").count(), 2, "both marked places are in sight at {width}");
    }
}

#[test]
fn help_that_was_said_is_referred_to() {
    let (sources, mut findings) = sample::findings("table.scan()\n\n\n\n\n\n\n\n\ntable.scan()\n");
    let help = "Repeat the call while the response has a `LastEvaluatedKey`, and collect what every page brings.";
    findings.iter_mut().for_each(|finding| finding.help = help.into());
    let quiet = TextStyle { quiet: true, ..STYLE };
    let text = sample::with_report(|report| {
        render(&crate::report::Report { findings: &findings, sources: &sources, ..*report }, &quiet)
    });
    insta::assert_snapshot!(text);
}

/// Two findings of one statement give one edit.
#[test]
fn lines_that_were_shown_are_referred_to() {
    let (sources, mut findings) = sample::findings("table.scan()\n\n\n\n\n\n\n\n\ntable.scan()\n");
    for (finding, words) in findings.iter_mut().zip(["Take it away.", "Put it there."]) {
        finding.help = format!("{words}\nLine 1 becomes:\n    table.query()");
    }
    let quiet = TextStyle { quiet: true, ..STYLE };
    let text = sample::with_report(|report| {
        render(&crate::report::Report { findings: &findings, sources: &sources, ..*report }, &quiet)
    });
    insta::assert_snapshot!(text);
}

#[test]
fn spans_at_the_edges_are_drawn() {
    let mut sources = SourceMap::default();
    let empty = sources.add(Path::new("empty.yaml"), "".into());
    let last = sources.add(Path::new("last.py"), "a\nb".into());
    for span in [crate::source::Span::new(empty, 0, 0), crate::source::Span::new(last, 3, 3)] {
        let finding = finding(Severity::Info, "ttl-naming", span, Vec::new());
        assert_ne!(graphical(&Drawn::finding(&finding, &sources, 80), &STYLE), "");
    }
}
