//! The program from outside: what it says on which stream, and how it exits.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const NO_TABLE: &str = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n";

const TWICE: &str = "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n  Topic:\n    Type: AWS::SQS::Queue\n  Topic: {Type: T, Type: T}\n";

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("can create folders");
        fs::write(path, text).expect("can write");
    }
    folder
}

fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ddb-audit"));
    command.current_dir(folder).args(args).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "COLUMNS"] {
        command.env_remove(variable);
    }
    command
}

/// Exit status, standard output and standard error as one text.
fn run(folder: &TempDir, args: &[&str]) -> String {
    let Output { status, stdout, stderr } = command(folder.path(), args).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    let status = status.code().expect("not killed");
    format!("status: {status}\n--- stdout\n{}--- stderr\n{}", text(stdout), text(stderr))
}

/// A Lambda whose code isn't there.
const WITHOUT_CODE: &str = r"
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
  Api:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: app.handler, CodeUri: build/api/}
";

macro_rules! says {
    ($name:ident, $files:expr, $args:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(run(&folder(&$files), &$args));
        }
    };
}

says!(no_template_in_the_current_folder, [("app.py", "")], []);
says!(no_code_of_any_lambda, [("template.yaml", WITHOUT_CODE)], []);
says!(no_code_of_any_lambda_strictly, [("template.yaml", WITHOUT_CODE)], ["--strict", "--quiet"]);
says!(no_code_of_any_lambda_in_markdown, [("template.yaml", WITHOUT_CODE)], ["--format", "markdown"]);
says!(no_lambda_in_python, [("template.yaml", &WITHOUT_CODE.replace("python3.13", "nodejs22.x"))], []);
says!(a_missing_file, [], ["template.yaml"]);
says!(a_directory_as_template, [("stacks/readme", "")], ["stacks"]);
says!(bad_yaml, [("template.yaml", "Resources:\n  Table:\n    Type: [AWS::DynamoDB::Table\n  Other: 1\n")], []);
says!(several_errors, [("template.yaml", "Resources:\n  A: *gone\n  ? [a, b]\n  : Type: T\n  B: {Type: [T\n")], []);
says!(a_key_that_stands_twice, [("template.yaml", TWICE)], []);
says!(bad_json, [("template.json", "{\n  \"Resources\": {\n    \"Table\": {}\n")], []);
says!(not_a_mapping, [("template.yaml", "- Resources\n- Outputs\n")], []);
says!(no_resources, [("template.yaml", "Description: nothing here\n")], []);
says!(an_empty_template, [("template.yaml", "")], []);
says!(no_tables, [("template.yaml", NO_TABLE)], []);
says!(no_tables_quietly, [("template.yaml", NO_TABLE)], ["-q"]);
says!(escapes_in_a_file_name, [("a.py", "")], ["\u{1b}[31mred.yaml"]);
says!(an_unknown_rule, [("template.yaml", NO_TABLE)], ["--select", "missing-pagination,missing-paginaton"]);
says!(an_unknown_severity, [("template.yaml", NO_TABLE)], ["--fail-on", "hihg"]);
says!(a_bad_parameter, [("template.yaml", NO_TABLE)], ["--parameter", "Stage"]);
says!(a_parameter_that_no_template_has, [("template.yaml", STAGED)], ["--parameter", "Stge=dev", "--parameter", "X=1"]);
says!(a_parameter_that_a_template_has, [("template.yaml", STAGED)], ["--parameter", "Stage=dev"]);
says!(a_folder_that_holds_a_template, [("stacks/template.yaml", NO_TABLE)], ["stacks"]);
says!(python_as_template, [("app.py", "")], ["app.py"]);
says!(a_rule_unlike_any, [("template.yaml", NO_TABLE)], ["--select", "nope"]);
says!(
    one_template_by_two_names,
    [("template.yaml", TABLE)],
    ["template.yaml", "./a/../template.yaml", "template.yaml"]
);
says!(a_missing_source_folder, [("template.yaml", NO_TABLE)], ["--src", "nowhere"]);
says!(an_output_of_unknown_kind, [("template.yaml", NO_TABLE)], ["-o", "report.pdf"]);
says!(an_output_that_cannot_be_written, [("template.yaml", NO_TABLE)], ["-o", "nowhere/report.md"]);

