//! boto3 as far as DynamoDB goes: sessions, clients, resources, tables, paginators, batch writers, conditions.
//! <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb.html>

mod conditions;
mod credentials;
mod items;
mod parts;
mod record;
mod request;
mod statement;

pub(super) use conditions::Conditions;

use super::call::Args;
use super::frame::Frame;
use super::heap::CallSite;
use super::machine::Machine;
use super::value::{Atom, Principal, Sym, Val};
use crate::dynamodb::operation::Operation;

/// Parameters that only DynamoDB's calls have: with them, a call through a receiver that is lost is still one of them.
const OWN_PARAMETERS: &[&str] = &[
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
    "ExpressionAttributeValues",
    "ExpressionAttributeNames",
    "UpdateExpression",
    "ConditionExpression",
    "TableName",
    "RequestItems",
    "TransactItems",
    "ConsistentRead",
    "ExclusiveStartKey",
];

/// Attributes of a `Table` that aren't known before DynamoDB is asked: the first one read calls `DescribeTable`.
/// <https://boto3.amazonaws.com/v1/documentation/api/latest/reference/services/dynamodb/table/index.html>
const DESCRIBED: &[&str] = &[
    "archival_summary",
    "attribute_definitions",
    "billing_mode_summary",
    "creation_date_time",
    "deletion_protection_enabled",
    "global_secondary_indexes",
    "global_table_version",
    "item_count",
    "key_schema",
    "latest_stream_arn",
    "latest_stream_label",
    "local_secondary_indexes",
    "on_demand_throughput",
    "provisioned_throughput",
    "replicas",
    "restore_summary",
    "sse_description",
    "stream_specification",
    "table_arn",
    "table_class_summary",
    "table_id",
    "table_size_bytes",
    "table_status",
    "warm_throughput",
];

impl<'p> Machine<'p> {
    /// A call of a function of boto3 (or of its asynchronous relatives), by path; `None` if it is none of these.
    pub fn call_boto3(&mut self, path: &str, args: &Args) -> Option<Val> {
        let root = path.split('.').next().unwrap_or_default();
        // DAX calls DynamoDB by the rights of its cluster's role.
        if path == "amazondax.AmazonDaxClient.resource" {
            let dynamodb = self.values.sym("dynamodb");
            return Some(self.values.one(Atom::Resource(dynamodb, Principal::Foreign)));
        }
        if matches!(path, "amazondax.AmazonDaxClient" | "amazondax.AmazonDaxClient.client") {
            let dynamodb = self.values.sym("dynamodb");
            return Some(self.values.one(Atom::Client(dynamodb, Principal::Foreign)));
        }
        if !matches!(root, "boto3" | "aioboto3" | "aiobotocore" | "botocore" | "aws_xray_sdk") {
            return None;
        }
        let atom = match path.rsplit('.').next().unwrap_or_default() {
            "client" | "create_client" => return Some(self.make_client(Principal::Own, args, false)),
            "resource" => return Some(self.make_client(Principal::Own, args, true)),
            "Session" | "get_session" | "AioSession" | "setup_default_session" | "_get_default_session" => {
                // A session takes its credentials by position, too.
                let mut args = args.clone();
                let name = self.values.sym("aws_access_key_id");
                if let Some(value) = args.positional.first().copied() {
                    args.keywords.push(super::call::Keyword { name, value, always: true, spans: Vec::new() });
                }
                let principal = self.principal(Principal::Own, &args);
                if path.ends_with(".setup_default_session") {
                    self.set_default_session(principal);
                }
                Atom::Session(principal)
            }
            "Key" | "Attr" => {
                let name = args.positional.first().copied().unwrap_or(Val::BOTTOM);
                return Some(self.condition_name(name, path.ends_with("Key")));
            }
            _ => return None,
        };
        Some(self.values.one(atom))
    }

    fn make_client(&mut self, principal: Principal, args: &Args, resource: bool) -> Val {
        let principal = self.principal(principal, args);
        let name = self.values.sym("service_name");
        let service = args.positional.first().copied().or_else(|| args.keyword(name).map(|k| k.value));
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(service.unwrap_or(Val::BOTTOM)) {
            let made = match atom {
                Atom::Str(service) if resource => Atom::Resource(service, principal),
                Atom::Str(service) => Atom::Client(service, principal),
                _ => Atom::Opaque(self.values.sym("a client of a service that isn't known")),
            };
            let made = self.values.one(made);
            result = self.values.join(result, made);
        }
        result
    }

