//! All parsed modules of a run, and how an entry point's imports find them.

use super::copies::sources_of_copies;
use super::distributions::Distributions;
use super::embedded::{Embedded, Unreadable, readable};
use super::installed::Installed;
use super::ir::Module;
use super::lower::lower_lines;
use super::path_changes::{Step, may_change_path, steps};
use super::read::{Failed, read};
use super::search_path::{Home, SearchPath};
use crate::source::{SourceMap, Span, normalize};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// Index into [`Codebase::modules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(pub u32);

/// What a dotted name means to an entry point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// A file of ours (a package's is its `__init__.py`).
    Module(ModuleId),
    /// A folder without `__init__.py` under some root: submodules may be found in it.
    Namespace,
    /// One of several files of ours: which of them is found can't be told.
    Unclear,
    /// Not ours: the standard library, a dependency, or missing.
    External,
}

/// A file that can't be audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// What is wrong, or the file's beginning.
    pub span: Span,
    /// Why.
    pub reason: String,
}

/// Every Python file of a run, parsed once.
#[derive(Debug, Default)]
pub struct Codebase {
    /// The modules, in order of their paths.
    pub modules: Vec<Module>,
    /// Files that hold syntax errors: the first error's place. They are in `modules` all the same.
    pub syntax_errors: Vec<Span>,
    /// The modules' texts.
    texts: Vec<Arc<str>>,
    /// The modules' paths, normalised.
    paths: Vec<PathBuf>,
    by_path: FxHashMap<PathBuf, ModuleId>,
    /// What each module does to the path and imports, once it was asked.
    steps: Vec<OnceLock<Vec<Step>>>,
    /// Whether each module looks its package's modules up elsewhere, once it was asked.
    elsewhere: Vec<OnceLock<bool>>,
    /// Whether any module may change the path.
    pub(super) changes_path: bool,
    /// The folders that hold a module or package, by its name, once they were asked.
    homes: OnceLock<FxHashMap<String, Vec<Home>>>,
    /// Modules that were installed, with what they belong to.
    installed: FxHashMap<ModuleId, PathBuf>,
    /// Modules that test others.
    tests: FxHashSet<ModuleId>,
    /// Modules whose files an ignore file names: they may be imported, and nothing more is known of them.
    ignored: FxHashSet<ModuleId>,
    /// Every folder that holds one of the files, directly or further down.
    folders: FxHashSet<PathBuf>,
    /// Sources of modules that a build has copied: the copies are what is deployed, and stand for them.
    copied: FxHashSet<ModuleId>,
    /// Modules that stand in files of another kind.
    embedded: FxHashSet<ModuleId>,
    /// Programs in files of another kind that are no modules, by path.
    unreadable: BTreeMap<PathBuf, Unreadable>,
    /// What the project says of packages.
    distributions: Distributions,
    /// The project's own packages that can be installed, each with the folder it is imported from. A name that two of them
    /// have is none's.
    installable: BTreeMap<String, PathBuf>,
}

impl Codebase {
    /// Reads and lowers `files` on all cores.
    pub fn load(sources: &mut SourceMap, files: &[PathBuf]) -> (Self, Vec<Unread>) {
        let mut paths: Vec<PathBuf> = files.iter().map(|f| normalize(f)).collect();
        paths.sort();
        paths.dedup();
        let results: Vec<_> = paths.par_iter().map(|path| read(path)).collect();
        let (mut codebase, mut unread) = (Self::default(), Vec::new());
        for (path, result) in paths.into_iter().zip(results) {
            match result {
                Ok(file) => {
                    let id = sources.add(&path, file.text.clone());
                    let mut module = file.lowered.module;
                    module.file = id;
                    codebase.syntax_errors.extend(file.lowered.first_error.map(|r| Span::new(id, r.start, r.end)));
                    codebase.add(path, file.text, module);
                }
                Err(Failed { reason, text, at }) => {
                    let at = u32::try_from(at).unwrap_or(u32::MAX);
                    unread.push(Unread { span: Span::new(sources.add(&path, text.into()), at, at), reason });
                }
            }
        }
        (codebase, unread)
    }

