//! Text from outside that becomes part of an expression, told from the code's text: an f-string, `%`, `+`, `format` or `join`
//! with something of the handler's event in it.
//!
//! Follows plain ways only: parts of the event, decoded JSON, names, loops, arguments and returns of the program's own functions;
//! and only through code that does nothing else with what it has. Placeholders (`#{name}`, `:{name}`) aren't text.

use super::heap::InstanceId;
use super::lineage::Lineage;
use super::origin::returns;
use crate::python::bindings::{Binding, Variable};
use crate::python::ir::{Arg, BinaryOp, ExprId, ExprKind, FPart, Module};
use crate::source::Span;
use std::collections::BTreeSet;

/// Expressions that are looked at for one parameter.
const MAX_STEPS: usize = 400;
/// Expressions within each other, calls included.
const MAX_DEPTH: usize = 40;
/// Methods that hand out a part of the data, or nearly the same.
const PARTS: [&str; 12] = [
    "get",
    "pop",
    "keys",
    "values",
    "items",
    "copy",
    "strip",
    "lower",
    "upper",
    "title",
    "split",
    "get_query_string_value",
];
/// Functions that hand out what they are given in another form.
const FORMS: [&str; 9] = ["loads", "str", "list", "set", "sorted", "dict", "tuple", "unquote", "unquote_plus"];
/// Requests of frameworks, by the attribute that holds them: Powertools, Chalice.
const REQUESTS: [&str; 2] = ["current_event", "current_request"];
/// Parts of an event that the service writes, and nobody who sends it.
const OF_THE_SERVICE: [&str; 11] = [
    "requestContext",
    "httpMethod",
    "routeKey",
    "resource",
    "triggerSource",
    "info",
    "identity",
    "version",
    "eventName",
    "eventSource",
    "stageVariables",
];
/// Methods that leave text as it is in what matters.
const TRIMS: [&str; 5] = ["strip", "rstrip", "lstrip", "lower", "upper"];

/// Text from outside in an expression.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Injection {
    /// The parameter of the call.
    pub parameter: &'static str,
    /// What is put into the text.
    pub hole: Span,
    /// Where it comes in: the handler's name, or the framework's request.
    pub source: Span,
}

/// A search in the making.
struct Search {
    steps: usize,
    found: Vec<(Span, Span)>,
    /// All that was looked at.
    way: Vec<At>,
}

type At = (InstanceId, ExprId);

