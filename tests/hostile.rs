//! Input that nobody writes, from outside: an error that says why, or an audit of the rest; never a crash, never a wait.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

const TABLE: &str = "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      KeySchema: [{AttributeName: pk, KeyType: HASH}]\n";

fn lines(range: std::ops::Range<usize>, line: impl Fn(usize) -> String) -> String {
    range.map(line).collect::<Vec<_>>().concat()
}

fn audit(folder: &Path, args: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_ddb-audit");
    let mut command = Command::new(program);
    command.current_dir(folder).args(args).args(["--format", "json", "--fail-on", "never"]).stdin(Stdio::null());
    command.output().expect("the program starts")
}

/// What the program says of a template: its error's first line, or `audited`.
fn verdict(folder: &TempDir, template: &str) -> String {
    let output = audit(folder.path(), &[template]);
    let errors = String::from_utf8(output.stderr).expect("output is UTF-8");
    match output.status.code() {
        Some(0) => "audited".to_owned(),
        Some(2) => errors.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().replacen("× ", "", 1),
        other => panic!("{template}: {other:?} {errors}"),
    }
}

/// Writes each text as a template, and compares what the program says of it.
fn verdicts(cases: &[(&str, Vec<u8>, &str)]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text, expected) in cases {
        fs::write(folder.path().join(name), text).expect("can write");
        assert_eq!(verdict(&folder, name), *expected);
        fs::remove_file(folder.path().join(name)).expect("can remove");
    }
}

#[test]
fn nesting() {
    let n = 100_000;
    let steps = lines(0..1_000, |i| format!("{}k:\n", " ".repeat(i)));
    verdicts(&[
        ("open.yaml", "[".repeat(n).into(), "open.yaml:1: nested more than 200 levels deep"),
        ("closed.yaml", ("[".repeat(n) + &"]".repeat(n)).into(), "closed.yaml:1: nested more than 200 levels deep"),
        ("maps.json", "{\"a\":".repeat(n).into(), "maps.json:1: nested more than 200 levels deep"),
        ("block.yaml", "- ".repeat(n).into(), "block.yaml:1: nested more than 200 levels deep"),
        ("keys.yaml", "? ".repeat(n).into(), "keys.yaml:1: nested more than 200 levels deep"),
        ("steps.yaml", steps.into(), "steps.yaml:201: nested more than 200 levels deep"),
    ]);
}

#[test]
fn aliases() {
    let mut wide = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    let mut deep = String::from("a0: &a0 [x]\n");
    let mut merged = String::from("a0: &a0 {k: 1}\n");
    for n in 1..2_000 {
        let alias = format!("*a{}, ", n - 1);
        writeln!(wide, "a{n}: &a{n} [{}]", alias.repeat(10)).expect("can write");
        writeln!(deep, "a{n}: &a{n} [{alias}]").expect("can write");
        writeln!(merged, "a{n}: &a{n} {{k{n}: 1, <<: [{}]}}", alias.repeat(10)).expect("can write");
    }
    verdicts(&[
        ("wide.yaml", wide.into(), "wide.yaml:6: more than 400000 nodes, aliases expanded"),
        ("deep.yaml", deep.into(), "deep.yaml:200: nested more than 200 levels deep, aliases followed"),
        ("merged.yaml", merged.into(), "merged.yaml:201: `<<` copies more than 200000 entries"),
        ("many.yaml", format!("a: &a x\nb: [{}]\n{TABLE}", "*a, ".repeat(100_000)).into(), "audited"),
    ]);
}

