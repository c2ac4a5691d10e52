//! Loops that read one item after the other, told from the text: a `get_item` whose key changes from one pass to the next, in
//! the loop itself or in functions that it calls.
//!
//! Says nothing of a loop that reads what an earlier read told, that ends once it has found something, that goes through the
//! records of an event, or through what the program itself spells out.

use super::heap::InstanceId;
use super::lineage::Lineage;
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::python::bindings::{Binding, Variable};
use crate::python::ir::{
    Arg, Clause, CompareOp, ComprehensionKind, ExprId, ExprKind, Function, FunctionId, Module, Place, Range, Stmt,
    Target,
};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::BTreeSet;

/// Calls through which a key is followed up, at most.
const MAX_CALLS: usize = 6;
/// Variables that a key may be made of; with more, nothing is said.
const MAX_VARIABLES: usize = 64;
/// Names and calls through which what a loop goes through is followed.
const MAX_HOPS: usize = 8;
/// Calls and names that are looked at for one read; of a read that takes more, nothing is said.
const MAX_STEPS: usize = 4_000;

/// Functions and methods that hand out what they are given, in whole or in part.
const VIEWS: [&str; 10] = ["enumerate", "list", "set", "sorted", "reversed", "tuple", "zip", "items", "keys", "values"];
/// Functions that stop at the first element that decides.
const STOPPING: [&str; 3] = ["next", "any", "all"];

/// A loop that reads an item in each pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct KeyLoop {
    /// What stands in the loop: the read, or the call that leads to it.
    pub call: Span,
    /// What the loop goes through.
    pub over: Span,
    /// The loop's variable.
    pub variable: String,
    /// The definition that holds the loop.
    pub function: String,
}

/// A loop or comprehension around a place.
struct Round<'m> {
    target: &'m Target,
    iterable: ExprId,
    /// What runs in each pass.
    inside: Range,
    /// Whether it surely goes on to its end.
    is_whole: bool,
}

/// What goes into an expression: variables, and what these are bound to.
struct Made {
    of: FxHashSet<Variable>,
    values: Vec<ExprId>,
}

/// A search for the loops around one read.
#[derive(Default)]
struct Search {
    found: BTreeSet<KeyLoop>,
    /// Calls that were looked at, with what they give for the key.
    seen: FxHashSet<(InstanceId, ExprId, ExprId)>,
}

