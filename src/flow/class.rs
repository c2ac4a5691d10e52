//! Classes: definition, ancestry, instances, and the families that make their own constructors (dataclasses, pydantic).

use super::Hides;
use super::convert::Constructor;
use super::fields::FieldInfo;
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, InstanceId, Kind};
use super::hooks::Hooks;
use super::machine::Machine;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, ExprId, ExprKind};
use crate::source::Span;

/// Generations of base classes that are followed; no program has as many.
const MAX_ANCESTRY: u8 = 12;

/// What is known of a class.
#[derive(Debug, Clone)]
pub(super) struct ClassInfo {
    pub bases: Vec<Val>,
    pub namespace: ObjId,
    /// What the class statement names as one.
    pub metaclass: Val,
    /// Annotated fields in order, for constructors made from them.
    pub fields: Vec<FieldInfo>,
    /// The frame around the class (object number plus one; 0 for none).
    pub frame: u32,
    /// `@dataclass` or the like.
    pub generated_init: bool,
    pub constructor: Constructor,
    /// Keyword arguments of the class statement.
    pub options: Vec<(Sym, Val)>,
    pub hooks: Hooks,
}

/// A class's method resolution order, flattened: ours in order, and the library classes among them.
#[derive(Debug, Clone, Default)]
pub(super) struct Ancestry {
    pub ours: Vec<(ModuleId, ClassId)>,
    pub external: Vec<Sym>,
    /// Whether there are more base classes than are followed.
    pub cut: bool,
    /// Whether some of them aren't known.
    pub unclear: bool,
}

impl<'p> Machine<'p> {
    /// Runs a class statement.
    pub fn define_class(&mut self, frame: &mut Frame<'p>, id: ClassId) -> Val {
        let class = frame.module.class(id);
        let module = frame.module_id;
        let bases: Vec<Val> = class.bases.iter().map(|b| self.eval(frame, *b)).collect();
        self.note_subclass((module, id), &bases);
        for base in &class.bases {
            self.note_library_base(frame, *base);
        }
        let mut metaclass = Val::BOTTOM;
        let mut options = Vec::new();
        for (name, keyword) in &class.keywords {
            let value = self.eval(frame, *keyword);
            options.push((self.program.sym(module, *name), value));
            if frame.module.name(*name) == "metaclass" {
                metaclass = value;
            }
        }
        let (namespace, _) = self.heap.object(AllocKey::Class(module, id), Kind::Class);
        let around = frame.own.map_or(frame.closure, |own| own.0 + 1);
        let info = self.classes.entry((module, id)).or_insert_with(|| ClassInfo {
            bases: Vec::new(),
            namespace,
            metaclass,
            fields: Vec::new(),
            frame: around,
            generated_init: false,
            constructor: Constructor::Stores,
            options: Vec::new(),
            hooks: Hooks::default(),
        });
        info.bases = bases;
        info.metaclass = metaclass;
        info.options = options;
        info.fields.clear();
        let line = self.ancestry(module, id);
        self.note_enum(&line);
        if line.cut {
            let range = frame.module.class(id).range;
            let span = Span::new(frame.module.file, range.start, range.end);
            self.gap(span, "more generations of base classes than are followed", Hides::Anything);
        }
        self.run_class_body(frame, id, namespace);
        self.note_methods((module, id));
        self.make_members(frame, (module, id), &line);
        self.init_subclass(frame, (module, id), &line);
        self.note_library_subclass(frame, (module, id), &line);
        self.note_metaclass(frame, (module, id), &line);
        let mut value = self.values.one(Atom::Class(module, id));
        let mut constructor = None;
        for decorator in class.decorators.iter().rev() {
            let decorator_value = self.eval(frame, *decorator);
            constructor = constructor.or_else(|| self.made_by(frame.module, *decorator, decorator_value));
            if self.generates_init(decorator_value)
                && let Some(info) = self.classes.get_mut(&(module, id))
            {
                info.generated_init = true;
                if self.is_of_library(decorator_value, "pydantic") {
                    self.hold_fields(frame, &line);
                }
            }
            value = self.decorate(frame, decorator_value, value, Some(*decorator));
        }
        if let Some(info) = self.classes.get_mut(&(module, id)) {
            let other = if class.decorators.is_empty() { Constructor::Stores } else { Constructor::Unknown };
            info.constructor = constructor.unwrap_or(other);
        }
        value
    }

