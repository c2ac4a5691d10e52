//! The audit as one page, complete in itself: nothing is loaded from anywhere. All that matters is there without
//! JavaScript; with it, the page can be filtered, and evidence opens beside what it belongs to.
//!
//! Text gets in through `maud`, which escapes it; its one way around that is used for the two assets only.

mod calls;
mod excerpt;
mod iam;
mod issues;
mod map;
mod reveal;
mod seen;
mod tables;
#[cfg(test)]
mod tests;
mod text;

use super::totals::counted;
use super::{Report, Totals};
use crate::rules::Severity;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use text::code;

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/script.js");
/// Allows nothing but what the page holds itself: no request can be made from it.
const POLICY: &str = include_str!("assets/policy.txt");

pub(super) fn render(report: &Report) -> String {
    reveal::reveal(&document(report).into_string()) + "\n"
}

fn document(report: &Report) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY.trim_end());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("ddb-audit ", env!("CARGO_PKG_VERSION")));
                title { "DynamoDB audit of " (templates(report).join(", ")) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the audit" }
                (header(report))
                div.page {
                    (navigation(report))
                    main #main tabindex="-1" {
                        (summary(report))
                        (issues::priorities(report))
                        (map::section(report))
                        (issues::issues(report))
                        (iam::matrix(report))
                        (tables::inventory(report))
                        (tables::sections(report))
                        (seen::blind_spots(report))
                        (calls::section(report))
                        (seen::reproduce(report))
                    }
                }
                aside #panel hidden aria-labelledby="panel-title" tabindex="-1" {
                    div.bar {
                        h2 #panel-title { "Evidence" }
                        button #panel-close type="button" { "Close" }
                    }
                    div #panel-body {}
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn templates<'r>(report: &Report<'r>) -> Vec<&'r str> {
    report.inputs.templates.iter().map(|file| report.sources.file(*file).name.as_str()).collect()
}

fn header(report: &Report) -> Markup {
    let facts = report.facts;
    html! {
        header.top {
            div.wide {
                div {
                    h1 { "DynamoDB audit" }
                    p.of {
                        @for (i, name) in templates(report).into_iter().enumerate() { @if i > 0 { ", " } (code(name)) }
                        span.seen {
                            (counted(facts.tables.len(), "table", "tables")) " · "
                            (counted(facts.functions.len(), "Lambda", "Lambdas")) " · "
                            (counted(facts.calls().count(), "call", "calls")) " in "
                            (counted(report.inputs.python_files, "Python file", "Python files"))
                        }
                    }
                }
                button #theme.control type="button" { "Dark theme" }
            }
        }
    }
}

fn navigation(report: &Report) -> Markup {
    let links = [
        ("summary", "Summary"),
        ("priorities", "Priorities"),
        ("map", "Picture"),
        ("issues", "Issues"),
        ("iam", "IAM"),
        ("tables", "Tables"),
        ("blind-spots", "Blind spots"),
        ("calls", "Calls"),
        ("reproduce", "How to reproduce"),
    ];
    let is_there = |id: &str| id != "iam" || report.shows_rights && !report.facts.functions.is_empty();
    html! {
        nav.contents aria-label="Contents" {
            ol { @for (id, name) in links.into_iter().filter(|(id, _)| is_there(id)) { li { a href=(format!("#{id}")) { (name) } } } }
        }
    }
}

fn summary(report: &Report) -> Markup {
    let totals = Totals::of(report.findings);
    let gate = report.gate.map_or("never", Severity::as_str);
    html! {
        section #summary aria-labelledby="summary-title" {
            h2 #summary-title { "Summary" }
            p.lead {
                @match totals.all() { 0 => (report.inputs.nothing_found()), n => (counted(n, "finding", "findings")) } ". "
                @if !report.failed { "The run passes." }
                @else if report.gate.is_some_and(|gate| report.findings.iter().any(|finding| finding.severity >= gate)) {
                    "The run fails: there are findings at or above " strong { (gate) } "."
                } @else { "The run fails: the deployment would be refused, or not everything could be read." }
            }
            @if let Some(warning) = &report.inputs.unaudited {
                p {
                    strong { "Only the templates were audited: " (text::prose(&warning.message)) }
                    " (" (text::place(report, warning.span)) "). To do: " (text::prose(&warning.help)) "."
                }
            }
            @if report.inputs.refusals().next().is_some() {
                p { "The deployment would be refused:" }
                ul {
                    @for refusal in report.inputs.refusals() {
                        li { (text::place(report, refusal.span)) ": " (text::prose(&refusal.message)) }
                    }
                }
            }
            ul.tiles {
                @for (severity, n) in totals.by_severity() {
                    li.tile.(severity.as_str()).none[n == 0] { span.n { (n) } " " span.what { (severity.as_str()) } }
                }
            }
        }
    }
}
