//! What could not be resolved, and which rules make no claim for it.

use super::indexes::is_read;
use super::join::{Hidden, Join, Sighting, Who};
use super::missing::{may_need_no_right, unallowed_elsewhere};
use super::{BlindSpot, FunctionId, TableId};
use crate::dynamodb::symbolic::Part;
use crate::flow::{Analysis, EntryName, EntryPoint, Hides};
use crate::template::model::{IndexKind, Role, UnreadPolicy};
use std::collections::BTreeSet;

/// Rules that compare roles with code.
pub(super) const COMPARISON: [&str; 4] = ["iam-over-grant", "iam-wildcard", "iam-missing-action", "iam-missing-index"];

const IAM_ABSENCE: [&str; 1] = ["iam-over-grant"];

/// All blind spots that the join knows, each once, by place.
pub(super) fn blind_spots(join: &Join, entries: &[EntryPoint], analysis: &Analysis) -> BTreeSet<BlindSpot> {
    let mut out = BTreeSet::new();
    out.extend(join.sightings.iter().filter_map(of_sighting));
    out.extend(of_services(join));
    out.extend(of_outsiders(join));
    out.extend(of_gaps(join, entries, analysis));
    for (id, lambda) in join.function_ids() {
        if let Some(span) = lambda.foreign_role {
            let reason = format!("the role of {} is declared elsewhere", lambda.function.resource.id);
            let withholds = vec!["iam-over-grant", "iam-wildcard", "iam-missing-action"];
            out.insert(BlindSpot { span, reason, withholds, function: Some(id), taken: None });
        }
        let unallowed = join.of(id).filter_map(|s| Some((s, unallowed_elsewhere(lambda, s)?)));
        out.extend(unallowed.map(|(sighting, (role, action))| unallowed_call(id, sighting, role, action)));
        let others = join.of(id).filter_map(|s| Some((s, may_need_no_right(join, lambda, s)?)));
        out.extend(others.map(|(sighting, role)| other_credentials(id, sighting, role)));
        let calls = !lambda.hidden.is_empty() || join.of(id).next().is_some();
        for policy in lambda.roles.iter().flat_map(|role| &role.unread_policies) {
            let reason = match &policy.value {
                UnreadPolicy::Boundary if !calls => continue,
                UnreadPolicy::Boundary => {
                    format!("the permissions boundary of {} can't be read", lambda.function.resource.id)
                }
                other => other.to_string(),
            };
            out.insert(BlindSpot {
                span: policy.span,
                reason,
                withholds: vec!["iam-missing-action"],
                function: Some(id),
                taken: None,
            });
        }
    }
    out
}

/// A call that the role doesn't allow, and that may be made by somebody else.
fn other_credentials(function: FunctionId, sighting: &Sighting, role: &Role) -> BlindSpot {
    let reason = format!(
        "{} doesn't allow this call, which may be made with other credentials than the role's: the code sets some",
        role.resource.id
    );
    let withholds = vec!["iam-missing-action", "iam-missing-index"];
    BlindSpot { span: sighting.access.span, reason, withholds, function: Some(function), taken: None }
}

/// A call on a table that no template declares and that the role doesn't allow.
fn unallowed_call(function: FunctionId, sighting: &Sighting, role: &Role, action: &str) -> BlindSpot {
    let names: Vec<String> = sighting.names.undeclared.iter().map(|name| format!("`{name}`")).collect();
    let reason = format!(
        "{} doesn't allow dynamodb:{action} on {}, which no template declares: unless that table's own policy does, the call \
         is refused",
        role.resource.id,
        names.join(" or ")
    );
    let withholds = vec!["iam-missing-action"];
    BlindSpot { span: sighting.access.span, reason, withholds, function: Some(function), taken: None }
}

fn of_gaps<'j>(
    join: &'j Join,
    entries: &'j [EntryPoint],
    analysis: &'j Analysis,
) -> impl Iterator<Item = BlindSpot> + 'j {
    analysis.gaps.iter().filter_map(|gap| {
        let entry = entries.get(gap.entry)?;
        let hidden = Hidden::behind(&gap.hides, &join.tables);
        let function = match &entry.name {
            EntryName::Function(resource) => {
                join.functions.iter().position(|f| f.function.resource == *resource).map(FunctionId)
            }
            EntryName::File(_) => None,
        };
        if hidden.is_none() && (function.is_none() || gap.hides != Hides::Nothing) {
            return None;
        }
        let mut withholds = Vec::new();
        let is_settled = |id: FunctionId| hidden == Some(Hidden::AllUnseen) && !join.functions[id.0].touched.is_empty();
        if let (Some(hidden), Some(_)) = (hidden, function.filter(|id| !is_settled(*id))) {
            withholds.extend(IAM_ABSENCE);
            withholds.extend(hidden.may_read_index().then_some("unused-gsi"));
        }
        if function.is_none() && gap.hides == Hides::Rest {
            withholds.push("unused-gsi");
        }
        Some(BlindSpot { span: gap.span, reason: gap.reason.clone(), withholds, function, taken: None })
    })
}

