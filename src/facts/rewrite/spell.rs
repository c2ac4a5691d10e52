//! How a template spells its policies: YAML or JSON, block or flow, quotes, short tags or `Fn::GetAtt`.

use super::Refusal;
use crate::source::Span;
use crate::template::model::{ListLayout, Statement, StatementLayout, TemplateText, is_blank};

/// The style around one policy.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spelling {
    json: bool,
    /// In braces.
    flow: bool,
    /// `Fn::GetAtt` for `!GetAtt`.
    long: bool,
    /// Around actions.
    quote: &'static str,
}

impl Spelling {
    /// As a statement is written.
    pub fn of(text: &TemplateText, statement: &Statement, layout: &StatementLayout) -> Option<Self> {
        let json = text.is_json();
        let first = text.slice(*layout.actions.items.first()?)?;
        let resources = layout.resources.items.iter().map(|item| text.slice(*item)).collect::<Option<Vec<_>>>()?;
        Some(Self {
            json,
            flow: text.slice(statement.span)?.starts_with('{'),
            long: json || resources.iter().any(|resource| is_long(resource)),
            quote: if json || first.starts_with('"') {
                "\""
            } else if first.starts_with('\'') {
                "'"
            } else {
                ""
            },
        })
    }

    /// As a policy template's entry with this value (`!Ref Orders`) is written.
    pub fn of_entry(text: &TemplateText, entry: Span, value: Span) -> Option<Self> {
        let json = text.is_json();
        let flow = text.head(entry.start).trim_end().ends_with('{');
        let quote = if json { "\"" } else { "" };
        Some(Self { json, flow, long: json || is_long(text.slice(value)?), quote })
    }

    /// As a template may be written that says nothing of its style.
    pub fn plain(text: &TemplateText) -> Self {
        let json = text.is_json();
        Self { json, flow: json, long: json, quote: if json { "\"" } else { "" } }
    }

    /// A statement by itself.
    pub fn alone(&self, actions: &[String], resources: &[String]) -> String {
        if self.json { self.line(actions, resources) } else { Self::block(0, "- ", actions, resources) }
    }

    /// `dynamodb:Query`.
    pub fn action(&self, name: &str) -> String {
        format!("{0}dynamodb:{name}{0}", self.quote)
    }

    /// `!GetAtt Orders.Arn`.
    pub fn table_arn(&self, id: &str) -> String {
        match (self.json, self.long, self.flow) {
            (true, ..) => format!("{{\"Fn::GetAtt\": [\"{id}\", \"Arn\"]}}"),
            (_, true, true) => format!("{{\"Fn::GetAtt\": [{id}, Arn]}}"),
            (_, true, false) => format!("Fn::GetAtt: [{id}, Arn]"),
            (_, false, _) => format!("!GetAtt {id}.Arn"),
        }
    }

    /// The ARNs of a table's indexes.
    pub fn index_arn(&self, id: &str) -> String {
        let arn = format!("\"${{{id}.Arn}}/index/*\"");
        match (self.json, self.long, self.flow) {
            (true, ..) | (_, true, true) => format!("{{\"Fn::Sub\": {arn}}}"),
            (_, true, false) => format!("Fn::Sub: {arn}"),
            (_, false, _) => format!("!Sub {arn}"),
        }
    }

    /// `Statement: …` in the place of a policy template's entry. Not where other entries share the mapping.
    pub fn entry(
        &self,
        text: &TemplateText,
        entry: Span,
        actions: &[String],
        resources: &[String],
    ) -> Result<String, Refusal> {
        let key = if self.json { "\"Statement\"" } else { "Statement" };
        let old = text.slice(entry).unwrap_or_default();
        // They would be lost.
        if !self.json && old.contains('#') {
            return Err(Refusal::Comment);
        }
        if !self.json && has_anchor(old) {
            return Err(Refusal::Anchor);
        }
        let before = text.before(entry.start);
        if before.trim() == "-" && !self.json {
            if has_sibling(text, entry, before.len()) {
                return Err(Refusal::Style);
            }
            return Ok(format!("{key}:\n{}", Self::block(before.len() + 2, "- ", actions, resources)));
        }
        let braced =
            text.head(entry.start).trim_end().ends_with('{') && text.rest(entry.end).trim_start().starts_with('}');
        braced.then(|| format!("{key}: [{}]", self.line(actions, resources))).ok_or(Refusal::Style)
    }

    /// A statement behind another one of the same list.
    pub fn statement(
        &self,
        text: &TemplateText,
        last: Span,
        actions: &[String],
        resources: &[String],
    ) -> Option<String> {
        let between = between_statements(text, last)?;
        let before = text.before(last.start);
        let own = if self.flow {
            self.line(actions, resources)
        } else {
            let block = Self::block(before.len(), "", actions, resources);
            block.trim_start().to_owned()
        };
        Some(between + &own)
    }

