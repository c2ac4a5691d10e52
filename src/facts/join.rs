//! The common ground of the facts: functions with their entry points and roles, and every observation of an access
//! with its names resolved for the one who made it.

use super::outsiders::{Outsider, outsiders};
use super::services::{self, ServiceSighting};
use super::tables::{Named, Tables, possible_indexes};
use super::{AccessId, FunctionId, TableId, User};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, ResourceRef, Symbolic};
use crate::dynamodb::unify::{Match, matches};
use crate::flow::{
    Access, Analysis, AttributeWrite, Certainty, EntryName, EntryPoint, Gap, Hides, Observation, Remarks,
};
use crate::source::{FileId, Span};
use crate::template::model::{Function, Role, RoleLink, Stack};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that facts are made from.
pub(super) struct Join<'a> {
    pub tables: Tables<'a>,
    pub functions: Vec<Lambda<'a>>,
    /// Who is behind each entry point.
    pub starters: Vec<Who>,
    pub accesses: &'a [Access],
    /// What else each entry point does.
    pub remarks: &'a [Remarks],
    /// In order of access, then of observation.
    pub sightings: Vec<Sighting<'a>>,
    /// Places in `sightings` of those of each function.
    by_function: Vec<Vec<usize>>,
    /// Calls that are configured, not programmed.
    pub services: Vec<ServiceSighting<'a>>,
    /// Who acts under the templates' roles without being seen.
    pub outsiders: Vec<Outsider<'a>>,
    /// Where the analysis of a script was cut short: what it does after that, nobody knows.
    pub cut_short: Vec<Span>,
}

/// A function, where it starts and what it runs as.
pub(super) struct Lambda<'a> {
    pub function: &'a Function,
    pub roles: Vec<&'a Role>,
    /// The `Role` property, if what it names can't be seen.
    pub foreign_role: Option<Span>,
    /// What calls may hide in its code.
    pub hidden: Vec<Hidden>,
    /// Tables whose items some call that is seen touches.
    pub touched: BTreeSet<TableId>,
    pub loaded: Vec<FileId>,
    pub remarks: Option<&'a Remarks>,
}

/// Calls that may hide in code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hidden {
    /// Of this operation, on any table.
    Operation(Operation),
    /// On this table.
    Table(TableId),
    /// On tables whose items no call touches that is seen.
    Untouched,
    /// Any, unless some call is seen that touches items.
    AllUnseen,
    /// Any, or the code isn't at hand.
    Anything,
}

impl Hidden {
    /// What a gap hides, if that is anything that concerns these tables.
    pub fn behind(hides: &Hides, tables: &Tables) -> Option<Self> {
        match hides {
            Hides::Nothing => None,
            Hides::Operation(operation) => Some(Self::Operation(*operation)),
            Hides::Table(name) => match tables.resolve(name) {
                Named::Table(table) => Some(Self::Table(table)),
                Named::Undeclared(_) | Named::Unknown { .. } => None,
            },
            Hides::Untouched => Some(Self::Untouched),
            Hides::AllUnseen => Some(Self::AllUnseen),
            Hides::Anything | Hides::Rest => Some(Self::Anything),
        }
    }

    /// Whether a read through an index may be among it.
    pub fn may_read_index(self) -> bool {
        match self {
            Self::Operation(operation) => reads_indexes(operation),
            Self::Table(_) | Self::Untouched | Self::AllUnseen | Self::Anything => true,
        }
    }
}

impl Lambda<'_> {
    /// Whether a call that needs this action on this table may hide in its code.
    pub fn may_hide(&self, table: TableId, action: &str) -> bool {
        self.hidden.iter().any(|hidden| match hidden {
            Hidden::Operation(operation) => operation.actions().contains(&action),
            hidden => self.is_on(*hidden, table),
        })
    }

    /// Whether what is hidden may be on this table.
    pub fn is_on(&self, hidden: Hidden, table: TableId) -> bool {
        match hidden {
            Hidden::Table(named) => named == table,
            Hidden::Untouched => !self.touched.contains(&table),
            Hidden::AllUnseen => self.touched.is_empty(),
            Hidden::Operation(_) | Hidden::Anything => true,
        }
    }

    /// Whether a read through an index of this table may hide in its code.
    pub fn may_hide_read(&self, table: TableId) -> bool {
        self.hidden.iter().any(|hidden| hidden.may_read_index() && self.is_on(*hidden, table))
    }
}

