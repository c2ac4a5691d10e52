//! Edits of policies in words: which lines change, and how they read then.

use super::describe::list;
use crate::facts::{Edit, Facts, Refusal, Rewriter, Shown};
use crate::source::Span;
use crate::template::model::{PolicyOrigin, Removal, Role, Statement};
use std::collections::BTreeSet;

/// The end of a fix: `Lines 12–17 become:` below it, and the lines. `at` is the finding's place: if that doesn't tell the
/// template, it is named.
pub(super) fn edited(rewriter: &Rewriter, edit: &Edit, at: Span) -> String {
    let Some(text) = rewriter.text(edit.span) else { return String::new() };
    let Some(Shown { first, last, part, lines }) = edit.shown(text) else { return refused(Refusal::Style) };
    let code: String = lines.iter().flat_map(|line| ["\n    ", line]).collect();
    let of = of_file(rewriter, edit.span, at);
    let both = if edit.both { ", with what the role lacks and without what nothing uses" } else { "" };
    let said = match (edit.is_insertion(), part, first == last) {
        (true, ..) => format!("Add after line {first}{of}, indented as the entry before it:"),
        (_, Some(part), _) => format!("In line {first}{of}, `{part}` becomes{both}:"),
        (_, _, true) => format!("Line {first}{of} becomes{both}:"),
        (_, _, false) => format!("Lines {first}–{last}{of} become{both}:"),
    };
    format!("\n{said}{code}")
}

/// The same, or why there is no edit.
pub(super) fn edited_or_why(rewriter: &Rewriter, edit: &Result<Edit, Refusal>, at: Span) -> String {
    match edit {
        Ok(edit) => edited(rewriter, edit, at),
        Err(refusal) => refused(*refusal),
    }
}

/// A sentence on why no lines are shown.
pub(super) fn refused(refusal: Refusal) -> String {
    refusal.reason().map(|reason| format!(" No lines are shown, for {reason}.")).unwrap_or_default()
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

/// The same, where what isn't known and what is used elsewhere is told already.
pub(super) fn refused_for_more(refusal: Refusal) -> String {
    match refusal {
        Refusal::Open | Refusal::Elsewhere | Refusal::OfAccount => String::new(),
        other => refused(other),
    }
}

/// How a statement that nothing uses is removed. `gone`: others that are removed too.
pub(super) fn removal(
    rewriter: &Rewriter,
    roles: &[&Role],
    statement: &Statement,
    what: &str,
    gone: &BTreeSet<Span>,
) -> String {
    let others = rewriter.others(roles, statement);
    if !others.is_empty() {
        let names: Vec<&str> = roles.iter().map(|role| role.resource.id.as_str()).collect();
        return format!("Take {what} from {}: the same lines serve {}.", list(&names), list(&others));
    }
    if let Ok(edit) = rewriter.narrowed(statement) {
        let edit = edited(rewriter, &edit, statement.span);
        return format!("Let {what} allow what the role lacks, and nothing else.{edit}");
    }
    let of = of_file(rewriter, statement.span, statement.span);
    let Removal { first, last, policy, key, filled } = match rewriter.removal(statement, roles, gone) {
        Ok(removal) => removal,
        Err(refusal) => {
            let around = match &statement.origin {
                PolicyOrigin::Document => {
                    "; if there is no other beside it, the policy around it too: an empty one is refused"
                }
                PolicyOrigin::SamTemplate(_) => "; if there is nothing beside it, `Policies` too",
                _ => "",
            };
            return format!("Remove {what}{around}.{}", refused(refusal));
        }
    };
    let lines = if first == last { format!("line {first}{of}") } else { format!("lines {first}–{last}{of}") };
    let key = key.map(|key| format!("`{key}`"));
    let filled =
        if filled { " What the role lacks is added to the list, which would be empty without it." } else { "" };
    let along: Vec<&str> = policy.then_some("the policy").into_iter().chain(key.as_deref()).collect();
    if along.is_empty() {
        return format!("Remove {what}: delete {lines}.{filled}");
    }
    format!("Remove {what}, and {} with it, of which nothing would be left: delete {lines}.{filled}", list(&along))
}
