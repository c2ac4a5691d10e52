//! How many requests a batch or transaction surely holds, told from the text of the function that makes the call: lists that are
//! spelled out, repeated, made by a comprehension over a constant range, or filled in a loop over one. What a list may have lost
//! isn't counted.

use super::access::Held;
use super::heap::InstanceId;
use super::kept::Kept;
use super::lineage::Lineage;
use crate::dynamodb::operation::Operation;
use crate::python::bindings::{Binding, Bindings, Variable};
use crate::python::ir::{
    BinaryOp, Block, Clause, Comprehension, ComprehensionKind, DictItem, ExprId, ExprKind, Module, Range, Stmt, Target,
};
use crate::source::Span;
use std::collections::BTreeSet;

/// Expressions that are looked at for one call; what is beyond adds nothing.
const MAX_STEPS: usize = 1_000;

impl Lineage<'_, '_> {
    /// The requests that a batch or transaction surely holds.
    pub fn held(&mut self, at: InstanceId, call: ExprId, operation: Operation) -> Option<Held> {
        operation.most_requests()?;
        let (module, bindings, kept) = (self.module(at), self.bindings(at), self.kept(at));
        Counter { module, bindings, kept, steps: MAX_STEPS }.held(call, operation)
    }
}

/// Counts elements: each answer is a number that there are at least.
struct Counter<'m> {
    module: &'m Module,
    bindings: &'m Bindings,
    kept: &'m Kept,
    steps: usize,
}

impl<'m> Counter<'m> {
    fn held(&mut self, call: ExprId, operation: Operation) -> Option<Held> {
        let module = self.module;
        let by_table = matches!(operation, Operation::BatchWriteItem | Operation::BatchGetItem);
        let parameter = if by_table { "RequestItems" } else { "TransactItems" };
        let ExprKind::Call(_, args) = &module.expr(call).kind else { return None };
        let given = module.keyword(args, parameter)?;
        let mut lists = if by_table { self.values(given)? } else { vec![given] };
        if operation == Operation::BatchGetItem {
            lists = lists.into_iter().map(|list| self.keys(list)).collect::<Option<_>>()?;
        }
        let place = module.expr(call).range;
        let counted: Vec<(usize, ExprId)> = lists.into_iter().map(|list| (self.count(list, place), list)).collect();
        let (_, longest) = counted.iter().copied().max_by_key(|(count, list)| (*count, std::cmp::Reverse(list.0)))?;
        let range = module.expr(longest).range;
        let count = counted.iter().fold(0, |sum: usize, (count, _)| sum.saturating_add(*count));
        Some(Held { count, span: Span::new(module.file, range.start, range.end) })
    }

    /// The entries of a dict display, or of the one that a variable holds; none, if one may stand for another.
    fn entries(&self, dict: ExprId) -> Option<Vec<(ExprId, ExprId)>> {
        let module = self.module;
        let dict = match module.expr(dict).kind {
            ExprKind::Name(..) => {
                let variable = Variable::named(module, dict).filter(|variable| self.kept.holds(*variable))?;
                self.bindings.only_value(variable)?
            }
            _ => dict,
        };
        let ExprKind::Dict(items) = &module.expr(dict).kind else { return None };
        let pair = |item: &DictItem| match item {
            DictItem::Pair(key, value) => Some((*key, *value)),
            DictItem::Spread(_) => None,
        };
        let entries = items.iter().map(pair).collect::<Option<Vec<_>>>()?;
        let names: BTreeSet<String> = entries.iter().filter_map(|(key, _)| spelling(module, *key)).collect();
        (entries.len() <= 1 || names.len() == entries.len()).then_some(entries)
    }

    fn values(&self, dict: ExprId) -> Option<Vec<ExprId>> {
        Some(self.entries(dict)?.into_iter().map(|(_, value)| value).collect())
    }

    /// The list in `{"Keys": […]}`.
    fn keys(&self, dict: ExprId) -> Option<ExprId> {
        self.entries(dict)?.into_iter().find(|(key, _)| self.module.is_text(*key, "Keys")).map(|(_, value)| value)
    }

    /// How many elements a list has; what a variable holds is asked for at a place.
    fn count(&mut self, list: ExprId, place: Range) -> usize {
        let Some(steps) = self.steps.checked_sub(1) else { return 0 };
        self.steps = steps;
        let module = self.module;
        let here = module.expr(list).range;
        match &module.expr(list).kind {
            ExprKind::List(items) | ExprKind::Tuple(items) => items.iter().fold(0, |sum: usize, item| {
                sum.saturating_add(match module.expr(*item).kind {
                    ExprKind::Starred(inner) => self.count(inner, here),
                    _ => 1,
                })
            }),
            ExprKind::Binary(BinaryOp::Add, a, b) => self.count(*a, here).saturating_add(self.count(*b, here)),
            ExprKind::Binary(BinaryOp::Mul, a, b) => {
                let (list, times) = match self.bindings.integer(module, *b) {
                    Some(times) => (*a, times),
                    None => (*b, self.bindings.integer(module, *a).unwrap_or(0)),
                };
                self.count(list, here).saturating_mul(times)
            }
            ExprKind::Comprehension(comprehension) => self.rounds_of(comprehension),
            ExprKind::Name(..) => self.count_of_variable(list, place),
            _ => 0,
        }
    }

