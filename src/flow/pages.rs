//! What becomes of responses: whose LastEvaluatedKey starts which call, who looks at the items and how.

use super::heap::{CallSite, InstanceId};
use super::item::ItemUses;
use super::value::{Atom, Mark, ResponseId, Val, Values};
use rustc_hash::FxHashMap;
use std::collections::{BTreeMap, BTreeSet};

/// How a response was used; every flag only ever goes up.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent observations, not a state")]
pub(super) struct Uses {
    pub existence: bool,
    pub first: bool,
    /// So many of the items as a limit says are taken from the front.
    pub top: bool,
    pub all: bool,
    /// Items are returned to a caller that may use them.
    pub returned: bool,
    /// LastEvaluatedKey or the whole response leaves the program; or the call starts where its invoker says, who then is
    /// the one who goes on.
    pub cursor: bool,
    /// LastEvaluatedKey is returned to the caller, who may go on with it.
    pub handed_on: bool,
    /// Code that is called from there, or calls it, reads the LastEvaluatedKey that it was handed.
    pub key_taken: bool,
    /// A paginator's pages are iterated.
    pub pages_consumed: bool,
    /// The call stands in a `while` loop.
    pub repeated: bool,
    /// The number of items is used as a number.
    pub counted: bool,
    /// Somebody looks at LastEvaluatedKey, or asks whether there is one.
    pub last_key_read: bool,
    /// The run fails where there is a LastEvaluatedKey.
    pub refused: bool,
}

/// All responses of an interpretation.
#[derive(Debug, Default)]
pub(super) struct Pages {
    sites: Vec<(InstanceId, CallSite)>,
    index: FxHashMap<(InstanceId, CallSite), ResponseId>,
    uses: Vec<Uses>,
    /// (a, b): LastEvaluatedKey of a is ExclusiveStartKey of b.
    pub continuations: BTreeSet<(ResponseId, ResponseId)>,
    /// The same where it is LastEvaluatedKey and nothing else that arrives, so that the one surely starts after the other.
    pub starts: BTreeSet<(ResponseId, ResponseId)>,
    /// What is done with the items one by one.
    pub items: ItemUses,
}

impl Pages {
    pub fn response(&mut self, instance: InstanceId, site: CallSite) -> ResponseId {
        let next = ResponseId(u32::try_from(self.sites.len()).expect("the budget keeps responses below 2^32"));
        let found = *self.index.entry((instance, site)).or_insert(next);
        if found == next {
            self.sites.push((instance, site));
            self.uses.push(Uses::default());
        }
        found
    }

    pub fn is_empty(&self) -> bool {
        self.sites.is_empty()
    }

    pub fn uses(&mut self, response: ResponseId) -> &mut Uses {
        &mut self.uses[response.0 as usize]
    }

    /// What becomes of a response.
    pub fn uses_of(&self, response: ResponseId) -> Option<&Uses> {
        self.uses.get(response.0 as usize)
    }

    /// Every response with its call and uses.
    pub fn all(&self) -> impl Iterator<Item = (ResponseId, (InstanceId, CallSite), &Uses)> {
        (0u32..)
            .map(ResponseId)
            .zip(self.sites.iter().copied())
            .zip(&self.uses)
            .map(|((id, site), uses)| (id, site, uses))
    }

    /// Whether a value is a response, or its items, or made of them.
    pub fn is_of(values: &Values<'_>, value: Val, response: ResponseId) -> bool {
        marks(values, value).into_iter().any(|mark| match mark {
            Mark::Response(r) | Mark::Items(r) | Mark::Count(r) => r == response,
            _ => false,
        })
    }

    /// Responses whose LastEvaluatedKey is in the value.
    pub fn last_keys(values: &Values<'_>, value: Val) -> Vec<ResponseId> {
        marks(values, value)
            .into_iter()
            .filter_map(|mark| match mark {
                Mark::LastKey(r) | Mark::Response(r) => Some(r),
                _ => None,
            })
            .collect()
    }

