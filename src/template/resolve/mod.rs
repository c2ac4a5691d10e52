//! Intrinsic functions, resolved to sets of possible values.
//!
//! Conditions aren't known at audit time, so a value is a list of alternatives, each with the conditions that it
//! assumes; alternatives whose assumptions contradict each other are dropped. What can't be known is a hole.

mod condition;
mod exclusive;
mod list;
mod published;
mod scope;
mod setting;
mod string;
mod substitute;
#[cfg(test)]
mod tests;

pub(crate) use scope::{Input, Nested, Place, Scopes};
pub(crate) use setting::collect;

use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::source::{Span, Spanned};
use crate::template::Diagnostic;
use crate::template::document::{Document, NodeId, Value};
use scope::Scope;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;
pub(super) use substitute::variables;

/// Alternatives that one value may have; beyond, it is unknown.
const MAX_ALTERNATIVES: usize = 64;
/// Nodes that the resolver may look at in one template, counted with repetition.
const FUEL: u32 = 2_000_000;

/// What a property is on one branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Got<T> {
    /// Nothing: absent, null, or `AWS::NoValue`.
    Unset,
    /// This.
    Is(T),
    /// Something that can't be known.
    Unknown(Span),
}

/// One branch of a value.
#[derive(Debug, Clone)]
pub(crate) struct Alt<'d, T> {
    /// The value there.
    pub got: Got<T>,
    /// What the branch assumes.
    pub when: When<'d>,
}

/// Conditions with the values that a branch assumes of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct When<'d>(Vec<(Condition<'d>, bool)>);

/// A condition of one of the run's stacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Condition<'d> {
    stack: u32,
    name: &'d str,
}

impl<'d> When<'d> {
    /// Whether it assumes nothing.
    pub fn is_always(&self) -> bool {
        self.0.is_empty()
    }

    /// Both assumptions, unless they contradict each other.
    pub fn and(&self, other: &Self) -> Option<Self> {
        other.0.iter().try_fold(self.clone(), |when, (condition, value)| when.with(*condition, *value))
    }

    fn with(mut self, condition: Condition<'d>, value: bool) -> Option<Self> {
        if let Some((_, known)) = self.0.iter().find(|(known, _)| *known == condition) {
            return (*known == value).then_some(self);
        }
        self.0.push((condition, value));
        Some(self)
    }
}

/// Resolves the values of one template, following them into the templates that it nests and that nest it.
pub(crate) struct Resolver<'d> {
    pub doc: &'d Document,
    pub stack: u32,
    scopes: &'d Scopes<'d>,
    scope: &'d Scope<'d>,
    run: Rc<Run>,
}

/// What resolving one template has used up and found, wherever its values led.
struct Run {
    fuel: Cell<u32>,
    diagnostics: RefCell<Vec<Diagnostic>>,
    /// Values in other templates that are being looked at.
    followed: RefCell<Vec<Place>>,
}

impl<'d> Resolver<'d> {
    /// A resolver for one stack.
    pub fn new(scopes: &'d Scopes<'d>, stack: u32) -> Self {
        let run = Run { fuel: Cell::new(FUEL), diagnostics: RefCell::default(), followed: RefCell::default() };
        Self::of(scopes, stack, Rc::new(run))
    }

    fn of(scopes: &'d Scopes<'d>, stack: u32, run: Rc<Run>) -> Self {
        let scope = scopes.scope(stack);
        Self { doc: scope.doc, stack, scopes, scope, run }
    }

    /// Whether two conditions of this stack can't both hold.
    pub fn exclusive(&self, a: &str, b: &str) -> bool {
        self.scope.forms.exclusive(a, b)
    }

    /// Whether the template was too large to resolve to its end.
    pub fn exhausted(&self) -> bool {
        self.run.fuel.get() == 0
    }

    /// Takes `amount` from what may still be looked at; false if that is spent.
    pub fn spend(&self, amount: usize) -> bool {
        let left = self.run.fuel.get().saturating_sub(u32::try_from(amount).unwrap_or(u32::MAX));
        self.run.fuel.set(left);
        left > 0
    }

    /// Notes something odd.
    pub fn report(&self, diagnostic: Diagnostic) {
        self.run.diagnostics.borrow_mut().push(diagnostic);
    }

    /// What was odd, in the order of the text, each once.
    pub fn take_diagnostics(&self) -> Vec<Diagnostic> {
        let mut all = self.run.diagnostics.take();
        all.sort_by(|a, b| (a.span, &a.message).cmp(&(b.span, &b.message)));
        all.dedup();
        all
    }

    /// A mapping's value by key, paid for by the mapping's length: of lookups there may be as many as entries.
    fn looked_up(&self, map: NodeId, key: &str) -> Option<NodeId> {
        self.spend(self.doc.entries(map).len()).then(|| self.doc.get(map, key))?
    }

    /// Whether nothing that the run knows of sets a parameter.
    pub fn keeps_default(&self, parameter: &str) -> bool {
        self.scope.keeps_default(parameter)
    }

