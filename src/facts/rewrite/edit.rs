//! Changes of a template's text, and how they are shown.

use crate::source::Span;
use crate::template::model::TemplateText;

/// A change of a template's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced; empty where something is put in.
    pub span: Span,
    /// By what.
    pub text: String,
    /// Whether it both adds what a role lacks and leaves out what nothing uses.
    pub both: bool,
    /// Whether one statement becomes several.
    pub split: bool,
}

/// Longer lines than this around an edit aren't shown with it.
const MAX_AROUND: usize = 120;

impl Edit {
    /// Whether nothing is replaced.
    pub fn is_insertion(&self) -> bool {
        self.span.start == self.span.end
    }

    /// How it is shown. As far to the left as it can be; `None` if lines would be too long to show, and no words tell the
    /// place.
    pub fn shown<'t>(&self, text: &'t TemplateText) -> Option<Shown<'t>> {
        let (before, after) = (text.before(self.span.start), text.after(self.span.end));
        let is_alone = matches!(before.trim(), "" | "-") && after.trim().is_empty();
        let whole = !self.is_insertion() && (is_alone || before.len() + after.len() <= MAX_AROUND);
        let part = if whole || self.is_insertion() { None } else { Some(text.only_in_line(self.span)?) };
        let (before, after) = if whole { (before, after) } else { ("", "") };
        let all = format!("{before}{}{after}", self.text);
        let indent = |line: &str| line.len() - line.trim_start().len();
        let lines = all.lines().filter(|line| !line.trim().is_empty());
        let least = lines.clone().map(indent).min().unwrap_or(0);
        let lines = lines.map(|line| line.get(least..).unwrap_or_default().trim_end().to_owned()).collect();
        let (first, last) = (text.line(self.span.start), text.line(self.span.end.max(self.span.start + 1) - 1));
        Some(Shown { first, last, part, lines })
    }
}

/// Lines as they are shown.
pub struct Shown<'t> {
    /// The first line that changes; for an insertion, the line that it follows.
    pub first: usize,
    /// The last line that changes.
    pub last: usize,
    /// The part of the line that changes, if it isn't all of it.
    pub part: Option<&'t str>,
    /// How they read then, or what is added.
    pub lines: Vec<String>,
}
