use super::{Codebase, ModuleId, Resolved, SearchPath, Unread};
use crate::source::{SourceMap, Span};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder with files, loaded.
struct Project {
    folder: TempDir,
    sources: SourceMap,
    codebase: Codebase,
    unread: Vec<Unread>,
}

impl Project {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = TempDir::new().unwrap();
        let mut paths = Vec::new();
        for (name, content) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, content).unwrap();
            paths.push(path);
        }
        let mut sources = SourceMap::default();
        let (codebase, unread) = Codebase::load(&mut sources, &paths);
        Self { folder, sources, codebase, unread }
    }

    fn empty(files: &[&str]) -> Self {
        Self::new(&files.iter().map(|f| (*f, b"".as_slice())).collect::<Vec<_>>())
    }

    fn search(&self, roots: &[&str]) -> SearchPath {
        SearchPath { roots: roots.iter().map(|r| self.folder.path().join(r)).collect(), ..SearchPath::default() }
    }

    fn name(&self, path: &Path) -> String {
        path.strip_prefix(self.folder.path()).unwrap().to_str().unwrap().to_owned()
    }

    fn at(&self, path: &str) -> ModuleId {
        self.codebase.at_path(&self.folder.path().join(path)).unwrap()
    }

    /// What names resolve to, by path.
    fn resolved(&self, roots: &[&str], names: &[&str]) -> Vec<String> {
        let search = self.search(roots);
        let shown = |name: &&str| match self.codebase.resolve(&search, name) {
            Resolved::Module(id) => self.name(&self.sources.file(self.codebase.module(id).file).path),
            other => format!("{other:?}"),
        };
        names.iter().map(shown).collect()
    }
}

#[test]
fn names_resolve_as_python_finds_them() {
    let project = Project::empty(&[
        "app/__init__.py",
        "app/store.py",
        "app/store/unreachable.py",
        "app/both.py",
        "app/both/__init__.py",
        "app/tools/text.py",
        "top.py",
    ]);
    assert_eq!(
        project.resolved(
            &[""],
            &["app", "app.store", "app.store.unreachable", "app.both", "app.tools", "app.tools.text", "top", "top.x"],
        ),
        [
            "app/__init__.py",
            "app/store.py",
            "External",
            "app/both/__init__.py",
            "Namespace",
            "app/tools/text.py",
            "top.py",
            "External",
        ]
    );
    assert_eq!(project.resolved(&[""], &["", ".", "app.", "..app", "app/store", "boto3"]), ["External"; 6]);
}

#[test]
fn the_first_root_wins_and_its_package_hides_later_ones() {
    let project = Project::empty(&[
        "code/shared/__init__.py",
        "layer/shared/__init__.py",
        "layer/shared/keys.py",
        "layer/plain/b.py",
        "code/plain/a.py",
        "layer/late.py",
        "code/late/x.py",
    ]);
    assert_eq!(
        project
            .resolved(&["code", "layer"], &["shared", "shared.keys", "plain", "plain.a", "plain.b", "late", "late.x"]),
        [
            "code/shared/__init__.py",
            "External",
            "Namespace",
            "code/plain/a.py",
            "layer/plain/b.py",
            "layer/late.py",
            "External",
        ]
    );
    assert_eq!(project.resolved(&["layer", "code"], &["shared.keys"]), ["layer/shared/keys.py"]);
    assert_eq!(project.resolved(&["code/../layer/."], &["late"]), ["layer/late.py"]);
}

#[test]
fn relative_names_become_absolute() {
    let project = Project::empty(&["a/__init__.py", "a/b/__init__.py", "a/b/c.py", "top.py", "not-a-name/x.y.py"]);
    let search = project.search(&["missing", ""]);
    let absolute = |from: &str, level, name| project.codebase.absolute(&search, project.at(from), level, name);
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(absolute("a/b/c.py", 0, "os.path"), some("os.path"));
    assert_eq!(absolute("a/b/c.py", 1, ""), some("a.b"));
    assert_eq!(absolute("a/b/c.py", 1, "d.e"), some("a.b.d.e"));
    assert_eq!(absolute("a/b/c.py", 2, "x"), some("a.x"));
    assert_eq!(absolute("a/b/c.py", 3, "x"), None);
    assert_eq!(absolute("a/b/__init__.py", 1, "c"), some("a.b.c"));
    assert_eq!(absolute("a/b/__init__.py", 2, "c"), some("a.c"));
    assert_eq!(absolute("a/b/__init__.py", 3, "c"), None);
    assert_eq!(absolute("top.py", 1, "a"), None);
    assert_eq!(project.codebase.dotted_name(&search, project.at("a/b/__init__.py")), some("a.b"));
    assert_eq!(project.codebase.dotted_name(&search, project.at("not-a-name/x.y.py")), None);
    assert_eq!(project.codebase.dotted_name(&project.search(&["a/b"]), project.at("a/b/__init__.py")), None);
    assert_eq!(project.codebase.dotted_name(&project.search(&["a/b", ""]), project.at("a/b/c.py")), some("c"));
}

#[test]
fn files_are_read_in_order_of_their_paths_and_the_unreadable_are_named() {
    let large = vec![b'#'; 6 * 1024 * 1024];
    let project = Project::new(&[
        ("z.py", b"x = 1\n"),
        ("a.py", b"x = (\n"),
        ("latin.py", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n"),
        ("bytes.py", b"x = '\xe9'\n"),
        ("large.py", &large),
    ]);
    let names: Vec<String> = project.sources.files().map(|(_, f)| project.name(&f.path)).collect();
    assert_eq!(names, ["a.py", "bytes.py", "large.py", "latin.py", "z.py"]);
    let errors: Vec<u32> = project.codebase.syntax_errors.iter().map(|s| s.file.0).collect();
    assert_eq!(errors, [0]);
    assert_eq!(&*project.sources.file(crate::source::FileId(3)).text, "# -*- coding: latin-1 -*-\nx = 'é'\n");

    let mut sources = SourceMap::default();
    let gone = Codebase::load(&mut sources, &[project.folder.path().join("gone.py")]).1;
    let told = |unread: &Unread, sources: &SourceMap| {
        let Span { file, start, end } = unread.span;
        (project.name(&sources.file(file).path), start..end, unread.reason.clone())
    };
    let unread = project.unread.iter().map(|unread| told(unread, &project.sources));
    let unread: Vec<_> = unread.chain(gone.iter().map(|unread| told(unread, &sources))).collect();
    assert_eq!(
        unread,
        [
            ("bytes.py".to_owned(), 5..5, "not UTF-8".to_owned()),
            ("large.py".to_owned(), 0..0, "larger than 2048 KiB".to_owned()),
            ("gone.py".to_owned(), 0..0, "can't be read: entity not found".to_owned()),
        ]
    );
}

#[test]
fn a_path_is_found_however_it_is_written() {
    let project = Project::empty(&["a/b.py"]);
    let odd: PathBuf = project.folder.path().join("./a/../a/b.py");
    assert_eq!(project.codebase.at_path(&odd), Some(project.at("a/b.py")));
    assert_eq!(project.codebase.at_path(Path::new("a/b.py")), None);
}
