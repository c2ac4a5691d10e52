//! Facts of hand-made systems.

mod indexes;
mod policies;
mod services;

use super::testing::{World, arn, observation, reference, resource};
use super::*;
use crate::dynamodb::symbolic::Part;
use crate::flow::{Certainty, Equalities};
use crate::source::Spanned;
use crate::template::model::{Effect, RoleLink, ServiceCall, ServiceUser, Setting, UnreadPolicy};
use std::collections::BTreeSet;

const ORDERS: &str = "OrdersTable";

fn orders(world: &mut World) {
    world.table(ORDERS, &["customer", "placed"]);
    world.index("ByStatus", &["status", "placed"]);
}

/// `Function Table.Action status`, indexes as `Table/index`.
fn grant_lines(facts: &Facts) -> Vec<String> {
    let line = |g: &Grant| {
        let table = &facts.table(g.table).table.resource.id;
        let index = if g.index { "/index" } else { "" };
        format!("{} {table}{index}.{} {:?}", facts.function(g.function).function.resource.id, g.action, g.status)
    };
    facts.grants.iter().map(line).collect()
}

fn missing_lines(facts: &Facts) -> Vec<String> {
    let line = |m: &MissingGrant| {
        let index = m.index.as_ref().map(|i| format!("/{i}")).unwrap_or_default();
        format!("{} {}{index}.{}", m.role.id, facts.table(m.table).table.resource.id, m.action)
    };
    facts.missing_grants.iter().map(line).collect()
}

fn verdicts(facts: &Facts) -> Vec<Verdict> {
    facts.functions.iter().map(|f| f.verdict).collect()
}

#[test]
fn a_grant_is_used_by_an_access_on_the_table_or_its_index() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(
        &["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
        &[arn(ORDERS, ""), arn(ORDERS, "/index/*")],
    );
    let show = world.function("Show", vec![statement]);
    world.access(Operation::Query, Some(show), reference(ORDERS)).through("ByStatus");
    let facts = world.facts();
    assert_eq!(
        grant_lines(&facts),
        [
            "Show OrdersTable.GetItem Unused",
            "Show OrdersTable/index.Query Used",
            "Show OrdersTable.Query Used",
            "Show OrdersTable/index.Scan Unused",
            "Show OrdersTable.Scan Unused",
        ]
    );
    assert_eq!(verdicts(&facts), [Verdict::OverGranted]);
    assert_eq!(missing_lines(&facts), Vec::<String>::new());
}

#[test]
fn an_unknown_table_withholds_only_its_own_action() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:GetItem", "dynamodb:PutItem"], &[arn(ORDERS, "")]);
    let show = world.function("Show", vec![statement]);
    world.access(Operation::GetItem, Some(show), Symbolic::hole("the event"));
    let facts = world.facts();
    assert_eq!(grant_lines(&facts), ["Show OrdersTable.GetItem Unverified", "Show OrdersTable.PutItem Unused"]);
    assert_eq!(facts.blind_spots.len(), 1);
    assert_eq!(facts.blind_spots[0].reason, "GetItem on an unknown table: the table name can't be told (the event)");
    assert_eq!(facts.blind_spots[0].withholds, ["iam-over-grant", "iam-missing-action"]);
}

#[test]
fn a_call_on_no_table_withholds_nothing() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:PutItem", "dynamodb:ListTables"], &[Symbolic::text("*")]);
    let show = world.function("Show", vec![statement]);
    world.access(Operation::ListTables, Some(show), Symbolic::hole("the event"));
    let facts = world.facts();
    assert_eq!(grant_lines(&facts), ["Show OrdersTable.ListTables Used", "Show OrdersTable.PutItem Unused"]);
    assert_eq!(facts.blind_spots, []);
    assert_eq!(facts.accesses[0].table, Resolution::Unknown("it is on no table".to_owned()));
}

