//! What stands where in a module, for those who look at its text rather than run it.

use super::ir::{Arg, Block, Case, Expr, ExprId, ExprKind, Function, FunctionId, Module, Pattern, Range, Stmt, Target};

impl Range {
    /// Whether another range lies within this one.
    pub fn covers(self, inner: Self) -> bool {
        self.start <= inner.start && inner.end <= self.end
    }

    /// The least range that holds both.
    #[must_use]
    pub fn around(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// What a module holds, in order of the text: made when it is first asked for, as few modules are asked.
#[derive(Debug)]
pub struct Order {
    exprs: Vec<ExprId>,
    functions: Vec<FunctionId>,
}

impl Order {
    fn of(module: &Module) -> Self {
        let mut exprs: Vec<ExprId> = module.all_exprs().map(|(id, _)| id).collect();
        exprs.sort_by_key(|id| (module.expr(*id).range.start, *id));
        let mut functions: Vec<FunctionId> = (0u32..).map(FunctionId).take(module.functions.len()).collect();
        functions.sort_by_key(|id| (module.function(*id).range.start, *id));
        Self { exprs, functions }
    }
}

impl Module {
    /// Whether an expression is this text, spelled out.
    pub fn is_text(&self, expr: ExprId, text: &str) -> bool {
        matches!(&self.expr(expr).kind, ExprKind::Str(own) if **own == *text)
    }

    fn order(&self) -> &Order {
        self.order.get_or_init(|| Order::of(self))
    }

    /// How many expressions a function holds, with those of the functions inside it.
    pub fn size(&self, function: FunctionId) -> u32 {
        let (order, range) = (self.order(), self.function(function).range);
        let before = |position| order.exprs.partition_point(|id| self.expr(*id).range.start < position);
        u32::try_from(before(range.end) - before(range.start)).unwrap_or(u32::MAX)
    }

    /// The innermost function around an expression; the top level, if there is none.
    pub fn function_around(&self, expr: ExprId) -> &Function {
        self.function(self.function_id_around(expr))
    }

    /// As [`Module::function_around`], by its id.
    pub fn function_id_around(&self, expr: ExprId) -> FunctionId {
        let place = self.expr(expr).range;
        let functions = &self.order().functions;
        let after = functions.partition_point(|id| self.function(*id).range.start <= place.start);
        let mut next = after.checked_sub(1).map(|last| functions[last]);
        while let Some(id) = next {
            let function = self.function(id);
            if function.range.covers(place) {
                return id;
            }
            next = function.parent;
        }
        Self::TOP
    }

    /// All its expressions.
    pub fn all_exprs(&self) -> impl Iterator<Item = (ExprId, &Expr)> {
        (0u32..).map(ExprId).zip(&self.exprs)
    }

    /// What a call is given by keyword.
    pub fn keyword(&self, args: &[Arg], keyword: &str) -> Option<ExprId> {
        args.iter().find_map(|arg| match arg {
            Arg::Keyword(name, value) if self.name(*name) == keyword => Some(*value),
            _ => None,
        })
    }

    /// The expressions in a piece of text, by their starts.
    pub fn exprs_in(&self, range: Range) -> impl Iterator<Item = (ExprId, &Expr)> {
        let exprs = &self.order().exprs;
        let first = exprs.partition_point(|id| self.expr(*id).range.start < range.start);
        let from = exprs[first..].iter().map(|id| (*id, self.expr(*id)));
        from.take_while(move |(_, expr)| expr.range.start <= range.end)
            .filter(move |(_, expr)| range.covers(expr.range))
    }
}

impl Arg {
    /// What is given.
    pub fn value(&self) -> ExprId {
        match self {
            Self::Positional(value) | Self::Keyword(_, value) | Self::Star(value) | Self::DoubleStar(value) => *value,
        }
    }
}

impl Target {
    /// The names, attributes and entries that it binds: itself, or what it takes apart.
    pub fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::Tuple(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Starred(inner) => inner.leaves(),
            _ => vec![self],
        }
    }
}

impl Stmt {
    /// The block of its own that a place is in.
    pub fn inner(&self, module: &Module, place: Range) -> Option<&Block> {
        let Self::Match { cases, .. } = self else {
            return self.blocks().into_iter().find(|block| block.covers(module, place));
        };
        let starts_later = |case: &Case| case.extent(module).is_some_and(|own| own.start > place.start);
        let after = cases.partition_point(|case| !starts_later(case));
        let body = &cases.get(after.checked_sub(1)?)?.body;
        body.covers(module, place).then_some(body)
    }

