//! What becomes of a value on its way into a field. Some libraries convert what a constructor is given to the annotated type,
//! and validators, converters and `__setattr__` may make anything of it: what they leave isn't known.

use super::annotation::Kept;
use super::class::Ancestry;
use super::fields::FieldInfo;
use super::frame::Frame;
use super::heap::{InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, ClassId, ExprId, ExprKind, Module};

/// Most containers within one another that are looked into.
const MAX_NESTING: u8 = 3;

/// What the constructor that a library makes does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Constructor {
    /// It stores them: dataclasses, attrs, named tuples.
    Stores,
    /// It converts them to the annotated types, and has no other fields than these: pydantic.
    Converts,
    /// Of a library or a decorator that isn't known: it may convert them, and what they default to, and have more fields.
    Unknown,
}

impl<'p> Machine<'p> {
    /// The constructor that a class's decorator makes, if it is known to make one.
    pub fn made_by(&self, module: &Module, decorator: ExprId, value: Val) -> Option<Constructor> {
        let transforms = match &module.expr(decorator).kind {
            ExprKind::Call(_, args) => {
                args.iter().any(|arg| matches!(arg, Arg::Keyword(name, _) if module.name(*name) == "field_transformer"))
            }
            _ => false,
        };
        self.values.atoms(value).iter().find_map(|atom| match atom {
            Atom::External(path) | Atom::ExternalObject(path) => {
                let path = self.values.str(*path);
                match path.split('.').next() {
                    Some("dataclasses" | "attr" | "attrs") if !transforms => Some(Constructor::Stores),
                    Some("dataclasses" | "attr" | "attrs") => Some(Constructor::Converts),
                    _ => path.ends_with("dataclass").then_some(Constructor::Converts),
                }
            }
            _ => None,
        })
    }

    pub fn constructor(&self, line: &Ancestry) -> Constructor {
        let bases = || line.external.iter().map(|base| self.values.str(*base));
        if line.cut || line.unclear || bases().any(|base| !is_model(base) && !stores(base)) {
            return Constructor::Unknown;
        }
        if bases().any(is_model) {
            return Constructor::Converts;
        }
        let classes = line.ours.iter().filter_map(|class| self.classes.get(class));
        classes.map(|info| info.constructor).max().unwrap_or(Constructor::Stores)
    }

    /// What a class's configuration says of an option: the class statement, `model_config`, the inner class `Config`.
    pub fn config_of(&mut self, class: (ModuleId, ClassId), option: Sym, reader: InstanceId) -> Val {
        let Some(info) = self.classes.get(&class) else { return Val::BOTTOM };
        let namespace = info.namespace;
        let mut said = info.options.iter().find(|(name, _)| *name == option).map_or(Val::BOTTOM, |(_, value)| *value);
        for name in ["model_config", "Config"].map(|name| self.values.sym(name)) {
            if !self.heap.get(namespace).fields.contains_key(&name) {
                continue;
            }
            let config = self.read_field(namespace, name, reader);
            for atom in self.values.atoms_vec(config) {
                let value = match atom {
                    Atom::Object(object) if self.heap.get(object).kind == Kind::Dict => {
                        match self.read_field(object, option, reader) {
                            Val::BOTTOM => self.heap.read(self.heap.get(object).elements, reader),
                            value => value,
                        }
                    }
                    Atom::Class(module, class) => self.class_field(module, class, option, reader),
                    _ => self.values.data(),
                };
                said = self.values.join(said, value);
            }
        }
        said
    }

    /// Whether some class of a line may say anything but this of an option.
    pub fn may_say(&mut self, line: &Ancestry, option: &str, harmless: &[&str], reader: InstanceId) -> bool {
        let option = self.values.sym(option);
        line.ours.iter().any(|class| {
            let said = self.config_of(*class, option, reader);
            self.values.atoms(said).iter().any(|atom| match atom {
                Atom::Str(text) => !harmless.contains(&self.values.str(*text)),
                Atom::External(path) => {
                    let name = self.values.str(*path).rsplit('.').next().unwrap_or_default();
                    !harmless.contains(&name)
                }
                atom => *atom != Atom::False,
            })
        })
    }

