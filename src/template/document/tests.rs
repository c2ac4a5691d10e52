use super::*;
use crate::source::FileId;
use crate::template::TemplateError;
use std::fmt::Write;

fn parse(text: &str) -> Document {
    Document::parse(FileId(0), "t.yaml", text).unwrap()
}

fn refused(text: &str) -> String {
    let error = Document::parse(FileId(0), "t.yaml", text).unwrap_err();
    assert!(!error.help().is_empty());
    error.to_string()
}

/// A tree in one line: plain scalars bare, quoted ones in quotes.
fn show(document: &Document) -> String {
    fn node(document: &Document, id: NodeId, out: &mut String) {
        match document.value(id) {
            Value::Scalar(scalar) if scalar.quoted => write!(out, "{:?}", scalar.text).unwrap(),
            Value::Scalar(scalar) => out.push_str(&scalar.text),
            Value::Sequence(items) => {
                out.push('[');
                for (n, item) in items.iter().enumerate() {
                    out.push_str(if n > 0 { ", " } else { "" });
                    node(document, *item, out);
                }
                out.push(']');
            }
            Value::Mapping(entries) => {
                out.push('{');
                for (n, entry) in entries.iter().enumerate() {
                    write!(out, "{}{}: ", if n > 0 { ", " } else { "" }, entry.key).unwrap();
                    node(document, entry.value, out);
                }
                out.push('}');
            }
        }
    }
    let mut out = String::new();
    node(document, document.root(), &mut out);
    out
}

