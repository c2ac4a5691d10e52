//! The report for programs: the facts and findings in the shape of [`model`].

pub mod model;
mod program;
mod tables;
#[cfg(test)]
mod tests;
mod why;

pub(super) use why::why;

use super::fingerprint::fingerprints;
use super::sanitize::is_harmful;
use super::{Report, Totals};
use crate::facts::AccessId;
use crate::report::SYNTAX_ERROR;
use crate::rules::Severity;
use crate::source::Span;
use model::{BlindSpot, Document, Finding, InputFiles, Location, Related, Skipped, Summary, Tool, Warning};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the format.
pub const SCHEMA_VERSION: u32 = 1;

pub(super) fn render(report: &Report) -> String {
    let json = serde_json::to_string_pretty(&document(report)).expect("plain structs with string keys serialize");
    // A terminal or an editor that shows the file must not obey it; such characters stand inside strings only.
    escaped(&json) + "\n"
}

/// Control characters that JSON lets pass, and invisible or direction-changing ones, as `\u….`
pub(super) fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_harmful(c) {
            out.extend(c.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            out.push(c);
        }
    }
    out
}

/// The report as a value.
pub fn document(report: &Report) -> Document {
    Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        inputs: inputs(report),
        summary: summary(report),
        tables: tables::tables(report),
        functions: program::functions(report),
        accesses: program::accesses(report),
        grants: program::grants(report),
        missing_grants: program::missing_grants(report),
        blind_spots: blind_spots(report),
        findings: findings(report),
    }
}

fn inputs(report: &Report) -> InputFiles {
    let inputs = report.inputs;
    let name = |file| report.sources.file(file).name.clone();
    let skipped = |file: String, reason: String, help: &str| Skipped {
        file,
        reason,
        help: Some(help.to_owned()).filter(|help| !help.is_empty()),
    };
    let folders = inputs.skipped.iter().map(|s| skipped(s.file.clone(), s.reason.clone(), &s.help));
    let unread = inputs.unread.iter().map(|u| skipped(name(u.span.file), u.reason.clone(), &u.help));
    let broken = inputs.syntax_errors.iter().map(|span| {
        let line = report.sources.position(*span, span.start).line;
        skipped(name(span.file), format!("line {line}: {SYNTAX_ERROR}"), "")
    });
    let all: Vec<Skipped> = folders.chain(unread).chain(broken).collect();
    InputFiles {
        templates: inputs.templates.iter().map(|file| name(*file)).collect(),
        src: inputs.src.clone(),
        python_files: inputs.python_files,
        parsed_files: inputs.python_files.saturating_sub(inputs.unread.len() + inputs.syntax_errors.len()),
        skipped: all,
        warnings: inputs.warnings.iter().chain(&inputs.unaudited).map(|w| warning(report, w)).collect(),
    }
}

fn warning(report: &Report, warning: &crate::report::Warning) -> Warning {
    Warning {
        severity: warning.level.as_str(),
        location: location(report, warning.span),
        message: warning.message.clone(),
        help: warning.help.clone(),
    }
}

fn summary(report: &Report) -> Summary {
    let totals = Totals::of(report.findings);
    Summary {
        critical: totals.count(Severity::Critical),
        high: totals.count(Severity::High),
        medium: totals.count(Severity::Medium),
        low: totals.count(Severity::Low),
        info: totals.count(Severity::Info),
        suppressed: 0,
        gate: report.gate.map_or("never", Severity::as_str),
        failed: report.failed,
    }
}

fn blind_spots(report: &Report) -> Vec<BlindSpot> {
    // For programs a place and a reason are one, too, whomever they concern.
    let mut merged: BTreeMap<(Span, &str), BTreeSet<&'static str>> = BTreeMap::new();
    for spot in &report.facts.blind_spots {
        merged.entry((spot.span, &spot.reason)).or_default().extend(&spot.withholds);
    }
    let entry = |((span, reason), withholds): ((Span, &str), BTreeSet<&'static str>)| BlindSpot {
        location: location(report, span),
        reason: reason.to_owned(),
        withholds: withholds.into_iter().collect(),
    };
    merged.into_iter().map(entry).collect()
}

fn findings(report: &Report) -> Vec<Finding> {
    let fingerprints = fingerprints(report.findings, report.sources);
    let findings = report.findings.iter().zip(fingerprints);
    let entry = |(finding, fingerprint): (&crate::rules::Finding, String)| Finding {
        rule: finding.rule,
        severity: finding.severity.as_str(),
        confidence: finding.confidence.as_str(),
        title: finding.title.clone(),
        message: finding.message.clone(),
        help: finding.help.clone(),
        location: location(report, finding.span),
        related: finding
            .related
            .iter()
            .map(|r| Related { location: location(report, r.span), message: r.message.clone() })
            .collect(),
        fingerprint,
        suppressed: None,
    };
    findings.map(entry).collect()
}

fn location(report: &Report, span: Span) -> Location {
    let place = report.sources.location(span);
    Location {
        file: place.file,
        line: place.start.line,
        column: place.start.column,
        end_line: place.end.line,
        end_column: place.end.column,
    }
}

/// Places of accesses, sorted, each once.
fn access_locations(report: &Report, accesses: &[AccessId]) -> Vec<Location> {
    let mut ids = accesses.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids.iter().map(|id| location(report, report.facts.accesses[id.0].access.span)).collect()
}

/// As [`access_locations`], with places of the templates after them.
fn with_services(report: &Report, accesses: &[AccessId], services: &[Span]) -> Vec<Location> {
    let mut all = access_locations(report, accesses);
    all.extend(services.iter().map(|span| location(report, *span)));
    all
}
