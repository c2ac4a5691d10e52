//! Powertools for AWS Lambda, where it calls DynamoDB itself: idempotency keeps a record of each invocation, and a
//! parameter provider reads a table. <https://docs.aws.amazon.com/powertools/python/latest/utilities/idempotency/>

use super::Hides;
use super::call::{Args, Keyword};
use super::frame::Frame;
use super::heap::{AllocKey, CallSite, Kind};
use super::machine::Machine;
use super::value::{Atom, ObjId, Principal, Sym, Val};
use crate::dynamodb::operation::Operation;
use crate::python::ir::ExprId;

/// What of Powertools calls DynamoDB.
const STORES: [&str; 2] = ["DynamoDBPersistenceLayer", "DynamoDBProvider"];

impl<'p> Machine<'p> {
    /// What keeps the arguments it is made with: they tell which table it works on.
    pub fn make_powertool(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Option<Val> {
        if !path.starts_with("aws_lambda_powertools.utilities.") {
            return None;
        }
        let name = path.rsplit('.').next().unwrap_or_default();
        let decorates = matches!(name, "idempotent" | "idempotent_function") && args.positional.is_empty();
        if !decorates && !is_store(path) {
            return None;
        }
        let name = self.values.sym(name);
        Some(self.keep_arguments(frame, args, site, Kind::Tool(name)))
    }

    /// A class of the program's that is a store or a provider: what it inherits calls DynamoDB, and isn't followed.
    pub fn note_powertool_base(&mut self, frame: &Frame<'p>, path: &str, base: ExprId) {
        if is_store(path) {
            let span = self.span(frame.module_id, base);
            self.gap(span, &format!("a subclass of `{path}`, which calls DynamoDB by itself"), Hides::Anything);
        }
    }

    /// `@idempotent(persistence_store=layer)`: each run of the function is recorded.
    pub fn make_idempotent(&mut self, frame: &mut Frame<'p>, decorator: ObjId, decorated: Val, site: CallSite) {
        let store = self.values.sym("persistence_store");
        let layer = self.read_field(decorator, store, frame.instance);
        for atom in self.values.atoms_vec(decorated) {
            match (atom, site) {
                (Atom::Function(module, function, _), Some(site)) if module == frame.module_id => {
                    self.wrapped.idempotent.insert((module, function), site);
                    let (kept, _) = self.heap.object(AllocKey::Idempotent(module, function), Kind::Dict);
                    self.write_field(kept, store, layer);
                }
                _ => {
                    let span = self.place(frame, site);
                    self.gap(span, "idempotency around something that can't be told", Hides::Anything);
                }
            }
        }
    }

    /// The records that idempotency keeps of a function which runs: before it, after it, and after its failure.
    pub fn note_idempotency(&mut self, frame: &mut Frame<'p>) {
        let key = (frame.module_id, frame.function);
        let Some(site) = self.wrapped.idempotent.get(&key).copied() else { return };
        let (kept, _) = self.heap.object(AllocKey::Idempotent(key.0, key.1), Kind::Dict);
        let store = self.values.sym("persistence_store");
        let layers = self.read_field(kept, store, frame.instance);
        for atom in self.values.atoms_vec(layers) {
            match atom {
                Atom::Object(layer) if matches!(self.heap.get(layer).kind, Kind::Tool(_)) => {
                    self.note_records(frame, layer, site);
                }
                // Other stores are no DynamoDB; of one that is lost it can't be told.
                Atom::Opaque(_) => {
                    let span = self.span(frame.module_id, site);
                    self.gap(span, "idempotency with a store that can't be told", Hides::Anything);
                }
                _ => {}
            }
        }
    }

    fn note_records(&mut self, frame: &mut Frame<'p>, layer: ObjId, site: ExprId) {
        let table = self.table_of(frame, layer);
        let mut attributes = vec![self.option(frame, layer, "key_attr", "id")];
        attributes.extend(self.given_option(frame, layer, "sort_key_attr"));
        let key = self.mapping_with(frame, (site, 10), &attributes);
        attributes.push(self.option(frame, layer, "expiry_attr", "expiration"));
        let item = self.mapping_with(frame, (site, 9), &attributes);
        let span = self.span(frame.module_id, site);
        for (operation, parameter, value) in [
            (Operation::PutItem, "Item", item),
            (Operation::UpdateItem, "AttributeUpdates", item),
            (Operation::DeleteItem, "Key", key),
        ] {
            let name = self.values.sym(parameter);
            let given = Keyword { name, value, always: true, spans: vec![span] };
            self.record_call(frame, operation, table, &Args { keywords: vec![given], ..Args::default() }, Some(site));
        }
        // Only where boto3 is too old to return the record that stands in the way of a new one.
        self.gap(
            span,
            "idempotency may read its record, depending on the version of boto3",
            Hides::Operation(Operation::GetItem),
        );
    }

    /// A mapping with these attributes; the number tells those of one decorator apart.
    fn mapping_with(&mut self, frame: &Frame<'p>, (site, part): (ExprId, u8), attributes: &[Val]) -> Val {
        let mapping = self.container(frame.instance, Some(site), part, Kind::Dict, &frame.guard);
        let (data, span) = (self.values.data(), self.span(frame.module_id, site));
        for attribute in attributes {
            self.store(mapping, *attribute, data, Some(span), true);
        }
        self.values.one(Atom::Object(mapping))
    }

    fn option(&mut self, frame: &Frame<'p>, tool: ObjId, name: &str, default: &str) -> Val {
        self.given_option(frame, tool, name).unwrap_or_else(|| self.values.string(default))
    }

    fn given_option(&mut self, frame: &Frame<'p>, tool: ObjId, name: &str) -> Option<Val> {
        let name = self.values.sym(name);
        let given = self.read_field(tool, name, frame.instance);
        (given != Val::BOTTOM).then_some(given)
    }

    /// The table that a store or provider works on, and for whom.
    fn table_of(&mut self, frame: &Frame<'p>, tool: ObjId) -> (Val, Principal) {
        let [name, first] = ["table_name", "#0"].map(|n| self.values.sym(n));
        let (named, first) =
            (self.read_field(tool, name, frame.instance), self.read_field(tool, first, frame.instance));
        let mut table = self.values.join(named, first);
        if table == Val::BOTTOM {
            table = self.values.opaque("a table that Powertools is told elsewhere");
        }
        let given = self.all_values(tool, frame.instance);
        let foreign = |atom: &Atom| {
            matches!(
                atom,
                Atom::Session(Principal::Foreign)
                    | Atom::Client(_, Principal::Foreign)
                    | Atom::Resource(_, Principal::Foreign)
            )
        };
        let foreign = self.values.atoms(given).iter().any(foreign);
        (table, if foreign { Principal::Foreign } else { Principal::Own })
    }

    /// A store or provider that goes where it isn't followed, or is asked for more than is: `idempotent(handler, persistence_store=…)`.
    pub fn note_store_escapes(&mut self, frame: &Frame<'p>, object: ObjId, site: CallSite) {
        let Kind::Tool(name) = self.heap.get(object).kind else { return };
        if !STORES.contains(&self.values.str(name)) {
            return;
        }
        let (names, principal) = self.table_of(frame, object);
        let reason = format!("a `{}` of Powertools is used where it isn't followed", self.values.str(name));
        if principal != Principal::Foreign {
            let span = self.place(frame, site);
            for hides in self.on_tables(names) {
                self.gap(span, &reason, hides);
            }
        }
    }

    /// A method of a parameter provider.
    pub fn call_powertool(&mut self, frame: &mut Frame<'p>, tool: ObjId, method: Sym, site: CallSite) -> Val {
        let operation = match self.values.str(method) {
            "get" | "_get" => Operation::GetItem,
            "get_multiple" | "_get_multiple" => Operation::Query,
            _ => {
                self.note_store_escapes(frame, tool, site);
                return self.values.data();
            }
        };
        if !matches!(self.heap.get(tool).kind, Kind::Tool(name) if self.values.str(name) == "DynamoDBProvider") {
            self.note_store_escapes(frame, tool, site);
            return self.values.data();
        }
        let table = self.table_of(frame, tool);
        let made = self.record_call(frame, operation, table, &Args::default(), site);
        if let Some(Atom::Response(response)) = self.values.single(made) {
            let uses = self.pages.uses(response);
            (uses.pages_consumed, uses.all) = (true, true);
        }
        self.values.data()
    }
}

/// Whether a class of Powertools calls DynamoDB.
fn is_store(path: &str) -> bool {
    let name = path.rsplit('.').next().unwrap_or_default();
    path.starts_with("aws_lambda_powertools.utilities.") && STORES.contains(&name)
}
