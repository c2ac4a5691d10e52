//! What values stay as they are where a library converts them to an annotated type
//! ([pydantic](https://docs.pydantic.dev/latest/concepts/conversion_table/)).

use super::frame::Frame;
use super::heap::{InstanceId, Kind};
use super::machine::Machine;
use super::value::{Atom, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, ClassId, ExprId, ExprKind};

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
    pub fn any() -> Self {
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
    pub fn stays(&mut self, value: Val, kept: &Kept, reader: InstanceId) -> bool {
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

    pub fn kept(&mut self, frame: &mut Frame<'p>, annotation: ExprId) -> Kept {
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
            ExprKind::Call(callee, ref args) => {
                let excludes =
                    |arg: &Arg| matches!(arg, Arg::Keyword(name, _) if frame.module.name(*name).starts_with("exclude"));
                !args.iter().any(excludes) && self.library_name(frame, callee) == "Field"
            }
            _ => false,
        }
    }

    /// The last name of what a name stands for, if that is a library's.
    pub fn library_name(&mut self, frame: &mut Frame<'p>, name: ExprId) -> String {
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
}
