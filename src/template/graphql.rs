//! The roles that SAM makes for the DynamoDB data sources of an `AWS::Serverless::GraphQLApi`.

use super::Resource;
use super::connector;
use super::document::{Entry, NodeId};
use super::resolve::{Alt, Got, Resolver};
use super::sam_policy::{parameter, table_arn};
use super::statement::Grants;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::iam::connector_actions;
use crate::source::Spanned;

/// Type of a GraphQL API that SAM makes.
pub(super) const GRAPHQL_API: &str = "AWS::Serverless::GraphQLApi";

/// Logical id and grants of each data source's role. A data source with a `ServiceRoleArn` has none.
pub(super) fn roles<'d>(r: &Resolver<'d>, api: &Resource<'d>) -> Vec<(String, Grants)> {
    if api.kind != GRAPHQL_API {
        return vec![];
    }
    let sources = r.property(api.properties, &["DataSources", "DynamoDb"]);
    let nodes =
        sources.into_iter().filter_map(|alt| if let Got::Is(node) = alt.got { Some((node, alt)) } else { None });
    let entries = nodes.flat_map(|(node, alt)| r.doc.entries(node).iter().map(move |entry| (entry, alt.clone())));
    let own = |entry: &Entry| r.doc.get(entry.value, "ServiceRoleArn").is_none_or(|role| r.doc.is_null(role));
    entries.filter(|(entry, _)| own(entry)).map(|(entry, alt)| role(r, api.id, entry, &alt)).collect()
}

fn role<'d>(r: &Resolver<'d>, api: &str, source: &Entry, alt: &Alt<'d, NodeId>) -> (String, Grants) {
    let id = format!("{api}{}DynamoDBDataSource", source.key);
    let connector = format!("{id}ToTableConnector");
    let mut grants = Grants::default();
    let arn_given = r.doc.get(source.value, "TableArn").is_some_and(|node| !r.doc.is_null(node));
    let key = if arn_given { "TableArn" } else { "TableName" };
    let tables = parameter(r, source.value, key, &alt.when);
    let given = r.doc.get(source.value, "Region").filter(|node| !r.doc.is_null(*node));
    let region = given.and_then(|_| parameter(r, source.value, "Region", &alt.when).into_iter().next());
    let region = region.map(|(region, _)| region.value);
    for (table, when) in tables {
        let arn = if arn_given { table.value } else { with_region(table_arn(&table.value), region.as_ref()) };
        let table = Spanned::new(arn, table.span);
        for permission in permissions(r, source) {
            let Some(actions) = connector_actions(&permission.value) else { continue };
            let suffixes = ["", "/index/*"];
            let statement = connector::statement(&connector, actions, &table, &suffixes, permission.span);
            let granted = Grants { statements: vec![statement], ..Grants::default() };
            grants.extend(granted, !when.is_always());
        }
    }
    (format!("{id}Role"), grants)
}

/// The ARN in the data source's own region.
fn with_region(arn: Symbolic, region: Option<&Symbolic>) -> Symbolic {
    let Some(region) = region else { return arn };
    let mut out = Symbolic::default();
    for part in arn.parts() {
        match part {
            Part::Hole(origin) if origin == "AWS::Region" => out.extend(region),
            part => out.push(part.clone()),
        }
    }
    out
}

/// `Permissions`; both, if there are none.
fn permissions(r: &Resolver, source: &Entry) -> Vec<Spanned<String>> {
    let given = r.doc.get(source.value, "Permissions").map_or(&[][..], |list| r.doc.items(list));
    if given.is_empty() {
        return ["Read", "Write"].map(|name| Spanned::new(name.to_owned(), source.key_span)).to_vec();
    }
    given.iter().filter_map(|node| Some(Spanned::new(r.doc.text(*node)?.into_owned(), r.doc.span(*node)))).collect()
}
