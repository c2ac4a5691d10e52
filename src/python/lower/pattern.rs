//! `match`: what a case may equal, and what it binds.

use super::super::ir::{Block, Case, ExprId, ExprKind, Pattern, Stmt, UnaryOp};
use super::syntax::{Child, Field, Kind, children, field, named, of_kind};
use super::{Lowerer, range};
use std::sync::OnceLock;
use tree_sitter::Node;

impl Lowerer<'_> {
    pub(super) fn match_statement(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let subjects: Vec<_> = parts.iter().filter(|c| c.field == Field::Subject && c.node.is_named()).collect();
        let subject = match subjects.as_slice() {
            [one] => self.expr(one.node),
            many => {
                let items = many.iter().map(|c| self.expr(c.node)).collect();
                self.add(ExprKind::Tuple(items), range(node))
            }
        };
        let block = field(&parts, Field::Body).map(|c| children(c.node)).unwrap_or_default();
        let mut cases = Vec::new();
        for child in &block {
            if child.kind == Kind::CaseClause {
                cases.push(self.case(child.node));
            } else {
                self.statement(*child, out);
            }
        }
        out.push(Stmt::Match { subject, cases });
    }

    fn case(&mut self, node: Node<'_>) -> Case {
        let parts = children(node);
        let patterns = parts.iter().filter(|c| c.kind == Kind::CasePattern).map(|c| self.pattern(*c)).collect();
        let pattern = grouped(patterns, &parts);
        let guard = field(&parts, Field::Guard).and_then(|c| self.parts(c.node).first().copied());
        Case { pattern, guard, body: self.block_in(&parts, Field::Consequence), extent: OnceLock::new() }
    }

    /// A pattern; one that is too deep matches anything.
    fn pattern(&mut self, child: Child<'_>) -> Pattern {
        self.deeper(|l| l.pattern_within(child)).unwrap_or(Pattern::Wildcard)
    }

    fn pattern_within(&mut self, Child { node, kind, .. }: Child<'_>) -> Pattern {
        let parts = children(node);
        let mut inner = named(&parts).filter(|c| c.kind != Kind::Error);
        match kind {
            Kind::CasePattern => self.bare_pattern(node, &parts),
            Kind::AsPattern => match (inner.next(), inner.next()) {
                (Some(pattern), Some(name)) => {
                    let pattern = self.pattern(pattern);
                    Pattern::As(Box::new(pattern), self.bind_identifier(name.node))
                }
                _ => Pattern::Wildcard,
            },
            Kind::UnionPattern => Pattern::Or(self.alternatives(node, &parts)),
            Kind::ListPattern => Pattern::Sequence(inner.map(|c| self.pattern(c)).collect()),
            Kind::TuplePattern => grouped(inner.map(|c| self.pattern(c)).collect(), &parts),
            Kind::SplatPattern => Pattern::Star(inner.next().map(|c| self.bind_identifier(c.node))),
            Kind::DictPattern => self.mapping_pattern(&parts),
            Kind::ClassPattern => self.class_pattern(inner),
            Kind::DottedName => match self.dotted_value(node) {
                Ok(value) => Pattern::Value(value),
                Err(name) => Pattern::Capture(self.bind_identifier(name)),
            },
            kind if kind.is_expression() => Pattern::Value(self.expr(node)),
            _ => Pattern::Wildcard,
        }
    }

    /// What a `case_pattern` holds: another pattern, or tokens (`-1`, `_`).
    fn bare_pattern(&mut self, node: Node<'_>, parts: &[Child<'_>]) -> Pattern {
        self.alternatives(node, parts).into_iter().next().unwrap_or(Pattern::Wildcard)
    }

    /// The patterns between `|`. A minus is a token of its own before the number that it belongs to, and `_` is no node
    /// with a name.
    fn alternatives(&mut self, node: Node<'_>, parts: &[Child<'_>]) -> Vec<Pattern> {
        let mut out = Vec::new();
        let mut minus = false;
        for part in parts {
            match part.kind {
                Kind::MinusToken => minus = true,
                Kind::Integer | Kind::Float if minus => {
                    let operand = self.expr(part.node);
                    out.push(Pattern::Value(self.add(ExprKind::Unary(UnaryOp::Minus, operand), range(node))));
                    minus = false;
                }
                Kind::Error | Kind::Comment => {}
                _ if part.node.is_named() => out.push(self.pattern(*part)),
                _ if self.text_of(part.node) == "_" => out.push(Pattern::Wildcard),
                _ => {}
            }
        }
        out
    }

    /// `{"key": pattern, **rest}`
    fn mapping_pattern(&mut self, parts: &[Child<'_>]) -> Pattern {
        let mut entries = Vec::new();
        let mut rest = None;
        let mut key = None;
        for part in named(parts) {
            match (part.field, part.kind) {
                (Field::Key, _) => key = Some(self.pattern(part)),
                (Field::Value, _) => {
                    let value = self.pattern(part);
                    // A key is a value. What else stands there isn't understood.
                    if let Some(Pattern::Value(key)) = key.take() {
                        entries.push((key, value));
                    }
                }
                (_, Kind::SplatPattern) => {
                    let name = named(&children(part.node)).next();
                    rest = name.map(|c| self.bind_identifier(c.node));
                }
                _ => {}
            }
        }
        Pattern::Mapping { entries, rest }
    }

    /// `Class(pattern, name=pattern)`: the class comes first.
    fn class_pattern<'t>(&mut self, mut parts: impl Iterator<Item = Child<'t>>) -> Pattern {
        let Some(class) = parts.next() else { return Pattern::Wildcard };
        let class = self.dotted_value(class.node).unwrap_or_else(|name| self.expr(name));
        let (mut positional, mut keywords) = (Vec::new(), Vec::new());
        for part in parts {
            let only = named(&children(part.node)).next().filter(|c| c.kind == Kind::KeywordPattern);
            let Some(keyword) = only else {
                positional.push(self.pattern(part));
                continue;
            };
            let parts = children(keyword.node);
            if let Some(name) = named(&parts).next() {
                let name = self.identifier(name.node);
                let after: Vec<_> = parts.iter().skip(2).copied().collect();
                keywords.push((name, self.bare_pattern(keyword.node, &after)));
            }
        }
        Pattern::Class { class, positional, keywords }
    }

    /// `Color.RED` as a value; the name alone if it is a plain one.
    fn dotted_value<'t>(&mut self, node: Node<'t>) -> Result<ExprId, Node<'t>> {
        let parts = children(node);
        let mut names = named(&parts);
        let Some(first) = names.next() else { return Err(node) };
        let mut attributes = names.peekable();
        if attributes.peek().is_none() {
            return Err(first.node);
        }
        let mut value = self.expr(first.node);
        for attribute in attributes {
            let name = self.identifier(attribute.node);
            let mut range = self.module.expr(value).range;
            range.end = super::offset(attribute.node.end_byte());
            value = self.add(ExprKind::Attr(value, name), range);
        }
        Ok(value)
    }
}

/// Patterns in round brackets, or in none: one without a comma is itself, others are a sequence.
fn grouped(mut patterns: Vec<Pattern>, parts: &[Child<'_>]) -> Pattern {
    match patterns.pop() {
        Some(only) if patterns.is_empty() && of_kind(parts, Kind::CommaToken).is_none() => only,
        last => Pattern::Sequence(patterns.into_iter().chain(last).collect()),
    }
}
