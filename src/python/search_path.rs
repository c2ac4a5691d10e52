//! Where an entry point's imports are looked up: the folders that it starts with, and what the program makes of them.
//!
//! Python asks the folders of `sys.path` in order, when a name is imported for the first time. What puts a folder there is
//! believed where it surely runs, in its turn. A folder that may be there, or a path of which anything may have become, makes
//! other modules possible: where these are several, none is believed.

use super::path_changes::{Change, Position, Step, When};
use super::project::{Codebase, ModuleId, Resolved};
use crate::source::normalize;
use rustc_hash::{FxHashMap, FxHashSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Folders in which an entry point's imports are looked up, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchPath {
    /// The folders (`CodeUri`, each layer's content and its `python/`).
    pub roots: Vec<PathBuf>,
    /// What the program does to them.
    pub changes: Arc<PathChanges>,
    /// Folders that a program whose path isn't known may have put on it: asked only when the roots know nothing, and
    /// believed only when no two of them answer differently.
    pub fallback: Vec<PathBuf>,
    /// Whether there are further places whose content isn't at hand: layers that are declared elsewhere or built.
    pub elsewhere: bool,
}

impl SearchPath {
    /// The folders, those that the program adds among them.
    pub fn folders(&self) -> impl Iterator<Item = &PathBuf> {
        self.roots.iter().chain(self.changes.entries.iter().map(|entry| &entry.folder))
    }
}

/// A moment, in changes of the path.
type Time = u32;

/// The changes that a program makes to its path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathChanges {
    /// Everything that was ever on the path. Empty if nothing changes it.
    entries: Vec<Entry>,
    by_folder: FxHashMap<PathBuf, Vec<usize>>,
    /// The folders that are deployed: others don't exist where the program runs, unless a build copies them.
    deployed: Vec<PathBuf>,
    /// Since when anything may be on the path, at any place.
    anything: Option<Time>,
    /// Since when anything may be at the end of the path, from this place on.
    open_end: Option<(Time, Place)>,
    /// The modules that were gone through for what they do to the path.
    followed: FxHashSet<ModuleId>,
    /// When each first part of a name is imported for the first time.
    asked: FxHashMap<Box<str>, Asked>,
    /// Whether what was imported may be looked up anew.
    forgets: bool,
    /// Whether anything was put before what it began with.
    has_first: bool,
    now: Time,
}

/// A place on the path: entries are in this order.
type Place = (Zone, i64);

/// The parts of the path, from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Zone {
    /// What may be anywhere.
    Anywhere,
    First,
    Code,
    AfterCode,
    Layers,
    Last,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    folder: PathBuf,
    place: Place,
    since: Time,
    is_sure: bool,
    is_deployed: bool,
}

/// The first import of a name happens in this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Asked {
    from: Time,
    to: Time,
}

/// A folder that holds a module or package of some name.
#[derive(Debug)]
pub(super) struct Home {
    pub folder: PathBuf,
    /// Whether that is the project's own, rather than installed.
    pub is_own: bool,
}

/// The folders of one part of the path that may answer to a name.
#[derive(Default)]
struct Askable {
    /// Asked in order.
    sure: Vec<PathBuf>,
    /// Asked perhaps, at a place that may come first.
    possible: Vec<PathBuf>,
    /// Whether one that is sure holds the name, so that nothing after it is asked.
    is_decided: bool,
    /// Whether it may also be anywhere else in what is deployed.
    may_be_anywhere: bool,
}

impl PathChanges {
    /// The path at the beginning.
    pub(super) fn starting_with(code: &[PathBuf], layers: &[PathBuf]) -> Self {
        let mut changes =
            Self { deployed: code.iter().chain(layers).map(|folder| normalize(folder)).collect(), ..Self::default() };
        for (zone, folders) in [(Zone::Code, code), (Zone::Layers, layers)] {
            for (at, folder) in (0..).zip(folders) {
                changes.enter(normalize(folder), (zone, at), true);
            }
        }
        changes
    }

