//! Programs that stand in a template: `ZipFile` and `InlineCode`, written as a block of lines.
//!
//! What is parsed is the template up to the program's end, with all that is no program blanked out, so that every place in
//! the program is its place in the template. The line before the program becomes an `if` that is always true, whose body the
//! indented lines are.

use super::code::template_path;
use crate::python::Embedded;
use crate::source::{SourceMap, Span};
use crate::template::model::{Code, Function, Stack};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Text that is blanked for all programs of a run together, in bytes: a template is blanked once for each of its programs.
const MAX_BLANKED: usize = 32 << 20;
/// The line before a program.
const HEADER: &str = "if 1:";

/// The Python programs of all templates, each once, at the place that [`folder`] gives it.
pub fn programs(stacks: &[Stack], sources: &SourceMap) -> Vec<Embedded> {
    let mut left = MAX_BLANKED;
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for (stack, function) in stacks.iter().flat_map(|stack| stack.functions.iter().map(move |f| (stack, f))) {
        let Code::Inline(code) = &function.code else { continue };
        // Lambda puts the program into a file of this name.
        let path = folder(stack, function, sources).join("index.py");
        if !is_python(function) || !seen.insert(path.clone()) {
            continue;
        }
        let text = sources.file(code.span.file).text.clone();
        let cost = code.span.end as usize;
        if cost <= left
            && let Some(blanked) = blanked(&text, code.span, &code.value)
        {
            left -= cost;
            out.push(Embedded { path, file: code.span.file, text, blanked });
        }
    }
    out
}

/// The folder that a function's program would be in, if it were a file. No file can be below a template.
pub(super) fn folder(stack: &Stack, function: &Function, sources: &SourceMap) -> PathBuf {
    template_path(stack, sources).join(&function.resource.id)
}

fn is_python(function: &Function) -> bool {
    function.runtime.as_ref().is_none_or(|runtime| runtime.value.starts_with("python"))
}

/// The text up to the end of a program, without what is no program; `None` unless the program's lines are lines of the
/// text, all equally indented.
fn blanked(text: &str, span: Span, program: &str) -> Option<String> {
    let line_start = |at: usize| text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let at = span.start as usize;
    // The span begins with the indicator, or with the first line that isn't empty.
    let is_indicator = text.get(at..)?.starts_with(['|', '>']);
    let start = if is_indicator { at + text[at..].find('\n')? + 1 } else { line_start(at) };
    let header = line_start(start.checked_sub(1)?);
    let program = program.trim_start_matches('\n');
    let start = text[start..].find(|c: char| !c.is_whitespace()).map(|first| line_start(start + first))?;
    let (mut indent, mut end) = (None, start);
    for line in program.lines() {
        let rest = text.get(end..)?;
        let written = rest.split_inclusive('\n').next().unwrap_or_default();
        end += written.len();
        let written = written.trim_end_matches(['\n', '\r']);
        if line.trim().is_empty() && written.trim().is_empty() {
            continue;
        }
        let before = written.strip_suffix(line)?;
        let is_even = before.bytes().all(|b| b == b' ') && before.len() == *indent.get_or_insert(before.len());
        if !is_even || before.is_empty() {
            return None;
        }
    }
    let mut out = blank(&text[..header]);
    let line = text[header..start].split_inclusive('\n').next()?;
    out += HEADER;
    out += &blank(line.get(HEADER.len()..)?);
    out += &blank(text.get(header + line.len()..start)?);
    out += &text[start..end];
    Some(out)
}

/// Spaces for everything but the ends of lines, byte by byte.
fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    /// What is parsed of a text whose program stands begins at the first `<`, without blanks at line ends.
    fn parsed(text: &str, program: &str) -> Option<String> {
        let start = text.find('<')?;
        let text = text.replacen('<', "", 1);
        let span = Span::new(FileId(0), u32::try_from(start).ok()?, u32::try_from(text.len()).ok()?);
        let blanked = blanked(&text, span, program)?;
        assert_eq!(blanked.len(), text.len(), "every place stays");
        Some(blanked.lines().map(|line| line.trim_end().to_owned() + "\n").collect())
    }

    #[test]
    fn lines_keep_their_places() {
        let text =
            "A:\n  Code:\n    ZipFile: <|\n      import os\n\n      def handler(event, context):\n        return 'ä'\n";
        let program = "import os\n\ndef handler(event, context):\n  return 'ä'\n";
        let wanted = "\n\nif 1:\n      import os\n\n      def handler(event, context):\n        return 'ä'\n";
        assert_eq!(parsed(text, program), Some(wanted.to_owned()));
        // The parser's span may begin with the first line.
        let text =
            "A:\n  Code:\n    ZipFile: |\n      <import os\n\n      def handler(event, context):\n        return 'ä'\n";
        assert_eq!(parsed(text, program), Some(wanted.to_owned()));
    }

    #[test]
    fn empty_lines_before_a_program_are_none_of_it() {
        let text = "    ZipFile: !Sub <|-\r\n\r\n      import os\r\n      os.getcwd()\r\n";
        assert_eq!(
            parsed(text, "\nimport os\nos.getcwd()"),
            Some("if 1:\n\n      import os\n      os.getcwd()\n".to_owned())
        );
    }

    #[test]
    fn what_is_no_block_of_lines_has_no_places() {
        for (text, program) in [
            ("ZipFile: <'import os; os.getcwd()'\n", "import os; os.getcwd()"),
            ("ZipFile: <\"import os\\nos.getcwd()\"\n", "import os\nos.getcwd()"),
            ("ZipFile: <>\n  import os\n\n  os.getcwd()\n", "import os\nos.getcwd()\n"),
            ("ZipFile: <|\n", ""),
        ] {
            assert_eq!(parsed(text, program), None, "{text}");
        }
    }
}