    /// Whether a resource stands for a template of the run.
    pub fn nests(&self, id: &str) -> bool {
        self.scope.nested(id).is_some()
    }

    /// The type of a resource of this stack.
    pub fn type_of(&self, id: &str) -> Option<&str> {
        self.scope.type_of(id)
    }

    /// The type of a resource of any stack of the run.
    pub fn type_of_resource(&self, resource: &ResourceRef) -> Option<&str> {
        self.scopes.type_of(resource)
    }

    /// The branches of a node: `Fn::If` taken apart, `AWS::NoValue` and null as unset.
    pub fn branches(&self, node: NodeId, when: &When<'d>) -> Vec<Alt<'d, NodeId>> {
        let mut out = Vec::new();
        self.collect_branches(node, when, &mut out);
        out
    }

    fn collect_branches(&self, node: NodeId, when: &When<'d>, out: &mut Vec<Alt<'d, NodeId>>) {
        let doc = self.doc;
        if out.len() >= MAX_ALTERNATIVES || !self.spend(1) {
            out.push(Alt { got: Got::Unknown(doc.span(node)), when: when.clone() });
            return;
        }
        if let Some(call) = doc.intrinsic(node) {
            if &*call.key == "Fn::If"
                && let [condition, yes, no] = *doc.items(call.value)
                && let Value::Scalar(condition) = doc.value(condition)
            {
                for (value, branch) in [(true, yes), (false, no)] {
                    if self.scope.conditions.get(&*condition.text).is_some_and(|known| *known != value) {
                        continue;
                    }
                    let (name, value) = self.scope.forms.canonical(&condition.text, value);
                    let condition = Condition { stack: self.stack, name };
                    if let Some(when) = when.clone().with(condition, value) {
                        self.collect_branches(branch, &when, out);
                    }
                }
                return;
            }
            if &*call.key == "Ref" && doc.text(call.value).as_deref() == Some("AWS::NoValue") {
                out.push(Alt { got: Got::Unset, when: when.clone() });
                return;
            }
        }
        let got = if doc.is_null(node) { Got::Unset } else { Got::Is(node) };
        out.push(Alt { got, when: when.clone() });
    }

    /// A property below `node`, on every branch of every step.
    pub fn property(&self, node: Option<NodeId>, path: &[&str]) -> Vec<Alt<'d, NodeId>> {
        let always = When::default();
        let mut alts = match node {
            Some(node) => self.branches(node, &always),
            None => vec![Alt { got: Got::Unset, when: always }],
        };
        for key in path {
            alts = alts.into_iter().flat_map(|alt| self.step(alt, key)).collect();
        }
        alts
    }

    /// One step of [`Resolver::property`].
    pub fn step(&self, alt: Alt<'d, NodeId>, key: &str) -> Vec<Alt<'d, NodeId>> {
        let Got::Is(node) = alt.got else { return vec![alt] };
        let got = match self.doc.value(node) {
            Value::Mapping(_) if self.doc.intrinsic(node).is_none() => match self.doc.get(node, key) {
                Some(value) => return self.branches(value, &alt.when),
                None => Got::Unset,
            },
            _ => Got::Unknown(self.doc.span(node)),
        };
        vec![Alt { got, when: alt.when }]
    }

    /// The items of a list, each on its own branches; a lone item counts as a list of one.
    pub fn items(&self, list: Vec<Alt<'d, NodeId>>) -> Vec<Alt<'d, NodeId>> {
        let mut out = Vec::new();
        for alt in list {
            match alt.got {
                Got::Is(node) => match self.doc.value(node) {
                    Value::Sequence(items) => {
                        out.extend(items.iter().flat_map(|item| self.branches(*item, &alt.when)));
                    }
                    _ => out.push(alt),
                },
                _ => out.push(alt),
            }
        }
        out
    }

    /// The strings that a node may be. A parameter gives its default and a hole, since it may be set to anything.
    pub fn strings(&self, node: NodeId, when: &When<'d>) -> Vec<Alt<'d, Spanned<Symbolic>>> {
        self.evaluate(node, when, string::Whole::Yes)
    }

    /// The strings that a node may be as a piece of a longer one: a parameter is a hole.
    pub fn pieces_of(&self, node: NodeId, when: &When<'d>) -> Vec<Alt<'d, Spanned<Symbolic>>> {
        self.evaluate(node, when, string::Whole::No)
    }

    /// [`Resolver::strings`] of every branch of a property, without those that are unset or unknown.
    pub fn known_strings(&self, alts: Vec<Alt<'d, NodeId>>) -> Vec<Spanned<Symbolic>> {
        let mut out: Vec<Spanned<Symbolic>> = Vec::new();
        let mut seen = BTreeSet::new();
        for alt in alts {
            let Got::Is(node) = alt.got else { continue };
            for found in self.strings(node, &alt.when) {
                if let Got::Is(value) = found.got
                    && seen.insert(value.value.clone())
                {
                    out.push(value);
                }
            }
        }
        out
    }
}
