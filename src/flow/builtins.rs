//! Python's builtin functions, as far as they matter to where values go.

use super::Hides;
use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::special::NAMESPACE;
use super::value::{Atom, Sym, Val};

/// Names that are builtins unless a module binds them.
pub(super) fn is_builtin(name: &str) -> bool {
    matches!(
        name,
        "abs"
            | "all"
            | "any"
            | "ascii"
            | "bin"
            | "bool"
            | "bytearray"
            | "bytes"
            | "callable"
            | "chr"
            | "classmethod"
            | "compile"
            | "complex"
            | "delattr"
            | "dict"
            | "dir"
            | "divmod"
            | "enumerate"
            | "eval"
            | "exec"
            | "filter"
            | "float"
            | "format"
            | "frozenset"
            | "getattr"
            | "globals"
            | "hasattr"
            | "hash"
            | "help"
            | "hex"
            | "id"
            | "input"
            | "int"
            | "isinstance"
            | "issubclass"
            | "iter"
            | "len"
            | "list"
            | "locals"
            | "map"
            | "max"
            | "memoryview"
            | "min"
            | "next"
            | "object"
            | "oct"
            | "open"
            | "ord"
            | "pow"
            | "print"
            | "property"
            | "range"
            | "repr"
            | "reversed"
            | "round"
            | "set"
            | "setattr"
            | "slice"
            | "sorted"
            | "staticmethod"
            | "str"
            | "sum"
            | "super"
            | "tuple"
            | "type"
            | "vars"
            | "zip"
            | "aiter"
            | "anext"
            | "__import__"
            | "exit"
            | "quit"
            | "unicode"
            | "xrange"
            | "basestring"
            | "long"
            | "raw_input"
            | "reduce"
    ) || name.ends_with("Error")
        || name.ends_with("Exception")
        || name.ends_with("Warning")
        || matches!(name, "StopIteration" | "StopAsyncIteration" | "KeyboardInterrupt" | "SystemExit" | "GeneratorExit")
}

