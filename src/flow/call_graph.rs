//! Who calls whom, over the whole program. Functions that nothing calls are looked at by themselves, so that their calls
//! are in the graph too.
//!
//! Only calls whose callee is resolved are edges: guesses by name are for audits, which must not miss a use.

use super::class::Ancestry;
use super::heap::{InstanceId, Kind};
use super::latent::merged_environment;
use super::machine::{Edge, Machine};
use super::program::Program;
use super::value::{Atom, Sym, Val};
use super::{EntryName, EntryPoint, Start};
use crate::python::ir::{ClassId, FunctionId, Module};
use crate::python::{Codebase, ModuleId};
use rayon::prelude::*;
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Callers, each with its callees, by qualified name: `package.module` for a module's top level,
/// `package.module.Class.method`, `package.module.function.<lambda1>`, `<builtin>.len`, `library.function`.
pub type CallGraph = BTreeMap<String, BTreeSet<String>>;

/// A function of the program.
type Node = (ModuleId, FunctionId);

/// What one interpretation saw.
#[derive(Debug, Default)]
struct Seen {
    calls: BTreeSet<(Node, Node)>,
    outside: BTreeSet<(Node, String)>,
    run: FxHashSet<Node>,
    loaded: BTreeSet<ModuleId>,
}

/// The program's call graph. Modules are named by their place below `roots`.
pub fn call_graph(codebase: &Codebase, entries: &[EntryPoint], roots: &[PathBuf]) -> CallGraph {
    let program = Program::new(codebase);
    let entries: Vec<EntryPoint> = entries.iter().map(|entry| as_package(codebase, entry, roots)).collect();
    let seen = super::with_deep_stacks(|| {
        let mut seen: Vec<Seen> = entries.par_iter().map(|entry| run(&program, entry)).collect();
        seen.extend(rest(&program, &entries, &seen));
        seen
    });
    let names: Vec<Vec<String>> =
        codebase.ids().map(|id| names(codebase.module(id), &codebase.name_below(roots, id))).collect();
    let name = |(module, function): Node| names[module.0 as usize][function.0 as usize].clone();
    let mut graph = CallGraph::new();
    for id in codebase.ids().filter(|id| !is_empty_package(codebase, *id, &names)) {
        graph.extend(names[id.0 as usize].iter().map(|name| (name.clone(), BTreeSet::new())));
    }
    for seen in seen {
        let inner = seen.calls.into_iter().map(|(from, to)| (from, name(to)));
        for (from, to) in inner.chain(seen.outside) {
            graph.entry(to.clone()).or_default();
            graph.entry(name(from)).or_default().insert(to);
        }
    }
    graph
}

/// A file within a package is a module of that package first, and a script only then.
fn as_package(codebase: &Codebase, entry: &EntryPoint, roots: &[PathBuf]) -> EntryPoint {
    let mut entry = entry.clone();
    let in_package = entry.search.roots.first().is_some_and(|own| codebase.at_path(&own.join("__init__.py")).is_some());
    if entry.start == Start::Script && in_package {
        let others = entry.search.roots.iter().filter(|root| !roots.contains(root));
        entry.search.roots = roots.iter().chain(others).cloned().collect();
    }
    entry
}

/// An `__init__.py` at a root has no name to import it by: without content it isn't worth a node.
fn is_empty_package(codebase: &Codebase, id: ModuleId, names: &[Vec<String>]) -> bool {
    let module = codebase.module(id);
    names[id.0 as usize][0] == "__init__" && module.function(Module::TOP).body.is_empty()
}

/// Qualified names of a module's functions, by their number.
fn names(module: &Module, own: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(module.functions.len());
    let mut lambdas: BTreeMap<String, usize> = BTreeMap::new();
    for function in &module.functions {
        let Some(parent) = function.parent else {
            names.push(own.to_owned());
            continue;
        };
        let around = names.get(parent.0 as usize).map_or(own, String::as_str);
        let scope = match function.class {
            Some(class) => class_name(module, class, &names),
            None => around.to_owned(),
        };
        let name = if &*function.name == "<lambda>" {
            let count = lambdas.entry(scope.clone()).or_default();
            *count += 1;
            format!("{scope}.<lambda{count}>")
        } else {
            format!("{scope}.{}", function.name)
        };
        names.push(name);
    }
    names
}

fn class_name(module: &Module, class: ClassId, names: &[String]) -> String {
    let class = module.class(class);
    let within = class.qualname.rsplit("<locals>.").next().unwrap_or_default();
    let around = names.get(class.parent.0 as usize).map_or("", String::as_str);
    format!("{around}.{within}")
}

/// Interprets an entry point.
fn run(program: &Program<'_>, entry: &EntryPoint) -> Seen {
    let mut machine = Machine::for_calls(program, entry);
    let outsider = machine.outsider(entry.module);
    machine.load_module(outsider, entry.module);
    machine.call_handler(outsider);
    machine.run();
    machine.call_handler(outsider);
    machine.run();
    machine.seen()
}

