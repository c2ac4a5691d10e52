//! Whether a page is asked for anew until nothing is left, as by who deletes what was read: whoever does so sees all items,
//! and never looks at LastEvaluatedKey.

use super::heap::InstanceId;
use super::machine::Machine;
use super::pages::Continuations;
use super::record::Record;
use super::value::{ResponseId, Val};
use super::wrapper::Callers;
use crate::python::ModuleId;
use crate::python::ir::{Block, ExprId, ExprKind, FunctionId, Module, Place, Slot, Stmt, Target};
use rustc_hash::{FxHashMap, FxHashSet};

/// Calls that are looked at for who asks anew. Where there are more, somebody is taken to.
const MOST_CALLS: usize = 512;

/// What is known of who calls again and again.
#[derive(Debug, Default)]
pub(super) struct Anew {
    callers: FxHashMap<InstanceId, Again>,
    /// Who calls each context, calls that no expression spells out among them.
    above: Option<Above>,
    /// Contexts that write to a table, themselves or through others.
    writers: Option<FxHashSet<InstanceId>>,
    /// The same for each table that was asked about, by its names.
    writers_to: FxHashMap<Val, FxHashSet<InstanceId>>,
}

/// What a context calls again and again.
#[derive(Debug, Default)]
struct Again {
    calls_itself: bool,
    /// In a loop whose rounds are alike.
    looped: FxHashSet<(ModuleId, FunctionId)>,
    /// The same call each time, so that it reads the same page if nobody takes anything away.
    same: FxHashSet<(ModuleId, FunctionId)>,
    /// By `iter(load, [])`, which itself looks whether there is anything.
    iterated: FxHashSet<(ModuleId, FunctionId)>,
}

/// Contexts by whom they call.
type Above = FxHashMap<InstanceId, Vec<InstanceId>>;

/// Blocks that were asked whether they leave the loop around them, by their place in memory.
type Left = FxHashMap<*const Block, bool>;

impl Machine<'_> {
    /// Whether one of those that lead to an instance calls what leads there again and again, in a loop or by calling itself, until
    /// nothing is left: it writes, or somebody looks whether there `is_anything`.
    pub fn is_asked_anew(
        &self,
        instance: InstanceId,
        is_anything: bool,
        callers: &Callers,
        continuations: &Continuations<ResponseId>,
        known: &mut Anew,
    ) -> bool {
        leads(instance, callers, |caller, callee| {
            let again = known.callers.entry(caller).or_insert_with(|| self.again(caller, continuations));
            let writers = || self.those_above(&mut known.above, |id| self.writes_itself(id));
            (again.calls_itself || again.looped.contains(&self.function_of(callee)))
                && (is_anything || known.writers.get_or_insert_with(writers).contains(&caller))
        })
    }

    /// Whether one of those that lead to a read makes the same call again and again until there is nothing, for which somebody
    /// looks, and changes the table, so that it isn't found again: in the end it has seen all. Who stops once there is something
    /// only waits for it.
    pub fn is_drained(
        &self,
        (instance, record): (InstanceId, &Record),
        is_anything: bool,
        callers: &Callers,
        continuations: &Continuations<ResponseId>,
        known: &mut Anew,
    ) -> bool {
        leads(instance, callers, |caller, callee| {
            let again = known.callers.entry(caller).or_insert_with(|| self.again(caller, continuations));
            let (function, table) = (self.function_of(callee), record.table);
            let waits = || record.response.is_some_and(|response| self.stops_at_items(caller, response));
            let is_itself = function == self.function_of(caller);
            let is_same = is_anything && again.same.contains(&function) && (is_itself || !waits());
            let writers = || self.those_above(&mut known.above, |id| self.writes_to(id, table));
            (is_same || again.iterated.contains(&function))
                && known.writers_to.entry(table).or_insert_with(writers).contains(&caller)
        })
    }

    fn again(&self, caller: InstanceId, continuations: &Continuations<ResponseId>) -> Again {
        let module = self.module(self.instance(caller).module);
        let goes_on = |record: &Record| record.response.is_some_and(|page| continuations.continued.contains(&page));
        let (mut again, mut left) = (Again::default(), Left::default());
        for (called, _, site) in self.calls.get(&caller).into_iter().flatten() {
            let Some(site) = *site else { continue };
            let function = self.function_of(*called);
            let is_itself = function == self.function_of(caller);
            again.calls_itself |= is_itself;
            // A loop that goes on from page to page says nothing of a page that is read besides.
            let around = repeated(module, site, &mut left).filter(|_| !self.records_of(*called).any(goes_on));
            if around.is_some() {
                again.looped.insert(function);
            }
            let is_same = if is_itself {
                passes_on(module, site)
            } else {
                around.is_some_and(|body| is_same(module, site, body))
            };
            if is_same {
                again.same.insert(function);
            }
            if is_iterated(module, site) {
                again.iterated.insert(function);
            }
        }
        again
    }

    /// Contexts that do something with a table, themselves or through others.
    fn those_above(&self, known: &mut Option<Above>, does: impl Fn(InstanceId) -> bool) -> FxHashSet<InstanceId> {
        let callers = known.get_or_insert_with(|| {
            let mut callers = Above::default();
            for (caller, callees) in &self.calls {
                callees.iter().for_each(|(callee, ..)| callers.entry(*callee).or_default().push(*caller));
            }
            callers
        });
        let all = self.accesses.keys().map(|(instance, ..)| *instance);
        let mut waiting: Vec<InstanceId> = all.filter(|instance| does(*instance)).collect();
        let mut above = FxHashSet::default();
        while let Some(one) = waiting.pop() {
            if above.insert(one) {
                waiting.extend(callers.get(&one).into_iter().flatten());
            }
        }
        above
    }
}

