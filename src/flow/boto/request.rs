//! What a call is given, read off its arguments.

use super::items::DESCRIPTORS;
use crate::dynamodb::expression::{Compared, KeyCondition, Operand, parse_filter, parse_key_condition};
use crate::dynamodb::operation::Operation;
use crate::flow::Presence;
use crate::flow::call::{Args, Keyword};
use crate::flow::heap::{AllocKey, CallSite, Field, InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::request::{Clause, Conditions, Entry, Expression, Mapping, Request, ValueType};
use crate::flow::value::{Atom, ObjId, Sym, Val};
use std::collections::{BTreeMap, BTreeSet};

/// Most entries of a mapping that are told.
const MAX_ENTRIES: usize = 64;

impl Machine<'_> {
    /// Everything that the arguments tell. The index names are added once they can be told (see `observation`).
    pub(super) fn request(&mut self, reader: InstanceId, operation: Operation, args: &Args) -> Request {
        // Entries that are stored later don't wake the reader: it runs once more at the end.
        self.deep_readers.insert(reader);
        let [key, item, names, values] = ["Key", "Item", "ExpressionAttributeNames", "ExpressionAttributeValues"]
            .map(|name| self.argument(args, name).map(|given| self.mapping(reader, &given)));
        // Where several operations may be called, each is given what the others take as well.
        let key = key.filter(|_| operation != Operation::PutItem);
        let item =
            item.filter(|_| !matches!(operation, Operation::GetItem | Operation::UpdateItem | Operation::DeleteItem));
        let mut request = Request {
            part: None,
            tables: Vec::new(),
            complete: args.rest == Val::BOTTOM && args.star == Val::BOTTOM,
            indexes: Vec::new(),
            key,
            item,
            key_condition: None,
            filter: None,
            consistent: self.consistency(args),
            segmented: ["Segment", "TotalSegments"].iter().any(|name| self.argument(args, name).is_some()),
            select: None,
            expressions: Clause::ALL.into_iter().filter_map(|clause| self.expression(clause, args)).collect(),
            names,
            values,
        };
        if let Some(Atom::Str(select)) = self.argument(args, "Select").and_then(|given| self.values.single(given.value))
        {
            request.select = Some(self.values.str(select).to_owned());
        }
        if operation == Operation::Query {
            request.key_condition = self.conditions(reader, args, &request, Clause::KeyCondition);
        }
        if matches!(operation, Operation::Query | Operation::Scan) {
            request.filter = self.conditions(reader, args, &request, Clause::Filter);
        }
        request
    }

    /// A client takes values in DynamoDB's own form: whatever a float comes to there, boto3 doesn't refuse it as a float.
    pub(super) fn forget_floats(&mut self, at: InstanceId, site: CallSite) {
        let calls = self.accesses.range_mut((at, site, Operation::ALL[0])..);
        for (_, record) in calls.take_while(|((instance, call, _), _)| (*instance, *call) == (at, site)) {
            let requests = std::mem::take(&mut record.requests).into_iter().map(|mut request| {
                let mappings = [&mut request.key, &mut request.item, &mut request.values].into_iter().flatten();
                for entry in mappings.flat_map(|mapping| &mut mapping.entries) {
                    if entry.types.remove(&ValueType::Float) {
                        entry.types.insert(ValueType::Unknown);
                    }
                }
                request
            });
            record.requests = requests.collect();
        }
    }

    /// `ConsistentRead`: whether it is true.
    fn consistency(&mut self, args: &Args) -> Presence {
        let Some(given) = self.argument(args, "ConsistentRead") else {
            return if args.rest == Val::BOTTOM { Presence::Never } else { Presence::Sometimes };
        };
        match self.values.single(given.value) {
            Some(Atom::True) if given.always => Presence::Always,
            Some(Atom::False) => Presence::Never,
            _ => Presence::Sometimes,
        }
    }

    fn expression(&mut self, clause: Clause, args: &Args) -> Option<Expression> {
        let given = self.argument(args, clause.parameter())?;
        let span = given.spans.first().copied();
        let mut expression = Expression { clause, texts: BTreeSet::new(), built: false, unknown: false, span };
        for atom in self.values.atoms_vec(given.value) {
            match atom {
                Atom::Str(_) | Atom::Text(_) => {
                    expression.texts.insert(self.values.to_symbolic(atom, ""));
                }
                Atom::Condition(_) => expression.built = true,
                Atom::None => {}
                _ => expression.unknown = true,
            }
        }
        Some(expression)
    }

    /// What the conditions of a parameter demand, in its newer or its legacy form.
    fn conditions(&mut self, reader: InstanceId, args: &Args, request: &Request, clause: Clause) -> Option<Conditions> {
        let legacy: &[&str] = match clause {
            Clause::KeyCondition => &["KeyConditions"],
            _ => &["QueryFilter", "ScanFilter"],
        };
        if let Some(legacy) = legacy.iter().find_map(|name| self.argument(args, name)) {
            return Some(self.legacy_conditions(reader, legacy.value));
        }
        let given = self.argument(args, clause.parameter())?;
        let lookup = |name: &str| request.name_behind(name);
        let mut all = BTreeSet::new();
        for atom in self.values.atoms_vec(given.value) {
            let read = match atom {
                Atom::None => continue,
                Atom::Str(_) | Atom::Text(_) => {
                    let text = self.values.to_symbolic(atom, "").to_string();
                    let parse = if clause == Clause::KeyCondition { parse_key_condition } else { parse_filter };
                    parse(&text, &lookup)
                }
                atom => self.built_condition(atom, clause),
            };
            match read {
                Some(condition) => all.insert(condition),
                None => return Some(Conditions::Unknown),
            };
        }
        Some(Conditions::Known(all))
    }

    /// A condition made of `Key` and `Attr` objects.
    fn built_condition(&self, atom: Atom, clause: Clause) -> Option<KeyCondition> {
        let comparisons = self.comparisons(atom)?;
        let names =
            |set: &BTreeSet<(Sym, bool)>| set.iter().map(|(name, _)| self.values.str(*name).to_owned()).collect();
        let compared = comparisons.compared.iter().filter(|_| clause == Clause::KeyCondition);
        let compared = compared.map(|(name, is_prefix, types)| Compared {
            attribute: self.values.str(*name).to_owned(),
            is_prefix: *is_prefix,
            operand: Operand::Given(types.clone()),
        });
        Some(KeyCondition {
            equal: names(&comparisons.equal),
            other: names(&comparisons.other),
            repeated: names(&comparisons.repeated),
            compared: compared.collect(),
        })
    }

    /// `KeyConditions={"pk": {"ComparisonOperator": "EQ", "AttributeValueList": […]}}`.
    fn legacy_conditions(&mut self, reader: InstanceId, conditions: Val) -> Conditions {
        let [operator, operands] = ["ComparisonOperator", "AttributeValueList"].map(|name| self.values.sym(name));
        let mut read = KeyCondition::default();
        let Some(Atom::Object(object)) = self.values.single(conditions) else { return Conditions::Unknown };
        if self.heap.read(self.heap.get(object).elements, reader) != Val::BOTTOM {
            return Conditions::Unknown;
        }
        for (name, field) in self.heap.fields(object) {
            let condition = self.heap.read(field.cell, reader);
            let Some(Atom::Object(condition)) = self.values.single(condition) else { return Conditions::Unknown };
            let comparison = self.read_field(condition, operator, reader);
            let Some(Atom::Str(comparison)) = self.values.single(comparison) else { return Conditions::Unknown };
            let attribute = self.values.str(name).to_owned();
            let comparison = self.values.str(comparison);
            let is_prefix = comparison == "BEGINS_WITH";
            let into = if comparison == "EQ" { &mut read.equal } else { &mut read.other };
            into.insert(attribute.clone());
            let list = self.read_field(condition, operands, reader);
            let operands = self.peek_contents(list).into_iter().flat_map(|value| self.value_types(reader, value));
            let operand = Operand::Given(operands.collect());
            read.compared.insert(Compared { attribute, is_prefix, operand });
        }
        Conditions::Known([read].into())
    }

    /// A mapping argument, over all literals that it may be.
    pub(super) fn mapping(&mut self, reader: InstanceId, given: &Keyword) -> Mapping {
        let mut complete = given.value != Val::BOTTOM;
        let mut entries: BTreeMap<String, Entry> = BTreeMap::new();
        let mut literals = 0;
        let mut spelled: BTreeMap<String, usize> = BTreeMap::new();
        for atom in self.values.atoms_vec(given.value) {
            let dict = match atom {
                Atom::None => continue,
                Atom::Object(object) if self.heap.get(object).kind == Kind::Dict => object,
                _ => {
                    complete = false;
                    continue;
                }
            };
            literals += 1;
            complete &= self.heap.read(self.heap.get(dict).elements, reader) == Val::BOTTOM;
            for (name, field) in self.heap.fields(dict) {
                let value = self.heap.read(field.cell, reader);
                if value == Val::BOTTOM && field.spans.is_empty() {
                    continue;
                }
                let entry = self.entry(reader, name, value, &field);
                *spelled.entry(entry.name.clone()).or_default() += usize::from(self.is_spelled_out(dict, &field));
                match entries.get_mut(&entry.name) {
                    Some(known) => {
                        known.types.extend(entry.types);
                        known.text = known.text.take().filter(|text| Some(text) == entry.text.as_ref());
                    }
                    None => {
                        entries.insert(entry.name.clone(), entry);
                    }
                }
            }
        }
        complete &= literals > 0 && entries.len() <= MAX_ENTRIES;
        let sure = |name: &str| complete && spelled.get(name) == Some(&literals);
        let entries = entries.into_values().take(MAX_ENTRIES);
        let entries = entries.map(|entry| Entry { sure: sure(&entry.name), ..entry }).collect();
        Mapping { entries, complete, span: given.spans.first().copied() }
    }

    fn entry(&mut self, reader: InstanceId, name: Sym, value: Val, field: &Field) -> Entry {
        let mut types = self.value_types(reader, value);
        if field.may_lack {
            types.insert(ValueType::Unknown);
        }
        let text = match self.values.single(value) {
            _ if field.may_lack => None,
            Some(Atom::Str(text)) => Some(self.values.str(text).to_owned()),
            Some(Atom::Int(number)) => Some(number.to_string()),
            _ => None,
        };
        Entry { name: self.values.str(name).to_owned(), types, text, sure: false, span: field.spans.first().copied() }
    }

    /// Whether the dict's own literal names the field, so that it is there wherever the dict is. A store may come after
    /// the call.
    fn is_spelled_out(&self, dict: ObjId, field: &Field) -> bool {
        let AllocKey::Site(instance, Some(site), _) = self.heap.key(dict) else { return false };
        let literal = self.span(self.instance(instance).module, site);
        field.always && field.spans.iter().any(|span| literal.covers(*span))
    }

    /// The types that a value may have; `{"S": …}` has the type that it says.
    pub(super) fn value_types(&mut self, reader: InstanceId, value: Val) -> BTreeSet<ValueType> {
        let atoms = self.values.atoms_vec(value);
        if atoms.is_empty() {
            return [ValueType::Unknown].into();
        }
        atoms.map(|atom| self.value_type(reader, atom)).collect()
    }

    fn value_type(&mut self, reader: InstanceId, atom: Atom) -> ValueType {
        match atom {
            Atom::None => ValueType::Null,
            Atom::True | Atom::False => ValueType::Boolean,
            Atom::Int(_) => ValueType::Number,
            _ if self.values.is_float(atom) => ValueType::Float,
            // Settings of any type come as text; only text that no number has is one for certain.
            Atom::Str(_) | Atom::Text(_) if self.values.to_symbolic(atom, "").has_letters() => ValueType::String,
            Atom::Tuple(_) => ValueType::List,
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Dict => self.descriptor(reader, object).unwrap_or(ValueType::Map),
                Kind::List => ValueType::List,
                _ => ValueType::Unknown,
            },
            _ => ValueType::Unknown,
        }
    }

    /// The type that a low-level value names.
    fn descriptor(&mut self, reader: InstanceId, object: ObjId) -> Option<ValueType> {
        if self.heap.read(self.heap.get(object).elements, reader) != Val::BOTTOM {
            return Some(ValueType::Unknown);
        }
        let fields = self.heap.fields(object);
        let [(name, _)] = fields.as_slice() else { return None };
        let name = self.values.str(*name);
        Some(match name {
            "S" => ValueType::String,
            "N" => ValueType::Number,
            "B" => ValueType::Binary,
            "BOOL" => ValueType::Boolean,
            "NULL" => ValueType::Null,
            "M" => ValueType::Map,
            "L" => ValueType::List,
            _ if DESCRIPTORS.contains(&name) => ValueType::Unknown,
            _ => return None,
        })
    }
}
