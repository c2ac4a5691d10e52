//! Whether a page is asked for anew until nothing is left, as by who deletes what was read: whoever does so sees all items,
//! and never looks at LastEvaluatedKey.

use super::heap::InstanceId;
use super::machine::Machine;
use super::pages::Continuations;
use super::record::Record;
use super::value::ResponseId;
use super::wrapper::Callers;
use crate::python::ModuleId;
use crate::python::ir::{Block, ExprId, FunctionId, Module, Stmt};
use rustc_hash::{FxHashMap, FxHashSet};

/// Calls that are looked at for who asks anew. Where there are more, somebody is taken to.
const MOST_CALLS: usize = 512;

/// What is known of who calls again and again.
#[derive(Debug, Default)]
pub(super) struct Anew {
    callers: FxHashMap<InstanceId, Again>,
    /// Contexts that write to a table, themselves or through others.
    writers: Option<FxHashSet<InstanceId>>,
}

/// What a context calls again and again.
#[derive(Debug, Default)]
struct Again {
    calls_itself: bool,
    /// In a loop whose rounds are alike.
    looped: FxHashSet<(ModuleId, FunctionId)>,
}

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
        let (mut seen, mut waiting, mut looked) = (FxHashSet::from_iter([instance]), vec![instance], 0);
        while let Some(callee) = waiting.pop() {
            for (caller, _) in callers.get(&callee).into_iter().flatten() {
                looked += 1;
                if looked > MOST_CALLS {
                    return true;
                }
                let again = known.callers.entry(*caller).or_insert_with(|| self.again(*caller, continuations));
                if (again.calls_itself || again.looped.contains(&self.function_of(callee)))
                    && (is_anything || known.writers.get_or_insert_with(|| self.writers()).contains(caller))
                {
                    return true;
                }
                if seen.insert(*caller) {
                    waiting.push(*caller);
                }
            }
        }
        false
    }

    fn again(&self, caller: InstanceId, continuations: &Continuations<ResponseId>) -> Again {
        let module = self.module(self.instance(caller).module);
        let goes_on = |record: &Record| record.response.is_some_and(|page| continuations.continued.contains(&page));
        let (mut again, mut left) = (Again::default(), Left::default());
        for (called, _, site) in self.calls.get(&caller).into_iter().flatten() {
            let function = self.function_of(*called);
            again.calls_itself |= function == self.function_of(caller);
            // A loop that goes on from page to page says nothing of a page that is read besides.
            let is_looped = site.is_some_and(|site| is_repeated(module, site, &mut left));
            if is_looped && !self.records_of(*called).any(goes_on) {
                again.looped.insert(function);
            }
        }
        again
    }

    /// Contexts that write to a table, themselves or through others.
    fn writers(&self) -> FxHashSet<InstanceId> {
        let mut callers: FxHashMap<InstanceId, Vec<InstanceId>> = FxHashMap::default();
        for (caller, callees) in &self.calls {
            callees.iter().for_each(|(callee, ..)| callers.entry(*callee).or_default().push(*caller));
        }
        let all = self.accesses.keys().map(|(instance, ..)| *instance);
        let mut waiting: Vec<InstanceId> = all.filter(|instance| self.writes_itself(*instance)).collect();
        let mut writers = FxHashSet::default();
        while let Some(one) = waiting.pop() {
            if writers.insert(one) {
                waiting.extend(callers.get(&one).into_iter().flatten());
            }
        }
        writers
    }
}

/// Whether the innermost loop around a call is a `while`, or a `for` that may be left before its end.
fn is_repeated(module: &Module, site: ExprId, left: &mut Left) -> bool {
    let place = module.expr(site).range;
    let mut found = false;
    for (block, at) in module.function_around(site).body.way_to(module, place) {
        match &block[at] {
            Stmt::While { test, body, .. } => {
                found |= module.expr(*test).range.covers(place) || body.covers(module, place);
            }
            Stmt::For { body, .. } if body.covers(module, place) => {
                found = *left.entry(std::ptr::from_ref(body)).or_insert_with(|| leaves(body));
            }
            _ => {}
        }
    }
    found
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
