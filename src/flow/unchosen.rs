//! Code that hands data on and does nothing else with it: where nothing compares it, looks it up or gives it to what may
//! check it, nobody chooses what may pass.

use super::heap::InstanceId;
use super::lineage::Lineage;
use crate::python::ir::{BinaryOp, Block, CompareOp, ExprId, ExprKind, Function, Module, Stmt};
use std::collections::BTreeMap;

/// Functions and methods that choose nothing: they hand out parts or other forms of what they are given, keep it, print it, or
/// are `DynamoDB`'s own.
const INERT: &str = "
append copy debug dict dumps enumerate error exception extend format get get_query_string_value getenv info items join keys
len list loads lower lstrip pop print range rstrip set sorted split str strip title tuple unquote unquote_plus upper values
warning zip
Attr Key Table and_ attribute_exists attribute_not_exists batch_get_item begins_with between client contains delete_item eq
execute_statement get_item get_paginator gt gte lt lte not_exists paginate put_item query resource scan
transact_write_items update_item
";
/// Decorators that hand the event on as it came: Powertools' and routes.
const INERT_DECORATORS: [&str; 10] = [
    "inject_lambda_context",
    "capture_lambda_handler",
    "capture_method",
    "log_metrics",
    "route",
    "get",
    "post",
    "put",
    "patch",
    "delete",
];
/// Annotations that ask nothing of a value.
const INERT_TYPES: [&str; 9] = ["str", "dict", "list", "Any", "Dict", "List", "Mapping", "LambdaContext", "object"];

/// Functions within each other that are looked through.
const MAX_DEPTH: usize = 10;

/// What in a function may choose.
#[derive(Debug, Default)]
pub(super) struct Choices {
    /// The function as a whole does.
    everywhere: bool,
    /// Where the first such expression begins.
    first: Option<u32>,
    /// Calls of functions that aren't known to be inert, with where they begin.
    calls: Vec<(u32, ExprId)>,
}

impl Lineage<'_, '_> {
    /// Whether the functions on a way, up to where it leaves each of them, only hand on what they have.
    pub fn is_unchosen(&mut self, way: &[(InstanceId, ExprId)]) -> bool {
        let mut ends: BTreeMap<InstanceId, u32> = BTreeMap::new();
        for (at, expr) in way {
            let end = self.module(*at).expr(*expr).range.end;
            ends.entry(*at).and_modify(|known| *known = end.max(*known)).or_insert(end);
        }
        ends.iter().all(|(at, end)| {
            let choices = self.choices(*at);
            !choices.everywhere
                && choices.first.is_none_or(|first| first >= *end)
                && choices.calls.iter().take_while(|(start, _)| start < end).all(|(_, call)| {
                    let callees = self.callees(*at, *call);
                    let on_the_way = |callee: &InstanceId| ends.contains_key(callee);
                    !callees.is_empty() && callees.iter().all(|id| on_the_way(id) || self.hands_on(*id, MAX_DEPTH))
                })
        })
    }

    /// The contexts that a call leads to.
    fn callees(&self, at: InstanceId, call: ExprId) -> Vec<InstanceId> {
        let sites = self.machine.calls.get(&at).into_iter().flatten();
        sites.filter(|(_, _, site)| *site == Some(call)).map(|(callee, ..)| *callee).collect()
    }

    /// Whether nothing that a function does, or one that it calls, can choose.
    fn hands_on(&mut self, id: InstanceId, depth: usize) -> bool {
        if let Some(known) = self.inert.get(&id) {
            return *known;
        }
        let Some(depth) = depth.checked_sub(1) else { return false };
        // What calls itself is taken as choosing.
        self.inert.insert(id, false);
        let choices = self.choices(id);
        let hands_on = !choices.everywhere
            && choices.first.is_none()
            && choices.calls.iter().all(|(_, call)| {
                let callees = self.callees(id, *call);
                !callees.is_empty() && callees.into_iter().all(|callee| self.hands_on(callee, depth))
            });
        self.inert.insert(id, hands_on);
        hands_on
    }
}

impl Choices {
    pub fn of(module: &Module, function: &Function) -> Self {
        let mut choices = Self { everywhere: !is_open(module, function), ..Self::default() };
        for (id, expr) in module.exprs_in(function.range) {
            let start = expr.range.start;
            match &expr.kind {
                ExprKind::Call(callee, _) if !is_inert(module, *callee) => choices.calls.push((start, id)),
                kind if chooses(module, kind) => {
                    choices.first = Some(choices.first.map_or(start, |first| first.min(start)));
                }
                _ => {}
            }
        }
        choices.calls.sort_unstable();
        choices
    }
}

/// Whether a function takes whatever comes: nothing wraps it that might choose, no type does, and no `match`.
fn is_open(module: &Module, function: &Function) -> bool {
    let last = |expr: ExprId| match module.expr(expr).kind {
        ExprKind::Name(_, name) | ExprKind::Attr(_, name) => module.name(name),
        _ => "",
    };
    let spelled = |expr: ExprId| match module.expr(expr).kind {
        ExprKind::Call(inner, _) | ExprKind::Subscript(inner, _) => last(inner),
        _ => last(expr),
    };
    function.decorators.iter().all(|decorator| INERT_DECORATORS.contains(&spelled(*decorator)))
        && function.params.iter().filter_map(|param| param.annotation).all(|a| INERT_TYPES.contains(&spelled(a)))
        && !matches_anything(&function.body)
}

fn matches_anything(block: &Block) -> bool {
    block.holds(&|stmt| matches!(stmt, Stmt::Match { .. }))
}

/// Whether an expression may tell what it is given apart: a comparison, a lookup, what is left of a set.
fn chooses(module: &Module, kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Compare(first, rest) => {
            let is_none = |expr: ExprId| matches!(module.expr(expr).kind, ExprKind::None);
            let absence = rest.iter().all(|(op, operand)| {
                matches!(op, CompareOp::Is | CompareOp::IsNot) && (is_none(*operand) || is_none(*first))
            });
            !absence
        }
        ExprKind::Subscript(_, index) => !matches!(
            module.expr(*index).kind,
            ExprKind::Str(_) | ExprKind::Int(_) | ExprKind::Slice(..) | ExprKind::Unary(..)
        ),
        ExprKind::Binary(BinaryOp::Sub | BinaryOp::BitAnd | BinaryOp::BitXor, ..) => true,
        _ => false,
    }
}

/// Whether what is called is known to choose nothing. `loads` is only where JSON is read: schemas have one, too.
fn is_inert(module: &Module, callee: ExprId) -> bool {
    let (name, object) = match module.expr(callee).kind {
        ExprKind::Name(_, name) => (module.name(name), None),
        ExprKind::Attr(object, name) => (module.name(name), Some(object)),
        _ => return false,
    };
    let of_json = |object: ExprId| match module.expr(object).kind {
        ExprKind::Name(_, name) => matches!(module.name(name), "json" | "simplejson" | "orjson" | "ujson"),
        _ => false,
    };
    INERT.split_whitespace().any(|known| known == name) && (name != "loads" || object.is_none_or(of_json))
}
