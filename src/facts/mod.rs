//! The join of template and program: which function reaches which access, which grant covers it, which index is read,
//! which key is written, and what could not be resolved. Rules look here and nowhere else.

mod blind_spots;
mod broken_pages;
mod build;
mod care;
mod code;
mod dead_grants;
mod doubts;
mod durability;
mod entities;
pub mod environment;
mod grants;
mod growth;
mod index_policies;
mod indexes;
pub mod inline;
mod join;
mod link;
mod lookup;
mod missing;
mod narrower;
mod outsiders;
mod pagination;
mod policies;
mod requests;
mod rewrite;
mod self_writes;
mod services;
mod sight;
mod spread;
mod streams;
mod tables;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
mod unseen;
mod unused;
mod verdicts;
mod whole_puts;

pub use broken_pages::{Broken, Difference};
pub use build::build;
pub use care::{Care, CareKind};
pub use dead_grants::{Dead, DeadGrant, dead_grants};
pub use doubts::Doubt;
pub use durability::Lasting;
pub use entities::{Entity, Expiry};
pub use grants::{Grant, GrantStatus};
pub use growth::GrowingWrite;
pub use index_policies::index_policies;
pub use link::link;
pub use lookup::Subject;
pub use missing::MissingGrant;
pub use narrower::{allowed_by, is_narrow, narrower};
pub use pagination::Shortfall;
pub use policies::{Breadth, Denial, breadth, names_action};
pub use requests::{KeySchema, RequestFacts};
pub use rewrite::{Edit, Refusal, Rewriter, Shown};
pub use self_writes::SelfWrite;
pub use unused::{NamedBy, Naming, Unused};
pub use whole_puts::WholePut;

use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::flow::{Access, Certainty, Held, Injection, KeyLoop, Lifetime, Presence, Remarks, TimeForm};
use crate::source::{FileId, Span};
use crate::template::model::{
    Function, Index, Role, ServiceUser, Setting, Stack, Table, TemplateText, Trigger, TriggerKind,
};
use std::collections::{BTreeMap, BTreeSet};

/// Index into [`Facts::tables`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableId(pub usize);
/// Index into [`Facts::functions`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionId(pub usize);
/// Index into [`Facts::accesses`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccessId(pub usize);

/// Everything that rules and reports may know.
#[derive(Debug)]
pub struct Facts<'a> {
    /// The templates.
    pub stacks: &'a [Stack],
    /// Tables of all stacks, in template order.
    pub tables: Vec<TableFacts<'a>>,
    /// Lambda functions of all stacks, in template order.
    pub functions: Vec<FunctionFacts<'a>>,
    /// Whose code starts at each entry point, by its index; `None` if no template of the run declares it.
    pub starters: Vec<Option<User>>,
    /// DynamoDB call sites, by file and place.
    pub accesses: Vec<AccessFacts<'a>>,
    /// What roles allow, spelled out: one entry for each (function, table, table or index, action).
    pub grants: Vec<Grant<'a>>,
    /// What code needs and roles lack.
    pub missing_grants: Vec<MissingGrant>,
    /// Files of packages that were installed beside the project's code: what they do counts, and others mend them.
    pub installed: BTreeSet<FileId>,
    /// What could not be resolved, and which claims are withheld for it.
    pub blind_spots: Vec<BlindSpot>,
}

impl<'a> Facts<'a> {
    /// A table.
    pub fn table(&self, id: TableId) -> &TableFacts<'a> {
        &self.tables[id.0]
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> &FunctionFacts<'a> {
        &self.functions[id.0]
    }

    /// An access.
    pub fn access(&self, id: AccessId) -> &AccessFacts<'a> {
        &self.accesses[id.0]
    }

    /// The template that holds a place.
    pub fn text(&self, span: Span) -> Option<&'a TemplateText> {
        self.stacks.iter().find(|stack| stack.file == span.file).map(|stack| &stack.text)
    }

    /// Whether every Lambda's code was followed to its end, so that code that nothing reaches is known to be dead.
    pub fn reach_is_complete(&self) -> bool {
        !self.blind_spots.iter().any(|spot| spot.function.is_some() && spot.withholds.contains(&"unused-gsi"))
    }
}

