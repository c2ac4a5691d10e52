//! A SAM policy template where a narrower one would do.

use super::describe::{list, taken};
use super::policy_edit::edited_or_why;
use super::registry::Rule;
use super::{Confidence, Finding, Severity};
use crate::facts::{Facts, Grant, Rewriter, allowed_by, narrower};
use crate::template::model::{PolicyOrigin, Role, Statement};
use std::collections::BTreeSet;

pub const RULE: Rule =
    Rule { name: "iam-broader-template", page: include_str!("../../rules/iam-broader-template.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let rewriter = Rewriter::new(facts);
    let mut seen = BTreeSet::new();
    for role in facts.functions.iter().flat_map(|function| &function.roles) {
        if !seen.insert(&role.resource) {
            continue;
        }
        // One entry is a statement for each table that it may be for.
        let mut entries = BTreeSet::new();
        let statements = role.statements.iter().filter(|statement| entries.insert(statement.span));
        let broader = statements.filter_map(|s| Some((s, narrower(facts, role, s)?)));
        findings
            .extend(broader.filter_map(|(statement, template)| finding(facts, &rewriter, role, statement, template)));
    }
}

fn finding(facts: &Facts, rewriter: &Rewriter, role: &Role, statement: &Statement, template: &str) -> Option<Finding> {
    let PolicyOrigin::SamTemplate(wide) = &statement.origin else { return None };
    let is_own = |grant: &&Grant| grant.statement.span == statement.span && grant.role.resource == role.resource;
    let grants = || facts.grants.iter().filter(is_own);
    let names = |used| {
        let of_status = grants().filter(move |grant| grant.is_used() == used);
        of_status.map(|grant| grant.action.as_str()).collect::<BTreeSet<&str>>()
    };
    let (used, unused) = (names(true), names(false));
    let unused: Vec<&str> = unused.difference(&used).copied().collect();
    let used: Vec<&str> = used.into_iter().collect();
    let functions: BTreeSet<&str> =
        grants().map(|grant| facts.function(grant.function).function.resource.id.as_str()).collect();
    let tables: BTreeSet<&str> = grants().map(|grant| facts.table(grant.table).table.resource.id.as_str()).collect();
    let (functions, tables) = (functions.into_iter().collect::<Vec<_>>(), tables.into_iter().collect::<Vec<_>>());
    let taken = taken(facts, grants().map(|grant| grant.function).collect::<BTreeSet<_>>());
    Some(Finding {
        rule: RULE.name,
        severity: Severity::Low,
        confidence: if taken.is_some() { Confidence::Likely } else { Confidence::Certain },
        title: format!("{wide} on {} where {template} would do", list(&tables)),
        message: format!(
            "Every DynamoDB call of {} is resolved: of the policy template it uses {}. Nothing uses {}.{}",
            list(&functions),
            list(&used),
            list(&unused),
            taken.map(|how| format!(" {how}")).unwrap_or_default()
        ),
        help: help(rewriter, statement, template, &used),
        span: statement.span,
        label: format!("{template} allows all that is used"),
        related: Vec::new(),
        anchor: format!("{} {wide} {}", role.resource.id, list(&tables)),
    })
}

/// The policy template, if all of it is used; else what is exact first, for the template is a lesser step.
fn help(rewriter: &Rewriter, statement: &Statement, template: &str, used: &[&str]) -> String {
    let left: BTreeSet<&str> = allowed_by(template).filter(|action| !used.contains(action)).collect();
    if left.is_empty() {
        return format!("Write `{template}` in its place, of which all is used.");
    }
    let lines = edited_or_why(rewriter, &rewriter.narrowed(statement), statement.span);
    let left: Vec<&str> = left.into_iter().collect();
    format!(
        "Write a statement that allows {} alone. `{template}` in its place is the smaller change, and leaves {} unused \
         (`iam-over-grant`).{lines}",
        list(used),
        list(&left)
    )
}
