//! Rights that a role gives and that no code under it uses.

use super::describe::list;
use super::policy_edit::{edited, removal};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::operation::{Operation, OperationKind};
use crate::dynamodb::symbolic::ResourceRef;
use crate::facts::{Facts, Grant, GrantStatus, Rewriter, TableId, breadth, narrower};
use crate::source::Span;
use crate::template::model::{PolicyOrigin, Role, Statement};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule { name: "iam-over-grant", page: include_str!("../../rules/iam-over-grant.md"), check };

/// One statement of one role, with its grants summed over the functions that run under the role.
struct Subject<'f, 'a> {
    role: &'a Role,
    statement: &'a Statement,
    functions: Vec<&'f str>,
    rights: BTreeMap<Right<'f>, Sum>,
}

/// Table, action, whether on its indexes.
type Right<'f> = (TableId, &'f str, bool);

struct Sum {
    span: Span,
    unused: bool,
}

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let subjects = subjects(facts);
    // `iam-broader-template` names the template to write instead.
    let own = subjects.iter().filter(|subject| narrower(facts, subject.role, subject.statement).is_none());
    let rewriter = Rewriter::new(facts);
    findings.extend(own.filter_map(|subject| subject.finding(facts, &rewriter)));
}

/// A right that a role gives: role, table, action, whether on the table's indexes.
pub type RoleRight<'f> = (&'f ResourceRef, TableId, &'f str, bool);

/// The rights that findings of this rule ask to take away. Other unused ones come from a wildcard, or with an entry of
/// the policy that is used elsewhere.
pub fn removable<'f>(facts: &'f Facts) -> BTreeSet<RoleRight<'f>> {
    let subjects = subjects(facts);
    let rights = |subject: &Subject<'f, '_>| -> Vec<Right<'f>> {
        if subject.is_unused() {
            return subject.rights.keys().copied().collect();
        }
        subject.unused().into_iter().map(|(right, _)| right).collect()
    };
    subjects
        .iter()
        .flat_map(|subject| {
            let role = &subject.role.resource;
            rights(subject).into_iter().map(move |(table, action, index)| (role, table, action, index))
        })
        .collect()
}

fn subjects<'f, 'a>(facts: &'f Facts<'a>) -> Vec<Subject<'f, 'a>> {
    let mut subjects: Vec<Subject> = Vec::new();
    // A statement has its place in memory for a name; a broad one, which has a rule of its own, has no subject.
    let mut known: BTreeMap<*const Statement, Option<usize>> = BTreeMap::new();
    for grant in &facts.grants {
        let (role, statement) = (grant.role, grant.statement);
        let at = *known.entry(std::ptr::from_ref(statement)).or_insert_with(|| {
            breadth(statement).is_none().then(|| {
                subjects.push(Subject { role, statement, functions: Vec::new(), rights: BTreeMap::new() });
                subjects.len() - 1
            })
        });
        if let Some(at) = at {
            subjects[at].add(facts, grant);
        }
    }
    subjects
}

