//! Lists that can only have grown where their variable is used: nobody is handed them, asks for their length, cuts them or gives
//! them another name.

use crate::python::bindings::{Bindings, Variable};
use crate::python::ir::{Arg, BinaryOp, Block, Clause, DictItem, ExprId, ExprKind, FunctionId, Module, Stmt, Target};
use rustc_hash::FxHashSet;

/// Parameters of a boto3 call that hold requests. boto3 changes nothing of them.
const REQUESTS: [&str; 2] = ["RequestItems", "TransactItems"];

/// The variables of a module of which something more is made.
#[derive(Debug, Default)]
pub(super) struct Kept {
    touched: FxHashSet<Variable>,
}

/// Uses that leave a list as it is.
#[derive(Default)]
struct Uses {
    harmless: FxHashSet<ExprId>,
    /// Those in a dict display, with the variable that holds it.
    inside: Vec<(Variable, ExprId)>,
}

impl Kept {
    /// Those of a module, its functions' included.
    pub fn new(module: &Module, bindings: &Bindings) -> Self {
        let mut uses = Uses::default();
        for (id, function) in (0u32..).map(FunctionId).zip(&module.functions) {
            uses.block(module, id, &function.body);
        }
        module.all_exprs().for_each(|(_, expr)| uses.expr(module, &expr.kind));
        let inside: FxHashSet<ExprId> = uses.inside.iter().map(|(_, name)| *name).collect();
        let names = module.all_exprs().filter(|(_, expr)| matches!(expr.kind, ExprKind::Name(..)));
        let others = names.filter(|(id, _)| !uses.harmless.contains(id) && !inside.contains(id));
        let mut kept = Self { touched: others.filter_map(|(id, _)| Variable::named(module, id)).collect() };
        for (holder, name) in uses.inside {
            if !kept.holds(holder) || bindings.only_value(holder).is_none() {
                kept.touched.extend(Variable::named(module, name));
            }
        }
        kept
    }

    /// Whether what a local holds can only have grown, by what [`Bindings`] tells of it.
    pub fn holds(&self, variable: Variable) -> bool {
        matches!(variable, Variable::Local(..)) && !self.touched.contains(&variable)
    }
}

impl Uses {
    fn block(&mut self, module: &Module, function: FunctionId, block: &Block) {
        for stmt in block {
            match stmt {
                Stmt::For { iter, .. } => self.name(module, *iter),
                Stmt::Augmented { value, op: BinaryOp::Add, .. } => self.name(module, *value),
                Stmt::Expr(call) => self.growing(module, *call),
                Stmt::Assign(targets, value) => {
                    if let ([Target::Name(place, _)], ExprKind::Dict(_)) =
                        (targets.as_slice(), &module.expr(*value).kind)
                        && let Some(holder) = Variable::of(*place, function)
                    {
                        self.inside.extend(names_in(module, *value).into_iter().map(|name| (holder, name)));
                    }
                }
                _ => {}
            }
            stmt.blocks().into_iter().for_each(|block| self.block(module, function, block));
        }
    }

    fn expr(&mut self, module: &Module, kind: &ExprKind) {
        match kind {
            ExprKind::Comprehension(comprehension) => {
                for clause in &comprehension.clauses {
                    if let Clause::For(_, iterable) = clause {
                        self.name(module, *iterable);
                    }
                }
            }
            ExprKind::Starred(inner) => self.name(module, *inner),
            ExprKind::Binary(BinaryOp::Add, a, b) => [a, b].into_iter().for_each(|part| self.name(module, *part)),
            ExprKind::Call(_, args) => {
                for arg in args {
                    if let Arg::Keyword(name, value) = arg
                        && REQUESTS.contains(&module.name(*name))
                    {
                        self.harmless.extend(names_in(module, *value));
                    }
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, module: &Module, expr: ExprId) {
        if matches!(module.expr(expr).kind, ExprKind::Name(..)) {
            self.harmless.insert(expr);
        }
    }

    /// `x.append(…)` and `x.extend(…)`, as a statement.
    fn growing(&mut self, module: &Module, call: ExprId) {
        if let ExprKind::Call(callee, args) = &module.expr(call).kind
            && let (ExprKind::Attr(list, method), [Arg::Positional(given)]) =
                (&module.expr(*callee).kind, args.as_slice())
            && matches!(module.name(*method), "append" | "extend")
        {
            self.name(module, *list);
            if module.name(*method) == "extend" {
                self.name(module, *given);
            }
        }
    }
}

/// The name that an expression is, or those that are values of a dict display, and of one in it.
fn names_in(module: &Module, expr: ExprId) -> Vec<ExprId> {
    match &module.expr(expr).kind {
        ExprKind::Name(..) => vec![expr],
        ExprKind::Dict(items) => {
            let values = items.iter().filter_map(|item| match item {
                DictItem::Pair(_, value) => Some(*value),
                DictItem::Spread(_) => None,
            });
            values.flat_map(|value| names_in(module, value)).collect()
        }
        _ => Vec::new(),
    }
}
