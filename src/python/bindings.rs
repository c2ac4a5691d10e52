//! What the variables of a module are bound to, told from its text: for those who ask where a value comes from, rather than
//! what it may be.

use super::ir::{
    Arg, BinaryOp, Block, Clause, ExprId, ExprKind, FunctionId, Module, NameId, Place, Range, Slot, Stmt, Target,
};
use rustc_hash::{FxHashMap, FxHashSet};

/// A variable of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// A local of a function.
    Local(FunctionId, Slot),
    /// A name of the module itself.
    Global(NameId),
}

impl Variable {
    /// The variable that a name stands for in a function; none for those of class bodies.
    pub fn of(place: Place, function: FunctionId) -> Option<Self> {
        match place {
            Place::Local(slot) => Some(Self::Local(function, slot)),
            Place::Enclosing(function, slot) => Some(Self::Local(function, slot)),
            Place::Global(name) => Some(Self::Global(name)),
            Place::Class(_) => None,
        }
    }

    /// The variable that an expression names.
    pub fn named(module: &Module, expr: ExprId) -> Option<Self> {
        match module.expr(expr).kind {
            ExprKind::Name(place, _) => Self::of(place, module.function_id_around(expr)),
            _ => None,
        }
    }
}

/// Something that gives a variable its value, or adds to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// `x = value`.
    Value(ExprId),
    /// `_, x = value`: the part at this place.
    Part(ExprId, usize),
    /// `for x in value`.
    Element(ExprId),
    /// `for _, x in value`: the part of each element at this place.
    ElementPart(ExprId, usize),
    /// `x += value`, `x.extend(value)`, at this place.
    Grown(ExprId, Range),
    /// `x.append(value)`, `x[key] = value`, at this place.
    Item(ExprId, Range),
    /// Handed to a function, or a method of it called: what can be changed may be.
    Handed,
    /// Bound otherwise: nothing is known of it.
    Unknown,
}

/// Methods that leave a list or dict at least as long as it was.
const KEEPING: [&str; 10] = ["append", "extend", "insert", "copy", "index", "count", "sort", "reverse", "get", "items"];
/// Functions that change nothing of what they are given.
const READING: [&str; 10] =
    ["len", "print", "list", "tuple", "sorted", "enumerate", "str", "dict", "isinstance", "reversed"];

/// The bindings of all variables of a module, in order of the text.
#[derive(Debug, Default)]
pub struct Bindings {
    found: FxHashMap<Variable, Vec<Binding>>,
    /// What a call gives comes before all that they are bound to.
    parameters: FxHashSet<Variable>,
}

impl Bindings {
    /// Those of a module, its functions' included.
    pub fn new(module: &Module) -> Self {
        let mut bindings = Self::default();
        for (id, function) in (0u32..).map(FunctionId).zip(&module.functions) {
            bindings.parameters.extend(function.params.iter().map(|param| Variable::Local(id, param.slot)));
            bindings.block(module, id, &function.body);
        }
        for (id, expr) in module.all_exprs() {
            match &expr.kind {
                ExprKind::Walrus(target, value) => {
                    bindings.target(module, module.function_id_around(id), target, Binding::Value(*value));
                }
                ExprKind::Comprehension(comprehension) => {
                    for clause in &comprehension.clauses {
                        if let Clause::For(target, iterable) = clause {
                            let function = module.function_id_around(id);
                            bindings.target(module, function, target, Binding::Element(*iterable));
                        }
                    }
                }
                ExprKind::Call(callee, args) => bindings.call(module, id, *callee, args),
                ExprKind::Compare(first, rest) => {
                    let compared = std::iter::once(*first).chain(rest.iter().map(|(_, operand)| *operand));
                    if compared.clone().all(|operand| !matches!(module.expr(operand).kind, ExprKind::Int(0))) {
                        compared.for_each(|operand| bindings.bounded(module, operand));
                    }
                }
                _ => {}
            }
        }
        bindings
    }

    /// What a variable is bound to; parameters have no binding of their own.
    pub fn of(&self, variable: Variable) -> &[Binding] {
        self.found.get(&variable).map_or(&[], Vec::as_slice)
    }

    /// The one value that a variable ever has.
    pub fn only_value(&self, variable: Variable) -> Option<ExprId> {
        match self.of(variable) {
            [Binding::Value(value)] if !self.parameters.contains(&variable) => Some(*value),
            _ => None,
        }
    }

    /// As [`Bindings::only_value`], of what may have got other parts since.
    pub fn only_object(&self, variable: Variable) -> Option<ExprId> {
        let is_rebound = |binding: &&Binding| !matches!(binding, Binding::Handed | Binding::Item(..));
        let mut bound = self.of(variable).iter().filter(is_rebound);
        match (bound.next(), bound.next()) {
            (Some(Binding::Value(value)), None) if !self.parameters.contains(&variable) => Some(*value),
            _ => None,
        }
    }

    /// The one value that a variable is given, and whatever else happens to it.
    pub fn only_grown(&self, variable: Variable) -> Option<(ExprId, Vec<&Binding>)> {
        let (values, others): (Vec<&Binding>, Vec<&Binding>) =
            self.of(variable).iter().partition(|binding| matches!(binding, Binding::Value(_)));
        match values.as_slice() {
            [Binding::Value(value)] if !self.parameters.contains(&variable) => Some((*value, others)),
            _ => None,
        }
    }

