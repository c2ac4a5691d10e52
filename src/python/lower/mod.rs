//! tree-sitter's syntax tree to the IR.
//!
//! One walk over the tree builds the IR with provisional places for names ([`scope`]); one pass over the IR settles
//! them ([`settle`]). Nesting is bounded by [`MAX_DEPTH`], so that neither this walk nor anybody's walk over the IR
//! can exhaust the stack: what lies deeper is flattened or left out as `Unsupported`.

mod annotation;
mod collection;
mod compound;
mod definition;
mod expression;
mod import;
mod literal;
mod named_tuple;
mod parse;
mod pattern;
mod scope;
mod settle;
mod soft_keyword;
mod statement;
mod string;
mod syntax;
mod target;
#[cfg(test)]
mod tests;

pub(super) use parse::Unparsable;

use super::ir::{Block, Expr, ExprId, ExprKind, Function, FunctionId, Module, NameId, Range};
use crate::source::FileId;
use rustc_hash::FxHashMap;
use scope::Scopes;
use std::sync::OnceLock;
use tree_sitter::{Node, Tree};

/// How deep statements and expressions may nest. Python itself refuses 100 levels of indentation and
/// 200 of brackets.
const MAX_DEPTH: u32 = 200;
/// Further levels granted to the operands of an expression that is too deep and was flattened.
const FLATTENED_DEPTH: u32 = 50;

/// A lowered file.
#[derive(Debug)]
pub(super) struct Lowered {
    /// Its IR.
    pub(super) module: Module,
    /// Its first syntax error.
    pub(super) first_error: Option<Range>,
}

/// Parses and lowers a file's text.
pub(super) fn lower(file: FileId, text: &str) -> Result<Lowered, Unparsable> {
    Ok(of_tree(file, text, &parse::parse(text)?))
}

/// Parses and lowers the program that these lines of a file are, or ends of lines.
pub(super) fn lower_lines(file: FileId, text: &str, lines: &[std::ops::Range<usize>]) -> Result<Lowered, Unparsable> {
    Ok(of_tree(file, text, &parse::parse_lines(text, lines)?))
}

fn of_tree(file: FileId, text: &str, tree: &Tree) -> Lowered {
    let root = tree.root_node();
    let mut lowerer = Lowerer::new(file, text);
    let body = lowerer.block(root);
    lowerer.module.functions[0].body = body;
    settle::settle(&mut lowerer.module, &lowerer.scopes);
    Lowered { module: lowerer.module, first_error: parse::first_error(root) }
}

/// The state of one file's lowering.
struct Lowerer<'a> {
    text: &'a str,
    module: Module,
    interned: FxHashMap<Box<str>, NameId>,
    scopes: Scopes,
    /// `__qualname__` of the definition around, with the separator that a nested name needs.
    qualifier: String,
    /// The innermost class, for private names.
    class_name: Option<Box<str>>,
    /// Inside an annotation, where strings hold expressions.
    in_annotation: bool,
    depth: u32,
    depth_limit: u32,
    annotation_parser: Option<tree_sitter::Parser>,
    /// Annotations of the definition at hand that call something: what Python does where it evaluates them.
    annotations: Vec<ExprId>,
    /// `from __future__ import annotations`: it doesn't.
    defers_annotations: bool,
    /// Where a star stands that the expression around was given: see [`Lowerer::misread_star`].
    star: Option<usize>,
}

impl<'a> Lowerer<'a> {
    fn new(file: FileId, text: &'a str) -> Self {
        let range = Range { start: 0, end: offset(text.len()) };
        let top = Function {
            name: "<module>".into(),
            qualname: "<module>".into(),
            params: Vec::new(),
            decorators: Vec::new(),
            returns: None,
            body: Block::new(),
            slots: Vec::new(),
            captured: Vec::new(),
            parent: None,
            class: None,
            is_async: false,
            is_generator: false,
            range,
            name_range: Range { start: 0, end: 0 },
        };
        Self {
            text,
            module: Module {
                file,
                names: Vec::new(),
                exprs: Vec::new(),
                functions: vec![top],
                classes: Vec::new(),
                order: OnceLock::new(),
            },
            interned: FxHashMap::default(),
            scopes: Scopes::new(Module::TOP),
            qualifier: String::new(),
            class_name: None,
            in_annotation: false,
            depth: 0,
            depth_limit: MAX_DEPTH,
            annotation_parser: None,
            annotations: Vec::new(),
            defers_annotations: false,
            star: None,
        }
    }

    /// The source text under a node.
    fn text_of(&self, node: Node<'_>) -> &'a str {
        self.text.get(node.byte_range()).unwrap_or("")
    }

    fn add(&mut self, kind: ExprKind, range: Range) -> ExprId {
        let id = ExprId(u32::try_from(self.module.exprs.len()).expect("fewer expressions than bytes in a file"));
        self.module.exprs.push(Expr { kind, range });
        id
    }

    fn intern(&mut self, text: &str) -> NameId {
        if let Some(id) = self.interned.get(text) {
            return *id;
        }
        let id = NameId(u32::try_from(self.module.names.len()).expect("fewer names than bytes in a file"));
        self.module.names.push(text.into());
        self.interned.insert(text.into(), id);
        id
    }

    /// An identifier, private names (`__x` in a class) mangled as Python does.
    fn identifier(&mut self, node: Node<'_>) -> NameId {
        self.identifier_text(self.text_of(node))
    }

    fn identifier_text(&mut self, text: &str) -> NameId {
        let class = self.class_name.as_deref().map(|c| c.trim_start_matches('_')).unwrap_or_default();
        if class.is_empty() || !text.starts_with("__") || text.ends_with("__") {
            return self.intern(text);
        }
        let mangled = format!("_{class}{text}");
        self.intern(&mangled)
    }

    fn function_mut(&mut self, id: FunctionId) -> &mut Function {
        &mut self.module.functions[id.0 as usize]
    }

    /// Runs `f` one level deeper; `None` where that would be too deep.
    fn deeper<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if self.depth >= self.depth_limit {
            return None;
        }
        self.depth += 1;
        let out = f(self);
        self.depth -= 1;
        Some(out)
    }
}

/// A node's byte range.
fn range(node: Node<'_>) -> Range {
    Range { start: offset(node.start_byte()), end: offset(node.end_byte()) }
}

/// Files are capped far below 4 GiB.
fn offset(byte: usize) -> u32 {
    u32::try_from(byte).unwrap_or(u32::MAX)
}