const STAGED: &str = "Parameters:\n  Stage:\n    Type: String\nResources:\n  Topic:\n    Type: AWS::SNS::Topic\n";

const TABLE: &str = "\
Resources:
  NotesTable:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
";

const BROKEN: (&str, &str) = ("app.py", "def handler(event, context:\n    return 1\n");

says!(a_broken_python_file, [("template.yaml", TABLE), BROKEN], []);
says!(a_broken_python_file_strictly, [("template.yaml", TABLE), BROKEN], ["--strict", "--quiet"]);

/// SAM knows neither of these properties; a later version may know the second one.
const REFUSED: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  NotesTable:
    Type: AWS::Serverless::SimpleTable
    Properties: { TableNam: notes }
";
const NEWER: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  NotesTable:
    Type: AWS::Serverless::SimpleTable
    Properties: { Warmth: lukewarm }
";

says!(a_template_that_sam_refuses, [("template.yaml", REFUSED)], []);
says!(
    a_template_that_sam_refuses_in_markdown,
    [("template.yaml", REFUSED)],
    ["--format", "markdown", "--fail-on", "low"]
);
says!(a_template_that_sam_refuses_quietly, [("template.yaml", REFUSED)], ["--quiet", "--strict", "--fail-on", "never"]);
says!(a_template_that_sam_refuses_and_nobody_minds, [("template.yaml", REFUSED)], ["-q", "--fail-on", "never"]);
says!(a_template_that_a_later_sam_may_take, [("template.yaml", NEWER)], []);

const ELSEWHERE: (&str, &str) = (
    "app.py",
    "import boto3\ntable = boto3.resource(\"dynamodb\").Table(\"invoices\")\ntable.get_item(Key={\"pk\": \"1\"})\n\
     table.put_item(Item={\"pk\": \"1\"})\n",
);

says!(a_table_that_no_template_declares, [("template.yaml", TABLE), ELSEWHERE], []);
says!(a_table_that_no_template_declares_in_markdown, [("template.yaml", TABLE), ELSEWHERE], ["--format", "markdown"]);

const NAMELESS: (&str, &str) = (
    "app.py",
    "import boto3, os\nresource = boto3.resource(\"dynamodb\")\n\
     def every(table):\n    return [item for item in resource.Table(table).scan()[\"Items\"]]\n\
     every(os.environ.get(\"TABLE\", \"\"))\nevery(input())\nresource.Table(\"\").get_item(Key={\"pk\": \"1\"})\n",
);

says!(tables_whose_names_are_empty_or_unknown, [("template.yaml", TABLE), NAMELESS], ["--verbose"]);

#[test]
fn a_python_file_that_is_not_utf_8_has_a_place_and_is_a_blind_spot() {
    let folder = folder(&[("template.yaml", TABLE)]);
    fs::write(folder.path().join("app.py"), b"x = 1\nname = 'caf\xe9'\n").expect("can write");
    let text = run(&folder, &["-o", "audit.json"]);
    insta::assert_snapshot!(text);
    let json = fs::read_to_string(folder.path().join("audit.json")).expect("the report was written");
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let place = serde_json::json!({"file": "app.py", "line": 2, "column": 12, "end_line": 2, "end_column": 12});
    assert_eq!(
        json["blind_spots"],
        serde_json::json!([{"location": place, "reason": "the file is not read: not UTF-8", "withholds": []}])
    );
    let help = "save it as UTF-8; Python refuses it as it is, unless its first lines declare its encoding";
    let skipped = serde_json::json!([{"file": "app.py", "reason": "not UTF-8", "help": help}]);
    assert_eq!(json["inputs"]["skipped"], skipped);
}

