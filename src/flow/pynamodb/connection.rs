//! `Connection` and `TableConnection`: the API's operations under their own names, one request and one page each.
//! <https://pynamodb.readthedocs.io/en/stable/low_level.html>

use super::Tool;
use crate::dynamodb::operation::Operation;
use crate::flow::call::{Args, Keyword};
use crate::flow::frame::Frame;
use crate::flow::heap::CallSite;
use crate::flow::machine::Machine;
use crate::flow::value::{ObjId, Principal, Val};

/// Names of arguments, and what the API calls them.
const NAMES: [(&str, &str); 6] = [
    ("index_name", "IndexName"),
    ("filter_condition", "FilterExpression"),
    ("limit", "Limit"),
    ("exclusive_start_key", "ExclusiveStartKey"),
    ("select", "Select"),
    ("consistent_read", "ConsistentRead"),
];

impl<'p> Machine<'p> {
    pub(super) fn call_connection(
        &mut self,
        frame: &mut Frame<'p>,
        (connection, tool): (ObjId, Tool),
        method: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        let operation = match method.strip_suffix("_async").unwrap_or(method) {
            "update_time_to_live" => Operation::UpdateTimeToLive,
            method => Operation::from_method(method)?,
        };
        let mut table = self.table_of_connection(frame, (connection, tool), args);
        if table == Val::BOTTOM {
            table = self.values.opaque("a table that isn't seen");
        }
        let mut given = Args { rest: args.rest, ..Args::default() };
        for (name, theirs) in NAMES {
            let [name, theirs] = [name, theirs].map(|name| self.values.sym(name));
            given.keywords.extend(args.keyword(name).map(|keyword| Keyword { name: theirs, ..keyword.clone() }));
        }
        if operation == Operation::Query {
            let name = self.values.sym("KeyConditionExpression");
            let value = self.values.data();
            given.keywords.push(Keyword { name, value, always: true, spans: Vec::new() });
        }
        let made = self.record_call(frame, operation, (table, Principal::Own), &given, site);
        self.note_description(frame, site);
        Some(made)
    }

    /// The table that a connection is made for, or that is the first argument.
    fn table_of_connection(&mut self, frame: &Frame<'p>, (connection, tool): (ObjId, Tool), args: &Args) -> Val {
        let name = self.values.sym("table_name");
        let (first, kept) = match tool {
            Tool::TableConnection => self.kept_arguments(frame, connection),
            _ => (args.positional.first().copied().unwrap_or_default(), args.clone()),
        };
        match kept.keyword(name) {
            Some(keyword) => keyword.value,
            None => self.values.join(first, kept.rest),
        }
    }
}
