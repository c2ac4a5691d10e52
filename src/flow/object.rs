//! Attributes: reading and setting them on anything.

use super::call::Args;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, InstanceId, Kind};
use super::machine::Machine;
use super::protocol::DONE;
use super::special::NAMESPACE;
use super::value::{Atom, ObjId, Sym, Taint, Val};
use crate::python::ir::ClassId;
use crate::python::{ModuleId, own_name};

impl<'p> Machine<'p> {
    /// `object.name`.
    pub fn attribute(&mut self, frame: &mut Frame<'p>, object: Val, name: Sym) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(object) {
            let own = self.atom_attribute(frame, atom, name);
            let members = self.member_attribute(frame, atom, name);
            let value = self.values.join(own, members);
            result = self.values.join(result, value);
        }
        result
    }

    fn atom_attribute(&mut self, frame: &mut Frame<'p>, atom: Atom, name: Sym) -> Val {
        if let Some(value) = self.special_attribute(atom, name) {
            return value;
        }
        match atom {
            // Who waits for a task has what it gives: the task's own methods are looked for on that.
            Atom::None if self.values.str(name) == DONE => self.method(atom, name),
            Atom::None => Val::BOTTOM,
            Atom::Module(module) => self.module_attribute(frame.instance, module, name),
            Atom::Namespace(dotted) => {
                let dotted = format!("{}.{}", self.values.str(dotted), self.values.str(name));
                self.submodule(frame.instance, &dotted)
            }
            Atom::Object(object) => self.object_attribute(frame, object, name),
            Atom::Class(module, class) => self.class_attribute(frame, module, class, name),
            Atom::Super(receiver, module, class) => {
                let mut line = match self.values.atom(receiver) {
                    Atom::Object(object) => match self.heap.get(object).kind {
                        Kind::Instance(m, c) => self.ancestry(m, c),
                        _ => self.ancestry(module, class),
                    },
                    Atom::Class(m, c) => self.ancestry(m, c),
                    _ => self.ancestry(module, class),
                };
                // A class, seen from its metaclass.
                if !line.ours.contains(&(module, class)) {
                    line = self.ancestry(module, class);
                }
                let position = line.ours.iter().position(|c| *c == (module, class)).map_or(0, |p| p + 1);
                line.ours.drain(..position);
                let found = self.find_in_class(&line, name, frame.instance);
                if found == Val::BOTTOM {
                    return self.values.one(Atom::Method(receiver, name));
                }
                let receiver = self.values.atom(receiver);
                self.bind_members(frame, found, receiver)
            }
            Atom::Function(..) | Atom::Bound(..) | Atom::Method(..) if self.values.str(name) == "__name__" => {
                self.callable_name(atom)
            }
            Atom::Function(..) | Atom::Bound(..) => {
                let function = if let Atom::Bound(_, function) = atom { self.values.atom(function) } else { atom };
                self.function_attribute(frame, function, name).unwrap_or_else(|| self.method(atom, name))
            }
            // Attributes of attributes of what isn't known would go on for ever in a loop.
            Atom::Method(receiver, _) if self.is_chain(receiver) => {
                // The last name is kept where it may be one of ours.
                let last = if self.methods.contains_key(&name) { self.values.atom(receiver) } else { atom };
                if last == atom { self.values.one(atom) } else { self.method(last, name) }
            }
            Atom::Method(receiver, _) if self.is_library_value(receiver) => {
                self.held_attribute(frame, atom, name);
                let path = self.values.atom_id(atom);
                self.values.one(Atom::Method(path, name))
            }
            Atom::External(path) => {
                let path = format!("{}.{}", self.values.str(path), self.values.str(name));
                self.external(&path)
            }
            Atom::Data(taint) => self.method_of_found(atom, name).unwrap_or_else(|| {
                let held = self.held_attribute(frame, atom, name);
                let value = self.clock_attribute(taint, name);
                self.values.join(value, held)
            }),
            // Members of an enum are taken as their values.
            Atom::Str(_) | Atom::Text(_) if matches!(self.values.str(name), "value" | "_value_") => {
                self.values.one(atom)
            }
            Atom::Int(_) | Atom::True | Atom::False | Atom::Count(_) => self.values.one(Atom::Data(Taint(0))),
            Atom::Property(_) => self.values.one(atom),
            Atom::Session(_) | Atom::Client(..) | Atom::Resource(..) | Atom::Table(..) => {
                self.boto_attribute(frame, atom, name)
            }
            _ => self.method(atom, name),
        }
    }

    /// A method, or another attribute, that is known by its name only.
    pub fn method(&mut self, receiver: Atom, name: Sym) -> Val {
        let receiver = self.values.atom_id(receiver);
        self.values.one(Atom::Method(receiver, name))
    }

    /// Whether a receiver is itself an attribute of an attribute.
    fn is_chain(&self, receiver: super::value::AtomId) -> bool {
        match self.values.atom(receiver) {
            Atom::Method(inner, _) => matches!(self.values.atom(inner), Atom::Method(..)),
            _ => false,
        }
    }

    fn is_library_value(&self, atom: super::value::AtomId) -> bool {
        matches!(self.values.atom(atom), Atom::ExternalObject(_) | Atom::Opaque(_) | Atom::Method(..))
    }

    /// A name of a library.
    pub fn external(&mut self, path: &str) -> Val {
        if path == "os.environ" {
            return self.values.one(Atom::Environ);
        }
        if matches!(path, "typing.TYPE_CHECKING" | "typing_extensions.TYPE_CHECKING") {
            return self.values.boolean(false);
        }
        let path = self.values.sym(own_name(path));
        self.values.one(Atom::External(path))
    }

    fn callable_name(&mut self, atom: Atom) -> Val {
        match atom {
            Atom::Function(module, function, _) => {
                let name = self.function(module, function).name.clone();
                self.values.string(&name)
            }
            Atom::Bound(_, function) => self.callable_name(self.values.atom(function)),
            Atom::Method(_, name) => self.values.one(Atom::Str(name)),
            _ => self.values.data(),
        }
    }

    fn object_attribute(&mut self, frame: &mut Frame<'p>, object: ObjId, name: Sym) -> Val {
        let atom = Atom::Object(object);
        match self.heap.get(object).kind {
            Kind::Instance(module, class) => self.instance_attribute(frame, object, (module, class), name),
            Kind::Provider(_) => self.provider_attribute(frame, object, name),
            // A namespace made of keywords.
            Kind::Module => match self.read_field(object, name, frame.instance) {
                Val::BOTTOM => self.method(atom, name),
                value => value,
            },
            Kind::Partial => self.partial_attribute(frame, object, name),
            Kind::Field | Kind::Tool(_) | Kind::Dict | Kind::List | Kind::Frame(..) | Kind::Class => {
                self.method(atom, name)
            }
        }
    }

    fn instance_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        object: ObjId,
        (module, class): (ModuleId, ClassId),
        name: Sym,
    ) -> Val {
        // The field is made on demand so that the reader hears of later stores.
        let own = self.read_field(object, name, frame.instance);
        let shared = self.shared_attribute(frame.instance, object, (module, class), name);
        let line = self.ancestry(module, class);
        let inherited = self.find_in_class(&line, name, frame.instance);
        let bound = self.bind_members(frame, inherited, Atom::Object(object));
        let value = self.values.join_all([own, shared, bound]);
        if value != Val::BOTTOM {
            return self.as_read(object, &line, value, frame.instance);
        }
        self.missing_attribute(frame, object, &line, name)
    }

    /// An instance of which only the class is known has whatever the known instances have, and the other way round.
    fn shared_attribute(
        &mut self,
        reader: InstanceId,
        object: ObjId,
        (module, class): (ModuleId, ClassId),
        name: Sym,
    ) -> Val {
        let Some(any) = self.heap.find(AllocKey::AnyInstance(module, class)) else { return Val::BOTTOM };
        if any != object {
            return self.read_field(any, name, reader);
        }
        let pool = self.heap.pool(module, class, name);
        self.heap.read(pool, reader)
    }

    fn missing_attribute(
        &mut self,
        frame: &mut Frame<'p>,
        object: ObjId,
        line: &super::class::Ancestry,
        name: Sym,
    ) -> Val {
        let atom = Atom::Object(object);
        match self.values.str(name) {
            "__class__" => match self.heap.get(object).kind {
                Kind::Instance(module, class) => return self.values.one(Atom::Class(module, class)),
                _ => return self.values.data(),
            },
            "__dict__" => {
                self.note_set_unseen(atom);
                return self.values.opaque(NAMESPACE);
            }
            _ => {}
        }
        let getattr = self.values.sym("__getattr__");
        if self.find_in_class(line, getattr, frame.instance) != Val::BOTTOM {
            let receiver = self.values.one(atom);
            let key = self.values.one(Atom::Str(name));
            return self.call_method(frame, receiver, getattr, &[key]);
        }
        if !line.external.is_empty() {
            return self.method(atom, name);
        }
        self.unset(frame.instance)
    }

    /// Class members as seen through a receiver: functions bound, properties read.
    pub fn bind_members(&mut self, frame: &mut Frame<'p>, members: Val, receiver: Atom) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(members) {
            let is_method = match atom {
                Atom::Function(..) => true,
                Atom::Object(object) => self.wrapped.partial_methods.contains(&object),
                _ => false,
            };
            let value = match atom {
                _ if is_method => {
                    if matches!(receiver, Atom::Class(..)) {
                        self.values.one(atom)
                    } else {
                        let (receiver, function) = (self.values.atom_id(receiver), self.values.atom_id(atom));
                        self.values.one(Atom::Bound(receiver, function))
                    }
                }
                Atom::StaticMethod(inner) => {
                    let inner = self.values.atom(inner);
                    self.values.one(inner)
                }
                Atom::ClassMethod(inner) => {
                    let class = match receiver {
                        Atom::Object(object) => match self.heap.get(object).kind {
                            Kind::Instance(module, class) => Atom::Class(module, class),
                            _ => receiver,
                        },
                        other => other,
                    };
                    let class = self.values.atom_id(class);
                    self.values.one(Atom::Bound(class, inner))
                }
                Atom::Property(inner) if !matches!(receiver, Atom::Class(..)) => {
                    let getter = self.values.atom(inner);
                    let getter = self.values.one(getter);
                    let receiver = self.values.one(receiver);
                    self.call(frame, getter, &super::call::Args::of(&[receiver]), None)
                }
                Atom::Object(object) if !matches!(receiver, Atom::Class(..)) && self.is_attribute(object) => {
                    self.values.data()
                }
                // A field's description gives way to the field.
                Atom::Object(object) if self.heap.get(object).kind == Kind::Field => Val::BOTTOM,
                atom => self.values.one(atom),
            };
            result = self.values.join(result, value);
        }
        result
    }

    fn class_attribute(&mut self, frame: &mut Frame<'p>, module: ModuleId, class: ClassId, name: Sym) -> Val {
        let line = self.ancestry(module, class);
        let found = self.find_in_class(&line, name, frame.instance);
        if found != Val::BOTTOM {
            return self.bind_members(frame, found, Atom::Class(module, class));
        }
        if let Some(value) = self.attribute_of_metaclass(frame, (module, class), &line, name) {
            return value;
        }
        match self.values.str(name) {
            "__name__" | "__qualname__" => {
                let name = self.module(module).class(class).name.clone();
                self.values.string(&name)
            }
            text if !text.starts_with("__") && text != "mro" && self.is_plain_class(&line) => {
                self.unset(frame.instance)
            }
            _ => self.method(Atom::Class(module, class), name),
        }
    }

    /// Whether nothing but its body gives a class its attributes: no decorator, no metaclass.
    fn is_plain_class(&self, line: &super::class::Ancestry) -> bool {
        line.external.is_empty()
            && line.ours.iter().all(|(module, class)| {
                let class = self.module(*module).class(*class);
                class.decorators.is_empty() && class.keywords.is_empty()
            })
    }

    /// `object.name = value`.
    pub fn set_attribute(&mut self, frame: &Frame<'p>, object: Val, name: Sym, value: Val) {
        self.changes_classes |= name == self.class_methods[0];
        for atom in self.values.atoms_vec(object) {
            match atom {
                Atom::Object(object) => {
                    let value = self.assigned(frame, object, name, value);
                    self.write_field(object, name, value);
                }
                Atom::Class(module, class) => {
                    let (namespace, _) = self.heap.object(AllocKey::Class(module, class), Kind::Class);
                    self.write_field(namespace, name, value);
                    self.note_added_method((module, class), name, value);
                }
                Atom::Module(module) => {
                    let (namespace, _) = self.heap.object(AllocKey::Module(module), Kind::Module);
                    self.write_field(namespace, name, value);
                }
                Atom::Function(module, function, closure) => {
                    let attributes = self.attributes_on((module, function, closure));
                    self.write_field(attributes, name, value);
                }
                _ => {}
            }
        }
    }

    /// `setattr(object, name, value)`.
    pub fn set_under(&mut self, frame: &mut Frame<'p>, [object, name, value]: [Val; 3], site: CallSite) {
        let names: Option<Vec<Sym>> = self.values.atoms_vec(name).map(as_name).collect();
        if let Some(names) = names.filter(|names| !names.is_empty()) {
            for name in names {
                self.set_attribute(frame, object, name, value);
            }
            self.escape_into(frame, object, value, site);
            return;
        }
        // Nobody can tell under which name it is called.
        self.call_all_perhaps(frame, value, site);
        for atom in self.values.atoms_vec(object) {
            self.note_set_unseen(atom);
        }
    }

    /// `object.__setattr__(self, name, value)`, `super().__setattr__(name, value)`: none of our code is called.
    pub fn set_by_hand(&mut self, frame: &mut Frame<'p>, receiver: Atom, args: &Args, site: CallSite) -> Val {
        let receiver = self.values.one(receiver);
        match args.positional[..] {
            [name, value] => self.set_under(frame, [receiver, name, value], site),
            [object, name, value] => self.set_under(frame, [object, name, value], site),
            _ => {}
        }
        self.values.none()
    }
}

fn as_name(atom: Atom) -> Option<Sym> {
    if let Atom::Str(name) = atom { Some(name) } else { None }
}
