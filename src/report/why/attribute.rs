//! A place that sets an attribute that matters to a table: a key of an index, or what items expire by.

use super::template::{set_to, with_callers};
use super::{Answer, Chapter, Place, table as table_name};
use crate::facts::{AccessId, AttributeSite, IndexStatus, TableId};
use crate::report::Report;
use crate::source::Span;
use crate::template::model::Setting;
use std::collections::BTreeSet;

/// `sites`: those of the attribute in the line.
pub(super) fn answer(report: &Report, id: TableId, attribute: &str, line: Span) -> Answer {
    let table = report.facts.table(id);
    let sites: Vec<&AttributeSite> = report.facts.attributes_in(id, attribute, line);
    let values: BTreeSet<(Span, String)> = sites.iter().map(|site| (site.span, set_to(&site.value))).collect();
    let values = values.into_iter().map(|(span, what)| Place { span, message: format!("sets {attribute} {what}") });
    let calls: BTreeSet<AccessId> = sites.iter().map(|site| site.access).collect();
    let mut chapters = vec![
        Chapter::new("It is set here", values.collect()),
        Chapter::new("It is written by", calls.into_iter().map(|id| with_callers(report, id)).collect()),
    ];
    for index in &table.indexes {
        if index.index.keys.iter().any(|key| key.attribute.value == attribute) {
            let name = &index.index.name;
            let read = match index.status {
                IndexStatus::Used => "which is read",
                IndexStatus::Unused => "which nothing reads",
                IndexStatus::Unknown => "of which it can't be told whether anything reads it",
            };
            let title = format!("It is a key of {}, {read}", name.value);
            chapters.push(Chapter::new(title, vec![Place::new(name.span, "declares the index")]));
        }
    }
    if table.ttl_writes.iter().any(|site| site.attribute == attribute) {
        chapters.push(match &table.table.ttl {
            Setting::Is(ttl) if ttl.value == attribute => {
                let places = vec![Place::new(ttl.span, "is the table's time to live")];
                let lifetime = sites.iter().find_map(|site| site.lifetime);
                let reason = lifetime.map_or_else(String::new, |lifetime| format!("{lifetime} after each write."));
                Chapter { title: "Items expire by it".to_owned(), reason, places, ..Chapter::default() }
            }
            Setting::Is(ttl) => Chapter::new(
                format!("No item expires by it: the table's time to live looks at {}", ttl.value),
                vec![Place::new(ttl.span, "is the table's time to live")],
            ),
            Setting::Unset => Chapter::because("No item expires by it", "The table's time to live is off."),
            Setting::Varies(_) | Setting::Unknown(_) => {
                Chapter::because("It can't be told whether items expire by it", "The table's time to live isn't known.")
            }
        });
    }
    let span = sites.first().map_or(table.table.span, |site| site.span);
    Answer { title: format!("Code that sets {attribute} of an item of {}", table_name(report, id)), span, chapters }
}