impl<'p> Lineage<'_, 'p> {
    /// The loops that make this read once for each of their keys.
    pub fn key_loops(&mut self, at: InstanceId, call: ExprId, operation: Operation) -> BTreeSet<KeyLoop> {
        let mut found = BTreeSet::new();
        let module = self.module(at);
        let ExprKind::Call(callee, args) = &module.expr(call).kind else { return found };
        if let Some(key) = module.keyword(args, "Key").filter(|_| operation == Operation::GetItem) {
            let table = module.keyword(args, "TableName");
            self.steps = MAX_STEPS;
            let mut search = Search::default();
            self.climb((at, call, key), &[Some(*callee), table], MAX_CALLS, &mut search);
            if self.steps > 0 {
                found = search.found;
            }
        }
        found
    }

    /// Looks for loops around a call whose variable goes into `key`; where there is none, around the calls that lead here.
    fn climb(
        &mut self,
        (at, call, key): (InstanceId, ExprId, ExprId),
        table: &[Option<ExprId>],
        calls: usize,
        search: &mut Search,
    ) {
        if !search.seen.insert((at, call, key)) || !self.step() || self.is_remembered(at, call) {
            return;
        }
        let module = self.module(at);
        let function = module.function_id_around(call);
        let Some(made) = self.made_of(at, key) else { return };
        for round in rounds(module, module.function(function), call) {
            let variables = targets(round.target, function);
            if !variables.iter().any(|variable| made.of.contains(variable)) {
                continue;
            }
            if self.is_bounded(at, round.iterable, MAX_HOPS) || self.is_of_records(at, round.iterable, MAX_HOPS) {
                continue;
            }
            let of_table = table.iter().flatten().filter_map(|expr| self.made_of(at, *expr));
            let same_table = !of_table.into_iter().any(|made| variables.iter().any(|v| made.of.contains(v)));
            let reads = made.values.iter().any(|value| self.reads_in(at, *value, round.inside));
            // Whoever takes what a generator yields may have enough before its end.
            let is_whole = round.is_whole && !module.function(function).is_generator;
            if is_whole && same_table && !reads && !self.writes_in(at, round.inside) {
                search.found.insert(self.key_loop(at, call, &round));
            }
            return;
        }
        let Some(calls) = calls.checked_sub(1) else { return };
        let mut variables: Vec<Variable> = made.of.into_iter().collect();
        variables.sort_unstable();
        // What is written with each read is one piece of work, key by key.
        if self.writes_itself(at) {
            return;
        }
        let is_async = module.function(function).is_async;
        for variable in variables {
            if self.bindings(at).is_parameter_only(variable) {
                for given in self.arguments(at, variable) {
                    // What isn't waited for in its place runs beside others.
                    if !is_async || is_awaited(self.module(given.at), given.call) {
                        self.climb((given.at, given.call, given.value), &[], calls, search);
                    }
                }
            }
        }
    }

    /// Whether the budget allows one step more.
    fn step(&mut self) -> bool {
        self.steps = self.steps.saturating_sub(1);
        self.steps > 0
    }

    /// Whether something is written within a part of the text, by itself or by a function that is called there.
    fn writes_in(&self, at: InstanceId, inside: Range) -> bool {
        let module = self.module(at);
        let stands_inside = |site: Option<ExprId>| site.is_some_and(|call| inside.covers(module.expr(call).range));
        let own = self.machine.accesses.range((at, None, Operation::ALL[0])..);
        let mut own = own.take_while(|((instance, ..), _)| *instance == at);
        let mut below = self.machine.calls.get(&at).into_iter().flatten();
        own.any(|((_, site, operation), _)| operation.kind() == OperationKind::Write && stands_inside(*site))
            || below.any(|(callee, _, site)| stands_inside(*site) && self.writes_itself(*callee))
    }

    /// Whether a function that is called within an expression names the records of an event.
    fn is_made_of_records(&self, at: InstanceId, expr: ExprId) -> bool {
        let module = self.module(at);
        let around = module.expr(expr).range;
        let calls = self.machine.calls.get(&at).into_iter().flatten();
        let mut below = calls.filter(|(_, _, site)| site.is_some_and(|call| around.covers(module.expr(call).range)));
        below.any(|(callee, ..)| {
            let module = self.module(*callee);
            let function = module.function(self.machine.instance(*callee).function);
            module.exprs_in(function.range).any(|(_, expr)| names_records(module, &expr.kind))
        })
    }

    fn key_loop(&self, at: InstanceId, call: ExprId, round: &Round) -> KeyLoop {
        let id = self.machine.instance(at).module;
        let module = self.machine.module(id);
        KeyLoop {
            call: self.machine.span(id, call),
            over: self.machine.span(id, round.iterable),
            variable: name(module, round.target).to_owned(),
            function: module.function_around(call).qualname.to_string(),
        }
    }

    /// The variables that an expression is made of, through those that they are made of.
    fn made_of(&mut self, at: InstanceId, expr: ExprId) -> Option<Made> {
        let bindings = self.bindings(at);
        let mut made = Made { of: FxHashSet::default(), values: vec![expr] };
        let mut next = 0;
        while let Some(value) = made.values.get(next).copied() {
            next += 1;
            for variable in self.names_in(at, value) {
                if !made.of.insert(variable) {
                    continue;
                }
                if made.of.len() > MAX_VARIABLES {
                    return None;
                }
                made.values.extend(bindings.of(variable).iter().filter_map(|binding| match binding {
                    Binding::Value(value) | Binding::Part(value, _) | Binding::Item(value, _) => Some(*value),
                    Binding::Element(value) | Binding::ElementPart(value, _) | Binding::Grown(value, _) => Some(*value),
                    Binding::Handed | Binding::Unknown => None,
                }));
            }
        }
        Some(made)
    }

    /// The variables that an expression names, those of the module only where its own top level names them.
    fn names_in(&self, at: InstanceId, expr: ExprId) -> Vec<Variable> {
        let module = self.module(at);
        let is_top = self.machine.instance(at).function == Module::TOP;
        let names = module.exprs_in(module.expr(expr).range).filter_map(|(id, expr)| match expr.kind {
            ExprKind::Name(Place::Global(_), _) if !is_top => None,
            ExprKind::Name(place, _) => Variable::of(place, module.function_id_around(id)),
            _ => None,
        });
        names.collect()
    }

    /// Whether something is read within a part of the text to make an expression.
    fn reads_in(&self, at: InstanceId, expr: ExprId, inside: Range) -> bool {
        let module = self.module(at);
        let calls = module.exprs_in(module.expr(expr).range).filter(|(_, e)| matches!(e.kind, ExprKind::Call(..)));
        let mut calls = calls.filter(|(_, e)| inside.covers(e.range)).map(|(id, _)| id).peekable();
        if calls.peek().is_none() {
            return false;
        }
        let reads = |call: ExprId| {
            let own = self.machine.accesses.range((at, Some(call), Operation::ALL[0])..);
            let mut own = own.take_while(|((instance, site, _), _)| (*instance, *site) == (at, Some(call)));
            let mut below = self.machine.calls.get(&at).into_iter().flatten();
            own.any(|((_, _, operation), _)| operation.kind() == OperationKind::Read)
                || below.any(|(callee, _, site)| *site == Some(call) && self.readers().contains(callee))
        };
        calls.any(reads)
    }

    /// Whether a loop over this goes through the records of an event, or what was made of them all.
    fn is_of_records(&mut self, at: InstanceId, iterable: ExprId, hops: usize) -> bool {
        let Some(hops) = hops.checked_sub(1).filter(|_| self.step()) else { return false };
        let module = self.module(at);
        let mut inside = module.exprs_in(module.expr(iterable).range);
        if inside.any(|(_, expr)| names_records(module, &expr.kind)) || self.is_made_of_records(at, iterable) {
            return true;
        }
        let bindings = self.bindings(at);
        self.names_in(at, iterable).into_iter().any(|variable| {
            self.is_filled_of_records(at, variable, hops)
                || bindings.of(variable).iter().any(|binding| match binding {
                    Binding::Value(value) | Binding::Part(value, _) => self.is_of_records(at, *value, hops),
                    _ => false,
                })
                || self.arguments(at, variable).into_iter().any(|given| self.is_of_records(given.at, given.value, hops))
        })
    }

    /// Whether a loop through the records of an event itself, none within it, gathers something in a variable that is empty at
    /// first.
    fn is_filled_of_records(&mut self, at: InstanceId, variable: Variable, hops: usize) -> bool {
        let module = self.module(at);
        let Variable::Local(function, _) = variable else { return false };
        let bindings = self.bindings(at);
        let is_empty = |binding: &Binding| matches!(binding, Binding::Value(value) if is_empty(module, *value));
        if !bindings.of(variable).iter().any(is_empty) {
            return false;
        }
        let function = module.function(function);
        // `ids.extend(record["ids"])`: a record holds many of these.
        let many: FxHashSet<ExprId> = module
            .exprs_in(function.range)
            .filter_map(|(_, expr)| match expr.kind {
                ExprKind::Attr(object, name) if matches!(module.name(name), "extend" | "update") => Some(object),
                _ => None,
            })
            .collect();
        let named = module.exprs_in(function.range).map(|(id, _)| id).filter(|id| !many.contains(id));
        let named: Vec<ExprId> = named.filter(|id| Variable::named(module, *id) == Some(variable)).collect();
        named.into_iter().any(|name| {
            let innermost = rounds(module, function, name).into_iter().next();
            innermost.is_some_and(|round| self.is_of_records(at, round.iterable, hops))
        })
    }

    /// Whether a loop over this goes through few things: what the program spells out, a range of constants, the module's own
    /// settings.
    fn is_bounded(&mut self, at: InstanceId, iterable: ExprId, hops: usize) -> bool {
        let Some(hops) = hops.checked_sub(1).filter(|_| self.step()) else { return false };
        let module = self.module(at);
        match &module.expr(iterable).kind {
            ExprKind::Tuple(_) | ExprKind::List(_) | ExprKind::Set(_) | ExprKind::Dict(_) | ExprKind::Str(_) => true,
            ExprKind::Subscript(object, key) => {
                matches!(module.expr(*key).kind, ExprKind::Slice(..)) && self.is_bounded(at, *object, hops)
            }
            // `Settings.KINDS`, `self.kinds`
            ExprKind::Attr(object, name) => {
                let is_own = matches!(module.expr(*object).kind, ExprKind::Name(_, own) if module.name(own) == "self");
                is_own || module.name(*name).chars().all(|c| !c.is_lowercase())
            }
            ExprKind::Or(first, _) | ExprKind::Await(first) => self.is_bounded(at, *first, hops),
            ExprKind::Call(callee, args) => self.is_bounded_call(at, *callee, args, hops),
            ExprKind::Name(..) => {
                let Some(variable) = self.variable(at, iterable) else { return true };
                if matches!(variable, Variable::Global(_)) {
                    return true;
                }
                let bindings = self.bindings(at);
                let bound = bindings.of(variable).iter().filter(|binding| **binding != Binding::Handed);
                let mut bound = bound.peekable();
                if bound.peek().is_none() {
                    let given = self.arguments(at, variable);
                    return given.into_iter().any(|given| self.is_bounded(given.at, given.value, hops));
                }
                let is_bounded = |binding: &Binding| match binding {
                    // A list that is filled later, item by item, tells nothing.
                    Binding::Value(value) => !is_empty(module, *value) && self.is_bounded(at, *value, hops),
                    _ => false,
                };
                bound.all(is_bounded)
            }
            _ => false,
        }
    }

    fn is_bounded_call(&mut self, at: InstanceId, callee: ExprId, args: &'p [Arg], hops: usize) -> bool {
        let module = self.module(at);
        let first = args.first().map(Arg::value);
        match module.expr(callee).kind {
            ExprKind::Name(_, name) => match module.name(name) {
                "range" => {
                    let bindings = self.bindings(at);
                    args.iter().all(|arg| bindings.integer(module, arg.value()).is_some())
                }
                view if VIEWS.contains(&view) => first.is_some_and(|first| self.is_bounded(at, first, hops)),
                _ => false,
            },
            ExprKind::Attr(object, name) => match module.name(name) {
                "get" => first.is_some_and(|key| module.is_text(key, "Records")),
                view if VIEWS.contains(&view) => self.is_bounded(at, object, hops),
                _ => false,
            },
            _ => false,
        }
    }
}

