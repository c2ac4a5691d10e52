//! Functions, lambdas, classes and type aliases.

use super::super::ir::{Block, Class, ClassId, ExprId, ExprKind, Function, FunctionId, Param, ParamKind, Stmt, Target};
use super::annotation::type_parameter_name;
use super::scope::{ScopeId, ScopeKind};
use super::syntax::{Child, Field, Kind, children, field, named};
use super::{Lowerer, range};
use tree_sitter::Node;

/// A parameter before its scope exists: what is evaluated outside is lowered already.
struct Declared<'t> {
    name: Option<Node<'t>>,
    kind: ParamKind,
    default: Option<ExprId>,
    annotation: Option<ExprId>,
    /// Python 2's `(a, b)`.
    unpacked: Option<Node<'t>>,
}

impl Lowerer<'_> {
    pub(super) fn decorated(&mut self, node: Node<'_>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let decorators = parts.iter().filter(|c| c.kind == Kind::Decorator);
        let decorators: Vec<ExprId> = decorators.flat_map(|c| self.parts(c.node)).collect();
        match field(&parts, Field::Definition) {
            Some(class) if class.kind == Kind::ClassDefinition => self.class(class.node, decorators, out),
            Some(function) => self.function(function.node, decorators, out),
            None => out.push(Stmt::Unsupported(decorators)),
        }
    }

    pub(super) fn function(&mut self, node: Node<'_>, decorators: Vec<ExprId>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let Some(name) = field(&parts, Field::Name) else {
            out.push(Stmt::Unsupported(decorators));
            return;
        };
        let declared = field(&parts, Field::Parameters).map(|c| self.declared(c.node)).unwrap_or_default();
        let target = self.bind_identifier(name.node);
        let class = self.enclosing_class();
        let id = self.new_function(node, self.text_of(name.node), class);
        let generic = self.enter_type_parameters(&parts);
        let declared = self.annotated(declared);
        let returns = field(&parts, Field::ReturnType).map(|c| self.annotation(c.node));
        out.extend(std::mem::take(&mut self.annotations).into_iter().map(Stmt::Expr));
        let body = self.in_function(id, declared, |l| l.block_in(&parts, Field::Body));
        self.leave_type_parameters(generic);
        let function = self.function_mut(id);
        function.is_async = parts.first().is_some_and(|c| c.kind == Kind::AsyncToken);
        function.name_range = range(name.node);
        function.decorators = decorators;
        function.returns = returns;
        function.body.extend(body);
        out.push(Stmt::Def(id, target));
    }

    pub(super) fn lambda(&mut self, node: Node<'_>) -> ExprKind {
        let parts = children(node);
        let declared = field(&parts, Field::Parameters).map(|c| self.declared(c.node)).unwrap_or_default();
        let declared = self.annotated(declared);
        let class = self.enclosing_class();
        let id = self.new_function(node, "<lambda>", class);
        let body = self.in_function(id, declared, |l| {
            l.outside_annotation(|l| Block::from_iter([Stmt::Return(Some(l.expr_in(node, &parts, Field::Body)))]))
        });
        self.function_mut(id).body.extend(body);
        ExprKind::Lambda(id)
    }

    fn new_function(&mut self, node: Node<'_>, name: &str, class: Option<ClassId>) -> FunctionId {
        let id = FunctionId(u32::try_from(self.module.functions.len()).expect("fewer functions than bytes in a file"));
        let range = range(node);
        let qualname = self.qualified(name);
        self.module.functions.push(Function {
            name: name.into(),
            qualname,
            params: Vec::new(),
            decorators: Vec::new(),
            returns: None,
            body: Block::new(),
            slots: Vec::new(),
            captured: Vec::new(),
            parent: Some(self.scopes.function()),
            class,
            is_async: false,
            is_generator: false,
            range,
            name_range: range,
        });
        id
    }

    /// Runs `f` in a function's scope, its parameters bound.
    fn in_function(
        &mut self,
        id: FunctionId,
        declared: Vec<Declared<'_>>,
        f: impl FnOnce(&mut Self) -> Block,
    ) -> Block {
        let qualifier = format!("{}.<locals>.", self.module.function(id).qualname);
        let qualifier = std::mem::replace(&mut self.qualifier, qualifier);
        let outer = self.scopes.enter(ScopeKind::Function, id);
        self.bind_parameters(id, declared);
        let body = f(self);
        self.scopes.leave(outer);
        self.qualifier = qualifier;
        body
    }

    fn bind_parameters(&mut self, id: FunctionId, declared: Vec<Declared<'_>>) {
        let mut unpacked = Vec::new();
        for (index, parameter) in declared.into_iter().enumerate() {
            let name = match parameter.name {
                Some(name) => self.identifier(name),
                None => self.intern(&format!(".{index}")),
            };
            let slot = self.scopes.bind_parameter(name, &mut self.module.functions[id.0 as usize].slots);
            let Declared { kind, default, annotation, .. } = parameter;
            self.function_mut(id).params.push(Param { name, slot, kind, default, annotation });
            unpacked.extend(parameter.unpacked.map(|pattern| (pattern, name)));
        }
        for (pattern, name) in unpacked {
            let place = self.scopes.read(name);
            let value = self.add(ExprKind::Name(place, name), range(pattern));
            let target = self.target(pattern);
            self.function_mut(id).body.push(Stmt::Assign(vec![target], value));
        }
    }

    /// Reads a parameter list and lowers the defaults, in the scope around.
    fn declared<'t>(&mut self, list: Node<'t>) -> Vec<(Declared<'t>, Option<Node<'t>>)> {
        let mut out: Vec<(Declared<'t>, Option<Node<'t>>)> = Vec::new();
        let mut kind = ParamKind::Normal;
        for child in named(&children(list)) {
            match child.kind {
                Kind::PositionalSeparator => {
                    for (before, _) in &mut out {
                        before.kind = ParamKind::PositionalOnly;
                    }
                    continue;
                }
                Kind::KeywordSeparator => {
                    kind = ParamKind::KeywordOnly;
                    continue;
                }
                Kind::Error => {
                    self.parts(child.node);
                    continue;
                }
                _ => {}
            }
            let (declared, annotation) = self.parameter(child, kind);
            if declared.kind == ParamKind::Star {
                kind = ParamKind::KeywordOnly;
            }
            out.push((declared, annotation));
        }
        out
    }

    fn parameter<'t>(&mut self, child: Child<'t>, kind: ParamKind) -> (Declared<'t>, Option<Node<'t>>) {
        let parts = children(child.node);
        let default = field(&parts, Field::Value).map(|c| self.expr(c.node));
        let annotation = field(&parts, Field::Type).map(|c| c.node);
        let pattern = match child.kind {
            Kind::TypedParameter => named(&parts).next().unwrap_or(child),
            _ => field(&parts, Field::Name).unwrap_or(child),
        };
        let starred = || named(&children(pattern.node)).next().map(|c| c.node);
        let (name, kind, unpacked) = match pattern.kind {
            Kind::Identifier => (Some(pattern.node), kind, None),
            Kind::ListSplatPattern => (starred(), ParamKind::Star, None),
            Kind::DictionarySplatPattern => (starred(), ParamKind::DoubleStar, None),
            _ => (None, kind, Some(pattern.node)),
        };
        (Declared { name, kind, default, annotation: None, unpacked }, annotation)
    }

    /// Lowers the annotations of parameters, in the scope of the type parameters.
    fn annotated<'t>(&mut self, declared: Vec<(Declared<'t>, Option<Node<'t>>)>) -> Vec<Declared<'t>> {
        let annotate = |(mut parameter, annotation): (Declared<'t>, Option<Node<'t>>)| {
            parameter.annotation = annotation.map(|n| self.annotation(n));
            parameter
        };
        declared.into_iter().map(annotate).collect()
    }

    pub(super) fn class(&mut self, node: Node<'_>, decorators: Vec<ExprId>, out: &mut Block) {
        let parts = children(node);
        self.errors_in(&parts, out);
        let Some(name) = field(&parts, Field::Name) else {
            out.push(Stmt::Unsupported(decorators));
            return;
        };
        let target = self.bind_identifier(name.node);
        let text = self.text_of(name.node);
        let qualname = self.qualified(text);
        let parent = self.scopes.function();
        let generic = self.enter_type_parameters(&parts);
        let (bases, keywords) = field(&parts, Field::Superclasses).map(|c| self.bases(c.node)).unwrap_or_default();
        let id = ClassId(u32::try_from(self.module.classes.len()).expect("fewer classes than bytes in a file"));
        let qualifier = std::mem::replace(&mut self.qualifier, format!("{qualname}."));
        let outer_class = self.class_name.replace(text.into());
        let name = text.into();
        let (body, range) = (Block::new(), range(node));
        self.module.classes.push(Class { name, qualname, bases, keywords, decorators, body, parent, range });
        let outer = self.scopes.enter(ScopeKind::Class(id), parent);
        let body = self.block_in(&parts, Field::Body);
        self.scopes.leave(outer);
        self.module.classes[id.0 as usize].body = body;
        self.class_name = outer_class;
        self.qualifier = qualifier;
        self.leave_type_parameters(generic);
        out.push(Stmt::Class(id, target));
    }

    /// Opens the scope of a definition's `[T]`, if it has one. The parameters are locals of the function around.
    pub(super) fn enter_type_parameters(&mut self, parts: &[Child<'_>]) -> Option<ScopeId> {
        let list = parts.iter().find(|c| c.kind == Kind::TypeParameter)?;
        let outer = self.scopes.enter(ScopeKind::TypeParameters, self.scopes.function());
        for parameter in named(&children(list.node)) {
            if let Some(name) = type_parameter_name(parameter.node) {
                let _: Target = self.bind_identifier(name);
            }
        }
        Some(outer)
    }

    pub(super) fn leave_type_parameters(&mut self, outer: Option<ScopeId>) {
        if let Some(outer) = outer {
            self.scopes.leave(outer);
        }
    }

    fn enclosing_class(&self) -> Option<ClassId> {
        match self.scopes.definition_kind() {
            ScopeKind::Class(id) => Some(id),
            _ => None,
        }
    }

    /// `__qualname__`: plain where the scope declares the name `global`.
    pub(super) fn qualified(&mut self, name: &str) -> Box<str> {
        let interned = self.identifier_text(name);
        if self.scopes.is_declared_global(interned) { name.into() } else { format!("{}{name}", self.qualifier).into() }
    }
}
