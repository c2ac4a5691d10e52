//! GraphQL APIs, as far as their data sources and what is required go.

use super::Check;
use crate::template::Resource;
use crate::template::document::{Entry, Value};

const TABLE_KEYS: &[&str] = &[
    "DeltaSync",
    "Description",
    "Name",
    "Permissions",
    "Region",
    "ServiceRoleArn",
    "TableArn",
    "TableName",
    "UseCallerCredentials",
    "Versioned",
];
const FUNCTION_KEYS: &[&str] = &["Description", "FunctionArn", "Name", "ServiceRoleArn"];

pub(super) fn check(check: &Check, api: &Resource) {
    let doc = check.doc;
    let id = api.id;
    let at = |key: &str| check.truthy(api.properties, key);
    match (at("SchemaInline"), at("SchemaUri")) {
        (None, None) => check.refuse(api.key, format!("`{id}` has no schema"), "set `SchemaInline` or `SchemaUri`"),
        (Some(node), Some(_)) => check.refuse(doc.span(node), format!("`{id}` has two schemas"), "remove one"),
        _ => {}
    }
    if let Some(auth) = at("Auth").filter(|auth| check.is_map(*auth))
        && doc.get(auth, "Type").is_none()
    {
        check.refuse(doc.span(auth), format!("the authorization of `{id}` has no `Type`"), "set it");
    }
    let Some(sources) = at("DataSources").filter(|node| check.is_map(*node)) else { return };
    for section in doc.entries(sources) {
        let (keys, required) = match &*section.key {
            "DynamoDb" => (TABLE_KEYS, "TableName"),
            "Lambda" => (FUNCTION_KEYS, "FunctionArn"),
            _ => {
                check.refuse(
                    section.key_span,
                    format!("`{id}` can't have data sources of `{}`", section.key),
                    "DynamoDb and Lambda are those that SAM knows",
                );
                continue;
            }
        };
        for source in doc.entries(section.value) {
            data_source(check, id, source, keys, required);
        }
    }
}

fn data_source(check: &Check, id: &str, source: &Entry, keys: &[&str], required: &str) {
    let doc = check.doc;
    let whose = format!("the data source `{}` of `{id}`", source.key);
    if check.get(Some(source.value), required).is_none() {
        check.refuse(source.key_span, format!("{whose} lacks `{required}`"), &format!("set `{required}`"));
    }
    for entry in doc.entries(source.value).iter().filter(|entry| !keys.contains(&&*entry.key)) {
        check.refuse(
            entry.key_span,
            format!("{whose} has no property `{}`", entry.key),
            "check its name and its indentation",
        );
    }
    let Some(permissions) = check.get(Some(source.value), "Permissions") else { return };
    let sound = |node: &_| check.literal(*node).is_some_and(|text| matches!(text, "Read" | "Write"));
    if !matches!(doc.value(permissions), Value::Sequence(_)) || !doc.items(permissions).iter().all(sound) {
        check.refuse(
            doc.span(permissions),
            format!("{whose} asks for what isn't Read or Write"),
            "list Read, Write or both",
        );
    }
}
