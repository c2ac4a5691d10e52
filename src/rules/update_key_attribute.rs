//! An update of an attribute that is part of the primary key.

use super::judge::{Claim, each_call};
use super::registry::Rule;
use super::{Related, Severity};
use crate::dynamodb::expression::parse_update;
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::flow::Clause;

pub const RULE: Rule = Rule {
    name: "update-key-attribute",
    page: include_str!("../../rules/update-key-attribute.md"),
    check: |facts, findings| each_call(RULE.name, Severity::Critical, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (table, schema) = facts.schema_of(given)?;
    let update = given.request.expressions.iter().find(|expression| expression.clause == Clause::Update)?;
    let names = |name: &str| given.request.name_behind(name);
    let touched = update.texts.iter().flat_map(|text| parse_update(&text.to_string(), &names));
    let attribute = touched.map(|assignment| assignment.attribute).find(|attribute| schema.has(attribute))?;
    let key = schema.elements().find(|key| key.attribute.value == attribute)?;
    let id = &table.table.resource.id;
    Some(Claim {
        title: format!("`{}` updates `{attribute}`, which is part of the primary key of {id}", access.access.function),
        message: format!(
            "An item's key can't change. The call fails with \"ValidationException: One or more parameter values were \
             invalid: Cannot update attribute {attribute}. This attribute is part of the key\"."
        ),
        help: format!(
            "Take `{attribute}` out of the UpdateExpression. To give an item another key, put it anew and delete the old one, \
             in one transaction."
        ),
        label: format!("`{attribute}` is a key attribute"),
        span: update.span,
        related: vec![Related { span: key.attribute.span, message: format!("`{attribute}` is a key of {id}") }],
    })
}
