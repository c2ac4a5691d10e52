//! Hostile text in every place that a report repeats: keys of the template, names of tables and indexes, paths, source
//! lines. It must come out inert in every format.

use std::fs;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Terminal escapes, direction overrides, Markdown, HTML, a workflow command.
const EVIL: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{202e}`|<script>alert(1)</script>[x](javascript:1)\u{9b}31m";

/// `EVIL` as a YAML double-quoted scalar.
fn quoted(text: &str) -> String {
    let escaped = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c.is_control() || c == '\u{202e}' => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    };
    format!("\"{}\"", text.chars().map(escaped).collect::<String>())
}

/// A table, an index and a Lambda of evil names, and code that reads the table through an index that isn't there.
fn project() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (table, index) = (quoted(&format!("Table{EVIL}")), quoted(&format!("index{EVIL}\n::error::x")));
    let template = format!(
        "Resources:\n  {table}:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: notes\n      \
         AttributeDefinitions: [{{ AttributeName: pk, AttributeType: S }}]\n      \
         KeySchema: [{{ AttributeName: pk, KeyType: HASH }}]\n      TimeToLiveSpecification: {{ AttributeName: {index}, Enabled: true }}\n      \
         GlobalSecondaryIndexes:\n        - IndexName: {index}\n          \
         KeySchema: [{{ AttributeName: gone, KeyType: HASH }}]\n          Projection: {{ ProjectionType: ALL }}\n  \
         {function}:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.12\n      \
         CodeUri: src/\n      Handler: app.handler\n      Policies:\n        - DynamoDBCrudPolicy: {{ TableName: notes }}\n",
        function = quoted(&format!("Function{EVIL}")),
    );
    let code = format!(
        "import boto3\ntable = boto3.resource(\"dynamodb\").Table(\"notes\")\n\n\ndef handler(event, context):\n    \
         # {EVIL}\n    return table.query(IndexName=\"{EVIL}\")[\"Items\"]  # {EVIL}\n\n\ndef other(event, context):\n    \
         boto3.resource(\"dynamodb\").Table(\"{EVIL}\").scan()\n"
    );
    fs::create_dir_all(folder.path().join("src")).expect("can create folders");
    fs::write(folder.path().join("template.yaml"), template).expect("can write");
    fs::write(folder.path().join("src/app.py"), code).expect("can write");
    folder
}

fn report(format: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ddb-audit"))
        .current_dir(project().path())
        .args(["template.yaml", "--verbose", "--color", "never", "--format", format])
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    assert_ne!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("output is UTF-8")
}

/// Control characters (line breaks aside) and characters that change the direction of text.
fn harmful(text: &str) -> Vec<char> {
    text.chars().filter(|c| c.is_control() && *c != '\n' || *c == '\u{202e}').collect()
}

#[test]
fn text_is_inert_in_a_terminal() {
    let text = report("text");
    assert!(text.contains("?[2J?]0;owned?"), "the names are shown:\n{text}");
    assert_eq!(harmful(&text), []);
    let commands: Vec<&str> = text.lines().filter(|line| line.starts_with("::")).collect();
    assert_eq!(commands, Vec::<&str>::new(), "no line is a workflow command");
}

/// Outside code spans nothing starts a tag, a link or a cell.
#[test]
fn markdown_is_inert() {
    let text = report("markdown");
    assert_eq!(harmful(&text), []);
    let mut rows = 0;
    let mut columns = 0;
    for line in text.lines() {
        let outside = outside_code(line);
        assert!(!outside.replace("<br>", "").contains('<'), "a tag in: {line}");
        assert!(!outside.replace("\\]", "").contains("](javascript"), "a link in: {line}");
        if line.starts_with("| ") {
            let cells = line.replace("\\|", "").matches('|').count();
            if rows == 0 {
                columns = cells;
            }
            assert_eq!(cells, columns, "cells of: {line}");
            rows += 1;
        } else {
            rows = 0;
        }
    }
}

/// A line without its code spans; a span ends at a run of as many backticks as it began with.
fn outside_code(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('`') {
        out.push_str(&rest[..start]);
        if rest[..start].ends_with('\\') {
            rest = &rest[start + 1..];
            continue;
        }
        let ticks = rest[start..].len() - rest[start..].trim_start_matches('`').len();
        let fence = "`".repeat(ticks);
        let body = &rest[start + ticks..];
        rest = closing(body, &fence).map_or("", |end| &body[end + ticks..]);
    }
    out + rest
}

/// Where a run of exactly this fence begins.
fn closing(body: &str, fence: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = body[at..].find('`') {
        let start = at + found;
        let run = body[start..].len() - body[start..].trim_start_matches('`').len();
        if run == fence.len() {
            return Some(start);
        }
        at = start + run;
    }
    None
}

/// Nothing that was audited starts a tag, ends an attribute or brings a script, in text, in the picture or elsewhere.
#[test]
fn html_is_inert() {
    let text = report("html");
    assert_eq!(harmful(&text), []);
    assert!(
        text.contains("Table␛[2J␛]0;owned␇⟨U+202E⟩`|&lt;script&gt;alert(1)&lt;/script&gt;"),
        "the names are shown:\n{text}"
    );
    assert_eq!(text.matches("<script").count(), 1, "the page's own");
    assert_eq!(text.matches("</script").count(), 1);
    assert_eq!(text.matches("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';").count(), 1);
    let links: Vec<&str> = text
        .split("href=\"")
        .skip(1)
        .filter(|link| !link.starts_with(['#']) && !link.starts_with("data:,\""))
        .collect();
    assert_eq!(links, Vec::<&str>::new(), "every link leads into the page");
    for attribute in [" style=", " onclick=", " onerror=", " src="] {
        assert!(!text.contains(attribute), "{attribute}");
    }
    let ids: Vec<&str> = text.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let once: std::collections::BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(once.len(), ids.len(), "every id is there once");
    for target in text.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert!(once.contains(target), "#{target} leads somewhere");
    }
}

/// JSON keeps the names as they are, escaped.
#[test]
fn json_is_escaped_and_whole() {
    let text = report("json");
    assert_eq!(harmful(&text), []);
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(json["tables"][0]["id"], format!("Table{EVIL}"));
}
