//! Each rule on hand-made facts: every finding whole, in one snapshot a rule.

use super::{Finding, RULES};
use crate::dynamodb::operation::Operation;
use crate::dynamodb::symbolic::Symbolic;
use crate::facts::testing::{World, arn, reference};
use crate::flow::{Certainty, ItemUse, Presence};
use crate::source::{SourceMap, Span, Spanned};
use crate::template::model::{PolicyOrigin, Setting};
use std::fmt::Write;

const ORDERS: &str = "OrdersTable";

/// All of a rule's findings, as text.
fn report(world: &World, rule: &str) -> String {
    let facts = world.facts();
    let rule = RULES.iter().find(|r| r.name == rule).expect("a rule of this name");
    let mut findings = Vec::new();
    (rule.check)(&facts, &mut findings);
    assert!(findings.iter().all(|f| f.rule == rule.name));
    findings.iter().map(|finding| render(finding, &world.sources)).collect::<Vec<_>>().join("\n")
}

fn render(finding: &Finding, sources: &SourceMap) -> String {
    let at = |span: Span| {
        let location = sources.location(span);
        format!("{}:{}", location.file, location.start.line)
    };
    let Finding { severity, confidence, title, message, help, label, anchor, .. } = finding;
    let mut out = format!("{} ({}): {title}\n", severity.as_str(), confidence.as_str());
    let _ = writeln!(out, "  at {}: {label}", at(finding.span));
    for related in &finding.related {
        let _ = writeln!(out, "  see {}: {}", at(related.span), related.message);
    }
    let _ = writeln!(out, "  {message}\n  help: {help}\n  anchor: {anchor}");
    out
}

fn orders(world: &mut World) {
    world.table(ORDERS, &["customer", "placed"]);
    world.index("ByStatus-Index", &["status", "placed"]);
    world.index("ByDate-Index", &["date"]);
}

#[test]
fn missing_pagination() {
    let mut world = World::new();
    orders(&mut world);
    let totals = world.function("Totals", vec![]);
    let script = world.script();
    let pages = |world: &mut World| world.analysis.accesses.last_mut().and_then(|a| a.pages.take()).expect("pages");
    let put = |world: &mut World, pages| world.analysis.accesses.last_mut().expect("an access").pages = Some(pages);
    world.access(Operation::Query, Some(totals), reference(ORDERS)).through("ByDate-Index");

    world.access(Operation::Scan, Some(script), reference(ORDERS));
    let mut filtered = pages(&mut world);
    filtered.filter = Presence::Always;
    put(&mut world, filtered.clone());

    world.access(Operation::Query, None, reference(ORDERS));
    let mut limited = pages(&mut world);
    limited.limit = Presence::Sometimes;
    put(&mut world, limited);

    world.access(Operation::Query, Some(totals), Symbolic::hole("the event")).observations[0].certainty =
        Certainty::Possible;
    let mut counted = pages(&mut world);
    (counted.count, counted.items) = (Presence::Always, ItemUse::None);
    put(&mut world, counted);

    world.access(Operation::Query, Some(totals), reference(ORDERS));
    filtered.items = ItemUse::First;
    put(&mut world, filtered);

    world.access(Operation::Query, Some(totals), reference(ORDERS));
    let mut first = pages(&mut world);
    first.items = ItemUse::First;
    put(&mut world, first);

    world.access(Operation::Query, Some(totals), reference(ORDERS)).through("ByState-Index");
    let rules = ["missing-pagination", "count-first-page"];
    insta::assert_snapshot!(rules.map(|rule| report(&world, rule)).join("\n"));
}

#[test]
fn undefined_index() {
    let mut world = World::new();
    orders(&mut world);
    world.table("PricesTable", &["id"]);
    let list = world.function("List", vec![]);
    world.access(Operation::Query, Some(list), reference(ORDERS)).through("ByState-Index");
    world.access(Operation::Query, None, reference(ORDERS)).through("Date");
    world.access(Operation::Scan, Some(list), reference("PricesTable")).through("Newest");
    world.access(Operation::Query, Some(list), reference(ORDERS)).through("ByStatus-Index");
    world.access(Operation::Query, Some(list), Symbolic::text("elsewhere")).through("Unseen");
    insta::assert_snapshot!(report(&world, "undefined-index"));
}

