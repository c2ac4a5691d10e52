//! Edits of policies in words: which lines change, and how they read then.

use super::describe::list;
use crate::facts::{Edit, Facts, Rewriter};
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

/// The same for statements that no line tells the place of: they go into a policy of the role's own.
pub(super) fn stated(facts: &Facts, role: Option<&Role>, statements: &[String]) -> String {
    let code: String = statements.iter().flat_map(|one| one.lines()).flat_map(|line| ["\n    ", line]).collect();
    let home = role.and_then(|role| home(facts, role)).unwrap_or_default();
    match statements {
        [] => String::new(),
        [_] => format!("\nThe statement{home}:{code}"),
        _ => format!("\nThe statements{home}:{code}"),
    }
}

/// Where a role's policies stand: with the function that SAM makes the role for, or in the role.
fn home(facts: &Facts, role: &Role) -> Option<String> {
    let text = facts.text(role.span)?;
    let runs = facts.functions.iter().find(|f| f.roles.iter().any(|own| own.resource == role.resource));
    let (entry, of) = if role.generated {
        ("an entry `Statement`", &runs?.function.resource.id)
    } else {
        ("an entry with `PolicyName` and `PolicyDocument`", &role.resource.id)
    };
    Some(format!(", for {entry} under `Policies` of {of} at {}:{}", text.name(), text.line(role.span.start)))
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
