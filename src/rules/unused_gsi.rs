//! A global secondary index that nothing reads.

use super::describe::{count, list, taken};
use super::lookalike::asked_for;
use super::registry::Rule;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{AccessFacts, Facts, FunctionId, IndexFacts, IndexStatus, TableFacts, index_policies};
use crate::flow::Certainty;
use crate::template::model::IndexKind;
use std::collections::BTreeSet;

pub const RULE: Rule = Rule { name: "unused-gsi", page: include_str!("../../rules/unused-gsi.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        for index in &table.indexes {
            if index.index.kind == IndexKind::Global && index.status == IndexStatus::Unused {
                findings.push(finding(facts, table, index));
            }
        }
    }
}

fn finding(facts: &Facts, table: &TableFacts, index: &IndexFacts) -> Finding {
    let id = &table.table.resource.id;
    let name = &index.index.name.value;
    let live = |access: crate::facts::AccessId| facts.access(access).certainty != Certainty::Latent;
    let seen =
        table.accesses.iter().any(|access| live(*access)) || !table.users.is_empty() || !table.services.is_empty();
    let own = own_keys(table, index);
    let mut related: Vec<Related> = index
        .key_writes
        .iter()
        .filter(|site| own.is_empty() || own.contains(&site.attribute.as_str()))
        .map(|site| Related {
            span: site.span,
            message: format!(
                "writes its key {}{}",
                site.attribute,
                if live(site.access) { "" } else { ", in code that nothing reaches" }
            ),
        })
        .collect();
    related.extend(index.readers.iter().map(|reader| Related {
        span: facts.access(*reader).access.span,
        message: "would read it, but nothing calls this".to_owned(),
    }));
    let asked = asked_for(facts, table, index);
    related.extend(asked.iter().map(|(access, wrong)| Related {
        span: access.access.span,
        message: format!("asks for {wrong}, which doesn't exist, and may mean {name}"),
    }));
    related.extend(
        index_policies(facts, table, index)
            .into_iter()
            .map(|span| Related { span, message: "grants rights on it, which go with it".to_owned() }),
    );
    let dead = !index.readers.is_empty();
    let taken = taken(facts, (0..facts.functions.len()).map(FunctionId));
    Finding {
        rule: RULE.name,
        severity: Severity::Medium,
        confidence: match &taken {
            _ if !seen => Confidence::Possible,
            Some(_) => Confidence::Likely,
            None => Confidence::Certain,
        },
        title: format!("{} reads {name} of {id}", if dead { "No live code" } else { "Nothing" }),
        message: format!(
            "{}{} {}{}",
            readers(facts, index, id, seen),
            lookalikes(&asked, name),
            writers(facts, table, index, &own),
            taken.map(|how| format!(" {how}")).unwrap_or_default()
        ),
        help: help(facts, table, index, &own, &asked),
        span: index.index.name.span,
        label: if dead { "only code that nothing calls reads this index" } else { "no Query or Scan names this index" }
            .to_owned(),
        related,
        anchor: format!("{id} {name}"),
    }
}

/// Queries that ask for an index that isn't there, and may mean this one.
fn lookalikes(asked: &[(&AccessFacts, &str)], name: &str) -> String {
    let sentence = |(access, wrong): &(&AccessFacts, &str)| {
        format!(" `{}` asks for {wrong}, which doesn't exist, and may mean {name}.", access.access.function)
    };
    asked.iter().map(sentence).collect()
}

fn help(facts: &Facts, table: &TableFacts, index: &IndexFacts, own: &[&str], asked: &[(&AccessFacts, &str)]) -> String {
    let name = &index.index.name.value;
    let remove = format!(
        "emove {name} from {}{}.{}",
        table.table.resource.id,
        deletions(facts, table, index, own),
        attributes(own)
    );
    let several = table.indexes.iter().filter(|i| i.index.kind == IndexKind::Global && i.status == IndexStatus::Unused);
    let one_by_one = if several.count() > 1 {
        " One index a deployment: for more, CloudFormation says \"Cannot perform more than one GSI creation or deletion in a \
         single update\"."
    } else {
        ""
    };
    match asked {
        [] => format!("R{remove} Or write the query that it was made for.{one_by_one}"),
        [(access, _), ..] => format!(
            "Settle `undefined-index` in `{}` first: if it means {name}, correct the name there and keep the index; else \
             r{remove}{one_by_one}",
            access.access.function
        ),
    }
}

