//! Event sources behind a broker or a cluster: how the function signs in there, and what schemas its records follow.

use super::Check;
use crate::source::Span;
use crate::template::document::NodeId;

/// How a function proves to a self-managed Kafka who it is; of these it may name one.
const KAFKA_SECRETS: &[&str] =
    &["SASL_SCRAM_256_AUTH", "SASL_SCRAM_512_AUTH", "BASIC_AUTH", "CLIENT_CERTIFICATE_TLS_AUTH"];

/// `place` stands for what is absent; `whose` names the event.
pub(super) fn check(check: &Check, kind: &str, node: Option<NodeId>, place: Span, whose: &str) {
    match kind {
        "MQ" => login(check, node, place, whose, &["BASIC_AUTH", "VIRTUAL_HOST"]),
        "DocumentDB" => login(check, node, place, whose, &["BASIC_AUTH"]),
        "SelfManagedKafka" => kafka(check, node, place, whose),
        "MSK" => {}
        _ => return,
    }
    if let Some(key) = check.truthy(node, "SecretsManagerKmsKeyId").filter(|_| kind != "MSK") {
        check.expect_text(key, &format!("`SecretsManagerKmsKeyId` of {whose}"));
    }
    if let Some(registry) =
        check.truthy(node, "SchemaRegistryConfig").filter(|_| matches!(kind, "MSK" | "SelfManagedKafka"))
    {
        schemas(check, registry, whose);
    }
}

/// The listed ways of access, each a mapping; a fault if there are none.
fn accesses(check: &Check, node: Option<NodeId>, place: Span, whose: &str) -> Vec<NodeId> {
    let Some(listed) = check.truthy(node, "SourceAccessConfigurations") else {
        let what = format!("{whose} doesn't say how the function signs in");
        check.refuse(place, what, "set `SourceAccessConfigurations`");
        return Vec::new();
    };
    let what = format!("`SourceAccessConfigurations` of {whose}");
    let items = check.expect_list(listed, &what).iter().copied();
    items.filter(|item| check.expect_map(*item, &format!("each of the {what}"))).collect()
}

/// One secret, and nothing but what the broker knows.
fn login(check: &Check, node: Option<NodeId>, place: Span, whose: &str, known: &[&str]) {
    let listed = accesses(check, node, place, whose);
    let mut secrets = Vec::new();
    for access in &listed {
        let kind = check.get(Some(*access), "Type");
        check.expect_one_of(kind.unwrap_or(*access), &format!("the kind of access of {whose}"), known);
        if kind.and_then(|kind| check.literal(kind)) == Some("BASIC_AUTH") {
            secrets.push(*access);
            if check.truthy(Some(*access), "URI").is_none() {
                check.refuse_node(*access, format!("the secret of {whose} has no `URI`"), "give the secret's ARN");
            }
        }
    }
    match secrets.as_slice() {
        [] if !listed.is_empty() => {
            check.refuse_node(
                listed[0],
                format!("{whose} has no secret to sign in with"),
                "add one of type BASIC_AUTH",
            );
        }
        [_, second, ..] => check.refuse_node(*second, format!("{whose} has two secrets"), "remove one"),
        _ => {}
    }
}

fn kafka(check: &Check, node: Option<NodeId>, place: Span, whose: &str) {
    if check.truthy(node, "KafkaBootstrapServers").is_none() {
        check.refuse(place, format!("{whose} names no broker"), "set `KafkaBootstrapServers`");
    }
    match check.truthy(node, "Topics") {
        None => check.refuse(place, format!("{whose} names no topic"), "set `Topics`"),
        Some(topics) if check.doc.items(topics).len() > 1 || check.doc.entries(topics).len() > 1 => {
            check.refuse_node(topics, format!("{whose} names several topics"), "write an event for each topic");
        }
        Some(_) => {}
    }
    let (mut secret, mut subnet, mut group) = (None, None, None);
    for access in accesses(check, node, place, whose) {
        let kind = check.get(Some(access), "Type");
        match kind.and_then(|kind| check.literal(kind)) {
            Some("VPC_SUBNET") => subnet = Some(access),
            Some("VPC_SECURITY_GROUP") => group = Some(access),
            Some("SERVER_ROOT_CA_CERTIFICATE") => {}
            Some(kind) if KAFKA_SECRETS.contains(&kind) => {
                if secret.replace(access).is_some() {
                    check.refuse_node(access, format!("{whose} has two ways to sign in"), "remove one");
                }
            }
            _ => check.refuse_node(
                kind.unwrap_or(access),
                format!("the kind of access of {whose} is none that SAM knows"),
                "name a subnet, a security group, a certificate or one way to sign in",
            ),
        }
        let uri = check.truthy(Some(access), "URI");
        if !uri.is_some_and(|uri| check.literal(uri).is_some() || check.doc.intrinsic(uri).is_some()) {
            check.refuse_node(access, format!("an access of {whose} has no `URI`"), "give it as a text");
        }
    }
    if let (Some(one), None) | (None, Some(one)) = (subnet, group) {
        let what = format!("{whose} has a subnet or a security group without the other");
        check.refuse_node(one, what, "give both VPC_SUBNET and VPC_SECURITY_GROUP");
    }
}

fn schemas(check: &Check, registry: NodeId, whose: &str) {
    let what = format!("`SchemaRegistryConfig` of {whose}");
    if !check.expect_map(registry, &what) {
        return;
    }
    let at = |key: &str| check.doc.get(registry, key);
    for key in ["SchemaRegistryURI", "EventRecordFormat", "SchemaValidationConfigs"] {
        if at(key).is_none() {
            check.refuse_node(registry, format!("{what} lacks `{key}`"), &format!("set `{key}`"));
        }
    }
    if let Some(format) = at("EventRecordFormat") {
        check.expect_one_of(format, &format!("`EventRecordFormat` of {whose}"), &["JSON", "SOURCE"]);
    }
    if let Some(list) = at("SchemaValidationConfigs") {
        check.expect_list(list, &format!("`SchemaValidationConfigs` of {whose}"));
    }
    let Some(accesses) = check.truthy(Some(registry), "AccessConfigs") else { return };
    for access in check.expect_list(accesses, &format!("`AccessConfigs` of {whose}")) {
        if ["Type", "URI"].iter().any(|key| check.doc.get(*access, key).is_none()) {
            check.refuse_node(*access, format!("an access of {what} lacks `Type` or `URI`"), "set both");
        }
    }
}
