//! A statement that grants all actions, or some on all tables.

use super::describe::{elsewhere, few, list, taken};
use super::policy_edit::{edited, refused_for_more, stated};
use super::registry::Rule;
use super::{Confidence, Finding, Severity};
use crate::dynamodb::operation::Operation;
use crate::facts::{Breadth, Facts, FunctionFacts, FunctionId, GrantStatus, Refusal, Rewriter, breadth, names_action};
use crate::template::model::{PolicyOrigin, Role, Statement};
use std::collections::{BTreeMap, BTreeSet};

pub const RULE: Rule = Rule { name: "iam-wildcard", page: include_str!("../../rules/iam-wildcard.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let rewriter = Rewriter::new(facts);
    let mut seen = BTreeSet::new();
    for role in facts.functions.iter().flat_map(|f| &f.roles) {
        if !seen.insert(&role.resource) {
            continue;
        }
        for statement in &role.statements {
            if let Some(breadth) = breadth(statement) {
                findings.push(finding(facts, &rewriter, role, statement, breadth));
            }
        }
    }
}

fn finding(facts: &Facts, rewriter: &Rewriter, role: &Role, statement: &Statement, breadth: Breadth) -> Finding {
    let under = |f: &FunctionFacts| f.roles.iter().any(|r| r.resource == role.resource);
    let users = (0..).map(FunctionId).zip(&facts.functions).filter(|(_, function)| under(function));
    let (ids, names): (Vec<FunctionId>, Vec<&str>) =
        users.map(|(id, function)| (id, function.function.resource.id.as_str())).unzip();
    let taken = taken(facts, ids);
    let what = match breadth {
        Breadth::Actions => "every DynamoDB action",
        Breadth::Tables => "access to every table",
        Breadth::Both => "every DynamoDB action on every table",
    };
    let by = match &statement.origin {
        PolicyOrigin::Managed(name) => format!(" by the managed policy {name}"),
        _ => String::new(),
    };
    let id = &role.resource.id;
    Finding {
        rule: RULE.name,
        severity: Severity::High,
        confidence: Confidence::Certain,
        title: format!("{id} grants {what}{by}"),
        message: format!(
            "{} may {} far more than {} code does: a fault or an injected key reaches all of it.{}",
            few(&names),
            if breadth == Breadth::Tables { "reach" } else { "read, change and delete" },
            if names.len() == 1 { "its" } else { "their" },
            taken.map(|how| format!(" {how}")).unwrap_or_default()
        ),
        help: needs(facts, rewriter, role, statement) + &instead(facts, rewriter, role, statement),
        span: statement.span,
        label: format!("grants {what}"),
        related: Vec::new(),
        anchor: format!("{id} {what}{by}"),
    }
}

/// The lines as they should read, or if what is there can't be rewritten in its place, the statements to write instead.
fn instead(facts: &Facts, rewriter: &Rewriter, role: &Role, statement: &Statement) -> String {
    match (rewriter.narrowed(statement), rewriter.used_of(statement)) {
        (Ok(edit), _) => edited(rewriter, &edit, statement.span),
        (Err(refusal), Some(statements)) => {
            let why = refusal.reason().filter(|_| refusal == Refusal::Header);
            let why = why.map(|why| format!(" It can't be changed in its place, for {why}.")).unwrap_or_default();
            why + &stated(facts, Some(role), &statements)
        }
        (Err(refusal), None) => refused_for_more(refusal),
    }
}

/// What the code uses of it, as the statement to write instead.
fn needs(facts: &Facts, rewriter: &Rewriter, role: &Role, statement: &Statement) -> String {
    // Table, then action, then whether on the table and on its indexes.
    let mut needed: BTreeMap<&str, BTreeMap<&str, [bool; 2]>> = BTreeMap::new();
    let (mut of_account, mut undeclared) = (needed_of_account(facts, role, statement), BTreeSet::new());
    let mut whole = true;
    for grant in facts.grants.iter().filter(|g| std::ptr::eq(g.statement, statement)) {
        if grant.is_used_elsewhere() {
            undeclared.insert(grant.action.as_str());
        }
        match grant.status {
            GrantStatus::Used if Operation::is_of_account(&grant.action) => {
                of_account.insert(format!("dynamodb:{}", grant.action));
            }
            GrantStatus::Used => {
                let table = facts.table(grant.table).table.resource.id.as_str();
                let [on_table, on_index] = needed.entry(table).or_default().entry(&grant.action).or_default();
                *on_table |= !grant.index && rewriter.is_used_without_index(grant);
                *on_index |= grant.index;
            }
            GrantStatus::Unverified => whole = false,
            GrantStatus::Unused => {}
        }
    }
    let action = |(name, on): (&&str, &[bool; 2])| {
        let on = match on {
            [true, true] => " (indexes included)",
            [false, true] => " (through indexes only)",
            _ => "",
        };
        format!("dynamodb:{name}{on}")
    };
    let on_table = |(table, actions): (&&str, &BTreeMap<&str, [bool; 2]>)| {
        format!("{} on {table}", list(&actions.iter().map(action).collect::<Vec<_>>()))
    };
    let of_account: Vec<&String> = of_account.iter().collect();
    let of_account = (!of_account.is_empty()).then(|| format!("{} on `*`, for it is no table's", list(&of_account)));
    let lines = needed.iter().map(on_table).chain(of_account).chain(elsewhere(&undeclared));
    let lines = lines.collect::<Vec<_>>().join("; ");
    // What the code needs of other services is another audit's.
    let others = statement.not_action || statement.actions.iter().any(|action| !is_of_dynamodb(&action.value));
    let others = if others { " What it allows of other services is needed or not for reasons of its own." } else { "" };
    let dynamodb = match (lines.is_empty(), whole) {
        (true, true) if !others.is_empty() => {
            "The code uses nothing of DynamoDB through it on the tables declared here.".to_owned()
        }
        (true, true) => "The code uses nothing of it on the tables declared here: remove it.".to_owned(),
        (true, false) => "Grant the actions that the code needs, table by table.".to_owned(),
        (false, true) => format!("Grant what the code uses instead: {lines}."),
        (false, false) => {
            format!("Grant what the code uses instead: {lines}; and what it does where it can't be followed.")
        }
    };
    dynamodb + others
}

/// Actions without a table that the code under a role needs and the statement allows: what a wildcard stands for is reckoned
/// table by table.
fn needed_of_account(facts: &Facts, role: &Role, statement: &Statement) -> BTreeSet<String> {
    let under = facts.functions.iter().filter(|f| f.roles.iter().any(|own| own.resource == role.resource));
    let calls = under.flat_map(|function| function.accesses.iter().chain(&function.possible_accesses));
    let actions = calls.flat_map(|id| &facts.access(*id).access.actions);
    let allowed = |action: &&String| Operation::is_of_account(action) && names_action(statement, action);
    actions.filter(allowed).map(|action| format!("dynamodb:{action}")).collect()
}

/// Whether an action pattern is of DynamoDB alone.
fn is_of_dynamodb(action: &str) -> bool {
    action.to_ascii_lowercase().starts_with("dynamodb:")
}
