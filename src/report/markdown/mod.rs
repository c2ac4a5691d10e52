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
use super::spots::{Spots, TAKEN, spots};
use super::totals::counted;
use super::undeclared::undeclared;
use super::{Level, Report, Totals};
use crate::report::SYNTAX_ERROR;
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
        format!("{} in {}", counted(facts.calls().count(), "call", "calls"), python_files(report)),
    ];
    out += &format!("{}.\n\n", seen.join(", "));
    out += &head(&["Critical", "High", "Medium", "Low", "Info", "Total"]);
    let counts = totals.by_severity().map(|(_, n)| n).chain([totals.all()]);
    out += &row(counts.map(|n| n.to_string()));
    if let Some(warning) = &report.inputs.unaudited {
        let (message, help) = (prose(&warning.message), prose(&warning.help));
        let at = place(report, warning.span);
        out += &format!("\n**Only the templates were audited: {message}** ({at}). To do: {help}.\n");
    }
    let refusals = report.inputs.refusals();
    let lines = refusals.map(|refusal| format!("- {}: {}\n", place(report, refusal.span), prose(&refusal.message)));
    let lines: String = lines.collect();
    if !lines.is_empty() {
        out += &format!("\n**The deployment would be refused:**\n\n{lines}");
    }
    out
}

fn python_files(report: &Report) -> String {
    counted(report.inputs.python_files, "Python file", "Python files")
}

fn blind_spots(report: &Report) -> String {
    let spots = spots(report);
    let mut rows = String::new();
    for spot in &spots.withholding {
        let rules: Vec<String> = spot.withholds.iter().map(|rule| code(rule)).collect();
        rows += &row([place(report, spot.span), prose(spot.reason), rules.join(", ")]);
    }
    let odd: String = odd(report, &spots).iter().flat_map(|line| ["- ", line, "\n"]).collect();
    if rows.is_empty() && odd.is_empty() {
        return "## Blind spots\n\nNone: every call was resolved.\n".to_owned();
    }
    let mut out = String::from("## Blind spots\n\n");
    if !rows.is_empty() {
        out += "What could not be resolved, and the rules that make no claim because of it.\n\n";
        out += &head(&["Place", "What", "Withheld"]);
        out += &rows;
    }
    if !odd.is_empty() {
        out += if rows.is_empty() {
            "No claim is withheld. Good to know:\n\n"
        } else {
            "\nNo claim is withheld for these:\n\n"
        };
        out += &odd;
    }
    out
}

/// What is odd and keeps no rule back, a line each.
fn odd(report: &Report, spots: &Spots) -> Vec<String> {
    let mut lines = Vec::new();
    let inputs = report.inputs;
    let skipped = inputs.skipped.iter().filter(|skipped| !skipped.on_purpose);
    lines.extend(skipped.map(|skipped| format!("{}: {}", code(&skipped.file), prose(&skipped.reason))));
    lines.extend(inputs.syntax_errors.iter().map(|span| format!("{}: {SYNTAX_ERROR}", place(report, *span))));
    let warnings = inputs.warnings.iter().filter(|warning| warning.level != Level::Error);
    lines.extend(warnings.map(|warning| {
        format!("{}: {}: {}", place(report, warning.span), warning.level.as_str(), prose(&warning.message))
    }));
    lines.extend(undeclared(report).into_iter().map(|table| {
        let calls = table.counted();
        format!("{calls} on {}, a table that no template declares: {}", code(table.name), places(report, table.calls))
    }));
    lines.extend(
        spots
            .others
            .iter()
            .map(|(reason, spans)| format!("{}: {}", prose(reason), places(report, spans.iter().copied()))),
    );
    if !spots.taken.is_empty() {
        let each = spots.taken.iter().map(|(id, _, file)| {
            format!("{} ({})", code(&report.facts.function(*id).function.resource.id), code(file))
        });
        lines.push(format!("{TAKEN}: {}", each.collect::<Vec<_>>().join(", ")));
    }
    lines
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
