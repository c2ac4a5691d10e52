//! An expiry that DynamoDB can't read: milliseconds, text, a duration.

use super::describe::Reach;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{AttributeSite, Facts, TableFacts};
use crate::flow::TimeForm;
use crate::source::Spanned;
use crate::template::model::Setting;

pub const RULE: Rule =
    Rule { name: "ttl-not-epoch-seconds", page: include_str!("../../rules/ttl-not-epoch-seconds.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        let Setting::Is(attribute) = &table.table.ttl else { continue };
        let same = |other: &Setting<String>| matches!(other, Setting::Is(ttl) if ttl.value == attribute.value);
        if !table.declarations().all(|one| same(&one.ttl)) {
            continue;
        }
        for site in table.ttl_writes.iter().filter(|site| site.attribute == attribute.value) {
            findings.extend(site.form.map(|form| finding(facts, table, attribute, site, form)));
        }
    }
}

fn finding(
    facts: &Facts,
    table: &TableFacts,
    attribute: &Spanned<String>,
    site: &AttributeSite,
    form: TimeForm,
) -> Finding {
    let id = &table.table.resource.id;
    let name = &attribute.value;
    let access = facts.access(site.access);
    let reach = Reach::of_writers(facts, access, &site.users);
    let (what, effect, edit) = match form {
        TimeForm::Milliseconds => (
            "milliseconds",
            "Read as seconds, that is some fifty thousand years from now: the items stay for ever.",
            "Leave out the factor 1000: `int(time.time()) + lifetime`.",
        ),
        TimeForm::Nanoseconds => (
            "nanoseconds",
            "Read as seconds, that is beyond any calendar: the items stay for ever.",
            "Write whole seconds: `int(time.time()) + lifetime`.",
        ),
        TimeForm::Text => (
            "a string",
            "DynamoDB passes over an item whose time isn't a Number: the items stay for ever, without an error.",
            "Write a Number of whole seconds: `int(moment.timestamp())`.",
        ),
        TimeForm::Duration => (
            "a duration",
            "Read as seconds since 1970, that is decades ago, and DynamoDB passes over what should have expired more than five \
             years ago: the items stay for ever.",
            "Add the present: `int(time.time()) + lifetime`.",
        ),
    };
    Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::High, facts),
        confidence: reach.confidence().min(Confidence::Likely),
        title: format!("`{}` writes {what} to `{name}`, by which {id} expires items", access.access.function),
        message: format!(
            "{id} expires items at the second that `{name}` counts from 1970. {effect} {}",
            reach.sentence()
        ),
        help: format!("{edit} Items that are there already need theirs corrected once."),
        span: site.span,
        label: format!("`{name}` is {what} here"),
        related: vec![Related { span: attribute.span, message: format!("{id} expires items by `{name}`") }],
        anchor: format!("{id} {name} {what} {}", access.access.function),
    }
}
