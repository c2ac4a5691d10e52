//! Events of custom resources: what the templates say that their Lambdas are given.

use super::document::{NodeId, Value};
use super::resolve::{Alt, Got, Resolver};
use crate::dynamodb::json::Json;

/// What a request holds besides the properties.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html>
const MEMBERS: [&str; 8] = [
    "LogicalResourceId",
    "OldResourceProperties",
    "PhysicalResourceId",
    "RequestId",
    "RequestType",
    "ResourceType",
    "ResponseURL",
    "StackId",
];

/// Whether a resource of this type is a custom one.
pub(super) fn is_custom(kind: &str) -> bool {
    kind == "AWS::CloudFormation::CustomResource" || kind.starts_with("Custom::")
}

/// The event of a custom resource with these properties.
pub(super) fn event(r: &Resolver, properties: Option<NodeId>) -> Json {
    let mut members: Vec<(String, Json)> = MEMBERS.map(|name| (name.to_owned(), Json::Unknown)).to_vec();
    members.push(("ResourceProperties".to_owned(), json(r, r.property(properties, &[]))));
    Json::Map(members.into_iter().collect())
}

/// A value on each of its branches. What is set on none is unknown.
fn json<'d>(r: &Resolver<'d>, alts: Vec<Alt<'d, NodeId>>) -> Json {
    let values = alts.into_iter().flat_map(|alt| match alt.got {
        Got::Unset => Vec::new(),
        Got::Unknown(_) => vec![Json::Unknown],
        Got::Is(node) => match r.doc.value(node) {
            _ if !r.spend(1) => vec![Json::Unknown],
            Value::Sequence(items) => {
                vec![Json::List(items.iter().map(|item| json(r, r.branches(*item, &alt.when))).collect())]
            }
            Value::Mapping(entries) if r.doc.intrinsic(node).is_none() => {
                let member = |entry: &super::document::Entry| {
                    (entry.key.to_string(), json(r, r.branches(entry.value, &alt.when)))
                };
                vec![Json::Map(entries.iter().map(member).collect())]
            }
            _ => {
                let texts = r.strings(node, &alt.when).into_iter();
                texts
                    .filter_map(|text| match text.got {
                        Got::Is(text) => Some(Json::Text(vec![text.value])),
                        Got::Unknown(_) => Some(Json::Unknown),
                        Got::Unset => None,
                    })
                    .collect()
            }
        },
    });
    values.reduce(Json::or).unwrap_or(Json::Unknown)
}
