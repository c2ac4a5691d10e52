//! The audit as a document: what to do first, then what there is, what is wrong with it, who may do what, each table
//! by itself, and what could not be seen.

#![allow(clippy::format_push_string, reason = "writing to a string can't fail, so `write!` would only add noise")]

mod escape;
mod iam;
mod issues;
mod table;
#[cfg(test)]
mod tests;

use super::command::command;
use super::totals::counted;
use super::undeclared::undeclared;
use super::{Report, Totals};
use crate::source::Span;
use escape::{code, head, prose, row};
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn render(report: &Report) -> String {
    let sections = [
        summary(report),
        issues::priorities(report),
        table::inventory(report),
        issues::issues(report),
        iam::matrix(report),
        table::sections(report),
        blind_spots(report),
        reproduce(report),
    ];
    let sections: Vec<&str> = sections.iter().map(|section| section.trim_end()).filter(|s| !s.is_empty()).collect();
    sections.join("\n\n") + "\n"
}

fn summary(report: &Report) -> String {
    let facts = report.facts;
    let totals = Totals::of(report.findings);
    let templates: Vec<String> = report.inputs.templates.iter().map(|f| code(&report.sources.file(*f).name)).collect();
    let mut out = format!("# DynamoDB audit\n\nOf {}: ", templates.join(", "));
    let seen = [
        counted(facts.tables.len(), "table", "tables"),
        counted(facts.functions.len(), "Lambda", "Lambdas"),
        format!("{} in {}", counted(facts.accesses.len(), "call", "calls"), python_files(report)),
    ];
    out += &format!("{}.\n\n", seen.join(", "));
    out += &head(&["Critical", "High", "Medium", "Low", "Info", "Total"]);
    let counts = totals.by_severity().map(|(_, n)| n).chain([totals.all()]);
    out + &row(counts.map(|n| n.to_string()))
}

fn python_files(report: &Report) -> String {
    counted(report.inputs.python_files, "Python file", "Python files")
}

fn blind_spots(report: &Report) -> String {
    let mut rows = String::new();
    for skipped in report.inputs.skipped.iter().filter(|skipped| !skipped.on_purpose) {
        rows += &row([code(&skipped.file), format!("not read: {}", prose(&skipped.reason)), String::new()]);
    }
    for span in &report.inputs.syntax_errors {
        rows += &row([place(report, *span), "syntax error: read in part".to_owned(), String::new()]);
    }
    for warning in &report.inputs.warnings {
        rows += &row([place(report, warning.span), prose(&warning.message), String::new()]);
    }
    for table in undeclared(report) {
        let what = format!("{} on {}, a table that no template declares", table.counted(), code(table.name));
        rows += &row([places(report, table.calls), what, String::new()]);
    }
    for spot in &report.facts.blind_spots {
        let rules: Vec<String> = spot.withholds.iter().map(|rule| code(rule)).collect();
        rows += &row([place(report, spot.span), prose(&spot.reason), rules.join(", ")]);
    }
    let text = "What could not be resolved or is odd, and the rules that make no claim because of it.";
    if rows.is_empty() {
        return "## Blind spots\n\nNone: every call was resolved.\n".to_owned();
    }
    format!("## Blind spots\n\n{text}\n\n{}{rows}", head(&["Place", "What", "Withheld"]))
}

/// Each line once, in order of place; a path is said once for all its lines: `app.py:3`, `:7`.
fn places(report: &Report, spans: impl IntoIterator<Item = Span>) -> String {
    let mut files: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for span in spans {
        let place = report.sources.location(span);
        files.entry(place.file).or_default().insert(place.start.line);
    }
    let mut out = Vec::new();
    for (file, lines) in files {
        let first = lines.first().copied();
        out.extend(lines.into_iter().map(|line| {
            let file = if Some(line) == first { file.as_str() } else { "" };
            code(&format!("{file}:{line}"))
        }));
    }
    out.join(", ")
}

fn reproduce(report: &Report) -> String {
    let (command, version) = (command(report), env!("CARGO_PKG_VERSION"));
    format!("## How to reproduce\n\nWith ddb-audit {version}:\n\n```sh\n{command} --format markdown\n```\n")
}

/// `file:line` as code.
fn place(report: &Report, span: Span) -> String {
    let place = report.sources.location(span);
    code(&format!("{}:{}", place.file, place.start.line))
}
