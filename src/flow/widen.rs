//! Keeping values finite: which detail gives way when there is too much of it.

use super::heap::{AllocKey, CellId, Kind};
use super::machine::Machine;
use super::value::{Atom, Taint, Val, Values};
use crate::dynamodb::symbolic::Part;
use crate::python::ModuleId;
use crate::python::ir::ClassId;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Most instances of one class that a cell which keeps growing tells apart.
const MAX_SIBLINGS: usize = 4;

/// Most known strings in a value before it becomes plain data: enough for alternatives, too few for built-up text.
pub(super) const MAX_STRINGS: usize = 16;
/// Most integers in a value before they become plain data.
const MAX_INTS: usize = 4;
/// Most tuples in a value before tuples of one length are merged.
const MAX_TUPLES: usize = 6;
/// Most atoms of any kind; beyond it the value is lost.
const MAX_ATOMS: usize = 96;
/// Most constants in a value that keeps growing.
const MAX_COARSE_CONSTANTS: usize = 4;
/// Most objects of libraries in a value before they become one.
const MAX_LIBRARY_OBJECTS: usize = 4;
impl Values<'_> {
    /// Keeps values finite: many strings or integers become plain data, many tuples are merged, too many atoms are lost.
    pub fn widen(&mut self, atoms: &mut Vec<Atom>) {
        let count = |atoms: &[Atom], f: fn(&Atom) -> bool| atoms.iter().filter(|a| f(a)).count();
        let is_string = |a: &Atom| matches!(a, Atom::Str(_) | Atom::Text(_));
        let is_int = |a: &Atom| matches!(a, Atom::Int(_));
        let before = atoms.len();
        if count(atoms, is_string) > MAX_STRINGS {
            atoms.retain(|a| !is_string(a));
        }
        if count(atoms, is_int) > MAX_INTS {
            atoms.retain(|a| !is_int(a));
        }
        if atoms.len() < before {
            atoms.push(Atom::Data(Taint(0)));
        }
        if count(atoms, |a| matches!(a, Atom::Tuple(_))) > MAX_TUPLES {
            self.merge_tuples(atoms);
        }
        self.merge_library_objects(atoms, MAX_LIBRARY_OBJECTS);
        if atoms.len() > MAX_ATOMS {
            *atoms = vec![Atom::Opaque(self.too_many)];
        }
        atoms.sort_unstable();
        atoms.dedup();
    }

    /// Whether an atom is a constant that no template gives.
    fn is_constant(&self, atom: &Atom) -> bool {
        match atom {
            Atom::Str(_) | Atom::Int(_) => true,
            Atom::Text(text) => !self.text(*text).parts().iter().any(|part| matches!(part, Part::Resource(..))),
            _ => false,
        }
    }

    /// The value with plain data for its constants. Names that a template gives stay, and so does what text was made from.
    pub fn without_constants(&mut self, value: Val) -> Val {
        let mut atoms: Vec<Atom> = self.atoms(value).iter().copied().filter(|a| !self.is_constant(a)).collect();
        if atoms.len() == self.atoms(value).len() {
            return value;
        }
        atoms.push(Atom::Data(Taint(0)));
        self.set(atoms)
    }

    /// A set in which constants are plain data and libraries' objects are one. Names that a template gives stay.
    pub fn coarse_set(&mut self, mut atoms: Vec<Atom>) -> Val {
        let plain = atoms.contains(&Atom::Data(Taint(0)));
        let constants = atoms.iter().filter(|a| self.is_constant(a)).count();
        // Plain data takes constants in at once: otherwise each new one would count as growth.
        if constants > MAX_COARSE_CONSTANTS || (plain && constants > 0) {
            atoms.retain(|a| !self.is_constant(a));
            atoms.push(Atom::Data(Taint(0)));
        }
        self.merge_library_objects(&mut atoms, 1);
        self.set(atoms)
    }

    /// More than `most` objects of libraries become one object of some library; lost ones stay lost.
    fn merge_library_objects(&mut self, atoms: &mut Vec<Atom>, most: usize) {
        let of_library = |values: &Self, atom: Atom| {
            let mut root = atom;
            while let Atom::Method(receiver, _) = root {
                root = values.atom(receiver);
            }
            matches!(root, Atom::ExternalObject(_)) || (root != atom && matches!(root, Atom::Object(_)))
        };
        if atoms.iter().filter(|a| of_library(self, **a)).count() > most {
            atoms.retain(|a| !of_library(self, *a));
            atoms.push(Atom::ExternalObject(self.some_library));
        }
    }

    fn merge_tuples(&mut self, atoms: &mut Vec<Atom>) {
        let mut by_length: FxHashMap<usize, Vec<Val>> = FxHashMap::default();
        for atom in atoms.iter() {
            if let Atom::Tuple(tuple) = atom {
                let items = self.tuple(*tuple).to_vec();
                let merged = by_length.entry(items.len()).or_insert_with(|| vec![Val::BOTTOM; items.len()]);
                let pairs: Vec<(Val, Val)> = merged.iter().copied().zip(items).collect();
                *merged = pairs.into_iter().map(|(a, b)| self.join(a, b)).collect();
            }
        }
        atoms.retain(|a| !matches!(a, Atom::Tuple(_)));
        let mut merged: Vec<_> = by_length.into_values().collect();
        merged.sort_unstable();
        for items in merged {
            let tuple = self.tuple_atom(items);
            atoms.push(tuple);
        }
    }
}

impl Machine<'_> {
    /// A value with less detail: constants as plain data, many instances of a class as any instance of it. What says
    /// which table is meant stays.
    pub fn coarse(&mut self, cell: CellId, value: Val) -> Val {
        let mut siblings: BTreeMap<(ModuleId, ClassId), usize> = BTreeMap::new();
        for atom in self.values.atoms(value) {
            if let Atom::Object(object) = atom
                && let Kind::Instance(module, class) = self.heap.get(*object).kind
            {
                // Any instance takes the others in at once: otherwise each new one would count as growth.
                let any = self.heap.find(AllocKey::AnyInstance(module, class)) == Some(*object);
                *siblings.entry((module, class)).or_default() += if any { MAX_SIBLINGS } else { 1 };
            }
        }
        siblings.retain(|_, count| *count > MAX_SIBLINGS);
        let crowded = |machine: &Self, atom: Atom| match atom {
            Atom::Object(object) => match machine.heap.get(object).kind {
                Kind::Instance(module, class) => siblings.contains_key(&(module, class)),
                _ => false,
            },
            _ => false,
        };
        let atoms = self.values.atoms_vec(value);
        let mut kept: Vec<Atom> = atoms.iter().copied().filter(|a| !crowded(self, *a)).collect();
        for (module, class) in siblings.keys() {
            let any = self.any_instance(*module, *class);
            kept.extend_from_slice(self.values.atoms(any));
        }
        self.spill_tuples(cell, &mut kept);
        self.values.coarse_set(kept)
    }

    /// Tuples whose items keep growing would each time be new ones: their items go to a list that stands for them all.
    fn spill_tuples(&mut self, cell: CellId, atoms: &mut Vec<Atom>) {
        let mut items = Vec::new();
        atoms.retain(|atom| match atom {
            Atom::Tuple(tuple) => {
                items.extend_from_slice(self.values.tuple(*tuple));
                false
            }
            _ => true,
        });
        if items.is_empty() {
            return;
        }
        let (list, _) = self.heap.object(AllocKey::Spilled(cell), Kind::List);
        for item in items {
            self.append(list, item);
        }
        atoms.push(Atom::Object(list));
    }
}