/// Whether somebody who leads to an instance, seen with whom of these it calls, is such a one; or too many do to look at all.
fn leads(instance: InstanceId, callers: &Callers, mut is_it: impl FnMut(InstanceId, InstanceId) -> bool) -> bool {
    let (mut seen, mut waiting, mut looked) = (FxHashSet::from_iter([instance]), vec![instance], 0);
    while let Some(callee) = waiting.pop() {
        for (caller, _) in callers.get(&callee).into_iter().flatten() {
            looked += 1;
            if looked > MOST_CALLS || is_it(*caller, callee) {
                return true;
            }
            if seen.insert(*caller) {
                waiting.push(*caller);
            }
        }
    }
    false
}

/// The body of the innermost loop around a call, if that is a `while`, or a `for` that may be left before its end.
fn repeated<'m>(module: &'m Module, site: ExprId, left: &mut Left) -> Option<&'m Block> {
    let place = module.expr(site).range;
    let mut found = None;
    for (block, at) in module.function_around(site).body.way_to(module, place) {
        match &block[at] {
            Stmt::While { test, body, .. } if module.expr(*test).range.covers(place) || body.covers(module, place) => {
                found = Some(body);
            }
            Stmt::For { body, .. } if body.covers(module, place) => {
                let leaves = *left.entry(std::ptr::from_ref(body)).or_insert_with(|| leaves(body));
                found = leaves.then_some(body);
            }
            _ => {}
        }
    }
    found
}

/// Whether a call names no local that a block sets.
fn is_same(module: &Module, site: ExprId, body: &Block) -> bool {
    let mut named = module.exprs_in(module.expr(site).range).filter_map(|(_, expr)| match expr.kind {
        ExprKind::Name(Place::Local(slot), _) => Some(slot),
        _ => None,
    });
    !named.any(|slot| sets(module, body, slot))
}

/// As [`Block::binds`], by `:=` as well.
fn sets(module: &Module, body: &Block, slot: Slot) -> bool {
    let is_it = |target: &Target| matches!(target, Target::Name(Place::Local(own), _) if *own == slot);
    let walrus = |kind: &ExprKind| matches!(kind, ExprKind::Walrus(target, _) if is_it(target));
    body.binds(slot)
        || body.extent(module).is_some_and(|range| module.exprs_in(range).any(|(_, expr)| walrus(&expr.kind)))
}

/// Whether a function calls itself with nothing but its own arguments, as they came, or a count of its own; not in an
/// `except`, where it only tries again.
fn passes_on(module: &Module, site: ExprId) -> bool {
    let function = module.function_around(site);
    let place = module.expr(site).range;
    let ExprKind::Call(_, args) = &module.expr(site).kind else { return false };
    let is_parameter = |value: ExprId| match &module.expr(value).kind {
        ExprKind::Name(Place::Local(slot), _) => {
            function.params.iter().any(|param| param.slot == *slot) && !sets(module, &function.body, *slot)
        }
        _ => false,
    };
    let is_own = |value: ExprId| match &module.expr(value).kind {
        ExprKind::Name(Place::Local(_), _) => is_parameter(value),
        ExprKind::Name(..) | ExprKind::Int(_) | ExprKind::Str(_) | ExprKind::None | ExprKind::Bool(_) => true,
        ExprKind::Binary(_, count, _) => is_parameter(*count),
        _ => false,
    };
    let in_except = function.body.way_to(module, place).any(|(block, at)| match &block[at] {
        Stmt::Try { handlers, .. } => handlers.iter().any(|handler| handler.body.covers(module, place)),
        _ => false,
    });
    args.iter().all(|arg| is_own(arg.value())) && !in_except
}

/// `iter(load, [])` calls `load` until it gives that.
fn is_iterated(module: &Module, site: ExprId) -> bool {
    let ExprKind::Call(callee, args) = &module.expr(site).kind else { return false };
    args.len() == 2 && matches!(module.expr(*callee).kind, ExprKind::Name(_, name) if module.name(name) == "iter")
}

/// Whether the block of a loop leaves it.
pub(super) fn leaves(body: &Block) -> bool {
    fn leaves(block: &Block, inner: bool) -> bool {
        block.iter().any(|stmt| match stmt {
            Stmt::Break => !inner,
            Stmt::Return(_) => true,
            _ => {
                let inner = inner || matches!(stmt, Stmt::For { .. } | Stmt::While { .. });
                stmt.blocks().into_iter().any(|block| leaves(block, inner))
            }
        })
    }
    leaves(body, false)
}
