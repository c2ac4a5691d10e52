//! An expression that names an attribute by a reserved word.

use super::Severity;
use super::describe::{list, quoted};
use super::judge::{Claim, each_call};
use super::registry::Rule;
use crate::dynamodb::expression::references;
use crate::dynamodb::reserved::is_reserved;
use crate::facts::{AccessFacts, Facts, RequestFacts};
use crate::flow::Expression;

pub const RULE: Rule = Rule {
    name: "reserved-word",
    page: include_str!("../../rules/reserved-word.md"),
    check: |facts, findings| each_call(RULE.name, Severity::High, facts, findings, claim),
};

fn claim(_: &Facts, access: &AccessFacts, given: &RequestFacts) -> Option<Claim> {
    let (expression, words) =
        given.request.expressions.iter().map(|e| (e, reserved(e))).find(|(_, words)| !words.is_empty())?;
    let parameter = expression.clause.parameter();
    let first = words.first()?;
    let names: Vec<String> = words.iter().map(|word| format!("\"#{word}\": \"{word}\"")).collect();
    let aliases: Vec<String> = words.iter().map(|word| format!("#{word}")).collect();
    let known = if given.request.names.is_some() { "add to" } else { "give" };
    Some(Claim {
        title: format!("`{}` names {} bare in its {parameter}", access.access.function, list(&quoted(&words))),
        message: format!(
            "{} reserved, and can stand in an expression only behind a placeholder. The call fails with \
             \"ValidationException: Invalid {parameter}: Attribute name is a reserved keyword; reserved keyword: {first}\".",
            if words.len() == 1 { format!("`{first}` is") } else { format!("{} are", list(&quoted(&words))) }
        ),
        help: format!(
            "Write {} instead, and {known} `ExpressionAttributeNames` `{{{}}}`.",
            list(&quoted(&aliases)),
            names.join(", ")
        ),
        label: format!("`{first}` is a reserved word"),
        span: expression.span,
        related: Vec::new(),
    })
}

/// Reserved words that some text of the expression names bare.
fn reserved(expression: &Expression) -> Vec<String> {
    // In quotes, it isn't an expression of DynamoDB's at all.
    let texts = expression.texts.iter().map(ToString::to_string).filter(|text| !text.contains(['"', '\'']));
    let mut words: Vec<String> =
        texts.flat_map(|text| references(&text).bare).filter(|word| is_reserved(word)).collect();
    words.sort();
    words.dedup();
    words
}