impl<'p> Machine<'p> {
    pub fn call_builtin(&mut self, frame: &mut Frame<'p>, name: Sym, args: &Args, site: CallSite) -> Val {
        let first = args.positional.first().copied().unwrap_or(args.star);
        let second = args.positional.get(1).copied();
        let builtin = self.values.str(name).to_owned();
        match builtin.as_str() {
            "len" => self.length(first),
            "str" | "format" => self.text_of(args, first),
            "list" | "set" | "frozenset" | "sorted" | "reversed" | "tuple" => {
                // In another order, the first of a page isn't the first of all.
                if !matches!(builtin.as_str(), "list" | "tuple") {
                    self.pages.consume(&self.values, first);
                }
                self.call_keyword_function(frame, args, "key", first, site);
                self.new_list(frame, args, first, site)
            }
            "dict" => self.make_dict(frame, args, site),
            "iter" | "aiter" => match second {
                // `iter(function, sentinel)` calls the function again and again.
                Some(_) => {
                    let element = self.call(frame, first, &Args::default(), site);
                    self.list_of(frame, element, site)
                }
                None => first,
            },
            "next" => self.next_of(frame, first, second),
            "anext" => {
                let element = self.next_async(frame, first);
                self.values.join(element, second.unwrap_or(Val::BOTTOM))
            }
            "enumerate" => {
                let element = self.iterate(frame, first);
                let number = self.values.data();
                let pair = self.values.tuple_atom(vec![number, element]);
                let pair = self.values.one(pair);
                self.list_of(frame, pair, site)
            }
            "zip" => {
                let parts: Vec<Val> = args.positional.iter().map(|v| self.iterate(frame, *v)).collect();
                if args.star != Val::BOTTOM {
                    // `zip(*pairs)`: it isn't known how many there are.
                    let more = self.iterate(frame, args.star);
                    let part = self.values.join_all(parts.into_iter().chain([more]));
                    let group = self.container(frame.instance, site, 11, Kind::List, &frame.guard);
                    self.append(group, part);
                    let group = self.values.one(Atom::Object(group));
                    return self.list_of(frame, group, site);
                }
                let element = self.values.tuple_atom(parts);
                let element = self.values.one(element);
                self.list_of(frame, element, site)
            }
            "map" => {
                // The function comes first; wherever it stands, it is what can be called.
                let at = args.positional.iter().position(|v| self.values.atoms(*v).iter().any(|a| self.is_ours(*a)));
                let at = at.unwrap_or(0);
                let function = args.positional.get(at).copied().unwrap_or_default();
                let rest = args.positional.iter().enumerate().filter(|(i, _)| *i != at);
                let parts: Vec<Val> = rest.map(|(_, v)| self.iterate(frame, *v)).collect();
                let star = self.iterate(frame, args.star);
                let element = self.call(frame, function, &Args { star, ..Args::of(&parts) }, site);
                self.list_of(frame, element, site)
            }
            "filter" => {
                let element = second.map_or(Val::BOTTOM, |v| self.iterate(frame, v));
                self.call(frame, first, &Args::of(&[element]), site);
                self.list_of(frame, element, site)
            }
            "getattr" => self.getattr(frame, args),
            "setattr" => {
                if let [object, name, value, ..] = args.positional[..] {
                    self.set_under(frame, [object, name, value], site);
                }
                self.values.none()
            }
            "isinstance" => self.isinstance(first, second),
            "hasattr" => {
                self.ask_for_attribute(frame, first, second.unwrap_or_default(), site);
                self.values.any_bool()
            }
            "operator.attrgetter" => self.get_attributes(frame, args, site),
            "operator.methodcaller" => self.call_by_caller(frame, args, site),
            "callable" | "issubclass" | "bool" | "all" | "any" => self.predicate(frame, &builtin, first),
            "type" if args.positional.len() == 3 => {
                self.hand_out(frame, args, site);
                self.values.opaque("a class that is made at run time")
            }
            "type" => self.type_of(first),
            "super" => self.explicit_super(first, second),
            "property" => {
                for other in args.positional.iter().skip(1).chain(args.keywords.iter().map(|keyword| &keyword.value)) {
                    self.call_all_perhaps(frame, *other, site);
                }
                self.wrap(first, Atom::Property)
            }
            "staticmethod" => self.wrap(first, Atom::StaticMethod),
            "classmethod" => self.wrap(first, Atom::ClassMethod),
            "vars" => self.namespaces(first),
            "locals" | "globals" | "dir" => self.values.opaque(NAMESPACE),
            "__import__" => self.import_by_call(frame, args, site),
            "eval" | "exec" | "compile" => self.dynamic_code(frame, site),
            "min" | "max" | "sum" | "reduce" => {
                self.call_keyword_function(frame, args, "key", first, site);
                let values = args.values();
                let data = self.values.data_from(&values);
                // `max(a, b)`: one of what it is given.
                let one_of_them = matches!(builtin.as_str(), "min" | "max") && args.positional.len() > 1;
                let element = if one_of_them {
                    self.values.join_all(args.positional.iter().copied())
                } else {
                    self.iterate(frame, first)
                };
                self.values.join(element, data)
            }
            "float" => {
                self.pages.consume(&self.values, first);
                self.values.float()
            }
            "int" | "abs" | "round" => match self.values.single(first) {
                Some(Atom::Int(_)) => first,
                Some(Atom::Str(text)) if self.values.str(text).parse::<i64>().is_ok() => {
                    let number = self.values.str(text).parse().unwrap_or_default();
                    self.values.one(Atom::Int(number))
                }
                _ => {
                    self.pages.consume(&self.values, first);
                    match self.values.as_number(first) {
                        Some(time) if builtin != "abs" => time,
                        _ => self.values.data_from(&[first]),
                    }
                }
            },
            "print" => {
                let values = args.values();
                for value in &values {
                    self.pages.consume(&self.values, *value);
                }
                let file = self.values.sym("file");
                if let Some(file) = args.keyword(file) {
                    self.hand_out(frame, &Args::of(&[file.value]), site);
                }
                self.values.data_from(&values)
            }
            _ => {
                let values = args.values();
                self.tell(&values);
                self.values.data_from(&values)
            }
        }
    }

