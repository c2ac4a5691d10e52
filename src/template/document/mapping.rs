//! A mapping while it is read: its keys are unique, and of duplicates the last one wins.

use super::{Entry, NodeId};
use crate::source::Span;
use rustc_hash::FxHashMap;

/// From this many entries on, a mapping's keys are looked up in a hash map.
const INDEX_FROM: usize = 16;

/// A key that waits for its value.
pub(super) struct Key {
    pub text: Box<str>,
    pub span: Span,
    /// Whether it is `<<`.
    pub merge: bool,
}

/// A mapping that isn't closed yet.
#[derive(Default)]
pub(super) struct MappingFrame {
    pub entries: Entries,
    pub key: Option<Key>,
    /// The values of `<<`, in the order of the text.
    pub merged: Vec<NodeId>,
}

/// The entries of a mapping, found by their keys however many there are.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    all: Vec<Entry>,
    index: FxHashMap<Box<str>, usize>,
}

impl Entries {
    pub fn position(&self, key: &str) -> Option<usize> {
        if self.all.len() < INDEX_FROM {
            self.all.iter().position(|entry| &*entry.key == key)
        } else {
            self.index.get(key).copied()
        }
    }

    /// Adds an entry whose key isn't there.
    pub fn push(&mut self, entry: Entry) {
        self.all.push(entry);
        let filled = self.all.len();
        if filled == INDEX_FROM {
            self.index = self.all.iter().enumerate().map(|(i, entry)| (entry.key.clone(), i)).collect();
        } else if filled > INDEX_FROM {
            let key = self.all[filled - 1].key.clone();
            self.index.insert(key, filled - 1);
        }
    }

    /// Adds an entry. If its key is there, the new one takes the old one's position, and the old one is given back.
    pub fn insert(&mut self, entry: Entry) -> Option<Entry> {
        if let Some(at) = self.position(&entry.key) {
            return Some(std::mem::replace(&mut self.all[at], entry));
        }
        self.push(entry);
        None
    }

    /// The value at a position.
    pub fn value(&self, at: usize) -> NodeId {
        self.all[at].value
    }

    /// Replaces the value at a position.
    pub fn set_value(&mut self, at: usize, value: NodeId) {
        self.all[at].value = value;
    }

    /// The entries in their order.
    pub fn finish(self) -> Vec<Entry> {
        self.all
    }
}

impl Extend<Entry> for Entries {
    /// Adds entries; a key that is there already is overruled, as in any mapping.
    fn extend<I: IntoIterator<Item = Entry>>(&mut self, entries: I) {
        entries.into_iter().for_each(|entry| {
            self.insert(entry);
        });
    }
}

impl FromIterator<Entry> for Entries {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        let mut all = Self::default();
        all.extend(entries);
        all
    }
}
