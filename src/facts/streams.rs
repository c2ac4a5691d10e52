//! Whom a table's stream invokes.

use super::join::Join;
use super::tables::Named;
use super::{FunctionId, TableId};
use crate::template::model::{Trigger, TriggerKind};

/// The Lambdas that a table's stream invokes, in template order.
pub(super) fn stream_consumers<'a>(join: &Join<'a>, table: TableId) -> Vec<(FunctionId, &'a Trigger)> {
    let is_own = |trigger: &&Trigger| {
        let mut arns = trigger.sources.iter();
        trigger.kind == TriggerKind::TableStream && arns.any(|arn| join.tables.resolve(arn) == Named::Table(table))
    };
    let triggers = join.function_ids().flat_map(|(id, lambda)| lambda.function.triggers.iter().map(move |t| (id, t)));
    triggers.filter(|(_, trigger)| is_own(trigger)).collect()
}
