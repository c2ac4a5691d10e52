//! What a `while` loop makes of the pages that it reads, told from its text. The interpretation joins all passes of a loop,
//! so it can't tell whether a page is taken up before the next one takes its place.
//!
//! Looks at locals only, and says nothing of a loop that it doesn't wholly understand.

use crate::python::ir::{
    Arg, Block, CompareOp, Expr, ExprId, ExprKind, Function, Module, Place, Range, Slot, Stmt, Target,
};
use std::collections::BTreeSet;

/// What is wrong with a loop that reads pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LoopFault {
    /// Each page takes the place of the one before, which nobody looked at.
    Overwrites,
    /// Every pass makes the same call.
    Repeats,
    /// Every page is gathered, what is gathered is dropped, and here the last page is used as if it were all.
    Drops(Range),
}

/// Functions through which one element of a list is asked for: `next(reversed(items))`, `max(items, key=…)`.
const PICKING: [&str; 7] = ["reversed", "iter", "next", "max", "min", "sorted", "deque"];

/// A `while` loop.
pub(super) struct Loop<'m> {
    pub(super) module: &'m Module,
    pub(super) function: &'m Function,
    test: ExprId,
    pub(super) body: &'m Block,
    pub(super) range: Range,
    /// The call that reads a page.
    pub(super) site: ExprId,
}

/// A `break` or `return`.
struct Exit {
    /// The tests of the `if`s around it, within the loop.
    tests: Vec<ExprId>,
    /// What is returned.
    value: Option<ExprId>,
}

/// What a loop's statements do, in order of their text.
#[derive(Default)]
pub(super) struct Steps {
    /// Stores into a variable, or into something in it. Without a value: by other means than `=`.
    stores: Vec<(Slot, Option<ExprId>)>,
    /// Plain assignments of an expression to one local.
    assignments: Vec<(Slot, ExprId)>,
    exits: Vec<Exit>,
}

impl<'m> Loop<'m> {
    /// The innermost loop around a call, if that is a `while` of the same function.
    pub fn around(module: &'m Module, site: ExprId) -> Option<Self> {
        let place = module.expr(site).range;
        let function = module.function_around(site);
        let mut found = None;
        for (block, at) in function.body.way_to(module, place) {
            match &block[at] {
                Stmt::While { test, body, .. } => {
                    let range = Range { start: module.expr(*test).range.start, end: end(module, *test, body) };
                    found = range.covers(place).then_some(Self { module, function, test: *test, body, range, site });
                }
                Stmt::For { body, .. } if body.covers(module, place) => {
                    found = None;
                }
                _ => {}
            }
        }
        found
    }

    pub fn contains(&self, site: ExprId) -> bool {
        self.range.covers(self.module.expr(site).range)
    }

    /// Whether it goes on until there is no LastEvaluatedKey, keeps nothing but the last page, and that page is used
    /// as if it were all.
    pub fn overwrites(&self) -> bool {
        let steps = self.steps();
        let Some(response) = self.response(&steps) else { return false };
        let signals = self.signals(&steps, response);
        if !self.ends_by(&steps, response, &signals) {
            return false;
        }
        let (keys, items) = (self.reads_of(response, "LastEvaluatedKey"), self.reads_of(response, "Items"));
        let kept: Vec<Slot> =
            steps.assignments.iter().filter(|(_, v)| items.contains_key(v)).map(|(s, _)| *s).collect();
        let is_kept = |name: &ExprId| steps.assignments.iter().any(|(_, value)| items.get(value) == Some(name));
        let is_read = |name: &ExprId| keys.values().any(|read| read == name) || is_kept(name);
        let returned = |name: &ExprId| {
            let place = self.module.expr(*name).range;
            steps.exits.iter().filter_map(|exit| exit.value).any(|value| self.module.expr(value).range.covers(place))
        };
        let inside = |slot| self.names(slot).into_iter().filter(|name| self.contains(*name));
        if !inside(response).all(|name| is_read(&name) || returned(&name) && items.values().any(|read| *read == name)) {
            return false;
        }
        if kept.is_empty() {
            let used = items.iter().filter(|(_, name)| !self.contains(**name) || returned(name));
            let used: Vec<ExprId> = used.map(|(read, _)| *read).collect();
            return !used.is_empty() && used.iter().all(|read| !self.is_indexed(*read));
        }
        // What inner functions do with a page can't be told from here.
        let seen_inside = |slot: &Slot| self.function.captured.contains(slot);
        !kept.iter().any(seen_inside)
            && kept.iter().all(|slot| {
                let (before, later): (Vec<ExprId>, Vec<ExprId>) = self.names(*slot).into_iter().partition(|name| {
                    self.contains(*name) && !returned(name) || self.module.expr(*name).range.end <= self.range.start
                });
                let untouched = before.iter().all(|name| !self.contains(*name));
                untouched && !later.is_empty() && later.iter().all(|name| !self.is_indexed(*name))
            })
    }

