//! Agreement with the official SAM translator on its own inputs, where those are at hand: tables, keys and functions
//! of every template, and what each function's role may do in `DynamoDB`.
//!
//! The inputs aren't part of this repository. They are looked for in `$SAM_INPUTS` and in `../shared/eval/sam`; without
//! them the test says so and passes.

#![allow(clippy::unwrap_used)]

use ddb_audit::iam;
use ddb_audit::source::{FileId, SourceMap};
use ddb_audit::template::document::Document;
use ddb_audit::template::model::{
    Effect, Function, IndexKind, KeyElement, KeyRole, PolicyOrigin, Role, RoleLink, Stack,
};
use ddb_audit::template::{Diagnostic, Severity, load};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where this tool knowingly says something else than the translator, and why.
const DISAGREEMENTS: &[(&str, &str)] = &[
    (
        "sam__error_invalid_template: refused for 2: the template has no `Resources` mapping",
        "the expected result is of a template that nothing says is SAM's; CloudFormation refuses it",
    ),
    ("cfnlint__attributes: missing DDBTable2 GSI null ", "the expected result doesn't resolve `Fn::If` in the list"),
    ("cfnlint__attributes: extra DDBTable2 GSI GSI TicketSales:S:HASH", "the other half of the same"),
    (
        "sam__implicit_api_with_serverless_rest_api_resource: extra ServerlessRestApi variables []",
        "the API that SAM generates replaces a function of this name; nobody means that",
    ),
];

fn inputs() -> Option<PathBuf> {
    let given = std::env::var_os("SAM_INPUTS").map(PathBuf::from);
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/eval/sam");
    given.into_iter().chain([beside]).find(|folder| folder.join("input").is_dir())
}

#[test]
fn agrees_with_the_sam_translator() {
    let Some(folder) = inputs() else {
        eprintln!("skipped: no SAM inputs in $SAM_INPUTS or ../shared/eval/sam");
        return;
    };
    let mut paths: Vec<_> =
        std::fs::read_dir(folder.join("input")).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (mut accepted, mut refused) = (0, 0);
    let mut found = Vec::new();
    for path in paths {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let Ok(expected) = std::fs::read_to_string(folder.join("expected").join(format!("{stem}.json"))) else {
            continue;
        };
        let mut expected: Value = serde_json::from_str(&expected).unwrap();
        look_up(&mut expected, &mappings(&path));
        let ok = expected["ok"] == true;
        *(if ok { &mut accepted } else { &mut refused }) += 1;
        let (errors, stack) = read(&path, &made(&expected));
        match (ok, errors.first()) {
            (true, Some(error)) => found.push(format!("{stem}: refused for {error}")),
            (false, None) => found.push(format!("{stem}: accepted, against {}", expected["errors"][0])),
            _ => {}
        }
        if let Some(stack) = stack.filter(|_| ok) {
            let most = plain(theirs(&expected));
            drop_impossible(&mut expected);
            found.extend(differences(&stem, &plain(ours(&stack)), &plain(theirs(&expected)), &most));
        }
    }
    eprintln!(
        "{accepted} templates that the translator accepts, {refused} that it refuses; {} differences",
        found.len()
    );
    let known: Vec<String> = DISAGREEMENTS.iter().map(|(difference, _)| (*difference).to_owned()).collect();
    assert!(accepted > 0, "no input has an expected result");
    let new: Vec<&String> = found.iter().filter(|difference| !known.contains(difference)).collect();
    assert!(new.is_empty(), "{} unknown differences:\n{new:#?}", new.len());
}

/// The `Mappings` of a template, by their three keys.
fn mappings(path: &Path) -> BTreeMap<[String; 3], String> {
    let text = std::fs::read_to_string(path).unwrap();
    let Ok(document) = Document::parse(FileId(0), "input", &text) else { return BTreeMap::new() };
    let below = |node| document.entries(node).iter().map(|entry| (entry.key.to_string(), entry.value));
    let Some(section) = document.get(document.root(), "Mappings") else { return BTreeMap::new() };
    let mut found = BTreeMap::new();
    for (map, node) in below(section) {
        for (first, node) in below(node) {
            for (second, node) in below(node) {
                if let Some(text) = document.text(node) {
                    found.insert([map.clone(), first.clone(), second], text.into_owned());
                }
            }
        }
    }
    found
}

