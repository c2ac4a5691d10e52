//! `UpdateExpression`: which attributes are written, and with what.

use super::Names;
use super::token::{Kind, Token, tokens};
use std::ops::Range;

/// The clause that an assignment stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UpdateAction {
    /// `SET a = :v`
    Set,
    /// `REMOVE a`
    Remove,
    /// `ADD a :v`
    Add,
    /// `DELETE a :v` (elements of a set)
    Delete,
}

/// One attribute that an update touches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateAssignment {
    /// The clause.
    pub action: UpdateAction,
    /// The attribute, placeholders resolved; a nested path is written out (`address.city`, `tags[0]`).
    pub attribute: String,
    /// The operand's text (`:expires`, `if_not_exists(total, :zero) + :n`); empty for `REMOVE`.
    pub value: String,
    /// The attribute's place in the text.
    pub range: Range<usize>,
}

/// Reads what can be read; unknown attributes are left out.
pub fn parse_update(text: &str, names: Names) -> Vec<UpdateAssignment> {
    read(text, names).0
}

/// Whether [`parse_update`] names every attribute that the update touches.
pub fn update_is_complete(text: &str, names: Names) -> bool {
    read(text, names).1
}

fn read(text: &str, names: Names) -> (Vec<UpdateAssignment>, bool) {
    let tokens = tokens(text);
    let mut out = Vec::new();
    let mut complete = true;
    let mut rest = tokens.as_slice();
    let mut action = None;
    while let Some(first) = rest.first() {
        if let Some(next) = clause(first, text) {
            action = Some(next);
            rest = &rest[1..];
            continue;
        }
        let (item, after) = split_item(rest, text);
        rest = after;
        match action.and_then(|action| assignment(action, item, text, names)) {
            Some(assignment) => out.push(assignment),
            None => complete &= item.is_empty(),
        }
        complete &= !hides_more(item, text);
    }
    (out, complete)
}

fn clause(token: &Token, text: &str) -> Option<UpdateAction> {
    let clauses = [
        ("SET", UpdateAction::Set),
        ("REMOVE", UpdateAction::Remove),
        ("ADD", UpdateAction::Add),
        ("DELETE", UpdateAction::Delete),
    ];
    clauses.into_iter().find(|(keyword, _)| token.is_keyword(text, keyword)).map(|(_, action)| action)
}

/// Up to the next comma outside parentheses, or the next clause.
fn split_item<'t>(tokens: &'t [Token], text: &str) -> (&'t [Token], &'t [Token]) {
    let mut depth = 0usize;
    for (i, token) in tokens.iter().enumerate() {
        match token.text(text) {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => return (&tokens[..i], &tokens[i + 1..]),
            _ if depth == 0 && clause(token, text).is_some() => return (&tokens[..i], &tokens[i..]),
            _ => {}
        }
    }
    (tokens, &[])
}

fn assignment(action: UpdateAction, item: &[Token], text: &str, names: Names) -> Option<UpdateAssignment> {
    let path_end = path_length(item, text);
    let (path, rest) = item.split_at(path_end);
    let operand = match action {
        UpdateAction::Set => rest.first().filter(|t| t.is_sign(text, "=")).map(|_| &rest[1..])?,
        _ => rest,
    };
    let attribute = path
        .iter()
        .map(|token| match (&token.kind, token.text(text)) {
            (Kind::Word { whole: false }, _) => None,
            (Kind::Word { .. }, word) if word.starts_with('#') => names(word),
            (Kind::Word { .. }, word) if word.starts_with(':') => None,
            (_, word) => Some(word.to_owned()),
        })
        .collect::<Option<String>>()?;
    let range = path.first()?.range.start..path.last()?.range.end;
    let value = match (operand.first(), operand.last()) {
        (Some(first), Some(last)) => text[first.range.start..last.range.end].to_owned(),
        _ => String::new(),
    };
    Some(UpdateAssignment { action, attribute, value, range })
}

/// How many tokens `a`, `a.b[0]` or `#a.#b` takes.
fn path_length(item: &[Token], text: &str) -> usize {
    let mut length = usize::from(matches!(item.first(), Some(Token { kind: Kind::Word { .. }, .. })));
    while length > 0 && length < item.len() {
        let step = match item[length].text(text) {
            "." => 2,
            "[" => 3,
            _ => break,
        };
        length = (length + step).min(item.len());
    }
    length
}

/// Two words in a row, the second unknown: more assignments may hide in it (`a = :a{more}` is one word, `:a {more}` two).
fn hides_more(item: &[Token], text: &str) -> bool {
    item.windows(2).skip(1).any(|pair| {
        matches!(pair[0].kind, Kind::Word { .. })
            && pair[1].kind == Kind::Word { whole: false }
            && pair[1].text(text).starts_with('{')
    }) || item.iter().any(|t| t.text(text).starts_with(':') && t.kind == Kind::Word { whole: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(name: &str) -> Option<String> {
        (name == "#ttl").then(|| "expiresAt".to_owned())
    }

    fn parse(text: &str) -> (Vec<(UpdateAction, String, String, String)>, bool) {
        let found = parse_update(text, &names);
        let rows = found.into_iter().map(|a| (a.action, a.attribute, a.value, text[a.range].to_owned())).collect();
        (rows, update_is_complete(text, &names))
    }

    fn row(action: UpdateAction, attribute: &str, value: &str, place: &str) -> (UpdateAction, String, String, String) {
        (action, attribute.to_owned(), value.to_owned(), place.to_owned())
    }

    #[test]
    fn every_clause() {
        use UpdateAction::{Add, Delete, Remove, Set};
        let text = "SET GSI1PK = :pk, #ttl=:t REMOVE draft, tags[0] ADD visits :one DELETE colours :c";
        let expected = vec![
            row(Set, "GSI1PK", ":pk", "GSI1PK"),
            row(Set, "expiresAt", ":t", "#ttl"),
            row(Remove, "draft", "", "draft"),
            row(Remove, "tags[0]", "", "tags[0]"),
            row(Add, "visits", ":one", "visits"),
            row(Delete, "colours", ":c", "colours"),
        ];
        assert_eq!(parse(text), (expected, true));
    }

    #[test]
    fn functions_keep_their_commas() {
        let expected = vec![
            row(UpdateAction::Set, "total", "if_not_exists(total, :zero) + :n", "total"),
            row(UpdateAction::Set, "address.city", ":c", "address.city"),
        ];
        assert_eq!(parse("set total = if_not_exists(total, :zero) + :n, address.city = :c"), (expected, true));
    }

    #[test]
    fn unknown_parts_are_left_out_and_told() {
        let a = || vec![row(UpdateAction::Set, "a", ":a", "a")];
        assert_eq!(parse("SET a = :a, {more}"), (a(), false));
        assert_eq!(parse("SET a = :a {more}"), (vec![row(UpdateAction::Set, "a", ":a {more}", "a")], false));
        assert_eq!(parse("SET {parts}"), (vec![], false));
        assert_eq!(parse("SET a = :a, #unknown = :b"), (a(), false));
        assert_eq!(parse("SET field{i} = :b, a = :a"), (a(), false));
        assert_eq!(parse("SET a = {value}"), (vec![row(UpdateAction::Set, "a", "{value}", "a")], true));
    }

    #[test]
    fn nonsense_gives_nothing() {
        for text in ["a = :a", "SET = :a", "SET", ")(", "SET a", "SET a. = :b["] {
            let (found, complete) = parse(text);
            assert!(found.is_empty() || found.len() == 1, "{text}: {found:?}");
            assert_eq!(complete, text == "SET" || !found.is_empty(), "{text}");
        }
    }
}
