//! Simple statements, blocks, and what the parser couldn't make sense of.

use super::super::ir::{Arg, BinaryOp, Block, ExprId, ExprKind, Stmt, Target};
use super::scope::ScopeKind;
use super::syntax::{Child, Field, Kind, children, field, named, of_kind};
use super::{Lowerer, range};
use tree_sitter::Node;

impl Lowerer<'_> {
    /// The statements under a block or a module.
    pub(super) fn block(&mut self, node: Node<'_>) -> Block {
        let mut out = Block::new();
        for child in children(node) {
            self.statement(child, &mut out);
        }
        out
    }

    /// The block in a role, empty if there is none.
    pub(super) fn block_in(&mut self, children: &[Child<'_>], role: Field) -> Block {
        field(children, role).map_or_else(Block::new, |c| self.block(c.node))
    }

    /// Appends a statement; one that is too deep becomes `Unsupported`.
    pub(super) fn statement(&mut self, child: Child<'_>, out: &mut Block) {
        if self.deeper(|l| l.statement_within(child, out)).is_none() {
            out.push(Stmt::Unsupported(Vec::new()));
        }
    }

    fn statement_within(&mut self, Child { node, kind, .. }: Child<'_>, out: &mut Block) {
        match kind {
            Kind::ExpressionStatement => self.expression_statement(node, out),
            Kind::FunctionDefinition => self.function(node, Vec::new(), out),
            Kind::ClassDefinition => self.class(node, Vec::new(), out),
            Kind::DecoratedDefinition => self.decorated(node, out),
            Kind::IfStatement => self.if_statement(node, out),
            Kind::ForStatement => self.for_statement(node, out),
            Kind::WhileStatement => self.while_statement(node, out),
            Kind::TryStatement => self.try_statement(node, out),
            Kind::WithStatement => self.with_statement(node, out),
            Kind::MatchStatement => self.match_statement(node, out),
            Kind::ImportStatement => self.import(node, out),
            Kind::ImportFromStatement | Kind::FutureImportStatement => self.import_from(node, out),
            _ => self.small_statement(node, kind, out),
        }
    }

    fn small_statement(&mut self, node: Node<'_>, kind: Kind, out: &mut Block) {
        if !kind.is_statement() {
            return self.unknown(node, kind, out);
        }
        let parts = children(node);
        self.errors_in(&parts, out);
        let first = named(&parts).find(|c| c.kind.is_expression());
        let statement = match kind {
            Kind::ReturnStatement => Stmt::Return(first.map(|c| self.expr(c.node))),
            Kind::RaiseStatement => self.raise(&parts),
            Kind::AssertStatement => {
                let operands: Vec<ExprId> = named(&parts).map(|c| self.expr(c.node)).collect();
                match operands[..] {
                    [] => Stmt::Unsupported(operands),
                    [test] => Stmt::Assert(test, None),
                    [test, message, ..] => Stmt::Assert(test, Some(message)),
                }
            }
            Kind::DeleteStatement => Stmt::Delete(first.map_or_else(Vec::new, |c| self.deleted(c.node))),
            Kind::BreakStatement => Stmt::Break,
            Kind::ContinueStatement => Stmt::Continue,
            Kind::PrintStatement => self.python2_call(node, "print", &parts),
            Kind::ExecStatement => self.python2_call(node, "exec", &parts),
            Kind::TypeAliasStatement => self.type_alias(&parts),
            Kind::GlobalStatement | Kind::NonlocalStatement => return self.declare(kind, &parts),
            _ => return,
        };
        out.push(statement);
    }

    fn raise(&mut self, parts: &[Child<'_>]) -> Stmt {
        let (cause, mut raised): (Vec<Child<'_>>, Vec<Child<'_>>) =
            named(parts).filter(|c| c.kind.is_expression()).partition(|c| c.field == Field::Cause);
        // Python 2's `raise Class, argument, traceback`.
        let others = raised.split_off(raised.len().min(1));
        let raised = raised.first().map(|c| self.expr(c.node));
        let cause = cause.into_iter().chain(others).map(|c| self.expr(c.node)).collect::<Vec<_>>();
        Stmt::Raise(raised, cause.first().copied())
    }

    fn deleted(&mut self, node: Node<'_>) -> Vec<Target> {
        match self.target(node) {
            Target::Tuple(targets) => targets,
            target => vec![target],
        }
    }

    /// Python 2's `print a, b` and `exec code in scope` as the calls that replaced them.
    fn python2_call(&mut self, node: Node<'_>, builtin: &str, parts: &[Child<'_>]) -> Stmt {
        let name = self.intern(builtin);
        let place = self.scopes.read(name);
        let function = self.add(ExprKind::Name(place, name), range(node));
        let mut args = Vec::new();
        for part in named(parts) {
            match part.kind {
                Kind::Chevron => args.extend(self.parts(part.node).into_iter().map(Arg::Positional)),
                _ => args.push(Arg::Positional(self.expr(part.node))),
            }
        }
        Stmt::Expr(self.add(ExprKind::Call(function, args), range(node)))
    }

    fn declare(&mut self, kind: Kind, parts: &[Child<'_>]) {
        for part in named(parts).filter(|c| c.kind == Kind::Identifier) {
            let name = self.identifier(part.node);
            if kind == Kind::GlobalStatement {
                self.scopes.declare_global(name);
            } else {
                self.scopes.declare_nonlocal(name);
            }
        }
    }

    fn expression_statement(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let Some(first) = named(&parts).find(|c| c.kind != Kind::Error) else { return };
        let statement = match first.kind {
            Kind::Assignment if self.misread_match(first.node, out) => return,
            Kind::Assignment => {
                let statement = self.assignment(first.node);
                let annotations = std::mem::take(&mut self.annotations);
                if self.scopes.definition_kind() != ScopeKind::Function {
                    out.extend(annotations.into_iter().map(Stmt::Expr));
                }
                statement
            }
            Kind::AugmentedAssignment => self.augmented(first.node),
            _ if of_kind(&parts, Kind::CommaToken).is_some() => {
                let items = named(&parts).map(|c| self.expr(c.node)).collect();
                Stmt::Expr(self.add(ExprKind::Tuple(items), range(node)))
            }
            _ => Stmt::Expr(self.expr(first.node)),
        };
        out.push(statement);
    }

    /// `a = b = value` nests to the right: gathered in a loop, as the chain may be long.
    fn assignment(&mut self, node: Node<'_>) -> Stmt {
        let mut targets = Vec::new();
        let mut parts = children(node);
        loop {
            let (left, annotation, right) =
                (field(&parts, Field::Left), field(&parts, Field::Type), field(&parts, Field::Right));
            let Some(left) = left else { return Stmt::Unsupported(self.parts(node)) };
            if let (Some(annotation), true) = (annotation, targets.is_empty()) {
                let value = right.map(|_| self.expr_in(node, &parts, Field::Right));
                let annotation = self.annotation(annotation.node);
                return Stmt::Annotated { target: self.target(left.node), annotation, value };
            }
            targets.push(left.node);
            match right {
                Some(next) if next.kind == Kind::Assignment => parts = children(next.node),
                Some(_) => {
                    let value = self.expr_in(node, &parts, Field::Right);
                    let mut targets: Vec<Target> = targets.into_iter().map(|t| self.target(t)).collect();
                    let class = if let [only] = targets.as_slice() { self.named_tuple(only, value) } else { None };
                    return match (class, targets.pop()) {
                        (Some(class), Some(target)) => Stmt::Class(class, target),
                        (_, last) => Stmt::Assign(targets.into_iter().chain(last).collect(), value),
                    };
                }
                None => return Stmt::Unsupported(self.parts(node)),
            }
        }
    }

    fn augmented(&mut self, node: Node<'_>) -> Stmt {
        let parts = children(node);
        let operator =
            field(&parts, Field::Operator).and_then(|c| binary_operator(c.node.kind().trim_end_matches('=')));
        match (field(&parts, Field::Left), operator, field(&parts, Field::Right)) {
            (Some(left), Some(op), Some(_)) => {
                let value = self.expr_in(node, &parts, Field::Right);
                Stmt::Augmented { target: self.target(left.node), op, value, range: range(node) }
            }
            _ => Stmt::Unsupported(self.parts(node)),
        }
    }

    /// Lowers the error nodes among a statement's children, before the statement itself.
    pub(super) fn errors_in(&mut self, children: &[Child<'_>], out: &mut Block) {
        for child in children.iter().filter(|c| c.kind == Kind::Error) {
            self.unknown(child.node, child.kind, out);
        }
    }

    /// Keeps what an error node, or a clause that lost its statement, holds: its statements and its expressions.
    fn unknown(&mut self, node: Node<'_>, kind: Kind, out: &mut Block) {
        if !node.is_named() || matches!(kind, Kind::Comment) {
            return;
        }
        let mut parts = Vec::new();
        if kind.is_expression() {
            parts.push(self.expr(node));
        } else {
            for child in children(node) {
                match child.kind {
                    kind if kind.is_expression() => parts.push(self.expr(child.node)),
                    _ => self.statement(child, out),
                }
            }
        }
        if kind != Kind::Block {
            out.push(Stmt::Unsupported(parts));
        }
    }
}

/// An arithmetic or bit operator by its token.
pub(super) fn binary_operator(token: &str) -> Option<BinaryOp> {
    Some(match token {
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Sub,
        "*" => BinaryOp::Mul,
        "/" => BinaryOp::Div,
        "//" => BinaryOp::FloorDiv,
        "%" => BinaryOp::Mod,
        "**" => BinaryOp::Pow,
        "@" => BinaryOp::MatMul,
        "&" => BinaryOp::BitAnd,
        "|" => BinaryOp::BitOr,
        "^" => BinaryOp::BitXor,
        "<<" => BinaryOp::ShiftLeft,
        ">>" => BinaryOp::ShiftRight,
        _ => return None,
    })
}
