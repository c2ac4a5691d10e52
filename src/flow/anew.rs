//! Whether a page is asked for anew until nothing is left, as by who deletes what was read: whoever does so sees all items,
//! and never looks at LastEvaluatedKey.

use super::heap::InstanceId;
use super::loops::Loop;
use super::machine::Machine;
use super::pages::Continuations;
use super::record::Record;
use super::value::ResponseId;
use super::wrapper::Callers;
use crate::python::ModuleId;
use crate::python::ir::FunctionId;
use rustc_hash::{FxHashMap, FxHashSet};

/// Callers of callers that are looked at for what becomes of a page.
const MOST_CALLERS_ABOVE: usize = 3;
/// Callers that are looked at in each of these steps.
const MOST_CALLERS: usize = 64;

/// What a context calls again and again.
#[derive(Debug, Default)]
pub(super) struct Anew {
    calls_itself: bool,
    /// In a `while` loop.
    looped: FxHashSet<(ModuleId, FunctionId)>,
}

impl Machine<'_> {
    /// Whether one of those that lead to an instance, as far as is looked, calls what leads there again and again: in a `while`
    /// loop, or by calling itself.
    pub fn is_asked_anew(
        &self,
        instance: InstanceId,
        callers: &Callers,
        continuations: &Continuations<ResponseId>,
        known: &mut FxHashMap<InstanceId, Anew>,
    ) -> bool {
        let mut level = vec![instance];
        for _ in 0..MOST_CALLERS_ABOVE {
            let calls =
                level.iter().flat_map(|id| callers.get(id).into_iter().flatten().map(|(caller, _)| (*id, *caller)));
            let calls: Vec<(InstanceId, InstanceId)> = calls.take(MOST_CALLERS).collect();
            for (callee, caller) in &calls {
                let anew = known.entry(*caller).or_insert_with(|| self.anew(*caller, continuations));
                if anew.calls_itself || anew.looped.contains(&self.function_of(*callee)) {
                    return true;
                }
            }
            level = calls.into_iter().map(|(_, caller)| caller).collect();
        }
        false
    }

    fn anew(&self, caller: InstanceId, continuations: &Continuations<ResponseId>) -> Anew {
        let module = self.module(self.instance(caller).module);
        let goes_on = |record: &Record| record.response.is_some_and(|page| continuations.continued.contains(&page));
        let mut anew = Anew::default();
        for (called, _, site) in self.calls.get(&caller).into_iter().flatten() {
            let function = self.function_of(*called);
            anew.calls_itself |= function == self.function_of(caller);
            // A loop that goes on from page to page says nothing of a page that is read besides.
            let is_looped = site.is_some_and(|site| Loop::around(module, site).is_some());
            if is_looped && !self.records_of(*called).any(goes_on) {
                anew.looped.insert(function);
            }
        }
        anew
    }
}
