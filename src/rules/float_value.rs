//! A float where DynamoDB wants a `Decimal`.

use super::Severity;
use super::describe::table_name;
use super::judge::{Claim, each_call};
use super::registry::Rule;
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::flow::ValueType;

pub const RULE: Rule = Rule {
    name: "float-value",
    page: include_str!("../../rules/float-value.md"),
    check: |facts, findings| each_call(RULE.name, Severity::High, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let request = given.request;
    let mappings = [&request.key, &request.item, &request.values].into_iter().flatten();
    let is_float = |types: &std::collections::BTreeSet<ValueType>| types.iter().eq([&ValueType::Float]);
    let entry = mappings.flat_map(|mapping| &mapping.entries).find(|entry| is_float(&entry.types))?;
    let name = &entry.name;
    let own = given.table.map(|id| facts.table(id).table.resource.id.clone());
    let table = own.unwrap_or_else(|| table_name(facts, access));
    Some(Claim {
        title: format!("`{}` gives {table} a float in `{name}`", access.access.function),
        message: "boto3 doesn't send floats, for DynamoDB's numbers are decimal. The call fails with \"TypeError: Float types are \
                  not supported. Use Decimal types instead.\"."
            .to_owned(),
        help: format!("Give `Decimal(str(value))` for `{name}`, or `int(value)` where the fraction doesn't matter."),
        label: format!("`{name}` is a float"),
        span: entry.span,
        related: Vec::new(),
    })
}
