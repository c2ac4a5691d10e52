//! `object[index]` and `value[low:high]`.

use super::call::Args;
use super::frame::Frame;
use super::heap::Kind;
use super::machine::Machine;
use super::value::{Atom, ObjId, Val};
use crate::python::ModuleId;
use crate::python::ir::ClassId;

impl<'p> Machine<'p> {
    /// `object[index]`.
    pub fn subscript(&mut self, frame: &mut Frame<'p>, object: Val, index: Val) -> Val {
        if object == Val::BOTTOM {
            return Val::BOTTOM;
        }
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(object) {
            let value = self.subscript_atom(frame, atom, index);
            result = self.values.join(result, value);
        }
        result
    }

    fn subscript_atom(&mut self, frame: &mut Frame<'p>, atom: Atom, index: Val) -> Val {
        if let Some(item) = self.item_at(frame, atom, index).or_else(|| self.found_in(atom, index)) {
            return item;
        }
        match atom {
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Dict => match self.known_item(frame, object, index) {
                    Some(value) => value,
                    None => self.get_item(object, index, frame.instance, true),
                },
                Kind::List => self.heap.read(self.heap.get(object).elements, frame.instance),
                Kind::Provider(_) => self.values.one(atom),
                _ if self.is_namespace(object) => self.namespace_entry(frame, object, index),
                _ => {
                    let one = self.values.one(atom);
                    let method = self.values.sym("__getitem__");
                    self.call_method(frame, one, method, &[index])
                }
            },
            Atom::Tuple(tuple) => {
                let items = self.values.tuple(tuple).to_vec();
                match self.values.single(index) {
                    Some(Atom::Int(_)) => Val::BOTTOM,
                    _ => self.values.join_all(items),
                }
            }
            Atom::Environ => self.environment(index, None, frame),
            Atom::Response(response) => self.response_part(response, index),
            Atom::Items(response) => {
                self.note_item_index(response, index);
                self.values.item_of(response)
            }
            Atom::Class(module, class) => self.subscript_class(frame, (module, class), index),
            Atom::External(path) if self.values.str(path) == "sys.modules" => {
                self.locate(frame, &Args::of(&[index]), None)
            }
            Atom::External(path) => {
                self.hold_named(frame, index);
                self.annotated_type(path, index).unwrap_or_else(|| self.values.one(atom))
            }
            Atom::Builtin(_) => {
                self.hold_named(frame, index);
                self.values.one(atom)
            }
            // `container[Repository]`: makes one, or calls the class.
            Atom::ExternalObject(_) | Atom::Opaque(_) | Atom::Method(..) => {
                self.hand_out(frame, &Args::of(&[index]), None);
                self.values.one(atom)
            }
            Atom::None => Val::BOTTOM,
            atom => {
                let one = self.values.one(atom);
                self.values.data_from(&[one])
            }
        }
    }

    /// `list[int]`, `Repository[T]`, `Table | None`: subscripted types are the types.
    fn subscript_class(&mut self, frame: &mut Frame<'p>, (module, class): (ModuleId, ClassId), index: Val) -> Val {
        self.hold_named(frame, index);
        let computed = self.call_special_of_metaclass(frame, (module, class), "__getitem__", &[index]);
        let member = match self.values.single(index) {
            Some(Atom::Str(name)) => self.class_field(module, class, name, frame.instance),
            _ if self.is_enum(&self.ancestry(module, class)) => self.enum_members(module, class, frame.instance),
            _ if computed.is_some() => Val::BOTTOM,
            _ => self.values.one(Atom::Class(module, class)),
        };
        computed.map_or(member, |computed| self.values.join(computed, member))
    }

    /// A dict's entry, if it is known what it surely holds.
    fn known_item(&mut self, frame: &Frame<'p>, object: ObjId, key: Val) -> Option<Val> {
        let key @ (Atom::Str(_) | Atom::Int(_)) = self.values.single(key)? else { return None };
        let name = self.key_name(key);
        let value = self.known(frame, object, name)?;
        let rest = self.heap.read(self.heap.get(object).elements, frame.instance);
        Some(self.values.join(value, rest))
    }

    /// `value[low:high]`.
    pub fn slice(&mut self, value: Val, low: Option<Val>, high: Option<Val>) -> Val {
        let bound = |m: &Self, v: Option<Val>| v.and_then(|v| m.values.single(v));
        let one = matches!(bound(self, high), Some(Atom::Int(1)));
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let part = match atom {
                Atom::Items(response) if one && low.is_none() => {
                    self.pages.uses(response).first = true;
                    self.values.data()
                }
                Atom::Tuple(tuple) => {
                    let items = self.values.tuple(tuple).to_vec();
                    let length = items.len();
                    let from = low.map_or(Some(0), |_| bound(self, low).and_then(|a| slice_bound(a, length)));
                    let to = high.map_or(Some(length), |_| bound(self, high).and_then(|a| slice_bound(a, length)));
                    self.slice_tuple(&items, from.zip(to))
                }
                Atom::Str(_) | Atom::Text(_) => self.values.data(),
                atom => self.values.one(atom),
            };
            result = self.values.join(result, part);
        }
        result
    }

    /// The items between two known bounds; otherwise any of them.
    fn slice_tuple(&mut self, items: &[Val], bounds: Option<(usize, usize)>) -> Val {
        match bounds {
            Some((from, to)) if from <= to => {
                let tuple = self.values.tuple_atom(items[from..to].to_vec());
                self.values.one(tuple)
            }
            _ => {
                let all = self.values.join_all(items.iter().copied());
                let data = self.values.data();
                self.values.join(all, data)
            }
        }
    }
}

/// A bound of a slice of `length` items, counted from the end if negative.
pub(super) fn slice_bound(bound: Atom, length: usize) -> Option<usize> {
    let Atom::Int(bound) = bound else { return None };
    match usize::try_from(bound) {
        Ok(from_start) => Some(from_start.min(length)),
        Err(_) => usize::try_from(bound.unsigned_abs()).ok().map(|back| length.saturating_sub(back)),
    }
}
