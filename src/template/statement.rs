//! Policy documents to statements.

use super::document::NodeId;
use super::model::{Effect, ListLayout, PolicyOrigin, Statement, StatementLayout, UnreadPolicy};
use super::resolve::{Alt, Got, Resolver, When};
use crate::dynamodb::symbolic::Symbolic;
use crate::iam;
use crate::source::{Span, Spanned};

/// What a policy, or everything attached to a role, amounts to.
#[derive(Debug, Default, Clone)]
pub(super) struct Grants {
    pub statements: Vec<Statement>,
    /// What the permissions boundary allows at most.
    pub boundary: Option<Vec<Statement>>,
    pub unread: Vec<Spanned<UnreadPolicy>>,
}

impl Grants {
    /// Adds another policy's; `conditional` if that policy may not be attached.
    pub fn extend(&mut self, other: Grants, conditional: bool) {
        self.unread.extend(other.unread);
        self.statements.extend(other.statements.into_iter().map(|mut statement| {
            statement.conditional |= conditional;
            statement
        }));
    }

    /// Notes a policy that can't be read.
    pub fn unread(&mut self, what: UnreadPolicy, span: Span) {
        self.unread.push(Spanned::new(what, span));
    }
}

/// The statements of a policy document (a mapping with `Statement`).
pub(super) fn document<'d>(r: &Resolver<'d>, document: Vec<Alt<'d, NodeId>>, origin: &PolicyOrigin) -> Grants {
    let mut grants = Grants::default();
    let statements: Vec<_> = document.into_iter().flat_map(|alt| r.step(alt, "Statement")).collect();
    for alt in r.items(statements) {
        match alt.got {
            Got::Is(node) if r.doc.intrinsic(node).is_none() => statement(r, node, &alt.when, origin, &mut grants),
            Got::Is(node) => grants.unread(UnreadPolicy::Unresolved("a statement"), r.doc.span(node)),
            Got::Unknown(span) => grants.unread(UnreadPolicy::Unresolved("a policy document"), span),
            Got::Unset => {}
        }
    }
    grants
}

/// A value of `Action` or `Resource`, and whether only some branch has it.
struct Element<T> {
    value: Spanned<T>,
    conditional: bool,
}

/// One statement, spelled out by branch.
pub(super) fn statement<'d>(
    r: &Resolver<'d>,
    node: NodeId,
    when: &When<'d>,
    origin: &PolicyOrigin,
    grants: &mut Grants,
) {
    let at = |key: &str| r.step(Alt { got: Got::Is(node), when: when.clone() }, key);
    let span = r.doc.span(node);
    let not_action = r.doc.get(node, "NotAction").is_some();
    let not_resource = r.doc.get(node, "NotResource").is_some();
    let denied = r.text_setting(at("Effect")).values().any(|effect| effect.value == "Deny");
    let actions = actions(r, at(if not_action { "NotAction" } else { "Action" }), when, grants);
    let resources = resources(r, at(if not_resource { "NotResource" } else { "Resource" }), when);
    let conditional = !when.is_always() || at("Condition").iter().any(|alt| alt.got != Got::Unset);
    let sid = r.doc.get(node, "Sid").map(|sid| r.doc.span(sid));
    let layout = list_layout(r, node, if not_action { "NotAction" } else { "Action" })
        .zip(list_layout(r, node, if not_resource { "NotResource" } else { "Resource" }))
        .map(|(actions, resources)| StatementLayout { actions, resources, sid });
    // A branch's actions and resources only hold on that branch: they make a statement of their own.
    for (some_actions, action_branch) in by_branch(&actions) {
        for (some_resources, resource_branch) in by_branch(&resources) {
            grants.statements.push(Statement {
                effect: if denied { Effect::Deny } else { Effect::Allow },
                actions: some_actions.clone(),
                not_action,
                resources: some_resources,
                not_resource,
                conditional: conditional || action_branch || resource_branch,
                origin: origin.clone(),
                span,
                layout: layout.clone(),
            });
        }
    }
}