    /// Whether each pass makes the same call again: what it is given doesn't change from one to the next. With
    /// `until_no_key`, it must also be a loop that goes on until a response of this call has no LastEvaluatedKey.
    pub fn repeats(&self, until_no_key: bool) -> bool {
        let steps = self.steps();
        let response = self.response(&steps);
        let until = |response| self.ends_by(&steps, response, &self.signals(&steps, response));
        if until_no_key && !response.is_some_and(until) {
            return false;
        }
        let mut varying: BTreeSet<Slot> = response.into_iter().collect();
        loop {
            let varies = |value: ExprId| {
                self.mentions(value, &varying)
                    || self.range_of(value).covers(self.range_of(self.site))
                    || self.calls(value)
            };
            let more = steps.stores.iter().filter(|(_, value)| value.is_none_or(varies)).map(|(slot, _)| *slot);
            let more: BTreeSet<Slot> = more.filter(|slot| !varying.contains(slot)).collect();
            if more.is_empty() {
                return !self.mentions(self.site, &varying);
            }
            varying.extend(more);
        }
    }

    /// The variable that holds the response: only the call is assigned to it, nothing inner sees it.
    pub(super) fn response(&self, steps: &Steps) -> Option<Slot> {
        let is_call = |value: ExprId| {
            value == self.site || matches!(self.module.expr(value).kind, ExprKind::Await(inner) if inner == self.site)
        };
        let slot = steps.assignments.iter().find(|(_, value)| is_call(*value)).map(|(slot, _)| *slot)?;
        let only = steps.stores.iter().filter(|(stored, _)| *stored == slot).count() == 1;
        (only && !self.function.captured.contains(&slot)).then_some(slot)
    }

    /// Variables that tell nothing but whether there is a LastEvaluatedKey, or which.
    pub(super) fn signals(&self, steps: &Steps, response: Slot) -> BTreeSet<Slot> {
        let mut signals = BTreeSet::new();
        loop {
            let tells = |slot: Slot| {
                slot != response
                    && !self.function.captured.contains(&slot)
                    && steps
                        .stores
                        .iter()
                        .filter(|(stored, _)| *stored == slot)
                        .all(|(_, value)| value.is_some_and(|value| self.is_signal(value, response, &signals)))
            };
            let more: BTreeSet<Slot> = steps.stores.iter().map(|(slot, _)| *slot).filter(|slot| tells(*slot)).collect();
            if more.len() == signals.len() {
                return signals;
            }
            signals = more;
        }
    }

    /// Whether an expression asks for LastEvaluatedKey and for nothing else.
    fn is_signal(&self, expr: ExprId, response: Slot, signals: &BTreeSet<Slot>) -> bool {
        let keys = self.reads_of(response, "LastEvaluatedKey");
        let mut names = self.all_names(expr).peekable();
        names.peek().is_some()
            && names.all(|(id, place)| match place {
                Place::Local(slot) if slot == response => keys.values().any(|name| *name == id),
                Place::Local(slot) => signals.contains(&slot),
                _ => false,
            })
    }