    /// What a class attribute holds, without becoming its reader: the class is complete before it has objects.
    pub fn class_holds(&self, line: &Ancestry, name: Sym) -> Val {
        let mut namespaces = line.ours.iter().filter_map(|class| self.classes.get(class)).map(|info| info.namespace);
        let found = namespaces.find_map(|namespace| {
            let cell = self.heap.get(namespace).fields.get(&name)?.cell;
            Some(self.heap.peek(cell)).filter(|value| *value != Val::BOTTOM)
        });
        found.unwrap_or_default()
    }

    /// Whether code of ours may change what a field is given: a validator, a converter.
    fn is_altered(&self, line: &Ancestry, name: Sym) -> bool {
        line.ours.iter().any(|class| self.classes.get(class).is_some_and(|info| info.hooks.values.holds(name)))
            || self.is_described(line, name, &["converter", "convert"])
    }

    /// Whether a field's description has one of these options.
    pub fn is_described(&self, line: &Ancestry, name: Sym, options: &[&str]) -> bool {
        self.values.atoms(self.class_holds(line, name)).iter().any(|atom| match atom {
            Atom::Object(object) if self.heap.get(*object).kind == Kind::Field => {
                self.heap.get(*object).fields.keys().any(|option| options.contains(&self.values.str(*option)))
            }
            _ => false,
        })
    }

    /// What a field holds once the constructor has taken an argument for it, or its default.
    pub fn taken(
        &mut self,
        frame: &mut Frame<'p>,
        line: &Ancestry,
        (owner, field): ((ModuleId, ClassId), &FieldInfo),
        value: Val,
        is_default: bool,
    ) -> Val {
        if !self.may_convert(value) {
            return value;
        }
        if self.is_altered(line, field.name) {
            return self.or_unknown(value, frame.instance);
        }
        let converts = match self.constructor(line) {
            Constructor::Stores => false,
            Constructor::Unknown => true,
            Constructor::Converts => !is_default || self.validates_defaults(frame, line, field.name),
        };
        if !converts {
            return value;
        }
        let kept = self.kept_in(frame, owner, field.annotation);
        let taken = self.converted(value, &kept, frame.instance);
        let made = self.made_of_dicts(frame, owner, value, field.annotation);
        self.values.join(taken, made)
    }

    /// Instances of our classes that are made of dicts for a field.
    fn made_of_dicts(&mut self, frame: &Frame<'p>, owner: (ModuleId, ClassId), value: Val, annotation: ExprId) -> Val {
        let is_dict = |atom: &Atom| matches!(atom, Atom::Object(o) if self.heap.get(*o).kind == Kind::Dict);
        if !self.values.atoms(value).iter().any(is_dict) {
            return Val::BOTTOM;
        }
        let mut inside = self.class_frame(frame, owner.0, owner.1);
        let promised = self.annotated(&mut inside, annotation);
        let instances = self.values.atoms_vec(promised).filter(|atom| matches!(atom, Atom::Object(_))).collect();
        self.values.set(instances)
    }

    fn validates_defaults(&mut self, frame: &Frame<'p>, line: &Ancestry, name: Sym) -> bool {
        self.is_described(line, name, &["validate_default"])
            || ["validate_default", "validate_all"]
                .into_iter()
                .any(|option| self.may_say(line, option, &[], frame.instance))
    }