#[test]
fn hidden_code_and_guessed_calls_verify_nothing() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    let hiding = world.function("Hiding", vec![statement.clone()]);
    world.gap(hiding);
    let guessed = world.function("Guessed", vec![statement.clone()]);
    world.access(Operation::GetItem, Some(guessed), reference(ORDERS)).observations[0].certainty = Certainty::Possible;
    let assumed = world.function("Assumed", vec![statement]);
    world.access(Operation::GetItem, Some(assumed), reference(ORDERS)).observations[0].principal =
        crate::flow::Principal::Foreign;
    let facts = world.facts();
    assert_eq!(
        grant_lines(&facts),
        [
            "Hiding OrdersTable.GetItem Unverified",
            "Guessed OrdersTable.GetItem Unverified",
            "Assumed OrdersTable.GetItem Unused",
        ]
    );
    assert_eq!(verdicts(&facts), [Verdict::Unverified, Verdict::Unverified, Verdict::OverGranted]);
}

#[test]
fn calls_with_credentials_that_may_be_anothers_miss_no_right_and_use_theirs() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    let lent = world.function("Lent", vec![statement]);
    for operation in [Operation::GetItem, Operation::PutItem] {
        world.access(operation, Some(lent), reference(ORDERS)).observations[0].principal =
            crate::flow::Principal::Unclear;
    }
    let facts = world.facts();
    assert_eq!(grant_lines(&facts), ["Lent OrdersTable.GetItem Used"]);
    assert!(facts.missing_grants.is_empty());
    assert_eq!(verdicts(&facts), [Verdict::Unverified]);
    let reasons: Vec<&str> = facts.blind_spots.iter().map(|spot| spot.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "LentRole doesn't allow this call, which may be made with other credentials than the role's: the code sets some"
        ]
    );
}

#[test]
fn a_transaction_whose_parts_are_unknown_proves_no_use() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:PutItem", "dynamodb:DeleteItem"], &[arn(ORDERS, "")]);
    let unknown = world.function("Unknown", vec![statement.clone()]);
    world.access(Operation::TransactWriteItems, Some(unknown), reference(ORDERS));
    let known = world.function("Known", vec![statement]);
    let access = world.access(Operation::TransactWriteItems, Some(known), reference(ORDERS));
    access.actions = BTreeSet::from(["PutItem".to_owned()]);
    let facts = world.facts();
    assert_eq!(
        grant_lines(&facts),
        [
            "Unknown OrdersTable.DeleteItem Unverified",
            "Unknown OrdersTable.PutItem Unverified",
            "Known OrdersTable.DeleteItem Unused",
            "Known OrdersTable.PutItem Used",
        ]
    );
    assert_eq!(missing_lines(&facts), Vec::<String>::new());
}

#[test]
fn an_index_needs_a_grant_of_its_own() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:Query"], &[arn(ORDERS, "")]);
    let list = world.function("List", vec![statement]);
    world.access(Operation::Query, Some(list), reference(ORDERS)).through("ByStatus");
    world.access(Operation::Query, Some(list), reference(ORDERS)).through("Gone");
    world.access(Operation::DeleteItem, Some(list), reference(ORDERS));
    let facts = world.facts();
    assert_eq!(missing_lines(&facts), ["ListRole OrdersTable/ByStatus.Query", "ListRole OrdersTable.DeleteItem"]);
    assert_eq!(verdicts(&facts), [Verdict::UnderGranted]);
}

#[test]
fn nothing_is_missing_where_policies_are_unclear() {
    let mut world = World::new();
    orders(&mut world);
    let mut conditional = world.statement(&["dynamodb:*"], &[arn(ORDERS, "")]);
    conditional.conditional = true;
    let parameter = world.statement(&["dynamodb:GetItem"], &[Symbolic::hole("OrdersTableArn")]);
    for (id, statements) in [("Conditional", vec![conditional]), ("Parameter", vec![parameter]), ("Unreadable", vec![])]
    {
        let entry = world.function(id, statements);
        world.access(Operation::GetItem, Some(entry), reference(ORDERS));
    }
    let policy = UnreadPolicy::Named("arn:aws:iam::123456789012:policy/orders".to_owned());
    let policy = Spanned::new(policy, world.place());
    world.stacks[0].roles[2].unread_policies.push(policy);
    assert_eq!(missing_lines(&world.facts()), Vec::<String>::new());
}