    /// A model class of a library that calls DynamoDB itself.
    fn note_library_base(&mut self, frame: &mut Frame<'p>, base: ExprId) {
        let value = self.eval(frame, base);
        for atom in self.values.atoms_vec(value) {
            if let Atom::External(path) = atom {
                let path = self.values.str(path).to_owned();
                self.note_other_libraries(frame, &path, Some(base));
                self.note_powertool_base(frame, &path, base);
            }
        }
    }

    fn run_class_body(&mut self, frame: &mut Frame<'p>, id: ClassId, namespace: ObjId) {
        let body = &frame.module.class(id).body;
        let outer = frame.class.replace((id, namespace));
        let live = frame.env.live;
        self.exec_block(frame, body);
        let hooks = self.hooks_of(frame, id);
        if let Some(info) = self.classes.get_mut(&(frame.module_id, id)) {
            info.hooks = hooks;
        }
        frame.env.live = live;
        frame.class = outer;
    }

    fn is_of_library(&self, value: Val, root: &str) -> bool {
        self.values.atoms(value).iter().any(|atom| match atom {
            Atom::External(path) | Atom::ExternalObject(path) => self.values.str(*path).split('.').next() == Some(root),
            _ => false,
        })
    }

    fn generates_init(&self, decorator: Val) -> bool {
        self.values.atoms(decorator).iter().any(|atom| match atom {
            Atom::External(path) | Atom::ExternalObject(path) => {
                let path = self.values.str(*path);
                path.ends_with("dataclass")
                    || matches!(path, "attr.s" | "attrs.define" | "attr.define" | "attrs.frozen")
            }
            _ => false,
        })
    }

    /// The class and its bases, each once, nearest first.
    pub fn ancestry(&self, module: ModuleId, class: ClassId) -> Ancestry {
        let mut line = Ancestry::default();
        self.climb(module, class, &mut line, 0);
        line
    }

    /// Depth first; of a class met twice the later place counts, so that a shared base comes after all that share it.
    fn climb(&self, module: ModuleId, class: ClassId, line: &mut Ancestry, depth: u8) {
        if depth > MAX_ANCESTRY {
            line.cut = true;
            return;
        }
        line.ours.retain(|known| *known != (module, class));
        line.ours.push((module, class));
        let Some(info) = self.classes.get(&(module, class)) else { return };
        for base in &info.bases {
            for atom in self.values.atoms(*base) {
                match atom {
                    Atom::Class(m, c) if (*m, *c) != (module, class) => self.climb(*m, *c, line, depth + 1),
                    Atom::External(path) | Atom::ExternalObject(path)
                        if !line.external.contains(path) && !is_structural(self.values.str(*path)) =>
                    {
                        line.external.push(*path);
                    }
                    Atom::Class(..) | Atom::External(_) | Atom::ExternalObject(_) | Atom::Builtin(_) => {}
                    _ => line.unclear = true,
                }
            }
        }
    }

    /// A library base class whose path ends like this.
    pub fn has_base(&self, line: &Ancestry, suffix: &str) -> bool {
        line.external.iter().any(|path| self.values.str(*path).ends_with(suffix))
    }

    /// Looks a name up along an ancestry.
    pub fn find_in_class(&mut self, line: &Ancestry, name: Sym, reader: InstanceId) -> Val {
        for (module, class) in &line.ours {
            let Some(info) = self.classes.get(&(*module, *class)) else { continue };
            let namespace = info.namespace;
            if self.heap.get(namespace).fields.contains_key(&name) {
                let value = self.read_field(namespace, name, reader);
                if value != Val::BOTTOM {
                    return value;
                }
            }
        }
        Val::BOTTOM
    }

    /// A plain class attribute.
    pub fn class_field(&mut self, module: ModuleId, class: ClassId, name: Sym, reader: InstanceId) -> Val {
        let line = self.ancestry(module, class);
        self.find_in_class(&line, name, reader)
    }

