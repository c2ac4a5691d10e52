//! Code that no entry point reaches, looked at by itself: its calls are found, with what is known of its class from
//! the entry points that make instances of it.

use super::call::Args;
use super::entry::{ClassSummary, EntryResult, ParameterSummary, Portable, Site};
use super::heap::{AllocKey, CallSite, InstanceId};
use super::machine::{Edge, Machine};
use super::origin::At;
use super::program::Program;
use super::value::{Atom, Principal, Val};
use super::{EntryName, EntryPoint, EnvValue, Environment, Start};
use crate::python::ModuleId;
use crate::python::ir::{ClassId, ExprId, ExprKind, FunctionId, Module, ParamKind};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What the entry points tell to those who look at code that none of them reaches.
struct Known<'a> {
    program: &'a Program<'a>,
    entries: &'a [EntryPoint],
    results: &'a [EntryResult],
    summary: ClassSummary,
    parameters: ParameterSummary,
}

/// Interprets what no entry point has visited: first as control would go there, then what control never gets to, after a
/// return or behind a test that a constant decides.
pub(super) fn run_latent(program: &Program<'_>, entries: &[EntryPoint], results: &[EntryResult]) -> Vec<EntryResult> {
    let mut known =
        Known { program, entries, results, summary: ClassSummary::new(), parameters: ParameterSummary::new() };
    for result in results {
        for (function, values) in &result.parameters {
            for (index, objects) in values {
                let passed = known.parameters.entry(*function).or_default().entry(*index).or_default();
                passed.extend(objects.iter().cloned());
            }
        }
        for (class, attributes) in &result.summary {
            let held = known.summary.entry(*class).or_default();
            for (name, values) in attributes {
                held.entry(name.clone()).or_default().extend(values.iter().cloned());
            }
        }
    }
    let visited = results.iter().flat_map(|result| result.visited.iter().copied()).collect();
    let mut latent = look(&known, &visited, false);
    let met = results.iter().chain(&latent).flat_map(|result| result.met.iter().copied()).collect();
    latent.extend(look(&known, &met, true));
    latent
}

/// Interprets the modules that hold calls which aren't in `seen`. With `everything`, whatever control does.
fn look(known: &Known<'_>, seen: &FxHashSet<Site>, everything: bool) -> Vec<EntryResult> {
    let Known { program, entries, results, .. } = known;
    let mut hosts: FxHashMap<ModuleId, usize> = FxHashMap::default();
    for (host, result) in results.iter().enumerate() {
        for module in &result.loaded {
            hosts.entry(*module).or_insert(host);
        }
    }
    let folders = Carriers::of(entries);
    let everybodys = merged_environment(*entries);
    let mut groups: BTreeMap<(Option<usize>, BTreeSet<usize>), Vec<ModuleId>> = BTreeMap::new();
    // Of what was installed, and of tests, only what an entry point makes of it counts.
    for module in program.codebase.ids().filter(|module| program.codebase.is_own(*module)) {
        let unseen = program.candidates(module).iter().any(|c| !seen.contains(&(module, *c)));
        if unseen {
            let key = (hosts.get(&module).copied(), folders.of_file(program.codebase.path(module)));
            groups.entry(key).or_default().push(module);
        }
    }
    let groups: Vec<_> = groups.into_iter().collect();
    groups
        .par_iter()
        .map(|((host, carriers), modules)| {
            let search = host.map_or_else(
                || entries.first().map(|e| e.search.clone()).unwrap_or_default(),
                |h| entries[h].search.clone(),
            );
            let entry = EntryPoint {
                name: EntryName::File(program.codebase.module(modules[0]).file),
                module: modules[0],
                start: Start::Import,
                search,
                environment: if carriers.is_empty() {
                    everybodys.clone()
                } else {
                    merged_environment(carriers.iter().map(|carrier| &entries[*carrier]))
                },
                event: None,
            };
            run_group(known, &entry, modules, seen, everything)
        })
        .collect()
}

/// The Lambdas, by the folders that they carry with their code.
struct Carriers<'a>(FxHashMap<&'a Path, Vec<usize>>);

impl<'a> Carriers<'a> {
    fn of(entries: &'a [EntryPoint]) -> Self {
        let mut folders: FxHashMap<&Path, Vec<usize>> = FxHashMap::default();
        for (at, entry) in entries.iter().enumerate().filter(|(_, e)| matches!(e.name, EntryName::Function(_))) {
            entry.search.folders().for_each(|folder| folders.entry(folder).or_default().push(at));
        }
        Self(folders)
    }

