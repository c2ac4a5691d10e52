//! SAM policy templates that a narrower one could stand in for.

use super::{Facts, Grant, GrantStatus};
use crate::iam::policy_template;
use crate::template::model::{PolicyOrigin, Role, Statement};
use std::collections::BTreeSet;

/// Policy templates on a table and its indexes, and the narrower ones, the narrowest first.
const NARROWER: &[(&str, &[&str])] = &[("DynamoDBCrudPolicy", &["DynamoDBWritePolicy", "DynamoDBReadPolicy"])];

/// The policy template that allows all that is used of this one, and less. `None` if nothing is used, if something
/// can't be told, or if there is no such template.
pub fn narrower(facts: &Facts, role: &Role, statement: &Statement) -> Option<&'static str> {
    let PolicyOrigin::SamTemplate(name) = &statement.origin else { return None };
    let (_, candidates) = NARROWER.iter().find(|(wide, _)| wide == name)?;
    let own = |grant: &&Grant| std::ptr::eq(grant.statement, statement) && grant.role.resource == role.resource;
    let grants: Vec<&Grant> = facts.grants.iter().filter(own).collect();
    let used: BTreeSet<&str> =
        grants.iter().filter(|grant| grant.is_used()).map(|grant| grant.action.as_str()).collect();
    if used.is_empty() || grants.iter().any(|grant| grant.status == GrantStatus::Unverified) {
        return None;
    }
    candidates.iter().copied().find(|candidate| used.iter().all(|action| allows(candidate, action)))
}

fn allows(template: &str, action: &str) -> bool {
    let statements = policy_template(template).unwrap_or_default();
    statements.iter().flat_map(|s| s.actions).any(|known| known.strip_prefix("dynamodb:") == Some(action))
}
