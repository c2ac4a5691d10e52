//! Whole templates, small, each to the lines of [`render`].

mod access;
mod dangling;
mod grants;
mod linked;
mod project;
mod schema;
mod services;
mod shape;
mod triggers;

use super::model::{
    Code, EnvVar, Index, KeyElement, KeyRole, PolicyOrigin, RoleLink, SchemaFault, Setting, Stack, Statement,
};
use super::{Diagnostic, Severity, load_text};
use crate::source::{SourceMap, Span, Spanned};
use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::Path;

fn read(text: &str) -> (Stack, Vec<Diagnostic>, SourceMap) {
    let mut sources = SourceMap::default();
    let (mut stacks, notes) = load_text(&mut sources, Path::new("t.yaml"), text, &BTreeMap::new()).unwrap();
    (stacks.remove(0), notes, sources)
}

fn setting<T: Debug>(setting: &Setting<T>) -> String {
    match setting {
        Setting::Unset => "unset".into(),
        Setting::Is(value) => format!("{:?}", value.value),
        Setting::Varies(values) => {
            let one = |v: &Option<Spanned<T>>| v.as_ref().map_or("unset".into(), |v| format!("{:?}", v.value));
            values.iter().map(one).collect::<Vec<_>>().join(" or ")
        }
        Setting::Unknown(_) => "unknown".into(),
    }
}

fn keys(keys: &[KeyElement]) -> String {
    let key = |key: &KeyElement| {
        let role = if key.role == KeyRole::Partition { "partition" } else { "sort" };
        format!("{role} {}:{}", key.attribute.value, key.attribute_type.as_deref().unwrap_or("?"))
    };
    keys.iter().map(key).collect::<Vec<_>>().join(", ")
}

fn join<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    items.into_iter().map(|item| item.to_string()).collect::<Vec<_>>().join(" ")
}

fn statement(sources: &SourceMap, statement: &Statement) -> String {
    let not = |negated| if negated { "not " } else { "" };
    let origin = match &statement.origin {
        PolicyOrigin::Document => String::new(),
        PolicyOrigin::SamTemplate(name) | PolicyOrigin::Managed(name) => format!(" by {name}"),
        PolicyOrigin::Connector(name) => format!(" by connector {name}"),
        PolicyOrigin::Event(name) => format!(" by event {name}"),
    };
    format!(
        "{:?}{} {}[{}] on {}[{}]{origin} @{}",
        statement.effect,
        if statement.conditional { "?" } else { "" },
        not(statement.not_action),
        join(statement.actions.iter().map(|action| action.value.replace("dynamodb:", ""))),
        not(statement.not_resource),
        join(statement.resources.iter().map(|resource| resource.value.to_string())).replace(ARN, "ARN:"),
        sources.location(statement.span).start.line,
    )
}

const ARN: &str = "arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:";

/// Tables, functions and roles, one line a thing.
fn render(text: &str) -> String {
    let (stack, notes, sources) = read(text);
    render_stack(&stack, &notes, &sources)
}

