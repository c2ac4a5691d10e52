//! What a project says of packages: which folders of its own can be installed (`pip install ./lib/shared`), so that their
//! packages are imported from anywhere, and what it takes from a package index.

use crate::source::{normalize, read_file};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// Longer files aren't read.
const MAX_BYTES: u64 = 1 << 20;

/// What all manifests of a project say together.
#[derive(Debug, Default)]
pub struct Distributions {
    /// Folders that hold the project's own packages, sorted: of each thing that can be installed, its folder and the `src`
    /// in it.
    pub(super) roots: BTreeSet<PathBuf>,
    /// Names of what is taken from an index, as [`plain`] writes them.
    from_index: FxHashSet<String>,
    /// Names that modules of these may have, as [`squeezed`] writes them: an index doesn't tell.
    likely: FxHashMap<String, Likely>,
    /// Folders that are to be installed (`-e ../lib`), each with the folder of the manifest that names it before.
    named: BTreeSet<(PathBuf, PathBuf)>,
}

impl Distributions {
    /// Reads what [`crate::source::Discovery::manifests`] names. What can't be read says nothing.
    pub fn read(manifests: &[PathBuf]) -> Self {
        let mut all = Self::default();
        for path in manifests {
            if let Ok(bytes) = read_file(path, MAX_BYTES) {
                all.add(path, &String::from_utf8_lossy(&bytes));
            }
        }
        all.guess();
        all
    }

    /// Notes what the modules may be called of what is taken from an index.
    fn guess(&mut self) {
        for name in &self.from_index {
            for module in whole_names(name) {
                self.likely.insert(module, Likely::Whole);
            }
        }
        for name in &self.from_index {
            if let Some((first, _)) = name.split_once('_').filter(|(first, _)| *first != "python") {
                let known = self.likely.entry(first.to_owned());
                known.and_modify(Likely::another).or_insert(Likely::FirstWord);
            }
        }
    }

    fn add(&mut self, path: &Path, text: &str) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let folder = path.parent().unwrap_or(Path::new(""));
        let is_installable = match name {
            "setup.py" => {
                self.take(folder, &quoted_after(text, "install_requires"));
                true
            }
            "setup.cfg" => {
                self.take(folder, &lines_of(text, "install_requires"));
                text.lines().any(|line| line.starts_with("[metadata]") || line.starts_with("[options"))
            }
            "pyproject.toml" | "Pipfile" => text.parse().is_ok_and(|document| self.add_toml(folder, &document)),
            "poetry.lock" | "uv.lock" => {
                self.from_index.extend(text.parse().iter().flat_map(locked));
                false
            }
            _ => {
                let lines: Vec<&str> = text.lines().collect();
                self.take(folder, &lines);
                false
            }
        };
        if is_installable {
            self.roots.extend([folder.to_path_buf(), folder.join("src")]);
        }
    }

    /// Takes up the lines of a requirements file.
    fn take(&mut self, folder: &Path, lines: &[&str]) {
        self.from_index.extend(lines.iter().copied().filter_map(requirement));
        for path in lines.iter().copied().filter_map(place) {
            self.name(folder, path);
        }
    }

    fn name(&mut self, folder: &Path, path: &str) {
        self.named.insert((normalize(folder), normalize(&folder.join(path))));
    }

    /// Takes up what a `pyproject.toml` asks for; says whether it describes something that can be installed, and not only
    /// the settings of tools.
    fn add_toml(&mut self, folder: &Path, document: &Table) -> bool {
        self.from_index.extend(toml_requirements(document));
        for path in toml_places(document) {
            self.name(folder, path);
        }
        let of_poetry = document.get("tool").is_some_and(|tools| tools.get("poetry").is_some());
        of_poetry || ["project", "build-system"].iter().any(|section| document.contains_key(*section))
    }

    /// Whether a manifest in or below a folder of code asks for what is installed from `root`, or from the folder whose
    /// `src` that is.
    pub(super) fn names(&self, code: &Path, root: &Path) -> bool {
        let code = normalize(code);
        let is_root = |named: &Path| named == root || named.join("src") == root;
        self.named.iter().any(|(manifest, named)| manifest.starts_with(&code) && is_root(named))
    }

    /// Whether a package of this module's name is taken from an index: `openapi_core` of `openapi-core==0.23`.
    pub(super) fn takes(&self, module: &str) -> bool {
        self.from_index.contains(&plain(module))
    }

    /// Whether a package that is taken from an index may well bring a module of this name, though it is called otherwise:
    /// `FinanceDataReader` of `finance-datareader`, `geohash` of `python-geohash`, `strands` of `strands-agents`.
    pub(super) fn may_bring(&self, module: &str) -> bool {
        matches!(self.likely.get(&squeezed(module)), Some(Likely::Whole | Likely::FirstWord))
    }
}

