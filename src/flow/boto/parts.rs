//! What batches and transactions hold: requests of their own, each on a table of its own.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.BatchOperations>

use super::statement::read_statement;
use crate::dynamodb::operation::Operation;
use crate::flow::call::{Args, Keyword};
use crate::flow::frame::Frame;
use crate::flow::heap::{AllocKey, InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::record::{Record, keep_requests};
use crate::flow::request::Part;
use crate::flow::value::{Atom, Val};
use crate::source::Span;
use std::collections::BTreeSet;

/// Parts of a transaction, by the key under which each stands. A condition check needs an action of its own, and is given
/// what a read is given.
const PARTS: [(&str, Operation, &str); 5] = [
    ("Put", Operation::PutItem, "PutItem"),
    ("Update", Operation::UpdateItem, "UpdateItem"),
    ("Delete", Operation::DeleteItem, "DeleteItem"),
    ("ConditionCheck", Operation::GetItem, "ConditionCheckItem"),
    ("Get", Operation::GetItem, "GetItem"),
];

/// What a batch holds for one table.
struct Share {
    /// The table, if it is always this one for what is held.
    table: Option<Val>,
    /// Requests, or what says which keys are read.
    held: Val,
}

impl<'p> Machine<'p> {
    /// Batch and transaction calls name their tables inside their arguments.
    pub(super) fn note_several_tables(&mut self, frame: &mut Frame<'p>, record: &mut Record, args: &Args) {
        match record.operation {
            Operation::BatchGetItem | Operation::BatchWriteItem => {
                if let Some(requests) = self.argument(args, "RequestItems") {
                    record.table = self.mapping_keys(frame.instance, requests.value);
                    self.note_batch(frame, record, requests.value);
                }
            }
            Operation::TransactWriteItems | Operation::TransactGetItems => {
                if let Some(items) = self.argument(args, "TransactItems") {
                    self.note_transaction(frame, record, items.value);
                }
            }
            Operation::ExecuteStatement => {
                if let Some(statement) = self.argument(args, "Statement") {
                    self.note_partiql(record, statement.value);
                }
            }
            _ => {}
        }
    }

    fn mapping_keys(&mut self, reader: InstanceId, mapping: Val) -> Val {
        let mut keys = Val::BOTTOM;
        for atom in self.values.atoms_vec(mapping) {
            let one = match atom {
                Atom::Object(object) if self.heap.get(object).kind == Kind::Dict => self.keys_of(object, reader),
                atom => self.values.one(atom),
            };
            keys = self.values.join(keys, one);
        }
        keys
    }

    /// `RequestItems={table: …}`.
    fn note_batch(&mut self, frame: &mut Frame<'p>, record: &mut Record, requests: Val) {
        let writes = record.operation == Operation::BatchWriteItem;
        let known = |atom: &Atom| matches!(atom, Atom::Object(_));
        let is_whole = requests != Val::BOTTOM && self.values.atoms(requests).iter().all(known);
        record.writes_complete &= is_whole || !writes;
        for share in self.shares(frame.instance, requests) {
            if writes {
                self.note_batch_writes(frame, record, &share);
            } else {
                self.note_batch_keys(frame, record, &share);
            }
        }
    }

    /// What a batch holds, table by table.
    fn shares(&mut self, reader: InstanceId, requests: Val) -> Vec<Share> {
        let mut shares = Vec::new();
        for atom in self.values.atoms_vec(requests) {
            let Atom::Object(object) = atom else { continue };
            if self.heap.get(object).kind != Kind::Dict {
                continue;
            }
            for (name, field) in self.heap.fields(object) {
                let held = self.heap.read(field.cell, reader);
                let table = self.values.one(Atom::Str(name));
                shares.push(Share { table: Some(table).filter(|_| field.always), held });
            }
            let (keys, held) = (self.heap.get(object).keys, self.heap.get(object).elements);
            let (table, held) = (self.heap.read(keys, reader), self.heap.read(held, reader));
            if held != Val::BOTTOM {
                let is_one = self.values.single(table).is_some();
                shares.push(Share { table: Some(table).filter(|_| is_one), held });
            }
        }
        shares
    }

    /// `[{"PutRequest": {"Item": …}}, {"DeleteRequest": {"Key": …}}]`.
    fn note_batch_writes(&mut self, frame: &mut Frame<'p>, record: &mut Record, share: &Share) {
        let entries = self.iterate(frame, share.held);
        for atom in self.values.atoms_vec(entries) {
            if !matches!(atom, Atom::Object(_)) {
                record.writes_complete = false;
                continue;
            }
            let entry = self.values.one(atom);
            let entry = self.as_arguments(frame, entry);
            if let Some(put) = self.argument(&entry, "PutRequest") {
                let put = self.as_arguments(frame, put.value);
                self.note_item(frame, record, &put);
                self.note_part(frame, record, share.table, (Operation::PutItem, &put));
            }
            if let Some(delete) = self.argument(&entry, "DeleteRequest") {
                record.deletes = true;
                let delete = self.as_arguments(frame, delete.value);
                self.note_part(frame, record, share.table, (Operation::DeleteItem, &delete));
            }
        }
    }

    /// `{"Keys": [{…}, …], "ProjectionExpression": …}`: a read for each key.
    fn note_batch_keys(&mut self, frame: &mut Frame<'p>, record: &mut Record, share: &Share) {
        let given = self.as_arguments(frame, share.held);
        let Some(keys) = self.argument(&given, "Keys") else { return };
        let name = self.values.sym("Key");
        let key = self.iterate(frame, keys.value);
        for atom in self.values.atoms_vec(key) {
            let mut read = given.clone();
            let value = self.values.one(atom);
            let spans = self.birthplace(atom).map_or_else(|| keys.spans.clone(), |place| vec![place]);
            read.keywords.push(Keyword { name, value, always: true, spans });
            self.note_part(frame, record, share.table, (Operation::GetItem, &read));
        }
    }

    /// The expression that makes an object.
    fn birthplace(&self, atom: Atom) -> Option<Span> {
        let Atom::Object(object) = atom else { return None };
        let AllocKey::Site(instance, Some(site), _) = self.heap.key(object) else { return None };
        Some(self.span(self.instance(instance).module, site))
    }

    /// `TransactItems=[{"Put": {"TableName": …, "Item": …}}, …]`: the actions and tables of its parts.
    fn note_transaction(&mut self, frame: &mut Frame<'p>, record: &mut Record, items: Val) {
        let element = self.iterate(frame, items);
        let mut actions = BTreeSet::new();
        let mut tables = Val::BOTTOM;
        let mut whole = element != Val::BOTTOM;
        for atom in self.values.atoms_vec(element) {
            let Atom::Object(object) = atom else {
                whole = false;
                continue;
            };
            for (part, operation, action) in PARTS {
                let name = self.values.sym(part);
                let request = self.read_field(object, name, frame.instance);
                if request == Val::BOTTOM {
                    continue;
                }
                actions.insert(action.to_owned());
                let request = self.as_arguments(frame, request);
                let table = match self.argument(&request, "TableName") {
                    Some(name) if name.value != Val::BOTTOM => name.value,
                    _ => self.values.opaque("a part of a transaction whose table isn't seen"),
                };
                tables = self.values.join(tables, table);
                if matches!(operation, Operation::PutItem | Operation::UpdateItem) {
                    self.note_writes_of(frame, record, &request, operation == Operation::PutItem);
                }
                self.note_part(frame, record, Some(table), (operation, &request));
            }
        }
        if whole && !actions.is_empty() {
            record.actions = actions;
        }
        if !whole {
            let lost = self.values.opaque("transaction items that are built elsewhere");
            tables = self.values.join(tables, lost);
        }
        record.table = tables;
    }

    /// Notes what a part is given, as if it were a call by itself.
    fn note_part(
        &mut self,
        frame: &Frame<'p>,
        record: &mut Record,
        table: Option<Val>,
        (operation, args): (Operation, &Args),
    ) {
        let mut request = self.request(frame.instance, operation, args);
        let names = self.values.atoms_vec(table.unwrap_or_default());
        let tables = names.map(|name| self.values.to_symbolic(name, "")).collect();
        request.part = Some(Part { operation, tables });
        keep_requests(&mut record.requests, [request].into());
    }

    /// A mapping's entries as keyword arguments.
    pub(super) fn as_arguments(&mut self, frame: &mut Frame<'p>, mapping: Val) -> Args {
        let mut args = Args::default();
        self.spread_keywords(frame, &mut args, mapping);
        args
    }

    /// `SELECT * FROM "table"."index" …`. A statement that can't be read may be any, on any table.
    fn note_partiql(&mut self, record: &mut Record, statement: Val) {
        let mut tables = Vec::new();
        let mut actions = BTreeSet::new();
        let mut whole = true;
        for atom in self.values.atoms_vec(statement) {
            let Some((action, table)) = read_statement(&self.values.to_symbolic(atom, "")) else {
                whole = false;
                continue;
            };
            actions.insert(action.to_owned());
            match table {
                Some(table) => tables.push(self.values.symbolic_atom(&table)),
                None => whole = false,
            }
        }
        if !whole || tables.is_empty() {
            tables.push(Atom::Opaque(self.values.sym("a statement that can't be read")));
        }
        if whole && !actions.is_empty() {
            record.actions = actions;
        }
        record.table = self.values.set(tables);
    }
}
