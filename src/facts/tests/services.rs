//! Tables and indexes that something other than a Lambda uses.

use super::super::testing::{World, arn, reference, resource};
use super::super::*;
use super::{ORDERS, grant_lines, orders, verdicts};
use crate::source::Spanned;
use crate::template::model::{Identity, RoleLink, ServiceCall, ServiceUser, StreamReader};

const MACHINE: &str = "AWS::StepFunctions::StateMachine";

/// Adds a state machine that makes one call.
fn machine(world: &mut World, role: RoleLink, call: impl FnOnce(Span) -> ServiceCall) -> Span {
    let span = world.place();
    let user =
        ServiceUser { resource: resource("Flow"), kind: MACHINE.to_owned(), span, role, calls: vec![call(span)] };
    world.stacks[0].services.users.push(user);
    span
}

fn query(tables: Vec<Symbolic>, index: Option<Symbolic>) -> impl FnOnce(Span) -> ServiceCall {
    move |span| ServiceCall { operation: Some(Operation::Query), tables, indexes: vec![index], unread: None, span }
}

fn elsewhere(world: &mut World) -> RoleLink {
    RoleLink::External(world.place())
}

fn role(world: &mut World, id: &str, actions: &[&str], resources: &[Symbolic]) -> RoleLink {
    let statement = world.statement(actions, resources);
    let span = world.place();
    let mut other = World::new();
    other.function(id, vec![statement]);
    let mut role = other.stacks[0].roles.remove(0);
    role.resource = resource(id);
    role.span = span;
    world.stacks[0].roles.push(role);
    RoleLink::Known(vec![resource(id)])
}

fn lets_in(world: &mut World, role: &str, services: &[&str]) -> Span {
    let span = world.place();
    let services = services.iter().map(|name| Spanned::new((*name).to_owned(), span)).collect();
    let identity = Identity { role: resource(role), services, people: vec![] };
    world.stacks[0].services.identities.push(identity);
    span
}

fn status(facts: &Facts) -> IndexStatus {
    facts.tables[0].indexes[0].status
}

fn blind(facts: &Facts) -> Vec<(String, Vec<&'static str>)> {
    facts.blind_spots.iter().map(|spot| (spot.reason.clone(), spot.withholds.clone())).collect()
}

#[test]
fn a_service_reads_an_index() {
    let mut world = World::new();
    orders(&mut world);
    let link = elsewhere(&mut world);
    let span = machine(&mut world, link, query(vec![reference(ORDERS)], Some(Symbolic::text("ByStatus"))));
    let facts = world.facts();
    assert_eq!(status(&facts), IndexStatus::Used);
    assert_eq!(facts.tables[0].indexes[0].service_readers, [span]);
    let users: Vec<_> = facts.tables[0]
        .services
        .iter()
        .map(|s| (s.user.resource.id.as_str(), s.operations.clone(), s.unknown))
        .collect();
    assert_eq!(users, [("Flow", [Operation::Query].into(), false)]);
    assert_eq!(blind(&facts), []);
}

#[test]
fn a_service_reads_only_another_index_or_another_table() {
    for (table, index) in [
        (reference(ORDERS), Some("ByCustomer")),
        (reference(ORDERS), None),
        (Symbolic::text("something-else"), Some("ByStatus")),
    ] {
        let mut world = World::new();
        orders(&mut world);
        world.table_name(&Symbolic::text("shop-orders"));
        let link = elsewhere(&mut world);
        machine(&mut world, link, query(vec![table], index.map(Symbolic::text)));
        let facts = world.facts();
        assert_eq!((status(&facts), blind(&facts)), (IndexStatus::Unused, vec![]), "{index:?}");
    }
}

#[test]
fn what_cannot_be_read_withholds_as_far_as_the_role_goes() {
    let reason = format!("{MACHINE} Flow: its definition can't be read");
    let cases = [
        (&["dynamodb:Query"][..], "/index/*", IndexStatus::Unknown, vec![(reason.clone(), vec!["unused-gsi"])]),
        (&["dynamodb:GetItem"][..], "", IndexStatus::Unused, vec![(reason.clone(), vec![])]),
        (&["sns:Publish"][..], "", IndexStatus::Unused, vec![]),
    ];
    for (actions, tail, expected, spots) in cases {
        let mut world = World::new();
        orders(&mut world);
        let link = role(&mut world, "Runner", actions, &[arn(ORDERS, tail)]);
        machine(&mut world, link, |span| ServiceCall::unread("its definition can't be read", span));
        let facts = world.facts();
        assert_eq!((status(&facts), blind(&facts)), (expected, spots), "{actions:?}");
    }
    let mut world = World::new();
    orders(&mut world);
    let link = elsewhere(&mut world);
    machine(&mut world, link, query(vec![reference(ORDERS)], Some(Symbolic::hole("$.index"))));
    let facts = world.facts();
    assert_eq!(status(&facts), IndexStatus::Unknown);
    let through = format!("{MACHINE} Flow: Query through an unknown index: `{{$.index}}`");
    assert_eq!(blind(&facts), [(through, vec!["unused-gsi"])]);
}

