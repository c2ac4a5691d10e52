//! Definitions of APIs as written into the template: what must be sound of them for SAM to write into them.

use super::Check;
use crate::template::document::{Entry, NodeId, Value};
use crate::template::role::is_no_value;

/// Keys of a path that are no methods.
const NO_METHODS: &[&str] = &["summary", "description", "parameters"];

/// Which editor the translator uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rest,
    Http,
}

/// A definition.
#[derive(Debug, Clone, Copy)]
pub(super) struct Definition<'d> {
    pub node: NodeId,
    pub kind: Kind,
    /// The API's logical id.
    pub id: &'d str,
}

impl<'d> Definition<'d> {
    /// Whether the translator can read it: it has paths and a version.
    pub fn is_valid(self, check: &Check) -> bool {
        let at = |key: &str| check.truthy(Some(self.node), key);
        let paths = check.get(Some(self.node), "paths").is_some_and(|paths| check.is_map(paths));
        let version = at("openapi").is_some_and(|version| is_version(check, version, &["3"]));
        paths && (version || (self.kind == Kind::Rest && at("swagger").is_some()))
    }

    /// Notes what keeps the translator from writing into it.
    pub fn must_be_editable(self, check: &Check<'d, '_>) {
        if !self.is_valid(check) {
            let what = format!("the definition of `{}` lacks what SAM needs to write into it", self.id);
            let help = "give it `paths`, and `openapi: 3.0.1`; SAM can't see behind an intrinsic function";
            return check.refuse_node(self.node, what, help);
        }
        for path in self.paths(check).iter().filter(|_| self.kind == Kind::Rest) {
            self.items(check, path);
        }
    }

    pub fn paths(self, check: &Check<'d, '_>) -> &'d [Entry] {
        check.doc.get(self.node, "paths").map_or(&[], |paths| check.doc.entries(paths))
    }

    /// What a path holds, on both branches of an `Fn::If`; a fault if that isn't a mapping.
    fn items(self, check: &Check<'d, '_>, path: &Entry) -> Vec<NodeId> {
        let what = format!("the path `{}` in the definition of `{}`", path.key, self.id);
        let items = contents(check, path.value, &what);
        items.into_iter().filter(|item| expect_map(check, *item, path, &what)).collect()
    }

    /// Every method must be sound for SAM to guard it.
    pub fn must_be_guardable(self, check: &Check<'d, '_>) {
        for path in self.paths(check) {
            for item in self.items(check, path) {
                for method in check.doc.entries(item).iter().filter(|method| !NO_METHODS.contains(&&*method.key)) {
                    self.method(check, path, item, method);
                }
            }
        }
    }

    fn method(self, check: &Check<'d, '_>, path: &Entry, item: NodeId, method: &Entry) {
        let what = format!("the method `{}` of the path `{}` in the definition of `{}`", method.key, path.key, self.id);
        let any = "x-amazon-apigateway-any-method";
        if self.kind == Kind::Http && method.key.eq_ignore_ascii_case("any") && check.doc.get(item, any).is_none() {
            check.refuse(method.key_span, format!("{what} can't be named so"), &format!("write `{any}`"));
        }
        for definition in contents(check, method.value, &what) {
            if !expect_map(check, definition, method, &what)
                || check.truthy(Some(definition), "x-amazon-apigateway-integration").is_none()
            {
                continue;
            }
            let Some(security) = check.doc.get(definition, "security") else { continue };
            for one in check.expect_list(security, &format!("`security` of {what}")) {
                check.expect_map(*one, &format!("each `security` of {what}"));
            }
        }
    }

    /// `securityDefinitions` must be a mapping, for SAM to add to it.
    pub fn must_define_securities(self, check: &Check) {
        if let Some(securities) = check.truthy(Some(self.node), "securityDefinitions") {
            check.expect_map(securities, &format!("`securityDefinitions` of `{}`", self.id));
        }
    }

    /// What must be sound of a definition of the third version, whatever else the API sets.
    pub fn must_be_convertible(self, check: &Check, version: Option<NodeId>) {
        if check.get(Some(self.node), "swagger").is_some() {
            return;
        }
        let version = version.or_else(|| check.get(Some(self.node), "openapi"));
        if !version.is_some_and(|version| is_version(check, version, &["3"])) {
            return;
        }
        let Some(paths) = check.truthy(Some(self.node), "paths") else { return };
        if !check.expect_map(paths, &format!("`paths` of `{}`", self.id)) {
            return;
        }
        for path in check.doc.entries(paths) {
            let what = format!("the path `{}` in the definition of `{}`", path.key, self.id);
            if !expect_map(check, path.value, path, &what) {
                continue;
            }
            let Some(options) = check.truthy(Some(path.value), "options") else { continue };
            if !check.expect_map(options, &format!("`options` of {what}")) {
                continue;
            }
            let mut below = check.get(Some(options), "responses");
            for key in ["200", "headers"] {
                let Some(node) = below else { break };
                let sound = check.expect_map(node, &format!("what leads to `{key}` in `options` of {what}"));
                below = check.get(Some(node), key).filter(|_| sound);
            }
            if let Some(headers) = below.filter(|headers| check.is_truthy(*headers)) {
                check.expect_map(headers, &format!("`headers` in `options` of {what}"));
            }
        }
    }

    /// `tags` must be a list: SAM adds its own, whatever the API sets.
    pub fn must_take_tags(self, check: &Check) {
        if let Some(tags) = check.truthy(Some(self.node), "tags").filter(|_| self.is_valid(check)) {
            check.expect_list(tags, &format!("`tags` in the definition of `{}`", self.id));
        }
    }

    /// Where SAM writes whether the default address is off.
    pub fn must_take_endpoint(self, check: &Check) {
        let key = "x-amazon-apigateway-endpoint-configuration";
        let servers = check.truthy(Some(self.node), "openapi").and(check.get(Some(self.node), "servers"));
        let owners = servers.map_or(vec![self.node], |servers| check.doc.items(servers).to_vec());
        for owner in owners {
            if let Some(endpoint) = check.get(Some(owner), key) {
                check.expect_map(endpoint, &format!("`{key}` of `{}`", self.id));
            }
        }
    }
}

/// `Fn::If` taken apart, one level, without `AWS::NoValue`.
fn contents(check: &Check, node: NodeId, what: &str) -> Vec<NodeId> {
    let Some(branches) = check.doc.get(node, "Fn::If") else { return vec![node] };
    let listed = check.expect_list(branches, &format!("`Fn::If` of {what}")).iter().skip(1);
    listed.copied().filter(|branch| !is_no_value(check.doc, *branch)).collect()
}

/// As [`Check::expect_map`], with the key as the place, since the value may be empty.
fn expect_map(check: &Check, node: NodeId, entry: &Entry, what: &str) -> bool {
    let sound = check.is_map(node);
    if !sound {
        check.refuse(entry.key_span, format!("{what} must be a mapping"), "write it as `Name: value` pairs");
    }
    sound
}

/// Whether a scalar is `3.0` or `3.0.1`, of one of these major versions.
pub(super) fn is_version(check: &Check, node: NodeId, majors: &[&str]) -> bool {
    let Value::Scalar(scalar) = check.doc.value(node) else { return false };
    let mut parts = scalar.text.split('.');
    let major = parts.next().is_some_and(|major| majors.contains(&major));
    let rest: Vec<&str> = parts.collect();
    major && matches!(rest.len(), 1 | 2) && rest.iter().all(|part| matches!(part.as_bytes(), [b'0'..=b'9']))
}
