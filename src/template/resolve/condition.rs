//! Conditions that can be known: those that only depend on parameters given on the command line, or passed as text by
//! the template that nests this one.

use super::scope::{Scope, Scopes};
use crate::template::document::NodeId;
use std::collections::BTreeMap;

/// Conditions that refer to conditions that refer to conditions: deeper than anybody writes them.
const MAX_REFERENCES: u32 = 32;
/// Nodes that are looked at in one template's conditions, counted with repetition.
const FUEL: u32 = 200_000;

/// A template's conditions, each decided at most once.
struct Conditions<'s, 'd> {
    scopes: &'s Scopes<'d>,
    scope: &'s Scope<'d>,
    stack: u32,
    all: BTreeMap<&'d str, NodeId>,
    /// `None` is one that can't be known, or that is being decided.
    decided: BTreeMap<&'d str, Option<bool>>,
    fuel: u32,
}

/// The conditions of a stack that can be known.
pub(super) fn known<'d>(scopes: &Scopes<'d>, stack: u32) -> BTreeMap<&'d str, bool> {
    let scope = scopes.scope(stack);
    if !scope.is_nested() && scope.parameters.values().all(|parameter| parameter.given.is_none()) {
        return BTreeMap::new();
    }
    let doc = scope.doc;
    let entries = doc.get(doc.root(), "Conditions").map_or(&[][..], |node| doc.entries(node));
    let all = entries.iter().map(|entry| (&*entry.key, entry.value)).collect();
    let mut conditions = Conditions { scopes, scope, stack, all, decided: BTreeMap::new(), fuel: FUEL };
    for entry in entries {
        conditions.decide(&entry.key, MAX_REFERENCES);
    }
    conditions.decided.into_iter().filter_map(|(name, holds)| Some((name, holds?))).collect()
}

impl Conditions<'_, '_> {
    fn decide(&mut self, name: &str, depth: u32) -> Option<bool> {
        let (name, node) = self.all.get_key_value(name).map(|(name, node)| (*name, *node))?;
        if let Some(decided) = self.decided.get(name) {
            return *decided;
        }
        self.decided.insert(name, None);
        let holds = self.holds(node, depth.checked_sub(1)?);
        self.decided.insert(name, holds);
        holds
    }

    fn holds(&mut self, node: NodeId, depth: u32) -> Option<bool> {
        self.fuel = self.fuel.checked_sub(1)?;
        let doc = self.scope.doc;
        let call = doc.single(node)?;
        let items = doc.items(call.value);
        match (&*call.key, items) {
            ("Condition", _) => self.decide(&doc.text(call.value)?, depth),
            ("Fn::Not", [item]) => Some(!self.holds(*item, depth)?),
            ("Fn::Equals", [a, b]) => Some(self.certain_text(*a)? == self.certain_text(*b)?),
            // One operand may decide it, whatever the others are.
            ("Fn::And" | "Fn::Or", items) => {
                let decisive = &*call.key == "Fn::Or";
                let all: Vec<_> = items.iter().map(|item| self.holds(*item, depth)).collect();
                if all.contains(&Some(decisive)) {
                    Some(decisive)
                } else {
                    all.into_iter().collect::<Option<Vec<_>>>().map(|_| !decisive)
                }
            }
            _ => None,
        }
    }

    /// A literal, or a parameter whose text is certain.
    fn certain_text(&self, node: NodeId) -> Option<String> {
        let doc = self.scope.doc;
        match doc.single(node) {
            Some(call) if &*call.key == "Ref" => self.scopes.certain_text(self.stack, &doc.text(call.value)?),
            _ => doc.text(node).map(Into::into),
        }
    }
}
