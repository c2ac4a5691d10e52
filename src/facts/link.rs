//! Ties templates that are audited together: a parameter of one that is named after a table of another stands for it.
//!
//! Where the template that passes the parameter is at hand, the value is known and nothing is left to do here.

use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::source::Spanned;
use crate::template::model::{Stack, Table};

/// Endings that say what a parameter holds, not which table it is of. Longer ones first.
const ENDINGS: [&str; 8] = ["tablename", "tablearn", "table", "name", "arn", "ref", "ddb", "db"];

/// Replaces parameters in environments and policies by the tables that they are named after.
pub fn link(stacks: &mut [Stack]) {
    let declared: Vec<Declared> = stacks.iter().flat_map(|stack| &stack.tables).map(Declared::of).collect();
    for stack in stacks {
        let own = stack.index;
        let find = |origin: &str| tables_of(origin, own, &declared);
        for variable in stack.functions.iter_mut().flat_map(|f| f.environment.values_mut()) {
            variable.values = variable.values.iter().flat_map(|value| linked(value, &find)).collect();
        }
        for call in stack.services.users.iter_mut().flat_map(|user| &mut user.calls) {
            call.tables = call.tables.iter().flat_map(|name| linked(name, &find)).collect();
        }
        for statement in stack.roles.iter_mut().flat_map(|role| &mut role.statements) {
            let values = statement.resources.iter().flat_map(|resource| {
                linked(&resource.value, &find).into_iter().map(|value| Spanned::new(value, resource.span))
            });
            statement.resources = values.collect();
        }
    }
}

struct Declared {
    resource: ResourceRef,
    /// The logical id in lower case.
    id: String,
    keys: Vec<String>,
}

impl Declared {
    fn of(table: &Table) -> Self {
        Self {
            resource: table.resource.clone(),
            id: table.resource.id.to_lowercase(),
            keys: table.keys.iter().map(|key| key.attribute.value.clone()).collect(),
        }
    }
}

/// The value with its first such parameter replaced, once for each table that it may stand for; the value itself if
/// it has none.
fn linked(value: &Symbolic, find: &dyn Fn(&str) -> Vec<ResourceRef>) -> Vec<Symbolic> {
    let tables = value.parts().iter().enumerate().find_map(|(at, part)| match part {
        Part::Hole(origin) => Some((at, origin, find(origin))).filter(|(_, _, tables)| !tables.is_empty()),
        _ => None,
    });
    let Some((at, origin, tables)) = tables else { return vec![value.clone()] };
    let attribute = if origin.to_lowercase().ends_with("arn") { "Arn" } else { "" };
    let with = |table: ResourceRef| {
        let mut parts = value.parts().to_vec();
        parts[at] = Part::Resource(table, attribute.to_owned());
        parts.into_iter().collect()
    };
    tables.into_iter().map(with).collect()
}

/// `OrdersTableName` is `OrdersTable` or `Orders` of another stack; or `OrdersTableKept` and `OrdersTableDropped`, one of
/// which is deployed, if these have one key schema.
fn tables_of(parameter: &str, own: u32, declared: &[Declared]) -> Vec<ResourceRef> {
    let parameter = parameter.to_lowercase();
    let others = || declared.iter().filter(|table| table.resource.stack != own);
    let core = core(&parameter);
    if core.is_empty() || !parameter.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Vec::new();
    }
    let same: Vec<&Declared> = others().filter(|table| self::core(&table.id) == core).collect();
    if !same.is_empty() {
        return if same.len() == 1 { vec![same[0].resource.clone()] } else { Vec::new() };
    }
    let stem = ["name", "arn", "ref"].iter().find_map(|end| parameter.strip_suffix(end)).unwrap_or(&parameter);
    let beginning: Vec<&Declared> =
        others().filter(|table| stem.ends_with("table") && table.id.starts_with(stem)).collect();
    let alike = |a: &Declared, b: &Declared| a.keys == b.keys && a.resource.stack == b.resource.stack;
    let alternatives = beginning.windows(2).all(|pair| alike(pair[0], pair[1]));
    if alternatives { beginning.iter().map(|table| table.resource.clone()).collect() } else { Vec::new() }
}

/// The name without the endings that don't tell tables apart.
fn core(name: &str) -> &str {
    let mut core = name;
    while let Some(shorter) = ENDINGS.iter().find_map(|ending| core.strip_suffix(ending)) {
        core = shorter;
    }
    core
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(stack: u32, id: &str) -> Declared {
        Declared {
            resource: ResourceRef { stack, id: id.to_owned() },
            id: id.to_lowercase(),
            keys: vec!["id".to_owned()],
        }
    }

    fn found(parameter: &str, tables: &[Declared]) -> Vec<String> {
        tables_of(parameter, 0, tables).into_iter().map(|table| table.id).collect()
    }

    #[test]
    fn parameters_are_named_after_tables() {
        let tables = [declared(1, "OrdersTable"), declared(1, "CartsTableKept"), declared(1, "CartsTableDropped")];
        for parameter in ["OrdersTable", "OrdersTableName", "OrdersTableArn", "Orders", "ordersDb"] {
            assert_eq!(found(parameter, &tables), ["OrdersTable"], "{parameter}");
        }
        assert_eq!(found("CartsTableName", &tables), ["CartsTableKept", "CartsTableDropped"]);
        for parameter in ["Table", "TableName", "Stage", "AWS::Region", "Carts", "OldOrdersTable", ""] {
            assert_eq!(found(parameter, &tables), Vec::<String>::new(), "{parameter}");
        }
    }

    #[test]
    fn a_name_of_two_tables_or_of_an_own_one_links_nothing() {
        let nothing = Vec::<String>::new();
        assert_eq!(found("OrdersTable", &[declared(1, "OrdersTable"), declared(2, "Orders")]), nothing);
        assert_eq!(found("OrdersTable", &[declared(0, "OrdersTable")]), nothing);
        let mut other = declared(1, "CartsTableDropped");
        other.keys = vec!["owner".to_owned()];
        assert_eq!(found("CartsTableName", &[declared(1, "CartsTableKept"), other]), nothing);
    }

    #[test]
    fn only_the_parameter_is_replaced() {
        let table = |id: &str| ResourceRef { stack: 1, id: id.to_owned() };
        let find = |origin: &str| match origin {
            "OrdersTableName" | "OrdersTableArn" => vec![table("OrdersTable")],
            "CartsTable" => vec![table("Kept"), table("Dropped")],
            _ => Vec::new(),
        };
        let values = |parts: Vec<Part>| {
            let value: Symbolic = parts.into_iter().collect();
            linked(&value, &find).iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let hole = |origin: &str| Part::Hole(origin.to_owned());
        let text = |text: &str| Part::Text(text.to_owned());
        assert_eq!(values(vec![hole("OrdersTableName")]), ["${OrdersTable}"]);
        assert_eq!(values(vec![hole("OrdersTableArn"), text("/index/*")]), ["${OrdersTable.Arn}/index/*"]);
        assert_eq!(values(vec![text("arn:"), hole("AWS::Partition")]), ["arn:{AWS::Partition}"]);
        let arn = vec![text("arn:"), hole("AWS::Partition"), text(":dynamodb:::table/"), hole("CartsTable")];
        let expected = ["Kept", "Dropped"].map(|id| format!("arn:{{AWS::Partition}}:dynamodb:::table/${{{id}}}"));
        assert_eq!(values(arn), expected);
    }
}
