//! From a file to a [`Stack`].

use super::diagnostic::Diagnostic;
use super::document::{Document, Entry, NodeId, Value};
use super::error::{Place, TemplateError};
use super::function::{SAM_FUNCTION, function, is_function, layer};
use super::model::{Function, Stack};
use super::resolve::{Got, Resolver};
use super::role::{ROLE, Roles, generated_id};
use super::table::{table, table_kind};
use super::{Resource, connector, globals};
use crate::dynamodb::symbolic::Part;
use crate::source::{FileId, SourceMap, Span, Spanned};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// `CloudFormation`'s limit on a template's size in bytes.
const CLOUDFORMATION_BYTES: usize = 1_048_576;
/// `CloudFormation`'s limit on a template's resources.
const CLOUDFORMATION_RESOURCES: usize = 500;

/// Reads the template at `path` as stack `index` of the run. `parameters` overrides the template's defaults.
pub fn load(
    sources: &mut SourceMap,
    path: &Path,
    index: u32,
    parameters: &BTreeMap<String, String>,
) -> Result<(Stack, Vec<Diagnostic>), TemplateError> {
    let bytes = std::fs::read(path).map_err(|source| TemplateError::Io { path: path.to_path_buf(), source })?;
    match String::from_utf8(bytes) {
        Ok(text) => load_text(sources, path, text, index, parameters),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            // Up to the bad byte the replaced text is the file's own, so that the place is right.
            let text: Arc<str> = String::from_utf8_lossy(error.as_bytes()).into();
            let file = sources.add(path, Arc::clone(&text));
            let start = u32::try_from(valid).unwrap_or(u32::MAX);
            let span = Span::new(file, start, start);
            Err(TemplateError::NotUtf8 { at: Place::new(&sources.file(file).name, &text, span) })
        }
    }
}

/// [`load`] of a text that is at hand; `path` names it.
pub fn load_text(
    sources: &mut SourceMap,
    path: &Path,
    text: impl Into<Arc<str>>,
    index: u32,
    parameters: &BTreeMap<String, String>,
) -> Result<(Stack, Vec<Diagnostic>), TemplateError> {
    let text = text.into();
    let file = sources.add(path, Arc::clone(&text));
    let name = sources.file(file).name.clone();
    let mut document = Document::parse(file, &name, &text)?;
    let section = resources_section(&document, &name, &text)?;
    let globals = globals::merge(&mut document);
    let resolver = Resolver::new(&document, index, parameters, types(&document, section));
    let resources = resources(&document, section, &globals.properties);
    let notes = notes(&document, file, &text, resources.len());
    let stack = stack(&resolver, file, section, &resources);
    if resolver.exhausted() || globals.truncated {
        let message = "the template is too large to be resolved to its end";
        let help = "what lies beyond counts as unknown; audit smaller templates";
        resolver.report(Diagnostic::warning(Span::new(file, 0, 0), message, help));
    }
    for note in notes {
        resolver.report(note);
    }
    Ok((stack, resolver.into_diagnostics()))
}

fn resources_section(document: &Document, name: &str, text: &str) -> Result<NodeId, TemplateError> {
    let root = document.root();
    let place = |node| Place::new(name, text, document.span(node));
    match document.value(root) {
        Value::Mapping(_) => {}
        Value::Scalar(_) => return Err(TemplateError::NotAMapping { at: place(root), found: "a scalar" }),
        Value::Sequence(_) => return Err(TemplateError::NotAMapping { at: place(root), found: "a list" }),
    }
    let section = document.get(root, "Resources");
    match section.filter(|node| matches!(document.value(*node), Value::Mapping(_))) {
        Some(section) => Ok(section),
        None => Err(TemplateError::NoResources { at: place(section.unwrap_or(root)) }),
    }
}

/// The type of each resource; of those that SAM generates, the roles.
fn types(document: &Document, section: NodeId) -> BTreeMap<String, String> {
    let mut types = BTreeMap::new();
    for entry in document.entries(section) {
        let Some(kind) = type_of(document, entry) else { continue };
        types.insert(entry.key.to_string(), kind.to_owned());
        if kind == SAM_FUNCTION {
            types.entry(generated_id(&entry.key)).or_insert_with(|| ROLE.to_owned());
        }
    }
    types
}

