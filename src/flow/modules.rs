//! Imports: dotted names to modules of ours or to libraries.

use super::frame::Frame;
use super::heap::{AllocKey, InstanceId, Kind};
use super::machine::{Edge, Machine};
use super::value::{Atom, Sym, Val};
use super::{EntryName, Hides};
use crate::python::ir::{ExprKind, Module, Target};
use crate::python::{ModuleId, Resolved, is_library, is_vendored};
use crate::source::Span;

/// What an import takes of a module.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    /// Libraries that are kept in it.
    Libraries,
    /// Names that are used in decorators alone.
    Decorators,
    /// What takes the place of an import that fails, and none does.
    Fallback,
    Anything,
}

fn wanted(module: &Module, dotted: &str, names: &[(Box<str>, Target)]) -> Wanted {
    if is_vendored(dotted, names.iter().map(|(name, _)| &**name)) {
        return Wanted::Libraries;
    }
    let bound = |wanted| names.iter().any(|(_, target)| matches!(target, Target::Name(_, name) if *name == wanted));
    let decorators = module.functions.iter().flat_map(|function| &function.decorators);
    let places: Vec<_> = decorators.map(|id| module.expr(*id).range).collect();
    let mut uses = module.all_exprs().filter(|(_, expr)| matches!(expr.kind, ExprKind::Name(_, name) if bound(name)));
    let decorates = uses.all(|(_, expr)| places.iter().any(|place| place.covers(expr.range)));
    if decorates && !places.is_empty() && !names.is_empty() { Wanted::Decorators } else { Wanted::Anything }
}

impl<'p> Machine<'p> {
    /// `import a.b.c`: the value of `a`, or of `a.b.c` if it gets a name of its own.
    pub fn import(&mut self, frame: &mut Frame<'p>, dotted: &str, aliased: bool, span: Span) -> Val {
        let mut first = None;
        let mut last = Val::BOTTOM;
        let mut name = String::new();
        let wanted = match is_vendored(dotted, std::iter::empty()) {
            _ if frame.fallbacks > 0 => Wanted::Fallback,
            true => Wanted::Libraries,
            false => Wanted::Anything,
        };
        for part in dotted.split('.') {
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(part);
            last = self.load(frame.instance, &name, wanted, span);
            first.get_or_insert(last);
        }
        if aliased { last } else { first.unwrap_or(last) }
    }

    /// `from ..module import names`.
    pub fn exec_import_from(
        &mut self,
        frame: &mut Frame<'p>,
        level: u32,
        module: &str,
        names: &'p [(Box<str>, Target)],
        star: bool,
        span: Span,
    ) {
        let codebase = self.program.codebase;
        let dotted = codebase.absolute(&self.entry.search, frame.module_id, level, module);
        let source = if let Some(dotted) = dotted {
            let wanted = if frame.fallbacks > 0 { Wanted::Fallback } else { wanted(frame.module, &dotted, names) };
            for (end, _) in dotted.match_indices('.') {
                self.load(frame.instance, &dotted[..end], wanted, span);
            }
            self.load(frame.instance, &dotted, wanted, span)
        } else {
            if matches!(self.entry.name, EntryName::Function(_)) {
                self.gap(span, "a relative import that leads out of the package", Hides::Anything);
            }
            self.values.opaque("an import that leads nowhere")
        };
        if star {
            let stars = self.stars.entry(frame.module_id).or_default();
            if !stars.contains(&source) {
                stars.push(source);
            }
            return;
        }
        for (name, target) in names {
            let name = self.values.sym(name);
            let value = self.imported_name(frame, source, name);
            self.assign(frame, target, value, None);
        }
    }

    /// A name imported from a module: an attribute of it, else a submodule.
    fn imported_name(&mut self, frame: &mut Frame<'p>, source: Val, name: Sym) -> Val {
        let mut result = Val::BOTTOM;
        for atom in self.values.atoms_vec(source) {
            let one = self.values.one(atom);
            let value = self.attribute(frame, one, name);
            result = self.values.join(result, value);
        }
        result
    }

    /// Loads the module behind an absolute name. `span` is where it is imported.
    pub fn load_dotted(&mut self, importer: InstanceId, dotted: &str, span: Span) -> Val {
        self.load(importer, dotted, Wanted::Anything, span)
    }

