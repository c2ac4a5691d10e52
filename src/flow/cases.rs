//! `match`: which cases a subject may take, and what they bind ([PEP 634](https://peps.python.org/pep-0634/)).

use super::frame::Frame;
use super::machine::Machine;
use super::sequence::Targets;
use super::value::{Atom, Sym, Val};
use crate::python::ir::{Case, CompareOp, ExprId, ExprKind, Pattern, Place};

impl<'p> Machine<'p> {
    pub fn exec_match(&mut self, frame: &mut Frame<'p>, subject: ExprId, cases: &'p [Case]) {
        let value = self.eval(frame, subject);
        let before = frame.env.clone();
        let mut after = before.clone();
        after.live = false;
        let mut is_exhausted = false;
        for case in cases {
            frame.env.clone_from(&before);
            if !self.may_match(frame, &case.pattern, value) && !self.everything {
                continue;
            }
            frame.enter_branch();
            let value = self.narrow_subject(frame, subject, &case.pattern, value);
            self.capture(frame, &case.pattern, value);
            if let Some(guard) = case.guard {
                self.eval(frame, guard);
                self.narrow(frame, guard, true);
            }
            self.exec_block(frame, &case.body);
            frame.leave_branch();
            after.join(&frame.env, &mut self.values);
            if is_irrefutable(&case.pattern) && case.guard.is_none() {
                is_exhausted = true;
                break;
            }
        }
        if !is_exhausted {
            after.join(&before, &mut self.values);
        }
        frame.env = after;
    }

    /// Whether a value may be like a pattern. All the expressions in it are evaluated.
    fn may_match(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: Val) -> bool {
        match pattern {
            Pattern::Wildcard | Pattern::Capture(_) | Pattern::Star(_) => true,
            Pattern::As(inner, _) => self.may_match(frame, inner, value),
            Pattern::Value(literal) => {
                let op = match frame.module.expr(*literal).kind {
                    ExprKind::None | ExprKind::Bool(_) => CompareOp::Is,
                    _ => CompareOp::Eq,
                };
                let literal = self.eval(frame, *literal);
                if value == Val::BOTTOM {
                    return self.test(frame, value).0;
                }
                self.may_hold(op, value, literal)
            }
            Pattern::Or(parts) => parts.iter().filter(|part| self.may_match(frame, part, value)).count() > 0,
            Pattern::Sequence(parts) => {
                let Some(items) = self.items_for(frame, parts, value) else { return false };
                parts.iter().zip(items).filter(|(part, item)| self.may_match(frame, part, *item)).count() == parts.len()
            }
            Pattern::Mapping { entries, .. } => {
                let mut fits = true;
                for (key, part) in entries {
                    let key = self.eval(frame, *key);
                    let item = self.subscript(frame, value, key);
                    fits &= self.may_match(frame, part, item);
                }
                fits
            }
            Pattern::Class { class, .. } => {
                let class = self.eval(frame, *class);
                let is_other = |atom: &Atom| self.instance_of(*atom, class) == Some(false);
                value == Val::BOTTOM || !self.values.atoms(value).iter().all(is_other)
            }
        }
    }

