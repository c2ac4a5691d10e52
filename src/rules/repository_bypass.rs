//! A table that has a repository, and code that goes past it.

use super::describe::{count, list};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::dynamodb::operation::OperationKind;
use crate::facts::{AccessFacts, AccessId, Facts, TableFacts, User};
use crate::source::FileId;
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule =
    Rule { name: "repository-bypass", page: include_str!("../../rules/repository-bypass.md"), check };

/// With fewer calls than this, a class isn't yet where a table is dealt with.
const FEW: usize = 3;

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        let accesses: Vec<&AccessFacts> = table
            .accesses
            .iter()
            .map(|id| facts.access(*id))
            .filter(|access| kind(access).is_some() && !access.access.opens_batch)
            .collect();
        let Some((file, class)) = repository(facts, table, &accesses) else { continue };
        let outside: Vec<&AccessFacts> = accesses.iter().copied().filter(|a| a.access.span.file != file).collect();
        let inside = accesses.len() - outside.len();
        if !outside.is_empty() {
            findings.push(finding(table, class, inside, &outside));
        }
    }
}

/// Whether it reads or writes items.
fn kind(access: &AccessFacts) -> Option<bool> {
    match access.access.operation.kind() {
        OperationKind::Read => Some(false),
        OperationKind::Write => Some(true),
        OperationKind::Control => None,
    }
}

/// The file and class that make most of the calls, if several parts of the program share it and it both reads and writes:
/// reader and writer that are kept apart are no repository that one of them goes past.
fn repository<'f>(facts: &Facts, table: &TableFacts, accesses: &[&'f AccessFacts]) -> Option<(FileId, &'f str)> {
    let mut classes: BTreeMap<(FileId, &str), Vec<&AccessFacts>> = BTreeMap::new();
    for access in accesses {
        if let Some((class, _)) = access.access.function.split_once('.') {
            classes.entry((access.access.span.file, class)).or_default().push(access);
        }
    }
    let (place, own) = classes.into_iter().max_by_key(|(_, own)| own.len())?;
    let is_most = own.len() >= FEW && own.len() * 2 > accesses.len();
    let both = [false, true].iter().all(|wanted| own.iter().any(|access| kind(access) == Some(*wanted)));
    (is_most && both && is_shared(facts, table, place.0)).then_some(place)
}

fn is_shared(facts: &Facts, table: &TableFacts, file: FileId) -> bool {
    let inside = |id: AccessId| facts.access(id).access.span.file == file;
    let users: BTreeSet<User> = table.users.iter().filter(|(_, id)| inside(*id)).map(|(user, _)| *user).collect();
    let loading = facts.functions.iter().filter(|function| function.loaded.contains(&file)).count();
    users.len() > 1 || loading > 1
}

fn finding(table: &TableFacts, class: &str, inside: usize, outside: &[&AccessFacts]) -> Finding {
    let id = &table.table.resource.id;
    let files: BTreeSet<FileId> = outside.iter().map(|access| access.access.span.file).collect();
    let operations: BTreeSet<&str> = outside.iter().map(|access| access.access.operation.name()).collect();
    let operations: Vec<&str> = operations.into_iter().collect();
    let writes = outside.iter().filter(|access| kind(access) == Some(true)).count();
    Finding {
        rule: RULE.name,
        severity: Severity::Low,
        confidence: Confidence::Likely,
        title: format!(
            "{} on {id} in {} {} past {class}",
            count(outside.len(), "call"),
            count(files.len(), "file"),
            if outside.len() == 1 { "goes" } else { "go" }
        ),
        message: format!(
            "{class} makes {inside} of the {} calls on {id}; what goes past it ({}) knows the table's keys and attributes by \
             itself{}. A change of the key format, an index or the pages has to find all such places, and those that it misses \
             fail silently.",
            inside + outside.len(),
            list(&operations),
            match writes {
                0 => String::new(),
                n => format!(", and {n} of these calls {}", if n == 1 { "writes" } else { "write" }),
            }
        ),
        help: format!("Give {class} a method for each of these questions, and call that."),
        span: outside[0].access.span,
        label: format!("goes past {class}"),
        related: outside
            .iter()
            .skip(1)
            .map(|access| Related {
                span: access.access.span,
                message: format!("{} in `{}`", access.access.operation, access.access.function),
            })
            .collect(),
        anchor: id.clone(),
    }
}
