//! `Fn::Sub`.

use super::string::{Whole, concat, is};
use super::{Alt, Resolver, When};
use crate::dynamodb::symbolic::Symbolic;
use crate::template::document::{NodeId, Value};
use std::collections::BTreeMap;

/// A piece of a `Fn::Sub` pattern.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Variable(&'t str),
    /// `${!Name}` is the text `${Name}`.
    Escaped(&'t str),
}

impl<'d> Resolver<'d> {
    /// Both forms: the pattern alone, or with a map of variables.
    pub(super) fn sub(&self, argument: NodeId, when: &When<'d>, whole: Whole) -> Vec<Alt<'d, Symbolic>> {
        let (pattern, variables) = match self.doc.value(argument) {
            Value::Sequence(items) => match items.as_slice() {
                [pattern] => (*pattern, None),
                [pattern, variables] => (*pattern, Some(*variables)),
                _ => return vec![is(Symbolic::hole("Fn::Sub"), when)],
            },
            _ => (argument, None),
        };
        let Some(pattern) = self.doc.text(pattern) else {
            return vec![is(Symbolic::hole("Fn::Sub"), when)];
        };
        let pieces = parse(&pattern);
        // A pattern of one variable is that variable.
        let whole = if pieces.len() == 1 { whole } else { Whole::No };
        // A name that is used twice is looked at once: nested patterns would double the work at each level.
        let mut known: BTreeMap<&str, Vec<Alt<'d, Symbolic>>> = BTreeMap::new();
        let values = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => vec![is(Symbolic::text(*text), when)],
            Piece::Escaped(name) => vec![is(Symbolic::text(format!("${{{name}}}")), when)],
            Piece::Variable(name) => {
                let value = || match variables.and_then(|map| self.looked_up(map, name)) {
                    Some(node) => self.evaluate(node, when, whole).into_iter().map(Alt::without_span).collect(),
                    None => self.variable(name, when, whole),
                };
                known.entry(name).or_insert_with(value).clone()
            }
        });
        concat(values, "", when)
    }
}

/// The names that a pattern is filled with.
pub(in crate::template) fn variables(pattern: &str) -> impl Iterator<Item = &str> {
    parse(pattern).into_iter().filter_map(|piece| if let Piece::Variable(name) = piece { Some(name) } else { None })
}

fn parse(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        let name = name.trim();
        pieces.push(name.strip_prefix('!').map_or(Piece::Variable(name), Piece::Escaped));
        rest = tail;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}
