//! What each record of an event leads to, whatever the record holds: calls that a stream's own consequences lead to again.

use super::frequency::Texts;
use super::heap::{CallSite, InstanceId};
use super::machine::{Edge, Instance, Machine};
use super::value::Val;
use super::{Presence, Start};
use crate::dynamodb::operation::Operation;
use crate::python::ir::{Arg, Block, ExprId, ExprKind, Function, Module, Place, Range, Slot, Stmt, Target};
use std::collections::{BTreeMap, BTreeSet};

/// The instances that every record leads to: the handler, and what is called at such places.
#[derive(Default)]
pub(super) struct EveryRecord {
    /// The handler's, which the event comes to as it is.
    handlers: BTreeSet<InstanceId>,
    reached: BTreeSet<InstanceId>,
}

impl Machine<'_> {
    /// What every record leads to, of a handler that nothing wraps.
    pub(super) fn every_record(
        &self,
        root: InstanceId,
        handler: Val,
        texts: &mut Texts,
        counts: impl Fn(Edge) -> bool,
    ) -> EveryRecord {
        let mut found = EveryRecord::default();
        let Some(plain) = self.plain_handler(handler).filter(|_| matches!(self.entry.start, Start::Handler(_))) else {
            return found;
        };
        // Nothing else is asked about.
        if !self.accesses.keys().any(|(_, _, o)| matches!(o, Operation::PutItem | Operation::UpdateItem)) {
            return found;
        }
        let called = |id: InstanceId| self.calls.get(&id).into_iter().flatten();
        let is_plain = |id: InstanceId| {
            let Instance { module, function, .. } = *self.instance(id);
            (module, function) == plain
        };
        let handlers = called(root).filter(|(id, edge, _)| counts(*edge) && is_plain(*id));
        found.handlers = handlers.map(|(id, ..)| *id).collect();
        let mut waiting: Vec<InstanceId> = found.handlers.iter().copied().collect();
        while let Some(caller) = waiting.pop() {
            if !found.reached.insert(caller) {
                continue;
            }
            let mut callees: BTreeMap<CallSite, usize> = BTreeMap::new();
            called(caller).for_each(|(_, _, site)| *callees.entry(*site).or_default() += 1);
            for (callee, edge, site) in called(caller) {
                let only = callees.get(site) == Some(&1);
                let sure = only && counts(*edge) && !matches!(edge, Edge::Registered(_));
                let spelled = |site: &ExprId| self.is_called_by_name(caller, *site, *callee);
                if sure && site.filter(spelled).is_some_and(|site| self.is_at_every_record(&found, caller, site, texts))
                {
                    waiting.push(*callee);
                }
            }
        }
        found
    }

    /// Whether a call spells the name that the called function was defined by: what is looked up or bound may be another.
    fn is_called_by_name(&self, caller: InstanceId, site: ExprId, callee: InstanceId) -> bool {
        let text = self.program.codebase.module(self.instance(caller).module);
        let Instance { module, function, .. } = *self.instance(callee);
        let function = self.program.codebase.module(module).function(function);
        let ExprKind::Call(called, _) = text.expr(site).kind else { return false };
        matches!(text.expr(called).kind, ExprKind::Name(_, name) if *text.name(name) == *function.name)
    }

    /// Whether each run of an instance comes to an expression of it once a record, nothing that it catches keeping it away.
    pub(super) fn is_at_every_record(
        &self,
        known: &EveryRecord,
        id: InstanceId,
        site: ExprId,
        texts: &mut Texts,
    ) -> bool {
        let Instance { module, function, .. } = *self.instance(id);
        let text = self.program.codebase.module(module);
        let is_handler = known.handlers.contains(&id);
        let way = Way { module: text, function: text.function(function), is_handler, place: text.expr(site).range };
        known.reached.contains(&id)
            && self.runs(id, site, texts) == Presence::Always
            && !self.is_deferred(module, site, texts)
            && way.is_straight(&way.function.body)
            && way.cannot_fail()
    }
}

/// The way through a function to a place in it.
struct Way<'m> {
    module: &'m Module,
    function: &'m Function,
    /// Whether the function's first parameter is the event.
    is_handler: bool,
    place: Range,
}

