//! Running statements: assignment, branches, loops, exceptions.

use super::Hides;
use super::anew::leaves;
use super::call::Args;
use super::frame::{Env, Frame, LoopExits};
use super::heap::Kind;
use super::machine::Machine;
use super::value::{Atom, Val};
use crate::python::ir::{BinaryOp, Block, ExprId, Handler, Stmt, Target};
use crate::source::Span;

/// Passes over a loop's body in which its locals keep their detail.
const DETAILED_PASSES: usize = 4;
/// Passes over a loop's body before its locals are taken as they are. Without detail hardly any loop needs more.
const MAX_LOOP_PASSES: usize = 12;

impl<'p> Machine<'p> {
    pub fn exec_block(&mut self, frame: &mut Frame<'p>, block: &'p Block) {
        let mut left = false;
        for (at, stmt) in block.iter().enumerate() {
            left |= !frame.env.live;
            if left && !self.everything {
                break;
            }
            if self.budget.is_spent() {
                self.note_spent(frame.module_id, frame.function);
                break;
            }
            // Reached only when everything is looked at: as if the statement before hadn't left.
            frame.env.live |= left;
            self.exec(frame, stmt, &block[at + 1..]);
        }
        frame.env.live &= !left;
    }

    /// Runs a statement, which `rest` follows.
    fn exec(&mut self, frame: &mut Frame<'p>, stmt: &'p Stmt, rest: &'p [Stmt]) {
        match stmt {
            Stmt::Expr(e) => {
                self.eval(frame, *e);
            }
            Stmt::Assert(e, message) => {
                let value = self.eval(frame, *e);
                self.note_assertion(frame, *e);
                if let Some(message) = message {
                    self.eval_message(frame, (*e, value), *message);
                }
                self.narrow(frame, *e, true);
            }
            Stmt::Assign(targets, expr) => {
                let value = self.eval(frame, *expr);
                self.be_at(frame, *expr, true);
                for target in targets {
                    self.assign(frame, target, value, None);
                }
            }
            Stmt::Annotated { target, annotation, value } => self.exec_annotated(frame, target, *annotation, *value),
            Stmt::Augmented { target, op, value, range } => {
                let span = Span::new(frame.module.file, range.start, range.end);
                self.exec_augmented(frame, target, *op, *value, span);
            }
            Stmt::Return(value) => {
                let value = match value {
                    Some(value) => self.eval(frame, *value),
                    None => self.values.none(),
                };
                frame.result = self.values.join(frame.result, value);
                frame.env.live = false;
            }
            Stmt::If { test, then, otherwise } => self.exec_if(frame, *test, (then, otherwise), rest),
            Stmt::While { test, body, otherwise } => self.exec_while(frame, *test, body, otherwise),
            Stmt::For { is_async, target, iter, body, otherwise } => {
                self.exec_for(frame, target, (*iter, *is_async), body, otherwise);
            }
            Stmt::Try { body, handlers, otherwise, finally } => {
                frame.unsure += 1;
                self.exec_try(frame, body, handlers, otherwise, finally);
                frame.unsure -= 1;
            }
            Stmt::With { is_async, items, body } => {
                frame.unsure += 1;
                self.exec_with(frame, items, body, *is_async);
                frame.unsure -= 1;
            }
            Stmt::Match { subject, cases } => self.exec_match(frame, *subject, cases),
            Stmt::Raise(value, cause) => {
                for value in [value, cause].into_iter().flatten() {
                    let raised = self.eval(frame, *value);
                    self.raise(frame, raised, *value);
                }
                frame.env.live = false;
            }
            Stmt::Delete(targets) => self.exec_delete(frame, targets),
            Stmt::Break => self.leave_loop(frame, |exits| &mut exits.breaks),
            Stmt::Continue => self.leave_loop(frame, |exits| &mut exits.continues),
            Stmt::Import { module, target, aliased, range } => {
                let span = Span::new(frame.module.file, range.start, range.end);
                let value = self.import(frame, module, *aliased, span);
                self.assign(frame, target, value, None);
            }
            Stmt::ImportFrom { level, module, names, star, range } => {
                let span = Span::new(frame.module.file, range.start, range.end);
                self.exec_import_from(frame, *level, module, names, *star, span);
            }
            Stmt::Def(function, target) => {
                let value = self.define_function(frame, *function);
                self.assign(frame, target, value, None);
            }
            Stmt::Class(class, target) => {
                let value = self.define_class(frame, *class);
                self.assign(frame, target, value, None);
            }
            Stmt::Unsupported(parts) => {
                for part in parts {
                    self.eval(frame, *part);
                }
            }
        }
    }

