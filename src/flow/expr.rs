//! Evaluating expressions.

use super::frame::Frame;
use super::heap::{AllocKey, CallSite, Kind};
use super::machine::Machine;
use super::operator::NOT_IMPLEMENTED;
use super::sequence::keeps_order;
use super::unbound::UNBOUND;
use super::value::{Atom, ObjId, Sym, Val};
use crate::python::ir::{
    Clause, CompareOp, Comprehension, ComprehensionKind, DictItem, ExprId, ExprKind, FPart, FunctionId, Module, NameId,
    Place, Slot,
};
use crate::source::Span;

impl<'p> Machine<'p> {
    /// As [`Machine::eval`], whoever watches.
    pub fn eval_kind(&mut self, frame: &mut Frame<'p>, expr: ExprId) -> Val {
        self.steps += 1;
        self.budget.spend(1);
        if self.budget.is_spent() {
            self.note_spent(frame.module_id, frame.function);
            return self.values.opaque("the analysis reached its limit of work");
        }
        match &frame.module.expr(expr).kind {
            ExprKind::None => self.values.none(),
            ExprKind::Bool(value) => self.values.boolean(*value),
            ExprKind::Int(number) => self.values.one(Atom::Int(*number)),
            ExprKind::Float => self.values.float(),
            ExprKind::Number | ExprKind::Bytes | ExprKind::Ellipsis => self.values.data(),
            ExprKind::Str(text) => self.values.string(text),
            ExprKind::FString(parts) => self.eval_fstring(frame, parts),
            ExprKind::Name(place, name) => self.lookup(frame, *place, *name),
            ExprKind::Tuple(items) => self.eval_tuple(frame, expr, items),
            ExprKind::List(items) if keeps_order(frame, items) => self.eval_ordered_list(frame, expr, items),
            ExprKind::List(items) | ExprKind::Set(items) => {
                let list = self.container(frame.instance, Some(expr), 0, Kind::List, &frame.guard);
                for item in items {
                    let value = self.eval(frame, *item);
                    self.append(list, value);
                }
                self.values.one(Atom::Object(list))
            }
            ExprKind::Dict(items) => self.eval_dict(frame, expr, items),
            ExprKind::Attr(object, name) => {
                let object = self.eval(frame, *object);
                let name = self.program.sym(frame.module_id, *name);
                self.note_candidate(frame, expr, name, object);
                self.be_at(frame, expr, false);
                self.attribute(frame, object, name)
            }
            ExprKind::Subscript(object, index) => {
                let object = self.eval(frame, *object);
                if let ExprKind::Slice(low, high, step) = &frame.module.expr(*index).kind {
                    return self.eval_slice(frame, expr, object, [*low, *high], step.is_some());
                }
                let index = self.eval(frame, *index);
                self.note_taken(frame, expr, object, index);
                self.subscript(frame, object, index)
            }
            ExprKind::Slice(low, high, step) => {
                for bound in [low, high, step].into_iter().flatten() {
                    self.eval(frame, *bound);
                }
                self.values.data()
            }
            ExprKind::Call(callee, args) => self.eval_call(frame, expr, *callee, args),
            ExprKind::Binary(op, left, right) => {
                let (a, b) = (self.eval(frame, *left), self.eval(frame, *right));
                self.binary(frame, *op, (a, Some(*left)), (b, Some(*right)), Some(expr))
            }
            ExprKind::Unary(op, operand) => {
                let value = self.eval(frame, *operand);
                self.unary(frame, *op, value, Some(expr))
            }
            ExprKind::Not(operand) => {
                let value = self.eval(frame, *operand);
                let (can, cannot) = self.truth(value);
                self.booleans(cannot, can)
            }
            ExprKind::And(left, right) => self.eval_short_circuit(frame, *left, *right, true),
            ExprKind::Or(left, right) => self.eval_short_circuit(frame, *left, *right, false),
            ExprKind::Compare(first, rest) => self.eval_compare(frame, expr, *first, rest),
            ExprKind::If { test, then, otherwise } => self.eval_conditional(frame, *test, *then, *otherwise),
            ExprKind::Lambda(function) => self.define_function(frame, *function),
            ExprKind::Comprehension(comprehension) => self.eval_comprehension(frame, expr, comprehension),
            ExprKind::Walrus(target, value) => {
                let value = self.eval(frame, *value);
                self.assign(frame, target, value, None);
                value
            }
            ExprKind::Await(value) => self.eval(frame, *value),
            ExprKind::Yield(Some(value)) => {
                let value = self.eval(frame, *value);
                frame.yields = self.values.join(frame.yields, value);
                self.values.data()
            }
            ExprKind::Yield(None) => self.values.opaque("sent to a generator"),
            ExprKind::YieldFrom(value) => {
                let value = self.eval(frame, *value);
                let element = self.iterate(frame, value);
                frame.yields = self.values.join(frame.yields, element);
                self.returned_by_generator(frame, value)
            }
            ExprKind::Starred(value) => {
                let value = self.eval(frame, *value);
                self.iterate(frame, value)
            }
            ExprKind::Unsupported(parts) => {
                for part in parts {
                    self.eval(frame, *part);
                }
                self.values.opaque("syntax that isn't understood")
            }
        }
    }

