//! Who reads an index, who writes its keys, and which entities fill it.

use super::*;

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

/// A script that can't be followed may point elsewhere; of one that was cut short, the rest isn't known at all.
#[test]
fn a_script_that_is_cut_short_keeps_all_open() {
    let told = |lose: &dyn Fn(&mut World, usize)| {
        let mut world = World::new();
        orders(&mut world);
        let script = world.script();
        lose(&mut world, script);
        let facts = world.facts();
        let table = &facts.tables[0];
        let unseen = |of: &Option<Unseen>| of.as_ref().map(|unseen| unseen.reason.clone());
        let withheld: Vec<_> = facts.blind_spots.iter().map(|spot| spot.withholds.clone()).collect();
        (table.indexes[0].status, unseen(&table.unseen_writes), unseen(&table.unseen_deletes), withheld)
    };
    assert_eq!(told(&|world, script| world.gap(script)), (IndexStatus::Unused, None, None, vec![vec![]]));
    let writes = || Some("this script may write to OrdersTable where it isn't followed".to_owned());
    assert_eq!(
        told(&|world, script| world.cut_short(script)),
        (IndexStatus::Unknown, writes(), writes(), vec![vec!["unused-gsi"]])
    );
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
    let several = [("customer", Symbolic::text("a")), ("customer", Symbolic::text("b")), ("placed", key("", "t"))];
    put(&mut world, &several);
    let mixed = [("customer", Symbolic::text("a")), ("customer", key("x#", "b")), ("placed", key("", "t"))];
    put(&mut world, &mixed);
    let facts = world.facts();
    let keys: Vec<String> =
        facts.tables[0].entities[2].key.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    assert_eq!(keys, ["customer = a", "placed = {t}"]);
    let entities: Vec<_> =
        facts.tables[0].entities.iter().map(|e| (e.name.as_str(), e.indexes.clone(), e.writers.clone())).collect();
    let by_status = vec!["ByStatus".to_owned()];
    assert_eq!(
        entities,
        [
            ("CUSTOMER/ORDER", by_status, vec![AccessId(0), AccessId(1)]),
            ("PROFILE", vec![], vec![AccessId(2)]),
            ("a", vec![], vec![AccessId(4)]),
            ("b", vec![], vec![AccessId(4)]),
            ("Orders", vec![], vec![AccessId(5)]),
        ]
    );
}
