//! What becomes of a value on its way into a field. Some libraries convert what a constructor is given to the annotated type,
//! and validators, converters and `__setattr__` may make anything of it: what they leave isn't known.

use super::class::Ancestry;
use super::fields::FieldInfo;
use super::frame::Frame;
use super::heap::{InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, ClassId, ExprId, ExprKind, Module, Stmt};

/// What the constructor that a library makes does with its arguments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Constructor {
    /// It stores them: dataclasses, attrs, named tuples.
    Stores,
    /// It converts them to the annotated types, and has no other fields than these: pydantic.
    Converts,
    /// Of a library that isn't known: it may convert them, and what they default to, and have more fields.
    Unknown,
}

/// Some fields, or all.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    all: bool,
    names: Vec<Sym>,
}

impl Touched {
    pub fn holds(&self, name: Sym) -> bool {
        self.all || self.names.contains(&name)
    }
}

/// What methods of a class are declared to do, by decorators, with the fields of its objects
/// ([validators](https://docs.pydantic.dev/latest/concepts/validators/),
/// [serializers](https://docs.pydantic.dev/latest/concepts/serialization/)).
#[derive(Debug, Clone, Default)]
pub(super) struct Hooks {
    /// Fields that a validator may change.
    values: Touched,
    /// Fields that a serializer may change in a dump.
    pub dumped: Touched,
    /// Whether one makes the dump.
    pub makes_dump: bool,
    /// What else is computed for a dump.
    pub computed: Vec<Sym>,
}

/// The values that stay what they are where they are converted to an annotated type.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    any: bool,
    text: bool,
    int: bool,
    float: bool,
    truth: bool,
    /// Members of an enum.
    members: Val,
    /// What stays of a container's contents; all of them if nothing is said.
    contents: Option<Box<Kept>>,
    /// Whether the annotation may bring code that changes the value, on its way in or into a dump.
    pub foreign: bool,
}

impl Kept {
    fn any() -> Self {
        Self { any: true, ..Self::default() }
    }

    /// Text, which keys are mostly, and names of tables.
    pub fn text() -> Self {
        Self { text: true, ..Self::default() }
    }

    /// Of a type of Python's own.
    pub fn of_type(name: &str) -> Self {
        let none = Self::default();
        match name {
            "str" => Self::text(),
            "int" => Self { int: true, ..none },
            "float" => Self { float: true, ..none },
            "bool" => Self { truth: true, ..none },
            "object" => Self::any(),
            _ => none,
        }
    }

    fn foreign() -> Self {
        Self { foreign: true, ..Self::default() }
    }
}

impl<'p> Machine<'p> {
    /// What the decorators of methods in a class's body say.
    pub fn hooks_of(&mut self, frame: &mut Frame<'p>, class: ClassId) -> Hooks {
        let module = frame.module;
        let mut hooks = Hooks::default();
        for stmt in &module.class(class).body {
            let Stmt::Def(function, _) = stmt else { continue };
            let function = module.function(*function);
            for decorator in &function.decorators {
                let (callee, args): (_, &[Arg]) = match &module.expr(*decorator).kind {
                    ExprKind::Call(callee, args) => (*callee, args),
                    _ => (*decorator, &[]),
                };
                let touched = match self.library_name(frame, callee).as_str() {
                    "field_validator" | "validator" | "model_validator" | "root_validator" => &mut hooks.values,
                    "field_serializer" => &mut hooks.dumped,
                    "model_serializer" => {
                        hooks.makes_dump = true;
                        continue;
                    }
                    "computed_field" => {
                        hooks.computed.push(self.values.sym(&function.name));
                        continue;
                    }
                    _ => continue,
                };
                let names =
                    args.iter().filter_map(|arg| if let Arg::Positional(name) = arg { Some(*name) } else { None });
                let names: Option<Vec<&str>> = names.map(|name| literal(module, name)).collect();
                match names.filter(|names| !names.is_empty() && !names.contains(&"*")) {
                    Some(names) => touched.names.extend(names.into_iter().map(|name| self.values.sym(name))),
                    None => touched.all = true,
                }
            }
        }
        hooks
    }

    /// The last name of what a name stands for, if that is a library's.
    fn library_name(&mut self, frame: &mut Frame<'p>, name: ExprId) -> String {
        if !matches!(frame.module.expr(name).kind, ExprKind::Name(..) | ExprKind::Attr(..)) {
            return String::new();
        }
        let value = self.eval(frame, name);
        let path = self.values.atoms(value).iter().find_map(|atom| match atom {
            Atom::External(path) => Some(self.values.str(*path)),
            _ => None,
        });
        path.and_then(|path| path.rsplit('.').next()).unwrap_or_default().to_owned()
    }

