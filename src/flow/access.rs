//! What is known about a DynamoDB call site.

use super::evidence::Evidence;
use super::injection::Injection;
use super::item::ItemRead;
use super::key_loop::KeyLoop;
use super::loops::LoopFault;
use super::request::Request;
use super::shape::CallShape;
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
use crate::source::Span;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

/// A DynamoDB call site, its contexts merged.
#[derive(Debug, Clone)]
pub struct Access {
    /// The call expression; for a paginator, from `.paginate`'s receiver to its closing parenthesis.
    pub span: Span,
    /// Enclosing definition (`Class.method`, `<module>`).
    pub function: String,
    /// The API operation. `put_item` on a batch writer is [`Operation::BatchWriteItem`].
    pub operation: Operation,
    /// The IAM actions that this call needs (transactions and `PartiQL` narrowed to their parts where these are known).
    pub actions: BTreeSet<String>,
    /// Whether it only opens a `batch_writer()`, which calls nothing before something is put into it.
    pub opens_batch: bool,
    /// What was seen, by entry point: at most one observation for each (entry, certainty, credentials).
    pub observations: Vec<Observation>,
    /// Whether nobody can see what a batch call left undone: its response is dropped, or only other parts of it are read.
    pub left_unseen: bool,
    /// What becomes of the pages; only for Query and Scan.
    pub pages: Option<PageFlow>,
    /// How it is written, if it is a Query or Scan that could be written again.
    pub shape: Option<CallShape>,
}

/// What one entry point makes of a call site.
#[derive(Debug, Clone)]
pub struct Observation {
    /// Index of the entry point; `None` for code that no entry point reaches, judged by itself.
    pub entry: Option<usize>,
    /// How sure it is that the entry point reaches the site.
    pub certainty: Certainty,
    /// Possible table names or ARNs. Empty, or holding a lone hole: unknown, the hole says why.
    pub tables: Vec<Symbolic>,
    /// Possible index names; `None` among them where a path gives no index. Empty for operations without one.
    pub indexes: Vec<Option<Symbolic>>,
    /// Attributes written by a put, update or batch write.
    pub writes: Vec<AttributeWrite>,
    /// Whether `writes` lists everything that is written.
    pub writes_complete: bool,
    /// Whether it takes items away, or may: a delete, a batch or transaction that holds one or isn't known whole.
    pub deletes: bool,
    /// What the call is given, one entry a context of the program; beyond a bound, some of them.
    pub requests: BTreeSet<Request>,
    /// Of a transaction whose parts are all seen: the actions that they need, each with the possible names of its tables.
    pub parts: Option<BTreeMap<String, Vec<Symbolic>>>,
    /// Of a batch or transaction: the requests that it surely holds.
    pub held: Option<Held>,
    /// Of a read of one item: loops that make it once for each of their keys.
    pub key_loops: BTreeSet<KeyLoop>,
    /// Of a put that nothing guards: the reads whose item it writes back as a whole.
    pub puts_back: BTreeSet<PutBack>,
    /// Text from outside that its expressions take in.
    pub injections: BTreeSet<Injection>,
    /// Of a Scan: on how many of the ways that an event takes through a Lambda it is made. Never: only when the Lambda
    /// starts, or what it reads is kept from one event to the next.
    pub per_event: Presence,
    /// Whether each record of an event (of `event["Records"]`) that comes to a Lambda leads to it, whatever the record holds:
    /// nothing on the way branches, leaves, catches or loops over anything else. Of puts and updates.
    pub every_record: bool,
    /// The `except` around the call that takes its error and raises none.
    pub caught: Option<Span>,
    /// Attributes that are read from the items of the response.
    pub item_reads: BTreeSet<ItemRead>,
    /// Who makes it.
    pub principal: Principal,
    /// How the entry point comes to the site, and the call to its names.
    pub evidence: Evidence,
}

/// An item that a put writes back as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PutBack {
    /// The call that read it.
    pub read: Span,
    /// Attributes that it was given since, as far as they are known.
    pub changed: BTreeSet<String>,
    /// Whether these are all.
    pub all_known: bool,
}

/// Requests in a batch or transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Held {
    /// How many there are at least.
    pub count: usize,
    /// The list of them, or the longest of several.
    pub span: Span,
}

/// How sure a reach is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// Every step is resolved.
    Resolved,
    /// Some callee was guessed by name.
    Possible,
    /// No entry point reaches it; the definition was looked at by itself.
    Latent,
}