    /// Calls a class: makes the object and runs its constructor.
    pub fn instantiate(
        &mut self,
        frame: &mut Frame<'p>,
        (module, class): (ModuleId, ClassId),
        args: &super::call::Args,
        site: CallSite,
    ) -> Val {
        let line = self.ancestry(module, class);
        if self.is_enum(&line) {
            return self.member_of(frame, (module, class), args, site);
        }
        if self.has_base(&line, "TypedDict") {
            return self.make_dict(frame, args, site);
        }
        self.call_of_metaclass(frame, (module, class), &line, args, site);
        let key = AllocKey::New(frame.instance, site, module, class);
        let (object, _) = self.heap.object(key, Kind::Instance(module, class));
        let object_value = self.values.one(Atom::Object(object));
        let new = self.values.sym("__new__");
        let constructor = self.find_in_class(&line, new, frame.instance);
        let made = if constructor == Val::BOTTOM {
            object_value
        } else {
            let class_value = self.values.one(Atom::Class(module, class));
            let made = self.call(frame, constructor, &args.with_receiver(class_value), site);
            let is_instance = |atom: &Atom| matches!(atom, Atom::Object(o) if self.is_instance(*o));
            let is_known = self.values.atoms(made).iter().any(is_instance) || made == Val::BOTTOM && !self.settled;
            if is_known { made } else { self.values.join(made, object_value) }
        };
        let init = self.values.sym("__init__");
        let initializer = self.find_in_class(&line, init, frame.instance);
        for atom in self.values.atoms_vec(made) {
            let Atom::Object(object) = atom else { continue };
            if !self.is_instance(object) {
                continue;
            }
            if initializer == Val::BOTTOM {
                self.note_library_init(frame.instance, &line);
                self.hand_to_base(frame, &line, args, site);
                self.generated_init(frame, object, &line, args, site);
            } else {
                let receiver = self.values.one(atom);
                self.call(frame, initializer, &args.with_receiver(receiver), site);
            }
        }
        self.call_special_methods_of_any(frame, (module, class), &line, site);
        made
    }

    fn is_instance(&self, object: ObjId) -> bool {
        matches!(self.heap.get(object).kind, Kind::Instance(..))
    }

    /// `super().__new__(cls)`, `object.__new__(cls)`: an object of the class, no constructor run.
    pub fn allocate(&mut self, frame: &mut Frame<'p>, args: &super::call::Args, site: CallSite) -> Val {
        let mut made = Val::BOTTOM;
        for class in self.values.atoms_vec(args.positional.first().copied().unwrap_or(Val::BOTTOM)) {
            let Atom::Class(module, class) = class else { continue };
            let key = AllocKey::New(frame.instance, site, module, class);
            let (object, _) = self.heap.object(key, Kind::Instance(module, class));
            let object = self.values.one(Atom::Object(object));
            let line = self.ancestry(module, class);
            self.call_special_methods(frame, &line, object, site);
            made = self.values.join(made, object);
        }
        if made == Val::BOTTOM { self.values.data() } else { made }
    }

    /// Replaces what is lost in a value by what its annotation promises: an instance of one of our classes, or a boto3
    /// object; the latter also where some library made the value.
    pub fn refine(&mut self, frame: &mut Frame<'p>, value: Val, annotation: Option<ExprId>) -> Val {
        let Some(annotation) = annotation.filter(|_| self.wants_refining(value)) else { return value };
        let promised = self.annotated(frame, annotation);
        if promised == Val::BOTTOM {
            return value;
        }
        let lost = self.values.atoms(value).iter().any(|a| matches!(a, Atom::Opaque(_)));
        let boto = |a: &Atom| matches!(a, Atom::Client(..) | Atom::Resource(..) | Atom::Table(..));
        if !lost && !self.values.atoms(promised).iter().any(boto) {
            return value;
        }
        let kept = self.values.atoms_vec(value).filter(|a| !is_vague(*a)).collect();
        let kept = self.values.set(kept);
        self.values.join(kept, promised)
    }

