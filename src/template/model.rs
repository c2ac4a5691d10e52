//! The typed model of one template: tables, functions, layers, roles, each with its places.
//!
//! Conditions aren't known at audit time: a property that depends on one is a [`Setting::Varies`], and a claim of
//! absence must hold on every branch.

pub use super::document::DuplicateKey;

pub use super::text::TemplateText;
pub(crate) use super::text::is_blank;

pub use super::mention::{Mention, Mentioner};
pub use super::removal::{Changes, Kept, Removal};
pub use super::service_use::{Identity, Person, ServiceCall, ServiceUser, Services, StreamReader};
pub use super::trigger::{Delivery, Trigger, TriggerKind};
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::source::{FileId, Span, Spanned};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One template with everything that it declares.
#[derive(Debug)]
pub struct Stack {
    /// Index of the stack in the run; [`ResourceRef::stack`] of its resources.
    pub index: u32,
    /// The template's file.
    pub file: FileId,
    /// Its text.
    pub text: TemplateText,
    /// Tables, in template order.
    pub tables: Vec<Table>,
    /// Tables of which at most one is deployed, and that stand for one another: `OrdersKept` and `OrdersDropped` under
    /// conditions that exclude each other. Groups of two or more.
    pub alternatives: Vec<Vec<ResourceRef>>,
    /// Lambda functions, in template order.
    pub functions: Vec<Function>,
    /// Lambda layers with local content.
    pub layers: Vec<Layer>,
    /// Roles, declared and generated (a SAM function without `Role` gets `<Id>Role`).
    pub roles: Vec<Role>,
    /// Users of tables that are no Lambda code.
    pub services: Services,
    /// Logical id and place of every resource, whatever its type.
    pub resources: BTreeMap<String, (String, Span)>,
    /// Keys that some mapping of the template has more than once, in the order of the text.
    pub duplicate_keys: Vec<DuplicateKey>,
    /// Names of the parameters that the template declares.
    pub parameters: BTreeSet<String>,
    /// Who in the template names the run's tables, in the order of the text; `None` if it is too large to tell.
    pub mentions: Option<Vec<Mention>>,
}

/// A property under unknown conditions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting<T> {
    /// Not set on any branch.
    Unset,
    /// Set to this on every branch.
    Is(Spanned<T>),
    /// Depends on a condition; `None` is a branch that leaves it unset.
    Varies(Vec<Option<Spanned<T>>>),
    /// Set to something that can't be known.
    Unknown(Span),
}

impl<T> Setting<T> {
    /// Every value that it may have.
    pub fn values(&self) -> impl Iterator<Item = &Spanned<T>> {
        let (one, many): (Option<&Spanned<T>>, &[Option<Spanned<T>>]) = match self {
            Self::Is(value) => (Some(value), &[]),
            Self::Varies(values) => (None, values),
            Self::Unset | Self::Unknown(_) => (None, &[]),
        };
        one.into_iter().chain(many.iter().flatten())
    }
}

/// Which resource type declared a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TableKind {
    /// `AWS::DynamoDB::Table`
    Table,
    /// `AWS::DynamoDB::GlobalTable`
    GlobalTable,
    /// `AWS::Serverless::SimpleTable`
    SimpleTable,
}

