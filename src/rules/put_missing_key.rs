//! An item that is put without its key.

use super::describe::{list, quoted};
use super::judge::{Claim, each_call, refusal};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, RequestFacts};

pub const RULE: Rule = Rule {
    name: "put-missing-key",
    page: include_str!("../../rules/put-missing-key.md"),
    check: |facts, findings| each_call(RULE.name, Severity::Critical, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    let item = given.request.item.as_ref().filter(|item| item.complete && !item.entries.is_empty())?;
    let missing: Vec<&str> = schema.names().into_iter().filter(|name| item.entry(name).is_none()).collect();
    let first = missing.first()?;
    let id = &table.table.resource.id;
    let keys = list(&quoted(&schema.names()));
    let error = match access.access.operation {
        Operation::BatchWriteItem => "The provided key element does not match the schema".to_owned(),
        _ => format!("One or more parameter values were invalid: Missing the key {first} in the item"),
    };
    let lacks = list(&quoted(&missing));
    Some(Claim {
        title: format!("`{}` puts an item into {id} without {lacks}", access.access.function),
        message: format!("Every item of {id} needs {keys}; this one has no {lacks}. {}", refusal(access, &error)),
        help: format!("Give the item its {lacks}; an attribute's name is matched to the letter, case included."),
        label: format!("no {lacks} in this item"),
        span: item.span,
        related: vec![Related { span: table.table.span, message: format!("{id} is keyed by {keys}") }],
    })
}
