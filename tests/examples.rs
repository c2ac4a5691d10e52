//! Runs the example of every rule page: the bad project gives exactly this rule's finding, the good one none.

use ddb_audit::rules::page::{Example, parse};
use ddb_audit::rules::{self, RULES};
use ddb_audit::source::SourceMap;
use ddb_audit::{Options, Project};
use std::fs;

#[test]
fn bad_examples_are_found_and_good_ones_are_not() {
    for rule in RULES {
        let (bad, good) = parse(rule.page).expect("pages can be read").examples();
        assert_eq!(findings(&bad), [rule.name], "the bad example of {}", rule.name);
        assert_eq!(findings(&good), Vec::<&str>::new(), "the good example of {}", rule.name);
    }
}

fn findings(example: &Example) -> Vec<&'static str> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for file in &example.files {
        let path = folder.path().join(&file.path);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("can create folders");
        fs::write(path, &file.text).expect("can write");
    }
    let options = Options { templates: vec![folder.path().join("template.yaml")], ..Options::default() };
    let mut sources = SourceMap::default();
    let project = Project::load(&options, &mut sources).expect("examples are sound templates");
    rules::run(&project.facts()).iter().map(|finding| finding.rule).collect()
}
