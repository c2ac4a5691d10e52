//! From what each interpretation saw to one entry a call site.

use super::access::{Access, Certainty, ItemUse, Observation, PageFlow, Presence, Principal};
use super::entry::{EntryResult, Sighting, Site, SitePages};
use super::loops::{Loop, LoopFault};
use super::pages::Continuations;
use super::program::Program;
use super::record::{both, common, keep_requests};
use super::shape::Outline;
use super::{Analysis, Equalities, Gap, leftover};
use crate::dynamodb::operation::Operation;
use crate::python::ModuleId;
use crate::python::ir::ExprKind;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Merges the entry points' results (in their order) and those of code looked at by itself.
pub(super) fn merge(program: &Program<'_>, entries: Vec<EntryResult>, latent: Vec<EntryResult>) -> Analysis {
    let codebase = program.codebase;
    let installed = codebase.ids().filter(|id| codebase.package_of(*id).is_some());
    let installed = installed.map(|id| codebase.module(id).file).collect();
    let mut analysis = Analysis { installed, ..Analysis::default() };
    let mut sites: BTreeMap<(Site, Operation), Vec<Sighting>> = BTreeMap::new();
    let (mut continuations, mut starts) = (BTreeSet::new(), BTreeSet::new());
    let mut gaps = BTreeSet::new();
    for (index, result) in entries.into_iter().enumerate() {
        analysis.loaded.push(result.loaded.iter().map(|m| program.codebase.module(*m).file).collect());
        analysis.remarks.push(result.remarks);
        for (span, reason, hides, import) in result.gaps {
            gaps.insert(Gap { span, reason, entry: index, hides, import });
        }
        continuations.extend(result.continuations);
        starts.extend(result.starts);
        for sighting in result.sightings {
            sites.entry((sighting.site, sighting.operation)).or_default().push(sighting);
        }
    }
    for result in latent {
        continuations.extend(result.continuations);
        starts.extend(result.starts);
        for sighting in result.sightings {
            sites.entry((sighting.site, sighting.operation)).or_default().push(sighting);
        }
    }
    let links = Links::new(&continuations, &starts);
    let mut outline = None;
    for ((site, _), sightings) in sites {
        let mut access = access(program, site, sightings, &links);
        if access.pages.is_some() {
            access.shape = outline_of(program, &mut outline, site.0).shape(site.1);
        }
        analysis.accesses.push(access);
    }
    analysis.accesses.sort_by_key(|a| (a.span, a.operation));
    analysis.gaps = gaps.into_iter().collect();
    analysis
}

/// The outline of a module; sites come module by module, so that each is outlined once.
fn outline_of<'o, 'p>(
    program: &Program<'p>,
    last: &'o mut Option<(ModuleId, Outline<'p>)>,
    module: ModuleId,
) -> &'o Outline<'p> {
    let outlined = last.take().filter(|(id, _)| *id == module);
    let codebase = program.codebase;
    let (_, outline) =
        last.insert(outlined.unwrap_or_else(|| (module, Outline::new(codebase.module(module), codebase.text(module)))));
    outline
}

/// Which calls start where others ended.
struct Links {
    continuations: Continuations<Site>,
    /// Those after which each call surely starts.
    before: BTreeMap<Site, Vec<Site>>,
}

impl Links {
    fn new(continuations: &BTreeSet<(Site, Site)>, starts: &BTreeSet<(Site, Site)>) -> Self {
        let mut before: BTreeMap<Site, Vec<Site>> = BTreeMap::new();
        for (from, to) in starts {
            before.entry(*to).or_default().push(*from);
        }
        Self { continuations: Continuations::of(continuations), before }
    }

    fn before(&self, site: Site) -> impl Iterator<Item = Site> {
        self.before.get(&site).into_iter().flatten().copied()
    }
}

fn access(program: &Program<'_>, site: Site, sightings: Vec<Sighting>, links: &Links) -> Access {
    let surest = sightings.iter().map(|s| s.observation.certainty).min().unwrap_or(Certainty::Latent);
    let surest = sightings.iter().filter(|s| s.observation.certainty == surest);
    let pages: Vec<&SitePages> = surest.filter_map(|s| s.pages.as_ref()).collect();
    let drains = pages.iter().any(|pages| pages.writes_below);
    let flow = merged_pages(&pages, |caller| span(program, caller), |pages| page_flow(pages, site, links));
    let first = &sightings[0];
    Access {
        span: span(program, site),
        function: first.function.clone(),
        operation: first.operation,
        opens_batch: first.operation == Operation::BatchWriteItem
            && opens_batch(program.codebase.module(site.0), site.1),
        left_unseen: leftover::is_unseen(program.codebase.module(site.0), site.1),
        actions: sightings.iter().flat_map(|s| s.actions.iter().cloned()).collect(),
        pages: flow.map(|flow| with_loop(flow, program, site, links, drains)),
        shape: None,
        observations: merge_observations(sightings),
    }
}