/// A table with what the program does to it.
#[derive(Debug)]
pub struct TableFacts<'a> {
    /// The declaration.
    pub table: &'a Table,
    /// Other declarations that stand for it: of all of them, one is deployed.
    pub alternatives: Vec<&'a Table>,
    /// Its indexes, in template order.
    pub indexes: Vec<IndexFacts<'a>>,
    /// Accesses resolved to this table.
    pub accesses: Vec<AccessId>,
    /// Who surely calls it, and where: a call that several share may be to another table for each of them.
    pub users: Vec<(User, AccessId)>,
    /// Accesses that may be to this table: unresolved, or resolved to several tables.
    pub possible_accesses: Vec<AccessId>,
    /// Resources that use the table without a Lambda.
    pub services: Vec<ServiceUse<'a>>,
    /// Resources that read its stream: pipes, Lambdas.
    pub stream_readers: Vec<&'a ResourceRef>,
    /// Lambdas that its stream invokes, and by which of their triggers.
    pub stream_consumers: Vec<(FunctionId, &'a Trigger)>,
    /// Writes of attributes that look like a TTL, the table's own included.
    pub ttl_writes: Vec<AttributeSite>,
    /// Live calls that put items with known attributes.
    pub item_writers: Vec<AccessId>,
    /// Entities as told from the key patterns that are written.
    pub entities: Vec<Entity>,
    /// The values of its partition key, if they are all known and few, each with a place that writes it.
    pub few_partitions: Option<BTreeMap<String, Span>>,
    /// Puts of Lambdas that events invoke, under keys that are new with every event.
    pub growing_writes: Vec<GrowingWrite>,
    /// Live calls on it that take items away, or may.
    pub deletes: Vec<AccessId>,
    /// Why it can't be said of an attribute that nothing writes it, if that is so.
    pub unseen_writes: Option<Unseen>,
    /// Why it can't be said that nothing deletes items, if that is so.
    pub unseen_deletes: Option<Unseen>,
    /// Writes by which Lambdas that its stream invokes invoke themselves again.
    pub self_writes: Vec<SelfWrite<'a>>,
    /// Who names it and what may use it, if nothing is known to.
    pub unused: Option<Unused>,
}

impl<'a> TableFacts<'a> {
    /// Every declaration: its own first.
    pub fn declarations(&self) -> impl Iterator<Item = &'a Table> {
        std::iter::once(self.table).chain(self.alternatives.iter().copied())
    }

    /// Key attributes of an index that the primary key lacks and no code sets.
    pub fn unwritten_keys<'f>(&'f self, index: &'f IndexFacts) -> Vec<&'f str> {
        let own = |name: &str| self.table.keys.iter().any(|key| key.attribute.value == name);
        let written = |name: &str| index.key_writes.iter().any(|site| site.attribute == name);
        let names = index.index.keys.iter().map(|key| key.attribute.value.as_str());
        names.filter(|name| !own(name) && !written(name)).collect()
    }

    /// Whether every event leaves items behind, and neither a known call nor a time to live takes any away. It holds only if
    /// [`Self::unseen_deletes`] has nothing against it.
    pub fn seems_to_grow_only(&self) -> bool {
        let keeps = |table: &Table| table.ttl == Setting::Unset;
        !self.growing_writes.is_empty() && self.deletes.is_empty() && self.declarations().all(keeps)
    }
}

/// What may be done to a table without being seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// Where.
    pub span: Span,
    /// What, and who.
    pub reason: String,
}

