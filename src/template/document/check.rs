//! What can be said of a text before it is parsed: too long, binary, empty, or not yet rendered.

use super::MAX_BYTES;
use crate::source::{FileId, Span};
use crate::template::{TemplateError, error};

/// Markers of template engines, and who writes them. `{{resolve:…}}` is `CloudFormation`'s own.
const MARKERS: &[(&str, &str)] = &[("{%", "Jinja"), ("{{", "Jinja"), ("<%", "ERB")];

pub(super) fn check(file: FileId, name: &str, text: &str) -> Result<(), TemplateError> {
    let at = |start: usize, len: usize| span(file, start, start + len);
    if text.len() as u64 > MAX_BYTES {
        return Err(TemplateError::TooLarge { name: name.into(), bytes: text.len() as u64, limit: MAX_BYTES });
    }
    if let Some(place) = text.find('\0') {
        return Err(TemplateError::Binary { at: error::Place::new(name, text, at(place, 1)) });
    }
    if is_blank(text) {
        return Err(TemplateError::Empty { at: error::Place::new(name, text, at(0, 0)) });
    }
    Ok(())
}

/// Nothing but blanks, comments and document markers.
fn is_blank(text: &str) -> bool {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#') || line == "---" || line == "...")
}

/// A template engine's marker on the line of `offset` or the one before: why the text there is no YAML.
pub(super) fn engine_marker(file: FileId, text: &str, offset: usize) -> Option<(Span, &'static str)> {
    let line = |end: usize| text[..end].rfind('\n').map_or(0, |newline| newline + 1);
    let start = line(line(offset).saturating_sub(1));
    let end = text[offset..].find('\n').map_or(text.len(), |newline| offset + newline);
    let around = &text[start..end];
    let found = MARKERS.iter().filter_map(|(marker, engine)| {
        let mut places = around.match_indices(marker).map(|(at, _)| at);
        let at = places.find(|at| !around[*at..].starts_with("{{resolve:"))?;
        Some((at, marker.len(), *engine))
    });
    found.min().map(|(at, len, engine)| (span(file, start + at, start + at + len), engine))
}

pub(super) fn span(file: FileId, start: usize, end: usize) -> Span {
    let offset = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Span::new(file, offset(start), offset(end))
}
