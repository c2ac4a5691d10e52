//! The run's tables, and which of them a name seen in code means.

use super::TableId;
use crate::dynamodb::arn::table_name;
use crate::dynamodb::symbolic::{AT_RUN_TIME, Part, ResourceRef, Symbolic};
use crate::dynamodb::unify::{Fit, Match, fit, matches};
use crate::iam::{Answer, Target};
use crate::template::model::{Stack, Table};
use std::collections::{BTreeMap, BTreeSet};

/// All declared tables, by id. Tables that stand for one another (two tables under exclusive conditions, only one of
/// which exists) are one.
pub(super) struct Tables<'a> {
    list: Vec<One<'a>>,
    by_resource: BTreeMap<&'a ResourceRef, TableId>,
    resources: BTreeSet<ResourceRef>,
    /// Names of the templates' parameters.
    parameters: BTreeSet<&'a str>,
}

/// A table, in each of the ways in which it may be deployed.
struct One<'a> {
    /// In template order; never empty.
    variants: Vec<&'a Table>,
    names: Vec<Symbolic>,
}

/// What a table name means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Named {
    /// One declared table.
    Table(TableId),
    /// A name that no template declares.
    Undeclared(String),
    /// Can't be told; it may be one of `candidates`.
    Unknown { reason: String, candidates: BTreeSet<TableId> },
}

impl<'a> Tables<'a> {
    pub fn new(stacks: &'a [Stack]) -> Self {
        let declared: Vec<&Table> = stacks.iter().flat_map(|stack| &stack.tables).collect();
        let stands_for = alternatives(stacks);
        let mut list: Vec<One> = Vec::new();
        let mut by_resource = BTreeMap::new();
        for table in declared {
            let known = stands_for.get(&table.resource).and_then(|first| by_resource.get(first)).copied();
            let id = known.unwrap_or(TableId(list.len()));
            if known.is_none() {
                list.push(One { variants: Vec::new(), names: Vec::new() });
            }
            list[id.0].variants.push(table);
            list[id.0].names.extend(declared_names(table));
            by_resource.insert(&table.resource, id);
        }
        let resources = stacks
            .iter()
            .flat_map(|s| s.resources.keys().map(|id| ResourceRef { stack: s.index, id: id.clone() }))
            .collect();
        let parameters = stacks.iter().flat_map(|s| &s.parameters).map(String::as_str).collect();
        Self { list, by_resource, resources, parameters }
    }

    pub fn iter(&self) -> impl Iterator<Item = (TableId, &'a Table)> + '_ {
        self.list.iter().enumerate().map(|(i, one)| (TableId(i), one.variants[0]))
    }

    /// Every id.
    pub fn ids(&self) -> impl Iterator<Item = TableId> + use<'a> {
        (0..self.list.len()).map(TableId)
    }

    /// The table as it is declared first.
    pub fn get(&self, id: TableId) -> &'a Table {
        self.list[id.0].variants[0]
    }

    /// Every declaration of the table: its own, and those that stand for it.
    pub fn variants(&self, id: TableId) -> &[&'a Table] {
        &self.list[id.0].variants
    }

    /// Whether a policy's resource pattern covers a table or an index: the best answer over the alternatives of one table.
    pub fn covered_by(&self, target: &Target, id: TableId, index: Option<&str>) -> Answer {
        self.variants(id).iter().map(|table| covers_variant(target, table, index)).max().unwrap_or(Answer::No)
    }

    /// Resolves a table name or ARN.
    pub fn resolve(&self, name: &Symbolic) -> Named {
        let inner = table_name(name);
        let name = inner.as_ref().unwrap_or(name);
        match name.parts() {
            [Part::Resource(resource, attribute)] if attribute.is_empty() => self.by_resource(resource, name),
            _ => self.by_name(name),
        }
    }

    fn by_resource(&self, resource: &ResourceRef, name: &Symbolic) -> Named {
        match self.by_resource.get(resource) {
            Some(id) => Named::Table(*id),
            // Another stack's output, a custom resource: what it names can't be seen.
            None if self.resources.contains(resource) => self.unknown(name, self.ids().collect()),
            None => Named::Undeclared(name.to_string()),
        }
    }

    fn by_name(&self, name: &Symbolic) -> Named {
        let fits: Vec<(TableId, Fit)> = self.ids().map(|id| (id, fit(name, &self.list[id.0].names))).collect();
        if let Some(best) = best(&fits, Match::Yes) {
            return match best.len() {
                1 => best.first().map_or_else(|| self.unknown(name, BTreeSet::new()), |id| Named::Table(*id)),
                _ => self.unknown(name, best),
            };
        }
        if let Some(id) = name.as_text().and_then(|text| self.by_logical_id(text)) {
            return Named::Table(id);
        }
        if let Some(name) = name.as_text().and_then(substituted) {
            return self.by_name(&name);
        }
        let is_spelled = name.parts().iter().any(|part| !matches!(part, Part::Hole(_)));
        match best_possible(&fits) {
            possible if possible.is_empty() && is_spelled => Named::Undeclared(name.to_string()),
            possible => self.unknown(name, possible),
        }
    }

    /// A name that is a logical id is most likely a default for running outside Lambda; `${Orders}` is what `Fn::Sub` puts
    /// into a program that stands in the template.
    fn by_logical_id(&self, text: &str) -> Option<TableId> {
        let text = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text);
        let mut found = self.by_resource.iter().filter(|(resource, _)| resource.id == text).map(|(_, id)| *id);
        let first = found.next();
        if found.next().is_some() { None } else { first }
    }

    fn unknown(&self, name: &Symbolic, candidates: BTreeSet<TableId>) -> Named {
        let reason = match name.parts() {
            [] => "the table name is empty".to_owned(),
            [Part::Hole(origin)] if origin == AT_RUN_TIME => {
                "the table name is known only at run time, or is one of more names than are followed".to_owned()
            }
            [Part::Hole(origin)] if self.parameters.contains(origin.as_str()) => {
                format!(
                    "the table name is the template's parameter {origin}, which a deployment may set: `--parameter {origin}=…` \
                     tells it"
                )
            }
            [Part::Hole(origin)] => format!("the table name can't be told ({origin})"),
            _ if candidates.len() > 1 => {
                let ids: Vec<&str> = candidates.iter().map(|id| self.get(*id).resource.id.as_str()).collect();
                format!("`{name}` may be any of {}", ids.join(", "))
            }
            _ => format!("`{name}` isn't known well enough"),
        };
        Named::Unknown { reason, candidates }
    }
}

