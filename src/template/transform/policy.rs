//! The forms of `Policies`: a name or ARN, a document, a policy template, or an `Fn::If` over two of one form.

use super::Check;
use crate::iam::policy_template_parameters;
use crate::template::Resource;
use crate::template::document::{NodeId, Value};
use crate::template::role::is_no_value;

/// What an item of `Policies` is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Managed,
    Document,
    Template,
    Unknown,
}

pub(super) fn check(check: &Check, resource: &Resource) {
    let Some(policies) = check.truthy(resource.properties, "Policies") else { return };
    let doc = check.doc;
    let listed = match doc.value(policies) {
        Value::Sequence(items) => items.clone(),
        _ => vec![policies],
    };
    for policy in listed {
        item(check, resource.id, policy);
    }
}

/// A document or a policy template that depends on a condition, if there is one.
pub(super) fn conditional(check: &Check, resource: &Resource) -> Option<NodeId> {
    let policies = check.truthy(resource.properties, "Policies")?;
    let listed = match check.doc.value(policies) {
        Value::Sequence(items) => items.as_slice(),
        _ => std::slice::from_ref(&policies),
    };
    listed.iter().copied().find(|policy| {
        branches(check, *policy).is_some()
            && matches!(form(check, resource.id, *policy), Some(Form::Document | Form::Template))
    })
}

fn item(check: &Check, id: &str, policy: NodeId) {
    let doc = check.doc;
    let Some(form) = form(check, id, policy) else { return };
    let branches = branches(check, policy);
    match form {
        Form::Unknown => {
            let what = format!("a policy of `{id}` is none of the forms that SAM knows: {}", describe(check, policy));
            check.refuse(
                doc.span(policy),
                what,
                "give a policy's name or ARN, a document with `Statement`, or one policy template an item",
            );
        }
        Form::Template => match branches {
            None => parameters(check, id, policy),
            // One level of `Fn::If` is taken apart, no more.
            Some(branches) => {
                branches.iter().filter(|b| !is_no_value(doc, **b)).for_each(|b| parameters(check, id, *b));
            }
        },
        Form::Managed | Form::Document => {}
    }
}

/// The form of an item; `None` if that is refused already.
fn form(check: &Check, id: &str, policy: NodeId) -> Option<Form> {
    let doc = check.doc;
    if check.literal(policy).is_some() {
        return Some(Form::Managed);
    }
    let Some(call) = doc.intrinsic(policy) else {
        return Some(if doc.get(policy, "Statement").is_some() {
            Form::Document
        } else if doc.single(policy).is_some_and(|entry| policy_template_parameters(&entry.key).is_some()) {
            Form::Template
        } else {
            Form::Unknown
        });
    };
    if &*call.key != "Fn::If" {
        return Some(Form::Managed);
    }
    let [_, yes, no] = *doc.items(call.value) else {
        let what = format!("an `Fn::If` in the policies of `{id}` doesn't have three arguments");
        check.refuse(doc.span(policy), what, "give the condition and both values");
        return None;
    };
    let (first, second) = (form(check, id, yes)?, form(check, id, no)?);
    if first == second || is_no_value(doc, no) {
        Some(first)
    } else if is_no_value(doc, yes) {
        Some(second)
    } else {
        let what = format!("the branches of an `Fn::If` in the policies of `{id}` are of different forms");
        check.refuse(
            doc.span(policy),
            what,
            "write one `Fn::If` for each form, with `!Ref AWS::NoValue` for the other branch",
        );
        None
    }
}

fn branches(check: &Check, policy: NodeId) -> Option<Vec<NodeId>> {
    let call = check.doc.intrinsic(policy).filter(|call| &*call.key == "Fn::If")?;
    Some(check.doc.items(call.value).iter().skip(1).copied().collect())
}

/// A policy template must be given all its parameters.
fn parameters(check: &Check, id: &str, policy: NodeId) {
    let doc = check.doc;
    let named = doc.single(policy).and_then(|entry| Some((entry, policy_template_parameters(&entry.key)?)));
    let Some((entry, parameters)) = named else {
        let what = format!("an `Fn::If` within an `Fn::If` in the policies of `{id}`");
        return check.refuse(doc.span(policy), what, "use one condition for each policy template");
    };
    if !check.is_map(entry.value) {
        let what = format!("the parameters of `{}` must be a mapping", entry.key);
        check.refuse(entry.key_span, what, "give them by name, or `{}`");
        return;
    }
    for parameter in parameters.split(' ').filter(|parameter| !parameter.is_empty()) {
        if doc.get(entry.value, parameter).is_none() {
            let what = format!("`{}` of `{id}` lacks its parameter `{parameter}`", entry.key);
            check.refuse(entry.key_span, what, &format!("give `{parameter}`"));
        }
    }
}

fn describe(check: &Check, policy: NodeId) -> String {
    let doc = check.doc;
    match doc.value(policy) {
        Value::Mapping(entries) if doc.get(policy, "Effect").is_some() && !entries.is_empty() => {
            "a statement without its document".to_owned()
        }
        Value::Mapping(entries) => match entries.as_slice() {
            [entry] => format!("there is no policy template `{}`", entry.key),
            _ => "a mapping of several keys".to_owned(),
        },
        Value::Sequence(_) => "a list in the list".to_owned(),
        Value::Scalar(_) => "not a text".to_owned(),
    }
}
