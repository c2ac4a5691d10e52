//! One interpretation from start to end: load the module, call the handler, and take out what others may know.

use super::access::{Certainty, Observation};
use super::anew::Anew;
use super::call::Args;
use super::context::Apart;
use super::evidence::Evidence;
use super::frame::Frame;
use super::frequency::Texts;
use super::heap::{InstanceId, Kind};
use super::lineage::Lineage;
use super::machine::{Edge, GapKey, Instance, Machine, RecordKey};
use super::origin::{Asked, At};
use super::pages::Continuations;
use super::program::Program;
use super::record::Record;
use super::value::{Atom, Mark, Principal, ResponseId, Val};
use super::wrapper::Callers;
use super::{EntryPoint, Equalities, Hides, Presence, Remarks, Start};
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::dynamodb::symbolic::Symbolic;
use crate::python::ModuleId;
use crate::python::ir::{ClassId, ExprId, FunctionId, Module};
use crate::source::Span;
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet};

/// A call site, for all interpretations alike.
pub(super) type Site = (ModuleId, ExprId);

/// A value of an attribute that another interpretation can use: no context in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Portable {
    None,
    Bool(bool),
    Int(i64),
    Text(Symbolic),
    Instance(ModuleId, ClassId),
    Client(String, bool),
    Resource(String, bool),
    Table(Vec<Symbolic>, bool),
    Data,
}

/// For each class, what its instances' attributes hold.
pub(super) type ClassSummary = BTreeMap<(ModuleId, ClassId), BTreeMap<String, BTreeSet<Portable>>>;

/// For each function that may hold DynamoDB calls, the objects that were passed for its parameters.
pub(super) type ParameterSummary = BTreeMap<(ModuleId, FunctionId), BTreeMap<usize, BTreeSet<Portable>>>;

/// What one interpretation saw at one call site.
#[derive(Debug, Clone)]
pub(super) struct Sighting {
    pub site: Site,
    pub function: String,
    pub operation: Operation,
    pub actions: BTreeSet<String>,
    pub observation: Observation,
    pub pages: Option<SitePages>,
}

/// Ingredients of a site's [`super::PageFlow`].
#[derive(Debug, Clone)]
pub(super) struct SitePages {
    pub uses: super::pages::Uses,
    /// Who calls the function that makes the call, in this context.
    pub callers: BTreeSet<Site>,
    /// Some way to here leads through a `while` loop, or through a function that calls itself.
    pub asked_anew: bool,
    /// The call is repeated until there is nothing left.
    pub drained: bool,
    /// The program is started again for what is left.
    pub started_again: bool,
    /// In this context, the response's LastEvaluatedKey comes back to it, or to one of which that holds.
    pub continued: bool,
    /// Its LastEvaluatedKey goes to a further call.
    pub feeds: bool,
    /// Its start key comes from an earlier call.
    pub fed: bool,
    pub limit: Presence,
    pub limit_one: bool,
    pub filter: Presence,
    pub count: Presence,
    pub start_key: Presence,
    pub key_condition: Presence,
    pub equalities: Equalities,
    /// The interpretation was cut short: what becomes of the response may not have been seen.
    pub cut_short: bool,
    /// Something is written by the code around the call or below it.
    pub writes_below: bool,
}

/// What one interpretation gives to the merge.
#[derive(Debug, Default)]
pub(super) struct EntryResult {
    pub sightings: Vec<Sighting>,
    pub continuations: BTreeSet<(Site, Site)>,
    /// Those of the continuations that are sure.
    pub starts: BTreeSet<(Site, Site)>,
    pub loaded: Vec<ModuleId>,
    pub gaps: Vec<GapKey>,
    pub remarks: Remarks,
    pub summary: ClassSummary,
    pub parameters: ParameterSummary,
    /// Attribute expressions that were evaluated on a receiver that is known.
    pub visited: FxHashSet<Site>,
    /// The same on any receiver.
    pub met: FxHashSet<Site>,
}

/// Interprets an entry point; if that can't be done to the end, once more with more contexts taken together.
pub(super) fn run_entry(program: &Program<'_>, entry: &EntryPoint, index: usize) -> EntryResult {
    let (mut machine, mut top) = follow(program, entry, Apart::Closely);
    if machine.budget.is_spent() {
        let roughly = follow(program, entry, Apart::Roughly);
        if !roughly.0.budget.is_spent() {
            (machine, top) = roughly;
        }
    }
    machine.finish(top, Some(index))
}

fn follow<'p>(program: &'p Program<'p>, entry: &'p EntryPoint, apart: Apart) -> (Machine<'p>, InstanceId) {
    let mut machine = Machine::new(program, entry);
    machine.apart = apart;
    let top = machine.start();
    machine.run();
    // Once more: the second phase may have made the handler known.
    machine.call_handler(top);
    machine.run();
    (machine, top)
}