/// A live access whose table or index can't be told.
fn of_sighting(sighting: &Sighting) -> Option<BlindSpot> {
    let function = match sighting.who {
        Who::Function(id) => Some(id),
        Who::Script(_) => None,
        Who::Nobody => return None,
    };
    let mut withholds = Vec::new();
    // Whoever runs a script may point it elsewhere; that says nothing of the tables here.
    let settled = function.is_none() && !sighting.names.tables.is_empty();
    let reason = if let Some((reason, _)) = sighting.names.unknown.as_ref().filter(|_| !settled) {
        if function.is_some() {
            withholds.extend(["iam-over-grant", "iam-missing-action"]);
        }
        if sighting.reads_indexes() && sighting.names.indexes.iter().any(Option::is_some) {
            withholds.extend(["undefined-index", "unused-gsi"]);
        }
        let on = if sighting.names.tables.is_empty() { "an unknown table" } else { "a known table or on another" };
        format!("{} on {on}: {reason}", sighting.access.operation)
    } else {
        let index = sighting.names.unknown_indexes.first()?;
        withholds.extend(["undefined-index", "unused-gsi"]);
        match index.parts() {
            [] => format!("{} through an index whose name is empty", sighting.access.operation),
            [Part::Hole(origin)] => {
                format!("{} through an index that can't be told ({origin})", sighting.access.operation)
            }
            _ => format!("{} through an index that is known in part: `{index}`", sighting.access.operation),
        }
    };
    Some(BlindSpot { span: sighting.access.span, reason, withholds, function, taken: None })
}

/// Calls of services that can't be told, where they could matter.
fn of_services(join: &Join) -> Vec<BlindSpot> {
    let mut out = Vec::new();
    let mut told = BTreeSet::new();
    for sighting in join.services.iter().filter(|s| s.is_unclear(&join.tables)) {
        let reads = doubted(join, &|table, index| sighting.may_read(table, index, &join.tables));
        let shared = |role: &Role| join.functions.iter().any(|f| f.roles.iter().any(|r| std::ptr::eq(*r, role)));
        let mut withholds = Vec::new();
        withholds.extend(sighting.roles.iter().any(|role| shared(role)).then_some("iam-over-grant"));
        withholds.extend((!reads.is_empty()).then_some("unused-gsi"));
        // Of calls that withhold nothing, one a resource tells enough.
        if withholds.is_empty() && !told.insert(&sighting.user.resource) {
            continue;
        }
        out.push(BlindSpot {
            span: sighting.call.span,
            reason: sighting.doubt(),
            withholds,
            function: None,
            taken: None,
        });
    }
    out
}

/// Roles of code that isn't at hand, where they would let it read an index that nothing else reads, or share it with a
/// Lambda.
fn of_outsiders(join: &Join) -> Vec<BlindSpot> {
    let mut out = Vec::new();
    for outsider in &join.outsiders {
        let reads = doubted(join, &|table, index| outsider.may_read(table, index, &join.tables));
        let shared = join.functions.iter().any(|f| f.roles.iter().any(|role| std::ptr::eq(*role, outsider.role)));
        let role = &outsider.role.resource.id;
        let mut withholds = Vec::new();
        withholds.extend(shared.then_some("iam-over-grant"));
        withholds.extend((!reads.is_empty()).then_some("unused-gsi"));
        if withholds.is_empty() {
            continue;
        }
        let mut reason = format!("{} may act under {role}, and what it does isn't known", outsider.who);
        if let Some(first) = reads.first() {
            let more = if reads.len() > 1 { format!(" and {} more", reads.len() - 1) } else { String::new() };
            reason = format!("{reason}; it may read {first}{more}");
        }
        out.push(BlindSpot { span: outsider.span, reason, withholds, function: None, taken: None });
    }
    out
}

/// The global indexes that nothing surely reads, and that somebody may: `ByStatus of Orders`.
fn doubted(join: &Join, may_read: &dyn Fn(TableId, &str) -> bool) -> Vec<String> {
    let mut out = Vec::new();
    for (id, table) in join.tables.iter() {
        for index in table.indexes.iter().filter(|index| index.kind == IndexKind::Global) {
            let name = index.name.value.as_str();
            if !is_read(join, id, name) && may_read(id, name) {
                out.push(format!("{name} of {}", table.resource.id));
            }
        }
    }
    out
}
