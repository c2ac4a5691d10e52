//! Items that are read, changed and put back as a whole.

use super::join::{Join, Sighting};
use super::{AccessId, User};
use crate::dynamodb::operation::Operation;
use crate::flow::Certainty;
use std::collections::{BTreeMap, BTreeSet};

/// A put of an item that was read before: what others have written meanwhile is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholePut {
    /// The call that read the item.
    pub read: AccessId,
    /// Attributes that the item was given since, as far as they are known.
    pub changed: BTreeSet<String>,
    /// Whether these are all: with others, it may be put under another key.
    pub all_known: bool,
    /// Who surely does so.
    pub users: BTreeSet<User>,
}

/// The items that a call puts back, in order of the calls that read them.
pub(super) fn whole_puts(join: &Join, sightings: &[&Sighting]) -> Vec<WholePut> {
    let mut out: BTreeMap<AccessId, WholePut> = BTreeMap::new();
    for sighting in sightings.iter().filter(|s| s.observation.certainty != Certainty::Possible) {
        for back in &sighting.observation.puts_back {
            let place = (back.read, Operation::GetItem);
            let Ok(at) = join.accesses.binary_search_by_key(&place, |access| (access.span, access.operation)) else {
                continue;
            };
            let read = AccessId(at);
            let fresh = || WholePut { read, changed: BTreeSet::new(), all_known: true, users: BTreeSet::new() };
            let put = out.entry(read).or_insert_with(fresh);
            put.changed.extend(back.changed.iter().cloned());
            put.all_known &= back.all_known;
            put.users.extend(sighting.who.user());
        }
    }
    out.into_values().collect()
}
