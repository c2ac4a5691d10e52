//! Which files a build has copied from which: `cdk.out/asset.0f/app.py` from `lambda/app.py`.

use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};

/// Of files with their texts, the copies that a build has made, each with its source: the file of the same text whose path
/// ends most alike, if it is the only one. What lies in one of the folders `deployed` is deployed as it is, and no source.
pub(super) fn sources_of_copies(files: &[(&Path, &str)], deployed: &[PathBuf]) -> Vec<(usize, usize)> {
    let is_deployed = |path: &Path| deployed.iter().any(|folder| !is_built(folder) && path.starts_with(folder));
    let (built, others): (Vec<usize>, Vec<usize>) = (0..files.len()).partition(|index| is_built(files[*index].0));
    if built.is_empty() {
        return Vec::new();
    }
    let mut by_text: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for index in others.into_iter().filter(|index| !is_deployed(files[*index].0)) {
        by_text.entry(files[index].1).or_default().push(index);
    }
    let mut found = Vec::new();
    for copy in built {
        let (path, text) = files[copy];
        let twins = by_text.get(text).into_iter().flatten().filter(|_| !text.trim().is_empty());
        let twins: Vec<(usize, usize)> = twins.map(|twin| (alike(path, files[*twin].0), *twin)).collect();
        let most = twins.iter().map(|(alike, _)| *alike).max().unwrap_or_default();
        let mut nearest = twins.iter().filter(|(alike, _)| *alike == most && most > 0);
        if let (Some((_, source)), None) = (nearest.next(), nearest.next()) {
            found.push((copy, *source));
        }
    }
    found
}

/// How many last parts two paths have in common.
fn alike(one: &Path, other: &Path) -> usize {
    one.iter().rev().zip(other.iter().rev()).take_while(|(a, b)| a == b).count()
}

/// Whether a path leads into what a build leaves behind.
fn is_built(path: &Path) -> bool {
    path.iter().any(|part| part == "cdk.out" || part == ".aws-sam")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copies<'f>(files: &[(&'f str, &'f str)], deployed: &[&str]) -> Vec<(&'f str, &'f str)> {
        let deployed: Vec<PathBuf> = deployed.iter().map(PathBuf::from).collect();
        let named: Vec<(&Path, &str)> = files.iter().map(|(path, text)| (Path::new(*path), *text)).collect();
        let found = sources_of_copies(&named, &deployed);
        found.into_iter().map(|(copy, source)| (files[copy].0, files[source].0)).collect()
    }

    #[test]
    fn a_copy_is_known_by_its_text_and_its_name() {
        let files = [
            ("cdk.out/asset.0f/app.py", "a"),
            ("cdk.out/asset.0f/lib/log.py", "l"),
            ("cdk.out/asset.0f/lib/__init__.py", "\n"),
            ("cdk.out/asset.0f/changed.py", "new"),
            ("lambda/app.py", "a"),
            ("lambda/lib/log.py", "l"),
            ("lambda/lib/__init__.py", "\n"),
            ("lambda/changed.py", "old"),
            ("lambda/other_name.py", "a"),
            ("other/log.py", "l"),
        ];
        let wanted =
            [("cdk.out/asset.0f/app.py", "lambda/app.py"), ("cdk.out/asset.0f/lib/log.py", "lambda/lib/log.py")];
        assert_eq!(copies(&files, &["cdk.out/asset.0f"]), wanted);
        assert_eq!(copies(&files, &["cdk.out/asset.0f", "lambda"]), [("cdk.out/asset.0f/lib/log.py", "other/log.py")]);
    }

    #[test]
    fn twins_are_nobodys_source() {
        let files = [(".aws-sam/build/Api/app.py", "a"), ("one/app.py", "a"), ("two/app.py", "a")];
        assert_eq!(copies(&files, &[]), []);
        assert_eq!(copies(&files[1..], &[]), []);
    }
}
