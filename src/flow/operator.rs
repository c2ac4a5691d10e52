//! Operators: arithmetic, what puts containers together, and what methods of the program's own make of their operands
//! (<https://docs.python.org/3/reference/datamodel.html#emulating-numeric-types>).

use super::call::Args;
use super::expr::label;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::{Edge, Machine};
use super::value::{Atom, Val};
use crate::python::ModuleId;
use crate::python::ir::{BinaryOp, ClassId, CompareOp, ExprId, UnaryOp};

/// Most items of tuples put together that are told apart.
const MAX_CHAINED: usize = 32;

/// What a method gives that leaves an operation to the other operand.
pub(super) const NOT_IMPLEMENTED: &str = "NotImplemented";

/// The operands' methods for an operation.
#[derive(Debug, Clone, Copy)]
struct Methods {
    /// The left operand's: the first of these that it has.
    left: &'static [&'static str],
    /// The right operand's, for what the left one has no answer to.
    right: &'static [&'static str],
    /// Whether that is asked where both are of one class, too.
    same_class: bool,
}

impl<'p> Machine<'p> {
    /// `a op b`. The expressions label the holes of strings.
    pub fn binary(
        &mut self,
        frame: &mut Frame<'p>,
        op: BinaryOp,
        (a, left): (Val, Option<ExprId>),
        (b, right): (Val, Option<ExprId>),
        site: CallSite,
    ) -> Val {
        self.binary_along(frame, op, (a, left), (b, right), (site, Edge::Resolved))
    }

    /// `a op b`, whose methods are called as surely as this edge says.
    fn binary_along(
        &mut self,
        frame: &mut Frame<'p>,
        op: BinaryOp,
        (a, left): (Val, Option<ExprId>),
        (b, right): (Val, Option<ExprId>),
        (site, edge): (CallSite, Edge),
    ) -> Val {
        if a == Val::BOTTOM || b == Val::BOTTOM {
            return Val::BOTTOM;
        }
        let [plain, mut reflected, _] = methods_of(op);
        // A text takes anything into its places.
        if op == BinaryOp::Mod && self.values.atoms(a).iter().all(|a| matches!(a, Atom::Str(_) | Atom::Text(_))) {
            reflected = &[];
        }
        let methods = Methods { left: plain, right: reflected, same_class: false };
        let (own, a, b) = self.by_methods(frame, methods, (a, b), (site, edge));
        let builtin = self.builtin_binary(frame, op, (a, left), (b, right), site);
        self.values.join(own, builtin)
    }

    /// `a op b` of what has no methods of ours for it.
    fn builtin_binary(
        &mut self,
        frame: &mut Frame<'p>,
        op: BinaryOp,
        (a, left): (Val, Option<ExprId>),
        (b, right): (Val, Option<ExprId>),
        site: CallSite,
    ) -> Val {
        if a == Val::BOTTOM || b == Val::BOTTOM {
            return Val::BOTTOM;
        }
        if let Some(condition) = self.combine_conditions(op, a, b) {
            return condition;
        }
        let strings = |m: &Self, v: Val| m.values.atoms(v).iter().any(|x| matches!(x, Atom::Str(_) | Atom::Text(_)));
        let containers = |m: &Self, v: Val| m.values.atoms(v).iter().any(|x| matches!(x, Atom::Object(_)));
        match op {
            BinaryOp::Add if strings(self, a) || strings(self, b) => {
                let labels = [left, right].map(|e| e.map_or("", |e| label(frame, e)));
                self.values.concat(&[(a, labels[0]), (b, labels[1])])
            }
            BinaryOp::Mod if strings(self, a) => self.percent_format(frame, a, b),
            BinaryOp::Add | BinaryOp::BitOr | BinaryOp::BitAnd | BinaryOp::BitXor | BinaryOp::Sub
                if containers(self, a) || containers(self, b) =>
            {
                self.combine_containers(frame, a, b, site)
            }
            BinaryOp::Add if self.is_sequence(a) || self.is_sequence(b) => self.chained(frame, a, b, site),
            BinaryOp::Mul if self.is_sequence(a) || self.is_sequence(b) => {
                let repeated = if self.is_sequence(a) { a } else { b };
                let element = self.elements_of(frame, repeated);
                self.sequence_of(frame, element, site)
            }
            // Annotations: `Table | None`.
            BinaryOp::BitOr if self.is_type(a) || self.is_type(b) => self.values.join(a, b),
            _ => {
                self.pages.consume(&self.values, a);
                self.pages.consume(&self.values, b);
                if let Some(time) = self.clock_arithmetic(op, a, b) {
                    return time;
                }
                match (op, self.values.single(a), self.values.single(b)) {
                    (BinaryOp::Add, Some(Atom::Int(x)), Some(Atom::Int(y))) => {
                        self.values.one(Atom::Int(x.wrapping_add(y)))
                    }
                    (BinaryOp::Sub, Some(Atom::Int(x)), Some(Atom::Int(y))) => {
                        self.values.one(Atom::Int(x.wrapping_sub(y)))
                    }
                    (BinaryOp::Mul, Some(Atom::Int(x)), Some(Atom::Int(y))) => {
                        self.values.one(Atom::Int(x.wrapping_mul(y)))
                    }
                    (BinaryOp::Add | BinaryOp::Sub | BinaryOp::Mul, Some(x), Some(y)) if self.makes_float(x, y) => {
                        self.values.float()
                    }
                    _ => self.values.data_from(&[a, b]),
                }
            }
        }
    }

