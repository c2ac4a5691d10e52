//! Reading one Python file: its bytes, its encoding, its IR.

use super::lower::{Lowered, lower};
use crate::source::FileId;
use std::path::Path;
use std::sync::Arc;

/// Larger files are generated data; they are left out.
const MAX_BYTES: usize = 5 * 1024 * 1024;

/// A file read and lowered, before it has an id.
pub(super) struct Read {
    pub(super) text: Arc<str>,
    pub(super) lowered: Lowered,
}

/// Reads a file, or says why it can't be audited.
pub(super) fn read(path: &Path) -> Result<Read, String> {
    let size = std::fs::metadata(path).map_err(|e| reason(&e))?.len();
    if usize::try_from(size).map_or(true, |size| size > MAX_BYTES) {
        return Err(format!("larger than {} MiB", MAX_BYTES / 1024 / 1024));
    }
    let text: Arc<str> = decode(std::fs::read(path).map_err(|e| reason(&e))?)?.into();
    // The file's id is known only when every file has been read.
    let lowered = lower(FileId(0), &text).map_err(|e| e.to_string())?;
    Ok(Read { text, lowered })
}

fn reason(error: &std::io::Error) -> String {
    format!("can't be read: {}", error.kind())
}

/// UTF-8, or Latin-1 where the file says so ([PEP 263](https://peps.python.org/pep-0263/)).
fn decode(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).or_else(|error| {
        let bytes = error.into_bytes();
        if declares_latin1(&bytes) {
            return Ok(bytes.into_iter().map(char::from).collect());
        }
        Err("not UTF-8".to_owned())
    })
}

fn declares_latin1(bytes: &[u8]) -> bool {
    let cookie = |line: &[u8]| {
        let line = String::from_utf8_lossy(line);
        let comment = line.trim_start().strip_prefix('#')?;
        let (_, name) = comment.split_once("coding")?;
        let name = name.strip_prefix([':', '='])?.trim_start();
        let end = name.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(name.len());
        Some(name[..end].to_ascii_lowercase().replace('_', "-"))
    };
    let first = bytes.split(|b| *b == b'\n').take(2).find_map(cookie);
    first.is_some_and(|name| matches!(name.as_str(), "latin-1" | "latin1" | "iso-8859-1" | "iso8859-1" | "l1"))
}