fn span(program: &Program<'_>, site: Site) -> Span {
    let module = program.codebase.module(site.0);
    let range = module.expr(site.1).range;
    Span::new(module.file, place(module, site.1).unwrap_or(range.start), range.end)
}

/// Adds where the call starts and what is wrong with the loop around it. One that may remove what it was given `drains`:
/// it may ask for the first page until there is none.
fn with_loop(mut flow: PageFlow, program: &Program<'_>, site: Site, links: &Links, drains: bool) -> PageFlow {
    if flow.of_some.is_some() {
        // Those who go on do so at the same call as those who don't.
        return flow;
    }
    flow.starts_after = links.before(site).map(|from| span(program, from)).collect();
    let Some(around) = Loop::around(program.codebase.module(site.0), site.1) else { return flow };
    let is_inside = |from: Site| from.0 == site.0 && around.contains(from.1);
    flow.looped = !links.before(site).any(is_inside);
    let first_again = flow.start_key == Presence::Never && flow.last_key_read && !flow.single_extra_page;
    let same_again = flow.continues && !flow.starts_after.is_empty() && flow.looped;
    if flow.continued {
        let overwrites = || around.overwrites().then_some(LoopFault::Overwrites);
        flow.loop_fault = overwrites().or_else(|| around.drops().map(LoopFault::Drops));
    } else if !flow.cursor && (same_again && around.repeats(false) || first_again && !drains && around.repeats(true)) {
        flow.loop_fault = Some(LoopFault::Repeats);
    }
    flow
}

/// `table.batch_writer()`, or `Model.batch_write()` of `PynamoDB`.
fn opens_batch(module: &crate::python::ir::Module, site: crate::python::ir::ExprId) -> bool {
    let ExprKind::Call(callee, _) = &module.expr(site).kind else { return false };
    let called = match &module.expr(*callee).kind {
        ExprKind::Attr(_, name) | ExprKind::Name(_, name) => module.name(*name),
        _ => return false,
    };
    matches!(called, "batch_writer" | "batch_write")
}

/// A call through a paginator is placed at `.paginate`, which may stand on a later line than the call's beginning.
fn place(module: &crate::python::ir::Module, site: crate::python::ir::ExprId) -> Option<u32> {
    let ExprKind::Call(callee, _) = &module.expr(site).kind else { return None };
    let ExprKind::Attr(_, name) = &module.expr(*callee).kind else { return None };
    let name = module.name(*name);
    let length = u32::try_from(name.len()).ok()?;
    (name == "paginate").then(|| module.expr(*callee).range.end - length)
}

/// One caller of a helper that goes on through the pages, or lets its own caller do so, doesn't excuse another that takes
/// the first for all: where both are seen, only the latter is judged.
fn merged_pages(
    pages: &[&SitePages],
    place_of: impl Fn(Site) -> Span,
    together: impl FnOnce(&SitePages) -> PageFlow,
) -> Option<PageFlow> {
    let merge = |some: &[&SitePages]| some.iter().copied().cloned().reduce(|a, b| merge_pages(&a, &b));
    let goes_on = |p: &&SitePages| p.continued || p.uses.pages_consumed || p.drained;
    let hands_on = |p: &&SitePages| p.uses.cursor || p.uses.key_taken || p.uses.refused || p.started_again;
    // A caller is left with what it got that doesn't read the key that it is handed, whatever it would do with it, and
    // doesn't ask anew until nothing is left.
    let takes_one = |p: &&SitePages| !goes_on(p) && !hands_on(p) && !p.asked_anew && (p.uses.all || p.uses.counted);
    let mut short: Vec<&SitePages> = pages.iter().filter(|p| takes_one(p)).copied().collect();
    // What is meant to be a part of the items isn't taken for all.
    short.retain(|p| p.limit != Presence::Always || p.filter != Presence::Never);
    if !pages.iter().any(goes_on) {
        short.retain(|p| !pins_any(&p.equalities));
        if !pages.iter().any(hands_on) {
            short.clear();
        }
    }
    if short.is_empty() {
        return merge(pages).map(|pages| together(&pages));
    }
    merge(&short).map(|pages| PageFlow {
        cursor: false,
        of_some: Some(pages.callers.iter().map(|caller| place_of(*caller)).collect()),
        ..flow(&pages, (false, false, false))
    })
}

