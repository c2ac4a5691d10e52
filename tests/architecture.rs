//! Keeps the house in order: who may import whom, and how long a file may get.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the paths that it may import. Data moves one way; nothing looks back. `rules` and `report` see the
/// world through `facts`, which hands out the declarations of `template::model` and the accesses of `flow`: they may
/// name those types. `lib.rs`, `main.rs` and `cli` put everything together.
const ARROWS: &[(&str, &[&str])] = &[
    ("source", &[]),
    ("dynamodb", &[]),
    ("iam", &["dynamodb"]),
    ("template", &["source", "dynamodb", "iam"]),
    ("python", &["source"]),
    ("flow", &["python", "dynamodb", "source"]),
    ("facts", &["source", "dynamodb", "iam", "template", "python", "flow"]),
    ("rules", &["facts", "dynamodb", "source", "template::model", "flow"]),
    ("report", &["rules", "facts", "source", "dynamodb", "template::model", "flow"]),
    ("cli", &["report", "rules", "source", "AuditError", "Options", "Project", "call_graph"]),
];

const MAX_LINES: usize = 500;

#[test]
fn imports_follow_the_arrows() {
    let mut forbidden = Vec::new();
    for (name, text) in sources() {
        let Some(room) = room_of(&name) else { continue };
        let Some((_, allowed)) = ARROWS.iter().find(|(r, _)| *r == room) else {
            forbidden.push(format!("{name}: `{room}` is not among the rooms"));
            continue;
        };
        let paths = imports(&shipped(&name, &text));
        let is_allowed =
            |path: &String| [room].iter().chain(*allowed).any(|a| path == a || path.starts_with(&format!("{a}::")));
        forbidden.extend(paths.iter().filter(|path| !is_allowed(path)).map(|path| format!("{name}: crate::{path}")));
    }
    assert_eq!(forbidden, Vec::<String>::new());
}

#[test]
fn files_stay_small() {
    let long = sources().into_iter().map(|(name, text)| (name, text.lines().count()));
    let long: Vec<(String, usize)> = long.filter(|(_, lines)| *lines > MAX_LINES).collect();
    assert_eq!(long, Vec::new());
}

#[test]
fn imports_are_seen_in_every_form() {
    let text = "use crate::a::b;\nuse crate::{c, d::{e, f}, g};\nfn f() { crate::h::i() }\n// crate::not_this\n";
    let seen: Vec<String> = imports(text).into_iter().collect();
    assert_eq!(seen, ["a::b", "c", "d", "g", "h::i"]);
}

/// Every source file: its path below `src`, `/` as separator, and its text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files =
        walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().map(|entry| entry.expect("src is readable"));
    let files = files.filter(|entry| entry.path().extension().is_some_and(|e| e == "rs"));
    let read = |path: PathBuf| {
        let name = path.strip_prefix(&root).expect("found below src").to_string_lossy().replace('\\', "/");
        (name, fs::read_to_string(&path).expect("source files are UTF-8"))
    };
    files.map(|entry| read(entry.into_path())).collect()
}

/// `facts` of `facts/mod.rs`; none for the top level, which may import all.
fn room_of(name: &str) -> Option<&str> {
    name.split_once('/').map(|(room, _)| room)
}

/// The part of a file that isn't tests: these may reach for anything.
fn shipped(name: &str, text: &str) -> String {
    if name.ends_with("/tests.rs") || name.contains("/tests/") || name.ends_with("/sample.rs") {
        return String::new();
    }
    text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned()
}

/// What follows each `crate::`: the first two segments, or the first segments of a group.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|l| [l, "\n"]).collect();
    code.split("crate::").skip(1).flat_map(after_crate).collect()
}

fn after_crate(rest: &str) -> Vec<String> {
    let Some(group) = rest.strip_prefix('{') else { return vec![first_segments(rest, 2)] };
    let mut depth = 1;
    let mut names = vec![String::new()];
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => names.push(String::new()),
            c => names.last_mut().expect("starts with one").push(c),
        }
        if depth == 0 {
            break;
        }
    }
    names.iter().map(|name| first_segments(name.trim(), 1)).filter(|name| !name.is_empty()).collect()
}

fn first_segments(path: &str, n: usize) -> String {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let end = path.find(|c| !is_path(c)).unwrap_or(path.len());
    let segments: Vec<&str> = path[..end].split("::").filter(|s| !s.is_empty()).take(n).collect();
    segments.join("::")
}

/// The one way past the escaping of HTML is taken for the page's own assets, and nowhere else.
#[test]
fn markup_is_escaped_everywhere() {
    let holes: Vec<(String, usize)> = sources()
        .into_iter()
        .map(|(name, text)| (name, text.matches("PreEscaped(").count()))
        .filter(|(_, holes)| *holes > 0)
        .collect();
    assert_eq!(holes, [("report/html/mod.rs".to_owned(), 2)]);
}