    /// As [`Machine::load_dotted`]. A folder of libraries that isn't at hand is no module that isn't known.
    fn load(&mut self, importer: InstanceId, dotted: &str, wanted: Wanted, span: Span) -> Val {
        match self.resolve(dotted) {
            Resolved::Module(module) => {
                self.imports.entry((importer, module)).or_insert(span);
                self.load_module(importer, module);
                self.values.one(Atom::Module(module))
            }
            Resolved::Namespace => {
                let name = self.values.sym(dotted);
                self.values.one(Atom::Namespace(name))
            }
            Resolved::Unclear => {
                let why = "several modules may be meant, for what the code does to `sys.path` can't be told exactly";
                if matches!(self.entry.name, EntryName::Function(_)) && self.strangers.insert(dotted.into()) {
                    self.gap(span, &format!("the import `{dotted}`: {why}"), Hides::Anything);
                }
                self.values.opaque("an import of which it isn't known what it finds")
            }
            Resolved::External => {
                if !matches!(wanted, Wanted::Libraries | Wanted::Fallback) {
                    self.note_unresolved(dotted, wanted, span);
                }
                self.external(dotted)
            }
        }
    }

    /// As [`Machine::load_dotted`], for a name that is known to be one of ours.
    fn load_own(&mut self, reader: InstanceId, dotted: &str) -> Val {
        let reading = self.instance(reader);
        let span = self.name_span(reading.module, reading.function);
        self.load_dotted(reader, dotted, span)
    }

    /// Notes an import that leads to no code at hand and to no library that is known. What such a module does by itself
    /// isn't asked unless it seems to be the project's own, as what no layer and no package index can bring does: then it
    /// may well work on the same tables. What a layer brings may be where a Lambda's calls are, if none is anywhere else.
    fn note_unresolved(&mut self, dotted: &str, wanted: Wanted, span: Span) {
        let root = dotted.split('.').next().unwrap_or_default();
        if is_library(root) || self.is_quiet(root) || !matches!(self.entry.name, EntryName::Function(_)) {
            return;
        }
        let is_own = root != dotted && self.resolve(root) != Resolved::External;
        let name = if is_own { dotted } else { root };
        if !self.strangers.insert(name.into()) {
            return;
        }
        let codebase = self.program.codebase;
        // What is only asked for decorators is told of functions, and of no table or item.
        let unseen = if wanted == Wanted::Decorators { Hides::AllUnseen } else { Hides::Untouched };
        let mut twins = codebase.named(root).peekable();
        let (hides, why) = if is_own {
            (Hides::Anything, "though it seems to belong to a package that is")
        } else if twins.peek().is_some() {
            // It may be meant after all, and do what others do for it.
            let touches = self.entry.search.changes.are_open() || twins.any(|twin| self.program.touches_tables(twin));
            // The one that is meant may be another all the same, from a place that isn't at hand.
            let is_sure = !self.entry.search.elsewhere && !codebase.takes_from_index(root);
            let hides = match (touches, is_sure) {
                (true, _) => Hides::Anything,
                (false, true) => Hides::Nothing,
                (false, false) => unseen,
            };
            (hides, "though a module of that name is elsewhere in the project")
        } else if codebase.may_take_from_index(root) {
            // The index may be the project's own, and so the package.
            (unseen, "and is no public library that is known")
        } else if self.entry.search.elsewhere {
            (unseen, "and may be in a layer that isn't either")
        } else {
            (
                Hides::Anything,
                "is no library that is known, and no requirements, project or lock file at hand asks a package index for it",
            )
        };
        if !self.budget.is_noted {
            let reason = format!("the import `{name}` isn't among the code at hand, {why}");
            self.gaps.insert((span, reason, hides, Some(dotted.into())));
        }
    }

    fn is_quiet(&self, root: &str) -> bool {
        let found = self.program.codebase.resolve(&self.entry.search, root);
        matches!(found, Resolved::Module(module) if self.program.is_quiet(module))
    }

    /// Looks a dotted name up on the entry point's search path, once.
    pub fn resolve(&mut self, dotted: &str) -> Resolved {
        if let Some(resolved) = self.resolved.get(dotted) {
            return resolved.clone();
        }
        let (codebase, search) = (self.program.codebase, &self.entry.search);
        let mut resolved = codebase.resolve(search, dotted);
        // A script that puts a Lambda's folder on its path is followed to where calls are, not through all that Lambda.
        if let Resolved::Module(module) = resolved
            && !self.program.touches_tables(module)
            && codebase.is_fallback(search, dotted)
        {
            resolved = Resolved::External;
        }
        if matches!(resolved, Resolved::Module(module) if self.program.is_quiet(module)) {
            resolved = Resolved::External;
        }
        self.resolved.insert(dotted.into(), resolved.clone());
        resolved
    }