    /// A policy behind another one of a function's `Policies`.
    pub fn policy(&self, text: &TemplateText, last: Span, actions: &[String], resources: &[String]) -> Option<String> {
        let before = text.before(last.start);
        if before.trim() != "-" || self.json || has_sibling(text, last, before.len()) {
            return None;
        }
        Some(format!("\n{before}Statement:\n{}", Self::block(before.len() + 2, "- ", actions, resources)))
    }

    /// A statement's lines from a column on.
    fn block(column: usize, head: &str, actions: &[String], resources: &[String]) -> String {
        let pad = " ".repeat(column);
        let inner = " ".repeat(column + head.len());
        let list = |items: &[String]| match items {
            [one] if !one.starts_with("Fn::") => format!(" {one}"),
            items => items.iter().flat_map(|item| ["\n", &inner, "  - ", item]).collect::<String>(),
        };
        // One action in a list: the next one is a line of its own.
        let actions: String = actions.iter().flat_map(|action| ["\n", &inner, "  - ", action]).collect();
        format!("{pad}{head}Effect: Allow\n{inner}Action:{actions}\n{inner}Resource:{}", list(resources))
    }

    /// A statement in braces.
    fn line(&self, actions: &[String], resources: &[String]) -> String {
        let key = |name: &str| if self.json { format!("\"{name}\"") } else { name.to_owned() };
        let allow = if self.json { "\"Allow\"" } else { "Allow" };
        let resources = match resources {
            [one] => one.clone(),
            several => format!("[{}]", several.join(", ")),
        };
        format!(
            "{{{}: {allow}, {}: [{}], {}: {resources}}}",
            key("Effect"),
            key("Action"),
            actions.join(", "),
            key("Resource")
        )
    }
}

fn is_long(value: &str) -> bool {
    ["Fn::", "Ref", "{"].iter().any(|start| value.starts_with(start))
}

/// Whether the mapping that an entry begins goes on behind it.
fn has_sibling(text: &TemplateText, entry: Span, column: usize) -> bool {
    let next = text.lines_below(entry.end.max(entry.start + 1) - 1).find(|line| !is_blank(line));
    next.is_some_and(|line| line.len() - line.trim_start().len() == column && !line.trim_start().starts_with('-'))
}

/// What stands between a statement and the next one of its list.
pub(super) fn between_statements(text: &TemplateText, statement: Span) -> Option<String> {
    let before = text.before(statement.start);
    let braced = text.slice(statement)?.starts_with('{');
    match (before.trim(), braced) {
        ("-", _) => Some(format!("\n{before}")),
        ("", true) => Some(format!(",\n{before}")),
        (_, true) => {
            let list = text.head(statement.start).trim_end();
            list.ends_with(['[', ',']).then(|| ", ".to_owned())
        }
        // The only one, without a list around it.
        _ => None,
    }
}

/// A statement's text with other lists of actions and resources, and another `Sid`, if one is given.
pub(super) fn with_lists(
    text: &TemplateText,
    statement: Span,
    layout: &StatementLayout,
    lists: [&[String]; 2],
    sid: Option<String>,
) -> Result<String, Refusal> {
    let slice = |start: u32, end: u32| text.slice(Span::new(statement.file, start, end)).ok_or(Refusal::Style);
    let column = text.before(statement.start).len();
    let braced = slice(statement.start, statement.end)?.starts_with('{');
    let mut changes: Vec<(Span, String)> = layout.sid.zip(sid).into_iter().collect();
    for (list, items) in [&layout.actions, &layout.resources].into_iter().zip(lists) {
        let new = spelled(text, list, items, braced.then_some(column))?;
        if is_anchored(text, list.span) && text.slice(list.span) != Some(&new) {
            return Err(Refusal::Anchor);
        }
        changes.push((list.span, new));
    }
    changes.sort_by_key(|(span, _)| *span);
    let mut out = String::new();
    let mut at = statement.start;
    for (span, new) in changes {
        out += slice(at, span.start)?;
        if new.starts_with('\n') {
            out.truncate(out.trim_end().len());
            out += &indented(&new, column);
        } else {
            out += &new;
        }
        at = span.end;
    }
    out += slice(at, statement.end)?;
    Ok(out)
}

