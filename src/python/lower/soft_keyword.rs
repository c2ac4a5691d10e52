//! Words that are keywords in some places only, where the grammar takes one thing for the other: `type X = …` and
//! `type(self).x = …`, which it also reads as a type alias, and a `match [x]:` that it reads as an annotation of `match[x]`.

use super::super::ir::{Arg, Block, ExprId, ExprKind, Stmt, Target};
use super::annotation::type_parameter_name;
use super::parse::parse_with_suffix;
use super::syntax::{Child, Field, Kind, children, field, named};
use super::{Lowerer, range};
use tree_sitter::Node;

impl Lowerer<'_> {
    pub(super) fn type_alias(&mut self, parts: &[Child<'_>]) -> Stmt {
        let (Some(left), Some(right)) = (field(parts, Field::Left), field(parts, Field::Right)) else {
            return Stmt::Unsupported(Vec::new());
        };
        let inner = named(&children(left.node)).next();
        if let Some(called) = inner.filter(|c| matches!(c.kind, Kind::Attribute | Kind::Subscript)) {
            let value = self.expr(right.node);
            return Stmt::Assign(vec![self.target_on_type(called.node)], value);
        }
        let Some(name) = type_parameter_name(left.node) else { return Stmt::Unsupported(self.parts(left.node)) };
        let target = self.bind_identifier(name);
        let head = inner.map(|c| children(c.node)).unwrap_or_default();
        let generic = self.enter_type_parameters(&head);
        let value = self.annotation(right.node);
        self.leave_type_parameters(generic);
        Stmt::Assign(vec![target], value)
    }

    /// `match [a]:` whose only case holds one simple statement: to the grammar that is `match[a]: case[b]: …`, an annotation.
    /// With another case it can't be, so it is read once more with one.
    pub(super) fn misread_match(&mut self, node: Node<'_>, out: &mut Block) -> bool {
        let parts = children(node);
        let (Some(left), Some(case)) = (field(&parts, Field::Left), field(&parts, Field::Type)) else { return false };
        let is_match = left.kind == Kind::Subscript
            && field(&children(left.node), Field::Value).is_some_and(|c| self.text_of(c.node) == "match")
            && case.node.start_position().row > left.node.end_position().row;
        if !is_match {
            return false;
        }
        let indent = " ".repeat(case.node.start_position().column);
        let Ok(tree) = parse_with_suffix(self.text, node.byte_range(), &format!("\n{indent}case _: pass\n")) else {
            return false;
        };
        match children(tree.root_node())[..] {
            [only] if only.kind == Kind::MatchStatement && !tree.root_node().has_error() => {
                self.match_statement(only.node, out);
                if let Some(Stmt::Match { cases, .. }) = out.last_mut() {
                    cases.pop();
                }
                true
            }
            _ => false,
        }
    }

    /// `(self).x` as the target `type(self).x`.
    fn target_on_type(&mut self, node: Node<'_>) -> Target {
        let object = match self.on_type(node) {
            Ok(kind) => kind,
            Err(parts) => ExprKind::Unsupported(parts),
        };
        match object {
            ExprKind::Attr(object, name) => Target::Attr(object, name),
            ExprKind::Subscript(object, index) => Target::Subscript(object, index),
            other => {
                let object = self.add(other, range(node));
                Target::Subscript(object, self.add(ExprKind::Unsupported(Vec::new()), range(node)))
            }
        }
    }

    /// `(self).x[0]` as `type(self).x[0]`; its known parts where it is nothing of the kind.
    fn on_type(&mut self, node: Node<'_>) -> Result<ExprKind, Vec<ExprId>> {
        let parts = children(node);
        match Kind::of(node) {
            Kind::ParenthesizedExpression | Kind::Tuple => {
                let name = self.intern("type");
                let place = self.scopes.read(name);
                let function = self.add(ExprKind::Name(place, name), range(node));
                let args = self.items(node).into_iter().map(Arg::Positional).collect();
                Ok(ExprKind::Call(function, args))
            }
            Kind::Attribute => {
                let (Some(object), Some(name)) = (field(&parts, Field::Object), field(&parts, Field::Attribute)) else {
                    return Err(self.parts(node));
                };
                let object = self.object_on_type(object.node);
                Ok(ExprKind::Attr(object, self.identifier(name.node)))
            }
            Kind::Subscript => {
                let Some(object) = field(&parts, Field::Value) else { return Err(self.parts(node)) };
                let object = self.object_on_type(object.node);
                Ok(ExprKind::Subscript(object, self.index(&parts, node)))
            }
            Kind::Call => {
                let (Some(function), Some(list)) = (field(&parts, Field::Function), field(&parts, Field::Arguments))
                else {
                    return Err(self.parts(node));
                };
                let function = self.object_on_type(function.node);
                Ok(ExprKind::Call(function, self.arguments(list.node)))
            }
            _ => Err(self.parts(node)),
        }
    }

    fn object_on_type(&mut self, node: Node<'_>) -> ExprId {
        let kind = match self.deeper(|l| l.on_type(node)) {
            Some(Ok(kind)) => kind,
            Some(Err(parts)) => ExprKind::Unsupported(parts),
            None => ExprKind::Unsupported(Vec::new()),
        };
        self.add(kind, range(node))
    }
}
