//! Methods of what is built in: strings, dicts, lists, plain data, responses; and calls on what is lost.

use super::annotation::Kept;
use super::call::{Args, Keyword};
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::protocol::DONE;
use super::value::{Atom, ObjId, ResponseId, Sym, Val};

impl<'p> Machine<'p> {
    /// Calls `receiver.name(...)` where the receiver isn't code of ours.
    pub fn call_native(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Atom,
        name: Sym,
        args: &Args,
        site: CallSite,
    ) -> Val {
        let Some(default) = self.kept_default(receiver, name, args) else {
            return self.native_method(frame, receiver, name, args, site);
        };
        let found = self.native_method(frame, receiver, name, &Args::of(&args.positional[..1]), site);
        self.values.join(found, default)
    }

    /// The default of `mapping.get(key, default)` where it matters what it is: a mapping that isn't known gives it back, and does
    /// nothing else with it.
    fn kept_default(&self, receiver: Atom, name: Sym, args: &Args) -> Option<Val> {
        let [_, default] = args.positional[..] else { return None };
        let is_unknown = matches!(receiver, Atom::Opaque(_) | Atom::Method(..) | Atom::ExternalObject(_));
        let is_getter = args.keywords.is_empty() && matches!(self.values.str(name), "get" | "pop");
        (is_unknown && is_getter && self.matters(default)).then_some(default)
    }

