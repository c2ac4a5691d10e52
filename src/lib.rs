//! `ddb-audit`: audits DynamoDB behind Lambda. The pipeline on one page.
//!
//! ```text
//! templates ─▶ stacks ──┐
//!                       ├─▶ facts ─▶ rules ─▶ findings ─▶ report
//! Python ─▶ analysis ───┘
//! ```

pub mod cli;
pub mod dynamodb;
pub mod facts;
pub mod flow;
pub mod iam;
pub mod python;
pub mod report;
pub mod rules;
pub mod source;
pub mod template;

use facts::{BlindSpot, Facts, environment};
use flow::{Analysis, EntryPoint};
use python::Codebase;
use report::{Inputs, Warning};
use source::{Skipped, SourceMap, discover_python, display_name, normalize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use template::model::Stack;
use template::{Diagnostic, Severity, TemplateError};

/// What to audit.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The templates, in order: a stack's index is its place here.
    pub templates: Vec<PathBuf>,
    /// Folders with Python code; none for the templates' own.
    pub src: Vec<PathBuf>,
    /// Values for template parameters.
    pub parameters: BTreeMap<String, String>,
}

/// Why there is no audit.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A template can't be audited.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

/// Everything read and interpreted; facts and findings are drawn from it.
#[derive(Debug)]
pub struct Project {
    /// The templates, one each.
    pub stacks: Vec<Stack>,
    /// Where execution starts.
    pub entries: Vec<EntryPoint>,
    /// What the code does with DynamoDB.
    pub analysis: Analysis,
    /// Lambdas whose code can't be followed.
    pub blind_spots: Vec<BlindSpot>,
    /// What was read, for reports.
    pub inputs: Inputs,
}

impl Project {
    /// Reads templates and code into `sources`, and follows the code from each entry point.
    pub fn load(options: &Options, sources: &mut SourceMap) -> Result<Self, AuditError> {
        let (mut stacks, warnings) = load_templates(options, sources)?;
        facts::link(&mut stacks);
        let roots = source_folders(options);
        let folders = [roots.clone(), environment::code_folders(&stacks, sources)].concat();
        let discovery = discover_python(&folders.iter().map(PathBuf::as_path).collect::<Vec<_>>());
        let (codebase, unreadable) = Codebase::load(sources, &discovery.files);
        let (entries, blind_spots) = environment::entry_points(&stacks, &codebase, sources, &roots);
        let analysis = flow::analyze(&codebase, &entries);
        let inputs = Inputs {
            templates: stacks.iter().map(|stack| stack.file).collect(),
            src: roots.iter().map(|root| folder_name(root)).collect(),
            python_files: discovery.files.len(),
            skipped: discovery.skipped.into_iter().chain(unreadable).map(skipped).collect(),
            syntax_errors: codebase.syntax_errors,
            warnings,
        };
        Ok(Self { stacks, entries, analysis, blind_spots, inputs })
    }

    /// Joins templates and code.
    pub fn facts(&self, sources: &SourceMap) -> Facts<'_> {
        facts::build(&self.stacks, &self.entries, &self.analysis, &self.blind_spots, sources)
    }
}

fn load_templates(options: &Options, sources: &mut SourceMap) -> Result<(Vec<Stack>, Vec<Warning>), TemplateError> {
    let mut stacks = Vec::new();
    let mut warnings = Vec::new();
    for (index, path) in (0..).zip(&options.templates) {
        let (stack, diagnostics) = template::load(sources, &local(path), index, &options.parameters)?;
        stacks.push(stack);
        warnings.extend(diagnostics.into_iter().map(warning));
    }
    Ok((stacks, warnings))
}

/// The folders given, or the templates' own.
fn source_folders(options: &Options) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = match options.src.as_slice() {
        [] => options.templates.iter().filter_map(|template| template.parent()).map(local).collect(),
        given => given.iter().map(|path| local(path)).collect(),
    };
    folders.dedup();
    folders
}

/// Relative to the working folder if below it: a file has one path, however the folders were given.
fn local(path: &Path) -> PathBuf {
    let path = normalize(path);
    let below = std::env::current_dir().ok().and_then(|here| path.strip_prefix(here).map(Path::to_path_buf).ok());
    below.unwrap_or(path)
}

/// A folder as a report shows it.
fn folder_name(folder: &Path) -> String {
    Some(display_name(folder)).filter(|name| !name.is_empty()).unwrap_or_else(|| ".".to_owned())
}

fn skipped(skipped: Skipped) -> (String, String) {
    (display_name(&skipped.path), skipped.reason)
}

fn warning(diagnostic: Diagnostic) -> Warning {
    let Diagnostic { severity, message, help, span } = diagnostic;
    Warning { is_note: severity == Severity::Note, message, help, span }
}