/// Replaces `Fn::FindInMap`, which the translator leaves to the deployment and we resolve.
fn look_up(value: &mut Value, mappings: &BTreeMap<[String; 3], String>) {
    let keys = value["Fn::FindInMap"].as_array().map(|keys| keys.iter().map(text).collect::<Vec<_>>());
    if let Some(found) = keys.and_then(|keys| mappings.get(&<[String; 3]>::try_from(keys).ok()?)) {
        *value = Value::String(found.clone());
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| look_up(item, mappings)),
        Value::Object(map) => map.values_mut().for_each(|item| look_up(item, mappings)),
        _ => {}
    }
}

/// The logical ids that the translator's result is seen to have.
fn made(expected: &Value) -> BTreeSet<String> {
    let sections = ["tables", "functions", "other_roles"].iter().filter_map(|part| expected[*part].as_object());
    let mut ids: BTreeSet<String> = sections.flat_map(|section| section.keys().cloned()).collect();
    let functions = expected["functions"].as_object().into_iter().flat_map(|functions| functions.values());
    let roles = functions.filter_map(|function| function["roles"].as_array()).flatten();
    ids.extend(roles.filter_map(Value::as_str).map(str::to_owned));
    ids
}

/// Whether a note is of a reference to what isn't there, for which the translator leaves it to `CloudFormation` to look.
/// What the translator makes is there.
fn leaves_open(note: &Diagnostic, made: &BTreeSet<String>) -> bool {
    let name = note.message.split_once("Unresolved resource dependencies [").and_then(|(_, rest)| rest.split_once(']'));
    name.is_some_and(|(name, _)| !made.contains(name))
}

/// Why we say that a template will be refused, each with its line; and what it declares, if it can be read.
fn read(path: &Path, made: &BTreeSet<String>) -> (Vec<String>, Option<Stack>) {
    let mut sources = SourceMap::default();
    match load(&mut sources, std::slice::from_ref(&path.to_path_buf()), &BTreeMap::new()) {
        Err(error) => (vec![error.to_string().replace(&format!("{}:", path.display()), "")], None),
        Ok((mut stacks, notes)) => {
            let errors = notes.iter().filter(|note| note.severity == Severity::Error && !leaves_open(note, made));
            let line = |note: &Diagnostic| format!("{}: {}", sources.location(note.span).start.line, note.message);
            (errors.map(line).collect(), Some(stacks.swap_remove(0)))
        }
    }
}

/// Without the difference between a parameter and a resource, which the expected results don't make.
fn plain(lines: BTreeSet<String>) -> BTreeSet<String> {
    lines.into_iter().map(|line| line.replace("${", "{")).collect()
}

/// What they have at `least` and we haven't; what we have beyond what they have at `most`.
fn differences(stem: &str, ours: &BTreeSet<String>, least: &BTreeSet<String>, most: &BTreeSet<String>) -> Vec<String> {
    let missing = least.difference(ours).map(|line| format!("{stem}: missing {line}"));
    let extra = ours.difference(most).map(|line| format!("{stem}: extra {line}"));
    missing.chain(extra).collect()
}

