//! `match`: what a case may equal, and what it binds.

use super::super::ir::{Block, Case, ExprId, ExprKind, Stmt, Target};
use super::syntax::{Child, Field, Kind, children, field, named, of_kind};
use super::{Lowerer, range};
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
        let patterns: Vec<_> = parts.iter().filter(|c| c.kind == Kind::CasePattern).collect();
        let mut captures = Vec::new();
        for pattern in &patterns {
            self.captures(**pattern, &mut captures);
        }
        let literals = match patterns.as_slice() {
            [one] if of_kind(&parts, Kind::CommaToken).is_none() => self.literals(one.node).unwrap_or_default(),
            _ => Vec::new(),
        };
        let guard = field(&parts, Field::Guard).and_then(|c| self.parts(c.node).first().copied());
        Case { literals, captures, guard, body: self.block_in(&parts, Field::Consequence) }
    }

    /// Binds the variables of a pattern. Classes and dotted constants in it are read, not bound.
    fn captures(&mut self, Child { node, kind, .. }: Child<'_>, out: &mut Vec<Target>) {
        let parts = children(node);
        let mut inner = named(&parts).filter(|c| c.kind != Kind::Error);
        match kind {
            Kind::Identifier => out.push(self.bind_identifier(node)),
            Kind::DottedName => {
                if let (Some(only), None) = (inner.next(), inner.next()) {
                    out.push(self.bind_identifier(only.node));
                }
            }
            // The class, or the attribute's name, comes first.
            Kind::ClassPattern | Kind::KeywordPattern => self.captures_in(inner.skip(1), out),
            Kind::String | Kind::ConcatenatedString => {}
            _ => self.captures_in(inner, out),
        }
    }

    fn captures_in<'t>(&mut self, patterns: impl Iterator<Item = Child<'t>>, out: &mut Vec<Target>) {
        for pattern in patterns {
            self.deeper(|l| l.captures(pattern, out));
        }
    }

    /// The values that a pattern may equal, if it is a value or an alternative of values.
    fn literals(&mut self, node: Node<'_>) -> Option<Vec<ExprId>> {
        let parts = children(node);
        let mut values = Vec::new();
        let mut negative = false;
        for part in &parts {
            match part.kind {
                Kind::MinusToken => negative = true,
                Kind::CasePattern | Kind::UnionPattern | Kind::AsPattern => {
                    values.extend(self.deeper(|l| l.literals(part.node))??);
                }
                Kind::DottedName => values.push(self.dotted_value(part.node)?),
                Kind::Integer | Kind::Float if negative => {
                    let operand = self.expr(part.node);
                    values.push(self.add(ExprKind::Negate(operand), range(node)));
                    negative = false;
                }
                Kind::Integer | Kind::Float | Kind::String | Kind::ConcatenatedString => {
                    values.push(self.expr(part.node));
                }
                Kind::True | Kind::False | Kind::None => values.push(self.expr(part.node)),
                // The name that `as` binds.
                Kind::Identifier => {}
                _ if part.node.is_named() => return None,
                _ if self.text_of(part.node) == "_" => return None,
                _ => {}
            }
        }
        Some(values)
    }

    /// `Color.RED`; a plain name would be a capture.
    fn dotted_value(&mut self, node: Node<'_>) -> Option<ExprId> {
        let parts = children(node);
        let mut names = named(&parts);
        let mut value = self.expr(names.next()?.node);
        let mut attributes = names.peekable();
        attributes.peek()?;
        for attribute in attributes {
            let name = self.identifier(attribute.node);
            let mut range = self.module.expr(value).range;
            range.end = super::offset(attribute.node.end_byte());
            value = self.add(ExprKind::Attr(value, name), range);
        }
        Some(value)
    }
}
