//! `PynamoDB`. Models: classes that stand for tables, whose methods are calls of the API. Iterators over queries and scans
//! read page after page by themselves. <https://pynamodb.readthedocs.io/en/stable/api.html>

mod connection;
mod transaction;

use crate::dynamodb::operation::Operation;
use crate::flow::Hides;
use crate::flow::annotation::Kept;
use crate::flow::call::{Args, Keyword};
use crate::flow::class::Ancestry;
use crate::flow::frame::Frame;
use crate::flow::heap::{AllocKey, CallSite, Kind};
use crate::flow::machine::Machine;
use crate::flow::value::{Atom, ObjId, Principal, Sym, Val};
use crate::python::ModuleId;
use crate::python::ir::ClassId;

type ClassRef = (ModuleId, ClassId);

/// An attribute of a model: the name in the class, the name in the table, its description.
type Attribute = (Sym, Sym, ObjId);

/// An object that makes requests without a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tool {
    /// `TransactWrite` or `TransactGet`.
    Transaction,
    /// What `TransactGet.get` gives.
    Future,
    Connection,
    TableConnection,
}

impl Tool {
    const ALL: [Self; 4] = [Self::Transaction, Self::Future, Self::Connection, Self::TableConnection];

    fn name(self) -> &'static str {
        match self {
            Self::Transaction => "pynamodb.Transaction",
            Self::Future => "pynamodb.ModelFuture",
            Self::Connection => "pynamodb.Connection",
            Self::TableConnection => "pynamodb.TableConnection",
        }
    }

    fn made_by(path: &str) -> Option<Self> {
        let (module, class) = path.rsplit_once('.')?;
        match (module, class) {
            ("pynamodb.transactions", "TransactWrite" | "TransactGet") => Some(Self::Transaction),
            ("pynamodb.connection" | "pynamodb.connection.base", "Connection") => Some(Self::Connection),
            ("pynamodb.connection" | "pynamodb.connection.table", "TableConnection") => Some(Self::TableConnection),
            _ => None,
        }
    }
}