#[test]
fn unused_gsi() {
    let mut world = World::new();
    orders(&mut world);
    world.index("ByPlace-Index", &["place"]);
    world.table("PricesTable", &["id"]);
    world.index("ByName", &["name"]);
    let place = world.function("Place", vec![]);
    world.access(Operation::PutItem, Some(place), reference(ORDERS));
    world.writes(&[("status", Symbolic::text("OPEN")), ("placed", Symbolic::hole("now"))]);
    world.access(Operation::UpdateItem, None, reference(ORDERS));
    world.writes(&[("status", Symbolic::text("PAID")), ("date", Symbolic::hole("today"))]);
    world.access(Operation::Query, None, reference(ORDERS)).through("ByDate-Index");
    world.access(Operation::Query, None, reference(ORDERS)).through("Place-Index");
    insta::assert_snapshot!(report(&world, "unused-gsi"));
}

#[test]
fn a_read_or_unclear_gsi_is_left_alone() {
    let mut world = World::new();
    orders(&mut world);
    let list = world.function("List", vec![]);
    world.access(Operation::Query, Some(list), reference(ORDERS)).through("ByDate-Index");
    let statement = world.statement(&["dynamodb:Query"], &[arn(ORDERS, "/index/ByStatus-Index")]);
    let hiding = world.function("Hiding", vec![statement]);
    world.gap(hiding);
    assert_eq!(report(&world, "unused-gsi"), "");
}

fn with_ttl(world: &mut World, id: &str, attribute: &str) {
    let place = world.place();
    world.table(id, &["id"]).ttl = Setting::Is(Spanned::new(attribute.to_owned(), place));
}

#[test]
fn ttl_naming() {
    let mut world = World::new();
    with_ttl(&mut world, "Carts", "expiresAt");
    assert_eq!(report(&world, "ttl-naming"), "");
    for (id, attribute) in [("Sessions", "ttl"), ("Locks", "TTL"), ("Tokens", "ttl")] {
        with_ttl(&mut world, id, attribute);
    }
    world.table("Users", &["id"]);
    insta::assert_snapshot!(report(&world, "ttl-naming"));
}

#[test]
fn ttl_attribute_mismatch() {
    let mut world = World::new();
    with_ttl(&mut world, "Sessions", "ttl");
    world.table("Carts", &["id"]);
    let start = world.function("Start", vec![]);
    let expiry = || Symbolic::hole("expiry");
    world.access(Operation::PutItem, Some(start), reference("Sessions"));
    world.writes(&[("id", expiry()), ("expires_at", expiry())]);
    world.access(Operation::UpdateItem, None, reference("Sessions"));
    world.writes(&[("expires_at", expiry())]);
    world.access(Operation::PutItem, Some(start), reference("Sessions")).observations[0].writes_complete = false;
    world.writes(&[("TTL", expiry())]);
    world.analysis.accesses[2].observations[0].writes_complete = false;
    world.access(Operation::PutItem, None, reference("Carts"));
    world.writes(&[("ttl", expiry())]);
    insta::assert_snapshot!(report(&world, "ttl-attribute-mismatch"));
    world.access(Operation::PutItem, None, reference("Sessions"));
    world.writes(&[("ttl", expiry())]);
    world.access(Operation::UpdateTimeToLive, Some(start), reference("Carts"));
    assert_eq!(report(&world, "ttl-attribute-mismatch"), "", "its own is written, and TTL is switched on in code");
}

#[test]
fn missing_pitr() {
    let mut world = World::new();
    world.table("Users", &["id"]);
    with_ttl(&mut world, "Sessions", "ttl");
    assert_eq!(report(&world, "missing-pitr"), "", "no table has it");
    let place = world.place();
    world.table("Orders", &["id"]).pitr = Setting::Is(Spanned::new(true, place));
    let start = world.function("Start", vec![]);
    world.access(Operation::PutItem, Some(start), reference("Sessions"));
    world.writes(&[("id", Symbolic::hole("id")), ("ttl", Symbolic::hole("expiry"))]);
    insta::assert_snapshot!(report(&world, "missing-pitr"));
}

