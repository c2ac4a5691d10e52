//! Finding the Python files to audit: respects .gitignore, skips virtual environments and build folders.

use super::normalize;
use super::read::special_kind;
use ignore::{DirEntry, WalkBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a walk found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Python files, sorted, each once.
    pub files: Vec<PathBuf>,
    /// Python files that an ignore file names, in folders that none does, sorted. They are deployed all the same: read where
    /// they are imported, and no programs of their own.
    pub ignored: Vec<PathBuf>,
    /// What was left out, and why.
    pub skipped: Vec<Skipped>,
    /// Folders in which an installer has noted what it put beside them (`requests-2.32.0.dist-info`), sorted.
    pub receipts: Vec<PathBuf>,
    /// Files that say what is to be installed or that a folder can be (`requirements.txt`, `pyproject.toml`), sorted.
    pub manifests: Vec<PathBuf>,
}

/// A file that the audit doesn't see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
    /// Whether it holds no sources of the project's own, so that nothing is missed.
    pub on_purpose: bool,
    /// Whether there is nothing at this path.
    pub is_missing: bool,
}

/// All Python files under `roots`, each as `root` joined with its relative path and normalised. Ignore files count
/// with or without a repository around them; the user's global git settings don't, as results must not depend on
/// the machine. Links to folders aren't followed.
pub fn discover_python(roots: &[&Path]) -> Discovery {
    // By absolute path, as roots may overlap, one given relative and another absolute.
    let (mut files, mut skipped) = (BTreeMap::new(), BTreeMap::new());
    let (mut receipts, mut manifests) = (BTreeSet::new(), BTreeSet::new());
    let mut ignored = BTreeMap::new();
    for root in roots {
        let found = walk(root);
        for path in found.files {
            files.entry(absolute(&path)).or_insert(path);
        }
        ignored.extend(found.ignored.into_iter().map(|path| (absolute(&path), path)));
        receipts.extend(found.receipts);
        manifests.extend(found.manifests);
        for entry in found.skipped {
            skipped.entry(absolute(&entry.path)).or_insert(entry);
        }
    }
    // What one root leaves out, another may name.
    ignored.retain(|path, _| !files.contains_key(path) && !skipped.contains_key(path));
    for (path, ignored) in &ignored {
        let reason = "an ignore file names it; it counts only where something imports it".to_owned();
        let entry = Skipped { path: ignored.clone(), reason, on_purpose: true, is_missing: false };
        skipped.insert(path.clone(), entry);
    }
    let mut ignored: Vec<PathBuf> = ignored.into_values().collect();
    ignored.sort();
    let mut files: Vec<PathBuf> = files.into_values().collect();
    let mut skipped: Vec<Skipped> = skipped.into_values().collect();
    files.sort();
    skipped.sort();
    let (receipts, manifests) = (receipts.into_iter().collect(), manifests.into_iter().collect());
    Discovery { files, ignored, skipped, receipts, manifests }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).map_or_else(|_| path.to_path_buf(), |path| normalize(&path))
}

fn walk(root: &Path) -> Discovery {
    let left_out = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&left_out);
    // The empty path is the working folder.
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let mut builder = WalkBuilder::new(root);
    builder.require_git(false).git_global(false).git_exclude(false).filter_entry(move |entry| {
        let reason = if entry.depth() == 0 { None } else { reason_to_skip(entry) };
        if let Some(reason) = reason {
            let path = normalize(entry.path());
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(Skipped {
                path,
                reason: reason.to_owned(),
                on_purpose: true,
                is_missing: false,
            });
        }
        reason.is_none()
    });
    let mut found = Discovery::default();
    for entry in builder.build() {
        if let Ok(entry) = &entry
            && is_manifest(entry)
        {
            found.manifests.push(normalize(entry.path()));
        }
        if let Ok(entry) = &entry
            && entry.file_type().is_some_and(|kind| kind.is_dir())
        {
            found.ignored.extend(python_in(entry.path()));
        }
        match entry {
            Ok(entry) if is_python(&entry) => match no_file(&entry) {
                None => found.files.push(normalize(entry.path())),
                Some(reason) => {
                    let path = normalize(entry.path());
                    found.skipped.push(Skipped { path, reason, on_purpose: false, is_missing: false });
                }
            },
            Ok(entry) if is_receipt(&entry) => found.receipts.push(normalize(entry.path())),
            Ok(_) => {}
            Err(error) => found.skipped.push(unreadable(root, &error)),
        }
    }
    found.skipped.append(&mut left_out.lock().unwrap_or_else(PoisonError::into_inner));
    found
}

