//! Hostile text in every place that a report repeats: keys of the template, names of tables and indexes, paths, source
//! lines, arguments. It must come out inert in every format, in what is dumped, and in what is said on standard error.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
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
    let script =
        "import boto3\n\n\ndef main():\n    boto3.client(\"dynamodb\").scan(TableName=\"notes\")\n\n\nmain()\n";
    fs::write(folder.path().join(format!("{}.py", file_name())), script).expect("can write");
    folder
}

/// `EVIL` without the slash, as the name of a file where the system takes it.
fn file_name() -> String {
    if cfg!(unix) { format!("x{}\n::error::x", EVIL.replace('/', "")) } else { "x".to_owned() }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ddb-audit"))
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn report(format: &str) -> String {
    let output = run(project().path(), &["template.yaml", "--verbose", "--color", "never", "--format", format]);
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
    assert_eq!(commands(&text), Vec::<&str>::new());
}

/// Lines that a continuous integration service would take for commands.
fn commands(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.starts_with("::")).collect()
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

#[test]
fn the_call_graph_is_escaped() {
    let folder = project();
    let output = run(folder.path(), &["--dump", "call-graph", "--src", "."]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("output is UTF-8");
    assert_eq!(harmful(&text), []);
    serde_json::from_str::<serde_json::Value>(&text).expect("JSON");
    assert!(text.contains("<script>"), "the file's name is there:\n{text}");
}

/// Answers repeat names and source lines.
#[test]
fn answers_are_inert() {
    let folder = project();
    let script = format!("{}.py:5", file_name());
    for format in ["text", "json"] {
        for line in ["src/app.py:7", "src/app.py:11", "template.yaml:2", "template.yaml:8", "template.yaml:20", &script]
        {
            let output = run(folder.path(), &["template.yaml", "--color", "never", "--format", format, "--why", line]);
            let (text, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
            assert_eq!(output.status.code(), Some(0), "{line}: {stderr}");
            assert_eq!(harmful(&text), [], "{line}: {text}");
            assert_eq!(commands(&text), Vec::<&str>::new(), "{line}: {text}");
        }
    }
}

/// Whatever is wrong with an argument or a template, saying so does nothing to the terminal.
#[test]
fn errors_are_inert() {
    let evil = format!("{EVIL}\n::error::x");
    let folder = project();
    let broken = format!("Resources:\n  A: [\n  # {}\n  {}: }}\n", EVIL.replace('\u{1b}', ""), quoted(&evil));
    fs::write(folder.path().join("broken.yaml"), broken).expect("can write");
    fs::write(folder.path().join("twice.yaml"), format!("{0}: 1\n{0}: 2\n", quoted(&evil))).expect("can write");
    let settings = [&format!("{evil}=1"), &format!("{evil}.pdf"), &format!("{evil}/report.md")];
    let (nowhere, no_line) = (format!("{evil}:3"), format!("template.yaml:{evil}"));
    let arguments: [&[&str]; 15] = [
        &[&evil],
        &["broken.yaml"],
        &["twice.yaml"],
        &["template.yaml", "--src", &evil],
        &["template.yaml", "--select", &evil],
        &["template.yaml", "--parameter", &evil],
        &["template.yaml", "--parameter", settings[0]],
        &["template.yaml", "-o", settings[1]],
        &["template.yaml", "-o", settings[2]],
        &["--explain", &evil],
        &["--format", &evil],
        &["template.yaml", "--dump", &evil],
        &["template.yaml", "--why", &nowhere],
        &["template.yaml", "--why", &no_line],
        &["template.yaml", "--why", "src/app.py:2"],
    ];
    for arguments in arguments {
        let Output { stderr, .. } = run(folder.path(), arguments);
        let text = String::from_utf8(stderr).expect("output is UTF-8");
        assert_ne!(text, "", "{arguments:?}");
        assert_eq!(harmful(&text), [], "{arguments:?}: {text}");
        assert_eq!(commands(&text), Vec::<&str>::new(), "{arguments:?}");
    }
}
