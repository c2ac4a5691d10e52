//! Truth: what a test may turn out to be, and what holds of the locals where it did.

use super::frame::Frame;
use super::heap::Kind;
use super::machine::Machine;
use super::value::{Atom, Val};
use crate::python::ModuleId;
use crate::python::ir::{Arg, ClassId, CompareOp, ExprId, ExprKind, Place};

impl<'p> Machine<'p> {
    /// Whether a value may be true, and whether it may be false. Asking a response's items is noted.
    pub fn truth(&mut self, value: Val) -> (bool, bool) {
        self.pages.ask_existence(&self.values, value);
        let (mut can, mut cannot) = (false, false);
        for atom in self.values.atoms(value) {
            let (t, f) = self.atom_truth(*atom);
            can |= t;
            cannot |= f;
        }
        (can, cannot)
    }

    /// The truth of a test. One of which nothing is known yet leads nowhere, and in the second phase both ways.
    pub fn test(&mut self, frame: &mut Frame<'p>, value: Val) -> (bool, bool) {
        if self.everything {
            self.truth(value);
            return (true, true);
        }
        if value == Val::BOTTOM {
            self.unset(frame.instance);
            return (self.settled, self.settled);
        }
        self.truth(value)
    }

    fn atom_truth(&self, atom: Atom) -> (bool, bool) {
        let both = (true, true);
        match atom {
            Atom::None | Atom::False => (false, true),
            Atom::True => (true, false),
            Atom::Int(number) => (number != 0, number == 0),
            Atom::Str(text) => (!self.values.str(text).is_empty(), self.values.str(text).is_empty()),
            Atom::Text(text) => {
                use crate::dynamodb::symbolic::Part;
                let solid = self.values.text(text).parts().iter().any(|p| !matches!(p, Part::Hole(_)));
                (true, !solid)
            }
            Atom::Tuple(tuple) => (!self.values.tuple(tuple).is_empty(), self.values.tuple(tuple).is_empty()),
            Atom::Object(object) => match self.heap.get(object).kind {
                // What a container holds "always" it may not hold yet at this point.
                Kind::Dict | Kind::List => both,
                Kind::Instance(module, class) if self.has_own_truth(module, class) => both,
                _ => (true, false),
            },
            Atom::Data(_)
            | Atom::Opaque(_)
            | Atom::External(_)
            | Atom::ExternalObject(_)
            | Atom::Method(..)
            | Atom::Environ
            | Atom::Response(_)
            | Atom::Items(_)
            | Atom::Count(_)
            | Atom::LastKey(_)
            | Atom::Pages(_)
            | Atom::Condition(_) => both,
            _ => (true, false),
        }
    }

    /// Whether a class decides the truth of its instances itself.
    fn has_own_truth(&self, module: ModuleId, class: ClassId) -> bool {
        let line = self.ancestry(module, class);
        self.truth_methods
            .iter()
            .filter_map(|name| self.methods.get(name))
            .any(|definers| line.ours.iter().any(|class| definers.contains(class)))
    }

    /// The atoms of a value that may have this truth. A LastEvaluatedKey that is false isn't there.
    pub fn filter_truth(&mut self, value: Val, truth: bool) -> Val {
        let atoms: Vec<Atom> = self
            .values
            .atoms(value)
            .iter()
            .filter(|a| {
                let (can, cannot) = self.atom_truth(**a);
                if truth { can } else { cannot }
            })
            .map(|a| if !truth && matches!(a, Atom::LastKey(_)) { Atom::None } else { *a })
            .collect();
        self.values.set(atoms)
    }

