//! Two global secondary indexes with the same keys.

use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::Facts;
use crate::facts::{IndexFacts, IndexStatus, TableFacts};
use crate::template::model::{Index, IndexKind};
use std::collections::BTreeSet;

pub const RULE: Rule = Rule { name: "redundant-gsi", page: include_str!("../../rules/redundant-gsi.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        // One that nothing reads is `unused-gsi`.
        let read = |index: &&IndexFacts| index.index.kind == IndexKind::Global && index.status != IndexStatus::Unused;
        let indexes: Vec<&Index> = table.indexes.iter().filter(read).map(|index| index.index).collect();
        for (at, second) in indexes.iter().enumerate() {
            if let Some(first) = indexes[..at].iter().find(|first| is_same(first, second)) {
                findings.push(finding(table, first, second));
            }
        }
    }
}

/// Same keys in the same roles, and the same attributes beside them.
fn is_same(a: &Index, b: &Index) -> bool {
    let keys = |index: &Index| -> Vec<String> { index.keys.iter().map(|key| key.attribute.value.clone()).collect() };
    let projected = |index: &Index| -> BTreeSet<String> { index.non_key_attributes.iter().cloned().collect() };
    let known = !a.keys.is_empty() && !a.keys_unsure && !b.keys_unsure && a.projection.is_some();
    known
        && a.name.value != b.name.value
        && keys(a) == keys(b)
        && a.projection == b.projection
        && projected(a) == projected(b)
}

fn finding(table: &TableFacts, first: &Index, second: &Index) -> Finding {
    let id = &table.table.resource.id;
    let (kept, other) = (&first.name.value, &second.name.value);
    Finding {
        rule: RULE.name,
        severity: Severity::Low,
        confidence: Confidence::Certain,
        title: format!("{other} of {id} holds the same as {kept}"),
        message: format!(
            "Both have the same keys and the same projection, so each answers what the other does. Every write of such an \
             item is paid once more for {other}, and the item is stored once more."
        ),
        help: format!("Read {kept} wherever {other} is read (`IndexName=\"{kept}\"`), then remove {other} from {id}."),
        span: second.name.span,
        label: format!("the same keys and projection as {kept}"),
        related: vec![Related { span: first.name.span, message: format!("{kept} is declared here") }],
        anchor: format!("{id} {other}"),
    }
}
