//! Audits of the fixtures: whole reports in every format, and the exit status.

use std::path::Path;
use std::process::{Command, Stdio};

/// On a narrow terminal only a path, which has no place to break it, may be wider, and code, which a break would change.
#[test]
fn lines_of_sixty_columns() {
    let place = |line: &str| {
        let line = line.trim_start_matches([' ', '╭', '─', '[']);
        !line.contains(' ') && line.contains(".py:")
    };
    // Code stands further to the right than what else helps.
    let code = |line: &str| line.starts_with("            ") && !line.contains('│');
    for template in ["clean/template.yaml", "orders/template.yaml", "tickets/template.yaml"] {
        let text = audit(template, &["--verbose"], "60");
        let wide: Vec<&str> =
            text.lines().filter(|line| line.chars().count() > 60 && !place(line) && !code(line)).collect();
        assert_eq!(wide, Vec::<&str>::new(), "{template}");
    }
}

/// A finding about several tables is there when one of them is chosen, whichever.
#[test]
fn findings_of_the_whole_run_belong_to_all_their_tables() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let table = |name: &str, ttl: &str| {
        format!(
            "  {name}:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      \
             AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]\n      \
             KeySchema: [{{AttributeName: id, KeyType: HASH}}]\n      \
             TimeToLiveSpecification: {{AttributeName: {ttl}, Enabled: true}}\n"
        )
    };
    let tables = [table("Sessions", "ttl"), table("Carts", "expiresAt"), table("Drafts", "ttl")].concat();
    std::fs::write(folder.path().join("template.yaml"), format!("Resources:\n{tables}")).expect("can write");
    let template = folder.path().join("template.yaml");
    let page = audit(template.to_str().expect("UTF-8"), &["--format", "html", "--select", "ttl-naming"], "100");
    let found: Vec<&str> =
        page.split("<article class=\"finding\"").skip(1).filter_map(|a| a.split('>').next()).collect();
    assert_eq!(found, [r#" data-level="low" data-tables="0 1 2" data-functions="""#]);
}

/// A right that serves a table which no template declares is used, whichever tables its statement covers besides.
#[test]
fn a_right_that_is_used_elsewhere_is_no_unused_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Notes:\n    Type: AWS::Serverless::SimpleTable\n  Copy:\n    \
                    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: .\n      Handler: app.handler\n      Runtime: \
                    python3.13\n      Policies:\n        - Statement:\n            - {Effect: Allow, Action: \
                    ['dynamodb:GetItem', 'dynamodb:Scan'], Resource: '*'}\n";
    let code = "import boto3\ndef handler(event, context):\n    return \
                boto3.resource('dynamodb').Table('partner-notes').get_item(Key={'id': event['id']})\n";
    let path = folder.path().join("template.yaml");
    std::fs::write(&path, template).expect("can write");
    std::fs::write(folder.path().join("app.py"), code).expect("can write");
    let report = audit(path.to_str().expect("UTF-8"), &["--format", "json"], "100");
    let (_, json) = report.split_once("--- report\n").expect("a report");
    let json: serde_json::Value = serde_json::from_str(json).expect("JSON");
    let grants = json["grants"].as_array().expect("a list");
    let told = |grant: &serde_json::Value| {
        let lines = grant["used_by"].as_array().expect("a list").iter().map(|place| place["line"].to_string());
        format!("{} {} {}", grant["action"], grant["status"], lines.collect::<Vec<_>>().join(" "))
    };
    let told: Vec<String> = grants.iter().map(told).collect();
    assert_eq!(told, [r#""dynamodb:GetItem" "used" 3"#, r#""dynamodb:Scan" "unused" "#]);
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
