//! What rules of single calls have in common: each looks at what a call is given, and says at most one thing of a call.

use super::describe::{Reach, anchor};
use super::{Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::source::Span;

/// What a rule says of a call; how bad it is follows from who reaches the call.
pub(super) struct Claim {
    /// As [`Finding::title`].
    pub title: String,
    /// As [`Finding::message`], without who reaches it.
    pub message: String,
    /// As [`Finding::help`].
    pub help: String,
    /// As [`Finding::label`].
    pub label: String,
    /// A narrower place than the call.
    pub span: Option<Span>,
    /// As [`Finding::related`].
    pub related: Vec<Related>,
}

/// Asks `judge` about every request; the first claim about a call is its finding.
pub(super) fn each_call(
    rule: &'static str,
    severity: Severity,
    facts: &Facts,
    findings: &mut Vec<Finding>,
    judge: impl Fn(&Facts, &AccessFacts, &RequestFacts) -> Option<Claim>,
) {
    for access in &facts.accesses {
        let claim = access.requests.iter().find_map(|given| judge(facts, access, given));
        findings.extend(claim.map(|claim| finding(rule, severity, facts, access, claim)));
    }
}

fn finding(rule: &'static str, severity: Severity, facts: &Facts, access: &AccessFacts, claim: Claim) -> Finding {
    let reach = Reach::of(facts, access);
    Finding {
        rule,
        severity: reach.lower(severity, facts),
        confidence: reach.confidence(),
        title: claim.title,
        message: format!("{} {}", claim.message, reach.sentence()),
        help: claim.help,
        span: claim.span.unwrap_or(access.access.span),
        label: claim.label,
        related: claim.related,
        anchor: anchor(facts, access),
    }
}
