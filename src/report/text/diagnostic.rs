//! A finding as a `miette` diagnostic: its place and the related places of the same file in one excerpt, those of other
//! files in one excerpt each.

use super::TextStyle;
use super::excerpt::{CONTEXT, Excerpt, Mark};
use crate::report::sanitize::{one_line, sanitize};
use crate::rules::{Finding, Severity};
use crate::source::{SourceMap, Span};
use miette::ThemeStyles;
use miette::{Diagnostic, GraphicalTheme, LabeledSpan, MietteHandlerOpts, ReportHandler, SourceCode, ThemeCharacters};
use std::error::Error;
use std::fmt;
use textwrap::{WordSeparator, WordSplitter};

/// A diagnostic ready to be drawn; all its text is harmless to a terminal.
#[derive(Debug)]
pub(super) struct Drawn {
    code: Option<String>,
    severity: miette::Severity,
    title: String,
    why: Option<Why>,
    help: Option<String>,
    excerpt: Option<Excerpt>,
    related: Vec<Drawn>,
}

/// The explanation, drawn below the title.
#[derive(Debug)]
struct Why(String);

impl Drawn {
    /// A finding with all its places.
    pub(super) fn finding(finding: &Finding, sources: &SourceMap) -> Self {
        let mut groups = vec![vec![Mark { span: finding.span, label: some(&finding.label) }]];
        for related in &finding.related {
            let mark = Mark { span: related.span, label: some(&related.message) };
            match groups.iter_mut().find(|group| group[0].span.file == mark.span.file) {
                Some(group) => group.push(mark),
                None => groups.push(vec![mark]),
            }
        }
        let related = groups.split_off(1);
        Self {
            code: Some(format!("{} {}", finding.severity.as_str(), finding.rule)),
            severity: severity(finding.severity),
            title: one_line(&finding.title),
            why: some(&finding.message).map(|m| Why(sanitize(&m))),
            help: some(&finding.help).map(|h| sanitize(&h)),
            excerpt: Excerpt::new(sources, &groups[0]),
            related: related.into_iter().map(|marks| Self::elsewhere(marks, sources)).collect(),
        }
    }

    /// A warning about a place.
    pub(super) fn warning(title: &str, help: &str, span: Span, sources: &SourceMap) -> Self {
        Self {
            severity: miette::Severity::Warning,
            help: some(help).map(|h| sanitize(&h)),
            excerpt: Excerpt::new(sources, &[Mark { span, label: None }]),
            ..Self::plain(one_line(title))
        }
    }

    /// Why the audit could not be made.
    fn error(message: &str, span: Option<Span>, help: &str, sources: &SourceMap) -> Self {
        Self {
            severity: miette::Severity::Error,
            help: some(help).map(|h| sanitize(&h)),
            excerpt: span.and_then(|span| Excerpt::new(sources, &[Mark { span, label: None }])),
            ..Self::plain(one_line(message))
        }
    }

    /// Places of another file. A lone one gives the heading its words.
    fn elsewhere(mut marks: Vec<Mark>, sources: &SourceMap) -> Self {
        let file = &sources.file(marks[0].span.file).name;
        let title = match marks.as_mut_slice() {
            [only] => only.label.take().unwrap_or_else(|| format!("in {file}")),
            _ => format!("in {file}"),
        };
        Self { excerpt: Excerpt::new(sources, &marks), ..Self::plain(one_line(&title)) }
    }

    fn plain(title: String) -> Self {
        let severity = miette::Severity::Advice;
        Self { code: None, severity, title, why: None, help: None, excerpt: None, related: Vec::new() }
    }
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
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.code.as_ref().map(|code| Box::new(code) as Box<dyn fmt::Display>)
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.excerpt.as_ref().map(|excerpt| excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.excerpt.as_ref().map(|e| Box::new(e.labels.iter().cloned()) as Box<dyn Iterator<Item = LabeledSpan>>)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.related.iter().map(|d| d as &dyn Diagnostic)))
    }
}

/// An error with its place, if it has one, and its remedy.
pub fn error(message: &str, span: Option<Span>, help: &str, sources: &SourceMap, style: &TextStyle) -> String {
    graphical(&Drawn::error(message, span, help, sources), style)
}

/// Draws a diagnostic.
pub(super) fn graphical(diagnostic: &Drawn, style: &TextStyle) -> String {
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
        .show_related_errors_as_nested()
        .without_syntax_highlighting()
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .context_lines(CONTEXT)
        .tab_width(4);
    let options = if let Some(width) = style.width { options.width(width) } else { options };
    let drawn = Draw(&options.build(), diagnostic).to_string();
    // Padding at line ends is invisible on a terminal and noise in a file.
    drawn.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