/// A Lambda whose handler isn't there may do anything.
#[test]
fn a_lambda_without_its_handler_is_unverified() {
    let function = "  Lost:\n    Type: AWS::Serverless::Function\n    Properties:\n      Runtime: python3.12\n      \
                    CodeUri: src/\n      Handler: gone.handler\n";
    let folder = folder(&[("template.yaml", &format!("{TABLE}{function}")), ("src/app.py", "x = 1\n")]);
    let output = command(folder.path(), &["--format", "json"]).output().expect("starts");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["functions"][0]["verdict"], "unverified");
}

/// Folders of packages and build output are no news, and no reason for `--strict` to fail.
#[test]
fn what_is_left_out_on_purpose_is_told_only_when_asked() {
    let files = [("template.yaml", TABLE), ("node_modules/x.py", "x = 1\n"), ("a.py", "x = 1\n")];
    let folder = folder(&files);
    let said = |args: &[&str]| run(&folder, args);
    assert!(!said(&["--strict"]).contains("node_modules"));
    assert!(said(&["--strict"]).starts_with("status: 0\n"));
    assert!(said(&["--verbose"]).contains("note: node_modules is left out: installed packages\n"));
}

/// Roles are compared with the code only where that contradicts no finding that is left out.
#[test]
fn rights_are_shown_with_the_findings_about_them() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases: [(&[&str], bool); 6] = [
        (&[], true),
        (&["--select", "iam-over-grant,iam-missing-action"], true),
        (&["--ignore", "missing-pagination"], true),
        (&["--select", "undefined-index"], false),
        (&["--ignore", "iam-over-grant"], false),
        (&["--min-severity", "high"], false),
    ];
    for (arguments, shown) in cases {
        for (format, heading) in [("text", "over-granted"), ("markdown", "## IAM"), ("html", "id=\"iam\"")] {
            let mut command = command(root, arguments);
            let output = command.args(["--format", format, "fixtures/orders/template.yaml"]).output().expect("starts");
            assert_eq!(String::from_utf8_lossy(&output.stdout).contains(heading), shown, "{format} {arguments:?}");
        }
    }
}

/// What isn't shown doesn't fail the run.
#[test]
fn the_gate_sees_what_is_shown() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let cases: [(&[&str], i32); 7] = [
        (&[], 1),
        (&["--fail-on", "never"], 0),
        (&["--select", "missing-pitr"], 0),
        (&["--select", "missing-pitr", "--fail-on", "medium"], 1),
        (&["--select", "missing-pitr", "--fail-on", "medium", "--min-severity", "high"], 0),
        (&["--select", "undefined-index,missing-pitr", "--ignore", "undefined-index"], 0),
        (&["--select", "undefined-index", "--min-confidence", "certain", "--fail-on", "critical"], 1),
    ];
    for (arguments, expected) in cases {
        let output = command(root, arguments).arg("fixtures/orders/template.yaml").output().expect("starts");
        assert_eq!(output.status.code(), Some(expected), "{arguments:?}");
    }
}

#[test]
fn every_format_can_be_written_at_once() {
    let folder = folder(&[("template.yaml", TABLE)]);
    let output = command(folder.path(), &["-o", "a.md", "-o", "a.json", "-o", "a.txt"]).output().expect("starts");
    assert_eq!(output.status.code(), Some(0));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("the report was written");
    assert_eq!(read("a.txt").as_bytes(), output.stdout);
    assert_eq!(read("a.md").lines().next(), Some("# DynamoDB audit"));
    let json: serde_json::Value = serde_json::from_str(&read("a.json")).expect("the report is JSON");
    assert_eq!(json["tables"][0]["id"], "NotesTable");
}

