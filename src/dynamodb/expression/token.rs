//! Words and signs of an expression.

use std::ops::Range;

/// One token with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub kind: Kind,
    pub range: Range<usize>,
}

/// Kinds of token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name, placeholder, keyword or number; `whole` unless a part of it is unknown.
    Word { whole: bool },
    /// `=`, `<`, `<>`, `(`, `,`, `+`, `.` and their like.
    Sign,
}

impl Token {
    pub fn text<'t>(&self, text: &'t str) -> &'t str {
        &text[self.range.clone()]
    }

    pub fn is_sign(&self, text: &str, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text(text) == sign
    }

    pub fn is_keyword(&self, text: &str, keyword: &str) -> bool {
        self.kind == Kind::Word { whole: true } && self.text(text).eq_ignore_ascii_case(keyword)
    }
}

/// Splits an expression. White space separates; an unclosed brace runs to the end.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let end = if is_word(c) {
            word_end(text, at)
        } else if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else {
            at + sign_length(&text[at..])
        };
        let kind = if is_word(c) { Kind::Word { whole: !text[at..end].contains('{') } } else { Kind::Sign };
        out.push(Token { kind, range: at..end });
        at = end;
    }
    out
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '#' | ':' | '{' | '}')
}

fn word_end(text: &str, start: usize) -> usize {
    let mut depth = 0usize;
    for (offset, c) in text[start..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            // A hyphen within a word belongs to an (invalid, but written) bare name; it never subtracts without spaces.
            '-' if depth == 0 && offset > 0 => {}
            c if depth == 0 && !is_word(c) => return start + offset,
            _ => {}
        }
    }
    text.len()
}

fn sign_length(rest: &str) -> usize {
    if ["<>", "<=", ">="].iter().any(|s| rest.starts_with(s)) {
        2
    } else {
        rest.chars().next().map_or(1, char::len_utf8)
    }
}
