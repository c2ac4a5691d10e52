//! Findings and facts to text, Markdown, HTML and JSON: one folder a format. Decides nothing; what it is given, it shows.

mod callers;
mod command;
mod fingerprint;
mod html;
mod issue;
pub mod json;
mod markdown;
mod rights;
#[cfg(test)]
mod sample;
mod sanitize;
mod spots;
mod subjects;
mod text;
mod totals;
mod undeclared;
mod why;

pub use sanitize::{one_line, sanitize};
pub use text::{TextStyle, error, wrapped};
pub use totals::Totals;

use crate::facts::Facts;
use crate::flow::CallGraph;
use crate::rules::{Finding, Severity};
use crate::source::{FileId, SourceMap, Span};

/// What the inventory tells of each table, column by column.
const INVENTORY: [&str; 9] =
    ["Table", "Key", "Indexes", "TTL", "PITR", "Deletion policy", "Billing", "Items", "Lambdas"];

/// What is to be known where several fixes name lines.
const BOTTOM_UP: &str =
    "Fixes name the lines of the files as they are now: make several in one file from the bottom up.";

/// What is said of a Python file with a syntax error, at its place.
pub(crate) const SYNTAX_ERROR: &str =
    "a syntax error: Python refuses this file. What could be read of it was, and counts as possible only";

/// What was read, for reports to say.
#[derive(Debug, Default)]
pub struct Inputs {
    /// The templates, in the order in which they were given.
    pub templates: Vec<FileId>,
    /// Folders searched for Python files, relative to the working folder.
    pub src: Vec<String>,
    /// Python files found.
    pub python_files: usize,
    /// Folders that weren't walked.
    pub skipped: Vec<Skipped>,
    /// Python files that couldn't be read.
    pub unread: Vec<Unread>,
    /// The first syntax error of each Python file that has one; the rest of such a file is read.
    pub syntax_errors: Vec<Span>,
    /// That no Lambda's code was found, if so: then only the templates were audited.
    pub unaudited: Option<Warning>,
    /// What is odd about the templates.
    pub warnings: Vec<Warning>,
    /// What is odd about the arguments, for standard error.
    pub notes: Vec<String>,
}

/// A folder that wasn't walked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Relative to the working folder.
    pub file: String,
    /// Why.
    pub reason: String,
    /// What to do about it; empty where nothing need be done.
    pub help: String,
    /// Whether that is as it should be: installed packages, build output.
    pub on_purpose: bool,
}

/// A Python file that couldn't be read.
#[derive(Debug, Clone)]
pub struct Unread {
    /// Which file, and why.
    pub message: String,
    /// The reason alone.
    pub reason: String,
    /// What to do about it.
    pub help: String,
    /// The byte that isn't text, or the file's beginning.
    pub span: Span,
}

/// Something odd about a template that was audited all the same.
#[derive(Debug, Clone)]
pub struct Warning {
    /// How much it matters.
    pub level: Level,
    /// What was found.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// Where.
    pub span: Span,
}

/// How much a [`Warning`] matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The template is refused when it is deployed: as bad as a critical finding.
    Error,
    /// Probably a mistake, or something that limits the audit.
    Warning,
    /// Good to know.
    Note,
}

impl Level {
    /// As reports spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

impl Inputs {
    /// For what the deployment of a template would be refused.
    pub fn refusals(&self) -> impl Iterator<Item = &Warning> {
        self.warnings.iter().filter(|warning| warning.level == Level::Error)
    }

    /// What to say where there are no findings, as the beginning of a sentence on what was looked at.
    pub(crate) fn nothing_found(&self) -> &'static str {
        if self.refusals().next().is_some() {
            "The deployment would be refused. Nothing else was found"
        } else if self.unaudited.is_some() {
            "No code was audited. Nothing was found"
        } else {
            "No findings"
        }
    }

    /// What to say where a list of what to do is empty.
    pub(crate) fn nothing_to_do(&self) -> &'static str {
        if self.refusals().next().is_some() {
            "Mend what the deployment would be refused for."
        } else if self.unaudited.is_some() {
            "Nothing that the templates alone would tell: no code was audited."
        } else {
            "Nothing to do."
        }
    }

    /// How many files and folders that were found couldn't be read or parsed whole.
    pub fn read_in_part(&self) -> usize {
        let skipped = self.skipped.iter().filter(|skipped| !skipped.on_purpose).count();
        skipped + self.unread.len() + self.syntax_errors.len()
    }
}

/// Everything that a report shows.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The facts.
    pub facts: &'a Facts<'a>,
    /// The findings to show, most urgent first.
    pub findings: &'a [Finding],
    /// The files that spans point into.
    pub sources: &'a SourceMap,
    /// What was read.
    pub inputs: &'a Inputs,
    /// Findings at or above this fail the run; `None` for never.
    pub gate: Option<Severity>,
    /// Whether the run failed.
    pub failed: bool,
    /// Whether all that there is to find of rights is among the findings: only then roles are compared with the code.
    pub shows_rights: bool,
}

/// Report formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Findings with their source lines, for a terminal.
    Text,
    /// The audit as a document.
    Markdown,
    /// The same for a browser, with a picture: one file, complete in itself.
    Html,
    /// The contract for programs.
    Json,
}

/// Renders a report. `style` matters to [`Format::Text`] only.
pub fn render(format: Format, report: &Report, style: &TextStyle) -> String {
    match format {
        Format::Text => text::render(report, style),
        Format::Markdown => markdown::render(report),
        Format::Html => html::render(report),
        Format::Json => json::render(report),
    }
}

/// What is known of a line, and why: text, or JSON if that is asked for. `None` if nothing in the line concerns the audit.
pub fn why(json: bool, report: &Report, line: Span, style: &TextStyle) -> Option<String> {
    let answers = why::answers(report, line);
    let render = || if json { json::why(report, &answers) } else { text::why(report, &answers, style) };
    (!answers.is_empty()).then(render)
}

/// The lines of a file, nearest to this one, of which [`why`] knows something, each with what is there.
pub fn near(report: &Report, line: Span) -> Vec<(u32, String)> {
    let places = why::near(report, line).into_iter();
    places.map(|place| (report.sources.position(place.span, place.span.start).line, place.message)).collect()
}

/// A call graph as one JSON object: each caller with its callees, both sorted.
pub fn call_graph(graph: &CallGraph) -> String {
    serde_json::to_string_pretty(graph).map_or_else(|_| String::new(), |json| json::escaped(&json) + "\n")
}
