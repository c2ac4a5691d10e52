//! Where a Lambda's code lies: beside its template, in the folder that its image is built of, or, for code that a build
//! uploads from elsewhere, in the one file that fits the handler.

use crate::python::{Codebase, ModuleId, Resolved, SearchPath};
use crate::source::{SourceMap, Span, normalize};
use crate::template::model::{Code, Function, Stack};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Most files that a message names.
const MAX_NAMED: usize = 3;

/// Why code can't be read, and the place that says where it is.
pub(super) type Blindness = (Span, String);

/// Code that was found.
pub(super) struct Located {
    /// Folders that are on Python's path, in order.
    pub roots: Vec<PathBuf>,
    /// Where that isn't known but assumed.
    pub assumption: Option<Assumption>,
}

/// That a file is a Lambda's code.
pub(super) struct Assumption {
    /// The file.
    pub file: String,
    /// Why it should be.
    pub why: Blindness,
}

/// Finds the folders from which a handler, `module.name`, is imported.
pub(super) fn locate(
    stack: &Stack,
    function: &Function,
    (module, name): (&str, &str),
    codebase: &Codebase,
    sources: &SourceMap,
) -> Result<Located, Blindness> {
    let (span, what) = match &function.code {
        Code::Inline { text, .. } => {
            let path = super::inline::path(stack, function, sources);
            if let Some(why) = codebase.why_unreadable(&path) {
                return Err((text.span, format!("its inline code isn't read, as {}", why.reason())));
            }
            return Ok(Located { roots: path.parent().map(Path::to_path_buf).into_iter().collect(), assumption: None });
        }
        Code::Elsewhere => return Err((function.span, "its code isn't beside the template".to_owned())),
        Code::Local(written) => (written.span, format!("no Python file was found in its code, `{}`", written.value)),
        Code::Image { context, .. } => (context.span, format!("no Python file was found in `{}`", context.value)),
        Code::Uploaded(key) => (key.span, "its code isn't beside the template".to_owned()),
    };
    let mut roots = own_roots(&function.code, stack, sources);
    if let Some(folder) = single_file(&roots, module, codebase) {
        return Ok(Located { roots: vec![folder], assumption: None });
    }
    roots.retain(|folder| folder.as_os_str().is_empty() || codebase.holds(folder));
    let is_image = matches!(function.code, Code::Image { .. });
    if roots.iter().any(|root| !is_image || find_module(codebase, std::slice::from_ref(root), module).is_some()) {
        return Ok(Located { roots, assumption: None });
    }
    let key = if let Code::Uploaded(key) = &function.code { key.value.as_str() } else { "" };
    let fitting = fitting(module, name, codebase);
    let called = called_as(&fitting, key);
    let folder = |path: &Path| path.ancestors().nth(module_name(module).split('.').count()).map(Path::to_path_buf);
    let assumed = |path: &Path, why: &str| {
        let from = crate::source::display_name(path);
        let why = format!("{what}; `{from}` is taken for it, as {why}");
        let assumption = Some(Assumption { file: from, why: (span, why) });
        Ok(Located { roots: folder(path).into_iter().collect(), assumption })
    };
    let beside = beside_others(&fitting, &folder, function, stack, codebase);
    match (fitting.as_slice(), called.as_slice(), beside.as_slice()) {
        ([], ..) => Err((span, what)),
        ([path], ..) => assumed(path, &format!("no other file has its handler `{module}.{name}`")),
        (_, [path], _) => assumed(path, "only its folder is called as the archive is"),
        (_, _, [path]) => assumed(path, "the other handlers of the same code are found beside it"),
        (several, ..) => {
            let named: Vec<String> =
                several.iter().take(MAX_NAMED).map(|path| format!("`{}`", crate::source::display_name(path))).collect();
            let more = several.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            Err((
                span,
                format!("{what}, and several files have its handler `{module}.{name}`: {}{more}", named.join(", ")),
            ))
        }
    }
}

/// The folders that the template names: of an image, first what is copied out of the folder.
fn own_roots(code: &Code, stack: &Stack, sources: &SourceMap) -> Vec<PathBuf> {
    let Some(folder) = local_folder(code, stack, sources) else { return Vec::new() };
    let mut roots = Vec::new();
    if let Code::Image { copied, .. } = code {
        roots.extend(copied.iter().map(|path| normalize(&folder.join(path.trim_start_matches('/')))));
    }
    roots.push(folder);
    roots
}

/// The project's files that hold a function of the handler's name in a module of its name.
fn fitting(module: &str, name: &str, codebase: &Codebase) -> Vec<PathBuf> {
    let file = PathBuf::from(format!("{}.py", module_name(module).replace('.', "/")));
    let mut fitting = Vec::new();
    for id in codebase.ids().filter(|id| codebase.is_own(*id)) {
        let module = codebase.module(id);
        if codebase.path(id).ends_with(&file) && module.names.iter().any(|known| &**known == name) {
            fitting.push(codebase.path(id).to_path_buf());
        }
    }
    fitting
}

