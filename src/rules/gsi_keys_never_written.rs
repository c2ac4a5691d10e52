//! A global secondary index that is queried, and that no item can be in.

use super::describe::{Reach, count, list};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, IndexFacts, IndexStatus, TableFacts};
use crate::flow::Certainty;
use crate::template::model::IndexKind;

pub const RULE: Rule =
    Rule { name: "gsi-keys-never-written", page: include_str!("../../rules/gsi-keys-never-written.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in facts.tables.iter().filter(|table| table.unseen_writes.is_none() && !table.table.imported) {
        // Items that nothing at hand writes come from somewhere else, with whatever attributes.
        if table.item_writers.is_empty() {
            continue;
        }
        for index in &table.indexes {
            let missing = table.unwritten_keys(index);
            if index.index.kind == IndexKind::Global && index.status == IndexStatus::Used && !missing.is_empty() {
                findings.push(finding(facts, table, index, &missing));
            }
        }
    }
}

fn finding(facts: &Facts, table: &TableFacts, index: &IndexFacts, missing: &[&str]) -> Finding {
    let id = &table.table.resource.id;
    let name = &index.index.name.value;
    let readers: Vec<&AccessFacts> =
        index.readers.iter().map(|id| facts.access(*id)).filter(|a| a.certainty != Certainty::Latent).collect();
    let writers: Vec<&AccessFacts> = table.item_writers.iter().map(|id| facts.access(*id)).collect();
    let lowered = readers.iter().map(|access| Reach::of(facts, access).lower(Severity::High, facts)).max();
    let by_service = !index.service_readers.is_empty();
    let attributes: Vec<String> = missing.iter().map(|name| format!("`{name}`")).collect();
    let mut related: Vec<Related> = readers
        .iter()
        .map(|access| Related { span: access.access.span, message: format!("`{}` reads it", access.access.function) })
        .collect();
    related.extend(writers.iter().map(|access| Related {
        span: access.access.span,
        message: format!("writes items without {}", list(&attributes)),
    }));
    Finding {
        rule: RULE.name,
        severity: if by_service { Severity::High } else { lowered.unwrap_or(Severity::High) },
        confidence: Confidence::Likely,
        title: format!("{name} of {id} is read, and no code writes its key {}", list(&attributes)),
        message: format!(
            "An item is in an index only if it has all of the index's key attributes. {} to {id}, and none sets {}: the index \
             is empty, and whoever reads it finds nothing, without an error.",
            if writers.len() == 1 {
                "1 call writes items".to_owned()
            } else {
                format!("{} write items", count(writers.len(), "call"))
            },
            list(&attributes)
        ),
        help: format!(
            "Set {} where the items are written, and once on those that are there already; or read by another key and remove \
             {name}.",
            list(&attributes)
        ),
        span: index.index.name.span,
        label: "nothing ever gets into this index".to_owned(),
        related,
        anchor: format!("{id} {name}"),
    }
}
