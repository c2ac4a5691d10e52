//! Policies beside a role: SAM drops them.

use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, FunctionFacts};

pub const RULE: Rule =
    Rule { name: "iam-policies-ignored", page: include_str!("../../rules/iam-policies-ignored.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    findings.extend(facts.functions.iter().filter_map(finding));
}

fn finding(function: &FunctionFacts) -> Option<Finding> {
    let span = function.function.dropped_policies?;
    let id = &function.function.resource.id;
    let roles: Vec<Related> = function
        .roles
        .iter()
        .map(|role| Related { span: role.span, message: format!("{id} runs under {}", role.resource.id) })
        .collect();
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Critical,
        confidence: Confidence::Certain,
        title: format!("the policies of {id} are ignored, because it names its role"),
        message: format!(
            "SAM gives `Policies` to the role that it makes for a function, and makes none where there is a `Role`. {id} \
             is deployed without these rights, and without a warning: a call that needs one fails with AccessDeniedException."
        ),
        help: "Move the policies to the role. To remove `Role` instead is right only if `Policies` says all that the code needs: \
               what else the role allows would be lost."
            .to_owned(),
        span,
        label: "SAM drops these".to_owned(),
        related: roles,
        anchor: id.clone(),
    })
}
