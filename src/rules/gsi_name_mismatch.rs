//! An index whose name says something else than what is in it.

use super::describe::list;
use super::lookalike::asked_for;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::symbolic::Part;
use crate::dynamodb::words::words;
use crate::facts::{Facts, IndexFacts, IndexStatus, TableFacts};
use crate::template::model::IndexKind;
use std::collections::BTreeSet;

pub const RULE: Rule =
    Rule { name: "gsi-name-mismatch", page: include_str!("../../rules/gsi-name-mismatch.md"), check };

/// With fewer telling names beside it than this, a name that doesn't tell is no exception.
const SIBLINGS: usize = 2;

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        let judged: Vec<(&IndexFacts, bool)> = table
            .indexes
            .iter()
            .filter(|index| index.index.kind == IndexKind::Global)
            .filter_map(|index| Some((index, tells(facts, table, index)?)))
            .collect();
        let telling = judged.iter().filter(|(_, tells)| *tells).count();
        if telling >= SIBLINGS && judged.len() - telling == 1 {
            let odd = judged.iter().find(|(_, tells)| !tells);
            // An index that goes (`unused-gsi`) needs no better name.
            let kept = odd.filter(|(index, _)| index.status != IndexStatus::Unused);
            findings.extend(kept.map(|(index, _)| finding(facts, table, index)));
        }
    }
}

/// Whether the index's name shares a word with its keys, with what is written to them, or with who reads it. `None`
/// where the name has no word of its own, or nothing is known of the keys.
fn tells(facts: &Facts, table: &TableFacts, index: &IndexFacts) -> Option<bool> {
    let name = telling(&index.index.name.value);
    let patterns = index.key_writes.iter().flat_map(|site| site.value.parts()).flat_map(|part| match part {
        Part::Text(text) | Part::Hole(text) => words(text),
        Part::Resource(..) => Vec::new(),
    });
    let keys = index.index.keys.iter().flat_map(|key| telling(&key.attribute.value));
    let content: BTreeSet<String> = patterns.chain(keys).filter(|word| is_telling(word)).collect();
    if name.is_empty() || content.is_empty() {
        return None;
    }
    let asked = asked_for(facts, table, index).into_iter().map(|(access, _)| access);
    let readers = index.readers.iter().map(|id| facts.access(*id)).chain(asked);
    let readers: Vec<String> = readers.flat_map(|access| telling(&access.access.function)).collect();
    Some(name.iter().any(|word| content.iter().chain(&readers).any(|other| is_alike(word, other))))
}

fn telling(name: &str) -> Vec<String> {
    words(name).into_iter().filter(|word| is_telling(word)).collect()
}

/// Whether a word says anything of what an index holds.
fn is_telling(word: &str) -> bool {
    const EMPTY: [&str; 22] = [
        "index",
        "idx",
        "gsi",
        "lsi",
        "by",
        "pk",
        "sk",
        "key",
        "keys",
        "hash",
        "range",
        "global",
        "secondary",
        "local",
        "the",
        "and",
        "for",
        "of",
        "inverted",
        "reverse",
        "lookup",
        "sort",
    ];
    let numbered = |start: &str| {
        word.strip_prefix(start)
            .is_some_and(|rest| rest.trim_end_matches(['p', 's', 'k']).chars().all(|c| c.is_ascii_digit()))
    };
    word.len() > 2
        && !EMPTY.contains(&word)
        && !numbered("gsi")
        && !numbered("lsi")
        && !word.chars().all(|c| c.is_ascii_digit())
}

/// `lots` and `lot`, `correlation` and `corr`, `created` and `date`: words for the same thing.
fn is_alike(a: &str, b: &str) -> bool {
    const TIME: [&str; 14] = [
        "date",
        "time",
        "timestamp",
        "created",
        "updated",
        "day",
        "month",
        "year",
        "recent",
        "latest",
        "history",
        "timeline",
        "modified",
        "datetime",
    ];
    const PERSON: [&str; 8] = ["user", "customer", "owner", "member", "account", "person", "client", "email"];
    let both = |list: &[&str]| list.contains(&a) && list.contains(&b);
    a.contains(b) || b.contains(a) || a.starts_with(b.get(..4).unwrap_or(b)) || both(&TIME) || both(&PERSON)
}

fn finding(facts: &Facts, table: &TableFacts, index: &IndexFacts) -> Finding {
    let id = &table.table.resource.id;
    let name = &index.index.name.value;
    let patterns: BTreeSet<String> =
        index.key_writes.iter().map(|site| format!("`{} = {}`", site.attribute, site.value)).collect();
    let keys: Vec<String> = index.index.keys.iter().map(|key| format!("`{}`", key.attribute.value)).collect();
    let holds = if patterns.is_empty() { list(&keys) } else { list(&patterns.into_iter().collect::<Vec<_>>()) };
    let asked = asked_for(facts, table, index);
    let asks = asked.first().map(|(access, wrong)| {
        format!(" `{}` asks for {wrong}, which doesn't exist (`undefined-index`).", access.access.function)
    });
    let mut related: Vec<Related> = index
        .key_writes
        .iter()
        .map(|site| Related { span: site.span, message: format!("writes {} = {}", site.attribute, site.value) })
        .collect();
    related.extend(
        asked.iter().map(|(access, wrong)| Related { span: access.access.span, message: format!("asks for {wrong}") }),
    );
    Finding {
        rule: RULE.name,
        severity: Severity::Low,
        confidence: Confidence::Possible,
        title: format!("{name} of {id} isn't named after what it holds"),
        message: format!(
            "Its keys are {holds}; its name shares no word with them nor with a function that reads it, as those of the table's \
             other indexes do.{} Who looks for the right index by its name takes the wrong one.",
            asks.unwrap_or_default()
        ),
        help: format!(
            "An index can't be renamed: declare one under the right name, read that, then remove {name}. DynamoDB creates or \
             deletes one index of a table in each deployment."
        ),
        span: index.index.name.span,
        label: "the name says something else than the keys".to_owned(),
        related,
        anchor: format!("{id} {name}"),
    }
}
