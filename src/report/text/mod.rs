//! The report for a terminal: findings with the source lines of every place that matters, one line a Lambda, one line
//! of totals.

mod diagnostic;
mod excerpt;
#[cfg(test)]
mod tests;

pub use diagnostic::error;

use super::sanitize::one_line;
use super::totals::counted;
use super::{Report, Totals};
use crate::facts::{Facts, FunctionFacts, Resolution, Verdict};
use diagnostic::{Drawn, graphical};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How the text report looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextStyle {
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Columns; `None` for the terminal's.
    pub width: Option<usize>,
    /// Findings only: neither warnings, nor Lambdas, nor totals.
    pub quiet: bool,
    /// Blind spots too.
    pub verbose: bool,
}

pub(super) fn render(report: &Report, style: &TextStyle) -> String {
    let mut out = String::new();
    let mut block = |text: String| {
        if !out.is_empty() && !text.is_empty() {
            out.push('\n');
        }
        out.push_str(&text);
    };
    for finding in report.findings {
        block(graphical(&Drawn::finding(finding, report.sources), style));
    }
    if style.quiet {
        return out;
    }
    for warning in report.inputs.warnings.iter().filter(|warning| style.verbose || !warning.is_note) {
        block(graphical(&Drawn::warning(&warning.message, &warning.help, warning.span, report.sources), style));
    }
    for span in &report.inputs.syntax_errors {
        let title = "syntax error: the rest of this file was read, what stands here was not";
        block(graphical(&Drawn::warning(title, "", *span, report.sources), style));
    }
    block(skipped(report));
    if style.verbose {
        block(blind_spots(report));
    }
    block(lambdas(report.facts));
    block(totals(report));
    out
}

fn skipped(report: &Report) -> String {
    let mut out = String::new();
    for (file, reason) in &report.inputs.skipped {
        let _ = writeln!(out, "warning: {} not read: {}", one_line(file), one_line(reason));
    }
    out
}

fn blind_spots(report: &Report) -> String {
    let mut out = String::new();
    for spot in &report.facts.blind_spots {
        let place = report.sources.location(spot.span);
        let (line, column) = (place.start.line, place.start.column);
        let _ = writeln!(out, "unresolved: {}:{line}:{column}: {}", one_line(&place.file), one_line(&spot.reason));
    }
    out
}

/// One line a Lambda: verdict, logical id, role, tables.
fn lambdas(facts: &Facts) -> String {
    let rows: Vec<[String; 3]> = facts.functions.iter().map(|f| lambda(facts, f)).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths = [width(0), width(1)];
    let line = |[verdict, id, rest]: &[String; 3]| {
        let line = format!("{verdict:<0$}  {id:<1$}  {rest}", widths[0], widths[1]);
        format!("{}\n", line.trim_end())
    };
    rows.iter().map(line).collect()
}

fn lambda(facts: &Facts, function: &FunctionFacts) -> [String; 3] {
    let tables: BTreeSet<usize> = function.accesses.iter().flat_map(|id| tables_of(facts, id.0)).collect();
    let tables: Vec<&str> = tables.iter().map(|t| facts.tables[*t].table.resource.id.as_str()).collect();
    let roles: Vec<&str> = function.roles.iter().map(|r| r.resource.id.as_str()).collect();
    let role = if roles.is_empty() { "role unknown".to_owned() } else { roles.join(" or ") };
    let rest = if tables.is_empty() { role } else { format!("{role}: {}", tables.join(", ")) };
    [verdict(function.verdict).to_owned(), one_line(&function.function.resource.id), one_line(&rest)]
}

fn tables_of(facts: &Facts, access: usize) -> Vec<usize> {
    match &facts.accesses[access].table {
        Resolution::Known(table) => vec![table.0],
        Resolution::Several(tables) => tables.iter().map(|t| t.0).collect(),
        Resolution::Undeclared(_) | Resolution::Unknown(_) => Vec::new(),
    }
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Exact => "exact",
        Verdict::OverGranted => "over-granted",
        Verdict::UnderGranted => "under-granted",
        Verdict::Both => "over- and under-granted",
        Verdict::Unverified => "unverified",
        Verdict::NoDynamoDb => "no DynamoDB",
    }
}

fn totals(report: &Report) -> String {
    let facts = report.facts;
    let totals = Totals::of(report.findings);
    let parts: Vec<String> =
        totals.by_severity().filter(|(_, n)| *n > 0).map(|(s, n)| format!("{n} {}", s.as_str())).collect();
    let findings = match totals.all() {
        0 => "No findings".to_owned(),
        n => format!("{}: {}", counted(n, "finding", "findings"), parts.join(", ")),
    };
    let seen = [
        counted(facts.tables.len(), "table", "tables"),
        counted(facts.functions.len(), "Lambda", "Lambdas"),
        counted(facts.accesses.len(), "access", "accesses"),
        counted(facts.blind_spots.len(), "blind spot", "blind spots"),
    ];
    format!("{findings} in {}.\n", seen.join(", "))
}
