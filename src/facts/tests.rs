//! Facts of hand-made systems.

use super::testing::{World, arn, observation, reference, resource};
use super::*;
use crate::dynamodb::symbolic::Part;
use crate::flow::{Certainty, Equalities};
use crate::source::Spanned;
use crate::template::model::{Effect, Setting};
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
fn hidden_code_and_guessed_calls_verify_nothing() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    let hiding = world.function("Hiding", vec![statement.clone()]);
    world.gap(hiding);
    let guessed = world.function("Guessed", vec![statement.clone()]);
    world.access(Operation::GetItem, Some(guessed), reference(ORDERS)).observations[0].certainty = Certainty::Possible;
    let assumed = world.function("Assumed", vec![statement]);
    world.access(Operation::GetItem, Some(assumed), reference(ORDERS)).foreign_credentials = true;
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
    let policy = Spanned::new("arn:aws:iam::123456789012:policy/orders".to_owned(), world.place());
    world.stacks[0].roles[2].unknown_policies.push(policy);
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
fn a_function_without_code_is_unverified_and_one_without_rights_does_nothing() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    world.function("Elsewhere", vec![statement]);
    world.function("Plain", vec![]);
    world.entries.clear();
    assert_eq!(verdicts(&world.facts()), [Verdict::Unverified, Verdict::NoDynamoDb]);
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
    world.variable("TABLE", vec![reference("Dropped"), reference("Kept")]);
    let access = world.access(Operation::GetItem, Some(show), reference("Dropped"));
    access.observations[0].tables.push(reference("Kept"));
    let facts = world.facts();
    assert_eq!(facts.accesses[0].table, Resolution::Known(TableId(0)));
    assert_eq!(grant_lines(&facts), ["Show Kept.GetItem Used", "Show Kept.GetItem Used"]);
    assert_eq!(facts.tables[1].accesses, [AccessId(0)]);
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

fn index_status(world: &World) -> IndexStatus {
    world.facts().tables[0].indexes[0].status
}

#[test]
fn an_index_is_used_by_lambdas_and_scripts_and_not_by_dead_code() {
    let mut world = World::new();
    orders(&mut world);
    assert_eq!(index_status(&world), IndexStatus::Unused);
    world.access(Operation::Query, None, reference(ORDERS)).through("ByStatus");
    assert_eq!(index_status(&world), IndexStatus::Unused);
    assert_eq!(world.facts().tables[0].indexes[0].readers, [AccessId(0)], "a dead reader is listed all the same");
    let script = world.script();
    world.access(Operation::Query, Some(script), reference(ORDERS)).through("ByStatus");
    assert_eq!(index_status(&world), IndexStatus::Used);
}

#[test]
fn an_index_is_unknown_while_something_live_could_read_it() {
    let status = |prepare: &dyn Fn(&mut World, usize, usize)| {
        let mut world = World::new();
        orders(&mut world);
        let reads = world.statement(&["dynamodb:Query"], &[arn(ORDERS, "/index/*")]);
        let (may, may_not) = (world.function("May", vec![reads]), world.function("MayNot", vec![]));
        prepare(&mut world, may, may_not);
        index_status(&world)
    };
    let unknown = || Symbolic::hole("the event");
    let query = |world: &mut World, entry, table, index: Option<Symbolic>| {
        world.access(Operation::Query, entry, table).observations[0].indexes = vec![index];
    };
    let by_status = || Some(Symbolic::text("ByStatus"));
    assert_eq!(status(&|w, may, _| query(w, Some(may), unknown(), by_status())), IndexStatus::Unknown);
    assert_eq!(status(&|w, may, _| query(w, Some(may), reference(ORDERS), Some(unknown()))), IndexStatus::Unknown);
    assert_eq!(status(&|w, may, _| w.gap(may)), IndexStatus::Unknown);
    // Not this index, not this role, not live.
    assert_eq!(status(&|w, may, _| query(w, Some(may), unknown(), None)), IndexStatus::Unused);
    assert_eq!(
        status(&|w, may, _| query(w, Some(may), unknown(), Some(Symbolic::text("ByDate")))),
        IndexStatus::Unused
    );
    assert_eq!(status(&|w, _, may_not| query(w, Some(may_not), unknown(), by_status())), IndexStatus::Unused);
    assert_eq!(status(&|w, _, may_not| w.gap(may_not)), IndexStatus::Unused);
    assert_eq!(status(&|w, _, _| query(w, None, unknown(), by_status())), IndexStatus::Unused);
}

