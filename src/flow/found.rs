//! Items that a read finds, and whether they are put back as a whole: followed from the response to the put, wherever it stands.
//!
//! Only the item itself counts, and mappings that all of its fields are copied into. What is made of its fields is plain data.

use super::access::PutBack;
use super::around::finds_nothing_before;
use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Mark, Sym, Val};
use crate::dynamodb::operation::Operation;
use crate::python::ModuleId;
use crate::python::ir::ExprId;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// A call that reads one item, in all its contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ReadId(u32);

/// What is known of reads of one item.
#[derive(Debug, Default)]
pub(super) struct Finds {
    sites: Vec<(ModuleId, ExprId)>,
    ids: FxHashMap<(ModuleId, ExprId), ReadId>,
    /// Attributes that are stored into what each has found.
    stored: FxHashMap<ReadId, BTreeSet<Sym>>,
    /// Those into which more is stored, or may be, than is known by name.
    more: FxHashSet<ReadId>,
}

impl Finds {
    fn read(&mut self, site: (ModuleId, ExprId)) -> ReadId {
        let next = ReadId(u32::try_from(self.sites.len()).expect("the budget keeps reads below 2^32"));
        let read = *self.ids.entry(site).or_insert(next);
        if read == next {
            self.sites.push(site);
        }
        read
    }
}

impl<'p> Machine<'p> {
    /// The response of a read of one item.
    pub fn reply(&mut self, frame: &Frame<'p>, operation: Operation, site: CallSite) -> Val {
        match site.filter(|_| operation == Operation::GetItem) {
            Some(site) => {
                let read = self.finds.read((frame.module_id, site));
                self.values.marked(vec![Mark::Reply(read)])
            }
            None => self.values.data(),
        }
    }

    /// The response of a batch call on tables of these names.
    pub fn batch_reply(&mut self, tables: Val) -> Val {
        self.values.marked(vec![Mark::Batch(tables)])
    }

    /// The tables of a batch whose unprocessed requests a value is.
    pub fn left_tables(&self, atom: Atom) -> Option<Val> {
        self.mark(atom, |mark| if let Mark::Left(tables) = mark { Some(tables) } else { None })
    }

    /// `response["UnprocessedKeys"]`.
    fn left_in(&mut self, reply: Atom, key: Val) -> Option<Val> {
        let tables = self.mark(reply, |mark| if let Mark::Batch(tables) = mark { Some(tables) } else { None })?;
        let Some(Atom::Str(key)) = self.values.single(key) else { return None };
        let is_left = matches!(self.values.str(key), "UnprocessedKeys" | "UnprocessedItems");
        is_left.then(|| self.values.marked(vec![Mark::Left(tables)]))
    }

    /// `response["Item"]`, and what a batch has left.
    pub fn found_in(&mut self, reply: Atom, key: Val) -> Option<Val> {
        if let Some(left) = self.left_in(reply, key) {
            return Some(left);
        }
        let read = self.mark(reply, |mark| if let Mark::Reply(read) = mark { Some(read) } else { None })?;
        let Some(Atom::Str(key)) = self.values.single(key) else { return None };
        (self.values.str(key) == "Item").then(|| self.values.marked(vec![Mark::Found(read)]))
    }

    /// A method of a response or of an item by which the item gets on.
    pub fn method_of_found(&mut self, atom: Atom, name: Sym) -> Option<Val> {
        let followed = matches!(self.values.str(name), "get" | "pop" | "copy" | "update");
        let one = |mark| match mark {
            Mark::Reply(read) | Mark::Found(read) => Some(read),
            _ => None,
        };
        let batch = |mark| if let Mark::Batch(tables) = mark { Some(tables) } else { None };
        let is_reply = self.mark(atom, one).is_some() || self.mark(atom, batch).is_some();
        (is_reply && followed).then_some(())?;
        Some(self.method(atom, name))
    }

    /// `response.get("Item")`, `item.copy()`, `item.update(…)`.
    pub fn call_found(&mut self, receiver: Atom, method: &str, args: &Args) -> Option<Val> {
        match method {
            "get" | "pop" => {
                let found = self.found_in(receiver, *args.positional.first()?)?;
                let default = args.positional.get(1).copied();
                let default = default.unwrap_or_else(|| self.values.none());
                Some(self.values.join(found, default))
            }
            "copy" => {
                self.found(receiver)?;
                Some(self.values.one(receiver))
            }
            "update" => {
                let read = self.found(receiver)?;
                let mut names: Vec<Sym> = args.keywords.iter().map(|keyword| keyword.name).collect();
                for given in args.positional.iter().flat_map(|given| self.values.atoms_vec(*given)) {
                    if let Atom::Object(object) = given {
                        names.extend(self.heap.fields(object).into_iter().map(|(name, _)| name));
                    }
                    if !self.is_spelled(given) {
                        self.finds.more.insert(read);
                    }
                }
                if args.rest != Val::BOTTOM {
                    self.finds.more.insert(read);
                }
                self.finds.stored.entry(read).or_default().extend(names);
                None
            }
            _ => None,
        }
    }

