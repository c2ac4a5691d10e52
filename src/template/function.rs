//! Lambda functions and layers.

use super::Resource;
use super::document::{NodeId, Value};
use super::image::image;
use super::model::{Code, EnvVar, Function, Layer, RoleLink};
use super::nested;
use super::resolve::{Alt, Got, Resolver};
use super::role::generates_role;
use super::service::Files;
use crate::dynamodb::symbolic::{Part, ResourceRef};
use crate::source::{Span, Spanned};
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

pub(super) fn function(r: &Resolver, resource: &Resource, role: RoleLink, files: &mut Files) -> Function {
    let text = |key: &str| r.text_setting(r.property(resource.properties, &[key])).values().next().cloned();
    let (layers, foreign_layers) = layers_of(r, resource);
    let image = is_image(r, resource).then(|| image(r, resource, files));
    let zipped = || if resource.kind == SAM_FUNCTION { sam_code(r, resource) } else { lambda_code(r, resource) };
    let (code, command) = image.unwrap_or_else(|| (zipped(), None));
    Function {
        resource: resource.reference(r),
        span: resource.key,
        handler: command.or_else(|| text("Handler")),
        runtime: runtime(r, resource),
        code,
        layers,
        foreign_layers,
        environment: environment(r, resource),
        environment_is_whole: environment_is_whole(r, resource),
        role,
        dropped_policies: dropped_policies(r, resource),
        triggers: vec![],
    }
}

/// The runtime; of several, the first, if all of them run Python or none does.
fn runtime(r: &Resolver, resource: &Resource) -> Option<Spanned<String>> {
    let runtime = r.text_setting(r.property(resource.properties, &["Runtime"]));
    let is_python = |runtime: &Spanned<String>| runtime.value.starts_with("python");
    let mut values = runtime.values();
    let first = values.next()?;
    values.all(|other| is_python(other) == is_python(first)).then(|| first.clone())
}

/// `Policies` go to the role that SAM makes, and to no other.
fn dropped_policies(r: &Resolver, resource: &Resource) -> Option<Span> {
    if resource.kind != SAM_FUNCTION || generates_role(r.doc, resource) {
        return None;
    }
    let policies = r.property(resource.properties, &["Policies"]);
    if r.items(policies).iter().all(|alt| alt.got == Got::Unset) {
        return None;
    }
    resource.properties.and_then(|node| r.doc.entry(node, "Policies")).map(|entry| entry.key_span)
}

/// A layer, if the resource is one.
pub(super) fn layer(r: &Resolver, resource: &Resource) -> Option<Layer> {
    if !LAYERS.contains(&resource.kind) {
        return None;
    }
    let key = if resource.kind == "AWS::Serverless::LayerVersion" { "ContentUri" } else { "Content" };
    let content = || local(r, r.property(resource.properties, &[key]));
    let content = asset(r, resource).or_else(content).unwrap_or(Code::Elsewhere);
    Some(Layer { resource: resource.reference(r), content })
}

fn sam_code(r: &Resolver, resource: &Resource) -> Code {
    let at = |key: &str| r.property(resource.properties, &[key]);
    if let Some(code) = inline(r, at("InlineCode")) {
        return code;
    }
    let uri = at("CodeUri");
    if uri.iter().all(|alt| alt.got == Got::Unset) {
        // The SAM command line takes the template's folder.
        return Code::Local(Spanned::new(".".to_owned(), resource.key));
    }
    local(r, uri.clone()).unwrap_or_else(|| uploaded(r, &uri))
}

/// Whether the code comes as an image.
fn is_image(r: &Resolver, resource: &Resource) -> bool {
    let at = |path: &[&str]| r.property(resource.properties, path);
    let uri: &[&str] = if resource.kind == SAM_FUNCTION { &["ImageUri"] } else { &["Code", "ImageUri"] };
    r.text_setting(at(&["PackageType"])).values().any(|kind| kind.value == "Image")
        || at(uri).iter().any(|alt| matches!(alt.got, Got::Is(_)))
}