    fn add(&mut self, path: PathBuf, text: Arc<str>, module: Module) {
        let id = ModuleId(u32::try_from(self.modules.len()).expect("fewer than 2^32 files"));
        for folder in path.ancestors().skip(1) {
            if !self.folders.insert(folder.to_path_buf()) {
                break;
            }
        }
        self.changes_path |= may_change_path(&module);
        self.steps.push(OnceLock::new());
        self.elsewhere.push(OnceLock::new());
        self.by_path.insert(path.clone(), id);
        self.paths.push(path);
        self.texts.push(text);
        self.modules.push(module);
    }

    /// A module.
    pub fn module(&self, id: ModuleId) -> &Module {
        &self.modules[id.0 as usize]
    }

    /// The first syntax error of a module that Python refuses.
    pub fn syntax_error(&self, id: ModuleId) -> Option<Span> {
        let file = self.module(id).file;
        self.syntax_errors.iter().copied().find(|span| span.file == file)
    }

    /// A module's text.
    pub fn text(&self, id: ModuleId) -> &str {
        &self.texts[id.0 as usize]
    }

    /// The modules' numbers, in order.
    pub fn ids(&self) -> impl Iterator<Item = ModuleId> + use<> {
        (0..u32::try_from(self.modules.len()).unwrap_or(u32::MAX)).map(ModuleId)
    }

    /// A module's dotted name below the nearest of these folders that holds it; the `__init__.py` of such a folder is
    /// `__init__`.
    pub fn name_below(&self, roots: &[PathBuf], id: ModuleId) -> String {
        let path = &self.paths[id.0 as usize];
        let below = roots.iter().filter_map(|root| path.strip_prefix(normalize(root)).ok());
        let mut name = below.min_by_key(|path| path.components().count()).unwrap_or(path).with_extension("");
        if name.components().count() > 1 && name.ends_with("__init__") {
            name.pop();
        }
        let parts = name.components().filter(|part| matches!(part, Component::Normal(_)));
        parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join(".")
    }

    /// Says which of the files were installed beside the project's own.
    #[must_use]
    pub fn with_installed(mut self, installed: &Installed) -> Self {
        let package = |path: &PathBuf| installed.get(path).cloned();
        let modules = (0..).map(ModuleId).zip(&self.paths);
        self.installed = modules.filter_map(|(id, path)| Some((id, package(path)?))).collect();
        self
    }

    /// Says which of the files an ignore file names.
    #[must_use]
    pub fn with_ignored(mut self, ignored: &[PathBuf]) -> Self {
        self.ignored = ignored.iter().filter_map(|path| self.at_path(path)).collect();
        self
    }

    /// Adds programs in files of another kind.
    #[must_use]
    pub fn with_embedded(mut self, programs: Vec<Embedded>) -> Self {
        let with_lines = |program: Embedded| {
            let lines = program.lines();
            (program, lines)
        };
        let programs: Vec<_> = programs.into_iter().map(with_lines).collect();
        let texts = readable(&programs);
        for (program, lines) in programs {
            let file = program.span.file;
            let lowered = match (lines, texts.get(&file)) {
                (Some(lines), Some(text)) => lower_lines(file, text, &lines).map_err(|_| Unreadable::TooSlow),
                _ => Err(Unreadable::NoLines),
            };
            match lowered {
                Ok(lowered) if program.is_python || lowered.first_error.is_none() => {
                    self.embedded.insert(ModuleId(u32::try_from(self.modules.len()).unwrap_or(u32::MAX)));
                    self.syntax_errors.extend(lowered.first_error.map(|r| Span::new(file, r.start, r.end)));
                    self.add(program.path, program.text, lowered.module);
                }
                Ok(_) => drop(self.unreadable.insert(program.path, Unreadable::NotPython)),
                Err(why) => drop(self.unreadable.insert(program.path, why)),
            }
        }
        self
    }

    /// Why a program in a file of another kind is no module.
    pub fn why_unreadable(&self, path: &Path) -> Option<Unreadable> {
        self.unreadable.get(path).copied()
    }