/// The first table of those that a table stands for: the template says which are alternatives.
fn alternatives(stacks: &[Stack]) -> BTreeMap<ResourceRef, ResourceRef> {
    let groups = stacks.iter().flat_map(|stack| &stack.alternatives).filter_map(|group| group.split_first());
    groups.flat_map(|(first, others)| others.iter().map(|other| (other.clone(), first.clone()))).collect()
}

/// `TableName`, or the form of the name that CloudFormation makes: stack, logical id, random letters.
fn declared_names(table: &Table) -> Vec<Symbolic> {
    if !table.names.is_empty() {
        return table.names.iter().map(|name| name.value.clone()).collect();
    }
    let generated = [
        Part::Hole("AWS::StackName".to_owned()),
        Part::Text(format!("-{}-", table.resource.id)),
        Part::Hole("a random suffix".to_owned()),
    ];
    vec![generated.into_iter().collect()]
}

/// What `Fn::Sub` makes of a text, if it makes anything of it.
fn substituted(text: &str) -> Option<Symbolic> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, (name, after))) =
        rest.split_once("${").and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        parts.extend([Part::Text(before.to_owned()), Part::Hole(name.to_owned())]);
        rest = after;
    }
    parts.push(Part::Text(rest.to_owned()));
    (parts.len() > 1).then(|| parts.into_iter().collect())
}

/// Of the tables that fit to this degree, those that fit best; `None` if none does.
fn best(fits: &[(TableId, Fit)], degree: Match) -> Option<BTreeSet<TableId>> {
    let most = fits.iter().filter(|(_, fit)| fit.matched == degree).map(|(_, fit)| fit.aligned).max()?;
    let chosen = fits.iter().filter(|(_, fit)| fit.matched == degree && fit.aligned == most);
    Some(chosen.map(|(id, _)| *id).collect())
}

fn best_possible(fits: &[(TableId, Fit)]) -> BTreeSet<TableId> {
    fits.iter().filter(|(_, fit)| fit.matched == Match::Maybe).map(|(id, _)| *id).collect()
}

/// The declared indexes that a partly known name may mean.
pub(super) fn possible_indexes<'t>(table: &'t Table, name: &Symbolic) -> Vec<&'t str> {
    let names = table.indexes.iter().map(|index| index.name.value.as_str());
    names.filter(|index| matches(name, &[Symbolic::text(*index)]) != Match::No).collect()
}

/// Whether a policy's resource pattern covers a table as it is declared, or an index of it.
pub(super) fn covers_variant(target: &Target, table: &Table, index: Option<&str>) -> Answer {
    let names: Vec<Symbolic> = table.names.iter().map(|name| name.value.clone()).collect();
    match index {
        None => target.covers_table(&table.resource, &names),
        Some(index) => target.covers_index(&table.resource, &names, index),
    }
}
