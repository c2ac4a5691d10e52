//! Findings and facts to text, Markdown, HTML and JSON: one folder a format. Decides nothing; what it is given, it shows.

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
mod subjects;
mod text;
mod totals;
mod undeclared;
mod why;

pub use sanitize::{one_line, sanitize};
pub use text::{TextStyle, error};
pub use totals::Totals;

use crate::facts::Facts;
use crate::flow::CallGraph;
use crate::rules::{Finding, Severity};
use crate::source::{FileId, SourceMap, Span};

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
    /// Whether it is only good to know.
    pub is_note: bool,
    /// Whether the template is refused when it is deployed.
    pub is_error: bool,
    /// What was found.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// Where.
    pub span: Span,
}

impl Inputs {
    /// Whether every file that was found could be read and parsed whole, and the templates can be deployed.
    pub fn whole(&self) -> bool {
        !self.warnings.iter().any(|warning| warning.is_error)
            && self.skipped.iter().all(|skipped| skipped.on_purpose)
            && self.unread.is_empty()
            && self.syntax_errors.is_empty()
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
