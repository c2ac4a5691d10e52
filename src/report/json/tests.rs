use super::model::Document;
use super::render;
use crate::report::sample;
use std::path::Path;

#[test]
fn the_whole_report() {
    insta::assert_snapshot!(sample::with_report(render).replace(env!("CARGO_PKG_VERSION"), "VERSION"));
}

/// `UPDATE=1 cargo test` rewrites the schema.
#[test]
fn the_committed_schema_is_fresh() {
    let schema = schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Document>();
    let schema = serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/report.schema.json");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &schema).expect("the schema can be written");
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap_or_default(),
        schema,
        "run UPDATE=1 cargo test the_committed_schema"
    );
}
