use super::diagnostic::{Drawn, graphical};
use super::{TextStyle, render};
use crate::report::sample::{self, finding, related, span};
use crate::rules::Severity;
use crate::source::SourceMap;
use std::path::Path;

const STYLE: TextStyle = TextStyle { color: false, width: Some(80), quiet: false, verbose: false };

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
    insta::assert_snapshot!(graphical(&Drawn::finding(&finding, &sources), &STYLE));
}

#[test]
fn an_endless_line_is_cut_around_the_mark() {
    let mut sources = SourceMap::default();
    let text = format!("{{\"é\":\"{}\",\"IndexName\":\"by-author\",\"y\":\"{}\"}}", "x".repeat(5000), "y".repeat(5000));
    let file = sources.add(Path::new("template.json"), text.as_str().into());
    let finding = finding(Severity::Low, "unused-gsi", span(file, &text, "\"by-author\""), Vec::new());
    insta::assert_snapshot!(graphical(&Drawn::finding(&finding, &sources), &STYLE));
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
    insta::assert_snapshot!(graphical(&Drawn::finding(&finding, &sources), &STYLE));
}

#[test]
fn spans_at_the_edges_are_drawn() {
    let mut sources = SourceMap::default();
    let empty = sources.add(Path::new("empty.yaml"), "".into());
    let last = sources.add(Path::new("last.py"), "a\nb".into());
    for span in [crate::source::Span::new(empty, 0, 0), crate::source::Span::new(last, 3, 3)] {
        let finding = finding(Severity::Info, "ttl-naming", span, Vec::new());
        assert_ne!(graphical(&Drawn::finding(&finding, &sources), &STYLE), "");
    }
}
