//! Who does what with which table or index: the picture's nodes and edges, before they have places.

use crate::dynamodb::operation::{Operation, OperationKind};
use crate::facts::{AccessId, Facts, FunctionId, IndexStatus, Resolution, ServiceUse, TableId, User};
use crate::report::Report;
use crate::report::rights::is_asked;
use crate::rules::removable;
use crate::source::FileId;
use std::collections::{BTreeMap, BTreeSet};

/// The picture.
#[derive(Debug, Default)]
pub(super) struct Graph<'a> {
    pub(super) users: Vec<Node<'a>>,
    pub(super) tables: Vec<Card<'a>>,
    pub(super) edges: BTreeMap<Ends, Edge>,
}

/// Something that uses tables.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) who: Who<'a>,
    pub(super) name: &'a str,
}

/// What uses tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who<'a> {
    Function(FunctionId),
    /// A resource of some other kind, by its configuration.
    Service(&'a str),
    Script(FileId),
}

impl Who<'_> {
    /// Which group it stands in.
    pub(super) fn rank(self) -> usize {
        match self {
            Self::Function(_) => 0,
            Self::Service(_) => 1,
            Self::Script(_) => 2,
        }
    }
}

/// A table with its indexes.
#[derive(Debug)]
pub(super) struct Card<'a> {
    /// Nothing for one that no template declares.
    pub(super) id: Option<TableId>,
    pub(super) name: &'a str,
    pub(super) rows: Vec<Row<'a>>,
}

/// An index.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    /// Nothing for one that the table doesn't have.
    pub(super) status: Option<IndexStatus>,
}

/// From a user to a table or to one of its indexes, by their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ends {
    pub(super) user: usize,
    pub(super) table: usize,
    pub(super) row: Option<usize>,
}

/// What goes along an edge.
#[derive(Debug, Default)]
pub(super) struct Edge {
    pub(super) strands: BTreeSet<Strand>,
    pub(super) calls: BTreeSet<AccessId>,
}

/// A kind of line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Strand {
    Read,
    Scan,
    Write,
    Delete,
    /// Tables, backups: not items.
    Control,
    /// Granted, and never used.
    Unused,
    /// Used, and not granted.
    Missing,
}

impl Strand {
    pub(super) const ALL: [Self; 7] =
        [Self::Read, Self::Scan, Self::Write, Self::Delete, Self::Control, Self::Unused, Self::Missing];

    fn of(operation: Operation) -> Self {
        match (operation, operation.kind()) {
            (Operation::Scan, _) => Self::Scan,
            (Operation::DeleteItem, _) => Self::Delete,
            (_, OperationKind::Read) => Self::Read,
            (_, OperationKind::Write) => Self::Write,
            (_, OperationKind::Control) => Self::Control,
        }
    }

    /// The name of its class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Scan => "scan",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::Control => "manage",
            Self::Unused => "unused",
            Self::Missing => "missing",
        }
    }

    /// What it says.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Unused => "granted, never used",
            Self::Missing => "used, not granted",
            other => other.class(),
        }
    }
}

/// The picture of a report: Lambdas in template order, then services and scripts by name; tables in template order, then
/// those that no template declares.
pub(super) fn graph<'a>(report: &Report<'a>) -> Graph<'a> {
    let facts = report.facts;
    let mut graph = Graph { tables: declared(facts), ..Graph::default() };
    for (id, function) in (0..).map(FunctionId).zip(&facts.functions) {
        graph.users.push(Node { who: Who::Function(id), name: &function.function.resource.id });
    }
    graph.add_services(facts);
    graph.add_calls(report);
    graph.add_undeclared(report);
    graph.add_grants(facts);
    graph
}

fn declared<'a>(facts: &'a Facts) -> Vec<Card<'a>> {
    let card = |(id, facts): (TableId, &'a crate::facts::TableFacts)| Card {
        id: Some(id),
        name: &facts.table.resource.id,
        rows: facts.indexes.iter().map(|i| Row { name: &i.index.name.value, status: Some(i.status) }).collect(),
    };
    (0..).map(TableId).zip(&facts.tables).map(card).collect()
}

