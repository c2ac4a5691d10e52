//! `Key("PK").eq(x) & Key("SK").begins_with(y)`, and the string and legacy forms of key conditions.

use crate::dynamodb::expression::parse_key_condition;
use crate::flow::Equalities;
use crate::flow::call::Args;
use crate::flow::heap::{InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::record::common;
use crate::flow::request::ValueType;
use crate::flow::value::{Atom, Sym, Val};
use crate::python::ir::BinaryOp;
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// What a condition object says, attribute by attribute, each with whether `Key` named it rather than `Attr`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Comparisons {
    /// Demanded to equal something, whatever else holds.
    pub equal: BTreeSet<(Sym, bool)>,
    /// Compared otherwise, or in one branch of an alternative.
    pub other: BTreeSet<(Sym, bool)>,
    /// Compared more than once, each time demanded to hold.
    pub repeated: BTreeSet<(Sym, bool)>,
    /// What `Key` compares with what: whether the attribute is to begin with the value, and the types that it may have.
    pub compared: BTreeSet<(Sym, bool, BTreeSet<ValueType>)>,
}

impl Comparisons {
    /// `a & b`: every equality holds.
    fn and(&self, b: &Self) -> Self {
        let both = &(&self.equal | &self.other) & &(&b.equal | &b.other);
        let repeated = &(&self.repeated | &b.repeated) | &both;
        let compared = &self.compared | &b.compared;
        Self { equal: &self.equal | &b.equal, other: &self.other | &b.other, repeated, compared }
    }

    /// The same attributes, none of which must equal anything.
    fn doubtful(&self) -> Self {
        Self { other: &self.equal | &self.other, ..Self::default() }
    }
}

/// Interned condition objects; `None` for those of which nothing can be told.
#[derive(Debug, Default)]
pub(in crate::flow) struct Conditions {
    all: Vec<Option<Comparisons>>,
    index: FxHashMap<Option<Comparisons>, u32>,
}

impl Conditions {
    fn intern(&mut self, comparisons: Option<Comparisons>) -> Atom {
        let next = u32::try_from(self.all.len()).expect("the budget keeps conditions below 2^32");
        let found = *self.index.entry(comparisons.clone()).or_insert(next);
        if found == next {
            self.all.push(comparisons);
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
    pub fn make_condition(
        &mut self,
        reader: InstanceId,
        (attribute, key): (Sym, bool),
        method: &str,
        args: &Args,
    ) -> Val {
        let mut made = Comparisons::default();
        if method == "eq" { &mut made.equal } else { &mut made.other }.insert((attribute, key));
        if key {
            let operands: Vec<Val> = args.values();
            let operands = operands.into_iter().filter(|value| *value != Val::BOTTOM);
            let compared = operands.map(|value| (attribute, method == "begins_with", self.value_types(reader, value)));
            made.compared = compared.collect();
        }
        let condition = self.conditions.intern(Some(made));
        self.values.one(condition)
    }

    /// `~condition`: its equalities no longer hold.
    pub fn negated_condition(&mut self, condition: Atom) -> Val {
        let negated = self.comparisons(condition).map(Comparisons::doubtful);
        let negated = self.conditions.intern(negated);
        self.values.one(negated)
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
                let combined = match (op, self.comparisons(x), self.comparisons(y)) {
                    (BinaryOp::BitAnd, Some(x), Some(y)) => Some(x.and(y)),
                    (BinaryOp::BitOr, Some(x), Some(y)) => Some(x.and(y).doubtful()),
                    _ => None,
                };
                let combined = self.conditions.intern(combined);
                let combined = self.values.one(combined);
                result = self.values.join(result, combined);
            }
        }
        Some(result)
    }

    pub(super) fn comparisons(&self, atom: Atom) -> Option<&Comparisons> {
        match atom {
            Atom::Condition(condition) => self.conditions.all[condition as usize].as_ref(),
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
                    atom => match self.comparisons(atom) {
                        Some(Comparisons { equal, .. }) => {
                            let keys = equal.iter().filter(|(_, key)| *key);
                            Equalities::Known(keys.map(|(name, _)| self.values.str(*name).to_owned()).collect())
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
