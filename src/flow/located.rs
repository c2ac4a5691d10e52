//! Code that is found or run by its text, and what a program finds of itself by looking at what runs.

use super::Hides;
use super::call::Args;
use super::frame::Frame;
use super::heap::CallSite;
use super::machine::Machine;
use super::value::{Atom, Val};
use crate::python::{Resolved, is_library};

/// Functions that find what a text names.
const LOCATING: [&str; 6] = [
    "django.utils.module_loading.import_string",
    "pkgutil.resolve_name",
    "pydoc.locate",
    "sys.modules.get",
    "werkzeug.utils.import_string",
    "zope.dottedname.resolve.resolve",
];

/// Functions that give frames of what runs, or objects that somebody else holds.
const LOOKING: [&str; 10] = [
    "gc.get_objects",
    "gc.get_referents",
    "gc.get_referrers",
    "inspect.currentframe",
    "inspect.getinnerframes",
    "inspect.getmodule",
    "inspect.getouterframes",
    "inspect.stack",
    "inspect.trace",
    "sys._getframe",
];

/// Functions that make modules of files.
const LOADING: [&str; 5] = [
    "imp.load_module",
    "imp.load_source",
    "importlib.machinery.SourceFileLoader",
    "importlib.util.LazyLoader",
    "importlib.util.module_from_spec",
];

/// Modules that run what a text says.
const RUNNING: [&str; 7] = ["bdb", "cProfile", "code", "pdb", "profile", "timeit", "trace"];

/// How they call what does so, and what the text.
const RUN: [&str; 8] = ["repeat", "run", "runcode", "runctx", "runeval", "runsource", "timeit", "Timer"];
const OF_TEXT: [&str; 6] = ["cmd", "expression", "setup", "source", "statement", "stmt"];

impl<'p> Machine<'p> {
    /// Functions that find or run code by a text, or by what runs.
    pub fn call_by_text(&mut self, frame: &mut Frame<'p>, path: &str, args: &Args, site: CallSite) -> Option<Val> {
        if LOCATING.contains(&path) {
            return Some(self.locate(frame, args, site));
        }
        if LOOKING.contains(&path) {
            return Some(self.values.opaque("what a program finds of what runs"));
        }
        if LOADING.contains(&path) {
            const LOADED: &str = "a module that a loader makes of a file";
            let span = self.place(frame, site);
            self.gap(span, LOADED, Hides::Anything);
            return Some(self.values.opaque(LOADED));
        }
        self.run_text(frame, path, path, args, site)
    }

    /// A text that is given to what runs texts: `cProfile.run("main()")`, `Profile().runctx("main()", …)`.
    pub fn run_text(
        &mut self,
        frame: &mut Frame<'p>,
        library: &str,
        function: &str,
        args: &Args,
        site: CallSite,
    ) -> Option<Val> {
        let root = library.split('.').next().unwrap_or_default();
        let name = function.rsplit('.').next().unwrap_or_default();
        if !RUNNING.contains(&root) || !RUN.contains(&name) {
            return None;
        }
        let is_text = |atom: &Atom| matches!(atom, Atom::Str(_) | Atom::Text(_) | Atom::Data(_) | Atom::Opaque(_));
        let keywords = args.keywords.iter().filter(|keyword| OF_TEXT.contains(&self.values.str(keyword.name)));
        let given = args.positional.first().copied().into_iter().chain(keywords.map(|keyword| keyword.value));
        let runs = given.chain([args.star]).any(|value| self.values.atoms(value).iter().any(is_text));
        runs.then(|| {
            self.hand_out(frame, args, site);
            self.dynamic_code(frame, site)
        })
    }

    /// What a text names: `locate("package.module.Class")`, `sys.modules["package.module"]`.
    pub fn locate(&mut self, frame: &mut Frame<'p>, args: &Args, site: CallSite) -> Val {
        let mut result = Val::BOTTOM;
        for name in self.values.atoms_vec(args.positional.first().copied().unwrap_or(args.star)) {
            let found = if let Atom::Str(name) = name {
                let name = self.values.str(name).replace(':', ".");
                let found = self.located(frame, &name, site);
                let is_library = is_library(name.split('.').next().unwrap_or_default());
                found.or_else(|| is_library.then(|| self.external(&name)))
            } else {
                let span = self.place(frame, site);
                self.gap(span, "an import whose module name is computed", Hides::Anything);
                None
            };
            let found = found.unwrap_or_else(|| self.values.opaque("what a text names"));
            result = self.values.join(result, found);
        }
        result
    }

    /// What the dotted name of something of ours leads to.
    pub fn located(&mut self, frame: &mut Frame<'p>, name: &str, site: CallSite) -> Option<Val> {
        let span = self.place(frame, site);
        let mut value = None;
        let mut dotted = String::new();
        for part in name.split(['.', ':']) {
            if part.is_empty() || part.contains(|c: char| !c.is_alphanumeric() && c != '_') {
                return None;
            }
            let is_module = value.is_none_or(|value| {
                self.values.atoms(value).iter().all(|atom| matches!(atom, Atom::Module(_) | Atom::Namespace(_)))
            });
            if !dotted.is_empty() {
                dotted.push('.');
            }
            dotted.push_str(part);
            value = Some(match (value, self.resolve(&dotted)) {
                (_, Resolved::Module(_) | Resolved::Namespace | Resolved::Unclear) if is_module => {
                    self.load_dotted(frame.instance, &dotted, span)
                }
                (None, _) => return None,
                (Some(value), _) => {
                    let name = self.values.sym(part);
                    self.attribute(frame, value, name)
                }
            });
        }
        value
    }
}
