//! Objects in text that is JSON or nearly: mapping templates, resolvers' JavaScript, definitions with holes.
//!
//! Nothing is evaluated. Every pair of braces is read as an object as far as it looks like one; what is computed is
//! opaque, and an object into which something is spread is open.

use super::scan::{Kind, Syntax, Token, scan};
use super::text::{Text, stands_for_part};
use super::tree::{MAX_NODES, Map, Member, Node, Tree};
use crate::dynamodb::symbolic::Symbolic;
use crate::source::Span;
use std::collections::BTreeMap;
use std::ops::Range;

/// Levels of brackets that are followed.
const MAX_DEPTH: u32 = 100;

/// What was found in a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The outermost objects, in order, those inside of calls and expressions included.
    pub objects: Vec<Node>,
    /// Calls of JavaScript functions by name, each with the first object among its arguments.
    pub calls: Vec<(String, Option<Node>, Span)>,
    /// What JavaScript imports: local name to `module#name`.
    pub imports: BTreeMap<String, String>,
    /// Whether all of it was read.
    pub complete: bool,
}

/// Reads the objects of a text.
pub(super) fn objects(text: &Text, syntax: Syntax) -> Found {
    let tokens = scan(&text.flat, syntax);
    let imports = if syntax == Syntax::JavaScript { imports(&tokens) } else { BTreeMap::new() };
    let mut parser = Parser {
        text,
        syntax,
        constants: if syntax == Syntax::JavaScript { constants(&tokens) } else { BTreeMap::new() },
        tokens,
        at: 0,
        nodes: 0,
        strays: Vec::new(),
        calls: Vec::new(),
        complete: true,
    };
    while parser.at < parser.tokens.len() {
        parser.anything(MAX_DEPTH);
    }
    Found { objects: parser.strays, calls: parser.calls, imports, complete: parser.complete }
}

/// `const INDEX = "by-user"`: names that stand for one string in the whole text.
fn constants(tokens: &[Token]) -> BTreeMap<String, Option<String>> {
    let mut out: BTreeMap<String, Option<String>> = BTreeMap::new();
    for window in tokens.windows(5) {
        let [keyword, name, equals, value, after] = window else { continue };
        let (Kind::Word(keyword), Kind::Word(name)) = (&keyword.kind, &name.kind) else { continue };
        if !matches!(keyword.as_str(), "const" | "let" | "var") {
            continue;
        }
        let known = match (&equals.kind, &value.kind, &after.kind) {
            (Kind::Symbol('='), Kind::Str(text), Kind::Symbol(';') | Kind::Word(_))
                if keyword == "const" && !text.contains("${") =>
            {
                Some(text.clone())
            }
            _ => None,
        };
        out.entry(name.clone()).and_modify(|old| *old = None).or_insert(known);
    }
    out
}

/// `import * as ddb from "m"`, `import { query as q } from "m"`.
fn imports(tokens: &[Token]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let mut names: Option<Vec<(String, String)>> = None;
    for (at, token) in tokens.iter().enumerate() {
        let previous = |n: usize| at.checked_sub(n).and_then(|i| tokens.get(i)).map(|token| &token.kind);
        let is_word = |n: usize, word: &str| matches!(previous(n), Some(Kind::Word(text)) if text == word);
        match (&token.kind, &mut names) {
            (Kind::Word(word), names) if word == "import" => *names = Some(Vec::new()),
            (Kind::Word(word), Some(_)) if word == "from" || word == "as" => {}
            (Kind::Word(local), Some(names)) if is_word(1, "as") => match previous(2) {
                Some(Kind::Symbol('*')) => names.push((local.clone(), "*".to_owned())),
                _ => {
                    if let Some((known, _)) = names.last_mut() {
                        known.clone_from(local);
                    }
                }
            },
            (Kind::Word(name), Some(names)) => names.push((name.clone(), name.clone())),
            (Kind::Str(module), Some(_)) => {
                let found = names.take().unwrap_or_default();
                out.extend(found.into_iter().map(|(local, name)| (local, format!("{module}#{name}"))));
            }
            (Kind::Symbol('{' | '}' | ',' | '*'), Some(_)) => {}
            (_, names) => *names = None,
        }
    }
    out
}

struct Parser<'t, 's> {
    text: &'t Text<'s>,
    syntax: Syntax,
    constants: BTreeMap<String, Option<String>>,
    tokens: Vec<Token>,
    at: usize,
    nodes: usize,
    /// Objects that are no member's value.
    strays: Vec<Node>,
    calls: Vec<(String, Option<Node>, Span)>,
    complete: bool,
}