    /// Notes that an expression of this instance is the LastEvaluatedKey of a call in another.
    pub fn take_key(&mut self, values: &Values<'_>, value: Val, by: InstanceId) {
        for atom in values.atoms(value) {
            match atom {
                Atom::LastKey(response) => self.note_taken(*response, by),
                Atom::Data(taint) => {
                    for mark in values.marks(*taint) {
                        if let Mark::LastKey(response) = mark {
                            self.note_taken(*response, by);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn note_taken(&mut self, response: ResponseId, by: InstanceId) {
        self.uses[response.0 as usize].key_taken |= self.sites[response.0 as usize].0 != by;
    }

    /// Notes that a call starts where others ended, if the value holds their LastEvaluatedKey.
    pub fn start(&mut self, values: &Values<'_>, key: Val, response: ResponseId) {
        self.continuations.extend(Self::last_keys(values, key).into_iter().map(|from| (from, response)));
        for mark in marks(values, key) {
            if let Mark::LastKey(from) = mark {
                self.starts.insert((from, response));
            }
        }
    }

    /// Somebody asks whether a response holds this part.
    pub fn ask_for(&mut self, values: &Values<'_>, part: Val, container: Val, by: InstanceId) {
        let is_other = |atom: Atom| matches!(atom, Atom::Str(name) if values.str(name) != "LastEvaluatedKey");
        if values.atoms(part).iter().copied().all(is_other) {
            return;
        }
        for atom in values.atoms(container) {
            if let Atom::Response(r) = atom {
                self.uses(*r).last_key_read = true;
                self.note_taken(*r, by);
            }
        }
    }

    /// The value is looked at item by item, or goes to code that may.
    pub fn consume(&mut self, values: &Values<'_>, value: Val) {
        for mark in marks(values, value) {
            match mark {
                Mark::Items(r) => self.uses(r).all = true,
                Mark::Count(r) => self.uses(r).counted = true,
                _ => {}
            }
        }
        for atom in values.atoms(value) {
            match atom {
                Atom::Pages(r) => {
                    let uses = self.uses(*r);
                    uses.all = true;
                    uses.pages_consumed = true;
                }
                Atom::Count(r) => self.uses(*r).counted = true,
                _ => {}
            }
        }
    }

    /// A number of items is told to somebody.
    pub fn count(&mut self, values: &Values<'_>, value: Val) {
        for atom in values.atoms(value) {
            if let Atom::Count(r) = atom {
                self.uses(*r).counted = true;
            }
        }
    }

    /// The value leaves the program: to the invoker, to another service.
    pub fn leave(&mut self, values: &Values<'_>, value: Val) {
        self.consume(values, value);
        for response in Self::last_keys(values, value) {
            self.uses(response).cursor = true;
        }
    }

    /// Somebody asks whether there are any items.
    pub fn ask_existence(&mut self, values: &Values<'_>, value: Val) {
        for atom in values.atoms(value) {
            if let Atom::Items(r) | Atom::Count(r) = atom {
                self.uses(*r).existence = true;
            }
        }
    }
}

fn marks(values: &Values<'_>, value: Val) -> Vec<Mark> {
    let mut out = Vec::new();
    for atom in values.atoms(value) {
        match atom {
            Atom::Data(taint) => out.extend_from_slice(values.marks(*taint)),
            Atom::Response(r) => out.push(Mark::Response(*r)),
            Atom::Items(r) => out.push(Mark::Items(*r)),
            Atom::LastKey(r) => out.push(Mark::LastKey(*r)),
            _ => {}
        }
    }
    out
}

/// Which calls go on where others end.
#[derive(Debug)]
pub(super) struct Continuations<T> {
    /// Calls whose LastEvaluatedKey comes back to themselves, or to a call of which that holds.
    pub continued: BTreeSet<T>,
    /// Calls whose LastEvaluatedKey goes anywhere.
    pub feed: BTreeSet<T>,
    /// Calls that start where some call has ended.
    pub fed: BTreeSet<T>,
}

impl<T: Ord + Copy> Continuations<T> {
    /// From pairs: LastEvaluatedKey of the first is ExclusiveStartKey of the second.
    pub fn of(pairs: &BTreeSet<(T, T)>) -> Self {
        let mut before: BTreeMap<T, Vec<T>> = BTreeMap::new();
        for (from, to) in pairs {
            before.entry(*to).or_default().push(*from);
        }
        // Two calls that continue each other go round as well as one that continues itself.
        let goes_round = |(a, b): &&(T, T)| a == b || pairs.contains(&(*b, *a));
        let mut continued: BTreeSet<T> = pairs.iter().filter(goes_round).map(|(a, _)| *a).collect();
        let mut next: Vec<T> = continued.iter().copied().collect();
        while let Some(to) = next.pop() {
            let fresh = before.get(&to).into_iter().flatten().filter(|from| continued.insert(**from));
            next.extend(fresh.copied());
        }
        let feed = pairs.iter().map(|(from, _)| *from).collect();
        Self { continued, feed, fed: before.into_keys().collect() }
    }
}
