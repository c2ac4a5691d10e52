//! Tables.

use super::diagnostic::Diagnostic;
use super::document::NodeId;
use super::model::{Index, IndexKind, KeyElement, KeyRole, Setting, Table, TableKind};
use super::resolve::{Alt, Got, Resolver, collect};
use super::{Resource, resource_policy, schema};
use crate::dynamodb::symbolic::Symbolic;
use crate::source::Spanned;
use std::collections::BTreeMap;

/// Which kind of table a resource type declares.
pub(super) fn table_kind(type_name: &str) -> Option<TableKind> {
    [TableKind::Table, TableKind::GlobalTable, TableKind::SimpleTable]
        .into_iter()
        .find(|kind| kind.type_name() == type_name)
}

/// Whether a resource type declares a table.
pub(super) fn is_table(type_name: &str) -> bool {
    table_kind(type_name).is_some()
}

pub(super) fn table(r: &Resolver, resource: &Resource, kind: TableKind) -> Table {
    let at = |path: &[&str]| r.property(resource.properties, path);
    let definitions = definitions(r, resource.properties);
    let types = definitions.iter().map(|(name, kind)| (name.value.clone(), kind.clone())).collect();
    let mut indexes = indexes(r, &types, at(&["GlobalSecondaryIndexes"]), IndexKind::Global);
    indexes.extend(self::indexes(r, &types, at(&["LocalSecondaryIndexes"]), IndexKind::Local));
    indexes.sort_by_key(|index| index.body);
    let simple = kind == TableKind::SimpleTable;
    let (keys, keys_unsure) = if simple { simple_keys(r, resource) } else { keys(r, &types, at(&["KeySchema"])) };
    let (policy, unread_policies) = resource_policy::policy(r, resource, kind);
    let table = Table {
        resource: resource.reference(r),
        condition: resource.condition(r),
        kind,
        span: resource.key,
        names: names(r, resource),
        keys,
        keys_unsure,
        definitions: definitions.into_iter().map(|(name, _)| name).collect(),
        indexes,
        ttl: if simple { Setting::Unset } else { ttl(r, at(&["TimeToLiveSpecification"])) },
        pitr: switch(r, resource, kind, &["PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"]),
        billing: billing(r, resource, kind),
        stream: r.text_setting(at(&["StreamSpecification", "StreamViewType"])),
        imported: at(&["ImportSourceSpecification"]).iter().any(|alt| !matches!(alt.got, Got::Unset)),
        deletion_policy: r.text_setting(r.property(Some(resource.body), &["DeletionPolicy"])),
        deletion_protection: switch(r, resource, kind, &["DeletionProtectionEnabled"]),
        faults: Vec::new(),
        policy,
        unread_policies,
        body: resource.whole(r),
    };
    Table { faults: schema::faults(r, resource, &table), ..table }
}

/// Every branch of `TableName`. A branch without one is the name that `CloudFormation` makes up, as by `Ref`.
fn names(r: &Resolver, resource: &Resource) -> Vec<Spanned<Symbolic>> {
    let alts = r.property(resource.properties, &["TableName"]);
    let open = alts.iter().any(|alt| matches!(alt.got, Got::Unset));
    let mut names = r.known_strings(alts);
    if open && !names.is_empty() {
        names.push(Spanned::new(Symbolic::resource(resource.reference(r), ""), resource.key));
    }
    names
}

/// Names and types of `AttributeDefinitions`; the place is the whole entry's.
fn definitions(r: &Resolver, properties: Option<NodeId>) -> Vec<(Spanned<String>, String)> {
    let definitions = r.items(r.property(properties, &["AttributeDefinitions"]));
    let pairs = definitions.into_iter().filter_map(|definition| {
        let name = text(r, definition.clone(), "AttributeName")?;
        let place = if let Got::Is(node) = definition.got { r.doc.span(node) } else { name.span };
        Some((Spanned::new(name.value, place), text(r, definition, "AttributeType")?.value))
    });
    pairs.collect()
}