fn ours(stack: &Stack) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for table in &stack.tables {
        let id = &table.resource.id;
        lines.insert(format!("{id} keys {}", our_keys(&table.keys)));
        for index in &table.indexes {
            let kind = if index.kind == IndexKind::Global { "GSI" } else { "LSI" };
            lines.insert(format!("{id} {kind} {} {}", index.name.value, our_keys(&index.keys)));
        }
        lines.extend(table.ttl.values().map(|ttl| format!("{id} ttl {}", ttl.value)));
        lines.extend(table.pitr.values().map(|pitr| format!("{id} pitr {}", pitr.value)));
    }
    for function in &stack.functions {
        let id = &function.resource.id;
        lines.insert(format!("{id} variables {:?}", function.environment.keys().collect::<Vec<_>>()));
        if let RoleLink::Known(roles) = &function.role {
            for role in stack.roles.iter().filter(|role| roles.contains(&role.resource)) {
                our_grants(id, role, &mut lines);
            }
        }
    }
    for role in &stack.roles {
        let under =
            |function: &Function| matches!(&function.role, RoleLink::Known(roles) if roles.contains(&role.resource));
        if !stack.functions.iter().any(under) {
            our_grants(&format!("role {}", role.resource.id), role, &mut lines);
        }
    }
    lines
}

fn our_grants(id: &str, role: &Role, lines: &mut BTreeSet<String>) {
    for statement in &role.statements {
        let effect = if statement.effect == Effect::Allow { "Allow" } else { "Deny" };
        match &statement.origin {
            PolicyOrigin::Managed(name) => {
                lines.insert(format!("{id} managed {name}"));
            }
            PolicyOrigin::Event(_) => {
                lines.insert(format!("{id} managed AWSLambdaDynamoDBExecutionRole"));
            }
            _ => {
                for action in statement.actions.iter().filter(|action| iam::touches_dynamodb(&action.value)) {
                    for resource in &statement.resources {
                        lines.insert(format!("{id} {effect} {} {}", action.value, resource.value));
                    }
                }
            }
        }
    }
}

fn our_keys(keys: &[KeyElement]) -> String {
    let key = |key: &KeyElement| {
        let role = if key.role == KeyRole::Partition { "HASH" } else { "RANGE" };
        format!("{}:{}:{role}", key.attribute.value, key.attribute_type.as_deref().unwrap_or("?"))
    };
    keys.iter().map(key).collect::<Vec<_>>().join(" ")
}

fn theirs(expected: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for (id, table) in expected["tables"].as_object().unwrap() {
        lines.insert(format!("{id} keys {}", their_keys(&table["KeySchema"], table)));
        for (kind, list) in [("GSI", &table["GSIs"]), ("LSI", &table["LSIs"])] {
            for index in list.as_array().unwrap() {
                lines.insert(format!(
                    "{id} {kind} {} {}",
                    text(&index["IndexName"]),
                    their_keys(&index["KeySchema"], table)
                ));
            }
        }
        if table["TTL"]["Enabled"] == true {
            lines.insert(format!("{id} ttl {}", text(&table["TTL"]["AttributeName"])));
        }
        if let Some(pitr) = table["PITR"]["PointInTimeRecoveryEnabled"].as_bool() {
            lines.insert(format!("{id} pitr {pitr}"));
        }
    }
    let functions = expected["functions"].as_object().unwrap();
    for (id, function) in functions {
        lines.insert(format!("{id} variables {:?}", variables(&function["Env"]).into_iter().collect::<Vec<_>>()));
        // Under a role that isn't at hand on some branch, a function's role as a whole isn't known.
        let (known, whole) = their_roles(function);
        if whole {
            their_grants(id, function, &mut lines);
        } else if let [role] = known.as_slice()
            && !functions.values().map(their_roles).any(|(roles, whole)| whole && roles.contains(role))
        {
            their_grants(&format!("role {role}"), function, &mut lines);
        }
    }
    for (id, role) in expected["other_roles"].as_object().unwrap() {
        their_grants(&format!("role {id}"), role, &mut lines);
    }
    lines
}

/// The roles at hand that a function may run under, and whether there are no others.
fn their_roles(function: &Value) -> (Vec<&str>, bool) {
    let roles = function["roles"].as_array().unwrap();
    let known: Vec<&str> = roles.iter().filter_map(Value::as_str).collect();
    let whole = known.len() == roles.len();
    (known, whole)
}

