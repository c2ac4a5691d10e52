//! Parts of policies that can't ever match: no request has such an ARN, no call needs such an action.

use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::{Part, Symbolic};
use crate::dynamodb::words::nearest;
use crate::iam::{ACTIONS, Answer, Target, expand, touches_dynamodb};
use crate::source::Span;
use crate::template::model::{Effect, Role, Stack, Statement, Table};
use std::collections::BTreeSet;

/// Why a part of a statement is dead.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dead {
    /// An ARN where a name belongs: `table/arn:…`.
    ArnAsName(String),
    /// A name where an ARN belongs.
    NoArn(String),
    /// An ARN of a table without its region or without its account.
    NoPlace(String),
    /// A logical id where the table's name belongs; the name is another one.
    LogicalId {
        /// The pattern.
        arn: String,
        /// The logical id.
        id: String,
    },
    /// An action that doesn't exist, and what may be meant.
    NoAction {
        /// The pattern, as written.
        action: String,
        /// What to allow instead, without `dynamodb:`.
        instead: Vec<String>,
        /// Whether it is an operation of the API, whose actions have other names.
        is_operation: bool,
    },
}

/// A part of a role's statement that does nothing.
#[derive(Debug)]
pub struct DeadGrant<'a> {
    /// The role.
    pub role: &'a Role,
    /// The statement.
    pub statement: &'a Statement,
    /// Where the part is written.
    pub span: Span,
    /// Why.
    pub why: Dead,
}

/// Every dead part of the `Allow` statements of all roles, in template order.
pub fn dead_grants(stacks: &[Stack]) -> Vec<DeadGrant<'_>> {
    let mut out: Vec<DeadGrant> = Vec::new();
    let mut seen = BTreeSet::new();
    for stack in stacks {
        for role in &stack.roles {
            for statement in role.statements.iter().filter(|s| s.effect == Effect::Allow && !s.not_action) {
                for (span, why) in dead_parts(stack, stacks, statement) {
                    if seen.insert((span, why.clone())) {
                        out.push(DeadGrant { role, statement, span, why });
                    }
                }
            }
        }
    }
    out
}

fn dead_parts(stack: &Stack, stacks: &[Stack], statement: &Statement) -> Vec<(Span, Dead)> {
    let of_dynamodb = |action: &str| action.len() > 1 && touches_dynamodb(action) && action.contains(':');
    let actions = statement.actions.iter().filter(|action| of_dynamodb(&action.value));
    let mut out: Vec<(Span, Dead)> =
        actions.clone().filter_map(|action| Some((action.span, dead_action(&action.value)?))).collect();
    if actions.count() == 0 || statement.not_resource {
        return out;
    }
    let only_dynamodb = statement.actions.iter().all(|action| of_dynamodb(&action.value));
    for resource in &statement.resources {
        if let Some(why) = dead_resource(stack, stacks, &resource.value, only_dynamodb) {
            out.push((resource.span, why));
        }
    }
    out
}

/// An action that `DynamoDB` doesn't have.
fn dead_action(action: &str) -> Option<Dead> {
    if !expand(action).is_empty() {
        return None;
    }
    let (_, name) = action.split_once(':')?;
    let operation = Operation::ALL.iter().find(|operation| operation.name().eq_ignore_ascii_case(name));
    let instead = match operation {
        Some(operation) => operation.actions().iter().map(|action| (*action).to_owned()).collect(),
        None => nearest(name, ACTIONS.iter().copied()).map(str::to_owned).into_iter().collect(),
    };
    // A wildcard may be there for actions to come.
    let wildcard = name.contains(['*', '?']);
    (!wildcard).then(|| Dead::NoAction { action: action.to_owned(), instead, is_operation: operation.is_some() })
}

fn dead_resource(stack: &Stack, stacks: &[Stack], resource: &Symbolic, only_dynamodb: bool) -> Option<Dead> {
    let text = resource.to_string();
    if let [Part::Resource(table, attribute)] = resource.parts()
        && attribute.is_empty()
        && stack.tables.iter().any(|known| known.resource == *table)
    {
        return Some(Dead::NoArn(text));
    }
    let (head, path) = split(resource)?;
    if head.first().is_none_or(|field| field != "arn") {
        return only_dynamodb.then(|| Dead::NoArn(text.clone())).filter(|_| head.len() <= 1 && is_plain(resource));
    }
    if head.get(2).is_none_or(|service| service != "dynamodb") {
        return None;
    }
    let name = path.iter().collect::<Vec<_>>();
    match name.as_slice() {
        [Part::Text(start), Part::Resource(_, attribute), ..] if start == "table/" && attribute.ends_with("Arn") => {
            return Some(Dead::ArnAsName(text));
        }
        [Part::Text(start), ..] if start.starts_with("table/arn:") => return Some(Dead::ArnAsName(text)),
        [Part::Text(start), ..] if start.starts_with("table/") => {}
        _ => return None,
    }
    if head[3].is_empty() || head[4].is_empty() {
        return Some(Dead::NoPlace(text));
    }
    let id = logical_id(stack, stacks, resource, &path)?;
    Some(Dead::LogicalId { arn: text, id })
}

/// The five fields before an ARN's path, holes as `?`, and the path. Of something else, what stands before a colon.
fn split(resource: &Symbolic) -> Option<(Vec<String>, Vec<Part>)> {
    let mut fields = vec![String::new()];
    let mut path = Symbolic::default();
    for part in resource.parts() {
        match part {
            Part::Text(text) => {
                for c in text.chars() {
                    if fields.len() > 5 {
                        path.push(Part::Text(c.to_string()));
                    } else if c == ':' {
                        fields.push(String::new());
                    } else {
                        fields.last_mut()?.push(c);
                    }
                }
            }
            part if fields.len() > 5 => path.push(part.clone()),
            // What stands for a whole ARN, or for its beginning, can't be judged.
            _ if fields.len() == 1 => return None,
            _ => fields.last_mut()?.push('?'),
        }
    }
    fields.truncate(if fields.len() > 5 { 5 } else { fields.len() });
    Some((fields, path.parts().to_vec()))
}

fn is_plain(resource: &Symbolic) -> bool {
    resource.as_text().is_some_and(|text| !text.is_empty() && !text.contains(['*', '?', ':', '$', '{']))
}

/// The table whose logical id the path gives for a name, if no table has that name.
fn logical_id(stack: &Stack, stacks: &[Stack], resource: &Symbolic, path: &[Part]) -> Option<String> {
    let [Part::Text(path)] = path else { return None };
    let name = path.strip_prefix("table/")?.split('/').next()?;
    let meant = stack.tables.iter().find(|table| table.resource.id == name)?;
    let target = Target::parse(resource);
    let covers = |table: &Table| {
        let names: Vec<Symbolic> = table.names.iter().map(|name| name.value.clone()).collect();
        let bare = target.covers_table(&table.resource, &names);
        let index = table.indexes.iter().map(|index| target.covers_index(&table.resource, &names, &index.name.value));
        index.max().unwrap_or(Answer::No).max(bare) != Answer::No
    };
    (!stacks.iter().flat_map(|stack| &stack.tables).any(covers)).then(|| meant.resource.id.clone())
}