    fn length(&mut self, value: Val) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let length = match atom {
                Atom::Items(response) => self.values.one(Atom::Count(response)),
                Atom::Tuple(tuple) => {
                    let length = i64::try_from(self.values.tuple(tuple).len()).unwrap_or(i64::MAX);
                    self.values.one(Atom::Int(length))
                }
                _ => self.values.data(),
            };
            result = self.values.join(result, length);
        }
        result
    }

    fn text_of(&mut self, args: &Args, value: Val) -> Val {
        if args.positional.is_empty() {
            return self.values.string("");
        }
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let text = match atom {
                Atom::Str(_) | Atom::Text(_) => self.values.one(atom),
                Atom::Int(number) => self.values.string(&number.to_string()),
                atom => {
                    let one = self.values.one(atom);
                    self.values.as_text(atom).unwrap_or_else(|| self.values.data_from(&[one]))
                }
            };
            result = self.values.join(result, text);
        }
        result
    }

    /// `list(x)`, `sorted(x)`: a new list with x's elements. The items of a response stay what they are.
    fn new_list(&mut self, frame: &mut Frame<'p>, args: &Args, value: Val, site: CallSite) -> Val {
        if args.positional.is_empty() {
            return self.list_of(frame, Val::BOTTOM, site);
        }
        if matches!(self.values.single(value), Some(Atom::Items(_) | Atom::Tuple(_))) {
            return value;
        }
        let element = self.iterate(frame, value);
        self.list_of(frame, element, site)
    }

    pub fn list_of(&mut self, frame: &mut Frame<'p>, element: Val, site: CallSite) -> Val {
        let list = self.container(frame.instance, site, 3, Kind::List, &frame.guard);
        self.append(list, element);
        self.values.one(Atom::Object(list))
    }

    /// `dict(mapping, **entries)`.
    pub fn make_dict(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let dict = self.container(frame.instance, site, 4, Kind::Dict, &frame.guard);
        for value in &args.positional {
            self.take_entries(frame, dict, *value, true);
        }
        for keyword in &args.keywords {
            self.store_field(dict, keyword.name, keyword.value, keyword.spans.first().copied(), keyword.always);
        }
        if args.rest != Val::BOTTOM {
            self.copy_into(frame, dict, args.rest, false);
        }
        self.values.one(Atom::Object(dict))
    }

    /// `next(iterator, default)`: of a response's items, the first.
    fn next_of(&mut self, frame: &mut Frame<'p>, iterator: Val, default: Option<Val>) -> Val {
        let mut result = default.unwrap_or(Val::BOTTOM);
        for atom in self.values.atoms_vec(iterator) {
            let value = match atom {
                Atom::Items(response) => {
                    self.pages.uses(response).first = true;
                    self.values.item_of(response)
                }
                Atom::Pages(response) => self.values.one(Atom::Response(response)),
                atom => self.next_element(frame, atom),
            };
            result = self.values.join(result, value);
        }
        result
    }

    fn getattr(&mut self, frame: &mut Frame<'p>, args: &Args) -> Val {
        let object = args.positional.first().copied().unwrap_or(Val::BOTTOM);
        let names = args.positional.get(1).copied().unwrap_or(Val::BOTTOM);
        let mut result = args.positional.get(2).copied().unwrap_or(Val::BOTTOM);
        for atom in self.values.atoms_vec(names) {
            let value = match atom {
                Atom::Str(name) => self.attribute(frame, object, name),
                _ if self.values.atoms(object).iter().all(|a| matches!(a, Atom::Data(_) | Atom::ExternalObject(_))) => {
                    self.values.data_from(&[object])
                }
                _ => {
                    self.read_perhaps(frame, object, None);
                    self.values.opaque("an attribute whose name is computed")
                }
            };
            result = self.values.join(result, value);
        }
        result
    }

    fn isinstance(&mut self, value: Val, classes: Option<Val>) -> Val {
        let (mut can, mut cannot) = (false, false);
        for atom in self.values.atoms_vec(value) {
            match classes.and_then(|c| self.instance_of(atom, c)) {
                Some(true) => can = true,
                Some(false) => cannot = true,
                None => (can, cannot) = (true, true),
            }
        }
        self.booleans(can, cannot)
    }

    fn predicate(&mut self, frame: &mut Frame<'p>, name: &str, value: Val) -> Val {
        match name {
            "bool" => {
                let (can, cannot) = self.truth(value);
                self.booleans(can, cannot)
            }
            "all" | "any" => {
                self.iterate(frame, value);
                self.values.any_bool()
            }
            _ => self.values.any_bool(),
        }
    }

    fn type_of(&mut self, value: Val) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let class = match atom {
                Atom::Object(object) => match self.heap.get(object).kind {
                    Kind::Instance(module, class) => self.values.one(Atom::Class(module, class)),
                    _ => self.values.data(),
                },
                _ => self.values.data(),
            };
            result = self.values.join(result, class);
        }
        result
    }

    /// `super(Class, self)`.
    fn explicit_super(&mut self, class: Val, receiver: Option<Val>) -> Val {
        let (Some(Atom::Class(module, class)), Some(receiver)) = (self.values.single(class), receiver) else {
            return Val::BOTTOM;
        };
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(receiver) {
            let receiver = self.values.atom_id(atom);
            let one = self.values.one(Atom::Super(receiver, module, class));
            result = self.values.join(result, one);
        }
        result
    }

    fn wrap(&mut self, value: Val, wrapper: fn(super::value::AtomId) -> Atom) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let inner = self.values.atom_id(atom);
            let one = self.values.one(wrapper(inner));
            result = self.values.join(result, one);
        }
        result
    }

    /// `key=function` is called with the elements.
    fn call_keyword_function(&mut self, frame: &mut Frame<'p>, args: &Args, name: &str, list: Val, site: CallSite) {
        let name = self.values.sym(name);
        if let Some(function) = args.keyword(name).map(|k| k.value) {
            let called = self.values.atoms_vec(function).filter(|atom| match *atom {
                Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Partial | Kind::Instance(..)),
                Atom::Class(..) => true,
                atom => self.is_ours(atom),
            });
            let called: Vec<Atom> = called.collect();
            if !called.is_empty() {
                // `max(a, b, key=…)`
                let element = match args.positional[..] {
                    [_, _, ..] => self.values.join_all(args.positional.iter().copied()),
                    _ => self.iterate(frame, list),
                };
                let called = self.values.set(called);
                self.call(frame, called, &Args::of(&[element]), site);
            }
        }
    }

    /// `vars(owner)`.
    fn namespaces(&mut self, owner: Val) -> Val {
        let unknown = self.values.opaque(NAMESPACE);
        let mut result = if owner == Val::BOTTOM { unknown } else { Val::BOTTOM };
        for atom in self.values.atoms_vec(owner) {
            self.note_set_unseen(atom);
            let namespace = self.namespace_of(atom).unwrap_or(unknown);
            result = self.values.join(result, namespace);
        }
        result
    }

    pub fn dynamic_code(&mut self, frame: &mut Frame<'p>, site: CallSite) -> Val {
        let span = self.place(frame, site);
        self.gap(span, "code that is made at run time", Hides::Anything);
        self.values.opaque("code that is made at run time")
    }
}
