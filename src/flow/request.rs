//! What a DynamoDB call is given: its key, its item, its conditions and expressions, as far as they are known.

use super::Presence;
use crate::dynamodb::expression::KeyCondition;
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
pub use crate::dynamodb::value::ValueType;
use crate::source::Span;
use std::collections::BTreeSet;

/// The parameters of a call in one context of the program. What is here is given on some path; what isn't may be given
/// all the same, unless the request is `complete`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Request {
    /// Which part of a batch or transaction it is; `None` for a call's own parameters.
    pub part: Option<Part>,
    /// Possible table names: the call's in this context, or the part's. Empty if nothing is known.
    pub tables: Vec<Symbolic>,
    /// Whether every parameter is seen: none hides in a mapping whose keys aren't known.
    pub complete: bool,
    /// Possible index names, `None` among them where a path gives no index. Empty for operations without one.
    pub indexes: Vec<Option<Symbolic>>,
    /// `Key`.
    pub key: Option<Mapping>,
    /// `Item`.
    pub item: Option<Mapping>,
    /// The key condition of a Query, in any of its forms; `None` if none is seen.
    pub key_condition: Option<Conditions>,
    /// What a filter demands, in any of its forms.
    pub filter: Option<Conditions>,
    /// `ConsistentRead=True`.
    pub consistent: Presence,
    /// Whether `Segment` is given: the call is a worker's part of a parallel Scan.
    pub segmented: bool,
    /// `Select`, if it is one known string.
    pub select: Option<String>,
    /// The expressions, in the order of [`Clause`].
    pub expressions: Vec<Expression>,
    /// `ExpressionAttributeNames`.
    pub names: Option<Mapping>,
    /// `ExpressionAttributeValues`.
    pub values: Option<Mapping>,
}

impl Request {
    /// An attribute's name behind `#name`, if every path gives the same.
    pub fn name_behind(&self, placeholder: &str) -> Option<String> {
        self.names.as_ref()?.entry(placeholder)?.text.clone()
    }
}

/// A part of a batch or transaction: a request of its own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The operation that does the same by itself; for a condition check, the read of the item.
    pub operation: Operation,
}

/// A mapping of the request. Several literals that may stand there are taken together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mapping {
    /// Its entries, by name.
    pub entries: Vec<Entry>,
    /// Whether it can have no other entries.
    pub complete: bool,
    /// The argument.
    pub span: Option<Span>,
}

impl Mapping {
    /// The entry of this name.
    pub fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its key: an attribute's name or a placeholder.
    pub name: String,
    /// Types that its value may have.
    pub types: BTreeSet<ValueType>,
    /// The value, if it is one known string or whole number.
    pub text: Option<String>,
    /// Whether every path gives it: each literal that may stand there spells it out.
    pub sure: bool,
    /// Where it is named.
    pub span: Option<Span>,
}

/// What conditions say of attributes, over all forms that they may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conditions {
    /// Each possible condition.
    Known(BTreeSet<KeyCondition>),
    /// Some of them can't be read.
    Unknown,
}

/// A parameter that holds an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Clause {
    /// `KeyConditionExpression`
    KeyCondition,
    /// `FilterExpression`
    Filter,
    /// `UpdateExpression`
    Update,
    /// `ConditionExpression`
    Condition,
    /// `ProjectionExpression`
    Projection,
}

impl Clause {
    /// Every clause, in order.
    pub const ALL: [Clause; 5] = [Self::KeyCondition, Self::Filter, Self::Update, Self::Condition, Self::Projection];

    /// The parameter's name.
    pub fn parameter(self) -> &'static str {
        match self {
            Self::KeyCondition => "KeyConditionExpression",
            Self::Filter => "FilterExpression",
            Self::Update => "UpdateExpression",
            Self::Condition => "ConditionExpression",
            Self::Projection => "ProjectionExpression",
        }
    }
}

/// An expression of the request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expression {
    /// The parameter that it stands in.
    pub clause: Clause,
    /// Texts that it may be, unknown pieces as holes.
    pub texts: BTreeSet<Symbolic>,
    /// Whether it may be an object made of `Key` and `Attr`, which brings placeholders of its own.
    pub built: bool,
    /// Whether it may be something else, of which nothing is known.
    pub unknown: bool,
    /// The argument.
    pub span: Option<Span>,
}