/// A resource that uses a table by configuration alone.
#[derive(Debug)]
pub struct ServiceUse<'a> {
    /// The resource.
    pub user: &'a ServiceUser,
    /// What it does.
    pub operations: BTreeSet<Operation>,
    /// Whether it does more, and nobody knows what.
    pub unknown: bool,
}

/// An index with its readers and the writers of its keys.
#[derive(Debug)]
pub struct IndexFacts<'a> {
    /// The declaration.
    pub index: &'a Index,
    /// Whether anything reads it.
    pub status: IndexStatus,
    /// Accesses that read it.
    pub readers: Vec<AccessId>,
    /// Places where a service is configured to read it.
    pub service_readers: Vec<Span>,
    /// The values of its partition key, if they are all known and few and every item has one, each with a place that writes it.
    pub few_partitions: Option<BTreeMap<String, Span>>,
    /// Places that write its key attributes.
    pub key_writes: Vec<AttributeSite>,
}

/// Whether an index is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IndexStatus {
    /// Something reads it: a Lambda, a script, another service.
    Used,
    /// Provably nothing does.
    Unused,
    /// An unresolved access could.
    Unknown,
}

/// A place that writes an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributeSite {
    /// The writing call.
    pub access: AccessId,
    /// The attribute.
    pub attribute: String,
    /// The value's pattern.
    pub value: Symbolic,
    /// Where the attribute is named.
    pub span: Span,
    /// What it is, if everyone who comes here gives it no number of seconds since 1970.
    pub form: Option<TimeForm>,
    /// Whether it always is such a number.
    pub in_seconds: bool,
    /// How far from now it always is, if it is such a number.
    pub lifetime: Option<Lifetime>,
    /// Who surely writes it to this table.
    pub users: BTreeSet<User>,
}

/// Whose code makes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum User {
    /// A Lambda's.
    Function(FunctionId),
    /// A script's or page's.
    Script(FileId),
}

/// A function with what it does and may do.
#[derive(Debug)]
pub struct FunctionFacts<'a> {
    /// The declaration.
    pub function: &'a Function,
    /// The roles it may run under; empty if they can't be known.
    pub roles: Vec<&'a Role>,
    /// Files of its code that the handler loads. Empty if the code isn't at hand.
    pub loaded: Vec<FileId>,
    /// Whether it uses modules that aren't at hand, of which nothing says that they use the tables which it uses itself.
    pub has_unseen_modules: bool,
    /// What else its code does that the template has a say in; `None` if the code isn't at hand.
    pub remarks: Option<&'a Remarks>,
    /// Accesses that it reaches with certainty.
    pub accesses: Vec<AccessId>,
    /// Accesses that it may reach.
    pub possible_accesses: Vec<AccessId>,
    /// How its role compares with its code.
    pub verdict: Verdict,
    /// Why this, or whether some of its grants are used, can't be told; empty if all can.
    pub doubts: Vec<Doubt>,
}

impl FunctionFacts<'_> {
    /// The sorts of events that invoke it, as far as the templates say.
    pub fn trigger_kinds(&self) -> BTreeSet<TriggerKind> {
        self.function.triggers.iter().map(|trigger| trigger.kind).collect()
    }

    /// Whether events invoke it by themselves.
    pub fn is_event_driven(&self) -> bool {
        self.function.triggers.iter().any(|trigger| trigger.kind.is_event_source())
    }
}

/// How a role compares with the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// Grants what is needed and nothing else.
    Exact,
    /// Grants more.
    OverGranted,
    /// Grants less.
    UnderGranted,
    /// Both.
    Both,
    /// It can't be told: [`FunctionFacts::doubts`] say why.
    Unverified,
    /// Neither code nor role touches DynamoDB.
    NoDynamoDb,
}

