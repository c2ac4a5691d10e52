//! Findings of one rule and severity together: thirty places of one fault are one issue.

use crate::rules::{Finding, Severity};

/// Findings of one rule and severity, in report order.
pub(super) struct Issue<'a> {
    pub(super) severity: Severity,
    pub(super) rule: &'static str,
    pub(super) findings: Vec<&'a Finding>,
}

/// The issues in the order of their first findings.
pub(super) fn grouped(findings: &[Finding]) -> Vec<Issue<'_>> {
    let mut issues: Vec<Issue> = Vec::new();
    for finding in findings {
        match issues.iter_mut().find(|i| (i.severity, i.rule) == (finding.severity, finding.rule)) {
            Some(issue) => issue.findings.push(finding),
            None => issues.push(Issue { severity: finding.severity, rule: finding.rule, findings: vec![finding] }),
        }
    }
    issues
}
