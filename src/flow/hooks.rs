//! What a class is declared to do with its fields' values: validators, serializers, computed fields, by decorators on its methods
//! or by calls of these.

use super::frame::Frame;
use super::machine::Machine;
use super::value::{Atom, Sym, Val};
use crate::python::ir::{Arg, Block, ClassId, ExprId, ExprKind, Module, NameId, Stmt, Target};

/// Some fields, or all.
#[derive(Debug, Clone, Default)]
pub(super) struct Touched {
    all: bool,
    names: Vec<Sym>,
}

impl Touched {
    /// These; all if that isn't known.
    pub fn named(names: Option<Vec<Sym>>) -> Self {
        Self { all: names.is_none(), names: names.unwrap_or_default() }
    }

    fn add(&mut self, other: Self) {
        self.all |= other.all;
        self.names.extend(other.names);
    }

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
    pub values: Touched,
    /// Fields that a serializer may change in a dump.
    pub dumped: Touched,
    /// Whether one makes the dump.
    pub makes_dump: bool,
    /// What else is computed for a dump.
    pub computed: Vec<Sym>,
}

impl Hooks {
    /// What a decorator of this name changes.
    fn changed_by(&mut self, name: &str) -> Option<&mut Touched> {
        match name {
            "field_validator" | "validator" | "model_validator" | "root_validator" => Some(&mut self.values),
            "field_serializer" => Some(&mut self.dumped),
            _ => None,
        }
    }
}

impl<'p> Machine<'p> {
    /// What decorators of methods in a class's body say, and what is assigned there that such a decorator made.
    pub fn hooks_of(&mut self, frame: &mut Frame<'p>, class: ClassId) -> Hooks {
        let mut hooks = Hooks::default();
        self.note_hooks(frame, &mut hooks, &frame.module.class(class).body);
        hooks
    }

    fn note_hooks(&mut self, frame: &mut Frame<'p>, hooks: &mut Hooks, body: &'p Block) {
        let module = frame.module;
        for stmt in body {
            match stmt {
                Stmt::Def(function, _) => {
                    let function = module.function(*function);
                    for decorator in &function.decorators {
                        if !self.note_hook(frame, hooks, *decorator, Some(&function.name)) {
                            let made = self.made_by_ours(frame, *decorator);
                            self.note_made_hook(hooks, made);
                        }
                    }
                }
                // `_normalised = field_validator("name")(normalise)`
                Stmt::Assign(targets, value) => {
                    if let [Target::Name(_, name)] = targets.as_slice() {
                        self.note_assigned_hook(frame, hooks, *name, *value);
                    }
                }
                Stmt::Annotated { target: Target::Name(_, name), value: Some(value), .. } => {
                    self.note_assigned_hook(frame, hooks, *name, *value);
                }
                _ => stmt.blocks().into_iter().for_each(|block| self.note_hooks(frame, hooks, block)),
            }
        }
    }

    /// What is assigned in a class's body.
    fn note_assigned_hook(&mut self, frame: &mut Frame<'p>, hooks: &mut Hooks, name: NameId, value: ExprId) {
        if let ExprKind::Call(maker, _) = frame.module.expr(value).kind
            && self.note_hook(frame, hooks, maker, None)
        {
            return;
        }
        if let Some((_, namespace)) = frame.class {
            let name = self.program.sym(frame.module_id, name);
            let held = self.read_field(namespace, name, frame.instance);
            self.note_made_hook(hooks, held);
        }
    }

    /// Tells whether it is a library's decorator that does something with fields.
    fn note_hook(&mut self, frame: &mut Frame<'p>, hooks: &mut Hooks, decorator: ExprId, method: Option<&str>) -> bool {
        let module = frame.module;
        let (callee, args): (_, &[Arg]) = match &module.expr(decorator).kind {
            ExprKind::Call(callee, args) => (*callee, args),
            _ => (decorator, &[]),
        };
        let name = self.library_name(frame, callee);
        match (name.as_str(), method) {
            ("model_serializer", _) => hooks.makes_dump = true,
            ("computed_field", Some(method)) => hooks.computed.push(self.values.sym(method)),
            (name, _) => match hooks.changed_by(name) {
                Some(touched) => {
                    let names = fields_named(module, args);
                    let names = names.map(|names| names.into_iter().map(|name| self.values.sym(name)).collect());
                    touched.add(Touched::named(names));
                }
                None => return false,
            },
        }
        true
    }

    /// What comes from a decorator that code of ours makes may change any field.
    fn note_made_hook(&mut self, hooks: &mut Hooks, made: Val) {
        for path in self.paths_of(made) {
            let name = self.values.str(path).rsplit('.').next().unwrap_or_default();
            hooks.makes_dump |= name == "model_serializer";
            if let Some(touched) = hooks.changed_by(name) {
                touched.add(Touched::named(None));
            }
        }
    }

    /// What a decorator is that a name stands for, or code of ours makes.
    fn made_by_ours(&mut self, frame: &mut Frame<'p>, decorator: ExprId) -> Val {
        if let ExprKind::Call(callee, _) = frame.module.expr(decorator).kind {
            let maker = self.eval(frame, callee);
            let is_own = |atom: &Atom| matches!(atom, Atom::Function(..) | Atom::Bound(..) | Atom::Object(_));
            let atoms = self.values.atoms(maker);
            if !atoms.iter().any(is_own) || atoms.iter().any(|atom| self.makes_manager(*atom)) {
                return Val::BOTTOM;
            }
        }
        self.eval(frame, decorator)
    }

    /// The paths of what libraries give.
    fn paths_of(&self, value: Val) -> Vec<Sym> {
        let path = |atom: &Atom| match atom {
            Atom::External(path) | Atom::ExternalObject(path) => Some(*path),
            _ => None,
        };
        self.values.atoms(value).iter().filter_map(path).collect()
    }
}

/// The fields that a validator's arguments name; none if that isn't known, or all are meant.
fn fields_named<'m>(module: &'m Module, args: &[Arg]) -> Option<Vec<&'m str>> {
    let names = args.iter().filter_map(|arg| match arg {
        Arg::Positional(name) | Arg::Star(name) => Some(*name),
        _ => None,
    });
    let names: Option<Vec<&str>> = names.map(|name| literal(module, name)).collect();
    names.filter(|names| !names.is_empty() && !names.contains(&"*"))
}

/// A string literal.
fn literal(module: &Module, expr: ExprId) -> Option<&str> {
    match &module.expr(expr).kind {
        ExprKind::Str(text) => Some(text),
        _ => None,
    }
}
