//! What becomes of Python's path while a program starts: its modules are gone through as Python runs their top levels, each when
//! it is first imported, and the folders that they put on the path are there for what is imported after.

use super::path_changes::{Addition, Change, Position, When};
use super::path_text::Folder;
use super::project::{Codebase, ModuleId, Resolved};
use super::search_path::{PathChanges, SearchPath};
use crate::source::normalize;
use rustc_hash::FxHashMap;
use std::path::PathBuf;
use std::sync::Arc;

/// Where Lambda puts the code, and the layers.
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-package.html>, <https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html>
const CODE: &str = "/var/task";
const LAYERS: &str = "/opt";

impl Codebase {
    /// Finds out what a Lambda that starts in a module does to its path; the first so many of the folders hold its code.
    pub fn follow_path(&self, search: &mut SearchPath, start: ModuleId, code: usize) {
        if !self.changes_path {
            return;
        }
        let (code, layers) = search.roots.split_at(code);
        let (code, layers) = (code.first().cloned(), layers.to_vec());
        let own = &search.roots[..search.roots.len() - layers.len()];
        search.changes = Arc::new(PathChanges::starting_with(own, &layers));
        let mut startup = Startup {
            codebase: self,
            search,
            code,
            layers,
            names: FxHashMap::default(),
            walked: FxHashMap::default(),
            missing: Vec::new(),
            is_elsewhere: false,
            has_relative: false,
        };
        startup.run(start);
    }
}

struct Startup<'c, 's> {
    codebase: &'c Codebase,
    search: &'s mut SearchPath,
    /// The folder that the program runs in.
    code: Option<PathBuf>,
    layers: Vec<PathBuf>,
    /// The names by which modules were imported.
    names: FxHashMap<ModuleId, String>,
    /// How surely each module was gone through.
    walked: FxHashMap<ModuleId, When>,
    /// What wasn't found, and isn't surely imported: it may be once something else has added its folder.
    missing: Vec<String>,
    /// Whether the program may have gone to another folder.
    is_elsewhere: bool,
    /// Whether a folder on the path depends on that in which the program runs.
    has_relative: bool,
}

/// What is under way.
enum Task {
    /// A module's steps, from one on, and how surely it changes the path in its turn.
    Module(ModuleId, When, When, usize),
    /// Imports, the next one last.
    Imports(Vec<String>, When),
}

impl Startup<'_, '_> {
    fn run(&mut self, start: ModuleId) {
        let own = self.codebase.dotted_name(self.search, start);
        let packages: Vec<String> = own.iter().flat_map(|own| names_of(own, &[])).collect();
        self.work(vec![Task::Imports(packages, When::Now)]);
        if !self.walked.contains_key(&start) {
            self.work(vec![Task::Module(start, When::Now, When::Now, 0)]);
        }
        // As long as something is added, what wasn't there may be.
        let mut before = None;
        while before != Some(self.search.changes.count()) {
            before = Some(self.search.changes.count());
            let missing = std::mem::take(&mut self.missing);
            self.work(vec![Task::Imports(missing, When::Later)]);
        }
    }

    /// Does the tasks, the last one first.
    fn work(&mut self, mut tasks: Vec<Task>) {
        while let Some(task) = tasks.pop() {
            match task {
                Task::Module(module, when, changes, next) => {
                    let Some(step) = self.codebase.steps(module).get(next) else {
                        self.changes().follow(module);
                        continue;
                    };
                    let (step_when, change_when) = (step.when.max(when), step.when.max(changes));
                    tasks.push(Task::Module(module, when, changes, next + 1));
                    match &step.what {
                        Change::Import { level, module: from, names } => {
                            tasks.push(Task::Imports(self.imported(module, *level, from, names), step_when));
                        }
                        // What a library does so is for its own sake, and not where the project's modules are looked up.
                        change if self.codebase.package_of(module).is_some() && is_vague(change) => {}
                        Change::Add(addition) => self.add(addition, change_when),
                        Change::Anything => self.changes().open(),
                        Change::Forgetting => self.changes().forget(),
                        Change::WorkingFolder => self.leave_folder(),
                    }
                }
                Task::Imports(mut names, when) => {
                    let Some(name) = names.pop() else { continue };
                    tasks.push(Task::Imports(names, when));
                    tasks.extend(self.load(name, when));
                }
            }
        }
    }

    fn changes(&mut self) -> &mut PathChanges {
        Arc::make_mut(&mut self.search.changes)
    }