/// How the name of a module is found in those of packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Likely {
    /// It is one of them, but for separators and the language's name.
    Whole,
    /// It is the first word of one, and of no other.
    FirstWord,
    /// It is the first word of several.
    FirstOfSeveral,
}

impl Likely {
    fn another(&mut self) {
        if *self == Self::FirstWord {
            *self = Self::FirstOfSeveral;
        }
    }
}

/// A name without its separators.
fn squeezed(name: &str) -> String {
    name.chars().filter(|c| !"-_.".contains(*c)).map(|c| c.to_ascii_lowercase()).collect()
}

/// A package's name, and the same without the name of the language that many add to it.
fn whole_names(package: &str) -> Vec<String> {
    let own = squeezed(package);
    let cut = [own.strip_prefix("python"), own.strip_suffix("python"), own.strip_prefix("py")];
    let cut: Vec<String> = cut.into_iter().flatten().filter(|rest| !rest.is_empty()).map(str::to_owned).collect();
    std::iter::once(own).chain(cut).collect()
}

/// A name as an index compares it
/// (<https://packaging.python.org/en/latest/specifications/name-normalization/>), with the separator of module names.
fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace(['-', '.'], "_")
}

/// The name that a line of a requirements file asks an index for; none of an option, a path or an address
/// (<https://pip.pypa.io/en/stable/reference/requirements-file-format/>).
fn requirement(line: &str) -> Option<String> {
    let line = line.trim();
    let end = line.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    let is_place = name.starts_with(['.', '-']) || rest.starts_with(['/', '\\', '+', ':']) || rest.contains('@');
    (!name.is_empty() && !is_place).then(|| plain(name))
}

/// The folder that a line of a requirements file asks for: `./lib`, `-e ../lib`, `shared @ file:../lib`.
fn place(line: &str) -> Option<&str> {
    let line = line.split(" #").next().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    let editable = ["-e", "--editable"].iter().find_map(|option| line.strip_prefix(option));
    let path = match (editable, line.split_once('@')) {
        (Some(path), _) => path.trim_start_matches(['=', ' ']),
        (None, Some((_, address))) => address.trim(),
        (None, None) => line,
    };
    let is_address = path.contains("://") && !path.starts_with("file:");
    let path = path.trim_start_matches("file:").split(['[', '#']).next().unwrap_or_default();
    let is_path = path.starts_with('.') || path.contains('/') || editable.is_some();
    (is_path && !is_address && !path.starts_with('-')).then_some(path)
}

/// The paths of tables that name one, wherever they are: `shared = { path = "../shared" }`.
fn toml_places(document: &Table) -> Vec<&str> {
    let mut found = Vec::new();
    for value in document.values() {
        let Value::Table(section) = value else { continue };
        found.extend(section.get("path").and_then(Value::as_str));
        found.extend(toml_places(section));
    }
    found
}

/// The names that a lock file has taken from an index: what lies in a folder has a source of another kind.
fn locked(document: &Table) -> Vec<String> {
    let packages = document.get("package").and_then(Value::as_array).into_iter().flatten();
    let is_here = |package: &Value| {
        let source = package.get("source").and_then(Value::as_table);
        source.is_some_and(|source| {
            let kind = source.get("type").and_then(Value::as_str);
            kind.is_some_and(|kind| kind != "legacy") || kind.is_none() && !source.contains_key("registry")
        })
    };
    packages.filter(|package| !is_here(package)).filter_map(|p| Some(plain(p.get("name")?.as_str()?))).collect()
}

