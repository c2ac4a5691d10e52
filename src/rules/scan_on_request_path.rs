//! A whole table read for one event.

use super::describe::{anchor, invoked, list, table_name, taken};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, FunctionId, PaginationStatus, Resolution, TableFacts};
use crate::flow::{PageFlow, Presence};
use crate::template::model::TriggerKind;
use std::collections::BTreeSet;

pub const RULE: Rule =
    Rule { name: "scan-on-request-path", page: include_str!("../../rules/scan-on-request-path.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    // The call that goes on where another one stopped is a part of it.
    let mut told = BTreeSet::new();
    for access in &facts.accesses {
        let Some(pages) = access.access.pages.as_ref().filter(|pages| reads_a_table(access, pages)) else { continue };
        let functions: Vec<FunctionId> = access.event_driven(facts).collect();
        let place = (access.access.span.file, access.access.function.as_str(), table_name(facts, access));
        if !functions.is_empty() && told.insert(place) {
            findings.push(finding(facts, access, pages, &functions));
        }
    }
}

/// Whether it is one Scan from a table's beginning to its end.
fn reads_a_table(access: &AccessFacts, pages: &PageFlow) -> bool {
    access.scans_table()
        && matches!(access.table, Resolution::Known(_) | Resolution::Several(_))
        && !(pages.limit != Presence::Never && pages.filter == Presence::Never)
        // That it filters what is limited has a rule of its own.
        && !(pages.limit == Presence::Always && pages.start_key == Presence::Never)
        && !access.requests.iter().any(|given| given.request.segmented)
}

fn finding(facts: &Facts, access: &AccessFacts, pages: &PageFlow, functions: &[FunctionId]) -> Finding {
    let id = table_name(facts, access);
    let filtered = pages.filter != Presence::Never;
    let waits = access.comes_of(facts, functions, |kind| matches!(kind, TriggerKind::Api | TriggerKind::Auth));
    let often =
        access.comes_of(facts, functions, |kind| !matches!(kind, TriggerKind::Schedule | TriggerKind::Workflow));
    let who: Vec<String> = functions.iter().map(|function| invoked(facts, *function)).collect();
    let always = functions.iter().any(|function| access.per_event.get(function) == Some(&Presence::Always));
    let is_known = functions.iter().any(|function| facts.taken_code(*function).is_none());
    let taken = taken(facts, functions.iter().copied()).filter(|_| !is_known);
    Finding {
        rule: RULE.name,
        severity: if waits || often && filtered { Severity::High } else { Severity::Medium },
        confidence: if always && taken.is_none() { Confidence::Certain } else { Confidence::Likely },
        title: if always {
            format!("`{}` reads all of {id} whenever its Lambda is invoked", access.access.function)
        } else {
            format!("`{}` may read all of {id} when its Lambda is invoked", access.access.function)
        },
        message: format!(
            "A Scan reads every item of the table{}; all that is read is paid for{}. Reached from {}: each invocation {}costs as \
             much time and money as {id} is large, and takes that from the table's other users.{}{}",
            if filtered { ", and the filter only then leaves some out" } else { "" },
            if waits { ", and somebody waits for it" } else { "" },
            list(&who),
            if always { "" } else { "that comes this way " },
            growth(facts, access),
            taken.map(|how| format!(" {how}")).unwrap_or_default()
        ),
        help: help(access, filtered),
        span: access.access.span,
        label: "reads the whole table".to_owned(),
        related: table(facts, access)
            .map(|table| Related { span: table.table.span, message: format!("{id} is declared here") })
            .into_iter()
            .collect(),
        anchor: anchor(facts, access),
    }
}

fn table<'f, 'a>(facts: &'f Facts<'a>, access: &AccessFacts) -> Option<&'f TableFacts<'a>> {
    access.table.known().map(|id| facts.table(*id))
}

fn growth(facts: &Facts, access: &AccessFacts) -> &'static str {
    let grows = table(facts, access).is_some_and(|table| table.seems_to_grow_only() && table.unseen_deletes.is_none());
    if grows { " Nothing ever takes items away from it (`unbounded-growth`)." } else { "" }
}

fn help(access: &AccessFacts, filtered: bool) -> String {
    let query = if filtered {
        "Make a Query of it: by the table's key, or by a global index whose partition key is what the filter asks for, and \
         which then holds only such items"
    } else {
        "If only some of the items are wanted, make a Query of it, by the table's key or a global index"
    };
    let also = match access.pagination.as_ref().map(|pagination| pagination.status) {
        Some(PaginationStatus::Missing) => {
            " That it stops after one page is a fault of its own (`missing-pagination`)."
        }
        _ => "",
    };
    format!(
        "{query}. If it is the sum or the list of all that is wanted, keep that in an item of its own, brought up to date with each write.{also}"
    )
}
