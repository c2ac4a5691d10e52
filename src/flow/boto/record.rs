//! Recording a DynamoDB call: which table and index, under what condition, and where its pages come from.

use crate::dynamodb::operation::Operation;
use crate::flow::call::{Args, Keyword};
use crate::flow::frame::Frame;
use crate::flow::heap::{CallSite, InstanceId, Kind};
use crate::flow::machine::Machine;
use crate::flow::pages::Pages;
use crate::flow::record::Record;
use crate::flow::request::Request;
use crate::flow::value::{Atom, Principal, Sym, Val};
use crate::flow::wrapper::is_told_operation;
use crate::flow::{Equalities, Presence};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};

/// Containers in containers that are looked into: as deep as the requests of AWS's services commonly nest.
const MAX_LEVELS: usize = 6;

impl<'p> Machine<'p> {
    /// Notes a call and returns what it evaluates to.
    pub(in crate::flow) fn record_call(
        &mut self,
        frame: &mut Frame<'p>,
        operation: Operation,
        (table, principal): (Val, Principal),
        args: &Args,
        site: CallSite,
    ) -> Val {
        let paged = matches!(operation, Operation::Query | Operation::Scan);
        let response = paged.then(|| self.pages.response(frame.instance, site));
        let mut record = self.new_record(frame.instance, operation, (table, principal), args);
        record.response = response;
        record.is_told = is_told_operation(frame, site);
        if operation == Operation::PutItem {
            record.puts_back = self.put_back_at(frame.instance, site, args);
        }
        self.note_writes(frame, &mut record, args);
        self.note_several_tables(frame, &mut record, args, site);
        if let Some(response) = response {
            self.note_start_key(frame.instance, args, response);
            self.pages.uses(response).repeated |= frame.loops.iter().any(|l| l.repeats);
        } else {
            for value in args.values() {
                self.leave(frame.instance, value);
            }
        }
        let tables = record.table;
        self.keep_record(frame, site, record);
        match response {
            Some(response) => self.values.one(Atom::Response(response)),
            None if matches!(operation, Operation::BatchGetItem | Operation::BatchWriteItem) => {
                self.batch_reply(tables)
            }
            None => self.reply(frame, operation, site),
        }
    }

    /// `batch.put_item(Item=…)` inside `batch_writer()`: a `BatchWriteItem`.
    pub(super) fn record_batch_item(
        &mut self,
        frame: &mut Frame<'p>,
        (table, principal): (Val, Principal),
        args: &Args,
        site: CallSite,
        writes: bool,
    ) -> Val {
        let mut record = self.new_record(frame.instance, Operation::BatchWriteItem, (table, principal), args);
        let taken = std::mem::take(&mut record.requests)
            .into_iter()
            .map(|request| if writes { Request { key: None, ..request } } else { Request { item: None, ..request } });
        record.requests = taken.collect();
        if writes {
            self.note_item(frame, &mut record, args);
            record.puts_back = self.put_back_at(frame.instance, site, args);
        }
        record.deletes = !writes;
        self.keep_record(frame, site, record);
        self.values.none()
    }

    /// A part of a transaction that is sent together with others later, at the call that adds it; `action` is what it needs.
    pub(in crate::flow) fn record_transaction_part(
        &mut self,
        frame: &mut Frame<'p>,
        (operation, part, action): (Operation, Operation, &str),
        table: (Val, Principal),
        args: &Args,
        site: CallSite,
    ) {
        let mut record = self.new_record(frame.instance, operation, table, &Args::default());
        record.actions = [action.to_owned()].into();
        if matches!(part, Operation::PutItem | Operation::UpdateItem) {
            self.note_writes_of(frame, &mut record, args, part == Operation::PutItem);
        }
        record.requests = [self.part_request(frame.instance, part, table.0, args)].into();
        args.values().into_iter().for_each(|value| self.leave(frame.instance, value));
        self.keep_record(frame, site, record);
    }

    fn keep_record(&mut self, frame: &Frame<'p>, site: CallSite, record: Record) {
        let key = (frame.instance, site, record.operation);
        match self.accesses.get_mut(&key) {
            Some(known) => {
                let values = &mut self.values;
                known.merge(record, &mut |a, b| values.join(a, b));
            }
            None => {
                self.accesses.insert(key, record);
            }
        }
    }