impl Way<'_> {
    /// Whether it leads through nothing but loops over an event's records.
    fn is_straight(&self, block: &Block) -> bool {
        let Some(stmt) = block.at(self.module, self.place) else { return true };
        let around = |block: &Block| block.covers(self.module, self.place);
        match stmt {
            Stmt::For { iter, body, .. } if around(body) => self.is_records(*iter) && self.is_straight(body),
            // What only ends with `finally` catches nothing.
            Stmt::Try { body, handlers, .. } if handlers.is_empty() => self.is_straight(body),
            _ => !stmt.blocks().into_iter().any(around),
        }
    }

    /// Whether nothing before the place can end the run for what a record holds: a run that fails doesn't go on. Images
    /// are only there on some records; of calls, few are known not to raise.
    fn cannot_fail(&self) -> bool {
        const SAFE: [&str; 18] = [
            "print",
            "len",
            "dumps",
            "info",
            "debug",
            "warning",
            "str",
            "get",
            "Table",
            "resource",
            "client",
            "now",
            "utcnow",
            "time",
            "isoformat",
            "getLogger",
            "getenv",
            "update_item",
        ];
        let module = self.module;
        let before = Range { start: self.function.range.start, end: self.place.end };
        let safe = |kind: &ExprKind| match kind {
            ExprKind::Str(text) => !text.contains("Image"),
            ExprKind::Call(callee, _) => match module.expr(*callee).kind {
                ExprKind::Name(_, name) | ExprKind::Attr(_, name) => SAFE.contains(&module.name(name)),
                _ => false,
            },
            _ => true,
        };
        module
            .all_exprs()
            .filter(|(_, expr)| before.covers(expr.range) && expr.range != self.place)
            .all(|(_, expr)| safe(&expr.kind))
            && self.passes(&self.function.body)
    }

    /// Whether no statement of a block, or of one in it, up to the place, asserts, raises or unpacks.
    fn passes(&self, block: &Block) -> bool {
        block.iter().all(|stmt| {
            let later = stmt.extent(self.module).is_some_and(|range| range.start > self.place.end);
            let fails = matches!(stmt, Stmt::Assert(..) | Stmt::Raise(..))
                || stmt.targets().iter().any(|target| !matches!(target, Target::Name(..)));
            later || !fails && stmt.blocks().into_iter().all(|block| self.passes(block))
        })
    }

    /// `event["Records"]`, `event.get("Records", [])`: of the event as it came.
    fn is_records(&self, iter: ExprId) -> bool {
        let is_name = |expr: ExprId| self.module.is_text(expr, "Records");
        let event = match &self.module.expr(iter).kind {
            ExprKind::Subscript(event, index) if is_name(*index) => *event,
            ExprKind::Call(callee, args) => match (&self.module.expr(*callee).kind, args.first()) {
                (ExprKind::Attr(event, name), Some(Arg::Positional(first)))
                    if self.module.name(*name) == "get" && is_name(*first) =>
                {
                    *event
                }
                _ => return false,
            },
            _ => return false,
        };
        let parameter = self.function.params.first().filter(|_| self.is_handler);
        match self.module.expr(event).kind {
            ExprKind::Name(Place::Local(slot), _) => {
                parameter.is_some_and(|parameter| parameter.slot == slot) && self.is_left_alone(slot, iter)
            }
            _ => false,
        }
    }

    /// Whether nothing of the function sets a local, or does more with it than print it, besides this expression.
    fn is_left_alone(&self, slot: Slot, user: ExprId) -> bool {
        const HARMLESS: [&str; 6] = ["print", "len", "dumps", "info", "debug", "warning"];
        let module = self.module;
        let own = self.function.range;
        let is_harmless = |kind: &ExprKind| match kind {
            ExprKind::Call(callee, _) => match module.expr(*callee).kind {
                ExprKind::Name(_, name) | ExprKind::Attr(_, name) => HARMLESS.contains(&module.name(name)),
                _ => false,
            },
            _ => false,
        };
        let calls = module.exprs_in(own).filter(|(_, expr)| is_harmless(&expr.kind));
        let allowed: Vec<Range> = calls.map(|(_, expr)| expr.range).chain([module.expr(user).range]).collect();
        let mut uses = module
            .exprs_in(own)
            .filter(|(_, expr)| matches!(expr.kind, ExprKind::Name(Place::Local(used), _) if used == slot));
        !self.function.captured.contains(&slot)
            && !self.function.body.binds(slot)
            && uses.all(|(_, expr)| allowed.iter().any(|range| range.covers(expr.range)))
    }
}