fn type_of<'d>(document: &'d Document, entry: &Entry) -> Option<&'d str> {
    match document.value(document.get(entry.value, "Type")?) {
        Value::Scalar(kind) => Some(&kind.text),
        _ => None,
    }
}

fn resources<'d>(document: &'d Document, section: NodeId, merged: &BTreeMap<String, NodeId>) -> Vec<Resource<'d>> {
    let resource = |entry: &'d Entry| {
        let own = document.get(entry.value, "Properties");
        Some(Resource {
            id: &entry.key,
            kind: type_of(document, entry)?,
            key: entry.key_span,
            body: entry.value,
            properties: merged.get(&*entry.key).copied().or(own),
        })
    };
    document.entries(section).iter().filter_map(resource).collect()
}

fn stack<'d>(r: &Resolver<'d>, file: FileId, section: NodeId, resources: &[Resource<'d>]) -> Stack {
    let mut roles = Roles::collect(r, resources);
    let functions = resources.iter().filter(|resource| is_function(resource.kind));
    let mut functions: Vec<Function> =
        functions.map(|resource| function(r, resource, roles.link(r, resource))).collect();
    connector::connect(r, resources, &functions, &mut roles);
    event_source_mappings(r, resources, &mut functions);
    let tables = resources.iter().filter_map(|resource| Some(table(r, resource, table_kind(resource.kind)?)));
    let declared = r.doc.entries(section).iter();
    Stack {
        index: r.stack,
        file,
        tables: tables.collect(),
        layers: resources.iter().filter_map(|resource| layer(r, resource)).collect(),
        roles: roles.finish(),
        resources: declared
            .map(|e| (e.key.to_string(), (type_of(r.doc, e).unwrap_or_default().to_owned(), e.key_span)))
            .collect(),
        functions,
    }
}

/// `AWS::Lambda::EventSourceMapping`s as events of their functions.
fn event_source_mappings<'d>(r: &Resolver<'d>, resources: &[Resource<'d>], functions: &mut [Function]) {
    for resource in resources.iter().filter(|resource| resource.kind == "AWS::Lambda::EventSourceMapping") {
        for alt in r.property(resource.properties, &["FunctionName"]) {
            let Got::Is(node) = alt.got else { continue };
            for name in r.strings(node, &alt.when) {
                let Got::Is(name) = name.got else { continue };
                let named = name.value.parts().iter().find_map(|part| match part {
                    Part::Resource(function, _) => Some(&function.id),
                    _ => None,
                });
                if !r.spend(functions.len()) {
                    return;
                }
                let found = functions.iter_mut().find(|function| Some(&function.resource.id) == named);
                if let Some(function) = found {
                    function.events.push(Spanned::new(resource.kind.to_owned(), resource.key));
                }
            }
        }
    }
}

/// What the text itself gives reason to say.
fn notes(document: &Document, file: FileId, text: &str, resources: usize) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    for duplicate in document.duplicates() {
        let first = Place::new("", text, duplicate.first).line;
        let message = format!("the key `{}` is there twice: this one overrules line {first}", duplicate.key);
        let help = "remove one of them; what the first one says is lost";
        notes.push(Diagnostic::warning(duplicate.second, message, help));
    }
    let start = Span::new(file, 0, 0);
    if text.len() > CLOUDFORMATION_BYTES {
        let message = format!("{} bytes: CloudFormation accepts at most {CLOUDFORMATION_BYTES}", text.len());
        notes.push(Diagnostic::note(start, message, "split it into nested stacks"));
    }
    if resources > CLOUDFORMATION_RESOURCES {
        let message = format!("{resources} resources: CloudFormation accepts at most {CLOUDFORMATION_RESOURCES}");
        notes.push(Diagnostic::note(start, message, "split it into nested stacks"));
    }
    for entry in document.get(document.root(), "Resources").map_or(&[][..], |node| document.entries(node)) {
        if entry.key.starts_with("Fn::ForEach::") || entry.key.starts_with("Fn::Transform") {
            let message = format!("`{}` is not expanded: the resources that it makes are not audited", entry.key);
            let help = "audit the template that the transform gives";
            notes.push(Diagnostic::warning(entry.key_span, message, help));
        }
    }
    notes
}