    fn new_record(
        &mut self,
        reader: InstanceId,
        operation: Operation,
        (table, principal): (Val, Principal),
        args: &Args,
    ) -> Record {
        let index = self.argument(args, "IndexName");
        let unknown_rest = args.rest;
        let mut index_value = index.as_ref().map_or(unknown_rest, |k| k.value);
        let atoms = self.values.atoms_vec(index_value);
        let given: Vec<Atom> = atoms.iter().copied().filter(|a| *a != Atom::None).collect();
        let has_none = given.len() < atoms.len();
        if has_none {
            index_value = self.values.set(given);
        }
        let limit = self.argument(args, "Limit");
        let select = self.argument(args, "Select");
        let counts = select.as_ref().is_some_and(
            |k| matches!(self.values.single(k.value), Some(Atom::Str(s)) if self.values.str(s) == "COUNT"),
        );
        let filter = self.presence_of(&["FilterExpression", "QueryFilter", "ScanFilter"], args);
        Record {
            operation,
            actions: operation.actions().iter().map(|a| (*a).to_owned()).collect(),
            table,
            principal,
            has_no_index: has_none || index.as_ref().is_none_or(|k| !k.always),
            index: index_value,
            limit: self.presence(limit.as_ref(), args),
            limit_one: limit.as_ref().is_none_or(|k| self.values.single(k.value) == Some(Atom::Int(1))),
            filter,
            count: if counts { self.presence(select.as_ref(), args) } else { Presence::Never },
            start_key: self.presence_of(&["ExclusiveStartKey"], args),
            key_condition: self.presence_of(&["KeyConditionExpression", "KeyConditions"], args),
            equalities: if operation == Operation::Query {
                self.equalities(reader, args)
            } else {
                Equalities::Known(BTreeSet::new())
            },
            writes: BTreeMap::new(),
            writes_complete: true,
            deletes: false,
            puts_back: BTreeSet::new(),
            requests: [self.request(reader, operation, args)].into(),
            parts: None,
            response: None,
            is_told: false,
        }
    }

    /// A keyword argument; one that can only be `None` isn't given.
    pub(super) fn argument(&mut self, args: &Args, name: &str) -> Option<Keyword> {
        let name: Sym = self.values.sym(name);
        let keyword = args.keyword(name)?;
        if self.values.single(keyword.value) == Some(Atom::None) {
            return None;
        }
        Some(keyword.clone())
    }

    fn presence(&self, keyword: Option<&Keyword>, args: &Args) -> Presence {
        match keyword {
            Some(k) if k.always && !self.values.atoms(k.value).contains(&Atom::None) => Presence::Always,
            Some(_) => Presence::Sometimes,
            None if args.rest != Val::BOTTOM => Presence::Sometimes,
            None => Presence::Never,
        }
    }

    /// Whether one of these arguments is given.
    fn presence_of(&mut self, names: &[&str], args: &Args) -> Presence {
        names.iter().fold(Presence::Never, |most, name| {
            let keyword = self.argument(args, name);
            most.max(self.presence(keyword.as_ref(), args))
        })
    }

    fn note_start_key(&mut self, reader: InstanceId, args: &Args, response: crate::flow::value::ResponseId) {
        let key = self.argument(args, "ExclusiveStartKey").map_or(Val::BOTTOM, |k| k.value);
        for value in self.with_contents(reader, &[key]) {
            if self.is_from_outside(value) {
                self.pages.uses(response).cursor = true;
            }
        }
        for value in self.with_contents(reader, &[key, args.rest]) {
            self.pages.start(&self.values, value, response);
        }
    }

    /// Whether a value holds data that no response's LastEvaluatedKey went into: somebody else says where to go on.
    fn is_from_outside(&self, value: Val) -> bool {
        self.values.atoms(value).iter().any(|atom| matches!(atom, Atom::Data(_) | Atom::Opaque(_)))
            && Pages::last_keys(&self.values, value).is_empty()
    }

    /// A value leaves the program, containers and all.
    pub fn leave(&mut self, reader: InstanceId, value: Val) {
        for inner in self.with_contents(reader, &[value]) {
            self.tell(&[inner]);
            self.pages.leave(&self.values, inner);
        }
    }

    /// Values and what their containers hold, a few levels down. The reader isn't woken by every later store, as it would
    /// be for most of the heap, but runs once more at the end.
    pub fn with_contents(&mut self, reader: InstanceId, values: &[Val]) -> Vec<Val> {
        self.deep_readers.insert(reader);
        let mut all = values.to_vec();
        let mut seen: FxHashSet<Val> = values.iter().copied().collect();
        let mut level = values.to_vec();
        for _ in 0..MAX_LEVELS {
            let mut next: Vec<Val> = level.iter().flat_map(|value| self.peek_contents(*value)).collect();
            self.budget.spend(next.len());
            next.sort_unstable();
            next.retain(|value| seen.insert(*value));
            if next.is_empty() {
                break;
            }
            all.extend_from_slice(&next);
            level = next;
        }
        all
    }

    /// Plain data made from values and all that is in them. Without any response there is nothing to follow.
    pub fn deep_data_from(&mut self, reader: InstanceId, values: &[Val]) -> Val {
        if self.pages.is_empty() {
            return self.values.data_from(values);
        }
        let all = self.with_contents(reader, values);
        self.values.data_from(&all)
    }

    /// What containers hold, one level down, without becoming a reader.
    pub fn peek_contents(&self, value: Val) -> Vec<Val> {
        let mut out = Vec::new();
        for atom in self.values.atoms(value) {
            match atom {
                Atom::Tuple(tuple) => out.extend_from_slice(self.values.tuple(*tuple)),
                Atom::Object(object) => {
                    let object = self.heap.get(*object);
                    if matches!(object.kind, Kind::Dict | Kind::List | Kind::Instance(..)) {
                        out.push(self.heap.peek(object.elements));
                        out.extend(object.fields.values().map(|field| self.heap.peek(field.cell)));
                    }
                }
                _ => {}
            }
        }
        out
    }
}
