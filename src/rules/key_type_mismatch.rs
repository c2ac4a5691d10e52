//! A key attribute that is given a value of another type than the template defines.

use super::judge::{Claim, each_call, refusal};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::expression::{Compared, KeyCondition, Operand};
use crate::dynamodb::operation::Operation;
use crate::facts::{AccessFacts, Facts, KeySchema, RequestFacts};
use crate::flow::{Clause, Conditions, Entry, Mapping, Request, ValueType};
use crate::source::Span;
use crate::template::model::{KeyElement, KeyRole};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    name: "key-type-mismatch",
    page: include_str!("../../rules/key-type-mismatch.md"),
    check: |facts, findings| each_call(RULE.name, Severity::High, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    of_values(facts, access, given).or_else(|| of_conditions(facts, access, given))
}

/// A key that a key, an item or a new value holds.
fn of_values(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    let wrong = |mapping: &Mapping, key: &KeyElement| -> Option<(Entry, &'static str)> {
        let entry = mapping.entry(&key.attribute.value)?;
        let actual = actual(&entry.types).filter(|actual| Some(*actual) != key.attribute_type.as_deref())?;
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
        help: conversion(name, expected, actual),
        label: format!("`{name}` is {actual} here and {expected} in the template"),
        span: entry.span,
        related: vec![Related {
            span: key.attribute.span,
            message: format!("`{name}` is a key of {id}, of type {expected}"),
        }],
    })
}

/// A key that a key condition compares with something that it can't equal.
fn of_conditions(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    let request = given.request;
    let Some(Conditions::Known(conditions)) = &request.key_condition else { return None };
    // Of several conditions, which one is given isn't known: every one must be at fault.
    let faults: Option<Vec<Fault>> = conditions.iter().map(|condition| fault(condition, request, &schema)).collect();
    let Fault { key, actual, is_prefix, span } = faults?.into_iter().next()?;
    let (name, expected) = (&key.attribute.value, key.attribute_type.as_deref()?);
    let id = &table.table.resource.id;
    let of = given.index.clone().flatten().map_or(id.clone(), |index| format!("{index} of {id}"));
    let expression = request.expressions.iter().find(|expression| expression.clause == Clause::KeyCondition);
    let refused = match (actual, expression) {
        (Some(actual @ ("N" | "BOOL")), Some(_)) if is_prefix => refusal(
            access,
            &format!(
                "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: \
                 begins_with, operand type: {actual}"
            ),
        ),
        (Some(_), _) if !is_prefix => {
            let error =
                "One or more parameter values were invalid: Condition parameter type does not match schema type";
            refusal(access, error)
        }
        _ => "`begins_with` compares text and bytes alone: the call fails with a `ValidationException`.".to_owned(),
    };
    let function = &access.access.function;
    let (title, help, label) = match actual {
        Some(actual) if !(is_prefix && expected == "N") => (
            format!("`{function}` compares key `{name}` of {of}, {}, with {}", word(expected), word(actual)),
            conversion(name, expected, actual),
            format!("`{name}` is compared with {actual} here and is {expected} in the template"),
        ),
        _ => (
            format!("`{function}` asks for a prefix of key `{name}` of {of}, which is a number"),
            format!(
                "Ask for a range of numbers (`BETWEEN`, `Key(\"{name}\").between(…)`), or define `{name}` as S before there \
                 are items."
            ),
            format!("`{name}` is N in the template, and numbers have no prefix"),
        ),
    };
    Some(Claim {
        title,
        message: format!("The template defines `{name}` as {expected}. {refused}"),
        help,
        label,
        span: span.or(expression.and_then(|expression| expression.span)),
        related: vec![Related {
            span: key.attribute.span,
            message: format!("`{name}` is a key of {of}, of type {expected}"),
        }],
    })
}

/// A key that is compared with what it can't be, and where that is given.
struct Fault<'f> {
    key: &'f KeyElement,
    /// The type that is given, if it is known.
    actual: Option<&'static str>,
    is_prefix: bool,
    span: Option<Span>,
}

fn fault<'f>(condition: &KeyCondition, request: &Request, schema: &KeySchema<'f>) -> Option<Fault<'f>> {
    let at_fault = |key: &'f KeyElement, compared: &Compared| {
        let (types, span) = operand(&compared.operand, request);
        let actual = types.and_then(actual);
        let expected = key.attribute_type.as_deref();
        let unlike = actual.is_some_and(|actual| Some(actual) != expected);
        // A partition key that isn't compared for equality is wrong whatever its type.
        let is_prefix = compared.is_prefix && key.role == KeyRole::Sort;
        let no_prefix = is_prefix && expected == Some("N");
        (unlike || no_prefix).then_some(Fault { key, actual, is_prefix, span })
    };
    schema.elements().find_map(|key| {
        let mut compared = condition.compared.iter().filter(|compared| compared.attribute == key.attribute.value);
        compared.find_map(|compared| at_fault(key, compared))
    })
}

/// The types that a value of a condition may have, and where it is given under a name.
fn operand<'r>(operand: &'r Operand, request: &'r Request) -> (Option<&'r BTreeSet<ValueType>>, Option<Span>) {
    match operand {
        Operand::Given(types) => (Some(types), None),
        Operand::Placeholder(name) => {
            let entry = request.values.as_ref().and_then(|values| values.entry(name));
            (entry.map(|entry| &entry.types), entry.and_then(|entry| entry.span))
        }
    }
}

/// What brings the value and the key together. A key is a string, a number or bytes.
fn conversion(name: &str, expected: &str, actual: &str) -> String {
    let defined = if matches!(actual, "S" | "N" | "B") {
        format!(", or define `{name}` as {actual} before there are items")
    } else {
        String::new()
    };
    format!("Convert the value to {}{defined}.", word(expected))
}

/// The type of a value, if it can have only this one.
fn actual(types: &BTreeSet<ValueType>) -> Option<&'static str> {
    let mut types = types.iter();
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
