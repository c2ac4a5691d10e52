//! Findings of one rule and severity together: thirty places of one fault are one issue.

use crate::rules::{self, Finding, Severity};

/// With more different fixes than this, each stands beside its place.
const MAX_FIXES: usize = 4;

/// Findings of one rule and severity, in report order.
pub(super) struct Issue<'a> {
    pub(super) severity: Severity,
    pub(super) rule: &'static str,
    pub(super) findings: Vec<&'a Finding>,
}

impl<'a> Issue<'a> {
    /// A text that is the same for all findings.
    pub(super) fn shared(&self, text: impl Fn(&'a Finding) -> &'a String) -> Option<&'a str> {
        let first = text(self.findings.first()?);
        self.findings.iter().all(|finding| text(finding) == first).then_some(first)
    }

    /// The different fixes in order, if they are so few that each can be said once, by a letter.
    pub(super) fn fixes(&self) -> Option<Vec<&'a str>> {
        let mut fixes: Vec<&str> = Vec::new();
        for finding in &self.findings {
            if !fixes.contains(&finding.help.as_str()) {
                fixes.push(&finding.help);
            }
        }
        (fixes.len() <= MAX_FIXES).then_some(fixes)
    }

    /// An estimate of the work.
    pub(super) fn effort(&self) -> &'static str {
        let page = rules::pages().into_iter().find(|page| page.name == self.rule);
        page.map_or("", |page| page.effort.times(self.findings.len()).as_str())
    }
}

/// `A`, `B`, … for the first few.
pub(super) fn letter(index: usize) -> &'static str {
    ["A", "B", "C", "D"].get(index).copied().unwrap_or_default()
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

#[cfg(test)]
mod tests {
    use super::grouped;
    use crate::report::sample;

    #[test]
    fn few_fixes_are_said_once() {
        let (_sources, mut findings) = sample::findings("table.scan()\n");
        let one = findings.remove(0);
        let with_help = |help: &str| crate::rules::Finding { help: help.into(), ..one.clone() };
        let four: Vec<_> = ["a", "b", "a", "c", "d"].map(with_help).into();
        assert_eq!(grouped(&four)[0].fixes(), Some(vec!["a", "b", "c", "d"]));
        assert_eq!(grouped(&four)[0].shared(|finding| &finding.help), None);
        let five: Vec<_> = ["a", "b", "c", "d", "e"].map(with_help).into();
        assert_eq!(grouped(&five)[0].fixes(), None);
    }
}
