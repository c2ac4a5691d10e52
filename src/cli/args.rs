//! The command line.

use crate::report::Format;
use crate::rules::{self, Confidence, Severity};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::error::{ContextKind, ContextValue};
use clap::{Arg, ArgAction, Command, Parser, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

/// Audits `DynamoDB` behind Lambda: reads a SAM or `CloudFormation` template and the Python beside it, and shows what is
/// wrong with queries, indexes, tables and rights.
#[derive(Debug, Parser)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
#[command(name = "ddb-audit", version, about = ABOUT, max_term_width = 100, after_help = EXIT_STATUS)]
pub struct Args {
    /// Templates to audit [default: template.yaml, template.yml, template.json and *.template.json in the current
    /// folder]
    #[arg(value_name = "TEMPLATE")]
    pub templates: Vec<PathBuf>,

    /// Folder with Python code; may be given several times [default: the templates' folders]
    #[arg(long, value_name = "DIR", value_parser = folder)]
    pub src: Vec<PathBuf>,

    /// Value of a template parameter; may be given several times
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = parameter)]
    pub parameters: Vec<(String, String)>,

    /// Format of the report on standard output
    #[arg(long, value_enum, default_value = "text", value_name = "FORMAT")]
    pub format: FormatArg,

    /// Write a report to a file besides, its format told by the extension (.txt, .md, .html, .json); may be given
    /// several times
    #[arg(short, long, value_name = "FILE", value_parser = output)]
    pub output: Vec<Output>,

    /// Exit with 1 if a shown finding is at least this severe; a template whose deployment would be refused counts as
    /// critical
    #[arg(long, value_name = "SEVERITY", default_value = "high", value_parser = gate())]
    pub fail_on: Gate,

    /// Fail on files that can't be read or parsed whole, too, whatever --fail-on says
    #[arg(long)]
    pub strict: bool,

    /// Show only findings at least this severe
    #[arg(long, value_name = "SEVERITY", default_value = "info", value_parser = severity())]
    pub min_severity: Severity,

    /// Show only findings at least this sure
    #[arg(long, value_name = "CONFIDENCE", default_value = "possible", value_parser = confidence())]
    pub min_confidence: Confidence,

    /// Run only these rules; separated by commas or given several times
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule(), hide_possible_values = true)]
    pub select: Vec<String>,

    /// Leave out these rules; separated by commas or given several times
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule(), hide_possible_values = true)]
    pub ignore: Vec<String>,

    /// Explain a rule, and audit nothing
    #[arg(long, value_name = "RULE", value_parser = rule(), hide_possible_values = true, exclusive = true)]
    pub explain: Option<String>,

    /// List the rules, and audit nothing
    #[arg(long, exclusive = true)]
    pub rules: bool,

    /// Show why the audit believes what it believes of a line, and audit nothing: of a DynamoDB call, who reaches it and
    /// how its table is known; of a template's line, who uses the right, the table or the index
    #[arg(long, value_name = "FILE:LINE", value_parser = line, conflicts_with_all = ["output", "dump"])]
    pub why: Option<Line>,

    /// Print who calls whom in the code as JSON, and audit nothing; with --src, no template is needed
    #[arg(long, value_enum, value_name = "WHAT")]
    pub dump: Option<Dump>,

    /// Print completions for a shell, and audit nothing
    #[arg(long, value_name = "SHELL", exclusive = true)]
    pub completions: Option<Shell>,

    /// When to use colours
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: When,

    /// Findings only: no warnings, no notes, no totals
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,

    /// Show blind spots in the text report, too
    #[arg(short, long, action = ArgAction::SetTrue)]
    pub verbose: bool,
}

const ABOUT: &str = "Audits DynamoDB behind Lambda: reads a SAM or CloudFormation template and the Python beside it, \
                     and shows what is wrong with queries, indexes, tables and rights.";

const EXIT_STATUS: &str = "Exit status: 0 if no shown finding is at or above --fail-on, 1 if one is or if a \
                           template's deployment would be refused, 2 if the audit could not be made.";

