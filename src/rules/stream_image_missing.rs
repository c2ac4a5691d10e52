//! An image of a changed item that the table's stream doesn't carry.

use super::registry::Rule;
use super::setting::setting;
use super::{Confidence, Finding, Related, Severity};
use crate::facts::{Facts, FunctionFacts, TableFacts};
use crate::flow::Image;
use crate::source::Span;
use crate::template::model::{Setting, TriggerKind};

pub const RULE: Rule =
    Rule { name: "stream-image-missing", page: include_str!("../../rules/stream-image-missing.md"), check };

fn check(facts: &Facts, findings: &mut Vec<Finding>) {
    for table in &facts.tables {
        let Some(view) = view(table) else { continue };
        for (id, _) in &table.stream_consumers {
            let function = facts.function(*id);
            // Where records come from elsewhere too, it isn't known whose image is read; a filter may let none through.
            let [trigger] = &function.function.triggers[..] else { continue };
            let is_whole = trigger.delivery.as_ref().is_some_and(|delivery| !delivery.is_filtered);
            if trigger.kind != TriggerKind::TableStream || !is_whole {
                continue;
            }
            let images = function.remarks.iter().flat_map(|remarks| &remarks.images);
            let lacking = images.filter(|(image, _)| !carries(&view.value, **image));
            findings.extend(
                lacking.map(|(image, span)| finding(facts, table, function, (&view.value, view.span), *image, *span)),
            );
        }
    }
}

/// The view type, if every declaration of the table has the same.
fn view<'f>(table: &'f TableFacts) -> Option<&'f crate::source::Spanned<String>> {
    let Setting::Is(view) = &table.table.stream else { return None };
    let same = |other: &Setting<String>| matches!(other, Setting::Is(other) if other.value == view.value);
    table.declarations().all(|one| same(&one.stream)).then_some(view)
}

fn carries(view: &str, image: Image) -> bool {
    match view {
        "NEW_IMAGE" => image == Image::New,
        "OLD_IMAGE" => image == Image::Old,
        "KEYS_ONLY" => false,
        _ => true,
    }
}

fn finding(
    facts: &Facts,
    table: &TableFacts,
    function: &FunctionFacts,
    (view, place): (&str, Span),
    image: Image,
    span: Span,
) -> Finding {
    let id = &table.table.resource.id;
    let lambda = &function.function.resource.id;
    let field = image.field();
    let enough = match (view, image) {
        ("KEYS_ONLY", Image::New) => "NEW_IMAGE",
        ("KEYS_ONLY", Image::Old) => "OLD_IMAGE",
        _ => "NEW_AND_OLD_IMAGES",
    };
    Finding {
        rule: RULE.name,
        severity: Severity::High,
        confidence: Confidence::Likely,
        title: format!("{lambda} reads `{field}`, which the stream of {id} doesn't carry"),
        message: format!(
            "The records of a {view} stream have no `{field}`, whatever the change was: {lambda} fails with \"KeyError: '{field}'\" \
             when it gets here, and the batch is tried again."
        ),
        help: format!(
            "Set {} on {id}; that gives the stream a new ARN. Or do without the image: the keys are in \
             `record[\"dynamodb\"][\"Keys\"]`.",
            setting(facts, place, &format!("StreamViewType: {enough}"))
        ),
        span,
        label: format!("not in a {view} record"),
        related: vec![Related { span: place, message: format!("the stream of {id} carries {view}") }],
        anchor: format!("{id} {lambda} {field}"),
    }
}
