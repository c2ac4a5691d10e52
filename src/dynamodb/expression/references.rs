//! What an expression of any clause refers to: placeholders, and attributes by their bare names.

use super::token::{Kind, tokens};
use std::collections::BTreeSet;

/// Words of the grammar. `SET` and its like begin clauses of update expressions.
const KEYWORDS: &[&str] = &["AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"];

/// The references of an expression.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct References {
    /// `#name` placeholders.
    pub names: BTreeSet<String>,
    /// `:value` placeholders.
    pub values: BTreeSet<String>,
    /// Attributes and parts of paths that are named outright.
    pub bare: BTreeSet<String>,
    /// Whether these are all: no part of the text is unknown.
    pub whole: bool,
}

/// Collects the references of the known text.
pub fn references(text: &str) -> References {
    let tokens = tokens(text);
    let mut out = References { whole: true, ..References::default() };
    for (at, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Word { whole: false } => out.whole = false,
            Kind::Sign => {}
            Kind::Word { whole: true } => {
                let word = token.text(text).to_owned();
                let is_function = tokens.get(at + 1).is_some_and(|next| next.is_sign(text, "("));
                let is_keyword = KEYWORDS.iter().any(|keyword| token.is_keyword(text, keyword));
                match word.chars().next() {
                    Some('#') => _ = out.names.insert(word),
                    Some(':') => _ = out.values.insert(word),
                    Some(first) if !first.is_ascii_digit() && !is_function && !is_keyword => {
                        out.bare.insert(word);
                    }
                    _ => {}
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, names: &[&str], values: &[&str], bare: &[&str], whole: bool) {
        let owned = |some: &[&str]| some.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let expected = References { names: owned(names), values: owned(values), bare: owned(bare), whole };
        assert_eq!(references(text), expected, "{text}");
    }

    #[test]
    fn every_clause() {
        check(
            "SET #s = :s, size = size(#t) REMOVE a.b[0] ADD n :one",
            &["#s", "#t"],
            &[":s", ":one"],
            &["size", "a", "b", "n"],
            true,
        );
        check("pk = :p and sk between :a and :b", &[], &[":p", ":a", ":b"], &["pk", "sk"], true);
        check("attribute_not_exists(pk) OR NOT x IN (:y,:z)", &[], &[":y", ":z"], &["pk", "x"], true);
        check("id, #n.name", &["#n"], &[], &["id", "name"], true);
        check("", &[], &[], &[], true);
    }

    #[test]
    fn unknown_parts_hide_more() {
        check("SET {name} = :v", &[], &[":v"], &[], false);
        check("SET #{key} = :{key}, status = :s", &[], &[":s"], &["status"], false);
        check("SET a = :a{more}", &[], &[], &["a"], false);
    }
}
