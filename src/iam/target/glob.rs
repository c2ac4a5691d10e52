//! Matching a pattern with unknown parts against a string with unknown parts.

use super::Answer;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};

/// Cells that one match may fill: far more than any ARN needs.
const MAX_CELLS: usize = 1 << 22;

/// Origin of the one hole of a subject that isn't part of a table's name.
pub(super) const STREAM_LABEL: &str = "StreamLabel";

/// A piece of a pattern or of a subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// One character.
    Char(char),
    /// `?`
    Any,
    /// `*`
    Star,
    /// Text that can't be known.
    Hole(String),
    /// The name of a resource.
    Resource(ResourceRef),
}

impl Token {
    pub(super) fn text(text: &str) -> Vec<Self> {
        text.chars().map(Self::Char).collect()
    }

    /// The character, with U+FFFC for what isn't one.
    pub(super) fn letter(&self) -> char {
        match self {
            Self::Char(c) => *c,
            _ => '\u{fffc}',
        }
    }
}

/// A part of a pattern: `*` and `?` are wildcards.
pub(super) fn pattern_part(part: &Part) -> Vec<Token> {
    match part {
        Part::Text(text) => text
            .chars()
            .map(|c| match c {
                '*' => Token::Star,
                '?' => Token::Any,
                c => Token::Char(c),
            })
            .collect(),
        part => symbol(part),
    }
}

/// A subject: `*` and `?` are themselves.
pub(super) fn literal(text: &Symbolic) -> Vec<Token> {
    text.parts()
        .iter()
        .flat_map(|part| match part {
            Part::Text(text) => Token::text(text),
            part => symbol(part),
        })
        .collect()
}

fn symbol(part: &Part) -> Vec<Token> {
    match part {
        Part::Text(_) => Vec::new(),
        Part::Hole(origin) => vec![Token::Hole(origin.clone())],
        Part::Resource(resource, attribute) if attribute.is_empty() => vec![Token::Resource(resource.clone())],
        // An ARN in the middle of something: no table is called that.
        Part::Resource(resource, attribute) if attribute.ends_with("Arn") => {
            let mut arn = Token::text("arn:");
            arn.push(Token::Hole(format!("{}.{attribute}", resource.id)));
            arn
        }
        Part::Resource(resource, attribute) => vec![Token::Hole(format!("{}.{attribute}", resource.id))],
    }
}

/// Whether `pattern` matches the whole of `subject`: the best answer over all ways to lay one on the other.
pub(super) fn matches(pattern: &[Token], subject: &[Token]) -> Answer {
    if pattern.len().saturating_mul(subject.len()) > MAX_CELLS {
        return Answer::Maybe;
    }
    // row[s]: how well the pattern's rest matches subject[s..], filled from the pattern's end.
    let width = subject.len();
    let mut row: Vec<Answer> = vec![Answer::No; width + 1];
    row[width] = Answer::Yes;
    for s in (0..width).rev() {
        // Nothing left of the pattern: the subject's holes may be empty.
        if matches!(subject[s], Token::Hole(_)) {
            row[s] = row[s + 1].min(Answer::Maybe);
        }
    }
    for token in pattern.iter().rev() {
        let mut next = vec![Answer::No; width + 1];
        for s in (0..=width).rev() {
            next[s] = cell(token, subject.get(s), row[s], row.get(s + 1).copied(), next.get(s + 1).copied());
        }
        row = next;
    }
    row[0]
}

/// `skip`: the pattern one further; `both`: both one further; `eat`: the subject one further.
fn cell(token: &Token, subject: Option<&Token>, skip: Answer, both: Option<Answer>, eat: Option<Answer>) -> Answer {
    let (both, eat) = (both.unwrap_or(Answer::No), eat.unwrap_or(Answer::No));
    match (token, subject) {
        (Token::Star, None) => skip,
        (Token::Star, Some(_)) => skip.max(eat),
        (Token::Hole(a), Some(Token::Hole(b))) if a == b => both.max(skip.max(eat).min(Answer::Maybe)),
        (Token::Hole(_), None) => skip.min(Answer::Maybe),
        // A table's name has no colon and no slash, whatever it is; a stream's label has colons.
        (Token::Char(c), Some(Token::Hole(origin))) if !in_name(*c) && origin != STREAM_LABEL => eat.min(Answer::Maybe),
        // An unknown part may be empty, or stand for any stretch of the other side.
        (Token::Hole(_), Some(_)) | (_, Some(Token::Hole(_))) => skip.max(both).max(eat).min(Answer::Maybe),
        (Token::Char(a), Some(Token::Char(b))) if a == b => both,
        (Token::Any, Some(Token::Char(_))) => both,
        (Token::Any, Some(Token::Resource(_))) => both.max(eat).min(Answer::Maybe),
        (Token::Resource(a), Some(Token::Resource(b))) if a == b => both,
        _ => Answer::No,
    }
}

/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>
fn in_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}
