//! Edits of policies in words: which lines change, and how they read then.

use super::describe::list;
use crate::facts::{Edit, Rewriter};
use crate::template::model::{Role, Statement};

/// The end of a fix: `Lines 12–17 become:` below it, and the lines. Empty without an edit.
pub(super) fn edited(rewriter: &Rewriter, edit: Option<&Edit>) -> String {
    let Some((edit, text)) = edit.and_then(|edit| Some((edit, rewriter.text(edit.span)?))) else {
        return String::new();
    };
    let (first, last, lines) = edit.shown(text);
    let code: String = lines.iter().flat_map(|line| ["\n    ", line]).collect();
    let said = match (edit.is_insertion(), first == last) {
        (true, _) => format!("Add after line {first}, as far to the right as what stands before it in the list:"),
        (_, true) => format!("Line {first} becomes:"),
        (_, false) => format!("Lines {first}–{last} become:"),
    };
    format!("\n{said}{code}")
}

/// How a statement that nothing uses is removed.
pub(super) fn removal(rewriter: &Rewriter, role: &Role, statement: &Statement, what: &str) -> String {
    let others = rewriter.others(role, statement);
    if !others.is_empty() {
        return format!("Take {what} from {}: the same lines serve {}.", role.resource.id, list(&others));
    }
    match rewriter.removable_lines(statement) {
        Some((first, last)) if first == last => format!("Remove {what}: delete line {first}."),
        Some((first, last)) => format!("Remove {what}: delete lines {first}–{last}."),
        None => format!("Remove {what}."),
    }
}