impl Parser<'_, '_> {
    fn peek(&self, ahead: usize) -> Option<&Kind> {
        self.tokens.get(self.at + ahead).map(|token| &token.kind)
    }

    fn is_symbol(&self, ahead: usize, symbol: char) -> bool {
        self.peek(ahead) == Some(&Kind::Symbol(symbol))
    }

    fn node(&mut self, tree: Tree, range: Range<usize>) -> Node {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            self.complete = false;
            return Node::new(Tree::Opaque, self.text.place(0, 0));
        }
        Node::new(tree, self.text.place(range.start, range.end))
    }

    /// One token, or everything between a pair of brackets; objects are kept as strays.
    fn anything(&mut self, depth: u32) {
        match self.peek(0) {
            Some(Kind::Symbol('{')) => {
                let object = self.object(depth);
                self.strays.push(object);
            }
            Some(Kind::Symbol('(' | '[')) => {
                self.list(depth);
            }
            Some(Kind::Word(name)) if self.is_symbol(1, '(') && self.syntax == Syntax::JavaScript => {
                let (name, range) = (name.clone(), self.tokens[self.at].range.clone());
                self.at += 1;
                let arguments = self.list(depth);
                let object = arguments.into_iter().find(|node| matches!(node.tree, Tree::Map(_)));
                self.calls.push((name, object, self.text.place(range.start, range.end)));
            }
            Some(_) => self.at += 1,
            None => {}
        }
    }

    /// `(…)` or `[…]`, at the opening bracket: its items.
    fn list(&mut self, depth: u32) -> Vec<Node> {
        let mut items = Vec::new();
        self.at += 1;
        let Some(depth) = self.deeper(depth) else { return items };
        while let Some(kind) = self.peek(0) {
            match kind {
                Kind::Symbol(')' | ']') => {
                    self.at += 1;
                    break;
                }
                Kind::Symbol('}') => break,
                Kind::Symbol(',' | ';' | ':') | Kind::Directive(_) => self.at += 1,
                _ => {
                    let item = self.value(depth);
                    items.push(item);
                }
            }
        }
        items
    }

    /// At the limit nothing more is read.
    fn deeper(&mut self, depth: u32) -> Option<u32> {
        let deeper = depth.checked_sub(1);
        if deeper.is_none() {
            self.complete = false;
            self.at = self.tokens.len();
        }
        deeper
    }

    /// `{…}`, at the opening brace: an object, or a block of statements, which has no members.
    fn object(&mut self, depth: u32) -> Node {
        let start = self.tokens[self.at].range.clone();
        let mut map = Map::default();
        self.at += 1;
        let Some(depth) = self.deeper(depth) else { return self.node(Tree::Opaque, start) };
        let mut conditions = 0_u32;
        let mut expects_member = true;
        while let Some(kind) = self.peek(0).cloned() {
            match kind {
                Kind::Symbol('}') => {
                    self.at += 1;
                    break;
                }
                Kind::Symbol(')' | ']') => self.at += 1,
                Kind::Symbol(',') => {
                    expects_member = true;
                    self.at += 1;
                }
                Kind::Directive(name) => {
                    match name.as_str() {
                        "if" | "foreach" => conditions += 1,
                        "end" => conditions = conditions.saturating_sub(1),
                        _ => {}
                    }
                    expects_member = true;
                    self.at += 1;
                    if self.is_symbol(0, '(') {
                        self.list(depth);
                    }
                }
                Kind::Str(key) | Kind::Word(key) if expects_member && self.is_symbol(1, ':') => {
                    expects_member = false;
                    self.at += 2;
                    let value = self.value(depth);
                    let name = self.text.symbolic(&key);
                    let conditional = conditions > 0;
                    map.members.push(Member { key: name.to_string(), name, value, conditional });
                }
                Kind::Word(name) if expects_member && (self.is_symbol(1, ',') || self.is_symbol(1, '}')) => {
                    let range = self.tokens[self.at].range.clone();
                    self.at += 1;
                    if self.syntax == Syntax::JavaScript {
                        let tree = self.named(&name);
                        let value = self.node(tree, range);
                        let symbolic = Symbolic::text(&name);
                        map.members.push(Member { key: name, name: symbolic, value, conditional: false });
                    } else {
                        map.open = true;
                    }
                }
                Kind::Spread => {
                    map.open = true;
                    expects_member = false;
                    self.at += 1;
                }
                Kind::Symbol('[') if expects_member && self.syntax == Syntax::JavaScript => {
                    map.open = true;
                    expects_member = false;
                    self.list(depth);
                }
                kind => {
                    // A reference among an object's members may bring members along.
                    map.open |= expects_member && matches!(kind, Kind::Word(_)) && self.syntax != Syntax::JavaScript;
                    expects_member = false;
                    self.anything(depth);
                }
            }
        }
        self.node(Tree::Map(map), start)
    }

    /// The value of a member or item, up to what ends it.
    fn value(&mut self, depth: u32) -> Node {
        let Some(token) = self.tokens.get(self.at).cloned() else { return self.node(Tree::Opaque, 0..0) };
        let range = token.range.clone();
        let strays = self.strays.len();
        if self.ends() && !matches!(&token.kind, Kind::Directive(name) if name == "if") {
            return self.node(Tree::Opaque, range);
        }
        let value = match token.kind {
            Kind::Symbol('{') => self.object(depth),
            Kind::Symbol('[') => {
                let items = self.list(depth);
                self.node(Tree::List(items), range.clone())
            }
            Kind::Str(text) => {
                self.at += 1;
                let tree = self.string(&text, &range);
                self.node(tree, range.clone())
            }
            Kind::Directive(name) if name == "if" => return self.branches(depth, range),
            Kind::Word(word) if !self.is_symbol(1, '(') => {
                self.at += 1;
                let tree = self.named(&word);
                self.node(tree, range.clone())
            }
            _ => {
                self.anything(depth);
                self.node(Tree::Opaque, range.clone())
            }
        };
        if self.ends() {
            return value;
        }
        // More follows: an operator, a call. What it comes to isn't known, but objects in it may be looked at.
        if matches!(value.tree, Tree::Map(_)) {
            self.strays.insert(strays, value);
        }
        while !self.ends() {
            self.anything(depth);
        }
        self.node(Tree::Opaque, range)
    }

    /// Whether a value ends here.
    fn ends(&self) -> bool {
        match self.peek(0) {
            None => true,
            Some(Kind::Symbol(c)) => matches!(c, ',' | '}' | ']' | ')' | ';'),
            Some(Kind::Directive(_)) => true,
            // A statement may end without a semicolon; in JSON nothing else can follow.
            Some(_) => false,
        }
    }

    /// `#if(…) "a" #else "b" #end`
    fn branches(&mut self, depth: u32, range: Range<usize>) -> Node {
        let mut open = 0_u32;
        let mut values = Vec::new();
        while let Some(kind) = self.peek(0) {
            match kind {
                Kind::Directive(name) => {
                    match name.as_str() {
                        "if" | "foreach" => open += 1,
                        "end" => open = open.saturating_sub(1),
                        _ => {}
                    }
                    self.at += 1;
                    if self.is_symbol(0, '(') {
                        self.list(depth);
                    }
                }
                _ if open == 0 || matches!(kind, Kind::Symbol('}')) => break,
                Kind::Symbol(',' | ';' | ']' | ')') => self.at += 1,
                _ => {
                    let value = self.value(depth);
                    values.push(value);
                }
            }
        }
        self.node(Tree::Either(values), range)
    }

    /// A string's text; references in a mapping template's strings are holes.
    fn string(&self, text: &str, range: &Range<usize>) -> Tree {
        let marker = match self.syntax {
            Syntax::Json => None,
            Syntax::Velocity => text
                .find('$')
                .filter(|at| text[at + 1..].starts_with(|c: char| c.is_alphabetic() || matches!(c, '{' | '!'))),
            Syntax::JavaScript => text.find("${").filter(|_| self.text.flat[range.start..].starts_with('`')),
        };
        let mut symbolic = self.text.symbolic(marker.map_or(text, |at| &text[..at]));
        if let Some(at) = marker {
            symbolic.extend(&Symbolic::hole(&text[at..]));
        }
        Tree::Text(symbolic)
    }

    /// A word as a value: a constant, a number, an unknown part of the text.
    fn named(&self, word: &str) -> Tree {
        if let Some(known) = self.constants.get(word) {
            return known.as_ref().map_or(Tree::Opaque, |text| Tree::Text(Symbolic::text(text)));
        }
        if word.chars().all(stands_for_part) || word.starts_with(|c: char| c.is_ascii_digit()) {
            return Tree::Text(self.text.symbolic(word));
        }
        match word {
            "true" | "false" => Tree::Text(Symbolic::text(word)),
            _ => Tree::Opaque,
        }
    }
}