impl<'p> Lineage<'_, 'p> {
    /// Text from outside in the expressions of a call.
    pub fn injections(&mut self, at: InstanceId, call: ExprId) -> BTreeSet<Injection> {
        let mut out = BTreeSet::new();
        for (parameter, text) in self.expressions(at, call) {
            let mut search = Search { steps: MAX_STEPS, found: Vec::new(), way: vec![(at, call)] };
            self.text((at, text), "", MAX_DEPTH, &mut search);
            if !search.found.is_empty() && !self.is_unchosen(&search.way) {
                continue;
            }
            out.extend(search.found.into_iter().map(|(hole, source)| Injection { parameter, hole, source }));
        }
        out
    }

    /// Looks for what is put into a text. `before` is what stands before it.
    fn text(&mut self, (at, text): At, before: &str, depth: usize, search: &mut Search) {
        let (Some(depth), Some(steps)) = (depth.checked_sub(1), search.steps.checked_sub(1)) else { return };
        search.steps = steps;
        search.way.push((at, text));
        let module = self.module(at);
        match &module.expr(text).kind {
            ExprKind::FString(parts) => {
                let mut before = before.to_owned();
                for part in parts {
                    match part {
                        FPart::Text(text) => before.push_str(text),
                        FPart::Expr(hole) => {
                            self.hole((at, *hole), &before, depth, search);
                            before.push('x');
                        }
                        FPart::Format(_) => {}
                    }
                }
            }
            ExprKind::Binary(BinaryOp::Add, left, right) => {
                for (part, before) in [(*left, before.to_owned()), (*right, self.spelled(at, *left, before))] {
                    match module.expr(part).kind {
                        ExprKind::FString(_) | ExprKind::Binary(..) => self.text((at, part), &before, depth, search),
                        _ => self.hole((at, part), &before, depth, search),
                    }
                }
            }
            ExprKind::Binary(BinaryOp::Mod, template, given) => {
                let given = match &module.expr(*given).kind {
                    ExprKind::Tuple(items) => items.clone(),
                    _ => vec![*given],
                };
                self.template((at, *template), "%s", &given, depth, search);
            }
            ExprKind::Call(callee, args) => self.called((at, text), (*callee, args), depth, search),
            ExprKind::Subscript(whole, part) if matches!(module.expr(*part).kind, ExprKind::Slice(..)) => {
                self.text((at, *whole), before, depth, search);
            }
            ExprKind::If { then, otherwise, .. } => {
                self.text((at, *then), before, depth, search);
                self.text((at, *otherwise), before, depth, search);
            }
            ExprKind::Or(first, second) => {
                self.text((at, *first), before, depth, search);
                self.text((at, *second), before, depth, search);
            }
            ExprKind::Name(..) => {
                for (text, whole) in self.bound(at, text) {
                    if whole {
                        self.text(text, before, depth, search);
                    } else {
                        self.text(text, "", depth, search);
                    }
                }
            }
            _ => {}
        }
    }

    /// Text that a call makes.
    fn called(&mut self, (at, call): At, (callee, args): (ExprId, &'p [Arg]), depth: usize, search: &mut Search) {
        let module = self.module(at);
        if let ExprKind::Attr(object, method) = module.expr(callee).kind {
            match (module.name(method), args) {
                ("format", _) => {
                    let given: Vec<ExprId> = args.iter().map(Arg::value).collect();
                    self.template((at, object), "{", &given, depth, search);
                    return;
                }
                ("join", [Arg::Positional(list)]) => {
                    self.joined((at, *list), depth, search);
                    return;
                }
                (trim, _) if TRIMS.contains(&trim) => {
                    self.text((at, object), "", depth, search);
                    return;
                }
                _ => {}
            }
        }
        for returned in self.returned(at, call) {
            self.text(returned, "", depth, search);
        }
    }

    /// What is put into a template, if each of its holes takes the next of what is given.
    fn template(&mut self, (at, template): At, mark: &str, given: &[ExprId], depth: usize, search: &mut Search) {
        let module = self.module(at);
        let template = match module.expr(template).kind {
            ExprKind::Name(..) => {
                let variable = self.variable(at, template);
                variable.and_then(|variable| self.bindings(at).only_constant(variable)).unwrap_or(template)
            }
            _ => template,
        };
        let ExprKind::Str(text) = &module.expr(template).kind else { return };
        let pieces: Vec<&str> = text.split(mark).collect();
        if pieces.len() != given.len() + 1 {
            return;
        }
        let mut before = String::new();
        for (piece, hole) in pieces.iter().zip(given) {
            before.push_str(piece.strip_prefix('}').unwrap_or(piece));
            self.hole((at, *hole), &before, depth, search);
            before.push('x');
        }
    }

    /// The elements of a list that is joined.
    fn joined(&mut self, (at, list): At, depth: usize, search: &mut Search) {
        search.way.push((at, list));
        let module = self.module(at);
        match &module.expr(list).kind {
            ExprKind::List(items) | ExprKind::Tuple(items) => {
                items.iter().for_each(|item| self.hole((at, *item), "", depth, search));
            }
            ExprKind::Comprehension(comprehension) => self.hole((at, comprehension.element), "", depth, search),
            ExprKind::Name(..) => {
                let bindings = self.bindings(at);
                let Some(variable) = self.variable(at, list) else { return };
                let Some(inner) = depth.checked_sub(1) else { return };
                let is_made =
                    |binding: &&Binding| matches!(binding, Binding::Value(_) | Binding::Unknown | Binding::Part(..));
                // Made anew, it may be of placeholders.
                if bindings.of(variable).iter().filter(is_made).count() > 1 {
                    return;
                }
                for binding in bindings.of(variable) {
                    match binding {
                        Binding::Value(value) | Binding::Grown(value, _) => {
                            self.joined((at, *value), inner, search);
                        }
                        Binding::Item(item, _) => self.hole((at, *item), "", inner, search),
                        _ => {}
                    }
                }
            }
            _ => self.hole((at, list), "", depth, search),
        }
    }

    /// Something that is put into a text after `before`.
    fn hole(&mut self, (at, hole): At, before: &str, depth: usize, search: &mut Search) {
        if is_placeholder(before) {
            return;
        }
        if let Some(source) = self.outside((at, hole), depth, search) {
            let place = self.machine.span(self.machine.instance(at).module, hole);
            search.found.push((place, source));
        } else {
            self.text((at, hole), before, depth, search);
        }
    }

    /// Where data comes in, if it is a part of the event that nobody chose.
    fn outside(&mut self, (at, expr): At, depth: usize, search: &mut Search) -> Option<Span> {
        let (depth, steps) = (depth.checked_sub(1)?, search.steps.checked_sub(1)?);
        search.steps = steps;
        search.way.push((at, expr));
        let module = self.module(at);
        match &module.expr(expr).kind {
            ExprKind::Name(..) => self.outside_name((at, expr), depth, search),
            ExprKind::Attr(object, name) => {
                let name = module.name(*name);
                if REQUESTS.contains(&name) {
                    return Some(self.machine.span(self.machine.instance(at).module, expr));
                }
                self.outside((at, *object), depth, search)
            }
            ExprKind::Subscript(object, key) if !matches!(module.expr(*key).kind, ExprKind::Slice(..)) => {
                if is_of_the_service(module, *key) {
                    return None;
                }
                self.outside((at, *object), depth, search)
            }
            ExprKind::Await(inner) => self.outside((at, *inner), depth, search),
            ExprKind::Or(first, second) | ExprKind::If { then: first, otherwise: second, .. } => {
                self.outside((at, *first), depth, search).or_else(|| self.outside((at, *second), depth, search))
            }
            ExprKind::Call(callee, args) => {
                let first = args.first().map(Arg::value);
                match module.expr(*callee).kind {
                    ExprKind::Attr(object, name) if PARTS.contains(&module.name(name)) => {
                        if first.is_some_and(|key| is_of_the_service(module, key)) {
                            return None;
                        }
                        self.outside((at, object), depth, search)
                    }
                    ExprKind::Attr(_, name) | ExprKind::Name(_, name) if FORMS.contains(&module.name(name)) => {
                        self.outside((at, first?), depth, search)
                    }
                    _ => {
                        let returned = self.returned(at, expr);
                        returned.into_iter().find_map(|returned| self.outside(returned, depth, search))
                    }
                }
            }
            _ => None,
        }
    }

    fn outside_name(&mut self, (at, name): At, depth: usize, search: &mut Search) -> Option<Span> {
        let module = self.module(at);
        let variable = self.variable(at, name)?;
        let bindings = self.bindings(at);
        if bindings.is_parameter_only(variable) {
            if let Some(source) = self.event(at, variable) {
                return Some(source);
            }
            let given = self.arguments(at, variable);
            return given.into_iter().find_map(|given| self.outside((given.at, given.value), depth, search));
        }
        // Whatever else the variable is bound to may be a choice of what passes: `body = {k: body[k] for k in ALLOWED}`.
        let mut source = None;
        for binding in bindings.of(variable) {
            let part = match binding {
                Binding::Value(value) if is_constant(module, *value) => continue,
                Binding::Handed | Binding::Item(..) | Binding::Grown(..) => continue,
                Binding::Value(value) | Binding::Element(value) => *value,
                Binding::ElementPart(value, part) => mapped(module, *value, *part)?,
                Binding::Part(..) | Binding::Unknown => return None,
            };
            source = Some(self.outside((at, part), depth, search)?);
        }
        source
    }

    /// The handler, if the variable is its event.
    fn event(&self, at: InstanceId, variable: Variable) -> Option<Span> {
        if !self.handlers.contains(&at) {
            return None;
        }
        let instance = self.machine.instance(at);
        let function = self.machine.function(instance.module, instance.function);
        let first = function.params.get(usize::from(function.class.is_some()))?;
        let is_event = variable == Variable::Local(instance.function, first.slot);
        is_event.then(|| self.machine.name_span(instance.module, instance.function))
    }

    /// Texts that a variable may hold, each with whether it is all of it.
    fn bound(&mut self, at: InstanceId, name: ExprId) -> Vec<(At, bool)> {
        let module = self.module(at);
        let Some(variable) = self.variable(at, name) else { return Vec::new() };
        let bindings = self.bindings(at);
        if bindings.is_parameter_only(variable) {
            let given = self.arguments(at, variable);
            return given.into_iter().map(|given| ((given.at, given.value), true)).collect();
        }
        let mut texts = Vec::new();
        for binding in bindings.of(variable) {
            match binding {
                Binding::Value(value) => texts.push(((at, *value), true)),
                Binding::Grown(value, _) => texts.push(((at, *value), false)),
                Binding::Part(value, part) => {
                    let wholes = match module.expr(*value).kind {
                        ExprKind::Call(..) => self.returned(at, *value),
                        _ => vec![(at, *value)],
                    };
                    texts.extend(wholes.into_iter().filter_map(
                        |(at, whole)| match &self.module(at).expr(whole).kind {
                            ExprKind::Tuple(items) => Some(((at, *items.get(*part)?), true)),
                            _ => None,
                        },
                    ));
                }
                _ => {}
            }
        }
        texts
    }

    /// What the program's own functions return to a call.
    fn returned(&self, at: InstanceId, call: ExprId) -> Vec<At> {
        let mut out = Vec::new();
        for (callee, _, site) in self.machine.calls.get(&at).into_iter().flatten() {
            if *site != Some(call) {
                continue;
            }
            let instance = self.machine.instance(*callee);
            let function = self.machine.function(instance.module, instance.function);
            if function.is_generator || !function.decorators.is_empty() {
                continue;
            }
            out.extend(returns(function).into_iter().map(|value| (*callee, value)));
        }
        out
    }

    /// An expression's text as far as it is spelled out; `x` stands for the rest.
    fn spelled(&self, at: InstanceId, expr: ExprId, before: &str) -> String {
        let module = self.module(at);
        let mut out = before.to_owned();
        let mut parts = vec![expr];
        let mut left = MAX_STEPS;
        while let (Some(part), Some(fewer)) = (parts.pop(), left.checked_sub(1)) {
            left = fewer;
            match &module.expr(part).kind {
                ExprKind::Str(text) => out.push_str(text),
                ExprKind::Binary(BinaryOp::Add, a, b) => parts.extend([*b, *a]),
                ExprKind::FString(pieces) => pieces.iter().for_each(|piece| match piece {
                    FPart::Text(text) => out.push_str(text),
                    FPart::Expr(_) => out.push('x'),
                    FPart::Format(_) => {}
                }),
                _ => out.push('x'),
            }
        }
        out
    }
}

