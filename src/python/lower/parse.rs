//! Running tree-sitter, with a bound on its work.

use super::super::ir;
use super::range;
use super::syntax::LANGUAGE;
use std::ops::{ControlFlow, Range};
use tree_sitter::{Node, ParseOptions, Parser, Point, Tree, TreeCursor};

/// The parser reports progress every hundred steps. Code takes at most one or two steps a byte, a hundred thousand
/// nested brackets five; error recovery may take very many. A count, unlike a clock, gives the same answer on every
/// machine.
const BYTES_PER_REPORT: usize = 8;
const MIN_REPORTS: usize = 10_000;
/// Successive line continuations: the scanner looks past all of them from each of them, and reports nothing meanwhile.
const MAX_CONTINUATIONS: usize = 100;

/// Why a file has no syntax tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::python) enum Unparsable {
    /// Error recovery took too many steps.
    #[error("takes too long to parse")]
    TooSlow,
}

/// A parser for Python.
pub(super) fn parser() -> Parser {
    let mut parser = Parser::new();
    parser.set_language(&LANGUAGE).expect("the grammar's version is one that the library reads");
    parser
}

/// The syntax tree of a text.
pub(super) fn parse(text: &str) -> Result<Tree, Unparsable> {
    run(parser(), text, |offset| rest(text, offset))
}

/// The syntax tree of the program that these lines of a text, or ends of lines, are: its places are those in the text.
pub(super) fn parse_lines(text: &str, lines: &[Range<usize>]) -> Result<Tree, Unparsable> {
    let place = |row: usize, byte: usize, line: &Range<usize>| Point::new(row, byte - line.start);
    let range = |(row, line): (usize, &Range<usize>)| tree_sitter::Range {
        start_byte: line.start,
        end_byte: line.end,
        start_point: place(row, line.start, line),
        end_point: place(row, line.end, line),
    };
    let ranges: Vec<_> = (0..).zip(lines).map(range).collect();
    let mut parser = parser();
    parser.set_included_ranges(&ranges).map_err(|_| Unparsable::TooSlow)?;
    let (start, end) = (lines.first().map_or(0, |line| line.start), lines.last().map_or(0, |line| line.end));
    let program = text.get(start..end).unwrap_or_default();
    run(parser, program, |offset| rest(text, offset))
}

/// The syntax tree of a part of a text as if `suffix` stood after it: its places are those in the text.
pub(super) fn parse_with_suffix(text: &str, part: Range<usize>, suffix: &str) -> Result<Tree, Unparsable> {
    let mut parser = parser();
    let end = part.end + suffix.len();
    let range = tree_sitter::Range {
        start_byte: part.start,
        end_byte: end,
        start_point: Point::new(0, 0),
        end_point: Point::new(usize::MAX, 0),
    };
    parser.set_included_ranges(&[range]).map_err(|_| Unparsable::TooSlow)?;
    let program = text.get(part.clone()).unwrap_or_default();
    run(parser, program, |offset| match offset.checked_sub(part.end) {
        Some(beyond) => rest(suffix, beyond),
        None => text.as_bytes().get(offset..part.end).unwrap_or_default(),
    })
}

/// The bytes of a text from an offset on.
fn rest(text: &str, offset: usize) -> &[u8] {
    text.as_bytes().get(offset..).unwrap_or_default()
}

/// Runs a parser over a program, whose bytes from an offset on `read` gives.
fn run<'t>(mut parser: Parser, program: &str, read: impl Fn(usize) -> &'t [u8]) -> Result<Tree, Unparsable> {
    if longest_continuation(program) > MAX_CONTINUATIONS {
        return Err(Unparsable::TooSlow);
    }
    let mut budget = (program.len() / BYTES_PER_REPORT).max(MIN_REPORTS);
    let mut progress = |_: &_| {
        budget = budget.saturating_sub(1);
        if budget == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    parser.parse_with_options(&mut |offset, _| read(offset), None, Some(options)).ok_or(Unparsable::TooSlow)
}

/// Lines in the longest run of lines that hold a backslash and nothing else.
fn longest_continuation(text: &str) -> usize {
    let (mut longest, mut run) = (0, 0);
    for line in text.lines() {
        run = if line.trim() == "\\" { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

/// Where Python gives up: the first error or missing token, and of errors within each other the innermost.
pub(super) fn first_error(root: Node<'_>) -> Option<ir::Range> {
    let mut cursor = root.walk();
    let mut is_found = root.is_error();
    while let Some(inner) = first_error_below(&cursor) {
        cursor = inner;
        is_found = true;
    }
    if !is_found {
        return root.has_error().then(|| range(root));
    }
    // Of what an error takes in, what comes after its whole statements.
    let mut inside = cursor.clone();
    if cursor.node().is_error() && inside.goto_first_child() {
        while is_whole(inside.node()) && inside.goto_next_sibling() {}
        cursor = if is_whole(inside.node()) { cursor } else { inside };
    }
    let place = cursor.node();
    Some(range(unfinished_before(cursor).unwrap_or(place)))
}

/// The first error or missing token below a place, in the order of the text; of errors within each other the outermost.
fn first_error_below<'t>(place: &TreeCursor<'t>) -> Option<TreeCursor<'t>> {
    let mut cursor = place.clone();
    if !cursor.node().has_error() || !cursor.goto_first_child() {
        return None;
    }
    loop {
        let below = cursor.node();
        if below.is_error() || below.is_missing() {
            return Some(cursor);
        }
        if below.has_error() && cursor.goto_first_child() {
            continue;
        }
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() || cursor.depth() == place.depth() {
                return None;
            }
        }
    }
}

fn is_whole(node: Node<'_>) -> bool {
    ["_statement", "_definition", "comment"].iter().any(|end| node.kind().ends_with(end))
}

/// The end of the line before an error that begins the next one, if what stands there isn't finished: a bracket that is never
/// closed, a colon that is missing.
fn unfinished_before(mut cursor: TreeCursor<'_>) -> Option<Node<'_>> {
    let row = cursor.node().start_position().row;
    while !cursor.goto_previous_sibling() {
        if !cursor.goto_parent() || matches!(cursor.node().kind(), "module" | "block") {
            return None;
        }
    }
    if is_whole(cursor.node()) {
        return None;
    }
    while cursor.goto_last_child() {}
    (cursor.node().end_position().row < row).then(|| cursor.node())
}
