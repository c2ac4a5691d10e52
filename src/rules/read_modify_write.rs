//! An item that is read, changed and put back, with nothing to tell that somebody else wrote it meanwhile.

use super::describe::{Reach, anchor, list, quoted};
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, KeySchema, WholePut};

pub const RULE: Rule =
    Rule { name: "read-modify-write", page: include_str!("../../rules/read-modify-write.md"), check };

/// Most attributes for which the update is written out.
const MAX_SPELLED: usize = 4;

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for access in &facts.accesses {
        findings.extend(access.whole_puts.iter().find_map(|put| finding(facts, access, put)));
    }
}

fn finding(facts: &Facts, access: &AccessFacts, put: &WholePut) -> Option<Finding> {
    let read = facts.access(put.read);
    let table = access.table.known().filter(|table| read.table.known() == Some(table))?;
    let table = facts.table(*table);
    let schema = table.key_schema(None)?;
    // Under another key it is another item.
    if put.changed.iter().any(|name| schema.has(name)) {
        return None;
    }
    let id = &table.table.resource.id;
    let function = &access.access.function;
    let reach = Reach::of_those(facts, access, &put.users);
    let changes = match put.changed.iter().collect::<Vec<_>>().as_slice() {
        [] => String::new(),
        changed if put.all_known => format!(", for {}", list(&quoted(changed))),
        changed => format!(", for {} and perhaps others", list(&quoted(changed))),
    };
    Some(Finding {
        rule: RULE.name,
        severity: reach.lower(Severity::Medium, facts),
        confidence: if put.all_known { reach.confidence() } else { reach.confidence().min(Confidence::Likely) },
        title: format!("`{function}` puts a whole item of {id} back that was read before"),
        message: format!(
            "The item is read, changed and put back as a whole{changes}. Of two invocations that do so at the same time, the later put \
             overwrites what the earlier one wrote: that update is lost without an error. {}",
            reach.sentence()
        ),
        help: help(&schema, put),
        span: access.access.span,
        label: "overwrites what was written since the read".to_owned(),
        related: vec![Related { span: read.access.span, message: "the item is read here".to_owned() }],
        anchor: anchor(facts, access),
    })
}

/// The update that writes what changes, and nothing else.
fn help(schema: &KeySchema, put: &WholePut) -> String {
    let changed = &put.changed;
    let keys: Vec<String> = schema.names().iter().map(|name| format!("\"{name}\": item[\"{name}\"]")).collect();
    let key = format!("Key={{{}}}", keys.join(", "));
    let is_plain = |name: &String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let names: Vec<&String> = changed.iter().filter(|name| is_plain(name)).collect();
    let update = if !put.all_known || names.is_empty() || names.len() != changed.len() || names.len() > MAX_SPELLED {
        format!("`update_item({key}, …)` with an UpdateExpression that sets these attributes")
    } else {
        let sets: Vec<String> = names.iter().map(|name| format!("#{name} = :{name}")).collect();
        let aliases: Vec<String> = names.iter().map(|name| format!("\"#{name}\": \"{name}\"")).collect();
        let values: Vec<String> = names.iter().map(|name| format!("\":{name}\": item[\"{name}\"]")).collect();
        format!(
            "`update_item({key}, UpdateExpression=\"SET {}\", ExpressionAttributeNames={{{}}}, ExpressionAttributeValues={{{}}})`",
            sets.join(", "),
            aliases.join(", "),
            values.join(", ")
        )
    };
    format!(
        "Write what changes and nothing else: {update}; a number counts in one step by `SET n = n + :by`. Where the whole item must be \
         replaced, keep a version in it, count it up, and put with `ConditionExpression=Attr(\"version\").eq(version_read)`: if that \
         fails, read again."
    )
}