    /// What an object holds under a name that it is given by an assignment.
    pub fn assigned(&mut self, frame: &Frame<'p>, object: ObjId, name: Sym, value: Val) -> Val {
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return value };
        if !self.may_convert(value) {
            return value;
        }
        let line = self.ancestry(module, class);
        let setter = self.values.sym("__setattr__");
        let changes = self.class_holds(&line, setter) != Val::BOTTOM
            || self.is_altered(&line, name)
            || self.constructor(&line) == Constructor::Converts
                && self.may_say(&line, "validate_assignment", &[], frame.instance);
        if changes { self.or_unknown(value, frame.instance) } else { value }
    }

    /// Notes that attributes of an object may be set under names that aren't known.
    pub fn note_set_unseen(&mut self, atom: Atom) {
        if let Atom::Object(object) = atom
            && matches!(self.heap.get(object).kind, Kind::Instance(..))
        {
            let (elements, unknown) = (self.heap.get(object).elements, self.values.data());
            self.write(elements, unknown);
        }
    }

    /// What reading an attribute gives, where it may have been set under a name that isn't known, or `__getattribute__` may
    /// give something else.
    pub fn as_read(&mut self, object: ObjId, line: &Ancestry, value: Val, reader: InstanceId) -> Val {
        let getter = self.values.sym("__getattribute__");
        if self.class_holds(line, getter) != Val::BOTTOM {
            return self.or_unknown(value, reader);
        }
        if self.heap.read(self.heap.get(object).elements, reader) == Val::BOTTOM {
            return value;
        }
        self.converted(value, &Kept::text(), reader)
    }

    /// A value, or something unknown made of it. Containers of nothing but data are gone then; what leads to code or tables stays.
    pub fn or_unknown(&mut self, value: Val, reader: InstanceId) -> Val {
        let unknown = self.values.data_from(&[value]);
        let stays = self.values.atoms_vec(value).filter(|atom| !self.is_plain_container(*atom, reader, 0)).collect();
        let stays = self.values.set(stays);
        self.values.join(stays, unknown)
    }

    fn is_plain_container(&mut self, atom: Atom, reader: InstanceId, depth: u8) -> bool {
        let contents = match atom {
            Atom::Tuple(tuple) => {
                let items = self.values.tuple(tuple).to_vec();
                self.values.join_all(items)
            }
            Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Dict | Kind::List) => {
                self.all_values(object, reader)
            }
            _ => return false,
        };
        depth < MAX_NESTING
            && self.values.atoms_vec(contents).all(|atom| match atom {
                Atom::None | Atom::True | Atom::False | Atom::Int(_) | Atom::Str(_) | Atom::Text(_) => true,
                Atom::Data(taint) => !self.values.marks(taint).iter().any(|mark| mark.is_origin()),
                _ => self.is_plain_container(atom, reader, depth + 1),
            })
    }

    /// Whether a value holds something whose type is known, which so may become another.
    pub fn may_convert(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|atom| match *atom {
            Atom::Str(_) | Atom::Text(_) | Atom::Int(_) | Atom::True | Atom::False | Atom::Tuple(_) => true,
            Atom::Data(taint) => !self.values.marks(taint).is_empty(),
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Dict | Kind::List),
            _ => false,
        })
    }

    /// A value, or something unknown if the conversion may change it.
    pub fn converted(&mut self, value: Val, kept: &Kept, reader: InstanceId) -> Val {
        if self.stays(value, kept, reader) { value } else { self.or_unknown(value, reader) }
    }
}

/// Base classes whose objects have the annotated fields, converted, and no others.
fn is_model(base: &str) -> bool {
    let (library, name) = (base.split('.').next().unwrap_or_default(), base.rsplit('.').next().unwrap_or_default());
    matches!(library, "pydantic" | "pydantic_settings" | "sqlmodel" | "aws_lambda_powertools")
        && matches!(name, "BaseModel" | "BaseSettings" | "GenericModel" | "SQLModel")
}

/// Base classes whose constructors convert nothing, or that are followed elsewhere.
fn stores(base: &str) -> bool {
    let library = base.split('.').next().unwrap_or_default();
    matches!(library, "typing" | "typing_extensions" | "abc" | "collections" | "enum" | "pynamodb")
        || base == "msgspec.Struct"
}
