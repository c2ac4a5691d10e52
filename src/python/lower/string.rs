//! String literals: prefixes, implicit concatenation, f-strings.

use super::super::ir::{ExprId, ExprKind, FPart};
use super::literal::decode;
use super::syntax::{Child, Field, Kind, children, field, named};
use super::{Lowerer, range};
use tree_sitter::Node;

/// What a literal's prefix and quotes make of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flavour {
    Text,
    Bytes,
    Format,
    /// Python 3.14's `t"…"`: interpolated, but not a string.
    Template,
    /// Python 2's `repr` in back-quotes.
    BackQuoted,
}

/// What stands around a literal's text.
pub(super) struct Quotes {
    flavour: Flavour,
    raw: bool,
    /// Bytes before the text.
    pub(super) open: usize,
    /// Bytes after the text.
    close: usize,
}

impl Quotes {
    pub(super) fn of(literal: &str) -> Self {
        let start = literal.find(['"', '\'', '`']).unwrap_or(0);
        let (prefix, quoted) = literal.split_at(start);
        let single = quoted.get(..1).unwrap_or("");
        let triple = quoted.get(..3).filter(|t| single != "`" && t.bytes().all(|b| t.as_bytes()[0] == b));
        let marks = triple.unwrap_or(single);
        let has = |letter: char| prefix.chars().any(|c| c.eq_ignore_ascii_case(&letter));
        let flavour = match single {
            "`" => Flavour::BackQuoted,
            _ if has('b') => Flavour::Bytes,
            _ if has('f') => Flavour::Format,
            _ if has('t') => Flavour::Template,
            _ => Flavour::Text,
        };
        let closed = !marks.is_empty() && quoted[marks.len()..].ends_with(marks);
        Self { flavour, raw: has('r'), open: prefix.len() + marks.len(), close: if closed { marks.len() } else { 0 } }
    }

    /// A plain literal's text as written.
    pub(super) fn text<'a>(&self, literal: &'a str) -> &'a str {
        literal.get(self.open..literal.len() - self.close).unwrap_or("")
    }

    /// Whether the text is the value, or could be with its escapes decoded.
    pub(super) fn is_plain(&self) -> bool {
        self.flavour == Flavour::Text
    }
}

/// The pieces of one or several adjacent literals.
#[derive(Default)]
struct Pieces {
    parts: Vec<FPart>,
    text: String,
    bytes: bool,
    other: bool,
    format: bool,
}

impl Pieces {
    fn expr(&mut self, id: ExprId) {
        if !self.text.is_empty() {
            self.parts.push(FPart::Text(std::mem::take(&mut self.text).into()));
        }
        self.parts.push(FPart::Expr(id));
    }

    /// What the pieces make together.
    fn joined(mut self) -> ExprKind {
        if self.other {
            let exprs = self.parts.into_iter().filter_map(|p| if let FPart::Expr(id) = p { Some(id) } else { None });
            return ExprKind::Unsupported(exprs.collect());
        }
        if self.bytes {
            return ExprKind::Bytes;
        }
        if !self.format {
            return ExprKind::Str(self.text.into());
        }
        if !self.text.is_empty() {
            self.parts.push(FPart::Text(self.text.into()));
        }
        ExprKind::FString(self.parts)
    }
}

impl Lowerer<'_> {
    pub(super) fn string(&mut self, node: Node<'_>) -> ExprId {
        if self.in_annotation
            && let Some(id) = self.string_annotation(node)
        {
            return id;
        }
        let mut pieces = Pieces::default();
        if Kind::of(node) == Kind::ConcatenatedString {
            for child in named(&children(node)) {
                self.literal(child.node, &mut pieces);
            }
        } else {
            self.literal(node, &mut pieces);
        }
        let kind = pieces.joined();
        self.add(kind, range(node))
    }

    fn literal(&mut self, node: Node<'_>, pieces: &mut Pieces) {
        if Kind::of(node) != Kind::String {
            let id = self.expr(node);
            pieces.format = true;
            return pieces.expr(id);
        }
        let literal = self.text_of(node);
        let quotes = Quotes::of(literal);
        match quotes.flavour {
            Flavour::Text => decode(quotes.text(literal), quotes.raw, false, &mut pieces.text),
            Flavour::Bytes => pieces.bytes = true,
            Flavour::BackQuoted => pieces.other = true,
            Flavour::Format | Flavour::Template => {
                pieces.format = true;
                pieces.other |= quotes.flavour == Flavour::Template;
                self.format_string(node, &quotes, pieces);
            }
        }
    }

    /// The text between interpolations is taken from the source: it is exact whatever the grammar makes of it.
    fn format_string(&mut self, node: Node<'_>, quotes: &Quotes, pieces: &mut Pieces) {
        let mut at = node.start_byte() + quotes.open;
        let holes = children(node);
        for hole in holes.iter().filter(|c| matches!(c.kind, Kind::Interpolation | Kind::Error)) {
            let (start, end) = (hole.node.start_byte(), hole.node.end_byte());
            decode(self.text.get(at..start).unwrap_or(""), quotes.raw, true, &mut pieces.text);
            self.interpolation(hole.node, pieces);
            at = end;
        }
        let end = node.end_byte() - quotes.close;
        decode(self.text.get(at..end).unwrap_or(""), quotes.raw, true, &mut pieces.text);
    }

    fn interpolation(&mut self, node: Node<'_>, pieces: &mut Pieces) {
        let parts = children(node);
        if field(&parts, Field::Expression).is_none() {
            let inner = self.parts(node);
            let id = self.add(ExprKind::Unsupported(inner), range(node));
            return pieces.expr(id);
        }
        // `{x=}` also shows the expression's text.
        if let Some(equals) = parts.iter().find(|c| c.kind == Kind::EqualsToken) {
            let shown = self.text.get(node.start_byte() + 1..equals.node.end_byte());
            pieces.text.push_str(shown.unwrap_or(""));
        }
        let id = self.expr_in(node, &parts, Field::Expression);
        pieces.expr(id);
        let is_conversion = |c: &&Child<'_>| c.kind == Kind::TypeConversion && self.text_of(c.node) != "!s";
        let conversions: Vec<_> = parts.iter().filter(is_conversion).map(|c| c.node).collect();
        for node in conversions {
            let conversion = ExprKind::Str(self.text_of(node).into());
            pieces.parts.push(FPart::Format(self.add(conversion, range(node))));
        }
        for format in parts.iter().filter(|c| c.field == Field::FormatSpecifier) {
            pieces.parts.extend(self.parts(format.node).into_iter().map(FPart::Format));
            let text = self.text_of(format.node);
            // Numbers and texts look as they do without these.
            if !matches!(text.trim_start_matches(':'), "" | "d" | "s") {
                let specification = ExprKind::Str(text.into());
                pieces.parts.push(FPart::Format(self.add(specification, range(format.node))));
            }
        }
    }
}
