//! Conditions that can be known: those that only depend on parameters given on the command line.

use super::Resolver;
use crate::template::document::{Entry, NodeId};
use std::collections::BTreeMap;

/// Conditions that refer to conditions that refer to conditions: deeper than anybody writes them.
const MAX_REFERENCES: u32 = 32;

/// The template's conditions, each decided at most once.
struct Conditions<'d> {
    all: BTreeMap<&'d str, NodeId>,
    /// `None` is one that can't be known, or that is being decided.
    decided: BTreeMap<&'d str, Option<bool>>,
}

impl<'d> Resolver<'d> {
    pub(super) fn known_conditions(&self, entries: &'d [Entry]) -> BTreeMap<&'d str, bool> {
        if self.parameters.values().all(|parameter| parameter.given.is_none()) {
            return BTreeMap::new();
        }
        let all = entries.iter().map(|entry| (&*entry.key, entry.value)).collect();
        let mut conditions = Conditions { all, decided: BTreeMap::new() };
        for entry in entries {
            self.decide(&entry.key, &mut conditions, MAX_REFERENCES);
        }
        conditions.decided.into_iter().filter_map(|(name, holds)| Some((name, holds?))).collect()
    }

    fn decide(&self, name: &str, conditions: &mut Conditions<'d>, depth: u32) -> Option<bool> {
        let (name, node) = conditions.all.get_key_value(name).map(|(name, node)| (*name, *node))?;
        if let Some(decided) = conditions.decided.get(name) {
            return *decided;
        }
        conditions.decided.insert(name, None);
        let holds = self.holds(node, conditions, depth.checked_sub(1)?);
        conditions.decided.insert(name, holds);
        holds
    }

    fn holds(&self, node: NodeId, conditions: &mut Conditions<'d>, depth: u32) -> Option<bool> {
        if !self.spend(1) {
            return None;
        }
        let call = self.doc.single(node)?;
        let items = self.doc.items(call.value);
        match (&*call.key, items) {
            ("Condition", _) => self.decide(&self.doc.text(call.value)?, conditions, depth),
            ("Fn::Not", [item]) => Some(!self.holds(*item, conditions, depth)?),
            ("Fn::Equals", [a, b]) => Some(self.given_text(*a)? == self.given_text(*b)?),
            // One operand may decide it, whatever the others are.
            ("Fn::And" | "Fn::Or", items) => {
                let decisive = &*call.key == "Fn::Or";
                let all: Vec<_> = items.iter().map(|item| self.holds(*item, conditions, depth)).collect();
                if all.contains(&Some(decisive)) {
                    Some(decisive)
                } else {
                    all.into_iter().collect::<Option<Vec<_>>>().map(|_| !decisive)
                }
            }
            _ => None,
        }
    }

    /// A literal, or a parameter that was given.
    fn given_text(&self, node: NodeId) -> Option<String> {
        match self.doc.single(node) {
            Some(call) if &*call.key == "Ref" => self.parameters.get(&*self.doc.text(call.value)?)?.given.clone(),
            _ => self.doc.text(node).map(Into::into),
        }
    }
}
