//! Telling packages that an installer put beside the project's own code (`pip install -t .`) from that code. Libraries that
//! are known by name are left out, as they are when they come from elsewhere; what else was installed is read, so that it
//! can be followed, but isn't the project's to mend.

use super::libraries::{is_library, is_unmistakable};
use crate::source::{Discovery, Skipped, normalize, read_file};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};

/// Longer notes of what was installed aren't read.
const MAX_BYTES: u64 = 16 << 20;

/// Files that were installed and yet are read, each with the package or single module that it belongs to.
pub type Installed = FxHashMap<PathBuf, PathBuf>;

/// Takes the known libraries' files out of what was found, each library with a word in `skipped`; gives the other files that
/// were installed.
pub fn sort_out(discovery: &mut Discovery) -> Installed {
    let noted: FxHashMap<PathBuf, PathBuf> = discovery.receipts.iter().flat_map(|receipt| files_of(receipt)).collect();
    let found: FxHashSet<&Path> = discovery.files.iter().map(PathBuf::as_path).collect();
    let mut libraries = BTreeMap::new();
    let mut installed = Installed::default();
    for file in &discovery.files {
        if let Some(package) = copy_of_library(file, &found) {
            libraries.insert(file.clone(), package);
        } else if let Some(package) = noted.get(file) {
            let name = package.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
            if is_library(name) || is_unmistakable(name) {
                libraries.insert(file.clone(), package.clone());
            } else {
                installed.insert(file.clone(), package.clone());
            }
        }
    }
    discovery.files.retain(|file| !libraries.contains_key(file));
    let packages = libraries.into_values();
    let skipped = packages.map(|path| Skipped {
        path,
        reason: "installed packages".to_owned(),
        on_purpose: true,
        is_missing: false,
    });
    discovery.skipped.extend(skipped);
    discovery.skipped.sort();
    discovery.skipped.dedup();
    installed
}

/// The outermost folder above a file that is a package of a library whose name is nobody else's.
fn copy_of_library(file: &Path, found: &FxHashSet<&Path>) -> Option<PathBuf> {
    let is_copy = |folder: &&Path| {
        folder.file_name().and_then(|name| name.to_str()).is_some_and(is_unmistakable)
            && found.contains(folder.join("__init__.py").as_path())
    };
    file.ancestors().skip(1).filter(is_copy).last().map(Path::to_path_buf)
}

/// The files that a receipt names, each with the package or single module that it belongs to: `RECORD` of a wheel
/// (<https://packaging.python.org/en/latest/specifications/recording-installed-packages/>), `installed-files.txt` of an egg.
/// An egg without one is the project's own, installed in place.
fn files_of(receipt: &Path) -> Vec<(PathBuf, PathBuf)> {
    let Some(folder) = receipt.parent() else { return Vec::new() };
    // One writes paths relative to the folder, the other relative to the receipt.
    let lists = [(receipt.join("RECORD"), folder), (receipt.join("installed-files.txt"), receipt)];
    let mut files = Vec::new();
    for (list, base) in lists {
        let Ok(bytes) = read_file(&list, MAX_BYTES) else { continue };
        for line in String::from_utf8_lossy(&bytes).lines() {
            let name = line.split(',').next().unwrap_or_default().trim_matches('"');
            let path = normalize(&base.join(name));
            let below = path.strip_prefix(folder).ok().and_then(|path| path.components().next());
            if let (true, Some(Component::Normal(first))) = (path.extension().is_some_and(|e| e == "py"), below) {
                let package = folder.join(first);
                files.push((path, package));
            }
        }
    }
    files
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail so")]
mod tests {
    use super::*;
    use crate::source::discover_python;
    use std::fs;

    /// What is left, what of it was installed, and what was left out, of a project of these files.
    fn sorted_out(files: &[(&str, &str)]) -> [Vec<String>; 3] {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let mut discovery = discover_python(&[folder.path()]);
        let installed = sort_out(&mut discovery);
        let names = |paths: Vec<&PathBuf>| {
            let below = |path: &PathBuf| path.strip_prefix(folder.path()).unwrap().to_str().unwrap().to_owned();
            let mut names: Vec<String> = paths.into_iter().map(below).collect();
            names.sort();
            names
        };
        [
            names(discovery.files.iter().collect()),
            names(installed.keys().collect()),
            names(discovery.skipped.iter().map(|skipped| &skipped.path).collect()),
        ]
    }

    #[test]
    fn what_a_wheel_installed_is_told_from_what_stands_beside_it() {
        let record =
            "six.py,sha256=x,1\nbin/tool.py,,\nschema/__init__.py,sha256=x,1\n../up.py,,\nsix-1.dist-info/RECORD,,\n";
        let [files, installed, skipped] = sorted_out(&[
            ("up.py", ""),
            ("api/app.py", ""),
            ("api/schema/own.py", ""),
            ("api/schema/__init__.py", ""),
            ("api/six.py", ""),
            ("api/bin/tool.py", ""),
            ("api/six-1.dist-info/RECORD", record),
            ("api/acme_store/__init__.py", ""),
            ("api/acme_store-2.0.egg-info/installed-files.txt", "../acme_store/__init__.py\ntop_level.txt\n"),
            ("other/schema/__init__.py", ""),
        ]);
        assert_eq!(
            files,
            [
                "api/acme_store/__init__.py",
                "api/app.py",
                "api/bin/tool.py",
                "api/schema/own.py",
                "other/schema/__init__.py",
                "up.py"
            ]
        );
        assert_eq!(installed, ["api/acme_store/__init__.py", "api/bin/tool.py"]);
        assert_eq!(skipped, ["api/schema", "api/six.py"]);
    }

    #[test]
    fn copies_without_a_receipt_are_told_by_names_that_are_nobody_elses() {
        let [files, installed, skipped] = sorted_out(&[
            ("app.py", ""),
            ("lib/boto3/__init__.py", ""),
            ("lib/boto3/dynamodb/table.py", ""),
            ("pip/ours.py", ""),
            ("boto3.py", ""),
            ("acme.egg-info/top_level.txt", "acme\n"),
            ("acme/__init__.py", ""),
        ]);
        assert_eq!(files, ["acme/__init__.py", "app.py", "boto3.py", "pip/ours.py"]);
        assert_eq!(installed, Vec::<String>::new());
        assert_eq!(skipped, ["lib/boto3"]);
    }
}
