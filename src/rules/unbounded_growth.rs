//! A table to which every event adds and from which nothing takes away.

use super::describe::{invoked, list};
use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::occurrence::Occurrence;
use crate::dynamodb::symbolic::Part;
use crate::facts::{AccessFacts, Facts, FunctionId, GrowingWrite, TableFacts};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule { name: "unbounded-growth", page: include_str!("../../rules/unbounded-growth.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        if table.seems_to_grow_only() && table.unseen_deletes.is_none() {
            let surest = table.growing_writes.iter().min_by_key(|write| write.by_name_alone);
            findings.extend(surest.map(|write| finding(facts, table, write)));
        }
    }
}

fn finding(facts: &Facts, table: &TableFacts, first: &GrowingWrite) -> Finding {
    let id = &table.table.resource.id;
    let scans = scans(facts, table);
    let functions: BTreeSet<FunctionId> =
        table.growing_writes.iter().flat_map(|write| write.functions.iter().copied()).collect();
    let who: Vec<String> = functions.into_iter().map(|function| invoked(facts, function)).collect();
    let (verb, what) = (
        if who.len() == 1 { "puts" } else { "put" },
        match first.by {
            Occurrence::Time => "a time",
            Occurrence::Id => "the id of something that happens",
        },
    );
    let writes = table.growing_writes.iter().map(|write| Related { span: write.span, message: key(write) });
    let scanned = scans.iter().map(|scan| Related {
        span: scan.access.span,
        message: format!("`{}` reads the whole table", scan.access.function),
    });
    Finding {
        rule: RULE.name,
        severity: if scans.is_empty() || first.by_name_alone { Severity::Medium } else { Severity::High },
        confidence: if first.by_name_alone { Confidence::Possible } else { Confidence::Likely },
        title: format!("{id} only grows: nothing deletes its items, and none expires"),
        message: format!(
            "{} {verb} items under keys that hold {what}, so that every event leaves another one behind. No code at hand takes \
             any away, and {id} has no time to live: what is stored, and paid for each month, grows without bound.{}",
            list(&who),
            readers(&scans)
        ),
        help: format!(
            "If old items may go, add {} to {id}, and write `ttl`, a Number with the time in seconds since 1970, where items are \
             put; expiry costs nothing. If they are to be kept, move old ones to S3.",
            setting(facts, table.table.span, "TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}")
        ),
        span: table.table.span,
        label: "neither a time to live nor a delete".to_owned(),
        related: writes.chain(scanned).collect(),
        anchor: id.clone(),
    }
}

fn key(write: &GrowingWrite) -> String {
    match write.value.parts() {
        _ if write.by_name_alone => format!("`{}`, by its name, is new with every event", write.attribute),
        [Part::Hole(_)] => format!("`{}` is new with every event", write.attribute),
        _ => format!("`{}` is `{}`, new with every event", write.attribute, write.value),
    }
}

/// Scans of the whole table that a Lambda makes when it is invoked.
fn scans<'f, 'a>(facts: &'f Facts<'a>, table: &TableFacts) -> Vec<&'f AccessFacts<'a>> {
    let whole = |access: &&AccessFacts| access.scans_table() && access.event_driven(facts).next().is_some();
    table.accesses.iter().map(|id| facts.access(*id)).filter(whole).collect()
}

fn readers(scans: &[&AccessFacts]) -> String {
    let names: BTreeSet<String> = scans.iter().map(|scan| format!("`{}`", scan.access.function)).collect();
    let names: Vec<String> = names.into_iter().collect();
    match names.len() {
        0 => String::new(),
        1 => format!(" {} reads all of it, and becomes slower and dearer from day to day.", names[0]),
        _ => format!(" {} read all of it, and become slower and dearer from day to day.", list(&names)),
    }
}