impl<'f> Subject<'f, '_> {
    fn add(&mut self, facts: &'f Facts, grant: &'f Grant) {
        let function = facts.function(grant.function).function.resource.id.as_str();
        if !self.functions.contains(&function) {
            self.functions.push(function);
        }
        let unused = grant.status == GrantStatus::Unused;
        let right = (grant.table, grant.action.as_str(), grant.index);
        let sum = self.rights.entry(right).or_insert(Sum { span: grant.span, unused: true });
        sum.unused &= unused;
    }

    /// Unused rights. Those on indexes only where no index of the table is used at all, but the table is: an entry that is
    /// used on one of both can't be taken from the other without splitting the statement.
    fn unused(&self) -> Vec<(Right<'f>, Span)> {
        let all = |table: TableId, on_index: bool| {
            self.rights.iter().filter(|((t, _, i), _)| (*t, *i) == (table, on_index)).all(|(_, sum)| sum.unused)
        };
        let tells = |(table, _, index): &Right<'f>| {
            !*index || all(*table, true) && (!all(*table, false) || !self.names_table(*table))
        };
        self.rights
            .iter()
            .filter(|(right, sum)| sum.unused && tells(right))
            .map(|(right, sum)| (*right, sum.span))
            .collect()
    }

    /// Whether the statement covers the table itself, and not only its indexes.
    fn names_table(&self, table: TableId) -> bool {
        self.rights.keys().any(|(t, _, index)| *t == table && !index)
    }

    /// Whether nothing at all uses the statement: what it says of streams or of other services would be lost with it.
    fn is_unused(&self) -> bool {
        let judged = |place: Span| self.rights.values().any(|sum| sum.span == place);
        self.rights.values().all(|sum| sum.unused) && self.statement.actions.iter().all(|action| judged(action.span))
    }

    fn finding(&self, facts: &Facts, rewriter: &Rewriter) -> Option<Finding> {
        let unused = self.unused();
        let whole = self.is_unused();
        let harmful = unused.iter().any(|((_, action, _), _)| is_write(action));
        let role = &self.role.resource.id;
        let rights = by_target(facts, &unused);
        let mut places = places(facts, &unused);
        let (span, label) =
            if whole { (self.statement.span, "nothing uses this statement".to_owned()) } else { places.pop_first()? };
        let title = if whole {
            format!("{role}: a statement for {} that nothing uses", self.tables(facts))
        } else {
            format!("{role} allows more than its code uses: {rights}")
        };
        let danger = if harmful {
            "Rights to change or delete that nobody needs are what a fault or a stolen credential uses."
        } else {
            "Rights that nobody needs only help whoever shouldn't be there."
        };
        Some(Finding {
            rule: RULE.name,
            severity: if whole || harmful { Severity::Medium } else { Severity::Low },
            confidence: Confidence::Certain,
            title,
            message: format!(
                "Every DynamoDB call of {} that could use them is resolved, and none {}. {danger}",
                list(&self.functions),
                if whole { format!("needs {rights}") } else { "does".to_owned() }
            ),
            help: self.help(whole, &rights, facts, rewriter),
            span,
            label,
            // A policy's entry begins where its statement does: one place is enough.
            related: places
                .into_iter()
                .filter(|(place, _)| place.start != span.start)
                .map(|(span, message)| Related { span, message })
                .collect(),
            anchor: format!("{role} {}", self.tables(facts)),
        })
    }

    fn tables(&self, facts: &Facts) -> String {
        let mut ids: Vec<&str> =
            self.rights.keys().map(|(table, ..)| facts.table(*table).table.resource.id.as_str()).collect();
        ids.dedup();
        list(&ids)
    }

    fn help(&self, whole: bool, rights: &str, facts: &Facts, rewriter: &Rewriter) -> String {
        let what = match &self.statement.origin {
            PolicyOrigin::SamTemplate(name) => format!("the policy template {name}"),
            PolicyOrigin::Managed(name) => format!("the managed policy {name}"),
            PolicyOrigin::Connector(id) => format!("the connector {id}"),
            PolicyOrigin::Event(id) => format!("what the event {id} adds"),
            PolicyOrigin::Document => "the statement".to_owned(),
        };
        if whole {
            return removal(rewriter, self.role, self.statement, &what);
        }
        let edit = rewriter.narrowed(self.statement);
        let edit = edited(rewriter, edit.as_ref());
        if self.statement.origin == PolicyOrigin::Document {
            let others = rewriter.others(self.role, self.statement);
            if edit.is_empty() && !others.is_empty() {
                let role = &self.role.resource.id;
                return format!(
                    "Give {role} a policy of its own without {rights}: the same lines serve {}.",
                    list(&others)
                );
            }
            let split = "Where an entry is still used on another table, split the statement.";
            let several = self.rights.keys().any(|(table, ..)| self.rights.keys().any(|(other, ..)| other != table));
            return format!(
                "Remove from the statement: {rights}.{}{edit}",
                if several && edit.is_empty() { format!(" {split}") } else { String::new() }
            );
        }
        let used: Vec<_> =
            self.rights.iter().filter(|(_, sum)| !sum.unused).map(|(right, sum)| (*right, sum.span)).collect();
        format!("Replace {what} by a statement that allows what is left: {}.{edit}", by_target(facts, &used))
    }
}

/// What each place of the policy gives too much.
fn places(facts: &Facts, unused: &[(Right, Span)]) -> BTreeMap<Span, String> {
    let mut rights: BTreeMap<Span, Vec<(Right, Span)>> = BTreeMap::new();
    for (right, span) in unused {
        rights.entry(*span).or_default().push((*right, *span));
    }
    rights.into_iter().map(|(span, rights)| (span, format!("nothing uses {}", by_target(facts, &rights)))).collect()
}

/// `GetItem and Query on OrdersTable`.
fn by_target(facts: &Facts, rights: &[(Right, Span)]) -> String {
    let mut targets: BTreeMap<(TableId, bool), Vec<&str>> = BTreeMap::new();
    for ((table, action, index), _) in rights {
        targets.entry((*table, *index)).or_default().push(action);
    }
    let parts: Vec<String> = targets
        .into_iter()
        .map(|((table, index), actions)| format!("{} on {}", list(&actions), target(facts, table, index)))
        .collect();
    parts.join("; ")
}

fn target(facts: &Facts, table: TableId, index: bool) -> String {
    let id = &facts.table(table).table.resource.id;
    if index { format!("the indexes of {id}") } else { id.clone() }
}

fn is_write(action: &str) -> bool {
    action != "ConditionCheckItem"
        && action != "PartiQLSelect"
        && Operation::ALL.iter().any(|o| match o.kind() {
            OperationKind::Write => o.actions().contains(&action),
            OperationKind::Control => {
                o.actions().contains(&action) && !action.starts_with("Describe") && !action.starts_with("List")
            }
            OperationKind::Read => false,
        })
}
