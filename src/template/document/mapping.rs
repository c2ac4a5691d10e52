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
    pub entries: Vec<Entry>,
    pub key: Option<Key>,
    /// The values of `<<`, in the order of the text.
    pub merged: Vec<NodeId>,
    index: FxHashMap<Box<str>, usize>,
}

impl MappingFrame {
    pub fn position(&self, key: &str) -> Option<usize> {
        if self.entries.len() < INDEX_FROM {
            self.entries.iter().position(|entry| &*entry.key == key)
        } else {
            self.index.get(key).copied()
        }
    }

    /// Adds an entry whose key isn't there.
    pub fn push(&mut self, entry: Entry) {
        self.entries.push(entry);
        let filled = self.entries.len();
        if filled == INDEX_FROM {
            self.index = self.entries.iter().enumerate().map(|(i, entry)| (entry.key.clone(), i)).collect();
        } else if filled > INDEX_FROM {
            let key = self.entries[filled - 1].key.clone();
            self.index.insert(key, filled - 1);
        }
    }

    /// Adds an entry. If its key is there, the new one takes the old one's position, and the old one is given back.
    pub fn insert(&mut self, entry: Entry) -> Option<Entry> {
        if let Some(at) = self.position(&entry.key) {
            return Some(std::mem::replace(&mut self.entries[at], entry));
        }
        self.push(entry);
        None
    }
}
