//! Calls that a role doesn't allow: all that it lacks on a table is one finding.

use super::describe::few;
use super::lack::{self, Lack};
use super::policy_edit::{edited, stated};
use super::registry::Rule;
use super::{Finding, Severity};
use crate::facts::{Facts, Rewriter};

pub const RULE: Rule =
    Rule { name: "iam-missing-action", page: include_str!("../../rules/iam-missing-action.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    // What the role allows on the table, and not on its index, is `iam-missing-index`.
    let indexes = lack::indexes(facts);
    let rewriter = Rewriter::new(facts);
    findings.extend(lack::actions(facts).iter().map(|lack| finding(&rewriter, lack, &indexes)));
}

/// How something is allowed, and where the same statement lacks indexes too, these with it: both edits of it can't be made.
fn help(rewriter: &Rewriter, lack: &Lack, indexes: &[Lack]) -> String {
    let (wanted, role, call) = (lack.wanted(), lack.role(), lack.call().access.span);
    if lack.is_forbidden() {
        return format!("Take {wanted} out of what is forbidden to {role}, or drop the calls.");
    }
    if let Some(edit) = indexes.iter().find_map(|other| lack.together(rewriter, other)) {
        let edited = edited(rewriter, &edit, call);
        return format!(
            "Allow {wanted} in {role}. The indexes that `iam-missing-index` asks for come with it.{edited}"
        );
    }
    let code = match rewriter.granting(&lack.missing) {
        Some(edit) => edited(rewriter, &edit, call),
        None => stated(lack.facts, lack.declared(), &Vec::from_iter(rewriter.statement(&lack.missing))),
    };
    format!("Allow {wanted} in {role}.{}{code}", lack.choice())
}

fn finding(rewriter: &Rewriter, lack: &Lack, indexes: &[Lack]) -> Finding {
    let (functions, role) = (lack.functions(), lack.role());
    Finding {
        rule: RULE.name,
        severity: Severity::Critical,
        confidence: lack.confidence(),
        title: format!(
            "{} {} {}, which {role} doesn't allow",
            few(&functions),
            if functions.len() == 1 { "calls" } else { "call" },
            lack.calls_by_target()
        ),
        message: lack.failure(),
        help: help(rewriter, lack, indexes),
        span: lack.call().access.span,
        label: lack.label(),
        related: lack.related(),
        anchor: format!("{role} {} {}", lack.table(), lack.rights()),
    }
}
