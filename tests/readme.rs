//! Keeps the generated parts of the README true. `UPDATE=1 cargo test --test readme` rewrites them.

use clap::CommandFactory;
use ddb_audit::cli::args::Args;
use ddb_audit::rules;
use std::fs;
use std::path::Path;
use std::process::Command;

#[test]
fn generated_parts_are_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let committed = fs::read_to_string(&path).expect("the README is readable");
    let parts = [("output", output()), ("rules", rules_table()), ("help", help())];
    let fresh = parts.iter().fold(committed.clone(), |text, (name, part)| replaced(&text, name, part));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &fresh).expect("the README can be written");
    }
    assert_eq!(
        fs::read_to_string(&path).expect("the README is readable"),
        fresh,
        "run UPDATE=1 cargo test --test readme"
    );
}

/// Who copies the hook from the README gets the one that pre-commit installs.
#[test]
fn the_hook_is_one() {
    let read = |name: &str| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("readable");
    let settings = |text: &str| {
        let lines = text
            .lines()
            .map(str::trim)
            .filter(|line| ["files: ", "pass_filenames: "].iter().any(|s| line.starts_with(s)));
        lines.map(str::to_owned).collect::<std::collections::BTreeSet<_>>()
    };
    let hooks = settings(&read(".pre-commit-hooks.yaml"));
    assert_eq!(hooks.len(), 2);
    assert_eq!(settings(&read("README.md")), hooks);
}

/// A command and what it prints.
fn output() -> String {
    let arguments = "fixtures/orders/template.yaml --select undefined-index --quiet";
    let output = Command::new(env!("CARGO_BIN_EXE_ddb-audit"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(arguments.split(' '))
        .args(["--color", "never"])
        .output()
        .expect("the program starts");
    let report = String::from_utf8(output.stdout).expect("reports are UTF-8");
    format!("```console\n$ ddb-audit {arguments}\n{report}```")
}

fn rules_table() -> String {
    let row = |page: &rules::Page| {
        let (name, severity, up_to) = (&page.name, page.severity.as_str(), page.up_to.as_str());
        let severity = if up_to == severity { severity.to_owned() } else { format!("{severity}, up to {up_to}") };
        format!("| [`{name}`](rules/{name}.md) | {severity} | {} |\n", page.summary.replace('|', "\\|"))
    };
    let rows: String = rules::pages().iter().map(row).collect();
    format!("| rule | severity | what it does |\n|---|---|---|\n{}", rows.trim_end())
}

fn help() -> String {
    let help = Args::command().term_width(100).render_help().to_string();
    let lines: Vec<&str> = help.lines().map(str::trim_end).collect();
    format!("```text\n{}\n```", lines.join("\n").trim_end())
}

fn replaced(text: &str, name: &str, part: &str) -> String {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = text.find(&open).unwrap_or_else(|| panic!("the README has {open}")) + open.len();
    let end = start + text[start..].find(&close).unwrap_or_else(|| panic!("the README has {close}"));
    format!("{}\n{part}\n\n{}", &text[..start], &text[end..])
}
