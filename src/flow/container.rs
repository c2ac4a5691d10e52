//! Dicts, lists and tuples: storing, reading, iterating; and what that says of a response's items.

use super::call::Args;
use super::frame::Frame;
use super::heap::{AllocKey, InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::source::Span;

/// Most constant keys that one unknown index is taken as.
const MAX_KEYS: usize = 6;

impl<'p> Machine<'p> {
    /// Adds an element to a list, somewhere.
    pub fn append(&mut self, list: ObjId, value: Val) {
        let cell = self.heap.get(list).elements;
        self.write(cell, value);
        self.disorder(list);
    }

    /// Stores under a key. `always`: on every path on which the dict exists.
    pub fn store(&mut self, dict: ObjId, key: Val, value: Val, span: Option<Span>, always: bool) {
        let atoms = self.values.atoms_vec(key);
        let constant = |a: &Atom| matches!(a, Atom::Str(_) | Atom::Int(_));
        if !atoms.is_empty() && atoms.len() <= MAX_KEYS && atoms.iter().all(constant) {
            let single = atoms.len() == 1;
            for atom in atoms {
                let name = self.key_name(atom);
                self.store_field(dict, name, value, span, always && single);
            }
            return;
        }
        if self.heap.get(dict).apart {
            self.heap.fields(dict).into_iter().for_each(|(_, field)| self.write(field.cell, value));
        }
        let (keys, elements) = (self.heap.get(dict).keys, self.heap.get(dict).elements);
        self.write(keys, key);
        self.write(elements, value);
    }

    /// Notes that an entry holds just this from now on.
    pub fn know_key(&mut self, frame: &Frame<'p>, dict: ObjId, key: Val, value: Val) {
        if let Some(key @ (Atom::Str(_) | Atom::Int(_))) = self.values.single(key) {
            let name = self.key_name(key);
            self.know(frame, dict, name, value);
        }
    }

    fn key_name(&mut self, atom: Atom) -> Sym {
        match atom {
            Atom::Str(name) => name,
            Atom::Int(number) => self.values.sym(&format!("#{number}")),
            _ => self.values.sym("#"),
        }
    }

    pub fn store_field(&mut self, object: ObjId, name: Sym, value: Val, span: Option<Span>, always: bool) {
        let cell = self.heap.field(object, name);
        if let Some(field) = self.heap.get_mut(object).fields.get_mut(&name) {
            field.always |= always;
            if let Some(span) = span
                && !field.spans.contains(&span)
                && field.spans.len() < 16
            {
                field.spans.push(span);
            }
        }
        self.write(cell, value);
        self.blur_latest(object, name, value);
    }

    /// `container[key] = value`.
    pub fn set_item(&mut self, frame: &mut Frame<'p>, container: Val, key: Val, value: Val, span: Span) {
        let atoms = self.values.atoms_vec(container);
        let single = atoms.len() == 1;
        for atom in atoms {
            match atom {
                Atom::Object(object) if self.heap.get(object).kind == Kind::Dict => {
                    let always = single && self.as_sure_as_birth(frame, object);
                    self.store(object, key, value, Some(span), always);
                    if single {
                        self.know_key(frame, object, key, value);
                    }
                }
                Atom::Object(object) if self.heap.get(object).kind == Kind::List => self.append(object, value),
                Atom::Object(_) => {
                    let method = self.values.sym("__setitem__");
                    let one = self.values.one(atom);
                    self.call_method(frame, one, method, &[key, value]);
                }
                Atom::Environ => self.set_environment(key, value),
                // What is stored in plain data goes wherever the data goes.
                Atom::Data(_) | Atom::Opaque(_) | Atom::ExternalObject(_) | Atom::External(_) | Atom::Method(..) => {
                    self.note_stored(atom, key);
                    self.leave(frame.instance, value);
                    let one = self.values.one(atom);
                    self.escape_into(frame, one, value, None);
                }
                _ => {}
            }
        }
    }

    /// Whether the current statement runs whenever the object is made: same context, no further branch around it.
    pub fn as_sure_as_birth(&self, frame: &Frame<'p>, object: ObjId) -> bool {
        let birth = self.heap.get(object).birth.as_ref();
        birth.is_some_and(|(instance, guard)| *instance == frame.instance && guard.starts_with(&frame.guard))
    }

    /// `del container[key]`, `container.pop(key)`: the key is no longer always there.
    pub fn forget_key(&mut self, container: Val, key: Val) {
        for atom in self.values.atoms_vec(container) {
            if let (Atom::Object(object), Some(key)) = (atom, self.values.single(key)) {
                let name = self.key_name(key);
                if let Some(field) = self.heap.get_mut(object).fields.get_mut(&name) {
                    field.always = false;
                }
                if self.heap.get(object).kind == Kind::List {
                    self.disorder(object);
                }
            }
        }
    }

    /// Copies a mapping's entries into a dict (`{**m}`, `d.update(m)`).
    pub fn copy_into(&mut self, frame: &mut Frame<'p>, dict: ObjId, mapping: Val, always: bool) {
        let atoms = self.values.atoms_vec(mapping);
        let single = atoms.len() == 1;
        for atom in atoms {
            match atom {
                Atom::Object(source) if source == dict => {}
                Atom::Object(source) if self.heap.get(source).kind == Kind::Dict => {
                    for (name, field) in self.heap.fields(source) {
                        let value = self.heap.read(field.cell, frame.instance);
                        let always = always && single && field.always;
                        self.store_field(dict, name, value, None, always);
                        if always {
                            self.know(frame, dict, name, value);
                        }
                        let into = self.heap.get_mut(dict).fields.get_mut(&name);
                        if let Some(into) = into
                            && into.spans.is_empty()
                        {
                            into.spans.extend(field.spans);
                        }
                    }
                    self.copy_rest(dict, source, frame.instance);
                }
                Atom::None => {}
                atom => {
                    if let Some((key, value)) = self.entry_of_mapping(frame, atom) {
                        self.store(dict, key, value, None, false);
                        continue;
                    }
                    let one = self.values.one(atom);
                    let data = self.values.data_from(&[one]);
                    let unknown = match atom {
                        Atom::Data(_) => self.copied(atom).unwrap_or(data),
                        Atom::Response(_) => data,
                        _ => one,
                    };
                    let (keys, elements) = (self.heap.get(dict).keys, self.heap.get(dict).elements);
                    self.write(keys, data);
                    self.write(elements, unknown);
                }
            }
        }
    }

    fn copy_rest(&mut self, into: ObjId, from: ObjId, reader: InstanceId) {
        let pairs = [
            (self.heap.get(from).elements, self.heap.get(into).elements),
            (self.heap.get(from).keys, self.heap.get(into).keys),
        ];
        for (from, into) in pairs {
            let value = self.heap.read(from, reader);
            self.write(into, value);
        }
    }

    /// `a += b` for lists.
    pub fn extend_lists(&mut self, frame: &mut Frame<'p>, list: Val, more: Val) {
        for atom in self.values.atoms_vec(list) {
            if let Atom::Object(object) = atom
                && self.heap.get(object).kind == Kind::List
            {
                let elements = self.elements_of(frame, more);
                self.append(object, elements);
            }
        }
    }

    /// `a |= b` for dicts.
    pub fn update_dicts(&mut self, frame: &mut Frame<'p>, dict: Val, more: Val) {
        for atom in self.values.atoms_vec(dict) {
            if let Atom::Object(object) = atom
                && self.heap.get(object).kind == Kind::Dict
            {
                let always = self.as_sure_as_birth(frame, object);
                self.take_entries(frame, object, more, always);
            }
        }
    }

    /// What `dict(entries)` and `d.update(entries)` take: a mapping's entries, or pairs.
    pub fn take_entries(&mut self, frame: &mut Frame<'p>, dict: ObjId, entries: Val, always: bool) {
        let (pairs, mappings): (Vec<Atom>, Vec<Atom>) =
            self.values.atoms_vec(entries).partition(|atom| self.gives_pairs(*atom, frame.instance));
        if !pairs.is_empty() {
            let pairs = self.values.set(pairs);
            self.pairs_into(frame, dict, pairs);
        }
        let mappings = self.values.set(mappings);
        self.copy_into(frame, dict, mappings, always);
    }

    fn pairs_into(&mut self, frame: &mut Frame<'p>, dict: ObjId, pairs: Val) {
        let pair = self.iterate(frame, pairs);
        for atom in self.values.atoms_vec(pair) {
            if let Some([key, value]) = self.sequence(frame, atom).as_deref() {
                self.store(dict, *key, *value, None, false);
            } else {
                let one = self.values.one(atom);
                let part = self.iterate(frame, one);
                let (keys, elements) = (self.heap.get(dict).keys, self.heap.get(dict).elements);
                self.write(keys, part);
                self.write(elements, part);
            }
        }
    }

    /// `list[low:high] = values`, and what else has slices.
    pub fn set_slice(&mut self, frame: &mut Frame<'p>, container: Val, key: Val, values: Val, span: Span) {
        let is_list = |atom: &Atom| matches!(atom, Atom::Object(o) if self.heap.get(*o).kind == Kind::List);
        let (lists, others): (Vec<Atom>, Vec<Atom>) = self.values.atoms_vec(container).partition(is_list);
        let (lists, others) = (self.values.set(lists), self.values.set(others));
        self.extend_lists(frame, lists, values);
        self.set_item(frame, others, key, values, span);
    }

    /// Every value of a dict, or element of a list.
    pub fn all_values(&mut self, object: ObjId, reader: InstanceId) -> Val {
        let mut result = self.heap.read(self.heap.get(object).elements, reader);
        let fields = self.heap.fields(object);
        self.budget.spend(fields.len());
        for (_, field) in fields {
            let value = self.heap.read(field.cell, reader);
            result = self.values.join(result, value);
        }
        result
    }

    /// What a list holds, without saying that somebody looks at the items.
    pub fn elements_of(&mut self, frame: &mut Frame<'p>, value: Val) -> Val {
        self.iterate(frame, value)
    }

    /// What `yield from generator` is: what the generator returns.
    pub fn returned_by_generator(&mut self, frame: &Frame<'p>, generator: Val) -> Val {
        let mut result = self.values.data();
        for atom in self.values.atoms_vec(generator) {
            if let Atom::Object(list) = atom
                && let AllocKey::Generator(instance) = self.heap.key(list)
            {
                let returned = self.heap.read(self.instance(instance).result, frame.instance);
                result = self.values.join(result, returned);
            }
        }
        result
    }

    /// What a `for` loop's variable holds.
    pub fn iterate(&mut self, frame: &mut Frame<'p>, value: Val) -> Val {
        self.pages.consume(&self.values, value);
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let element = self.iterate_atom(frame, atom);
            result = self.values.join(result, element);
        }
        result
    }

    fn iterate_atom(&mut self, frame: &mut Frame<'p>, atom: Atom) -> Val {
        match atom {
            Atom::Tuple(tuple) => {
                let items = self.values.tuple(tuple).to_vec();
                self.values.join_all(items)
            }
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Dict => self.keys_of(object, frame.instance),
                Kind::List => self.heap.read(self.heap.get(object).elements, frame.instance),
                Kind::Instance(..) => match self.sequence(frame, atom) {
                    Some(items) => self.values.join_all(items),
                    None => self.once(object, |m| m.iterate_instance(frame, atom)),
                },
                _ => self.values.data(),
            },
            Atom::Pages(response) => self.values.one(Atom::Response(response)),
            Atom::Response(_) | Atom::Str(_) | Atom::Text(_) | Atom::Environ => self.values.data(),
            // Items taken one by one carry no claim about the list any more.
            Atom::Items(response) => self.values.item_of(response),
            Atom::Data(_) => self.values.data(),
            Atom::Opaque(_) | Atom::External(_) | Atom::ExternalObject(_) | Atom::Method(..) => self.values.one(atom),
            Atom::Class(module, class) => {
                let members = self.enum_members(module, class, frame.instance);
                match self.call_special_of_metaclass(frame, (module, class), "__iter__", &[]) {
                    Some(made) => {
                        let elements = self.iterate(frame, made);
                        self.values.join(members, elements)
                    }
                    None => members,
                }
            }
            Atom::None => Val::BOTTOM,
            _ => self.values.data(),
        }
    }

    /// `__iter__`, and `__next__` where that gives the object itself.
    fn iterate_instance(&mut self, frame: &mut Frame<'p>, atom: Atom) -> Val {
        if let Some(element) = self.element_by_index(frame, atom) {
            return element;
        }
        let one = self.values.one(atom);
        let [iter, next] = ["__iter__", "__next__"].map(|name| self.values.sym(name));
        let made = self.call_method(frame, one, iter, &[]);
        let others = self.values.atoms_vec(made).filter(|other| *other != atom).collect();
        let others = self.values.set(others);
        let mut element = self.iterate(frame, others);
        if made == Val::BOTTOM || self.values.atoms(made).contains(&atom) {
            let stepped = self.call_method(frame, one, next, &[]);
            element = self.values.join(element, stepped);
        }
        element
    }

    /// A dict's keys.
    pub fn keys_of(&mut self, object: ObjId, reader: InstanceId) -> Val {
        let mut result = self.heap.read(self.heap.get(object).keys, reader);
        for (name, _) in self.heap.fields(object) {
            let key = self.values.one(Atom::Str(name));
            result = self.values.join(result, key);
        }
        result
    }

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
            // `list[int]`, `Repository[T]`, `Table | None`: subscripted types are the types.
            Atom::Class(module, class) => {
                let computed = self.call_special_of_metaclass(frame, (module, class), "__getitem__", &[index]);
                let member = match self.values.single(index) {
                    Some(Atom::Str(name)) => self.class_field(module, class, name, frame.instance),
                    _ if self.is_enum(&self.ancestry(module, class)) => {
                        self.enum_members(module, class, frame.instance)
                    }
                    _ if computed.is_some() => Val::BOTTOM,
                    _ => self.values.one(atom),
                };
                computed.map_or(member, |computed| self.values.join(computed, member))
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

    /// A dict's entry, if it is known what it surely holds.
    fn known_item(&mut self, frame: &Frame<'p>, object: ObjId, key: Val) -> Option<Val> {
        let key @ (Atom::Str(_) | Atom::Int(_)) = self.values.single(key)? else { return None };
        let name = self.key_name(key);
        let value = self.known(frame, object, name)?;
        let rest = self.heap.read(self.heap.get(object).elements, frame.instance);
        Some(self.values.join(value, rest))
    }

    /// A dict's entry. With `strict`, a missing key is "not yet"; without (`.get`), it is nothing.
    pub fn get_item(&mut self, object: ObjId, key: Val, reader: InstanceId, strict: bool) -> Val {
        let rest = self.heap.read(self.heap.get(object).elements, reader);
        let atoms = self.values.atoms_vec(key);
        if atoms.is_empty() || !atoms.iter().all(|a| matches!(a, Atom::Str(_) | Atom::Int(_))) {
            return self.all_values(object, reader);
        }
        let mut result = Val::BOTTOM;
        for atom in atoms {
            let name = self.key_name(atom);
            let value = self.read_field(object, name, reader);
            let is_whole = value != Val::BOTTOM && self.heap.get(object).apart;
            result = self.values.join(result, value);
            if !is_whole {
                result = self.values.join(result, rest);
            }
        }
        if result == Val::BOTTOM && strict {
            return self.unset(reader);
        }
        result
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