    /// Assumes that a test turned out as given.
    pub fn narrow(&mut self, frame: &mut Frame<'p>, test: ExprId, truth: bool) {
        match &frame.module.expr(test).kind {
            ExprKind::Name(Place::Local(slot), _) => {
                let old = frame.slot(*slot);
                let new = self.filter_truth(old, truth);
                frame.env.slots[slot.0 as usize] = new;
            }
            ExprKind::Walrus(crate::python::ir::Target::Name(Place::Local(slot), _), _) => {
                let old = frame.slot(*slot);
                let new = self.filter_truth(old, truth);
                frame.env.slots[slot.0 as usize] = new;
            }
            ExprKind::Not(inner) => self.narrow(frame, *inner, !truth),
            ExprKind::And(left, right) if truth => {
                self.narrow(frame, *left, true);
                self.narrow(frame, *right, true);
            }
            ExprKind::Or(left, right) if !truth => {
                self.narrow(frame, *left, false);
                self.narrow(frame, *right, false);
            }
            ExprKind::Compare(left, rest) => {
                if let ([(op, right)], ExprKind::Name(Place::Local(slot), _)) =
                    (rest.as_slice(), &frame.module.expr(*left).kind)
                {
                    let old = frame.slot(*slot);
                    if let Some(new) = self.narrow_compare(frame, old, *op, *right, truth) {
                        frame.env.slots[slot.0 as usize] = new;
                    }
                }
            }
            ExprKind::Call(callee, args) => self.narrow_isinstance(frame, *callee, args, truth),
            _ => {}
        }
    }

    fn narrow_compare(
        &mut self,
        frame: &Frame<'p>,
        old: Val,
        op: CompareOp,
        right: ExprId,
        truth: bool,
    ) -> Option<Val> {
        let equal = match op {
            CompareOp::Is | CompareOp::Eq => truth,
            CompareOp::IsNot | CompareOp::NotEq => !truth,
            _ => return None,
        };
        let constant = match &frame.module.expr(right).kind {
            ExprKind::None => Atom::None,
            ExprKind::Str(text) => Atom::Str(self.values.sym(text)),
            ExprKind::Bool(true) => Atom::True,
            ExprKind::Bool(false) => Atom::False,
            _ => return None,
        };
        let keep = |atom: Atom| match atoms_compared(op, atom, constant) {
            Some(same) => same == equal,
            None => true,
        };
        let absent = |a: Atom| if equal && matches!(a, Atom::LastKey(_)) { constant } else { a };
        let atoms: Vec<Atom> = self.values.atoms(old).iter().copied().filter(|a| keep(*a)).map(absent).collect();
        Some(self.values.set(atoms))
    }

    fn narrow_isinstance(&mut self, frame: &mut Frame<'p>, callee: ExprId, args: &'p [Arg], truth: bool) {
        let ExprKind::Name(Place::Global(name), _) = &frame.module.expr(callee).kind else { return };
        let [Arg::Positional(object), Arg::Positional(class)] = args else { return };
        let ExprKind::Name(Place::Local(slot), _) = &frame.module.expr(*object).kind else { return };
        if frame.module.name(*name) != "isinstance" {
            return;
        }
        let class = self.eval(frame, *class);
        let atoms = self.values.atoms_vec(frame.slot(*slot));
        let kept = atoms.into_iter().filter(|a| self.instance_of(*a, class).is_none_or(|is| is == truth)).collect();
        frame.env.slots[slot.0 as usize] = self.values.set(kept);
    }

    /// Whether `a op b` may hold, for `==` or `is`.
    pub fn may_hold(&self, op: CompareOp, a: Val, b: Val) -> bool {
        let (left, right) = (self.values.atoms(a), self.values.atoms(b));
        left.iter().any(|x| right.iter().any(|y| atoms_compared(op, *x, *y) != Some(false)))
    }

    /// `a op b`.
    pub fn compare(&mut self, frame: &mut Frame<'p>, op: CompareOp, a: Val, b: Val) -> Val {
        if a == Val::BOTTOM || b == Val::BOTTOM {
            return Val::BOTTOM;
        }
        self.note_compared_counts(op, a, b);
        let (equal, differ) = self.equality(op, a, b);
        match op {
            CompareOp::Eq | CompareOp::Is => self.booleans(equal, differ),
            CompareOp::NotEq | CompareOp::IsNot => self.booleans(differ, equal),
            CompareOp::In | CompareOp::NotIn => {
                self.pages.ask_for(&self.values, a, b, frame.instance);
                self.search(frame, b);
                self.note_item_test(a, b);
                let (can, cannot) = self.membership(a, b);
                if op == CompareOp::In { self.booleans(can, cannot) } else { self.booleans(cannot, can) }
            }
            _ => self.values.any_bool(),
        }
    }

