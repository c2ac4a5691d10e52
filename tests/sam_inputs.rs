//! Agreement with the official SAM translator on its own inputs, where those are at hand: tables, keys and functions
//! of every template, and what each function's role may do in `DynamoDB`.
//!
//! The inputs aren't part of this repository. They are looked for in `$SAM_INPUTS` and in `../shared/eval/sam`; without
//! them the test says so and passes.

#![allow(clippy::unwrap_used)]

use ddb_audit::iam;
use ddb_audit::source::SourceMap;
use ddb_audit::template::load;
use ddb_audit::template::model::{Effect, IndexKind, KeyElement, KeyRole, PolicyOrigin, RoleLink, Stack};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where this tool knowingly says something else than the translator, and why.
const DISAGREEMENTS: &[(&str, &str)] = &[
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
    let mut compared = 0;
    let mut found = Vec::new();
    for path in paths {
        let stem = path.file_stem().unwrap().to_string_lossy().into_owned();
        let (stack, _) = load(&mut SourceMap::default(), &path, 0, &BTreeMap::new()).unwrap();
        let expected = std::fs::read_to_string(folder.join("expected").join(format!("{stem}.json"))).unwrap();
        let expected: Value = serde_json::from_str(&expected).unwrap();
        if expected["ok"] == true {
            compared += 1;
            found.extend(differences(&stem, &plain(ours(&stack)), &plain(theirs(&expected))));
        }
    }
    let known: Vec<String> = DISAGREEMENTS.iter().map(|(difference, _)| (*difference).to_owned()).collect();
    assert!(compared > 0, "no input has an expected result");
    assert_eq!(found, known, "differences found against differences known");
}

/// Without the difference between a parameter and a resource, which the expected results don't make.
fn plain(lines: BTreeSet<String>) -> BTreeSet<String> {
    lines.into_iter().map(|line| line.replace("${", "{")).collect()
}

/// Lines of either side that the other hasn't.
fn differences(stem: &str, ours: &BTreeSet<String>, theirs: &BTreeSet<String>) -> Vec<String> {
    let missing = theirs.difference(ours).map(|line| format!("{stem}: missing {line}"));
    let extra = ours.difference(theirs).map(|line| format!("{stem}: extra {line}"));
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
        let RoleLink::Known(roles) = &function.role else { continue };
        for role in stack.roles.iter().filter(|role| roles.contains(&role.resource)) {
            for statement in &role.statements {
                let effect = if statement.effect == Effect::Allow { "Allow" } else { "Deny" };
                if let PolicyOrigin::Managed(name) = &statement.origin {
                    lines.insert(format!("{id} managed {name}"));
                    continue;
                }
                if matches!(statement.origin, PolicyOrigin::Event(_)) {
                    lines.insert(format!("{id} managed AWSLambdaDynamoDBExecutionRole"));
                    continue;
                }
                for action in statement.actions.iter().filter(|action| iam::touches_dynamodb(&action.value)) {
                    for resource in &statement.resources {
                        lines.insert(format!("{id} {effect} {} {}", action.value, resource.value));
                    }
                }
            }
        }
    }
    lines
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
    for (id, function) in expected["functions"].as_object().unwrap() {
        let variables: BTreeSet<_> = function["Env"].as_object().into_iter().flat_map(|map| map.keys()).collect();
        lines.insert(format!("{id} variables {:?}", variables.into_iter().collect::<Vec<_>>()));
        for policy in function["managed"].as_array().unwrap() {
            let arn = text(&policy["arn"]);
            let name = arn.rsplit('/').next().unwrap_or(&arn);
            if iam::managed_policy(name).is_some() {
                lines.insert(format!("{id} managed {name}"));
            }
        }
        for statement in function["statements"].as_array().unwrap() {
            for action in list(&statement["Action"]) {
                for resource in list(&statement["Resource"]) {
                    if iam::touches_dynamodb(&action) {
                        lines.insert(format!("{id} {} {action} {resource}", text(&statement["Effect"])));
                    }
                }
            }
        }
    }
    lines
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