    /// Whether a module stands in a file of another kind.
    pub fn is_embedded(&self, id: ModuleId) -> bool {
        self.embedded.contains(&id)
    }

    /// Says what can be installed of the files, and what the project takes from an index.
    #[must_use]
    pub fn with_distributions(mut self, distributions: Distributions) -> Self {
        let mut found: BTreeMap<String, Vec<PathBuf>> = BTreeMap::new();
        for package in self.paths.iter().filter(|path| path.ends_with("__init__.py")).filter_map(|path| path.parent()) {
            let (Some(root), Some(name)) = (package.parent(), package.file_name().and_then(|name| name.to_str()))
            else {
                continue;
            };
            if distributions.roots.contains(root) && !is_test_folder(name) {
                found.entry(name.to_owned()).or_default().push(root.to_path_buf());
            }
        }
        let only = |(name, mut roots): (String, Vec<PathBuf>)| Some((name, roots.pop().filter(|_| roots.is_empty())?));
        self.installable = found.into_iter().filter_map(only).collect();
        self.distributions = distributions;
        self
    }

    /// Whether the project takes a package of this module's name from an index.
    pub fn takes_from_index(&self, module: &str) -> bool {
        self.distributions.takes(module)
    }

    /// Whether a package that the project takes from an index may well bring a module of this name.
    pub fn may_take_from_index(&self, module: &str) -> bool {
        self.distributions.takes(module) || self.distributions.may_bring(module)
    }

    /// Says which of the files, as they lie below these folders, test others.
    #[must_use]
    pub fn with_tests_below(mut self, roots: &[PathBuf]) -> Self {
        let roots: Vec<PathBuf> = roots.iter().map(|root| normalize(root)).collect();
        let is_test = |path: &PathBuf| {
            let below = roots.iter().filter_map(|root| path.strip_prefix(root).ok());
            is_test_code(below.min_by_key(|path| path.components().count()).unwrap_or(path))
        };
        let modules = (0..).map(ModuleId).zip(&self.paths);
        self.tests = modules.filter(|(_, path)| is_test(path)).map(|(id, _)| id).collect();
        self
    }

    /// Finds the sources of what a build has copied (`cdk.out/asset.0f`): what is found in a copy stands in its source. What
    /// lies in one of the folders `deployed` is deployed as it is, and no source of a copy.
    #[must_use]
    pub fn with_sources_of_copies(mut self, deployed: &[PathBuf]) -> Self {
        let files: Vec<(&Path, &str)> = self.ids().map(|id| (self.path(id), self.text(id))).collect();
        let id = |index: usize| ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
        let found = sources_of_copies(&files, deployed);
        for (copy, source) in found.into_iter().map(|(copy, source)| (id(copy), id(source))) {
            self.modules[copy.0 as usize].file = self.module(source).file;
            self.copied.insert(source);
        }
        self
    }

    /// Where a module's file lies.
    pub fn path(&self, id: ModuleId) -> &Path {
        &self.paths[id.0 as usize]
    }

    /// Whether a module is the project's own, and is there to be deployed or run: neither installed nor a test, not left out
    /// by an ignore file, and not the source of what is.
    pub fn is_own(&self, id: ModuleId) -> bool {
        let others = [&self.tests, &self.copied, &self.ignored];
        !self.installed.contains_key(&id) && !others.iter().any(|modules| modules.contains(&id))
    }

    /// The package or single module that a module was installed with; none for the project's own.
    pub fn package_of(&self, id: ModuleId) -> Option<&Path> {
        self.installed.get(&id).map(PathBuf::as_path)
    }

    /// Whether any of the files lies below a folder.
    pub fn holds(&self, folder: &Path) -> bool {
        self.folders.contains(folder)
    }

    /// The module at a path (normalised as [`crate::source::normalize`] does).
    pub fn at_path(&self, path: &Path) -> Option<ModuleId> {
        self.by_path.get(path).or_else(|| self.by_path.get(&normalize(path))).copied()
    }

