//! A key attribute that is given a value of another type than the template defines.

use super::judge::{Claim, each_call, refusal};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::flow::{Entry, Mapping, ValueType};
use crate::template::model::KeyElement;

pub const RULE: Rule = Rule {
    name: "key-type-mismatch",
    page: include_str!("../../rules/key-type-mismatch.md"),
    check: |facts, findings| each_call(RULE.name, Severity::High, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    let wrong = |mapping: &Mapping, key: &KeyElement| -> Option<(Entry, &'static str)> {
        let entry = mapping.entry(&key.attribute.value)?;
        let actual = actual(entry).filter(|actual| Some(*actual) != key.attribute_type.as_deref())?;
        Some((entry.clone(), actual))
    };
    let request = given.request;
    let own = [&request.key, &request.item].into_iter().flatten();
    let primary = own.flat_map(|mapping| schema.elements().map(move |key| (mapping, key, None)));
    let schemas =
        table.indexes.iter().filter_map(|index| Some((index, table.key_schema(Some(&index.index.name.value))?)));
    let indexed = request.item.iter().flat_map(|item| {
        let keys = schemas.clone().flat_map(|(index, schema)| schema.elements().map(move |key| (index, key)));
        keys.map(move |(index, key)| (item, key, Some(index.index.name.value.clone())))
    });
    let ((entry, actual), key, index) =
        primary.chain(indexed).find_map(|(mapping, key, index)| Some((wrong(mapping, key)?, key, index)))?;
    let (name, expected) = (&entry.name, key.attribute_type.as_deref()?);
    let id = &table.table.resource.id;
    // A batch looks at the keys before it puts anything.
    let puts = given.operation == Operation::PutItem && access.access.operation != Operation::BatchWriteItem;
    let error = match (&index, puts) {
        (Some(index), _) => format!(
            "One or more parameter values were invalid: Type mismatch for Index Key {name} Expected: {expected} Actual: \
             {actual} IndexName: {index}"
        ),
        (None, true) => format!(
            "One or more parameter values were invalid: Type mismatch for key {name} expected: {expected} actual: {actual}"
        ),
        (None, false) => "The provided key element does not match the schema".to_owned(),
    };
    Some(Claim {
        title: format!(
            "`{}` gives key `{name}` of {id} {} for {}",
            access.access.function,
            word(actual),
            word(expected)
        ),
        message: format!("The template defines `{name}` as {expected}. {}", refusal(access, &error)),
        help: format!(
            "Convert the value to {}, or define `{name}` as {actual} before there are items.",
            word(expected)
        ),
        label: format!("`{name}` is {actual} here and {expected} in the template"),
        span: entry.span,
        related: vec![Related {
            span: key.attribute.span,
            message: format!("`{name}` is a key of {id}, of type {expected}"),
        }],
    })
}

/// The type of a value, if it can have only this one.
fn actual(entry: &Entry) -> Option<&'static str> {
    let mut types = entry.types.iter();
    let only = types.next().filter(|_| types.next().is_none())?;
    match only {
        ValueType::String => Some("S"),
        ValueType::Number => Some("N"),
        ValueType::Binary => Some("B"),
        ValueType::Boolean => Some("BOOL"),
        ValueType::Float | ValueType::Null | ValueType::Map | ValueType::List | ValueType::Unknown => None,
    }
}

fn word(of: &str) -> &'static str {
    match of {
        "S" => "a string",
        "N" => "a number",
        "B" => "bytes",
        _ => "a truth value",
    }
}