impl<'p> Machine<'p> {
    /// Loads the entry point's module and calls its handler.
    pub fn start(&mut self) -> InstanceId {
        let top = self.instance_for(self.entry.module, Module::TOP, 0, &[], None);
        self.modules.insert(self.entry.module, top);
        self.demand(top, None, Edge::Resolved, top);
        self.call_handler(top);
        top
    }

    /// A frame at a module's top level, for calls that come from outside the program.
    pub fn top_frame(&self, module: ModuleId, top: InstanceId) -> Frame<'p> {
        let mut frame = self.outside_frame(top, module, Module::TOP, 0);
        frame.env.slots = vec![Val::BOTTOM; self.function(module, Module::TOP).slots.len()];
        frame
    }

    /// What the entry point names as its handler; nothing for a script.
    fn handler(&mut self, frame: &mut Frame<'p>, top: InstanceId) -> Val {
        let Start::Handler(path) = &self.entry.start else { return Val::BOTTOM };
        let Some((first, rest)) = path.split_first() else { return Val::BOTTOM };
        let name = self.values.sym(first);
        let mut handler = self.module_attribute(top, self.entry.module, name);
        for name in rest {
            let name = self.values.sym(name);
            handler = self.attribute(frame, handler, name);
        }
        handler
    }

    pub fn call_handler(&mut self, top: InstanceId) {
        let Start::Handler(path) = &self.entry.start else { return };
        let mut frame = self.top_frame(self.entry.module, top);
        let handler = self.handler(&mut frame, top);
        let runs = |a: &Atom| {
            matches!(
                a,
                Atom::Function(..) | Atom::Bound(..) | Atom::Class(..) | Atom::Object(_) | Atom::ExternalObject(_)
            ) || matches!(a, Atom::Method(..))
        };
        if !self.values.atoms(handler).iter().any(runs) {
            if !self.settled {
                return;
            }
            let span = Span::new(self.module(self.entry.module).file, 0, 0);
            self.gap(span, &format!("the handler `{}` isn't found in its module", path.join(".")), Hides::Anything);
            return;
        }
        let event = self.event();
        let context = self.external_object("lambda context");
        self.at = At::NOWHERE;
        let result = self.call(&mut frame, handler, &Args::of(&[event, context]), None);
        self.leave(top, result);
    }

    /// Items or keys that a function returns to its caller.
    pub fn note_returned(&mut self, id: InstanceId, result: Val, yields: Val) {
        let own: Vec<_> = self.records_of(id).filter_map(|r| r.response).collect();
        if own.is_empty() {
            return;
        }
        for value in self.with_contents(id, &[result, yields]) {
            for atom in self.values.atoms_vec(value) {
                match atom {
                    Atom::Items(r) | Atom::Response(r) if own.contains(&r) => self.pages.uses(r).returned = true,
                    Atom::LastKey(r) if own.contains(&r) => self.pages.uses(r).handed_on = true,
                    Atom::Data(taint) => {
                        for mark in self.values.marks(taint).to_vec() {
                            if let Mark::LastKey(r) = mark
                                && own.contains(&r)
                            {
                                self.pages.uses(r).handed_on = true;
                            }
                        }
                    }
                    _ => {}
                }
            }
        }
    }

    /// Takes out what the merge needs.
    pub fn finish(mut self, root: InstanceId, entry: Option<usize>) -> EntryResult {
        let is_refused = self.note_refused();
        self.note_unseen_paths();
        let mut frame = self.top_frame(self.entry.module, root);
        let handler = self.handler(&mut frame, root);
        let is_sure = |edge| match edge {
            Edge::Resolved => true,
            Edge::Registered(library) => self.serves(library, handler),
            Edge::Possible => false,
        };
        let resolved = self.reachable(&[root], is_sure);
        let possible = self.reachable(&[root], |_| true);
        let certainty = |id: InstanceId| {
            if entry.is_none() {
                Certainty::Latent
            } else if resolved.contains_key(&id) && !is_refused {
                Certainty::Resolved
            } else {
                Certainty::Possible
            }
        };
        let continuations = Continuations::of(&self.pages.continuations);
        let callers = if self.accesses.is_empty() { Callers::default() } else { self.callers() };
        let mut lineage = Lineage::new(&self, &callers, root);
        let mut texts = Texts::default();
        let per_event = self.per_event(root, &mut texts, is_sure);
        let every_record = self.every_record(root, handler, &mut texts, is_sure);
        let (mut sightings, mut asked) = (Vec::new(), Vec::new());
        let mut anew = Anew::default();
        for ((instance, site, _), record) in &self.accesses {
            let Some(call) = site else { continue };
            if !possible.contains_key(instance) {
                continue;
            }
            let surest = if resolved.contains_key(instance) { &resolved } else { &possible };
            let reach = if entry.is_some() { self.trail(*instance, surest) } else { Vec::new() };
            let evidence = Evidence { reach, names: Vec::new() };
            let often = per_event.get(instance).filter(|_| record.operation == Operation::Scan);
            let often = often.map_or(Presence::Never, |often| self.runs(*instance, *call, &mut texts).min(*often));
            let told = lineage.told(*instance, *call, record.operation);
            let at_every_record = matches!(record.operation, Operation::PutItem | Operation::UpdateItem)
                && self.is_at_every_record(&every_record, *instance, *call, &mut texts);
            let mut places = vec![(*instance, (self.instance(*instance).module, *call))];
            if let Some(callers) = callers.get(instance).filter(|_| record.is_told) {
                let callers = callers.iter().copied().filter(|(caller, _)| possible.contains_key(caller));
                let callers: Vec<_> = callers.collect();
                places = if callers.is_empty() { places } else { callers };
            }
            let pages = self.site_pages(*instance, record, &continuations, &callers, &mut anew);
            for (maker, site) in places {
                let Instance { module, function, .. } = self.instance(maker);
                asked.push(Asked::of(*instance, *call, record));
                let mut observation = self.observation(record, entry, certainty(*instance), evidence.clone());
                told.add_to(&mut observation);
                sightings.push(Sighting {
                    site,
                    function: self.function(*module, *function).qualname.to_string(),
                    operation: record.operation,
                    actions: record.actions.clone(),
                    observation: Observation {
                        per_event: often,
                        every_record: at_every_record,
                        item_reads: self.item_reads(record, |reader| surest.contains_key(&reader)),
                        ..observation
                    },
                    pages: pages.clone(),
                });
            }
        }
        let remarks = if entry.is_some() {
            self.remarks(&resolved.keys().copied().collect(), root, handler)
        } else {
            Remarks::default()
        };
        let continuations = self.of_sites(&self.pages.continuations);
        let starts = self.of_sites(&self.pages.starts);
        let summary = self.summarize();
        let parameters = self.summarize_parameters();
        let mut result = EntryResult {
            sightings,
            continuations,
            starts,
            loaded: self.modules.keys().copied().collect(),
            gaps: std::mem::take(&mut self.gaps).into_iter().collect(),
            remarks,
            summary,
            parameters,
            visited: std::mem::take(&mut self.visited),
            met: std::mem::take(&mut self.met),
        };
        if self.program.with_origins {
            self.note_origins(&mut result.sightings, &asked);
        }
        result
    }

    /// What one context does at its DynamoDB calls.
    pub fn records_of(&self, id: InstanceId) -> impl Iterator<Item = &Record> {
        self.record_entries(id).map(|(_, record)| record)
    }

    /// Whether one context writes, by itself.
    pub fn writes_itself(&self, id: InstanceId) -> bool {
        self.records_of(id).any(|record| record.operation.kind() == OperationKind::Write)
    }

    fn record_entries(&self, id: InstanceId) -> impl Iterator<Item = (&RecordKey, &Record)> {
        let first = (id, None, Operation::ALL[0]);
        self.accesses.range(first..).take_while(move |((instance, ..), _)| *instance == id)
    }

    /// Forgets what an earlier run of a context has noted.
    pub fn forget_records(&mut self, id: InstanceId) {
        let old: Vec<RecordKey> = self.record_entries(id).map(|(key, _)| *key).collect();
        for key in old {
            self.accesses.remove(&key);
        }
    }

    fn site_pages(
        &self,
        instance: InstanceId,
        record: &Record,
        continuations: &Continuations<ResponseId>,
        callers: &Callers,
        known: &mut Anew,
    ) -> Option<SitePages> {
        let response = record.response?;
        let uses = *self.pages.uses_of(response)?;
        // A loop that asks for items until there are none, and removes what it got, sees them all.
        let table = record.table;
        let deletes = || self.deletes_below(instance, table) || self.hands_to_deleters(instance, table, callers);
        let removes = || self.records_of(instance).any(|r| r.operation.kind() == OperationKind::Write) || deletes();
        // It may as well look whether that was the last page, if the first is always another.
        let asks = || record.start_key == Presence::Never && uses.last_key_read && self.deletes_below(instance, table);
        let drained = uses.repeated && (uses.existence && removes() || asks())
            || self.is_drained((instance, record), uses.existence, callers, continuations, known);
        Some(SitePages {
            uses,
            // What is told which operation to make is judged by each caller as it is.
            callers: if record.is_told { BTreeSet::new() } else { sites(callers, instance) },
            asked_anew: self.is_asked_anew(instance, uses.existence, callers, continuations, known),
            drained,
            started_again: self.is_started_again(instance, response, record.table),
            continued: continuations.continued.contains(&response),
            feeds: continuations.feed.contains(&response),
            fed: continuations.fed.contains(&response),
            limit: record.limit,
            limit_one: record.limit_one,
            filter: record.filter,
            count: record.count,
            start_key: record.start_key,
            key_condition: record.key_condition,
            writes_below: uses.repeated && uses.last_key_read && self.writes_below(instance),
            equalities: record.equalities.clone(),
            cut_short: self.budget.is_spent(),
        })
    }

    /// Whether a generator is read by somebody who deletes items.
    fn hands_to_deleters(&self, instance: InstanceId, table: Val, callers: &Callers) -> bool {
        let Instance { module, function, .. } = *self.instance(instance);
        self.function(module, function).is_generator
            && callers.get(&instance).into_iter().flatten().any(|(caller, _)| self.deletes_below(*caller, table))
    }

    /// Whether an instance, or what it calls, writes to any table.
    fn writes_below(&self, instance: InstanceId) -> bool {
        let below = self.reachable(&[instance], |_| true);
        below.keys().any(|id| self.writes_itself(*id))
    }

    fn of_sites(&self, links: &BTreeSet<(ResponseId, ResponseId)>) -> BTreeSet<(Site, Site)> {
        let sites: Vec<Option<Site>> =
            self.pages.all().map(|(_, (instance, site), _)| Some((self.instance(instance).module, site?))).collect();
        let both = |(a, b): &(ResponseId, ResponseId)| Some((sites[a.0 as usize]?, sites[b.0 as usize]?));
        links.iter().filter_map(both).collect()
    }

    /// What the instances of each class hold, for code that is looked at by itself.
    fn summarize(&mut self) -> ClassSummary {
        let mut summary = ClassSummary::new();
        let objects: Vec<_> = self
            .heap
            .objects()
            .filter_map(|(id, o)| match o.kind {
                Kind::Instance(module, class) => Some((id, (module, class))),
                _ => None,
            })
            .collect();
        for (object, class) in objects {
            for (name, field) in self.heap.fields(object) {
                let value = self.heap.peek(field.cell);
                let portable: Vec<Portable> = self.values.atoms_vec(value).filter_map(|a| self.portable(a)).collect();
                if !portable.is_empty() {
                    let name = self.values.str(name).to_owned();
                    summary.entry(class).or_default().entry(name).or_default().extend(portable);
                }
            }
        }
        summary
    }

    /// The objects that were passed to functions in modules with DynamoDB calls: plain data says nothing of tables.
    fn summarize_parameters(&self) -> ParameterSummary {
        let mut summary = ParameterSummary::new();
        for instance in &self.instances {
            if self.program.candidates(instance.module).is_empty() {
                continue;
            }
            for (index, cell) in instance.params.iter().enumerate() {
                let value = self.heap.peek(*cell);
                let objects: Vec<Portable> =
                    self.values.atoms(value).iter().filter_map(|a| self.portable(*a)).collect();
                let tells = |p: &Portable| {
                    matches!(
                        p,
                        Portable::Instance(..) | Portable::Client(..) | Portable::Resource(..) | Portable::Table(..)
                    )
                };
                let known = summary.entry((instance.module, instance.function)).or_default();
                if objects.iter().any(tells) {
                    known.entry(index).or_default().extend(objects.into_iter().filter(tells));
                }
            }
        }
        summary
    }

    fn portable(&self, atom: Atom) -> Option<Portable> {
        let foreign = |p: Principal| p == Principal::Foreign;
        Some(match atom {
            Atom::None => Portable::None,
            Atom::True => Portable::Bool(true),
            Atom::False => Portable::Bool(false),
            Atom::Int(number) => Portable::Int(number),
            Atom::Str(_) | Atom::Text(_) => Portable::Text(self.values.to_symbolic(atom, "")),
            Atom::Object(object) => match self.heap.get(object).kind {
                Kind::Instance(module, class) => Portable::Instance(module, class),
                _ => return None,
            },
            Atom::Client(service, p) => Portable::Client(self.values.str(service).to_owned(), foreign(p)),
            Atom::Resource(service, p) => Portable::Resource(self.values.str(service).to_owned(), foreign(p)),
            Atom::Table(name, p) => {
                let names = self.values.atoms(name).iter().map(|a| self.values.to_symbolic(*a, "")).collect();
                Portable::Table(names, foreign(p))
            }
            Atom::Data(_) => Portable::Data,
            _ => return None,
        })
    }
}

/// The calls that reach an instance.
fn sites(callers: &Callers, instance: InstanceId) -> BTreeSet<Site> {
    callers.get(&instance).into_iter().flatten().map(|(_, site)| *site).collect()
}
