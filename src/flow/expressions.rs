//! Where a call's expressions are written: `FilterExpression=…`, or in the dict that becomes its arguments.

use super::heap::InstanceId;
use super::lineage::Lineage;
use crate::python::bindings::Binding;
use crate::python::ir::{Arg, DictItem, ExprId, ExprKind};

/// Parameters that hold an expression or a statement.
const PARAMETERS: [&str; 6] = [
    "KeyConditionExpression",
    "FilterExpression",
    "UpdateExpression",
    "ConditionExpression",
    "ProjectionExpression",
    "Statement",
];
/// Bindings of a `**` dict beyond which its items aren't looked at.
const MAX_BINDINGS: usize = 40;

impl Lineage<'_, '_> {
    /// The expressions that a call is given, by keyword or in a dict that is made for it.
    pub fn expressions(&mut self, at: InstanceId, call: ExprId) -> Vec<(&'static str, ExprId)> {
        let module = self.module(at);
        let named = |name: &str| PARAMETERS.iter().copied().find(|parameter| *parameter == name);
        let ExprKind::Call(_, args) = &module.expr(call).kind else { return Vec::new() };
        let mut out = Vec::new();
        for arg in args {
            match arg {
                Arg::Keyword(name, value) => out.extend(named(module.name(*name)).map(|name| (name, *value))),
                Arg::DoubleStar(dict) => out.extend(self.made_for(at, call, *dict)),
                _ => {}
            }
        }
        out
    }

    /// The expressions in a dict that is made once before a call, and in what is stored in it until then.
    fn made_for(&mut self, at: InstanceId, call: ExprId, dict: ExprId) -> Vec<(&'static str, ExprId)> {
        let module = self.module(at);
        let start = module.expr(call).range.start;
        let keyed = |key: ExprId| match &module.expr(key).kind {
            ExprKind::Str(text) => PARAMETERS.iter().copied().find(|parameter| **parameter == **text),
            _ => None,
        };
        let bindings = self.bindings(at);
        let bound = self.variable(at, dict).map(|variable| bindings.of(variable)).unwrap_or_default();
        let made: Vec<ExprId> =
            bound.iter().filter_map(|b| if let Binding::Value(value) = b { Some(*value) } else { None }).collect();
        let [made] = made[..] else { return Vec::new() };
        let ExprKind::Dict(items) = &module.expr(made).kind else { return Vec::new() };
        if bound.len() > MAX_BINDINGS || module.expr(made).range.start > start {
            return Vec::new();
        }
        let mut out: Vec<(&'static str, ExprId)> = Vec::new();
        out.extend(items.iter().filter_map(|item| match item {
            DictItem::Pair(key, value) => Some((keyed(*key)?, *value)),
            DictItem::Spread(_) => None,
        }));
        for binding in bound {
            if let Binding::Item(value, place) = binding
                && place.start < start
            {
                let key = module.exprs_in(*place).find_map(|(key, _)| keyed(key));
                out.extend(key.map(|name| (name, *value)));
            }
        }
        out
    }
}
