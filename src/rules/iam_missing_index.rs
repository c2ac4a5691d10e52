//! Reads through indexes that a role allows on the table only.

use super::describe::{few, list};
use super::lack::{self, Lack};
use super::policy_edit::{edited, refused};
use super::registry::Rule;
use super::{Finding, Related, Severity};
use crate::facts::{Facts, Rewriter};

pub const RULE: Rule =
    Rule { name: "iam-missing-index", page: include_str!("../../rules/iam-missing-index.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    let (indexes, actions) = (lack::indexes(facts), lack::actions(facts));
    let rewriter = Rewriter::new(facts);
    for (at, own) in indexes.iter().enumerate() {
        // With the first statement that can take both, the actions that the role lacks are allowed.
        let is_first = |more: &&Lack| indexes[..at].iter().all(|earlier| more.together(&rewriter, earlier).is_none());
        let with_actions = actions.iter().filter(is_first).find_map(|more| more.together(&rewriter, own));
        let call = own.call().access.span;
        let help = if let Some(edit) = &with_actions {
            let edited = edited(&rewriter, edit, call);
            format!("{} The actions that `iam-missing-action` asks for come with them.{edited}", added(own))
        } else {
            let edit = rewriter.granting(&own.missing).filter(|_| !own.is_forbidden());
            let why = || if own.is_forbidden() { String::new() } else { refused(rewriter.hindrance(&own.missing)) };
            added(own) + &edit.map_or_else(why, |edit| edited(&rewriter, &edit, call))
        };
        findings.push(finding(facts, own, help));
    }
}

fn added(lack: &Lack) -> String {
    if lack.is_forbidden() {
        return format!("Take {} out of what is forbidden to {}.", lack.wanted(), lack.role());
    }
    let actions: Vec<String> = lack.actions().iter().map(|action| format!("`dynamodb:{action}`")).collect();
    format!(
        "Add {} to the resources of the statement that allows {}.{}",
        lack.index_arn(),
        list(&actions),
        lack.choice()
    )
}

fn finding(facts: &Facts, lack: &Lack, help: String) -> Finding {
    let (id, role) = (lack.table(), lack.role());
    let (functions, actions) = (lack.functions(), list(&lack.actions()));
    let allowed = lack.missing.iter().find_map(|missing| lack::allowed(facts, missing));
    let mut related = lack.related();
    related.extend(
        allowed.map(|grant| Related {
            span: grant.span,
            message: format!("allows {actions} on {id}, without its indexes"),
        }),
    );
    Finding {
        rule: RULE.name,
        severity: Severity::Critical,
        confidence: lack.confidence(),
        title: format!(
            "{} {} {} of {id}, and {role} allows {actions} on the table only",
            few(&functions),
            if functions.len() == 1 { "reads" } else { "read" },
            list(&lack.indexes())
        ),
        message: format!("An index is a resource of its own, which the table's ARN doesn't cover. {}", lack.failure()),
        help,
        span: lack.call().access.span,
        label: lack.label(),
        related,
        anchor: format!("{role} {id} {}", lack.rights()),
    }
}