    /// Remembers that a call with a DynamoDB-like name was met on a receiver that is known.
    fn note_candidate(&mut self, frame: &Frame<'p>, expr: ExprId, name: Sym, receiver: Val) {
        if !self.program.is_candidate_name(name) || receiver == Val::BOTTOM {
            return;
        }
        self.met.insert((frame.module_id, expr));
        let known = |a: &Atom| !matches!(a, Atom::Opaque(_) | Atom::Method(..) | Atom::None);
        if self.values.atoms(receiver).iter().any(known) {
            self.visited.insert((frame.module_id, expr));
        }
    }

    fn eval_fstring(&mut self, frame: &mut Frame<'p>, parts: &'p [FPart]) -> Val {
        let mut pieces = Vec::with_capacity(parts.len());
        for part in parts {
            match part {
                FPart::Text(text) => pieces.push((self.values.string(text), "")),
                FPart::Expr(expr) => {
                    let value = self.eval(frame, *expr);
                    self.pages.count(&self.values, value);
                    pieces.push((value, label(frame, *expr)));
                }
                FPart::Format(expr) => {
                    let value = self.eval(frame, *expr);
                    self.pages.consume(&self.values, value);
                    if let Some((formatted, _)) = pieces.last_mut() {
                        *formatted = self.values.data_from(&[*formatted]);
                    }
                }
            }
        }
        self.values.concat(&pieces)
    }

    fn eval_tuple(&mut self, frame: &mut Frame<'p>, expr: ExprId, items: &'p [ExprId]) -> Val {
        let starred = items.iter().any(|i| matches!(frame.module.expr(*i).kind, ExprKind::Starred(_)));
        let values: Vec<Val> = items.iter().map(|i| self.eval(frame, *i)).collect();
        if starred {
            let list = self.container(frame.instance, Some(expr), 0, Kind::List, &frame.guard);
            values.into_iter().for_each(|v| self.append(list, v));
            return self.values.one(Atom::Object(list));
        }
        let tuple = self.values.tuple_atom(values);
        self.values.one(tuple)
    }

    fn eval_dict(&mut self, frame: &mut Frame<'p>, expr: ExprId, items: &'p [DictItem]) -> Val {
        let dict = self.container(frame.instance, Some(expr), 0, Kind::Dict, &frame.guard);
        for item in items {
            match item {
                DictItem::Pair(key, expr) => {
                    let span = self.span(frame.module_id, *key);
                    let key = self.eval(frame, *key);
                    let value = self.eval(frame, *expr);
                    self.be_at(frame, *expr, true);
                    self.store(dict, key, value, Some(span), true);
                    self.know_key(frame, dict, key, value);
                }
                DictItem::Spread(mapping) => {
                    let mapping = self.eval(frame, *mapping);
                    self.copy_into(frame, dict, mapping, true);
                }
            }
        }
        self.values.one(Atom::Object(dict))
    }

    fn eval_short_circuit(&mut self, frame: &mut Frame<'p>, left: ExprId, right: ExprId, and: bool) -> Val {
        let value = self.eval(frame, left);
        let (can, cannot) = self.test(frame, value);
        let (stops, goes_on) = if and { (cannot, can) } else { (can, cannot) };
        let kept = if stops { self.filter_truth(value, !and) } else { Val::BOTTOM };
        if !goes_on {
            return kept;
        }
        let before = frame.env.clone();
        self.narrow(frame, left, and);
        frame.unsure += 1;
        let other = self.eval(frame, right);
        frame.unsure -= 1;
        frame.env.join(&before, &mut self.values);
        self.values.join(kept, other)
    }

    fn eval_conditional(&mut self, frame: &mut Frame<'p>, test: ExprId, then: ExprId, otherwise: ExprId) -> Val {
        let value = self.eval(frame, test);
        let (can, cannot) = self.test(frame, value);
        let before = frame.env.clone();
        let mut result = Val::BOTTOM;
        for (polarity, possible, branch) in [(true, can, then), (false, cannot, otherwise)] {
            if possible {
                frame.env.clone_from(&before);
                self.narrow(frame, test, polarity);
                frame.unsure += 1;
                let value = self.eval(frame, branch);
                frame.unsure -= 1;
                result = self.values.join(result, value);
            }
        }
        frame.env = before;
        result
    }

