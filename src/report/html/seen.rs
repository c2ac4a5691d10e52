//! What could not be seen, and how to see it all again.

use super::text::{code, place, places, prose, table};
use crate::report::SYNTAX_ERROR;
use crate::report::command::command;
use crate::report::spots::{Spots, TAKEN, spots};
use crate::report::undeclared::undeclared;
use crate::report::{Level, Report};
use maud::{Markup, html};

pub(super) fn blind_spots(report: &Report) -> Markup {
    let spots = spots(report);
    let rows = html! {
        @for spot in &spots.withholding {
            tr {
                td { (place(report, spot.span)) }
                td { (prose(spot.reason)) }
                td { ul.plain { @for rule in &spot.withholds { li { (code(rule)) } } } }
            }
        }
    };
    let odd = odd(report, &spots);
    html! {
        section #blind-spots aria-labelledby="blind-spots-title" {
            h2 #blind-spots-title { "Blind spots" }
            @if rows.0.is_empty() && odd.0.is_empty() { p { "None: every call was resolved." } }
            @if !rows.0.is_empty() {
                p { "What could not be resolved, and the rules that make no claim because of it." }
                (table("List of blind spots", &["Place", "What", "Withheld"], &rows))
            }
            @if !odd.0.is_empty() {
                p { @if rows.0.is_empty() { "No claim is withheld. Good to know:" } @else { "No claim is withheld for these:" } }
                ul { (odd) }
            }
        }
    }
}

/// What is odd and keeps no rule back.
fn odd(report: &Report, spots: &Spots) -> Markup {
    let inputs = report.inputs;
    html! {
        @for skipped in inputs.skipped.iter().filter(|skipped| !skipped.on_purpose) {
            li { (code(&skipped.file)) ": " (prose(&skipped.reason)) }
        }
        @for span in &inputs.syntax_errors { li { (place(report, *span)) ": " (SYNTAX_ERROR) } }
        @for warning in inputs.warnings.iter().filter(|warning| warning.level != Level::Error) {
            li { (place(report, warning.span)) ": " (warning.level.as_str()) ": " (prose(&warning.message)) }
        }
        @for unknown in undeclared(report) {
            li {
                (unknown.counted()) " on " (code(unknown.name)) ", a table that no template declares: "
                (places(report, unknown.calls.clone()))
            }
        }
        @for (reason, spans) in &spots.others { li { (prose(reason)) ": " (places(report, spans.iter().copied())) } }
        @if !spots.taken.is_empty() {
            li {
                (prose(TAKEN)) ": "
                @for (i, (id, _, file)) in spots.taken.iter().enumerate() {
                    @if i > 0 { ", " }
                    (code(&report.facts.function(*id).function.resource.id)) " (" (code(file)) ")"
                }
            }
        }
    }
}

pub(super) fn reproduce(report: &Report) -> Markup {
    html! {
        section #reproduce aria-labelledby="reproduce-title" {
            h2 #reproduce-title { "How to reproduce" }
            p { "With ddb-audit " (env!("CARGO_PKG_VERSION")) ":" }
            pre.snippet { code { (command(report)) " --format html > audit.html" } }
        }
    }
}
