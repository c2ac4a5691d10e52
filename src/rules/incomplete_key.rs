//! A key that isn't the table's primary key.

use super::describe::{list, quoted};
use super::judge::{Claim, each_call, refusal};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, RequestFacts};

pub const RULE: Rule = Rule {
    name: "incomplete-key",
    page: include_str!("../../rules/incomplete-key.md"),
    check: |facts, findings| each_call(RULE.name, Severity::Critical, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    let key = given.request.key.as_ref().filter(|key| key.complete)?;
    let missing: Vec<&str> = schema.names().into_iter().filter(|name| key.entry(name).is_none()).collect();
    let surplus = key.entries.iter().filter(|entry| entry.sure && !schema.has(&entry.name));
    let surplus: Vec<&str> = surplus.map(|entry| entry.name.as_str()).collect();
    let fault = match (missing.as_slice(), surplus.as_slice()) {
        ([], []) => return None,
        (missing, []) => format!("`Key` lacks {}", list(&quoted(missing))),
        ([], surplus) => format!("`Key` holds {}, which the primary key doesn't", list(&quoted(surplus))),
        (missing, surplus) => format!("`Key` holds {} instead of {}", list(&quoted(surplus)), list(&quoted(missing))),
    };
    let id = &table.table.resource.id;
    let keys = list(&quoted(&schema.names()));
    let otherwise = match (missing.is_empty(), given.operation) {
        (true, _) => String::new(),
        (false, Operation::GetItem) => {
            "; to read every item of a partition, or by an index, `query` takes a part of the key".to_owned()
        }
        (false, _) => "; a write reaches one item at a time, so a `query` for the keys comes first".to_owned(),
    };
    Some(Claim {
        title: format!("`{}` gives {id} a key that isn't its primary key", access.access.function),
        message: format!(
            "{fault}; the primary key of {id} is {keys}. {}",
            refusal(access, "The provided key element does not match the schema")
        ),
        help: format!("Give exactly {keys} in `Key`{otherwise}."),
        label: fault,
        span: key.span,
        related: vec![Related { span: table.table.span, message: format!("{id} is keyed by {keys}") }],
    })
}
