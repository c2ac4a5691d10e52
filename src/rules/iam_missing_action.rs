//! A call that the function's role doesn't allow.

use super::describe::{anchor, taken};
use super::policy_edit::edited;
use super::registry::Rule;
use super::setting::{index_arn, table_arn};
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, MissingGrant, Rewriter};
use crate::template::model::{Effect, Role};

pub const RULE: Rule =
    Rule { name: "iam-missing-action", page: include_str!("../../rules/iam-missing-action.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    // What the role allows on the table, and not on its index, is `iam-missing-index`.
    let own = facts.missing_grants.iter().filter(|missing| !missing.allowed_on_table);
    let rewriter = Rewriter::new(facts);
    findings.extend(own.map(|missing| finding(facts, &rewriter, missing, RULE.name)));
}

/// The finding for a right that is missing, whichever rule tells of it.
pub(super) fn finding(facts: &Facts, rewriter: &Rewriter, missing: &MissingGrant, rule: &'static str) -> Finding {
    let access = facts.access(missing.access);
    let function = facts.function(missing.function);
    let name = &function.function.resource.id;
    let role = &missing.role.id;
    let action = &missing.action;
    let table = facts.table(missing.table).table;
    let id = &table.resource.id;
    let (target, path) = match &missing.index {
        Some(index) => (format!("{index} of {id}"), format!("{id}/index/{index}")),
        None => (id.clone(), id.clone()),
    };
    let resource = match &missing.index {
        // Another template's table has no logical id here: its ARN comes by a parameter or an import.
        _ if missing.role.stack != table.resource.stack => format!("the ARN of {path}"),
        Some(_) => index_arn(facts, table.span, id),
        None => table_arn(facts, table.span, id),
    };
    let declared = function.roles.iter().find(|r| r.resource == missing.role);
    let mut related: Vec<Related> =
        declared.map(|r| Related { span: r.span, message: format!("{name} runs under {role}") }).into_iter().collect();
    related.push(Related { span: table.span, message: format!("{id} is declared here") });
    let taken = taken(facts, [missing.function]);
    Finding {
        rule,
        severity: Severity::Critical,
        confidence: if taken.is_some() { Confidence::Likely } else { Confidence::Certain },
        title: format!("{name} calls {} on {target}, which {role} doesn't allow", missing.operation),
        message: format!(
            "When {name} gets here, the call fails with \"AccessDeniedException: User: …assumed-role/{role}/… is not authorized \
             to perform: dynamodb:{action} on resource: …:table/{path}{}\".{}",
            because(declared.copied(), action),
            taken.map(|how| format!(" {how}")).unwrap_or_default()
        ),
        help: format!(
            "Allow `dynamodb:{action}` on {resource} in {role}.{}",
            edited(rewriter, rewriter.granting(missing).as_ref(), access.access.span)
        ),
        span: access.access.span,
        label: format!("needs dynamodb:{action}"),
        related,
        anchor: format!("{name} {action} {}", anchor(facts, access)),
    }
}

/// How the error goes on: where nothing forbids the call, it is that nothing allows it.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
fn because(role: Option<&Role>, action: &str) -> String {
    let forbids = |role: &Role| role.boundary.is_some() || role.statements.iter().any(|s| s.effect == Effect::Deny);
    match role {
        Some(role) if !forbids(role) => {
            format!(" because no identity-based policy allows the dynamodb:{action} action")
        }
        _ => String::new(),
    }
}
