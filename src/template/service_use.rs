//! Users of tables that are no Lambda code: what state machines, APIs, resolvers and pipes do by configuration alone,
//! and identities whose code isn't known.

use super::model::{Role, RoleLink};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::source::{Span, Spanned};
use std::fmt;

/// Everything of a stack that may use tables without a Lambda.
#[derive(Debug, Default)]
pub struct Services {
    /// Resources that call DynamoDB by themselves, in template order. One resource may be there several times, each time
    /// under another role.
    pub users: Vec<ServiceUser>,
    /// Resources that read tables' streams, Lambdas included.
    pub stream_readers: Vec<StreamReader>,
    /// Who may act under each role and user of the stack.
    pub identities: Vec<Identity>,
    /// IAM users and groups, in the shape of roles.
    pub people: Vec<Role>,
}

/// A resource that calls DynamoDB by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceUser {
    /// Stack and logical id.
    pub resource: ResourceRef,
    /// Its CloudFormation type.
    pub kind: String,
    /// The logical id, as a key of the template.
    pub span: Span,
    /// The role that it acts under.
    pub role: RoleLink,
    /// What it calls; empty if it is known to call no table.
    pub calls: Vec<ServiceCall>,
}

/// One call that a service makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceCall {
    /// The operation; `None` if it can't be told: then it may be any.
    pub operation: Option<Operation>,
    /// Every value that the table's name may have; empty if nothing is known of it.
    pub tables: Vec<Symbolic>,
    /// Every value that the index may have, `None` among them for the base table; empty if nothing is known of it.
    pub indexes: Vec<Option<Symbolic>>,
    /// Why something of it can't be told, for a person.
    pub unread: Option<String>,
    /// Where it is configured.
    pub span: Span,
}

impl ServiceCall {
    /// Calls that can't be seen at all.
    pub fn unread(reason: impl Into<String>, span: Span) -> Self {
        Self { operation: None, tables: vec![], indexes: vec![], unread: Some(reason.into()), span }
    }
}

/// A resource that reads a table's stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamReader {
    /// Stack and logical id: of a pipe, or of the Lambda behind an event source.
    pub resource: ResourceRef,
    /// Every value that the stream's ARN may have.
    pub streams: Vec<Symbolic>,
    /// Where it is configured.
    pub span: Span,
}

/// Somebody other than a service of AWS who may act under an identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Person {
    /// Whoever has the keys of a user, or a policy that nothing at hand has.
    Holder,
    /// An account, user or federated identity that a trust policy lets in.
    Named(String),
    /// Whom a trust policy lets in that can't be read.
    Unknown,
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Holder => f.write_str("a person or program"),
            Self::Named(name) => write!(f, "`{name}`"),
            Self::Unknown => f.write_str("somebody who can't be told"),
        }
    }
}

/// A role or user, and who acts under it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The role in [`super::model::Stack::roles`], or the user in [`Services::people`].
    pub role: ResourceRef,
    /// Services that may assume it (`ecs-tasks.amazonaws.com`).
    pub services: Vec<Spanned<String>>,
    /// Accounts, users, federated identities that may; a user itself.
    pub people: Vec<Spanned<Person>>,
}