    /// Whether the loop ends for the one reason that there is no LastEvaluatedKey.
    pub(super) fn ends_by(&self, steps: &Steps, response: Slot, signals: &BTreeSet<Slot>) -> bool {
        let forever = matches!(self.module.expr(self.test).kind, ExprKind::Bool(true) | ExprKind::Int(1));
        let asks = |test: &ExprId| self.is_signal(*test, response, signals);
        (forever && !steps.exits.is_empty() || asks(&self.test))
            && steps.exits.iter().all(|exit| exit.tests.iter().any(asks))
    }

    pub(super) fn steps(&self) -> Steps {
        let mut steps = Steps::default();
        self.gather(self.body, &mut Vec::new(), false, &mut steps);
        for (_, expr) in self.module.exprs_in(self.range) {
            if let ExprKind::Walrus(target, value) = &expr.kind {
                store(self.module, target, Some(*value), &mut steps);
            }
        }
        steps
    }

    fn gather(&self, block: &'m Block, tests: &mut Vec<ExprId>, inner: bool, steps: &mut Steps) {
        for stmt in block {
            match stmt {
                Stmt::Assign(targets, value) => {
                    targets.iter().for_each(|target| store(self.module, target, Some(*value), steps));
                    if let [Target::Name(Place::Local(slot), _)] = targets.as_slice() {
                        steps.assignments.push((*slot, *value));
                    }
                }
                Stmt::Annotated { target, value, .. } => {
                    store(self.module, target, *value, steps);
                    if let (Target::Name(Place::Local(slot), _), Some(value)) = (target, value) {
                        steps.assignments.push((*slot, *value));
                    }
                }
                Stmt::Break if !inner => steps.exits.push(Exit { tests: tests.clone(), value: None }),
                Stmt::Return(value) => steps.exits.push(Exit { tests: tests.clone(), value: *value }),
                stmt => stmt.targets().into_iter().for_each(|target| store(self.module, target, None, steps)),
            }
            let test = if let Stmt::If { test, .. } = stmt { Some(*test) } else { None };
            tests.extend(test);
            let is_loop = matches!(stmt, Stmt::While { .. } | Stmt::For { .. });
            stmt.blocks().into_iter().for_each(|block| self.gather(block, tests, inner || is_loop, steps));
            tests.truncate(tests.len() - usize::from(test.is_some()));
        }
    }

    /// Reads of a part of the response, anywhere in the function: each with the response's name in it.
    pub(super) fn reads_of(&self, response: Slot, part: &str) -> std::collections::BTreeMap<ExprId, ExprId> {
        let is_part = |e: &ExprId| self.module.is_text(*e, part);
        let read = |expr: &Expr| match &expr.kind {
            ExprKind::Subscript(object, key) if is_part(key) => Some(*object),
            ExprKind::Call(callee, args) => match (&self.module.expr(*callee).kind, args.first()) {
                (ExprKind::Attr(object, name), Some(Arg::Positional(key)))
                    if self.module.name(*name) == "get" && is_part(key) =>
                {
                    Some(*object)
                }
                _ => None,
            },
            ExprKind::Compare(key, rest) if is_part(key) => match rest.as_slice() {
                [(CompareOp::In | CompareOp::NotIn, object)] => Some(*object),
                _ => None,
            },
            _ => None,
        };
        let is_response = |name: &ExprId| matches!(self.module.expr(*name).kind, ExprKind::Name(Place::Local(slot), _) if slot == response);
        let reads = self.module.exprs_in(self.function.range).filter_map(|(id, expr)| Some((id, read(expr)?)));
        reads.filter(|(_, name)| is_response(name)).collect()
    }