fn is_on_items(sighting: &Sighting) -> bool {
    Operation::item_actions().any(|action| sighting.access.actions.contains(action))
}

/// Whether an operation can read through an index.
fn reads_indexes(operation: Operation) -> bool {
    use Operation::{BatchExecuteStatement, ExecuteStatement, ExecuteTransaction, Query, Scan};
    matches!(operation, Query | Scan | ExecuteStatement | BatchExecuteStatement | ExecuteTransaction)
}

/// Who makes an access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Who {
    Function(FunctionId),
    Script(FileId),
    /// Code that nothing reaches.
    Nobody,
}

impl Who {
    pub fn user(self) -> Option<User> {
        match self {
            Self::Function(function) => Some(User::Function(function)),
            Self::Script(file) => Some(User::Script(file)),
            Self::Nobody => None,
        }
    }
}

/// An access as one entry point makes it.
pub(super) struct Sighting<'a> {
    pub id: AccessId,
    pub access: &'a Access,
    pub observation: &'a Observation,
    pub who: Who,
    pub names: Names<'a>,
    /// Of a transaction whose parts are all seen: the tables of each action.
    pub parts: Option<BTreeMap<&'a str, Names<'a>>>,
}

impl Sighting<'_> {
    /// Reached from an entry point.
    pub fn is_live(&self) -> bool {
        self.who != Who::Nobody
    }

    pub fn is_resolved(&self) -> bool {
        self.is_live() && self.observation.certainty == Certainty::Resolved
    }

    /// Whether it is an operation that can read through an index.
    pub fn reads_indexes(&self) -> bool {
        match self.access.operation {
            Operation::Query | Operation::Scan => true,
            operation => reads_indexes(operation) && self.access.actions.contains("PartiQLSelect"),
        }
    }

    /// Whether the index may be among those that it reads, though it isn't known to be.
    pub fn may_read_index(&self, name: &str) -> bool {
        let is_query = matches!(self.access.operation, Operation::Query | Operation::Scan);
        let text = [Symbolic::text(name)];
        self.reads_indexes()
            && (!is_query
                || self.names.indexes.is_empty() && self.names.unknown_indexes.is_empty()
                || self.names.unknown_indexes.iter().any(|pattern| matches(pattern, &text) != Match::No))
    }

    /// Whether each of its actions is surely needed: a transaction whose parts can't be seen needs only some.
    pub fn needs_every_action(&self) -> bool {
        let all = self.access.operation.actions().len();
        self.parts.is_some() || all == 1 || self.access.actions.len() < all
    }
}

impl<'a> Join<'a> {
    pub fn new(stacks: &'a [Stack], entries: &[EntryPoint], analysis: &'a Analysis) -> Self {
        let tables = Tables::new(stacks);
        let mut functions: Vec<Lambda> = stacks
            .iter()
            .flat_map(|stack| &stack.functions)
            .map(|f| lambda(f, stacks, entries, analysis, &tables))
            .collect();
        let starter = |entry: &EntryPoint| match &entry.name {
            EntryName::File(file) => Who::Script(*file),
            EntryName::Function(resource) => functions
                .iter()
                .position(|f| f.function.resource == *resource)
                .map_or(Who::Nobody, |i| Who::Function(FunctionId(i))),
        };
        let starters: Vec<Who> = entries.iter().map(starter).collect();
        let who = |entry: Option<usize>| entry.and_then(|i| starters.get(i)).copied().unwrap_or(Who::Nobody);
        let mut sightings = Vec::new();
        for (i, access) in analysis.accesses.iter().enumerate() {
            for observation in &access.observations {
                sightings.push(sighting(AccessId(i), access, observation, who(observation.entry), &tables));
            }
        }
        let mut by_function = vec![Vec::new(); functions.len()];
        for (at, sighting) in sightings.iter().enumerate() {
            if let Who::Function(FunctionId(function)) = sighting.who {
                by_function[function].push(at);
                if is_on_items(sighting) {
                    functions[function].touched.extend(&sighting.names.tables);
                }
            }
        }
        let services = services::sightings(stacks, &tables);
        let outsiders = outsiders(stacks, &functions);
        let is_script = |gap: &&Gap| matches!(starters.get(gap.entry), Some(Who::Script(_)));
        let cut_short = analysis.gaps.iter().filter(|gap| gap.hides == Hides::Rest).filter(is_script);
        let cut_short = cut_short.map(|gap| gap.span).collect();
        let (accesses, remarks) = (&analysis.accesses, &analysis.remarks);
        Self { tables, functions, starters, accesses, remarks, sightings, by_function, services, outsiders, cut_short }
    }

