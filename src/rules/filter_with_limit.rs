//! A `Limit` that is meant for what a filter lets through, and isn't.

use super::describe::{table_name, through_index};
use super::one_page::{Claim, each_shortfall};
use super::registry::Rule;
use crate::facts::{AccessFacts, Facts, Shortfall};
use crate::flow::{ItemUse, PageFlow};

pub const RULE: Rule = Rule {
    name: "filter-with-limit",
    page: include_str!("../../rules/filter-with-limit.md"),
    check: |facts, findings| each_shortfall(RULE.name, Shortfall::LimitBeforeFilter, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, pages: &PageFlow) -> Claim {
    let index = through_index(access);
    let follows = match pages.items {
        ItemUse::First | ItemUse::Existence => "An item that is there is taken for missing",
        _ => "The result is short or empty though there is more that matches",
    };
    let title = format!("`{}` limits {}{index} before it filters", access.access.function, table_name(facts, access));
    Claim {
        title,
        message: format!(
            "`Limit` is the number of items that DynamoDB looks at; the filter then keeps some of those, perhaps none. \
             LastEvaluatedKey tells that there are others to look at, and no further call is made with it. {follows}, without \
             an error."
        ),
        label: "`Limit` counts items before the filter",
    }
}