    /// The message of an assertion, which is made where the test fails.
    fn eval_message(&mut self, frame: &mut Frame<'p>, (test, value): (ExprId, Val), message: ExprId) {
        if !self.truth(value).1 {
            return;
        }
        let before = frame.env.clone();
        frame.enter_branch();
        self.narrow(frame, test, false);
        self.eval(frame, message);
        frame.leave_branch();
        frame.env = before;
    }

    /// `raise Class` makes an instance.
    fn raise(&mut self, frame: &mut Frame<'p>, raised: Val, site: ExprId) {
        for atom in self.values.atoms_vec(raised) {
            match atom {
                Atom::Class(module, class) => {
                    self.instantiate(frame, (module, class), &Args::default(), Some(site));
                    self.hold(frame, (module, class));
                }
                atom => {
                    if let Some(class) = self.own_class(atom) {
                        self.hold(frame, class);
                    }
                }
            }
        }
    }

    fn exec_annotated(&mut self, frame: &mut Frame<'p>, target: &'p Target, annotation: ExprId, value: Option<ExprId>) {
        if let (Some((class, _)), Target::Name(_, name)) = (frame.class, target) {
            let name = self.program.sym(frame.module_id, *name);
            let class = (frame.module_id, class);
            self.declare_field(frame, class, name, annotation, value);
        }
        if let Some(expr) = value {
            let value = self.eval(frame, expr);
            let value = self.refine(frame, value, Some(annotation));
            self.be_at(frame, expr, true);
            self.assign(frame, target, value, None);
        }
    }

    fn exec_augmented(&mut self, frame: &mut Frame<'p>, target: &'p Target, op: BinaryOp, value: ExprId, span: Span) {
        let old = match target {
            Target::Name(place, name) => self.lookup(frame, *place, *name),
            Target::Attr(object, name) => {
                let object = self.eval(frame, *object);
                let name = self.program.sym(frame.module_id, *name);
                self.attribute(frame, object, name)
            }
            Target::Subscript(object, index) => {
                let object = self.eval(frame, *object);
                let index = self.eval(frame, *index);
                self.subscript(frame, object, index)
            }
            Target::Tuple(_) | Target::Starred(_) => Val::BOTTOM,
        };
        let operand = self.eval(frame, value);
        if op == BinaryOp::Add {
            // `items += page["Items"]` extends the list in place.
            self.extend_lists(frame, old, operand);
        }
        if op == BinaryOp::BitOr {
            if self.values.atoms(old).contains(&Atom::Environ) {
                self.set_environment_unseen();
            }
            self.update_dicts(frame, old, operand);
            let is_dict = |a: &Atom| matches!(a, Atom::Object(o) if self.heap.get(*o).kind == Kind::Dict);
            if self.values.atoms(old).iter().all(is_dict) {
                self.assign(frame, target, old, Some(span));
                return;
            }
        }
        let new = self.augment(frame, op, old, (operand, value));
        self.be_at(frame, value, true);
        self.assign(frame, target, new, Some(span));
    }

    fn exec_if(
        &mut self,
        frame: &mut Frame<'p>,
        test: ExprId,
        (then, otherwise): (&'p Block, &'p Block),
        rest: &'p [Stmt],
    ) {
        let value = self.eval(frame, test);
        self.note_guards(frame, test, (then, otherwise), rest);
        let (can, cannot) = self.test(frame, value);
        let before = frame.env.clone();
        let mut after = before.dead();
        for (polarity, possible, block) in [(true, can, then), (false, cannot, otherwise)] {
            if !possible {
                continue;
            }
            frame.env.clone_from(&before);
            // A branch that is always taken isn't conditional.
            let conditional = can && cannot;
            if conditional {
                frame.enter_branch();
            }
            self.narrow(frame, test, polarity);
            self.exec_block(frame, block);
            if conditional {
                frame.leave_branch();
            }
            after.join(&frame.env, &mut self.values);
        }
        frame.env = if can || cannot { after } else { before };
    }