/// What a further part of a statement is called, by a name that nothing in the template has yet; `None` if it has no name.
pub(super) fn another_sid(
    text: &TemplateText,
    layout: &StatementLayout,
    part: usize,
) -> Result<Option<String>, Refusal> {
    let Some(sid) = layout.sid.filter(|_| part > 0) else { return Ok(None) };
    let old = text.slice(sid).ok_or(Refusal::Style)?;
    let name = old.trim_matches(['"', '\'']);
    let new = format!("{name}{}", part + 1);
    let is_free = name.bytes().all(|b| b.is_ascii_alphanumeric()) && !text.rest(0).contains(&new);
    if is_free { Ok(Some(old.replace(name, &new))) } else { Err(Refusal::Style) }
}

/// Whether a node has an anchor: its aliases would change with it.
pub(super) fn is_anchored(text: &TemplateText, node: Span) -> bool {
    property(text, node).starts_with('&')
}

/// Whether an anchor stands in a text.
pub(super) fn has_anchor(part: &str) -> bool {
    part.split([' ', '\t', '\n', '[', '{', ',']).any(|word| word.len() > 1 && word.starts_with('&'))
}

/// The word before a node, in which YAML says how it is read; a comment between them says nothing.
fn property(text: &TemplateText, node: Span) -> &str {
    let here = text.before(node.start);
    let above = || text.lines_above(node.start).find(|line| !is_blank(line)).unwrap_or_default();
    let line = if here.trim().is_empty() { above() } else { here };
    let code = line.find(" #").map_or(line, |at| &line[..at]);
    let word = code.trim_end().rsplit(char::is_whitespace).next().unwrap_or_default();
    word.trim_start_matches(['[', '{', ','])
}

/// That a list and its items are what they look like, and no alias names them: a header or tag isn't part of their place and
/// would stay before what takes it.
fn properties(text: &TemplateText, list: &ListLayout) -> Result<(), Refusal> {
    if text.is_json() {
        return Ok(());
    }
    for node in [&list.span].into_iter().chain(&list.items) {
        match property(text, *node).chars().next() {
            Some('|' | '>') => return Err(Refusal::Header),
            Some('!') if *node != list.span || list.items == [list.span] => return Err(Refusal::Header),
            Some('&') => return Err(Refusal::Anchor),
            _ => {}
        }
    }
    Ok(())
}

/// A lone value that becomes a list in block style is written below its key.
fn indented(list: &str, column: usize) -> String {
    let pad = " ".repeat(column + 2);
    list.lines().skip(1).flat_map(|line| ["\n", &pad, line]).collect()
}

/// Whether a comment stands between a list's items or behind the last one: with other items it would be lost, or say
/// something of another one.
fn has_comment(text: &TemplateText, list: &ListLayout) -> bool {
    let starts = list.items.iter().map(|item| item.start).chain([list.span.end]);
    let ends = [list.span.start].into_iter().chain(list.items.iter().map(|item| item.end));
    let mut between = ends.zip(starts).filter_map(|(end, start)| text.slice(Span::new(list.span.file, end, start)));
    let behind = text.after(list.span.end).trim_start_matches([',', ' ', '\t']);
    !text.is_json() && (between.any(|part| part.contains('#')) || behind.starts_with('#'))
}

/// A list's text with these items, in the style that it has. `braced` is the column of a statement in braces.
fn spelled(text: &TemplateText, list: &ListLayout, items: &[String], braced: Option<usize>) -> Result<String, Refusal> {
    let old = text.slice(list.span).ok_or(Refusal::Style)?;
    let (Some(first), Some(last)) = (list.items.first(), list.items.last()) else { return Err(Refusal::Style) };
    if list.items.iter().zip(items).filter(|(old, new)| text.slice(**old) == Some(new)).count()
        == list.items.len().max(items.len())
    {
        return Ok(old.to_owned());
    }
    if has_comment(text, list) {
        return Err(Refusal::Comment);
    }
    properties(text, list)?;
    if *first == list.span {
        return Ok(match items {
            [one] => one.clone(),
            several if braced.is_some() => format!("[{}]", several.join(", ")),
            several => several.iter().flat_map(|item| ["\n- ", item]).collect(),
        });
    }
    let part = |start: u32, end: u32| text.slice(Span::new(list.span.file, start, end)).ok_or(Refusal::Style);
    let (open, close) = (part(list.span.start, first.start)?, part(last.end, list.span.end)?);
    if !old.starts_with('[') {
        let pad = " ".repeat(text.before(list.span.start).len());
        let written = || format!("{open}{}", items.join(&format!("\n{pad}{open}")));
        return open.starts_with('-').then(written).ok_or(Refusal::Style);
    }
    let between = match open.rsplit_once('\n') {
        Some((_, pad)) => format!(",\n{pad}"),
        None => ", ".to_owned(),
    };
    Ok(format!("{open}{}{close}", items.join(&between)))
}
