//! A key that a mapping of the template has more than once.

use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::Facts;
use crate::template::model::DuplicateKey;

pub const RULE: Rule = Rule { name: "duplicate-key", page: include_str!("../../rules/duplicate-key.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let keys = facts.stacks.iter().flat_map(|stack| &stack.duplicate_keys);
    findings.extend(keys.map(finding));
}

fn finding(duplicate: &DuplicateKey) -> Finding {
    let DuplicateKey { key, path, earlier, last, same } = duplicate;
    let owner = if path.is_empty() { "The template".to_owned() } else { path.join(".") };
    let times = if earlier.len() == 1 { "twice".to_owned() } else { format!("{} times", earlier.len() + 1) };
    let message = if *same {
        "All say the same, so nothing is lost yet: whoever changes only one of them changes nothing, or everything."
    } else {
        "The last one wins, without a word from the tools that deploy it: what the others say is not deployed."
    };
    Finding {
        rule: RULE.name,
        severity: if *same { Severity::Low } else { Severity::Medium },
        confidence: Confidence::Certain,
        title: format!("{owner} has the key `{key}` {times}"),
        message: message.to_owned(),
        help: format!("Keep one `{key}`: merge what belongs together, and remove or rename the others."),
        span: *last,
        label: "this one counts".to_owned(),
        related: earlier
            .iter()
            .map(|span| Related { span: *span, message: format!("this `{key}` is overruled") })
            .collect(),
        anchor: path.iter().chain([key]).map(AsRef::as_ref).collect::<Vec<&str>>().join("."),
    }
}