#[test]
fn a_denial_takes_the_grant_away() {
    let mut world = World::new();
    orders(&mut world);
    let allow = world.statement(&["dynamodb:GetItem", "dynamodb:DeleteItem"], &[arn(ORDERS, "")]);
    let mut deny = world.statement(&["dynamodb:Delete*"], &[Symbolic::text("*")]);
    deny.effect = Effect::Deny;
    let show = world.function("Show", vec![allow, deny]);
    world.access(Operation::DeleteItem, Some(show), reference(ORDERS));
    let facts = world.facts();
    assert_eq!(grant_lines(&facts), ["Show OrdersTable.GetItem Unused"]);
    assert_eq!(missing_lines(&facts), ["ShowRole OrdersTable.DeleteItem"]);
    assert_eq!(verdicts(&facts), [Verdict::Both]);
}

#[test]
fn a_function_without_code_is_unverified_whatever_its_rights() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    world.function("Elsewhere", vec![statement]);
    world.function("Plain", vec![]);
    world.entries.clear();
    assert_eq!(verdicts(&world.facts()), [Verdict::Unverified, Verdict::Unverified]);
}

#[test]
fn a_function_whose_code_and_role_leave_dynamodb_alone_has_none() {
    let mut world = World::new();
    orders(&mut world);
    world.function("Plain", vec![]);
    assert_eq!(verdicts(&world.facts()), [Verdict::NoDynamoDb]);
}

#[test]
fn observations_of_a_site_are_merged() {
    let mut world = World::new();
    orders(&mut world);
    world.table("ReturnsTable", &["id"]);
    let (a, b) = (world.function("A", vec![]), world.function("B", vec![]));
    let shared = world.access(Operation::GetItem, Some(a), reference(ORDERS));
    shared.observations.push(observation(Some(b), vec![reference("ReturnsTable")], vec![]));
    let half = world.access(Operation::GetItem, Some(a), reference(ORDERS));
    half.observations.push(observation(Some(b), vec![Symbolic::hole("the event")], vec![]));
    half.observations.push(observation(None, vec![reference("ReturnsTable")], vec![]));
    world.access(Operation::GetItem, Some(a), Symbolic::text("shop-prices"));
    world.access(Operation::GetItem, None, reference(ORDERS));
    let facts = world.facts();
    let tables: Vec<_> = facts.accesses.iter().map(|a| a.table.clone()).collect();
    assert_eq!(
        tables,
        [
            Resolution::Several(vec![TableId(0), TableId(1)]),
            Resolution::Known(TableId(0)),
            Resolution::Undeclared("shop-prices".to_owned()),
            Resolution::Known(TableId(0)),
        ]
    );
    assert_eq!(facts.accesses[0].functions, [FunctionId(0), FunctionId(1)]);
    assert_eq!(facts.accesses[3].certainty, Certainty::Latent);
    assert_eq!(facts.tables[0].accesses, [AccessId(1), AccessId(3)]);
    assert_eq!(facts.tables[0].possible_accesses, [AccessId(0)]);
}

/// Nothing can be said of a name that isn't there, declared or not.
#[test]
fn a_name_without_any_text_is_no_undeclared_one() {
    let named = |tables: &[&str], name: Symbolic| {
        let mut world = World::new();
        for id in tables {
            world.table(id, &["id"]);
        }
        let a = world.function("A", vec![]);
        world.access(Operation::GetItem, Some(a), name);
        let facts = world.facts();
        facts.accesses[0].table.clone()
    };
    let unknown = |reason: &str| Resolution::Unknown(reason.to_owned());
    assert_eq!(named(&["Orders"], Symbolic::text("")), unknown("the table name is empty"));
    assert_eq!(named(&[], Symbolic::text("")), unknown("the table name is empty"));
    assert_eq!(named(&[], Symbolic::hole("the event")), unknown("the table name can't be told (the event)"));
    assert_eq!(named(&[], Symbolic::text("prices")), Resolution::Undeclared("prices".to_owned()));
}