/// The strings of a list that a program writes after a word, as far as they stand there.
fn quoted_after<'t>(text: &'t str, word: &str) -> Vec<&'t str> {
    let Some((_, rest)) = text.split_once(word) else { return Vec::new() };
    let Some(list) = rest.trim_start().strip_prefix('=').and_then(|rest| rest.trim_start().strip_prefix('[')) else {
        return Vec::new();
    };
    let list = list.split(']').next().unwrap_or_default();
    list.split(['"', '\'']).skip(1).step_by(2).collect()
}

/// The lines of a value of several lines.
fn lines_of<'t>(text: &'t str, key: &str) -> Vec<&'t str> {
    let mut lines = text.lines().skip_while(|line| !line.trim_start().starts_with(key));
    let first = lines.next().and_then(|line| line.split_once('=')).map(|(_, value)| value.trim());
    let rest = lines.take_while(|line| line.starts_with([' ', '\t']) || line.trim().is_empty()).map(str::trim);
    first.into_iter().chain(rest).collect()
}

/// The names that `pyproject.toml` or `Pipfile` asks an index for: strings in lists of dependencies, and keys of tables of
/// dependencies (`requests = "^2.32"`, but not `shared = {path = "../shared"}`), whichever tool's.
fn toml_requirements(document: &Table) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in document {
        match (key.as_str(), value) {
            ("dependencies" | "dev-dependencies" | "packages" | "dev-packages", value) => found.extend(asked(value)),
            ("dependency-groups" | "optional-dependencies", Value::Table(groups)) => {
                found.extend(groups.values().flat_map(asked));
            }
            (_, Value::Table(section)) => found.extend(toml_requirements(section)),
            _ => {}
        }
    }
    found
}