#[test]
fn templates_of_the_current_folder_are_found() {
    let names = ["template.yaml", "network.template.json", "other.yaml"];
    let json = "{\"Resources\": {\"Topic\": {\"Type\": \"AWS::SNS::Topic\"}}}";
    let folder = folder(&[(names[0], NO_TABLE), (names[1], json), (names[2], NO_TABLE)]);
    let output = command(folder.path(), &["--format", "json"]).output().expect("starts");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["inputs"]["templates"], serde_json::json!(["network.template.json", "template.yaml"]));
    assert_eq!(json["inputs"]["src"], serde_json::json!(["."]));
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let table = |i| format!("  Table{i}:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      KeySchema: []\n");
    let resources = (0..400).map(table).collect::<Vec<_>>().concat();
    let folder = folder(&[("template.yaml", &format!("Resources:\n{resources}"))]);
    let mut child = command(folder.path(), &["--format", "json", "--fail-on", "never"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("ends");
    assert_eq!(output.status.code(), Some(0));
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR"));
    let args = ["fixtures/orders/template.yaml", "--format", "json"];
    let run = || command(fixtures, &args).output().expect("starts").stdout;
    assert_eq!(run(), run());
}

#[test]
fn completions_are_for_this_program() {
    let folder = folder(&[]);
    for shell in ["bash", "fish", "zsh"] {
        let output = command(folder.path(), &["--completions", shell]).output().expect("starts");
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("fail-on"), "{shell}");
    }
}

#[test]
fn a_call_graph_needs_no_template() {
    let folder = folder(&[("src/app.py", "def work():\n    print()\n\nwork()\n"), ("template.yaml", "no template")]);
    let printed = run(&folder, &["--src", "src", "--dump", "call-graph"]);
    let graph = r#"{
  "<builtin>.print": [],
  "app": [
    "app.work"
  ],
  "app.work": [
    "<builtin>.print"
  ]
}"#;
    assert_eq!(printed, format!("status: 0\n--- stdout\n{graph}\n--- stderr\n"));
}

/// Templates for several regions declare the same things: what is said of them is said once.
#[test]
fn the_same_table_of_several_templates() {
    let own = "CodeUri: api/, Environment: {Variables: {TABLE: !Ref Orders}}";
    let template = WITHOUT_CODE.replace("CodeUri: build/api/", own);
    let code = "import boto3\nimport os\n\ndef handler(event, context):\n    \
                return boto3.resource('dynamodb').Table(os.environ['TABLE']).scan()['Items']\n";
    let files = [("eu.yaml", template.as_str()), ("us.yaml", template.as_str()), ("api/app.py", code)];
    let folder = folder(&files);
    let args = ["eu.yaml", "us.yaml", "--select", "missing-pagination", "--format", "json"];
    let output = command(folder.path(), &args).output().expect("the program starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let said: Vec<_> = findings.map(|finding| (finding["title"].clone(), finding["message"].clone())).collect();
    let message = "A Scan returns at most 1 MB a call. Here LastEvaluatedKey is never read. Once the items outgrow a page, the rest \
                   is left out without an error. Reached from Api.";
    assert_eq!(said, [("`handler` reads only one page of Orders".into(), message.into())]);
}

/// A layer that is still to be built is named with the folder that isn't there.
#[test]
fn content_of_a_layer_that_does_not_exist() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Common:\n    Type: AWS::Serverless::LayerVersion\n    \
                    Properties:\n      ContentUri: build/common\n";
    let folder = folder(&[("template.yaml", template)]);
    let text = run(&folder, &[]);
    let said: Vec<&str> = text.lines().skip_while(|line| !line.contains("build/common")).take(2).collect();
    let wanted = [
        "warning: build/common is not read: it doesn't exist (content of the layer Common); build it before",
        "         the audit, or let the template name the sources",
    ];
    assert_eq!(said, wanted);
}

/// An import whose file an ignore file leaves out says so, and what reads it: which then does.
#[test]
fn what_an_ignore_file_leaves_out_of_a_layer() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Common:\n    Type: AWS::Serverless::LayerVersion\n    \
                    Properties:\n      ContentUri: layers/common\n  Api:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
                    Runtime: python3.13\n      Handler: app.handler\n      CodeUri: api\n      Layers: [!Ref Common]\n  \
                    Orders:\n    Type: AWS::Serverless::SimpleTable\n";
    let code = "from common.orders import save\n\ndef handler(event, context):\n    return save(event)\n";
    let folder = folder(&[
        ("infra/template.yaml", template),
        (".gitignore", "*.pyc\n# pip puts packages there\ninfra/layers/common/python\n"),
        ("infra/api/app.py", code),
        ("infra/layers/common/python/common/orders.py", "def save(event):\n    return event\n"),
    ]);
    let reasons = |args: &[&str]| {
        let output = command(folder.path(), &[&["infra/template.yaml", "--format", "json"], args].concat()).output();
        let report: serde_json::Value = serde_json::from_slice(&output.expect("starts").stdout).expect("JSON");
        let spots = report["blind_spots"].as_array().expect("blind spots").clone();
        spots.iter().map(|spot| spot["reason"].as_str().expect("a reason").to_owned()).collect::<Vec<_>>()
    };
    let said = "the import `common` isn't among the code at hand: infra/layers/common/python/common is left out by \
                .gitignore:3; `--src infra --src infra/layers/common/python` reads it all the same";
    assert_eq!(reasons(&[]), [said]);
    assert_eq!(reasons(&["--src", "infra", "--src", "infra/layers/common/python"]), Vec::<String>::new());
}