    /// Whether a class's decorator makes a constructor that does more than to store its arguments; `None` if it makes none.
    pub fn decorator_converts(&self, module: &Module, decorator: ExprId, value: Val) -> Option<bool> {
        let transforms = match &module.expr(decorator).kind {
            ExprKind::Call(_, args) => {
                args.iter().any(|arg| matches!(arg, Arg::Keyword(name, _) if module.name(*name) == "field_transformer"))
            }
            _ => false,
        };
        self.values.atoms(value).iter().find_map(|atom| match atom {
            Atom::External(path) | Atom::ExternalObject(path) => {
                let path = self.values.str(*path);
                let stores = matches!(path.split('.').next(), Some("dataclasses" | "attr" | "attrs"));
                let makes = stores || path.ends_with("dataclass");
                makes.then_some(!stores || transforms)
            }
            _ => None,
        })
    }

    pub fn constructor(&self, line: &Ancestry) -> Constructor {
        let bases = || line.external.iter().map(|base| self.values.str(*base));
        if line.cut || line.unclear || bases().any(|base| !is_model(base) && !stores(base)) {
            Constructor::Unknown
        } else if bases().any(is_model) || line.ours.iter().any(|c| self.classes.get(c).is_some_and(|i| i.converts)) {
            Constructor::Converts
        } else {
            Constructor::Stores
        }
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
    fn class_holds(&self, line: &Ancestry, name: Sym) -> Val {
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
    fn is_described(&self, line: &Ancestry, name: Sym, options: &[&str]) -> bool {
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
            return self.or_unknown(value);
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
        self.converted(value, &kept, frame.instance)
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
        if changes { self.or_unknown(value) } else { value }
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

    /// An attribute of an object which may have been set under a name that isn't known.
    pub fn or_set_unseen(&mut self, object: ObjId, value: Val, reader: InstanceId) -> Val {
        if self.heap.read(self.heap.get(object).elements, reader) == Val::BOTTOM {
            return value;
        }
        self.converted(value, &Kept::text(), reader)
    }

    pub fn or_unknown(&mut self, value: Val) -> Val {
        let unknown = self.values.data_from(&[value]);
        self.values.join(value, unknown)
    }

    /// Whether a value holds something whose type is known, which so may become another.
    fn may_convert(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|atom| match *atom {
            Atom::Str(_) | Atom::Text(_) | Atom::Int(_) | Atom::True | Atom::False | Atom::Tuple(_) => true,
            Atom::Data(taint) => !self.values.marks(taint).is_empty(),
            Atom::Object(object) => matches!(self.heap.get(object).kind, Kind::Dict | Kind::List),
            _ => false,
        })
    }

    /// A value, or something unknown if the conversion may change it.
    pub fn converted(&mut self, value: Val, kept: &Kept, reader: InstanceId) -> Val {
        if self.stays(value, kept, reader) { value } else { self.or_unknown(value) }
    }

    fn stays(&mut self, value: Val, kept: &Kept, reader: InstanceId) -> bool {
        kept.any || self.values.atoms_vec(value).all(|atom| self.atom_stays(atom, kept, reader))
    }

    fn atom_stays(&mut self, atom: Atom, kept: &Kept, reader: InstanceId) -> bool {
        let contents = kept.contents.as_deref();
        match atom {
            _ if self.values.atoms(kept.members).contains(&atom) => true,
            Atom::Str(_) | Atom::Text(_) => kept.text,
            Atom::Int(_) => kept.int,
            Atom::True | Atom::False => kept.truth,
            Atom::Data(_) if self.values.is_float(atom) => kept.float,
            Atom::Tuple(tuple) => {
                let items = self.values.tuple(tuple).to_vec();
                contents.is_none_or(|kept| items.into_iter().all(|item| self.stays(item, kept, reader)))
            }
            Atom::Object(object) if matches!(self.heap.get(object).kind, Kind::Dict | Kind::List) => contents
                .is_none_or(|kept| {
                    let held = self.all_values(object, reader);
                    self.stays(held, kept, reader)
                }),
            _ => true,
        }
    }

    /// What an annotation that stands in a class lets stay.
    pub fn kept_in(&mut self, frame: &Frame<'p>, (module, class): (ModuleId, ClassId), annotation: ExprId) -> Kept {
        let mut inside = self.class_frame(frame, module, class);
        self.kept(&mut inside, annotation)
    }

    fn kept(&mut self, frame: &mut Frame<'p>, annotation: ExprId) -> Kept {
        let module = frame.module;
        match &module.expr(annotation).kind {
            ExprKind::Name(..) | ExprKind::Attr(..) => {
                let named = self.eval(frame, annotation);
                match self.values.single(named) {
                    Some(named) => self.kept_as(named, frame.instance),
                    None => Kept::foreign(),
                }
            }
            // Which of several types is tried first depends on the version: the first is certain.
            ExprKind::Binary(_, left, right) => self.kept_of_first(frame, &[*left, *right]),
            ExprKind::Subscript(outer, inner) => {
                let wrapper = match &module.expr(*outer).kind {
                    ExprKind::Name(_, name) | ExprKind::Attr(_, name) => module.name(*name),
                    _ => "",
                };
                let parts = match &module.expr(*inner).kind {
                    ExprKind::Tuple(parts) => parts.as_slice(),
                    _ => std::slice::from_ref(inner),
                };
                match (wrapper, parts) {
                    ("Literal", _) => Kept::any(),
                    ("Union" | "Optional" | "Final" | "ClassVar" | "Required" | "NotRequired", parts) => {
                        self.kept_of_first(frame, parts)
                    }
                    ("Annotated", [of, rest @ ..]) => {
                        let kept = self.kept(frame, *of);
                        if rest.iter().all(|part| self.only_describes(frame, *part)) { kept } else { Kept::foreign() }
                    }
                    (_, [item]) => self.kept_container(frame, *item),
                    (_, [key, item]) if matches!(module.expr(*item).kind, ExprKind::Ellipsis) => {
                        self.kept_container(frame, *key)
                    }
                    ("dict" | "Dict" | "Mapping" | "MutableMapping" | "defaultdict" | "OrderedDict", [_, item]) => {
                        self.kept_container(frame, *item)
                    }
                    _ => Kept { contents: Some(Box::default()), ..Kept::default() },
                }
            }
            ExprKind::None => Kept::default(),
            _ => Kept::foreign(),
        }
    }

    fn kept_container(&mut self, frame: &mut Frame<'p>, item: ExprId) -> Kept {
        let contents = self.kept(frame, item);
        Kept { foreign: contents.foreign, contents: Some(Box::new(contents)), ..Kept::default() }
    }

    fn kept_of_first(&mut self, frame: &mut Frame<'p>, parts: &[ExprId]) -> Kept {
        let module = frame.module;
        let mut parts = parts.iter().filter(|part| !matches!(module.expr(**part).kind, ExprKind::None));
        let Some(first) = parts.next() else { return Kept::default() };
        let mut kept = self.kept(frame, *first);
        kept.foreign |= parts.any(|part| self.kept(frame, *part).foreign);
        kept
    }

    fn kept_as(&mut self, named: Atom, reader: InstanceId) -> Kept {
        let none = Kept::default();
        match named {
            Atom::Builtin(name) => Kept::of_type(self.values.str(name)),
            Atom::Class(module, class) if self.is_enum(&self.ancestry(module, class)) => {
                Kept { members: self.enum_members(module, class, reader), ..none }
            }
            // A dict may become an object, or a dict of other values.
            Atom::Class(..) => Kept { contents: Some(Box::default()), ..none },
            Atom::None => none,
            Atom::External(path) => match self.values.str(path) {
                "typing.Any" | "typing_extensions.Any" => Kept::any(),
                // A whole number is the same number.
                "decimal.Decimal" => Kept { int: true, ..none },
                _ => Kept::foreign(),
            },
            _ => Kept::foreign(),
        }
    }

    /// Whether what stands beside a type in `Annotated` only describes the field.
    fn only_describes(&mut self, frame: &mut Frame<'p>, part: ExprId) -> bool {
        match frame.module.expr(part).kind {
            ExprKind::Str(_) => true,
            ExprKind::Call(callee, _) => self.library_name(frame, callee) == "Field",
            _ => false,
        }
    }
}

/// A string literal.
fn literal(module: &Module, expr: ExprId) -> Option<&str> {
    match &module.expr(expr).kind {
        ExprKind::Str(text) => Some(text),
        _ => None,
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
