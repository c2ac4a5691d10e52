//! What a call writes: item literals and spreads, update expressions with their placeholders.

use crate::dynamodb::expression::{parse_update, update_is_complete};
use crate::dynamodb::operation::Operation;
use crate::flow::call::Args;
use crate::flow::frame::Frame;
use crate::flow::heap::{InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::record::{Record, Written, note_write};
use crate::flow::value::{Atom, Val};
use crate::source::Span;

/// Type descriptors of the low-level API: `{"S": value}`.
pub(super) const DESCRIPTORS: &[&str] = &["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"];

impl<'p> Machine<'p> {
    pub(super) fn note_writes(&mut self, frame: &mut Frame<'p>, record: &mut Record, args: &Args) {
        match record.operation {
            Operation::PutItem => self.note_writes_of(frame, record, args, true),
            Operation::UpdateItem => self.note_writes_of(frame, record, args, false),
            _ => {}
        }
    }

    pub(super) fn note_writes_of(&mut self, frame: &mut Frame<'p>, record: &mut Record, args: &Args, put: bool) {
        if put {
            self.note_item(frame, record, args);
        } else {
            self.note_update(frame, record, args);
        }
    }

    /// Notes what a part of a batch or transaction writes, as written to the part's table.
    pub(super) fn note_writes_of_part(
        &mut self,
        frame: &mut Frame<'p>,
        record: &mut Record,
        args: &Args,
        put: bool,
        table: Option<Val>,
    ) {
        let before = std::mem::take(&mut record.writes);
        self.note_writes_of(frame, record, args, put);
        let of_part = std::mem::replace(&mut record.writes, before);
        for (place, written) in of_part {
            self.note_write(record, place, Written { tables: table, ..written });
        }
    }

    fn note_write(&mut self, record: &mut Record, place: (String, Span), new: Written) {
        note_write(&mut record.writes, place, new, &mut |a, b| self.values.join(a, b));
    }

    /// `Item={…}`.
    pub(super) fn note_item(&mut self, frame: &mut Frame<'p>, record: &mut Record, args: &Args) {
        match self.argument(args, "Item") {
            Some(item) => self.note_mapping(frame.instance, record, item.value, item.spans.first().copied()),
            None => record.writes_complete = false,
        }
    }

    fn note_mapping(&mut self, reader: InstanceId, record: &mut Record, item: Val, place: Option<Span>) {
        for atom in self.values.atoms_vec(item) {
            let Atom::Object(object) = atom else {
                record.writes_complete = false;
                continue;
            };
            if self.heap.get(object).kind != Kind::Dict {
                record.writes_complete = false;
                continue;
            }
            for (name, field) in self.heap.fields(object) {
                let value = self.heap.read(field.cell, reader);
                if value == Val::BOTTOM && field.spans.is_empty() {
                    continue;
                }
                let value = self.unwrap_descriptor(reader, value);
                let attribute = self.values.str(name).to_owned();
                let spans = if field.spans.is_empty() { place.into_iter().collect() } else { field.spans };
                for span in spans {
                    self.note_write(record, (attribute.clone(), span), Written { value, tables: None });
                }
            }
            let rest = self.heap.read(self.heap.get(object).elements, reader);
            record.writes_complete &= rest == Val::BOTTOM;
        }
    }

    /// `{"S": value}` is the value.
    fn unwrap_descriptor(&mut self, reader: InstanceId, value: Val) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(value) {
            let inner = match atom {
                Atom::Object(object) if self.heap.get(object).kind == Kind::Dict => {
                    let fields = self.heap.fields(object);
                    match fields.as_slice() {
                        [(name, field)] if DESCRIPTORS.contains(&self.values.str(*name)) => {
                            let inner = self.heap.read(field.cell, reader);
                            match self.values.str(*name).to_owned().as_str() {
                                "N" => self.values.as_number(inner).unwrap_or(inner),
                                "S" => self.values.within_text(inner),
                                _ => inner,
                            }
                        }
                        _ => self.values.data(),
                    }
                }
                atom => self.values.one(atom),
            };
            result = self.values.join(result, inner);
        }
        result
    }

    fn note_update(&mut self, frame: &mut Frame<'p>, record: &mut Record, args: &Args) {
        let reader = frame.instance;
        if let Some(legacy) = self.argument(args, "AttributeUpdates") {
            self.note_mapping(reader, record, legacy.value, legacy.spans.first().copied());
        }
        let Some(expression) = self.argument(args, "UpdateExpression") else {
            record.writes_complete &= self.argument(args, "AttributeUpdates").is_some();
            return;
        };
        let names = self.placeholders(reader, args, "ExpressionAttributeNames");
        let lookup = |name: &str| names.iter().find(|(n, _)| n == name).map(|(_, v)| v.clone());
        let values = self.argument(args, "ExpressionAttributeValues").map_or(Val::BOTTOM, |k| k.value);
        let Some(span) = expression.spans.first().copied() else { return };
        for atom in self.values.atoms_vec(expression.value) {
            if !matches!(atom, Atom::Str(_) | Atom::Text(_)) {
                record.writes_complete = false;
                continue;
            }
            let text = self.values.to_symbolic(atom, "").to_string();
            record.writes_complete &= update_is_complete(&text, &lookup);
            for assignment in parse_update(&text, &lookup) {
                let value = self.placeholder_value(reader, values, &assignment.value);
                self.note_write(record, (assignment.attribute, span), Written { value, tables: None });
            }
        }
    }

    /// The value behind `:name`.
    fn placeholder_value(&mut self, reader: InstanceId, values: Val, operand: &str) -> Val {
        if !operand.starts_with(':') {
            return self.values.data();
        }
        let name = self.values.sym(operand);
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(values) {
            if let Atom::Object(object) = atom
                && self.heap.get(object).kind == Kind::Dict
            {
                let value = self.read_field(object, name, reader);
                let value = self.unwrap_descriptor(reader, value);
                result = self.values.join(result, value);
            }
        }
        if result == Val::BOTTOM { self.values.data() } else { result }
    }
}