/// `Records` of an event.
fn names_records(module: &Module, kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Str(text) => matches!(&**text, "Records" | "records"),
        ExprKind::Attr(_, name) => module.name(*name) == "records",
        _ => false,
    }
}

/// `await call`.
fn is_awaited(module: &Module, call: ExprId) -> bool {
    let function = module.function_around(call);
    module.exprs_in(function.range).any(|(_, expr)| matches!(expr.kind, ExprKind::Await(awaited) if awaited == call))
}

/// `[]`, `{}`, `set()` and their like.
fn is_empty(module: &Module, value: ExprId) -> bool {
    match &module.expr(value).kind {
        ExprKind::List(items) | ExprKind::Tuple(items) => items.is_empty(),
        ExprKind::Dict(items) => items.is_empty(),
        ExprKind::Call(callee, args) => match module.expr(*callee).kind {
            ExprKind::Name(_, name) => match module.name(name) {
                "list" | "set" | "dict" => args.is_empty(),
                "defaultdict" => true,
                _ => false,
            },
            _ => false,
        },
        _ => false,
    }
}

/// The variables that a loop binds.
fn targets(target: &Target, function: FunctionId) -> Vec<Variable> {
    let variable = |target: &Target| match target {
        Target::Name(place, _) => Variable::of(*place, function),
        _ => None,
    };
    target.leaves().into_iter().filter_map(variable).collect()
}