fn list_layout(r: &Resolver, statement: NodeId, key: &str) -> Option<ListLayout> {
    let node = r.doc.get(statement, key)?;
    // What stands in a text has no place of its own to be changed at.
    if r.doc.span(node) == r.doc.span(statement) {
        return None;
    }
    let items = match r.doc.items(node) {
        [] => vec![r.doc.span(node)],
        items => items.iter().map(|item| r.doc.span(*item)).collect(),
    };
    Some(ListLayout { span: r.doc.span(node), items })
}

fn actions<'d>(
    r: &Resolver<'d>,
    list: Vec<Alt<'d, NodeId>>,
    base: &When<'d>,
    grants: &mut Grants,
) -> Vec<Element<String>> {
    let mut out = Vec::new();
    for (alt, conditional) in strings(r, list, base) {
        match alt {
            Ok(action) => match action.value.as_text() {
                Some(text) => out.push(Element { value: Spanned::new(text.to_owned(), action.span), conditional }),
                // `s3:${Verb}` can't be one of DynamoDB's.
                None if other_service(&action.value) => {}
                None => grants.unread(UnreadPolicy::Action(action.value), action.span),
            },
            Err(span) => grants.unread(UnreadPolicy::Unresolved("an action"), span),
        }
    }
    out
}

fn other_service(action: &Symbolic) -> bool {
    use crate::dynamodb::symbolic::Part;
    matches!(action.parts().first(), Some(Part::Text(text)) if text.contains(':') && !iam::touches_dynamodb(text))
}

fn resources<'d>(r: &Resolver<'d>, list: Vec<Alt<'d, NodeId>>, base: &When<'d>) -> Vec<Element<Symbolic>> {
    let element = |(alt, conditional)| match alt {
        Ok(value) => Element { value, conditional },
        Err(span) => Element { value: Spanned::new(Symbolic::hole("unknown"), span), conditional },
    };
    strings(r, list, base).into_iter().map(element).collect()
}

type Found = (Result<Spanned<Symbolic>, Span>, bool);

/// The strings of a list or of a lone item.
fn strings<'d>(r: &Resolver<'d>, list: Vec<Alt<'d, NodeId>>, base: &When<'d>) -> Vec<Found> {
    let mut out = Vec::new();
    for alt in r.items(list) {
        let node = match alt.got {
            Got::Is(node) => node,
            Got::Unknown(span) => {
                out.push((Err(span), alt.when != *base));
                continue;
            }
            Got::Unset => continue,
        };
        for alt in r.strings(node, &alt.when) {
            let conditional = alt.when != *base;
            match alt.got {
                Got::Is(value) => out.push((Ok(value), conditional)),
                Got::Unknown(span) => out.push((Err(span), conditional)),
                Got::Unset => {}
            }
        }
    }
    out
}

/// The unconditional elements, then the conditional ones; an empty list is one empty group.
fn by_branch<T: Clone>(elements: &[Element<T>]) -> Vec<(Vec<Spanned<T>>, bool)> {
    let group = |conditional: bool| {
        let some = elements.iter().filter(|element| element.conditional == conditional);
        (some.map(|element| element.value.clone()).collect::<Vec<_>>(), conditional)
    };
    let groups: Vec<_> = [group(false), group(true)].into_iter().filter(|(some, _)| !some.is_empty()).collect();
    if groups.is_empty() { vec![(vec![], false)] } else { groups }
}

/// The statements behind an AWS managed policy; none if it says nothing of `DynamoDB`.
pub(super) fn managed(name: &str, span: Span, conditional: bool, origin: &PolicyOrigin) -> Vec<Statement> {
    let statement = |statement: &iam::ManagedStatement| Statement {
        effect: if statement.allow { Effect::Allow } else { Effect::Deny },
        actions: statement.actions.iter().map(|action| Spanned::new((*action).to_owned(), span)).collect(),
        not_action: statement.not_action,
        resources: statement.resources.iter().map(|text| Spanned::new(Symbolic::text(*text), span)).collect(),
        not_resource: statement.not_resource,
        conditional: conditional || statement.conditional,
        origin: origin.clone(),
        span,
        layout: None,
    };
    iam::managed_policy(name).unwrap_or_default().iter().map(statement).collect()
}
