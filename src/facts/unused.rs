//! Tables that nothing is known to use: who still names them, and why it can't be said that nothing does use them.

use super::join::{Join, Lambda, Sighting, Who};
use super::services::stream_readers;
use super::tables::Named;
use super::unseen::is_allowed;
use super::{BlindSpot, FunctionId, TableFacts, TableId, Unseen};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::source::Span;
use crate::template::model::{Mention, Mentioner, Stack};
use std::collections::{BTreeMap, BTreeSet};

/// A table that no call, no service and no policy is known to use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    /// Who names it all the same, by place.
    pub named: Vec<Naming>,
    /// Why something may use it, if that is so.
    pub unseen: Option<Unseen>,
}

/// A place that names a table, and doesn't use it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Naming {
    /// Where.
    pub span: Span,
    /// Who.
    pub by: NamedBy,
}

/// Who names a table without using it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum NamedBy {
    /// An environment variable of a Lambda.
    Variable(FunctionId, String),
    /// An output.
    Output(String),
    /// What watches, scales or backs up the table: its logical id.
    Upkeep(String),
}

/// What is there for a table and reads none of its items for anybody.
const UPKEEP: [&str; 4] =
    ["AWS::CloudWatch::", "AWS::ApplicationAutoScaling::", "AWS::Backup::", "AWS::Logs::MetricFilter"];

/// `None` if something is known to use the table, or nothing of a program around it is at hand: then others do.
pub(super) fn unused(join: &Join, stacks: &[Stack], id: TableId) -> Option<Unused> {
    let is_own = |table: &ResourceRef| join.tables.variants(id).iter().any(|own| own.resource == *table);
    let mentions = stacks.iter().flat_map(|stack| stack.mentions.iter().flatten());
    let mentions: Vec<&Mention> = mentions.filter(|mention| is_own(&mention.table)).collect();
    let has_policy = join.tables.variants(id).iter().any(|t| !t.policy.is_empty() || !t.unread_policies.is_empty());
    let used = is_called(join, id)
        || has_policy
        || !stream_readers(stacks, &join.tables, id).is_empty()
        || mentions.iter().any(|mention| is_use(&mention.by));
    if used || !has_program(join, id) {
        return None;
    }
    let tells = |told: &BTreeSet<Symbolic>| told.iter().any(|value| names(join, id, value, &is_own));
    let mut named: Vec<Naming> = mentions.iter().map(|mention| naming(mention)).collect();
    let mut unseen = exported(join, id, &mentions).or_else(|| too_large(join, stacks, id));
    for (function, lambda) in join.function_ids() {
        for (name, variable) in &lambda.function.environment {
            if !variable.values.iter().any(|value| names(join, id, value, &is_own)) {
                continue;
            }
            named.push(Naming { span: variable.span, by: NamedBy::Variable(function, name.clone()) });
            if unseen.is_none() && hides(lambda, id) {
                let what = format!("{} is told of {}", lambda.function.resource.id, join.tables.get(id).resource.id);
                let reason = format!("{what} in `{name}`, and not all of its code is known");
                unseen = Some(Unseen { span: variable.span, reason });
            }
            if unseen.is_none() && lambda.remarks.is_some_and(|remarks| tells(&remarks.told)) {
                let what =
                    format!("{} hands on the name of {}", lambda.function.resource.id, join.tables.get(id).resource.id);
                unseen = Some(Unseen { span: variable.span, reason: format!("{what}, which it is told in `{name}`") });
            }
        }
    }
    named.sort();
    named.dedup();
    let told = || {
        join.remarks.iter().any(|remarks| tells(&remarks.told)).then(|| {
            let table = join.tables.get(id);
            Unseen { span: table.span, reason: format!("the name of {} is handed on", table.resource.id) }
        })
    };
    Some(Unused { named, unseen: unseen.or_else(told).or_else(|| unseen_calls(join, id)) })
}

/// Whether a call of any code or service is on the table: dead code counts.
fn is_called(join: &Join, id: TableId) -> bool {
    join.sightings.iter().any(|s| s.names.tables.contains(&id))
        || join.services.iter().any(|s| s.names.tables.contains(&id))
}

/// Whether the stack that declares the table holds code at hand, or another table that some code uses.
fn has_program(join: &Join, id: TableId) -> bool {
    let stack = join.tables.get(id).resource.stack;
    let in_stack = |resource: &ResourceRef| resource.stack == stack;
    join.functions.iter().any(|lambda| in_stack(&lambda.function.resource) && !lambda.loaded.is_empty())
        || join.sightings.iter().any(|s| s.names.tables.iter().any(|t| in_stack(&join.tables.get(*t).resource)))
}