#[test]
fn a_role_that_a_lambda_shares_with_a_service() {
    let actions = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:PutItem"];
    let shared = |call: &dyn Fn(Span) -> ServiceCall| {
        let mut world = World::new();
        orders(&mut world);
        let link = role(&mut world, "Shared", &actions, &[arn(ORDERS, "")]);
        let show = world.function_under("Show", resource("Shared"));
        world.access(Operation::GetItem, Some(show), reference(ORDERS));
        machine(&mut world, link, call);
        world
    };
    let known = shared(&|span| query(vec![reference(ORDERS)], None)(span));
    let facts = known.facts();
    assert_eq!(
        grant_lines(&facts),
        ["Show OrdersTable.GetItem Used", "Show OrdersTable.PutItem Unused", "Show OrdersTable.Query Used"]
    );
    let span = known.stacks[0].services.users[0].span;
    assert_eq!(facts.grants[2].services, [span]);
    assert_eq!(verdicts(&facts), [Verdict::OverGranted]);

    let unread = shared(&|span| ServiceCall::unread("its definition can't be read", span));
    let facts = unread.facts();
    assert_eq!(
        grant_lines(&facts),
        ["Show OrdersTable.GetItem Used", "Show OrdersTable.PutItem Unverified", "Show OrdersTable.Query Unverified"]
    );
    let reason = format!("{MACHINE} Flow: its definition can't be read");
    assert_eq!(blind(&facts), [(reason, vec!["iam-over-grant"])]);
}

#[test]
fn a_container_may_read_what_its_role_allows() {
    let indexes = arn(ORDERS, "/index/*");
    let reading = "may act under Task, and what it does isn't known; it may read ByStatus of OrdersTable";
    let everything = Symbolic::text("*");
    let cases = [
        ("ecs-tasks.amazonaws.com", "dynamodb:Query", &indexes, Some(format!("a container {reading}"))),
        ("ecs-tasks.amazonaws.com", "dynamodb:GetItem", &indexes, None),
        ("ecs-tasks.amazonaws.com", "*", &everything, Some(format!("a container {reading}"))),
        ("codebuild.amazonaws.com", "dynamodb:*", &everything, Some(format!("a build project {reading}"))),
        ("codebuild.amazonaws.com", "*", &everything, None),
        ("cloudformation.amazonaws.com", "dynamodb:*", &everything, None),
        (
            "states.amazonaws.com",
            "dynamodb:Query",
            &indexes,
            Some(format!("a state machine that isn't at hand {reading}")),
        ),
        ("lambda.amazonaws.com", "dynamodb:Query", &indexes, Some(format!("a Lambda that isn't at hand {reading}"))),
    ];
    for (service, action, on, reason) in cases {
        let mut world = World::new();
        orders(&mut world);
        role(&mut world, "Task", &[action], std::slice::from_ref(on));
        lets_in(&mut world, "Task", &[service]);
        let facts = world.facts();
        let expected = if reason.is_some() { IndexStatus::Unknown } else { IndexStatus::Unused };
        let spots: Vec<_> = reason.into_iter().map(|reason| (reason, vec!["unused-gsi"])).collect();
        assert_eq!((status(&facts), blind(&facts)), (expected, spots), "{service} {action}");
    }
}

#[test]
fn a_container_under_a_lambdas_role() {
    let mut world = World::new();
    orders(&mut world);
    role(&mut world, "Shared", &["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    world.function_under("Show", resource("Shared"));
    lets_in(&mut world, "Shared", &["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"]);
    let facts = world.facts();
    assert_eq!(grant_lines(&facts), ["Show OrdersTable.GetItem Unverified"]);
    let reason = "a container may act under Shared, and what it does isn't known".to_owned();
    assert_eq!(blind(&facts), [(reason, vec!["iam-over-grant"])]);
}

#[test]
fn readers_of_a_stream_are_no_readers_of_an_index() {
    let mut world = World::new();
    orders(&mut world);
    let span = world.place();
    let streams = vec![Symbolic::resource(resource(ORDERS), "StreamArn")];
    world.stacks[0].services.stream_readers.push(StreamReader { resource: resource("Pipe"), streams, span });
    let facts = world.facts();
    assert_eq!(facts.tables[0].stream_readers, [&resource("Pipe")]);
    assert_eq!(status(&facts), IndexStatus::Unused);
}

#[test]
fn a_state_machine_that_calls_no_table() {
    let mut world = World::new();
    orders(&mut world);
    let role = role(&mut world, "Runner", &["dynamodb:Query"], &[arn(ORDERS, "/index/*")]);
    lets_in(&mut world, "Runner", &["states.amazonaws.com"]);
    let span = world.place();
    let user = ServiceUser { resource: resource("Flow"), kind: MACHINE.to_owned(), span, role, calls: vec![] };
    world.stacks[0].services.users.push(user);
    let facts = world.facts();
    assert_eq!((status(&facts), blind(&facts)), (IndexStatus::Unused, vec![]));
}

#[test]
fn a_lambdas_role_that_lets_in_a_service_of_the_run() {
    for (declared, expected) in [(true, "Unused"), (false, "Unverified")] {
        let mut world = World::new();
        orders(&mut world);
        role(&mut world, "Shared", &["dynamodb:GetItem"], &[arn(ORDERS, "")]);
        world.function_under("Show", resource("Shared"));
        lets_in(&mut world, "Shared", &["lambda.amazonaws.com", "apigateway.amazonaws.com"]);
        let span = world.place();
        if declared {
            world.stacks[0].resources.insert("Api".to_owned(), ("AWS::ApiGateway::RestApi".to_owned(), span));
        }
        let facts = world.facts();
        assert_eq!(grant_lines(&facts), [format!("Show OrdersTable.GetItem {expected}")]);
    }
}