impl<'p> Machine<'p> {
    /// `UnicodeAttribute(hash_key=True)`, `TransactWrite(connection=…)`, `TableConnection(name)`.
    pub fn make_pynamodb(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Option<Val> {
        if let Some(tool) = Tool::made_by(path) {
            return Some(self.make_tool(frame, tool, args, site));
        }
        let name = path.strip_prefix("pynamodb.attributes.").filter(|name| name.ends_with("Attribute"))?;
        let name = self.values.sym(name);
        Some(self.keep_arguments(frame, args, site, Kind::Tool(name)))
    }

    fn make_tool(&mut self, frame: &mut Frame<'p>, tool: Tool, args: &Args, site: CallSite) -> Val {
        let name = self.values.sym(tool.name());
        self.keep_arguments(frame, args, site, Kind::Tool(name))
    }

    /// A method of what [`Machine::make_pynamodb`] made; `None` if the object is none of these.
    pub fn call_pynamodb(
        &mut self,
        frame: &mut Frame<'p>,
        object: ObjId,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        if self.is_attribute(object) {
            return Some(self.call_attribute(frame, object, args, site));
        }
        let Kind::Tool(name) = self.heap.get(object).kind else { return None };
        let tool = Tool::ALL.into_iter().find(|tool| tool.name() == self.values.str(name))?;
        let made = match tool {
            Tool::Transaction => self.call_transaction(frame, method, args, site),
            Tool::Future => self.call_future(frame, object, method),
            Tool::Connection | Tool::TableConnection => self.call_connection(frame, (object, tool), method, args, site),
        };
        Some(made.unwrap_or_else(|| self.values.data()))
    }

    /// Whether an object describes an attribute of a model.
    pub fn is_attribute(&self, object: ObjId) -> bool {
        match self.heap.get(object).kind {
            Kind::Tool(name) => self.values.str(name).ends_with("Attribute"),
            Kind::Instance(module, class) => self.inherits(&self.ancestry(module, class), "pynamodb.attributes."),
            _ => false,
        }
    }

    fn inherits(&self, line: &Ancestry, prefix: &str) -> bool {
        line.external.iter().any(|path| self.values.str(*path).starts_with(prefix))
    }

    pub fn is_model(&self, line: &Ancestry) -> bool {
        self.inherits(line, "pynamodb.models.")
    }

    fn attributes_of(&mut self, frame: &Frame<'p>, line: &Ancestry) -> Vec<Attribute> {
        let attr_name = self.values.sym("attr_name");
        let mut out: Vec<Attribute> = Vec::new();
        for class in &line.ours {
            let Some(namespace) = self.classes.get(class).map(|info| info.namespace) else { continue };
            for (name, field) in self.heap.fields(namespace) {
                let value = self.heap.read(field.cell, frame.instance);
                let Some(Atom::Object(object)) = self.values.single(value) else { continue };
                if !self.is_attribute(object) || out.iter().any(|(known, ..)| *known == name) {
                    continue;
                }
                let stored = self.read_field(object, attr_name, frame.instance);
                let stored = match self.values.single(stored) {
                    Some(Atom::Str(stored)) => stored,
                    _ => name,
                };
                out.push((name, stored, object));
            }
        }
        out
    }

    /// The attribute that is the partition key (`hash_key`) or the sort key (`range_key`).
    fn key_of(&mut self, frame: &Frame<'p>, line: &Ancestry, which: &str) -> Option<Attribute> {
        let which = self.values.sym(which);
        let attributes = self.attributes_of(frame, line);
        attributes.into_iter().find(|(_, _, object)| {
            let given = self.read_field(*object, which, frame.instance);
            self.values.single(given) == Some(Atom::True)
        })
    }

    /// A setting of a model's or an index's inner class `Meta`.
    fn meta(&mut self, frame: &Frame<'p>, line: &Ancestry, setting: &str) -> Val {
        let [meta, setting] = ["Meta", setting].map(|name| self.values.sym(name));
        let meta = self.find_in_class(line, meta, frame.instance);
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(meta) {
            if let Atom::Class(module, class) = atom {
                let one = self.class_field(module, class, setting, frame.instance);
                result = self.values.join(result, one);
            }
        }
        result
    }

    fn table_of_model(&mut self, frame: &Frame<'p>, line: &Ancestry) -> Val {
        let table = self.meta(frame, line, "table_name");
        if table == Val::BOTTOM { self.values.opaque("a model without a table's name") } else { table }
    }

    /// `Model(hash_key, range_key, **attributes)`.
    pub fn fill_model(&mut self, frame: &mut Frame<'p>, object: ObjId, line: &Ancestry, args: &Args) {
        for (which, value) in ["hash_key", "range_key"].into_iter().zip(args.positional.clone()) {
            if let Some((name, ..)) = self.key_of(frame, line, which) {
                self.store_field(object, name, value, None, true);
            }
        }
        for keyword in &args.keywords {
            self.store_field(object, keyword.name, keyword.value, keyword.spans.first().copied(), keyword.always);
        }
    }

    /// A method that a model's class or instance has from `PynamoDB`; `None` if it is no call.
    pub fn call_model(
        &mut self,
        frame: &mut Frame<'p>,
        ((module, class), object): (ClassRef, Option<ObjId>),
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        let line = self.ancestry(module, class);
        if self.inherits(&line, "pynamodb.indexes.") {
            return self.call_index(frame, object?, &line, method, args, site);
        }
        if !self.is_model(&line) {
            return None;
        }
        let table = (self.table_of_model(frame, &line), Principal::Own);
        let span = self.place(frame, site);
        let operation = match method {
            "__init__" => {
                self.fill_model(frame, object?, &line, args);
                return Some(self.values.none());
            }
            "query" | "scan" | "count" => {
                let index = self.values.sym("index_name");
                let index = args.keyword(index).cloned();
                return Some(self.read_pages(frame, ((module, class), &line), (table.0, index), method, args, site));
            }
            "get" | "refresh" => Operation::GetItem,
            "save" => Operation::PutItem,
            "update" => Operation::UpdateItem,
            "delete" => Operation::DeleteItem,
            "batch_get" => Operation::BatchGetItem,
            "batch_write" => Operation::BatchWriteItem,
            "exists" | "describe_table" => Operation::DescribeTable,
            "create_table" => Operation::CreateTable,
            "delete_table" => Operation::DeleteTable,
            "update_ttl" => Operation::UpdateTimeToLive,
            _ => return None,
        };
        let given = match (method, object) {
            ("save", Some(object)) => vec![("Item", self.item_of(frame, object, &line, site))],
            ("update", _) => vec![("AttributeUpdates", self.actions_of(frame, args))],
            _ => Vec::new(),
        };
        let keyword = |m: &mut Self, (name, value): (&str, Val)| Keyword {
            name: m.values.sym(name),
            value,
            always: true,
            spans: vec![span],
        };
        let keywords = given.into_iter().map(|entry| keyword(self, entry)).collect();
        self.record_call(frame, operation, table, &Args { keywords, ..Args::default() }, site);
        if method == "create_table" {
            self.record_call(frame, Operation::DescribeTable, table, &Args::default(), site);
        }
        self.note_description(frame, site);
        Some(match method {
            "get" => self.any_instance(module, class),
            "batch_get" => {
                let item = self.any_instance(module, class);
                self.list_of(frame, item, site)
            }
            "batch_write" => self.values.one(Atom::BatchWriter(table.0, table.1)),
            _ => self.values.data(),
        })
    }

    /// Until version 5, a connection asks for its table's description before anything else.
    fn note_description(&mut self, frame: &Frame<'p>, site: CallSite) {
        let span = self.place(frame, site);
        let reason = "PynamoDB may ask for the table's description, depending on its version";
        self.gap(span, reason, Hides::Operation(Operation::DescribeTable));
    }

    fn call_index(
        &mut self,
        frame: &mut Frame<'p>,
        index: ObjId,
        line: &Ancestry,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        if !matches!(method, "query" | "scan" | "count") {
            return None;
        }
        let mut owners: Vec<ClassRef> = self.classes.keys().copied().collect();
        owners.sort_unstable();
        let mut result = Val::BOTTOM;
        for owner in owners {
            let models = self.ancestry(owner.0, owner.1);
            if !self.is_model(&models) || self.meta(frame, &models, "table_name") == Val::BOTTOM {
                continue;
            }
            let Some(attribute) = self.attribute_that_holds(frame, &models, index) else { continue };
            let mut name = self.meta(frame, line, "index_name");
            if name == Val::BOTTOM {
                name = self.values.one(Atom::Str(attribute));
            }
            let index = Keyword { name: attribute, value: name, always: true, spans: Vec::new() };
            let table = self.table_of_model(frame, &models);
            let made = self.read_pages(frame, (owner, &models), (table, Some(index)), method, args, site);
            result = self.values.join(result, made);
        }
        Some(result)
    }

    fn attribute_that_holds(&mut self, frame: &Frame<'p>, line: &Ancestry, object: ObjId) -> Option<Sym> {
        for class in &line.ours {
            let Some(namespace) = self.classes.get(class).map(|info| info.namespace) else { continue };
            for (name, field) in self.heap.fields(namespace) {
                let value = self.heap.read(field.cell, frame.instance);
                if self.values.atoms(value).contains(&Atom::Object(object)) {
                    return Some(name);
                }
            }
        }
        None
    }

    /// A query, scan or count: all pages are read as the items are asked for. Only who gives a key to start from means
    /// to read page by page.
    fn read_pages(
        &mut self,
        frame: &mut Frame<'p>,
        ((module, class), line): (ClassRef, &Ancestry),
        (table, index): (Val, Option<Keyword>),
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        let [hash_key, filter, start, index_name, condition, expression] = [
            "hash_key",
            "filter_condition",
            "last_evaluated_key",
            "IndexName",
            "KeyConditionExpression",
            "FilterExpression",
        ]
        .map(|name| self.values.sym(name));
        let keyed = !args.positional.is_empty() || args.keyword(hash_key).is_some();
        let operation = match method {
            "scan" => Operation::Scan,
            "count" if !keyed => Operation::DescribeTable,
            _ => Operation::Query,
        };
        let mut given = Args { rest: args.rest, ..Args::default() };
        if let (Operation::Query, None, Some((_, key, _))) = (operation, &index, self.key_of(frame, line, "hash_key")) {
            // The model's attribute says of what type the value becomes.
            let value = self.make_condition(frame.instance, (key, true), "eq", &Args::default());
            given.keywords.push(Keyword { name: condition, value, always: true, spans: Vec::new() });
        }
        given.keywords.extend(index.map(|index| Keyword { name: index_name, ..index }));
        if let Some(filter) = args.keyword(filter) {
            given.keywords.push(Keyword { name: expression, ..filter.clone() });
        }
        let made = self.record_call(frame, operation, (table, Principal::Own), &given, site);
        self.note_description(frame, site);
        let Some(Atom::Response(response)) = self.values.single(made) else { return self.values.data() };
        let is_cursor = args.keyword(start).is_some_and(|k| self.values.single(k.value) != Some(Atom::None));
        let uses = self.pages.uses(response);
        uses.all = true;
        uses.cursor |= is_cursor;
        uses.pages_consumed |= !is_cursor;
        if method == "count" {
            return self.values.data();
        }
        let item = self.any_instance(module, class);
        self.list_of(frame, item, site)
    }

    /// What saving an object writes.
    pub fn item_of(&mut self, frame: &mut Frame<'p>, object: ObjId, line: &Ancestry, site: CallSite) -> Val {
        let item = self.container(frame.instance, site, 9, Kind::Dict, &frame.guard);
        let default = self.values.sym("default");
        let is_any = matches!(self.heap.key(object), AllocKey::AnyInstance(..));
        for (name, stored, description) in self.attributes_of(frame, line) {
            let mut value = self.read_field(object, name, frame.instance);
            let default = self.read_field(description, default, frame.instance);
            if is_any || (value == Val::BOTTOM && default != Val::BOTTOM) {
                let unknown = self.values.data();
                value = self.values.join(value, unknown);
            }
            let kept = self.kept_by_attribute(description);
            value = self.converted(value, &kept, frame.instance);
            if value != Val::BOTTOM {
                let place = self.heap.get(object).fields.get(&name).and_then(|f| f.spans.first().copied());
                self.store_field(item, stored, value, place, true);
            }
        }
        self.values.one(Atom::Object(item))
    }

    /// What an attribute writes as it is given.
    fn kept_by_attribute(&self, attribute: ObjId) -> Kept {
        let Kind::Tool(name) = self.heap.get(attribute).kind else { return Kept::default() };
        Kept::of_type(match self.values.str(name) {
            "UnicodeAttribute" => "str",
            "NumberAttribute" => "int",
            "BooleanAttribute" => "bool",
            _ => "",
        })
    }

    /// The arguments that put a model's object, for `batch.save(object)`.
    pub fn saved(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Args {
        let mut items = Val::BOTTOM;
        for atom in self.values.atoms_vec(args.positional.first().copied().unwrap_or_default()) {
            let item = match atom {
                Atom::Object(object) => match self.heap.get(object).kind {
                    Kind::Instance(module, class) => {
                        let line = self.ancestry(module, class);
                        self.item_of(frame, object, &line, site)
                    }
                    _ => self.values.data(),
                },
                _ => self.values.data(),
            };
            items = self.values.join(items, item);
        }
        let (name, place) = (self.values.sym("Item"), self.place(frame, site));
        let item = Keyword { name, value: items, always: true, spans: vec![place] };
        Args { keywords: vec![item], ..Args::default() }
    }

    /// `actions=[Model.status.set("x"), …]`, as the attributes that they set.
    fn actions_of(&mut self, frame: &mut Frame<'p>, args: &Args) -> Val {
        let actions = self.values.sym("actions");
        let given = args.keyword(actions).map(|k| k.value).or_else(|| args.positional.first().copied());
        self.iterate(frame, given.unwrap_or(Val::BOTTOM))
    }

    /// `Model.status.set(value)`.
    fn call_attribute(&mut self, frame: &mut Frame<'p>, attribute: ObjId, args: &Args, site: CallSite) -> Val {
        let mut owners: Vec<ClassRef> = self.classes.keys().copied().collect();
        owners.sort_unstable();
        let action = self.container(frame.instance, site, 9, Kind::Dict, &frame.guard);
        let value = args.positional.first().copied().unwrap_or_default();
        let place = self.place(frame, site);
        for (module, class) in owners {
            let line = self.ancestry(module, class);
            for (_, stored, object) in self.attributes_of(frame, &line) {
                if object == attribute {
                    self.store_field(action, stored, value, Some(place), true);
                }
            }
        }
        self.values.one(Atom::Object(action))
    }
}