fn is_use(by: &Mentioner) -> bool {
    matches!(by, Mentioner::Resource(_, kind) if !UPKEEP.iter().any(|prefix| kind.starts_with(prefix)))
}

fn naming(mention: &Mention) -> Naming {
    let by = match &mention.by {
        Mentioner::Resource(id, _) => NamedBy::Upkeep(id.clone()),
        Mentioner::Output(name, _) => NamedBy::Output(name.clone()),
    };
    Naming { span: mention.span, by }
}

/// Whether a variable's value is the table's name, or holds it.
fn names(join: &Join, id: TableId, value: &Symbolic, is_own: &dyn Fn(&ResourceRef) -> bool) -> bool {
    value.resources().any(is_own) || join.tables.resolve(value) == Named::Table(id)
}

fn hides(lambda: &Lambda, id: TableId) -> bool {
    lambda.loaded.is_empty() || lambda.hidden.iter().any(|hidden| lambda.is_on(*hidden, id))
}

fn exported(join: &Join, id: TableId, mentions: &[&Mention]) -> Option<Unseen> {
    let is_exported = |mention: &&&Mention| matches!(mention.by, Mentioner::Output(_, true));
    let export = mentions.iter().find(is_exported)?;
    let reason = format!("{} is exported, and other stacks may use it", join.tables.get(id).resource.id);
    Some(Unseen { span: export.span, reason })
}

fn too_large(join: &Join, stacks: &[Stack], id: TableId) -> Option<Unseen> {
    stacks.iter().find(|stack| stack.mentions.is_none())?;
    let table = join.tables.get(id);
    let reason = format!("the template is too large to tell who names {}", table.resource.id);
    Some(Unseen { span: table.span, reason })
}

/// The first call that may be on the table, though it isn't known to be.
fn unseen_calls(join: &Join, id: TableId) -> Option<Unseen> {
    let table = &join.tables.get(id).resource.id;
    let actions: Vec<&str> = Operation::item_actions().collect();
    let may = |who: Who| actions.iter().any(|action| is_allowed(join, who, id, action));
    let on_it = |s: &&Sighting| s.is_live() && s.names.may_touch(id) && may(s.who);
    if let Some(s) = join.sightings.iter().find(on_it) {
        return Some(Unseen { span: s.access.span, reason: format!("{} may be on {table}", s.access.operation) });
    }
    for (function, lambda) in join.function_ids() {
        if hides(lambda, id) && may(Who::Function(function)) {
            let reason = format!("{} may use {table} where its code can't be followed", lambda.function.resource.id);
            return Some(Unseen { span: lambda.function.span, reason });
        }
    }
    if let Some(span) = join.cut_short.first() {
        return Some(Unseen { span: *span, reason: format!("this script may use {table} where it isn't followed") });
    }
    if let Some(s) = join.services.iter().find(|s| s.names.may_touch(id)) {
        let reason = format!("{} {} may use {table}", s.user.kind, s.user.resource.id);
        return Some(Unseen { span: s.call.span, reason });
    }
    let outsider = join.outsiders.iter().find(|o| o.may_do(id, &actions, &join.tables))?;
    Some(Unseen { span: outsider.span, reason: format!("{} may use {table}", outsider.who) })
}

/// What keeps it open whether tables are used at all: of what several tables have in common, one spot.
pub(super) fn unseen_users(tables: &[TableFacts]) -> Vec<BlindSpot> {
    let mut by_place: BTreeMap<Span, Vec<&Unseen>> = BTreeMap::new();
    for unseen in tables.iter().filter_map(|table| table.unused.as_ref()?.unseen.as_ref()) {
        by_place.entry(unseen.span).or_default().push(unseen);
    }
    let spot = |(span, all): (Span, Vec<&Unseen>)| {
        let mut reason = all[0].reason.clone();
        if all.len() > 1 {
            let others =
                if all.len() > 2 { format!("{} other tables", all.len() - 1) } else { "another table".to_owned() };
            reason = format!("{reason}, and so with {others}");
        }
        BlindSpot { span, reason, withholds: vec!["unused-table"], function: None, taken: None }
    };
    by_place.into_iter().map(spot).collect()
}