/// What to call a loop's variable.
fn name<'m>(module: &'m Module, target: &Target) -> &'m str {
    match target {
        Target::Name(_, name) | Target::Attr(_, name) => module.name(*name),
        Target::Tuple(targets) => targets.last().map_or("value", |last| name(module, last)),
        Target::Starred(inner) => name(module, inner),
        Target::Subscript(..) => "value",
    }
}

/// The loops and comprehensions around a place of a function, innermost first.
fn rounds<'m>(module: &'m Module, function: &'m Function, site: ExprId) -> Vec<Round<'m>> {
    let place = module.expr(site).range;
    let (mut rounds, mut innermost) = (Vec::new(), None);
    for (block, at) in function.body.way_to(module, place) {
        let stmt = innermost.insert(&block[at]);
        if let Stmt::For { target, iter, body, .. } = stmt
            && let Some(inside) = body.extent(module).filter(|range| range.covers(place))
        {
            let is_whole = !body.iter().any(|stmt| ends(module, stmt, place, false));
            rounds.push(Round { target, iterable: *iter, inside, is_whole });
        }
    }
    let own = innermost.and_then(|stmt| stmt.exprs().into_iter().find(|expr| module.expr(*expr).range.covers(place)));
    rounds.extend(own.into_iter().flat_map(|expr| comprehensions(module, expr, place)));
    rounds.reverse();
    rounds
}