impl TableKind {
    /// The CloudFormation type.
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Table => "AWS::DynamoDB::Table",
            Self::GlobalTable => "AWS::DynamoDB::GlobalTable",
            Self::SimpleTable => "AWS::Serverless::SimpleTable",
        }
    }
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// Stack and logical id.
    pub resource: ResourceRef,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// The declaring type.
    pub kind: TableKind,
    /// The logical id, as a key of the template.
    pub span: Span,
    /// `TableName`, every branch of it; empty if CloudFormation names the table.
    pub names: Vec<Spanned<Symbolic>>,
    /// Primary key: partition key first.
    pub keys: Vec<KeyElement>,
    /// Names in `AttributeDefinitions`, each with the place of its whole entry.
    pub definitions: Vec<Spanned<String>>,
    /// Whether `keys` may lack some, or name others: a name isn't known, or depends on a condition.
    pub keys_unsure: bool,
    /// Secondary indexes, in template order.
    pub indexes: Vec<Index>,
    /// The TTL attribute where TTL is enabled.
    pub ttl: Setting<String>,
    /// Whether point-in-time recovery is on.
    pub pitr: Setting<bool>,
    /// `PAY_PER_REQUEST`, `PROVISIONED`.
    pub billing: Setting<String>,
    /// `StreamViewType`.
    pub stream: Setting<String>,
    /// Whether its first items come from a file (`ImportSourceSpecification`).
    pub imported: bool,
    /// `DeletionPolicy` (a resource attribute).
    pub deletion_policy: Setting<String>,
    /// `DeletionProtectionEnabled`.
    pub deletion_protection: Setting<bool>,
    /// What of the declaration can't work.
    pub faults: Vec<SchemaFault>,
    /// Statements of its resource policy; of a global table, of every replica's.
    pub policy: Vec<TableStatement>,
    /// Parts of its resource policy that can't be read: with one of these, "not granted" can't be claimed.
    pub unread_policies: Vec<Spanned<UnreadPolicy>>,
    /// The resource's whole entry, for a fix that adds a property.
    pub body: Span,
}

/// What `DynamoDB` refuses about a table, or what never works, although `CloudFormation` accepts the template.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaFault {
    /// A local index with another partition key than the table's.
    ForeignPartitionKey {
        /// The index.
        index: String,
        /// Its partition key.
        key: Spanned<String>,
        /// The table's.
        own: Spanned<String>,
    },
    /// A local index on a table without a sort key.
    LocalIndexWithoutSortKey {
        /// The index.
        index: String,
        /// Its name.
        span: Span,
    },
    /// Two indexes of one name.
    DuplicateIndex {
        /// The name.
        index: String,
        /// The first.
        first: Span,
        /// The second.
        second: Span,
    },
    /// `NonKeyAttributes` under another projection than `INCLUDE`.
    SuperfluousAttributes {
        /// The index.
        index: String,
        /// `ALL`, `KEYS_ONLY`.
        projection: String,
        /// The attributes.
        span: Span,
    },
    /// `INCLUDE` without `NonKeyAttributes`.
    NoAttributes {
        /// The index.
        index: String,
        /// `INCLUDE`.
        span: Span,
    },
    /// `ProvisionedThroughput` on a table that is billed on demand.
    CapacityOnDemand {
        /// The index, if it isn't the table's own.
        index: Option<String>,
        /// The capacity.
        span: Span,
    },
    /// The TTL attribute is a key attribute of type `S` or `B`: items without a number there never expire.
    TextTtl {
        /// The TTL attribute.
        attribute: Spanned<String>,
        /// `S` or `B`.
        attribute_type: String,
        /// The key that it is part of.
        key: Span,
    },
    /// `GetAtt …StreamArn` of a table that has no stream.
    NoStream {
        /// The reference.
        span: Span,
    },
}

/// A statement of a table's resource policy.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/access-control-resource-based.html>
#[derive(Debug, Clone)]
pub struct TableStatement {
    /// What it says.
    pub statement: Statement,
    /// Of whom: ARNs, account ids, `*`. Services are left out.
    pub principals: Vec<Spanned<Symbolic>>,
    /// Whether `principals` is a `NotPrincipal`.
    pub not_principal: bool,
}

impl Table {
    /// Whether deletion protection is on, on every branch.
    pub fn is_protected(&self) -> bool {
        matches!(&self.deletion_protection, Setting::Is(on) if on.value)
    }

    /// Whether it could stand for another one: the same keys, and indexes of the same names.
    pub fn is_shaped_like(&self, other: &Self) -> bool {
        let keys = |table: &Self| table.keys.iter().map(|key| key.attribute.value.clone()).collect::<Vec<_>>();
        let indexes =
            |table: &Self| table.indexes.iter().map(|index| index.name.value.clone()).collect::<BTreeSet<_>>();
        keys(self) == keys(other) && indexes(self) == indexes(other)
    }
}

