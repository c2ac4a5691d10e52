//! What the program says about its rules: the list and each rule's page.

use crate::rules;

/// One line a rule: name, severity, summary.
pub(super) fn list() -> String {
    let rules = rules::pages();
    let width = rules.iter().map(|page| page.name.len()).max().unwrap_or(0);
    let line = |page: &rules::Page| format!("{:<width$}  {:<8}  {}\n", page.name, page.severity.as_str(), page.summary);
    rules.iter().map(line).collect()
}

/// A rule's page.
pub(super) fn explain(rule: &str) -> String {
    rules::pages().into_iter().find(|page| page.name == rule).map_or_else(String::new, |page| page.text)
}
