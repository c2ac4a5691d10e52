//! Audited text inside Markdown: it may neither start markup, nor leave its table cell, nor bring HTML.

use crate::report::sanitize::{one_line, sanitize};

/// Text with all markup taken literally, save code spans in balanced single backticks, which messages are written with.
pub(super) fn prose(text: &str) -> String {
    let text = sanitize(text);
    let pieces: Vec<&str> = text.split('`').collect();
    if pieces.len().is_multiple_of(2) || text.contains("``") {
        return literal(&text);
    }
    let piece = |(i, piece): (usize, &&str)| if i % 2 == 0 { literal(piece) } else { format!("`{piece}`") };
    pieces.iter().enumerate().map(piece).collect()
}

/// One or more paragraphs of prose; indented lines become a code block.
pub(super) fn paragraphs(text: &str) -> String {
    let mut out = String::new();
    let mut code: Vec<&str> = Vec::new();
    let text = text.trim_end();
    for line in text.lines().chain(["end"]).enumerate().map(|(i, line)| (i < text.lines().count(), line)) {
        match line {
            (true, line) if line.starts_with([' ', '\t']) => code.push(line),
            (inside, line) => {
                if !code.is_empty() {
                    out.push_str(&fenced(&code));
                    code.clear();
                }
                if inside {
                    out.push_str(&prose(line));
                    out.push('\n');
                }
            }
        }
    }
    out
}

/// A code span that shows exactly `text`.
pub(super) fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    if text.is_empty() { String::new() } else { format!("{fence}{pad}{text}{pad}{fence}") }
}

/// A row of a table; the cells are Markdown already.
pub(super) fn row<S: AsRef<str>>(cells: impl IntoIterator<Item = S>) -> String {
    let cell = |cell: S| cell.as_ref().trim().replace('|', "\\|").replace("\r\n", "<br>").replace('\n', "<br>");
    let cells: Vec<String> = cells.into_iter().map(cell).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// The head of a table: names and the line below them.
pub(super) fn head(names: &[&str]) -> String {
    row(names) + &row(names.iter().map(|_| "---"))
}

fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

fn fenced(lines: &[&str]) -> String {
    let indent =
        lines.iter().filter(|l| !l.trim().is_empty()).map(|l| l.len() - l.trim_start().len()).min().unwrap_or(0);
    let body: Vec<String> = lines.iter().map(|line| sanitize(line.get(indent..).unwrap_or(""))).collect();
    let body = body.join("\n");
    let fence = "`".repeat(longest_run(&body).max(2) + 1);
    format!("\n{fence}\n{body}\n{fence}\n\n")
}

/// The longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{code, paragraphs, prose, row};

    #[test]
    fn markup_is_taken_literally() {
        assert_eq!(
            prose("<script>*a*_b_ [x](y) & #1 ![i](j) \u{1b}[31m"),
            "&lt;script&gt;\\*a\\*\\_b\\_ \\[x\\](y) &amp; \\#1 \\!\\[i\\](j) ?\\[31m"
        );
    }

    #[test]
    fn code_spans_survive_only_when_balanced() {
        assert_eq!(prose("add `a_b` and `<c>` to _d_"), "add `a_b` and `<c>` to \\_d\\_");
        assert_eq!(prose("a ` b_c"), "a \\` b\\_c");
        assert_eq!(prose("a ``b`` c"), "a \\`\\`b\\`\\` c");
    }

    #[test]
    fn code_shows_backticks() {
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(code("`a"), "`` `a ``");
        assert_eq!(code(""), "");
        assert_eq!(code("a\nb"), "`a b`");
    }

    #[test]
    fn cells_stay_cells() {
        assert_eq!(row(["a|b", &code("c|d"), "e\nf"]), "| a\\|b | `c\\|d` | e<br>f |\n");
    }

    #[test]
    fn indented_lines_are_code() {
        assert_eq!(
            paragraphs("Add to `Orders`:\n  PointInTime:\n    Enabled: <true>\nthen *deploy*"),
            "Add to `Orders`:\n\n```\nPointInTime:\n  Enabled: <true>\n```\n\nthen \\*deploy\\*\n"
        );
    }
}