impl<'a> Graph<'a> {
    fn user(&mut self, who: Who<'a>, name: &'a str) -> usize {
        let known = self.users.iter().position(|node| node.who == who);
        known.unwrap_or_else(|| {
            self.users.push(Node { who, name });
            self.users.len() - 1
        })
    }

    fn row(&mut self, table: usize, name: &'a str) -> usize {
        let rows = &mut self.tables[table].rows;
        rows.iter().position(|row| row.name == name).unwrap_or_else(|| {
            rows.push(Row { name, status: None });
            rows.len() - 1
        })
    }

    fn edge(&mut self, user: usize, table: usize, row: Option<usize>) -> &mut Edge {
        self.edges.entry(Ends { user, table, row }).or_default()
    }

    fn add_services(&mut self, facts: &'a Facts) {
        let mut uses: Vec<(usize, &ServiceUse)> =
            facts.tables.iter().enumerate().flat_map(|(at, t)| t.services.iter().map(move |u| (at, u))).collect();
        uses.sort_by_key(|(table, usage)| (&usage.user.resource.id, *table));
        for (table, usage) in uses {
            let user = self.user(Who::Service(&usage.user.resource.id), &usage.user.resource.id);
            self.edge(user, table, None).strands.extend(usage.operations.iter().map(|o| Strand::of(*o)));
        }
    }

    /// Functions come before scripts in the order of users, so scripts are added last.
    fn add_calls(&mut self, report: &Report<'a>) {
        let facts = report.facts;
        let mut uses: Vec<(User, usize, AccessId)> = facts
            .tables
            .iter()
            .enumerate()
            .flat_map(|(at, table)| table.users.iter().map(move |(user, id)| (*user, at, *id)))
            .collect();
        uses.sort_unstable();
        for (user, table, id) in uses {
            let access = facts.access(id);
            let user = match user {
                User::Function(function) => function.0,
                User::Script(file) => self.user(Who::Script(file), &report.sources.file(file).name),
            };
            let row = match &access.index {
                Resolution::Known(Some(index)) => Some(self.row(table, index)),
                _ => None,
            };
            let edge = self.edge(user, table, row);
            edge.calls.insert(id);
            edge.strands.insert(Strand::of(access.access.operation));
        }
    }

    fn add_undeclared(&mut self, report: &Report<'a>) {
        let facts = report.facts;
        for (id, access) in (0..).map(AccessId).zip(&facts.accesses) {
            let Resolution::Undeclared(name) = &access.table else { continue };
            let known = self.tables.iter().position(|card| card.id.is_none() && card.name == name);
            let table = known.unwrap_or_else(|| {
                self.tables.push(Card { id: None, name, rows: Vec::new() });
                self.tables.len() - 1
            });
            let mut users: Vec<usize> = access.functions.iter().map(|function| function.0).collect();
            for file in &access.scripts {
                users.push(self.user(Who::Script(*file), &report.sources.file(*file).name));
            }
            for user in users {
                let edge = self.edge(user, table, None);
                edge.calls.insert(id);
                edge.strands.insert(Strand::of(access.access.operation));
            }
        }
    }

    /// Rights that nothing uses, if a finding asks to take them away or nothing else joins the two; and missing ones.
    fn add_grants(&mut self, facts: &Facts) {
        let asked = removable(facts);
        for grant in facts.grants.iter().filter(|grant| grant.is_unused()) {
            let (user, table) = (grant.function.0, grant.table.0);
            let joined = self.edges.iter().any(|(ends, edge)| {
                (ends.user, ends.table) == (user, table) && edge.strands.iter().any(|s| *s != Strand::Unused)
            });
            if !joined || is_asked(grant, &asked) {
                self.edge(user, table, None).strands.insert(Strand::Unused);
            }
        }
        for missing in &facts.missing_grants {
            let (user, table) = (missing.function.0, missing.table.0);
            let named = |index: &String| self.tables[table].rows.iter().position(|row| row.name == index);
            let row = missing.index.as_ref().and_then(named);
            let edge = self.edge(user, table, row);
            edge.calls.extend(&missing.accesses);
            edge.strands.insert(Strand::Missing);
        }
    }
}
