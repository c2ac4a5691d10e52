//! Lambda functions and layers.

use super::Resource;
use super::document::{NodeId, Value};
use super::model::{Code, EnvVar, Function, Layer, RoleLink};
use super::resolve::{Alt, Got, Resolver};
use crate::dynamodb::symbolic::{Part, ResourceRef};
use crate::source::Spanned;
use std::collections::BTreeMap;

/// Type of a function that SAM makes.
pub(super) const SAM_FUNCTION: &str = "AWS::Serverless::Function";
/// Type of a function that `CloudFormation` makes.
pub(super) const LAMBDA_FUNCTION: &str = "AWS::Lambda::Function";
const LAYERS: &[&str] = &["AWS::Serverless::LayerVersion", "AWS::Lambda::LayerVersion"];

/// Whether a resource type is a function.
pub(super) fn is_function(type_name: &str) -> bool {
    matches!(type_name, SAM_FUNCTION | LAMBDA_FUNCTION)
}

pub(super) fn function(r: &Resolver, resource: &Resource, role: RoleLink) -> Function {
    let text = |key: &str| r.text_setting(r.property(resource.properties, &[key])).values().next().cloned();
    Function {
        resource: resource.reference(r),
        span: resource.key,
        handler: text("Handler"),
        runtime: text("Runtime"),
        code: if resource.kind == SAM_FUNCTION { sam_code(r, resource) } else { lambda_code(r, resource) },
        layers: layers_of(r, resource),
        environment: environment(r, resource),
        role,
        events: if resource.kind == SAM_FUNCTION { events(r, resource) } else { vec![] },
    }
}

/// A layer, if the resource is one.
pub(super) fn layer(r: &Resolver, resource: &Resource) -> Option<Layer> {
    if !LAYERS.contains(&resource.kind) {
        return None;
    }
    let key = if resource.kind == "AWS::Serverless::LayerVersion" { "ContentUri" } else { "Content" };
    let content = local(r, r.property(resource.properties, &[key])).unwrap_or(Code::Elsewhere);
    Some(Layer { resource: resource.reference(r), content })
}

fn sam_code(r: &Resolver, resource: &Resource) -> Code {
    let at = |key: &str| r.property(resource.properties, &[key]);
    if let Some(code) = inline(r, at("InlineCode")) {
        return code;
    }
    let image = r.text_setting(at("PackageType")).values().any(|kind| kind.value == "Image");
    if image || at("ImageUri").iter().any(|alt| alt.got != Got::Unset) {
        return Code::Elsewhere;
    }
    let uri = at("CodeUri");
    if uri.iter().all(|alt| alt.got == Got::Unset) {
        // The SAM command line takes the template's folder.
        return Code::Local(Spanned::new(".".to_owned(), resource.key));
    }
    local(r, uri).unwrap_or(Code::Elsewhere)
}

fn lambda_code(r: &Resolver, resource: &Resource) -> Code {
    let code = r.property(resource.properties, &["Code"]);
    let zip = code.iter().flat_map(|alt| r.step(alt.clone(), "ZipFile")).collect();
    inline(r, zip).or_else(|| local(r, code)).unwrap_or(Code::Elsewhere)
}

/// Code in the template. Of a `Fn::Sub`, its pattern: the program, with `${…}` where the deployment puts text.
fn inline<'d>(r: &Resolver<'d>, alts: Vec<Alt<'d, NodeId>>) -> Option<Code> {
    let doc = r.doc;
    for alt in alts {
        let Got::Is(node) = alt.got else { continue };
        let pattern = doc.intrinsic(node).filter(|call| &*call.key == "Fn::Sub").map(|call| call.value);
        let pattern = pattern.map(|value| doc.items(value).first().copied().unwrap_or(value));
        let written = pattern.unwrap_or(node);
        if let Some(text) = doc.text(written) {
            return Some(Code::Inline(Spanned::new(text.into(), doc.span(written))));
        }
        let joined = r.strings(node, &alt.when).into_iter().find_map(|alt| match alt.got {
            Got::Is(text) => Some(Spanned::new(text.value.to_string(), text.span)),
            _ => None,
        });
        if let Some(text) = joined {
            return Some(Code::Inline(text));
        }
    }
    None
}

/// A path beside the template.
fn local<'d>(r: &Resolver<'d>, alts: Vec<Alt<'d, NodeId>>) -> Option<Code> {
    let paths = alts.into_iter().filter_map(|alt| match alt.got {
        Got::Is(node) if matches!(r.doc.value(node), Value::Scalar(_)) || r.doc.intrinsic(node).is_some() => {
            r.text_setting(vec![alt]).values().next().cloned()
        }
        _ => None,
    });
    let remote = |path: &str| path.starts_with("s3://") || path.starts_with("https://") || path.starts_with("http://");
    paths.filter(|path| !remote(&path.value)).map(Code::Local).next()
}

fn layers_of(r: &Resolver, resource: &Resource) -> Vec<ResourceRef> {
    let mut layers = Vec::new();
    for layer in r.known_strings(r.items(r.property(resource.properties, &["Layers"]))) {
        for part in layer.value.parts() {
            if let Part::Resource(layer, _) = part
                && r.type_of(&layer.id).is_some_and(|kind| LAYERS.contains(&kind))
                && !layers.contains(layer)
            {
                layers.push(layer.clone());
            }
        }
    }
    layers
}

fn environment(r: &Resolver, resource: &Resource) -> BTreeMap<String, EnvVar> {
    let mut out: BTreeMap<String, (EnvVar, usize)> = BTreeMap::new();
    let branches = r.property(resource.properties, &["Environment", "Variables"]);
    for branch in &branches {
        let Got::Is(map) = branch.got else { continue };
        for entry in r.doc.entries(map) {
            let fresh = || (EnvVar { span: entry.key_span, values: vec![], optional: false }, 0);
            let (variable, set) = out.entry(entry.key.to_string()).or_insert_with(fresh);
            *set += 1;
            for alt in r.strings(entry.value, &branch.when) {
                match alt.got {
                    Got::Is(value) if !variable.values.contains(&value.value) => variable.values.push(value.value),
                    Got::Unset => variable.optional = true,
                    Got::Is(_) | Got::Unknown(_) => {}
                }
            }
        }
    }
    let finish = |(name, (mut variable, set)): (String, (EnvVar, usize))| {
        variable.optional |= set < branches.len();
        (name, variable)
    };
    out.into_iter().map(finish).collect()
}

/// SAM's `Events`, each with its key's place.
fn events(r: &Resolver, resource: &Resource) -> Vec<Spanned<String>> {
    let mut events = Vec::new();
    for alt in r.property(resource.properties, &["Events"]) {
        let Got::Is(map) = alt.got else { continue };
        for entry in r.doc.entries(map) {
            let kind = r.doc.get(entry.value, "Type").and_then(|kind| r.doc.text(kind));
            events.extend(kind.map(|kind| Spanned::new(kind.into_owned(), entry.key_span)));
        }
    }
    events
}
