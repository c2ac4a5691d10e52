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
mod inputs;
pub mod python;
pub mod report;
pub mod rules;
pub mod source;
pub mod template;

use facts::{BlindSpot, Facts, environment};
use flow::{Analysis, CallGraph, EntryPoint};
use python::{Codebase, Distributions, Unread, is_library};
use report::Inputs;
use source::{Discovery, SourceMap, discover_python};
use std::collections::BTreeMap;
use std::path::PathBuf;
use template::TemplateError;
use template::model::Stack;

/// What to audit.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The templates, in order: a stack's index is its place here.
    pub templates: Vec<PathBuf>,
    /// Folders with Python code; none for the templates' own.
    pub src: Vec<PathBuf>,
    /// Values for template parameters.
    pub parameters: BTreeMap<String, String>,
    /// Whether to find out where the names of tables and indexes come from, for evidence.
    pub origins: bool,
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
        let Code { stacks, codebase, roots, walked, unread, discovery, mut notes, diagnostics } =
            Code::read(options, sources, Tests::Apart)?;
        notes.extend(inputs::unknown_parameters(options, &stacks));
        let (entries, mut blind_spots) = environment::entry_points(&stacks, &codebase, sources, &roots);
        blind_spots.extend(unread.iter().map(inputs::blind));
        let analyze = if options.origins { flow::analyze_with_origins } else { flow::analyze };
        let mut analysis = analyze(&codebase, &entries);
        inputs::note_left_out(&mut analysis.gaps, &entries, &roots, &walked);
        let guessed = environment::guessed_layers(&stacks, &codebase, sources, &entries, &analysis.loaded);
        blind_spots.extend(guessed);
        let layers = environment::layer_contents(&stacks, sources);
        let unaudited = inputs::unaudited(&stacks, &entries);
        let inputs = Inputs {
            unaudited,
            templates: stacks.iter().map(|stack| stack.file).collect(),
            src: roots.iter().map(|root| inputs::folder_name(root)).collect(),
            python_files: discovery.files.len(),
            skipped: discovery.skipped.into_iter().map(|skipped| inputs::skipped(skipped, &layers, &roots)).collect(),
            unread: unread.iter().map(|unread| inputs::unread(unread, sources)).collect(),
            syntax_errors: codebase.syntax_errors,
            warnings: diagnostics.into_iter().map(inputs::warning).collect(),
            notes,
        };
        Ok(Self { stacks, entries, analysis, blind_spots, inputs })
    }

    /// Joins templates and code.
    pub fn facts(&self) -> Facts<'_> {
        facts::build(&self.stacks, &self.entries, &self.analysis, &self.blind_spots)
    }
}

/// Who calls whom in the code of the templates' Lambdas and in the folders given; without templates, in these alone.
pub fn call_graph(options: &Options, sources: &mut SourceMap) -> Result<CallGraph, AuditError> {
    let Code { stacks, codebase, roots, .. } = Code::read(options, sources, Tests::Included)?;
    let (entries, _) = environment::entry_points(&stacks, &codebase, sources, &roots);
    Ok(flow::call_graph(&codebase, &entries, &roots))
}

/// What becomes of files that test others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tests {
    /// They are none of the project's own, and start nothing.
    Apart,
    /// They are files like any other.
    Included,
}

/// Templates and the code that they and the options name.
struct Code {
    stacks: Vec<Stack>,
    codebase: Codebase,
    /// Folders of code outside the Lambdas.
    roots: Vec<PathBuf>,
    /// Those, and the folders of the Lambdas and layers.
    walked: Vec<PathBuf>,
    unread: Vec<Unread>,
    discovery: Discovery,
    notes: Vec<String>,
    diagnostics: Vec<template::Diagnostic>,
}

impl Code {
    fn read(options: &Options, sources: &mut SourceMap, tests: Tests) -> Result<Self, AuditError> {
        let (templates, notes) = inputs::templates(options);
        let (mut stacks, diagnostics) = template::load(sources, &templates, &options.parameters)?;
        facts::link(&mut stacks);
        let roots = inputs::source_folders(options);
        let deployed = environment::code_folders(&stacks, sources);
        let folders = [roots.as_slice(), &deployed].concat();
        let mut discovery = discover_python(&folders.iter().map(PathBuf::as_path).collect::<Vec<_>>());
        let installed = python::sort_out(&mut discovery);
        // A file of a library's name is most likely that library's.
        discovery.ignored.retain(|path| !path.file_stem().and_then(|stem| stem.to_str()).is_some_and(is_library));
        let files = [discovery.files.as_slice(), &discovery.ignored].concat();
        let (codebase, unread) = Codebase::load(sources, &files);
        let distributions = Distributions::read(&discovery.manifests);
        let codebase =
            codebase.with_installed(&installed).with_distributions(distributions).with_ignored(&discovery.ignored);
        let codebase = if tests == Tests::Apart { codebase.with_tests_below(&folders) } else { codebase };
        let codebase = codebase.with_sources_of_copies(&deployed);
        let codebase = codebase.with_embedded(facts::inline::programs(&stacks, sources));
        Ok(Self { stacks, codebase, roots, walked: folders, unread, discovery, notes, diagnostics })
    }
}
