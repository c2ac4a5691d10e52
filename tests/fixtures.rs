//! Audits of the fixtures: whole reports in every format, and the exit status.

use std::path::Path;
use std::process::{Command, Stdio};

/// On a narrow terminal only a path, which has no place to break it, may be wider.
#[test]
fn lines_of_sixty_columns() {
    let place = |line: &str| {
        let line = line.trim_start_matches([' ', '╭', '─', '[']);
        !line.contains(' ') && line.contains(".py:")
    };
    for template in ["clean/template.yaml", "orders/template.yaml", "tickets/template.yaml"] {
        let text = audit(template, &["--verbose"], "60");
        let wide: Vec<&str> = text.lines().filter(|line| line.chars().count() > 60 && !place(line)).collect();
        assert_eq!(wide, Vec::<&str>::new(), "{template}");
    }
}

fn audit(template: &str, arguments: &[&str], columns: &str) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ddb-audit"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .arg(template)
        .args(arguments)
        .args(["--color", "never"])
        .env("COLUMNS", columns)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts");
    let status = output.status.code().expect("not killed");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    let report = text(output.stdout).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    format!("status: {status}\n--- stderr\n{}--- report\n{report}", text(output.stderr))
}

macro_rules! fixture {
    ($name:ident, $template:literal) => {
        mod $name {
            #[test]
            fn text() {
                insta::assert_snapshot!(super::audit($template, &["--verbose"], "100"));
            }

            #[test]
            fn markdown() {
                insta::assert_snapshot!(super::audit($template, &["--format", "markdown"], "100"));
            }

            #[test]
            fn json() {
                insta::assert_snapshot!(super::audit($template, &["--format", "json"], "100"));
            }
        }
    };
}

fixture!(clean, "clean/template.yaml");
fixture!(orders, "orders/template.yaml");
fixture!(inventory_cfn, "inventory-cfn/template.json");
fixture!(tickets, "tickets/template.yaml");
fixture!(reviews_cdk, "reviews-cdk/cdk.out/Reviews.template.json");
