//! A read through an index that the function's role allows on the table only.

use super::iam_missing_action;
use super::policy_edit::edited;
use super::registry::Rule;
use super::setting::index_arn;
use super::{Finding, Related};
use crate::facts::{Facts, MissingGrant, Rewriter};

pub const RULE: Rule =
    Rule { name: "iam-missing-index", page: include_str!("../../rules/iam-missing-index.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let own = facts.missing_grants.iter().filter(|missing| missing.allowed_on_table);
    let rewriter = Rewriter::new(facts);
    findings.extend(own.map(|missing| finding(facts, &rewriter, missing)));
}

fn finding(facts: &Facts, rewriter: &Rewriter, missing: &MissingGrant) -> Finding {
    let table = facts.table(missing.table).table;
    let id = &table.resource.id;
    let (role, action) = (&missing.role.id, &missing.action);
    let index = missing.index.as_deref().unwrap_or_default();
    let function = &facts.function(missing.function).function.resource.id;
    let base = iam_missing_action::finding(facts, rewriter, missing, RULE.name);
    let allowed = facts
        .grants
        .iter()
        .find(|g| (g.function, g.table, g.index, &g.action) == (missing.function, missing.table, false, action));
    let mut related = base.related;
    related.extend(
        allowed.map(|grant| Related {
            span: grant.span,
            message: format!("allows {action} on {id}, without its indexes"),
        }),
    );
    Finding {
        title: format!("{function} reads {index} of {id}, and {role} allows {action} on the table only"),
        message: format!("An index is a resource of its own, which the table's ARN doesn't cover. {}", base.message),
        help: format!(
            "Add {} to the resources of the statement that allows `dynamodb:{action}`.{}",
            index_arn(facts, table.span, id),
            edited(rewriter, rewriter.granting(missing).as_ref(), base.span)
        ),
        related,
        ..base
    }
}
