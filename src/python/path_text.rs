//! The folder that an expression spells out: `os.path.dirname(__file__) + "/.."`. What the text says is told, and nothing that
//! depends on how the program runs.

use super::bindings::{Bindings, Variable};
use super::imported::Imported;
use super::ir::{Arg, BinaryOp, ExprId, ExprKind, FPart, Module};
use crate::source::normalize;
use rustc_hash::FxHashMap;
use std::path::{Component, Path, PathBuf};

/// Most steps from a path to what it is made of.
const MAX_DEPTH: u32 = 64;
/// Longest path that a system takes (`PATH_MAX` of Linux).
const MAX_LENGTH: usize = 4096;

/// A folder, normalised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Folder {
    /// Told from where the module lies.
    Told(PathBuf),
    /// Told from the folder that the program runs in.
    Working(PathBuf),
    /// Told from the root of the system that it runs on.
    System(PathBuf),
}

/// The text of a path.
#[derive(Debug, Clone)]
struct Told {
    /// Whether it begins with `__file__`.
    from_file: bool,
    path: PathBuf,
}

impl Told {
    fn text(text: &str) -> Self {
        Self { from_file: false, path: PathBuf::from(text) }
    }

    fn with(self, change: impl FnOnce(PathBuf) -> PathBuf) -> Self {
        Self { path: change(self.path), ..self }
    }

    fn into_folder(self) -> Folder {
        let folder = normalize(&self.path);
        match (self.from_file, folder.is_relative()) {
            (true, _) => Folder::Told(folder),
            (false, true) => Folder::Working(folder),
            (false, false) => Folder::System(folder),
        }
    }

    /// What `os.path.dirname` gives: to it, `a/` has a last part without a name.
    fn dirname(self) -> Option<Self> {
        match self.path.to_str().and_then(|text| text.strip_suffix('/')).filter(|text| !text.is_empty()) {
            Some(folder) => Some(Self { path: folder.into(), ..self }),
            None => self.above(),
        }
    }

    /// The folder around it.
    fn above(self) -> Option<Self> {
        // The path of a file may begin where the audit runs, which isn't the root.
        match self.path.components().next_back() {
            None if self.from_file => Some(self.with(|_| PathBuf::from(".."))),
            Some(Component::ParentDir)
                if self.from_file && self.path.components().all(|c| c == Component::ParentDir) =>
            {
                None
            }
            _ => {
                let path = self.path.parent()?.to_path_buf();
                Some(Self { path, ..self })
            }
        }
    }

    /// `a/b`, where `b` may begin anew.
    fn joined(self, below: &Self) -> Self {
        if below.from_file { below.clone() } else { self.with(|path| path.join(&below.path)) }
    }

    /// One text after the other.
    fn followed_by(self, after: &Self) -> Option<Self> {
        (!after.from_file).then_some(())?;
        let is_here = self.from_file && self.path.as_os_str().is_empty();
        Some(self.with(|path| {
            let mut text = if is_here { PathBuf::from(".") } else { path }.into_os_string();
            text.push(&after.path);
            PathBuf::from(text)
        }))
    }
}

/// Reads the paths of one module. What it has read it remembers: a path may be made of one path over and over.
pub(super) struct PathReader<'m> {
    module: &'m Module,
    file: &'m Path,
    bindings: Bindings,
    imported: &'m Imported<'m>,
    told: FxHashMap<ExprId, Told>,
}

impl<'m> PathReader<'m> {
    pub fn new(module: &'m Module, file: &'m Path, imported: &'m Imported<'m>) -> Self {
        Self { module, file, bindings: Bindings::new(module), imported, told: FxHashMap::default() }
    }

    /// The folder that an expression spells out.
    pub fn folder(&mut self, expr: ExprId) -> Option<Folder> {
        self.path(expr, MAX_DEPTH).map(Told::into_folder)
    }

    fn path(&mut self, id: ExprId, depth: u32) -> Option<Told> {
        if let Some(told) = self.told.get(&id) {
            return Some(told.clone());
        }
        let told = self.read(id, depth.checked_sub(1)?)?;
        (told.path.as_os_str().len() <= MAX_LENGTH).then_some(())?;
        self.told.insert(id, told.clone());
        Some(told)
    }

