//! A setting as its template writes it: what a person is told to add can be copied as it stands.

use crate::facts::Facts;
use crate::source::Span;
use crate::template::model::TemplateText;

/// A setting in YAML's flow style (`Specification: {Name: ttl, Enabled: true}`), between backticks; in JSON, if the template at
/// this place is JSON.
pub(super) fn setting(facts: &Facts, place: Span, yaml: &str) -> String {
    if is_json(facts, place) { format!("`{}`", json(yaml)) } else { format!("`{yaml}`") }
}

/// The ARN of a table as the template at this place writes it, between backticks.
pub(super) fn table_arn(facts: &Facts, place: Span, id: &str) -> String {
    if is_json(facts, place) {
        format!("`{{\"Fn::GetAtt\": [\"{id}\", \"Arn\"]}}`")
    } else {
        format!("`!GetAtt {id}.Arn`")
    }
}

/// The ARNs of a table's indexes, likewise.
pub(super) fn index_arn(facts: &Facts, place: Span, id: &str) -> String {
    let arn = format!("\"${{{id}.Arn}}/index/*\"");
    if is_json(facts, place) { format!("`{{\"Fn::Sub\": {arn}}}`") } else { format!("`!Sub {arn}`") }
}

fn is_json(facts: &Facts, place: Span) -> bool {
    facts.text(place).is_some_and(TemplateText::is_json)
}

/// The same in JSON: words are strings, but for truth values and numbers.
fn json(yaml: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '…');
    let mut out = String::new();
    let mut rest = yaml;
    while let Some(first) = rest.chars().next() {
        let end = if let Some(quoted) = rest.strip_prefix('\'') {
            let end = quoted.find('\'').unwrap_or(quoted.len());
            out += &serde_json::Value::from(&quoted[..end]).to_string();
            (end + 2).min(rest.len())
        } else if is_word(first) {
            let end = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
            let word = &rest[..end];
            let is_bare = matches!(word, "true" | "false" | "…") || word.chars().all(|c| c.is_ascii_digit());
            out += &if is_bare { word.to_owned() } else { serde_json::Value::from(word).to_string() };
            end
        } else {
            out.push(first);
            first.len_utf8()
        };
        rest = &rest[end..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::json;

    #[test]
    fn words_are_strings() {
        let cases = [
            ("DeletionPolicy: Retain", r#""DeletionPolicy": "Retain""#),
            ("MaximumRetryAttempts: 3", r#""MaximumRetryAttempts": 3"#),
            (
                "FunctionResponseTypes: [ReportBatchItemFailures]",
                r#""FunctionResponseTypes": ["ReportBatchItemFailures"]"#,
            ),
            (
                "TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}",
                r#""TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": true}"#,
            ),
            ("OnFailure: {Destination: …}", r#""OnFailure": {"Destination": …}"#),
            (
                r#"Filters: [{Pattern: '{"eventName": ["INSERT"]}'}]"#,
                r#""Filters": [{"Pattern": "{\"eventName\": [\"INSERT\"]}"}]"#,
            ),
            ("A: 'open", r#""A": "open""#),
        ];
        for (yaml, wanted) in cases {
            assert_eq!(json(yaml), wanted);
        }
    }
}
