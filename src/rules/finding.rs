//! A finding: one claim, its place, and the places that prove it.

use crate::source::Span;
use serde::{Deserialize, Serialize};

/// How bad it is. Ordered: the worst is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Hygiene.
    Low,
    /// Costs money or weakens recovery.
    Medium,
    /// Silently wrong, or a wildcard of rights.
    High,
    /// Fails or loses data when it runs.
    Critical,
}

impl Severity {
    /// Every severity, most urgent first.
    pub const ALL: [Severity; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// One step less, down to `info`.
    #[must_use]
    pub fn lowered(self) -> Self {
        match self {
            Self::Critical => Self::High,
            Self::High => Self::Medium,
            Self::Medium => Self::Low,
            Self::Low | Self::Info => Self::Info,
        }
    }

    /// As reports and flags spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure it is. Ordered: `Certain` is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A hint.
    Possible,
    /// Shown, short of proof.
    Likely,
    /// Proved from template and code.
    Certain,
}

impl Confidence {
    /// As reports and flags spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Related {
    /// The place.
    pub span: Span,
    /// What it has to do with the finding.
    pub message: String,
}

/// One claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule's name.
    pub rule: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// One line: what is wrong, with names (`StrategyFunction may not query TradeLedgerTable`).
    pub title: String,
    /// Why it matters here: this Lambda, this table, these readers. AWS's own error text where one will come.
    pub message: String,
    /// What to do, with the exact edit where there is one.
    pub help: String,
    /// Where it is.
    pub span: Span,
    /// What marks that place in the excerpt (`only the first page is read`).
    pub label: String,
    /// Places that prove it or that the fix touches.
    pub related: Vec<Related>,
    /// What stays the same when lines move: the enclosing definition or logical id and the normalised code; the
    /// fingerprint is made from rule, file and this.
    pub anchor: String,
}
