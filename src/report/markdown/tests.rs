use super::render;
use crate::report::{Report, sample};

#[test]
fn the_whole_document() {
    insta::assert_snapshot!(sample::with_report(render).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

#[test]
fn findings_of_one_rule_are_one_issue_with_a_table() {
    let sample = sample::Sample::new();
    let facts = sample.facts();
    let mut findings = vec![sample.findings[0].clone(), sample.findings[0].clone(), sample.findings[1].clone()];
    findings[1].title = "a second | place".into();
    let report = Report {
        facts: &facts,
        findings: &findings,
        sources: &sample.sources,
        inputs: &sample.inputs,
        gate: None,
        failed: false,
        shows_rights: true,
    };
    insta::assert_snapshot!(super::issues::issues(&report));
}
