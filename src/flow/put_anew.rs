//! Items that are made anew from what a read of the same key has found, and put in its place: told from the text of one function.

use super::access::PutBack;
use super::around::finds_nothing_before;
use super::heap::InstanceId;
use super::lineage::Lineage;
use crate::dynamodb::operation::Operation;
use crate::python::ir::{Arg, DictItem, ExprId, ExprKind, FPart};
use std::collections::BTreeSet;

/// Expressions within each other that are compared, at most.
const MAX_DEPTH: usize = 12;
/// Expressions that an item's value is followed through.
const MAX_VALUES: usize = 24;

impl Lineage<'_, '_> {
    /// The reads of the same key that go into the item of a put which nothing guards.
    pub fn put_anew(&mut self, at: InstanceId, call: ExprId, operation: Operation) -> BTreeSet<PutBack> {
        let mut back = BTreeSet::new();
        let guards = ["ConditionExpression", "Expected"];
        let is_plain = |arg: &Arg| !matches!(arg, Arg::DoubleStar(_));
        let all_seen = matches!(&self.module(at).expr(call).kind, ExprKind::Call(_, args) if args.iter().all(is_plain));
        if operation != Operation::PutItem || !all_seen || guards.iter().any(|g| self.given(at, call, g).is_some()) {
            return back;
        }
        let item = self.given(at, call, "Item").and_then(|item| self.pairs(at, item)).unwrap_or_default();
        for (_, value) in &item {
            for read in self.reads_of(at, *value) {
                let key = self.given(at, read, "Key").and_then(|key| self.pairs(at, key)).unwrap_or_default();
                let same = |(name, value): &(String, ExprId)| {
                    item.iter().any(|(other, given)| other == name && self.is_same(at, (*value, *given), MAX_DEPTH))
                };
                let is_new = finds_nothing_before(self.module(at), self.bindings(at), call, read);
                if !is_new && !key.is_empty() && key.iter().all(same) {
                    let changed = BTreeSet::new();
                    let read = self.machine.span(self.machine.instance(at).module, read);
                    back.insert(PutBack { read, changed, all_known: true });
                }
            }
        }
        back
    }

    /// What a call is given by keyword.
    fn given(&self, at: InstanceId, call: ExprId, parameter: &str) -> Option<ExprId> {
        let module = self.module(at);
        let ExprKind::Call(_, args) = &module.expr(call).kind else { return None };
        module.keyword(args, parameter)
    }

    /// The entries of a dict display, all of whose names are known.
    fn pairs(&mut self, at: InstanceId, dict: ExprId) -> Option<Vec<(String, ExprId)>> {
        let module = self.module(at);
        let dict = match module.expr(dict).kind {
            ExprKind::Name(..) => self.bindings(at).only_value(self.variable(at, dict)?)?,
            _ => dict,
        };
        let ExprKind::Dict(items) = &module.expr(dict).kind else { return None };
        let pair = |item: &DictItem| match item {
            DictItem::Pair(key, value) => match &module.expr(*key).kind {
                ExprKind::Str(name) => Some((name.to_string(), *value)),
                _ => None,
            },
            DictItem::Spread(_) => None,
        };
        items.iter().map(pair).collect()
    }

    /// The reads of single items that surely go into an expression: through variables that hold nothing else, whichever way the
    /// function takes.
    fn reads_of(&mut self, at: InstanceId, expr: ExprId) -> Vec<ExprId> {
        let module = self.module(at);
        let bindings = self.bindings(at);
        let (mut reads, mut values, mut next) = (Vec::new(), vec![expr], 0);
        while let Some(value) = values.get(next).copied().filter(|_| next < MAX_VALUES) {
            next += 1;
            for (id, expr) in module.exprs_in(module.expr(value).range) {
                if self.machine.accesses.contains_key(&(at, Some(id), Operation::GetItem)) {
                    reads.push(id);
                }
                let variable = if let ExprKind::Name(..) = expr.kind { self.variable(at, id) } else { None };
                let only = variable.and_then(|variable| bindings.only_origin(variable));
                values.extend(only.filter(|only| !values.contains(only)));
            }
        }
        reads
    }

    /// Whether two expressions of a function surely have the same value: constants, and variables that are bound once.
    fn is_same(&self, at: InstanceId, (a, b): (ExprId, ExprId), depth: usize) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let module = self.module(at);
        let same = |a: ExprId, b: ExprId| self.is_same(at, (a, b), depth);
        match (&module.expr(a).kind, &module.expr(b).kind) {
            (ExprKind::Str(a), ExprKind::Str(b)) => a == b,
            (ExprKind::Int(a), ExprKind::Int(b)) => a == b,
            (ExprKind::Name(..), ExprKind::Name(..)) => {
                let variable = self.variable(at, a);
                variable.is_some()
                    && variable == self.variable(at, b)
                    && variable.is_some_and(|v| self.is_bound_once(at, v))
            }
            (ExprKind::Subscript(a, x), ExprKind::Subscript(b, y)) => same(*a, *b) && same(*x, *y),
            (ExprKind::Attr(a, x), ExprKind::Attr(b, y)) => x == y && same(*a, *b),
            (ExprKind::Dict(a), ExprKind::Dict(b)) => match (a.as_slice(), b.as_slice()) {
                // `{"S": value}`
                ([DictItem::Pair(a, x)], [DictItem::Pair(b, y)]) => same(*a, *b) && same(*x, *y),
                _ => false,
            },
            (ExprKind::FString(a), ExprKind::FString(b)) => {
                a.len() == b.len()
                    && a.iter().zip(b).all(|parts| match parts {
                        (FPart::Text(a), FPart::Text(b)) => a == b,
                        (FPart::Expr(a), FPart::Expr(b)) | (FPart::Format(a), FPart::Format(b)) => same(*a, *b),
                        _ => false,
                    })
            }
            _ => false,
        }
    }
}