    fn exec_while(&mut self, frame: &mut Frame<'p>, test: ExprId, body: &'p Block, otherwise: &'p Block) {
        let mut after = frame.env.dead();
        self.exec_loop(frame, true, &mut after, |machine, frame, exit| {
            let value = machine.eval(frame, test);
            let (can, cannot) = machine.test(frame, value);
            if cannot {
                let mut leaving = frame.env.clone();
                std::mem::swap(&mut frame.env, &mut leaving);
                machine.narrow(frame, test, false);
                exit.join(&frame.env, &mut machine.values);
                frame.env = leaving;
            }
            if can {
                machine.narrow(frame, test, true);
                machine.exec_block(frame, body);
            } else {
                frame.env.live = false;
            }
        });
        self.finish_loop(frame, after, otherwise);
    }

    fn exec_for(
        &mut self,
        frame: &mut Frame<'p>,
        target: &'p Target,
        (iter, is_async): (ExprId, bool),
        body: &'p Block,
        otherwise: &'p Block,
    ) {
        let iterable = self.eval(frame, iter);
        let element = if is_async { self.iterate_async(frame, iterable) } else { self.iterate(frame, iterable) };
        let mut after = frame.env.clone();
        self.exec_loop(frame, leaves(body), &mut after, |machine, frame, exit| {
            // The loop may end before any pass.
            exit.join(&frame.env, &mut machine.values);
            machine.assign(frame, target, element, None);
            machine.exec_block(frame, body);
        });
        self.finish_loop(frame, after, otherwise);
    }

