//! Enums ([`enum`](https://docs.python.org/3/library/enum.html)). Members are taken as their values, which so have the methods
//! of the enums that may hold them.

use super::annotation::Kept;
use super::call::Args;
use super::class::{Ancestry, is_structural};
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, Stmt, Target};

/// Enums with a method of the same name that are told apart.
const MOST_ENUMS: usize = 16;

impl<'p> Machine<'p> {
    pub fn is_enum(&self, line: &Ancestry) -> bool {
        self.has_base(line, "Enum") || self.has_base(line, "Flag")
    }

    /// Notes the classes that an enum's members have methods of.
    pub fn note_enum(&mut self, line: &Ancestry) {
        if self.is_enum(line) {
            self.of_enums.extend(line.ours.iter().copied());
        }
    }

    /// Runs the constructor of an enum for its members: what it gives them, one object holds for all.
    pub fn make_members(&mut self, frame: &mut Frame<'p>, class: (ModuleId, ClassId), line: &Ancestry) {
        if !self.is_enum(line) {
            return;
        }
        self.note_new(line);
        self.make_of_values(frame, class, line);
        let members = self.enum_members(class.0, class.1, frame.instance);
        self.call_special_methods(frame, line, members, None);
        let init = self.values.sym("__init__");
        let init = self.find_in_class(line, init, frame.instance);
        let is_generated = |class| self.classes.get(class).is_some_and(|info| info.generated_init);
        if init == Val::BOTTOM && !line.ours.iter().any(is_generated) {
            return;
        }
        let (object, _) = self.heap.object(AllocKey::AnyInstance(class.0, class.1), Kind::Instance(class.0, class.1));
        let receiver = self.values.one(Atom::Object(object));
        for member in self.values.atoms_vec(members) {
            let given = match member {
                Atom::Function(..) | Atom::Property(_) | Atom::ClassMethod(_) | Atom::StaticMethod(_) => continue,
                Atom::Tuple(tuple) => self.values.tuple(tuple).to_vec(),
                other => vec![self.values.one(other)],
            };
            if init == Val::BOTTOM {
                self.generated_init(frame, object, line, &Args::of(&given), None);
            } else {
                self.call(frame, init, &Args::of(&given).with_receiver(receiver), None);
            }
        }
        self.made_members.insert(object);
    }

    /// Members of an enum that is of another type, too, are made of what stands in the class: `class Size(str, Enum): ONE = 1`
    /// ([`enum`](https://docs.python.org/3/howto/enum.html#restricted-enum-subclassing)).
    fn make_of_values(&mut self, frame: &mut Frame<'p>, class: (ModuleId, ClassId), line: &Ancestry) {
        let new = self.values.sym("__new__");
        let is_made = self.find_in_class(line, new, frame.instance) != Val::BOTTOM;
        let kept = if is_made { Some(Kept::default()) } else { self.kept_by_mixin(line) };
        let (Some(kept), Some(info)) = (kept, self.classes.get(&class)) else { return };
        let namespace = info.namespace;
        for (name, field) in self.heap.fields(namespace) {
            let value = self.heap.read(field.cell, frame.instance);
            let value = self.converted(value, &kept, frame.instance);
            self.write_field(namespace, name, value);
        }
    }

    /// What stays the same as a member of an enum; `None` if all does.
    fn kept_by_mixin(&self, line: &Ancestry) -> Option<Kept> {
        let bases = line.ours.iter().filter_map(|class| self.classes.get(class)).flat_map(|info| &info.bases);
        bases.flat_map(|base| self.values.atoms(*base)).find_map(|base| match base {
            Atom::Builtin(name) => Some(Kept::of_type(self.values.str(*name))),
            Atom::External(path) => match self.values.str(*path) {
                "enum.StrEnum" => Some(Kept::of_type("str")),
                "enum.IntEnum" | "enum.IntFlag" => Some(Kept::of_type("int")),
                path if path.ends_with("Enum") || path.ends_with("Flag") || is_structural(path) => None,
                _ => Some(Kept::default()),
            },
            _ => None,
        })
    }

    /// Notes the attributes that `__new__` of an enum gives its members: what is in them isn't followed.
    fn note_new(&mut self, line: &Ancestry) {
        for (id, class) in &line.ours {
            let module = self.module(*id);
            let own = module.functions.iter().filter(|f| f.class == Some(*class) && &*f.name == "__new__");
            for function in own {
                for target in function.body.iter().flat_map(Stmt::targets) {
                    if let Target::Attr(_, name) = target {
                        let name = self.program.sym(*id, *name);
                        self.unclear_members.insert(name);
                    }
                }
            }
        }
    }