    /// From its first expression to its last, those of its blocks among them.
    pub fn extent(&self, module: &Module) -> Option<Range> {
        if let Self::Match { subject, cases } = self {
            let cases = cases.iter().filter_map(|case| case.extent(module));
            return Some(cases.fold(module.expr(*subject).range, Range::around));
        }
        let whole = if let Self::Augmented { range, .. } = self { Some(*range) } else { None };
        let own = self.exprs().into_iter().map(|expr| module.expr(expr).range);
        let inner = self.blocks().into_iter().filter_map(|block| block.extent(module));
        whole.into_iter().chain(own).chain(inner).reduce(Range::around)
    }

    /// The expressions that stand in it directly, in order; those of its blocks aren't among them.
    pub fn exprs(&self) -> Vec<ExprId> {
        let mut out = Vec::new();
        match self {
            Self::Expr(e) => out.push(*e),
            Self::Assert(test, message) => {
                out.push(*test);
                out.extend(*message);
            }
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
            Self::Return(value) => out.extend(*value),
            Self::Raise(raised, cause) => out.extend(raised.iter().chain(cause)),
            Self::If { test, .. } | Self::While { test, .. } => out.push(*test),
            Self::For { target, iter, .. } => {
                target.exprs(&mut out);
                out.push(*iter);
            }
            Self::Try { handlers, .. } => out.extend(handlers.iter().filter_map(|handler| handler.types)),
            Self::With { items, .. } => out.extend(items.iter().map(|(manager, _)| *manager)),
            Self::Match { subject, cases } => {
                out.push(*subject);
                for case in cases {
                    case.pattern.exprs(&mut out);
                    out.extend(case.guard);
                }
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

    /// What it binds itself, those of its blocks left out.
    pub fn targets(&self) -> Vec<&Target> {
        match self {
            Self::Assign(targets, _) | Self::Delete(targets) => targets.iter().collect(),
            Self::Annotated { target, .. }
            | Self::Augmented { target, .. }
            | Self::For { target, .. }
            | Self::Import { target, .. }
            | Self::Def(_, target)
            | Self::Class(_, target) => vec![target],
            Self::ImportFrom { names, .. } => names.iter().map(|(_, target)| target).collect(),
            Self::With { items, .. } => items.iter().filter_map(|(_, target)| target.as_ref()).collect(),
            Self::Try { handlers, .. } => handlers.iter().filter_map(|handler| handler.target.as_ref()).collect(),
            Self::Match { cases, .. } => cases.iter().flat_map(|case| case.pattern.targets()).collect(),
            _ => Vec::new(),
        }
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

impl Case {
    /// From its first expression to its last. Remembered, as a block's is: a `match` may have very many cases.
    pub fn extent(&self, module: &Module) -> Option<Range> {
        *self.extent.get_or_init(|| {
            let mut own = Vec::new();
            self.pattern.exprs(&mut own);
            own.extend(self.guard);
            let own = own.into_iter().map(|expr| module.expr(expr).range);
            own.chain(self.body.extent(module)).reduce(Range::around)
        })
    }
}

impl Pattern {
    /// The patterns directly within it.
    fn parts(&self) -> Vec<&Self> {
        match self {
            Self::Wildcard | Self::Value(_) | Self::Capture(_) | Self::Star(_) => Vec::new(),
            Self::As(inner, _) => vec![inner],
            Self::Or(parts) | Self::Sequence(parts) => parts.iter().collect(),
            Self::Mapping { entries, .. } => entries.iter().map(|(_, pattern)| pattern).collect(),
            Self::Class { positional, keywords, .. } => {
                positional.iter().chain(keywords.iter().map(|(_, pattern)| pattern)).collect()
            }
        }
    }

    fn exprs(&self, out: &mut Vec<ExprId>) {
        match self {
            Self::Value(value) | Self::Class { class: value, .. } => out.push(*value),
            Self::Mapping { entries, .. } => out.extend(entries.iter().map(|(key, _)| *key)),
            _ => {}
        }
        self.parts().into_iter().for_each(|part| part.exprs(out));
    }

    /// What it binds, inner patterns' targets first.
    pub fn targets(&self) -> Vec<&Target> {
        let own = match self {
            Self::Capture(target) | Self::As(_, target) => Some(target),
            Self::Star(target) | Self::Mapping { rest: target, .. } => target.as_ref(),
            _ => None,
        };
        self.parts().into_iter().flat_map(Self::targets).chain(own).collect()
    }
}
