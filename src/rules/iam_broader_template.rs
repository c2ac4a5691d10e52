//! A SAM policy template where a narrower one would do.

use super::describe::{list, taken};
use super::policy_edit::edited;
use super::registry::Rule;
use super::{Confidence, Finding, Severity};
use crate::facts::{Facts, Rewriter, narrower};
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
        let broader = |s| Some((s, narrower(facts, role, s)?));
        let statements = role.statements.iter().filter_map(broader);
        findings.extend(
            statements.filter_map(|(statement, template)| finding(facts, &rewriter, role, statement, template)),
        );
    }
}

fn finding(facts: &Facts, rewriter: &Rewriter, role: &Role, statement: &Statement, template: &str) -> Option<Finding> {
    let PolicyOrigin::SamTemplate(wide) = &statement.origin else { return None };
    let grants = || facts.grants.iter().filter(|grant| std::ptr::eq(grant.statement, statement));
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
            "Every DynamoDB call of {} is resolved: of the policy template it uses {}. {} are there for whoever shouldn't be.{}",
            list(&functions),
            list(&used),
            list(&unused),
            taken.map(|how| format!(" {how}")).unwrap_or_default()
        ),
        help: format!(
            "Write `{template}` for `{wide}`, or a statement that allows {} alone.{}",
            list(&used),
            edited(rewriter, rewriter.narrowed(statement).as_ref(), statement.span).replacen(
                "\nLine",
                "\nAs a statement, line",
                1
            )
        ),
        span: statement.span,
        label: format!("{template} allows all that is used"),
        related: Vec::new(),
        anchor: format!("{} {wide} {}", role.resource.id, list(&tables)),
    })
}