    fn is_type(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|a| matches!(a, Atom::Class(..) | Atom::External(_) | Atom::Builtin(_)))
    }

    /// The list that `a + b`, or the dict that `a | b`, makes.
    fn combine_containers(&mut self, frame: &mut Frame<'p>, a: Val, b: Val, site: CallSite) -> Val {
        let dict = [a, b]
            .iter()
            .flat_map(|v| self.values.atoms(*v))
            .any(|atom| matches!(atom, Atom::Object(o) if self.heap.get(*o).kind == Kind::Dict));
        let kind = if dict { Kind::Dict } else { Kind::List };
        let result = self.container(frame.instance, site, 1, kind, &frame.guard);
        for value in [a, b] {
            if dict {
                self.copy_into(frame, result, value, true);
            } else {
                let elements = self.elements_of(frame, value);
                self.append(result, elements);
            }
        }
        self.values.one(Atom::Object(result))
    }

    /// Whether a value may be a list or a tuple.
    fn is_sequence(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|atom| match atom {
            Atom::Tuple(_) => true,
            Atom::Object(object) => self.heap.get(*object).kind == Kind::List,
            _ => false,
        })
    }

    /// What `a + b` of tuples makes, item by item where these are known.
    fn chained(&mut self, frame: &mut Frame<'p>, a: Val, b: Val, site: CallSite) -> Val {
        let mut items = Vec::new();
        for part in [a, b] {
            match self.values.single(part).and_then(|atom| self.sequence(frame, atom)) {
                Some(known) if items.len() + known.len() <= MAX_CHAINED => items.extend(known),
                _ => return self.combine_containers(frame, a, b, site),
            }
        }
        let chained = self.container(frame.instance, site, 1, Kind::List, &frame.guard);
        self.fill(chained, items);
        self.values.one(Atom::Object(chained))
    }

    fn sequence_of(&mut self, frame: &Frame<'p>, element: Val, site: CallSite) -> Val {
        let list = self.container(frame.instance, site, 1, Kind::List, &frame.guard);
        self.append(list, element);
        self.values.one(Atom::Object(list))
    }

    /// `old op= operand`, of what isn't changed where it stands.
    pub fn augment(&mut self, frame: &mut Frame<'p>, op: BinaryOp, old: Val, operand: (Val, ExprId)) -> Val {
        let (operand, expr) = operand;
        self.augment_along(frame, op, old, (operand, Some(expr)), Some(expr))
    }

    fn augment_along(
        &mut self,
        frame: &mut Frame<'p>,
        op: BinaryOp,
        old: Val,
        (operand, expr): (Val, Option<ExprId>),
        site: CallSite,
    ) -> Val {
        let [.., in_place] = methods_of(op);
        let (own, rest) = self.by_method(frame, in_place, (old, &[operand]), (site, Edge::Resolved));
        let mut new = self.binary(frame, op, (rest, None), (operand, expr), site);
        if self.may_leave(own) {
            let others = self.values.atoms_vec(old).filter(|atom| !self.values.atoms(rest).contains(atom)).collect();
            let others = self.values.set(others);
            let plain = self.binary_along(frame, op, (others, None), (operand, expr), (site, Edge::Possible));
            new = self.values.join(new, plain);
        }
        let own = self.answered(own);
        self.values.join(own, new)
    }

    /// `-x`, `+x`, `~x`.
    pub fn unary(&mut self, frame: &mut Frame<'p>, op: UnaryOp, value: Val, site: CallSite) -> Val {
        let method: &[&str] = match op {
            UnaryOp::Minus => &["__neg__"],
            UnaryOp::Plus => &["__pos__"],
            UnaryOp::Invert => &["__invert__"],
        };
        let (own, rest) = self.by_method(frame, method, (value, &[]), (site, Edge::Resolved));
        let builtin = match self.values.single(rest) {
            _ if rest == Val::BOTTOM && own != Val::BOTTOM => Val::BOTTOM,
            Some(Atom::Int(number)) => self.values.one(Atom::Int(match op {
                UnaryOp::Minus => number.wrapping_neg(),
                UnaryOp::Plus => number,
                UnaryOp::Invert => !number,
            })),
            // `~Attr("x").eq(…)` negates a condition.
            Some(condition @ Atom::Condition(_)) => self.negated_condition(condition),
            _ => self.values.data_from(&[rest]),
        };
        self.values.join(own, builtin)
    }

    /// A function of the module `operator` that does what an operator does.
    pub fn call_operator(&mut self, frame: &mut Frame<'p>, name: &str, args: &Args, site: CallSite) -> Option<Val> {
        let name = name.trim_matches('_');
        match (name, args.positional.as_slice()) {
            ("neg", [value]) => return Some(self.unary(frame, UnaryOp::Minus, *value, site)),
            ("pos", [value]) => return Some(self.unary(frame, UnaryOp::Plus, *value, site)),
            ("inv" | "invert", [value]) => return Some(self.unary(frame, UnaryOp::Invert, *value, site)),
            ("getitem", [object, index]) => return Some(self.subscript(frame, *object, *index)),
            ("delitem", [object, key]) => {
                self.forget_key(*object, *key);
                return Some(self.values.none());
            }
            ("setitem", [object, key, value]) => {
                let span = self.place(frame, site);
                self.set_item(frame, *object, *key, *value, span);
                return Some(self.values.none());
            }
            _ => {}
        }
        let [a, b] = args.positional[..] else { return None };
        let name = match name {
            "concat" => "add",
            "iconcat" => "iadd",
            _ => name,
        };
        let is_named = |method: &str| method.trim_matches('_') == name;
        let [plain, _, in_place] = [0, 1, 2].map(|at| OPERATORS.iter().find(|op| is_named(methods_of(**op)[at][0])));
        if let Some(op) = plain {
            return Some(self.binary(frame, *op, (a, None), (b, None), site));
        }
        let op = *in_place?;
        self.extend_lists(frame, a, b);
        self.update_dicts(frame, a, b);
        Some(self.augment_along(frame, op, a, (b, None), site))
    }

    /// What methods of ours make of a comparison, which need not be a truth value.
    pub fn compared_by_methods(&mut self, frame: &mut Frame<'p>, op: CompareOp, a: Val, b: Val, site: CallSite) -> Val {
        let (left, right): (&[_], &[_]) = match op {
            CompareOp::Eq => (&["__eq__"], &["__eq__"]),
            // Without a method of its own, it is what `==` isn't.
            CompareOp::NotEq => (&["__ne__", "__eq__"], &["__ne__", "__eq__"]),
            CompareOp::Less => (&["__lt__"], &["__gt__"]),
            CompareOp::LessEq => (&["__le__"], &["__ge__"]),
            CompareOp::Greater => (&["__gt__"], &["__lt__"]),
            CompareOp::GreaterEq => (&["__ge__"], &["__le__"]),
            CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot => return Val::BOTTOM,
        };
        self.by_methods(frame, Methods { left, right, same_class: true }, (a, b), (site, Edge::Resolved)).0
    }

    /// What methods of ours make of two operands: the left one's, and where that has none or leaves it to the other, the
    /// right one's. With that come the operands that have none.
    fn by_methods(
        &mut self,
        frame: &mut Frame<'p>,
        methods: Methods,
        (a, b): (Val, Val),
        (site, edge): (CallSite, Edge),
    ) -> (Val, Val, Val) {
        let (left, right) = (self.classes_of(a), self.classes_of(b));
        // A subclass's method is asked first.
        let is_second = right.iter().any(|class| {
            let line = self.ancestry(class.0, class.1);
            left.iter().any(|base| base != class && line.ours.contains(base))
        });
        let first = if is_second { Edge::Possible } else { edge };
        let (own, rest) = self.by_method(frame, methods.left, (a, &[b]), (site, first.max(edge)));
        let leaves = is_second || self.may_leave(own);
        let is_answered = rest == Val::BOTTOM && !leaves;
        if is_answered || !methods.same_class && left.len() == 1 && left == right && rest == Val::BOTTOM {
            return (self.answered(own), rest, b);
        }
        let second = if is_second || rest == Val::BOTTOM && !self.leaves(own) { Edge::Possible } else { edge };
        let (other, others) = self.by_method(frame, methods.right, (b, &[a]), (site, second));
        let own = self.values.join(own, other);
        (self.answered(own), rest, others)
    }

    /// Whether what a method gives always leaves the operation to another.
    fn leaves(&self, made: Val) -> bool {
        let atoms = self.values.atoms(made);
        !atoms.is_empty() && atoms.iter().all(|atom| self.is_not_implemented(atom))
    }

    /// Whether what a method gives may leave the operation to another.
    fn may_leave(&self, made: Val) -> bool {
        let is_unknown = |atom: &Atom| matches!(atom, Atom::Data(_) | Atom::Opaque(_) | Atom::ExternalObject(_));
        self.values.atoms(made).iter().any(|atom| is_unknown(atom) || self.is_not_implemented(atom))
    }

    fn is_not_implemented(&self, atom: &Atom) -> bool {
        matches!(atom, Atom::Builtin(name) if self.values.str(*name) == NOT_IMPLEMENTED)
    }

    /// What methods give as an operation's result.
    fn answered(&mut self, made: Val) -> Val {
        let answers = self.values.atoms_vec(made).filter(|atom| !self.is_not_implemented(atom)).collect();
        self.values.set(answers)
    }

    /// The classes of objects of ours.
    fn classes_of(&self, operand: Val) -> Vec<(ModuleId, ClassId)> {
        let mut classes: Vec<_> = self
            .values
            .atoms(operand)
            .iter()
            .filter(|atom| matches!(atom, Atom::Object(_)))
            .filter_map(|atom| self.own_class(*atom))
            .collect();
        classes.dedup();
        classes
    }

    /// What the first of these methods that an object has makes, if it is ours; and the others. They are called as surely as
    /// the edge says.
    fn by_method(
        &mut self,
        frame: &mut Frame<'p>,
        methods: &[&str],
        (receivers, args): (Val, &[Val]),
        (site, edge): (CallSite, Edge),
    ) -> (Val, Val) {
        if self.classes_of(receivers).is_empty() {
            return (Val::BOTTOM, receivers);
        }
        let (mut made, mut others) = (Val::BOTTOM, Vec::new());
        for atom in self.values.atoms_vec(receivers) {
            let found = methods.iter().map(|name| self.operator_method(frame, atom, name));
            match found.into_iter().find(|method| *method != Val::BOTTOM) {
                None => others.push(atom),
                Some(method) => {
                    let args = Args::of(args);
                    let one = match edge {
                        Edge::Resolved => self.call(frame, method, &args, site),
                        edge => self.call_along(frame, method, &args, site, edge),
                    };
                    made = self.values.join(made, one);
                }
            }
        }
        (made, self.values.set(others))
    }

    /// Python asks the class for it, not the object.
    fn operator_method(&mut self, frame: &mut Frame<'p>, receiver: Atom, method: &str) -> Val {
        let Some((module, class)) = self.own_class(receiver).filter(|_| self.is_own_object(receiver)) else {
            return Val::BOTTOM;
        };
        let name = self.values.sym(method);
        let found = self.class_field(module, class, name, frame.instance);
        self.bind_members(frame, found, receiver)
    }
}

