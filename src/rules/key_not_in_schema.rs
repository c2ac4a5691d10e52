//! A Query whose key condition doesn't fit the key schema that it reads.

use super::describe::{list, quoted};
use super::judge::{Claim, each_call};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::expression::KeyCondition;
use crate::facts::{AccessFacts, Facts, KeySchema, RequestFacts};
use crate::flow::Conditions;

pub const RULE: Rule = Rule {
    name: "key-not-in-schema",
    page: include_str!("../../rules/key-not-in-schema.md"),
    check: |facts, findings| each_call(RULE.name, Severity::Critical, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    let Some(Conditions::Known(conditions)) = &given.request.key_condition else { return None };
    // Of several conditions, which one goes with this index isn't known: none may fit it.
    let faults: Option<Vec<(String, String)>> = conditions.iter().map(|condition| fault(condition, &schema)).collect();
    let (fault, error) = faults?.into_iter().next()?;
    let repeated = conditions.iter().find_map(|condition| twice(condition, &schema)).filter(|_| error == ONE_EACH);
    let id = &table.table.resource.id;
    let (what, place) = match given.index.clone().flatten() {
        None => (id.clone(), table.table.span),
        Some(name) => {
            let place = table.indexes.iter().find(|index| index.index.name.value == name)?.index.name.span;
            (format!("{name} of {id}"), place)
        }
    };
    let keys = list(&quoted(&schema.names()));
    Some(Claim {
        title: match repeated {
            Some(key) => format!("`{}` compares `{key}` twice in one key condition", access.access.function),
            None => format!("`{}` queries {what} by a key that it doesn't have", access.access.function),
        },
        message: format!("{fault}; {what} is keyed by {keys}. The call fails with \"ValidationException: {error}\"."),
        help: if let Some(key) = repeated {
            format!(
                "Say both bounds at once: `{key} BETWEEN :from AND :to` (`Key(\"{key}\").between(…)`), or put one of the \
                 two where the items are used: a filter can't name a key of what is queried."
            )
        } else {
            format!(
                "Query {what} by `{}` with `=`{}, or name the index whose keys these are in `IndexName`.",
                schema.partition.attribute.value,
                schema.sort.map(|sort| format!(" (and, if need be, `{}`)", sort.attribute.value)).unwrap_or_default()
            )
        },
        label: fault,
        span: None,
        related: vec![Related { span: place, message: format!("{what} is keyed by {keys}") }],
    })
}

const ONE_EACH: &str = "KeyConditionExpressions must only contain one condition per key";

/// The key that a condition, which is sound otherwise, compares twice.
fn twice<'c>(condition: &'c KeyCondition, schema: &KeySchema) -> Option<&'c str> {
    let sound = condition.equal.union(&condition.other).all(|name| schema.has(name));
    condition.repeated.first().filter(|_| sound).map(String::as_str)
}

/// What is wrong with a key condition, and the error that it gets.
fn fault(condition: &KeyCondition, schema: &KeySchema) -> Option<(String, String)> {
    let partition = schema.partition.attribute.value.as_str();
    let missed = |key: &str| format!("Query condition missed key schema element: {key}");
    let unsupported = "Query key condition not supported".to_owned();
    let strange = condition.equal.union(&condition.other).find(|name| !schema.has(name));
    if condition.equal.contains(partition) {
        if let Some(key) = twice(condition, schema) {
            return Some((format!("the key condition compares `{key}` more than once"), ONE_EACH.to_owned()));
        }
        let strange = strange?;
        let error = schema.sort.map_or(unsupported, |sort| missed(&sort.attribute.value));
        return Some((format!("the key condition names `{strange}`"), error));
    }
    if condition.other.contains(partition) {
        return Some((format!("the key condition doesn't demand `{partition}` to equal one value"), unsupported));
    }
    let names = strange.map(|name| format!("names `{name}` and ")).unwrap_or_default();
    Some((format!("the key condition {names}leaves out `{partition}`"), missed(partition)))
}
