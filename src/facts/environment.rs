//! From templates to entry points: where each Lambda starts, where its imports are looked up, what its environment holds;
//! and the code outside the Lambdas, file by file.

use super::code::{Assumption, Blindness, find_module, local_folder, locate, template_folder};
use super::{BlindSpot, FunctionId, Taken};
use crate::dynamodb::json::Json;
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::flow::{EntryName, EntryPoint, EnvValue, Environment, Start};
use crate::python::{Codebase, ModuleId, SearchPath};
use crate::source::{FileId, SourceMap, is_above_repository, normalize};
use crate::template::model::{Code, EnvVar, Function, Stack};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The folders that hold Lambda code and layer content, where they can be told: what must be read besides the sources
/// that the user names. Normalised; sorted; each once. A context of an image that is more than the template's repository is
/// left out: it would be all that is beside the repository.
pub fn code_folders(stacks: &[Stack], sources: &SourceMap) -> Vec<PathBuf> {
    let mut out = BTreeSet::new();
    for stack in stacks {
        let codes = stack.functions.iter().map(|f| &f.code).chain(stack.layers.iter().map(|l| &l.content));
        let template = template_folder(stack, sources);
        let folders = codes.filter_map(|code| local_folder(code, stack, sources));
        out.extend(folders.filter(|folder| !is_above_repository(folder, &template)));
    }
    out.into_iter().collect()
}

/// The folders that layers are made from, each with the layers' logical ids.
pub fn layer_contents<'a>(stacks: &'a [Stack], sources: &SourceMap) -> BTreeMap<PathBuf, Vec<&'a str>> {
    let mut out: BTreeMap<PathBuf, Vec<&str>> = BTreeMap::new();
    for stack in stacks {
        for layer in &stack.layers {
            if let Some(folder) = local_folder(&layer.content, stack, sources) {
                out.entry(normalize(&folder)).or_default().push(&layer.resource.id);
            }
        }
    }
    out
}

/// The entry points of a run, Lambdas in template order and then files in order of path, and the Lambdas whose code
/// can't be read. `roots` are the folders of code outside the Lambdas.
pub fn entry_points(
    stacks: &[Stack],
    codebase: &Codebase,
    sources: &SourceMap,
    roots: &[PathBuf],
) -> (Vec<EntryPoint>, Vec<BlindSpot>) {
    let mut entries = Vec::new();
    let (mut blind, mut assumed) = (Vec::new(), Vec::new());
    let functions = stacks.iter().flat_map(|stack| stack.functions.iter().map(move |f| (stack, f)));
    for (i, (stack, function)) in functions.enumerate() {
        match lambda_entry(stack, function, stacks, codebase, sources) {
            Ok((entry, assumption)) => {
                assumed.extend(assumption.iter().filter_map(|_| entry.search.roots.first().cloned()));
                entries.push(entry);
                blind.extend(assumption.map(|Assumption { file, why }| BlindSpot {
                    taken: Some(Taken::Code(file)),
                    ..spot(i, function, why, vec!["env-not-set"])
                }));
            }
            Err(blindness) => {
                let withholds = vec!["iam-over-grant", "iam-missing-action", "unused-gsi"];
                blind.push(spot(i, function, blindness, withholds));
            }
        }
    }
    let carried: Vec<PathBuf> = code_folders(stacks, sources).into_iter().chain(assumed).collect();
    entries.extend(file_entries(stacks, codebase, sources, roots, &carried));
    (entries, blind)
}

fn spot(i: usize, function: &Function, (span, reason): Blindness, withholds: Vec<&'static str>) -> BlindSpot {
    let reason = format!("{}: {reason}", function.resource.id);
    BlindSpot { span, reason, withholds, function: Some(FunctionId(i)), taken: None }
}

