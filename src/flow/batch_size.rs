//! How many requests a batch or transaction surely holds, told from the text: lists that are spelled out, made by a
//! comprehension over a constant range, or filled in a loop over one. Whatever may make a list shorter makes its length unknown.

use super::access::Held;
use super::bindings::Binding;
use super::heap::InstanceId;
use super::lineage::Lineage;
use crate::dynamodb::operation::Operation;
use crate::python::ir::{
    Arg, BinaryOp, Block, Clause, Comprehension, ComprehensionKind, DictItem, ExprId, ExprKind, Module, Range, Stmt,
};
use crate::source::Span;

/// Names and calls that are followed one after the other, at most.
const MAX_HOPS: usize = 12;

/// Functions that return a list of what they are given, whole.
const WHOLE: [&str; 5] = ["list", "tuple", "sorted", "reversed", "enumerate"];

impl Lineage<'_, '_> {
    /// The requests that a batch or transaction surely holds.
    pub fn held(&mut self, at: InstanceId, call: ExprId, operation: Operation) -> Option<Held> {
        let module = self.module(at);
        let (parameter, by_table) = match operation {
            Operation::BatchWriteItem | Operation::BatchGetItem => ("RequestItems", true),
            Operation::TransactWriteItems | Operation::TransactGetItems => ("TransactItems", false),
            _ => return None,
        };
        let ExprKind::Call(_, args) = &module.expr(call).kind else { return None };
        let given = args.iter().find_map(|arg| match arg {
            Arg::Keyword(name, value) if module.name(*name) == parameter => Some(*value),
            _ => None,
        })?;
        let mut lists = vec![given];
        if by_table {
            lists = self.entries(at, given, None)?;
        }
        if operation == Operation::BatchGetItem {
            let keys: Option<Vec<_>> = lists.iter().map(|list| self.entries(at, *list, Some("Keys"))).collect();
            lists = keys?.concat();
        }
        let counted = lists.iter().map(|list| (self.count(at, *list, call, MAX_HOPS), *list));
        let counted: Vec<(usize, ExprId)> = counted.collect();
        let (_, longest) = counted.iter().copied().max_by_key(|(count, list)| (*count, std::cmp::Reverse(list.0)))?;
        let range = module.expr(longest).range;
        let count = counted.iter().map(|(count, _)| count).sum();
        Some(Held { count, span: Span::new(module.file, range.start, range.end) })
    }

    /// The values of a dict display, or the one of this name, if it is one that nothing changes.
    fn entries(&mut self, at: InstanceId, dict: ExprId, named: Option<&str>) -> Option<Vec<ExprId>> {
        let module = self.module(at);
        let dict = match module.expr(dict).kind {
            ExprKind::Name(..) => self.bindings(at).only_value(self.variable(at, dict)?)?,
            _ => dict,
        };
        let ExprKind::Dict(items) = &module.expr(dict).kind else { return None };
        let wanted = |key: &ExprId| {
            named.is_none_or(|name| matches!(&module.expr(*key).kind, ExprKind::Str(text) if **text == *name))
        };
        let values = items.iter().filter_map(|item| match item {
            DictItem::Pair(key, value) if wanted(key) => Some(*value),
            _ => None,
        });
        Some(values.collect())
    }

    /// How many elements a list surely has where `user` stands.
    fn count(&mut self, at: InstanceId, list: ExprId, user: ExprId, hops: usize) -> usize {
        let Some(hops) = hops.checked_sub(1) else { return 0 };
        let module = self.module(at);
        match &module.expr(list).kind {
            ExprKind::List(items) | ExprKind::Tuple(items) => items
                .iter()
                .map(|item| match module.expr(*item).kind {
                    ExprKind::Starred(inner) => self.count(at, inner, user, hops),
                    _ => 1,
                })
                .sum(),
            ExprKind::Binary(BinaryOp::Add, a, b) => self.count(at, *a, user, hops) + self.count(at, *b, user, hops),
            ExprKind::Binary(BinaryOp::Mul, a, b) => [(*a, *b), (*b, *a)]
                .into_iter()
                .filter_map(|(list, times)| {
                    Some(self.count(at, list, user, hops).saturating_mul(self.integer(at, times)?))
                })
                .max()
                .unwrap_or(0),
            ExprKind::Comprehension(comprehension) => self.rounds_of(at, comprehension, user, hops),
            ExprKind::Call(callee, args) => match (&module.expr(*callee).kind, args.as_slice()) {
                (ExprKind::Name(_, name), [Arg::Positional(inner)]) if WHOLE.contains(&module.name(*name)) => {
                    self.count(at, *inner, user, hops)
                }
                _ => 0,
            },
            ExprKind::Name(..) => self.count_of_variable(at, list, user, hops),
            _ => 0,
        }
    }