    /// Whether a value may be something to call, or something that leads to tables.
    pub fn matters(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|atom| match *atom {
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Instance(..)),
            Atom::Class(..) => true,
            atom => self.is_ours(atom) || self.reaches_tables(atom),
        })
    }

    fn native_method(&mut self, frame: &mut Frame<'p>, receiver: Atom, name: Sym, args: &Args, site: CallSite) -> Val {
        let method = self.values.str(name).to_owned();
        if let Some(value) = self.call_special(frame, receiver, &method, args, site) {
            return value;
        }
        self.note_start(frame, receiver, &method, site);
        if method == DONE && !self.is_own_object(receiver) {
            self.hand_out(frame, args, site);
            return self.values.none();
        }
        if method == "__setattr__" {
            return self.set_by_hand(frame, receiver, args, site);
        }
        if self.may_be_held(receiver) {
            self.call_held(frame, name, args, site);
        }
        match receiver {
            Atom::Str(_) | Atom::Text(_) => {
                let made = self.string_method(frame, receiver, &method, args);
                self.tell_of(receiver, made);
                made
            }
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Dict => self.dict_method(frame, object, &method, args, site),
                Kind::List => self.list_method(frame, object, &method, args, site),
                Kind::Instance(module, class) => {
                    if matches!(method.as_str(), "_asdict" | "model_dump" | "dict") {
                        let one = self.values.one(receiver);
                        return self.as_dict(frame, one, args, site);
                    }
                    if let Some(copy) = self.copy_of(frame, receiver, &method, args, site) {
                        return copy;
                    }
                    let model = ((module, class), Some(object));
                    if let Some(value) = self.call_model(frame, model, &method, args, site) {
                        return value;
                    }
                    if let Some(value) = self.start_own_thread(frame, object, &method, site) {
                        return value;
                    }
                    // A method of a library base class.
                    let path = self.base_path(module, class);
                    self.call_library_method(frame, path, name, args, site)
                }
                Kind::Tool(_) if self.is_context_variable(object) => {
                    self.call_context_variable(frame, object, &method, args)
                }
                Kind::Tool(_) => match self.call_pynamodb(frame, object, &method, args, site) {
                    Some(value) => value,
                    None => self.call_powertool(frame, object, name, site),
                },
                _ => self.values.data(),
            },
            Atom::Class(..) | Atom::Builtin(_) | Atom::Super(..) if method == "__new__" => {
                self.allocate(frame, args, site)
            }
            Atom::Class(module, class) => self.class_method(frame, (module, class), &method, args, site),
            Atom::Environ => self.environ_method(frame, &method, args),
            Atom::Response(response) => self.response_method(response, &method, args),
            Atom::Items(response) => self.items_method(frame, response, &method, args, site),
            Atom::LastKey(_) | Atom::Data(_) => {
                self.note_item_method(frame, receiver, &method, args.positional.first().copied(), site);
                if let Some(value) = self.call_found(receiver, &method, args) {
                    return value;
                }
                if let Some(time) = self.call_clock_method(receiver, &method, args) {
                    return time;
                }
                let mut values = args.values();
                self.tell(&values);
                values.push(self.values.one(receiver));
                self.values.data_from(&values)
            }
            Atom::Pages(response) => {
                // `build_full_result`, `search`: every page is read.
                self.pages.uses(response).pages_consumed = true;
                self.pages.uses(response).all = true;
                if method == "build_full_result" {
                    return self.values.one(Atom::Response(response));
                }
                let element = self.values.data();
                self.list_of(frame, element, site)
            }
            Atom::Session(_)
            | Atom::Client(..)
            | Atom::Resource(..)
            | Atom::Table(..)
            | Atom::BatchWriter(..)
            | Atom::Paginator(..)
            | Atom::ConditionName(..) => self.call_boto(frame, receiver, &method, args, site),
            Atom::Condition(_) => self.values.one(receiver),
            Atom::Tuple(_) => self.values.data(),
            Atom::Opaque(_) => self.call_lost(frame, receiver, name, args, site),
            Atom::Method(..) => self.call_chain(frame, receiver, name, args, site),
            // `ExitStack().enter_context(manager)`
            Atom::ExternalObject(_) if matches!(method.as_str(), "enter_context" | "enter_async_context") => {
                let manager = args.positional.first().copied().unwrap_or(Val::BOTTOM);
                let is_async = method == "enter_async_context";
                let entered = self.enter(frame, manager, is_async);
                // The stack leaves it when it is left itself.
                self.exit(frame, manager, is_async);
                entered
            }
            Atom::ExternalObject(path) => self.call_library_method(frame, path, name, args, site),
            Atom::Function(..) | Atom::Bound(..) | Atom::Builtin(_) | Atom::Property(_) => {
                self.function_method(frame, receiver, &method, args, site)
            }
            _ => self.values.data(),
        }
    }

    /// `a.b.c()` on what a library made, or on what is lost.
    fn call_chain(&mut self, frame: &mut Frame<'p>, receiver: Atom, name: Sym, args: &Args, site: CallSite) -> Val {
        let mut atom = receiver;
        let mut names = Vec::new();
        while let Atom::Method(next, name) = atom {
            names.insert(0, self.values.str(name));
            atom = self.values.atom(next);
        }
        let path = names.join(".");
        match atom {
            Atom::ExternalObject(base) => {
                let base = self.values.sym(&format!("{}.{path}", self.values.str(base)));
                self.call_library_method(frame, base, name, args, site)
            }
            Atom::Opaque(_) => self.call_lost(frame, atom, name, args, site),
            Atom::Resource(_, principal) if path == "tables" => self.all_tables(frame, principal, site),
            _ => {
                self.hand_out(frame, args, site);
                let path = self.values.sym(&format!("{path}.{}", self.values.str(name)));
                self.values.one(Atom::ExternalObject(path))
            }
        }
    }

    fn base_path(&mut self, module: crate::python::ModuleId, class: crate::python::ir::ClassId) -> Sym {
        let line = self.ancestry(module, class);
        line.external.first().copied().unwrap_or_else(|| self.values.sym("object"))
    }

    fn dict_method(&mut self, frame: &mut Frame<'p>, dict: ObjId, method: &str, args: &Args, site: CallSite) -> Val {
        let me = self.values.one(Atom::Object(dict));
        let first = args.positional.first().copied();
        let second = args.positional.get(1).copied();
        match method {
            "get" | "pop" => {
                let key = first.unwrap_or(Val::BOTTOM);
                if method == "pop" {
                    self.forget_key(me, key);
                }
                let found = self.get_item(dict, key, frame.instance, false);
                let always = match self.values.single(key) {
                    Some(Atom::Str(name)) => self.heap.get(dict).fields.get(&name).is_some_and(|f| f.always),
                    _ => false,
                };
                if always {
                    return found;
                }
                let default = second.unwrap_or_else(|| self.values.none());
                self.values.join(found, default)
            }
            "setdefault" => {
                let default = second.unwrap_or_else(|| self.values.none());
                if let (Some(key), false) = (first, second.is_none()) {
                    let always = self.as_sure_as_birth(frame, dict);
                    self.store(dict, key, default, None, always);
                }
                let found = first.map_or(Val::BOTTOM, |key| self.get_item(dict, key, frame.instance, false));
                self.values.join(found, default)
            }
            "update" => {
                for value in args.positional.iter().copied() {
                    self.update_dicts(frame, me, value);
                }
                let sure = self.as_sure_as_birth(frame, dict);
                for Keyword { name, value, always, spans } in &args.keywords {
                    self.store_field(dict, *name, *value, spans.first().copied(), sure && *always);
                    if sure && *always {
                        self.know(frame, dict, *name, *value);
                    }
                }
                if args.rest != Val::BOTTOM {
                    self.copy_into(frame, dict, args.rest, sure);
                }
                self.values.none()
            }
            "keys" => {
                let keys = self.keys_of(dict, frame.instance);
                self.list_of(frame, keys, site)
            }
            "values" => {
                let values = self.all_values(dict, frame.instance);
                self.list_of(frame, values, site)
            }
            "items" => self.items_of(frame, dict, site),
            "copy" => self.make_dict(frame, &Args::of(&[me]), site),
            "clear" | "popitem" => {
                self.forget_all(dict);
                if method == "clear" {
                    return self.values.none();
                }
                let item = vec![self.keys_of(dict, frame.instance), self.all_values(dict, frame.instance)];
                let item = self.values.tuple_atom(item);
                self.values.one(item)
            }
            "__delitem__" => {
                self.forget_key(me, first.unwrap_or(Val::BOTTOM));
                self.values.none()
            }
            // `Counter(jobs).most_common()`
            _ => {
                self.call_all_by_taker(frame, &[me], site);
                self.values.data()
            }
        }
    }

    fn list_method(&mut self, frame: &mut Frame<'p>, list: ObjId, method: &str, args: &Args, site: CallSite) -> Val {
        let me = self.values.one(Atom::Object(list));
        match method {
            "append" | "add" | "appendleft" | "put" | "put_nowait" => {
                let value = args.positional.first().copied().unwrap_or(Val::BOTTOM);
                self.append(list, value);
                self.values.none()
            }
            "insert" => {
                let value = args.positional.get(1).copied().unwrap_or(Val::BOTTOM);
                self.append(list, value);
                self.values.none()
            }
            "extend" | "update" | "union" => {
                for value in args.positional.clone() {
                    self.extend_lists(frame, me, value);
                }
                if method == "union" { me } else { self.values.none() }
            }
            "pop" | "popleft" | "get" | "get_nowait" | "result" | "__next__" | "send" => {
                self.disorder(list);
                self.heap.read(self.heap.get(list).elements, frame.instance)
            }
            "copy" | "intersection" | "difference" | "symmetric_difference" => me,
            "sort" | "reverse" | "remove" | "clear" => {
                self.disorder(list);
                self.hand_out(frame, args, site);
                self.values.none()
            }
            // `future.add_done_callback(…)`
            _ => {
                self.hand_out(frame, args, site);
                self.values.data()
            }
        }
    }

    fn items_method(
        &mut self,
        frame: &mut Frame<'p>,
        response: ResponseId,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        let me = self.values.one(Atom::Items(response));
        match method {
            "pop" if args.positional.first().is_some_and(|v| self.values.single(*v) == Some(Atom::Int(0))) => {
                self.pages.uses(response).first = true;
                self.values.item_of(response)
            }
            "extend" | "append" => {
                // The page's own list collects the other pages' items: still a list of items.
                for value in args.positional.clone() {
                    self.iterate(frame, value);
                }
                self.values.none()
            }
            "copy" => me,
            "sort" | "reverse" => {
                self.pages.consume(&self.values, me);
                self.hand_out(frame, args, site);
                self.values.none()
            }
            _ => {
                self.pages.consume(&self.values, me);
                self.values.data()
            }
        }
    }

    /// `response["Items"]`.
    pub fn response_part(&mut self, response: ResponseId, key: Val) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(key) {
            let part = if let Atom::Str(name) = atom {
                match self.values.str(name) {
                    "Items" => self.values.one(Atom::Items(response)),
                    "LastEvaluatedKey" => {
                        self.pages.uses(response).last_key_read = true;
                        self.values.one(Atom::LastKey(response))
                    }
                    "Count" | "ScannedCount" => self.values.one(Atom::Count(response)),
                    _ => self.values.data(),
                }
            } else {
                // A computed key: may be any part.
                self.pages.uses(response).last_key_read = true;
                let parts = [Atom::Items(response), Atom::LastKey(response), Atom::Count(response)];
                self.values.set(parts.to_vec())
            };
            result = self.values.join(result, part);
        }
        result
    }

    fn response_method(&mut self, response: ResponseId, method: &str, args: &Args) -> Val {
        match method {
            "get" | "pop" => {
                let key = args.positional.first().copied().unwrap_or(Val::BOTTOM);
                let found = self.response_part(response, key);
                let is_list = matches!(self.values.single(found), Some(Atom::Items(_)));
                let default = args.positional.get(1).copied();
                match default {
                    // `.get("Items", [])`: the items are always there.
                    Some(_) if is_list => found,
                    None if is_list => found,
                    Some(default) => self.values.join(found, default),
                    None => {
                        let none = self.values.none();
                        self.values.join(found, none)
                    }
                }
            }
            _ => {
                self.pages.uses(response).last_key_read = true;
                let whole = self.values.one(Atom::Response(response));
                self.values.data_from(&[whole])
            }
        }
    }

    /// `items[0]` takes the first; any other index takes one of all.
    pub fn note_item_index(&mut self, response: ResponseId, index: Val) {
        match self.values.single(index) {
            Some(Atom::Int(0)) => self.pages.uses(response).first = true,
            _ => self.pages.uses(response).all = true,
        }
    }

    fn class_method(
        &mut self,
        frame: &mut Frame<'p>,
        class: (crate::python::ModuleId, crate::python::ir::ClassId),
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        if let Some(value) = self.call_model(frame, (class, None), method, args, site) {
            return value;
        }
        match method {
            // Pydantic's and dataclass libraries' alternative constructors.
            "model_validate"
            | "parse_obj"
            | "model_validate_json"
            | "parse_raw"
            | "construct"
            | "model_construct"
            | "from_dict"
            | "_make" => {
                let mut unknown = Args::default();
                spread_first(self, frame, args, &mut unknown);
                if method == "from_dict" {
                    // Of dataclasses_json and others: by decoders of their own.
                    for keyword in &mut unknown.keywords {
                        keyword.value = self.converted(keyword.value, &Kept::default(), frame.instance);
                    }
                }
                self.hand_out(frame, args, site);
                self.instantiate(frame, class, &unknown, site)
            }
            _ => {
                self.hand_out(frame, args, site);
                self.values.data()
            }
        }
    }

    fn function_method(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Atom,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        match (receiver, method) {
            // `@x.setter` keeps the property.
            (Atom::Property(_), _) => self.values.one(receiver),
            // Task decorators: `task.delay(...)`, `task.apply_async(...)`.
            (_, "delay" | "apply" | "__call__" | "submit" | "remote") => {
                let one = self.values.one(receiver);
                self.call(frame, one, args, site)
            }
            // `@function.register(type)` of `functools.singledispatch` takes what it is put on.
            (_, "register") => {
                self.hand_out(frame, args, site);
                self.external_object("functools.singledispatch.register")
            }
            _ => {
                self.hand_out(frame, args, site);
                self.values.data()
            }
        }
    }
}

/// `Model.from_mapping(mapping)`: the mapping's entries as keyword arguments.
fn spread_first<'p>(machine: &mut Machine<'p>, frame: &mut Frame<'p>, args: &Args, out: &mut Args) {
    if let Some(first) = args.positional.first() {
        machine.spread_keywords(frame, out, *first);
    }
}
