//! SAM policy templates that a narrower one could stand in for.

use super::{Facts, Grant, GrantStatus};
use crate::iam::policy_template;
use crate::template::model::{PolicyOrigin, Role, Statement};
use std::collections::BTreeSet;

/// Policy templates on a table and its indexes, and the narrower ones, the narrowest first.
const NARROWER: &[(&str, &[&str])] = &[("DynamoDBCrudPolicy", &["DynamoDBWritePolicy", "DynamoDBReadPolicy"])];

/// The policy template that allows all that is used of this one, and less. `None` if nothing is used, if something
/// can't be told, or if there is no such template. An entry that is for one table or another is written once for both.
pub fn narrower(facts: &Facts, role: &Role, statement: &Statement) -> Option<&'static str> {
    let PolicyOrigin::SamTemplate(name) = &statement.origin else { return None };
    let (_, candidates) = NARROWER.iter().find(|(wide, _)| wide == name)?;
    let own = |grant: &&Grant| grant.statement.span == statement.span && grant.role.resource == role.resource;
    let grants: Vec<&Grant> = facts.grants.iter().filter(own).collect();
    let used: BTreeSet<&str> =
        grants.iter().filter(|grant| grant.is_used()).map(|grant| grant.action.as_str()).collect();
    if used.is_empty() || grants.iter().any(|grant| grant.status == GrantStatus::Unverified) {
        return None;
    }
    candidates.iter().copied().find(|candidate| used.iter().all(|action| allows(candidate, action)))
}

/// Whether a statement is a policy template that something narrower than another one is written by.
pub fn is_narrow(statement: &Statement) -> bool {
    let is_it = |name: &str| NARROWER.iter().any(|(_, candidates)| candidates.contains(&name));
    matches!(&statement.origin, PolicyOrigin::SamTemplate(name) if is_it(name))
}

/// The actions that a policy template allows, without `dynamodb:`.
pub fn allowed_by(template: &str) -> impl Iterator<Item = &'static str> {
    let statements = policy_template(template).unwrap_or_default();
    statements.iter().flat_map(|s| s.actions).filter_map(|action| action.strip_prefix("dynamodb:"))
}

fn allows(template: &str, action: &str) -> bool {
    allowed_by(template).any(|known| known == action)
}