/// Report formats by name.
#[derive(Debug, Clone, Copy, ValueEnum)]
#[allow(missing_docs, reason = "the names say it, and clap would print more")]
pub enum FormatArg {
    Text,
    Markdown,
    Html,
    Json,
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Text => Self::Text,
            FormatArg::Markdown => Self::Markdown,
            FormatArg::Html => Self::Html,
            FormatArg::Json => Self::Json,
        }
    }
}

/// What can be printed besides reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the names say it, and clap would print more")]
pub enum Dump {
    CallGraph,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file.
    pub file: PathBuf,
    /// 1-based.
    pub line: u32,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the names say it, and clap would print more")]
pub enum When {
    Auto,
    Always,
    Never,
}

/// The severity that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gate(pub Option<Severity>);

/// A report file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// The file.
    pub path: PathBuf,
    /// What its extension asks for.
    pub format: Format,
}

fn severity() -> impl TypedValueParser<Value = Severity> {
    PossibleValuesParser::new(Severity::ALL.map(Severity::as_str)).map(|name| named_severity(&name))
}

fn gate() -> impl TypedValueParser<Value = Gate> {
    let names = Severity::ALL.map(Severity::as_str).into_iter().chain(["never"]);
    PossibleValuesParser::new(names)
        .map(|name| Gate(Some(name).filter(|name| name != "never").map(|name| named_severity(&name))))
}

/// `name` has passed a parser that knows no others.
fn named_severity(name: &str) -> Severity {
    Severity::ALL.into_iter().find(|severity| severity.as_str() == name).unwrap_or(Severity::Info)
}

fn confidence() -> impl TypedValueParser<Value = Confidence> {
    const ALL: [Confidence; 3] = [Confidence::Certain, Confidence::Likely, Confidence::Possible];
    PossibleValuesParser::new(ALL.map(Confidence::as_str))
        .map(|name| ALL.into_iter().find(|c| c.as_str() == name).unwrap_or(Confidence::Possible))
}

fn rule() -> RuleParser {
    RuleParser(PossibleValuesParser::new(rules::names()))
}

/// Rule names. An unknown one is told its likes, not all of them: `--rules` lists those.
#[derive(Debug, Clone)]
struct RuleParser(PossibleValuesParser);

impl TypedValueParser for RuleParser {
    type Value = String;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, clap::Error> {
        self.0.parse_ref(command, arg, value).map_err(|mut error| {
            error.remove(ContextKind::ValidValue);
            let near = rules::named_like(&value.to_string_lossy());
            let near = near.map(|name| ContextValue::Strings(vec![name.to_owned()]));
            near.and_then(|near| error.insert(ContextKind::SuggestedValue, near));
            error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec!["'--rules' lists the rules".into()]));
            error
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        self.0.possible_values()
    }
}

fn folder(path: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(path);
    if path.is_dir() { Ok(path) } else { Err("not a folder".to_owned()) }
}

fn parameter(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}

/// `FILE:LINE`, or `FILE:LINE:COLUMN` as reports say it.
fn line(text: &str) -> Result<Line, String> {
    let split = |text: &str| {
        let (before, number) = text.rsplit_once(':')?;
        let number: u32 = number.parse().ok()?;
        (!before.is_empty() && number > 0).then(|| (before.to_owned(), number))
    };
    let (file, line) = split(text).ok_or("expected FILE:LINE")?;
    let (file, line) = split(&file).unwrap_or((file, line));
    Ok(Line { file: PathBuf::from(file), line })
}

fn output(path: &str) -> Result<Output, String> {
    let extension = Path::new(path).extension().and_then(|e| e.to_str()).unwrap_or_default();
    let format = match extension {
        "txt" => Format::Text,
        "md" => Format::Markdown,
        "html" => Format::Html,
        "json" => Format::Json,
        _ => return Err("the extension must be .txt, .md, .html or .json".to_owned()),
    };
    Ok(Output { path: PathBuf::from(path), format })
}
