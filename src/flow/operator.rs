//! Operators: arithmetic, what puts containers together, and what methods of the program's own make of their operands
//! (<https://docs.python.org/3/reference/datamodel.html#emulating-numeric-types>).

use super::call::Args;
use super::expr::label;
use super::frame::Frame;
use super::heap::{CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, Val};
use crate::python::ir::{BinaryOp, CompareOp, ExprId};

/// Most items of tuples put together that are told apart.
const MAX_CHAINED: usize = 32;

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
        if a == Val::BOTTOM || b == Val::BOTTOM {
            return Val::BOTTOM;
        }
        let [plain, reflected, _] = methods_of(op);
        let (own, a, b) = self.by_methods(frame, [plain, reflected], (a, b), site);
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
        let [.., in_place] = methods_of(op);
        let (own, old) = self.by_method(frame, &[in_place], (old, &[operand]), Some(expr));
        let new = self.binary(frame, op, (old, None), (operand, Some(expr)), Some(expr));
        self.values.join(own, new)
    }

    /// `-x`, `+x`, `~x`.
    pub fn negate(&mut self, frame: &mut Frame<'p>, value: Val, site: CallSite) -> Val {
        let (own, rest) = self.by_method(frame, &["__neg__", "__pos__", "__invert__"], (value, &[]), site);
        let builtin = match self.values.single(rest) {
            _ if rest == Val::BOTTOM && own != Val::BOTTOM => Val::BOTTOM,
            Some(Atom::Int(number)) => self.values.one(Atom::Int(number.wrapping_neg())),
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
            ("neg" | "pos" | "inv" | "invert", [value]) => return Some(self.negate(frame, *value, site)),
            ("getitem", [object, index]) => return Some(self.subscript(frame, *object, *index)),
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
        let [plain, _, in_place] = [0, 1, 2].map(|at| OPERATORS.iter().find(|op| is_named(methods_of(**op)[at])));
        if let Some(op) = plain {
            return Some(self.binary(frame, *op, (a, None), (b, None), site));
        }
        let op = *in_place?;
        self.extend_lists(frame, a, b);
        self.update_dicts(frame, a, b);
        let (own, rest) = self.by_method(frame, &[methods_of(op)[2]], (a, &[b]), site);
        let made = self.binary(frame, op, (rest, None), (b, None), site);
        Some(self.values.join(own, made))
    }

    /// What methods of ours make of a comparison, which need not be a truth value.
    pub fn compared_by_methods(&mut self, frame: &mut Frame<'p>, op: CompareOp, a: Val, b: Val, site: CallSite) -> Val {
        let names = match op {
            CompareOp::Eq => ["__eq__", "__eq__"],
            CompareOp::NotEq => ["__ne__", "__ne__"],
            CompareOp::Less => ["__lt__", "__gt__"],
            CompareOp::LessEq => ["__le__", "__ge__"],
            CompareOp::Greater => ["__gt__", "__lt__"],
            CompareOp::GreaterEq => ["__ge__", "__le__"],
            CompareOp::In | CompareOp::NotIn | CompareOp::Is | CompareOp::IsNot => return Val::BOTTOM,
        };
        self.by_methods(frame, names, (a, b), site).0
    }

    /// What methods of ours make of two operands: the left one's, and where that has none or leaves it to the other, the
    /// right one's. With that come the operands that have none.
    fn by_methods(
        &mut self,
        frame: &mut Frame<'p>,
        [method, reflected]: [&str; 2],
        (a, b): (Val, Val),
        site: CallSite,
    ) -> (Val, Val, Val) {
        let (own, rest) = self.by_method(frame, &[method], (a, &[b]), site);
        if rest == Val::BOTTOM && !self.values.atoms(own).contains(&Atom::None) {
            return (own, rest, b);
        }
        let (other, others) = self.by_method(frame, &[reflected], (b, &[a]), site);
        (self.values.join(own, other), rest, others)
    }

    /// What methods of ours make of the objects that have one, and the others.
    fn by_method(
        &mut self,
        frame: &mut Frame<'p>,
        methods: &[&str],
        (receivers, args): (Val, &[Val]),
        site: CallSite,
    ) -> (Val, Val) {
        let is_ours =
            |atom: &Atom| matches!(atom, Atom::Object(o) if matches!(self.heap.get(*o).kind, Kind::Instance(..)));
        if !self.values.atoms(receivers).iter().any(is_ours) {
            return (Val::BOTTOM, receivers);
        }
        let (mut made, mut others) = (Val::BOTTOM, Vec::new());
        for atom in self.values.atoms_vec(receivers) {
            let found: Vec<Val> = methods.iter().map(|name| self.operator_method(frame, atom, name)).collect();
            match self.values.join_all(found) {
                Val::BOTTOM => others.push(atom),
                method => {
                    let one = self.call(frame, method, &Args::of(args), site);
                    made = self.values.join(made, one);
                }
            }
        }
        (made, self.values.set(others))
    }

    /// Python asks the class for it, not the object.
    fn operator_method(&mut self, frame: &mut Frame<'p>, receiver: Atom, method: &str) -> Val {
        let Atom::Object(object) = receiver else { return Val::BOTTOM };
        let Kind::Instance(module, class) = self.heap.get(object).kind else { return Val::BOTTOM };
        let line = self.ancestry(module, class);
        let name = self.values.sym(method);
        let found = self.find_in_class(&line, name, frame.instance);
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
fn methods_of(op: BinaryOp) -> [&'static str; 3] {
    match op {
        BinaryOp::Add => ["__add__", "__radd__", "__iadd__"],
        BinaryOp::Sub => ["__sub__", "__rsub__", "__isub__"],
        BinaryOp::Mul => ["__mul__", "__rmul__", "__imul__"],
        BinaryOp::Div => ["__truediv__", "__rtruediv__", "__itruediv__"],
        BinaryOp::FloorDiv => ["__floordiv__", "__rfloordiv__", "__ifloordiv__"],
        BinaryOp::Mod => ["__mod__", "__rmod__", "__imod__"],
        BinaryOp::Pow => ["__pow__", "__rpow__", "__ipow__"],
        BinaryOp::MatMul => ["__matmul__", "__rmatmul__", "__imatmul__"],
        BinaryOp::BitAnd => ["__and__", "__rand__", "__iand__"],
        BinaryOp::BitOr => ["__or__", "__ror__", "__ior__"],
        BinaryOp::BitXor => ["__xor__", "__rxor__", "__ixor__"],
        BinaryOp::ShiftLeft => ["__lshift__", "__rlshift__", "__ilshift__"],
        BinaryOp::ShiftRight => ["__rshift__", "__rrshift__", "__irshift__"],
    }
}
