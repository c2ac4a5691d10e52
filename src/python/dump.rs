//! A module as compact text, for tests. Names show their place: `x` global, `x@0` local, `x@f.0` of the function
//! `f` around, `x@class` of the class body.

use super::ir::{
    Arg, Block, Class, ClassId, Clause, Comprehension, DictItem, ExprId, ExprKind, FPart, Function, FunctionId, Module,
    NameId, ParamKind, Pattern, Place, Stmt, Target, UnaryOp,
};
use std::fmt::Write as _;

/// The whole module, nested definitions where they stand.
pub(super) fn dump(module: &Module) -> String {
    let mut dumper = Dumper { module, out: String::new(), indent: 0 };
    let top = module.function(Module::TOP);
    dumper.slots(top);
    dumper.block(&top.body);
    dumper.out
}

struct Dumper<'a> {
    module: &'a Module,
    out: String,
    indent: usize,
}

impl Dumper<'_> {
    fn line(&mut self, text: &str) {
        writeln!(self.out, "{:width$}{text}", "", width = self.indent * 2).expect("writing to a string");
    }

    fn nested(&mut self, head: &str, block: &Block) {
        self.line(head);
        self.indent += 1;
        self.block(block);
        self.indent -= 1;
    }

    fn optional(&mut self, head: &str, block: &Block) {
        if !block.is_empty() {
            self.nested(head, block);
        }
    }

    fn block(&mut self, block: &Block) {
        for statement in block {
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &Stmt) {
        match statement {
            Stmt::If { test, then, otherwise } => {
                self.nested(&format!("if {}", self.expr(*test)), then);
                self.optional("else", otherwise);
            }
            Stmt::While { test, body, otherwise } => {
                self.nested(&format!("while {}", self.expr(*test)), body);
                self.optional("else", otherwise);
            }
            Stmt::For { is_async, target, iter, body, otherwise } => {
                let kind = if *is_async { "async for" } else { "for" };
                self.nested(&format!("{kind} {} in {}", self.target(target), self.expr(*iter)), body);
                self.optional("else", otherwise);
            }
            Stmt::Try { body, handlers, otherwise, finally } => {
                self.nested("try", body);
                for handler in handlers {
                    let types = handler.types.map(|t| format!(" {}", self.expr(t))).unwrap_or_default();
                    let target = handler.target.as_ref().map(|t| format!(" as {}", self.target(t))).unwrap_or_default();
                    self.nested(&format!("except{types}{target}"), &handler.body);
                }
                self.optional("else", otherwise);
                self.optional("finally", finally);
            }
            Stmt::With { is_async, items, body } => {
                let item = |(value, target): &(ExprId, Option<Target>)| match target {
                    Some(target) => format!("{} as {}", self.expr(*value), self.target(target)),
                    None => self.expr(*value),
                };
                let items: Vec<String> = items.iter().map(item).collect();
                let kind = if *is_async { "async with" } else { "with" };
                self.nested(&format!("{kind} {}", items.join(", ")), body);
            }
            Stmt::Match { subject, cases } => {
                self.line(&format!("match {}", self.expr(*subject)));
                for case in cases {
                    let guard = case.guard.map(|g| format!(" if {}", self.expr(g))).unwrap_or_default();
                    self.nested(&format!("case {}{guard}", self.pattern(&case.pattern)), &case.body);
                }
            }
            Stmt::Def(id, target) => self.function(*id, target),
            Stmt::Class(id, target) => self.class(*id, target),
            simple => {
                let text = self.simple(simple);
                self.line(&text);
            }
        }
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        let list = |parts: &[Pattern]| parts.iter().map(|p| self.pattern(p)).collect::<Vec<_>>();
        match pattern {
            Pattern::Wildcard => "_".to_owned(),
            Pattern::Value(value) => self.expr(*value),
            Pattern::Capture(target) => self.target(target),
            Pattern::As(inner, target) => format!("({} as {})", self.pattern(inner), self.target(target)),
            Pattern::Or(parts) => list(parts).join(" | "),
            Pattern::Sequence(parts) => format!("[{}]", list(parts).join(", ")),
            Pattern::Star(rest) => format!("*{}", rest.as_ref().map_or("_".to_owned(), |t| self.target(t))),
            Pattern::Mapping { entries, rest } => {
                let entry = |(key, p): &(ExprId, Pattern)| format!("{}: {}", self.expr(*key), self.pattern(p));
                let rest = rest.as_ref().map(|t| format!("**{}", self.target(t)));
                format!("{{{}}}", entries.iter().map(entry).chain(rest).collect::<Vec<_>>().join(", "))
            }
            Pattern::Class { class, positional, keywords } => {
                let keyword =
                    |(name, p): &(NameId, Pattern)| format!("{}={}", self.module.name(*name), self.pattern(p));
                let parts: Vec<_> = list(positional).into_iter().chain(keywords.iter().map(keyword)).collect();
                format!("{}({})", self.expr(*class), parts.join(", "))
            }
        }
    }

    fn simple(&self, statement: &Stmt) -> String {
        let optional = |e: &Option<ExprId>| e.map(|e| format!(" {}", self.expr(e))).unwrap_or_default();
        match statement {
            Stmt::Expr(e) => self.expr(*e),
            Stmt::Assign(targets, value) => {
                let targets: Vec<String> = targets.iter().map(|t| self.target(t)).collect();
                format!("{} = {}", targets.join(" = "), self.expr(*value))
            }
            Stmt::Annotated { target, annotation, value } => {
                let value = value.map(|v| format!(" = {}", self.expr(v))).unwrap_or_default();
                format!("{}: {}{value}", self.target(target), self.expr(*annotation))
            }
            Stmt::Augmented { target, op, value, .. } => {
                format!("{} {op:?}= {}", self.target(target), self.expr(*value))
            }
            Stmt::Return(value) => format!("return{}", optional(value)),
            Stmt::Raise(value, cause) => {
                let cause = cause.map(|cause| format!(" from {}", self.expr(cause))).unwrap_or_default();
                format!("raise{}{cause}", optional(value))
            }
            Stmt::Assert(test, message) => {
                let message = message.map(|message| format!(", {}", self.expr(message))).unwrap_or_default();
                format!("assert {}{message}", self.expr(*test))
            }
            Stmt::Delete(targets) => format!("del {}", self.targets(targets)),
            Stmt::Import { module, target, aliased, .. } => {
                format!("import {module} {} {}", if *aliased { "as" } else { "binds" }, self.target(target))
            }
            Stmt::ImportFrom { level, module, names, star, .. } => {
                let names: Vec<String> = names.iter().map(|(n, t)| format!("{n} as {}", self.target(t))).collect();
                let names = if *star { "*".to_owned() } else { names.join(", ") };
                format!("from {level} {module:?} import {names}")
            }
            Stmt::Unsupported(parts) => format!("unsupported [{}]", self.exprs(parts)),
            other => format!("{other:?}").to_lowercase(),
        }
    }

    fn slots(&mut self, function: &Function) {
        let names = |slots: &mut dyn Iterator<Item = NameId>| {
            slots.map(|n| self.module.name(n).to_owned()).collect::<Vec<_>>().join(" ")
        };
        let slots = names(&mut function.slots.iter().copied());
        let captured = names(&mut function.captured.iter().map(|s| function.slots[s.0 as usize]));
        if !slots.is_empty() {
            self.line(&format!("| slots {slots}"));
        }
        if !captured.is_empty() {
            self.line(&format!("| captured {captured}"));
        }
    }

    fn decorators(&mut self, decorators: &[ExprId]) {
        for decorator in decorators {
            self.line(&format!("@{}", self.expr(*decorator)));
        }
    }

    fn function(&mut self, id: FunctionId, target: &Target) {
        let function = self.module.function(id);
        self.decorators(&function.decorators);
        let flags = [(function.is_async, "async "), (function.is_generator, "generator ")];
        let flags: String = flags.iter().filter(|f| f.0).map(|f| f.1).collect();
        let returns = function.returns.map(|r| format!(" -> {}", self.expr(r))).unwrap_or_default();
        let head =
            format!("{flags}def {} {} ({}){returns}", self.target(target), function.qualname, self.params(function));
        self.line(&head);
        self.indent += 1;
        self.slots(function);
        self.block(&function.body);
        self.indent -= 1;
    }

    fn params(&self, function: &Function) -> String {
        let param = |p: &super::ir::Param| {
            let mark = match p.kind {
                ParamKind::PositionalOnly => "/",
                ParamKind::Normal => "",
                ParamKind::KeywordOnly => "!",
                ParamKind::Star => "*",
                ParamKind::DoubleStar => "**",
            };
            let annotation = p.annotation.map(|a| format!(": {}", self.expr(a))).unwrap_or_default();
            let default = p.default.map(|d| format!(" = {}", self.expr(d))).unwrap_or_default();
            format!("{mark}{}{annotation}{default}", self.module.name(p.name))
        };
        function.params.iter().map(param).collect::<Vec<_>>().join(", ")
    }

    fn class(&mut self, id: ClassId, target: &Target) {
        let Class { qualname, bases, keywords, decorators, body, .. } = self.module.class(id);
        self.decorators(decorators);
        let keywords = keywords.iter().map(|(n, e)| format!("{}={}", self.module.name(*n), self.expr(*e)));
        let arguments: Vec<String> = bases.iter().map(|b| self.expr(*b)).chain(keywords).collect();
        self.nested(&format!("class {} {qualname} ({})", self.target(target), arguments.join(", ")), body);
    }

    fn targets(&self, targets: &[Target]) -> String {
        targets.iter().map(|t| self.target(t)).collect::<Vec<_>>().join(", ")
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Name(place, name) => self.place(*place, *name),
            Target::Attr(object, name) => format!("{}.{}", self.expr(*object), self.module.name(*name)),
            Target::Subscript(object, index) => format!("{}[{}]", self.expr(*object), self.expr(*index)),
            Target::Tuple(targets) => format!("({})", self.targets(targets)),
            Target::Starred(target) => format!("*{}", self.target(target)),
        }
    }

    fn place(&self, place: Place, name: NameId) -> String {
        let name = self.module.name(name);
        match place {
            Place::Local(slot) => format!("{name}@{}", slot.0),
            Place::Enclosing(function, slot) => {
                format!("{name}@{}.{}", self.module.function(function).qualname, slot.0)
            }
            Place::Global(_) => name.to_owned(),
            Place::Class(_) => format!("{name}@class"),
        }
    }

    fn exprs(&self, ids: &[ExprId]) -> String {
        ids.iter().map(|e| self.expr(*e)).collect::<Vec<_>>().join(", ")
    }

    fn expr(&self, id: ExprId) -> String {
        let of = |e: &ExprId| self.expr(*e);
        let optional = |e: &Option<ExprId>| e.as_ref().map(of).unwrap_or_default();
        match &self.module.expr(id).kind {
            ExprKind::None => "None".to_owned(),
            ExprKind::Bool(value) => if *value { "True" } else { "False" }.to_owned(),
            ExprKind::Int(value) => value.to_string(),
            ExprKind::Number | ExprKind::Float => "<number>".to_owned(),
            ExprKind::Str(text) => format!("{text:?}"),
            ExprKind::Bytes => "<bytes>".to_owned(),
            ExprKind::Ellipsis => "...".to_owned(),
            ExprKind::FString(parts) => self.format_string(parts),
            ExprKind::Name(place, name) => self.place(*place, *name),
            ExprKind::Tuple(items) => format!("({},)", self.exprs(items)),
            ExprKind::List(items) => format!("[{}]", self.exprs(items)),
            ExprKind::Set(items) => format!("{{{}}}", self.exprs(items)),
            ExprKind::Dict(items) => self.dict(items),
            ExprKind::Attr(object, name) => format!("{}.{}", of(object), self.module.name(*name)),
            ExprKind::Subscript(object, index) => format!("{}[{}]", of(object), of(index)),
            ExprKind::Slice(from, to, step) => format!("{}:{}:{}", optional(from), optional(to), optional(step)),
            ExprKind::Call(function, args) => format!("{}({})", of(function), self.args(args)),
            ExprKind::Binary(op, left, right) => format!("({} {op:?} {})", of(left), of(right)),
            ExprKind::Unary(op, operand) => {
                let sign = match op {
                    UnaryOp::Minus => '-',
                    UnaryOp::Plus => '+',
                    UnaryOp::Invert => '~',
                };
                format!("({sign}{})", of(operand))
            }
            ExprKind::Not(operand) => format!("(not {})", of(operand)),
            ExprKind::And(left, right) => format!("({} and {})", of(left), of(right)),
            ExprKind::Or(left, right) => format!("({} or {})", of(left), of(right)),
            ExprKind::Compare(first, rest) => {
                let rest: Vec<String> = rest.iter().map(|(op, e)| format!("{op:?} {}", of(e))).collect();
                format!("({} {})", of(first), rest.join(" "))
            }
            ExprKind::If { test, then, otherwise } => {
                format!("({} if {} else {})", of(then), of(test), of(otherwise))
            }
            ExprKind::Lambda(id) => self.lambda(self.module.function(*id)),
            ExprKind::Comprehension(comprehension) => self.comprehension(comprehension),
            ExprKind::Walrus(target, value) => format!("({} := {})", self.target(target), of(value)),
            ExprKind::Await(operand) => format!("(await {})", of(operand)),
            ExprKind::Yield(value) => format!("(yield {})", optional(value)),
            ExprKind::YieldFrom(value) => format!("(yield from {})", of(value)),
            ExprKind::Starred(value) => format!("*{}", of(value)),
            ExprKind::Unsupported(parts) => format!("<unsupported {}>", self.exprs(parts)),
        }
    }

    fn format_string(&self, parts: &[FPart]) -> String {
        let part = |p: &FPart| match p {
            FPart::Text(text) => format!("{text:?}"),
            FPart::Expr(e) => format!("{{{}}}", self.expr(*e)),
            FPart::Format(e) => format!("{{:{}}}", self.expr(*e)),
        };
        format!("f<{}>", parts.iter().map(part).collect::<Vec<_>>().join(" "))
    }

    fn dict(&self, items: &[DictItem]) -> String {
        let item = |i: &DictItem| match i {
            DictItem::Pair(key, value) => format!("{}: {}", self.expr(*key), self.expr(*value)),
            DictItem::Spread(mapping) => format!("**{}", self.expr(*mapping)),
        };
        format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(", "))
    }

    fn args(&self, args: &[Arg]) -> String {
        let arg = |a: &Arg| match a {
            Arg::Positional(e) => self.expr(*e),
            Arg::Keyword(name, e) => format!("{}={}", self.module.name(*name), self.expr(*e)),
            Arg::Star(e) => format!("*{}", self.expr(*e)),
            Arg::DoubleStar(e) => format!("**{}", self.expr(*e)),
        };
        args.iter().map(arg).collect::<Vec<_>>().join(", ")
    }

    fn lambda(&self, function: &Function) -> String {
        let body: Vec<String> = function.body.iter().map(|s| self.simple(s)).collect();
        format!("(lambda {} ({}): {})", function.qualname, self.params(function), body.join("; "))
    }

    fn comprehension(&self, Comprehension { kind, element, value, clauses }: &Comprehension) -> String {
        let clause = |c: &Clause| match c {
            Clause::For(target, iterable) => format!(" for {} in {}", self.target(target), self.expr(*iterable)),
            Clause::If(test) => format!(" if {}", self.expr(*test)),
        };
        let value = value.map(|v| format!(": {}", self.expr(v))).unwrap_or_default();
        let clauses: String = clauses.iter().map(clause).collect();
        format!("<{kind:?} {}{value}{clauses}>", self.expr(*element))
    }
}