    /// `item[key] = …`, for one of the keys of a loop, too.
    pub fn note_stored(&mut self, item: Atom, key: Val) {
        let Some(read) = self.found(item) else { return };
        let keys = self.values.atoms_vec(key);
        if keys.clone().any(|key| !matches!(key, Atom::Str(_))) {
            self.finds.more.insert(read);
        }
        let names = keys.filter_map(|key| if let Atom::Str(name) = key { Some(name) } else { None });
        self.finds.stored.entry(read).or_default().extend(names);
    }

    /// A library has the item: it may store something into it.
    pub fn note_lent(&mut self, item: Atom) {
        let read = self.found(item);
        self.finds.more.extend(read);
    }

    /// Whether a value is a mapping all of whose keys are known.
    fn is_spelled(&self, value: Atom) -> bool {
        let Atom::Object(object) = value else { return false };
        let object = self.heap.get(object);
        object.kind == Kind::Dict && self.heap.peek(object.elements) == Val::BOTTOM
    }

    /// What a mapping holds into which an item's fields are copied.
    pub fn copied(&mut self, item: Atom) -> Option<Val> {
        let read = self.found(item)?;
        Some(self.values.marked(vec![Mark::Copied(read)]))
    }

    /// The reads whose item a put writes back, each with the attributes that the item was given since, and whether these are
    /// all, if nothing guards the put.
    fn put_back(&mut self, args: &Args) -> BTreeSet<(ReadId, Vec<Sym>, bool)> {
        let mut back = BTreeSet::new();
        let [item, condition, expected] = ["Item", "ConditionExpression", "Expected"].map(|name| self.values.sym(name));
        if args.keyword(condition).is_some() || args.keyword(expected).is_some() || args.rest != Val::BOTTOM {
            return back;
        }
        let item = args.keyword(item).map(|given| given.value).unwrap_or_default();
        for atom in self.values.atoms_vec(item) {
            if let Some(read) = self.found(atom) {
                back.insert((read, Vec::new(), true));
                continue;
            }
            let Atom::Object(object) = atom else { continue };
            if self.heap.get(object).kind != Kind::Dict {
                continue;
            }
            let rest = self.heap.peek(self.heap.get(object).elements);
            let names: Vec<Sym> = self.heap.fields(object).into_iter().map(|(name, _)| name).collect();
            let copied = |mark| if let Mark::Copied(read) = mark { Some(read) } else { None };
            let whole = self.values.atoms_vec(rest).all(|field| self.mark(field, copied).is_some());
            for field in self.values.atoms_vec(rest) {
                back.extend(self.mark(field, copied).map(|read| (read, names.clone(), whole)));
            }
        }
        back
    }

    /// The same of a put at a place: where the read has found nothing, the put makes the item.
    pub fn put_back_at(&mut self, at: InstanceId, put: CallSite, args: &Args) -> BTreeSet<(ReadId, Vec<Sym>, bool)> {
        let mut back = self.put_back(args);
        let module = self.instance(at).module;
        back.retain(|(read, ..)| {
            let (of, site) = self.finds.sites[read.0 as usize];
            let is_new = |put| {
                let bindings = self.program.readings.bindings(self.program.codebase, module);
                of == module && finds_nothing_before(self.module(module), bindings, put, site)
            };
            !put.is_some_and(is_new)
        });
        back
    }

    /// What a put writes back, for others to see.
    pub fn puts_back(&self, reads: &BTreeSet<(ReadId, Vec<Sym>, bool)>) -> BTreeSet<PutBack> {
        let told = |(read, names, whole): &(ReadId, Vec<Sym>, bool)| {
            let (module, site) = self.finds.sites[read.0 as usize];
            let stored = self.finds.stored.get(read).into_iter().flatten();
            let changed = names.iter().chain(stored).map(|name| self.values.str(*name).to_owned()).collect();
            let all_known = *whole && !self.finds.more.contains(read);
            PutBack { read: self.span(module, site), changed, all_known }
        };
        reads.iter().map(told).collect()
    }

    fn found(&self, atom: Atom) -> Option<ReadId> {
        self.mark(atom, |mark| if let Mark::Found(read) = mark { Some(read) } else { None })
    }

    fn mark<T>(&self, atom: Atom, wanted: impl Fn(Mark) -> Option<T>) -> Option<T> {
        match atom {
            Atom::Data(taint) => self.values.marks(taint).iter().copied().find_map(wanted),
            _ => None,
        }
    }
}