/// Names of variables, on any branch of a condition.
fn variables(map: &Value) -> BTreeSet<&String> {
    if let Some(branches) = map["Fn::If"].as_array() {
        let maps = branches
            .iter()
            .skip(1)
            .map(|branch| if branch["Variables"].is_null() { branch } else { &branch["Variables"] });
        return maps.filter(|map| map["Ref"].is_null()).flat_map(variables).collect();
    }
    map.as_object().into_iter().flat_map(|map| map.keys()).collect()
}

fn their_grants(id: &str, role: &Value, lines: &mut BTreeSet<String>) {
    for policy in role["managed"].as_array().unwrap() {
        let arn = text(&policy["arn"]);
        let name = arn.rsplit('/').next().unwrap_or(&arn);
        if iam::managed_policy(name).is_some() {
            lines.insert(format!("{id} managed {name}"));
        }
    }
    for statement in role["statements"].as_array().unwrap() {
        for action in list(&statement["Action"]) {
            for resource in list(&statement["Resource"]) {
                if iam::touches_dynamodb(&action) {
                    lines.insert(format!("{id} {} {action} {resource}", text(&statement["Effect"])));
                }
            }
        }
    }
}

/// Takes away the statements that need a condition and its opposite: the translator keeps them, we needn't.
fn drop_impossible(expected: &mut Value) {
    let is_possible = |statement: &Value| {
        let conditions = || statement["when"].as_array().into_iter().flatten().filter_map(Value::as_str);
        !conditions().any(|condition| conditions().any(|other| other.strip_prefix('!') == Some(condition)))
    };
    for part in ["functions", "other_roles"] {
        for role in expected[part].as_object_mut().unwrap().values_mut() {
            role["statements"].as_array_mut().unwrap().retain(is_possible);
        }
    }
}

fn their_keys(schema: &Value, table: &Value) -> String {
    let attribute_type = |name: &str| {
        let definitions = table["AttributeDefinitions"].as_array().into_iter().flatten();
        definitions.filter(|d| d["AttributeName"] == name).map(|d| text(&d["AttributeType"])).next()
    };
    let key = |key: &Value| {
        let name = text(&key["AttributeName"]);
        let kind = attribute_type(&name).unwrap_or_else(|| "?".to_owned());
        format!("{name}:{kind}:{}", text(&key["KeyType"]))
    };
    schema.as_array().into_iter().flatten().map(key).collect::<Vec<_>>().join(" ")
}

fn list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Null => vec![],
        item => vec![text(item)],
    }
}

/// Intrinsics as a `Symbolic` prints them.
fn text(value: &Value) -> String {
    let hole = |name: &str| format!("{{{name}}}");
    if let Some(text) = value.as_str() {
        return text.to_owned();
    }
    if let Some(name) = value["Ref"].as_str() {
        return hole(name);
    }
    if let Some(parts) = value["Fn::GetAtt"].as_array() {
        return format!("{{{}}}", parts.iter().map(text).collect::<Vec<_>>().join("."));
    }
    if let Some(name) = value["Fn::GetAtt"].as_str() {
        return hole(name);
    }
    if let Some(parts) = value["Fn::Join"].as_array() {
        return parts[1].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(parts[0].as_str().unwrap());
    }
    if !value["Fn::ImportValue"].is_null() {
        return format!("{{ImportValue {}}}", text(&value["Fn::ImportValue"]));
    }
    if !value["Fn::Sub"].is_null() {
        let (pattern, variables) = match &value["Fn::Sub"] {
            Value::Array(parts) => (parts[0].as_str().unwrap().to_owned(), parts[1].clone()),
            pattern => (pattern.as_str().unwrap().to_owned(), Value::Null),
        };
        let mut out = String::new();
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after.split_once('}').unwrap();
            out.push_str(before);
            out.push_str(&if variables[name].is_null() { hole(name) } else { text(&variables[name]) });
            rest = tail;
        }
        return out + rest;
    }
    value.to_string()
}