    /// Runs a module's top level, once.
    pub fn load_module(&mut self, importer: InstanceId, module: ModuleId) -> InstanceId {
        let instance = if let Some(instance) = self.modules.get(&module) {
            *instance
        } else {
            self.grant(module);
            self.heap.object(AllocKey::Module(module), Kind::Module);
            let instance = self.instance_for(module, Module::TOP, 0, &[], None);
            self.modules.insert(module, instance);
            instance
        };
        self.demand(importer, None, Edge::Resolved, instance);
        instance
    }

    /// Notes the modules that Python refuses, and says whether there are any: what runs of them is a guess, and what they do
    /// once they are mended may be anything.
    pub fn note_refused(&mut self) -> bool {
        let errors = self.modules.keys().filter_map(|module| self.program.codebase.syntax_error(*module));
        let errors: Vec<Span> = errors.collect();
        for error in &errors {
            self.gap(*error, "a syntax error: Python refuses this file", Hides::Anything);
        }
        !errors.is_empty()
    }

    /// Notes the modules that change Python's path and are loaded by means of which the path doesn't know: it can't be told what
    /// they change.
    pub fn note_unseen_paths(&mut self) {
        if !matches!(self.entry.name, EntryName::Function(_)) {
            return;
        }
        let (codebase, search) = (self.program.codebase, &self.entry.search);
        let unseen = self.modules.keys().filter(|module| codebase.changes_unseen(search, **module));
        let unseen: Vec<Span> = unseen.map(|module| Span::new(codebase.module(*module).file, 0, 0)).collect();
        let elsewhere = self.modules.keys().filter(|module| codebase.looks_elsewhere(**module));
        let elsewhere: Vec<Span> = elsewhere.map(|module| Span::new(codebase.module(*module).file, 0, 0)).collect();
        for module in unseen {
            self.gap(module, "it changes `sys.path`, and it can't be told when it is imported", Hides::Anything);
        }
        for module in elsewhere {
            self.gap(module, "it changes where modules of its package are looked up (`__path__`)", Hides::Anything);
        }
    }

    /// A dotted name below a namespace package, loaded on behalf of who asks for it.
    pub fn submodule(&mut self, reader: InstanceId, dotted: &str) -> Val {
        match self.resolve(dotted) {
            Resolved::Module(_) | Resolved::Namespace | Resolved::Unclear => self.load_own(reader, dotted),
            Resolved::External => Val::BOTTOM,
        }
    }

    /// An attribute of a module of ours.
    pub fn module_attribute(&mut self, reader: InstanceId, module: ModuleId, name: Sym) -> Val {
        let (namespace, _) = self.heap.object(AllocKey::Module(module), Kind::Module);
        let value = self.read_field(namespace, name, reader);
        if value != Val::BOTTOM {
            return value;
        }
        if let Some(value) = self.starred_name(reader, module, name) {
            return value;
        }
        let Some(package) = self.program.codebase.dotted_name(&self.entry.search, module) else {
            return self.unset(reader);
        };
        let dotted = format!("{package}.{}", self.values.str(name));
        match self.resolve(&dotted) {
            Resolved::Module(_) | Resolved::Namespace | Resolved::Unclear => self.load_own(reader, &dotted),
            Resolved::External => self.unset(reader),
        }
    }

    /// A name that `import *` brings into a module: from our modules first, however far, then from libraries, which may
    /// have any name.
    pub fn starred_name(&mut self, reader: InstanceId, module: ModuleId, name: Sym) -> Option<Val> {
        let mut seen = vec![module];
        let mut next = 0;
        let mut library = None;
        while let Some(at) = seen.get(next).copied() {
            next += 1;
            for star in self.stars.get(&at).cloned().unwrap_or_default() {
                for atom in self.values.atoms_vec(star) {
                    match atom {
                        Atom::Module(other) if !seen.contains(&other) => {
                            seen.push(other);
                            let (namespace, _) = self.heap.object(AllocKey::Module(other), Kind::Module);
                            let value = self.read_field(namespace, name, reader);
                            if value != Val::BOTTOM {
                                return Some(value);
                            }
                        }
                        Atom::External(path) => library = Some(path),
                        _ => {}
                    }
                }
            }
        }
        let path = format!("{}.{}", self.values.str(library?), self.values.str(name));
        Some(self.external(&path))
    }
}
