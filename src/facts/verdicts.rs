//! How each role compares with the code that runs under it.

use super::join::{Hidden, Join, Lambda};
use super::missing::{may_need_no_right, unallowed_elsewhere, unclear};
use super::{FunctionFacts, FunctionId, Grant, GrantStatus, MissingGrant, Verdict};
use crate::flow::Certainty;
use crate::iam::touches_dynamodb;
use crate::template::model::{Effect, Role, Statement, UnreadPolicy};
use std::collections::BTreeSet;

/// The facts of every function, in template order.
pub(super) fn functions<'a>(join: &Join<'a>, grants: &[Grant], missing: &[MissingGrant]) -> Vec<FunctionFacts<'a>> {
    join.function_ids().map(|(id, lambda)| function(join, id, lambda, grants, missing)).collect()
}

fn function<'a>(
    join: &Join<'a>,
    id: FunctionId,
    lambda: &Lambda<'a>,
    grants: &[Grant],
    missing: &[MissingGrant],
) -> FunctionFacts<'a> {
    let with = |certainty| {
        let ids = join.of(id).filter(move |s| s.observation.certainty == certainty).map(|s| s.id);
        ids.collect::<BTreeSet<_>>()
    };
    let accesses = with(Certainty::Resolved);
    let possible = with(Certainty::Possible);
    // Grants are sorted by function.
    let first = grants.partition_point(|grant| grant.function < id);
    let mut own = grants[first..].iter().take_while(|grant| grant.function == id).peekable();
    let touches = own.peek().is_some() || !accesses.is_empty() || !possible.is_empty();
    let (mut over, mut unverified) = (false, false);
    for grant in own {
        over |= grant.is_unused();
        unverified |= grant.status == GrantStatus::Unverified;
    }
    let unknown = || lambda.roles.iter().flat_map(|role| &role.unread_policies);
    let role_unseen = lambda.foreign_role.is_some() || unknown().next().is_some();
    let may_have_more = lambda.foreign_role.is_some() || unknown().any(|policy| policy.value != UnreadPolicy::Boundary);
    let verdict = match (over, missing.iter().any(|m| m.function == id)) {
        (true, true) => Verdict::Both,
        (true, false) => Verdict::OverGranted,
        (false, true) => Verdict::UnderGranted,
        // What a boundary forbids isn't missed where nothing is called.
        (false, false) if !touches && !may_have_more && lambda.hidden.is_empty() => Verdict::NoDynamoDb,
        (false, false) if role_unseen || unverified => Verdict::Unverified,
        // A package does its own work, for which the role allows nothing in DynamoDB.
        (false, false) if !touches && are_packages(&lambda.hidden) && allows_nothing(join, lambda) => {
            Verdict::NoDynamoDb
        }
        // Code that can't be seen may do anything.
        (false, false) if !touches => Verdict::Unverified,
        (false, false) if join.of(id).any(|s| s.names.unknown.is_some()) => Verdict::Unverified,
        (false, false) if join.of(id).any(|s| lambda.roles.iter().any(|role| unclear(join, role, s).is_some())) => {
            Verdict::Unverified
        }
        (false, false) if join.of(id).any(|s| unallowed_elsewhere(lambda, s).is_some()) => Verdict::Unverified,
        (false, false) if join.of(id).any(|s| may_need_no_right(join, lambda, s).is_some()) => Verdict::Unverified,
        (false, false) => Verdict::Exact,
    };
    FunctionFacts {
        function: lambda.function,
        roles: lambda.roles.clone(),
        loaded: lambda.loaded.clone(),
        has_unseen_modules: lambda.hidden.iter().any(|h| matches!(h, Hidden::AllUnseen | Hidden::Untouched)),
        remarks: lambda.remarks,
        possible_accesses: possible.difference(&accesses).copied().collect(),
        accesses: accesses.into_iter().collect(),
        verdict,
        doubts: Vec::new(),
    }
}

/// Whether all that isn't seen is behind imports of packages that a layer or an index brings.
fn are_packages(hidden: &[Hidden]) -> bool {
    !hidden.is_empty() && hidden.iter().all(|hidden| matches!(hidden, Hidden::Untouched | Hidden::AllUnseen))
}

/// Whether a Lambda's roles are known and allow no action of DynamoDB, on whatever table, and no table of the run lets
/// others in.
fn allows_nothing(join: &Join, lambda: &Lambda) -> bool {
    let touches = |s: &Statement| s.not_action || s.actions.iter().any(|action| touches_dynamodb(&action.value));
    let allows = |role: &&Role| role.statements.iter().any(|s| s.effect == Effect::Allow && touches(s));
    !lambda.roles.is_empty()
        && !lambda.roles.iter().any(allows)
        && join.tables.iter().all(|(_, table)| table.policy.is_empty() && table.unread_policies.is_empty())
}
