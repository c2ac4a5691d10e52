//! What one role lacks on one table: who needs it, where, and the words for it.

use super::describe::{few, list, taken};
use super::setting::{index_arn, table_arn};
use super::{Confidence, Related};
use crate::dynamodb::symbolic::ResourceRef;
use crate::facts::{AccessFacts, AccessId, Denial, Edit, Facts, FunctionId, Grant, MissingGrant, Rewriter, TableId};
use crate::source::Span;
use crate::template::model::{Effect, Role};
use std::collections::{BTreeMap, BTreeSet};

/// Rights that one role lacks on one table or its indexes.
pub(super) struct Lack<'f, 'a> {
    pub facts: &'f Facts<'a>,
    pub missing: Vec<&'f MissingGrant>,
}

/// What roles lack that they don't allow on the table either. What is forbidden isn't mended by allowing it: it is apart.
pub(super) fn actions<'f, 'a>(facts: &'f Facts<'a>) -> Vec<Lack<'f, 'a>> {
    lacks(facts, |missing| !missing.allowed_on_table, |missing| missing.denial.is_some())
}

/// What roles lack on indexes only, by the statement that allows it on the table.
pub(super) fn indexes<'f, 'a>(facts: &'f Facts<'a>) -> Vec<Lack<'f, 'a>> {
    let allowed = |missing: &MissingGrant| allowed(facts, missing).map(|grant| grant.statement.span);
    lacks(facts, |missing| missing.allowed_on_table, |missing| (missing.denial.is_some(), allowed(missing)))
}

/// How the role allows on the table what is missing on an index.
pub(super) fn allowed<'f, 'a>(facts: &'f Facts<'a>, missing: &MissingGrant) -> Option<&'f Grant<'a>> {
    let right = (missing.function, missing.table, false, &missing.action);
    let allows = |g: &&Grant| (g.function, g.table, g.index, &g.action) == right && g.role.resource == missing.role;
    facts.grants.iter().find(allows)
}

