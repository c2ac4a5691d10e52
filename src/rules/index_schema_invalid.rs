//! A table that can't be deployed as it is declared, or whose declaration can't work.

use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, TableFacts};
use crate::source::Span;
use crate::template::model::{SchemaFault, Table};

pub const RULE: Rule =
    Rule { name: "index-schema-invalid", page: include_str!("../../rules/index-schema-invalid.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in facts.tables.iter().flat_map(TableFacts::declarations) {
        findings.extend(table.faults.iter().map(|fault| finding(facts, table, fault)));
    }
}

/// What differs from fault to fault.
struct Words {
    severity: Severity,
    title: String,
    message: String,
    help: String,
    span: Span,
    label: String,
    related: Vec<Related>,
}

/// The deployment fails with this error.
fn refused(error: &str) -> String {
    format!("The deployment fails with \"ValidationException: {error}\".")
}

fn finding(facts: &Facts, table: &Table, fault: &SchemaFault) -> Finding {
    let id = &table.resource.id;
    let words = words(facts, table, fault);
    Finding {
        rule: RULE.name,
        severity: words.severity,
        confidence: Confidence::Certain,
        anchor: format!("{id}: {}", words.label),
        title: words.title,
        message: words.message,
        help: words.help,
        span: words.span,
        label: words.label,
        related: words.related,
    }
}

fn words(facts: &Facts, table: &Table, fault: &SchemaFault) -> Words {
    let id = &table.resource.id;
    let invalid = |what: String| refused(&format!("One or more parameter values were invalid: {what}"));
    let related = |span, message: String| vec![Related { span, message }];
    match fault {
        SchemaFault::ForeignPartitionKey { index, key, own } => Words {
            severity: Severity::Critical,
            title: format!("{index} of {id} is a local index with another partition key than its table"),
            message: invalid(format!(
                "Index KeySchema does not have the same leading hash key as table KeySchema for index: {index}. index \
                 hash key: {}, table hash key: {}",
                key.value, own.value
            )),
            help: format!("Move {index} to GlobalSecondaryIndexes, or give it the partition key `{}`.", own.value),
            span: key.span,
            label: format!("the table's partition key is `{}`", own.value),
            related: related(own.span, format!("{id} is partitioned by `{}`", own.value)),
        },
        SchemaFault::LocalIndexWithoutSortKey { index, span } => Words {
            severity: Severity::Critical,
            title: format!("{index} is a local index of {id}, which has no sort key"),
            message: invalid(
                "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex"
                    .to_owned(),
            ),
            help: format!("Move {index} to GlobalSecondaryIndexes, or give {id} a sort key."),
            span: *span,
            label: "a local index needs a table with a sort key".to_owned(),
            related: related(table.span, format!("{id} has a partition key only")),
        },
        SchemaFault::DuplicateIndex { index, first, second } => Words {
            severity: Severity::Critical,
            title: format!("{id} has two indexes called {index}"),
            message: invalid(format!("Duplicate index name: {index}")),
            help: "Rename one of them, or remove it.".to_owned(),
            span: *second,
            label: "the second index of this name".to_owned(),
            related: related(*first, format!("{index} is declared here first")),
        },
        SchemaFault::SuperfluousAttributes { index, projection, span } => Words {
            severity: Severity::Critical,
            title: format!("{index} of {id} projects {projection} and lists NonKeyAttributes"),
            message: invalid(format!("ProjectionType is {projection}, but NonKeyAttributes is specified")),
            help: format!("Remove NonKeyAttributes from {index}, or set its ProjectionType to INCLUDE."),
            span: *span,
            label: format!("not with ProjectionType {projection}"),
            related: vec![],
        },
        SchemaFault::NoAttributes { index, span } => Words {
            severity: Severity::Critical,
            title: format!("{index} of {id} projects INCLUDE and lists no NonKeyAttributes"),
            message: invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified".to_owned()),
            help: format!("List what {index} is to hold in NonKeyAttributes, or set its ProjectionType to KEYS_ONLY."),
            span: *span,
            label: "INCLUDE needs NonKeyAttributes".to_owned(),
            related: vec![],
        },
        SchemaFault::CapacityOnDemand { index, span } => capacity(table, index.as_deref(), *span),
        SchemaFault::TextTtl { attribute, attribute_type, key } => Words {
            severity: Severity::High,
            title: format!("{id} expires items by `{}`, which is of type {attribute_type}", attribute.value),
            message: format!(
                "`{}` is a key attribute of type {attribute_type}, and DynamoDB passes over a TTL attribute that isn't a \
                 Number: nothing ever expires.",
                attribute.value
            ),
            help: "Let the TTL attribute be one of its own, a Number with the time in seconds since 1970.".to_owned(),
            span: attribute.span,
            label: format!("is a key attribute of type {attribute_type}"),
            related: related(*key, format!("`{}` is a key here", attribute.value)),
        },
        SchemaFault::NoStream { span } => Words {
            severity: Severity::Critical,
            title: format!("{id} has no stream, and its StreamArn is used"),
            message: "The deployment fails: CloudFormation finds no attribute StreamArn on the table.".to_owned(),
            help: format!(
                "Add {} to {id}, or whichever view is needed.",
                setting(facts, table.span, "StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}")
            ),
            span: *span,
            label: "this attribute doesn't exist".to_owned(),
            related: related(table.span, format!("{id} has no StreamSpecification")),
        },
    }
}

fn capacity(table: &Table, index: Option<&str>, span: Span) -> Words {
    let id = &table.resource.id;
    let (title, error) = match index {
        Some(index) => (
            format!("{index} of {id} has a capacity, and the table is billed on demand"),
            format!(
                "ProvisionedThroughput should not be specified for index: {index} when BillingMode is PAY_PER_REQUEST"
            ),
        ),
        None => (
            format!("{id} has a capacity and is billed on demand"),
            "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST"
                .to_owned(),
        ),
    };
    Words {
        severity: Severity::Critical,
        title,
        message: refused(&format!("One or more parameter values were invalid: {error}")),
        help: "Remove ProvisionedThroughput, or set BillingMode to PROVISIONED.".to_owned(),
        span,
        label: format!("not with PAY_PER_REQUEST{}", index.map(|index| format!(" ({index})")).unwrap_or_default()),
        related: table
            .billing
            .values()
            .map(|mode| Related { span: mode.span, message: format!("{id} is billed on demand") })
            .collect(),
    }
}
