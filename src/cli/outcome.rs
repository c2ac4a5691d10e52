//! Whether a run fails. Where no finding says why, a sentence does.

use super::args::Args;
use crate::report::Inputs;
use crate::rules::Finding;
use crate::source::{SourceMap, Span};

/// Most places that a sentence names.
const MAX_NAMED: usize = 3;

/// What a run fails for.
pub(super) struct Outcome {
    by_findings: bool,
    /// Sentences on what is wrong besides.
    pub reasons: Vec<String>,
}

impl Outcome {
    /// The outcome of a run that shows these findings. A template that can't be deployed is as bad as a critical finding.
    pub fn of(args: &Args, findings: &[Finding], inputs: &Inputs, sources: &SourceMap) -> Self {
        let gate = args.fail_on.0;
        let line = |span: &Span| {
            let place = sources.location(*span);
            format!("{}:{}", place.file, place.start.line)
        };
        let mut reasons = Vec::new();
        let refused: Vec<String> = inputs.refusals().map(|refusal| line(&refusal.span)).collect();
        if !refused.is_empty() && (gate.is_some() || args.strict) {
            let or = if args.strict { "" } else { " (not with --fail-on never)" };
            reasons.push(format!("the deployment would be refused, so the exit status is 1{or}: {}", listed(&refused)));
        }
        let skipped = inputs.skipped.iter().filter(|skipped| !skipped.on_purpose).map(|skipped| skipped.file.clone());
        let unread = inputs.unread.iter().map(|unread| sources.location(unread.span).file);
        let in_part: Vec<String> = skipped.chain(unread).chain(inputs.syntax_errors.iter().map(line)).collect();
        if !in_part.is_empty() && args.strict {
            let in_part = listed(&in_part);
            reasons.push(format!(
                "not everything is read and parsed whole, so with --strict the exit status is 1: {in_part}"
            ));
        }
        if inputs.unaudited.is_some() && args.strict {
            reasons.push("no Lambda's code is found, so with --strict the exit status is 1".to_owned());
        }
        Self { by_findings: gate.is_some_and(|gate| findings.iter().any(|finding| finding.severity >= gate)), reasons }
    }

    pub fn is_failure(&self) -> bool {
        self.by_findings || !self.reasons.is_empty()
    }
}

fn listed(places: &[String]) -> String {
    let named = places[..places.len().min(MAX_NAMED)].join(", ");
    match places.len().saturating_sub(MAX_NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}
