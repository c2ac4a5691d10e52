//! Folders that a module puts on Python's path itself: `sys.path.insert(0, os.path.dirname(__file__) + "/..")`. What the
//! text spells out is told, and nothing that depends on how the program runs.

use super::ir::{Arg, BinaryOp, Block, ExprId, ExprKind, FPart, FunctionId, Module, NameId, Place, Stmt, Target};
use super::project::{Codebase, ModuleId, Resolved, SearchPath};
use crate::source::normalize;
use rustc_hash::FxHashSet;
use std::path::{Path, PathBuf};

/// Most steps from a path to what it is made of.
const MAX_DEPTH: u32 = 16;

/// A folder that a module adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathEntry {
    /// Told from where the module lies.
    Told(PathBuf),
    /// Told from the folder that the program runs in.
    FromWorkingFolder(PathBuf),
}

/// The folders that a module at `file` adds, in order of the text.
pub fn path_entries(module: &Module, file: &Path) -> Vec<PathEntry> {
    if !["sys", "path"].iter().all(|name| module.names.iter().any(|known| &**known == *name)) {
        return Vec::new();
    }
    let reader = Reader { module, file };
    let calls = module.all_exprs().filter_map(|(id, expr)| match &expr.kind {
        ExprKind::Call(callee, args) => Some((id, *callee, args)),
        _ => None,
    });
    let mut out = Vec::new();
    for (call, callee, args) in calls {
        let scope = || module.function_id_around(call);
        for entry in reader.added(callee, args) {
            out.extend(reader.path(entry, scope(), MAX_DEPTH).and_then(Told::into_entry));
        }
    }
    out
}

/// The text of a path.
struct Told {
    /// Whether it begins with `__file__`.
    from_file: bool,
    path: PathBuf,
}

impl Told {
    fn with(self, change: impl FnOnce(PathBuf) -> Option<PathBuf>) -> Option<Self> {
        Some(Self { path: change(self.path)?, ..self })
    }

    fn into_entry(self) -> Option<PathEntry> {
        let folder = normalize(&self.path);
        if self.from_file {
            return Some(PathEntry::Told(folder));
        }
        folder.is_relative().then_some(PathEntry::FromWorkingFolder(folder))
    }
}

impl Codebase {
    /// Adds to `search` what `start`, and what it imports, puts on the path; `working` is the folder that it runs in.
    pub fn add_path_entries(&self, search: &mut SearchPath, start: ModuleId, working: Option<&Path>) {
        if self.path_entries.is_empty() {
            return;
        }
        // What is imported may be found only once something else has added its folder.
        loop {
            let before = search.roots.len();
            self.add_entries_of_imports(search, start, working);
            if search.roots.len() == before {
                return;
            }
        }
    }

    fn add_entries_of_imports(&self, search: &mut SearchPath, start: ModuleId, working: Option<&Path>) {
        let (mut seen, mut pending) = (FxHashSet::from_iter([start]), vec![start]);
        while let Some(module) = pending.pop() {
            for entry in self.path_entries.get(&module).into_iter().flatten() {
                let folder = match (entry, working) {
                    (PathEntry::Told(folder), _) => folder.clone(),
                    (PathEntry::FromWorkingFolder(below), Some(working)) => normalize(&working.join(below)),
                    (PathEntry::FromWorkingFolder(_), None) => continue,
                };
                if self.holds(&folder) && !search.roots.contains(&folder) {
                    search.roots.push(folder);
                }
            }
            let mut imports = Vec::new();
            imported(&self.module(module).function(Module::TOP).body, &mut imports);
            for (level, name) in imports {
                let dotted = self.absolute(search, module, level, &name);
                if let Some(Resolved::Module(next)) = dotted.map(|dotted| self.resolve(search, &dotted))
                    && seen.insert(next)
                {
                    pending.push(next);
                }
            }
        }
    }
}

/// The modules that a block's statements import: how many dots, and the name.
fn imported(block: &Block, out: &mut Vec<(u32, String)>) {
    for stmt in block {
        match stmt {
            Stmt::Import { module, .. } => out.push((0, module.to_string())),
            Stmt::ImportFrom { level, module, names, .. } => {
                let below = |(name, _): &(Box<str>, Target)| {
                    format!("{module}{}{name}", if module.is_empty() { "" } else { "." })
                };
                out.push((*level, module.to_string()));
                out.extend(names.iter().map(|name| (*level, below(name))));
            }
            _ => {}
        }
        stmt.blocks().into_iter().for_each(|block| imported(block, out));
    }
}

struct Reader<'m> {
    module: &'m Module,
    file: &'m Path,
}

