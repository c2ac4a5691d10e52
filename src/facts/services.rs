//! Calls that services make by configuration, with their names resolved: what they read, what they may read.

use super::join::{Join, Names, names, roles_of};
use super::policies::{INDEX_ACTIONS, Ruling, rule};
use super::tables::Tables;
use super::{ServiceUse, TableId};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{ResourceRef, Symbolic};
use crate::dynamodb::unify::{Match, matches};
use crate::source::Span;
use crate::template::model::{Role, ServiceCall, ServiceUser, Stack};
use std::collections::BTreeSet;

/// A call as a service makes it.
pub(super) struct ServiceSighting<'a> {
    pub user: &'a ServiceUser,
    pub call: &'a ServiceCall,
    /// The roles that it may be made under, if all of them are at hand.
    pub roles: Vec<&'a Role>,
    pub foreign_role: bool,
    pub names: Names<'a>,
}

/// Every call of every service, in template order.
pub(super) fn sightings<'a>(stacks: &'a [Stack], tables: &Tables) -> Vec<ServiceSighting<'a>> {
    let mut out = Vec::new();
    for user in stacks.iter().flat_map(|stack| &stack.services.users) {
        let roles = roles_of(&user.role, stacks);
        for call in &user.calls {
            out.push(ServiceSighting {
                user,
                call,
                foreign_role: roles.is_none(),
                roles: roles.clone().unwrap_or_default(),
                names: names(&call.tables, &call.indexes, tables),
            });
        }
    }
    out
}

/// A resource that may call tables, and the roles that it acts under, if they are at hand.
pub(super) struct ServiceRoles<'a> {
    pub kind: &'a str,
    pub roles: Option<Vec<&'a Role>>,
}

/// Every service with its roles, those that call no table included.
pub(super) fn service_roles(stacks: &[Stack]) -> Vec<ServiceRoles<'_>> {
    let users = stacks.iter().flat_map(|stack| &stack.services.users);
    users.map(|user| ServiceRoles { kind: &user.kind, roles: roles_of(&user.role, stacks) }).collect()
}

impl ServiceSighting<'_> {
    /// Whether it surely reads an index.
    pub fn reads(&self, table: TableId, index: &str) -> bool {
        matches!(self.call.operation, Some(Operation::Query | Operation::Scan))
            && self.names.tables.contains(&table)
            && self.names.indexes.iter().flatten().any(|name| name == index)
    }

    /// Whether it may read an index, as far as its role lets it.
    pub fn may_read(&self, table: TableId, index: &str, tables: &Tables) -> bool {
        self.may_name(index) && self.names.may_touch(table) && self.may(&INDEX_ACTIONS, table, Some(index), tables)
    }

    /// Whether it names an index, or may.
    pub fn may_name(&self, index: &str) -> bool {
        use Operation::{BatchExecuteStatement, ExecuteStatement, ExecuteTransaction, Query, Scan};
        let Names { indexes, unknown_indexes, .. } = &self.names;
        let text = [Symbolic::text(index)];
        match self.call.operation {
            Some(Query | Scan) | None => {
                indexes.is_empty() && unknown_indexes.is_empty()
                    || indexes.iter().flatten().any(|name| name == index)
                    || unknown_indexes.iter().any(|pattern| matches(pattern, &text) != Match::No)
            }
            Some(ExecuteStatement | BatchExecuteStatement | ExecuteTransaction) => true,
            Some(_) => false,
        }
    }

    /// Whether its role may do one of these; a role from elsewhere may do anything.
    fn may(&self, actions: &[&str], table: TableId, index: Option<&str>, tables: &Tables) -> bool {
        let allows = |role: &Role| actions.iter().any(|a| rule(role, a, table, index, tables) != Ruling::Denied);
        self.foreign_role || self.roles.iter().any(|role| allows(role))
    }

    /// Whether something of it that could matter to a table isn't known.
    pub fn is_unclear(&self, tables: &Tables) -> bool {
        let unclear = self.call.operation.is_none()
            || self.names.unknown.is_some() && self.names.tables.is_empty()
            || !self.names.unknown_indexes.is_empty();
        let items: Vec<&str> = Operation::item_actions().collect();
        let matters = |id: TableId| {
            let indexes = || tables.get(id).indexes.iter().map(|index| index.name.value.as_str());
            self.may(&items, id, None, tables)
                || indexes().any(|index| self.may(&INDEX_ACTIONS, id, Some(index), tables))
        };
        unclear && tables.ids().any(|id| self.names.may_touch(id) && matters(id))
    }

    /// `AWS::AppSync::DataSource Orders: Query on an unknown table`.
    pub fn doubt(&self) -> String {
        let who = format!("{} {}", self.user.kind, self.user.resource.id);
        if let Some(reason) = &self.call.unread {
            return format!("{who}: {reason}");
        }
        let operation = self.call.operation.map_or("a call", Operation::name);
        match (&self.names.unknown, self.names.unknown_indexes.first()) {
            (Some((reason, _)), _) if self.names.tables.is_empty() => format!("{who}: {operation}: {reason}"),
            (_, Some(index)) => format!("{who}: {operation} through an unknown index: `{index}`"),
            _ => format!("{who}: {operation} on a known table or on another"),
        }
    }

    /// Whether the call needs an action, without `dynamodb:`.
    fn needs(&self, action: &str) -> bool {
        self.call.operation.is_none_or(|operation| operation.actions().contains(&action))
    }
}

