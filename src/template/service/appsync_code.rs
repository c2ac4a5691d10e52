//! What a resolver asks of its table: the request object of a mapping template or of JavaScript, and the calls of
//! `AppSync`'s `DynamoDB` module.
//! <https://docs.aws.amazon.com/appsync/latest/devguide/built-in-modules-js.html>

use super::loose::Found;
use super::parameters::indexes;
use super::scan::Syntax;
use super::tree::{Node, Texts, Tree};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::source::Span;
use crate::template::service_use::ServiceCall;

/// A request to the data source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    /// `None` if it can't be told.
    pub operation: Option<Operation>,
    pub indexes: Vec<Option<Symbolic>>,
    /// The tables that a batch or transaction names; empty for the data source's own.
    pub tables: Vec<Symbolic>,
    pub unread: Option<String>,
    pub span: Span,
}

impl Request {
    /// One that can't be told.
    pub fn unread(reason: impl Into<String>, span: Span) -> Self {
        Self { operation: None, indexes: vec![], tables: vec![], unread: Some(reason.into()), span }
    }

    /// As a call on one of `tables`.
    pub fn call(&self, tables: &[Symbolic]) -> ServiceCall {
        ServiceCall {
            operation: self.operation,
            tables: if self.tables.is_empty() { tables.to_vec() } else { self.tables.clone() },
            indexes: self.indexes.clone(),
            unread: self.unread.clone(),
            span: self.span,
        }
    }
}

/// The requests of a mapping template or of JavaScript; one that is unread if there is none to be seen.
pub(super) fn requests(found: &Found, syntax: Syntax, span: Span) -> Vec<Request> {
    let mut out = Vec::new();
    let mut no_table = false;
    for node in &found.objects {
        request_objects(node, &mut out, &mut no_table);
    }
    if syntax == Syntax::JavaScript {
        for (name, argument, span) in &found.calls {
            if let Some(operation) = module_operation(found, name) {
                out.push(of_module(operation, argument.as_ref(), *span));
            }
            if let Some(node) = argument {
                request_objects(node, &mut out, &mut no_table);
            }
        }
    }
    if !found.complete || out.is_empty() && !no_table {
        out.push(Request::unread("its request can't be told", span));
    }
    out
}

/// `{"operation": "Query", …}`, however deep; `no_table` is set by an operation of another kind of data source.
fn request_objects(node: &Node, out: &mut Vec<Request>, no_table: &mut bool) {
    match &node.tree {
        Tree::Text(_) | Tree::Opaque => {}
        Tree::List(nodes) | Tree::Either(nodes) => {
            nodes.iter().for_each(|node| request_objects(node, out, no_table));
        }
        Tree::Map(map) => {
            let Some(named) = node.members("operation").next() else {
                map.members.iter().for_each(|member| request_objects(&member.value, out, no_table));
                return;
            };
            let span = named.value.span;
            let names = node.texts_of("operation");
            for name in &names.known {
                match name.as_text().map(operation) {
                    Some(Some(operation)) => out.push(of_object(operation, node, span)),
                    Some(None) => *no_table = true,
                    None => out.push(Request::unread("its operation can't be told", span)),
                }
            }
            if names.unknown {
                out.push(Request::unread("its operation can't be told", span));
            }
        }
    }
}

/// The API's operation behind a resolver's. `Sync` reads the table, or the table of its changes.
fn operation(name: &str) -> Option<Operation> {
    Some(match name {
        "GetItem" => Operation::GetItem,
        "PutItem" => Operation::PutItem,
        "UpdateItem" => Operation::UpdateItem,
        "DeleteItem" => Operation::DeleteItem,
        "Query" => Operation::Query,
        "Scan" | "Sync" => Operation::Scan,
        "BatchGetItem" => Operation::BatchGetItem,
        "BatchPutItem" | "BatchDeleteItem" => Operation::BatchWriteItem,
        "TransactGetItems" => Operation::TransactGetItems,
        "TransactWriteItems" => Operation::TransactWriteItems,
        _ => return None,
    })
}

fn of_object(operation: Operation, node: &Node, span: Span) -> Request {
    let pages = matches!(operation, Operation::Query | Operation::Scan);
    let texts = if pages { node.texts_of("index") } else { Texts::default() };
    Request { operation: Some(operation), indexes: indexes(&texts), tables: tables(node), unread: None, span }
}

fn tables(node: &Node) -> Vec<Symbolic> {
    let mut out: Vec<Symbolic> = Vec::new();
    for tables in node.members("tables") {
        let keys = tables.value.maps().flat_map(|map| &map.members).map(|member| member.name.clone());
        out.extend(keys);
        if !tables.value.is_map() || tables.value.maps().any(|map| map.open) {
            out.push(Symbolic::hole("tables"));
        }
    }
    for items in node.members("transactItems") {
        let texts: Vec<Texts> = items.value.items().map(|item| item.texts_of("table")).collect();
        let unknown = texts.is_empty() || texts.iter().any(|texts| texts.unknown || texts.known.is_empty());
        out.extend(texts.into_iter().flat_map(|texts| texts.known));
        if unknown {
            out.push(Symbolic::hole("table"));
        }
    }
    // `${Table}` that nothing has substituted: the deployment does.
    out.iter_mut().for_each(|name| *name = with_holes(name));
    out.dedup();
    out
}

fn with_holes(name: &Symbolic) -> Symbolic {
    let part = |part: &Part| match part {
        Part::Text(text) if text.contains("${") => Part::Hole(text.clone()),
        part => part.clone(),
    };
    name.parts().iter().map(part).collect()
}

/// Where the functions of [`module_operation`] come from.
const MODULE: &str = "@aws-appsync/utils/dynamodb";

/// `ddb.query(…)`, `query(…)` of `AppSync`'s module.
fn module_operation(found: &Found, name: &str) -> Option<Operation> {
    let (local, function) = name.split_once('.').map_or((name, None), |(local, function)| (local, Some(function)));
    let imported = found.imports.get(local)?.strip_prefix(MODULE)?.strip_prefix('#')?;
    let function = function.filter(|_| imported == "*").or_else(|| Some(imported).filter(|_| function.is_none()))?;
    Some(match function {
        "get" => Operation::GetItem,
        "put" => Operation::PutItem,
        "update" => Operation::UpdateItem,
        "remove" => Operation::DeleteItem,
        "query" => Operation::Query,
        "scan" | "sync" => Operation::Scan,
        "batchGet" => Operation::BatchGetItem,
        "batchPut" | "batchDelete" => Operation::BatchWriteItem,
        "transactGet" => Operation::TransactGetItems,
        "transactWrite" => Operation::TransactWriteItems,
        _ => return None,
    })
}

fn of_module(operation: Operation, argument: Option<&Node>, span: Span) -> Request {
    let nothing = Node::new(Tree::Opaque, span);
    of_object(operation, argument.unwrap_or(&nothing), span)
}
