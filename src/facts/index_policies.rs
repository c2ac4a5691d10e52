//! Policies that speak of one index by its name.

use super::{Facts, IndexFacts, TableFacts};
use crate::dynamodb::symbolic::Part;
use crate::source::Span;
use std::collections::BTreeSet;

/// Where policies grant rights on an index and on no other: what is void when the index is gone.
pub fn index_policies(facts: &Facts, table: &TableFacts, index: &IndexFacts) -> Vec<Span> {
    let named = format!("/index/{}", index.index.name.value);
    let ends = |text: &str| text.ends_with(&named) || (table.indexes.len() == 1 && text.ends_with("/index/*"));
    let mut places = BTreeSet::new();
    let roles = facts.stacks.iter().flat_map(|stack| &stack.roles);
    let written = roles.flat_map(|role| &role.statements).filter(|statement| statement.layout.is_some());
    for resource in written.flat_map(|statement| &statement.resources) {
        let of_table = resource.value.resources().any(|id| *id == table.table.resource);
        if of_table && matches!(resource.value.parts().last(), Some(Part::Text(text)) if ends(text)) {
            places.insert(resource.span);
        }
    }
    places.into_iter().collect()
}
