//! An environment variable that code can't do without, and that its Lambda doesn't get.

use super::describe::list;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, FunctionFacts};
use crate::source::Span;

pub const RULE: Rule = Rule { name: "env-not-set", page: include_str!("../../rules/env-not-set.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for function in &facts.functions {
        // Code that isn't at hand may set variables before they are read.
        if !function.environment_is_known() || !function.is_followed_whole(facts) {
            continue;
        }
        for (name, span) in function.remarks.iter().flat_map(|remarks| &remarks.missing_variables) {
            findings.push(finding(facts, function, name, *span));
        }
    }
}

fn finding(facts: &Facts, function: &FunctionFacts, name: &str, span: Span) -> Finding {
    let id = &function.function.resource.id;
    let mut related = vec![Related { span: function.function.span, message: format!("{id} is declared here") }];
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
    Finding {
        rule: RULE.name,
        severity: Severity::Critical,
        confidence: Confidence::Certain,
        title: format!("{id} reads the environment variable {name}, which it doesn't get"),
        message: format!(
            "Whenever {id} gets here, it fails with \"KeyError: '{name}'\"; at a module's top level that is each time that it \
             starts, and no event is handled. Neither the function's own `Environment` nor `Globals` sets it, and no code does."
        ),
        help: format!(
            "Add `{name}` under `Environment: Variables` of {id}{like}; or read it with `os.environ.get(\"{name}\", …)`, if there is \
             a value to go on with."
        ),
        span,
        label: format!("{id} has no {name}"),
        related,
        anchor: format!("{id} {name}"),
    }
}