    /// Whether nothing has changed.
    pub(super) fn are_none(&self) -> bool {
        self.now == 0
    }

    /// Whether folders that can't be told may be on the path.
    pub fn are_open(&self) -> bool {
        self.anything.is_some() || self.open_end.is_some()
    }

    /// The folders that were ever on the path and lie around a file.
    pub(super) fn folders_around(&self, path: &Path) -> impl Iterator<Item = &PathBuf> {
        path.ancestors().filter_map(|folder| self.by_folder.get_key_value(folder)).map(|(folder, _)| folder)
    }

    /// Notes that a module was gone through.
    pub(super) fn follow(&mut self, module: ModuleId) {
        self.followed.insert(module);
    }

    /// How often the path was changed.
    pub(super) fn count(&self) -> u32 {
        self.now
    }

    /// Puts a folder on the path; without one, a folder that isn't known.
    pub(super) fn add(&mut self, folder: Option<PathBuf>, at: Position, unless_there: bool, when: When) {
        let Some(folder) = folder else { return self.add_unknown(at) };
        let known: Vec<&Entry> =
            self.by_folder.get(&folder).into_iter().flatten().map(|at| &self.entries[*at]).collect();
        if unless_there && at == Position::Last && known.iter().any(|entry| entry.is_sure) {
            return;
        }
        let may_be_there = !known.is_empty() || self.are_open();
        self.now += 1;
        let turn = i64::from(self.now);
        let place = match at {
            Position::First if when < When::Later => (Zone::First, -turn),
            Position::Second if when < When::Later && !self.has_first => (Zone::AfterCode, -turn),
            Position::Last => (Zone::Last, turn),
            _ => (Zone::Anywhere, -turn),
        };
        self.has_first |= place.0 <= Zone::First;
        // Where the path holds it, it may be spelled otherwise.
        let is_sure = when == When::Now && place.0 != Zone::Anywhere && !(unless_there && may_be_there);
        self.enter(folder, place, is_sure);
    }

    fn add_unknown(&mut self, at: Position) {
        if at == Position::Last {
            self.now += 1;
            self.open_end.get_or_insert((self.now, (Zone::Last, i64::from(self.now))));
        } else {
            self.open();
        }
    }

    /// Anything may become of the path from now on.
    pub(super) fn open(&mut self) {
        self.now += 1;
        self.anything.get_or_insert(self.now);
    }

    /// What was imported may be looked up anew, at any time.
    pub(super) fn forget(&mut self) {
        self.forgets = true;
    }

    /// Notes that a name is imported, now at the earliest.
    pub(super) fn ask(&mut self, name: &str) {
        if !self.asked.contains_key(name) {
            self.asked.insert(name.into(), Asked { from: self.now, to: Time::MAX });
        }
    }

    /// Notes that a name was imported: what becomes of the path later doesn't matter to it any more.
    pub(super) fn settle(&mut self, name: &str) {
        if let Some(asked) = self.asked.get_mut(name) {
            asked.to = asked.to.min(self.now);
        }
    }

    fn asked(&self, name: &str) -> Asked {
        let asked = self.asked.get(name).copied().unwrap_or(Asked { from: 0, to: Time::MAX });
        if self.forgets { Asked { to: Time::MAX, ..asked } } else { asked }
    }

    fn enter(&mut self, folder: PathBuf, place: Place, is_sure: bool) {
        self.by_folder.entry(folder.clone()).or_default().push(self.entries.len());
        let is_deployed = self.is_deployed(&folder);
        self.entries.push(Entry { folder, place, since: self.now, is_sure, is_deployed });
    }

    fn is_deployed(&self, folder: &Path) -> bool {
        let leads_out = || folder.components().next() == Some(Component::ParentDir);
        self.deployed.iter().any(|root| {
            if root.as_os_str().is_empty() { folder.is_relative() && !leads_out() } else { folder.starts_with(root) }
        })
    }
}

