//! A part of a policy that can't match anything.

use super::describe::list;
use super::policy_edit::edited;
use super::registry::Rule;
use super::setting::table_arn;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{AccessFacts, Dead, DeadGrant, Facts, FunctionFacts, Grant, Rewriter, TableId, dead_grants};
use crate::template::model::PolicyOrigin;
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule { name: "iam-dead-grant", page: include_str!("../../rules/iam-dead-grant.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let rewriter = Rewriter::new(facts);
    findings.extend(dead_grants(facts.stacks).iter().map(|dead| finding(facts, &rewriter, dead)));
}

fn finding(facts: &Facts, rewriter: &Rewriter, dead: &DeadGrant) -> Finding {
    let role = dead.role;
    let (title, message, help) = words(facts, dead);
    let help = match &dead.why {
        Dead::NoAction { instead, .. } if allows(facts, dead, instead) => {
            format!("Remove it: {} allows {} already.", role.resource.id, list(instead))
        }
        Dead::NoAction { action, is_operation: true, .. } => {
            of_operation(facts, rewriter, dead, action).unwrap_or(help)
        }
        _ => help,
    };
    let certain = !matches!(dead.why, Dead::LogicalId { .. } | Dead::NoAction { is_operation: false, .. });
    Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: if certain { Confidence::Certain } else { Confidence::Likely },
        title,
        message,
        help,
        span: dead.span,
        label: "this allows nothing".to_owned(),
        related: vec![Related { span: role.span, message: format!("a policy of {}", role.resource.id) }],
        anchor: format!("{} {}", role.resource.id, subject(&dead.why)),
    }
}

/// What to do about an operation in the place of an action, if all that code under the role does by it is known.
/// With the lines of the statement as they should read: those of `iam-over-grant`, if it has something to say of it.
fn of_operation(facts: &Facts, rewriter: &Rewriter, dead: &DeadGrant, action: &str) -> Option<String> {
    let role = &dead.role.resource;
    let is_it = |access: &&AccessFacts| {
        action.split_once(':').is_some_and(|(_, name)| access.access.operation.name().eq_ignore_ascii_case(name))
    };
    let under: Vec<&FunctionFacts> =
        facts.functions.iter().filter(|f| f.roles.iter().any(|own| own.resource == *role)).collect();
    let reached = under.iter().flat_map(|f| f.accesses.iter().chain(&f.possible_accesses));
    let calls: Vec<&AccessFacts> = reached.map(|id| facts.access(*id)).filter(is_it).collect();
    let edit = rewriter.narrowed(dead.statement);
    let lines = || edit.as_ref().map(|edit| edited(rewriter, edit, dead.span)).unwrap_or_default();
    if calls.is_empty() && edit.is_ok() {
        return Some(format!("Remove it: no code under {} makes such a call.{}", role.id, lines()));
    }
    if calls.is_empty() || calls.iter().any(|call| call.parts.is_empty()) {
        return None;
    }
    let allowed = |table: TableId, action: &str| {
        let gives =
            |g: &&Grant| g.role.resource == *role && (g.table, g.index, g.action.as_str()) == (table, false, action);
        facts.grants.iter().any(|grant| gives(&grant))
    };
    let parts = calls.iter().flat_map(|call| &call.parts);
    let needs = parts.flat_map(|(action, tables)| tables.iter().map(move |table| (action.as_str(), *table)));
    let needs: BTreeSet<(&str, TableId)> = needs.collect();
    let said = |needs: &BTreeSet<(&str, TableId)>| {
        let mut tables: BTreeMap<TableId, Vec<String>> = BTreeMap::new();
        for (action, table) in needs {
            tables.entry(*table).or_default().push(format!("`dynamodb:{action}`"));
        }
        let mut alike: BTreeMap<Vec<String>, Vec<&str>> = BTreeMap::new();
        for (id, actions) in tables {
            alike.entry(actions).or_default().push(&facts.table(id).table.resource.id);
        }
        let each = alike.into_iter().map(|(actions, tables)| format!("{} on {}", list(&actions), list(&tables)));
        each.collect::<Vec<_>>().join("; ")
    };
    let lacking: BTreeSet<(&str, TableId)> = needs.iter().copied().filter(|(a, table)| !allowed(*table, a)).collect();
    if lacking.is_empty() {
        let calls = if calls.len() == 1 { "the call needs" } else { "the calls need" };
        return Some(format!("Remove it. {} allows what {calls}: {}.{}", role.id, said(&needs), lines()));
    }
    Some(format!("Write {} instead, which is what the code needs.", said(&lacking)))
}

