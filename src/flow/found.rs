//! Items that a read finds, and whether they are put back as a whole: followed from the response to the put, wherever it stands.
//!
//! Only the item itself counts, and mappings that all of its fields are copied into. What is made of its fields is plain data.

use super::access::PutBack;
use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, Mark, Sym, Val};
use crate::dynamodb::operation::Operation;
use crate::python::ModuleId;
use crate::python::ir::ExprId;
use rustc_hash::FxHashMap;
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

    /// `response["Item"]`.
    pub fn found_in(&mut self, reply: Atom, key: Val) -> Option<Val> {
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
        self.mark(atom, one).filter(|_| followed)?;
        let receiver = self.values.atom_id(atom);
        Some(self.values.one(Atom::Method(receiver, name)))
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
        let names = keys.filter_map(|key| if let Atom::Str(name) = key { Some(name) } else { None });
        self.finds.stored.entry(read).or_default().extend(names);
    }

    /// What a mapping holds into which an item's fields are copied.
    pub fn copied(&mut self, item: Atom) -> Option<Val> {
        let read = self.found(item)?;
        Some(self.values.marked(vec![Mark::Copied(read)]))
    }

    /// The reads whose item a put writes back, each with the attributes that the item was given since, if nothing guards the
    /// put.
    pub fn put_back(&mut self, args: &Args) -> BTreeSet<(ReadId, Vec<Sym>)> {
        let mut back = BTreeSet::new();
        let [item, condition, expected] = ["Item", "ConditionExpression", "Expected"].map(|name| self.values.sym(name));
        if args.keyword(condition).is_some() || args.keyword(expected).is_some() || args.rest != Val::BOTTOM {
            return back;
        }
        let item = args.keyword(item).map(|given| given.value).unwrap_or_default();
        for atom in self.values.atoms_vec(item) {
            if let Some(read) = self.found(atom) {
                back.insert((read, Vec::new()));
                continue;
            }
            let Atom::Object(object) = atom else { continue };
            if self.heap.get(object).kind != Kind::Dict {
                continue;
            }
            let rest = self.heap.peek(self.heap.get(object).elements);
            let names: Vec<Sym> = self.heap.fields(object).into_iter().map(|(name, _)| name).collect();
            for field in self.values.atoms_vec(rest) {
                let copied = |mark| if let Mark::Copied(read) = mark { Some(read) } else { None };
                back.extend(self.mark(field, copied).map(|read| (read, names.clone())));
            }
        }
        back
    }

    /// What a put writes back, for others to see.
    pub fn puts_back(&self, reads: &BTreeSet<(ReadId, Vec<Sym>)>) -> BTreeSet<PutBack> {
        let told = |(read, names): &(ReadId, Vec<Sym>)| {
            let (module, site) = self.finds.sites[read.0 as usize];
            let stored = self.finds.stored.get(read).into_iter().flatten();
            let changed = names.iter().chain(stored).map(|name| self.values.str(*name).to_owned()).collect();
            PutBack { read: self.span(module, site), changed }
        };
        reads.iter().map(told).collect()
    }

    fn found(&self, atom: Atom) -> Option<ReadId> {
        self.mark(atom, |mark| if let Mark::Found(read) = mark { Some(read) } else { None })
    }

    fn mark(&self, atom: Atom, wanted: impl Fn(Mark) -> Option<ReadId>) -> Option<ReadId> {
        match atom {
            Atom::Data(taint) => self.values.marks(taint).iter().copied().find_map(wanted),
            _ => None,
        }
    }
}
