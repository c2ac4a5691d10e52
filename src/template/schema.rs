//! What `DynamoDB` refuses about a table's declaration, or what can never work, although `CloudFormation` accepts the
//! template. Only what holds on every branch: a setting that depends on a condition is left alone.

use super::Resource;
use super::document::{Document, NodeId, Value};
use super::model::{IndexKind, KeyElement, KeyRole, SchemaFault, Setting, Table, TableKind};
use super::resolve::{Alt, Got, Resolver};
use crate::source::{Span, Spanned};
use std::collections::{BTreeMap, BTreeSet};

/// The faults of a table.
pub(super) fn faults(r: &Resolver, resource: &Resource, table: &Table) -> Vec<SchemaFault> {
    let mut faults = Vec::new();
    if table.kind == TableKind::SimpleTable {
        return faults;
    }
    let on_demand = matches!(&table.billing, Setting::Is(mode) if mode.value == "PAY_PER_REQUEST");
    let at = |key: &str| r.property(resource.properties, &[key]);
    if on_demand && let Some(span) = certain(r, &at("ProvisionedThroughput")) {
        faults.push(SchemaFault::CapacityOnDemand { index: None, span });
    }
    local_indexes(table, &mut faults);
    for property in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        let items = r.items(at(property));
        for item in items.into_iter().filter(|item| item.when.is_always()) {
            let Setting::Is(name) = r.text_setting(r.step(item.clone(), "IndexName")) else { continue };
            let capacity = certain(r, &r.step(item.clone(), "ProvisionedThroughput"));
            if let Some(span) = capacity.filter(|_| on_demand) {
                faults.push(SchemaFault::CapacityOnDemand { index: Some(name.value.clone()), span });
            }
            faults.extend(projection(r, &item, name));
        }
    }
    duplicates(r, resource, &mut faults);
    faults.extend(ttl(table));
    faults
}

/// References to the stream of a table that has none, by the table's logical id.
pub(super) fn stream_references(document: &Document) -> BTreeMap<String, BTreeSet<Span>> {
    let mut references: BTreeMap<String, BTreeSet<Span>> = BTreeMap::new();
    for (node, call) in document.calls() {
        let id = match (&*call.key, document.value(call.value)) {
            ("Fn::GetAtt", Value::Scalar(scalar)) => scalar.text.strip_suffix(".StreamArn").map(str::to_owned),
            ("Fn::GetAtt", Value::Sequence(items)) => match items.as_slice() {
                [id, attribute] if document.text(*attribute).as_deref() == Some("StreamArn") => {
                    document.text(*id).map(Into::into)
                }
                _ => None,
            },
            _ => None,
        };
        if let Some(id) = id {
            references.entry(id).or_default().insert(document.span(node));
        }
    }
    references
}

/// Where a property is set on every branch.
fn certain(r: &Resolver, alts: &[Alt<NodeId>]) -> Option<Span> {
    match alts {
        [Alt { got: Got::Is(node), when }] if when.is_always() => Some(r.doc.span(*node)),
        _ => None,
    }
}

fn partition(keys: &[KeyElement]) -> Option<&KeyElement> {
    keys.iter().find(|key| key.role == KeyRole::Partition)
}

fn local_indexes(table: &Table, faults: &mut Vec<SchemaFault>) {
    let Some(own) = partition(&table.keys) else { return };
    let sorted = table.keys.iter().any(|key| key.role == KeyRole::Sort);
    for index in table.indexes.iter().filter(|index| index.kind == IndexKind::Local) {
        let name = index.name.value.clone();
        if !sorted {
            faults.push(SchemaFault::LocalIndexWithoutSortKey { index: name, span: index.name.span });
        } else if let Some(key) = partition(&index.keys)
            && key.attribute.value != own.attribute.value
        {
            let key = key.attribute.clone();
            faults.push(SchemaFault::ForeignPartitionKey { index: name, key, own: own.attribute.clone() });
        }
    }
}

fn projection<'d>(r: &Resolver<'d>, item: &Alt<'d, NodeId>, index: Spanned<String>) -> Option<SchemaFault> {
    let at = |key| r.step(item.clone(), "Projection").into_iter().flat_map(|alt| r.step(alt, key)).collect::<Vec<_>>();
    let attributes = at("NonKeyAttributes");
    let Setting::Is(projection) = r.text_setting(at("ProjectionType")) else { return None };
    let listed = certain(r, &attributes).filter(|_| !r.items(attributes.clone()).is_empty());
    let unset = attributes.iter().all(|alt| alt.got == Got::Unset);
    match (projection.value.as_str(), listed) {
        ("ALL" | "KEYS_ONLY", Some(span)) => {
            Some(SchemaFault::SuperfluousAttributes { index: index.value, projection: projection.value, span })
        }
        ("INCLUDE", None) if unset => Some(SchemaFault::NoAttributes { index: index.value, span: projection.span }),
        _ => None,
    }
}

/// Indexes of one name: in a table's two lists there may be one.
fn duplicates(r: &Resolver, resource: &Resource, faults: &mut Vec<SchemaFault>) {
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    for property in ["GlobalSecondaryIndexes", "LocalSecondaryIndexes"] {
        for item in r.items(r.property(resource.properties, &[property])) {
            if !item.when.is_always() {
                continue;
            }
            let Setting::Is(name) = r.text_setting(r.step(item, "IndexName")) else { continue };
            match seen.get(&name.value) {
                Some(other) => {
                    let (first, second) = (*other.min(&name.span), *other.max(&name.span));
                    faults.push(SchemaFault::DuplicateIndex { index: name.value, first, second });
                }
                None => {
                    seen.insert(name.value, name.span);
                }
            }
        }
    }
}

/// A time to live that is a text, because a key is made of it: only numbers expire.
fn ttl(table: &Table) -> Option<SchemaFault> {
    let Setting::Is(ttl) = &table.ttl else { return None };
    let keys = table.keys.iter().chain(table.indexes.iter().flat_map(|index| &index.keys));
    let key = keys.into_iter().find(|key| key.attribute.value == ttl.value)?;
    let kind = key.attribute_type.as_deref().filter(|kind| *kind != "N")?;
    Some(SchemaFault::TextTtl { attribute: ttl.clone(), attribute_type: kind.to_owned(), key: key.attribute.span })
}