impl Codebase {
    /// Whether a module that a program loads does something to the path of which the program's path doesn't know.
    pub fn changes_unseen(&self, search: &SearchPath, module: ModuleId) -> bool {
        let is_change = |step: &Step| !matches!(step.what, Change::Import { .. } | Change::Forgetting);
        self.changes_path
            && self.package_of(module).is_none()
            && !search.changes.followed.contains(&module)
            && self.steps(module).iter().any(is_change)
    }

    /// Looks a name up in the folders that are on the path when it is imported.
    pub(super) fn on_path(&self, search: &SearchPath, dotted: &str) -> Resolved {
        if search.changes.are_none() {
            return self.resolve_below(&search.roots, dotted);
        }
        match self.answers(search, dotted) {
            None => self.resolve_below(&search.roots, dotted),
            Some(answers) => match answers.as_slice() {
                [] => Resolved::External,
                [one] => one.clone(),
                _ => Resolved::Unclear,
            },
        }
    }

    /// What may answer to a name; `None` if nothing on the path knows its first part.
    pub(super) fn answers(&self, search: &SearchPath, dotted: &str) -> Option<Vec<Resolved>> {
        let changes = &search.changes;
        let first = dotted.split('.').next().unwrap_or(dotted);
        let homes = self.homes(first);
        let known = homes.iter().filter_map(|home| changes.by_folder.get(&home.folder)).flatten();
        let mut entries: Vec<&Entry> = known.map(|at| &changes.entries[*at]).collect();
        entries.sort_by_key(|entry| entry.place);
        for is_deployed in [true, false] {
            let entries = entries.iter().copied().filter(|entry| entry.is_deployed == is_deployed);
            let askable = self.askable(changes, entries, first);
            let told = askable.possible.iter().map(std::slice::from_ref);
            let mut answers = self.all_answers(std::iter::once(askable.sure.as_slice()).chain(told), dotted);
            if !answers.is_empty() && askable.may_be_anywhere {
                let homes = homes.iter().filter(|home| home.is_own && changes.is_deployed(&home.folder));
                let more = self.all_answers(homes.map(|home| std::slice::from_ref(&home.folder)), dotted);
                answers.extend(more.into_iter().filter(|answer| !answers.contains(answer)).collect::<Vec<_>>());
            }
            if askable.is_decided || !answers.is_empty() {
                return Some(answers);
            }
        }
        None
    }

    /// What different folders answer.
    fn all_answers<'f>(&self, folders: impl Iterator<Item = &'f [PathBuf]>, dotted: &str) -> Vec<Resolved> {
        let mut answers = Vec::new();
        for answer in folders.map(|folders| self.resolve_below(folders, dotted)) {
            if answer != Resolved::External && !answers.contains(&answer) {
                answers.push(answer);
            }
        }
        answers
    }

    /// Goes along a part of the path until a folder surely holds the name.
    fn askable<'e>(&self, changes: &PathChanges, entries: impl Iterator<Item = &'e Entry>, name: &str) -> Askable {
        let Asked { from, to } = changes.asked(name);
        let is_open = changes.anything.is_some_and(|since| since <= to);
        let mut askable = Askable { may_be_anywhere: is_open, ..Askable::default() };
        for entry in entries.filter(|entry| entry.since <= to) {
            let is_after = |(since, place): (Time, Place)| since <= to && place <= entry.place;
            askable.may_be_anywhere |= changes.open_end.is_some_and(is_after);
            if is_open || !entry.is_sure || entry.since > from {
                askable.possible.push(entry.folder.clone());
                continue;
            }
            askable.sure.push(entry.folder.clone());
            if self.find(&entry.folder, name, &mut Vec::new()).is_some() {
                askable.is_decided = true;
                break;
            }
        }
        askable.may_be_anywhere |= !askable.is_decided && changes.open_end.is_some_and(|(since, _)| since <= to);
        askable
    }
}
