//! The program: arguments to options, reports to their places, the outcome to an exit code.

pub mod args;
mod color;
mod failure;
mod outcome;
mod output;
mod reference;
mod why;

use crate::report::{self, Format, Report, TextStyle};
use crate::rules::{self, Finding, Severity};
use crate::source::SourceMap;
use crate::{Options, Project};
use args::{Args, Dump};
use clap::{CommandFactory, Parser};
use failure::Failure;
use outcome::Outcome;
use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// No shown finding is at or above the gate.
const CLEAN: u8 = 0;
/// One is.
const FOUND: u8 = 1;
/// The audit could not be made.
const FAILED: u8 = 2;

/// Columns of a text report that goes neither to a terminal nor to somebody who says `COLUMNS`.
const FILE_WIDTH: usize = 100;
/// Frames are of no use below, and prose is hard to read above.
const WIDTHS: std::ops::RangeInclusive<usize> = 40..=120;

/// Runs the program.
pub fn run() -> ExitCode {
    let args = arguments();
    let mut sources = SourceMap::default();
    match execute(&args, &mut sources) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            let colored = color::wanted(args.color, std::io::stderr().is_terminal());
            output::note(&failure.draw(&sources, &style(&args, colored, std::io::stderr().is_terminal())));
            ExitCode::from(FAILED)
        }
    }
}

/// The arguments; where they are wrong, the program ends. What it then repeats of them must be harmless to a terminal, so it
/// is told of harmless ones.
fn arguments() -> Args {
    Args::try_parse().unwrap_or_else(|error| {
        let shown = |word: OsString| report::one_line(&word.to_string_lossy());
        let error = match Args::try_parse_from(std::env::args_os().map(shown)) {
            Err(error) => error,
            Ok(_) => clap::Error::new(error.kind()).with_cmd(&Args::command()),
        };
        error.exit()
    })
}

fn execute(args: &Args, sources: &mut SourceMap) -> Result<u8, Failure> {
    if let Some(shell) = args.completions {
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut Args::command(), "ddb-audit", &mut script);
        return output::stdout(&script).map(|()| CLEAN);
    }
    if let Some(rule) = &args.explain {
        return output::stdout(reference::explain(rule, columns()).as_bytes()).map(|()| CLEAN);
    }
    if args.rules {
        return output::stdout(reference::list(columns()).as_bytes()).map(|()| CLEAN);
    }
    if let Some(Dump::CallGraph) = args.dump {
        // Folders alone are enough: then every file is where execution may start.
        let templates = if args.src.is_empty() { templates(args)? } else { args.templates.clone() };
        let graph = crate::call_graph(&options(args, templates), sources)?;
        return output::stdout(report::call_graph(&graph).as_bytes()).map(|()| CLEAN);
    }
    if let Some(line) = &args.why {
        return why::why(args, line, sources);
    }
    audit(args, sources)
}

fn options(args: &Args, templates: Vec<PathBuf>) -> Options {
    let parameters = args.parameters.iter().cloned().collect();
    let is_json = |format| format == Format::Json;
    let origins =
        args.why.is_some() || is_json(args.format.into()) || args.output.iter().any(|output| is_json(output.format));
    Options { templates, src: args.src.clone(), parameters, origins }
}

fn audit(args: &Args, sources: &mut SourceMap) -> Result<u8, Failure> {
    let project = Project::load(&options(args, templates(args)?), sources)?;
    let facts = project.facts();
    let mut findings = rules::run(&facts);
    findings.retain(|finding| is_shown(args, finding));
    let outcome = Outcome::of(args, &findings, &project.inputs, sources);
    let failed = outcome.is_failure();
    let report = Report {
        facts: &facts,
        findings: &findings,
        sources,
        inputs: &project.inputs,
        gate: args.fail_on.0,
        failed,
        shows_rights: shows_rights(args),
    };
    if !args.quiet {
        notes(&project, facts.tables.is_empty());
        if !rules::pages().iter().any(|page| names(args, &page.name)) {
            output::note("warning: no rule is left: --select and --ignore name the same\n");
        }
    }
    write(args, &report)?;
    for reason in &outcome.reasons {
        output::note(&format!("error: {}\n", report::one_line(reason)));
    }
    Ok(if failed { FOUND } else { CLEAN })
}

