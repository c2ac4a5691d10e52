//! ARNs where table names are expected: the API takes either.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html#DDB-Query-request-TableName>

use super::symbolic::{Part, Symbolic};

/// The name inside a table's ARN (`arn:aws:dynamodb:eu-west-1:123456789012:table/orders`, `GetAtt Orders.Arn`), the name of
/// the table alone where the ARN goes on to an index or stream; `None` if this isn't the ARN of a table.
pub fn table_name(arn: &Symbolic) -> Option<Symbolic> {
    if let [Part::Resource(table, attribute), ..] = arn.parts()
        && (attribute == "Arn" || attribute == "StreamArn")
    {
        return Some(Symbolic::resource(table.clone(), ""));
    }
    let mut head = String::new();
    let mut name: Option<Symbolic> = None;
    for part in arn.parts() {
        match (&mut name, part) {
            (Some(name), Part::Text(text)) => match text.split_once('/') {
                Some((end, _)) => {
                    name.push(Part::Text(end.to_owned()));
                    return Some(std::mem::take(name));
                }
                None => name.push(part.clone()),
            },
            (Some(name), part) => name.push(part.clone()),
            (None, Part::Text(text)) => {
                head.push_str(text);
                let Some((before, after)) = head.split_once(":table/") else { continue };
                if before.split(':').nth(2) != Some("dynamodb") {
                    return None;
                }
                let mut parts = after.splitn(2, '/');
                let start = Symbolic::text(parts.next().unwrap_or_default());
                if parts.next().is_some() {
                    return Some(start);
                }
                name = Some(start.parts().iter().filter(|p| **p != Part::Text(String::new())).cloned().collect());
            }
            // What an unknown region or account holds has no colon.
            (None, _) => head.push('?'),
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dynamodb::symbolic::ResourceRef;

    fn hole(origin: &str) -> Part {
        Part::Hole(origin.to_owned())
    }

    fn text(text: &str) -> Part {
        Part::Text(text.to_owned())
    }

    fn name(parts: impl IntoIterator<Item = Part>) -> Option<String> {
        table_name(&parts.into_iter().collect()).map(|name| name.to_string())
    }

    #[test]
    fn names_in_arns() {
        let orders = |attribute: &str| {
            Part::Resource(ResourceRef { stack: 0, id: "OrdersTable".to_owned() }, attribute.to_owned())
        };
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(name([orders("Arn")]), some("${OrdersTable}"));
        assert_eq!(name([orders("Arn"), text("/index/ByDate")]), some("${OrdersTable}"));
        assert_eq!(name([text("arn:aws:dynamodb:eu-west-1:123456789012:table/orders")]), some("orders"));
        assert_eq!(name([text("arn:aws:dynamodb:eu-west-1:123456789012:table/orders/index/x")]), some("orders"));
        let head = || [text("arn:"), hole("partition"), text(":dynamodb:"), hole("region"), text(":"), hole("account")];
        assert_eq!(name(head().into_iter().chain([text(":table/"), orders("")])), some("${OrdersTable}"));
        let parts = [text(":table/shop-"), hole("Stage"), text("-orders/stream/1")];
        assert_eq!(name(head().into_iter().chain(parts)), some("shop-{Stage}-orders"));
    }

    #[test]
    fn other_strings() {
        assert_eq!(name([text("orders")]), None);
        assert_eq!(name([orders_ref()]), None, "a name is no ARN");
        assert_eq!(name([text("arn:aws:glue:eu-west-1:123456789012:table/db/orders")]), None);
        assert_eq!(name([hole("TableArn")]), None);
        assert_eq!(name([]), None);
    }

    fn orders_ref() -> Part {
        Part::Resource(ResourceRef { stack: 0, id: "OrdersTable".to_owned() }, String::new())
    }
}
