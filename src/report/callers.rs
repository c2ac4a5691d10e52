//! Who makes calls: Lambdas by name, scripts by file.

use super::Report;
use crate::facts::{AccessId, FunctionId, TableId, User};
use std::collections::BTreeSet;

/// Somebody who makes calls; in order, Lambdas come before scripts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Caller {
    pub(super) is_script: bool,
    pub(super) name: String,
    /// The template that declares it, where another Lambda of the run has the same name.
    pub(super) template: Option<String>,
}

/// Those who make these calls on a table, or may; nobody, if no entry point reaches them.
pub(super) fn callers(report: &Report, table: TableId, accesses: &[AccessId]) -> Vec<Caller> {
    let facts = report.facts;
    let mut users: BTreeSet<User> = BTreeSet::new();
    for id in accesses {
        let access = facts.access(*id);
        let on_it = facts.table(table).users.iter().filter(|(_, call)| call == id).map(|(user, _)| *user);
        users.extend(on_it);
        users.extend(access.possible_functions.iter().copied().map(User::Function));
    }
    users.into_iter().map(|user| caller(report, user)).collect()
}

/// A user by name.
pub(super) fn caller(report: &Report, user: User) -> Caller {
    match user {
        User::Function(id) => Caller {
            name: report.facts.function(id).function.resource.id.clone(),
            template: template(report, id),
            is_script: false,
        },
        User::Script(file) => Caller { name: report.sources.file(file).name.clone(), template: None, is_script: true },
    }
}

fn template(report: &Report, id: FunctionId) -> Option<String> {
    let function = report.facts.function(id).function;
    let same = report.facts.functions.iter().filter(|other| other.function.resource.id == function.resource.id).count();
    (same > 1).then(|| report.sources.file(function.span.file).name.clone())
}
