//! What rules of single calls have in common: each looks at what a call is given, and says at most one thing of a call.

use super::describe::{Reach, anchor};
use super::{Finding, Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, RequestFacts, User};
use crate::source::Span;
use std::collections::BTreeSet;

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

/// Asks `judge` about every request; the first claim about a call is its finding, of those who give it what is claimed.
pub(super) fn each_call(
    rule: &'static str,
    severity: Severity,
    facts: &Facts,
    findings: &mut Vec<Finding>,
    judge: impl Fn(&Facts, &AccessFacts, &RequestFacts) -> Option<Claim>,
) {
    for access in &facts.accesses {
        let mut claims = access.requests.iter().filter_map(|given| Some((judge(facts, access, given)?, given)));
        let Some((claim, first)) = claims.next() else { continue };
        let others = claims.filter(|(other, _)| other.message == claim.message);
        let at_fault: BTreeSet<User> =
            others.flat_map(|(_, given)| &given.users).chain(&first.users).copied().collect();
        let reach = Reach::of_those(facts, access, &at_fault);
        findings.push(finding(rule, severity, facts, access, (claim, &reach)));
    }
}

/// The finding that a claim about a call makes.
pub(super) fn finding(
    rule: &'static str,
    severity: Severity,
    facts: &Facts,
    access: &AccessFacts,
    (claim, reach): (Claim, &Reach),
) -> Finding {
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

/// How a call ends that gives an item or key which its table doesn't take. A transaction is called off as a whole, and says why in
/// its `CancellationReasons`:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>.
pub(super) fn refusal(access: &AccessFacts, error: &str) -> String {
    match access.access.operation {
        Operation::TransactWriteItems | Operation::TransactGetItems => format!(
            "The whole transaction fails with \"TransactionCanceledException: Transaction cancelled, please refer cancellation \
             reasons for specific reasons [ValidationError]\"; the reason that it gives is \"{error}\"."
        ),
        _ => format!("The call fails with \"ValidationException: {error}\"."),
    }
}
