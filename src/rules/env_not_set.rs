//! An environment variable that code can't do without, and that its Lambda doesn't get.

use super::describe::list;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, FunctionFacts};
use crate::source::Span;
use std::collections::BTreeMap;

pub const RULE: Rule = Rule { name: "env-not-set", page: include_str!("../../rules/env-not-set.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    // Lambdas that share the code fail at the same place, for the same reason.
    let mut by_place: BTreeMap<(Span, &str), Vec<&FunctionFacts>> = BTreeMap::new();
    for function in &facts.functions {
        // Code that isn't at hand may set variables before they are read.
        if !function.environment_is_known() || !function.is_followed_whole(facts) {
            continue;
        }
        for (name, span) in function.remarks.iter().flat_map(|remarks| &remarks.missing_variables) {
            by_place.entry((*span, name)).or_default().push(function);
        }
    }
    findings.extend(by_place.into_iter().map(|((span, name), functions)| finding(facts, &functions, name, span)));
}

fn finding(facts: &Facts, functions: &[&FunctionFacts], name: &str, span: Span) -> Finding {
    let ids: Vec<&str> = functions.iter().map(|function| function.function.resource.id.as_str()).collect();
    let id = list(&ids);
    let is_one = ids.len() == 1;
    let declared = functions.iter().map(|function| Related {
        span: function.function.span,
        message: format!("{} is declared here", function.function.resource.id),
    });
    let mut related: Vec<Related> = declared.collect();
    let others = facts.functions.iter().filter_map(|other| {
        let variable = other.function.environment.get(name)?;
        Some((other.function.resource.id.as_str(), variable.span))
    });
    let others: Vec<(&str, Span)> = others.collect();
    related.extend(
        others.iter().take(1).map(|(other, span)| Related { span: *span, message: format!("{other} gets it here") }),
    );
    let names: Vec<&str> = others.iter().take(3).map(|(other, _)| *other).collect();
    let like = if names.is_empty() {
        String::new()
    } else {
        format!(", as {} {} it", list(&names), if names.len() == 1 { "gets" } else { "get" })
    };
    let (reads, gets) = if is_one { ("reads", "it doesn't get") } else { ("read", "they don't get") };
    let (come, fails, starts) =
        if is_one { ("gets here, it", "fails", "it starts") } else { ("get here, they", "fail", "they start") };
    Finding {
        rule: RULE.name,
        severity: Severity::Critical,
        confidence: Confidence::Certain,
        title: format!("{id} {reads} the environment variable {name}, which {gets}"),
        message: format!(
            "Whenever {id} {come} {fails} with \"KeyError: '{name}'\"; at a module's top level that is each time that {starts}, and \
             no event is handled. Neither {} own `Environment` nor `Globals` sets it, and no code does.",
            if is_one { "the function's" } else { "these functions'" }
        ),
        help: format!(
            "Add `{name}` under `Environment: Variables` of {id}{like}; or read it with `os.environ.get(\"{name}\", …)`, if there is \
             a value to go on with."
        ),
        span,
        label: format!("{id} {} no {name}", if is_one { "has" } else { "have" }),
        related,
        anchor: format!("{id} {name}"),
    }
}
