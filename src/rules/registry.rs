//! The one list of rules.

use super::page::{Page, parse};
use super::{
    Finding, iam_missing_action, iam_over_grant, iam_wildcard, missing_pagination, missing_pitr,
    ttl_attribute_mismatch, ttl_naming, undefined_index, unused_gsi,
};
use crate::facts::Facts;

/// A rule: its page and its check.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// As findings, flags and configuration spell it.
    pub name: &'static str,
    /// `rules/<name>.md`.
    pub page: &'static str,
    /// Adds what it finds.
    pub check: fn(&Facts, &mut Vec<Finding>),
}

/// Every rule, by name.
pub const RULES: &[Rule] = &[
    iam_missing_action::RULE,
    iam_over_grant::RULE,
    iam_wildcard::RULE,
    missing_pagination::RULE,
    missing_pitr::RULE,
    ttl_attribute_mismatch::RULE,
    ttl_naming::RULE,
    undefined_index::RULE,
    unused_gsi::RULE,
];

/// Names of all rules, in order.
pub fn names() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.name).collect()
}

/// All rules' pages, in order.
pub fn pages() -> Vec<Page> {
    // A test reads every page, so none is left out here.
    RULES.iter().filter_map(|rule| parse(rule.page).ok()).collect()
}

/// Runs every rule. The worst findings come first, then by place.
pub fn run(facts: &Facts) -> Vec<Finding> {
    let mut out = Vec::new();
    for rule in RULES {
        (rule.check)(facts, &mut out);
    }
    out.sort_by(|a, b| (b.severity, a.span, a.rule, &a.title).cmp(&(a.severity, b.span, b.rule, &b.title)));
    out
}
