//! Why it can't be told how a role compares with the code that runs under it.

use super::blind_spots::COMPARISON;
use super::join::{Join, Lambda, Sighting};
use super::missing::unclear;
use super::{BlindSpot, FunctionId, Grant, GrantStatus};
use crate::source::Span;
use crate::template::model::Role;
use std::collections::BTreeSet;

/// Something that keeps it open what a role should allow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Doubt {
    /// Where.
    pub span: Span,
    /// What, as in [`BlindSpot::reason`].
    pub reason: String,
}

/// Everything that does for a Lambda whose verdict, or one of whose grants, is unverified; at least one thing, by place.
pub(super) fn doubts(
    join: &Join,
    (id, lambda): (FunctionId, &Lambda),
    grants: &[Grant],
    spots: &[BlindSpot],
) -> Vec<Doubt> {
    let open = || grants.iter().filter(|grant| grant.function == id && grant.status == GrantStatus::Unverified);
    let shares = |role: &Role| lambda.roles.iter().any(|own| std::ptr::eq(*own, role));
    let others = join.outsiders.iter().filter(|outsider| shares(outsider.role)).map(|outsider| outsider.span);
    let others: BTreeSet<Span> = others.collect();
    let concerns = |spot: &&BlindSpot| match spot.function {
        Some(function) => function == id && spot.withholds.iter().any(|rule| COMPARISON.contains(rule)),
        None => others.contains(&spot.span),
    };
    let doubt = |spot: &BlindSpot| Doubt { span: spot.span, reason: spot.reason.clone() };
    let mut out: BTreeSet<Doubt> = spots.iter().filter(concerns).map(doubt).collect();
    for sighting in join.of(id) {
        let may_need = || open().any(|grant| grant.used_by.contains(&sighting.id));
        let reasons = lambda.roles.iter().filter_map(|role| unclear(join, role, sighting));
        let reasons = reasons.chain(half_known(sighting).filter(|_| may_need()).map(str::to_owned));
        out.extend(reasons.map(|reason| Doubt { span: sighting.access.span, reason }));
    }
    for service in join.services.iter().filter(|service| service.roles.iter().any(|role| shares(role))) {
        let may_need = open().any(|grant| service.names.may_touch(grant.table));
        out.extend(may_need.then(|| Doubt { span: service.call.span, reason: service.doubt() }));
    }
    if out.is_empty() {
        let reason = "its code can't be followed to its end".to_owned();
        out.insert(Doubt { span: lambda.function.span, reason });
    }
    out.into_iter().collect()
}

/// What isn't known of a call whose table is.
fn half_known(sighting: &Sighting) -> Option<&'static str> {
    if !sighting.is_resolved() {
        Some("whether this call is reached can't be told")
    } else if !sighting.needs_every_action() {
        Some("which rights this call needs depends on what it is given")
    } else {
        None
    }
}
