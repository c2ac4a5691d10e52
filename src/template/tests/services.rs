//! Users of tables that are no Lambda, one line a call.

mod api_gateway;
mod appsync;
mod hostile;
mod other;
mod step_functions;

use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
use crate::source::{SourceMap, Span};
use crate::template::load;
use crate::template::model::{RoleLink, Stack};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::PathBuf;

/// The services of a project of these files, all of whose `.yaml` files at the top are templates.
fn services(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let templates = files.iter().filter(|(name, _)| !name.contains('/') && name.split('.').nth(1) == Some("yaml"));
    let paths: Vec<PathBuf> = templates.map(|(name, _)| folder.path().join(name)).collect();
    let mut sources = SourceMap::default();
    let (stacks, _) = load(&mut sources, &paths, &BTreeMap::new()).unwrap();
    let place = |span: Span| {
        let location = sources.location(span);
        let file = location.file.rsplit('/').next().unwrap_or_default().to_owned();
        format!("{file}:{}", location.start.line)
    };
    stacks.iter().map(|stack| render(stack, &place)).collect()
}

fn names(names: &[Symbolic]) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join(" or ")
}

fn render(stack: &Stack, place: &dyn Fn(Span) -> String) -> String {
    let mut out = String::new();
    for user in &stack.services.users {
        let role = match &user.role {
            RoleLink::Known(roles) => roles.iter().map(|role| role.id.as_str()).collect::<Vec<_>>().join(" or "),
            RoleLink::External(_) => "somebody".to_owned(),
        };
        writeln!(out, "{} {} as {role}", user.kind, user.resource.id).unwrap();
        for call in &user.calls {
            let operation = call.operation.map_or("?", Operation::name);
            let indexes: Vec<String> =
                call.indexes.iter().map(|i| i.as_ref().map_or("table".to_owned(), ToString::to_string)).collect();
            let unread = call.unread.as_ref().map_or(String::new(), |reason| format!(": {reason}"));
            let at = place(call.span);
            writeln!(out, "  {operation} on [{}] by [{}] @{at}{unread}", names(&call.tables), indexes.join(" or "))
                .unwrap();
        }
    }
    for reader in &stack.services.stream_readers {
        writeln!(out, "{} reads {} @{}", reader.resource.id, names(&reader.streams), place(reader.span)).unwrap();
    }
    for identity in &stack.services.identities {
        let services: Vec<_> = identity.services.iter().map(|one| one.value.clone()).collect();
        let people: Vec<_> = identity.people.iter().map(|one| one.value.to_string()).collect();
        writeln!(out, "{}: {} | {}", identity.role.id, services.join(" "), people.join(", ")).unwrap();
    }
    out
}

#[track_caller]
fn check(files: &[(&str, &str)], expected: &str) {
    let found = services(files);
    let expected = expected.trim_start_matches('\n');
    assert!(found == expected, "found:\n{found}\nexpected:\n{expected}");
}
