//! `if`, loops, `try` and `with`.

use super::super::ir::{Block, ExprId, ExprKind, Handler, Stmt, Target};
use super::syntax::{Child, Field, Kind, children, field, named, of_kind};
use super::{Lowerer, range};
use tree_sitter::Node;

/// How many `elif` nest as `else: if`. The rest of a longer chain follows flat, as `if` after `if`: more paths
/// than the program has, but none fewer.
const NESTED_ELIFS: usize = 50;

impl Lowerer<'_> {
    /// The expression in a role; `Unsupported` where recovery lost it, or skipped text beside it.
    pub(super) fn expr_in(&mut self, parent: Node<'_>, children: &[Child<'_>], role: Field) -> ExprId {
        let parts: Vec<ExprId> = field(children, role).map(|c| self.expr(c.node)).into_iter().collect();
        match parts[..] {
            [id] if of_kind(children, Kind::Error).is_none() => id,
            _ => self.add(ExprKind::Unsupported(parts), range(parent)),
        }
    }

    /// The block of a clause that doesn't name it.
    fn clause_block(&mut self, children: &[Child<'_>]) -> Block {
        of_kind(children, Kind::Block).map_or_else(Block::new, |c| self.block(c.node))
    }

    /// The block of an `else` or `finally` among a statement's children.
    fn clause(&mut self, statement: &[Child<'_>], kind: Kind) -> Block {
        of_kind(statement, kind).map_or_else(Block::new, |c| self.clause_block(&children(c.node)))
    }

    pub(super) fn if_statement(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let mut branches = vec![self.branch(node, &parts)];
        for elif in parts.iter().filter(|c| c.kind == Kind::ElifClause) {
            branches.push(self.branch(elif.node, &children(elif.node)));
        }
        let flat = branches.split_off(branches.len().min(NESTED_ELIFS));
        let last = flat.len();
        let mut last_else = self.clause(&parts, Kind::ElseClause);
        let flat = flat.into_iter().zip(1..).map(|((test, then), i)| {
            let otherwise = if i == last { std::mem::take(&mut last_else) } else { Block::new() };
            Stmt::If { test, then, otherwise }
        });
        let mut otherwise: Block = flat.collect();
        otherwise.append(&mut last_else);
        for (test, then) in branches.into_iter().rev() {
            otherwise = Block::from_iter([Stmt::If { test, then, otherwise }]);
        }
        out.append(&mut otherwise);
    }

    fn branch(&mut self, node: Node<'_>, parts: &[Child<'_>]) -> (ExprId, Block) {
        (self.expr_in(node, parts, Field::Condition), self.block_in(parts, Field::Consequence))
    }

    pub(super) fn while_statement(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let test = self.expr_in(node, &parts, Field::Condition);
        let body = self.block_in(&parts, Field::Body);
        out.push(Stmt::While { test, body, otherwise: self.clause(&parts, Kind::ElseClause) });
    }

    pub(super) fn for_statement(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let iter = self.expr_in(node, &parts, Field::Right);
        let Some(left) = field(&parts, Field::Left) else {
            out.push(Stmt::Unsupported(vec![iter]));
            return;
        };
        let target = self.target(left.node);
        let body = self.block_in(&parts, Field::Body);
        let otherwise = self.clause(&parts, Kind::ElseClause);
        out.push(Stmt::For { is_async: is_async(&parts), target, iter, body, otherwise });
    }

    pub(super) fn try_statement(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let body = self.block_in(&parts, Field::Body);
        let clauses = parts.iter().filter(|c| c.kind == Kind::ExceptClause);
        let handlers = clauses.map(|c| self.handler(&children(c.node))).collect();
        let otherwise = self.clause(&parts, Kind::ElseClause);
        let finally = self.clause(&parts, Kind::FinallyClause);
        out.push(Stmt::Try { body, handlers, otherwise, finally });
    }

    fn handler(&mut self, parts: &[Child<'_>]) -> Handler {
        let values: Vec<_> = parts.iter().filter(|c| c.field == Field::Value).copied().collect();
        let alias = field(parts, Field::Alias);
        let (types, target) = match values.as_slice() {
            [] => (None, None),
            [value] if value.kind == Kind::AsPattern => self.as_pattern(value.node),
            [value] => (Some(self.expr(value.node)), alias.map(|a| self.target(a.node))),
            // `except Error, e` of Python 2, told from Python 3.14's `except A, B` by the case of the name.
            [value, name] if name.kind == Kind::Identifier && is_lowercase(self.text_of(name.node)) => {
                (Some(self.expr(value.node)), Some(self.target(name.node)))
            }
            [first, .., last] => {
                let mut range = range(first.node);
                range.end = super::offset(last.node.end_byte());
                let types = values.iter().map(|v| self.expr(v.node)).collect();
                (Some(self.add(ExprKind::Tuple(types), range)), None)
            }
        };
        Handler { types, target, body: self.clause_block(parts) }
    }

    /// `value as target`.
    fn as_pattern(&mut self, node: Node<'_>) -> (Option<ExprId>, Option<Target>) {
        let parts = children(node);
        let value = named(&parts).find(|c| c.field != Field::Alias).map(|c| self.expr(c.node));
        (value, field(&parts, Field::Alias).map(|c| self.target(c.node)))
    }

    pub(super) fn with_statement(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let mut items = Vec::new();
        if let Some(clause) = of_kind(&parts, Kind::WithClause) {
            for item in named(&children(clause.node)).filter(|c| c.kind == Kind::WithItem) {
                if let Some(value) = field(&children(item.node), Field::Value) {
                    self.with_item(value, &mut items);
                }
            }
        }
        let body = self.block_in(&parts, Field::Body);
        out.push(Stmt::With { is_async: is_async(&parts), items, body });
    }

    /// An item; the grammar also reads `with (a as x, b as y):` as one parenthesised item.
    fn with_item(&mut self, value: Child<'_>, items: &mut Vec<(ExprId, Option<Target>)>) {
        match value.kind {
            Kind::AsPattern => {
                if let (Some(value), target) = self.as_pattern(value.node) {
                    items.push((value, target));
                }
            }
            Kind::Tuple | Kind::ParenthesizedExpression => {
                let inner = children(value.node);
                if of_kind(&inner, Kind::AsPattern).is_some() {
                    for child in named(&inner) {
                        self.deeper(|l| l.with_item(child, items));
                    }
                } else {
                    items.push((self.expr(value.node), None));
                }
            }
            _ => items.push((self.expr(value.node), None)),
        }
    }
}

fn is_lowercase(name: &str) -> bool {
    name.chars().all(|c| !c.is_uppercase())
}

/// Whether a statement begins with `async`.
fn is_async(parts: &[Child<'_>]) -> bool {
    parts.first().is_some_and(|c| c.kind == Kind::AsyncToken)
}
