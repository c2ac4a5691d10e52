//! `Key("PK").eq(x) & Key("SK").begins_with(y)`, and the string and legacy forms of key conditions.

use crate::dynamodb::expression::parse_key_condition;
use crate::flow::Equalities;
use crate::flow::call::Args;
use crate::flow::heap::{InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::record::common;
use crate::flow::value::{Atom, Sym, Val};
use crate::python::ir::BinaryOp;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// Interned condition objects: for each, the attributes that must equal something; `None` if that can't be told.
#[derive(Debug, Default)]
pub(in crate::flow) struct Conditions {
    all: Vec<Option<BTreeSet<Sym>>>,
    index: FxHashMap<Option<BTreeSet<Sym>>, u32>,
}

impl Conditions {
    fn intern(&mut self, equal: Option<BTreeSet<Sym>>) -> Atom {
        let next = u32::try_from(self.all.len()).expect("the budget keeps conditions below 2^32");
        let found = *self.index.entry(equal.clone()).or_insert(next);
        if found == next {
            self.all.push(equal);
        }
        Atom::Condition(found)
    }
}

impl Machine<'_> {
    /// `Key(name)` or `Attr(name)`.
    pub fn condition_name(&mut self, name: Val, key: bool) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(name) {
            let one = match atom {
                Atom::Str(name) => Atom::ConditionName(name, key),
                _ => self.conditions.intern(None),
            };
            let one = self.values.one(one);
            result = self.values.join(result, one);
        }
        result
    }

    /// `Key(name).eq(x)` and its siblings.
    pub fn make_condition(&mut self, attribute: Sym, key: bool, method: &str) -> Val {
        let equal = if key && method == "eq" { [attribute].into() } else { BTreeSet::new() };
        let condition = self.conditions.intern(Some(equal));
        self.values.one(condition)
    }

    /// A condition whose equalities no longer hold.
    pub fn negated_condition(&mut self) -> Val {
        let condition = self.conditions.intern(Some(BTreeSet::new()));
        self.values.one(condition)
    }

    /// `a & b` and `a | b` of conditions; `None` if neither is one.
    pub fn combine_conditions(&mut self, op: BinaryOp, a: Val, b: Val) -> Option<Val> {
        let is_condition = |m: &Self, v: Val| m.values.atoms(v).iter().any(|x| matches!(x, Atom::Condition(_)));
        if !is_condition(self, a) && !is_condition(self, b) {
            return None;
        }
        let mut result = Val::BOTTOM;
        for x in self.values.atoms_vec(a) {
            for y in self.values.atoms_vec(b) {
                let combined = match (op, self.equal_attributes(x), self.equal_attributes(y)) {
                    (BinaryOp::BitAnd, Some(x), Some(y)) => Some(&x | &y),
                    (BinaryOp::BitOr, Some(_), Some(_)) => Some(BTreeSet::new()),
                    _ => None,
                };
                let combined = self.conditions.intern(combined);
                let combined = self.values.one(combined);
                result = self.values.join(result, combined);
            }
        }
        Some(result)
    }

    fn equal_attributes(&self, atom: Atom) -> Option<BTreeSet<Sym>> {
        match atom {
            Atom::Condition(condition) => self.conditions.all[condition as usize].clone(),
            _ => None,
        }
    }

    /// What a Query's key condition demands to be equal, over all forms that it may have.
    pub(super) fn equalities(&mut self, reader: InstanceId, args: &Args) -> Equalities {
        let [expression, legacy] = ["KeyConditionExpression", "KeyConditions"].map(|n| self.values.sym(n));
        let names = self.placeholders(reader, args, "ExpressionAttributeNames");
        let mut result = None;
        if let Some(keyword) = args.keyword(expression) {
            for atom in self.values.atoms_vec(keyword.value) {
                let one = match atom {
                    Atom::Str(_) | Atom::Text(_) => {
                        let text = self.values.to_symbolic(atom, "").to_string();
                        let lookup = |name: &str| names.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
                        parse_key_condition(&text, &lookup)
                            .map_or(Equalities::Unknown, |condition| Equalities::Known(condition.equal))
                    }
                    atom => match self.equal_attributes(atom) {
                        Some(equal) => {
                            Equalities::Known(equal.iter().map(|s| self.values.str(*s).to_owned()).collect())
                        }
                        None => Equalities::Unknown,
                    },
                };
                result = Some(match result {
                    Some(known) => common(&known, &one),
                    None => one,
                });
            }
        } else if let Some(keyword) = args.keyword(legacy) {
            result = Some(self.legacy_equalities(reader, keyword.value));
        }
        result.unwrap_or(Equalities::Unknown)
    }

    /// `KeyConditions={"pk": {"ComparisonOperator": "EQ", …}}`.
    fn legacy_equalities(&mut self, reader: InstanceId, conditions: Val) -> Equalities {
        let operator = self.values.sym("ComparisonOperator");
        let mut equal = BTreeSet::new();
        let Some(Atom::Object(object)) = self.values.single(conditions) else { return Equalities::Unknown };
        for (name, field) in self.heap.fields(object) {
            let condition = self.heap.read(field.cell, reader);
            for atom in self.values.atoms_vec(condition) {
                let Atom::Object(condition) = atom else { return Equalities::Unknown };
                let comparison = self.read_field(condition, operator, reader);
                if matches!(self.values.single(comparison), Some(Atom::Str(op)) if self.values.str(op) == "EQ") {
                    equal.insert(self.values.str(name).to_owned());
                }
            }
        }
        Equalities::Known(equal)
    }

    /// Constant entries of a placeholder mapping: `#n` to attribute names.
    pub(super) fn placeholders(&mut self, reader: InstanceId, args: &Args, parameter: &str) -> Vec<(String, String)> {
        let parameter = self.values.sym(parameter);
        let mut out = Vec::new();
        let Some(keyword) = args.keyword(parameter) else { return out };
        for atom in self.values.atoms_vec(keyword.value) {
            let Atom::Object(object) = atom else { continue };
            if self.heap.get(object).kind != Kind::Dict {
                continue;
            }
            for (name, field) in self.heap.fields(object) {
                let value = self.heap.read(field.cell, reader);
                if let Some(Atom::Str(text)) = self.values.single(value) {
                    out.push((self.values.str(name).to_owned(), self.values.str(text).to_owned()));
                }
            }
        }
        out
    }
}