    fn read(&mut self, id: ExprId, depth: u32) -> Option<Told> {
        match &self.module.expr(id).kind {
            ExprKind::Str(text) => Some(Told::text(text)),
            ExprKind::Name(..) if self.imported.is(id, "builtins.__file__") => {
                Some(Told { from_file: true, path: self.file.to_path_buf() })
            }
            ExprKind::Name(..) => {
                let value = self.bindings.only_constant(Variable::named(self.module, id)?)?;
                self.path(value, depth)
            }
            ExprKind::Binary(BinaryOp::Div, left, right) => {
                Some(self.path(*left, depth)?.joined(&self.path(*right, depth)?))
            }
            ExprKind::Binary(BinaryOp::Add, left, right) => {
                self.path(*left, depth)?.followed_by(&self.path(*right, depth)?)
            }
            ExprKind::FString(parts) => {
                let (first, rest) = parts.split_first()?;
                let first = self.part(first, depth)?;
                rest.iter().try_fold(first, |before, after| before.followed_by(&self.part(after, depth)?))
            }
            ExprKind::Attr(owner, name) => match self.module.name(*name) {
                "parent" => self.path(*owner, depth)?.above(),
                "pardir" if ["os.pardir", "os.path.pardir"].iter().any(|name| self.imported.is(id, name)) => {
                    Some(Told::text(".."))
                }
                "curdir" if ["os.curdir", "os.path.curdir"].iter().any(|name| self.imported.is(id, name)) => {
                    Some(Told::text("."))
                }
                _ => None,
            },
            ExprKind::Subscript(parents, index) => {
                let ExprKind::Attr(owner, name) = self.module.expr(*parents).kind else { return None };
                let ExprKind::Int(index) = self.module.expr(*index).kind else { return None };
                (self.module.name(name) == "parents" && (0..=i64::from(MAX_DEPTH)).contains(&index)).then_some(())?;
                let path = self.path(owner, depth)?;
                (0..=index).try_fold(path, |path, _| path.above())
            }
            ExprKind::Call(callee, args) => self.called(*callee, args, depth),
            _ => None,
        }
    }

    fn part(&mut self, part: &FPart, depth: u32) -> Option<Told> {
        match part {
            FPart::Text(text) => Some(Told::text(text)),
            FPart::Expr(inner) => self.path(*inner, depth),
            FPart::Format(_) => Some(Told::text("")),
        }
    }

    /// What a function of `os.path` or `pathlib`, or a method of a path, makes of paths.
    fn called(&mut self, callee: ExprId, args: &[Arg], depth: u32) -> Option<Told> {
        let positional = |arg: &Arg| if let Arg::Positional(value) = arg { Some(*value) } else { None };
        let args: Vec<ExprId> = args.iter().map(positional).collect::<Option<_>>()?;
        let function = self.imported.dotted(callee);
        match (function.as_deref(), args.split_first()) {
            (Some("os.path.join"), Some((first, rest))) => {
                let first = self.path(*first, depth)?;
                self.all_joined(first, rest, depth)
            }
            (Some("pathlib.Path" | "pathlib.PurePath"), Some((first, rest))) => {
                let first = self.path(*first, depth)?;
                Some(self.all_joined(first, rest, depth)?.with(|path| path.components().collect()))
            }
            (Some("os.path.dirname"), Some((only, []))) => self.path(*only, depth)?.dirname(),
            (Some("os.path.abspath" | "os.path.realpath" | "os.path.normpath"), Some((only, []))) => {
                Some(self.path(*only, depth)?.with(|path| normalize(&path)))
            }
            (Some("builtins.str" | "os.fspath"), Some((only, []))) => self.path(*only, depth),
            (Some("os.getcwd" | "pathlib.Path.cwd"), None) => Some(Told::text("")),
            (Some(_), _) => None,
            (None, _) => {
                let ExprKind::Attr(owner, name) = self.module.expr(callee).kind else { return None };
                match self.module.name(name) {
                    "resolve" | "absolute" if args.is_empty() => {
                        Some(self.path(owner, depth)?.with(|path| normalize(&path)))
                    }
                    "as_posix" if args.is_empty() => self.path(owner, depth),
                    "joinpath" => {
                        let first = self.path(owner, depth)?;
                        self.all_joined(first, &args, depth)
                    }
                    _ => None,
                }
            }
        }
    }

    fn all_joined(&mut self, first: Told, rest: &[ExprId], depth: u32) -> Option<Told> {
        rest.iter().try_fold(first, |before, part| Some(before.joined(&self.path(*part, depth)?)))
    }
}
