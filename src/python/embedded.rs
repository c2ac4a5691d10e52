//! Python that stands in a file of another kind as a block of lines, all equally indented: the parser is shown these lines of
//! the file and nothing else, so that every place in the program is its place in the file.

use crate::source::{FileId, Span};
use rustc_hash::FxHashMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

/// A program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Embedded {
    /// Where it would be, if it were a file; no file is there.
    pub path: PathBuf,
    /// The text of the file that it stands in.
    pub text: Arc<str>,
    /// Where it stands there, the indicator of the block counted in.
    pub span: Span,
    /// The program as it is read out of the file.
    pub program: String,
    /// Whether `${Name}` in it is replaced by what isn't known before it is deployed.
    pub is_pattern: bool,
    /// Whether it is known to be Python; else it counts only if Python accepts it.
    pub is_python: bool,
}

/// Why a program isn't among the modules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// It has no lines of its own in the file.
    NoLines,
    /// The parser gave up.
    TooSlow,
    /// What it is written in isn't known, and Python it isn't.
    NotPython,
}

impl Unreadable {
    /// For a sentence: "isn't read, as …".
    pub fn reason(self) -> &'static str {
        match self {
            Self::NoLines => "it isn't written as a block of lines",
            Self::TooSlow => "it takes too long to parse",
            Self::NotPython => "its runtime isn't known, and it is no Python",
        }
    }
}

/// A program that can be parsed: the pieces of its file that it is made of, one a line.
pub(super) type Lines = Vec<Range<usize>>;

/// What is parsed of the files that programs stand in: their texts, with what is replaced in patterns as Python can read it.
pub(super) fn readable(programs: &[(Embedded, Option<Lines>)]) -> FxHashMap<FileId, String> {
    let mut texts: FxHashMap<FileId, String> = FxHashMap::default();
    for (program, lines) in programs {
        let text = texts.entry(program.span.file).or_insert_with(|| program.text.to_string());
        if let Some(lines) = lines.as_ref().filter(|_| program.is_pattern)
            && let (Some(first), Some(last)) = (lines.first(), lines.last())
            && let Some(own) = program.text.get(first.start..last.end)
        {
            text.replace_range(first.start..last.end, &without_variables(own));
        }
    }
    texts
}

impl Embedded {
    /// The lines of the file that are the program's; `None` unless all are indented alike.
    pub(super) fn lines(&self) -> Option<Lines> {
        let text = &*self.text;
        let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let at = self.span.start as usize;
        // The span begins with the indicator, or with the first line that isn't empty.
        let is_indicator = text.get(at..)?.starts_with(['|', '>']);
        let start = if is_indicator { at + text[at..].find('\n')? + 1 } else { line_start(at) };
        start.checked_sub(1)?;
        let mut end = text[start..].find(|c: char| !c.is_whitespace()).map(|first| line_start(start + first))?;
        let (mut indent, mut lines) = (None, Lines::new());
        for line in self.program.trim_start_matches('\n').lines() {
            let (from, written) = (end, text.get(end..)?.split_inclusive('\n').next().unwrap_or_default());
            end += written.len();
            let content = written.trim_end_matches(['\n', '\r']);
            if line.trim().is_empty() && content.trim().is_empty() {
                lines.push(from + content.len()..end);
                continue;
            }
            let before = content.strip_suffix(line)?;
            let is_even = before.bytes().all(|b| b == b' ') && before.len() == *indent.get_or_insert(before.len());
            if !is_even || before.is_empty() {
                return None;
            }
            lines.push(from + before.len()..end);
        }
        (!lines.is_empty()).then_some(lines)
    }
}

/// A program with each `${Name}` that isn't within plain text as a name of the same width; in an f-string it is what stands in
/// braces. In plain text it is text.
fn without_variables(program: &str) -> String {
    let mut out = String::with_capacity(program.len());
    let mut literal: Option<Literal> = None;
    let mut rest = program;
    while let Some(next) = rest.chars().next() {
        let variable = rest.strip_prefix("${").and_then(|inner| inner.find(['}', '\n'])).map(|length| length + 3);
        let variable = variable.filter(|width| rest[..*width].ends_with('}'));
        let (width, step) = match (&literal, variable) {
            (None, Some(width)) => (width, "_".repeat(width)),
            (Some(Literal { is_format: true, .. }), Some(width)) => (width, format!("{{{}}}", "_".repeat(width - 2))),
            (Some(open), _) if rest.starts_with(open.quotes) => {
                let width = open.quotes.len();
                literal = None;
                (width, rest[..width].to_owned())
            }
            (Some(open), _) if next == '\n' && open.quotes.len() == 1 => {
                literal = None;
                (1, "\n".to_owned())
            }
            (Some(_), _) if next == '\\' => {
                let width = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
                (width, rest[..width].to_owned())
            }
            (None, _) if next == '#' => {
                let width = rest.find('\n').unwrap_or(rest.len());
                (width, rest[..width].to_owned())
            }
            (None, _) if matches!(next, '"' | '\'') => {
                let opened = Literal::opened(&out, rest);
                let width = opened.quotes.len();
                literal = Some(opened);
                (width, rest[..width].to_owned())
            }
            _ => (next.len_utf8(), next.to_string()),
        };
        out += &step;
        rest = &rest[width..];
    }
    out
}

