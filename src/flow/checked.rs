//! Variables that the text checks before it goes on: compared, looked up, matched, handed to what validates. What passed a check,
//! somebody has chosen to let pass.

use super::bindings::{Binding, Bindings, Variable};
use crate::python::ir::{Arg, BinaryOp, Block, Clause, CompareOp, ExprId, ExprKind, Module, Stmt};
use rustc_hash::FxHashSet;

/// Parts of the names of functions that check what they are given.
const CHECKING: [&str; 11] =
    ["valid", "verif", "check", "sanit", "allow", "ensure", "assert", "guard", "permit", "escape", "schema"];
/// Methods that tell what text is made of.
const KINDS: [&str; 6] = ["isalnum", "isidentifier", "isdigit", "isalpha", "isnumeric", "isdecimal"];
/// Functions that ask nothing of what is in what they are given.
const BLIND: [&str; 5] = ["isinstance", "len", "bool", "print", "type"];
/// Views of the same thing.
const VIEWS: [&str; 12] =
    ["set", "list", "frozenset", "str", "sorted", "tuple", "lower", "upper", "strip", "keys", "items", "copy"];

/// What a module's text checks.
#[derive(Debug, Default)]
pub(super) struct Checked {
    whole: FxHashSet<Variable>,
    /// Single entries of a mapping.
    entries: FxHashSet<(Variable, Box<str>)>,
}

impl Checked {
    pub fn new(module: &Module, bindings: &Bindings) -> Self {
        let mut checked = Self::default();
        for function in &module.functions {
            checked.block(module, bindings, &function.body);
        }
        for expr in &module.exprs {
            match &expr.kind {
                ExprKind::If { test, .. } => checked.test(module, bindings, *test),
                ExprKind::Comprehension(comprehension) => {
                    for clause in &comprehension.clauses {
                        if let Clause::If(test) = clause {
                            checked.test(module, bindings, *test);
                        }
                    }
                }
                // `set(body) - ALLOWED`
                ExprKind::Binary(BinaryOp::Sub | BinaryOp::BitAnd, a, b) => {
                    checked.value(module, bindings, *a);
                    checked.value(module, bindings, *b);
                }
                ExprKind::Call(callee, args) => checked.call(module, bindings, *callee, args),
                _ => {}
            }
        }
        checked
    }

    /// Whether a variable's value is checked somewhere.
    pub fn has(&self, variable: Variable) -> bool {
        self.whole.contains(&variable)
    }

    /// Whether an entry of a mapping is.
    pub fn has_entry(&self, variable: Variable, key: &str) -> bool {
        self.entries.contains(&(variable, key.into()))
    }

    fn block(&mut self, module: &Module, bindings: &Bindings, block: &Block) {
        for stmt in block {
            match stmt {
                Stmt::If { test, .. } | Stmt::While { test, .. } | Stmt::Assert(test) => {
                    self.test(module, bindings, *test);
                }
                Stmt::Match { subject, .. } => self.value(module, bindings, *subject),
                _ => {}
            }
            stmt.blocks().into_iter().for_each(|block| self.block(module, bindings, block));
        }
    }

    /// What a condition asks about values; whether something is there at all is no check.
    fn test(&mut self, module: &Module, bindings: &Bindings, test: ExprId) {
        match &module.expr(test).kind {
            ExprKind::Not(inner) => self.test(module, bindings, *inner),
            ExprKind::And(a, b) | ExprKind::Or(a, b) => {
                self.test(module, bindings, *a);
                self.test(module, bindings, *b);
            }
            ExprKind::Compare(first, rest) => {
                let mut left = *first;
                for (op, right) in rest {
                    match op {
                        CompareOp::Is | CompareOp::IsNot => {}
                        CompareOp::In | CompareOp::NotIn => self.value(module, bindings, left),
                        _ => {
                            self.value(module, bindings, left);
                            self.value(module, bindings, *right);
                        }
                    }
                    left = *right;
                }
            }
            ExprKind::Call(callee, args) => {
                let name = match &module.expr(*callee).kind {
                    ExprKind::Name(_, name) | ExprKind::Attr(_, name) => module.name(*name),
                    _ => return,
                };
                if !BLIND.contains(&name) {
                    args.iter().for_each(|arg| self.within(module, bindings, arg.value()));
                }
            }
            _ => {}
        }
    }

    /// An argument of a condition's call: `any(key not in ALLOWED for key in body)`.
    fn within(&mut self, module: &Module, bindings: &Bindings, given: ExprId) {
        match &module.expr(given).kind {
            ExprKind::Comprehension(comprehension) => self.test(module, bindings, comprehension.element),
            _ => self.value(module, bindings, given),
        }
    }

    fn call(&mut self, module: &Module, bindings: &Bindings, callee: ExprId, args: &[Arg]) {
        let (object, name) = match &module.expr(callee).kind {
            ExprKind::Name(_, name) => (None, module.name(*name)),
            ExprKind::Attr(object, name) => (Some(*object), module.name(*name)),
            _ => return,
        };
        if KINDS.contains(&name) {
            object.into_iter().for_each(|object| self.value(module, bindings, object));
        }
        let matches = object.is_some() && matches!(name, "match" | "fullmatch" | "search");
        let of = object.map(|object| &module.expr(object).kind);
        let of = if let Some(ExprKind::Name(_, of)) = of { module.name(*of) } else { "" };
        let name = format!("{of}.{name}").to_lowercase();
        if matches || CHECKING.iter().any(|part| name.contains(part)) {
            args.iter().for_each(|arg| self.value(module, bindings, arg.value()));
        }
    }

    /// Takes down a value that is checked; an element's check is one of what it is an element of.
    fn value(&mut self, module: &Module, bindings: &Bindings, value: ExprId) {
        let mut value = value;
        for _ in 0..8 {
            match &module.expr(value).kind {
                ExprKind::Name(place, _) => {
                    let variable = Variable::of(*place, module.function_id_around(value));
                    let Some(variable) = variable.filter(|variable| self.whole.insert(*variable)) else { return };
                    let elements = bindings.of(variable).iter().find_map(|binding| match binding {
                        Binding::Element(whole) | Binding::ElementPart(whole, 0) => Some(*whole),
                        _ => None,
                    });
                    let Some(whole) = elements else { return };
                    value = whole;
                }
                ExprKind::Subscript(object, key) => return self.entry(module, *object, *key),
                ExprKind::Call(callee, args) => match (&module.expr(*callee).kind, args.as_slice()) {
                    (ExprKind::Attr(object, name), [key, ..]) if module.name(*name) == "get" => {
                        return self.entry(module, *object, key.value());
                    }
                    (ExprKind::Attr(object, name), _) if VIEWS.contains(&module.name(*name)) => value = *object,
                    (ExprKind::Name(_, name), [only]) if VIEWS.contains(&module.name(*name)) => value = only.value(),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    fn entry(&mut self, module: &Module, object: ExprId, key: ExprId) {
        if let (ExprKind::Name(place, _), ExprKind::Str(key)) = (&module.expr(object).kind, &module.expr(key).kind) {
            let variable = Variable::of(*place, module.function_id_around(object));
            self.entries.extend(variable.map(|variable| (variable, key.clone())));
        }
    }
}
