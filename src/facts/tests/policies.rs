//! What policies, boundaries and tables allow, and what they can't.

use super::*;
use crate::template::model::{TableStatement, UnreadPolicy};

#[test]
fn a_boundary_takes_away_what_it_does_not_allow() {
    let mut world = World::new();
    orders(&mut world);
    let allow = world.statement(&["dynamodb:GetItem", "dynamodb:PutItem"], &[arn(ORDERS, "")]);
    let within = world.statement(&["dynamodb:Get*"], &[Symbolic::text("*")]);
    let show = world.function("Show", vec![allow]);
    world.stacks[0].roles[0].boundary = Some(vec![within]);
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    world.access(Operation::PutItem, Some(show), reference(ORDERS));
    let facts = world.facts();
    assert_eq!(grant_lines(&facts), ["Show OrdersTable.GetItem Used"]);
    assert_eq!(missing_lines(&facts), ["ShowRole OrdersTable.PutItem"]);
}

/// A policy of the last table.
fn table_policy(world: &mut World, effect: Effect, action: &str, principal: Symbolic) {
    let mut statement = world.statement(&[action], &[Symbolic::text("*")]);
    statement.effect = effect;
    let principals = vec![Spanned::new(principal, world.place())];
    let policy = TableStatement { statement, principals, not_principal: false };
    world.stacks[0].tables[0].policy.push(policy);
}

#[test]
fn a_table_may_let_a_role_in_or_keep_it_out() {
    let mut world = World::new();
    orders(&mut world);
    let allow = world.statement(&["dynamodb:Scan"], &[arn(ORDERS, "")]);
    let list = world.function("List", vec![allow]);
    let other = world.function("Other", vec![]);
    table_policy(&mut world, Effect::Allow, "dynamodb:Query", arn("ListRole", ""));
    table_policy(&mut world, Effect::Allow, "dynamodb:GetItem", Symbolic::text("arn:aws:iam::123456789012:root"));
    table_policy(&mut world, Effect::Deny, "dynamodb:Scan", Symbolic::text("*"));
    for entry in [list, other] {
        for operation in [Operation::Query, Operation::GetItem, Operation::Scan] {
            world.access(operation, Some(entry), reference(ORDERS));
        }
    }
    let facts = world.facts();
    assert_eq!(
        missing_lines(&facts),
        ["ListRole OrdersTable.Scan", "OtherRole OrdersTable.Query", "OtherRole OrdersTable.Scan"]
    );
    let place = world.place();
    world.stacks[0].tables[0].unread_policies.push(Spanned::new(UnreadPolicy::Unresolved("a policy"), place));
    assert_eq!(missing_lines(&world.facts()), ["ListRole OrdersTable.Scan", "OtherRole OrdersTable.Scan"]);
}

#[test]
fn a_conditional_denial_takes_nothing_away() {
    let mut world = World::new();
    orders(&mut world);
    let allow = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    let mut deny = world.statement(&["dynamodb:*"], &[Symbolic::text("*")]);
    (deny.effect, deny.conditional) = (Effect::Deny, true);
    let show = world.function("Show", vec![allow, deny]);
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    let facts = world.facts();
    assert_eq!(grant_lines(&facts), ["Show OrdersTable.GetItem Used"]);
    assert_eq!(missing_lines(&facts), Vec::<String>::new());
}

#[test]
fn parts_that_match_nothing() {
    let mut world = World::new();
    orders(&mut world);
    let text = |text: &str| Symbolic::text(text);
    let name = |tail: &str| -> Symbolic {
        let part = |text: &str| Part::Text(text.to_owned());
        let resource = |attribute: &str| Part::Resource(resource(ORDERS), attribute.to_owned());
        [part("arn:aws:dynamodb:*:*:table/"), resource(tail)].into_iter().collect()
    };
    let resources = [
        name("Arn"),
        name(""),
        reference(ORDERS),
        arn(ORDERS, "/index/*"),
        text("orders"),
        text("*"),
        text("arn:aws:dynamodb:::table/orders"),
        text("arn:aws:dynamodb:eu-west-1:123456789012:table/elsewhere"),
        text("arn:aws:dynamodb:eu-west-1:123456789012:table/OrdersTable"),
        text("arn:aws:dynamodb::123456789012:global-table/orders"),
        Symbolic::hole("TableArn"),
    ];
    let actions =
        ["dynamodb:GetItem", "dynamodb:TransactWriteItems", "dynamodb:GetItems", "dynamodb:New*", "dynamodb:*"];
    let statement = world.statement(&actions, &resources);
    let mut deny = world.statement(&["dynamodb:GetItems"], &resources);
    deny.effect = Effect::Deny;
    let other = world.statement(&["s3:GetItems"], &[text("orders")]);
    world.function("Show", vec![statement, deny, other]);
    let found: Vec<Dead> = dead_grants(&world.stacks).into_iter().map(|dead| dead.why).collect();
    let action = |action: &str, instead: &[&str], is_operation| Dead::NoAction {
        action: action.to_owned(),
        instead: instead.iter().map(|action| (*action).to_owned()).collect(),
        is_operation,
    };
    let transaction = ["PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];
    assert_eq!(
        found,
        [
            action("dynamodb:TransactWriteItems", &transaction, true),
            action("dynamodb:GetItems", &["GetItem"], false),
            Dead::ArnAsName("arn:aws:dynamodb:*:*:table/${OrdersTable.Arn}".to_owned()),
            Dead::NoArn("${OrdersTable}".to_owned()),
            Dead::NoArn("orders".to_owned()),
            Dead::NoPlace("arn:aws:dynamodb:::table/orders".to_owned()),
            Dead::LogicalId {
                arn: "arn:aws:dynamodb:eu-west-1:123456789012:table/OrdersTable".to_owned(),
                id: ORDERS.to_owned(),
            },
        ]
    );
}