/// A string literal that isn't closed yet.
struct Literal {
    quotes: &'static str,
    is_format: bool,
}

impl Literal {
    /// The literal whose quotes come next, after its prefix.
    fn opened(before: &str, quoted: &str) -> Self {
        let known = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|quotes| quoted.starts_with(quotes));
        let prefix = before.rsplit(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
        let is_prefix = prefix.len() <= 2 && prefix.chars().all(|c| "rRbBfFuUtT".contains(c));
        Self { quotes: known.unwrap_or("'"), is_format: is_prefix && prefix.contains(['f', 'F']) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a program that begins at the first `<` of a text.
    fn lines(text: &str, program: &str) -> Option<Vec<String>> {
        let start = u32::try_from(text.find('<')?).ok()?;
        let text = text.replacen('<', "", 1);
        let span = Span::new(FileId(0), start, u32::try_from(text.len()).ok()?);
        let (path, program) = (PathBuf::new(), program.to_owned());
        let embedded = Embedded { path, text: text.as_str().into(), span, program, is_pattern: false, is_python: true };
        Some(embedded.lines()?.into_iter().map(|line| text[line].to_owned()).collect())
    }

    #[test]
    fn lines_are_the_programs_own() {
        let wanted = ["import os\n", "\n", "def handler(event, context):\n", "  return 'ä'\n"];
        let program = "import os\n\ndef handler(event, context):\n  return 'ä'\n";
        let text =
            "A:\n  Code:\n    ZipFile: <|\n      import os\n\n      def handler(event, context):\n        return 'ä'\n";
        assert_eq!(lines(text, program), Some(wanted.map(str::to_owned).to_vec()));
        // The parser's span may begin with the first line.
        let text =
            "A:\n  Code:\n    ZipFile: |\n      <import os\n\n      def handler(event, context):\n        return 'ä'\n";
        assert_eq!(lines(text, program), Some(wanted.map(str::to_owned).to_vec()));
    }

    #[test]
    fn empty_lines_before_a_program_are_none_of_it() {
        let text = "    ZipFile: !Sub <|-\r\n\r\n      import os\r\n      os.getcwd()\r\n";
        let wanted = ["import os\r\n", "os.getcwd()\r\n"];
        assert_eq!(lines(text, "\nimport os\nos.getcwd()"), Some(wanted.map(str::to_owned).to_vec()));
    }

    #[test]
    fn what_is_no_block_of_lines_has_none() {
        for (text, program) in [
            ("ZipFile: <'import os; os.getcwd()'\n", "import os; os.getcwd()"),
            ("ZipFile: <\"import os\\nos.getcwd()\"\n", "import os\nos.getcwd()"),
            ("ZipFile: <>\n  import os\n\n  os.getcwd()\n", "import os\nos.getcwd()\n"),
            ("ZipFile: <|\n", ""),
        ] {
            assert_eq!(lines(text, program), None, "{text}");
        }
    }

    #[test]
    fn variables_are_names_but_in_plain_text() {
        for (program, wanted) in [
            ("days = ${Days}\n", "days = _______\n"),
            ("call(${A},'${B}')", "call(____,'${B}')"),
            ("f\"a-${Stage} ${!x}\" + rf'''\n${A}'''", "f\"a-{______} {___}\" + rf'''\n{__}'''"),
            ("'it\\'s ${A}'  # don't\nx = ${B}", "'it\\'s ${A}'  # don't\nx = ____"),
            ("\"\"\"a 'b' ${A}\"\"\"\n${B}", "\"\"\"a 'b' ${A}\"\"\"\n____"),
            ("of'${A}' ${\n${B", "of'${A}' ${\n${B"),
            ("'open ${A}\nä = ${Ä}", "'open ${A}\nä = _____"),
        ] {
            let found = without_variables(program);
            assert_eq!(found, wanted);
            assert_eq!(found.len(), program.len(), "every place stays");
        }
    }
}