/// An attribute of a key schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyElement {
    /// Attribute name.
    pub attribute: Spanned<String>,
    /// `S`, `N` or `B`; `None` if no `AttributeDefinitions` entry says so.
    pub attribute_type: Option<String>,
    /// Its role.
    pub role: KeyRole,
}

/// Role of a key attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyRole {
    /// Partition key, `HASH`.
    Partition,
    /// Sort key, `RANGE`.
    Sort,
}

/// Kind of a secondary index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IndexKind {
    /// Global.
    Global,
    /// Local.
    Local,
}

/// A secondary index.
#[derive(Debug)]
pub struct Index {
    /// `IndexName`.
    pub name: Spanned<String>,
    /// Global or local.
    pub kind: IndexKind,
    /// Its key schema.
    pub keys: Vec<KeyElement>,
    /// As [`Table::keys_unsure`].
    pub keys_unsure: bool,
    /// `ALL`, `KEYS_ONLY`, `INCLUDE`.
    pub projection: Option<String>,
    /// `NonKeyAttributes`.
    pub non_key_attributes: Vec<String>,
    /// Read and write units, where the index has a provisioned throughput of its own and they are known.
    pub capacity: Option<(String, String)>,
    /// The index's whole entry.
    pub body: Span,
}

/// Code of a function or content of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Code {
    /// A folder or file beside the template, as written; resolve against the template's folder.
    Local(Spanned<String>),
    /// `InlineCode` or `ZipFile`.
    Inline {
        /// The program as written.
        text: Spanned<String>,
        /// Whether it is a pattern of `Fn::Sub`.
        is_pattern: bool,
    },
    /// An archive that is put into a bucket by somebody else: its key or address, as far as it is known.
    Uploaded(Spanned<String>),
    /// An image that is built beside the template.
    Image {
        /// The folder of which it is built, as written; resolve against the template's folder.
        context: Spanned<String>,
        /// What of the folder is copied into it, in the Dockerfile's order.
        copied: Vec<String>,
    },
    /// An image of some registry, or a path that can't be known.
    Elsewhere,
}

/// A Lambda function.
#[derive(Debug)]
pub struct Function {
    /// Stack and logical id.
    pub resource: ResourceRef,
    /// The logical id, as a key of the template.
    pub span: Span,
    /// `Handler`.
    pub handler: Option<Spanned<String>>,
    /// `Runtime`; `None` for images, and where it isn't known which language it runs.
    pub runtime: Option<Spanned<String>>,
    /// Its code.
    pub code: Code,
    /// Layers of this template, in order; layers from elsewhere are left out.
    pub layers: Vec<ResourceRef>,
    /// Whether there are layers from elsewhere: by ARN, parameter or import.
    pub foreign_layers: bool,
    /// Environment variables, Globals merged in: each with every value that it may have.
    pub environment: BTreeMap<String, EnvVar>,
    /// Whether `environment` holds every variable that the template may set.
    pub environment_is_whole: bool,
    /// The role that it runs under.
    pub role: RoleLink,
    /// `Policies` beside a `Role` on every branch: SAM drops them.
    pub dropped_policies: Option<Span>,
    /// What invokes it, as far as the run's templates say.
    pub triggers: Vec<Trigger>,
}

/// An environment variable of a function.
#[derive(Debug, Clone)]
pub struct EnvVar {
    /// The variable's key in the template.
    pub span: Span,
    /// Its possible values; empty if nothing is known. A branch that leaves it unset sets `optional`.
    pub values: Vec<Symbolic>,
    /// Whether some branch leaves it unset.
    pub optional: bool,
}

/// How a function gets its role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RoleLink {
    /// A role in [`Stack::roles`], declared or generated, by id.
    Known(Vec<ResourceRef>),
    /// Imported, a parameter, or an ARN: its policies can't be known.
    External(Span),
}

