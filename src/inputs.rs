//! From options to what is read, and from what was read to what reports say of it: each template once, folders by one
//! name, files that couldn't be read as blind spots.

use crate::Options;
use crate::dynamodb::words::nearest;
use crate::facts::BlindSpot;
use crate::flow::{EntryName, EntryPoint, Gap};
use crate::python;
use crate::report::{self, Level, Warning};
use crate::source::{LeftOut, Skipped, SourceMap, display_name, left_out, normalize};
use crate::template::model::{Function, Stack};
use crate::template::{Diagnostic, Severity};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The templates, each once however often and by whatever path it is given, and a note for each that is left out.
pub(crate) fn templates(options: &Options) -> (Vec<PathBuf>, Vec<String>) {
    let mut seen = BTreeSet::new();
    let (mut paths, mut notes) = (Vec::new(), Vec::new());
    for given in &options.templates {
        let path = local(given);
        if seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())) {
            paths.push(path);
        } else {
            notes.push(format!("{} is given more than once, and audited once", display_name(&path)));
        }
    }
    (paths, notes)
}

/// That no Lambda's code was found, though the templates declare Lambdas.
pub(crate) fn unaudited(stacks: &[Stack], entries: &[EntryPoint]) -> Option<Warning> {
    let functions: Vec<&Function> = stacks.iter().flat_map(|stack| &stack.functions).collect();
    let has_code = entries.iter().any(|entry| matches!(entry.name, EntryName::Function(_)));
    let first = functions.first().filter(|_| !has_code)?;
    let is_other = |function: &&Function| function.runtime.as_ref().is_some_and(|r| !r.value.starts_with("python"));
    let (whose, none) = match functions.len() {
        1 => (format!("of {}", first.resource.id), format!("{} isn't", first.resource.id)),
        n => (format!("of any of the {n} Lambdas"), format!("none of the {n} Lambdas is")),
    };
    let (message, help) = if functions.iter().all(is_other) {
        let message = format!(
            "{none} written in Python, and nothing else is read: what the code does with tables is not audited"
        );
        (message, "what is said of the templates holds for them alone")
    } else {
        let message = format!("no code {whose} was found: what it does with tables is not audited");
        (
            message,
            "give the folder that holds the code with `--src DIR`; `--verbose` says of each Lambda why there is none",
        )
    };
    Some(Warning { level: Level::Warning, message, help: help.to_owned(), span: first.span })
}

/// Parameters given that no template declares: misspelled, most likely. Pseudo parameters are everybody's.
pub(crate) fn unknown_parameters(options: &Options, stacks: &[Stack]) -> Vec<String> {
    let declared: BTreeSet<&str> = stacks.iter().flat_map(|stack| &stack.parameters).map(String::as_str).collect();
    let unknown =
        options.parameters.keys().filter(|name| !name.starts_with("AWS::") && !declared.contains(name.as_str()));
    unknown
        .map(|name| match nearest(name, declared.iter().copied()) {
            Some(near) => format!("no template has a parameter {name}; {near} is meant?"),
            None => format!("no template has a parameter {name}, so its value is not used"),
        })
        .collect()
}

/// The folders given, or the templates' own.
pub(crate) fn source_folders(options: &Options) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = match options.src.as_slice() {
        [] => options.templates.iter().filter_map(|template| template.parent()).map(local).collect(),
        given => given.iter().map(|path| local(path)).collect(),
    };
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.clone()));
    folders
}

/// Relative to the working folder if below it: a file has one path, however the folders were given.
fn local(path: &Path) -> PathBuf {
    let path = normalize(path);
    let below = std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).map(Path::to_path_buf).ok());
    below.unwrap_or(path)
}

/// A folder as a report shows it.
pub(crate) fn folder_name(folder: &Path) -> String {
    Some(display_name(folder)).filter(|name| !name.is_empty()).unwrap_or_else(|| ".".to_owned())
}

/// What isn't read; of a folder that layers are made from, by their names. `layers`: such folders; `given`: those that the
/// options name.
pub(crate) fn skipped(skipped: Skipped, layers: &BTreeMap<PathBuf, Vec<&str>>, given: &[PathBuf]) -> report::Skipped {
    let Skipped { path, mut reason, on_purpose, is_missing } = skipped;
    let help = match is_missing {
        false => "",
        true if given.contains(&path) => "check what `--src` says",
        true => "build it before the audit, or let the template name the sources",
    };
    if let Some(layers) = layers.get(&path) {
        let word = if layers.len() == 1 { "layer" } else { "layers" };
        reason = format!("{reason} (content of the {word} {})", layers.join(", "));
    }
    report::Skipped { file: display_name(&path), reason, help: help.to_owned(), on_purpose }
}

/// A Python file that couldn't be read, for the reader.
pub(crate) fn unread(unread: &python::Unread, sources: &SourceMap) -> report::Unread {
    let help = match unread.reason.as_str() {
        "not UTF-8" => "save it as UTF-8; Python refuses it as it is, unless its first lines declare its encoding",
        _ => "",
    };
    report::Unread {
        message: format!("{} is not read: {}", sources.file(unread.span.file).name, unread.reason),
        reason: unread.reason.clone(),
        help: help.to_owned(),
        span: unread.span,
    }
}

/// What isn't read can't be judged. No rule is withheld: an import that leads there is a blind spot of its own.
pub(crate) fn blind(unread: &python::Unread) -> BlindSpot {
    let reason = format!("the file is not read: {}", unread.reason);
    BlindSpot { span: unread.span, reason, withholds: Vec::new(), function: None, taken: None }
}

pub(crate) fn warning(diagnostic: Diagnostic) -> Warning {
    let Diagnostic { severity, message, help, span, dated } = diagnostic;
    let level = match severity {
        Severity::Error if !dated => Level::Error,
        Severity::Error | Severity::Warning => Level::Warning,
        Severity::Note => Level::Note,
    };
    Warning { level, message, help, span }
}

/// Says of imports that lead to no code at hand which files are there and were left out, and what reads them all the same.
/// `roots`: the folders of code outside the Lambdas; `walked`: all in which code was looked for.
pub(crate) fn note_left_out(gaps: &mut [Gap], entries: &[EntryPoint], roots: &[PathBuf], walked: &[PathBuf]) {
    let mut known: BTreeMap<PathBuf, Option<LeftOut>> = BTreeMap::new();
    for gap in gaps {
        let (Some(dotted), Some(entry)) = (&gap.import, entries.get(gap.entry)) else { continue };
        let parts: Vec<&str> = dotted.split('.').collect();
        // The package around it may be what is left out.
        let names = (1..=parts.len()).map(|n| parts[..n].iter().collect::<PathBuf>());
        let files = names.flat_map(|name| [name.with_extension("py"), name.join("__init__.py"), name]);
        let found = files
            .flat_map(|file| entry.search.folders().map(move |folder| folder.join(&file)))
            .find_map(|file| known.entry(file).or_insert_with_key(|file| left_out(file, walked)).clone());
        let Some(LeftOut { file, folder, why }) = found else { continue };
        let sources = roots.iter().map(|root| folder_name(root)).chain([folder_name(&folder)]);
        let sources: Vec<String> = sources.map(|folder| format!("--src {folder}")).collect();
        gap.reason = format!(
            "the import `{dotted}` isn't among the code at hand: {} {why}; `{}` reads it all the same",
            display_name(&file),
            sources.join(" ")
        );
    }
}