    /// Whether two values may be equal, and whether they may differ; the same object, where `op` asks for that.
    fn equality(&self, op: CompareOp, a: Val, b: Val) -> (bool, bool) {
        let (mut equal, mut differ) = (false, false);
        for x in self.values.atoms(a) {
            for y in self.values.atoms(b) {
                match atoms_compared(op, *x, *y) {
                    Some(true) => equal = true,
                    Some(false) => differ = true,
                    None => (equal, differ) = (true, true),
                }
            }
        }
        (equal, differ)
    }

    /// `key in container`: decided for constants in tuples alone; other containers change.
    fn membership(&self, key: Val, container: Val) -> (bool, bool) {
        let mut result = (false, false);
        for atom in self.values.atoms(container) {
            let one = match (self.values.single(key), *atom) {
                (Some(_), Atom::Tuple(tuple)) => {
                    let items = self.values.tuple(tuple);
                    let (mut can, mut must) = (false, false);
                    for item in items {
                        let (equal, differ) = self.equality(CompareOp::Eq, key, *item);
                        can |= equal;
                        must |= equal && !differ;
                    }
                    (can, !must)
                }
                _ => (true, true),
            };
            result = (result.0 | one.0, result.1 | one.1);
        }
        result
    }

    /// `len(items) > 0` asks for existence; any other comparison uses the count as a number.
    fn note_compared_counts(&mut self, op: CompareOp, a: Val, b: Val) {
        if matches!(op, CompareOp::In | CompareOp::NotIn) {
            return;
        }
        for (count, other) in [(a, b), (b, a)] {
            let small = matches!(self.values.single(other), Some(Atom::Int(0 | 1)));
            if small {
                self.pages.ask_existence(&self.values, count);
            } else {
                self.pages.consume(&self.values, count);
            }
        }
    }
}

/// Whether two atoms are equal, or the same object for `is` and `is not`; `None` if it can't be told.
fn atoms_compared(op: CompareOp, a: Atom, b: Atom) -> Option<bool> {
    if matches!(op, CompareOp::Is | CompareOp::IsNot) { atoms_same(a, b) } else { atoms_equal(a, b) }
}

fn is_constant(atom: Atom) -> bool {
    matches!(atom, Atom::None | Atom::True | Atom::False | Atom::Int(_) | Atom::Str(_))
}

/// Whether two atoms are one object. Equal numbers and texts may be two.
fn atoms_same(a: Atom, b: Atom) -> Option<bool> {
    let is_unique = |atom: Atom| matches!(atom, Atom::None | Atom::True | Atom::False);
    match (is_constant(a) && is_constant(b), a == b) {
        (true, true) => is_unique(a).then_some(true),
        (true, false) => Some(false),
        (false, _) => is_none(a, b),
    }
}

fn atoms_equal(a: Atom, b: Atom) -> Option<bool> {
    if !is_constant(a) || !is_constant(b) {
        return is_none(a, b);
    }
    // `True == 1`, and `False == 0`.
    let plain = |atom: Atom| match atom {
        Atom::True => Atom::Int(1),
        Atom::False => Atom::Int(0),
        other => other,
    };
    Some(plain(a) == plain(b))
}

/// Whether the one of two atoms that isn't `None` may be so after all; `None`, too, if neither is.
fn is_none(a: Atom, b: Atom) -> Option<bool> {
    let ((Atom::None, other) | (other, Atom::None)) = (a, b) else { return None };
    match other {
        Atom::Data(_)
        | Atom::Opaque(_)
        | Atom::External(_)
        | Atom::ExternalObject(_)
        | Atom::Method(..)
        | Atom::LastKey(_)
        | Atom::Text(_) => None,
        _ => Some(false),
    }
}
