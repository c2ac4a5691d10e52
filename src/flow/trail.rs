//! The calls that lead from an entry point to an instance.

use super::evidence::{Event, Step};
use super::heap::{CallSite, InstanceId};
use super::machine::{Edge, Instance, Machine};
use crate::python::ir::Module;
use std::collections::{BTreeMap, VecDeque};

/// Most calls of a trail; of a longer one, the innermost are kept.
const MAX_STEPS: usize = 24;

/// The instances that are reached, each with the call that reached it first.
pub(super) type Reached = BTreeMap<InstanceId, Option<Arrival>>;

/// A call that reaches an instance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    caller: InstanceId,
    edge: Edge,
    site: CallSite,
}

impl Machine<'_> {
    /// Instances reached over such edges, each over as few calls as possible.
    pub fn reachable(&self, roots: &[InstanceId], counts: impl Fn(Edge) -> bool) -> Reached {
        let mut seen: Reached = roots.iter().map(|root| (*root, None)).collect();
        let mut queue: VecDeque<InstanceId> = roots.iter().copied().collect();
        while let Some(caller) = queue.pop_front() {
            for (callee, edge, site) in self.calls.get(&caller).into_iter().flatten() {
                if counts(*edge) && !seen.contains_key(callee) {
                    seen.insert(*callee, Some(Arrival { caller, edge: *edge, site: *site }));
                    queue.push_back(*callee);
                }
            }
        }
        seen
    }

    /// The way to an instance, outermost call first.
    pub fn trail(&self, instance: InstanceId, reached: &Reached) -> Vec<Step> {
        let mut trail = Vec::new();
        let mut next = instance;
        while let Some(Some(arrival)) = reached.get(&next)
            && trail.len() < MAX_STEPS
        {
            trail.push(self.step(*arrival, next, reached));
            next = arrival.caller;
        }
        trail.reverse();
        trail
    }

    fn step(&self, arrival: Arrival, callee: InstanceId, reached: &Reached) -> Step {
        let Arrival { caller, edge, site } = arrival;
        let Instance { module, function, .. } = *self.instance(callee);
        let holder = self.instance(caller).module;
        let place = site.or_else(|| self.unspelled.get(&(caller, callee)).copied());
        let name = || self.function(module, function).qualname.to_string();
        let is_root = matches!(reached.get(&caller), Some(None));
        match (place, self.imports.get(&(caller, module))) {
            (_, Some(span)) if function == Module::TOP => Step { span: *span, what: Event::Imports },
            (Some(place), _) if edge == Edge::Possible => {
                Step { span: self.span(holder, place), what: Event::MayCall(name()) }
            }
            (Some(place), _) if matches!(edge, Edge::Registered(_)) => {
                Step { span: self.span(holder, place), what: Event::Registers(name()) }
            }
            (Some(place), _) => Step { span: self.span(holder, place), what: Event::Calls(name()) },
            (None, _) if is_root => Step { span: self.name_span(module, function), what: Event::Starts(name()) },
            (None, _) => Step { span: self.name_span(module, function), what: Event::Calls(name()) },
        }
    }
}
