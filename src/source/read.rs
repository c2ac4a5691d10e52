//! Reading one file: never from what isn't a file, and never more than a limit.

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::Path;

/// Why a file can't be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system says no.
    #[error("can't be read: {}", .0.kind())]
    Io(#[from] io::Error),
    /// A folder, a named pipe, a device: reading it may never end.
    #[error("{0}, not a file")]
    NotAFile(&'static str),
    /// Larger than what was asked for. The size is what the system says; at least one more than the limit.
    #[error("{bytes} bytes; at most {limit} are read")]
    TooLarge {
        /// The file's size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },
}

/// The bytes of the regular file at `path` (links followed), at most `limit` of them.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    // Asked before opening: to open a named pipe waits for somebody to write to it.
    let metadata = std::fs::metadata(path)?;
    if let Some(kind) = special_kind(metadata.file_type()) {
        return Err(ReadError::NotAFile(kind));
    }
    let too_large = |bytes: u64| ReadError::TooLarge { bytes, limit };
    if metadata.len() > limit {
        return Err(too_large(metadata.len()));
    }
    let mut bytes = Vec::new();
    // A file may say that it is empty and not be (`/proc`), or grow while it is read.
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    let read = bytes.len() as u64;
    if read > limit { Err(too_large(read)) } else { Ok(bytes) }
}

/// What an entry is, if it is no regular file and no link.
pub(super) fn special_kind(kind: FileType) -> Option<&'static str> {
    if kind.is_file() || kind.is_symlink() {
        None
    } else if kind.is_dir() {
        Some("a folder")
    } else {
        Some(device_kind(kind))
    }
}

#[cfg(unix)]
fn device_kind(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a named pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn device_kind(_: FileType) -> &'static str {
    "something special"
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail so")]
mod tests {
    use super::read_file;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read_file(&path, 4).unwrap(), b"four");
        assert_eq!(read_file(&path, 3).unwrap_err().to_string(), "4 bytes; at most 3 are read");
        assert_eq!(read_file(folder.path(), 4).unwrap_err().to_string(), "a folder, not a file");
        let gone = read_file(&folder.path().join("gone"), 4).unwrap_err();
        assert_eq!(gone.to_string(), "can't be read: entity not found");
    }

    #[cfg(unix)]
    #[test]
    fn what_may_never_end_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert_eq!(read_file(&path, 4).unwrap_err().to_string(), "a socket, not a file");
        let zero = read_file(std::path::Path::new("/dev/zero"), 4).unwrap_err();
        assert_eq!(zero.to_string(), "a device, not a file");
    }

    /// The system calls it empty.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_size_that_is_wrong_is_no_way_round_the_limit() {
        let error = read_file(std::path::Path::new("/proc/self/maps"), 10).unwrap_err();
        assert_eq!(error.to_string(), "11 bytes; at most 10 are read");
    }
}
