//! A read through a global index that asks for attributes which the index doesn't hold.

use super::describe::{list, quoted, table_name};
use super::judge::{Claim, each_call};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::expression::paths;
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::flow::{Clause, Conditions, Request};

pub const RULE: Rule = Rule {
    name: "projection-gap",
    page: include_str!("../../rules/projection-gap.md"),
    check: |facts, findings| each_call(RULE.name, Severity::High, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let table = facts.table(given.table?);
    let name = given.index.clone().flatten()?;
    let held = table.projected(&name)?;
    let lacking = |asked: Vec<String>| -> Vec<String> {
        let top = asked.iter().map(|path| path.split(['.', '[']).next().unwrap_or_default().to_owned());
        let mut lacking: Vec<String> = top.filter(|attribute| !held.contains(attribute.as_str())).collect();
        lacking.sort();
        lacking.dedup();
        lacking
    };
    let (asked, filtered) = (lacking(projection(given.request)), lacking(filter(given.request)));
    let id = table_name(facts, access);
    let index = table.indexes.iter().find(|index| index.index.name.value == name)?;
    let projection = index.index.projection.as_deref().unwrap_or("KEYS_ONLY");
    let (attributes, verb, why) = if !asked.is_empty() {
        let error = format!(
            "The call fails with \"ValidationException: One or more parameter values were invalid: Global secondary index {name} does \
             not project [{}]\".",
            asked.join(", ")
        );
        (asked, "asks for", error)
    } else if !filtered.is_empty() {
        (
            filtered,
            "filters by",
            "The filter sees the index's copy of an item, where the attribute is never there.".to_owned(),
        )
    } else {
        return None;
    };
    let names = list(&quoted(&attributes));
    Some(Claim {
        title: format!("`{}` {verb} {names}, which {name} of {id} doesn't hold", access.access.function),
        message: format!("{name} projects {projection}, without {names}. {why}"),
        help: format!(
            "Make an index under another name that projects {names} too (a projection can't be changed), or read the items from {id} \
             by their keys."
        ),
        label: format!("{name} has no {names}"),
        span: None,
        related: vec![Related { span: index.index.name.span, message: format!("{name} projects {projection}") }],
    })
}

/// Attributes that a projection expression names.
fn projection(request: &Request) -> Vec<String> {
    let names = |name: &str| request.name_behind(name);
    let asked = request.expressions.iter().filter(|e| e.clause == Clause::Projection && !e.unknown);
    asked.flat_map(|e| &e.texts).flat_map(|text| paths(&text.to_string(), &names)).collect()
}

/// Attributes that the filter compares, if it is known.
fn filter(request: &Request) -> Vec<String> {
    let Some(Conditions::Known(conditions)) = &request.filter else { return Vec::new() };
    conditions.iter().flat_map(|condition| condition.equal.iter().chain(&condition.other)).cloned().collect()
}
