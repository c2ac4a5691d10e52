//! Dicts, lists and tuples: storing, reading, iterating; and what that says of a response's items.

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

    pub fn key_name(&mut self, atom: Atom) -> Sym {
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

    /// `del container[key]`, `container.pop(key)`: the key is no longer always there. Of a key that isn't known, it may be any.
    pub fn forget_key(&mut self, container: Val, key: Val) {
        let keys = self.values.atoms_vec(key);
        let is_known = keys.iter().all(|atom| matches!(atom, Atom::Str(_) | Atom::Int(_)));
        for atom in self.values.atoms_vec(container) {
            let Atom::Object(object) = atom else { continue };
            match self.heap.get(object).kind {
                Kind::List if keys.len() == 1 => self.disorder(object),
                Kind::Dict if !is_known => self.forget_all(object),
                _ => {
                    for key in keys.clone() {
                        let name = self.key_name(key);
                        self.leave_out(object, name);
                    }
                }
            }
        }
    }

    /// Any entry may be taken away.
    pub fn forget_all(&mut self, dict: ObjId) {
        for field in self.heap.get_mut(dict).fields.values_mut() {
            (field.always, field.may_lack) = (false, true);
        }
    }

    /// A field may be missing.
    pub fn leave_out(&mut self, object: ObjId, name: Sym) {
        if let Some(field) = self.heap.get_mut(object).fields.get_mut(&name) {
            (field.always, field.may_lack) = (false, true);
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
                        if let Some(into) = self.heap.get_mut(dict).fields.get_mut(&name) {
                            into.may_lack |= field.may_lack;
                            if into.spans.is_empty() {
                                into.spans.extend(field.spans);
                            }
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
}