    /// The dotted names that an import statement imports, the first one last.
    fn imported(&self, importer: ModuleId, level: u32, from: &str, names: &[Box<str>]) -> Vec<String> {
        let from = if level == 0 {
            Some(from.to_owned())
        } else {
            self.names.get(&importer).and_then(|own| self.codebase.relative(own, importer, level, from))
        };
        from.map(|from| names_of(&from, names)).unwrap_or_default()
    }

    /// The modules that are run because a name is imported.
    fn load(&mut self, name: String, when: When) -> Vec<Task> {
        self.changes().ask(name.split('.').next().unwrap_or(&name));
        let found = self.codebase.resolve(self.search, &name);
        // The parts of a namespace package are looked up anew whenever the path has changed.
        if when == When::Now && found != Resolved::Namespace {
            self.changes().settle(&name);
        }
        let (found, when) = match found {
            Resolved::Module(module) => (vec![module], when),
            Resolved::Namespace => (Vec::new(), when),
            Resolved::Unclear => {
                let modules = self.codebase.answers(self.search, &name).unwrap_or_default();
                let module = |answer| if let Resolved::Module(module) = answer { Some(module) } else { None };
                (modules.into_iter().filter_map(module).collect(), when.max(When::Perhaps))
            }
            Resolved::External => {
                if when != When::Now {
                    self.missing.push(name);
                }
                return Vec::new();
            }
        };
        let mut tasks = Vec::new();
        for module in found {
            let before = self.walked.get(&module).copied();
            if before.is_none_or(|before| before > when) {
                self.walked.insert(module, when);
                self.names.entry(module).or_insert_with(|| name.clone());
                // What was perhaps imported before has perhaps changed the path then, and not now.
                let changes = if before.is_some() { when.max(When::Perhaps) } else { when };
                tasks.push(Task::Module(module, when, changes, 0));
            }
        }
        tasks
    }

    fn add(&mut self, addition: &Addition, when: When) {
        let folders = addition.folder.as_ref().and_then(|folder| self.folders(folder));
        let Some(mut folders) = folders else {
            self.changes().add(None, addition.at, addition.unless_there, when);
            return;
        };
        if matches!(addition.folder, Some(Folder::Working(_))) {
            self.has_relative = true;
            if self.is_elsewhere {
                self.changes().open();
            }
        }
        if addition.at != Position::Last {
            folders.reverse();
        }
        for folder in folders {
            self.changes().add(Some(folder), addition.at, addition.unless_there, when);
        }
    }

    /// Where a folder is in the code at hand: nowhere, if it is another of the system, or in several layers.
    fn folders(&self, folder: &Folder) -> Option<Vec<PathBuf>> {
        match folder {
            Folder::Told(folder) => Some(vec![folder.clone()]),
            Folder::Working(below) => Some(vec![normalize(&self.code.as_ref()?.join(below))]),
            Folder::System(folder) => {
                let code = folder.strip_prefix(CODE).ok().zip(self.code.as_ref());
                let layers = folder.strip_prefix(LAYERS).ok().map(|below| {
                    let parts = [Some(below), below.strip_prefix("python").ok()].into_iter().flatten();
                    parts.flat_map(|part| self.layers.iter().map(move |layer| layer.join(part))).collect::<Vec<_>>()
                });
                let found = code.map(|(below, code)| code.join(below)).into_iter().chain(layers.into_iter().flatten());
                Some(found.map(|folder| normalize(&folder)).filter(|folder| self.codebase.holds(folder)).collect())
            }
        }
    }

    fn leave_folder(&mut self) {
        self.is_elsewhere = true;
        if self.has_relative {
            self.changes().open();
        }
    }
}

fn is_vague(change: &Change) -> bool {
    match change {
        Change::Import { .. } => false,
        Change::Add(addition) => addition.folder.is_none(),
        Change::Anything | Change::Forgetting | Change::WorkingFolder => true,
    }
}

/// The names that are imported for `from … import …`, or `import …` without names, the first one last.
fn names_of(from: &str, names: &[Box<str>]) -> Vec<String> {
    let below = |name: &str| if from.is_empty() { name.to_owned() } else { format!("{from}.{name}") };
    let mut all: Vec<String> = names.iter().rev().map(|name| below(name)).collect();
    if !from.is_empty() {
        let around = from.match_indices('.').map(|(end, _)| from[..end].to_owned());
        let mut own: Vec<String> = around.chain([from.to_owned()]).collect();
        own.reverse();
        all.append(&mut own);
    }
    all
}
