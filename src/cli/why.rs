//! `--why FILE:LINE`.

use super::args::{Args, FormatArg, Line};
use super::failure::Failure;
use super::{CLEAN, color, options, output, style, templates};
use crate::Project;
use crate::report::{self, Report};
use crate::source::{SourceMap, Span, display_name};
use std::io::IsTerminal;
use std::path::PathBuf;

/// Prints what is known of a line, and why.
pub(super) fn why(args: &Args, asked: &Line, sources: &mut SourceMap) -> Result<u8, Failure> {
    let json = match args.format {
        FormatArg::Text => false,
        FormatArg::Json => true,
        FormatArg::Markdown | FormatArg::Html => return Err(Failure::WhyFormat),
    };
    let project = Project::load(&options(args, asked_templates(args, asked)?), sources)?;
    let facts = project.facts();
    let line = line(asked, sources)?;
    let report = Report {
        facts: &facts,
        findings: &[],
        sources,
        inputs: &project.inputs,
        gate: None,
        failed: false,
        shows_rights: true,
    };
    let terminal = std::io::stdout().is_terminal();
    let style = style(args, color::wanted(args.color, terminal), terminal);
    match report::why(json, &report, line, &style) {
        Some(answer) => output::stdout(answer.as_bytes()).map(|()| CLEAN),
        None => Err(Failure::NothingKnown(asked.to_string(), report::near(&report, line))),
    }
}

/// The templates named, or those of the current folder, and the one that is asked about.
fn asked_templates(args: &Args, asked: &Line) -> Result<Vec<PathBuf>, Failure> {
    let is_template = args.templates.is_empty() && asked.file.is_file() && {
        let extension = asked.file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        ["yaml", "yml", "json", "template"].contains(&extension)
    };
    match templates(args) {
        // Of what is given twice, one is audited, and nothing is said of it here.
        Ok(mut found) => {
            found.extend(is_template.then(|| asked.file.clone()));
            Ok(found)
        }
        Err(Failure::NoTemplate) if is_template => Ok(vec![asked.file.clone()]),
        Err(Failure::NoTemplate) => Err(Failure::NoTemplateToAsk(asked.to_string())),
        Err(failure) => Err(failure),
    }
}

fn line(asked: &Line, sources: &SourceMap) -> Result<Span, Failure> {
    let Some(file) = sources.find(&asked.file) else {
        let name = asked.file.file_name();
        let alike = sources.files().filter(|(_, file)| file.path.file_name() == name);
        let alike = alike.map(|(_, file)| file.name.clone()).collect();
        return Err(Failure::UnreadFile(display_name(&asked.file), alike));
    };
    let lines = sources.line_count(file);
    sources.line(file, asked.line).ok_or_else(|| Failure::NoSuchLine(sources.file(file).name.clone(), lines))
}
