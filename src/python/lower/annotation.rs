//! Annotations: strings in them hold expressions.

use super::super::ir::{BinaryOp, Expr, ExprId, ExprKind};
use super::string::Quotes;
use super::syntax::{Child, Field, Kind, children, named, of_kind};
use super::{Lowerer, parse};
use tree_sitter::{Node, Point};

impl Lowerer<'_> {
    /// An annotation's expression.
    pub(super) fn annotation(&mut self, node: Node<'_>) -> ExprId {
        let outer = std::mem::replace(&mut self.in_annotation, true);
        let first = self.module.exprs.len();
        let id = self.expr(node);
        self.in_annotation = outer;
        let is_call = |expr: &Expr| matches!(expr.kind, ExprKind::Call(..));
        if !self.defers_annotations && self.module.exprs[first..].iter().any(is_call) {
            self.annotations.push(id);
        }
        id
    }

    /// Lowers something whose strings are values, though an annotation may stand around it.
    pub(super) fn outside_annotation<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let outer = std::mem::replace(&mut self.in_annotation, false);
        let out = f(self);
        self.in_annotation = outer;
        out
    }

    /// `Annotated[type, …]`: only the first is a type.
    pub(super) fn annotated_index(&mut self, parts: &[Child<'_>], node: Node<'_>) -> ExprId {
        let mut items = Vec::new();
        for part in parts.iter().filter(|c| c.field == Field::Subscript) {
            let id =
                if items.is_empty() { self.expr(part.node) } else { self.outside_annotation(|l| l.expr(part.node)) };
            items.push(id);
        }
        self.index_of(items, parts, node)
    }

    /// The expression in a string annotation; `None` if there is none, or the literal isn't a single plain one.
    pub(super) fn string_annotation(&mut self, node: Node<'_>) -> Option<ExprId> {
        let literal = self.text_of(node);
        let quotes = Quotes::of(literal);
        if Kind::of(node) != Kind::String || !quotes.is_plain() || literal.contains('\\') {
            return None;
        }
        let text = quotes.text(literal);
        let start = node.start_byte() + quotes.open + (text.len() - text.trim_start().len());
        let end = start + text.trim().len();
        // The file's own text restricted to the literal, so that places come out right. Only bytes are looked at.
        let place = |byte| Point { row: 0, column: byte };
        let range =
            tree_sitter::Range { start_byte: start, end_byte: end, start_point: place(start), end_point: place(end) };
        let text = self.text.get(..end).filter(|_| start < end)?;
        let parser = self.annotation_parser.get_or_insert_with(parse::parser);
        parser.set_included_ranges(&[range]).ok()?;
        let tree = parser.parse(text, None)?;
        let root = tree.root_node();
        let statements = children(root);
        let expression = match statements.as_slice() {
            [only] if only.kind == Kind::ExpressionStatement && !root.has_error() => children(only.node),
            _ => return None,
        };
        match expression.as_slice() {
            [only] if only.kind.is_expression() => Some(self.expr(only.node)),
            _ => None,
        }
    }

    /// `list[int]` where the grammar reads it as a type rather than a subscript.
    pub(super) fn generic_type(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let arguments = of_kind(&parts, Kind::TypeParameter).map(|c| children(c.node)).unwrap_or_default();
        let Some(head) = named(&parts).find(|c| c.kind == Kind::Identifier) else {
            return ExprKind::Unsupported(self.parts(node));
        };
        let value = self.expr(head.node);
        let items = match self.text_of(head.node) {
            "Literal" => self.outside_annotation(|l| named(&arguments).map(|c| l.expr(c.node)).collect()),
            _ => named(&arguments).map(|c| self.expr(c.node)).collect(),
        };
        ExprKind::Subscript(value, self.index_of(items, &arguments, node))
    }

    pub(super) fn union_type(&mut self, node: Node<'_>) -> ExprKind {
        match self.items(node)[..] {
            [left, right] => ExprKind::Binary(BinaryOp::BitOr, left, right),
            ref parts => ExprKind::Unsupported(parts.to_vec()),
        }
    }

    pub(super) fn member_type(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let mut parts = named(&parts);
        match (parts.next(), parts.next()) {
            (Some(object), Some(member)) => {
                let object = self.expr(object.node);
                ExprKind::Attr(object, self.identifier(member.node))
            }
            _ => ExprKind::Unsupported(self.parts(node)),
        }
    }
}

/// A type parameter's name: the first identifier in `T`, `T: bound`, `*Ts`, `**P`.
pub(super) fn type_parameter_name(mut node: Node<'_>) -> Option<Node<'_>> {
    while Kind::of(node) != Kind::Identifier {
        node = named(&children(node)).next()?.node;
    }
    Some(node)
}