/// The first text that a property may be.
fn text<'d>(r: &Resolver<'d>, alt: Alt<'d, NodeId>, key: &str) -> Option<Spanned<String>> {
    r.text_setting(r.step(alt, key)).values().next().cloned()
}

/// Partition key first, as the API wants them and not every template writes them; and whether they are unsure.
fn keys<'d>(
    r: &Resolver<'d>,
    types: &BTreeMap<String, String>,
    schema: Vec<Alt<'d, NodeId>>,
) -> (Vec<KeyElement>, bool) {
    let mut keys: Vec<KeyElement> = Vec::new();
    let always = schema.first().map(|alt| alt.when.clone());
    let mut unsure = schema.len() > 1;
    for element in r.items(schema) {
        let (name, is_sure) = key_name(r, r.step(element.clone(), "AttributeName"));
        // An element that only some branches have: `Fn::If` around a sort key.
        unsure |= !is_sure || Some(&element.when) != always.as_ref();
        let Some(attribute) = name else { continue };
        let role = match text(r, element, "KeyType").as_ref().map(|kind| kind.value.as_str()) {
            Some("RANGE") => KeyRole::Sort,
            _ => KeyRole::Partition,
        };
        let attribute_type = types.get(&attribute.value).cloned();
        if !r.spend(keys.len()) {
            break;
        }
        if !keys.iter().any(|key| key.role == role && key.attribute.value == attribute.value) {
            keys.push(KeyElement { attribute, attribute_type, role });
        }
    }
    keys.sort_by_key(|key| key.role == KeyRole::Sort);
    (keys, unsure)
}

/// A key attribute's name, if one is known, and whether it can have no other.
fn key_name<'d>(r: &Resolver<'d>, name: Vec<Alt<'d, NodeId>>) -> (Option<Spanned<String>>, bool) {
    match r.text_setting(name) {
        Setting::Is(name) => (Some(name), true),
        Setting::Varies(names) => (names.into_iter().flatten().next(), false),
        Setting::Unset => (None, true),
        Setting::Unknown(span) => {
            let message = "the name of a key attribute can't be resolved";
            let help = "what calls give as keys can't be held against this key schema; `--parameter` tells a parameter's value";
            r.report(Diagnostic::warning(span, message, help));
            (None, false)
        }
    }
}

/// `PrimaryKey`; by default `id`, a string. As [`keys`].
fn simple_keys(r: &Resolver, resource: &Resource) -> (Vec<KeyElement>, bool) {
    let property = |part| r.property(resource.properties, &["PrimaryKey", part]);
    let kind = r.text_setting(property("Type")).values().next().cloned();
    let attribute_type = match kind.as_ref().map(|kind| kind.value.as_str()) {
        None | Some("String") => Some("S".to_owned()),
        Some("Number") => Some("N".to_owned()),
        Some("Binary") => Some("B".to_owned()),
        Some(_) => None,
    };
    let (name, is_sure) = key_name(r, property("Name"));
    let attribute = name.or_else(|| is_sure.then(|| Spanned::new("id".to_owned(), resource.key)));
    let key = attribute.map(|attribute| KeyElement { attribute, attribute_type, role: KeyRole::Partition });
    (key.into_iter().collect(), !is_sure)
}