/// Of several files, those from whose folder all handlers of the functions with the same code are imported, if there are
/// such functions.
fn beside_others<'p>(
    files: &'p [PathBuf],
    folder: &dyn Fn(&Path) -> Option<PathBuf>,
    function: &Function,
    stack: &Stack,
    codebase: &Codebase,
) -> Vec<&'p PathBuf> {
    let Some(code) = written(&function.code) else { return Vec::new() };
    let sharing = stack.functions.iter().filter(|other| written(&other.code) == Some(code));
    let handlers = sharing.filter_map(|other| Some(other.handler.as_ref()?.value.rsplit_once('.')?.0));
    let modules: BTreeSet<&str> = handlers.collect();
    if modules.len() < 2 {
        return Vec::new();
    }
    let holds_all = |root: PathBuf| {
        modules.iter().all(|module| find_module(codebase, std::slice::from_ref(&root), module).is_some())
    };
    files.iter().filter(|path| folder(path).is_some_and(holds_all)).collect()
}

/// The folder that a template names for code, as it writes it.
fn written(code: &Code) -> Option<&str> {
    match code {
        Code::Local(written) => Some(&written.value),
        _ => None,
    }
}

/// The folder of code that is one file, the handler's module: what packs it puts nothing beside it.
fn single_file(code: &[PathBuf], module: &str, codebase: &Codebase) -> Option<PathBuf> {
    let [file] = code else { return None };
    let is_module = file.file_stem().is_some_and(|stem| stem == module) && codebase.at_path(file).is_some();
    is_module.then(|| file.parent().map(Path::to_path_buf))?
}

/// Of several files, those that lie in a folder that is called as the archive is (`api-orders.zip`), or else in one of which
/// that can be said but for words at the end (`api-orders-handler`).
fn called_as(files: &[PathBuf], key: &str) -> Vec<PathBuf> {
    let archive = Path::new(key).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let archive = name_words(archive);
    let those = |fits: &dyn Fn(&[String]) -> bool| -> Vec<PathBuf> {
        let lies_there = |path: &&PathBuf| {
            let folders = path.ancestors().skip(1).filter_map(|folder| folder.file_name()?.to_str());
            folders.map(name_words).any(|words| fits(&words))
        };
        files.iter().filter(lies_there).cloned().collect()
    };
    let exactly = those(&|words| !archive.is_empty() && words.concat() == archive.concat());
    if !exactly.is_empty() {
        return exactly;
    }
    let says_something = |words: &[String]| words.iter().any(|word| !VAGUE.contains(&word.as_str()));
    let begins = |long: &[String], short: &[String]| long.starts_with(short) && says_something(short);
    those(&|words| begins(words, &archive) || begins(&archive, words))
}

/// Words in the names of archives and folders that tell nothing of what is in them.
const VAGUE: &[&str] = &[
    "app",
    "aws",
    "backend",
    "build",
    "code",
    "deploy",
    "deployment",
    "dist",
    "fn",
    "function",
    "functions",
    "handler",
    "handlers",
    "lambda",
    "lambdas",
    "package",
    "packages",
    "project",
    "py",
    "python",
    "service",
    "services",
    "source",
    "src",
];

/// The words and numbers of a name, whatever is between them.
fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last = ' ';
    for c in name.chars() {
        if !c.is_alphanumeric() || last.is_lowercase() && c.is_uppercase() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| c.is_alphanumeric()) {
            word.extend(c.to_lowercase());
        }
        last = c;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Lambda itself reads `pkg/mod.handler` as `pkg.mod.handler`.
pub(super) fn find_module(codebase: &Codebase, roots: &[PathBuf], module: &str) -> Option<ModuleId> {
    let dotted = module_name(module);
    let search = SearchPath { roots: roots.to_vec(), ..SearchPath::default() };
    if let Resolved::Module(id) = codebase.resolve(&search, &dotted) {
        return Some(id);
    }
    let file = format!("{}.py", dotted.replace('.', "/"));
    roots.iter().find_map(|root| codebase.at_path(&normalize(&root.join(&file))))
}

fn module_name(handler: &str) -> String {
    handler.trim_start_matches("./").replace('/', ".")
}

/// The folder that a template names for code or a layer's content.
pub(super) fn local_folder(code: &Code, stack: &Stack, sources: &SourceMap) -> Option<PathBuf> {
    let (Code::Local(written) | Code::Image { context: written, .. }) = code else { return None };
    let path = normalize(&template_folder(stack, sources).join(&written.value));
    let archive = path.extension().is_some_and(|e| ["zip", "jar"].iter().any(|a| e.eq_ignore_ascii_case(a)));
    (!archive).then_some(path)
}

/// The folder of a template.
pub(super) fn template_folder(stack: &Stack, sources: &SourceMap) -> PathBuf {
    template_path(stack, sources).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// A template.
pub(super) fn template_path(stack: &Stack, sources: &SourceMap) -> PathBuf {
    normalize(&sources.file(stack.file).path)
}