/// The clauses of comprehensions within an expression that go round a place.
fn comprehensions(module: &Module, within: ExprId, place: Range) -> Vec<Round<'_>> {
    let around = module.expr(within).range;
    let mut rounds = Vec::new();
    for (id, expr) in module.exprs_in(around).filter(|(_, expr)| expr.range.covers(place)) {
        let ExprKind::Comprehension(comprehension) = &expr.kind else { continue };
        let stops = comprehension.kind == ComprehensionKind::Generator && is_stopped(module, around, id);
        for (at, clause) in comprehension.clauses.iter().enumerate() {
            let own = |clause: &Clause| match clause {
                Clause::For(_, iterable) => module.expr(*iterable).range.covers(place),
                Clause::If(_) => false,
            };
            // What a clause goes through is asked for before the clause's own rounds begin.
            if comprehension.clauses[..=at].iter().any(own) {
                break;
            }
            if let Clause::For(target, iterable) = clause {
                rounds.push(Round { target, iterable: *iterable, inside: expr.range, is_whole: !stops });
            }
        }
    }
    rounds
}

fn is_stopped(module: &Module, within: Range, generator: ExprId) -> bool {
    module.exprs_in(within).any(|(_, expr)| match &expr.kind {
        ExprKind::Call(callee, args) => {
            let given = args.iter().any(|arg| arg.value() == generator);
            given
                && matches!(module.expr(*callee).kind, ExprKind::Name(_, name) if STOPPING.contains(&module.name(name)))
        }
        _ => false,
    })
}

/// Whether a statement of a loop may end it after the place: what was read decided that.
fn ends(module: &Module, stmt: &Stmt, place: Range, inner: bool) -> bool {
    match stmt {
        Stmt::Return(value) => value.is_none_or(|value| module.expr(value).range.end >= place.start),
        Stmt::Break => !inner,
        // To raise where something is there is to have found it; to raise where it isn't is to complain.
        Stmt::If { test, then, otherwise } => {
            let found = if is_absence(module, *test) { otherwise } else { then };
            let raises = found.iter().any(|stmt| matches!(stmt, Stmt::Raise(..)));
            let is_later = stmt.extent(module).is_none_or(|range| range.end >= place.start);
            is_later && (raises || then.iter().chain(otherwise).any(|stmt| ends(module, stmt, place, inner)))
        }
        Stmt::For { .. } | Stmt::While { .. } => {
            let is_later = stmt.extent(module).is_none_or(|range| range.end >= place.start);
            is_later && stmt.blocks().into_iter().flatten().any(|stmt| ends(module, stmt, place, true))
        }
        Stmt::Unsupported(_) => true,
        // What is done about an error has nothing to do with what was found.
        Stmt::Try { body, otherwise, finally, .. } => {
            [body, otherwise, finally].into_iter().flatten().any(|stmt| ends(module, stmt, place, inner))
        }
        _ => {
            let is_later = stmt.extent(module).is_none_or(|range| range.end >= place.start);
            is_later && stmt.blocks().into_iter().flatten().any(|stmt| ends(module, stmt, place, inner))
        }
    }
}

/// `not x`, `x not in y`, `x is None`.
fn is_absence(module: &Module, test: ExprId) -> bool {
    match &module.expr(test).kind {
        ExprKind::Not(_) => true,
        ExprKind::Compare(_, rest) => rest.iter().any(|(op, with)| match op {
            CompareOp::NotIn | CompareOp::NotEq => true,
            CompareOp::Is | CompareOp::Eq => matches!(module.expr(*with).kind, ExprKind::None),
            _ => false,
        }),
        _ => false,
    }
}