/// An attribute that a call writes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AttributeWrite {
    /// Attribute name.
    pub attribute: String,
    /// Its value as far as it is known (`CORR#{correlation_id}`).
    pub value: Symbolic,
    /// Where the attribute is named: a dict key, an assignment, or the UpdateExpression.
    pub span: Span,
    /// What it is, if it is surely no number of seconds since 1970.
    pub form: Option<TimeForm>,
    /// Whether it is a number of seconds since 1970.
    pub in_seconds: bool,
    /// For a number of seconds since 1970 that is always as far from now: how far.
    pub lifetime: Option<Lifetime>,
    /// Possible names of the table that it is written to: the call's in the contexts that write it, or those of the parts of
    /// a batch or transaction that do. Empty if nothing is known.
    pub tables: Arc<[Symbolic]>,
}

/// Seconds from the write of an item to its expiry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lifetime(pub u64);

impl fmt::Display for Lifetime {
    /// In the largest unit that divides it: `90 days`, `24 hours`, `15 minutes`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const UNITS: [(u64, &str); 3] = [(86_400, "days"), (3600, "hours"), (60, "minutes")];
        let unit = UNITS.iter().find(|(unit, _)| self.0 > *unit && self.0.is_multiple_of(*unit));
        let (unit, name) = unit.copied().unwrap_or((1, "seconds"));
        write!(f, "{} {name}", self.0 / unit)
    }
}

/// Forms of a time that DynamoDB doesn't take for the seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeForm {
    /// Milliseconds since 1970.
    Milliseconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
    /// A string.
    Text,
    /// A number of seconds that counts from no date.
    Duration,
}

/// Whether a keyword argument is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Presence {
    /// On no path.
    Never,
    /// On some paths.
    Sometimes,
    /// On every path.
    Always,
}

/// How the items of a response are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemUse {
    /// Not at all, or only the count or the response's metadata.
    None,
    /// Only asked whether there are any.
    Existence,
    /// Only the first (and perhaps whether there is one).
    First,
    /// So many from the front, in the order of the answer, as a constant or a parameter says.
    Top,
    /// All of them.
    All,
    /// The response went where it can't be followed; holds no claim.
    Lost,
}

/// What becomes of a Query's or Scan's pages: ingredients of the pagination verdict, which also needs the key schema.
#[derive(Debug, Clone)]
pub struct PageFlow {
    /// LastEvaluatedKey of this call comes back as ExclusiveStartKey of this same call site, or of one that is itself
    /// continued; or a paginator's pages are all consumed.
    pub continued: bool,
    /// It is itself a continuation: some call's LastEvaluatedKey is its ExclusiveStartKey.
    pub continues: bool,
    /// LastEvaluatedKey feeds one more call, but that call's own is dropped.
    pub single_extra_page: bool,
    /// LastEvaluatedKey, or the response as a whole, goes back to the caller's caller and out of the entry point.
    pub cursor: bool,
    /// How the items are used.
    pub items: ItemUse,
    /// `Limit`.
    pub limit: Presence,
    /// Whether `Limit` is 1 wherever it is given.
    pub limit_one: bool,
    /// `FilterExpression`, or the legacy `QueryFilter`/`ScanFilter`.
    pub filter: Presence,
    /// `Select="COUNT"`.
    pub count: Presence,
    /// `ExclusiveStartKey`.
    pub start_key: Presence,
    /// `KeyConditionExpression`, or the legacy `KeyConditions`.
    pub key_condition: Presence,
    /// Whether anybody looks at the response's LastEvaluatedKey, or asks whether there is one.
    pub last_key_read: bool,
    /// The run fails where there is a LastEvaluatedKey.
    pub refused: bool,
    /// The program is started again for what is left.
    pub started_again: bool,
    /// The calls whose LastEvaluatedKey, unchanged, is this one's ExclusiveStartKey.
    pub starts_after: BTreeSet<Span>,
    /// What is wrong with the loop around it.
    pub loop_fault: Option<LoopFault>,
    /// Whether it stands in a `while` loop that the calls it starts after don't stand in.
    pub looped: bool,
    /// Attributes that the key condition demands to be equal to something.
    pub equalities: Equalities,
    /// The calls that this is about, if it isn't about all that come here: others go on through the pages or hand the key on.
    pub of_some: Option<BTreeSet<Span>>,
}

/// Whose credentials a call is made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Principal {
    /// The function's own role's.
    Own,
    /// Perhaps another's: it may use the role's rights, and need not.
    Unclear,
    /// An assumed role's or a user's: it neither uses nor needs the role's rights.
    Foreign,
}

/// Equality conditions of a key condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Equalities {
    /// Exactly these attributes, on every path.
    Known(BTreeSet<String>),
    /// The condition can't be read.
    Unknown,
}
