//! Findings grouped by severity and rule: thirty places of one fault are one issue with a table.

use super::escape::{code, head, paragraphs, prose, row};
use super::{place, places};
use crate::report::issue::{Issue, grouped, letter};
use crate::report::totals::counted;
use crate::report::{BOTTOM_UP, Report};
use crate::rules::{Finding, Severity};

/// One row an issue, most urgent first, with an estimate of the work.
pub(super) fn priorities(report: &Report) -> String {
    let issues = grouped(report.findings);
    if issues.is_empty() {
        return format!("## Priorities\n\n{}\n", report.inputs.nothing_to_do());
    }
    let mut out = String::from("## Priorities\n\n");
    out += &head(&["#", "Issue", "Severity", "Places", "Effort", "First step"]);
    for (number, issue) in (1..).zip(&issues) {
        let first = issue.findings[0];
        let title = if issue.findings.len() == 1 { prose(&first.title) } else { code(issue.rule) };
        let step = prose(first.help.lines().next().unwrap_or(""));
        let step = match issue.shared(|finding| &finding.help) {
            Some(_) => step,
            None => format!("At {}: {step}", place(report, first.span)),
        };
        let places = issue.findings.len().to_string();
        out +=
            &row([number.to_string(), title, issue.severity.as_str().into(), places, issue.effort().to_owned(), step]);
    }
    out + "\nEffort: trivial is an edit in one place, small an edit and its test, medium several edits that belong together, \
           large is work on stored data or on many places. From four places on it is a step more, from eleven on two.\n"
}

/// Every finding, in sections by severity.
pub(super) fn issues(report: &Report) -> String {
    let issues = grouped(report.findings);
    let mut out = String::from("## Issues\n");
    if issues.is_empty() {
        return out + &format!("\n{}.\n", report.inputs.nothing_found());
    }
    if report.findings.len() > 1 {
        out += &format!("\n{BOTTOM_UP}\n");
    }
    for severity in Severity::ALL {
        let mut of_severity = issues.iter().filter(|issue| issue.severity == severity).peekable();
        if of_severity.peek().is_some() {
            out += &format!("\n### {}\n", capitalized(severity.as_str()));
        }
        for issue in of_severity {
            out += &section(report, issue);
        }
    }
    out
}

fn section(report: &Report, issue: &Issue) -> String {
    match issue.findings.as_slice() {
        [only] => single(report, only),
        _ => group(report, issue),
    }
}

fn single(report: &Report, finding: &Finding) -> String {
    let mut out = format!("\n#### {} ({})\n\n", prose(&finding.title), code(finding.rule));
    out += &format!("{}, {}.", place(report, finding.span), finding.confidence.as_str());
    out += &format!("\n\n{}", paragraphs(&finding.message));
    for related in &finding.related {
        out += &format!("\n- {}: {}", place(report, related.span), prose(&related.message));
    }
    if !finding.related.is_empty() {
        out.push('\n');
    }
    out + &fix("Fix", &finding.help)
}

/// A table of places. What all of them share is said once, above and below it; a few different fixes go by letters.
fn group(report: &Report, issue: &Issue) -> String {
    let findings = &issue.findings;
    let (message, own) = issue.messages();
    let fixes = issue.fixes();
    let apart = fixes.are_few() || fixes.have_lines();
    let mut out = format!("\n#### {}: {}\n\n", code(issue.rule), counted(findings.len(), "place", "places"));
    if !message.is_empty() {
        out += &format!("{}\n", paragraphs(&message));
    }
    let explained = own.iter().any(|message| !message.is_empty());
    let alone = fixes.texts.len() == 1;
    let mut names = vec!["Place", "What", "Confidence", "See also"];
    names.extend(explained.then_some("Why"));
    names.extend((!alone).then_some("Fix"));
    out += &head(&names);
    for (finding, own) in findings.iter().zip(&own) {
        let related = places(report, finding.related.iter().map(|related| related.span));
        let confidence = finding.confidence.as_str().to_owned();
        let mut cells = vec![place(report, finding.span), prose(&finding.title), confidence, related];
        cells.extend(explained.then(|| prose(own)));
        cells.extend((!alone).then(|| if apart { fixes.letter(finding) } else { prose(&finding.help) }));
        out += &row(cells);
    }
    if alone {
        out += &fix("Fix", fixes.texts[0]);
    } else if apart {
        let fix = |(i, help): (usize, &&str)| fix(&format!("Fix {}", letter(i)), help);
        out.extend(fixes.texts.iter().enumerate().map(fix));
    }
    out
}

fn fix(name: &str, help: &str) -> String {
    if help.is_empty() { String::new() } else { format!("\n**{name}**: {}\n", paragraphs(help).trim_end()) }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