    fn eval_compare(
        &mut self,
        frame: &mut Frame<'p>,
        expr: ExprId,
        first: ExprId,
        rest: &'p [(CompareOp, ExprId)],
    ) -> Val {
        let mut left = self.eval(frame, first);
        let (mut result, mut own) = (None, Val::BOTTOM);
        for (op, operand) in rest {
            let right = self.eval(frame, *operand);
            let made = self.compared_by_methods(frame, *op, left, right, Some(expr));
            own = self.values.join(own, made);
            let one = self.compare(frame, *op, left, right);
            // Of a chain, only whether all hold is asked; any doubt makes it doubtful.
            result = Some(match result {
                None => one,
                Some(previous) if previous == one => one,
                Some(_) => self.values.any_bool(),
            });
            left = right;
        }
        let result = result.unwrap_or(left);
        self.values.join(result, own)
    }

    fn eval_comprehension(&mut self, frame: &mut Frame<'p>, expr: ExprId, comprehension: &'p Comprehension) -> Val {
        let kind = if comprehension.kind == ComprehensionKind::Dict { Kind::Dict } else { Kind::List };
        let container = self.container(frame.instance, Some(expr), 0, kind, &frame.guard);
        let before = frame.env.clone();
        frame.enter_branch();
        match comprehension.clauses.split_first() {
            Some((Clause::For(target, iterable), rest)) => {
                let iterable = self.eval(frame, *iterable);
                let is_plain = rest.is_empty();
                for entry in self.entries(frame, iterable) {
                    self.assign(frame, target, entry.value, None);
                    let place = (entry.place, entry.always && is_plain);
                    self.eval_clauses(frame, rest, comprehension, (container, place));
                }
            }
            _ => self.eval_clauses(frame, &comprehension.clauses, comprehension, (container, (None, false))),
        }
        frame.leave_branch();
        frame.env.join(&before, &mut self.values);
        self.values.one(Atom::Object(container))
    }

    /// The clauses of a comprehension that are left, and what it then puts into its container: where that is named, and
    /// whether it is always there.
    fn eval_clauses(
        &mut self,
        frame: &mut Frame<'p>,
        clauses: &'p [Clause],
        comprehension: &'p Comprehension,
        (container, (place, always)): (ObjId, (Option<Span>, bool)),
    ) {
        let mut chooses = false;
        for clause in clauses {
            match clause {
                Clause::For(target, iterable) => {
                    let iterable = self.eval(frame, *iterable);
                    let element = self.iterate(frame, iterable);
                    self.assign(frame, target, element, None);
                }
                Clause::If(test) => {
                    let made = self.eval(frame, *test);
                    let (yes, no) = (self.filter_truth(made, true), self.filter_truth(made, false));
                    if comprehension.value.is_some() && yes == Val::BOTTOM && no != Val::BOTTOM {
                        return;
                    }
                    chooses |= no != Val::BOTTOM && !asks_for_presence(frame.module, *test);
                    self.narrow(frame, *test, true);
                }
            }
        }
        let element = self.eval(frame, comprehension.element);
        match comprehension.value {
            Some(value) => {
                let value = self.eval(frame, value);
                self.store(container, element, value, place, always);
                if chooses {
                    let made = self.values.one(Atom::Object(container));
                    self.forget_key(made, element);
                }
            }
            None => self.append(container, element),
        }
    }

    /// A variable's value.
    pub fn lookup(&mut self, frame: &mut Frame<'p>, place: Place, name: NameId) -> Val {
        match place {
            Place::Local(slot) => self.lookup_local(frame, slot),
            Place::Enclosing(function, slot) => {
                let name = self.slot_name(frame, function, slot);
                match self.enclosing_frame(frame.closure, function) {
                    Some(object) => {
                        let cell = self.heap.field(object, name);
                        self.read(cell, frame.instance)
                    }
                    None => self.values.opaque("a variable of a function that isn't running"),
                }
            }
            Place::Global(name) => self.lookup_global(frame, name),
            Place::Class(_) => {
                let sym = self.program.sym(frame.module_id, name);
                if let Some((_, namespace)) = frame.class
                    && self.heap.get(namespace).fields.contains_key(&sym)
                {
                    return self.read_field(namespace, sym, frame.instance);
                }
                self.lookup_global(frame, name)
            }
        }
    }

    fn lookup_local(&mut self, frame: &mut Frame<'p>, slot: Slot) -> Val {
        let value = frame.slot(slot);
        if let Some(own) = frame.own
            && frame.module.function(frame.function).captured.contains(&slot)
        {
            let name = self.slot_name(frame, frame.function, slot);
            let shared = self.read_field(own, name, frame.instance);
            return self.values.join(value, shared);
        }
        value
    }

