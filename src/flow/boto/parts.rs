//! What batches and transactions hold: requests of their own, each on a table of its own.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html#WorkingWithItems.BatchOperations>

use super::statement::read_statement;
use crate::dynamodb::operation::Operation;
use crate::flow::call::{Args, Keyword};
use crate::flow::frame::Frame;
use crate::flow::heap::{AllocKey, CallSite, InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::record::{Record, keep_requests};
use crate::flow::request::{Part, Request, ValueType};
use crate::flow::value::{Atom, Val};
use crate::python::ir::{Arg, DictItem, ExprId, ExprKind, Module};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};

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

/// What is judged as one request.
struct Element {
    value: Val,
    /// Whether it is sent for certain. The others are what may stand in the list: which of them are sent, and to which table, isn't
    /// known, so they are taken together.
    is_spelled: bool,
}

/// A part of a batch or transaction: its tables, if they are known, and what it is.
struct Given<'a> {
    table: Option<Val>,
    operation: Operation,
    args: &'a Args,
}

impl<'p> Machine<'p> {
    /// Batch and transaction calls name their tables inside their arguments.
    pub(super) fn note_several_tables(
        &mut self,
        frame: &mut Frame<'p>,
        record: &mut Record,
        args: &Args,
        site: CallSite,
    ) {
        let spelled =
            site.map(|call| spelled(self.module(self.instance(frame.instance).module), call)).unwrap_or_default();
        match record.operation {
            Operation::BatchGetItem | Operation::BatchWriteItem => {
                if let Some(requests) = self.argument(args, "RequestItems") {
                    record.table = self.mapping_keys(frame.instance, requests.value);
                    self.note_batch(frame, record, requests.value, &spelled);
                }
            }
            Operation::TransactWriteItems | Operation::TransactGetItems => {
                if let Some(items) = self.argument(args, "TransactItems") {
                    self.note_transaction(frame, record, items.value, &spelled);
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
                atom => self.left_tables(atom).unwrap_or_else(|| self.values.one(atom)),
            };
            keys = self.values.join(keys, one);
        }
        keys
    }

    /// `RequestItems={table: …}`.
    fn note_batch(&mut self, frame: &mut Frame<'p>, record: &mut Record, requests: Val, spelled: &FxHashSet<ExprId>) {
        let writes = record.operation == Operation::BatchWriteItem;
        // What a batch has left to do, that batch was given.
        let known = |atom: &Atom| matches!(atom, Atom::Object(_)) || self.left_tables(*atom).is_some();
        let is_whole = requests != Val::BOTTOM && self.values.atoms(requests).iter().all(known);
        record.writes_complete &= is_whole || !writes;
        for share in self.shares(frame.instance, requests) {
            if writes {
                self.note_batch_writes(frame, record, &share, spelled);
            } else {
                self.note_batch_keys(frame, record, &share, spelled);
            }
        }
    }

    /// The elements of a list: those that the call itself spells out, and all others as one.
    fn elements(&mut self, reader: InstanceId, elements: Val, spelled: &FxHashSet<ExprId>) -> Vec<Element> {
        let is_spelled = |machine: &Self, atom: &Atom| match atom {
            Atom::Object(object) => match machine.heap.key(*object) {
                AllocKey::Site(instance, Some(site), _) => instance == reader && spelled.contains(&site),
                _ => false,
            },
            _ => false,
        };
        let atoms = self.values.atoms_vec(elements);
        let (own, others): (Vec<Atom>, Vec<Atom>) = atoms.into_iter().partition(|atom| is_spelled(self, atom));
        let mut out: Vec<Element> =
            own.into_iter().map(|atom| Element { value: self.values.one(atom), is_spelled: true }).collect();
        if !others.is_empty() {
            out.push(Element { value: self.values.set(others), is_spelled: false });
        }
        out
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
    fn note_batch_writes(
        &mut self,
        frame: &mut Frame<'p>,
        record: &mut Record,
        share: &Share,
        spelled: &FxHashSet<ExprId>,
    ) {
        let entries = self.iterate(frame, share.held);
        record.writes_complete &= self.values.atoms(entries).iter().all(|atom| matches!(atom, Atom::Object(_)));
        let known = self.values.atoms_vec(entries).filter(|atom| matches!(atom, Atom::Object(_)));
        for atom in known {
            let entry = self.values.one(atom);
            let entry = self.as_arguments(frame, entry);
            if let Some(put) = self.argument(&entry, "PutRequest") {
                let put = self.as_arguments(frame, put.value);
                self.note_writes_of_part(frame, record, &put, true, share.table);
            }
            record.deletes |= self.argument(&entry, "DeleteRequest").is_some();
        }
        for element in self.elements(frame.instance, entries, spelled) {
            let entry = self.as_arguments(frame, element.value);
            for (part, operation) in [("PutRequest", Operation::PutItem), ("DeleteRequest", Operation::DeleteItem)] {
                if let Some(request) = self.argument(&entry, part) {
                    let args = self.in_part(frame, request.value, &entry);
                    self.note_part(frame, record, &element, &Given { table: share.table, operation, args: &args });
                }
            }
        }
    }

    /// What a part is given, the rest of what it stands in among it: that may be anything.
    fn in_part(&mut self, frame: &mut Frame<'p>, mapping: Val, entry: &Args) -> Args {
        let mut args = self.as_arguments(frame, mapping);
        args.rest = self.values.join(args.rest, entry.rest);
        args
    }

    /// `{"Keys": [{…}, …], "ProjectionExpression": …}`: a read for each key.
    fn note_batch_keys(
        &mut self,
        frame: &mut Frame<'p>,
        record: &mut Record,
        share: &Share,
        spelled: &FxHashSet<ExprId>,
    ) {
        let given = self.as_arguments(frame, share.held);
        let Some(keys) = self.argument(&given, "Keys") else { return };
        let name = self.values.sym("Key");
        let key = self.iterate(frame, keys.value);
        for element in self.elements(frame.instance, key, spelled) {
            let mut read = given.clone();
            let only = self.values.single(element.value).and_then(|atom| self.birthplace(atom));
            let spans = only.map_or_else(|| keys.spans.clone(), |place| vec![place]);
            read.keywords.push(Keyword { name, value: element.value, always: true, spans });
            let given = Given { table: share.table, operation: Operation::GetItem, args: &read };
            self.note_part(frame, record, &element, &given);
        }
    }

    /// The expression that makes an object.
    fn birthplace(&self, atom: Atom) -> Option<Span> {
        let Atom::Object(object) = atom else { return None };
        let AllocKey::Site(instance, Some(site), _) = self.heap.key(object) else { return None };
        Some(self.span(self.instance(instance).module, site))
    }

    /// `TransactItems=[{"Put": {"TableName": …, "Item": …}}, …]`: the actions and tables of its parts.
    fn note_transaction(
        &mut self,
        frame: &mut Frame<'p>,
        record: &mut Record,
        items: Val,
        spelled: &FxHashSet<ExprId>,
    ) {
        let element = self.iterate(frame, items);
        let mut actions: BTreeMap<&'static str, Val> = BTreeMap::new();
        let mut tables = Val::BOTTOM;
        let is_part = |atom: &Atom| matches!(atom, Atom::Object(_));
        let mut whole = element != Val::BOTTOM && self.values.atoms(element).iter().all(is_part);
        for element in self.elements(frame.instance, element, spelled) {
            let entry = self.as_arguments(frame, element.value);
            // A key that isn't known may be that of any part.
            whole &= entry.rest == Val::BOTTOM;
            for (part, operation, action) in PARTS {
                let Some(request) = self.argument(&entry, part).filter(|given| given.value != Val::BOTTOM) else {
                    continue;
                };
                let mut table = Val::BOTTOM;
                for atom in self.values.atoms_vec(element.value) {
                    let one = self.table_of_part(frame, record, atom, (part, operation));
                    table = self.values.join(table, one);
                }
                tables = self.values.join(tables, table);
                let on = actions.entry(action).or_default();
                *on = self.values.join(*on, table);
                let request = self.in_part(frame, request.value, &entry);
                self.note_part(frame, record, &element, &Given { table: Some(table), operation, args: &request });
            }
        }
        if whole && !actions.is_empty() {
            record.actions = actions.keys().map(|action| (*action).to_owned()).collect();
            record.parts = Some(actions);
        }
        if !whole {
            let lost = self.values.opaque("transaction items that are built elsewhere");
            tables = self.values.join(tables, lost);
        }
        record.table = tables;
    }

    /// The table of a part, if an element holds one of this kind; notes what it writes.
    fn table_of_part(
        &mut self,
        frame: &mut Frame<'p>,
        record: &mut Record,
        element: Atom,
        (part, operation): (&str, Operation),
    ) -> Val {
        let Atom::Object(object) = element else { return Val::BOTTOM };
        let name = self.values.sym(part);
        let request = self.read_field(object, name, frame.instance);
        if request == Val::BOTTOM {
            return Val::BOTTOM;
        }
        let request = self.as_arguments(frame, request);
        let table = match self.argument(&request, "TableName") {
            Some(name) if name.value != Val::BOTTOM => name.value,
            _ => self.values.opaque("a part of a transaction whose table isn't seen"),
        };
        if matches!(operation, Operation::PutItem | Operation::UpdateItem) {
            self.note_writes_of_part(frame, record, &request, operation == Operation::PutItem, Some(table));
        }
        table
    }

    /// What a part on these tables is given.
    pub(super) fn part_request(&mut self, at: InstanceId, operation: Operation, tables: Val, args: &Args) -> Request {
        let request = self.request(at, operation, args);
        let tables = self.values.atoms_vec(tables).map(|name| self.values.to_symbolic(name, "")).collect();
        Request { tables, part: Some(Part { operation }), ..request }
    }

    /// Notes what a part is given, as if it were a call by itself.
    fn note_part(&mut self, frame: &Frame<'p>, record: &mut Record, element: &Element, given: &Given) {
        let mut request =
            self.part_request(frame.instance, given.operation, given.table.unwrap_or_default(), given.args);
        if !element.is_spelled {
            let is_one = self.values.single(element.value).is_some();
            keep_common(&mut request, is_one);
        }
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

/// Leaves of a request what holds of all that may stand in its place.
fn keep_common(request: &mut Request, is_one: bool) {
    let is_whole = request.complete;
    for mapping in [&mut request.key, &mut request.item].into_iter().flatten() {
        mapping.complete &= is_whole;
        for entry in mapping.entries.iter_mut().filter(|entry| !(entry.sure && is_whole)) {
            entry.sure = false;
            entry.types = [ValueType::Unknown].into();
            entry.text = None;
        }
    }
    if !is_one {
        request.expressions.clear();
        (request.names, request.values) = (None, None);
    }
}

/// The dicts that stand in the lists which a call spells out.
fn spelled(module: &Module, call: ExprId) -> FxHashSet<ExprId> {
    let ExprKind::Call(_, args) = &module.expr(call).kind else { return FxHashSet::default() };
    let mut waiting: Vec<ExprId> = args.iter().map(Arg::value).collect();
    let mut found = FxHashSet::default();
    while let Some(expr) = waiting.pop() {
        match &module.expr(expr).kind {
            ExprKind::Dict(items) => waiting.extend(items.iter().filter_map(|item| match item {
                DictItem::Pair(_, value) => Some(*value),
                DictItem::Spread(_) => None,
            })),
            ExprKind::List(items) | ExprKind::Tuple(items) => {
                found.extend(items.iter().filter(|item| matches!(module.expr(**item).kind, ExprKind::Dict(_))));
            }
            _ => {}
        }
    }
    found
}