/// A call site with its names resolved to the templates.
#[derive(Debug)]
pub struct AccessFacts<'a> {
    /// What the interpretation saw.
    pub access: &'a Access,
    /// The table, if it is one and the same for everyone who reaches the site.
    pub table: Resolution<TableId>,
    /// The index by name (declared or not); `None` for the base table.
    pub index: Resolution<Option<String>>,
    /// The pagination verdict; `None` for operations without pages.
    pub pagination: Option<Pagination>,
    /// How an attempt to read every page goes wrong.
    pub broken: Option<Broken>,
    /// What the call is given, in each context that is known for certain.
    pub requests: Vec<RequestFacts<'a>>,
    /// Lambdas that reach it with certainty.
    pub functions: Vec<FunctionId>,
    /// Of a transaction whose parts are all seen, whoever makes it: the actions that they need, each with its tables.
    pub parts: BTreeMap<String, BTreeSet<TableId>>,
    /// Of a batch or transaction: the requests that it surely holds, whoever makes it.
    pub held: Option<Held>,
    /// Of a read of one item: the loops that make it once for each of their keys, with those who surely go through them.
    pub key_loops: BTreeMap<&'a KeyLoop, BTreeSet<User>>,
    /// Of a put that nothing guards: the reads whose item it writes back.
    pub whole_puts: Vec<WholePut>,
    /// Text from outside that its expressions take in, with those by whom it surely comes.
    pub injections: BTreeMap<&'a Injection, BTreeSet<User>>,
    /// Of a Scan: the Lambdas that make it again when an event comes, and whether on each way that an event takes.
    pub per_event: BTreeMap<FunctionId, Presence>,
    /// Lambdas that may reach it.
    pub possible_functions: Vec<FunctionId>,
    /// Scripts and pages that reach it.
    pub scripts: Vec<FileId>,
    /// How live it is.
    pub certainty: Certainty,
}

impl AccessFacts<'_> {
    /// The Lambdas that may make it again with each event that comes to them.
    pub fn event_driven<'f>(&'f self, facts: &'f Facts) -> impl Iterator<Item = FunctionId> + 'f {
        self.per_event.keys().copied().filter(|id| facts.function(*id).is_event_driven())
    }

    /// Whether events of some kinds make it in one of these Lambdas: where not every event does, in one that no others invoke.
    pub fn comes_of(&self, facts: &Facts, functions: &[FunctionId], is_wanted: impl Fn(&TriggerKind) -> bool) -> bool {
        functions.iter().any(|id| {
            let kinds = facts.function(*id).trigger_kinds();
            let always = self.per_event.get(id) == Some(&Presence::Always);
            kinds.iter().any(&is_wanted) && (always || kinds.iter().all(&is_wanted))
        })
    }
}

/// A name resolved, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolution<T> {
    /// Resolved.
    Known(T),
    /// Several candidates: shared code that different callers use on different ones.
    Several(Vec<T>),
    /// Something that no template declares; its name.
    Undeclared(String),
    /// Unknown; why.
    Unknown(String),
}

impl<T> Resolution<T> {
    /// The one that it is resolved to.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            _ => None,
        }
    }
}

/// Pagination verdict with its reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pagination {
    /// The verdict.
    pub status: PaginationStatus,
    /// Why, for a person (`LastEvaluatedKey is never read`).
    pub reason: String,
}

/// What becomes of a Query's or Scan's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PaginationStatus {
    /// Every page is read.
    Paginated,
    /// The caller is given the means to go on.
    Cursor,
    /// One item, or a top N, is all that was meant.
    Bounded,
    /// The first page is used as if it were all.
    Missing,
    /// None of these can be shown.
    Unknown,
}

/// Something that could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlindSpot {
    /// Where.
    pub span: Span,
    /// What and why.
    pub reason: String,
    /// Rules that make no claim because of it.
    pub withholds: Vec<&'static str>,
    /// The function concerned, if it is one.
    pub function: Option<FunctionId>,
    /// Of a function whose code isn't where the template says: what is taken for it.
    pub taken: Option<Taken>,
}

/// What is taken for code that isn't where the template says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Taken {
    /// This file, for the handler.
    Code(String),
    /// This folder, for a layer that isn't declared.
    Layer(String),
}