    /// Those that carry a file: it can only run in their environments. It may run in any, if there are none.
    fn of_file(&self, path: &Path) -> BTreeSet<usize> {
        path.ancestors().filter_map(|folder| self.0.get(folder)).flatten().copied().collect()
    }
}

/// Every variable that some of these entry points gets, with all its values.
pub(super) fn merged_environment<'e>(entries: impl IntoIterator<Item = &'e EntryPoint>) -> Environment {
    let mut merged = Environment { variables: BTreeMap::new(), open: true };
    for (name, value) in entries.into_iter().flat_map(|e| &e.environment.variables) {
        let known = merged.variables.entry(name.clone()).or_insert_with(|| EnvValue {
            values: Vec::new(),
            optional: false,
            span: value.span,
        });
        known.optional |= value.optional;
        for one in &value.values {
            if !known.values.contains(one) {
                known.values.push(one.clone());
            }
        }
    }
    merged
}

fn run_group(
    known: &Known<'_>,
    entry: &EntryPoint,
    modules: &[ModuleId],
    visited: &FxHashSet<Site>,
    everything: bool,
) -> EntryResult {
    let Known { program, summary, parameters, .. } = known;
    let mut machine = Machine::new(program, entry);
    machine.everything = everything;
    let top = machine.instance_for(modules[0], Module::TOP, 0, &[], None);
    machine.modules.insert(modules[0], top);
    machine.demand(top, None, Edge::Resolved, top);
    for module in modules {
        machine.load_module(top, *module);
    }
    machine.run();
    machine.seed(summary);
    for module in modules {
        // What runs a function stands in its own module.
        let from = machine.modules.get(module).copied();
        let from = from.unwrap_or_else(|| machine.instance_for(*module, Module::TOP, 0, &[], None));
        for function in outermost_unvisited(program, *module, visited) {
            machine.run_alone(from, (*module, function, 0), parameters.get(&(*module, function)));
        }
    }
    machine.run();
    let mut result = machine.finish(top, None);
    // Only what nobody else has seen is news.
    result.sightings.retain(|s| {
        let callee = match &program.codebase.module(s.site.0).expr(s.site.1).kind {
            ExprKind::Call(callee, _) => *callee,
            _ => return false,
        };
        !visited.contains(&(s.site.0, callee))
    });
    result.gaps.clear();
    result
}

/// Functions that hold unvisited candidates: the outermost ones, which make the inner ones.
fn outermost_unvisited(program: &Program<'_>, module: ModuleId, visited: &FxHashSet<Site>) -> Vec<FunctionId> {
    let ir = program.codebase.module(module);
    let functions = (0u32..).map(FunctionId).zip(&ir.functions).skip(1);
    let mut outer: Vec<_> = functions
        .filter(|(_, f)| f.parent == Some(Module::TOP))
        .map(|(id, f)| (f.range.start, f.range.end, id))
        .collect();
    outer.sort_unstable_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
    // What is left lies side by side: a lambda among a function's defaults is part of the function.
    let mut reach = 0;
    outer.retain(|(_, end, _)| {
        let is_outer = *end > reach;
        reach = reach.max(*end);
        is_outer
    });
    let holder = |candidate: &ExprId| {
        let place = ir.expr(*candidate).range;
        let next = outer.partition_point(|(start, ..)| *start <= place.start);
        let (_, end, function) = outer.get(next.checked_sub(1)?)?;
        (place.end <= *end).then_some(*function)
    };
    let mut seen = FxHashSet::default();
    let unvisited = program.candidates(module).iter().filter(|candidate| !visited.contains(&(module, **candidate)));
    unvisited.filter_map(holder).filter(|function| seen.insert(*function)).collect()
}

impl<'p> Machine<'p> {
    /// Gives each class's unknown instance what the entry points' instances hold.
    fn seed(&mut self, summary: &ClassSummary) {
        for (class, attributes) in summary {
            if !self.classes.contains_key(class) {
                continue;
            }
            let Some(Atom::Object(any)) = self.any_of(*class) else { continue };
            for (name, values) in attributes {
                let name = self.values.sym(name);
                for value in values {
                    let value = self.import_portable(value);
                    self.write_field(any, name, value);
                }
            }
        }
    }

    fn any_of(&mut self, (module, class): (ModuleId, ClassId)) -> Option<Atom> {
        let value = self.any_instance(module, class);
        self.values.single(value)
    }