#[test]
fn two_tables_of_which_one_is_deployed_are_one() {
    let mut world = World::new();
    world.table("Kept", &["id"]);
    world.table("Dropped", &["id"]);
    let statements = vec![
        world.statement(&["dynamodb:GetItem"], &[arn("Kept", "")]),
        world.statement(&["dynamodb:GetItem"], &[arn("Dropped", "")]),
    ];
    let show = world.function("Show", statements);
    world.stacks[0].alternatives = vec![vec![resource("Kept"), resource("Dropped")]];
    let access = world.access(Operation::GetItem, Some(show), reference("Dropped"));
    access.observations[0].tables.push(reference("Kept"));
    let facts = world.facts();
    assert_eq!(facts.accesses[0].table, Resolution::Known(TableId(0)));
    assert_eq!(grant_lines(&facts), ["Show Kept.GetItem Used", "Show Kept.GetItem Used"]);
    let tables: Vec<Vec<&str>> =
        facts.tables.iter().map(|t| t.declarations().map(|t| t.resource.id.as_str()).collect()).collect();
    assert_eq!(tables, [["Kept", "Dropped"]]);
    assert_eq!(facts.tables[0].accesses, [AccessId(0)]);
    assert_eq!(missing_lines(&facts), Vec::<String>::new());
}

#[test]
fn a_whole_key_bounds_a_query_of_the_table_and_not_of_an_index() {
    let mut world = World::new();
    orders(&mut world);
    let show = world.function("Show", vec![]);
    let whole_key = Equalities::Known(["customer", "placed"].map(str::to_owned).into());
    world.access(Operation::Query, Some(show), reference(ORDERS));
    world.access(Operation::Query, Some(show), reference(ORDERS)).through("ByStatus");
    for access in &mut world.analysis.accesses {
        access.pages.as_mut().expect("a query has pages").equalities = whole_key.clone();
    }
    let facts = world.facts();
    let statuses: Vec<_> = facts.accesses.iter().map(|a| a.pagination.as_ref().map(|p| p.status)).collect();
    assert_eq!(statuses, [Some(PaginationStatus::Bounded), Some(PaginationStatus::Missing)]);
}

#[test]
fn readers_that_are_no_lambda_are_blind_spots() {
    let mut world = World::new();
    orders(&mut world);
    let span = world.place();
    let call =
        ServiceCall { tables: vec![reference(ORDERS)], ..ServiceCall::unread("no resolver of it is at hand", span) };
    world.stacks[0].services.users.push(ServiceUser {
        resource: resource("Api"),
        kind: "AWS::AppSync::DataSource".to_owned(),
        span,
        role: RoleLink::External(span),
        calls: vec![call],
    });
    let facts = world.facts();
    assert_eq!(facts.tables[0].indexes[0].status, IndexStatus::Unknown);
    assert_eq!(
        facts.blind_spots,
        [BlindSpot {
            span,
            reason: "AWS::AppSync::DataSource Api: no resolver of it is at hand".to_owned(),
            withholds: vec!["unused-gsi"],
            function: None,
            taken: None,
        }]
    );
}

#[test]
fn a_boundary_that_cannot_be_read_matters_only_where_something_is_called() {
    let mut world = World::new();
    orders(&mut world);
    let get = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    let show = world.function("Show", vec![get]);
    world.function("Plain", vec![]);
    world.function("Other", vec![]);
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    let own = UnreadPolicy::Named("arn:aws:iam::1:policy/Own".to_owned());
    for (role, policy) in [UnreadPolicy::Boundary, UnreadPolicy::Boundary, own].into_iter().enumerate() {
        let place = world.place();
        world.stacks[0].roles[role].unread_policies.push(Spanned::new(policy, place));
    }
    let facts = world.facts();
    assert_eq!(verdicts(&facts), [Verdict::Unverified, Verdict::NoDynamoDb, Verdict::Unverified]);
    let reasons: Vec<_> = facts.blind_spots.iter().map(|b| b.reason.as_str()).collect();
    let wanted =
        ["the permissions boundary of Show can't be read", "the policy arn:aws:iam::1:policy/Own can't be read"];
    assert_eq!(reasons, wanted);
}

#[test]
fn a_role_from_elsewhere_is_a_blind_spot() {
    let mut world = World::new();
    orders(&mut world);
    let show = world.function_under("Show", resource("SharedRole"));
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    let facts = world.facts();
    assert_eq!(verdicts(&facts), [Verdict::Unverified]);
    assert_eq!(missing_lines(&facts), Vec::<String>::new());
    let reasons: Vec<_> = facts.blind_spots.iter().map(|b| b.reason.as_str()).collect();
    assert_eq!(reasons, ["the role of Show is declared elsewhere"]);
}