/// Whether the role allows these actions all the same, on all tables that the statement is about, or if it is about none that
/// is known, on all that the role is.
fn allows(facts: &Facts, dead: &DeadGrant, actions: &[String]) -> bool {
    let role = || facts.grants.iter().filter(|grant| grant.role.resource == dead.role.resource && !grant.index);
    let own = role().filter(|grant| std::ptr::eq(grant.statement, dead.statement));
    let mut tables: BTreeSet<TableId> = own.map(|grant| grant.table).collect();
    if tables.is_empty() {
        tables = role().map(|grant| grant.table).collect();
    }
    let allowed = |table, action: &str| role().any(|grant| grant.table == table && grant.action == action);
    let all = |table: &TableId| actions.iter().all(|action| allowed(*table, action.as_str()));
    !actions.is_empty() && !tables.is_empty() && tables.iter().all(all)
}

fn subject(why: &Dead) -> &str {
    match why {
        Dead::NoAction { action, .. } => action,
        Dead::ArnAsName(arn) | Dead::NoArn(arn) | Dead::NoPlace(arn) | Dead::LogicalId { arn, .. } => arn,
    }
}

/// Title, message, help.
fn words(facts: &Facts, dead: &DeadGrant) -> (String, String, String) {
    let role = &dead.role.resource.id;
    let template = match &dead.statement.origin {
        PolicyOrigin::SamTemplate(name) => Some(name),
        _ => None,
    };
    let empty = "A request whose ARN no statement matches is denied: this one is as if it weren't there.";
    match &dead.why {
        Dead::ArnAsName(arn) => (
            format!("{role} allows nothing on `{arn}`: an ARN stands where a table's name belongs"),
            match template {
                Some(name) => format!("{name} builds the ARN itself, around the name that it is given. {empty}"),
                None => empty.to_owned(),
            },
            "Give the name, which is what `Ref` of the table gives, instead of its ARN.".to_owned(),
        ),
        Dead::NoArn(name) => (
            format!("{role} allows nothing on `{name}`: a resource is named by its ARN"),
            format!("`Resource` holds ARNs. {empty}"),
            "Write `Fn::GetAtt` with the table and `Arn`.".to_owned(),
        ),
        Dead::NoPlace(arn) => (
            format!("{role} allows nothing on `{arn}`: the region or the account is missing"),
            format!("The ARN of a table always has both; an empty field is no wildcard. {empty}"),
            "Write `${AWS::Region}` and `${AWS::AccountId}`, or `*`, into the empty fields.".to_owned(),
        ),
        Dead::LogicalId { arn, id } => (
            format!("{role} allows nothing on `{arn}`: {id} is the table's logical id, not its name"),
            format!("No table that the template declares has this name. {empty}"),
            format!("Write {}.", table_arn(facts, dead.span, id)),
        ),
        Dead::NoAction { action, instead, is_operation } => (
            format!("{role} allows `{action}`, which isn't an action"),
            if *is_operation {
                "IAM has no action for this operation: each thing that it does to an item needs the action of its own, as \
                 `dynamodb:PutItem` for a Put."
                    .to_owned()
            } else {
                "IAM takes any text for an action, and no request ever needs this one.".to_owned()
            },
            match instead.as_slice() {
                [] => "Remove it, or write the action that is meant.".to_owned(),
                some => {
                    let some: Vec<String> = some.iter().map(|action| format!("`dynamodb:{action}`")).collect();
                    format!("Write {} as needed.", list(&some))
                }
            },
        ),
    }
}