    fn import_portable(&mut self, value: &Portable) -> Val {
        let principal = |foreign: bool| if foreign { Principal::Foreign } else { Principal::Own };
        let atom = match value {
            Portable::None => Atom::None,
            Portable::Bool(true) => Atom::True,
            Portable::Bool(false) => Atom::False,
            Portable::Int(number) => Atom::Int(*number),
            Portable::Text(text) => self.values.symbolic_atom(text),
            Portable::Instance(module, class) => return self.any_instance(*module, *class),
            Portable::Client(service, foreign) => Atom::Client(self.values.sym(service), principal(*foreign)),
            Portable::Resource(service, foreign) => Atom::Resource(self.values.sym(service), principal(*foreign)),
            Portable::Table(names, foreign) => {
                let names = names.iter().map(|n| self.values.symbolic_atom(n)).collect();
                let names = self.values.set(names);
                Atom::Table(names, principal(*foreign))
            }
            Portable::Data => return self.values.data(),
        };
        self.values.one(atom)
    }

    /// Calls a function with nothing known but what its class and annotations say, and the objects that calls of it
    /// elsewhere have passed: a branch that none of them takes works on the same table.
    pub fn run_alone(
        &mut self,
        top: InstanceId,
        (module, id, closure): (ModuleId, FunctionId, u32),
        passed: Option<&BTreeMap<usize, BTreeSet<Portable>>>,
    ) {
        // No place of the program calls it.
        self.at = At::NOWHERE;
        let function = self.function(module, id);
        let mut frame = self.top_frame(module, top);
        let site: CallSite = None;
        let mut args = Args::default();
        let mut is_method = false;
        if let Some(class) = function.class
            && self.classes.contains_key(&(module, class))
        {
            let name = self.values.sym(&function.name);
            let member = self.class_field(module, class, name, top);
            let is_static = self.values.atoms(member).iter().any(|a| matches!(a, Atom::StaticMethod(_)));
            if !is_static {
                is_method = true;
                args.positional.push(self.receiver(&mut frame, (module, class), member));
            }
        }
        for (index, param) in function.params.iter().enumerate().skip(usize::from(is_method)) {
            let unknown = match passed.and_then(|p| p.get(&index)) {
                Some(objects) => {
                    let objects: Vec<Val> = objects.iter().map(|o| self.import_portable(o)).collect();
                    self.values.join_all(objects)
                }
                None => self.values.opaque("a parameter of code that nothing calls"),
            };
            let name = self.program.sym(module, param.name);
            match param.kind {
                ParamKind::PositionalOnly | ParamKind::Normal => args.positional.push(unknown),
                ParamKind::KeywordOnly => {
                    args.keywords.push(super::call::Keyword { name, value: unknown, always: true, spans: Vec::new() });
                }
                ParamKind::Star | ParamKind::DoubleStar => args.rest = unknown,
            }
        }
        let result = self.call_function(&mut frame, (module, id, closure), &args, site, Edge::Resolved);
        self.leave(top, result);
        self.hand_out(&mut frame, &Args::of(&[result]), site);
    }

    /// The object that a method is looked at with: any instance of the class, constructed once if nobody constructs one.
    fn receiver(
        &mut self,
        frame: &mut super::frame::Frame<'p>,
        (module, class): (ModuleId, ClassId),
        member: Val,
    ) -> Val {
        if self.values.atoms(member).iter().any(|a| matches!(a, Atom::ClassMethod(_))) {
            return self.values.one(Atom::Class(module, class));
        }
        let any = self.any_instance(module, class);
        let mut instances = self.heap.instances_of(module, class).iter();
        let made = instances.any(|id| !self.heap.get(*id).fields.is_empty() && self.is_filled(*id));
        if !made {
            let init = self.values.sym("__init__");
            let line = self.ancestry(module, class);
            let initializer = self.find_in_class(&line, init, frame.instance);
            let unknown = self.values.opaque("an argument of a constructor that nothing calls");
            let args = Args { star: unknown, ..Args::of(&[any]) };
            self.call(frame, initializer, &args, None);
        }
        any
    }

    fn is_filled(&self, object: super::value::ObjId) -> bool {
        self.heap.fields(object).iter().any(|(_, f)| self.heap.peek(f.cell) != Val::BOTTOM)
            || matches!(self.heap.key(object), AllocKey::New(..))
    }
}