fn is_constant(module: &Module, value: ExprId) -> bool {
    match &module.expr(value).kind {
        ExprKind::None | ExprKind::Int(_) | ExprKind::Bool(_) => true,
        // A placeholder takes the place of what came.
        ExprKind::Str(text) => !text.contains(['#', ':']),
        _ => false,
    }
}

/// Whether a key names what the service writes.
fn is_of_the_service(module: &Module, key: ExprId) -> bool {
    matches!(&module.expr(key).kind, ExprKind::Str(text) if OF_THE_SERVICE.contains(&&**text))
}

/// The mapping whose items a loop goes through, or the list whose elements it counts.
fn mapped(module: &Module, iterable: ExprId, part: usize) -> Option<ExprId> {
    let ExprKind::Call(callee, args) = &module.expr(iterable).kind else { return None };
    match (&module.expr(*callee).kind, part) {
        (ExprKind::Attr(object, method), _) if module.name(*method) == "items" => Some(*object),
        (ExprKind::Name(_, function), 1) if module.name(*function) == "enumerate" => Some(args.first()?.value()),
        _ => None,
    }
}

/// Whether a text goes on with the name of a placeholder: `SET #`, `= :new_`.
fn is_placeholder(before: &str) -> bool {
    before.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').ends_with(['#', ':'])
}

#[cfg(test)]
mod tests {
    use super::is_placeholder;

    #[test]
    fn names_of_placeholders() {
        for before in ["SET #", "a = :", "a = :new_", "#x"] {
            assert!(is_placeholder(before), "{before}");
        }
        for before in ["", "SET ", "SET #x.", "a = :a, ", "SET #x = "] {
            assert!(!is_placeholder(before), "{before}");
        }
    }
}
