//! Custom domains of APIs.

use super::Check;
use crate::template::Resource;
use crate::template::document::{NodeId, Value};

/// Which kind of API has the domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Api {
    Rest,
    Http,
    WebSocket,
}

pub(super) fn check(check: &Check, api: &Resource, kind: Api) {
    let Some(domain) = check.get(api.properties, "Domain").filter(|domain| !check.is_parameter(*domain)) else {
        return;
    };
    let whose = format!("`Domain` of `{}`", api.id);
    if !check.expect_map(domain, &whose) {
        return;
    }
    let at = |key: &str| check.get(Some(domain), key);
    for key in ["DomainName", "CertificateArn"] {
        if at(key).is_none() {
            check.refuse_node(domain, format!("{whose} lacks `{key}`"), &format!("set `{key}`"));
        }
    }
    if let Some(endpoint) = at("EndpointConfiguration").filter(|endpoint| !check.is_parameter(*endpoint)) {
        let known: &[&str] = if kind == Api::Rest { &["EDGE", "REGIONAL", "PRIVATE"] } else { &["REGIONAL"] };
        check.expect_one_of(endpoint, &format!("`EndpointConfiguration` of {whose}"), known);
    }
    let private = at("EndpointConfiguration").and_then(|node| check.literal(node)) == Some("PRIVATE");
    if let Some(tls) = check.truthy(Some(domain), "MutualTlsAuthentication").filter(|_| !private) {
        let what = format!("`MutualTlsAuthentication` of {whose}");
        if kind == Api::WebSocket {
            check.refuse_node(tls, format!("{what} isn't for WebSocket APIs"), "remove it");
        } else if check.expect_map(tls, &what) {
            check.expect_keys(tls, &what, &["TruststoreUri", "TruststoreVersion"]);
        }
    }
    if let Some(association) = at("AccessAssociation").filter(|_| private) {
        check.expect_map(association, &format!("`AccessAssociation` of {whose}"));
    }
    if let Some(paths) = check.truthy(Some(domain), "BasePath") {
        base_paths(check, paths, &format!("`BasePath` of {whose}"), kind);
    }
    if let Some(zone) = at("Route53").filter(|zone| check.expect_map(*zone, &format!("`Route53` of {whose}"))) {
        if ["HostedZoneId", "HostedZoneName"].iter().all(|key| check.get(Some(zone), key).is_none()) {
            check.refuse_node(
                zone,
                format!("`Route53` of {whose} names no zone"),
                "set `HostedZoneId` or `HostedZoneName`",
            );
        }
        if let Some(flag) =
            check.truthy(Some(zone), "SeparateRecordSetGroup").filter(|flag| kind == Api::Rest && !check.is_bool(*flag))
        {
            check.refuse_node(
                flag,
                format!("`SeparateRecordSetGroup` of {whose} must be true or false"),
                "write it out",
            );
        }
    }
}

fn base_paths(check: &Check, paths: NodeId, what: &str, kind: Api) {
    let Value::Sequence(listed) = check.doc.value(paths) else { return };
    for path in listed.iter().filter(|path| !check.is_parameter(**path)) {
        let Some(text) = check.expect_text(*path, what) else { continue };
        let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_');
        if kind != Api::Rest && !text.bytes().all(sound) {
            check.refuse_node(*path, format!("{what} is no path"), "write letters, digits, `/`, `-` and `_`");
        }
    }
}