    fn rounds_of(&mut self, made: &Comprehension) -> usize {
        if made.kind != ComprehensionKind::List {
            return 0;
        }
        made.clauses.iter().fold(1, |rounds: usize, clause| match clause {
            Clause::For(_, iterable) => rounds.saturating_mul(self.rounds(*iterable)),
            Clause::If(_) => 0,
        })
    }

    /// How often a loop over this goes round.
    fn rounds(&mut self, iterable: ExprId) -> usize {
        let module = self.module;
        let ExprKind::Call(callee, args) = &module.expr(iterable).kind else {
            return self.count(iterable, module.expr(iterable).range);
        };
        let is_range = match module.expr(*callee).kind {
            ExprKind::Name(_, name) => {
                let bound = Variable::named(module, *callee);
                module.name(name) == "range" && bound.is_some_and(|variable| self.bindings.of(variable).is_empty())
            }
            _ => false,
        };
        let bounds: Option<Vec<usize>> =
            args.iter().filter(|_| is_range).map(|arg| self.bindings.integer(module, arg.value())).collect();
        match bounds.unwrap_or_default().as_slice() {
            [end] => *end,
            [start, end] => end.saturating_sub(*start),
            [start, end, step] if *step > 0 => end.saturating_sub(*start).div_ceil(*step),
            _ => 0,
        }
    }

    /// What a local surely holds at a place: what it is given in a block around the place, and what is added on the way there.
    fn count_of_variable(&mut self, name: ExprId, place: Range) -> usize {
        let module = self.module;
        let Some(variable) = Variable::named(module, name).filter(|variable| self.kept.holds(*variable)) else {
            return 0;
        };
        let Some((first, growth)) = self.bindings.only_grown(variable) else { return 0 };
        let Some((start, block)) = assignment(module, first) else { return 0 };
        let Some(end) = block.position(module, place) else { return 0 };
        let mut count = self.count(first, module.expr(first).range);
        for binding in growth {
            let (more, grown) = match *binding {
                Binding::Item(_, place) => (1, place),
                Binding::Grown(more, place) => (self.count(more, module.expr(more).range), place),
                _ => return 0,
            };
            count = count.saturating_add(more.saturating_mul(self.times(block, start + 1..end, grown)));
        }
        count
    }

    /// How often the statement at a place has run once these statements of a block have.
    fn times(&mut self, block: &'m Block, these: std::ops::Range<usize>, place: Range) -> usize {
        let module = self.module;
        let mut times = 1_usize;
        let mut around = block.position(module, place).filter(|at| these.contains(at)).map(|at| &block[at]);
        while let Some(stmt) = around {
            match stmt {
                Stmt::Expr(expr) if module.expr(*expr).range == place => return times,
                Stmt::Augmented { range, .. } if *range == place => return times,
                Stmt::For { iter, body, .. } if !body.iter().any(leaves) => {
                    times = times.saturating_mul(self.rounds(*iter));
                    around = body.at(module, place);
                }
                _ => return 0,
            }
        }
        0
    }
}

/// The statement that gives a variable alone this value: its place in its block.
fn assignment(module: &Module, value: ExprId) -> Option<(usize, &Block)> {
    let place = module.expr(value).range;
    let is_it = |stmt: &Stmt| matches!(stmt, Stmt::Assign(targets, given) if *given == value && matches!(targets[..], [Target::Name(..)]));
    let mut way = module.function_around(value).body.way_to(module, place);
    way.find(|(block, at)| is_it(&block[*at])).map(|(block, at)| (at, block))
}

/// Whether a pass of a loop may end before it has come to its end.
fn leaves(stmt: &Stmt) -> bool {
    matches!(stmt, Stmt::Break | Stmt::Continue | Stmt::Return(_) | Stmt::Raise(..) | Stmt::Unsupported(_))
        || stmt.blocks().into_iter().flatten().any(leaves)
}

/// A name, or what is looked up by names: different texts are taken for different tables.
fn spelling(module: &Module, expr: ExprId) -> Option<String> {
    match &module.expr(expr).kind {
        ExprKind::Str(text) => Some(format!("{text:?}")),
        ExprKind::Name(_, name) => Some(module.name(*name).to_owned()),
        ExprKind::Attr(object, name) => Some(format!("{}.{}", spelling(module, *object)?, module.name(*name))),
        ExprKind::Subscript(object, key) => {
            Some(format!("{}[{}]", spelling(module, *object)?, spelling(module, *key)?))
        }
        _ => None,
    }
}