    /// Runs a loop's pass until its locals are stable. `after` gathers the paths on which the loop ends normally.
    fn exec_loop(
        &mut self,
        frame: &mut Frame<'p>,
        repeats: bool,
        after: &mut Env,
        mut pass: impl FnMut(&mut Self, &mut Frame<'p>, &mut Env),
    ) {
        frame.enter_branch();
        let guard = frame.next_guard;
        frame.loops.push(LoopExits { repeats, ..LoopExits::default() });
        let mut head = frame.env.clone();
        let mut settled = false;
        for passes in 0..MAX_LOOP_PASSES {
            frame.env.clone_from(&head);
            frame.next_guard = guard;
            pass(self, frame, after);
            let continues = frame.loops.last_mut().map(|l| std::mem::take(&mut l.continues)).unwrap_or_default();
            for env in &continues {
                frame.env.join(env, &mut self.values);
            }
            let mut next = head.clone();
            next.join(&frame.env, &mut self.values);
            if passes >= DETAILED_PASSES {
                next.blur(&head, &mut self.values);
            }
            settled = next == head;
            if settled {
                break;
            }
            head = next;
        }
        if !settled {
            let span = self.name_span(frame.module_id, frame.function);
            self.gap(span, "a loop whose variables keep changing", Hides::Anything);
        }
        frame.leave_branch();
        frame.env = frame.env.dead();
    }

    fn finish_loop(&mut self, frame: &mut Frame<'p>, after: Env, otherwise: &'p Block) {
        let exits = frame.loops.pop().unwrap_or_default();
        frame.env = after;
        frame.unsure += 1;
        self.exec_block(frame, otherwise);
        frame.unsure -= 1;
        for env in &exits.breaks {
            frame.env.join(env, &mut self.values);
        }
    }

    fn leave_loop(&mut self, frame: &mut Frame<'p>, kind: impl Fn(&mut LoopExits) -> &mut Vec<Env>) {
        let env = frame.env.clone();
        if let Some(exits) = frame.loops.last_mut() {
            LoopExits::add(kind(exits), env, &mut self.values);
        }
        frame.env.live = false;
    }

    fn exec_try(
        &mut self,
        frame: &mut Frame<'p>,
        body: &'p Block,
        handlers: &'p [Handler],
        otherwise: &'p Block,
        finally: &'p Block,
    ) {
        if finally.is_empty() {
            return self.exec_guarded(frame, body, handlers, otherwise);
        }
        let earlier = frame.loops.last_mut().map(LoopExits::take);
        frame.tries.push(frame.env.clone());
        self.exec_guarded(frame, body, handlers, otherwise);
        let anywhere = frame.tries.pop().unwrap_or_else(|| frame.env.clone());
        // The block also runs on the paths that leave the loop or the function, and may find what any of them left.
        let mut after = std::mem::replace(&mut frame.env, anywhere);
        let before = frame.env.clone();
        self.exec_block(frame, finally);
        let set = |env: &mut Env| {
            env.live &= frame.env.live;
            let slots = env.slots.iter_mut().zip(&before.slots).zip(&frame.env.slots);
            slots.filter(|((_, before), now)| before != now).for_each(|((slot, _), now)| *slot = *now);
        };
        set(&mut after);
        if let (Some(earlier), Some(exits)) = (earlier, frame.loops.last_mut()) {
            exits.breaks.iter_mut().chain(&mut exits.continues).for_each(set);
            exits.join(earlier, &mut self.values);
        }
        frame.env = after;
    }

    /// A `try` without its `finally`.
    /// What `except types as name` may bind: any instance of those of our classes, or a library's.
    fn caught_exception(&mut self, types: Val) -> Val {
        let mut exception = self.external_object("exception");
        let mut pending = vec![types];
        while let Some(types) = pending.pop() {
            for atom in self.values.atoms_vec(types) {
                match atom {
                    Atom::Class(module, class) => {
                        let ours = self.any_instance(module, class);
                        exception = self.values.join(exception, ours);
                    }
                    Atom::Tuple(tuple) => pending.extend_from_slice(self.values.tuple(tuple)),
                    _ => {}
                }
            }
        }
        exception
    }

    fn exec_guarded(&mut self, frame: &mut Frame<'p>, body: &'p Block, handlers: &'p [Handler], otherwise: &'p Block) {
        frame.tries.push(frame.env.clone());
        self.exec_block(frame, body);
        let mut raised = frame.tries.pop().unwrap_or_else(|| frame.env.clone());
        raised.join(&frame.env, &mut self.values);
        self.exec_block(frame, otherwise);
        let mut after = frame.env.clone();
        for handler in handlers {
            frame.env.clone_from(&raised);
            frame.enter_branch();
            let types = handler.types.map_or(Val::BOTTOM, |types| self.eval(frame, types));
            if let Some(target) = &handler.target {
                let exception = self.caught_exception(types);
                self.assign(frame, target, exception, None);
            }
            let needless = u32::from(self.is_needless_fallback(frame, body, handler.types));
            frame.fallbacks += needless;
            self.exec_block(frame, &handler.body);
            frame.fallbacks -= needless;
            frame.leave_branch();
            after.join(&frame.env, &mut self.values);
        }
        frame.env = after;
    }

    fn exec_with(
        &mut self,
        frame: &mut Frame<'p>,
        items: &'p [(ExprId, Option<Target>)],
        body: &'p Block,
        is_async: bool,
    ) {
        let mut managers = Vec::new();
        for (manager, target) in items {
            let manager = self.eval(frame, *manager);
            let entered = self.enter(frame, manager, is_async);
            if let Some(target) = target {
                self.assign(frame, target, entered, None);
            }
            managers.push(manager);
        }
        let before = frame.env.clone();
        self.exec_block(frame, body);
        if !frame.env.live {
            // The manager may have swallowed what the block raised (`contextlib.suppress`).
            frame.env = before;
        }
        for manager in managers {
            self.exit(frame, manager, is_async);
        }
    }

    fn exec_delete(&mut self, frame: &mut Frame<'p>, targets: &'p [Target]) {
        for target in targets {
            if let Target::Subscript(object, index) = target {
                let object = self.eval(frame, *object);
                let index = self.eval(frame, *index);
                self.forget_key(object, index);
            }
        }
    }
}