/// Whether a key condition asks for one value of two attributes, which may be all of a key.
fn pins_any(equalities: &Equalities) -> bool {
    matches!(equalities, Equalities::Known(equal) if equal.len() > 1)
}

fn merge_pages(a: &SitePages, b: &SitePages) -> SitePages {
    let mut uses = a.uses;
    uses.existence |= b.uses.existence;
    uses.first |= b.uses.first;
    uses.top |= b.uses.top;
    uses.all |= b.uses.all;
    uses.returned |= b.uses.returned;
    uses.cursor |= b.uses.cursor;
    uses.handed_on |= b.uses.handed_on;
    uses.key_taken |= b.uses.key_taken;
    uses.pages_consumed |= b.uses.pages_consumed;
    uses.counted |= b.uses.counted;
    uses.repeated |= b.uses.repeated;
    uses.last_key_read |= b.uses.last_key_read;
    uses.refused |= b.uses.refused;
    SitePages {
        uses,
        callers: a.callers.union(&b.callers).copied().collect(),
        asked_anew: a.asked_anew || b.asked_anew,
        drained: a.drained && b.drained,
        started_again: a.started_again && b.started_again,
        continued: a.continued && b.continued,
        feeds: a.feeds || b.feeds,
        fed: a.fed || b.fed,
        limit: both(a.limit, b.limit),
        limit_one: a.limit_one && b.limit_one,
        filter: a.filter.max(b.filter),
        count: both(a.count, b.count),
        start_key: both(a.start_key, b.start_key),
        key_condition: a.key_condition.max(b.key_condition),
        writes_below: a.writes_below || b.writes_below,
        equalities: common(&a.equalities, &b.equalities),
        cut_short: a.cut_short || b.cut_short,
    }
}

fn page_flow(pages: &SitePages, site: Site, links: &Links) -> PageFlow {
    let Continuations { continued, feed, fed } = &links.continuations;
    let is_continued = continued.contains(&site);
    let goes_on = is_continued || pages.uses.pages_consumed || pages.drained;
    flow(pages, (goes_on, fed.contains(&site), feed.contains(&site) && !is_continued))
}

fn flow(pages: &SitePages, (continued, continues, single_extra_page): (bool, bool, bool)) -> PageFlow {
    let uses = pages.uses;
    let items = if pages.cut_short {
        ItemUse::Lost
    } else if uses.all {
        ItemUse::All
    } else if uses.top && !uses.counted {
        ItemUse::Top
    } else if uses.first && !uses.top {
        ItemUse::First
    } else if uses.existence && !uses.counted {
        ItemUse::Existence
    } else if uses.returned || uses.counted {
        ItemUse::All
    } else {
        ItemUse::None
    };
    PageFlow {
        continued,
        continues,
        single_extra_page,
        cursor: uses.cursor || uses.handed_on,
        items,
        limit: pages.limit,
        limit_one: pages.limit_one && pages.limit != Presence::Never,
        filter: pages.filter,
        count: pages.count,
        start_key: pages.start_key,
        key_condition: pages.key_condition,
        last_key_read: uses.last_key_read,
        refused: uses.refused,
        started_again: pages.started_again,
        starts_after: BTreeSet::new(),
        loop_fault: None,
        looped: false,
        equalities: pages.equalities.clone(),
        of_some: None,
    }
}

fn merge_observations(sightings: Vec<Sighting>) -> Vec<Observation> {
    let mut merged: BTreeMap<(Option<usize>, Certainty, Principal), Observation> = BTreeMap::new();
    for sighting in sightings {
        let new = sighting.observation;
        match merged.entry((new.entry, new.certainty, new.principal)) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(new);
            }
            std::collections::btree_map::Entry::Occupied(mut place) => {
                let known = place.get_mut();
                union(&mut known.tables, new.tables);
                union(&mut known.indexes, new.indexes);
                union(&mut known.writes, new.writes);
                known.writes_complete &= new.writes_complete;
                known.deletes |= new.deletes;
                known.held = known.held.max(new.held);
                known.key_loops.extend(new.key_loops);
                known.puts_back.extend(new.puts_back);
                known.injections.extend(new.injections);
                known.per_event = known.per_event.max(new.per_event);
                known.every_record |= new.every_record;
                known.item_reads.extend(new.item_reads);
                keep_requests(&mut known.requests, new.requests);
                known.evidence.merge(new.evidence);
            }
        }
    }
    merged.into_values().collect()
}

fn union<T: Ord>(into: &mut Vec<T>, more: Vec<T>) {
    into.extend(more);
    into.sort_unstable();
    into.dedup();
}
