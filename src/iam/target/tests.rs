use super::*;
use crate::dynamodb::symbolic::Part;

fn orders() -> ResourceRef {
    ResourceRef { stack: 0, id: "Orders".into() }
}

/// `{x}` is a hole, `${T}` and `${T.Arn}` a resource.
fn symbolic(text: &str) -> Symbolic {
    let mut out = Symbolic::default();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let close = open + rest[open..].find('}').expect("a closing brace");
        let resource = rest[..open].ends_with('$');
        out.push(Part::Text(rest[..open - usize::from(resource)].into()));
        let name = &rest[open + 1..close];
        out.push(if resource {
            let (id, attribute) = name.split_once('.').unwrap_or((name, ""));
            Part::Resource(ResourceRef { stack: 0, id: id.into() }, attribute.into())
        } else {
            Part::Hole(name.into())
        });
        rest = &rest[close + 1..];
    }
    out.push(Part::Text(rest.into()));
    out
}

fn ask(pattern: &str, names: &[&str]) -> (TargetKind, Answer, Answer) {
    let target = Target::parse(&symbolic(pattern));
    let names: Vec<_> = names.iter().map(|name| symbolic(name)).collect();
    (target.kind(), target.covers_table(&orders(), &names), target.covers_index(&orders(), &names, "by-day"))
}

use Answer::{Maybe, No, Yes};
use TargetKind::{Any, Backup, Index, OtherDynamoDb, OtherService, Stream, Table, Unknown};

const ARN: &str = "arn:{AWS::Partition}:dynamodb:{AWS::Region}:{AWS::AccountId}:";

#[test]
fn logical_ids() {
    assert_eq!(ask("${Orders.Arn}", &[]), (Table, Yes, No));
    assert_eq!(ask("${Orders.Arn}/index/*", &["orders"]), (Index, No, Yes));
    assert_eq!(ask("${Orders.Arn}/index/by-day", &[]), (Index, No, Yes));
    assert_eq!(ask("${Orders.Arn}/index/by-month", &[]), (Index, No, No));
    assert_eq!(ask("${Orders.Arn}*", &[]), (Table, Yes, Yes));
    assert_eq!(ask("${Users.Arn}", &[]), (Table, No, No));
    assert_eq!(ask(&format!("{ARN}table/${{Orders}}"), &["orders"]), (Table, Yes, No));
    assert_eq!(ask(&format!("{ARN}table/${{Orders}}/index/*"), &[]), (Index, No, Yes));
    assert_eq!(ask("${Orders.StreamArn}", &[]), (Stream, No, No));
    assert_eq!(ask(&format!("{ARN}table/${{Orders}}/backup/*"), &[]), (Backup, No, No));
}

#[test]
fn names() {
    let stage = &["app-{Stage}-orders"][..];
    assert_eq!(ask(&format!("{ARN}table/app-{{Stage}}-orders"), stage), (Table, Yes, No));
    assert_eq!(ask(&format!("{ARN}table/app-{{Stage}}-*"), stage), (Table, Yes, Yes));
    assert_eq!(ask(&format!("{ARN}table/app-{{Stage}}-users"), stage), (Table, No, No));
    assert_eq!(ask(&format!("{ARN}table/app-dev-orders"), stage), (Table, Maybe, No));
    assert_eq!(ask(&format!("{ARN}table/shop-*"), stage), (Table, No, No));
    assert_eq!(ask("arn:aws:dynamodb:*:*:table/*", stage), (Table, Yes, Yes));
    assert_eq!(ask("arn:aws:dynamodb:eu-west-1:123456789012:table/orders", &["orders"]), (Table, Yes, No));
    assert_eq!(ask("arn:aws:dynamodb:*:*:table/orders*", &["orders"]), (Table, Yes, Yes));
    assert_eq!(ask("arn:aws:dynamodb:*:*:table/order?", &["orders"]), (Table, Yes, No));
}

#[test]
fn a_parameter_stands_for_its_default_too() {
    let names = &["orders", "{TableName}"][..];
    assert_eq!(ask(&format!("{ARN}table/{{TableName}}"), names), (Table, Yes, Maybe));
    assert_eq!(ask(&format!("{ARN}table/orders"), names), (Table, Maybe, No));
}

#[test]
fn generated_names() {
    assert_eq!(ask(&format!("{ARN}table/{{AWS::StackName}}-*"), &[]), (Table, Yes, Yes));
    assert_eq!(ask(&format!("{ARN}table/{{AWS::StackName}}-Orders-*"), &[]), (Table, Yes, Yes));
    assert_eq!(ask(&format!("{ARN}table/orders"), &[]), (Table, No, No));
}

#[test]
fn branches_of_a_name() {
    let names = &["prod-orders", "orders"][..];
    assert_eq!(ask("arn:aws:dynamodb:*:*:table/prod-*", names), (Table, Maybe, Maybe));
    assert_eq!(ask("arn:aws:dynamodb:*:*:table/*orders", names), (Table, Yes, No));
}

#[test]
fn everything_and_nothing() {
    assert_eq!(ask("*", &[]), (Any, Yes, Yes));
    assert_eq!(ask("arn:aws:dynamodb:*:*:*", &[]), (Any, Yes, Yes));
    assert_eq!(ask("arn:aws:dynamodb:*", &[]), (Any, Yes, Yes));
    assert_eq!(ask("arn:*:*:*:*:*", &[]), (Any, Yes, Yes));
    assert_eq!(ask("arn:aws:s3:::orders/*", &["orders"]), (OtherService, No, No));
    assert_eq!(ask("arn:aws:dynamodb::123456789012:global-table/orders", &["orders"]), (OtherDynamoDb, No, No));
    assert_eq!(ask("{OrdersArn}", &["orders"]), (Unknown, Maybe, Maybe));
    assert_eq!(ask("{OrdersArn}/index/*", &["orders"]), (Unknown, Maybe, Maybe));
    assert_eq!(ask("${Orders}", &[]), (OtherService, No, No));
    assert_eq!(ask("orders", &["orders"]), (OtherService, No, No));
}

#[test]
fn an_arn_where_a_name_belongs_covers_nothing() {
    assert_eq!(ask(&format!("{ARN}table/${{Orders.Arn}}"), &[]), (Table, No, No));
    assert_eq!(ask(&format!("{ARN}table/${{Orders.Arn}}"), &["orders"]), (Table, No, No));
}

#[test]
fn streams() {
    let covers = |pattern: &str| Target::parse(&symbolic(pattern)).covers_stream(&orders(), &[]);
    assert_eq!(covers("${Orders.StreamArn}"), Yes);
    assert_eq!(covers("${Orders.Arn}/stream/*"), Yes);
    assert_eq!(covers("${Orders.Arn}"), No);
    assert_eq!(covers("*"), Yes);
}
