//! Index names that code asks for and no table has, and the index that each most likely means.

use crate::dynamodb::words::words;
use crate::facts::{AccessFacts, Facts, IndexFacts, Resolution, TableFacts};

/// The indexes that an access names.
pub(super) fn index_names<'f>(access: &'f AccessFacts) -> Vec<&'f str> {
    match &access.index {
        Resolution::Known(Some(name)) => vec![name],
        Resolution::Several(names) => names.iter().flatten().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn has_index(table: &TableFacts, name: &str) -> bool {
    table.indexes.iter().any(|index| index.index.name.value == name)
}

/// The accesses that name an index which `table` doesn't have, and that most likely mean `index`; with the name.
pub(super) fn asked_for<'f, 'a>(
    facts: &'f Facts<'a>,
    table: &TableFacts<'a>,
    index: &IndexFacts,
) -> Vec<(&'f AccessFacts<'a>, &'f str)> {
    let on_table = |access: &&AccessFacts<'a>| match access.table {
        Resolution::Known(id) => facts.table(id).table.resource == table.table.resource,
        _ => false,
    };
    let accesses = facts.accesses.iter().filter(on_table);
    let named = accesses.flat_map(|access| index_names(access).into_iter().map(move |name| (access, name)));
    let means = |name: &str| nearest(table, name).is_some_and(|near| near.index.name == index.index.name);
    named.filter(|(_, name)| !has_index(table, name) && means(name)).collect()
}

/// The index with the most words in common, the longest common beginning deciding between equals.
pub(super) fn nearest<'f, 'a>(table: &'f TableFacts<'a>, name: &str) -> Option<&'f IndexFacts<'a>> {
    let wanted = words(name);
    let likeness = |other: &str| {
        let shared = words(other).iter().filter(|word| word.as_str() != "index" && wanted.contains(word)).count();
        let beginning = name.chars().zip(other.chars()).take_while(|(a, b)| a == b).count();
        (shared, beginning)
    };
    let best = table.indexes.iter().rev().max_by_key(|index| likeness(&index.index.name.value))?;
    let (shared, beginning) = likeness(&best.index.name.value);
    (shared > 0 || beginning >= 3).then_some(best)
}
