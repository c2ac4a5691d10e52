//! The report for a terminal: findings with the source lines of every place that matters, one line a Lambda, one line
//! of totals.

mod diagnostic;
mod excerpt;
mod fit;
mod lambdas;
#[cfg(test)]
mod tests;
mod why;

pub use diagnostic::error;
pub(super) use why::why;

use super::issue::{Issue, grouped};
use super::sanitize::one_line;
use super::spots::spots;
use super::totals::counted;
use super::undeclared::undeclared;
use super::{BOTTOM_UP, Level, Report, Totals};
use crate::report::SYNTAX_ERROR;
use crate::rules::Severity;
use crate::source::Span;
use diagnostic::{Drawn, graphical};
pub use fit::wrapped;

/// How the text report looks.
#[derive(Debug, Clone, Copy)]
pub struct TextStyle {
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Columns to stay within, as far as names and paths allow.
    pub width: usize,
    /// Findings only: neither warnings, nor Lambdas, nor totals.
    pub quiet: bool,
    /// Blind spots too.
    pub verbose: bool,
}

/// Help that is longer than this many characters is said once for all findings of an issue that share it.
const SHORT_HELP: usize = 80;

pub(super) fn render(report: &Report, style: &TextStyle) -> String {
    let mut shown = Vec::new();
    let mut blocks: Vec<String> =
        grouped(report.findings).iter().flat_map(|issue| issue_blocks(report, issue, style, &mut shown)).collect();
    if !style.quiet {
        blocks.extend(warnings(report, style));
        blocks.push(skipped(report, style));
        blocks.push(undeclared_tables(report, style));
        blocks.push(if style.verbose { blind_spots(report, style) } else { String::new() });
        blocks.push(if report.shows_rights { lambdas::table(report, style) } else { String::new() });
        let several = report.findings.len() > 1;
        blocks.push(if several { wrapped(BOTTOM_UP, "note: ", style.width) } else { String::new() });
        blocks.push(totals(report, style));
    }
    blocks.retain(|block| !block.is_empty());
    blocks.join("\n")
}

/// Lines below a help's words, and the finding that they are shown with.
type Shown<'r> = Vec<(&'r str, Span)>;

/// The findings of one rule, the first below the rule's name. What all of them say is said with the first; lines that an
/// edit makes are shown once.
fn issue_blocks<'r>(report: &'r Report, issue: &Issue<'r>, style: &TextStyle, shown: &mut Shown<'r>) -> Vec<String> {
    let mut said: Vec<(&str, Span)> = Vec::new();
    let mut blocks = Vec::new();
    let (_, own) = issue.messages();
    for (finding, own) in issue.findings.iter().zip(&own) {
        let drawn = Drawn::finding(finding, report.sources, style.width);
        let drawn = if blocks.is_empty() { drawn } else { drawn.with_why(own) };
        let known = said.iter().find(|(help, _)| *help == finding.help && help.len() > SHORT_HELP);
        let drawn = if let Some((_, span)) = known {
            drawn.with_help(format!("as for {}", place(report, *span)))
        } else {
            said.push((&finding.help, finding.span));
            let (words, lines) = finding.help.split_once('\n').unwrap_or((&finding.help, ""));
            let known = shown.iter().find(|(known, _)| *known == lines && !lines.is_empty());
            if let Some((_, span)) = known {
                drawn.with_help(format!("{words} The lines are those for {}.", place(report, *span)))
            } else {
                shown.push((lines, finding.span));
                drawn
            }
        };
        blocks.push(graphical(&drawn, style));
    }
    if let Some(first) = blocks.first_mut() {
        first.insert_str(0, &format!("{}\n\n", heading(issue, style)));
    }
    blocks
}

/// `high missing-pagination: 11 places`.
fn heading(issue: &Issue, style: &TextStyle) -> String {
    let name = format!("{} {}", issue.severity.as_str(), issue.rule);
    let name = if style.color { format!("\u{1b}[{}m{name}\u{1b}[0m", colour(issue.severity)) } else { name };
    match issue.findings.len() {
        1 => name,
        n => format!("{name}: {}", counted(n, "place", "places")),
    }
}

fn colour(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "1;31",
        Severity::Medium | Severity::Low => "1;33",
        Severity::Info => "1;36",
    }
}