    /// The boto3 object that a stub package's type stands for (`mypy_boto3_dynamodb`, `types_aiobotocore_dynamodb`).
    pub fn stub_type(&mut self, path: Sym) -> Val {
        let path = self.values.str(path);
        if !path.contains("boto") || !path.contains("dynamodb") {
            return Val::BOTTOM;
        }
        let last = path.rsplit('.').next().unwrap_or_default().to_owned();
        let dynamodb = self.values.sym("dynamodb");
        let atom = match last.as_str() {
            "Table" => {
                let unknown = self.values.opaque("a table that is passed in");
                Atom::Table(unknown, Principal::Own)
            }
            "DynamoDBServiceResource" => Atom::Resource(dynamodb, Principal::Own),
            "DynamoDBClient" => Atom::Client(dynamodb, Principal::Own),
            _ => return Val::BOTTOM,
        };
        self.values.one(atom)
    }

    /// An attribute of a boto3 object.
    pub fn boto_attribute(&mut self, frame: &mut Frame<'p>, atom: Atom, name: Sym) -> Val {
        let dynamodb = self.values.sym("dynamodb");
        match (atom, self.values.str(name)) {
            (Atom::Table(table, _), "name" | "table_name") => table,
            (Atom::Table(table, principal), attribute) if DESCRIBED.contains(&attribute) => {
                let named = attribute == "table_arn";
                let site = (self.at.instance == frame.instance).then_some(self.at.expr);
                let described =
                    self.record_call(frame, Operation::DescribeTable, (table, principal), &Args::default(), site);
                if named { table } else { described }
            }
            (Atom::Table(..) | Atom::Resource(..) | Atom::Client(..), "meta") => self.values.one(atom),
            (Atom::Table(_, principal) | Atom::Resource(_, principal), "client") => {
                self.values.one(Atom::Client(dynamodb, principal))
            }
            (Atom::Client(..), "exceptions") => self.external_object("botocore.exceptions"),
            _ => {
                let receiver = self.values.atom_id(atom);
                self.values.one(Atom::Method(receiver, name))
            }
        }
    }

    /// Calls a method of a boto3 object.
    pub fn call_boto(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Atom,
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        match receiver {
            Atom::Session(principal) => match method {
                "client" | "create_client" => self.make_client(principal, args, false),
                "resource" => self.make_client(principal, args, true),
                "set_credentials" => {
                    self.credentials_change = true;
                    self.values.none()
                }
                _ => self.values.data(),
            },
            Atom::Resource(service, principal) => self.call_resource(frame, (service, principal), method, args, site),
            Atom::Client(service, principal) => {
                let answer = self.call_client(frame, (service, principal), method, args, site);
                self.forget_floats(frame.instance, site);
                answer
            }
            Atom::Table(table, principal) => self.call_table(frame, (table, principal), method, args, site),
            Atom::BatchWriter(table, principal) => match method {
                "put_item" | "delete_item" => {
                    let writes = method == "put_item";
                    self.record_batch_item(frame, (table, principal), args, site, writes)
                }
                // PynamoDB's: a batch of a model's objects.
                "save" | "delete" => {
                    let args = if method == "save" { self.saved(frame, args, site) } else { Args::default() };
                    self.record_batch_item(frame, (table, principal), &args, site, method == "save")
                }
                _ => self.values.data(),
            },
            Atom::Paginator(operation, principal) => {
                let pages = self.call_paginator(frame, (operation, principal), args, site);
                self.forget_floats(frame.instance, site);
                pages
            }
            Atom::ConditionName(attribute, key) => self.make_condition(frame.instance, (attribute, key), method, args),
            _ => self.values.data(),
        }
    }

    fn call_resource(
        &mut self,
        frame: &mut Frame<'p>,
        (service, principal): (Sym, Principal),
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        if self.values.str(service) != "dynamodb" {
            self.send(frame, args);
            return self.external_object("boto3.resource");
        }
        match method {
            "Table" => {
                let name = self.values.sym("name");
                let table = args.positional.first().copied().or_else(|| args.keyword(name).map(|k| k.value));
                let unknown = self.values.join(args.star, args.rest);
                let table = table.unwrap_or(unknown);
                self.values.one(Atom::Table(table, principal))
            }
            _ => self.call_client(frame, (service, principal), method, args, site),
        }
    }