#[test]
fn iam_over_grant() {
    let mut world = World::new();
    orders(&mut world);
    world.table("PricesTable", &["id"]);
    let both = [arn(ORDERS, ""), arn(ORDERS, "/index/*"), arn("PricesTable", "")];
    let shared = world.statement(&["dynamodb:GetItem", "dynamodb:Query"], &both);
    let whole = world.statement(&["dynamodb:GetItem"], &[arn("PricesTable", "")]);
    let mut template =
        world.statement(&["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem"], &[arn(ORDERS, "")]);
    template.origin = PolicyOrigin::SamTemplate("DynamoDBCrudPolicy".to_owned());
    let show = world.function("Show", vec![shared, template]);
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    world.access(Operation::Query, Some(show), reference(ORDERS));
    world.function("Idle", vec![whole]);
    let wide = world.statement(&["dynamodb:*"], &[arn(ORDERS, "")]);
    world.function("Wide", vec![wide]);
    let unclear = world.statement(&["dynamodb:GetItem"], &[arn(ORDERS, "")]);
    let hiding = world.function("Hiding", vec![unclear]);
    world.gap(hiding);
    insta::assert_snapshot!(report(&world, "iam-over-grant"));
}

#[test]
fn a_right_that_any_function_under_the_role_uses_is_used() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:GetItem", "dynamodb:PutItem"], &[arn(ORDERS, "")]);
    let show = world.function("Show", vec![statement]);
    let place = world.function_under("Place", crate::facts::testing::resource("ShowRole"));
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    world.access(Operation::PutItem, Some(place), reference(ORDERS));
    assert_eq!(report(&world, "iam-over-grant"), "");
}

#[test]
fn iam_wildcard() {
    let mut world = World::new();
    orders(&mut world);
    let every_action = world.statement(&["dynamodb:*"], &[arn(ORDERS, ""), arn(ORDERS, "/index/*")]);
    let every_table = world.statement(&["dynamodb:GetItem"], &[Symbolic::text("*")]);
    let mut managed = world.statement(&["dynamodb:*", "cloudwatch:*"], &[Symbolic::text("*")]);
    managed.origin = PolicyOrigin::Managed("AmazonDynamoDBFullAccess".to_owned());
    let listing = world.statement(&["dynamodb:ListTables"], &[Symbolic::text("*")]);
    let other = world.statement(&["*"], &[Symbolic::text("arn:aws:s3:::bucket/*")]);
    let show = world.function("Show", vec![every_action, listing, other]);
    world.access(Operation::Query, Some(show), reference(ORDERS)).through("ByDate-Index");
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    world.function("Idle", vec![every_table]);
    let hiding = world.function("Hiding", vec![managed]);
    world.access(Operation::PutItem, Some(hiding), reference(ORDERS));
    world.gap(hiding);
    insta::assert_snapshot!(report(&world, "iam-wildcard"));
}

#[test]
fn iam_missing_action() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:Query"], &[arn(ORDERS, "")]);
    let list = world.function("List", vec![statement]);
    world.access(Operation::Query, Some(list), reference(ORDERS)).through("ByDate-Index");
    world.access(Operation::DeleteItem, Some(list), reference(ORDERS));
    insta::assert_snapshot!(report(&world, "iam-missing-action"));
}

#[test]
fn iam_missing_index() {
    let mut world = World::new();
    orders(&mut world);
    let statement = world.statement(&["dynamodb:Query"], &[arn(ORDERS, "")]);
    let list = world.function("List", vec![statement]);
    world.access(Operation::Query, Some(list), reference(ORDERS)).through("ByDate-Index");
    world.access(Operation::Scan, Some(list), reference(ORDERS)).through("ByDate-Index");
    insta::assert_snapshot!(report(&world, "iam-missing-index"));
}

#[test]
fn iam_dead_grant() {
    let mut world = World::new();
    orders(&mut world);
    let resources = [reference(ORDERS), Symbolic::text("arn:aws:dynamodb:::table/orders")];
    let statement = world.statement(&["dynamodb:TransactWriteItems", "dynamodb:Querry"], &resources);
    world.function("List", vec![statement]);
    insta::assert_snapshot!(report(&world, "iam-dead-grant"));
}

