//! A consistent read of a global index, which can't give one.

use super::judge::{Claim, each_call};
use super::registry::Rule;
use super::{Related, Severity};
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::flow::Presence;
use crate::template::model::IndexKind;

pub const RULE: Rule = Rule {
    name: "consistent-read-on-gsi",
    page: include_str!("../../rules/consistent-read-on-gsi.md"),
    check: |facts, findings| each_call(RULE.name, Severity::Critical, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    if given.request.consistent != Presence::Always || schema.kind != Some(IndexKind::Global) {
        return None;
    }
    let name = given.index.clone().flatten()?;
    let index = table.indexes.iter().find(|index| index.index.name.value == name)?;
    let id = &table.table.resource.id;
    Some(Claim {
        title: format!("`{}` asks {name} of {id} for a consistent read", access.access.function),
        message: format!(
            "{name} is a global index, which DynamoDB keeps up to date only with a delay. The call fails with \
             \"ValidationException: Consistent reads are not supported on global secondary indexes\"."
        ),
        help: format!(
            "Leave out `ConsistentRead=True`, and live with a delay of mostly less than a second; where that won't do, read {id} \
             by its own key."
        ),
        label: "a global index has no consistent reads".to_owned(),
        span: None,
        related: vec![Related { span: index.index.name.span, message: format!("{name} is a global index") }],
    })
}
