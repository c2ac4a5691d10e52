//! Helpers that make whatever call they are told to: `def pages(client, operation, **kw)` with
//! `client.get_paginator(operation).paginate(**kw)` inside. Only its callers make it a DynamoDB call, each another one, so
//! each caller's call is the site.

use super::entry::Site;
use super::frame::Frame;
use super::heap::{CallSite, InstanceId};
use super::machine::Machine;
use crate::python::ir::{Arg, Expr, ExprId, ExprKind, Module, Place};
use rustc_hash::FxHashMap;

/// The calls that reach each instance: who makes each, and where.
pub(super) type Callers = FxHashMap<InstanceId, Vec<(InstanceId, Site)>>;

impl Machine<'_> {
    /// Who calls whom, seen from the callees.
    pub fn callers(&self) -> Callers {
        let mut callers = Callers::default();
        for (caller, callees) in &self.calls {
            for (callee, _, site) in callees {
                let site = site.map(|site| (self.instance(*caller).module, site));
                callers.entry(*callee).or_default().extend(site.map(|site| (*caller, site)));
            }
        }
        callers.values_mut().for_each(|calls| calls.sort_unstable());
        callers
    }
}

/// Whether a paginator's call gets its operation and all of its arguments from whoever calls the function around it.
pub(super) fn is_told_operation(frame: &Frame<'_>, site: CallSite) -> bool {
    let module = frame.module;
    let Some((name, args)) = site.and_then(|site| called(module, module.expr(site))) else { return false };
    if name != "paginate" || args.is_empty() || !args.iter().all(|arg| matches!(arg, Arg::DoubleStar(_))) {
        return false;
    }
    let function = module.function(frame.function);
    let is_told = |operation: ExprId| match &module.expr(operation).kind {
        // `operation`, or `method.__name__`.
        ExprKind::Name(Place::Local(slot), _) => function.params.iter().any(|param| param.slot == *slot),
        ExprKind::Attr(_, name) => module.name(*name) == "__name__",
        _ => false,
    };
    let inside = module.exprs_in(function.range);
    let mut paginators =
        inside.filter_map(|(_, expr)| called(module, expr)).filter(|(name, _)| *name == "get_paginator");
    paginators.any(|(_, args)| match args.first() {
        Some(Arg::Positional(operation) | Arg::Keyword(_, operation)) => is_told(*operation),
        _ => false,
    })
}

/// A method call's name and arguments.
fn called<'m>(module: &'m Module, expr: &'m Expr) -> Option<(&'m str, &'m [Arg])> {
    let ExprKind::Call(callee, args) = &expr.kind else { return None };
    let ExprKind::Attr(_, name) = &module.expr(*callee).kind else { return None };
    Some((module.name(*name), args))
}
