//! Template text → document → stack → facts → findings → every report and answer.

use ddb_audit::source::SourceMap;
use ddb_audit::template::document::{Document, NodeId, Value};
use ddb_audit::{facts, flow, report, rules, template};
use std::collections::BTreeMap;
use std::path::Path;

pub fn run(text: &str) {
    let mut sources = SourceMap::default();
    let path = Path::new("template.yaml");
    let loaded = template::load_text(&mut sources, path, text, &BTreeMap::new());
    let file = sources.files().next().expect("the text was added").0;
    match Document::parse(file, "template.yaml", text) {
        Ok(document) => walk(&document, document.root(), text),
        Err(error) => {
            for error in error.each() {
                assert!(!error.to_string().is_empty() && !error.help().is_empty());
                if let Some(span) = error.span() {
                    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
                }
            }
            assert!(loaded.is_err());
            return;
        }
    }
    // A document may still be none of a template's: without resources, or in a circle.
    let Ok((mut stacks, diagnostics)) = loaded else { return };
    for diagnostic in diagnostics {
        sources.location(diagnostic.span);
    }
    facts::link(&mut stacks);
    let analysis = flow::Analysis::default();
    let facts = facts::build(&stacks, &[], &analysis, &[]);
    let findings = rules::run(&facts);
    let inputs = report::Inputs::default();
    let report = report::Report {
        facts: &facts,
        findings: &findings,
        sources: &sources,
        inputs: &inputs,
        gate: None,
        failed: false,
        shows_rights: true,
    };
    let style = report::TextStyle { color: false, width: 100, quiet: false, verbose: true };
    for format in [report::Format::Text, report::Format::Markdown, report::Format::Html, report::Format::Json] {
        report::render(format, &report, &style);
    }
    for line in (1..).map_while(|number| sources.line(file, number)) {
        report::why(false, &report, line, &style);
    }
}

/// Every place is on character boundaries and holds those below it; keys are unique.
fn walk(document: &Document, node: NodeId, text: &str) {
    // Small enough to be walked with its aliases expanded.
    if document.size(node) > 5_000 {
        return;
    }
    let span = document.span(node);
    assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?}");
    match document.value(node) {
        Value::Scalar(scalar) => {
            scalar.typed().text();
        }
        Value::Sequence(items) => items.iter().for_each(|item| walk(document, *item, text)),
        Value::Mapping(entries) => {
            for entry in entries {
                let key = entry.key_span;
                assert!(text.get(key.start as usize..key.end as usize).is_some(), "{key:?}");
                assert_eq!(document.get(node, &entry.key), Some(entry.value), "`{}` is unique", entry.key);
                walk(document, entry.value, text);
            }
        }
    }
}
