//! Expressions.

use super::super::ir::{CompareOp, ExprId, ExprKind, UnaryOp};
use super::statement::binary_operator;
use super::syntax::{Child, Field, Kind, children, field, named, of_kind};
use super::{FLATTENED_DEPTH, Lowerer, MAX_DEPTH, range};
use tree_sitter::Node;

impl Lowerer<'_> {
    /// Lowers an expression; one that is too deep is flattened.
    pub(super) fn expr(&mut self, node: Node<'_>) -> ExprId {
        let node = unwrapped(node);
        if let Some(id) = self.misread_star(node) {
            return id;
        }
        match self.deeper(|l| l.expr_within(node)) {
            Some(id) => id,
            None => self.flattened(node),
        }
    }

    /// In a display, the grammar reads `*a.b()` as `(*a).b()`: an expression that begins with a star is what the star
    /// unpacks.
    fn misread_star(&mut self, node: Node<'_>) -> Option<ExprId> {
        let (start, kind) = (node.start_byte(), Kind::of(node));
        let is_star = matches!(kind, Kind::ListSplat | Kind::ListSplatPattern | Kind::SplatType);
        if self.star == Some(start) && is_star {
            let inner = children(node);
            let mut inner = named(&inner);
            return inner.next().map(|only| self.expr(only.node));
        }
        let has_own = matches!(kind, Kind::ExpressionList | Kind::PatternList | Kind::Tuple | Kind::TuplePattern);
        if is_star || has_own || self.star == Some(start) || !self.text_of(node).starts_with('*') {
            return None;
        }
        let around = self.star.replace(start);
        let unpacked = self.expr(node);
        self.star = around;
        Some(self.add(ExprKind::Starred(unpacked), range(node)))
    }

    fn expr_within(&mut self, node: Node<'_>) -> ExprId {
        let kind = match Kind::of(node) {
            Kind::Identifier if !node.is_missing() => self.name(node),
            Kind::Attribute => self.attribute(node),
            Kind::Call => self.call(node),
            Kind::String | Kind::ConcatenatedString => return self.string(node),
            Kind::None => ExprKind::None,
            Kind::True => ExprKind::Bool(true),
            Kind::False => ExprKind::Bool(false),
            Kind::Integer => super::literal::integer(self.text_of(node)),
            Kind::Float => ExprKind::Float,
            Kind::Ellipsis => ExprKind::Ellipsis,
            Kind::Lambda => self.lambda(node),
            Kind::Subscript => self.subscript(node),
            Kind::BinaryOperator | Kind::BooleanOperator | Kind::UnaryOperator | Kind::NotOperator => {
                self.operation(node)
            }
            Kind::ComparisonOperator => self.comparison(node),
            kind => self.other(node, kind),
        };
        self.add(kind, range(node))
    }

    fn other(&mut self, node: Node<'_>, kind: Kind) -> ExprKind {
        match kind {
            Kind::Tuple | Kind::TuplePattern | Kind::ExpressionList | Kind::PatternList => {
                ExprKind::Tuple(self.items(node))
            }
            Kind::List | Kind::ListPattern => ExprKind::List(self.items(node)),
            Kind::Set => ExprKind::Set(self.items(node)),
            Kind::Dictionary => self.dictionary(node),
            Kind::ListComprehension
            | Kind::SetComprehension
            | Kind::DictionaryComprehension
            | Kind::GeneratorExpression => self.comprehension(node, kind),
            Kind::ConditionalExpression => self.conditional(node),
            Kind::NamedExpression => self.walrus(node),
            Kind::Await => self.wrapped(node, ExprKind::Await),
            Kind::ListSplat | Kind::ListSplatPattern | Kind::SplatType => self.wrapped(node, ExprKind::Starred),
            Kind::Yield => self.yielded(node),
            Kind::Slice => self.slice(node),
            Kind::GenericType => self.generic_type(node),
            Kind::UnionType => self.union_type(node),
            Kind::MemberType => self.member_type(node),
            _ => ExprKind::Unsupported(self.parts(node)),
        }
    }

    /// The expressions directly under a node, or under children of it that aren't expressions themselves.
    pub(super) fn parts(&mut self, node: Node<'_>) -> Vec<ExprId> {
        let mut out = Vec::new();
        for child in named(&children(node)) {
            if child.kind.is_expression() {
                out.push(self.expr(child.node));
            } else if !child.kind.is_statement() {
                out.extend(self.deeper(|l| l.parts(child.node)).unwrap_or_default());
            }
        }
        out
    }

    /// What is too deep becomes `Unsupported`. Down its left spine (`a + b + c`, `a.b().c()`) the other operands are
    /// kept as its parts, in order; what is too deep within one of them is left out.
    fn flattened(&mut self, node: Node<'_>) -> ExprId {
        let mut parts = Vec::new();
        if self.depth_limit == MAX_DEPTH {
            self.depth_limit += FLATTENED_DEPTH;
            let mut spine = Some(node);
            while let Some(node) = spine {
                let operands = children(node);
                let mut operands = named(&operands);
                spine = operands.next().map(|c| unwrapped(c.node));
                let rest: Vec<Child<'_>> = operands.collect();
                for operand in rest.into_iter().rev().filter(|c| c.field != Field::Attribute) {
                    match operand.kind {
                        kind if kind.is_expression() => parts.push(self.expr(operand.node)),
                        _ => parts.extend(self.parts(operand.node).into_iter().rev()),
                    }
                }
                let leaf = matches!(Kind::of(node), Kind::Identifier);
                if leaf {
                    parts.push(self.expr(node));
                }
            }
            self.depth_limit = MAX_DEPTH;
        }
        parts.reverse();
        self.add(ExprKind::Unsupported(parts), range(node))
    }

    fn name(&mut self, node: Node<'_>) -> ExprKind {
        let name = self.identifier(node);
        ExprKind::Name(self.scopes.read(name), name)
    }

    fn attribute(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let object = self.expr_in(node, &parts, Field::Object);
        match field(&parts, Field::Attribute) {
            Some(attribute) => ExprKind::Attr(object, self.identifier(attribute.node)),
            None => ExprKind::Unsupported(vec![object]),
        }
    }

    fn subscript(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let value = self.expr_in(node, &parts, Field::Value);
        let annotation = self.in_annotation;
        let head = field(&parts, Field::Value).map_or("", |c| self.text_of(c.node));
        let index = match head.rsplit('.').next() {
            Some("Literal") if annotation => self.outside_annotation(|l| l.index(&parts, node)),
            Some("Annotated") if annotation => self.annotated_index(&parts, node),
            _ => self.index(&parts, node),
        };
        ExprKind::Subscript(value, index)
    }

    /// What stands between the brackets; several as a tuple.
    pub(super) fn index(&mut self, parts: &[Child<'_>], node: Node<'_>) -> ExprId {
        let items: Vec<ExprId> =
            parts.iter().filter(|c| c.field == Field::Subscript).map(|c| self.expr(c.node)).collect();
        self.index_of(items, parts, node)
    }

    pub(super) fn index_of(&mut self, items: Vec<ExprId>, parts: &[Child<'_>], node: Node<'_>) -> ExprId {
        match items.as_slice() {
            [one] if of_kind(parts, Kind::CommaToken).is_none() => *one,
            [] => self.add(ExprKind::Unsupported(items), range(node)),
            [first, .., last] | [first @ last] => {
                let mut range = self.module.expr(*first).range;
                range.end = self.module.expr(*last).range.end;
                self.add(ExprKind::Tuple(items), range)
            }
        }
    }

    fn slice(&mut self, node: Node<'_>) -> ExprKind {
        let mut bounds = [None; 3];
        let mut at = 0;
        for child in children(node) {
            match child.kind {
                Kind::ColonToken => at += 1,
                kind if kind.is_expression() && at < bounds.len() => bounds[at] = Some(self.expr(child.node)),
                _ => {}
            }
        }
        ExprKind::Slice(bounds[0], bounds[1], bounds[2])
    }

    fn operation(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let (left, right) = (field(&parts, Field::Left), field(&parts, Field::Right));
        let operator = field(&parts, Field::Operator).map_or("not", |c| c.node.kind());
        if let (Some(left), Some(right)) = (left, right) {
            let (left, right) = (self.expr(left.node), self.expr(right.node));
            return match (operator, binary_operator(operator)) {
                ("and", _) => ExprKind::And(left, right),
                ("or", _) => ExprKind::Or(left, right),
                (_, Some(operator)) => ExprKind::Binary(operator, left, right),
                (_, None) => ExprKind::Unsupported(vec![left, right]),
            };
        }
        match field(&parts, Field::Argument).map(|c| self.expr(c.node)) {
            Some(operand) if operator == "not" => ExprKind::Not(operand),
            Some(operand) => {
                let operator = match operator {
                    "+" => UnaryOp::Plus,
                    "~" => UnaryOp::Invert,
                    _ => UnaryOp::Minus,
                };
                ExprKind::Unary(operator, operand)
            }
            None => ExprKind::Unsupported(self.parts(node)),
        }
    }

    fn comparison(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let operators: Vec<CompareOp> = parts
            .iter()
            .filter(|c| c.field == Field::Operators)
            .filter_map(|c| comparison_operator(c.node.kind()))
            .collect();
        let operands: Vec<ExprId> = parts
            .iter()
            .filter(|c| c.field != Field::Operators && c.node.is_named())
            .map(|c| self.expr(c.node))
            .collect();
        match operands.split_first() {
            Some((first, rest)) if rest.len() == operators.len() => {
                ExprKind::Compare(*first, operators.into_iter().zip(rest.iter().copied()).collect())
            }
            _ => ExprKind::Unsupported(operands),
        }
    }

    fn conditional(&mut self, node: Node<'_>) -> ExprKind {
        match self.items(node)[..] {
            [then, test, otherwise] => ExprKind::If { test, then, otherwise },
            ref parts => ExprKind::Unsupported(parts.to_vec()),
        }
    }

    fn walrus(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let value = self.expr_in(node, &parts, Field::Value);
        let Some(name) = field(&parts, Field::Name) else { return ExprKind::Unsupported(vec![value]) };
        ExprKind::Walrus(self.walrus_target(name.node), value)
    }

    fn wrapped(&mut self, node: Node<'_>, wrap: fn(ExprId) -> ExprKind) -> ExprKind {
        match self.parts(node)[..] {
            [inner] => wrap(inner),
            ref parts => ExprKind::Unsupported(parts.to_vec()),
        }
    }

    fn yielded(&mut self, node: Node<'_>) -> ExprKind {
        let function = self.scopes.function();
        self.function_mut(function).is_generator = true;
        let parts = children(node);
        let value = named(&parts).find(|c| c.kind.is_expression()).map(|c| self.expr(c.node));
        match (value, of_kind(&parts, Kind::FromToken)) {
            (Some(value), Some(_)) => ExprKind::YieldFrom(value),
            _ => ExprKind::Yield(value),
        }
    }
}

/// An expression without the parentheses and wrappers that mean nothing. In a loop, as they may nest deeply.
fn unwrapped(mut node: Node<'_>) -> Node<'_> {
    while matches!(Kind::of(node), Kind::ParenthesizedExpression | Kind::Type | Kind::AsPatternTarget) {
        let inner = children(node);
        let mut inner = named(&inner);
        match (inner.next(), inner.next()) {
            (Some(only), None) if only.kind != Kind::Error => node = only.node,
            _ => break,
        }
    }
    node
}

fn comparison_operator(token: &str) -> Option<CompareOp> {
    Some(match token {
        "==" => CompareOp::Eq,
        "!=" | "<>" => CompareOp::NotEq,
        "<" => CompareOp::Less,
        "<=" => CompareOp::LessEq,
        ">" => CompareOp::Greater,
        ">=" => CompareOp::GreaterEq,
        "in" => CompareOp::In,
        "not in" => CompareOp::NotIn,
        "is" => CompareOp::Is,
        "is not" => CompareOp::IsNot,
        _ => return None,
    })
}