fn lambda_entry(
    stack: &Stack,
    function: &Function,
    stacks: &[Stack],
    codebase: &Codebase,
    sources: &SourceMap,
) -> Result<(EntryPoint, Option<Assumption>), Blindness> {
    if let Some(runtime) = function.runtime.as_ref().filter(|r| !r.value.starts_with("python")) {
        return Err((runtime.span, format!("its code is for {}, and only Python is read", runtime.value)));
    }
    let Some(handler) = &function.handler else {
        let place = match &function.code {
            Code::Image { context, .. } => context.span,
            _ => function.span,
        };
        return Err((place, "it has no handler".to_owned()));
    };
    let (module, name) = handler
        .value
        .rsplit_once('.')
        .ok_or_else(|| (handler.span, format!("the handler `{}` names no module", handler.value)))?;
    let located = locate(stack, function, (module, name), codebase, sources)?;
    let code = unique(located.roots.clone());
    let mut search = search_path(code.clone(), function, stacks, sources);
    search.elsewhere = has_layers_elsewhere(function, stacks, codebase, sources);
    if let Some(start) = find_module(codebase, &search.roots, module) {
        codebase.follow_path(&mut search, start, code.len());
    }
    search.roots.extend(layer_folders(codebase));
    let module = find_module(codebase, &located.roots, module)
        .or_else(|| find_module(codebase, &search.roots, module))
        .ok_or_else(|| (handler.span, format!("no Python file was found for the handler `{}`", handler.value)))?;
    let entry = EntryPoint {
        name: EntryName::Function(function.resource.clone()),
        module,
        start: Start::Handler(vec![name.to_owned()]),
        search,
        environment: Environment { variables: variables(function), open: false },
        event: event(function),
    };
    Ok((entry, located.assumption))
}

fn search_path(mut roots: Vec<PathBuf>, function: &Function, stacks: &[Stack], sources: &SourceMap) -> SearchPath {
    for id in &function.layers {
        roots.extend(layer_roots(id, stacks, sources));
    }
    SearchPath { roots: unique(roots), ..SearchPath::default() }
}

/// Whether a layer of the function isn't at hand: declared elsewhere, or without a Python file where its content is.
fn has_layers_elsewhere(function: &Function, stacks: &[Stack], codebase: &Codebase, sources: &SourceMap) -> bool {
    let is_at_hand = |id| layer_roots(id, stacks, sources).iter().any(|folder| codebase.holds(folder));
    function.foreign_layers || !function.layers.iter().all(is_at_hand)
}

/// A layer's content, and its `python/` folder, which is what Lambda puts on the path.
fn layer_roots(id: &ResourceRef, stacks: &[Stack], sources: &SourceMap) -> Vec<PathBuf> {
    let layers = stacks.iter().flat_map(|stack| stack.layers.iter().map(move |layer| (stack, layer)));
    let found = layers.filter(|(_, layer)| layer.resource == *id);
    found
        .filter_map(|(stack, layer)| local_folder(&layer.content, stack, sources))
        .flat_map(|folder| [folder.clone(), folder.join("python")])
        .collect()
}

/// Folders called `python`: what a layer that is declared elsewhere puts on the path. Looked at last, so that they
/// count only for what is found nowhere else.
fn layer_folders(codebase: &Codebase) -> BTreeSet<PathBuf> {
    let folders = codebase.ids().flat_map(|id| codebase.path(id).ancestors().skip(1));
    folders.filter(|folder| folder.ends_with("python")).map(Path::to_path_buf).collect()
}

/// A blind spot for each Lambda that imports from a folder of which it is only guessed that it is a layer's. `loaded`: the
/// files of each entry point.
pub fn guessed_layers(
    stacks: &[Stack],
    codebase: &Codebase,
    sources: &SourceMap,
    entries: &[EntryPoint],
    loaded: &[Vec<FileId>],
) -> Vec<BlindSpot> {
    let guesses = layer_folders(codebase);
    let functions: Vec<&Function> = stacks.iter().flat_map(|stack| &stack.functions).collect();
    let mut out = Vec::new();
    for (entry, files) in entries.iter().zip(loaded) {
        let EntryName::Function(resource) = &entry.name else { continue };
        let Some(id) = functions.iter().position(|function| function.resource == *resource) else { continue };
        let told = entry.search.roots.len().saturating_sub(guesses.len());
        let all: Vec<&PathBuf> = entry.search.folders().collect();
        let own: Vec<&PathBuf> = [&all[..told], &all[entry.search.roots.len()..]].concat();
        let paths = files.iter().map(|file| sources.file(*file).path.as_path());
        let strange = paths.filter(|path| !own.iter().any(|folder| is_below(path, folder)));
        let guess = strange.filter_map(|path| guesses.iter().find(|folder| is_below(path, folder))).min();
        out.extend(guess.map(|folder| {
            let folder = crate::source::display_name(folder);
            let reason =
                format!("`{folder}` is taken for a layer that isn't declared here; what rests on it is likely at most");
            let function = functions[id];
            let taken = Some(Taken::Layer(folder));
            BlindSpot { span: function.span, reason, withholds: Vec::new(), function: Some(FunctionId(id)), taken }
        }));
    }
    out
}

