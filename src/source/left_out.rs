//! Why a file that is there isn't among those that are found.

use super::discover::purpose;
use super::{display_name, normalize};
use ignore::Match;
use ignore::gitignore::Gitignore;
use std::path::{Path, PathBuf};

/// A file, or folder of modules, that is there and isn't read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The file or folder.
    pub file: PathBuf,
    /// The folder around it that is left out, or the folder of the file if only that is.
    pub folder: PathBuf,
    /// What leaves it out: `.gitignore:7`, or what the folder is taken for.
    pub why: String,
}

/// Why [`super::discover_python`] doesn't find a file, or the modules of a folder, below one of the roots. None if there is none, or if no reason
/// is known.
pub fn left_out(file: &Path, roots: &[PathBuf]) -> Option<LeftOut> {
    let path = absolute(file);
    if !is_there(&path) {
        return None;
    }
    // A root itself is walked, whatever is said of it.
    let root = roots.iter().map(|root| absolute(root)).filter(|root| path.starts_with(root));
    let root = root.max_by_key(|root| root.components().count())?;
    let mut parts: Vec<&Path> = path.ancestors().take_while(|part| *part != root).collect();
    parts.reverse();
    parts.into_iter().find_map(|part| {
        let is_folder = part != path || path.is_dir();
        let why = match purpose(part).filter(|_| is_folder) {
            Some(purpose) => format!("is left out as {purpose}"),
            None => format!("is left out by {}", ignoring_line(part, is_folder)?),
        };
        let folder = if is_folder { part } else { part.parent()? };
        Some(LeftOut { file: path.clone(), folder: folder.to_path_buf(), why })
    })
}

/// Whether there is such a file, or a folder of modules.
fn is_there(path: &Path) -> bool {
    let is_python = |entry: std::fs::DirEntry| entry.path().extension().is_some_and(|extension| extension == "py");
    path.is_file() || std::fs::read_dir(path).into_iter().flatten().flatten().any(is_python)
}

/// The line of an ignore file that names a file or folder. Those called `.ignore` go first, and the nearest first; above a
/// repository, `.gitignore` doesn't count.
fn ignoring_line(path: &Path, is_folder: bool) -> Option<String> {
    let above = || path.ancestors().skip(1);
    let own = above().position(|folder| folder.join(".git").exists()).map_or(usize::MAX, |at| at + 1);
    let files = above().map(|folder| folder.join(".ignore"));
    let files = files.chain(above().take(own).map(|folder| folder.join(".gitignore")));
    for file in files.filter(|file| file.is_file()) {
        let (rules, _) = Gitignore::new(&file);
        match rules.matched(path, is_folder) {
            Match::None => {}
            Match::Whitelist(_) => return None,
            Match::Ignore(rule) => {
                let text = std::fs::read_to_string(&file).ok()?;
                let line =
                    text.lines().zip(1..).filter(|(line, _)| line.trim_end() == rule.original().trim_end()).last();
                return Some(format!("{}:{}", display_name(&file), line?.1));
            }
        }
    }
    None
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).map_or_else(|_| path.to_path_buf(), |path| normalize(&path))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail so")]
mod tests {
    use super::left_out;
    use tempfile::TempDir;

    #[test]
    fn what_leaves_a_file_out() {
        let folder = TempDir::new().unwrap();
        let files = [
            ("root/.git/HEAD", ""),
            (".gitignore", "open/\n"),
            ("root/.gitignore", "# packages\nlayers/*/python\n!layers/two/python/own.py\nparts\n"),
            ("root/layers/.gitignore", "!three/python\n"),
            ("root/open/.ignore", "deep/\n"),
            ("root/layers/one/python/own.py", ""),
            ("root/layers/two/python/own.py", ""),
            ("root/layers/three/python/own.py", ""),
            ("root/open/own.py", ""),
            ("root/open/deep/own.py", ""),
            ("root/build/own.py", ""),
            ("root/parts/own.py", ""),
        ];
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let roots = ["root", "root/parts"].map(|root| folder.path().join(root));
        let why = |file: &str| {
            let found = left_out(&folder.path().join(file), &roots)?;
            let within = |text: &str| text.replace(&format!("{}/", folder.path().display()), "");
            Some(format!("{} {}", within(&found.folder.display().to_string()), within(&found.why)))
        };
        let wanted = [
            ("root/layers/one/python/own.py", Some("root/layers/one/python is left out by root/.gitignore:2")),
            ("root/layers/two/python/own.py", Some("root/layers/two/python is left out by root/.gitignore:2")),
            ("root/layers/three/python/own.py", None),
            ("root/open/own.py", None),
            ("root/open/deep/own.py", Some("root/open/deep is left out by root/open/.ignore:1")),
            ("root/build/own.py", Some("root/build is left out as build output")),
            ("root/parts/own.py", None),
            ("root/layers/one/python", Some("root/layers/one/python is left out by root/.gitignore:2")),
            ("root/gone.py", None),
        ];
        for (file, expected) in wanted {
            assert_eq!(why(file).as_deref(), expected, "{file}");
        }
    }
}
