//! Writes by which a Lambda that a table's stream invokes invokes itself again.

use super::join::{Join, Sighting, Who};
use super::streams::stream_consumers;
use super::{AccessId, FunctionId, TableId};
use crate::dynamodb::expression::{UpdateAction, parse_update};
use crate::dynamodb::operation::Operation;
use crate::flow::{Clause, Request};
use crate::source::Span;
use crate::template::model::Trigger;

/// An update that follows on every record of a stream, and always changes an item of the stream's table: each is followed
/// by the next. A write that changes nothing makes no record
/// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>), so it must add to a number.
#[derive(Debug)]
pub struct SelfWrite<'a> {
    /// The Lambda that the stream invokes.
    pub function: FunctionId,
    /// By which of its triggers.
    pub trigger: &'a Trigger,
    /// The call.
    pub access: AccessId,
    /// The attribute that it adds to, and where it is named.
    pub attribute: (String, Span),
}

/// The writes of the Lambdas that a table's stream invokes whatever the records hold, one for each call and Lambda.
pub(super) fn self_writes<'a>(join: &Join<'a>, table: TableId) -> Vec<SelfWrite<'a>> {
    let mut out: Vec<SelfWrite> = Vec::new();
    for (function, trigger) in stream_consumers(join, table) {
        // A filter may let none of its own changes through.
        if trigger.delivery.as_ref().is_none_or(|delivery| delivery.is_filtered || delivery.may_be_off) {
            continue;
        }
        for sighting in join.of(function).filter(|s| is_own(s, table)) {
            let known = out.iter().any(|write| write.access == sighting.id && write.function == function);
            if let Some(attribute) = counted(sighting).filter(|_| !known) {
                out.push(SelfWrite { function, trigger, access: sighting.id, attribute });
            }
        }
    }
    out
}

fn is_own(sighting: &Sighting, table: TableId) -> bool {
    let names = &sighting.names;
    let observation = sighting.observation;
    matches!(sighting.who, Who::Function(_))
        && sighting.is_resolved()
        && observation.every_record
        && names.tables.iter().eq([&table])
        && names.undeclared.is_empty()
        && names.unknown.is_none()
        && !observation.requests.is_empty()
        // A condition may find its own change and refuse.
        && observation.requests.iter().all(|request| request.complete && is_unconditional(request))
}

fn is_unconditional(request: &Request) -> bool {
    request.expressions.iter().all(|expression| expression.clause != Clause::Condition)
}

/// The attribute to which an update adds a number: `ADD n :one`, `SET n = n + :one`.
fn counted(sighting: &Sighting) -> Option<(String, Span)> {
    let [request] = &sighting.observation.requests.iter().collect::<Vec<_>>()[..] else { return None };
    if sighting.access.operation != Operation::UpdateItem {
        return None;
    }
    let update = request.expressions.iter().find(|expression| expression.clause == Clause::Update)?;
    let [text] = &update.texts.iter().collect::<Vec<_>>()[..] else { return None };
    let text = text.as_text().filter(|_| !update.built && !update.unknown)?;
    let names = |name: &str| request.name_behind(name);
    let adds = |operand: &str| {
        let value = request.values.as_ref().and_then(|values| values.entry(operand)?.text.as_deref()?.parse().ok());
        value.is_some_and(|number: i64| number != 0)
    };
    let found = parse_update(text, &names).into_iter().find(|assignment| match assignment.action {
        UpdateAction::Add => adds(&assignment.value),
        UpdateAction::Set => {
            let path = &text[assignment.range.clone()];
            let mut operands = assignment.value.split(['+', '-']).map(str::trim);
            let (first, second) = (operands.next(), operands.next());
            let from = |operand: &str| operand == path || operand.starts_with(&format!("if_not_exists({path},"));
            operands.next().is_none() && first.is_some_and(from) && second.is_some_and(adds)
        }
        UpdateAction::Remove | UpdateAction::Delete => false,
    })?;
    Some((found.attribute, update.span?))
}
