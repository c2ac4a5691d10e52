//! A Query or Scan whose first page is used as if it were all.

use super::describe::{table_name, through_index};
use super::one_page::{Claim, consequence, each_shortfall};
use super::registry::Rule;
use crate::facts::{AccessFacts, Facts, Shortfall};
use crate::flow::{PageFlow, Presence};

pub const RULE: Rule = Rule {
    name: "missing-pagination",
    page: include_str!("../../rules/missing-pagination.md"),
    check: |facts, findings| each_shortfall(RULE.name, Shortfall::FirstPage, facts, findings, claim),
};

fn claim(facts: &Facts, access: &AccessFacts, pages: &PageFlow) -> Claim {
    let what = if pages.of_some.is_some() {
        "for some of its callers".to_owned()
    } else {
        format!("of {}{}", table_name(facts, access), through_index(access))
    };
    Claim {
        title: format!("`{}` reads only one page {what}", access.access.function),
        message: format!(
            "A {} returns at most 1 MB a call{}. Here {}. {}",
            access.access.operation,
            if pages.filter == Presence::Never { "" } else { ", counted before the filter" },
            access.pagination.as_ref().map_or("", |verdict| &verdict.reason),
            consequence(pages)
        ),
        label: "only one page is read",
    }
}
