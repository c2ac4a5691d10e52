//! What to do first, and every finding with its source lines, one issue a rule and severity.

use super::excerpt::excerpt;
use super::text::{capitalized, code, paragraphs, place, prose, severity};
use crate::report::issue::{Issue, grouped, letter};
use crate::report::subjects::subjects;
use crate::report::totals::counted;
use crate::report::{BOTTOM_UP, Report};
use crate::rules::{Finding, Severity};
use maud::{Markup, html};
use std::fmt::Display;

/// More related places than this are folded away.
const OPEN_PLACES: usize = 1;

/// One entry an issue, most urgent first.
pub(super) fn priorities(report: &Report) -> Markup {
    let issues = grouped(report.findings);
    html! {
        section #priorities aria-labelledby="priorities-title" {
            h2 #priorities-title { "Priorities" }
            @if issues.is_empty() { p { (report.inputs.nothing_to_do()) } } @else {
                ol.todo { @for (number, issue) in issues.iter().enumerate() { li.(issue.severity.as_str()) { (priority(report, number, issue)) } } }
                p.note {
                    "Effort: trivial is an edit in one place, small an edit and its test, medium several edits that belong \
                     together, large is work on stored data or on many places. From four places on it is a step more, from \
                     eleven on two."
                }
            }
        }
    }
}

fn priority(report: &Report, number: usize, issue: &Issue) -> Markup {
    let first = issue.findings[0];
    let is_shared = issue.shared(|finding| &finding.help).is_some();
    html! {
        p.head {
            (severity(issue.severity)) " " a href=(format!("#issue-{number}")) { (title(issue)) } " "
            span.effort { "effort " (issue.effort()) }
        }
        p.step {
            @if !is_shared { "At " (place(report, first.span)) ": " }
            (prose(first.help.lines().next().unwrap_or_default()))
        }
    }
}

fn title(issue: &Issue) -> Markup {
    match issue.findings.as_slice() {
        [only] => prose(&only.title),
        several => html! { (code(issue.rule)) ": " (counted(several.len(), "place", "places")) },
    }
}

/// Every finding, in sections by severity, below the filters.
pub(super) fn issues(report: &Report) -> Markup {
    let issues = grouped(report.findings);
    html! {
        section #issues aria-labelledby="issues-title" {
            h2 #issues-title { "Issues" }
            @if issues.is_empty() { p { (report.inputs.nothing_found()) "." } } @else {
                @if report.findings.len() > 1 { p { (BOTTOM_UP) } }
                (filters(report))
                @for level in Severity::ALL {
                    @let of_level: Vec<_> = issues.iter().enumerate().filter(|(_, i)| i.severity == level).collect();
                    @if !of_level.is_empty() {
                        section.level {
                            h3 id=(format!("level-{}", level.as_str())) { (capitalized(level.as_str())) }
                            @for (number, issue) in of_level { (section(report, number, issue)) }
                        }
                    }
                }
            }
        }
    }
}

fn filters(report: &Report) -> Markup {
    let facts = report.facts;
    let has = |level: Severity| report.findings.iter().any(|finding| finding.severity == level);
    html! {
        form #filters.control role="search" aria-label="Filter the audit" {
            fieldset {
                legend { "Severity" }
                @for level in Severity::ALL.into_iter().filter(|level| has(*level)) {
                    button.chip.(level.as_str()) type="button" aria-pressed="true" data-level=(level.as_str()) { (level.as_str()) }
                }
            }
            label { "Table " select name="table" {
                option value="" { "all" }
                @for (i, table) in facts.tables.iter().enumerate() { option value=(i) { (table.table.resource.id) } }
            } }
            label { "Lambda " select name="function" {
                option value="" { "all" }
                @for (i, f) in facts.functions.iter().enumerate() { option value=(i) { (f.function.resource.id) } }
            } }
            label { "Text " input type="search" name="text" autocomplete="off" spellcheck="false"; }
            button type="reset" { "Reset" }
            output #count aria-live="polite" {}
        }
    }
}

fn section(report: &Report, number: usize, issue: &Issue) -> Markup {
    let shared = issue.shared(|finding| &finding.message);
    // What only some findings share is said once, too, if that saves anything.
    let fixes = issue.fixes();
    let saves = fixes.texts.len() == 1 || fixes.are_few() && fixes.texts.len() < issue.findings.len();
    let shared_fixes = if saves { fixes.texts.as_slice() } else { &[] };
    let several = issue.findings.len() > 1;
    let own_fix = |finding: &Finding| match shared_fixes {
        [] => fix("Fix", &finding.help),
        [_] => Markup::default(),
        _ => {
            let letter = fixes.letter(finding);
            html! { p.which { a href=(format!("#fix-{number}-{letter}")) { "Fix " (letter) } } }
        }
    };
    html! {
        section.issue id=(format!("issue-{number}")) {
            h4 { (severity(issue.severity)) " " (title(issue)) }
            p.rule {
                @if !several { (code(issue.rule)) ", " (issue.findings[0].confidence.as_str()) ", " }
                "effort " (issue.effort())
            }
            @if let Some(message) = shared { div.why { (paragraphs(message)) } }
            @for finding in &issue.findings { (article(report, finding, several, shared.is_none(), &own_fix(finding))) }
            @if let [help] = shared_fixes { (fix("Fix", help)) } @else {
                @for (index, help) in shared_fixes.iter().enumerate() {
                    div id=(format!("fix-{number}-{}", letter(index))) { (fix(&format!("Fix {}", letter(index)), help)) }
                }
            }
        }
    }
}

fn article(report: &Report, finding: &Finding, titled: bool, why: bool, fix: &Markup) -> Markup {
    let subjects = subjects(report.facts, finding);
    let tables = joined(subjects.tables.iter().map(|table| table.0));
    let functions = joined(subjects.functions.iter().map(|function| function.0));
    let related = html! { @for related in &finding.related { (excerpt(report, related.span, &related.message)) } };
    html! {
        article.finding data-level=(finding.severity.as_str()) data-tables=(tables) data-functions=(functions) {
            @if titled { h5 { (prose(&finding.title)) " " span.sure { (finding.confidence.as_str()) } } }
            @if why { div.why { (paragraphs(&finding.message)) } }
            (excerpt(report, finding.span, &finding.label))
            @match finding.related.len() {
                0 => {}
                1..=OPEN_PLACES => (related),
                n => details.related { summary { (counted(n, "related place", "related places")) } (related) }
            }
            (fix)
        }
    }
}

fn fix(name: &str, help: &str) -> Markup {
    html! { @if !help.is_empty() { div.fix { p.name { (name) } (paragraphs(help)) } } }
}

/// Numbers for a `data-` attribute.
fn joined(ids: impl Iterator<Item = impl Display>) -> String {
    ids.map(|id| id.to_string()).collect::<Vec<_>>().join(" ")
}
