//! Reading one Python file: its bytes, its encoding, its IR.

use super::lower::{Lowered, lower};
use crate::source::{FileId, ReadError, read_file};
use std::path::Path;
use std::sync::Arc;

/// Larger files are generated data; they are left out.
const MAX_BYTES: u64 = 2 << 20;

/// A file read and lowered, before it has an id.
pub(super) struct Read {
    pub(super) text: Arc<str>,
    pub(super) lowered: Lowered,
}

/// Why a file can't be audited.
pub(super) struct Failed {
    pub(super) reason: String,
    /// What to show of it: the file with what isn't text replaced; nothing, if it couldn't be read.
    pub(super) text: String,
    /// The byte in `text` that is the trouble.
    pub(super) at: usize,
}

impl Failed {
    fn new(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), text: String::new(), at: 0 }
    }
}

/// Reads a file, or says why it can't be audited.
pub(super) fn read(path: &Path) -> Result<Read, Failed> {
    let text: Arc<str> = decode(read_file(path, MAX_BYTES).map_err(|e| Failed::new(reason(&e)))?)?.into();
    // The file's id is known only when every file has been read.
    let lowered = lower(FileId(0), &text).map_err(|e| Failed::new(e.to_string()))?;
    Ok(Read { text, lowered })
}

fn reason(error: &ReadError) -> String {
    match error {
        ReadError::TooLarge { .. } => format!("larger than {} KiB", MAX_BYTES / 1024),
        ReadError::Io(_) | ReadError::NotAFile(_) => error.to_string(),
    }
}

/// UTF-8, or Latin-1 where the file says so ([PEP 263](https://peps.python.org/pep-0263/)).
fn decode(bytes: Vec<u8>) -> Result<String, Failed> {
    if bytes.contains(&0) && !bytes.starts_with(&[0xff, 0xfe]) && !bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Failed::new("holds a NUL byte, which Python refuses"));
    }
    String::from_utf8(bytes).or_else(|error| {
        let at = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        if declares_latin1(&bytes) {
            return Ok(bytes.into_iter().map(char::from).collect());
        }
        // Up to the bad byte the replaced text is the file's own, so that the place is right.
        Err(Failed { reason: "not UTF-8".to_owned(), text: String::from_utf8_lossy(&bytes).into_owned(), at })
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