#[test]
fn an_index_name_with_a_hole_is_the_only_one_that_fits() {
    let mut world = World::new();
    orders(&mut world);
    world.index("ByCustomer", &["customer"]);
    let show = world.function("Show", vec![]);
    let name = |parts: [Part; 2]| Some(parts.into_iter().collect::<Symbolic>());
    let hole = || Part::Hole("kind".to_owned());
    for index in [name([hole(), Part::Text("Status".to_owned())]), name([Part::Text("By".to_owned()), hole()])] {
        world.access(Operation::Query, Some(show), reference(ORDERS)).observations[0].indexes = vec![index];
    }
    let facts = world.facts();
    let indexes: Vec<_> = facts.accesses.iter().map(|a| a.index.clone()).collect();
    assert_eq!(
        indexes,
        [
            Resolution::Known(Some("ByStatus".to_owned())),
            Resolution::Unknown("the index name is `By{kind}`".to_owned())
        ]
    );
}

#[test]
fn writers_of_index_keys_and_expiry_are_kept_with_their_places() {
    let mut world = World::new();
    orders(&mut world);
    let ttl = Spanned::new("gone".to_owned(), world.place());
    world.stacks[0].tables[0].ttl = Setting::Is(ttl);
    let place = world.function("Place", vec![]);
    world.access(Operation::PutItem, Some(place), reference(ORDERS));
    let status = || Symbolic::text("OPEN");
    world.writes(&[
        ("status", status()),
        ("gone", Symbolic::hole("expiry")),
        ("ttl", Symbolic::hole("expiry")),
        ("note", status()),
    ]);
    let facts = world.facts();
    let names = |sites: &[AttributeSite]| sites.iter().map(|s| s.attribute.clone()).collect::<Vec<_>>();
    assert_eq!(names(&facts.tables[0].indexes[0].key_writes), ["status"]);
    assert_eq!(names(&facts.tables[0].ttl_writes), ["gone", "ttl"]);
}

#[test]
fn entities_are_told_by_their_keys() {
    let mut world = World::new();
    orders(&mut world);
    let place = world.function("Place", vec![]);
    let key = |prefix: &str, hole: &str| -> Symbolic {
        [Part::Text(prefix.to_owned()), Part::Hole(hole.to_owned())].into_iter().collect()
    };
    let put = |world: &mut World, attributes: &[(&str, Symbolic)]| {
        world.access(Operation::PutItem, Some(place), reference(ORDERS));
        world.writes(attributes);
    };
    put(
        &mut world,
        &[("customer", key("CUSTOMER#", "id")), ("placed", key("ORDER#", "time")), ("status", key("", "s"))],
    );
    put(&mut world, &[("customer", key("CUSTOMER#", "customer")), ("placed", key("ORDER#", "now"))]);
    put(
        &mut world,
        &[("customer", key("X#", "id")), ("placed", Symbolic::text("META")), ("EntityType", Symbolic::text("PROFILE"))],
    );
    put(&mut world, &[("status", Symbolic::text("OPEN"))]);
    let facts = world.facts();
    let entities: Vec<_> =
        facts.tables[0].entities.iter().map(|e| (e.name.as_str(), e.indexes.clone(), e.writers.clone())).collect();
    let by_status = vec!["ByStatus".to_owned()];
    assert_eq!(
        entities,
        [("CUSTOMER/ORDER", by_status, vec![AccessId(0), AccessId(1)]), ("PROFILE", vec![], vec![AccessId(2)])]
    );
}

#[test]
fn readers_that_are_no_lambda_are_blind_spots() {
    let mut world = World::new();
    orders(&mut world);
    let span = world.place();
    world.stacks[0].resources.insert("Api".to_owned(), ("AWS::AppSync::DataSource".to_owned(), span));
    let facts = world.facts();
    assert_eq!(facts.tables[0].indexes[0].status, IndexStatus::Unknown);
    assert_eq!(
        facts.blind_spots,
        [BlindSpot {
            span,
            reason: "resolvers of the AppSync data source Api may read any index".to_owned(),
            withholds: vec!["unused-gsi"],
            function: None,
        }]
    );
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
