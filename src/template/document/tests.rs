use super::*;
use crate::source::FileId;
use crate::template::TemplateError;
use std::fmt::Write;
use std::time::{Duration, Instant};

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
    text.push_str("k30: last\n");
    let document = parse(&text);
    assert_eq!(document.text(document.get(document.root(), "a").unwrap()).unwrap(), "3");
    assert_eq!(document.text(document.get(document.root(), "k30").unwrap()).unwrap(), "last");
    let places: Vec<_> = document.duplicates().iter().map(|d| (&*d.key, d.first.start, d.second.start)).collect();
    let at = |key: &str| u32::try_from(text.find(key).unwrap()).unwrap();
    assert_eq!(places, [("a", 0, 10), ("k30", at("k30"), at("k30: last"))]);
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
        ("a: *b\n", "t.yaml:1: while parsing node, found unknown anchor"),
        ("a: &b [*b]\n", "t.yaml:1: the alias refers to a node that holds it"),
    ];
    for (text, expected) in cases {
        assert_eq!(refused(text), expected, "{text:?}");
    }
}

#[test]
fn markers_inside_text_are_text() {
    assert_eq!(
        show(&parse("a: '{{resolve:ssm:x}}'\nb: \"{{ user }}\"\n")),
        r#"{a: "{{resolve:ssm:x}}", b: "{{ user }}"}"#
    );
}

/// Refused with a message, in a time that an optimised build divides by ten.
fn refused_soon(text: &str, expected: &str) {
    let start = Instant::now();
    let message = refused(text);
    assert!(start.elapsed() < Duration::from_secs(10), "{:?} for {expected}", start.elapsed());
    assert_eq!(message, expected);
}

#[test]
fn hostile_documents_are_refused() {
    refused_soon(&"[".repeat(100_000), "t.yaml:1: nested more than 200 levels deep");
    refused_soon(&"{a: ".repeat(100_000), "t.yaml:1: nested more than 200 levels deep");
    refused_soon(&"- ".repeat(100_000), "t.yaml:1: nested more than 200 levels deep");
    let mut steps = String::new();
    for n in 0..2_000 {
        writeln!(steps, "{}k:", " ".repeat(n)).unwrap();
    }
    refused_soon(&steps, "t.yaml:201: nested more than 200 levels deep");
    refused_soon(&"a".repeat(50 << 20), "t.yaml has 52428800 bytes; a template may have 4194304");
    refused_soon(&"- a\n".repeat(1_000_000), "t.yaml:400001: more than 400000 nodes, aliases expanded");
}

#[test]
fn alias_bombs_are_refused() {
    let mut wide = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let alias = format!("*a{}, ", n - 1);
        writeln!(wide, "a{n}: &a{n} [{}]", alias.repeat(10)).unwrap();
    }
    refused_soon(&wide, "t.yaml:6: more than 400000 nodes, aliases expanded");
    let mut deep = String::from("a0: &a0 [x]\n");
    for n in 1..1_000 {
        writeln!(deep, "a{n}: &a{n} [*a{}]", n - 1).unwrap();
    }
    refused_soon(&deep, "t.yaml:200: nested more than 200 levels deep, aliases followed");
    let mut merges = String::from("a: &a {");
    for n in 0..5_000 {
        write!(merges, "k{n}: 1, ").unwrap();
    }
    merges.push_str("}\n");
    for n in 0..100 {
        writeln!(merges, "m{n}: {{<<: *a}}").unwrap();
    }
    refused_soon(&merges, "t.yaml:42: `<<` copies more than 200000 entries");
}

#[test]
fn errors_have_a_place() {
    let error = Document::parse(FileId(3), "t.yaml", "a: 1\nb: ]\n").unwrap_err();
    let TemplateError::Syntax { at, .. } = &error else { panic!("{error}") };
    assert_eq!((at.line, at.span), (2, Span::new(FileId(3), 8, 9)));
}
