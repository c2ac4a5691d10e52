//! Items of responses: which of their attributes the program reads, by the responses that they come from.

use super::frame::Frame;
use super::heap::InstanceId;
use super::machine::Machine;
use super::record::Record;
use super::value::{Atom, Mark, ResponseId, Sym, Val, Values};
use crate::python::ModuleId;
use crate::python::ir::ExprId;
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// An attribute that the program reads from an item of a response, the item as it came.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemRead {
    /// The attribute.
    pub attribute: String,
    /// Whether it is taken for granted (`item["x"]`) rather than asked for (`item.get("x")`).
    pub for_granted: bool,
    /// Where.
    pub span: Span,
}

/// Who reads, and where.
type Reader = (InstanceId, ModuleId, ExprId);

/// What is done with items throughout an interpretation.
#[derive(Debug, Default)]
pub(super) struct ItemUses {
    /// By response, reader and place.
    reads: BTreeSet<(ResponseId, Sym, bool, Reader)>,
    /// Attributes that items may be given, or whose presence is asked for: nothing is said of these.
    given: FxHashSet<(ResponseId, Sym)>,
    /// Responses whose items may be given any attribute.
    changed: FxHashSet<ResponseId>,
}

/// Methods of an item that matter here.
const METHODS: [&str; 5] = ["get", "update", "setdefault", "pop", "__setitem__"];

impl Values<'_> {
    /// An item of a response.
    pub fn item_of(&mut self, response: ResponseId) -> Val {
        let taint = self.taint(vec![Mark::Item(response)]);
        self.one(Atom::Data(taint))
    }

    /// The response that an atom is an item of.
    fn response_of(&self, atom: Atom) -> Option<ResponseId> {
        let Atom::Data(taint) = atom else { return None };
        self.marks(taint).iter().find_map(|mark| if let Mark::Item(r) = mark { Some(*r) } else { None })
    }

    /// Whether it is an item's method that matters here.
    pub fn is_item_method(&self, atom: Atom, name: Sym) -> bool {
        METHODS.contains(&self.str(name)) && self.response_of(atom).is_some()
    }
}

impl<'p> Machine<'p> {
    /// The responses that a value is an item of, whichever it is; none if it may be something else, or an item of another
    /// read that doesn't go on where one of these ends.
    fn responses_of(&self, value: Val) -> Vec<ResponseId> {
        let atoms = self.values.atoms(value).iter().filter(|atom| **atom != Atom::None);
        let Some(all) = atoms.map(|atom| self.values.response_of(*atom)).collect::<Option<Vec<_>>>() else {
            return Vec::new();
        };
        let links = &self.pages.continuations;
        let goes_on = |r: &ResponseId| {
            all.iter().any(|other| other != r && (links.contains(&(*r, *other)) || links.contains(&(*other, *r))))
        };
        if all.len() == 1 || all.iter().all(goes_on) { all } else { Vec::new() }
    }

    /// `item[name]` was evaluated.
    pub(super) fn note_item_read(&mut self, frame: &Frame<'p>, site: ExprId, object: Val, index: Val) {
        let Some(Atom::Str(name)) = self.values.single(index) else { return };
        let reader = (frame.instance, frame.module_id, site);
        for response in self.responses_of(object) {
            self.pages.items.reads.insert((response, name, frame.tries.is_empty(), reader));
        }
    }

    /// `item[name] = …` was run.
    pub(super) fn note_item_store(&mut self, object: Val, index: Val) {
        let name = self.values.single(index);
        for atom in self.values.atoms_vec(object) {
            let Some(response) = self.values.response_of(atom) else { continue };
            match name {
                Some(Atom::Str(name)) => drop(self.pages.items.given.insert((response, name))),
                _ => drop(self.pages.items.changed.insert(response)),
            }
        }
    }

    /// `name in item` was asked.
    pub(super) fn note_item_test(&mut self, name: Val, container: Val) {
        self.note_item_store(container, name);
    }

    /// `item.get(name)`, `item.update(…)`.
    pub(super) fn note_item_method(
        &mut self,
        frame: &Frame<'p>,
        item: Atom,
        method: &str,
        name: Option<Val>,
        site: Option<ExprId>,
    ) {
        let Some(response) = self.values.response_of(item) else { return };
        let name = name.and_then(|name| self.values.single(name));
        match (method, name, site) {
            ("get", Some(Atom::Str(name)), Some(site)) => {
                let reader = (frame.instance, frame.module_id, site);
                self.pages.items.reads.insert((response, name, false, reader));
            }
            ("get", ..) => {}
            (_, Some(Atom::Str(name)), _) if method != "update" => {
                self.pages.items.given.insert((response, name));
            }
            _ => drop(self.pages.items.changed.insert(response)),
        }
    }

    /// What code that `reached` holds reads of the items of a call's response.
    pub(super) fn item_reads(&self, record: &Record, reached: impl Fn(InstanceId) -> bool) -> BTreeSet<ItemRead> {
        let items = &self.pages.items;
        let Some(response) = record.response.filter(|response| !items.changed.contains(response)) else {
            return BTreeSet::new();
        };
        let lowest = (response, Sym(0), false, (InstanceId(0), ModuleId(0), ExprId(0)));
        let own = items.reads.range(lowest..).take_while(|(of, ..)| *of == response);
        own.filter(|(_, name, _, (reader, ..))| !items.given.contains(&(response, *name)) && reached(*reader))
            .map(|(_, name, for_granted, (_, module, site))| ItemRead {
                attribute: self.values.str(*name).to_owned(),
                for_granted: *for_granted,
                span: self.span(*module, *site),
            })
            .collect()
    }
}