/// What one list of requirements asks for, or one table of names, of which each may have a list of its own.
fn asked(dependencies: &Value) -> Vec<String> {
    let is_here = |value: &Value| ["path", "git", "url"].iter().any(|place| value.get(place).is_some());
    match dependencies {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).filter_map(requirement).collect(),
        Value::Table(entries) => entries
            .iter()
            .filter(|(_, value)| !is_here(value))
            .flat_map(|(name, value)| match value {
                Value::Array(lines) if lines.iter().all(Value::is_str) => asked(value),
                _ => requirement(name).into_iter().collect(),
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distributions(files: &[(&str, &str)]) -> Distributions {
        let mut all = Distributions::default();
        for (path, text) in files {
            all.add(Path::new(path), text);
        }
        all
    }

    fn taken(files: &[(&str, &str)]) -> Vec<String> {
        let mut taken: Vec<String> = distributions(files).from_index.into_iter().collect();
        taken.sort();
        taken
    }

    #[test]
    fn a_requirement_is_a_name_unless_it_is_a_place() {
        let lines = "Openapi-Core==0.23\nacme.tools [fast] >= 2 ; python_version > '3.9'\nsix\n# why\n\n-r other.txt\n\
                     ./lib/shared/\n../lib\n-e ../store\nlib/store\ngit+https://example.org/x\nmine @ file:../mine\nhttps://e.org/x.whl\n";
        assert_eq!(taken(&[("requirements-api.txt", lines)]), ["acme_tools", "openapi_core", "six"]);
    }

    #[test]
    fn dependencies_of_projects_are_read_by_section() {
        let project = "[project]\nname = \"own\"\nkeywords = [\"shop\"]\ndependencies = [\n  \"acme-one>=1\",\n  'acme-two[x]',\n]\n\
                       [project.optional-dependencies]\ntest = [\"acme-three\"]\n[tool.ruff]\nselect = [\"E\"]\n";
        let poetry = "[tool.poetry]\nname = \"own\"\n[tool.poetry.dependencies]\npython = \"^3.12\"\nacme-four = {version = \"1\"}\n\
                      shared = {path = \"../shared\"}\n";
        let pipfile = "[packages]\nacme-five = \"*\"\n[requires]\npython_version = \"3.12\"\n";
        let pdm = "[tool.pdm.dev-dependencies]\nlint = [\"acme-six\", \"-e file:///x\"]\n\
                   [tool.poetry.group.dev.dependencies]\nacme-seven = [{version = \"1\", python = \"<3.12\"}]\n";
        let broken = "[project]\ndependencies = [\"acme-eight\"";
        assert_eq!(
            taken(&[
                ("a/pyproject.toml", project),
                ("b/pyproject.toml", poetry),
                ("Pipfile", pipfile),
                ("c/pyproject.toml", pdm),
                ("d/pyproject.toml", broken),
            ]),
            ["acme_five", "acme_four", "acme_one", "acme_seven", "acme_six", "acme_three", "acme_two", "python"]
        );
    }

    #[test]
    fn programs_settings_and_locks_ask_too() {
        let setup = "from setuptools import setup\nsetup(name='own', install_requires=[\n  'acme-one>=1', \"acme-two\"],\n  x=['no'])\n";
        let settings =
            "[metadata]\nname = own\n[options]\ninstall_requires =\n  acme-three\n  acme-four>1\n[flake8]\nno = 1\n";
        let poetry = "[[package]]\nname = \"acme-five\"\n[[package]]\nname = \"own\"\n[package.source]\ntype = \"directory\"\nurl = \"../own\"\n";
        let uv = "[[package]]\nname = \"acme-six\"\nsource = { registry = \"https://pypi.org/simple\" }\n\
                  [[package]]\nname = \"own\"\nsource = { editable = \".\" }\n";
        assert_eq!(
            taken(&[
                ("setup.py", setup),
                ("setup.cfg", settings),
                ("poetry.lock", poetry),
                ("uv.lock", uv),
                ("base.txt", "acme-seven\n"),
            ]),
            ["acme_five", "acme_four", "acme_one", "acme_seven", "acme_six", "acme_three", "acme_two"]
        );
        assert_eq!(taken(&[("setup.py", "setup(install_requires=read('requirements.txt'))")]), Vec::<String>::new());
    }

    #[test]
    fn modules_are_called_much_as_their_package_is() {
        let lines =
            "finance-datareader==0.9\npython-geohash\nstrands-agents\nacme-one\nacme-two\nPyThing\nclerk_backend.api\n";
        let mut all = distributions(&[("requirements.txt", lines)]);
        all.guess();
        for module in ["FinanceDataReader", "geohash", "strands", "thing", "clerk_backend_api", "acme_two"] {
            assert!(all.may_bring(module), "{module}");
        }
        for module in ["acme", "agents", "finance_reader", "python", "", "one"] {
            assert!(!all.may_bring(module), "{module}");
        }
    }

    #[test]
    fn folders_are_named_by_path() {
        let lines = "./lib/a\n-e ../b[fast]\n--editable=../c#egg=c\nd @ file:../d\nlib/e  # why\nsix\nx @ https://e.org/x.whl\n\
                     git+https://e.org/x\n-r ../base.txt\n--index-url https://e.org/simple\n";
        let project = "[project]\ndependencies = [\"six\"]\n[tool.poetry.dependencies]\nf = { path = \"../f\" }\n\
                       [tool.uv.sources]\ng = { path = \"../g\" }\n";
        let all = distributions(&[("api/requirements.txt", lines), ("api/pyproject.toml", project)]);
        let named: Vec<&str> = all.named.iter().filter_map(|(_, named)| named.to_str()).collect();
        assert_eq!(named, ["api/lib/a", "api/lib/e", "b", "c", "d", "f", "g"]);
        assert!(all.names(Path::new("api"), Path::new("b/src")) && !all.names(Path::new("web"), Path::new("b/src")));
    }

    #[test]
    fn what_can_be_installed_is_told_from_settings_of_tools() {
        let files = [
            ("lib/a/setup.py", ""),
            ("lib/b/setup.cfg", "[metadata]\nname = b\n"),
            ("lib/c/setup.cfg", "[flake8]\nmax-line-length = 120\n"),
            ("lib/d/pyproject.toml", "[build-system]\nrequires = []\n"),
            ("pyproject.toml", "[tool.black]\nline-length = 120\n"),
        ];
        let roots: Vec<PathBuf> = distributions(&files).roots.into_iter().collect();
        let wanted = ["lib/a", "lib/a/src", "lib/b", "lib/b/src", "lib/d", "lib/d/src"];
        assert_eq!(roots, wanted.map(PathBuf::from));
    }
}
