//! A Query or Scan that counts, and counts one page.

use super::describe::{table_name, through_index};
use super::one_page::{Claim, each_shortfall};
use super::registry::Rule;
use crate::facts::{AccessFacts, Facts, Shortfall};
use crate::flow::{PageFlow, Presence};

pub const RULE: Rule = Rule {
    name: "count-first-page",
    page: include_str!("../../rules/count-first-page.md"),
    check: |facts, findings| each_shortfall(RULE.name, Shortfall::Count, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, pages: &PageFlow) -> Claim {
    let index = through_index(access);
    let filtered = if pages.filter == Presence::Never { "" } else { ", whether or not the filter keeps them" };
    Claim {
        title: format!("`{}` counts only one page of {}{index}", access.access.function, table_name(facts, access)),
        message: format!(
            "With `Select=\"COUNT\"` a {} still stops after 1 MB of items{filtered}: `Count` is the count of one page, and \
             LastEvaluatedKey tells of the others. Once the items outgrow a page, the number is too low, without an error.",
            access.access.operation
        ),
        label: "only one page is counted",
    }
}