/// What the roles lack of what `is_meant`, by role, table, and whatever else keeps two of them apart.
fn lacks<'f, 'a, K: Ord>(
    facts: &'f Facts<'a>,
    is_meant: impl Fn(&MissingGrant) -> bool,
    apart: impl Fn(&'f MissingGrant) -> K,
) -> Vec<Lack<'f, 'a>> {
    let mut found: BTreeMap<(&ResourceRef, TableId, K), Vec<&MissingGrant>> = BTreeMap::new();
    for missing in facts.missing_grants.iter().filter(|missing| is_meant(missing)) {
        found.entry((&missing.role, missing.table, apart(missing))).or_default().push(missing);
    }
    found.into_values().map(|missing| Lack { facts, missing }).collect()
}

impl<'f, 'a> Lack<'f, 'a> {
    fn first(&self) -> &'f MissingGrant {
        self.missing[0]
    }

    /// Whether something forbids what is missing.
    pub fn is_forbidden(&self) -> bool {
        self.first().denial.is_some()
    }

    /// Two lacks of one role on one table, if one edit of one statement mends both.
    pub fn together(&self, rewriter: &Rewriter, other: &Self) -> Option<Edit> {
        let is_of_both = self.first().role == other.first().role && self.first().table == other.first().table;
        let both: Vec<&MissingGrant> = self.missing.iter().chain(&other.missing).copied().collect();
        let is_forbidden = self.is_forbidden() || other.is_forbidden();
        rewriter.granting(&both).filter(|_| is_of_both && !is_forbidden)
    }

    /// That the table is one of several of which one is there, if so: what allows on it must choose as the templates do.
    pub fn choice(&self) -> String {
        let facts = self.facts.table(self.first().table);
        let others: Vec<&str> = facts.alternatives.iter().map(|table| table.resource.id.as_str()).collect();
        if others.is_empty() {
            return String::new();
        }
        format!(
            " {} and {} exclude each other: choose the ARN by `Fn::If`, as the table's name is chosen; to name one that isn't \
             there is refused.",
            self.table(),
            list(&others)
        )
    }

    pub fn role(&self) -> &'f str {
        &self.first().role.id
    }

    pub fn table(&self) -> &'f str {
        &self.facts.table(self.first().table).table.resource.id
    }

    /// What is missing, for an identity that lasts: the actions, and on which indexes.
    pub fn rights(&self) -> String {
        let right = |missing: &&MissingGrant| {
            let index = missing.index.as_ref().map(|name| format!("/{name}"));
            format!("{}{}", missing.action, index.unwrap_or_default())
        };
        self.missing.iter().map(right).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
    }

    /// The Lambdas that need some of it, in template order.
    fn ids(&self) -> BTreeSet<FunctionId> {
        self.missing.iter().map(|missing| missing.function).collect()
    }

    pub fn functions(&self) -> Vec<&'f str> {
        self.names(self.ids())
    }

    fn names(&self, ids: BTreeSet<FunctionId>) -> Vec<&'f str> {
        ids.into_iter().map(|id| self.facts.function(id).function.resource.id.as_str()).collect()
    }

    /// The calls that need some of it, in the order of their places.
    fn calls(&self) -> Vec<AccessId> {
        let mut calls: Vec<AccessId> = self.missing.iter().flat_map(|missing| &missing.accesses).copied().collect();
        calls.sort_by_key(|id| (self.facts.access(*id).access.span, *id));
        calls.dedup();
        calls
    }

    /// The first call that needs some of it.
    pub fn call(&self) -> &'f AccessFacts<'a> {
        self.facts.access(self.calls()[0])
    }

    /// `needs dynamodb:PutItem`.
    pub fn label(&self) -> String {
        self.needed_at(self.calls()[0])
    }

    fn needed_at(&self, call: AccessId) -> String {
        let of_call = self.missing.iter().filter(|missing| missing.accesses.contains(&call));
        let actions: BTreeSet<String> = of_call.map(|missing| format!("dynamodb:{}", missing.action)).collect();
        format!("needs {}", list(&actions.into_iter().collect::<Vec<_>>()))
    }

    /// `GetItem and PutItem on Orders and Query on its index by-status`, by the operations that will fail.
    pub fn calls_by_target(&self) -> String {
        let mut targets: BTreeMap<Option<&str>, BTreeSet<&str>> = BTreeMap::new();
        for missing in &self.missing {
            let operations = missing.accesses.iter().map(|id| self.facts.access(*id).access.operation.name());
            targets.entry(missing.index.as_deref()).or_default().extend(operations);
        }
        let own = targets.remove(&None).map(|operations| (operations, self.table().to_owned()));
        let mut alike: BTreeMap<BTreeSet<&str>, Vec<&str>> = BTreeMap::new();
        for (index, operations) in targets {
            alike.entry(operations).or_default().extend(index);
        }
        let of_indexes = |names: Vec<&str>| match (&own, names.as_slice()) {
            (None, names) => format!("{} of {}", list(names), self.table()),
            (Some(_), [one]) => format!("its index {one}"),
            (Some(_), several) => format!("its indexes {}", list(several)),
        };
        let on_indexes = alike.into_iter().map(|(operations, names)| (operations, of_indexes(names)));
        let on_indexes: Vec<_> = on_indexes.collect();
        let said = own.into_iter().chain(on_indexes).map(|(operations, on)| {
            let operations: Vec<&str> = operations.into_iter().collect();
            format!("{} on {on}", list(&operations))
        });
        list(&said.collect::<Vec<_>>())
    }

    /// The indexes on which something is missing.
    pub fn indexes(&self) -> Vec<&'f str> {
        let names: BTreeSet<&str> = self.missing.iter().filter_map(|missing| missing.index.as_deref()).collect();
        names.into_iter().collect()
    }

    pub fn actions(&self) -> Vec<&'f str> {
        let names: BTreeSet<&str> = self.missing.iter().map(|missing| missing.action.as_str()).collect();
        names.into_iter().collect()
    }

    /// What will happen, with AWS's error text, and whom it concerns.
    pub fn failure(&self) -> String {
        let call = self.calls()[0];
        let here: Vec<&MissingGrant> =
            self.missing.iter().filter(|missing| missing.accesses.contains(&call)).copied().collect();
        let first = here.first().copied().unwrap_or(self.first());
        let path = match &first.index {
            Some(index) => format!("{}/index/{index}", self.table()),
            None => self.table().to_owned(),
        };
        let (role, action) = (self.role(), &first.action);
        let here = self.names(here.iter().map(|missing| missing.function).collect());
        let error = format!(
            "\"AccessDeniedException: User: …assumed-role/{role}/… is not authorized to perform: dynamodb:{action} on \
             resource: …:table/{path}{}\"",
            self.because(first)
        );
        let gets = if here.len() == 1 { "gets" } else { "get" };
        let fails = format!("When {} {gets} here, the call fails with {error}", few(&here));
        let in_all = match self.needs() {
            needs if needs.len() > 1 => format!(" In all, {role} lacks {}.", list(&needs)),
            _ => String::new(),
        };
        let taken = taken(self.facts, self.ids());
        let unnoticed = match caught(self.facts.access(call)) {
            Some(_) => " The `except` around it takes that error and raises none: nobody may notice.",
            None => "",
        };
        format!("{fails}.{unnoticed}{in_all}{}", taken.map(|how| format!(" {how}")).unwrap_or_default())
    }

    /// Who needs what: `dynamodb:PutItem (Place and Close)`; without the names where everybody needs everything.
    fn needs(&self) -> Vec<String> {
        let mut by_action: BTreeMap<(Option<&str>, &str), BTreeSet<FunctionId>> = BTreeMap::new();
        for missing in &self.missing {
            by_action.entry((missing.index.as_deref(), &missing.action)).or_default().insert(missing.function);
        }
        let mut alike: BTreeMap<(bool, &str, BTreeSet<FunctionId>), Vec<&str>> = BTreeMap::new();
        for ((index, action), ids) in by_action {
            alike.entry((index.is_some(), action, ids)).or_default().extend(index);
        }
        let all = self.ids();
        let said = alike.into_iter().map(|((_, action, ids), indexes)| {
            let on = if indexes.is_empty() { String::new() } else { format!(" on {}", list(&indexes)) };
            let who = if ids == all { String::new() } else { format!(" ({})", few(&self.names(ids))) };
            format!("dynamodb:{action}{on}{who}")
        });
        said.collect()
    }

    /// How the error goes on.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html>
    fn because(&self, missing: &MissingGrant) -> String {
        let action = &missing.action;
        let forbids = |role: &Role| role.boundary.is_some() || role.statements.iter().any(|s| s.effect == Effect::Deny);
        match missing.denial {
            Some(Denial::ByRole(_)) => " with an explicit deny in an identity-based policy".to_owned(),
            Some(Denial::ByTable(_)) => " with an explicit deny in a resource-based policy".to_owned(),
            Some(Denial::ByBoundary(_)) => " with an explicit deny in a permissions boundary".to_owned(),
            Some(Denial::OutsideBoundary) => {
                format!(" because no permissions boundary allows the dynamodb:{action} action")
            }
            // What may forbid it makes another error.
            None if self.declared_role(missing.function).is_none_or(forbids) => String::new(),
            None => format!(" because no identity-based policy allows the dynamodb:{action} action"),
        }
    }

    /// The role that lacks it, if it is at hand.
    pub fn declared(&self) -> Option<&'a Role> {
        self.ids().into_iter().find_map(|id| self.declared_role(id))
    }

    fn declared_role(&self, function: FunctionId) -> Option<&'a Role> {
        self.facts.function(function).roles.iter().find(|role| role.resource == self.first().role).copied()
    }

    /// Certain, if the code of one of its Lambdas is where the template says.
    pub fn confidence(&self) -> Confidence {
        let is_known = |id: FunctionId| self.facts.taken_code(id).is_none();
        if self.ids().into_iter().any(is_known) { Confidence::Certain } else { Confidence::Likely }
    }

    /// `dynamodb:PutItem on !GetAtt Orders.Arn`: what is to be allowed.
    pub fn wanted(&self) -> String {
        let on = |is_meant: fn(&MissingGrant) -> bool, resource: String| {
            let meant = self.missing.iter().filter(|missing| is_meant(missing));
            let actions: BTreeSet<&str> = meant.map(|missing| missing.action.as_str()).collect();
            let actions: Vec<String> = actions.iter().map(|action| format!("`dynamodb:{action}`")).collect();
            (!actions.is_empty()).then(|| format!("{} on {resource}", list(&actions)))
        };
        let on_table = on(|missing| missing.index.is_none(), self.table_arn());
        let on_index = on(|missing| missing.index.is_some(), self.index_arn());
        list(&on_table.into_iter().chain(on_index).collect::<Vec<_>>())
    }

    fn table_arn(&self) -> String {
        if self.is_of_another_stack() {
            return format!("the ARN of {}", self.table());
        }
        table_arn(self.facts, self.declaration(), self.table())
    }

    pub fn index_arn(&self) -> String {
        if self.is_of_another_stack() {
            let path = |index: &&str| format!("{}/index/{index}", self.table());
            return format!("the ARN of {}", list(&self.indexes().iter().map(path).collect::<Vec<_>>()));
        }
        index_arn(self.facts, self.declaration(), self.table())
    }

    /// Another template's table has no logical id here: its ARN comes by a parameter or an import.
    fn is_of_another_stack(&self) -> bool {
        self.first().role.stack != self.facts.table(self.first().table).table.resource.stack
    }

    fn declaration(&self) -> Span {
        self.facts.table(self.first().table).table.span
    }

    /// The other calls, each with what it needs, the role, the table, and what forbids it.
    pub fn related(&self) -> Vec<Related> {
        let calls = self.calls();
        let others = calls
            .iter()
            .skip(1)
            .map(|id| Related { span: self.facts.access(*id).access.span, message: self.needed_at(*id) });
        let functions = self.functions();
        let role = self.declared().map(|role| Related {
            span: role.span,
            message: format!(
                "{} {} under {}",
                few(&functions),
                if functions.len() == 1 { "runs" } else { "run" },
                self.role()
            ),
        });
        let table = Related { span: self.declaration(), message: format!("{} is declared here", self.table()) };
        let denials: BTreeSet<Span> = self.missing.iter().filter_map(|missing| denying(missing.denial?)).collect();
        let denials = denials.into_iter().map(|span| Related { span, message: "this forbids it".to_owned() });
        let own: BTreeSet<Span> = calls.iter().map(|id| self.facts.access(*id).access.span).collect();
        let caught: BTreeSet<Span> = calls.iter().filter_map(|id| caught(self.facts.access(*id))).collect();
        let caught = caught
            .difference(&own)
            .copied()
            .map(|span| Related { span, message: "takes the error, and raises none".to_owned() });
        others.chain(caught).chain(role).chain([table]).chain(denials).collect()
    }
}

/// The `except` that takes the error of a call.
fn caught(access: &AccessFacts) -> Option<Span> {
    access.access.observations.iter().find_map(|seen| seen.caught)
}

/// The statement that forbids something, if one does.
fn denying(denial: Denial) -> Option<Span> {
    match denial {
        Denial::ByRole(span) | Denial::ByTable(span) | Denial::ByBoundary(span) => Some(span),
        Denial::OutsideBoundary => None,
    }
}