fn render_stack(stack: &Stack, notes: &[Diagnostic], sources: &SourceMap) -> String {
    let line = |span| sources.location(span).start.line;
    let mut out = Vec::new();
    for table in &stack.tables {
        let id = &table.resource.id;
        out.push(format!("{} {id} @{}: {}", table.kind.type_name(), line(table.span), keys(&table.keys)));
        if !table.names.is_empty() {
            out.push(format!("  named {}", join(table.names.iter().map(|name| name.value.to_string()))));
        }
        let index = |i: &Index| {
            let projection = i.projection.as_deref().unwrap_or("-");
            let extra = join(&i.non_key_attributes);
            format!("  {:?} {} @{}: {} {projection} [{extra}]", i.kind, i.name.value, line(i.name.span), keys(&i.keys))
        };
        out.extend(table.indexes.iter().map(index));
        out.push(format!(
            "  ttl {}, pitr {}, billing {}, stream {}, deletion policy {}, deletion protection {}",
            setting(&table.ttl),
            setting(&table.pitr),
            setting(&table.billing),
            setting(&table.stream),
            setting(&table.deletion_policy),
            setting(&table.deletion_protection)
        ));
    }
    for fault in stack.tables.iter().flat_map(|table| &table.faults) {
        out.push(fault_line(fault, &line));
    }
    for group in &stack.alternatives {
        out.push(format!("alternatives {}", join(group.iter().map(|table| &table.id))));
    }
    for layer in &stack.layers {
        out.push(format!("layer {}: {}", layer.resource.id, code(&layer.content)));
    }
    for function in &stack.functions {
        let text = |value: &Option<Spanned<String>>| value.as_ref().map_or("-".into(), |v| v.value.clone());
        let role = match &function.role {
            RoleLink::Known(roles) => join(roles.iter().map(|role| &role.id)),
            RoleLink::External(span) => format!("external `{}`", sources.text(*span)),
        };
        let (handler, runtime) = (text(&function.handler), text(&function.runtime));
        out.push(format!("{}: {handler} {runtime} {} as {role}", function.resource.id, code(&function.code)));
        if !function.layers.is_empty() {
            out.push(format!("  layers {}", join(function.layers.iter().map(|layer| &layer.id))));
        }
        if !function.triggers.is_empty() {
            out.push(format!("  events {}", join(function.triggers.iter().map(|event| &event.declared_as))));
        }
        let variable = |(name, v): (&String, &EnvVar)| {
            let optional = if v.optional { "?" } else { "" };
            format!("  {name}{optional} @{} = {}", line(v.span), join(v.values.iter().map(ToString::to_string)))
        };
        out.extend(function.environment.iter().map(variable));
    }
    for role in &stack.roles {
        let generated = if role.generated { " (generated)" } else { "" };
        out.push(format!("role {}{generated}", role.resource.id));
        out.extend(role.statements.iter().map(|s| format!("  {}", statement(sources, s))));
        out.extend(role.unread_policies.iter().map(|p| format!("  {} @{}", p.value, line(p.span))));
    }
    // What the transform refuses has tests of its own; these templates leave out what they aren't about.
    let notes = notes.iter().filter(|note| note.severity != Severity::Error);
    out.extend(notes.map(|note| format!("{:?} @{}: {}", note.severity, line(note.span), note.message)));
    out.join("\n") + "\n"
}

fn fault_line(fault: &SchemaFault, line: &dyn Fn(Span) -> u32) -> String {
    match fault {
        SchemaFault::ForeignPartitionKey { index, key, own } => {
            format!("fault @{}: {index} by {}, not {}", line(key.span), key.value, own.value)
        }
        SchemaFault::LocalIndexWithoutSortKey { index, span } => {
            format!("fault @{}: {index} needs a sort key", line(*span))
        }
        SchemaFault::DuplicateIndex { index, first, second } => {
            format!("fault @{}: {index} again, after {}", line(*second), line(*first))
        }
        SchemaFault::SuperfluousAttributes { index, projection, span } => {
            format!("fault @{}: attributes of {index} under {projection}", line(*span))
        }
        SchemaFault::NoAttributes { index, span } => format!("fault @{}: {index} includes nothing", line(*span)),
        SchemaFault::CapacityOnDemand { index, span } => format!("fault @{}: capacity of {index:?}", line(*span)),
        SchemaFault::TextTtl { attribute, attribute_type, key } => {
            format!("fault @{}: ttl {} is {attribute_type} by {}", line(attribute.span), attribute.value, line(*key))
        }
        SchemaFault::NoStream { span } => format!("fault @{}: no stream", line(*span)),
    }
}

fn code(code: &Code) -> String {
    match code {
        Code::Local(path) => path.value.clone(),
        Code::Inline { text, .. } => format!("inline {:?}", text.value),
        Code::Uploaded(key) => format!("uploaded {}", key.value),
        Code::Image { context, copied } => format!("image of {}: {}", context.value, copied.join(", ")),
        Code::Elsewhere => "elsewhere".into(),
    }
}

#[track_caller]
fn check(text: &str, expected: &str) {
    let expected: String = expected.trim_start_matches('\n').into();
    let found = render(text);
    assert!(found == expected, "found:\n{found}\nexpected:\n{expected}");
}