#[test]
fn sizes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // A file with a hole: large, and nothing to write.
    let large = fs::File::create(folder.path().join("large.yaml")).expect("can create");
    large.set_len(50 << 20).expect("can be large");
    assert_eq!(verdict(&folder, "large.yaml"), "large.yaml has 52428800 bytes; a template may have 4194304");
    verdicts(&[
        ("line.yaml", format!("{TABLE}x: {}\n", "a ".repeat(1_000_000)).into(), "audited"),
        ("quoted.yaml", format!("{TABLE}x: \"{}\"\n", "\\x41".repeat(500_000)).into(), "audited"),
        ("block.yaml", format!("{TABLE}x: |\n{}", "  a\n".repeat(500_000)).into(), "audited"),
        ("comment.yaml", format!("{TABLE}#{}", "x".repeat(4_000_000)).into(), "audited"),
        ("blank.yaml", "\n".repeat(1_000_000).into(), "blank.yaml:1: the template is empty"),
        ("repeated.yaml", format!("{TABLE}{}", "a: 1\n".repeat(900)).into(), "audited"),
        (
            "duplicates.yaml",
            format!("{TABLE}{}", "a: 1\n".repeat(50_000)).into(),
            "duplicates.yaml:1007: more than 1000 keys are there twice",
        ),
        ("join.yaml", format!("{TABLE}      TableName: !Sub '{}'\n", "${A}".repeat(100_000)).into(), "audited"),
    ]);
}

#[test]
fn encodings() {
    let utf16 = |order: fn(u16) -> [u8; 2]| TABLE.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    let nul = "the file holds a NUL byte, so it is not a template";
    verdicts(&[
        ("nul.yaml", format!("{TABLE}x: \0\n").into(), &format!("nul.yaml:6: {nul}")),
        ("little.yaml", utf16(u16::to_le_bytes), &format!("little.yaml:1: {nul}")),
        ("mark.yaml", [vec![0xff, 0xfe], utf16(u16::to_le_bytes)].concat(), "mark.yaml:1: not UTF-8"),
        ("latin.yaml", [TABLE.as_bytes(), b"x: \xe9\n"].concat(), "latin.yaml:6: not UTF-8"),
        ("zip.yaml", [b"PK\x03\x04".as_slice(), &[0; 512]].concat(), &format!("zip.yaml:1: {nul}")),
    ]);
}

/// A circle of templates is an error that names its first step and the one that closes it.
#[test]
fn templates_that_hold_themselves() {
    let nested = "  N:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: nest.yaml}\n";
    let application = "  N:\n    Type: AWS::Serverless::Application\n    Properties: {Location: ./app.yaml}\n";
    let include = "Fn::Transform: {Name: AWS::Include, Parameters: {Location: inc.yaml}}";
    let reference =
        "      TableName: !Sub ['${a}', {a: !Sub '${T}'}]\nParameters: {P: {Type: String, Default: !Ref P}}\n";
    verdicts(&[
        (
            "nest.yaml",
            format!("{TABLE}{nested}").into(),
            "nest.yaml:8: what is nested here leads back to itself, by nest.yaml:8",
        ),
        (
            "app.yaml",
            format!("{TABLE}{application}").into(),
            "app.yaml:8: what is nested here leads back to itself, by app.yaml:8",
        ),
        (
            "inc.yaml",
            format!("{TABLE}  {include}\nMetadata:\n  {include}\n").into(),
            "inc.yaml:6: what is included here leads back to itself, by inc.yaml:6",
        ),
        ("reference.yaml", format!("{TABLE}{reference}").into(), "audited"),
    ]);
}

#[test]
fn a_folder_is_no_template() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("t.yaml")).expect("can create folders");
    assert_eq!(verdict(&folder, "t.yaml"), "t.yaml is a folder, not a template");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_no_template() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().expect("a temporary folder");
    pipe(&folder.path().join("pipe.yaml"));
    symlink("b.yaml", folder.path().join("a.yaml")).expect("can link");
    symlink("a.yaml", folder.path().join("b.yaml")).expect("can link");
    assert_eq!(verdict(&folder, "pipe.yaml"), "cannot read pipe.yaml: it is a named pipe, not a file");
    assert_eq!(verdict(&folder, "/dev/zero"), "cannot read /dev/zero: it is a device, not a file");
    assert!(verdict(&folder, "a.yaml").starts_with("cannot read a.yaml: "));
    let closed = folder.path().join("closed.yaml");
    fs::write(&closed, TABLE).expect("can write");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).expect("can forbid");
    // Whoever may read everything audits it.
    let expected =
        if fs::read(&closed).is_ok() { "audited" } else { "cannot read closed.yaml: Permission denied (os error 13)" };
    assert_eq!(verdict(&folder, "closed.yaml"), expected);
}

