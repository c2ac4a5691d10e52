//! Edits of policies in words: which lines change, and how they read then.

use super::describe::list;
use crate::facts::{Edit, Rewriter};
use crate::source::Span;
use crate::template::model::{Role, Statement};

/// The end of a fix: `Lines 12–17 become:` below it, and the lines. Empty without an edit. `at` is the finding's place: if
/// that doesn't tell the template, it is named.
pub(super) fn edited(rewriter: &Rewriter, edit: Option<&Edit>, at: Span) -> String {
    let Some((edit, text)) = edit.and_then(|edit| Some((edit, rewriter.text(edit.span)?))) else {
        return String::new();
    };
    let (first, last, lines) = edit.shown(text);
    let code: String = lines.iter().flat_map(|line| ["\n    ", line]).collect();
    let of = of_file(rewriter, edit.span, at);
    let said = match (edit.is_insertion(), first == last) {
        (true, _) => format!("Add after line {first}{of}, as far to the right as what stands before it in the list:"),
        (_, true) => format!("Line {first}{of} becomes:"),
        (_, false) => format!("Lines {first}–{last}{of} become:"),
    };
    format!("\n{said}{code}")
}

/// The same for statements of which no place is known.
pub(super) fn stated(statements: &[String]) -> String {
    let code: String = statements.iter().flat_map(|one| one.lines()).flat_map(|line| ["\n    ", line]).collect();
    match statements {
        [] => String::new(),
        [_] => format!("\nThe statement:{code}"),
        _ => format!("\nThe statements:{code}"),
    }
}

/// The template that holds the lines, where these could be those of another file.
fn of_file(rewriter: &Rewriter, lines: Span, at: Span) -> String {
    let is_told = at.file == lines.file && rewriter.is_in_the_only_template(lines);
    let text = rewriter.text(lines).filter(|_| !is_told);
    text.map_or_else(String::new, |text| format!(" of `{}`", text.name()))
}

/// How a statement that nothing uses is removed.
pub(super) fn removal(rewriter: &Rewriter, roles: &[&Role], statement: &Statement, what: &str) -> String {
    let others = rewriter.others(roles, statement);
    if !others.is_empty() {
        let names: Vec<&str> = roles.iter().map(|role| role.resource.id.as_str()).collect();
        return format!("Take {what} from {}: the same lines serve {}.", list(&names), list(&others));
    }
    let of = of_file(rewriter, statement.span, statement.span);
    match rewriter.removable_lines(statement, roles) {
        Some((first, last)) if first == last => format!("Remove {what}: delete line {first}{of}."),
        Some((first, last)) => format!("Remove {what}: delete lines {first}–{last}{of}."),
        None if what == "the statement" => {
            format!("Remove {what}; if there is no other beside it, the policy around it too: an empty one is refused.")
        }
        None => format!("Remove {what}."),
    }
}