#[test]
fn iam_policies_ignored() {
    let mut world = World::new();
    let place = world.place();
    world.function("List", vec![]);
    world.function("Show", vec![]);
    world.stacks[0].functions[0].dropped_policies = Some(place);
    insta::assert_snapshot!(report(&world, "iam-policies-ignored"));
}

#[test]
fn iam_broader_template() {
    let mut world = World::new();
    orders(&mut world);
    let mut crud = world.statement(
        &["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Query"],
        &[arn(ORDERS, ""), arn(ORDERS, "/index/*")],
    );
    crud.origin = PolicyOrigin::SamTemplate("DynamoDBCrudPolicy".to_owned());
    let show = world.function("Show", vec![crud.clone()]);
    world.access(Operation::GetItem, Some(show), reference(ORDERS));
    let both = world.function("Both", vec![crud.clone()]);
    world.access(Operation::GetItem, Some(both), reference(ORDERS));
    world.access(Operation::PutItem, Some(both), reference(ORDERS));
    let hiding = world.function("Hiding", vec![crud.clone()]);
    world.access(Operation::GetItem, Some(hiding), reference(ORDERS));
    world.gap(hiding);
    world.function("Idle", vec![crud]);
    insta::assert_snapshot!(report(&world, "iam-broader-template"));
}

fn place_and_query(world: &mut World, item: &[(&str, Symbolic)]) -> usize {
    let place = world.function("Place", vec![]);
    world.access(Operation::PutItem, Some(place), reference(ORDERS));
    world.writes(item);
    world.access(Operation::Query, Some(place), reference(ORDERS)).through("ByStatus-Index");
    place
}

#[test]
fn gsi_keys_never_written() {
    let mut world = World::new();
    orders(&mut world);
    // Written by dead code: somebody may still mean to call it.
    world.access(Operation::UpdateItem, None, reference(ORDERS));
    world.writes(&[("date", Symbolic::hole("today"))]);
    let script = world.script();
    world.access(Operation::Query, Some(script), reference(ORDERS)).through("ByDate-Index");
    place_and_query(&mut world, &[("customer", Symbolic::hole("customer")), ("placed", Symbolic::hole("now"))]);
    insta::assert_snapshot!(report(&world, "gsi-keys-never-written"));
}

#[test]
fn keys_that_may_be_written_unseen_are_no_finding() {
    let silent = |item: &[(&str, Symbolic)], more: &dyn Fn(&mut World, usize)| {
        let mut world = World::new();
        orders(&mut world);
        let place = place_and_query(&mut world, item);
        more(&mut world, place);
        report(&world, "gsi-keys-never-written")
    };
    let placed = || ("placed", Symbolic::hole("now"));
    assert_ne!(silent(&[placed()], &|_, _| {}), "", "the case that the others differ from");
    assert_eq!(silent(&[placed(), ("status", Symbolic::text("OPEN"))], &|_, _| {}), "");
    assert_eq!(silent(&[], &|_, _| {}), "", "nothing at hand writes items");
    assert_eq!(silent(&[placed()], &|w, _| w.analysis.accesses[0].observations[0].writes_complete = false), "");
    assert_eq!(silent(&[placed()], &|w, _| w.stacks[0].tables[0].imported = true), "");
    let update = |table: Symbolic| {
        move |w: &mut World, place| {
            w.access(Operation::UpdateItem, Some(place), table.clone());
        }
    };
    assert_ne!(silent(&[placed()], &update(reference(ORDERS))), "", "a write of nothing");
    let mut only_updates = World::new();
    orders(&mut only_updates);
    let place = only_updates.function("Place", vec![]);
    only_updates.access(Operation::UpdateItem, Some(place), reference(ORDERS));
    only_updates.writes(&[placed()]);
    only_updates.access(Operation::Query, Some(place), reference(ORDERS)).through("ByStatus-Index");
    assert_eq!(report(&only_updates, "gsi-keys-never-written"), "", "what an update finds, somebody else put there");
    let allowed = |w: &mut World, _| {
        let statement = w.statement(&["dynamodb:UpdateItem"], &[arn(ORDERS, "")]);
        let other = w.function("Other", vec![statement]);
        w.gap(other);
    };
    assert_eq!(silent(&[placed()], &allowed), "", "a write may hide where the role allows it");
    let forbidden = |w: &mut World, _| {
        let other = w.function("Other", vec![]);
        w.gap(other);
    };
    assert_ne!(silent(&[placed()], &forbidden), "", "a role that allows no write hides none");
}

