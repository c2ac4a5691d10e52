//! What builtins and libraries ask of objects of ours by names that the program doesn't spell out: entries of a mapping,
//! attributes that are named by a text, `close` at the end of a block.

use super::call::Args;
use super::frame::Frame;
use super::heap::{CallSite, InstanceId, Kind};
use super::machine::Machine;
use super::manage::around;
use super::members::Wanted;
use super::value::{Atom, Val};

/// What a task calls once it is done.
pub(super) const DONE: &str = "add_done_callback";

impl<'p> Machine<'p> {
    /// Whether it is an instance of a class of ours.
    pub fn is_own_object(&self, atom: Atom) -> bool {
        matches!(atom, Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Instance(..)))
    }

    fn has_method(&mut self, atom: Atom, name: &str, reader: InstanceId) -> bool {
        let name = self.values.sym(name);
        self.defines(atom, name, reader)
    }

    fn call_named(&mut self, frame: &mut Frame<'p>, atom: Atom, name: &str, args: &[Val]) -> Val {
        let (one, name) = (self.values.one(atom), self.values.sym(name));
        self.call_method(frame, one, name, args)
    }

    /// A key and a value of a mapping that is an object of ours, as `dict(mapping)` and `{**mapping}` ask for them.
    pub fn entry_of_mapping(&mut self, frame: &mut Frame<'p>, atom: Atom) -> Option<(Val, Val)> {
        if !self.has_method(atom, "keys", frame.instance) {
            return None;
        }
        let keys = self.call_named(frame, atom, "keys", &[]);
        let key = self.iterate(frame, keys);
        let value = self.call_named(frame, atom, "__getitem__", &[key]);
        Some((key, value))
    }

    /// Whether `dict(…)` takes pairs of it.
    pub fn gives_pairs(&mut self, atom: Atom, reader: InstanceId) -> bool {
        match atom {
            Atom::Tuple(_) => true,
            Atom::Object(object) if self.heap.get(object).kind == Kind::List => true,
            _ => self.has_method(atom, "__iter__", reader) && !self.has_method(atom, "keys", reader),
        }
    }

    /// What is gone through by index, for it has no `__iter__`.
    pub fn element_by_index(&mut self, frame: &mut Frame<'p>, atom: Atom) -> Option<Val> {
        let is_indexed = !self.has_method(atom, "__iter__", frame.instance)
            && !self.has_method(atom, "__next__", frame.instance)
            && self.has_method(atom, "__getitem__", frame.instance);
        let index = self.values.data();
        is_indexed.then(|| self.call_named(frame, atom, "__getitem__", &[index]))
    }

    /// `x in container`: goes through what has no `__contains__`.
    pub fn search(&mut self, frame: &mut Frame<'p>, container: Val) {
        for atom in self.values.atoms_vec(container) {
            if self.is_own_object(atom) && !self.has_method(atom, "__contains__", frame.instance) {
                let one = self.values.one(atom);
                self.iterate(frame, one);
            }
        }
    }

    /// `"%(name)s" % mapping`: some entry is taken.
    pub fn take_perhaps(&mut self, frame: &mut Frame<'p>, mapping: Val) {
        for atom in self.values.atoms_vec(mapping) {
            if self.has_method(atom, "__getitem__", frame.instance) {
                let key = self.values.data();
                self.call_named(frame, atom, "__getitem__", &[key]);
            }
        }
    }

    /// Attributes may be read whose names aren't known.
    pub fn read_perhaps(&mut self, frame: &mut Frame<'p>, value: Val, site: CallSite) {
        for atom in self.values.atoms_vec(value) {
            let Atom::Object(object) = atom else { continue };
            if let Kind::Instance(module, class) = self.heap.get(object).kind {
                let (line, one) = (self.ancestry(module, class), self.values.one(atom));
                self.call_perhaps(frame, &line, one, site, Wanted::Attributes);
            }
        }
    }

    /// `hasattr(object, name)` reads the attribute: what is computed there runs.
    pub fn ask_for_attribute(&mut self, frame: &mut Frame<'p>, object: Val, names: Val, site: CallSite) {
        for name in self.values.atoms_vec(names) {
            let Atom::Str(name) = name else {
                self.read_perhaps(frame, object, site);
                continue;
            };
            for atom in self.values.atoms_vec(object) {
                let computes = match atom {
                    Atom::Object(object) => match self.heap.get(object).kind {
                        Kind::Instance(module, class) => {
                            let member = self.class_field(module, class, name, frame.instance);
                            let is_property = |atom: &Atom| matches!(atom, Atom::Property(_));
                            self.values.atoms(member).iter().any(is_property)
                                || member == Val::BOTTOM && self.has_method(atom, "__getattr__", frame.instance)
                        }
                        _ => false,
                    },
                    _ => false,
                };
                if computes {
                    let one = self.values.one(atom);
                    self.attribute(frame, one, name);
                }
            }
        }
    }

    /// `attrgetter(…)`, `methodcaller(…)`: keeps what is asked of the object that it will be called with.
    pub fn make_getter(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Val {
        let getter = self.values.sym(path);
        let getter = self.values.one(Atom::Builtin(getter));
        self.make_partial(frame, &args.with_receiver(getter), site)
    }

    /// What such a getter kept, and the object, which comes last.
    fn kept_and_object(args: &Args) -> (&[Val], Val) {
        match (args.star, args.positional.split_last()) {
            (Val::BOTTOM, Some((object, kept))) => (kept, *object),
            (star, _) => (&args.positional, star),
        }
    }

    /// `attrgetter("a.b", "c")(object)`.
    pub fn get_attributes(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let (names, object) = Self::kept_and_object(args);
        let mut found = Vec::new();
        for name in names {
            found.push(if let Some(Atom::Str(path)) = self.values.single(*name) {
                let path = self.values.str(path).to_owned();
                path.split('.').fold(object, |object, name| {
                    let name = self.values.sym(name);
                    self.attribute(frame, object, name)
                })
            } else {
                self.read_perhaps(frame, object, site);
                self.values.opaque("an attribute whose name is computed")
            });
        }
        if let [only] = found[..] {
            return only;
        }
        let all = self.values.tuple_atom(found);
        self.values.one(all)
    }

    /// `methodcaller("name", …)(object)`.
    pub fn call_by_caller(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let (kept, object) = Self::kept_and_object(args);
        let Some((name, rest)) = kept.split_first() else { return Val::BOTTOM };
        let rest = Args { positional: rest.to_vec(), keywords: args.keywords.clone(), ..Args::default() };
        let method = match self.values.single(*name) {
            Some(Atom::Str(name)) => self.attribute(frame, object, name),
            _ => self.values.opaque("an attribute whose name is computed"),
        };
        self.call(frame, method, &rest, site)
    }

    /// `closing(thing)`: its `close` is called where the block ends. It isn't entered itself, but what `with` binds.
    pub fn close_later(&mut self, frame: &mut Frame<'p>, thing: Val, method: &str, site: CallSite) -> Val {
        for atom in self.values.atoms_vec(thing) {
            if self.has_method(atom, method, frame.instance) {
                self.call_named(frame, atom, method, &[]);
            }
        }
        self.bound_by_with(frame, thing, site)
    }

    /// What `with` binds for a manager that enters nothing of it.
    pub fn bound_by_with(&mut self, frame: &mut Frame<'p>, thing: Val, site: CallSite) -> Val {
        let names = [around(false), around(true)].concat();
        let is_entered = |m: &mut Self, atom| names.iter().any(|name| m.has_method(atom, name, frame.instance));
        let entered = self.values.atoms_vec(thing).filter(|atom| is_entered(self, *atom)).collect();
        match self.values.set(entered) {
            Val::BOTTOM => thing,
            entered => {
                let others = self.values.atoms_vec(thing).filter(|atom| !self.values.atoms(entered).contains(atom));
                let others = others.collect();
                let (others, kept) = (self.values.set(others), self.list_of(frame, entered, site));
                self.values.join(others, kept)
            }
        }
    }

    /// `next(iterator)`.
    pub fn next_element(&mut self, frame: &mut Frame<'p>, iterator: Atom) -> Val {
        if self.has_method(iterator, "__next__", frame.instance) {
            return self.call_named(frame, iterator, "__next__", &[]);
        }
        let one = self.values.one(iterator);
        self.iterate(frame, one)
    }

    /// What `async for` binds.
    pub fn iterate_async(&mut self, frame: &mut Frame<'p>, iterable: Val) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(iterable) {
            let one = self.values.one(atom);
            let element = if self.has_method(atom, "__aiter__", frame.instance) {
                let made = self.call_named(frame, atom, "__aiter__", &[]);
                self.next_async(frame, made)
            } else {
                self.iterate(frame, one)
            };
            result = self.values.join(result, element);
        }
        result
    }

    /// `await anext(iterator)`.
    pub fn next_async(&mut self, frame: &mut Frame<'p>, iterator: Val) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(iterator) {
            let one = self.values.one(atom);
            let element = if self.has_method(atom, "__anext__", frame.instance) {
                self.call_named(frame, atom, "__anext__", &[])
            } else {
                self.iterate(frame, one)
            };
            result = self.values.join(result, element);
        }
        result
    }

    /// What logging is set up with: streams, factories, filters, classes, in a configuration by name, too.
    pub fn call_from_logging(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) {
        for value in self.with_contents(frame.instance, &args.values()) {
            self.call_all_perhaps(frame, value, site);
            for atom in self.values.atoms_vec(value) {
                match atom {
                    Atom::Object(_) => self.call_by_taker(frame, atom, site),
                    Atom::Str(name) if path == "logging.config.dictConfig" => {
                        let name = self.values.str(name).trim_start_matches("ext://").to_owned();
                        if let Some(found) = self.located(frame, &name, site) {
                            self.call_all_perhaps(frame, found, site);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
