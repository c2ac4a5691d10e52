//! From files to [`Stack`]s.

use super::diagnostic::Diagnostic;
use super::document::{Document, Entry, NodeId, Value};
use super::error::{Place, TemplateError};
use super::expand::expand;
use super::function::{function, is_function, layer};
use super::invoke::Invocations;
use super::mention::{Named, mentions};
use super::model::{Function, SchemaFault, Services, Setting, Stack, Table, TemplateText};
use super::nested::{self, Child};
use super::read::{self, Read};
use super::resolve::{Input, Nested, Resolver, Scopes};
use super::role::{Abroad, ROLE, Roles, generated_id, may_generate_role};
use super::schema::stream_references;
use super::service::{self, Files};
use super::table::{table, table_kind};
use super::twins::alternatives;
use super::{Resource, connector, dangling, globals, policy_text, transform};
use crate::source::{SourceMap, Span, normalize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// `CloudFormation`'s limit on a template's size in bytes.
const CLOUDFORMATION_BYTES: usize = 1_048_576;
/// `CloudFormation`'s limit on a template's resources.
const CLOUDFORMATION_RESOURCES: usize = 500;
/// Templates of one run, nested ones included.
const MAX_TEMPLATES: usize = 1_000;

/// Reads the templates at `paths`, and those beside them that they nest, each once: a stack's index is its place in
/// the result, which begins with those of `paths`. `parameters` overrides the templates' defaults. Of nested templates
/// that can't be read the diagnostics tell; one of `paths` that can't be read is an error.
pub fn load(
    sources: &mut SourceMap,
    paths: &[PathBuf],
    parameters: &BTreeMap<String, String>,
) -> Result<(Vec<Stack>, Vec<Diagnostic>), TemplateError> {
    let given = paths.iter().map(|path| Ok((path.clone(), read::text(sources, path)?)));
    let given = given.collect::<Result<Vec<_>, TemplateError>>()?;
    load_all(sources, given, parameters)
}

/// [`load`] of one text that is at hand; `path` names it.
pub fn load_text(
    sources: &mut SourceMap,
    path: &Path,
    text: impl Into<Arc<str>>,
    parameters: &BTreeMap<String, String>,
) -> Result<(Vec<Stack>, Vec<Diagnostic>), TemplateError> {
    let read = Read::new(sources, path, text);
    load_all(sources, vec![(path.to_path_buf(), read)], parameters)
}

/// A template that is read, its macros written out.
struct Template {
    path: PathBuf,
    read: Read,
    document: Document,
    /// `Resources`.
    section: NodeId,
    globals: globals::Merged,
    nested: Vec<Nested>,
    /// The first circle of its inclusions.
    circle: Option<TemplateError>,
}

impl Template {
    fn new(
        sources: &mut SourceMap,
        path: PathBuf,
        read: Read,
        parameters: &BTreeMap<String, String>,
        notes: &mut Vec<Diagnostic>,
    ) -> Result<Self, TemplateError> {
        let mut document = read.parse()?;
        policy_text::spell_out(&mut document);
        let (found, circle) = expand(&mut document, sources, &path, parameters);
        notes.extend(found);
        let (section, circle) = match (resources_section(&document, &read), circle) {
            // They may be what the circle would have given.
            (Err(_), Some(circle)) => return Err(circle),
            (section, circle) => (section?, circle),
        };
        let globals = globals::merge(&mut document);
        Ok(Self { path, read, document, section, globals, nested: Vec::new(), circle })
    }
}

fn load_all(
    sources: &mut SourceMap,
    given: Vec<(PathBuf, Read)>,
    parameters: &BTreeMap<String, String>,
) -> Result<(Vec<Stack>, Vec<Diagnostic>), TemplateError> {
    let mut notes = Vec::new();
    let mut templates = Vec::new();
    for (path, read) in given {
        templates.push(Template::new(sources, path, read, parameters, &mut notes)?);
    }
    if let [only] = &mut templates[..]
        && let Some(circle) = only.circle.take()
    {
        return Err(circle);
    }
    nest(sources, &mut templates, parameters, &mut notes)?;
    let inputs = templates.iter().map(|template| Input {
        doc: &template.document,
        types: types(&template.document, template.section),
        nested: &template.nested,
    });
    let scopes = Scopes::new(inputs.collect(), parameters);
    let mut files = Files::new(sources);
    let mut stacks = Vec::new();
    let (mut drafts, mut abroad) = (Vec::new(), Vec::new());
    let mut invocations = Invocations::default();
    for (index, template) in (0..).zip(&templates) {
        let (built, found) = stack_of(template, &Resolver::new(&scopes, index), &mut files, &mut invocations);
        stacks.push(built.stack);
        drafts.push(built.services);
        abroad.extend(built.abroad);
        notes.extend(found);
    }
    abroad.into_iter().for_each(|policy| policy.attach(&mut stacks));
    invocations.attach(&mut stacks);
    for (stack, services) in stacks.iter_mut().zip(service::join(drafts)) {
        stack.services = services;
    }
    let named = Named::new(&stacks);
    let all_mentions: Vec<_> = (0..)
        .zip(&templates)
        .map(|(index, Template { document, section, globals, .. })| {
            let resources = resources(document, *section, &globals.properties);
            mentions(&Resolver::new(&scopes, index), &resources, &named)
        })
        .collect();
    for (stack, mentions) in stacks.iter_mut().zip(all_mentions) {
        stack.mentions = mentions;
    }
    Ok((stacks, notes))
}

/// Reads the templates that others nest, and those that these nest. A
/// circle is noted and not followed; through the only template given it is an error.
fn nest(
    sources: &mut SourceMap,
    templates: &mut Vec<Template>,
    parameters: &BTreeMap<String, String>,
    notes: &mut Vec<Diagnostic>,
) -> Result<(), TemplateError> {
    let mut known: BTreeMap<PathBuf, u32> = BTreeMap::new();
    for (index, template) in (0..).zip(templates.iter()) {
        known.entry(normalize(&template.path)).or_insert(index);
    }
    let given = templates.len();
    let mut parent = 0;
    while parent < templates.len() {
        let children = nested::children(&templates[parent].document, templates[parent].section);
        for Child { id, location, span, parameters: passed } in children {
            let folder = templates[parent].path.parent().map(Path::to_path_buf).unwrap_or_default();
            let path = normalize(&folder.join(&location));
            if !known.contains_key(&path) && templates.len() >= MAX_TEMPLATES {
                let message = format!("the nested template is not audited: there are more than {MAX_TEMPLATES}");
                notes.push(Diagnostic::warning(span, message, "audit it by itself"));
            } else if !known.contains_key(&path) {
                let template = read::text(sources, &path)
                    .and_then(|read| Template::new(sources, path.clone(), read, parameters, notes));
                match template {
                    Ok(template) => {
                        known.insert(path.clone(), u32::try_from(templates.len()).unwrap_or(u32::MAX));
                        templates.push(template);
                    }
                    Err(error) => {
                        let message = format!("the nested template is not audited: {error}");
                        notes.push(Diagnostic::error(span, message, error.help()));
                    }
                }
            }
            let Some(stack) = known.get(&path).copied() else { continue };
            if nests(templates, stack as usize, parent) {
                let steps = &templates[stack as usize].nested;
                let first = steps.iter().find(|step| nests(templates, step.stack as usize, parent));
                let place = |span| Place::of(sources, span);
                let at = place(first.map_or(span, |step| step.span));
                let circle = TemplateError::Circular { at, by: place(span), how: "nested" };
                if given == 1 && nests(templates, stack as usize, 0) {
                    return Err(circle);
                }
                notes.push(Diagnostic::error(span, format!("not audited: {circle}"), circle.help()));
                continue;
            }
            templates[parent].nested.push(Nested { id, stack, span, parameters: passed });
        }
        parent += 1;
    }
    Ok(())
}

/// Whether a template is another one or nests it, directly or not.
fn nests(templates: &[Template], template: usize, other: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![template];
    while let Some(at) = open.pop() {
        if at == other {
            return true;
        }
        if seen.insert(at) {
            open.extend(templates[at].nested.iter().map(|nested| nested.stack as usize));
        }
    }
    false
}

/// A stack, and what of it concerns others.
struct Built {
    stack: Stack,
    services: service::Draft,
    abroad: Vec<Abroad>,
}

fn stack_of(
    template: &Template,
    resolver: &Resolver,
    files: &mut Files,
    invocations: &mut Invocations,
) -> (Built, Vec<Diagnostic>) {
    files.beside(&template.path);
    let Template { document, section, read, .. } = template;
    let resources = resources(document, *section, &template.globals.properties);
    let built = stack(resolver, read, *section, &resources, files);
    invocations.add(resolver, &resources, &built.services.payloads);
    transform::check(resolver, &resources);
    dangling::check(resolver, &resources);
    if resolver.exhausted() || template.globals.truncated {
        let message = "the template is too large to be resolved to its end";
        let help = "what lies beyond counts as unknown; audit smaller templates";
        resolver.report(Diagnostic::warning(Span::new(read.file, 0, 0), message, help));
    }
    for note in notes(document, read, resources.len()) {
        resolver.report(note);
    }
    (built, resolver.take_diagnostics())
}

fn resources_section(document: &Document, read: &Read) -> Result<NodeId, TemplateError> {
    let root = document.root();
    let place = |node| read.place(document.span(node));
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
        if may_generate_role(kind) {
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

fn stack<'d>(r: &Resolver<'d>, read: &Read, section: NodeId, resources: &[Resource<'d>], files: &mut Files) -> Built {
    let mut roles = Roles::collect(r, resources);
    let functions = resources.iter().filter(|resource| is_function(resource.kind));
    let functions: Vec<Function> =
        functions.map(|resource| function(r, resource, roles.link(r, resource), files)).collect();
    connector::connect(r, resources, &mut roles);
    let tables = resources.iter().filter_map(|resource| Some(table(r, resource, table_kind(resource.kind)?)));
    let mut tables: Vec<Table> = tables.collect();
    let streams = stream_references(r.doc);
    for table in tables.iter_mut().filter(|table| table.stream == Setting::Unset) {
        let spans = streams.get(&table.resource.id).into_iter().flatten();
        table.faults.extend(spans.map(|span| SchemaFault::NoStream { span: *span }));
    }
    let declared = r.doc.entries(section).iter();
    let services = service::collect(r, resources, &roles, files);
    let (roles, abroad) = roles.finish();
    let stack = Stack {
        index: r.stack,
        file: read.file,
        text: TemplateText::new(read.file, &read.name, read.text.clone()).with_arguments(arguments(r.doc)),
        alternatives: alternatives(r, &tables, &functions),
        tables,
        layers: resources.iter().filter_map(|resource| layer(r, resource)).collect(),
        roles,
        resources: declared
            .map(|e| (e.key.to_string(), (type_of(r.doc, e).unwrap_or_default().to_owned(), e.key_span)))
            .collect(),
        parameters: r
            .doc
            .get(r.doc.root(), "Parameters")
            .map_or_else(BTreeSet::new, |node| r.doc.entries(node).iter().map(|entry| entry.key.to_string()).collect()),
        services: Services::default(),
        mentions: None,
        functions,
        duplicate_keys: r.doc.duplicates().to_vec(),
    };
    Built { stack, services, abroad }
}

/// What the text itself gives reason to say.
fn notes(document: &Document, read: &Read, resources: usize) -> Vec<Diagnostic> {
    let mut notes = Vec::new();
    let start = Span::new(read.file, 0, 0);
    let bytes = read.text.len();
    if bytes > CLOUDFORMATION_BYTES {
        let message = format!("{bytes} bytes: CloudFormation accepts at most {CLOUDFORMATION_BYTES}");
        notes.push(Diagnostic::note(start, message, "split it into nested stacks"));
    }
    if resources > CLOUDFORMATION_RESOURCES {
        let message = format!("{resources} resources: CloudFormation accepts at most {CLOUDFORMATION_RESOURCES}");
        notes.push(Diagnostic::note(start, message, "split it into nested stacks"));
    }
    for entry in document.get(document.root(), "Resources").map_or(&[][..], |node| document.entries(node)) {
        if entry.key.starts_with("Fn::Transform") {
            let message = format!("`{}` is not expanded: the resources that it makes are not audited", entry.key);
            let help = "audit the template that the transform gives";
            notes.push(Diagnostic::warning(entry.key_span, message, help));
        }
    }
    notes
}

/// Where the lists and mappings stand that intrinsics take.
fn arguments(doc: &Document) -> impl Iterator<Item = Span> {
    let values = doc.calls().map(|(_, call)| call.value);
    values.filter(|value| !matches!(doc.value(*value), Value::Scalar(_))).map(|value| doc.span(value))
}