/// The lines that go: the index's own, and the definitions of attributes that are no other key.
fn deletions(facts: &Facts, table: &TableFacts, index: &IndexFacts, own: &[&str]) -> String {
    let text = facts.text(index.index.body).filter(|_| table.alternatives.is_empty());
    let lines = |span| text.and_then(|text| text.item_lines(span));
    let defined = table.table.definitions.iter().filter(|definition| own.contains(&definition.value.as_str()));
    let defined: Option<Vec<_>> = defined.map(|definition| lines(definition.span)).collect();
    let others = table.indexes.iter().filter(|other| other.index.kind == index.index.kind).count() > 1;
    let of = text.filter(|_| facts.stacks.len() > 1).map_or_else(String::new, |text| format!(" of `{}`", text.name()));
    let entry = match lines(index.index.body) {
        Some(lines) => format!(": delete {}{of}", said(&[lines])),
        None if others => String::new(),
        None => ", and the whole of GlobalSecondaryIndexes with it".to_owned(),
    };
    let rule = "AttributeDefinitions, for a definition that no key uses is refused";
    let definitions = match (own, defined.as_deref()) {
        ([], _) => String::new(),
        (_, Some(defined @ [_, ..])) => format!(", and {} of {rule}", said(defined)),
        (names, _) => format!(", and {} from {rule}", list(names)),
    };
    entry + &definitions
}

/// `line 12`, `lines 12–17`, `lines 12–13 and 20`.
fn said(lines: &[(usize, usize)]) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (first, last) in lines {
        match runs.last_mut() {
            Some(run) if run.1 + 1 == *first => run.1 = *last,
            _ => runs.push((*first, *last)),
        }
    }
    let run = |(first, last): &(usize, usize)| {
        if first == last { first.to_string() } else { format!("{first}–{last}") }
    };
    let one = matches!(runs.as_slice(), [(first, last)] if first == last);
    format!("{} {}", if one { "line" } else { "lines" }, list(&runs.iter().map(run).collect::<Vec<_>>()))
}

fn readers(facts: &Facts, index: &IndexFacts, table: &str, seen: bool) -> String {
    match (index.readers.len(), seen) {
        (_, false) => format!("No code at hand uses {table} at all; its users may live elsewhere."),
        (0, true) if facts.stacks.iter().flat_map(|stack| &stack.services.users).any(|user| !user.calls.is_empty()) => {
            "No Query or Scan of any Lambda, script or service names it.".to_owned()
        }
        (0, true) => "No Query or Scan of any Lambda or script names it.".to_owned(),
        (n, true) => format!("The only code that reads it ({}) is never called.", count(n, "place")),
    }
}

/// Key attributes that neither the table's key nor another index uses.
fn own_keys<'f>(table: &'f TableFacts, index: &'f IndexFacts) -> Vec<&'f str> {
    let others = table.indexes.iter().map(|i| i.index).filter(|other| other.name != index.index.name);
    let shared: BTreeSet<&str> =
        others.flat_map(|other| &other.keys).chain(&table.table.keys).map(|key| key.attribute.value.as_str()).collect();
    index.index.keys.iter().map(|key| key.attribute.value.as_str()).filter(|name| !shared.contains(name)).collect()
}

fn writers(facts: &Facts, table: &TableFacts, index: &IndexFacts, own: &[&str]) -> String {
    let filling = index.key_writes.iter().filter(|site| own.is_empty() || own.contains(&site.attribute.as_str()));
    let accesses: BTreeSet<_> = filling.map(|site| site.access).collect();
    let live = accesses.iter().filter(|a| facts.access(**a).certainty != Certainty::Latent).count();
    let included = format!("its keys and {}", list(&index.index.non_key_attributes));
    let copied = match index.index.projection.as_deref() {
        Some("KEYS_ONLY") => "its keys",
        Some("INCLUDE") => &included,
        _ => "the whole item",
    };
    let capacity = index.index.capacity.as_ref().map_or_else(String::new, |(read, write)| {
        format!(" Its own capacity ({read} read and {write} write units) is paid all the time.")
    });
    let cost = match (live, accesses.len()) {
        (0, _) if let Some(unseen) = &table.unseen_writes => {
            format!("Whether its key attributes are written can't be told: {}.", unseen.reason)
        }
        (0, 0) => "No code at hand writes its key attributes either, so it is most likely empty.".to_owned(),
        (0, n) => format!(
            "Its key attributes are written in {} that nothing reaches, so it is most likely empty.",
            count(n, "place")
        ),
        (n, _) => format!(
            "{} {} its key attributes, and each such write is paid a second time and stores {copied} once more \
             (projection {}).",
            count(n, "call"),
            if n == 1 { "writes" } else { "write" },
            index.index.projection.as_deref().unwrap_or("ALL")
        ),
    };
    cost + &capacity
}

fn attributes(own: &[&str]) -> String {
    match own {
        [] => String::new(),
        names => format!(
            " Take {} out of the items too if nothing else reads {}.",
            list(names),
            if names.len() == 1 { "it" } else { "them" }
        ),
    }
}