/// Whether nothing that there is to find of rights is left out. Roles that are compared with the code would else contradict
/// the findings.
fn shows_rights(args: &Args) -> bool {
    ["iam-over-grant", "iam-missing-action"].iter().all(|rule| names(args, rule)) && args.min_severity <= Severity::Low
}

/// Whether findings of a rule are asked for.
fn names(args: &Args, rule: &str) -> bool {
    let named = |rules: &[String]| rules.iter().any(|name| name == rule);
    (args.select.is_empty() || named(&args.select)) && !named(&args.ignore)
}

/// What is odd about the arguments.
fn notes(project: &Project, no_tables: bool) {
    for note in &project.inputs.notes {
        output::note(&format!("note: {}\n", report::one_line(note)));
    }
    if no_tables {
        output::note("note: the templates declare no DynamoDB table\n");
    }
}

/// What isn't shown doesn't fail the run either: a status must not come from something that no report names.
fn is_shown(args: &Args, finding: &Finding) -> bool {
    finding.severity >= args.min_severity && finding.confidence >= args.min_confidence && names(args, finding.rule)
}

fn write(args: &Args, report: &Report) -> Result<(), Failure> {
    for file in &args.output {
        output::file(&file.path, &report::render(file.format, report, &style(args, false, false)))?;
    }
    let terminal = std::io::stdout().is_terminal();
    let style = style(args, color::wanted(args.color, terminal), terminal);
    output::stdout(report::render(args.format.into(), report, &style).as_bytes())
}

fn style(args: &Args, color: bool, terminal: bool) -> TextStyle {
    let width = width(std::env::var("COLUMNS").ok().as_deref(), terminal);
    TextStyle { color, width, quiet: args.quiet, verbose: args.verbose }
}

/// Columns of what goes to standard output.
fn columns() -> usize {
    width(std::env::var("COLUMNS").ok().as_deref(), std::io::stdout().is_terminal())
}

/// Columns: as `COLUMNS` says, else the terminal's.
fn width(said: Option<&str>, terminal: bool) -> usize {
    let said = said.and_then(|said| said.trim().parse().ok()).filter(|columns| *columns > 0);
    let seen = || if terminal { terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)) } else { None };
    said.or_else(seen).unwrap_or(FILE_WIDTH).clamp(*WIDTHS.start(), *WIDTHS.end())
}

/// The templates to audit: those named, which must at least look like some, or else those of the current folder.
fn templates(args: &Args) -> Result<Vec<PathBuf>, Failure> {
    for path in &args.templates {
        if path.is_dir() {
            return Err(Failure::FolderAsTemplate(path.clone()));
        }
        if path.extension().is_some_and(|extension| extension == "py") {
            return Err(Failure::PythonAsTemplate(path.clone()));
        }
    }
    if !args.templates.is_empty() {
        return Ok(args.templates.clone());
    }
    let names = templates_in(Path::new(".")).map_err(|error| Failure::Folder(error.to_string()))?;
    if names.is_empty() { Err(Failure::NoTemplate) } else { Ok(names) }
}

/// Names of the templates in a folder.
fn templates_in(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut names: Vec<PathBuf> = entries
        .filter_map(|entry| Some(PathBuf::from(entry.ok()?.file_name())))
        .filter(|name| is_template_name(name) && folder.join(name).is_file())
        .collect();
    names.sort();
    Ok(names)
}

fn is_template_name(path: &Path) -> bool {
    let name = path.to_string_lossy();
    matches!(name.as_ref(), "template.yaml" | "template.yml" | "template.json") || name.ends_with(".template.json")
}

#[cfg(test)]
mod tests {
    use super::width;

    #[test]
    fn columns_are_what_is_said_within_reason() {
        let cases =
            [(None, 100), (Some("72"), 72), (Some("9"), 40), (Some("400"), 120), (Some("wide"), 100), (Some("0"), 100)];
        for (said, expected) in cases {
            assert_eq!(width(said, false), expected, "{said:?}");
        }
    }
}
