//! Displays, calls and comprehensions.

use super::super::ir::{Arg, Clause, Comprehension, ComprehensionKind, DictItem, ExprId, ExprKind, NameId, Target};
use super::scope::ScopeKind;
use super::syntax::{Child, Field, Kind, children, field, named};
use super::{Lowerer, range};
use tree_sitter::Node;

impl Lowerer<'_> {
    /// All expressions directly under a node; error nodes among them as `Unsupported`.
    pub(super) fn items(&mut self, node: Node<'_>) -> Vec<ExprId> {
        named(&children(node)).map(|c| self.expr(c.node)).collect()
    }

    pub(super) fn dictionary(&mut self, node: Node<'_>) -> ExprKind {
        let mut items = Vec::new();
        let mut lost = Vec::new();
        for child in named(&children(node)) {
            let parts = children(child.node);
            match (child.kind, field(&parts, Field::Key), field(&parts, Field::Value)) {
                (Kind::Pair, Some(key), Some(value)) => {
                    items.push(DictItem::Pair(self.expr(key.node), self.expr(value.node)));
                }
                (Kind::DictionarySplat, ..) => {
                    items.extend(self.parts(child.node).into_iter().map(DictItem::Spread));
                }
                _ => lost.push(self.expr(child.node)),
            }
        }
        // A lost entry could be any: spread in as an unknown mapping.
        items.extend(lost.into_iter().map(DictItem::Spread));
        ExprKind::Dict(items)
    }

    pub(super) fn call(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let function = self.expr_in(node, &parts, Field::Function);
        let args = match field(&parts, Field::Arguments) {
            Some(list) if list.kind == Kind::ArgumentList => self.arguments(list.node),
            Some(generator) => vec![Arg::Positional(self.expr(generator.node))],
            None => Vec::new(),
        };
        ExprKind::Call(function, args)
    }

    /// Arguments aren't part of an annotation, even where the call is.
    pub(super) fn arguments(&mut self, list: Node<'_>) -> Vec<Arg> {
        let parts = children(list);
        self.outside_annotation(|l| named(&parts).map(|c| l.argument(c)).collect())
    }

    fn argument(&mut self, Child { node, kind, .. }: Child<'_>) -> Arg {
        match kind {
            Kind::KeywordArgument => {
                let parts = children(node);
                let value = self.expr_in(node, &parts, Field::Value);
                match field(&parts, Field::Name) {
                    Some(name) => Arg::Keyword(self.identifier(name.node), value),
                    None => Arg::Positional(value),
                }
            }
            Kind::ListSplat => Arg::Star(self.splatted(node)),
            Kind::DictionarySplat => Arg::DoubleStar(self.splatted(node)),
            _ => Arg::Positional(self.expr(node)),
        }
    }

    fn splatted(&mut self, node: Node<'_>) -> ExprId {
        match self.parts(node)[..] {
            [inner] => inner,
            ref parts => {
                let kind = ExprKind::Unsupported(parts.to_vec());
                self.add(kind, range(node))
            }
        }
    }

    /// The first iterable is evaluated outside, everything else inside the comprehension's own scope.
    pub(super) fn comprehension(&mut self, node: Node<'_>, kind: Kind) -> ExprKind {
        let parts = children(node);
        let mut clauses = parts.iter().filter(|c| matches!(c.kind, Kind::ForInClause | Kind::IfClause));
        let first = clauses.next().map(|c| (self.iterable(c.node), c.node));
        let outer = self.scopes.enter(ScopeKind::Comprehension, self.scopes.function());
        let mut lowered = Vec::new();
        if let Some((iterable, clause)) = first {
            lowered.push(Clause::For(self.loop_target(clause), iterable));
        }
        for clause in clauses {
            if clause.kind == Kind::ForInClause {
                let iterable = self.iterable(clause.node);
                lowered.push(Clause::For(self.loop_target(clause.node), iterable));
            } else {
                lowered.extend(self.parts(clause.node).into_iter().map(Clause::If));
            }
        }
        let (element, value) = self.element(node, &parts);
        self.scopes.leave(outer);
        let kind = match kind {
            Kind::ListComprehension => ComprehensionKind::List,
            Kind::SetComprehension => ComprehensionKind::Set,
            Kind::DictionaryComprehension => ComprehensionKind::Dict,
            _ => ComprehensionKind::Generator,
        };
        ExprKind::Comprehension(Box::new(Comprehension { kind, element, value, clauses: lowered }))
    }

    fn element(&mut self, node: Node<'_>, parts: &[Child<'_>]) -> (ExprId, Option<ExprId>) {
        match field(parts, Field::Body) {
            Some(pair) if pair.kind == Kind::Pair => {
                let sides = children(pair.node);
                let key = self.expr_in(pair.node, &sides, Field::Key);
                (key, Some(self.expr_in(pair.node, &sides, Field::Value)))
            }
            _ => (self.expr_in(node, parts, Field::Body), None),
        }
    }

    /// Python 2 allows `for x in 1, 2`.
    fn iterable(&mut self, clause: Node<'_>) -> ExprId {
        let parts = children(clause);
        let iterables: Vec<_> = parts.iter().filter(|c| c.field == Field::Right && c.node.is_named()).collect();
        match iterables.as_slice() {
            [one] => self.expr(one.node),
            many => {
                let items = many.iter().map(|c| self.expr(c.node)).collect();
                self.add(ExprKind::Tuple(items), range(clause))
            }
        }
    }

    fn loop_target(&mut self, clause: Node<'_>) -> Target {
        match field(&children(clause), Field::Left) {
            Some(left) => self.target(left.node),
            None => Target::Tuple(Vec::new()),
        }
    }

    /// A class statement's arguments as bases and keywords.
    pub(super) fn bases(&mut self, list: Node<'_>) -> (Vec<ExprId>, Vec<(NameId, ExprId)>) {
        let (mut bases, mut keywords) = (Vec::new(), Vec::new());
        for arg in self.arguments(list) {
            match arg {
                Arg::Positional(id) => bases.push(id),
                Arg::Keyword(name, id) => keywords.push((name, id)),
                Arg::Star(id) | Arg::DoubleStar(id) => {
                    let range = self.module.expr(id).range;
                    bases.push(self.add(ExprKind::Starred(id), range));
                }
            }
        }
        (bases, keywords)
    }
}