/// What a function's events hold, if that is known of all that invoke it.
fn event(function: &Function) -> Option<Json> {
    let mut events = function.triggers.iter().map(|trigger| trigger.event.clone());
    let first = events.next()??;
    events.try_fold(first, |known, event| Some(known.or(event?)))
}

fn variables(function: &Function) -> BTreeMap<String, EnvValue> {
    let value = |v: &EnvVar| EnvValue { values: known_values(v), optional: v.optional, span: Some(v.span) };
    function.environment.iter().map(|(name, variable)| (name.clone(), value(variable))).collect()
}

fn known_values(variable: &EnvVar) -> Vec<Symbolic> {
    if variable.values.is_empty() { vec![Symbolic::hole("the template")] } else { variable.values.clone() }
}

/// Every file of the project under `roots` that no Lambda carries (in one of the folders `carried`), and those that it carries but that are written to be run by hand.
fn file_entries(
    stacks: &[Stack],
    codebase: &Codebase,
    sources: &SourceMap,
    roots: &[PathBuf],
    carried: &[PathBuf],
) -> Vec<EntryPoint> {
    let common = common_roots(stacks, sources, roots);
    let environment = Environment { variables: union(stacks), open: true };
    let mut out = Vec::new();
    for (i, module) in codebase.modules.iter().enumerate() {
        if !codebase.is_own(module_id(i)) || codebase.is_embedded(module_id(i)) {
            continue;
        }
        let path = codebase.path(module_id(i));
        let in_lambda = carried.iter().any(|folder| is_below(path, folder));
        if !roots.iter().any(|root| is_below(path, root)) || in_lambda && !runs_by_hand(module) {
            continue;
        }
        let own = path.parent().map(Path::to_path_buf).unwrap_or_default();
        let search = SearchPath {
            roots: unique(std::iter::once(own).chain(common.iter().cloned()).collect()),
            fallback: carried.to_vec(),
            ..SearchPath::default()
        };
        out.push(file_entry(module.file, module_id(i), search, environment.clone()));
    }
    out
}

fn module_id(index: usize) -> ModuleId {
    ModuleId(u32::try_from(index).unwrap_or(u32::MAX))
}

fn file_entry(file: FileId, module: ModuleId, search: SearchPath, environment: Environment) -> EntryPoint {
    EntryPoint { name: EntryName::File(file), module, start: Start::Script, search, environment, event: None }
}

/// Whether the top level asks for `__name__`: `if __name__ == "__main__"`.
fn runs_by_hand(module: &crate::python::ir::Module) -> bool {
    use crate::python::ir::{ExprKind, Module, Stmt};
    let is_name = |id| matches!(&module.expr(id).kind, ExprKind::Name(_, name) if module.name(*name) == "__name__");
    let asks = |stmt: &Stmt| match stmt {
        Stmt::If { test, .. } => match &module.expr(*test).kind {
            ExprKind::Compare(left, rest) => is_name(*left) || rest.iter().any(|(_, right)| is_name(*right)),
            _ => false,
        },
        _ => false,
    };
    module.functions.first().is_some_and(|_| module.function(Module::TOP).body.iter().any(asks))
}

fn common_roots(stacks: &[Stack], sources: &SourceMap, roots: &[PathBuf]) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = roots.iter().map(|root| normalize(root)).collect();
    for layer in stacks.iter().flat_map(|stack| &stack.layers) {
        out.extend(layer_roots(&layer.resource, stacks, sources));
    }
    out.extend(stacks.iter().map(|stack| template_folder(stack, sources)));
    unique(out)
}

/// All functions' variables: whoever runs a script sets some of them, to one or another of their values.
fn union(stacks: &[Stack]) -> BTreeMap<String, EnvValue> {
    let mut out: BTreeMap<String, EnvValue> = BTreeMap::new();
    for (name, variable) in stacks.iter().flat_map(|s| &s.functions).flat_map(|f| &f.environment) {
        let merged = out.entry(name.clone()).or_insert_with(|| EnvValue {
            values: Vec::new(),
            optional: true,
            span: Some(variable.span),
        });
        for value in known_values(variable) {
            if !merged.values.contains(&value) {
                merged.values.push(value);
            }
        }
    }
    out
}

/// The empty path is the working folder, above every relative path.
fn is_below(path: &Path, folder: &Path) -> bool {
    let folder = normalize(folder);
    if folder.as_os_str().is_empty() { path.is_relative() } else { path.starts_with(folder) }
}

fn unique(paths: Vec<PathBuf>) -> Vec<PathBuf> {
    let mut seen = BTreeSet::new();
    paths.into_iter().filter(|path| seen.insert(path.clone())).collect()
}
