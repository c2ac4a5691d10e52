//! The run's tables, and which of them a name seen in code means.

use super::TableId;
use crate::dynamodb::arn::table_name;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::dynamodb::unify::{Fit, Match, fit, matches};
use crate::iam::{Answer, Target};
use crate::template::model::{Stack, Table};
use std::collections::{BTreeMap, BTreeSet};

/// All declared tables, by id.
pub(super) struct Tables<'a> {
    list: Vec<&'a Table>,
    names: Vec<Vec<Symbolic>>,
    by_resource: BTreeMap<&'a ResourceRef, TableId>,
    /// The first of the tables that stand for one another: two tables under exclusive conditions, only one of which exists.
    canonical: Vec<TableId>,
    resources: BTreeSet<ResourceRef>,
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
        let list: Vec<&Table> = stacks.iter().flat_map(|stack| &stack.tables).collect();
        let by_resource: BTreeMap<_, _> = list.iter().enumerate().map(|(i, t)| (&t.resource, TableId(i))).collect();
        let resources = stacks
            .iter()
            .flat_map(|s| s.resources.keys().map(|id| ResourceRef { stack: s.index, id: id.clone() }))
            .collect();
        let names = list.iter().map(|table| declared_names(table)).collect();
        let canonical = (0..list.len()).map(TableId).collect();
        let mut tables = Self { list, names, by_resource, canonical, resources };
        tables.join_alternatives(stacks);
        tables
    }

    pub fn iter(&self) -> impl Iterator<Item = (TableId, &'a Table)> + '_ {
        self.list.iter().enumerate().map(|(i, table)| (TableId(i), *table))
    }

    pub fn get(&self, id: TableId) -> &'a Table {
        self.list[id.0]
    }

    /// The table that answers for this one.
    pub fn canonical(&self, id: TableId) -> TableId {
        self.canonical[id.0]
    }

    /// Tables that answer for themselves.
    pub fn distinct(&self) -> impl Iterator<Item = TableId> + '_ {
        self.canonical.iter().enumerate().filter(|(i, c)| c.0 == *i).map(|(_, c)| *c)
    }

    /// Whether a policy's resource pattern covers a table or an index: the best answer over the alternatives of one table.
    pub fn covered_by(&self, target: &Target, id: TableId, index: Option<&str>) -> Answer {
        let covers = |table: &Table| {
            let names: Vec<Symbolic> = table.names.iter().map(|name| name.value.clone()).collect();
            match index {
                None => target.covers_table(&table.resource, &names),
                Some(index) => target.covers_index(&table.resource, &names, index),
            }
        };
        let alternatives = self.iter().filter(|(other, _)| self.canonical(*other) == id);
        alternatives.map(|(_, table)| covers(table)).max().unwrap_or(Answer::No)
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
            Some(id) => Named::Table(self.canonical(*id)),
            // Another stack's output, a custom resource: what it names can't be seen.
            None if self.resources.contains(resource) => self.unknown(name, self.distinct().collect()),
            None => Named::Undeclared(name.to_string()),
        }
    }

    fn by_name(&self, name: &Symbolic) -> Named {
        let fits: Vec<(TableId, Fit)> =
            self.iter().map(|(id, _)| (self.canonical(id), fit(name, &self.names[id.0]))).collect();
        if let Some(best) = best(&fits, Match::Yes) {
            return match best.len() {
                1 => best.first().map_or_else(|| self.unknown(name, BTreeSet::new()), |id| Named::Table(*id)),
                _ => self.unknown(name, best),
            };
        }
        if let Some(id) = name.as_text().and_then(|text| self.by_logical_id(text)) {
            return Named::Table(self.canonical(id));
        }
        match best_possible(&fits) {
            possible if possible.is_empty() => Named::Undeclared(name.to_string()),
            possible => self.unknown(name, possible),
        }
    }

    /// A name that is a logical id is most likely a default for running outside Lambda.
    fn by_logical_id(&self, text: &str) -> Option<TableId> {
        let mut found = self.iter().filter(|(_, table)| table.resource.id == text).map(|(id, _)| id);
        let first = found.next();
        if found.next().is_some() { None } else { first }
    }

    fn unknown(&self, name: &Symbolic, candidates: BTreeSet<TableId>) -> Named {
        let reason = match name.parts() {
            [] => "the table name is empty".to_owned(),
            [Part::Hole(origin)] => format!("the table name can't be told ({origin})"),
            _ if candidates.len() > 1 => {
                let ids: Vec<&str> = candidates.iter().map(|id| self.get(*id).resource.id.as_str()).collect();
                format!("`{name}` may be any of {}", ids.join(", "))
            }
            _ => format!("`{name}` isn't known well enough"),
        };
        Named::Unknown { reason, candidates }
    }

    /// Values of one environment variable that are two tables of one stack with one key schema (`!If [Retain, !Ref A,
    /// !Ref B]`) stand for one table: only one of the two is deployed.
    fn join_alternatives(&mut self, stacks: &[Stack]) {
        for variable in stacks.iter().flat_map(|s| &s.functions).flat_map(|f| f.environment.values()) {
            let ids: BTreeSet<TableId> = variable
                .values
                .iter()
                .filter_map(|value| match value.parts() {
                    [Part::Resource(resource, _)] => self.by_resource.get(resource).copied(),
                    _ => None,
                })
                .collect();
            let Some(first) = ids.first().copied() else { continue };
            let keys = key_names(self.get(first));
            let stack = self.get(first).resource.stack;
            for id in ids.into_iter().skip(1) {
                let table = self.get(id);
                if table.resource.stack == stack && key_names(table) == keys {
                    self.canonical[id.0] = self.canonical(first);
                }
            }
        }
    }
}

fn key_names(table: &Table) -> Vec<&str> {
    table.keys.iter().map(|key| key.attribute.value.as_str()).collect()
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