    /// What the parts of a sequence pattern meet; `None` if the value is a sequence of another length.
    fn items_for(&mut self, frame: &mut Frame<'p>, parts: &'p [Pattern], value: Val) -> Option<Vec<Val>> {
        let star = parts.iter().enumerate().find_map(|(at, part)| match part {
            Pattern::Star(target) => {
                Some((at, target.as_ref().and_then(|target| Targets::rest(frame.instance, target))))
            }
            _ => None,
        });
        let targets = Targets { count: parts.len(), star };
        let mut met = vec![Val::BOTTOM; parts.len()];
        let mut fits = value == Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let items = match self.sequence(frame, atom) {
                Some(items) => self.deal(frame, items, targets),
                None => Some(self.deal_any(frame, atom, targets)),
            };
            let Some(items) = items else { continue };
            fits = true;
            for (met, item) in met.iter_mut().zip(items) {
                *met = self.values.join(*met, item);
            }
        }
        fits.then_some(met)
    }

    /// Binds what a pattern captures of a value that may be like it.
    fn capture(&mut self, frame: &mut Frame<'p>, pattern: &'p Pattern, value: Val) {
        match pattern {
            Pattern::Wildcard | Pattern::Value(_) => {}
            Pattern::Star(None) => {}
            Pattern::Capture(target) | Pattern::Star(Some(target)) => self.assign(frame, target, value, None),
            Pattern::As(inner, target) => {
                self.capture(frame, inner, value);
                self.assign(frame, target, value, None);
            }
            Pattern::Or(parts) => {
                let before = frame.env.clone();
                let mut after = before.clone();
                for part in parts {
                    frame.env.clone_from(&before);
                    self.capture(frame, part, value);
                    after.join(&frame.env, &mut self.values);
                }
                frame.env = after;
            }
            Pattern::Sequence(parts) => {
                let items = self.items_for(frame, parts, value).unwrap_or_default();
                for (part, item) in parts.iter().zip(items) {
                    self.capture(frame, part, item);
                }
            }
            Pattern::Mapping { entries, rest } => {
                for (key, part) in entries {
                    let key = self.eval(frame, *key);
                    let item = self.subscript(frame, value, key);
                    self.capture(frame, part, item);
                }
                // What is left of a mapping is taken for the whole.
                if let Some(rest) = rest {
                    self.assign(frame, rest, value, None);
                }
            }
            Pattern::Class { class, positional, keywords } => {
                for (name, part) in keywords {
                    let name = self.program.sym(frame.module_id, *name);
                    let item = self.attribute(frame, value, name);
                    self.capture(frame, part, item);
                }
                let class = self.eval(frame, *class);
                for (at, part) in positional.iter().enumerate() {
                    let item = self.positional(frame, class, at, value);
                    self.capture(frame, part, item);
                }
            }
        }
    }

    /// What `Class(a, b)` takes from a value: the attributes that `__match_args__` names, which are a dataclass's fields. A
    /// builtin class (`str(text)`) takes the value itself, and so may a class that isn't at hand.
    fn positional(&mut self, frame: &mut Frame<'p>, class: Val, at: usize, value: Val) -> Val {
        let mut result = Val::BOTTOM;
        for class in self.values.atoms_vec(class) {
            let taken = match self.match_argument(frame, class, at) {
                Some(name) => self.attribute(frame, value, name),
                None if matches!(class, Atom::Builtin(_)) => value,
                None => {
                    let data = self.values.data_from(&[value]);
                    self.values.join(data, value)
                }
            };
            result = self.values.join(result, taken);
        }
        result
    }

    /// The attribute that a class of ours gives a position in patterns.
    fn match_argument(&mut self, frame: &mut Frame<'p>, class: Atom, at: usize) -> Option<Sym> {
        let Atom::Class(module, id) = class else { return None };
        let arguments = self.values.sym("__match_args__");
        let class = self.values.one(class);
        let named = self.attribute(frame, class, arguments);
        if let Some(tuple) = self.values.single(named)
            && let Some(names) = self.sequence(frame, tuple)
            && let Some(Atom::Str(name)) = names.get(at).and_then(|name| self.values.single(*name))
        {
            return Some(name);
        }
        let line = self.ancestry(module, id);
        self.fields_of(&line).into_iter().filter(|(_, field)| field.is_positional).nth(at).map(|(_, field)| field.name)
    }

    /// The subject where it is an instance of the pattern's class; a local variable that is the subject is narrowed, too.
    fn narrow_subject(&mut self, frame: &mut Frame<'p>, subject: ExprId, pattern: &'p Pattern, value: Val) -> Val {
        let Pattern::Class { class, .. } = unnamed(pattern) else { return value };
        let class = self.eval(frame, *class);
        let atoms = self.values.atoms_vec(value);
        let kept = atoms.into_iter().filter(|atom| self.instance_of(*atom, class) != Some(false)).collect();
        let value = self.values.set(kept);
        if let ExprKind::Name(Place::Local(slot), _) = &frame.module.expr(subject).kind {
            frame.env.slots[slot.0 as usize] = value;
        }
        value
    }
}

/// A pattern without the name that `as` gives it.
fn unnamed(pattern: &Pattern) -> &Pattern {
    match pattern {
        Pattern::As(inner, _) => unnamed(inner),
        other => other,
    }
}

/// Whether a pattern matches whatever comes.
fn is_irrefutable(pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Wildcard | Pattern::Capture(_) => true,
        Pattern::As(inner, _) => is_irrefutable(inner),
        Pattern::Or(parts) => parts.iter().any(is_irrefutable),
        _ => false,
    }
}