    /// Looks up an absolute dotted name, as Python's path finder does: part by part, a package or module in
    /// whichever folder holds it first, else every folder of that name together as a namespace package. What the folders
    /// don't know may be a package of the project's own that is installed.
    pub fn resolve(&self, search: &SearchPath, dotted: &str) -> Resolved {
        let found = self.on_path(search, dotted);
        if found != Resolved::External {
            return found;
        }
        if let Some(root) = self.installable_root(search, dotted) {
            return self.resolve_below(std::slice::from_ref(root), dotted);
        }
        let mut answers: Vec<Resolved> = search
            .fallback
            .iter()
            .map(|root| self.resolve_below(std::slice::from_ref(root), dotted))
            .filter(|answer| *answer != Resolved::External)
            .collect();
        answers.dedup();
        if let [one] = answers.as_slice() { one.clone() } else { Resolved::External }
    }

    /// What a module does to the path and imports.
    pub(super) fn steps(&self, id: ModuleId) -> &[Step] {
        self.steps[id.0 as usize].get_or_init(|| steps(self.module(id), self.path(id)))
    }

    /// As [`Codebase::finds_elsewhere`], asked once for all Lambdas.
    pub fn looks_elsewhere(&self, id: ModuleId) -> bool {
        *self.elsewhere[id.0 as usize].get_or_init(|| self.finds_elsewhere(id))
    }