    /// Whether single elements are taken of an expression: the last page's last one may be all that was wanted.
    pub(super) fn is_indexed(&self, list: ExprId) -> bool {
        self.is_unpacked(list)
            || self.module.exprs_in(self.function.range).any(|(_, expr)| match &expr.kind {
                ExprKind::Subscript(object, _) => *object == list,
                ExprKind::Call(callee, args) => match self.module.expr(*callee).kind {
                    ExprKind::Attr(object, name) => object == list && self.module.name(name) == "pop",
                    ExprKind::Name(_, name) => {
                        PICKING.contains(&self.module.name(name))
                            && args.iter().any(|arg| matches!(arg, Arg::Positional(given) if *given == list))
                    }
                    _ => false,
                },
                _ => false,
            })
    }

    /// `*_, last = items`.
    fn is_unpacked(&self, list: ExprId) -> bool {
        let mut blocks = vec![&self.function.body];
        while let Some(block) = blocks.pop() {
            for stmt in block {
                if let Stmt::Assign(targets, value) = stmt
                    && targets.iter().any(|target| self.unpacks(target, *value, list))
                {
                    return true;
                }
                blocks.extend(stmt.blocks());
            }
        }
        false
    }

    fn unpacks(&self, target: &Target, value: ExprId, list: ExprId) -> bool {
        let Target::Tuple(targets) = target else { return false };
        if value == list {
            return true;
        }
        match &self.module.expr(value).kind {
            ExprKind::Tuple(values) | ExprKind::List(values) if values.len() == targets.len() => {
                targets.iter().zip(values).any(|(target, value)| self.unpacks(target, *value, list))
            }
            _ => false,
        }
    }

    pub(super) fn range_of(&self, expr: ExprId) -> Range {
        self.module.expr(expr).range
    }

    fn all_names(&self, expr: ExprId) -> impl Iterator<Item = (ExprId, Place)> + use<'m> {
        self.module.exprs_in(self.range_of(expr)).filter_map(|(id, expr)| match expr.kind {
            ExprKind::Name(place, _) => Some((id, place)),
            _ => None,
        })
    }

    /// Where the function reads a local.
    pub(super) fn names(&self, slot: Slot) -> Vec<ExprId> {
        let all = self.module.exprs_in(self.function.range);
        all.filter(|(_, e)| matches!(e.kind, ExprKind::Name(Place::Local(s), _) if s == slot))
            .map(|(id, _)| id)
            .collect()
    }

    fn mentions(&self, expr: ExprId, slots: &BTreeSet<Slot>) -> bool {
        self.all_names(expr).any(|(_, place)| matches!(place, Place::Local(slot) if slots.contains(&slot)))
    }

    /// Whether anything but `.get` is called in an expression.
    fn calls(&self, expr: ExprId) -> bool {
        self.module.exprs_in(self.range_of(expr)).any(|(_, expr)| match &expr.kind {
            ExprKind::Call(callee, _) => {
                !matches!(self.module.expr(*callee).kind, ExprKind::Attr(_, name) if self.module.name(name) == "get")
            }
            ExprKind::Await(_) | ExprKind::Yield(_) | ExprKind::YieldFrom(_) | ExprKind::Unsupported(_) => true,
            _ => false,
        })
    }
}

fn store(module: &Module, target: &Target, value: Option<ExprId>, steps: &mut Steps) {
    match target {
        Target::Name(Place::Local(slot), _) => steps.stores.push((*slot, value)),
        Target::Name(..) => {}
        Target::Attr(object, _) | Target::Subscript(object, _) => {
            if let ExprKind::Name(Place::Local(slot), _) = module.expr(*object).kind {
                steps.stores.push((slot, value));
            }
        }
        Target::Tuple(items) => items.iter().for_each(|item| store(module, item, None, steps)),
        Target::Starred(inner) => store(module, inner, None, steps),
    }
}

/// Where a loop's body ends.
fn end(module: &Module, test: ExprId, body: &Block) -> u32 {
    body.extent(module).map_or(0, |range| range.end).max(module.expr(test).range.end)
}