impl<'m> Reader<'m> {
    /// What a call adds to `sys.path`.
    fn added(&self, callee: ExprId, args: &'m [Arg]) -> Vec<ExprId> {
        let Some((list, method)) = self.attribute(callee) else { return Vec::new() };
        let is_path = self.attribute(list).is_some_and(|(owner, name)| {
            name == "path"
                && matches!(&self.module.expr(owner).kind, ExprKind::Name(_, sys) if self.name(*sys) == "sys")
        });
        match (method, args) {
            ("append", [Arg::Positional(entry)]) | ("insert", [_, Arg::Positional(entry)]) if is_path => vec![*entry],
            ("extend", [Arg::Positional(list)]) if is_path => match &self.module.expr(*list).kind {
                ExprKind::List(entries) | ExprKind::Tuple(entries) => entries.clone(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The path that an expression in a function spells out.
    fn path(&self, id: ExprId, scope: FunctionId, depth: u32) -> Option<Told> {
        let depth = depth.checked_sub(1)?;
        let path = |id: ExprId| self.path(id, scope, depth);
        match &self.module.expr(id).kind {
            ExprKind::Str(text) => Some(Told { from_file: false, path: PathBuf::from(&**text) }),
            ExprKind::Name(_, name) if self.name(*name) == "__file__" => {
                Some(Told { from_file: true, path: self.file.to_path_buf() })
            }
            ExprKind::Name(place, _) => {
                let scope = if matches!(place, Place::Global(_)) { Module::TOP } else { scope };
                self.path(self.only_value(*place, scope)?, scope, depth)
            }
            ExprKind::Binary(BinaryOp::Div, left, right) => below(path(*left)?, &path(*right)?),
            ExprKind::Binary(BinaryOp::Add, left, right) => followed_by(path(*left)?, &path(*right)?),
            ExprKind::FString(parts) => {
                let part = |part: &FPart| match part {
                    FPart::Text(text) => Some(Told { from_file: false, path: PathBuf::from(&**text) }),
                    FPart::Expr(inner) => path(*inner),
                };
                let mut parts = parts.iter().map(part);
                let first = parts.next()??;
                parts.try_fold(first, |before, after| followed_by(before, &after?))
            }
            ExprKind::Attr(owner, name) if self.name(*name) == "parent" => path(*owner)?.with(|path| above(&path)),
            ExprKind::Subscript(parents, index) => {
                let (owner, _) = self.attribute(*parents).filter(|(_, name)| *name == "parents")?;
                let ExprKind::Int(index) = &self.module.expr(*index).kind else { return None };
                let steps = usize::try_from(*index).ok()?.checked_add(1)?;
                path(owner)?.with(|path| Some(normalize(&path).ancestors().nth(steps)?.to_path_buf()))
            }
            ExprKind::Call(callee, args) => self.called(*callee, args, &path),
            _ => None,
        }
    }

    /// What a function of `os.path` or `pathlib` makes of paths.
    fn called(&self, callee: ExprId, args: &[Arg], path: &dyn Fn(ExprId) -> Option<Told>) -> Option<Told> {
        let (owner, name) = match &self.module.expr(callee).kind {
            ExprKind::Name(_, name) => (None, self.name(*name)),
            ExprKind::Attr(owner, name) => (Some(*owner), self.name(*name)),
            _ => return None,
        };
        let args: Vec<ExprId> = args.iter().map(Arg::value).collect();
        let joined =
            |first: Told, rest: &[ExprId]| rest.iter().try_fold(first, |path_, part| below(path_, &path(*part)?));
        match (name, args.split_first()) {
            ("resolve" | "absolute" | "as_posix", None) => path(owner?)?.with(|path| Some(normalize(&path))),
            ("joinpath", Some(_)) => joined(path(owner?)?, &args),
            ("cwd" | "getcwd", None) => Some(Told { from_file: false, path: PathBuf::new() }),
            ("join" | "Path" | "PurePath", Some((first, rest))) => joined(path(*first)?, rest),
            ("dirname", Some((only, []))) => path(*only)?.with(|path| above(&path)),
            ("abspath" | "realpath" | "normpath", Some((only, []))) => path(*only)?.with(|path| Some(normalize(&path))),
            ("str" | "fspath", Some((only, []))) => path(*only),
            _ => None,
        }
    }

    /// What a variable is bound to, if only one statement binds it.
    fn only_value(&self, place: Place, scope: FunctionId) -> Option<ExprId> {
        let mut values = Vec::new();
        collect(&self.module.function(scope).body, place, &mut values);
        values.pop().filter(|_| values.is_empty())?
    }

    fn attribute(&self, id: ExprId) -> Option<(ExprId, &'m str)> {
        match &self.module.expr(id).kind {
            ExprKind::Attr(owner, name) => Some((*owner, self.module.name(*name))),
            _ => None,
        }
    }

    fn name(&self, id: NameId) -> &'m str {
        self.module.name(id)
    }
}

/// The values that statements bind a variable to; `None` for one that can't be told.
fn collect(block: &Block, wanted: Place, out: &mut Vec<Option<ExprId>>) {
    let binds =
        |target: &Target| target.leaves().iter().any(|leaf| matches!(leaf, Target::Name(place, _) if *place == wanted));
    let plain = |target: &Target| matches!(target, Target::Name(place, _) if *place == wanted);
    for stmt in block {
        match stmt {
            Stmt::Assign(targets, value) if targets.iter().any(plain) => out.push(Some(*value)),
            Stmt::Annotated { target, value: Some(value), .. } if plain(target) => out.push(Some(*value)),
            Stmt::Assign(targets, _) if targets.iter().any(binds) => out.push(None),
            Stmt::Augmented { target, .. } | Stmt::For { target, .. } if binds(target) => out.push(None),
            _ => {}
        }
        stmt.blocks().into_iter().for_each(|block| collect(block, wanted, out));
    }
}

/// `a/b`, unless `b` begins anew.
fn below(first: Told, second: &Told) -> Option<Told> {
    (!second.from_file && second.path.is_relative()).then_some(())?;
    first.with(|path| Some(path.join(&second.path)))
}

/// One text after the other.
fn followed_by(first: Told, second: &Told) -> Option<Told> {
    (!second.from_file).then_some(())?;
    first.with(|path| {
        let mut text = path.into_os_string();
        text.push(&second.path);
        Some(PathBuf::from(text))
    })
}

fn above(path: &Path) -> Option<PathBuf> {
    path.parent().map(Path::to_path_buf)
}