    pub fn function_ids(&self) -> impl Iterator<Item = (FunctionId, &Lambda<'a>)> {
        self.functions.iter().enumerate().map(|(i, f)| (FunctionId(i), f))
    }

    /// The sightings of one access: they stand together, as they were made access by access.
    pub fn of_access(&self, id: AccessId) -> &[Sighting<'a>] {
        let start = self.sightings.partition_point(|sighting| sighting.id < id);
        let end = self.sightings.partition_point(|sighting| sighting.id <= id);
        &self.sightings[start..end]
    }

    /// The accesses of a function, certain or possible.
    pub fn of(&self, function: FunctionId) -> impl Iterator<Item = &Sighting<'a>> {
        self.by_function[function.0].iter().map(|at| &self.sightings[*at])
    }
}

fn lambda<'a>(
    function: &'a Function,
    stacks: &'a [Stack],
    entries: &[EntryPoint],
    analysis: &'a Analysis,
    tables: &Tables,
) -> Lambda<'a> {
    let entry = entries.iter().position(|e| matches!(&e.name, EntryName::Function(r) if *r == function.resource));
    let unseen = match &function.role {
        RoleLink::External(span) => *span,
        RoleLink::Known(_) => function.span,
    };
    let roles = roles_of(&function.role, stacks);
    let foreign_role = roles.is_none().then_some(unseen);
    let hidden = |i| -> BTreeSet<Hidden> {
        let own = analysis.gaps.iter().filter(|gap| gap.entry == i);
        own.filter_map(|gap| Hidden::behind(&gap.hides, tables)).collect()
    };
    Lambda {
        function,
        roles: roles.unwrap_or_default(),
        foreign_role,
        hidden: entry.map_or_else(|| vec![Hidden::Anything], |i| hidden(i).into_iter().collect()),
        touched: BTreeSet::new(),
        loaded: entry.and_then(|i| analysis.loaded.get(i)).cloned().unwrap_or_default(),
        remarks: entry.and_then(|i| analysis.remarks.get(i)),
    }
}

fn sighting<'a>(
    id: AccessId,
    access: &'a Access,
    observation: &'a Observation,
    who: Who,
    tables: &Tables,
) -> Sighting<'a> {
    let mut names = names(&observation.tables, &observation.indexes, tables);
    if !access.operation.has_table() {
        names.unknown = None;
    }
    let parts = observation
        .parts
        .as_ref()
        .map(|parts| parts.iter().map(|(action, on)| (action.as_str(), self::names(on, &[], tables))).collect());
    Sighting { id, access, observation, who, names, parts }
}

/// The roles that a link stands for, if all of them are at hand.
pub(super) fn roles_of<'a>(link: &RoleLink, stacks: &'a [Stack]) -> Option<Vec<&'a Role>> {
    let RoleLink::Known(ids) = link else { return None };
    let find = |id: &ResourceRef| stacks.iter().flat_map(|stack| &stack.roles).find(|role| role.resource == *id);
    let roles: Option<Vec<&Role>> = ids.iter().map(find).collect();
    roles.filter(|roles| !roles.is_empty())
}

