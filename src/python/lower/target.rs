//! Left sides of assignments, and every other place that binds a name.

use super::super::ir::{ExprKind, NameId, Place, Target};
use super::syntax::{Field, Kind, children, field, named};
use super::{Lowerer, range};
use tree_sitter::Node;

impl Lowerer<'_> {
    /// Binds a name in the current scope.
    pub(super) fn bind(&mut self, name: NameId) -> Place {
        let function = self.scopes.function();
        self.scopes.bind(name, &mut self.module.functions[function.0 as usize].slots)
    }

    /// Binds an identifier node.
    pub(super) fn bind_identifier(&mut self, node: Node<'_>) -> Target {
        let name = self.identifier(node);
        Target::Name(self.bind(name), name)
    }

    /// Binds the name of a `:=`.
    pub(super) fn walrus_target(&mut self, node: Node<'_>) -> Target {
        let name = self.identifier(node);
        let function = self.scopes.function();
        let slots = &mut self.module.functions[function.0 as usize].slots;
        Target::Name(self.scopes.bind_walrus(name, slots), name)
    }

    pub(super) fn target(&mut self, node: Node<'_>) -> Target {
        self.deeper(|l| l.target_within(node)).unwrap_or_else(|| self.unknown_target(node))
    }

    fn target_within(&mut self, node: Node<'_>) -> Target {
        match Kind::of(node) {
            Kind::Identifier if !node.is_missing() => self.bind_identifier(node),
            Kind::Attribute => {
                let parts = children(node);
                let Some(attribute) = field(&parts, Field::Attribute) else { return self.unknown_target(node) };
                let object = self.expr_in(node, &parts, Field::Object);
                Target::Attr(object, self.identifier(attribute.node))
            }
            Kind::Subscript => {
                let parts = children(node);
                let object = self.expr_in(node, &parts, Field::Value);
                Target::Subscript(object, self.index(&parts, node))
            }
            Kind::Tuple
            | Kind::List
            | Kind::TuplePattern
            | Kind::ListPattern
            | Kind::PatternList
            | Kind::ExpressionList => Target::Tuple(named(&children(node)).map(|c| self.target(c.node)).collect()),
            Kind::ListSplat | Kind::ListSplatPattern => match named(&children(node)).next() {
                Some(inner) => Target::Starred(Box::new(self.target(inner.node))),
                None => self.unknown_target(node),
            },
            Kind::ParenthesizedExpression | Kind::AsPatternTarget | Kind::Type => match named(&children(node)).next() {
                Some(inner) => self.target(inner.node),
                None => self.unknown_target(node),
            },
            _ => self.unknown_target(node),
        }
    }

    /// Something that can't be assigned to is evaluated, and stored into at an unknown index.
    fn unknown_target(&mut self, node: Node<'_>) -> Target {
        let object = self.expr(node);
        Target::Subscript(object, self.add(ExprKind::Unsupported(Vec::new()), range(node)))
    }
}