    fn call_client(
        &mut self,
        frame: &mut Frame<'p>,
        (service, principal): (Sym, Principal),
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        if self.values.str(service) != "dynamodb" {
            self.send(frame, args);
            return if method == "get_paginator" {
                self.external_object("botocore.paginate")
            } else {
                self.values.data()
            };
        }
        match method {
            "get_paginator" => {
                let name = self.values.sym("operation_name");
                let operation = args.positional.first().copied().or_else(|| args.keyword(name).map(|k| k.value));
                let mut result = Val::BOTTOM;
                for atom in self.values.atoms_vec(operation.unwrap_or(Val::BOTTOM)) {
                    let paginator = match atom {
                        Atom::Str(operation) => Atom::Paginator(operation, principal),
                        _ => Atom::Opaque(self.values.sym("a paginator of an operation that isn't known")),
                    };
                    let paginator = self.values.one(paginator);
                    result = self.values.join(result, paginator);
                }
                result
            }
            // Both table waiters ask for the table's description.
            "get_waiter" => {
                let operation = self.values.sym("describe_table");
                self.values.one(Atom::Paginator(operation, principal))
            }
            _ => match Operation::from_method(method) {
                Some(operation) => {
                    let names =
                        ["TableName", "TableArn", "ResourceArn", "SourceTableName"].map(|name| self.values.sym(name));
                    let table = names.iter().find_map(|name| args.keyword(*name)).map_or(args.rest, |k| k.value);
                    self.record_call(frame, operation, (table, principal), args, site)
                }
                None => self.values.data(),
            },
        }
    }

    fn call_table(
        &mut self,
        frame: &mut Frame<'p>,
        table: (Val, Principal),
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Val {
        let operation = match method {
            "batch_writer" => {
                self.record_call(frame, Operation::BatchWriteItem, table, &Args::default(), site);
                return self.values.one(Atom::BatchWriter(table.0, table.1));
            }
            "load" | "reload" | "wait_until_exists" | "wait_until_not_exists" => Operation::DescribeTable,
            "delete" => Operation::DeleteTable,
            "update" => Operation::UpdateTable,
            "get_item" | "put_item" | "update_item" | "delete_item" | "query" | "scan" => {
                match Operation::from_method(method) {
                    Some(operation) => operation,
                    None => return self.values.data(),
                }
            }
            _ => return self.values.data(),
        };
        self.record_call(frame, operation, table, args, site)
    }

    fn call_paginator(
        &mut self,
        frame: &mut Frame<'p>,
        (operation, principal): (Sym, Principal),
        args: &Args,
        site: CallSite,
    ) -> Val {
        let Some(operation) = Operation::from_method(self.values.str(operation)) else { return self.values.data() };
        let name = self.values.sym("TableName");
        let table = args.keyword(name).map_or(args.rest, |k| k.value);
        let response = self.record_call(frame, operation, (table, principal), args, site);
        match self.values.single(response) {
            Some(Atom::Response(response)) => self.values.one(Atom::Pages(response)),
            _ => response,
        }
    }

    /// `resource.tables.all()`: any table of the account.
    pub fn all_tables(&mut self, frame: &mut Frame<'p>, principal: Principal, site: CallSite) -> Val {
        let unknown = self.values.opaque("any table of the account");
        self.record_call(frame, Operation::ListTables, (unknown, principal), &Args::default(), site);
        let table = self.values.one(Atom::Table(unknown, principal));
        self.list_of(frame, table, site)
    }

    /// Arguments that go to another service leave the program.
    fn send(&mut self, frame: &mut Frame<'p>, args: &Args) {
        for value in args.values() {
            self.leave(frame.instance, value);
        }
    }

    /// A call through a receiver that is lost, but with parameters that only DynamoDB has.
    pub fn call_by_shape(
        &mut self,
        frame: &mut Frame<'p>,
        receiver: Atom,
        name: Sym,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        let operation = self.shape_of(name, args)?;
        let table_name = self.values.sym("TableName");
        let table = args.keyword(table_name).map(|k| k.value);
        let unknown = self.values.one(receiver);
        Some(self.record_call(frame, operation, (table.unwrap_or(unknown), Principal::Own), args, site))
    }

    /// The operation that a method's name and parameters tell of, if only DynamoDB's are so called.
    pub fn shape_of(&self, name: Sym, args: &Args) -> Option<Operation> {
        let method = self.values.str(name);
        let operation = match method {
            "get_item"
            | "put_item"
            | "update_item"
            | "delete_item"
            | "query"
            | "scan"
            | "batch_get_item"
            | "batch_write_item"
            | "transact_write_items"
            | "transact_get_items" => Operation::from_method(method)?,
            _ => return None,
        };
        let given = |name: &str| args.keywords.iter().any(|k| self.values.str(k.name) == name);
        let telling = OWN_PARAMETERS.iter().any(|name| given(name))
            || (method == "put_item" && given("Item"))
            || (matches!(method, "get_item" | "delete_item" | "update_item") && given("Key"));
        telling.then_some(operation)
    }
}
