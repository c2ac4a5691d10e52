//! `Names = namedtuple("Names", "orders audit")` as the class that it makes.

use super::super::ir::{Arg, Block, Class, ClassId, ExprId, ExprKind, Stmt, Target};
use super::Lowerer;
use super::scope::ScopeKind;

impl Lowerer<'_> {
    /// The class that is bound to a name, if the value is a call of `namedtuple` that spells the fields out.
    /// <https://docs.python.org/3/library/collections.html#collections.namedtuple>
    pub(super) fn named_tuple(&mut self, target: &Target, value: ExprId) -> Option<ClassId> {
        let range = self.module.expr(value).range;
        let (Target::Name(_, name), ExprKind::Call(callee, args)) = (target, &self.module.expr(value).kind) else {
            return None;
        };
        let (ExprKind::Name(_, called) | ExprKind::Attr(_, called)) = &self.module.expr(*callee).kind else {
            return None;
        };
        let (base, name) = (*callee, self.module.name(*name).to_owned());
        let [Arg::Positional(_), Arg::Positional(fields), rest @ ..] = args.as_slice() else { return None };
        if self.module.name(*called) != "namedtuple" {
            return None;
        }
        let defaults = rest.iter().find_map(|arg| match arg {
            Arg::Keyword(name, value) if self.module.name(*name) == "defaults" => Some(self.elements(*value)),
            _ => None,
        });
        let (fields, defaults) = (self.field_names(*fields)?, defaults.unwrap_or_default());
        let id = ClassId(u32::try_from(self.module.classes.len()).expect("fewer classes than bytes in a file"));
        let (qualname, parent) = (self.qualified(&name), self.scopes.function());
        self.module.classes.push(Class {
            name: name.into(),
            qualname,
            bases: vec![base],
            keywords: Vec::new(),
            decorators: Vec::new(),
            body: Block::new(),
            parent,
            range,
        });
        let outer = self.scopes.enter(ScopeKind::Class(id), parent);
        let required = fields.len().saturating_sub(defaults.len());
        let mut body = Block::new();
        for (index, field) in fields.iter().enumerate() {
            let name = self.intern(field);
            let target = Target::Name(self.bind(name), name);
            let annotation = self.add(ExprKind::Unsupported(Vec::new()), range);
            let value = index.checked_sub(required).and_then(|at| defaults.get(at)).copied();
            body.push(Stmt::Annotated { target, annotation, value });
        }
        self.scopes.leave(outer);
        self.module.classes[id.0 as usize].body = body;
        Some(id)
    }

    /// The names in `"orders, audit"` or `["orders", "audit"]`.
    fn field_names(&self, fields: ExprId) -> Option<Vec<String>> {
        if let ExprKind::Str(text) = &self.module.expr(fields).kind {
            return Some(text.replace(',', " ").split_whitespace().map(str::to_owned).collect());
        }
        let items = self.elements(fields);
        let names = items.iter().map(|item| match &self.module.expr(*item).kind {
            ExprKind::Str(text) => Some(text.to_string()),
            _ => None,
        });
        names.collect::<Option<Vec<String>>>().filter(|names| !names.is_empty())
    }

    /// The elements of a list or a tuple.
    fn elements(&self, list: ExprId) -> Vec<ExprId> {
        match &self.module.expr(list).kind {
            ExprKind::List(items) | ExprKind::Tuple(items) => items.clone(),
            _ => Vec::new(),
        }
    }
}
