//! What the text of a function says of where values come from: assignments to a variable, returns, parts of expressions.

use crate::python::ir::{
    Arg, Block, Clause, DictItem, ExprId, ExprKind, FPart, Function, FunctionId, Module, Place, Slot, Stmt, Target,
};

/// Where a local's value comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Source<'p> {
    /// From this expression: its value, or something in it.
    Value(ExprId),
    /// From an import: the dots before the module, the module, and the name there.
    Import(Import<'p>),
}

/// The dots before a module, the module, and a name in it.
pub(super) type Import<'p> = (u32, &'p str, &'p str);

/// The expressions of a module that bind variables: `:=` and comprehensions.
pub(super) fn binders(module: &Module) -> Vec<ExprId> {
    let binders =
        module.all_exprs().filter(|(_, expr)| matches!(expr.kind, ExprKind::Walrus(..) | ExprKind::Comprehension(_)));
    binders.map(|(id, _)| id).collect()
}

/// Where a function's local gets its values from, in the order of the text; what the module's binders bind comes last.
pub(super) fn sources<'p>(module: &'p Module, id: FunctionId, slot: Slot, binders: &[ExprId]) -> Vec<Source<'p>> {
    let function = module.function(id);
    let is_local = |target: &Target| matches!(target, Target::Name(Place::Local(local), _) if *local == slot);
    let mut out = Vec::new();
    each_statement(&function.body, &mut |stmt| {
        bound_by(stmt, &mut |target, source| {
            if target.leaves().into_iter().any(is_local) {
                out.push(source);
            }
        });
    });
    let inner = (0u32..).map(FunctionId).zip(&module.functions).filter(|(_, f)| f.parent == Some(id));
    let inner: Vec<_> = inner.map(|(_, f)| f.range).collect();
    let own = |at: u32| {
        function.range.start <= at && at < function.range.end && !inner.iter().any(|r| r.start <= at && at < r.end)
    };
    for expr in binders.iter().map(|id| module.expr(*id)).filter(|expr| own(expr.range.start)) {
        match &expr.kind {
            ExprKind::Walrus(target, value) if target.leaves().into_iter().any(is_local) => {
                out.push(Source::Value(*value));
            }
            ExprKind::Comprehension(comprehension) => {
                out.extend(comprehension.clauses.iter().filter_map(|clause| match clause {
                    Clause::For(target, iter) if target.leaves().into_iter().any(is_local) => {
                        Some(Source::Value(*iter))
                    }
                    _ => None,
                }));
            }
            _ => {}
        }
    }
    out
}

/// Where a module's top level imports a name from.
pub(super) fn imported<'m>(module: &'m Module, name: &str) -> Option<Import<'m>> {
    let is_it = |target: &Target| matches!(target, Target::Name(_, id) if module.name(*id) == name);
    let mut found = None;
    each_statement(&module.function(Module::TOP).body, &mut |stmt| {
        bound_by(stmt, &mut |target, source| {
            if let Source::Import(import) = source
                && is_it(target)
            {
                found = Some(import);
            }
        });
    });
    found
}

/// What a function returns.
pub(in crate::flow) fn returns(function: &Function) -> Vec<ExprId> {
    let mut out = Vec::new();
    each_statement(&function.body, &mut |stmt| {
        if let Stmt::Return(Some(value)) = stmt {
            out.push(*value);
        }
    });
    out
}

/// The expressions that an expression's value is made of, those that most likely are the value first.
pub(super) fn parts(module: &Module, expr: ExprId) -> Vec<ExprId> {
    match &module.expr(expr).kind {
        ExprKind::FString(parts) => {
            let exprs = parts.iter().filter_map(|part| if let FPart::Expr(expr) = part { Some(*expr) } else { None });
            exprs.collect()
        }
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) | ExprKind::Unsupported(items) => {
            items.clone()
        }
        ExprKind::Dict(items) => {
            let (mut values, mut keys) = (Vec::new(), Vec::new());
            for item in items {
                match item {
                    DictItem::Pair(key, value) => {
                        values.push(*value);
                        keys.push(*key);
                    }
                    DictItem::Spread(mapping) => values.push(*mapping),
                }
            }
            [values, keys].concat()
        }
        ExprKind::Attr(object, _) => vec![*object],
        ExprKind::Subscript(object, index) => vec![*object, *index],
        ExprKind::Call(callee, args) => arguments(args).chain([*callee]).collect(),
        ExprKind::Binary(_, left, right) | ExprKind::And(left, right) | ExprKind::Or(left, right) => {
            vec![*left, *right]
        }
        ExprKind::If { then, otherwise, .. } => vec![*then, *otherwise],
        ExprKind::Comprehension(comprehension) => {
            let iterables = comprehension.clauses.iter().filter_map(|clause| match clause {
                Clause::For(_, iterable) => Some(*iterable),
                Clause::If(_) => None,
            });
            comprehension.value.into_iter().chain([comprehension.element]).chain(iterables).collect()
        }
        ExprKind::Walrus(_, value)
        | ExprKind::Await(value)
        | ExprKind::YieldFrom(value)
        | ExprKind::Yield(Some(value))
        | ExprKind::Starred(value) => vec![*value],
        _ => Vec::new(),
    }
}

/// The expressions of a call's arguments.
pub(super) fn arguments(args: &[Arg]) -> impl Iterator<Item = ExprId> {
    args.iter().map(Arg::value)
}

/// Each target of a statement with where its value comes from.
fn bound_by<'p>(stmt: &'p Stmt, visit: &mut impl FnMut(&'p Target, Source<'p>)) {
    match stmt {
        Stmt::Assign(targets, value) => targets.iter().for_each(|target| visit(target, Source::Value(*value))),
        Stmt::Annotated { target, value: Some(value), .. } | Stmt::Augmented { target, value, .. } => {
            visit(target, Source::Value(*value));
        }
        Stmt::For { target, iter, .. } => visit(target, Source::Value(*iter)),
        Stmt::With { items, .. } => {
            for (context, target) in items {
                target.iter().for_each(|target| visit(target, Source::Value(*context)));
            }
        }
        Stmt::ImportFrom { level, module, names, .. } => {
            names.iter().for_each(|(name, target)| visit(target, Source::Import((*level, module, name))));
        }
        _ => {}
    }
}

/// Every statement of a block and of the blocks in it; functions and classes are not entered.
fn each_statement<'p>(block: &'p Block, visit: &mut impl FnMut(&'p Stmt)) {
    let mut blocks = vec![block];
    while let Some(block) = blocks.pop() {
        for stmt in block {
            visit(stmt);
            match stmt {
                Stmt::If { then, otherwise, .. } => blocks.extend([otherwise, then]),
                Stmt::While { body, otherwise, .. } | Stmt::For { body, otherwise, .. } => {
                    blocks.extend([otherwise, body]);
                }
                Stmt::Try { body, handlers, otherwise, finally } => {
                    blocks.extend([finally, otherwise]);
                    blocks.extend(handlers.iter().map(|handler| &handler.body));
                    blocks.push(body);
                }
                Stmt::With { body, .. } => blocks.push(body),
                Stmt::Match { cases, .. } => blocks.extend(cases.iter().map(|case| &case.body)),
                _ => {}
            }
        }
    }
}