    /// Whether a value holds something that an annotation may know better.
    pub fn wants_refining(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|a| is_vague(*a))
    }

    /// As [`Machine::refine`], for an annotation that stands in a class of another module.
    pub fn refine_in(
        &mut self,
        frame: &mut Frame<'p>,
        (module, class): (ModuleId, ClassId),
        value: Val,
        annotation: ExprId,
    ) -> Val {
        if !self.wants_refining(value) {
            return value;
        }
        let mut inside = self.class_frame(frame, module, class);
        self.refine(&mut inside, value, Some(annotation))
    }

    /// A frame in which a class's annotations can be read.
    pub fn class_frame(&self, frame: &Frame<'p>, module: ModuleId, class: ClassId) -> Frame<'p> {
        let info = self.classes.get(&(module, class));
        let around = self.module(module).class(class).parent;
        Frame {
            class: info.map(|i| (class, i.namespace)),
            owner: Some(class),
            guard: vec![u32::MAX],
            ..Frame::new((module, self.module(module)), around, frame.instance, info.map_or(0, |i| i.frame))
        }
    }

    /// What an annotation promises: any instance of the classes of ours that it names; a boto3 object for its stub types.
    pub fn annotated(&mut self, frame: &mut Frame<'p>, annotation: ExprId) -> Val {
        match &frame.module.expr(annotation).kind {
            ExprKind::Name(..) | ExprKind::Attr(..) => {
                let named = self.eval(frame, annotation);
                let mut result = Val::BOTTOM;
                for atom in self.values.atoms_vec(named) {
                    let promised = match atom {
                        Atom::Class(module, class) => self.any_instance(module, class),
                        Atom::External(path) => self.stub_type(path),
                        Atom::Builtin(name) => match self.values.str(name) {
                            "str" | "int" | "float" | "bool" | "bytes" => self.values.data(),
                            _ => Val::BOTTOM,
                        },
                        _ => Val::BOTTOM,
                    };
                    result = self.values.join(result, promised);
                }
                result
            }
            ExprKind::Binary(_, left, right) => {
                let (a, b) = (self.annotated(frame, *left), self.annotated(frame, *right));
                self.values.join(a, b)
            }
            ExprKind::Subscript(outer, inner) => {
                let wrapper = match &frame.module.expr(*outer).kind {
                    ExprKind::Name(_, name) | ExprKind::Attr(_, name) => frame.module.name(*name),
                    _ => "",
                };
                match wrapper {
                    "Optional" | "Annotated" | "Final" | "ClassVar" | "Required" | "NotRequired" => {
                        let first = match &frame.module.expr(*inner).kind {
                            ExprKind::Tuple(items) => items.first().copied().unwrap_or(*inner),
                            _ => *inner,
                        };
                        self.annotated(frame, first)
                    }
                    "Union" => match &frame.module.expr(*inner).kind {
                        ExprKind::Tuple(items) => items.iter().fold(Val::BOTTOM, |all, item| {
                            let one = self.annotated(frame, *item);
                            self.values.join(all, one)
                        }),
                        _ => self.annotated(frame, *inner),
                    },
                    _ => Val::BOTTOM,
                }
            }
            _ => Val::BOTTOM,
        }
    }

    /// Any instance of a class: the ones that are made, or one about which only the class is known.
    pub fn any_instance(&mut self, module: ModuleId, class: ClassId) -> Val {
        let line = self.ancestry(module, class);
        if self.is_enum(&line) || self.has_base(&line, "TypedDict") {
            return self.values.data();
        }
        let (object, _) = self.heap.object(AllocKey::AnyInstance(module, class), Kind::Instance(module, class));
        self.values.one(Atom::Object(object))
    }
}

/// Bases that say nothing of attributes.
pub(super) fn is_structural(path: &str) -> bool {
    matches!(path, "abc.ABC" | "typing.Protocol" | "typing.Generic" | "typing_extensions.Protocol")
}

/// Lost, or made by a library that isn't modelled.
fn is_vague(atom: Atom) -> bool {
    matches!(atom, Atom::Opaque(_) | Atom::ExternalObject(_))
}