    fn lookup_global(&mut self, frame: &mut Frame<'p>, name: NameId) -> Val {
        let text = frame.module.name(name);
        let sym = self.program.sym(frame.module_id, name);
        if self.program.binds_global(frame.module_id, name) {
            let (namespace, _) = self.heap.object(AllocKey::Module(frame.module_id), Kind::Module);
            if let Some(value) = self.known(frame, namespace, sym) {
                return value;
            }
            let cell = self.heap.field(namespace, sym);
            return self.read(cell, frame.instance);
        }
        match text {
            "__name__" => self.module_name(frame.module_id),
            "__file__" | "__doc__" | "__package__" | "__spec__" | "__loader__" => self.values.data(),
            NOT_IMPLEMENTED => self.values.one(Atom::Builtin(sym)),
            "__debug__" => self.values.one(Atom::True),
            _ if super::builtins::is_builtin(text) => self.values.one(Atom::Builtin(sym)),
            _ => match self.starred_name(frame.instance, frame.module_id, sym) {
                Some(value) => value,
                None if self.is_unbound(frame.module_id, text) => self.values.opaque(UNBOUND),
                None => self.values.opaque("an undefined name"),
            },
        }
    }

    fn module_name(&mut self, module: crate::python::ModuleId) -> Val {
        if self.main && module == self.entry.module {
            return self.values.string("__main__");
        }
        let name = self.program.codebase.dotted_name(&self.entry.search, module).unwrap_or_default();
        self.values.string(&name)
    }

    /// The key under which a captured local is shared.
    pub fn slot_name(&self, frame: &Frame<'p>, function: FunctionId, slot: Slot) -> Sym {
        self.program.sym(frame.module_id, frame.module.function(function).slots[slot.0 as usize])
    }

    /// The frame object of an enclosing function, found outward from a closure.
    pub fn enclosing_frame(&self, closure: u32, function: FunctionId) -> Option<ObjId> {
        let mut next = closure.checked_sub(1).map(ObjId);
        while let Some(object) = next {
            match self.heap.get(object).kind {
                Kind::Frame(owner, _) if owner == function => return Some(object),
                Kind::Frame(_, around) => next = around,
                _ => return None,
            }
        }
        None
    }

    pub fn booleans(&mut self, can: bool, cannot: bool) -> Val {
        match (can, cannot) {
            (true, true) => self.values.any_bool(),
            (true, false) => self.values.boolean(true),
            (false, true) => self.values.boolean(false),
            (false, false) => Val::BOTTOM,
        }
    }

    pub fn external_object(&mut self, path: &str) -> Val {
        let path = self.values.sym(path);
        self.values.one(Atom::ExternalObject(path))
    }

    /// Where an expression stands; where none does, the name of the function around it.
    pub fn place(&self, frame: &Frame<'p>, at: impl Into<CallSite>) -> Span {
        match at.into() {
            Some(expr) => self.span(frame.module_id, expr),
            None => self.name_span(frame.module_id, frame.function),
        }
    }
}

/// What to call an expression's value when it is unknown: its last name.
pub(super) fn label<'p>(frame: &Frame<'p>, expr: ExprId) -> &'p str {
    match &frame.module.expr(expr).kind {
        ExprKind::Name(_, name) => frame.module.name(*name),
        ExprKind::Attr(_, name) => frame.module.name(*name),
        ExprKind::Subscript(_, index) => match &frame.module.expr(*index).kind {
            ExprKind::Str(text) => text,
            _ => "value",
        },
        ExprKind::Call(callee, args) => match (&frame.module.expr(*callee).kind, args.as_slice()) {
            (ExprKind::Name(..), [crate::python::ir::Arg::Positional(only)]) => label(frame, *only),
            (ExprKind::Attr(object, _), _) => label(frame, *object),
            _ => label(frame, *callee),
        },
        _ => "value",
    }
}

/// Whether a test asks for no more than that something is there: `value`, `value is not None`.
fn asks_for_presence(module: &Module, test: ExprId) -> bool {
    match &module.expr(test).kind {
        ExprKind::Name(..) => true,
        ExprKind::Not(inner) => asks_for_presence(module, *inner),
        ExprKind::And(left, right) | ExprKind::Or(left, right) => {
            asks_for_presence(module, *left) && asks_for_presence(module, *right)
        }
        ExprKind::Compare(_, rest) => {
            rest.iter().all(|(_, operand)| matches!(module.expr(*operand).kind, ExprKind::None))
        }
        _ => false,
    }
}
