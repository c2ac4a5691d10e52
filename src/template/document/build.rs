//! Parser events to the arena.

use super::mapping::{Key, MappingFrame};
use super::{Document, DuplicateKey, Entry, MAX_DEPTH, MAX_NODES, NodeId, Scalar, Value, check};
use crate::source::{FileId, Span};
use crate::template::{TemplateError, error::Place};
use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span as ParserSpan, StructureStyle, Tag};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// Entries that `<<` may copy in one document.
const MAX_MERGED: usize = 200_000;
/// Keys that a document may overrule: nobody writes more by mistake, and each one is a line of a report.
const MAX_DUPLICATES: usize = 1_000;
/// Errors after which reading isn't resumed.
const MAX_PROBLEMS: usize = 20;

pub(super) fn build(file: FileId, name: &str, text: &str) -> Result<Document, TemplateError> {
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH as usize;
    options.block_nesting_limit = MAX_DEPTH as usize;
    options.block_scalar_eof_without_line_feed = true;
    options.emit_unresolved_aliases = true;
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        // JSON has no limit on the length of a key.
        options.simple_key_max_lookahead = 1 << 16;
    }
    let mut builder = Builder::new(file, name, text);
    for event in Parser::new_from_str_with_options(text, options) {
        let read = match event {
            Ok((event, span)) => builder.event(event, span),
            Err(error) => Err(builder.syntax(&error)),
        };
        if let Err(last) = read {
            builder.problems.push(last);
            break;
        }
    }
    builder.finish()
}

/// What was said of a node before it began.
struct Open {
    start: u32,
    anchor: usize,
    /// A short tag as its long form, with the tag's place.
    tag: Option<(String, Span)>,
}

enum Frame {
    Sequence(Open, Vec<NodeId>),
    Mapping(Open, MappingFrame),
}

struct Builder<'a> {
    file: FileId,
    name: &'a str,
    text: &'a str,
    document: Document,
    root: Option<NodeId>,
    frames: Vec<Frame>,
    /// Finished anchors; one that is missing is still being built.
    anchors: FxHashMap<usize, NodeId>,
    documents: usize,
    merged: usize,
    duplicates: usize,
    /// Errors after which the parser could go on.
    problems: Vec<TemplateError>,
    /// End of the last token that had text: where block collections end.
    last_end: u32,
}

impl<'a> Builder<'a> {
    fn new(file: FileId, name: &'a str, text: &'a str) -> Self {
        Self {
            file,
            name,
            text,
            document: Document { nodes: Vec::new(), root: NodeId(0), duplicates: Vec::new() },
            root: None,
            frames: Vec::new(),
            anchors: FxHashMap::default(),
            documents: 0,
            merged: 0,
            duplicates: 0,
            problems: Vec::new(),
            last_end: 0,
        }
    }

