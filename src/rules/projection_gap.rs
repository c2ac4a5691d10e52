//! A read through a global index, and attributes that the index doesn't hold: asked for, filtered by, or taken from the items.

use super::describe::{Reach, list, quoted};
use super::judge::{Claim, each_call, finding};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::expression::paths;
use crate::facts::{AccessFacts, Facts, RequestFacts, TableFacts};
use crate::flow::{Clause, Conditions, ItemRead, Request};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule { name: "projection-gap", page: include_str!("../../rules/projection-gap.md"), check };

const INVALID: &str = "ValidationException: One or more parameter values were invalid:";

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    each_call(RULE.name, Severity::High, facts, findings, asked);
    for access in &facts.accesses {
        let fails_before = access.requests.iter().any(|given| asked(facts, access, given).is_some());
        if let Some((claim, certain)) = read(facts, access).filter(|_| !fails_before) {
            let found = finding(RULE.name, Severity::High, facts, access, (claim, &Reach::of(facts, access)));
            let confidence = if certain { found.confidence } else { found.confidence.min(Confidence::Likely) };
            findings.push(Finding { confidence, ..found });
        }
    }
}

/// An index that holds only some attributes.
struct Partial<'f> {
    table: &'f TableFacts<'f>,
    name: &'f str,
    held: BTreeSet<&'f str>,
}

impl<'f> Partial<'f> {
    fn new(table: &'f TableFacts<'f>, name: &'f str) -> Option<Self> {
        Some(Self { table, name, held: table.projected(name)? })
    }

    /// Which of these it lacks, each once.
    fn lacking<'a>(&self, attributes: impl Iterator<Item = &'a str>) -> Vec<String> {
        let top = attributes.map(|path| path.split(['.', '[']).next().unwrap_or_default());
        let lacking: BTreeSet<&str> = top.filter(|attribute| !self.held.contains(attribute)).collect();
        lacking.into_iter().map(str::to_owned).collect()
    }

    /// `function` does this with these attributes, and `why` that goes wrong.
    fn claim(&self, function: &str, verb: &str, attributes: &[String], why: &str) -> Option<Claim> {
        let Self { table, name, .. } = self;
        let id = &table.table.resource.id;
        let index = table.indexes.iter().find(|index| index.index.name.value == *name)?;
        let projection = index.index.projection.as_deref().unwrap_or("KEYS_ONLY");
        let names = if attributes.is_empty() { "more".to_owned() } else { list(&quoted(attributes)) };
        let what = if attributes.is_empty() { "whole items".to_owned() } else { names.clone() };
        Some(Claim {
            title: format!("`{function}` {verb} {what}, which {name} of {id} doesn't hold"),
            message: format!("{name} projects {projection}, without {what}. {why}"),
            help: format!(
                "Make an index under another name that projects {names} too (a projection can't be changed), or read the items \
                 from {id} by their keys."
            ),
            label: format!("{name} has no {what}"),
            span: None,
            related: vec![Related { span: index.index.name.span, message: format!("{name} projects {projection}") }],
        })
    }
}

/// What the call itself asks for, or filters by.
fn asked(facts: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let name = given.index.as_ref()?.as_deref()?;
    let index = Partial::new(facts.table(given.table?), name)?;
    let function = &access.access.function;
    if given.request.select.as_deref() == Some("ALL_ATTRIBUTES") {
        let why = format!(
            "The call fails with \"{INVALID} Select type ALL_ATTRIBUTES is not supported for global secondary index {name} because \
             its projection type is not ALL\"."
        );
        return index.claim(function, "asks for", &[], &why);
    }
    let asked = index.lacking(projection(given.request).iter().map(String::as_str));
    if !asked.is_empty() {
        let error = format!("{INVALID} Global secondary index {name} does not project [{}]", asked.join(", "));
        return index.claim(function, "asks for", &asked, &format!("The call fails with \"{error}\"."));
    }
    let filtered = index.lacking(filter(given.request).iter().map(String::as_str));
    let why = "The filter sees the index's copy of an item, where the attribute is never there.";
    if filtered.is_empty() { None } else { index.claim(function, "filters by", &filtered, why) }
}

/// What the program takes from the items, and whether it fails without it.
fn read(facts: &Facts, access: &AccessFacts) -> Option<(Claim, bool)> {
    let name = access.index.known()?.as_deref()?;
    let index = Partial::new(facts.table(*access.table.known()?), name)?;
    let reads: BTreeSet<&ItemRead> = access.access.observations.iter().flat_map(|o| &o.item_reads).collect();
    let lacking: Vec<&ItemRead> =
        reads.into_iter().filter(|read| !index.held.contains(read.attribute.as_str())).collect();
    // What is asked for somewhere may be taken for granted only where it is there.
    let only_granted =
        |read: &&&ItemRead| lacking.iter().all(|other| other.attribute != read.attribute || other.for_granted);
    let certain: Vec<&ItemRead> = lacking.iter().filter(only_granted).copied().collect();
    let said = if certain.is_empty() { &lacking } else { &certain };
    let attributes = index.lacking(said.iter().map(|read| read.attribute.as_str()));
    let first = attributes.first()?;
    let why = if certain.is_empty() {
        "The items of this call never have it, and nothing fails: what asks for it gets None, or a default, for each of them."
            .to_owned()
    } else {
        format!("The items of this call never have it: the first one fails with \"KeyError: '{first}'\".")
    };
    let mut claim = index.claim(&access.access.function, "gives items without", &attributes, &why)?;
    let place = |read: &&ItemRead| Related { span: read.span, message: format!("`{}` is read here", read.attribute) };
    claim.related.splice(0..0, said.iter().map(place));
    Some((claim, !certain.is_empty()))
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
