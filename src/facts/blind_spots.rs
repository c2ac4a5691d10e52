//! What could not be resolved, and which rules make no claim for it.

use super::join::{Join, Sighting, Who};
use super::{BlindSpot, FunctionId};
use crate::flow::{Analysis, EntryName, EntryPoint};
use crate::source::SourceMap;
use crate::template::model::Stack;
use std::collections::BTreeSet;

const IAM_ABSENCE: [&str; 1] = ["iam-over-grant"];

/// All blind spots that the join knows, each once, by place.
pub(super) fn blind_spots(join: &Join, entries: &[EntryPoint], analysis: &Analysis) -> BTreeSet<BlindSpot> {
    let mut out = BTreeSet::new();
    out.extend(join.sightings.iter().filter_map(of_sighting));
    out.extend(of_gaps(join, entries, analysis));
    for (id, lambda) in join.function_ids() {
        if let Some(span) = lambda.foreign_role {
            let reason = format!("the role of {} is declared elsewhere", lambda.function.resource.id);
            let withholds = vec!["iam-over-grant", "iam-wildcard", "iam-missing-action"];
            out.insert(BlindSpot { span, reason, withholds, function: Some(id) });
        }
        for policy in lambda.roles.iter().flat_map(|role| &role.unknown_policies) {
            let reason = format!("the policy {} can't be read", policy.value);
            out.insert(BlindSpot {
                span: policy.span,
                reason,
                withholds: vec!["iam-missing-action"],
                function: Some(id),
            });
        }
    }
    out
}

fn of_gaps<'j>(
    join: &'j Join,
    entries: &'j [EntryPoint],
    analysis: &'j Analysis,
) -> impl Iterator<Item = BlindSpot> + 'j {
    analysis.gaps.iter().filter(|gap| gap.hides_accesses).filter_map(|gap| {
        let entry = entries.get(gap.entry?)?;
        let function = match &entry.name {
            EntryName::Function(resource) => {
                join.functions.iter().position(|f| f.function.resource == *resource).map(FunctionId)
            }
            EntryName::File(_) => None,
        };
        let mut withholds = Vec::new();
        if function.is_some() {
            withholds.extend(IAM_ABSENCE);
            withholds.push("unused-gsi");
        }
        Some(BlindSpot { span: gap.span, reason: gap.reason.clone(), withholds, function })
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
    let settled = function.is_none() && !sighting.tables.is_empty();
    let reason = if let Some((reason, _)) = sighting.unknown.as_ref().filter(|_| !settled) {
        if function.is_some() {
            withholds.extend(["iam-over-grant", "iam-missing-action"]);
        }
        if sighting.reads_indexes() && sighting.indexes.iter().any(Option::is_some) {
            withholds.extend(["undefined-index", "unused-gsi"]);
        }
        let on = if sighting.tables.is_empty() { "an unknown table" } else { "a known table or on another" };
        format!("{} on {on}: {reason}", sighting.access.operation)
    } else {
        let index = sighting.unknown_indexes.first()?;
        withholds.extend(["undefined-index", "unused-gsi"]);
        format!("{} through an unknown index: `{index}`", sighting.access.operation)
    };
    Some(BlindSpot { span: sighting.access.span, reason, withholds, function })
}

/// Readers of indexes that are no Lambda: an `AppSync` resolver, a Step Functions task, an API Gateway integration.
pub(super) fn other_readers(stacks: &[Stack], sources: &SourceMap) -> Vec<BlindSpot> {
    let mut out = Vec::new();
    for stack in stacks {
        let source = stack.resources.iter().find(|(_, (kind, _))| kind == "AWS::AppSync::DataSource");
        if let Some((id, (_, span))) = source {
            let reason = format!("resolvers of the AppSync data source {id} may read any index");
            out.push(BlindSpot { span: *span, reason, withholds: vec!["unused-gsi"], function: None });
        }
        let text = &sources.file(stack.file).text;
        let marks =
            ["aws-sdk:dynamodb:query", "aws-sdk:dynamodb:scan", ":dynamodb:action/Query", ":dynamodb:action/Scan"];
        if let Some((at, mark)) = marks.iter().filter_map(|mark| text.find(mark).map(|at| (at, mark))).min() {
            let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
            let span = crate::source::Span::new(stack.file, offset(at), offset(at + mark.len()));
            let reason = "a service integration reads DynamoDB without a Lambda".to_owned();
            out.push(BlindSpot { span, reason, withholds: vec!["unused-gsi"], function: None });
        }
    }
    out
}
