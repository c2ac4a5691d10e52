//! A finding as a `miette` diagnostic: frames of its place and of the related places, file by file. Frames of other
//! files are drawn by themselves: as related diagnostics, `miette` would indent and then wrap their lines.

use super::TextStyle;
use super::excerpt::{CONTEXT, Excerpt, Mark, digits, share_a_frame};
use super::fit::{TAB, wrapped};
use crate::report::Level;
use crate::report::sanitize::{one_line, sanitize};
use crate::report::totals::counted;
use crate::rules::{Finding, Severity};
use crate::source::{SourceMap, Span};
use miette::ThemeStyles;
use miette::{Diagnostic, GraphicalTheme, LabeledSpan, MietteHandlerOpts, ReportHandler, SourceCode, ThemeCharacters};
use std::error::Error;
use std::fmt;
use textwrap::{WordSeparator, WordSplitter};

/// What a frame begins and ends with.
const CORNER: char = '╭';
const END: char = '╰';
/// More places than this beside a finding's own are counted only.
const MAX_PLACES: usize = 5;

/// A diagnostic ready to be drawn; all its text is harmless to a terminal.
#[derive(Debug)]
pub(super) struct Drawn {
    severity: miette::Severity,
    title: String,
    why: Option<Why>,
    excerpt: Option<Excerpt>,
    /// Excerpts of other files.
    elsewhere: Vec<Excerpt>,
    /// Places that are counted only.
    left_out: usize,
    help: String,
}

/// The explanation, drawn below the title.
#[derive(Debug)]
struct Why(String);

impl Drawn {
    /// A finding with its places, for `width` columns.
    pub(super) fn finding(finding: &Finding, sources: &SourceMap, width: usize) -> Self {
        // What shares a frame with the finding's own place stands there; that frame comes first, whatever stands above it.
        let mut groups = vec![vec![Mark { span: finding.span, label: label(&finding.label) }]];
        for related in finding.related.iter().take(MAX_PLACES) {
            let mark = Mark { span: related.span, label: label(&related.message) };
            let of_file = |marks: &Vec<Mark>| marks[0].span.file == mark.span.file;
            let near = groups[0].iter().any(|own| share_a_frame(sources, own.span, mark.span));
            let others = groups.iter().skip(1).position(of_file);
            match (near, others) {
                (true, _) => add(&mut groups[0], mark),
                (false, Some(at)) => add(&mut groups[at + 1], mark),
                (false, None) => groups.push(vec![mark]),
            }
        }
        let digits = digits(sources, groups.iter().flatten());
        let mut excerpts = groups.iter().map(|marks| Excerpt::new(sources, marks, width, digits));
        Self {
            severity: severity(finding.severity),
            why: some(&finding.message).map(|m| Why(sanitize(&m))),
            help: sanitize(&finding.help),
            excerpt: excerpts.next().flatten(),
            elsewhere: excerpts.flatten().collect(),
            left_out: finding.related.len().saturating_sub(MAX_PLACES),
            ..Self::plain(&finding.title)
        }
    }

    /// The same with other help.
    pub(super) fn with_help(self, help: String) -> Self {
        Self { help, ..self }
    }

    /// The same with another explanation.
    pub(super) fn with_why(self, why: &str) -> Self {
        Self { why: some(why).map(|why| Why(sanitize(&why))), ..self }
    }

    /// Something odd about a place.
    pub(super) fn oddity(level: Level, title: &str, help: &str, span: Span, sources: &SourceMap, width: usize) -> Self {
        let severity = match level {
            Level::Error => miette::Severity::Error,
            Level::Warning | Level::Note => miette::Severity::Warning,
        };
        Self { severity, ..Self::at(title, help, Some(span), sources, width) }
    }

    /// Something said of a place.
    fn at(title: &str, help: &str, span: Option<Span>, sources: &SourceMap, width: usize) -> Self {
        let marks: Vec<Mark> = span.map(|span| Mark { span, label: None }).into_iter().collect();
        let excerpt = Excerpt::new(sources, &marks, width, digits(sources, &marks));
        Self { help: sanitize(help), excerpt, ..Self::plain(title) }
    }

    fn plain(title: &str) -> Self {
        let severity = miette::Severity::Error;
        let (why, excerpt, elsewhere) = (None, None, Vec::new());
        Self { severity, title: one_line(title), why, excerpt, elsewhere, left_out: 0, help: String::new() }
    }
}