fn indexes<'d>(
    r: &Resolver<'d>,
    types: &BTreeMap<String, String>,
    list: Vec<Alt<'d, NodeId>>,
    kind: IndexKind,
) -> Vec<Index> {
    let mut out: Vec<Index> = Vec::new();
    for item in r.items(list) {
        let Got::Is(node) = item.got else { continue };
        let Some(name) = index_name(r, &item).filter(|_| r.spend(out.len())) else { continue };
        let projection = |key| r.step(item.clone(), "Projection").into_iter().flat_map(move |alt| r.step(alt, key));
        let attributes = r.items(projection("NonKeyAttributes").collect());
        let (keys, keys_unsure) = keys(r, types, r.step(item.clone(), "KeySchema"));
        let index = Index {
            name,
            kind,
            keys,
            keys_unsure,
            projection: r.text_setting(projection("ProjectionType").collect()).values().next().map(|p| p.value.clone()),
            non_key_attributes: r
                .known_strings(attributes)
                .iter()
                .filter_map(|attribute| attribute.value.as_text().map(str::to_owned))
                .collect(),
            capacity: capacity(r, &item),
            body: r.doc.span(node),
        };
        // One entry under several conditions, by alias or by `Fn::If` over the whole list, is one index.
        if !out.iter().any(|known| known.name == index.name && known.body == index.body) {
            out.push(index);
        }
    }
    out
}

fn capacity<'d>(r: &Resolver<'d>, index: &Alt<'d, NodeId>) -> Option<(String, String)> {
    let units = |key| {
        let throughput = r.step(index.clone(), "ProvisionedThroughput").into_iter();
        let set = r.text_setting(throughput.flat_map(|alt| r.step(alt, key)).collect());
        set.values().next().map(|units| units.value.clone())
    };
    units("ReadCapacityUnits").zip(units("WriteCapacityUnits"))
}

fn index_name<'d>(r: &Resolver<'d>, item: &Alt<'d, NodeId>) -> Option<Spanned<String>> {
    if let Some(name) = text(r, item.clone(), "IndexName") {
        return Some(name);
    }
    let written = r.known_strings(r.step(item.clone(), "IndexName")).into_iter().next()?;
    let message = format!("the index name `{}` can't be resolved", written.value);
    r.report(Diagnostic::warning(written.span, message, "accesses to this index can't be told from those to others"));
    Some(Spanned::new(written.value.to_string(), written.span))
}

/// The attribute on every branch where it is enabled. `Enabled: false` is the same as nothing.
fn ttl<'d>(r: &Resolver<'d>, specification: Vec<Alt<'d, NodeId>>) -> Setting<String> {
    let mut all: Vec<Got<Spanned<String>>> = Vec::new();
    for alt in specification {
        let enabled: Vec<_> = r.step(alt.clone(), "Enabled").into_iter().flat_map(|alt| r.bools(&alt)).collect();
        for enabled in enabled {
            match enabled {
                Got::Is(Spanned { value: true, .. }) => match r.text_setting(r.step(alt.clone(), "AttributeName")) {
                    Setting::Unset => all.push(Got::Unset),
                    Setting::Unknown(span) => all.push(Got::Unknown(span)),
                    set => all.extend(set.values().cloned().map(Got::Is)),
                },
                Got::Is(_) | Got::Unset => all.push(Got::Unset),
                Got::Unknown(span) => all.push(Got::Unknown(span)),
            }
        }
    }
    collect(all.into_iter())
}

/// A switch that a global table has on each replica.
fn switch(r: &Resolver, resource: &Resource, kind: TableKind, path: &[&str]) -> Setting<bool> {
    if kind != TableKind::GlobalTable {
        return r.bool_setting(r.property(resource.properties, path));
    }
    let mut replicas = r.items(r.property(resource.properties, &["Replicas"]));
    for key in path {
        replicas = replicas.into_iter().flat_map(|alt| r.step(alt, key)).collect();
    }
    r.bool_setting(replicas)
}

/// SAM bills a simple table on demand unless it is provisioned.
fn billing(r: &Resolver, resource: &Resource, kind: TableKind) -> Setting<String> {
    let provisioned = r.property(resource.properties, &["ProvisionedThroughput"]);
    if kind == TableKind::SimpleTable && provisioned.iter().all(|alt| matches!(alt.got, Got::Unset)) {
        return Setting::Is(Spanned::new("PAY_PER_REQUEST".to_owned(), resource.key));
    }
    r.text_setting(r.property(resource.properties, &["BillingMode"]))
}
