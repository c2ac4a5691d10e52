//! Partly known JSON: what templates say of an event.

use super::symbolic::Symbolic;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// A JSON value, as far as it is known. `CloudFormation` makes strings of numbers and booleans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Json {
    /// Nothing is known of it.
    Unknown,
    /// A string: every value that it may have, at least one.
    Text(Vec<Symbolic>),
    /// A list.
    List(Vec<Json>),
    /// An object: every member that it may have.
    Map(BTreeMap<String, Json>),
}

impl Json {
    /// Either this or another.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Text(mut values), Self::Text(more)) => {
                for value in more {
                    if !values.contains(&value) {
                        values.push(value);
                    }
                }
                Self::Text(values)
            }
            (Self::List(mut items), Self::List(more)) => {
                items.extend(more);
                Self::List(items)
            }
            (Self::Map(mut members), Self::Map(more)) => {
                for (name, value) in more {
                    match members.entry(name) {
                        Entry::Vacant(entry) => drop(entry.insert(value)),
                        Entry::Occupied(mut entry) => {
                            let known = std::mem::replace(entry.get_mut(), Self::Unknown);
                            entry.insert(known.or(value));
                        }
                    }
                }
                Self::Map(members)
            }
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(values: &[&str]) -> Json {
        Json::Text(values.iter().map(|value| Symbolic::text(*value)).collect())
    }

    fn map(members: &[(&str, Json)]) -> Json {
        Json::Map(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    #[test]
    fn one_or_the_other() {
        let one = map(&[("a", text(&["x"])), ("b", text(&["y"])), ("c", Json::List(vec![text(&["z"])]))]);
        let other = map(&[("a", text(&["x", "w"])), ("c", Json::Unknown), ("d", text(&["v"]))]);
        let both = map(&[("a", text(&["x", "w"])), ("b", text(&["y"])), ("c", Json::Unknown), ("d", text(&["v"]))]);
        assert_eq!(one.or(other), both);
    }
}