/// What is odd about the files, each at its place.
fn warnings(report: &Report, style: &TextStyle) -> Vec<String> {
    let draw_as = |level, title: &str, help: &str, span| {
        graphical(&Drawn::oddity(level, title, help, span, report.sources, style.width), style)
    };
    let draw = |title: &str, help: &str, span| draw_as(Level::Warning, title, help, span);
    let inputs = report.inputs;
    let odd = inputs.warnings.iter().filter(|warning| style.verbose || warning.level != Level::Note);
    let odd = odd.map(|warning| draw_as(warning.level, &warning.message, &warning.help, warning.span));
    let unaudited = inputs.unaudited.iter().map(|warning| draw(&warning.message, &warning.help, warning.span));
    let unread = inputs.unread.iter().map(|unread| draw(&unread.message, &unread.help, unread.span));
    let broken = inputs.syntax_errors.iter();
    let broken = broken.map(|span| draw(SYNTAX_ERROR, "", *span));
    odd.chain(unread).chain(broken).chain(unaudited).collect()
}

/// Folders that couldn't be walked; with `verbose` those that were left out on purpose, too.
fn skipped(report: &Report, style: &TextStyle) -> String {
    let skipped = report.inputs.skipped.iter().filter(|skipped| style.verbose || !skipped.on_purpose);
    let line = |skipped: &super::Skipped| {
        let words = |file| {
            if skipped.on_purpose {
                ("note: ", format!("{file} is left out"))
            } else {
                ("warning: ", format!("{file} is not read"))
            }
        };
        let (level, said) = words(one_line(&skipped.file));
        let help = if skipped.help.is_empty() { String::new() } else { format!("; {}", one_line(&skipped.help)) };
        wrapped(&format!("{said}: {}{help}", one_line(&skipped.reason)), level, style.width)
    };
    skipped.map(line).collect()
}

fn undeclared_tables(report: &Report, style: &TextStyle) -> String {
    let note = |table: &super::undeclared::Undeclared| {
        let first = table.calls.first().map(|span| place(report, *span)).unwrap_or_default();
        let others = match table.calls.len() {
            1 => String::new(),
            _ => " and elsewhere".to_owned(),
        };
        let (calls, name) = (table.counted(), one_line(table.name));
        wrapped(
            &format!("{calls} on a table that no template declares, {name}, at {first}{others}"),
            "note: ",
            style.width,
        )
    };
    undeclared(report).iter().map(note).collect()
}

fn blind_spots(report: &Report, style: &TextStyle) -> String {
    let spots = spots(report);
    let line = |text: &str| wrapped(text, "unresolved: ", style.width);
    let withholding = spots.withholding.iter().map(|spot| {
        let rules = spot.withholds.join(", ");
        line(&format!("{}: {} (withheld: {rules})", place(report, spot.span), one_line(spot.reason)))
    });
    let others = spots.others.iter().map(|(reason, places)| {
        let places: Vec<String> = places.iter().map(|span| place(report, *span)).collect();
        line(&format!("{}: {} (nothing is withheld for it)", places.join(", "), one_line(reason)))
    });
    let taken = spots.taken.iter().map(|(id, span, file)| {
        let name = &report.facts.function(*id).function.resource.id;
        line(&format!(
            "{}: the code of {} isn't there; {} is taken for it, by its handler's name",
            place(report, *span),
            one_line(name),
            one_line(file)
        ))
    });
    withholding.chain(others).chain(taken).collect()
}

/// `file:line:column`.
fn place(report: &Report, span: Span) -> String {
    let place = report.sources.location(span);
    format!("{}:{}:{}", one_line(&place.file), place.start.line, place.start.column)
}

fn totals(report: &Report, style: &TextStyle) -> String {
    let facts = report.facts;
    let totals = Totals::of(report.findings);
    let parts: Vec<String> =
        totals.by_severity().filter(|(_, n)| *n > 0).map(|(s, n)| format!("{n} {}", s.as_str())).collect();
    let findings = match totals.all() {
        0 => report.inputs.nothing_found().to_owned(),
        n => format!("{} ({})", counted(n, "finding", "findings"), parts.join(", ")),
    };
    let tables = counted(facts.tables.len(), "table", "tables");
    let lambdas = counted(facts.functions.len(), "Lambda", "Lambdas");
    let calls = counted(facts.calls().count(), "DynamoDB call", "DynamoDB calls");
    let unresolved = match spots(report).count() {
        0 => String::new(),
        n if style.verbose => format!("; {} above", counted(n, "blind spot", "blind spots")),
        n => format!("; {}, which --verbose lists", counted(n, "blind spot", "blind spots")),
    };
    wrapped(&format!("{findings} in {tables}, {lambdas} and {calls}{unresolved}."), "", style.width)
}
