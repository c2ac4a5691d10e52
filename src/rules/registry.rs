//! The one list of rules.

use super::Related;
use super::describe::list;
use super::page::{Page, parse};
use super::{
    Finding, batch_over_limit, batch_unprocessed_ignored, broken_pagination, consistent_read_on_gsi, count_first_page,
    duplicate_key, env_not_set, expression_injection, filter_with_limit, float_value, gsi_keys_never_written,
    gsi_name_mismatch, iam_broader_template, iam_dead_grant, iam_missing_action, iam_missing_index, iam_over_grant,
    iam_policies_ignored, iam_wildcard, incomplete_key, index_schema_invalid, key_not_in_schema,
    key_schema_inconsistency, key_type_mismatch, low_cardinality_key, missing_deletion_policy, missing_pagination,
    missing_pitr, n_plus_one_get, partial_batch_mismatch, placeholder_mismatch, projection_gap, put_missing_key,
    read_modify_write, redundant_gsi, repository_bypass, reserved_word, scan_could_be_query, scan_on_request_path,
    stream_image_missing, stream_poison_pill, stream_self_write, ttl_attribute_mismatch, ttl_naming, ttl_never_written,
    ttl_not_epoch_seconds, unbounded_growth, undeclared_table, undefined_index, unused_gsi, unused_table,
    update_key_attribute,
};
use crate::dynamodb::words::nearest;
use crate::facts::{Facts, TableId};
use crate::source::Span;
use std::collections::BTreeSet;

/// A rule: its page and its check.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// As findings, flags and configuration spell it.
    pub name: &'static str,
    /// `rules/<name>.md`.
    pub page: &'static str,
    /// Adds what it finds.
    pub check: fn(&Facts, &mut Vec<Finding>),
}

/// Every rule, by name.
pub const RULES: &[Rule] = &[
    batch_over_limit::RULE,
    batch_unprocessed_ignored::RULE,
    broken_pagination::RULE,
    consistent_read_on_gsi::RULE,
    count_first_page::RULE,
    duplicate_key::RULE,
    env_not_set::RULE,
    expression_injection::RULE,
    filter_with_limit::RULE,
    float_value::RULE,
    gsi_keys_never_written::RULE,
    gsi_name_mismatch::RULE,
    iam_broader_template::RULE,
    iam_dead_grant::RULE,
    iam_missing_action::RULE,
    iam_missing_index::RULE,
    iam_over_grant::RULE,
    iam_policies_ignored::RULE,
    iam_wildcard::RULE,
    incomplete_key::RULE,
    index_schema_invalid::RULE,
    key_not_in_schema::RULE,
    key_schema_inconsistency::RULE,
    key_type_mismatch::RULE,
    low_cardinality_key::RULE,
    missing_deletion_policy::RULE,
    missing_pagination::RULE,
    missing_pitr::RULE,
    n_plus_one_get::RULE,
    partial_batch_mismatch::RULE,
    placeholder_mismatch::RULE,
    projection_gap::RULE,
    put_missing_key::RULE,
    read_modify_write::RULE,
    redundant_gsi::RULE,
    repository_bypass::RULE,
    reserved_word::RULE,
    scan_could_be_query::RULE,
    scan_on_request_path::RULE,
    stream_image_missing::RULE,
    stream_poison_pill::RULE,
    stream_self_write::RULE,
    ttl_attribute_mismatch::RULE,
    ttl_naming::RULE,
    ttl_never_written::RULE,
    ttl_not_epoch_seconds::RULE,
    unbounded_growth::RULE,
    undeclared_table::RULE,
    undefined_index::RULE,
    unused_gsi::RULE,
    unused_table::RULE,
    update_key_attribute::RULE,
];

/// Names of all rules, in order.
pub fn names() -> Vec<&'static str> {
    RULES.iter().map(|rule| rule.name).collect()
}

/// The rule that a misspelled name most likely means.
pub fn named_like(wrong: &str) -> Option<&'static str> {
    nearest(wrong, names().into_iter())
}

/// All rules' pages, in order.
pub fn pages() -> Vec<Page> {
    // A test reads every page, so none is left out here.
    RULES.iter().filter_map(|rule| parse(rule.page).ok()).collect()
}

/// Tables that exclude each other are one, which goes by the name of the first: of findings that point at it, or at a call
/// on it, the others are told.
fn note_twins(facts: &Facts, finding: &mut Finding) {
    let places: BTreeSet<Span> = finding.related.iter().map(|related| related.span).chain([finding.span]).collect();
    let called = facts.accesses.iter().filter(|access| places.contains(&access.access.span));
    let called: BTreeSet<TableId> = called.filter_map(|access| access.table.known().copied()).collect();
    for (id, table) in (0..).map(TableId).zip(&facts.tables) {
        let own = table.indexes.iter().map(|index| index.index.name.span).chain([table.table.span]);
        if table.alternatives.is_empty() || !called.contains(&id) && !own.into_iter().any(|span| places.contains(&span))
        {
            continue;
        }
        let names: Vec<&str> = table.alternatives.iter().map(|twin| twin.resource.id.as_str()).collect();
        let first = &table.table.resource.id;
        let said = format!(" {first} stands for {} as well: only one of them is deployed.", list(&names));
        finding.message += &said;
        finding.related.extend(
            table
                .alternatives
                .iter()
                .map(|twin| Related { span: twin.span, message: format!("either this or {first} is deployed") }),
        );
    }
}

/// Runs every rule. The worst findings come first, then by place; of each, a related place is told once.
/// Nothing is said of installed packages' code.
pub fn run(facts: &Facts) -> Vec<Finding> {
    let mut out = Vec::new();
    for rule in RULES {
        (rule.check)(facts, &mut out);
    }
    out.retain(|finding| !facts.installed.contains(&finding.span.file));
    let has_twins = facts.tables.iter().any(|table| !table.alternatives.is_empty());
    for finding in &mut out {
        if has_twins {
            note_twins(facts, finding);
        }
        let mut seen = BTreeSet::new();
        finding.related.retain(|related| seen.insert((related.span, related.message.clone())));
    }
    out.sort_by(|a, b| (b.severity, a.span, a.rule, &a.title).cmp(&(a.severity, b.span, b.rule, &b.title)));
    out
}
