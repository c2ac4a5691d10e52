//! Audits of the fixtures: whole reports in every format, and the exit status.

use std::path::Path;
use std::process::{Command, Stdio};

fn audit(template: &str, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ddb-audit"))
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures"))
        .arg(template)
        .args(arguments)
        .args(["--color", "never"])
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
                insta::assert_snapshot!(super::audit($template, &["--verbose"]));
            }

            #[test]
            fn markdown() {
                insta::assert_snapshot!(super::audit($template, &["--format", "markdown"]));
            }

            #[test]
            fn json() {
                insta::assert_snapshot!(super::audit($template, &["--format", "json"]));
            }
        }
    };
}

fixture!(clean, "clean/template.yaml");
fixture!(orders, "orders/template.yaml");
fixture!(inventory_cfn, "inventory-cfn/template.json");
fixture!(tickets, "tickets/template.yaml");
fixture!(reviews_cdk, "reviews-cdk/cdk.out/Reviews.template.json");
