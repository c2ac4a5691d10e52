//! Placeholders that are used and not defined, or defined and not used.

use super::Severity;
use super::judge::{Claim, each_call};
use super::registry::Rule;
use crate::dynamodb::expression::{References, references};
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::flow::{Mapping, Request};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule {
    name: "placeholder-mismatch",
    page: include_str!("../../rules/placeholder-mismatch.md"),
    check: |facts, findings| each_call(RULE.name, Severity::High, facts, findings, claim),
};

/// A parameter with placeholders, and its words.
struct Parameter {
    name: &'static str,
    undefined: &'static str,
    given: fn(&Request) -> Option<&Mapping>,
    used: fn(&References) -> &BTreeSet<String>,
}

const PARAMETERS: [Parameter; 2] = [
    Parameter {
        name: "ExpressionAttributeValues",
        undefined: "An expression attribute value used in expression is not defined; attribute value",
        given: |request| request.values.as_ref(),
        used: |references| &references.values,
    },
    Parameter {
        name: "ExpressionAttributeNames",
        undefined: "An expression attribute name used in the document path is not defined; attribute name",
        given: |request| request.names.as_ref(),
        used: |references| &references.names,
    },
];

fn claim(_: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let function = &access.access.function;
    PARAMETERS
        .iter()
        .find_map(|parameter| undefined(function, given.request, parameter))
        .or_else(|| PARAMETERS.iter().find_map(|parameter| unused(function, given.request, parameter)))
}

fn undefined(function: &str, request: &Request, parameter: &Parameter) -> Option<Claim> {
    let mapping = (parameter.given)(request);
    let all_seen = mapping.map_or(request.complete, |mapping| mapping.complete);
    let is_defined = |name: &String| mapping.is_some_and(|mapping| mapping.entry(name).is_some());
    if !all_seen {
        return None;
    }
    request.expressions.iter().find_map(|expression| {
        let texts = expression.texts.iter().map(|text| references(&text.to_string()));
        let name = texts.flat_map(|found| (parameter.used)(&found).clone()).find(|name| !is_defined(name))?;
        let clause = expression.clause.parameter();
        Some(Claim {
            title: format!("`{function}` uses {name} in its {clause} and doesn't define it"),
            message: format!(
                "{}. The call fails with \"ValidationException: Invalid {clause}: {}: {name}\".",
                match mapping {
                    Some(_) => format!("{} has no entry {name}", parameter.name),
                    None => format!("No {} is given", parameter.name),
                },
                parameter.undefined
            ),
            help: match mapping.and_then(|mapping| bare(mapping, &name)) {
                Some(entry) => format!(
                    "Write `\"{name}\"` instead of `\"{entry}\"` in `{}`: the sign before the name is a part of it.",
                    parameter.name
                ),
                None => format!("Add {name} to `{}`, or correct the expression.", parameter.name),
            },
            label: format!("{name} isn't defined"),
            span: expression.span,
            related: Vec::new(),
        })
    })
}

fn unused(function: &str, request: &Request, parameter: &Parameter) -> Option<Claim> {
    let mapping = (parameter.given)(request)?;
    let texts = request.expressions.iter().flat_map(|expression| &expression.texts);
    let found: Vec<References> = texts.map(|text| references(&text.to_string())).collect();
    let all_seen = request.complete
        && !found.is_empty()
        && found.iter().all(|found| found.whole)
        && !request.expressions.iter().any(|expression| expression.unknown);
    let is_used = |name: &String| found.iter().any(|found| (parameter.used)(found).contains(name));
    let entry = mapping.entries.iter().find(|entry| entry.sure && !is_used(&entry.name)).filter(|_| all_seen)?;
    let name = &entry.name;
    Some(Claim {
        title: format!("`{function}` defines {name} and doesn't use it in any expression"),
        message: format!(
            "The call fails with \"ValidationException: Value provided in {} unused in expressions: keys: {{{name}}}\".",
            parameter.name
        ),
        help: format!("Remove {name} from `{}`, or use it in the expression that it was made for.", parameter.name),
        label: format!("{name} isn't used"),
        span: entry.span,
        related: Vec::new(),
    })
}

/// The entry that is meant by a placeholder, its sign forgotten or another's.
fn bare<'m>(mapping: &'m Mapping, placeholder: &str) -> Option<&'m str> {
    let plain = |name: &str| name.trim_start_matches([':', '#']).to_owned();
    let wanted = plain(placeholder);
    let mut names = mapping.entries.iter().map(|entry| entry.name.as_str());
    names.find(|name| plain(name) == wanted)
}