/// All Python files directly in a folder but hidden ones, whatever ignore files say.
fn python_in(folder: &Path) -> Vec<PathBuf> {
    // The folder tells what its entries are, save behind links.
    let is_file = |entry: &std::fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_symlink() => entry.path().is_file(),
        kind => kind.is_ok_and(|kind| kind.is_file()),
    };
    let is_python = |entry: &std::fs::DirEntry| {
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        !hidden && entry.path().extension().is_some_and(|extension| extension == "py") && is_file(entry)
    };
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter(is_python).map(|entry| normalize(&entry.path())).collect()
}

/// Whether an entry is named as Python files are. A folder is not, whatever its name.
fn is_python(entry: &DirEntry) -> bool {
    entry.path().extension().is_some_and(|e| e == "py") && entry.file_type().is_some_and(|kind| !kind.is_dir())
}

/// Whether a file is named as those are that tell what is to be installed, or how a folder is.
fn is_manifest(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_str().unwrap_or("");
    let is_in = |folder: &str| entry.path().parent().is_some_and(|parent| parent.ends_with(folder));
    let stem = [".txt", ".in"].iter().find_map(|ending| name.strip_suffix(ending));
    let named = matches!(name, "setup.py" | "setup.cfg" | "pyproject.toml" | "Pipfile" | "poetry.lock" | "uv.lock")
        || stem.is_some_and(|stem| stem.contains("requirements") || is_in("requirements"));
    named && entry.file_type().is_some_and(|kind| !kind.is_dir()) && no_file(entry).is_none()
}

/// Whether a folder is named as those are in which installers note what they installed.
fn is_receipt(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_str().unwrap_or("");
    let named = [".dist-info", ".egg-info"].iter().any(|ending| name.ends_with(ending));
    named && entry.file_type().is_some_and(|kind| kind.is_dir())
}

/// Why an entry that is named as Python files are can't be read as one. A linked file counts.
fn no_file(entry: &DirEntry) -> Option<String> {
    match std::fs::metadata(entry.path()) {
        Ok(metadata) => special_kind(metadata.file_type()).map(|kind| format!("{kind}, not a file")),
        Err(error) if entry.path_is_symlink() => Some(format!("link that can't be followed: {}", error.kind())),
        Err(error) => Some(format!("can't be read: {}", error.kind())),
    }
}

/// Why a folder holds no sources of the project's own.
fn reason_to_skip(entry: &DirEntry) -> Option<&'static str> {
    let kind = entry.file_type()?;
    if kind.is_symlink() && entry.path().is_dir() {
        return Some("link to a folder");
    }
    if kind.is_dir() { purpose(entry.path()) } else { None }
}

/// What a folder is there for that holds no sources of the project's own.
pub(super) fn purpose(folder: &Path) -> Option<&'static str> {
    match folder.file_name()?.to_str().unwrap_or("") {
        "node_modules" | "site-packages" | "__pypackages__" => Some("installed packages"),
        "__pycache__" => Some("compiled Python"),
        ".aws-sam" | "cdk.out" | "build" | "dist" | "_build" => Some("build output"),
        ".tox" | ".nox" | ".venv" => Some("virtual environment"),
        _ if folder.join("pyvenv.cfg").is_file() => Some("virtual environment"),
        _ => None,
    }
}

