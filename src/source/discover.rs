//! Finding the Python files to audit: respects .gitignore, skips virtual environments and build folders.

use super::normalize;
use ignore::{DirEntry, WalkBuilder};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// What a walk found.
#[derive(Debug, Default)]
pub struct Discovery {
    /// Python files, sorted, each once.
    pub files: Vec<PathBuf>,
    /// What was left out, and why.
    pub skipped: Vec<Skipped>,
}

/// A file that the audit doesn't see.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// The file.
    pub path: PathBuf,
    /// Why.
    pub reason: String,
}

/// All Python files under `roots`, each as `root` joined with its relative path and normalised. Ignore files count
/// with or without a repository around them; the user's global git settings don't, as results must not depend on
/// the machine. Links to folders aren't followed.
pub fn discover_python(roots: &[&Path]) -> Discovery {
    // By absolute path, as roots may overlap, one given relative and another absolute.
    let (mut files, mut skipped) = (BTreeMap::new(), BTreeMap::new());
    for root in roots {
        let found = walk(root);
        for path in found.files {
            files.entry(absolute(&path)).or_insert(path);
        }
        for entry in found.skipped {
            skipped.entry(absolute(&entry.path)).or_insert(entry);
        }
    }
    let mut files: Vec<PathBuf> = files.into_values().collect();
    let mut skipped: Vec<Skipped> = skipped.into_values().collect();
    files.sort();
    skipped.sort();
    Discovery { files, skipped }
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
            noted.lock().unwrap_or_else(PoisonError::into_inner).push(Skipped { path, reason: reason.to_owned() });
        }
        reason.is_none()
    });
    let mut found = Discovery::default();
    for entry in builder.build() {
        match entry {
            Ok(entry) if is_python(&entry) => found.files.push(normalize(entry.path())),
            Ok(_) => {}
            Err(error) => found.skipped.push(unreadable(root, &error)),
        }
    }
    found.skipped.append(&mut left_out.lock().unwrap_or_else(PoisonError::into_inner));
    found
}

/// A linked file counts, a linked folder doesn't.
fn is_python(entry: &DirEntry) -> bool {
    entry.path().extension().is_some_and(|e| e == "py") && entry.path().is_file()
}

/// Why a folder holds no sources of the project's own.
fn reason_to_skip(entry: &DirEntry) -> Option<&'static str> {
    let kind = entry.file_type()?;
    if kind.is_symlink() && entry.path().is_dir() {
        return Some("link to a folder");
    }
    if !kind.is_dir() {
        return None;
    }
    match entry.file_name().to_str().unwrap_or("") {
        "node_modules" | "site-packages" | "__pypackages__" => Some("installed packages"),
        "__pycache__" => Some("compiled Python"),
        ".aws-sam" | "cdk.out" | "build" | "dist" | "_build" => Some("build output"),
        ".tox" | ".nox" | ".venv" => Some("virtual environment"),
        _ if entry.path().join("pyvenv.cfg").is_file() => Some("virtual environment"),
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
    let reason =
        error.io_error().map_or_else(|| "can't be walked".to_owned(), |e| format!("can't be read: {}", e.kind()));
    Skipped { path: normalize(path), reason }
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
        assert_eq!(found(&folder, &["."]), (vec!["a/b.py".to_owned()], vec![]));
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
        assert_eq!(found(&folder, &["gone"]), (vec![], vec!["gone: can't be read: entity not found".to_owned()]));
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
        assert_eq!(skipped, ["a/loop: link to a folder"]);
    }
}