/// Two Lambdas share a role, of which each uses another part: why no finding asks to take anything away.
#[test]
fn rights_that_others_under_the_same_role_need() {
    let function = |name: &str| {
        format!(
            "  {name}:\n    Type: AWS::Serverless::Function\n    Properties: {{Runtime: python3.13, Handler: {}.handler, CodeUri: api, \
             Role: !GetAtt Shared.Arn, Environment: {{Variables: {{TABLE: !Ref Orders}}}}}}\n",
            name.to_lowercase()
        )
    };
    let template = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Orders:\n    Type: AWS::Serverless::SimpleTable\n  Shared:\n    Type: \
         AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: \
         lambda.amazonaws.com}}, Action: sts:AssumeRole}}]}}\n      Policies:\n        - PolicyName: own\n          PolicyDocument: \
         {{Statement: [{{Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem, dynamodb:DeleteItem], Resource: !GetAtt \
         Orders.Arn}}]}}\n{}{}{}",
        function("Show"),
        function("Place"),
        function("Run")
    );
    let code = |call: &str| {
        format!(
            "import boto3\nimport os\n\nTABLE = boto3.resource('dynamodb').Table(os.environ['TABLE'])\n\ndef handler(event, \
             context):\n    {call}\n"
        )
    };
    let (show, place) =
        (code("TABLE.get_item(Key={'id': event['id']})"), code("TABLE.put_item(Item={'id': event['id']})"));
    let run_code = code("exec(event['code'])\n    TABLE.get_item(Key={'id': 'A'})");
    let files = [
        ("template.yaml", template.as_str()),
        ("api/show.py", &show),
        ("api/place.py", &place),
        ("api/run.py", &run_code),
    ];
    let text = run(&folder(&files), &["--format", "markdown"]);
    let matrix: Vec<&str> =
        text.lines().skip_while(|line| *line != "## IAM").take_while(|line| !line.starts_with("## `")).collect();
    insta::assert_snapshot!(matrix.join("\n"));
    // The list behind the picture says it, too, of each right that it calls unverified.
    let page = run(&folder(&files), &["--format", "html"]);
    let said = "What is unverified can't be told:</div><div class=\"why\">code that is made at run time (";
    assert_eq!(page.matches(said).count(), 1);
}

#[test]
fn a_rule_is_explained_within_the_columns() {
    let folder = folder(&[]);
    let mut explain = command(folder.path(), &["--explain", "missing-pitr"]);
    let text = String::from_utf8(explain.env("COLUMNS", "60").output().expect("starts").stdout).expect("UTF-8");
    let (head, rest) = text.split_once("## Example").expect("a page");
    insta::assert_snapshot!(head);
    let prose = rest.split("```").step_by(2).flat_map(str::lines).filter(|line| !line.contains("https://"));
    assert_eq!(prose.filter(|line| line.chars().count() > 60).collect::<Vec<_>>(), Vec::<&str>::new());
    let mut rules = command(folder.path(), &["--rules"]);
    let text = String::from_utf8(rules.env("COLUMNS", "60").output().expect("starts").stdout).expect("UTF-8");
    assert_eq!(text.lines().filter(|line| line.chars().count() > 60).collect::<Vec<_>>(), Vec::<&str>::new());
}