/// Two labels of one place are one.
fn add(marks: &mut Vec<Mark>, mark: Mark) {
    let Some(known) = marks.iter_mut().find(|known| known.span == mark.span) else { return marks.push(mark) };
    match (&mut known.label, mark.label) {
        (Some(said), Some(more)) if *said != more => *said = format!("{said}; {more}"),
        (said @ None, more) => *said = more,
        _ => {}
    }
}

fn label(text: &str) -> Option<String> {
    some(text).map(|text| one_line(&text))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|t| !t.is_empty())
}

fn severity(severity: Severity) -> miette::Severity {
    match severity {
        Severity::Critical | Severity::High => miette::Severity::Error,
        Severity::Medium | Severity::Low => miette::Severity::Warning,
        Severity::Info => miette::Severity::Advice,
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Why {}

impl Error for Drawn {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.why.as_ref().map(|why| why as &(dyn Error + 'static))
    }
}

impl Diagnostic for Drawn {
    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.excerpt.as_ref().map(|e| Box::new(e.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }
}

/// Places of another file: frames and nothing else.
struct Frames<'a>(&'a Excerpt);

impl fmt::Debug for Frames<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0, f)
    }
}

impl fmt::Display for Frames<'_> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Error for Frames<'_> {}

impl Diagnostic for Frames<'_> {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(self.0)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.0.labels.iter().cloned()))
    }
}

/// An error with its place, if it has one, and its remedy.
pub fn error(message: &str, span: Option<Span>, help: &str, sources: &SourceMap, style: &TextStyle) -> String {
    graphical(&Drawn::at(message, help, span, sources, style.width), style)
}

/// Draws a diagnostic: what and why, its frames, how many places more, and what to do.
pub(super) fn graphical(diagnostic: &Drawn, style: &TextStyle) -> String {
    let mut out = draw(diagnostic, style);
    for excerpt in &diagnostic.elsewhere {
        let drawn = draw(&Frames(excerpt), style);
        // The heading of nothing goes.
        out.extend(drawn.split_inclusive('\n').skip_while(|line| !line.trim_start().starts_with(CORNER)));
    }
    let mut out = aligned(&out);
    if diagnostic.left_out > 0 {
        out.extend(["  … and ", &counted(diagnostic.left_out, "place", "places"), " more\n"]);
    }
    if !diagnostic.help.is_empty() {
        out += &help(&diagnostic.help, style);
    }
    out
}

fn draw(diagnostic: &dyn Diagnostic, style: &TextStyle) -> String {
    struct Draw<'a>(&'a dyn ReportHandler, &'a dyn Diagnostic);
    impl fmt::Display for Draw<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.debug(self.1, f)
        }
    }
    let styles = if style.color { ThemeStyles::ansi() } else { ThemeStyles::none() };
    let options = MietteHandlerOpts::new()
        .graphical_theme(GraphicalTheme { characters: ThemeCharacters::unicode(), styles })
        .force_graphical(true)
        .terminal_links(false)
        .without_syntax_highlighting()
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
        .context_lines(CONTEXT)
        .tab_width(TAB)
        .width(style.width);
    let drawn = Draw(&options.build(), diagnostic).to_string();
    // Padding at line ends is invisible on a terminal and noise in a file.
    drawn.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}

/// Frames with their line numbers in one column, though some have more digits.
fn aligned(drawn: &str) -> String {
    let indent = |line: &str| line.trim_start().starts_with(CORNER).then(|| line.len() - line.trim_start().len());
    let widest = drawn.lines().filter_map(indent).max().unwrap_or(0);
    let mut out = String::new();
    let mut padding = 0;
    for line in drawn.lines() {
        padding = indent(line).map_or(padding, |own| widest - own);
        out += &" ".repeat(if line.is_empty() { 0 } else { padding });
        out += line;
        out.push('\n');
        if line.trim_start().starts_with(END) {
            padding = 0;
        }
    }
    out
}

/// What to do, paragraph by paragraph; lines that are indented are code and stay as they are.
fn help(text: &str, style: &TextStyle) -> String {
    let head = "  help: ";
    let mut out = String::new();
    for (i, line) in text.trim_end().lines().enumerate() {
        let first = if i == 0 { head.to_owned() } else { " ".repeat(head.len()) };
        if line.starts_with([' ', '\t']) {
            out.extend([first.as_str(), line, "\n"]);
        } else {
            out += &wrapped(line, &first, style.width);
        }
    }
    if style.color { out.replacen("help:", "\u{1b}[36mhelp:\u{1b}[0m", 1) } else { out }
}