/// What the names of a call mean.
pub(super) struct Names<'a> {
    /// Tables that it is made on.
    pub tables: BTreeSet<TableId>,
    /// Names that no template declares.
    pub undeclared: BTreeSet<String>,
    /// Why some of its tables aren't known, and which they may be.
    pub unknown: Option<(String, BTreeSet<TableId>)>,
    /// Indexes by name; `None` among them is the base table.
    pub indexes: BTreeSet<Option<String>>,
    /// Index names that are only partly known.
    pub unknown_indexes: Vec<&'a Symbolic>,
}

impl<'a> Sighting<'a> {
    /// The actions that it needs.
    pub fn actions(&self) -> Vec<&'a str> {
        match &self.parts {
            Some(parts) => parts.keys().copied().collect(),
            None => self.access.actions.iter().map(String::as_str).collect(),
        }
    }

    /// The tables on which it needs an action; `None` if it doesn't need it.
    pub fn names_for(&self, action: &str) -> Option<&Names<'a>> {
        match &self.parts {
            Some(parts) => parts.get(action),
            None => self.access.actions.contains(action).then_some(&self.names),
        }
    }

    /// The possible names of these tables.
    pub fn tables_for(&self, action: &str) -> &[Symbolic] {
        let of_part = self.observation.parts.as_ref().and_then(|parts| parts.get(action));
        of_part.unwrap_or(&self.observation.tables)
    }

    /// What is written, or may be, to one of the tables that the call is made on.
    pub fn writes_to(&self, table: TableId, tables: &Tables) -> Vec<&'a AttributeWrite> {
        let only = self.names.tables.len() == 1 && self.names.unknown.is_none() && self.names.undeclared.is_empty();
        let mut known: BTreeMap<&[Symbolic], bool> = BTreeMap::new();
        let writes = self.observation.writes.iter();
        let to = |write: &&'a AttributeWrite| {
            let on: &'a [Symbolic] = &write.tables;
            only || *known.entry(on).or_insert_with(|| names(on, &[], tables).may_touch(table))
        };
        writes.filter(to).collect()
    }
}

impl Names<'_> {
    /// Whether the call is, or may be, on this table.
    pub fn may_touch(&self, table: TableId) -> bool {
        self.tables.contains(&table) || self.unknown.as_ref().is_some_and(|(_, candidates)| candidates.contains(&table))
    }
}

/// Resolves the names of tables and indexes that a call may be made with; no table name means that nothing is known.
pub(super) fn names<'a>(on: &[Symbolic], indexes: &'a [Option<Symbolic>], tables: &Tables) -> Names<'a> {
    let mut out = Names {
        tables: BTreeSet::new(),
        undeclared: BTreeSet::new(),
        unknown: None,
        indexes: BTreeSet::new(),
        unknown_indexes: Vec::new(),
    };
    if on.is_empty() {
        out.unknown = Some(("nothing is known of the table".to_owned(), tables.ids().collect()));
    }
    for name in on {
        match tables.resolve(name) {
            Named::Table(table) => {
                out.tables.insert(table);
            }
            Named::Undeclared(name) => {
                out.undeclared.insert(name);
            }
            Named::Unknown { reason, candidates } => {
                let (_, all) = out.unknown.get_or_insert((reason, BTreeSet::new()));
                all.extend(candidates);
            }
        }
    }
    for index in indexes {
        match index.as_ref().map(|name| (name, known_index(name, &out.tables, tables))) {
            None => {
                out.indexes.insert(None);
            }
            Some((_, Some(name))) => {
                out.indexes.insert(Some(name));
            }
            Some((name, None)) => out.unknown_indexes.push(name),
        }
    }
    out
}

/// A known index name, or the only one of the tables' indexes that a partly known name can be.
pub(super) fn known_index(name: &Symbolic, on: &BTreeSet<TableId>, tables: &Tables) -> Option<String> {
    if let Some(text) = name.as_text() {
        return Some(text.to_owned());
    }
    let fixed = name.parts().iter().any(|p| matches!(p, Part::Text(_)));
    let candidates: BTreeSet<&str> = on.iter().flat_map(|id| possible_indexes(tables.get(*id), name)).collect();
    match candidates.first() {
        Some(only) if fixed && candidates.len() == 1 => Some((*only).to_owned()),
        _ => None,
    }
}