fn lambda_code(r: &Resolver, resource: &Resource) -> Code {
    if let Some(asset) = asset(r, resource) {
        return asset;
    }
    let code = r.property(resource.properties, &["Code"]);
    let zip = code.iter().flat_map(|alt| r.step(alt.clone(), "ZipFile")).collect();
    inline(r, zip).or_else(|| local(r, code.clone())).unwrap_or_else(|| uploaded(r, &code))
}

/// An archive in a bucket: `Code: {S3Bucket, S3Key}`, `CodeUri: {Bucket, Key}`, `CodeUri: s3://…`.
fn uploaded<'d>(r: &Resolver<'d>, alts: &[Alt<'d, NodeId>]) -> Code {
    let keys = ["S3Key", "Key"].map(|key| alts.iter().flat_map(|alt| r.step(alt.clone(), key)).collect());
    let [long, short] = keys.map(|alts| r.text_setting(alts).values().next().cloned());
    let address = || r.text_setting(alts.to_vec()).values().next().cloned();
    let written = alts.iter().find_map(|alt| match alt.got {
        Got::Is(node) => Some(Spanned::new(String::new(), r.doc.span(node))),
        _ => None,
    });
    long.or(short).or_else(address).or(written).map_or(Code::Elsewhere, Code::Uploaded)
}

/// The folder that the CDK wrote and will upload.
fn asset(r: &Resolver, resource: &Resource) -> Option<Code> {
    let node = nested::asset(r.doc, resource.body)?;
    Some(Code::Local(Spanned::new(r.doc.text(node)?.into_owned(), r.doc.span(node))))
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
            let text = Spanned::new(text.into(), doc.span(written));
            return Some(Code::Inline { text, is_pattern: pattern.is_some() });
        }
        let joined = r.strings(node, &alt.when).into_iter().find_map(|alt| match alt.got {
            Got::Is(text) => Some(Spanned::new(text.value.to_string(), text.span)),
            _ => None,
        });
        if let Some(text) = joined {
            return Some(Code::Inline { text, is_pattern: false });
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
    paths.filter(|path| !nested::is_remote(&path.value)).map(Code::Local).next()
}

/// The layers of this template, each once, and whether there are others.
fn layers_of(r: &Resolver, resource: &Resource) -> (Vec<ResourceRef>, bool) {
    let (mut layers, mut foreign) = (Vec::new(), false);
    for item in r.items(r.property(resource.properties, &["Layers"])) {
        let is_list = matches!(item.got, Got::Is(node) if matches!(r.doc.value(node), Value::Sequence(_)));
        let is_given = !matches!(item.got, Got::Unset) && !is_list;
        let names = r.known_strings(vec![item]);
        let parts = names.iter().flat_map(|name| name.value.parts());
        let own: Vec<&ResourceRef> = parts
            .filter_map(|part| match part {
                Part::Resource(layer, _) => Some(layer),
                _ => None,
            })
            .filter(|layer| r.type_of_resource(layer).is_some_and(|kind| LAYERS.contains(&kind)))
            .collect();
        foreign |= is_given && own.is_empty();
        for layer in own {
            if !layers.contains(layer) {
                layers.push(layer.clone());
            }
        }
    }
    (layers, foreign)
}

/// Whether every branch spells out its variables, none of them left to a transform.
fn environment_is_whole(r: &Resolver, resource: &Resource) -> bool {
    let spelled = |map| {
        let left_open = |key: &str| key.starts_with("Fn::");
        r.doc.intrinsic(map).is_none() && !r.doc.entries(map).iter().any(|entry| left_open(&entry.key))
    };
    let branches = r.property(resource.properties, &["Environment", "Variables"]);
    branches.into_iter().all(|branch| match branch.got {
        Got::Unset => true,
        Got::Is(map) => spelled(map),
        Got::Unknown(_) => false,
    })
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
