//! Findings grouped by severity and rule: thirty places of one fault are one issue with a table.

use super::escape::{code, head, paragraphs, prose, row};
use super::place;
use crate::report::Report;
use crate::report::totals::counted;
use crate::rules::{Finding, Severity};
use std::collections::BTreeSet;

/// With more different fixes than this, each stands beside its place.
const MAX_FIXES: usize = 2;

/// Findings of one rule and severity, in report order.
struct Issue<'a> {
    severity: Severity,
    rule: &'static str,
    findings: Vec<&'a Finding>,
}

fn grouped<'a>(report: &Report<'a>) -> Vec<Issue<'a>> {
    let mut issues: Vec<Issue> = Vec::new();
    for finding in report.findings {
        match issues.iter_mut().find(|i| (i.severity, i.rule) == (finding.severity, finding.rule)) {
            Some(issue) => issue.findings.push(finding),
            None => issues.push(Issue { severity: finding.severity, rule: finding.rule, findings: vec![finding] }),
        }
    }
    issues
}

/// One row an issue, most urgent first, with an estimate of the work.
pub(super) fn priorities(report: &Report) -> String {
    let issues = grouped(report);
    if issues.is_empty() {
        return "## Priorities\n\nNothing to do.\n".to_owned();
    }
    let mut out = String::from("## Priorities\n\n");
    out += &head(&["#", "Issue", "Severity", "Places", "Effort", "First step"]);
    for (number, issue) in (1..).zip(&issues) {
        let first = issue.findings[0];
        let title = if issue.findings.len() == 1 { prose(&first.title) } else { code(issue.rule) };
        let step = prose(first.help.lines().next().unwrap_or(""));
        let step = match shared(&issue.findings, |finding| &finding.help) {
            Some(_) => step,
            None => format!("At {}: {step}", place(report, first.span)),
        };
        let places = issue.findings.len().to_string();
        out += &row([number.to_string(), title, issue.severity.as_str().into(), places, effort(report, issue), step]);
    }
    out + "\nEffort is estimated from where the edits are: trivial is one place of a template, small is up to three \
           places in one file, medium is up to ten in a few files, large is more.\n"
}

fn effort(report: &Report, issue: &Issue) -> String {
    let files: BTreeSet<_> = issue.findings.iter().map(|f| f.span.file).collect();
    let in_templates = files.iter().all(|file| report.inputs.templates.contains(file));
    let effort = match (issue.findings.len(), files.len()) {
        (1, _) if in_templates => "trivial",
        (..=3, 1) => "small",
        (..=10, ..=3) => "medium",
        _ => "large",
    };
    effort.to_owned()
}

/// Every finding, in sections by severity.
pub(super) fn issues(report: &Report) -> String {
    let issues = grouped(report);
    let mut out = String::from("## Issues\n");
    if issues.is_empty() {
        return out + "\nNone found.\n";
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
        several => group(report, issue.rule, several),
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
    out + &fix(&finding.help)
}

/// A table of places. What all of them share is said once, above and below it.
fn group(report: &Report, rule: &str, findings: &[&Finding]) -> String {
    let message = shared(findings, |finding| &finding.message);
    let helps = few(findings, |finding| &finding.help);
    let mut out = format!("\n#### {}: {}\n\n", code(rule), counted(findings.len(), "place", "places"));
    if let Some(message) = message {
        out += &format!("{}\n", paragraphs(message));
    }
    let mut names = vec!["Place", "What", "Confidence", "See also"];
    names.extend(message.is_none().then_some("Why"));
    names.extend(helps.is_none().then_some("Fix"));
    out += &head(&names);
    for finding in findings {
        let related: Vec<String> = finding.related.iter().map(|related| place(report, related.span)).collect();
        let confidence = finding.confidence.as_str().to_owned();
        let mut cells = vec![place(report, finding.span), prose(&finding.title), confidence, related.join(", ")];
        cells.extend(message.is_none().then(|| prose(&finding.message)));
        cells.extend(helps.is_none().then(|| prose(&finding.help)));
        out += &row(cells);
    }
    out + &helps.unwrap_or_default().into_iter().map(fix).collect::<String>()
}

fn shared<'a>(findings: &[&'a Finding], text: impl Fn(&'a Finding) -> &'a String) -> Option<&'a str> {
    let first = text(findings.first()?);
    findings.iter().all(|finding| text(finding) == first).then_some(first)
}

/// The different texts in order, if they are so few that each can be said once.
fn few<'a>(findings: &[&'a Finding], text: impl Fn(&'a Finding) -> &'a String) -> Option<Vec<&'a str>> {
    let mut texts: Vec<&str> = Vec::new();
    for finding in findings {
        if !texts.contains(&text(finding).as_str()) {
            texts.push(text(finding));
        }
    }
    (texts.len() <= MAX_FIXES).then_some(texts)
}

fn fix(help: &str) -> String {
    if help.is_empty() { String::new() } else { format!("\n**Fix**: {}", paragraphs(help)) }
}

fn capitalized(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