    /// The folders that hold a module or package of a name, or a folder.
    pub(super) fn homes(&self, name: &str) -> &[Home] {
        let homes = self.homes.get_or_init(|| {
            let mut homes: FxHashMap<String, Vec<Home>> = FxHashMap::default();
            let mut seen = FxHashSet::default();
            for id in self.ids() {
                let is_own = !self.installed.contains_key(&id);
                let named = self.path(id).with_extension("");
                for path in named.ancestors().take_while(|path| seen.insert((path.to_path_buf(), is_own))) {
                    if let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str()))
                    {
                        homes.entry(name.to_owned()).or_default().push(Home { folder: folder.to_path_buf(), is_own });
                    }
                }
            }
            homes
        });
        homes.get(name).map_or(&[], Vec::as_slice)
    }

    /// The modules of this name, and those in folders of this name, wherever they are.
    pub fn named(&self, name: &str) -> impl Iterator<Item = ModuleId> {
        let is_named = move |path: &PathBuf| {
            let own = path.file_stem().is_some_and(|stem| stem == name);
            own || path.parent().is_some_and(|folder| folder.iter().any(|part| part == name))
        };
        (0..).map(ModuleId).zip(&self.paths).filter(move |(_, path)| is_named(path)).map(|(id, _)| id)
    }

    /// Whether only a fallback folder knows a dotted name.
    pub fn is_fallback(&self, search: &SearchPath, dotted: &str) -> bool {
        self.on_path(search, dotted) == Resolved::External && self.installable_root(search, dotted).is_none()
    }

    /// The folder from which a dotted name is imported that only an installed package of the project's own can have: one
    /// that a manifest of the code names, or one of a name that no layer elsewhere and no index may have as well. That a
    /// folder can be installed doesn't say that it is.
    fn installable_root(&self, search: &SearchPath, dotted: &str) -> Option<&PathBuf> {
        let first = dotted.split('.').next()?;
        let root = self.installable.get(first)?;
        let is_named = || search.roots.iter().any(|folder| self.distributions.names(folder, root));
        let is_only = || !search.elsewhere && !self.distributions.takes(first);
        (self.on_path(search, first) == Resolved::External && (is_only() || is_named())).then_some(root)
    }

    pub(super) fn resolve_below(&self, roots: &[PathBuf], dotted: &str) -> Resolved {
        // Most imports are of libraries: nothing of the project's has their first name, wherever it lies.
        if self.homes(dotted.split('.').next().unwrap_or_default()).is_empty() {
            return Resolved::External;
        }
        let mut folders: Vec<PathBuf> = roots.iter().map(|r| normalize(r)).collect();
        let mut parts = dotted.split('.').peekable();
        while let Some(part) = parts.next() {
            if part.is_empty() || part.contains(['/', '\\']) {
                return Resolved::External;
            }
            let mut namespace = Vec::new();
            match folders.iter().find_map(|folder| self.find(folder, part, &mut namespace)) {
                Some(Found::Package(id) | Found::Module(id)) if parts.peek().is_none() => return Resolved::Module(id),
                Some(Found::Package(id)) => {
                    folders = self.paths[id.0 as usize].parent().map(Path::to_path_buf).into_iter().collect();
                }
                Some(Found::Module(_)) => return Resolved::External,
                None if namespace.is_empty() => return Resolved::External,
                None => folders = namespace,
            }
        }
        Resolved::Namespace
    }

    /// One part of a name in one folder; a plain folder is added to `namespace`.
    pub(super) fn find(&self, folder: &Path, part: &str, namespace: &mut Vec<PathBuf>) -> Option<Found> {
        let mut path = folder.join(part);
        if self.folders.contains(&path) {
            path.push("__init__.py");
            if let Some(id) = self.by_path.get(&path) {
                return Some(Found::Package(*id));
            }
            path.pop();
        }
        if let Some(id) = self.by_path.get(&folder.join(format!("{part}.py"))) {
            return Some(Found::Module(*id));
        }
        if self.folders.contains(&path) {
            namespace.push(path);
        }
        None
    }

    /// The absolute dotted name of `level` dots and `name` as seen from `module` within `search`; `None` beyond the top.
    pub fn absolute(&self, search: &SearchPath, module: ModuleId, level: u32, name: &str) -> Option<String> {
        if level == 0 {
            return Some(name.to_owned());
        }
        self.relative(&self.dotted_name(search, module)?, module, level, name)
    }

    /// As [`Codebase::absolute`], of a module that is known as `own`.
    pub(super) fn relative(&self, own: &str, module: ModuleId, level: u32, name: &str) -> Option<String> {
        let mut package: Vec<&str> = own.split('.').collect();
        let up = level as usize - usize::from(self.is_package(module));
        if up >= package.len() {
            return None;
        }
        package.truncate(package.len() - up);
        package.extend((!name.is_empty()).then_some(name));
        Some(package.join("."))
    }

    /// The dotted name under which `search` finds a module (`app.shared.config`), if it does.
    pub fn dotted_name(&self, search: &SearchPath, module: ModuleId) -> Option<String> {
        let path = &self.paths[module.0 as usize];
        let path = if self.is_package(module) { path.parent()?.to_path_buf() } else { path.with_extension("") };
        let added = search.changes.folders_around(&path);
        let roots = search.roots.iter().chain(added).chain(&search.fallback).chain(self.installable.values());
        roots.into_iter().find_map(|root| {
            let dotted = dotted(path.strip_prefix(normalize(root)).ok()?)?;
            (self.resolve(search, &dotted) == Resolved::Module(module)).then_some(dotted)
        })
    }

    fn is_package(&self, module: ModuleId) -> bool {
        self.paths[module.0 as usize].file_name().is_some_and(|name| name == "__init__.py")
    }
}

/// Whether a file is a test or there for tests, as pytest and unittest find them, by its place in the project.
fn is_test_code(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let named = stem.starts_with("test_") || ["_test", "_tests"].iter().any(|ending| stem.ends_with(ending));
    let folders = path.parent().into_iter().flat_map(Path::components);
    named
        || matches!(stem, "conftest" | "tests")
        || folders.filter_map(|folder| folder.as_os_str().to_str()).any(is_test_folder)
}

fn is_test_folder(name: &str) -> bool {
    matches!(name, "test" | "tests")
}

/// What a part of a dotted name is.
pub(super) enum Found {
    Package(ModuleId),
    Module(ModuleId),
}

fn dotted(relative: &Path) -> Option<String> {
    let part = |c: Component<'_>| match c {
        Component::Normal(part) => part.to_str().filter(|p| !p.contains('.')).map(str::to_owned),
        _ => None,
    };
    let parts: Vec<String> = relative.components().map(part).collect::<Option<_>>()?;
    (!parts.is_empty()).then(|| parts.join("."))
}

#[cfg(test)]
#[path = "project_tests.rs"]
#[allow(clippy::unwrap_used, reason = "a test may fail so")]
mod tests;