fn under(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

#[test]
fn short_tags_are_the_long_form() {
    let cases = [
        ("a: !Ref T", "{a: {Ref: T}}"),
        ("a: !GetAtt T.Outputs.X", r#"{a: {Fn::GetAtt: ["T", "Outputs.X"]}}"#),
        ("a: !GetAtt [T, Arn]", "{a: {Fn::GetAtt: [T, Arn]}}"),
        ("a: !Sub '${T}-x'", r#"{a: {Fn::Sub: "${T}-x"}}"#),
        ("a: !Join ['-', [a, !Ref B]]", r#"{a: {Fn::Join: ["-", [a, {Ref: B}]]}}"#),
        (
            "a: !If [C, !If [D, 1, 2], !Ref AWS::NoValue]",
            "{a: {Fn::If: [C, {Fn::If: [D, 1, 2]}, {Ref: AWS::NoValue}]}}",
        ),
        ("a: !Transform {Name: x}", "{a: {Fn::Transform: {Name: x}}}"),
        ("a: !Unheard of", "{a: {Fn::Unheard: of}}"),
        ("a: !Condition C", "{a: {Condition: C}}"),
        ("a: !!str 1", r#"{a: "1"}"#),
        ("a: !Base64\n  Fn::Sub: x", "{a: {Fn::Base64: {Fn::Sub: x}}}"),
    ];
    for (text, expected) in cases {
        assert_eq!(show(&parse(text)), expected, "{text}");
    }
}

#[test]
fn spans_are_the_text_itself() {
    let text = "\u{feff}Resources:\r\n  Orders: # häufig\r\n    Type: 'A::B'\r\n    Ref: !GetAtt Tä.Arn\r\n    Keys:\r\n    - {a: 1}\r\n\r\nOutputs: {}\r\n";
    let document = parse(text);
    let resources = document.entry(document.root(), "Resources").unwrap();
    let orders = document.entry(resources.value, "Orders").unwrap();
    assert_eq!(under(text, orders.key_span), "Orders");
    assert_eq!(
        under(text, document.span(orders.value)),
        "Type: 'A::B'\r\n    Ref: !GetAtt Tä.Arn\r\n    Keys:\r\n    - {a: 1}"
    );
    let get = |key| document.get(orders.value, key).unwrap();
    assert_eq!(under(text, document.span(get("Type"))), "'A::B'");
    let reference = document.intrinsic(get("Ref")).unwrap();
    assert_eq!(under(text, document.span(get("Ref"))), "!GetAtt Tä.Arn");
    assert_eq!(under(text, reference.key_span), "!GetAtt");
    let parts: Vec<_> = document.items(reference.value).iter().map(|part| under(text, document.span(*part))).collect();
    assert_eq!(parts, ["Tä", "Arn"]);
    assert_eq!(under(text, document.span(get("Keys"))), "- {a: 1}");
}

#[test]
fn aliases_are_the_anchors_own_node() {
    let text = "a: &x {k: 1}\nb: *x\nc: &y !Ref T\nd: [*y, *x]\n";
    let document = parse(text);
    let get = |key| document.get(document.root(), key).unwrap();
    assert_eq!(get("a"), get("b"));
    assert_eq!(document.items(get("d")), [get("c"), get("a")]);
    assert_eq!(under(text, document.span(get("b"))), "{k: 1}");
}

#[test]
fn merge_keys_fill_in_what_is_missing() {
    let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: *a, y: 3}\nd: {<<: [*a, *b]}\n\"<<\": text\n";
    let document = parse(text);
    assert_eq!(show(&document), "{a: {x: 1, y: 1}, b: {y: 2, z: 2}, c: {y: 3, x: 1}, d: {x: 1, y: 1, z: 2}, <<: text}");
    assert_eq!(refused("a: {<<: 1}"), "t.yaml:1: `<<` takes a mapping or a list of mappings");
}

#[test]
fn the_last_of_duplicate_keys_wins() {
    let mut text = String::from("a: 1\nb: 2\na: 3\n");
    for n in 0..40 {
        writeln!(text, "k{n}: {n}").unwrap();
    }
    text.push_str("k30: last\na:   '3'\na: 3\nin:\n- {}\n- b: {c: x, c: x}\n");
    let document = parse(&text);
    assert_eq!(document.text(document.get(document.root(), "a").unwrap()).unwrap(), "3");
    assert_eq!(document.text(document.get(document.root(), "k30").unwrap()).unwrap(), "last");
    let found = document.duplicates().iter().map(|duplicate| {
        let places = duplicate.earlier.iter().chain([&duplicate.last]);
        let lines = places.map(|span| text[..span.start as usize].matches('\n').count() + 1).collect::<Vec<_>>();
        (duplicate.path.join("."), &*duplicate.key, lines, duplicate.same)
    });
    let expected = [
        (String::new(), "k30", vec![34, 44], false),
        (String::new(), "a", vec![1, 3, 45, 46], false),
        ("in.1.b".to_owned(), "c", vec![49, 49], true),
    ];
    assert_eq!(found.collect::<Vec<_>>(), expected);
    let many = "a: 1\n".repeat(1_002);
    assert_eq!(refused(&many), "t.yaml:1002: more than 1000 keys are there twice");
}

#[test]
fn json_is_accepted_as_it_is() {
    let text = "{\r\n\t\"Resources\":{\"T\" : {\"Type\":\"A\",\t\"n\":-1.5e3,\"b\":true,\r\n\t\t\"s\":\"\\ud83d\\ude00\\/\\u00e9 # no comment: {}\"}}\r\n}\r\n";
    assert_eq!(show(&parse(text)), r#"{Resources: {T: {Type: "A", n: -1.5e3, b: true, s: "😀/é # no comment: {}"}}}"#);
}

#[test]
fn plain_scalars_have_the_types_of_yaml_1_1() {
    let typed = |text: &str| {
        let scalar = Scalar { text: text.into(), quoted: false };
        scalar.typed().text().map(std::borrow::Cow::into_owned)
    };
    let cases = [
        ("yes", Some("true")),
        ("Off", Some("false")),
        ("y", Some("y")),
        ("~", None),
        ("null", None),
        ("", None),
        ("012", Some("10")),
        ("018", Some("018")),
        ("0x1F", Some("31")),
        ("0b101", Some("5")),
        ("1_000", Some("1000")),
        ("1:30", Some("90")),
        ("190:20:30", Some("685230")),
        ("1:60", Some("1:60")),
        ("-7", Some("-7")),
        ("+7", Some("7")),
        ("0", Some("0")),
        ("1.50", Some("1.50")),
        ("1e3", Some("1e3")),
        ("123456789012", Some("123456789012")),
        ("2012-10-17", Some("2012-10-17")),
        ("-", Some("-")),
    ];
    for (text, expected) in cases {
        assert_eq!(typed(text).as_deref(), expected, "{text}");
    }
    let scalar = |text| Scalar { text: String::from(text).into(), quoted: false };
    assert_eq!(scalar("2012-10-17").typed(), Typed::Timestamp("2012-10-17"));
    assert_eq!(scalar("2012-10-17T01:02:03Z").typed(), Typed::Timestamp("2012-10-17T01:02:03Z"));
    assert_eq!(scalar("1.5e+3").typed(), Typed::Float("1.5e+3"));
    assert_eq!(scalar("1.5e3").typed(), Typed::Text("1.5e3"));
    assert_eq!(scalar(".5").typed(), Typed::Float(".5"));
    assert_eq!(scalar("1.2.3").typed(), Typed::Text("1.2.3"));
    for float in ["0.", "1_0.5", "-1.5", "1.e+3", ".5_", "-.inf", ".NaN", "012:30:45.5", "1:2.5"] {
        assert_eq!(scalar(float).typed(), Typed::Float(float));
    }
    for text in ["+.5", "-.5", "_1.5", "._5", "-.nan", ".", "1.5e", "1:60.5", ":1.5", "1.5e+"] {
        assert_eq!(scalar(text).typed(), Typed::Text(text));
    }
    for time in ["2001-1-1 1:02:03", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43.1 -5", "2001-12-14T21:59:43."]
    {
        assert_eq!(scalar(time).typed(), Typed::Timestamp(time));
    }
    for text in
        ["2001-1-1", "2001-12-14t21:59", "2001-12-14t21:59:43x", "2001-12-14t21:59:43-:00", "2001-12-14tt21:59:43"]
    {
        assert_eq!(scalar(text).typed(), Typed::Text(text));
    }
    assert_eq!(Scalar { text: "yes".into(), quoted: true }.typed(), Typed::Text("yes"));
}

#[test]
fn what_is_not_a_template_is_named() {
    let cases = [
        ("", "t.yaml:1: the template is empty"),
        ("# nothing\n---\n", "t.yaml:1: the template is empty"),
        ("a: 1\nb: \0\n", "t.yaml:2: the file holds a NUL byte, so it is not a template"),
        ("a: 1\n---\nb: 2\n", "t.yaml:2: a second document starts here; a template is one document"),
        ("a: 1\n{% if x %}\nb: 2\n", "t.yaml:2: this is a Jinja template that has not been rendered"),
        ("a: {{ name }}\n", "t.yaml:1: this is a Jinja template that has not been rendered"),
        ("{{ name }}: 1\n", "t.yaml:1: this is a Jinja template that has not been rendered"),
        ("a: '{{ cookiecutter.name }}'\n", "t.yaml:1: this is a cookiecutter template that has not been rendered"),
        ("a: [1\nb: 2\n", "t.yaml:2: illegal placement of ':' indicator"),
        ("? [a]\n: 1\n", "t.yaml:1: a key must be text"),
        ("a: *b\n", "t.yaml:1: no anchor `&b` before this alias"),
        ("a: &b [*b]\n", "t.yaml:1: the alias refers to a node that holds it"),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(text), expected, "{text:?}");
    }
}

#[test]
fn reading_goes_on_after_an_error_that_leaves_the_structure_whole() {
    let text = "a: *x\nb: &b [*b]\n? {}\n: 1\nc: {<<: 1, <<: [*y]}\nd: ok\ne: [\n";
    let expected = [
        "t.yaml:1: no anchor `&x` before this alias",
        "t.yaml:2: the alias refers to a node that holds it",
        "t.yaml:3: a key must be text",
        "t.yaml:5: no anchor `&y` before this alias",
        "t.yaml:5: `<<` takes a mapping or a list of mappings",
        "t.yaml:7: unclosed bracket '['",
    ];
    assert_eq!(refused(text).lines().collect::<Vec<_>>(), expected);
    assert_eq!(refused(&"- *a\n".repeat(100)).lines().count(), 20);
}

#[test]
fn a_key_may_be_an_alias_or_tagged() {
    assert_eq!(show(&parse("a: &k id\n*k : 1\n!!str 2: x\n&n q: *n\n")), "{a: id, id: 1, 2: x, q: q}");
}

#[test]
fn every_short_function_is_the_long_form() {
    let names = [
        "Base64",
        "Cidr",
        "And",
        "Equals",
        "If",
        "Not",
        "Or",
        "FindInMap",
        "GetAZs",
        "ImportValue",
        "Join",
        "Select",
        "Split",
        "Sub",
        "Transform",
        "Length",
        "ToJsonString",
        "ForEach",
        "Contains",
        "EachMemberIn",
        "RefAll",
        "Rain::S3",
    ];
    for name in names {
        for (value, shown) in [("x", "x"), ("'x'", "\"x\""), ("[a, b]", "[a, b]"), ("{a: 1}", "{a: 1}")] {
            assert_eq!(show(&parse(&format!("k: !{name} {value}"))), format!("{{k: {{Fn::{name}: {shown}}}}}"));
        }
    }
    let block =
        "k: !Join\n  - ''\n  - - !GetAtt A.B\n    - !If\n      - C\n      - !Ref D\n      - !Ref AWS::NoValue\n";
    let expected = r#"{k: {Fn::Join: ["", [{Fn::GetAtt: ["A", "B"]}, {Fn::If: [C, {Ref: D}, {Ref: AWS::NoValue}]}]]}}"#;
    assert_eq!(show(&parse(block)), expected);
    let odd = [
        ("k: !GetAtt A", r#"{k: {Fn::GetAtt: ["A"]}}"#),
        ("k: !GetAtt 'A.B.C.D'", r#"{k: {Fn::GetAtt: ["A", "B.C.D"]}}"#),
        ("k: !GetAtt\n- A\n- !Ref B\n", "{k: {Fn::GetAtt: [A, {Ref: B}]}}"),
        ("k: !Ref\n", "{k: {Ref: }}"),
        ("k: !Sub\n- a\n- {b: !Ref C}\n", "{k: {Fn::Sub: [a, {b: {Ref: C}}]}}"),
    ];
    for (text, expected) in odd {
        assert_eq!(show(&parse(text)), expected, "{text}");
    }
    assert_eq!(refused("!Ref k: 1\n"), "t.yaml:1: a key must be text");
}

#[test]
fn the_same_text_is_read_under_every_convention_of_editors() {
    let text = "A:\n  - b: 'c'\n    d: |\n      e\n      f\n  - !Ref g # why\n";
    let expected = r#"{A: [{b: "c", d: "e\nf\n"}, {Ref: g}]}"#;
    let variants = [
        text.to_owned(),
        text.replace('\n', "\r\n"),
        format!("\u{feff}{text}"),
        format!("---\n{text}"),
        format!("# head\n\n--- # start\n{text}...\n"),
        format!("%YAML 1.1\n---\n{text}"),
        format!("\u{feff}---\r\n{}", text.replace('\n', "\r\n")),
    ];
    for variant in variants {
        assert_eq!(show(&parse(&variant)), expected, "{variant:?}");
    }
}

#[test]
fn markers_inside_text_are_text() {
    assert_eq!(
        show(&parse("a: '{{resolve:ssm:x}}'\nb: \"{{ user }}\"\n")),
        r#"{a: "{{resolve:ssm:x}}", b: "{{ user }}"}"#
    );
}

/// Refused with a message.
fn refused_as(text: &str, expected: &str) {
    assert_eq!(refused(text), expected);
}

#[test]
fn hostile_documents_are_refused() {
    refused_as(&"[".repeat(100_000), "t.yaml:1: nested more than 200 levels deep");
    refused_as(&"{a: ".repeat(100_000), "t.yaml:1: nested more than 200 levels deep");
    refused_as(&"- ".repeat(100_000), "t.yaml:1: nested more than 200 levels deep");
    let mut steps = String::new();
    for n in 0..2_000 {
        writeln!(steps, "{}k:", " ".repeat(n)).unwrap();
    }
    refused_as(&steps, "t.yaml:201: nested more than 200 levels deep");
    refused_as(&"a".repeat(50 << 20), "t.yaml has 52428800 bytes; a template may have 4194304");
    refused_as(&"- a\n".repeat(1_000_000), "t.yaml:400001: more than 400000 nodes, aliases expanded");
}

#[test]
fn alias_bombs_are_refused() {
    let mut wide = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let alias = format!("*a{}, ", n - 1);
        writeln!(wide, "a{n}: &a{n} [{}]", alias.repeat(10)).unwrap();
    }
    refused_as(&wide, "t.yaml:6: more than 400000 nodes, aliases expanded");
    let mut deep = String::from("a0: &a0 [x]\n");
    for n in 1..1_000 {
        writeln!(deep, "a{n}: &a{n} [*a{}]", n - 1).unwrap();
    }
    refused_as(&deep, "t.yaml:200: nested more than 200 levels deep, aliases followed");
    let mut merges = String::from("a: &a {");
    for n in 0..5_000 {
        write!(merges, "k{n}: 1, ").unwrap();
    }
    merges.push_str("}\n");
    for n in 0..100 {
        writeln!(merges, "m{n}: {{<<: *a}}").unwrap();
    }
    refused_as(&merges, "t.yaml:42: `<<` copies more than 200000 entries");
}

#[test]
fn errors_have_a_place() {
    let error = Document::parse(FileId(3), "t.yaml", "a: 1\nb: ]\n").unwrap_err();
    let TemplateError::Syntax { at, .. } = &error else { panic!("{error}") };
    assert_eq!((at.line, at.span), (2, Span::new(FileId(3), 8, 9)));
}