    fn rounds_of(&mut self, at: InstanceId, made: &Comprehension, user: ExprId, hops: usize) -> usize {
        if !matches!(made.kind, ComprehensionKind::List | ComprehensionKind::Generator) {
            return 0;
        }
        let rounds = made.clauses.iter().map(|clause| match clause {
            Clause::For(_, iterable) => self.rounds(at, *iterable, user, hops),
            Clause::If(_) => 0,
        });
        rounds.fold(1, usize::saturating_mul)
    }

    /// How often a loop over this surely goes round.
    fn rounds(&mut self, at: InstanceId, iterable: ExprId, user: ExprId, hops: usize) -> usize {
        let module = self.module(at);
        let ExprKind::Call(callee, args) = &module.expr(iterable).kind else {
            return self.count(at, iterable, user, hops);
        };
        let is_range = matches!(module.expr(*callee).kind, ExprKind::Name(_, name) if module.name(name) == "range");
        if !is_range {
            return self.count(at, iterable, user, hops);
        }
        let bounds: Option<Vec<usize>> = args.iter().map(|arg| self.integer(at, arg.value())).collect();
        match bounds.unwrap_or_default().as_slice() {
            [end] => *end,
            [start, end] => end.saturating_sub(*start),
            [start, end, step] => end.saturating_sub(*start).checked_div(*step).unwrap_or(0),
            _ => 0,
        }
    }

    /// A constant that isn't negative.
    pub fn integer(&mut self, at: InstanceId, expr: ExprId) -> Option<usize> {
        let module = self.module(at);
        let value = match module.expr(expr).kind {
            ExprKind::Name(..) => self.bindings(at).only_constant(self.variable(at, expr)?)?,
            _ => expr,
        };
        match module.expr(value).kind {
            ExprKind::Int(number) => usize::try_from(number).ok(),
            _ => None,
        }
    }

    fn count_of_variable(&mut self, at: InstanceId, name: ExprId, user: ExprId, hops: usize) -> usize {
        let Some(variable) = self.variable(at, name) else { return 0 };
        let bindings = self.bindings(at);
        let bound = bindings.of(variable);
        if bound.is_empty() {
            let given = self.arguments(at, variable);
            return given
                .into_iter()
                .map(|given| self.count(given.at, given.value, given.call, hops))
                .max()
                .unwrap_or(0);
        }
        let mut values = bound.iter().filter_map(|binding| match binding {
            Binding::Value(value) => Some(*value),
            _ => None,
        });
        let (Some(first), None) = (values.next(), values.next()) else { return 0 };
        let mut count = self.count(at, first, user, hops);
        for binding in bound {
            count = count.saturating_add(match binding {
                Binding::Value(_) => 0,
                Binding::Item(_, place) => self.times(at, *place, user, hops),
                Binding::Grown(more, place) => {
                    self.times(at, *place, user, hops).saturating_mul(self.count(at, *more, user, hops))
                }
                _ => return 0,
            });
        }
        count
    }

    /// How often a statement at this place has surely run by the time that `user` does.
    fn times(&mut self, at: InstanceId, place: Range, user: ExprId, hops: usize) -> usize {
        let module = self.module(at);
        let use_range = module.expr(user).range;
        if place.end > use_range.start {
            return 0;
        }
        let mut block = &module.function_around(user).body;
        let mut times = 1_usize;
        loop {
            let covers = |stmt: &&Stmt| stmt.extent(module).is_some_and(|range| range.covers(place));
            let Some(stmt) = block.iter().find(covers) else { return 0 };
            let Some(inner) = stmt.blocks().into_iter().find(|block| holds(module, block, place)) else {
                let is_plain = matches!(stmt, Stmt::Expr(_) | Stmt::Augmented { .. });
                return if is_plain { times } else { 0 };
            };
            let together = holds(module, inner, use_range);
            times = times.saturating_mul(match stmt {
                _ if together => 1,
                Stmt::With { .. } => 1,
                Stmt::For { iter, body, .. } if std::ptr::eq(inner, body) && !body.iter().any(leaves) => {
                    self.rounds(at, *iter, user, hops)
                }
                _ => 0,
            });
            block = inner;
        }
    }
}

fn holds(module: &Module, block: &Block, place: Range) -> bool {
    block.iter().any(|stmt| stmt.extent(module).is_some_and(|range| range.covers(place)))
}

/// Whether a pass of a loop may end before it has come to its end.
fn leaves(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Break | Stmt::Continue | Stmt::Return(_) | Stmt::Raise(_) | Stmt::Unsupported(_))
        || stmt.blocks().into_iter().flatten().any(leaves)
}