    /// `Enum(value)`: a member, or what `_missing_` gives for a value of none.
    pub fn member_of(&mut self, frame: &mut Frame<'p>, class: (ModuleId, ClassId), args: &Args, site: CallSite) -> Val {
        let members = self.enum_members(class.0, class.1, frame.instance);
        let missing = self.values.sym("_missing_");
        match self.class_field(class.0, class.1, missing, frame.instance) {
            Val::BOTTOM => members,
            method => {
                let bound = self.bind_members(frame, method, Atom::Class(class.0, class.1));
                let other = self.call(frame, bound, args, site);
                self.values.join(members, other)
            }
        }
    }

    /// What the constructors of enums put there under a name.
    fn made_attribute(&mut self, name: Sym, reader: InstanceId) -> Val {
        let mut result = Val::BOTTOM;
        if self.unclear_members.contains(&name) {
            result = self.values.opaque("what an enum's `__new__` gives its members");
        }
        for object in self.made_members.clone() {
            if self.heap.get(object).fields.contains_key(&name) {
                let value = self.read_field(object, name, reader);
                result = self.values.join(result, value);
            }
        }
        result
    }

    /// What iterating an enum, or calling it, gives: its members' values.
    pub fn enum_members(&mut self, module: ModuleId, class: ClassId, reader: InstanceId) -> Val {
        let Some(info) = self.classes.get(&(module, class)) else { return self.values.data() };
        let namespace = info.namespace;
        self.all_values(namespace, reader)
    }

    /// `member.name`, where `member` may be an enum's: a method or a property that some enum gives its members.
    pub fn member_attribute(&mut self, frame: &mut Frame<'p>, member: Atom, name: Sym) -> Val {
        if self.of_enums.is_empty() || !self.may_be_member(member, name, frame.instance) {
            return Val::BOTTOM;
        }
        if self.is_plain_value(member) && matches!(self.values.str(name), "value" | "_value_") {
            return self.values.one(member);
        }
        let mut result = self.made_attribute(name, frame.instance);
        let definers = self.methods.get(&name).into_iter().flatten();
        let definers: Vec<_> = definers.filter(|class| self.of_enums.contains(*class)).copied().collect();
        if definers.len() > MOST_ENUMS {
            return self.values.opaque("a method that many enums have");
        }
        for (module, class) in definers {
            let found = self.class_field(module, class, name, frame.instance);
            for atom in self.values.atoms_vec(found) {
                let receiver = if matches!(atom, Atom::ClassMethod(_)) { Atom::Class(module, class) } else { member };
                let found = self.values.one(atom);
                let bound = match (atom, receiver) {
                    // A method of a member that is a class isn't one of that class.
                    (Atom::Function(..), Atom::Class(..)) => {
                        let (receiver, method) = (self.values.atom_id(receiver), self.values.atom_id(atom));
                        self.values.one(Atom::Bound(receiver, method))
                    }
                    _ => self.bind_members(frame, found, receiver),
                };
                result = self.values.join(result, bound);
            }
        }
        result
    }

    /// `member()`.
    pub fn call_member(&mut self, frame: &mut Frame<'p>, member: Atom, args: &Args, site: CallSite) -> Val {
        let name = self.values.sym("__call__");
        match self.member_attribute(frame, member, name) {
            Val::BOTTOM => Val::BOTTOM,
            method => self.call(frame, method, args, site),
        }
    }

    /// Whether a member that is taken as its value has no attribute of that name which isn't the member's.
    fn is_plain_value(&self, member: Atom) -> bool {
        match member {
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Dict | Kind::List | Kind::Partial),
            Atom::Class(..)
            | Atom::Function(..)
            | Atom::Tuple(_)
            | Atom::Table(..)
            | Atom::Client(..)
            | Atom::Resource(..) => true,
            _ => false,
        }
    }

    /// Whether an atom may be an enum's member: a value of any kind, but nothing that has such an attribute of its own.
    fn may_be_member(&mut self, atom: Atom, name: Sym, reader: InstanceId) -> bool {
        match atom {
            Atom::Class(module, class) => self.class_field(module, class, name, reader) == Val::BOTTOM,
            // What `enum.member` makes one.
            Atom::Function(..) => matches!(self.values.str(name), "value" | "_value_"),
            Atom::Str(_)
            | Atom::Text(_)
            | Atom::Int(_)
            | Atom::True
            | Atom::False
            | Atom::Tuple(_)
            | Atom::Data(_)
            | Atom::Table(..)
            | Atom::Client(..)
            | Atom::Resource(..) => true,
            Atom::Object(object) => {
                matches!(self.heap.get(object).kind, Kind::Dict | Kind::List | Kind::Partial | Kind::Instance(..))
            }
            _ => false,
        }
    }
}