/// Modules that no entry point loads, and functions that none runs.
fn rest(program: &Program<'_>, entries: &[EntryPoint], seen: &[Seen]) -> Vec<Seen> {
    let run: FxHashSet<Node> = seen.iter().flat_map(|seen| seen.run.iter().copied()).collect();
    let mut groups: BTreeMap<Option<usize>, Vec<ModuleId>> = BTreeMap::new();
    for id in program.codebase.ids() {
        let functions = (0u32..).map(FunctionId).zip(&program.codebase.module(id).functions);
        if { functions }.any(|(function, _)| !run.contains(&(id, function))) {
            // The entry point that starts there, else one that loads it: its search path fits best.
            let own = entries.iter().position(|entry| entry.module == id && entry.start == Start::Script);
            let host = own.or_else(|| seen.iter().position(|seen| seen.loaded.contains(&id)));
            groups.entry(host).or_default().push(id);
        }
    }
    let environment = merged_environment(entries);
    let groups: Vec<_> = groups.into_iter().collect();
    let run_group = |(host, modules): &(Option<usize>, Vec<ModuleId>)| {
        let host = host.or((!entries.is_empty()).then_some(0));
        let entry = EntryPoint {
            name: EntryName::File(program.codebase.module(modules[0]).file),
            module: modules[0],
            start: Start::Import,
            search: host.map(|host| entries[host].search.clone()).unwrap_or_default(),
            environment: environment.clone(),
            event: None,
        };
        let mut machine = Machine::for_calls(program, &entry);
        let outsider = machine.outsider(modules[0]);
        for module in modules {
            machine.load_module(outsider, *module);
        }
        machine.run();
        machine.run_unseen(outsider, modules, &run);
        machine.seen()
    };
    groups.par_iter().map(run_group).collect()
}

impl<'p> Machine<'p> {
    fn for_calls(program: &'p Program<'p>, entry: &'p EntryPoint) -> Self {
        let mut machine = Self::new(program, entry);
        machine.outside = Some(BTreeSet::new());
        machine
    }

    /// Calls every function that was defined but never called, outer ones first: these may call the others.
    fn run_unseen(&mut self, outsider: InstanceId, modules: &[ModuleId], run: &FxHashSet<Node>) {
        let mut done: FxHashSet<Node> = run.clone();
        loop {
            done.extend(self.instances.iter().map(|instance| (instance.module, instance.function)));
            let defined = self
                .defaults
                .keys()
                .filter(|(module, function, _)| modules.contains(module) && !done.contains(&(*module, *function)));
            let Some((module, function, closure)) = defined.min().copied() else { return };
            done.insert((module, function));
            self.run_alone(outsider, (module, function, closure), None);
            self.run();
        }
    }

    fn seen(self) -> Seen {
        let mut seen = Seen { loaded: self.modules.keys().copied().collect(), ..Seen::default() };
        for (caller, callees) in &self.calls {
            let resolved = callees.iter().filter(|(_, edge, _)| *edge != Edge::Possible);
            let callees =
                resolved.map(|(callee, ..)| self.function_of(*callee)).filter(|(_, function)| *function != Module::TOP);
            seen.calls.extend(
                callees.filter(|_| !self.is_outsider(*caller)).map(|callee| (self.function_of(*caller), callee)),
            );
        }
        let outside = self.outside.iter().flatten().filter(|(caller, _)| !self.is_outsider(*caller));
        seen.outside
            .extend(outside.map(|(caller, path)| (self.function_of(*caller), self.values.str(*path).to_owned())));
        seen.run.extend(self.instances.iter().map(|instance| (instance.module, instance.function)));
        seen
    }

    /// Notes calls of what isn't of the program.
    pub fn note_outside(&mut self, caller: InstanceId, callee: Val) {
        if self.outside.is_none() {
            return;
        }
        for atom in self.values.atoms_vec(callee) {
            if let Some(path) = self.outside_path(atom) {
                self.insert_outside(caller, &path);
            }
        }
    }

    /// Notes that a class without a constructor of its own calls that of its library base.
    pub fn note_library_init(&mut self, caller: InstanceId, line: &Ancestry) {
        if let (Some(_), Some(base)) = (&self.outside, line.external.first()) {
            let path = format!("{}.__init__", self.values.str(*base));
            self.insert_outside(caller, &path);
        }
    }

    fn insert_outside(&mut self, caller: InstanceId, path: &str) {
        let path = self.values.sym(path);
        self.outside.iter_mut().for_each(|calls| {
            calls.insert((caller, path));
        });
    }

    /// The import path of a callee that isn't of the program; of a method, its object's maker's with the name.
    fn outside_path(&self, callee: Atom) -> Option<String> {
        match callee {
            Atom::Builtin(name) => Some(format!("<builtin>.{}", self.values.str(name))),
            Atom::External(path) => Some(self.values.str(path).to_owned()),
            Atom::Method(receiver, name) => {
                let owner = self.owner_path(self.values.atom(receiver))?;
                Some(format!("{owner}.{}", self.values.str(name)))
            }
            _ => None,
        }
    }

    fn owner_path(&self, receiver: Atom) -> Option<String> {
        let path = match receiver {
            Atom::Str(_) | Atom::Text(_) => "<**PyStr**>",
            Atom::Tuple(_) => "<**PyTuple**>",
            Atom::Client(..) => "boto3.client",
            Atom::Resource(..) => "boto3.resource",
            Atom::Session(_) => "boto3.session.Session",
            Atom::Table(..) => "boto3.resource.Table",
            Atom::BatchWriter(..) => "boto3.resource.Table.batch_writer",
            Atom::Paginator(..) => "boto3.client.get_paginator",
            Atom::ExternalObject(path) | Atom::External(path) => self.values.str(path),
            Atom::Method(..) => return self.outside_path(receiver),
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Dict => "<**PyDict**>",
                Kind::List => "<**PyList**>",
                Kind::Instance(module, class) => {
                    let base: Option<Sym> = self.ancestry(module, class).external.first().copied();
                    self.values.str(base?)
                }
                _ => return None,
            },
            _ => return None,
        };
        Some(path.to_owned())
    }
}