/// A layer.
#[derive(Debug)]
pub struct Layer {
    /// Stack and logical id.
    pub resource: ResourceRef,
    /// Its content.
    pub content: Code,
}

/// A part of an identity's or a resource's policies that can't be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadPolicy {
    /// A permissions boundary: it may forbid anything, and allows nothing.
    Boundary,
    /// A policy that isn't at hand, by its name or ARN.
    Named(String),
    /// A part whose text can't be resolved (`a statement`).
    Unresolved(&'static str),
    /// Whatever this one, who is given the role's name, attaches to it.
    GivenTo(String),
    /// An action that is only partly known.
    Action(Symbolic),
    /// More statements than are read.
    TooLarge,
}

impl fmt::Display for UnreadPolicy {
    /// A clause that says so: `a statement can't be resolved`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boundary => f.write_str("a permissions boundary can't be read"),
            Self::Named(name) => write!(f, "the policy {name} can't be read"),
            Self::Unresolved(part) => write!(f, "{part} can't be resolved"),
            Self::GivenTo(whom) => write!(f, "{whom} is given the role's name and may attach policies to it"),
            Self::Action(action) => write!(f, "the action `{action}` can't be resolved"),
            Self::TooLarge => f.write_str("a policy is too large to be resolved"),
        }
    }
}

/// An identity with its policies.
#[derive(Debug)]
pub struct Role {
    /// Stack and logical id; for a generated role `<Id>Role` (function, state machine), `<ApiId><Id>DynamoDBDataSourceRole`.
    pub resource: ResourceRef,
    /// The logical id (for a generated role, that of the resource that it is made for).
    pub span: Span,
    /// Whether SAM generates it.
    pub generated: bool,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// Statements of all its policies, attached ones included.
    pub statements: Vec<Statement>,
    /// What its permissions boundary allows at most; `None` if it has none, or one that can't be read.
    pub boundary: Option<Vec<Statement>>,
    /// Policies that can't be read (customer managed ARNs, parameters, permission boundaries): with one of
    /// these, "not granted" can't be claimed.
    pub unread_policies: Vec<Spanned<UnreadPolicy>>,
}

/// One statement of a policy.
#[derive(Debug, Clone)]
pub struct Statement {
    /// `Allow` or `Deny`.
    pub effect: Effect,
    /// `Action` patterns as written (`dynamodb:Query`, `dynamodb:*Item`, `*`), each with its place.
    pub actions: Vec<Spanned<String>>,
    /// Whether `actions` is a `NotAction`.
    pub not_action: bool,
    /// `Resource` patterns, each with its place.
    pub resources: Vec<Spanned<Symbolic>>,
    /// Whether `resources` is a `NotResource`.
    pub not_resource: bool,
    /// Whether it has a `Condition`, its own or CloudFormation's: the grant may not apply.
    pub conditional: bool,
    /// Where it comes from.
    pub origin: PolicyOrigin,
    /// The whole statement (for a policy template or a managed policy, the entry that names it).
    pub span: Span,
    /// Where its lists stand in the text, if it is written out.
    pub layout: Option<StatementLayout>,
}

/// Where a statement's lists stand in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementLayout {
    /// `Action` or `NotAction`.
    pub actions: ListLayout,
    /// `Resource` or `NotResource`.
    pub resources: ListLayout,
    /// The value of `Sid`, if there is one.
    pub sid: Option<Span>,
}

/// Where a list stands in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListLayout {
    /// The whole value.
    pub span: Span,
    /// Its items; the value itself where it is no list.
    pub items: Vec<Span>,
}

/// A statement's effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Allows.
    Allow,
    /// Denies.
    Deny,
}

/// Where a statement was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyOrigin {
    /// A policy document of the template.
    Document,
    /// A SAM policy template, by name.
    SamTemplate(String),
    /// An AWS managed policy, by name.
    Managed(String),
    /// A connector, by logical id.
    Connector(String),
    /// Added by SAM for an event source.
    Event(String),
}
