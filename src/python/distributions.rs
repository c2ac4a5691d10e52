//! What a project says of packages: which folders of its own can be installed (`pip install ./lib/shared`), so that their
//! packages are imported from anywhere, and what it takes from a package index.

use crate::source::read_file;
use rustc_hash::FxHashSet;
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
        all
    }

    fn add(&mut self, path: &Path, text: &str) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_installable = match name {
            "setup.py" => true,
            "setup.cfg" => text.lines().any(|line| line.starts_with("[metadata]") || line.starts_with("[options")),
            "pyproject.toml" | "Pipfile" => text.parse().is_ok_and(|document| self.add_toml(&document)),
            _ => {
                self.from_index.extend(text.lines().filter_map(requirement));
                false
            }
        };
        if let (true, Some(folder)) = (is_installable, path.parent()) {
            self.roots.extend([folder.to_path_buf(), folder.join("src")]);
        }
    }

    /// Takes up what a `pyproject.toml` asks for; says whether it describes something that can be installed, and not only
    /// the settings of tools.
    fn add_toml(&mut self, document: &Table) -> bool {
        self.from_index.extend(toml_requirements(document));
        let of_poetry = document.get("tool").is_some_and(|tools| tools.get("poetry").is_some());
        of_poetry || ["project", "build-system"].iter().any(|section| document.contains_key(*section))
    }

    /// Whether a package of this module's name is taken from an index: `openapi_core` of `openapi-core==0.23`.
    pub(super) fn takes(&self, module: &str) -> bool {
        self.from_index.contains(&plain(module))
    }
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