/// What services make of one grant of a role: the places that surely use it, and whether others may.
pub(super) fn grant_uses(
    join: &Join,
    role: &Role,
    table: TableId,
    indexes: Option<&BTreeSet<&str>>,
    action: &str,
) -> (Vec<Span>, bool) {
    let mut used = BTreeSet::new();
    let mut possible = false;
    let own = |s: &&ServiceSighting| s.roles.iter().any(|r| std::ptr::eq(*r, role)) && s.needs(action);
    for sighting in join.services.iter().filter(own) {
        let single = sighting.call.operation.is_some_and(|operation| operation.actions().len() == 1);
        let names = &sighting.names;
        let through = indexes.is_none_or(|own| names.indexes.iter().flatten().any(|name| own.contains(name.as_str())));
        let may_through = through || indexes.is_some_and(|own| own.iter().any(|name| sighting.may_name(name)));
        if single && through && names.tables.contains(&table) {
            used.insert(sighting.call.span);
        }
        possible |= may_through && names.may_touch(table);
    }
    (used.into_iter().collect(), possible)
}

/// Who uses a table without a Lambda, one entry a resource.
pub(super) fn uses_of<'a>(join: &Join<'a>, table: TableId) -> Vec<ServiceUse<'a>> {
    let mut out: Vec<ServiceUse> = Vec::new();
    for sighting in join.services.iter().filter(|s| s.names.tables.contains(&table)) {
        let known = out.iter().position(|usage| usage.user.resource == sighting.user.resource);
        let at = known.unwrap_or_else(|| {
            let user = sighting.user;
            out.push(ServiceUse { user, operations: BTreeSet::new(), unknown: false });
            out.len() - 1
        });
        out[at].operations.extend(sighting.call.operation);
        out[at].unknown |= sighting.call.operation.is_none();
    }
    out
}

/// Who reads a table's stream: logical ids, each once.
pub(super) fn stream_readers<'a>(stacks: &'a [Stack], tables: &Tables, table: TableId) -> Vec<&'a ResourceRef> {
    let readers = stacks.iter().flat_map(|stack| &stack.services.stream_readers);
    let of_table = readers.filter(|reader| {
        reader.streams.iter().any(|arn| matches!(tables.resolve(arn), super::tables::Named::Table(id) if id == table))
    });
    of_table.map(|reader| &reader.resource).collect::<BTreeSet<_>>().into_iter().collect()
}
