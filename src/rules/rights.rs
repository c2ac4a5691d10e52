//! Rights in words.

use super::describe::list;
use crate::facts::{Facts, TableId};
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Table, action, whether on its indexes.
pub(super) type Right<'f> = (TableId, &'f str, bool);

/// What each place of the policy gives too much.
pub(super) fn places(facts: &Facts, unused: &[(Right, Span)]) -> BTreeMap<Span, String> {
    let mut rights: BTreeMap<Span, Vec<(Right, Span)>> = BTreeMap::new();
    for (right, span) in unused {
        rights.entry(*span).or_default().push((*right, *span));
    }
    rights.into_iter().map(|(span, rights)| (span, label(facts, &rights))).collect()
}

/// More actions than this are counted.
const MANY_ACTIONS: usize = 3;

/// Short enough for the line below a place: the title tells the whole.
fn label(facts: &Facts, rights: &[(Right, Span)]) -> String {
    let actions: BTreeSet<&str> = rights.iter().map(|((_, action, _), _)| *action).collect();
    let tables: BTreeSet<TableId> = rights.iter().map(|((table, ..), _)| *table).collect();
    let actions: Vec<&str> = actions.into_iter().collect();
    match (actions.as_slice(), tables.len()) {
        (several, 1) if several.len() > MANY_ACTIONS => format!("nothing uses {} of its actions", several.len()),
        (_, 1) => format!("nothing uses {}", by_target(facts, rights)),
        ([action], tables) => format!("nothing uses {action} on {tables} of the tables"),
        (several, tables) => format!("nothing uses {} of its actions on {tables} of the tables", several.len()),
    }
}

/// `GetItem and Query on OrdersTable`.
pub(super) fn by_target(facts: &Facts, rights: &[(Right, Span)]) -> String {
    let mut targets: BTreeMap<(TableId, bool), Vec<&str>> = BTreeMap::new();
    for ((table, action, index), _) in rights {
        targets.entry((*table, *index)).or_default().push(action);
    }
    let parts: Vec<String> = targets
        .into_iter()
        .map(|((table, index), actions)| format!("{} on {}", list(&actions), target(facts, table, index)))
        .collect();
    parts.join("; ")
}

fn target(facts: &Facts, table: TableId, index: bool) -> String {
    let id = &facts.table(table).table.resource.id;
    if index { format!("the indexes of {id}") } else { id.clone() }
}