    /// As [`Bindings::only_value`], of what nobody can change.
    pub fn only_constant(&self, variable: Variable) -> Option<ExprId> {
        let mut bound = self.of(variable).iter().filter(|binding| **binding != Binding::Handed);
        match (bound.next(), bound.next()) {
            (Some(Binding::Value(value)), None) if !self.parameters.contains(&variable) => Some(*value),
            _ => None,
        }
    }

    /// A whole number that isn't negative, spelled out or the one that a variable ever has.
    pub fn integer(&self, module: &Module, expr: ExprId) -> Option<usize> {
        let value = match module.expr(expr).kind {
            ExprKind::Name(..) => self.only_constant(Variable::named(module, expr)?)?,
            _ => expr,
        };
        match module.expr(value).kind {
            ExprKind::Int(number) => usize::try_from(number).ok(),
            _ => None,
        }
    }

    /// What a variable is made from, if that is the same on every way; more may be added to it.
    pub fn only_origin(&self, variable: Variable) -> Option<ExprId> {
        let adds = |binding: &&Binding| matches!(binding, Binding::Handed | Binding::Item(..) | Binding::Grown(..));
        let mut origins = self.of(variable).iter().filter(|binding| !adds(binding));
        match (origins.next(), origins.next()) {
            (Some(Binding::Value(value) | Binding::Part(value, _)), None) => Some(*value),
            _ => None,
        }
    }

    /// Whether a local gets its value only from those who call its function.
    pub fn is_parameter_only(&self, variable: Variable) -> bool {
        matches!(variable, Variable::Local(..)) && self.of(variable).iter().all(|binding| *binding == Binding::Handed)
    }

    fn add(&mut self, variable: Option<Variable>, binding: Binding) {
        if let Some(variable) = variable {
            self.found.entry(variable).or_default().push(binding);
        }
    }

    fn block(&mut self, module: &Module, function: FunctionId, block: &Block) {
        for stmt in block {
            match stmt {
                Stmt::Assign(targets, value) => {
                    targets.iter().for_each(|target| self.target(module, function, target, Binding::Value(*value)));
                }
                Stmt::Annotated { target, value: Some(value), .. } => {
                    self.target(module, function, target, Binding::Value(*value));
                }
                Stmt::Augmented { target, op: BinaryOp::Add | BinaryOp::BitOr, value, range } => {
                    self.target(module, function, target, Binding::Grown(*value, *range));
                }
                Stmt::For { target, iter, .. } => self.target(module, function, target, Binding::Element(*iter)),
                stmt => {
                    stmt.targets().into_iter().for_each(|t| self.target(module, function, t, Binding::Unknown));
                }
            }
            stmt.blocks().into_iter().for_each(|block| self.block(module, function, block));
        }
    }

    fn target(&mut self, module: &Module, function: FunctionId, target: &Target, binding: Binding) {
        match target {
            Target::Name(place, _) => self.add(Variable::of(*place, function), binding),
            Target::Subscript(object, key) => {
                let is_slice = matches!(module.expr(*key).kind, ExprKind::Slice(..));
                let binding = match binding {
                    Binding::Value(value) if !is_slice => Binding::Item(value, module.expr(*key).range),
                    _ => Binding::Unknown,
                };
                self.add(Variable::named(module, *object), binding);
            }
            Target::Attr(object, _) => self.add(Variable::named(module, *object), Binding::Unknown),
            Target::Tuple(targets) => {
                for (at, target) in targets.iter().enumerate() {
                    let part = match binding {
                        Binding::Value(value) => Binding::Part(value, at),
                        Binding::Element(value) => Binding::ElementPart(value, at),
                        _ => Binding::Unknown,
                    };
                    self.target(module, function, target, part);
                }
            }
            Target::Starred(inner) => self.target(module, function, inner, Binding::Unknown),
        }
    }

    /// A call may change what its method is of, or what it is given.
    fn call(&mut self, module: &Module, call: ExprId, callee: ExprId, args: &[Arg]) {
        let place = module.expr(call).range;
        match (&module.expr(callee).kind, args) {
            (ExprKind::Attr(object, method), args) => {
                let binding = match (module.name(*method), args) {
                    ("append", [Arg::Positional(value)]) => Some(Binding::Item(*value, place)),
                    ("extend", [Arg::Positional(value)]) => Some(Binding::Grown(*value, place)),
                    (name, _) => (!KEEPING.contains(&name)).then_some(Binding::Handed),
                };
                if let Some(binding) = binding {
                    self.add(Variable::named(module, *object), binding);
                }
            }
            (ExprKind::Name(Place::Global(_), name), _) if READING.contains(&module.name(*name)) => return,
            _ => {}
        }
        for arg in args.iter().filter(|arg| matches!(arg, Arg::Positional(_))) {
            self.add(Variable::named(module, arg.value()), Binding::Handed);
        }
    }

    /// `len(x) >= 25`: whoever asks, sees to it.
    fn bounded(&mut self, module: &Module, operand: ExprId) {
        if let ExprKind::Call(callee, args) = &module.expr(operand).kind
            && let (ExprKind::Name(_, name), [Arg::Positional(list)]) = (&module.expr(*callee).kind, args.as_slice())
            && module.name(*name) == "len"
        {
            self.add(Variable::named(module, *list), Binding::Handed);
        }
    }
}
