//! How many findings of each severity.

use crate::rules::{Finding, Severity};

/// Counts of findings by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    counts: [usize; Severity::ALL.len()],
}

impl Totals {
    /// Counts `findings`.
    pub fn of(findings: &[Finding]) -> Self {
        let counts = Severity::ALL.map(|severity| findings.iter().filter(|f| f.severity == severity).count());
        Self { counts }
    }

    /// Findings of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.by_severity().find(|(s, _)| *s == severity).map_or(0, |(_, n)| n)
    }

    /// Each severity with its count, most urgent first.
    pub fn by_severity(&self) -> impl Iterator<Item = (Severity, usize)> {
        Severity::ALL.into_iter().zip(self.counts)
    }

    /// All findings.
    pub fn all(&self) -> usize {
        self.counts.iter().sum()
    }
}

/// `1 table`, `2 tables`; an irregular plural is given whole (`access`, `accesses`).
pub(super) fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}