    fn event(&mut self, event: Event<'a>, at: ParserSpan) -> Result<(), TemplateError> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    let at = self.place(self.span(&at));
                    return Err(TemplateError::SeveralDocuments { at });
                }
            }
            Event::Scalar(text, style, anchor, tag) => self.scalar(text, style, anchor, tag.as_deref(), &at)?,
            Event::Alias(id) => {
                let span = self.span(&at);
                self.last_end = span.end;
                match self.anchors.get(&id).copied() {
                    Some(node) => self.attach(node, span)?,
                    None => self.no_node(span, "the alias refers to a node that holds it")?,
                }
            }
            Event::UnresolvedAlias(name) => {
                let span = self.span(&at);
                self.last_end = span.end;
                self.no_node(span, &format!("no anchor `&{name}` before this alias"))?;
            }
            Event::SequenceStart(style, anchor, tag) => {
                let mut open = self.open(anchor, tag.as_deref(), &at);
                if style == StructureStyle::Block {
                    open.start = self.first_dash(open.start);
                }
                self.frames.push(Frame::Sequence(open, Vec::new()));
            }
            Event::MappingStart(_, anchor, tag) => {
                let open = self.open(anchor, tag.as_deref(), &at);
                self.frames.push(Frame::Mapping(open, MappingFrame::default()));
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let span = self.span(&at);
                if span.end > span.start {
                    self.last_end = span.end;
                }
                self.close()?;
            }
            _ => {}
        }
        Ok(())
    }

    fn open(&self, anchor: usize, tag: Option<&Tag>, at: &ParserSpan) -> Open {
        Open { start: self.span(at).start, anchor, tag: self.tag(tag, at) }
    }

    /// Where a block sequence begins: the parser may only see it behind its first dash.
    fn first_dash(&self, start: u32) -> u32 {
        let before = self.text.get(..start as usize).unwrap_or("").trim_end_matches([' ', '\t']);
        if before.ends_with('-') && !self.text[start as usize..].starts_with('-') { len(before) - 1 } else { start }
    }

    /// A short tag's long form. Tags of YAML itself (`!!map`) say nothing here.
    fn tag(&self, tag: Option<&Tag>, at: &ParserSpan) -> Option<(String, Span)> {
        let tag = tag.filter(|tag| tag.handle() == "!" && !tag.suffix().is_empty())?;
        let long = match tag.suffix() {
            name @ ("Ref" | "Condition") => name.to_owned(),
            name => format!("Fn::{name}"),
        };
        let span = at.tag_span().map_or_else(|| self.span(at), |span| self.span(&span));
        Some((long, span))
    }

    fn scalar(
        &mut self,
        text: Cow<'a, str>,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        at: &ParserSpan,
    ) -> Result<(), TemplateError> {
        let mut span = self.span(at);
        if span.end > span.start {
            span.end = span.start + len(self.source(span).trim_end());
            self.last_end = span.end;
        }
        if let Some(at) = text.find("{{")
            && text[at + 2..].trim_start_matches(['-', ' ']).starts_with("cookiecutter.")
        {
            return Err(TemplateError::NotRendered { at: self.place(span), engine: "cookiecutter" });
        }
        let is_text = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str") || tag.original() == "!");
        let quoted = style != ScalarStyle::Plain || is_text;
        if self.wants_key() && tag.is_none() && anchor == 0 {
            let merge = !quoted && text == "<<";
            self.key(text.into_owned().into_boxed_str(), span, merge);
            return Ok(());
        }
        let long = self.tag(tag, at);
        let value = match &long {
            Some((name, _)) if name == "Fn::GetAtt" => self.get_att(&text, span),
            _ => Value::Scalar(Scalar { text: text.into_owned().into_boxed_str(), quoted }),
        };
        let node = self.document.push(span, value);
        let open = Open { start: span.start, anchor, tag: long };
        self.complete(open, node, span)
    }

    /// `a.b.c` as `[a, b.c]`.
    fn get_att(&mut self, text: &str, span: Span) -> Value {
        let (resource, attribute) = text.split_once('.').map_or((text, None), |(a, b)| (a, Some(b)));
        let verbatim = self.source(span) == text;
        let mut part = |text: &str, start: u32| {
            let span = if verbatim { Span::new(self.file, start, start + len(text)) } else { span };
            self.document.push(span, Value::Scalar(Scalar { text: text.into(), quoted: true }))
        };
        let mut items = vec![part(resource, span.start)];
        items.extend(attribute.map(|attribute| part(attribute, span.start + len(resource) + 1)));
        Value::Sequence(items)
    }

    fn close(&mut self) -> Result<(), TemplateError> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let (open, value) = match frame {
            Frame::Sequence(open, items) => (open, Value::Sequence(items)),
            Frame::Mapping(open, frame) => {
                let entries = self.merge(frame, open.start)?;
                (open, Value::Mapping(entries))
            }
        };
        let span = Span::new(self.file, open.start, self.last_end.max(open.start));
        let node = self.document.push(span, value);
        self.complete(open, node, span)
    }

    /// Wraps a node into the long form of its tag, names it for aliases and gives it to its parent.
    fn complete(&mut self, open: Open, mut node: NodeId, span: Span) -> Result<(), TemplateError> {
        let mut whole = span;
        if let Some((long, tag)) = open.tag {
            whole = Span::new(self.file, tag.start.min(span.start), span.end.max(tag.end));
            let entry = Entry { key: long.into_boxed_str(), key_span: tag, value: node };
            node = self.document.push(whole, Value::Mapping(vec![entry]));
        }
        if self.document.size(node) > MAX_NODES || self.document.len() > MAX_NODES as usize {
            return Err(self.complex(whole, format!("more than {MAX_NODES} nodes, aliases expanded")));
        }
        if self.document.node(node).depth > MAX_DEPTH {
            return Err(self.complex(whole, format!("nested more than {MAX_DEPTH} levels deep, aliases followed")));
        }
        if open.anchor != 0 {
            self.anchors.insert(open.anchor, node);
        }
        self.attach(node, whole)
    }

    fn attach(&mut self, node: NodeId, span: Span) -> Result<(), TemplateError> {
        if self.wants_key() {
            // An anchored or tagged scalar, or an alias to one, may be a key; a collection can't.
            let text = match self.document.value(node) {
                Value::Scalar(scalar) => scalar.text.clone(),
                Value::Sequence(_) | Value::Mapping(_) => {
                    self.not_a_key(span)?;
                    Box::default()
                }
            };
            self.key(text, span, false);
            return Ok(());
        }
        match self.frames.last_mut() {
            None => self.root = Some(node),
            Some(Frame::Sequence(_, items)) => items.push(node),
            Some(Frame::Mapping(_, frame)) => {
                if let Some(key) = frame.key.take() {
                    if key.merge {
                        frame.merged.push(node);
                    } else if let Some(old) =
                        frame.entries.insert(Entry { key: key.text, key_span: key.span, value: node })
                    {
                        self.duplicate(old, key.span, node)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Notes that a key of the innermost mapping overrules `old`.
    fn duplicate(&mut self, old: Entry, span: Span, value: NodeId) -> Result<(), TemplateError> {
        self.duplicates += 1;
        if self.duplicates > MAX_DUPLICATES {
            return Err(self.complex(span, format!("more than {MAX_DUPLICATES} keys are there twice")));
        }
        let text = |node| self.source(self.document.span(node));
        let same = old.value == value || text(old.value) == text(value);
        // A key that is there three times is one duplicate with two places before the one that counts.
        if let Some(known) = self.document.duplicates.iter_mut().rev().find(|known| known.last == old.key_span) {
            known.earlier.push(known.last);
            known.last = span;
            known.same &= same;
            return Ok(());
        }
        let path = self.path();
        self.document.duplicates.push(DuplicateKey {
            key: old.key,
            path,
            earlier: vec![old.key_span],
            last: span,
            same,
        });
        Ok(())
    }

    /// The keys that lead to the innermost mapping.
    fn path(&self) -> Vec<Box<str>> {
        let around = self.frames.len().saturating_sub(1);
        let step = |frame: &Frame| match frame {
            Frame::Sequence(_, items) => items.len().to_string().into_boxed_str(),
            Frame::Mapping(_, frame) => frame.key.as_ref().map(|key| key.text.clone()).unwrap_or_default(),
        };
        self.frames[..around].iter().map(step).collect()
    }

    /// Goes on after an error that leaves a node without a value.
    fn no_node(&mut self, span: Span, message: &str) -> Result<(), TemplateError> {
        self.resume(self.syntax_at(span, message))?;
        let node = self.document.push(span, Value::Scalar(Scalar { text: Box::default(), quoted: false }));
        self.attach(node, span)
    }

    /// Keeps an error after which the rest can be read.
    fn resume(&mut self, problem: TemplateError) -> Result<(), TemplateError> {
        if self.problems.len() + 1 >= MAX_PROBLEMS {
            return Err(problem);
        }
        self.problems.push(problem);
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.frames.last(), Some(Frame::Mapping(_, frame)) if frame.key.is_none())
    }

    fn key(&mut self, text: Box<str>, span: Span, merge: bool) {
        if let Some(Frame::Mapping(_, frame)) = self.frames.last_mut() {
            frame.key = Some(Key { text, span, merge });
        }
    }

    /// A mapping's own entries, then those that `<<` brings and that it doesn't have itself.
    fn merge(&mut self, mut frame: MappingFrame, start: u32) -> Result<Vec<Entry>, TemplateError> {
        // Of several `<<` the last one wins, of a list's items the first one: as PyYAML does.
        for merged in std::mem::take(&mut frame.merged).into_iter().rev() {
            let sources = match self.document.value(merged) {
                Value::Sequence(items) => items.clone(),
                Value::Mapping(_) | Value::Scalar(_) => vec![merged],
            };
            for source in sources {
                let Value::Mapping(entries) = self.document.value(source) else {
                    let span = self.document.span(merged);
                    // No plain scalar begins with a star: this is an alias that stands for nothing, and is reported.
                    if !self.source(self.document.span(source)).starts_with('*') {
                        self.resume(self.syntax_at(span, "`<<` takes a mapping or a list of mappings"))?;
                    }
                    continue;
                };
                self.merged += entries.len();
                if self.merged > MAX_MERGED {
                    let span = Span::new(self.file, start, self.last_end.max(start));
                    return Err(self.complex(span, format!("`<<` copies more than {MAX_MERGED} entries")));
                }
                for entry in entries {
                    if frame.entries.position(&entry.key).is_none() {
                        frame.entries.push(entry.clone());
                    }
                }
            }
        }
        Ok(frame.entries.finish())
    }

    fn finish(mut self) -> Result<Document, TemplateError> {
        if let Some(error) = TemplateError::of_all(std::mem::take(&mut self.problems)) {
            return Err(error);
        }
        let Some(root) = self.root else {
            return Err(TemplateError::Empty { at: self.place(Span::new(self.file, 0, 0)) });
        };
        self.document.root = root;
        self.document.duplicates.sort_by_key(|duplicate| duplicate.last);
        Ok(self.document)
    }

    fn span(&self, at: &ParserSpan) -> Span {
        let range = at.byte_range().unwrap_or(0..0);
        let clamp = |offset: usize| offset.min(self.text.len());
        check::span(self.file, clamp(range.start), clamp(range.end.max(range.start)))
    }

    fn source(&self, span: Span) -> &'a str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    fn place(&self, span: Span) -> Place {
        Place::new(self.name, self.text, span)
    }

    fn syntax(&self, error: &ScanError) -> TemplateError {
        let mut offset = error.marker().byte_offset().unwrap_or(0).min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let width = self.text[offset..].chars().next().filter(|c| !c.is_control()).map_or(0, char::len_utf8);
        let span = check::span(self.file, offset, offset + width);
        if matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
            return self.complex(span, format!("nested more than {MAX_DEPTH} levels deep"));
        }
        if let Some((span, engine)) = check::engine_marker(self.file, self.text, offset) {
            return TemplateError::NotRendered { at: self.place(span), engine };
        }
        self.syntax_at(span, &error.info())
    }

    fn not_a_key(&mut self, span: Span) -> Result<(), TemplateError> {
        match check::engine_marker(self.file, self.text, span.start as usize) {
            Some((span, engine)) => Err(TemplateError::NotRendered { at: self.place(span), engine }),
            None => self.resume(self.syntax_at(span, "a key must be text")),
        }
    }

    fn syntax_at(&self, span: Span, message: &str) -> TemplateError {
        TemplateError::Syntax { at: self.place(span), message: message.to_owned() }
    }

    fn complex(&self, span: Span, what: String) -> TemplateError {
        TemplateError::TooComplex { at: self.place(span), what }
    }
}

fn len(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}
