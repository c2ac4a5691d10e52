//! Writing: reports to standard output and files, notes to standard error.

use super::failure::Failure;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

/// Writes to standard output. A reader that has seen enough (`| head`) is not an error.
pub(super) fn stdout(bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::Write("standard output".into(), error)),
        _ => Ok(()),
    }
}

/// Writes a report file.
pub(super) fn file(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|error| Failure::Write(path.display().to_string(), error))
}

/// Writes to standard error. Nobody is left to hear of a failure.
pub(super) fn note(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
