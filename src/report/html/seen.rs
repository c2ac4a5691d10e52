//! What could not be seen, and how to see it all again.

use super::text::{code, place, places, prose, table};
use crate::report::Report;
use crate::report::command::command;
use crate::report::undeclared::undeclared;
use maud::{Markup, html};

pub(super) fn blind_spots(report: &Report) -> Markup {
    let inputs = report.inputs;
    let rows = html! {
        @for skipped in inputs.skipped.iter().filter(|skipped| !skipped.on_purpose) {
            tr { td { (code(&skipped.file)) } td { "not read: " (prose(&skipped.reason)) } td {} }
        }
        @for span in &inputs.syntax_errors {
            tr { td { (place(report, *span)) } td { "syntax error: read in part" } td {} }
        }
        @for warning in &inputs.warnings {
            tr { td { (place(report, warning.span)) } td { (prose(&warning.message)) } td {} }
        }
        @for unknown in undeclared(report) {
            tr {
                td { (places(report, unknown.calls.clone())) }
                td { (unknown.counted()) " on " (code(unknown.name)) ", a table that no template declares" }
                td {}
            }
        }
        @for spot in &report.facts.blind_spots {
            tr {
                td { (place(report, spot.span)) }
                td { (prose(&spot.reason)) }
                td { ul.plain { @for rule in &spot.withholds { li { (code(rule)) } } } }
            }
        }
    };
    html! {
        section #blind-spots aria-labelledby="blind-spots-title" {
            h2 #blind-spots-title { "Blind spots" }
            @if rows.0.is_empty() { p { "None: every call was resolved." } } @else {
                p { "What could not be resolved or is odd, and the rules that make no claim because of it." }
                (table("List of blind spots", &["Place", "What", "Withheld"], &rows))
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