const OPERATORS: [BinaryOp; 13] = [
    BinaryOp::Add,
    BinaryOp::Sub,
    BinaryOp::Mul,
    BinaryOp::Div,
    BinaryOp::FloorDiv,
    BinaryOp::Mod,
    BinaryOp::Pow,
    BinaryOp::MatMul,
    BinaryOp::BitAnd,
    BinaryOp::BitOr,
    BinaryOp::BitXor,
    BinaryOp::ShiftLeft,
    BinaryOp::ShiftRight,
];

/// An operator's methods: the left operand's, the right one's, and the one that changes an object where it stands.
fn methods_of(op: BinaryOp) -> [&'static [&'static str]; 3] {
    match op {
        BinaryOp::Add => [&["__add__"], &["__radd__"], &["__iadd__"]],
        BinaryOp::Sub => [&["__sub__"], &["__rsub__"], &["__isub__"]],
        BinaryOp::Mul => [&["__mul__"], &["__rmul__"], &["__imul__"]],
        BinaryOp::Div => [&["__truediv__"], &["__rtruediv__"], &["__itruediv__"]],
        BinaryOp::FloorDiv => [&["__floordiv__"], &["__rfloordiv__"], &["__ifloordiv__"]],
        BinaryOp::Mod => [&["__mod__"], &["__rmod__"], &["__imod__"]],
        BinaryOp::Pow => [&["__pow__"], &["__rpow__"], &["__ipow__"]],
        BinaryOp::MatMul => [&["__matmul__"], &["__rmatmul__"], &["__imatmul__"]],
        BinaryOp::BitAnd => [&["__and__"], &["__rand__"], &["__iand__"]],
        BinaryOp::BitOr => [&["__or__"], &["__ror__"], &["__ior__"]],
        BinaryOp::BitXor => [&["__xor__"], &["__rxor__"], &["__ixor__"]],
        BinaryOp::ShiftLeft => [&["__lshift__"], &["__rlshift__"], &["__ilshift__"]],
        BinaryOp::ShiftRight => [&["__rshift__"], &["__rrshift__"], &["__irshift__"]],
    }
}