#[test]
fn gsi_name_mismatch() {
    let mut world = World::new();
    world.table(ORDERS, &["PK", "SK"]);
    world.index("GSI1-CustomerIndex", &["GSI1PK"]);
    world.index("GSI2-Lots", &["GSI2PK"]);
    world.index("GSI3-SnapshotIndex", &["GSI3PK", "GSI3SK"]);
    world.index("GSI4", &["GSI4PK"]);
    world.index("GSI5-Unwritten", &["GSI5PK"]);
    let place = world.function("Place", vec![]);
    world.access(Operation::PutItem, Some(place), reference(ORDERS));
    let pattern = |word: &str, of: &str| -> Symbolic {
        use crate::dynamodb::symbolic::Part::{Hole, Text};
        [Text(word.to_owned()), Hole(of.to_owned())].into_iter().collect()
    };
    world.writes(&[
        ("GSI1PK", pattern("CUST#", "customer_id")),
        ("GSI2PK", pattern("LOT#", "id")),
        ("GSI3PK", pattern("STATE#", "state")),
        ("GSI3SK", Symbolic::hole("time")),
        ("GSI4PK", pattern("OTHER#", "id")),
    ]);
    world.access(Operation::Query, None, reference(ORDERS)).through("GSI3-StateIndex");
    assert_eq!(report(&world, "gsi-name-mismatch"), "", "an index that nothing reads is to go");
    world.access(Operation::Query, Some(place), reference(ORDERS)).through("GSI3-SnapshotIndex");
    insta::assert_snapshot!(report(&world, "gsi-name-mismatch"));
    // A function whose name says what the index is called reads it.
    let access = world.access(Operation::Query, Some(place), reference(ORDERS)).through("GSI3-SnapshotIndex");
    access.function = "Orders.latest_snapshots".to_owned();
    assert_eq!(report(&world, "gsi-name-mismatch"), "");
}

#[test]
fn redundant_gsi() {
    let mut world = World::new();
    orders(&mut world);
    for name in ["ByState-Index", "ByStatusKeys-Index", "Unread-Index"] {
        world.index(name, &["status", "placed"]);
    }
    world.index("Turned-Index", &["placed", "status"]);
    world.stacks[0].tables[0].indexes[3].projection = Some("KEYS_ONLY".to_owned());
    let list = world.function("List", vec![]);
    for name in ["ByStatus-Index", "ByState-Index", "ByStatusKeys-Index", "Turned-Index"] {
        world.access(Operation::Query, Some(list), reference(ORDERS)).through(name);
    }
    insta::assert_snapshot!(report(&world, "redundant-gsi"));
}

#[test]
fn key_schema_inconsistency() {
    let mut world = World::new();
    world.table("AppTable", &["PK", "SK"]);
    world.table("PricesTable", &["symbol", "day"]);
    assert_eq!(report(&world, "key-schema-inconsistency"), "", "two tables are no habit");
    world.table("LocksTable", &["hash_key"]);
    world.table("NotesTable", &["pk", "noteId"]);
    world.table("EventsTable", &["partitionKey", "sortKey"]);
    insta::assert_snapshot!(report(&world, "key-schema-inconsistency"));
}

#[test]
fn ttl_never_written() {
    let put = |item: &[(&str, Symbolic)]| {
        let mut world = World::new();
        let place = world.place();
        world.table(ORDERS, &["id"]).ttl = Setting::Is(Spanned::new("gone_by".to_owned(), place));
        let entry = world.function("Place", vec![]);
        world.access(Operation::PutItem, Some(entry), reference(ORDERS));
        world.writes(item);
        report(&world, "ttl-never-written")
    };
    let id = || ("id", Symbolic::hole("id"));
    insta::assert_snapshot!(put(&[id()]));
    assert_eq!(put(&[id(), ("gone_by", Symbolic::hole("then"))]), "");
    assert_eq!(put(&[id(), ("expires_at", Symbolic::hole("then"))]), "", "ttl-attribute-mismatch");
    assert_eq!(put(&[]), "", "nothing at hand writes items");
}