fn unreadable(root: &Path, error: &ignore::Error) -> Skipped {
    let mut path = root;
    let mut inner = error;
    loop {
        inner = match inner {
            ignore::Error::WithPath { path: at, err } => {
                path = at;
                err
            }
            ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => err,
            _ => break,
        };
    }
    let kind = error.io_error().map(std::io::Error::kind);
    let reason = match kind {
        None => "it can't be walked".to_owned(),
        Some(std::io::ErrorKind::NotFound) => "it doesn't exist".to_owned(),
        Some(kind) => format!("can't be read: {kind}"),
    };
    Skipped { path: normalize(path), reason, on_purpose: false, is_missing: kind == Some(std::io::ErrorKind::NotFound) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail so")]
mod tests {
    use super::discover_python;
    use std::path::Path;
    use tempfile::TempDir;

    fn folder(files: &[&str]) -> TempDir {
        let folder = TempDir::new().unwrap();
        for file in files {
            let (name, content) = file.split_once('=').unwrap_or((file, ""));
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        folder
    }

    /// Files and left out folders under some roots, relative to the folder.
    fn found(folder: &TempDir, roots: &[&str]) -> (Vec<String>, Vec<String>) {
        let roots: Vec<_> = roots.iter().map(|r| folder.path().join(r)).collect();
        let roots: Vec<&Path> = roots.iter().map(AsRef::as_ref).collect();
        let found = discover_python(&roots);
        let name = |path: &Path| path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
        let skipped = found.skipped.iter().map(|s| format!("{}: {}", name(&s.path), s.reason));
        (found.files.iter().map(|f| name(f)).collect(), skipped.collect())
    }

    #[test]
    fn sources_are_told_from_what_tools_leave_behind() {
        let folder = folder(&[
            "z.py",
            "a/b.py",
            "a/notes.txt",
            "a/stub.pyi",
            ".hidden/x.py",
            ".aws-sam/build/x.py",
            "env/pyvenv.cfg",
            "env/lib/x.py",
            "node_modules/tool/x.py",
            "cdk.out/asset/x.py",
            "a/__pycache__/x.py",
            "dist/x.py",
        ]);
        let (files, skipped) = found(&folder, &["."]);
        assert_eq!(files, ["a/b.py", "z.py"]);
        assert_eq!(
            skipped,
            [
                "a/__pycache__: compiled Python",
                "cdk.out: build output",
                "dist: build output",
                "env: virtual environment",
                "node_modules: installed packages",
            ]
        );
    }

    #[test]
    fn ignore_files_count_without_a_repository() {
        let folder = folder(&[".gitignore=generated/\n*_pb2.py\n", "generated/x.py", "a/y_pb2.py", "a/b.py"]);
        let y = "a/y_pb2.py: an ignore file names it; it counts only where something imports it".to_owned();
        assert_eq!(found(&folder, &["."]), (vec!["a/b.py".to_owned()], vec![y]));
    }

    #[test]
    fn overlapping_roots_give_each_file_once() {
        let folder = folder(&["src/a.py", "src/build/b.py", "c.py"]);
        let files = |roots: &[&str]| found(&folder, roots).0;
        assert_eq!(files(&["src", "", "src/a.py", "./src/../src"]), ["c.py", "src/a.py"]);
        // A folder that is asked for by name is walked whatever its name.
        assert_eq!(files(&["src/build"]), ["src/build/b.py"]);
    }

    #[test]
    fn a_missing_root_is_named() {
        let folder = folder(&[]);
        assert_eq!(found(&folder, &["gone"]), (vec![], vec!["gone: it doesn't exist".to_owned()]));
    }

    #[cfg(unix)]
    #[test]
    fn links_to_folders_are_left_out_and_links_to_files_are_not() {
        let folder = folder(&["a/x.py"]);
        std::os::unix::fs::symlink(folder.path(), folder.path().join("a/loop")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("a/x.py"), folder.path().join("a/y.py")).unwrap();
        std::os::unix::fs::symlink(folder.path().join("gone"), folder.path().join("a/z.py")).unwrap();
        let (files, skipped) = found(&folder, &["."]);
        assert_eq!(files, ["a/x.py", "a/y.py"]);
        assert_eq!(skipped, ["a/loop: link to a folder", "a/z.py: link that can't be followed: entity not found"]);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_left_out_with_its_reason() {
        let folder = folder(&["a.py", "folder.py/b.py"]);
        let path = |name: &str| folder.path().join(name);
        let status = std::process::Command::new("mkfifo").arg(path("pipe.py")).status().unwrap();
        assert!(status.success());
        let _socket = std::os::unix::net::UnixListener::bind(path("socket.py")).unwrap();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, path(name)).unwrap();
        link("/dev/zero", "zero.py");
        link("there.py", "here.py");
        link("here.py", "there.py");
        link("pipe.py", "linked_pipe.py");
        link(".", "folder.py/up");
        let (files, skipped) = found(&folder, &["."]);
        assert_eq!(files, ["a.py", "folder.py/b.py"]);
        assert_eq!(
            skipped,
            [
                "folder.py/up: link to a folder",
                "here.py: link that can't be followed: filesystem loop or indirection limit (e.g. symlink loop)",
                "linked_pipe.py: a named pipe, not a file",
                "pipe.py: a named pipe, not a file",
                "socket.py: a socket, not a file",
                "there.py: link that can't be followed: filesystem loop or indirection limit (e.g. symlink loop)",
                "zero.py: a device, not a file",
            ]
        );
    }
}