#[cfg(unix)]
fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().expect("mkfifo is there").success());
}

const HANDLER: &str = "import boto3, os\nt = boto3.resource('dynamodb').Table(os.environ['T'])\n";

/// A Lambda on the table; its code is `src/app.py`.
fn project(code: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("src")).expect("can create folders");
    let function = "  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      Handler: app.handler\n      CodeUri: src\n      \
                    Runtime: python3.13\n      Environment: {Variables: {T: !Ref T}}\n";
    let template = format!("Transform: AWS::Serverless-2016-10-31\n{TABLE}{function}");
    fs::write(folder.path().join("template.yaml"), template).expect("can write");
    fs::write(folder.path().join("src/app.py"), code).expect("can write");
    folder
}

/// The calls that are found, and what is skipped.
fn outcome(folder: &TempDir) -> (Vec<String>, Vec<String>) {
    let output = audit(folder.path(), &["template.yaml"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let strings = |list: &serde_json::Value, keys: [&str; 2]| -> Vec<String> {
        let items = list.as_array().expect("a list").iter();
        items.map(|item| keys.map(|key| item[key].as_str().unwrap_or("?").to_owned()).join(": ")).collect()
    };
    (strings(&report["accesses"], ["operation", "table"]), strings(&report["inputs"]["skipped"], ["file", "reason"]))
}

fn calls(code: &str) -> (Vec<String>, Vec<String>) {
    outcome(&project(code.as_bytes()))
}

/// Whatever else the function does, its scan is found.
#[test]
fn code_that_nobody_writes() {
    let n = 4_000;
    let branches = lines(0..n, |i| format!("    elif e == {i}: x = {i}\n"));
    let chain = lines(0..2_000, |i| format!("def f{i}(): return f{}()\n", i + 1));
    let bodies = [
        format!("    x = {}1{}\n", "(".repeat(n), ")".repeat(n)),
        format!("    x = {}1{}\n", "[".repeat(n), "]".repeat(n)),
        format!("    x = e{}\n", ".a".repeat(n)),
        format!("    x = {}1\n", "1 + ".repeat(n)),
        format!("    x = {}1\n", "not ".repeat(n)),
        format!("    x = {}1\n", "1 if e else ".repeat(n)),
        format!("    x = 'a'\n{}", "    x = x + x\n".repeat(200)),
        format!("    x = ['a']\n{}", "    x = [x, x]\n".repeat(200)),
        "    x = ['a' * 10**9, '%1000000000d' % 1, f'{1:>1000000000}', 10**10**9, [0] * 10**9]\n".to_owned(),
        format!("    if e: x = 0\n{branches}"),
    ];
    let scan = (vec!["Scan: T".to_owned()], Vec::new());
    for body in bodies {
        let code = format!("{HANDLER}def handler(e, c):\n{body}    return t.scan()\n");
        assert_eq!(calls(&code), scan, "{}", &body[..40]);
    }
    let classes = lines(1..2_000, |i| format!("class C{i}(C{}): pass\n", i - 1));
    let tail = "def f2000(): return t.scan()\ndef handler(e, c): return C1999() and f0()\n";
    assert_eq!(calls(&format!("{HANDLER}class C0: pass\n{classes}{chain}{tail}")).1, Vec::<String>::new());
}

const IN_PART: &str =
    "line 1: a syntax error: Python refuses this file. What could be read of it was, and counts as possible only";

#[test]
fn code_that_is_none() {
    let skipped = |reason: &str| vec![format!("src/app.py: {reason}")];
    let cases: [(Vec<u8>, Vec<String>); 7] = [
        ([b"\xff\xfe".as_slice(), b"x\0=\x001\0"].concat(), skipped("not UTF-8")),
        (vec![b'#'; (2 << 20) + 1], skipped("larger than 2048 KiB")),
        (format!("x = 1 {}\n", "\\\n".repeat(100_000)).into(), skipped("takes too long to parse")),
        (format!("x = '''{}", "a\n".repeat(10_000)).into(), skipped(IN_PART)),
        ("'\n".repeat(10_001).into(), skipped(&IN_PART.replace("line 1:", "line 10001:"))),
        ("def ( [ { ".repeat(5_000).into(), skipped(IN_PART)),
        (b"x = 1\0\n".to_vec(), skipped("holds a NUL byte, which Python refuses")),
    ];
    for (code, expected) in cases {
        assert_eq!(outcome(&project(&code)), (Vec::new(), expected));
    }
}

#[cfg(unix)]
#[test]
fn entries_that_are_no_files_are_named() {
    let folder = project(format!("{HANDLER}def handler(e, c): return t.scan()\n").as_bytes());
    let path = |name: &str| folder.path().join("src").join(name);
    pipe(&path("pipe.py"));
    fs::create_dir(path("folder.py")).expect("can create folders");
    for (to, name) in [("b.py", "a.py"), ("a.py", "b.py"), (".", "up"), ("/dev/zero", "zero.py"), ("pipe.py", "to.py")]
    {
        std::os::unix::fs::symlink(to, path(name)).expect("can link");
    }
    let (calls, skipped) = outcome(&folder);
    assert_eq!(calls, ["Scan: T"]);
    let skipped: Vec<&str> = skipped.iter().map(|entry| entry.split(" loop").next().unwrap_or_default()).collect();
    assert_eq!(
        skipped,
        [
            "src/a.py: link that can't be followed: filesystem",
            "src/b.py: link that can't be followed: filesystem",
            "src/pipe.py: a named pipe, not a file",
            "src/to.py: a named pipe, not a file",
            "src/up: link to a folder",
            "src/zero.py: a device, not a file",
        ]
    );
}

#[cfg(unix)]
#[test]
fn a_handler_that_is_no_file_is_a_blind_spot() {
    let folder = project(b"");
    fs::remove_file(folder.path().join("src/app.py")).expect("can remove");
    pipe(&folder.path().join("src/app.py"));
    assert_eq!(outcome(&folder), (Vec::new(), vec!["src/app.py: a named pipe, not a file".to_owned()]));
}

/// The context of an image may be the folder around the repository, where other projects are.
#[test]
fn an_image_of_more_than_the_repository() {
    let around = tempfile::tempdir().expect("a temporary folder");
    let own = around.path().join("own");
    let function = "  F:\n    Type: AWS::Serverless::Function\n    Metadata: {Dockerfile: own/Dockerfile, DockerContext: ../..}\n    \
                    Properties: {PackageType: Image, Environment: {Variables: {T: !Ref T}}}\n";
    let template = format!("Transform: AWS::Serverless-2016-10-31\n{TABLE}{function}");
    let call = "import boto3\nboto3.resource('dynamodb').Table('x').scan()\n";
    let files = [("own/infra/template.yaml", template.as_str()), ("own/tool.py", call), ("strange/app.py", call)];
    for (name, text) in files {
        let path = around.path().join(name);
        fs::create_dir_all(path.parent().expect("below the folder")).expect("can create folders");
        fs::write(path, text).expect("can write");
    }
    let read = || {
        let report = audit(&own, &["infra/template.yaml", "--src", "."]).stdout;
        let report: serde_json::Value = serde_json::from_slice(&report).expect("JSON");
        report["inputs"]["python_files"].as_u64()
    };
    assert_eq!(read(), Some(2));
    fs::create_dir(own.join(".git")).expect("can create folders");
    assert_eq!(read(), Some(1));
}
