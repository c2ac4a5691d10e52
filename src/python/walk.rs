//! What stands where in a module, for those who look at its text rather than run it.

use super::ir::{Block, Expr, ExprId, Function, Module, Range, Stmt, Target};

impl Range {
    /// Whether another range lies within this one.
    pub fn covers(self, inner: Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }
}

impl Module {
    /// The innermost function around an expression.
    pub fn function_around(&self, expr: ExprId) -> Option<&Function> {
        let place = self.expr(expr).range;
        let around = self.functions.iter().filter(|function| function.range.covers(place));
        around.min_by_key(|function| function.range.end - function.range.start)
    }

    /// The expressions in a piece of text.
    pub fn exprs_in(&self, range: Range) -> impl Iterator<Item = (ExprId, &Expr)> {
        (0u32..).map(ExprId).zip(&self.exprs).filter(move |(_, expr)| range.covers(expr.range))
    }
}

impl Stmt {
    /// From its first expression to its last, those of its blocks among them.
    pub fn extent(&self, module: &Module) -> Option<Range> {
        let own = self.exprs().into_iter().map(|expr| module.expr(expr).range);
        let inner = self.blocks().into_iter().flatten().filter_map(|stmt| stmt.extent(module));
        own.chain(inner).reduce(|a, b| Range { start: a.start.min(b.start), end: a.end.max(b.end) })
    }

    /// The expressions that stand in it directly, in order; those of its blocks aren't among them.
    pub fn exprs(&self) -> Vec<ExprId> {
        let mut out = Vec::new();
        match self {
            Self::Expr(e) | Self::Assert(e) => out.push(*e),
            Self::Assign(targets, value) => {
                targets.iter().for_each(|target| target.exprs(&mut out));
                out.push(*value);
            }
            Self::Annotated { target, annotation, value } => {
                target.exprs(&mut out);
                out.push(*annotation);
                out.extend(*value);
            }
            Self::Augmented { target, value, .. } => {
                target.exprs(&mut out);
                out.push(*value);
            }
            Self::Return(value) | Self::Raise(value) => out.extend(*value),
            Self::If { test, .. } | Self::While { test, .. } => out.push(*test),
            Self::For { target, iter, .. } => {
                target.exprs(&mut out);
                out.push(*iter);
            }
            Self::Try { handlers, .. } => out.extend(handlers.iter().filter_map(|handler| handler.types)),
            Self::With { items, .. } => out.extend(items.iter().map(|(manager, _)| *manager)),
            Self::Match { subject, cases } => {
                out.push(*subject);
                cases.iter().for_each(|case| out.extend(case.literals.iter().copied().chain(case.guard)));
            }
            Self::Delete(targets) => targets.iter().for_each(|target| target.exprs(&mut out)),
            Self::Unsupported(parts) => out.extend(parts),
            Self::Break
            | Self::Continue
            | Self::Import { .. }
            | Self::ImportFrom { .. }
            | Self::Def(..)
            | Self::Class(..) => {}
        }
        out
    }

    /// Its blocks, in order. The bodies of functions and classes aren't among them: they run elsewhere.
    pub fn blocks(&self) -> Vec<&Block> {
        match self {
            Self::If { then: body, otherwise, .. }
            | Self::While { body, otherwise, .. }
            | Self::For { body, otherwise, .. } => vec![body, otherwise],
            Self::Try { body, handlers, otherwise, finally } => {
                let handlers = handlers.iter().map(|handler| &handler.body);
                [body].into_iter().chain(handlers).chain([otherwise, finally]).collect()
            }
            Self::With { body, .. } => vec![body],
            Self::Match { cases, .. } => cases.iter().map(|case| &case.body).collect(),
            _ => Vec::new(),
        }
    }
}

impl Target {
    fn exprs(&self, out: &mut Vec<ExprId>) {
        match self {
            Self::Name(..) => {}
            Self::Attr(object, _) => out.push(*object),
            Self::Subscript(object, index) => out.extend([*object, *index]),
            Self::Tuple(items) => items.iter().for_each(|item| item.exprs(out)),
            Self::Starred(inner) => inner.exprs(out),
        }
    }
}
