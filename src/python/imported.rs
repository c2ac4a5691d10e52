//! What the names of a module stand for that imports bring: `join` is `os.path.join` only where nothing else binds it.

use super::bindings::Variable;
use super::ir::{Block, ExprId, ExprKind, FunctionId, Module, Place, Stmt, Target};
use rustc_hash::FxHashMap;

/// The imported names of a module.
pub(super) struct Imported<'m> {
    module: &'m Module,
    /// What each variable is bound to by imports; `None` where something else binds it, or several imports do.
    bound: FxHashMap<Variable, Option<String>>,
}

impl<'m> Imported<'m> {
    pub fn new(module: &'m Module) -> Self {
        let mut imported = Self { module, bound: FxHashMap::default() };
        for (id, function) in (0u32..).map(FunctionId).zip(&module.functions) {
            for param in &function.params {
                imported.bind(Some(Variable::Local(id, param.slot)), None);
            }
            imported.block(id, &function.body);
        }
        for (id, expr) in module.all_exprs() {
            if let ExprKind::Walrus(target, _) = &expr.kind {
                imported.target(module.function_id_around(id), target, None);
            }
        }
        imported
    }

    /// The dotted name of what an expression names: `os.path.join`; of a builtin `builtins.str`.
    pub fn dotted(&self, expr: ExprId) -> Option<String> {
        match self.module.expr(expr).kind {
            ExprKind::Attr(owner, name) => {
                let mut dotted = self.dotted(owner)?;
                dotted.push('.');
                dotted.push_str(self.module.name(name));
                Some(dotted)
            }
            ExprKind::Name(place, name) => match self.bound.get(&Variable::named(self.module, expr)?) {
                Some(origin) => origin.clone(),
                None if matches!(place, Place::Global(_)) => Some(format!("builtins.{}", self.module.name(name))),
                None => None,
            },
            _ => None,
        }
    }

    /// Whether an expression names this, and surely.
    pub fn is(&self, expr: ExprId, dotted: &str) -> bool {
        self.dotted(expr).is_some_and(|known| known == dotted)
    }

    fn block(&mut self, function: FunctionId, block: &Block) {
        for stmt in block {
            match stmt {
                Stmt::Import { module, target, aliased, .. } => {
                    let named = if *aliased { module } else { module.split('.').next().unwrap_or(module) };
                    self.target(function, target, Some(named));
                }
                Stmt::ImportFrom { level: 0, module, names, .. } => {
                    for (name, target) in names {
                        self.target(function, target, Some(&format!("{module}.{name}")));
                    }
                }
                _ => stmt.targets().into_iter().for_each(|target| self.target(function, target, None)),
            }
            stmt.blocks().into_iter().for_each(|block| self.block(function, block));
        }
    }

    fn target(&mut self, function: FunctionId, target: &Target, origin: Option<&str>) {
        for leaf in target.leaves() {
            if let Target::Name(place, _) = leaf {
                self.bind(Variable::of(*place, function), origin);
            }
        }
    }

    fn bind(&mut self, variable: Option<Variable>, origin: Option<&str>) {
        if let Some(variable) = variable {
            let known = self.bound.entry(variable).or_insert_with(|| origin.map(str::to_owned));
            if known.as_deref() != origin {
                *known = None;
            }
        }
    }
}
