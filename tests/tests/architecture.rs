//! What the layout promises: the core names no driver.

#[test]
fn the_core_names_no_driver() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../ledger-core/Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).unwrap();
    for driver in
        ["sqlx", "rusqlite", "libsqlite3", "sea-orm", "sea-query", "clickhouse", "postgres", "diesel", "backends"]
    {
        assert!(!manifest.contains(driver), "ledger-core names `{driver}`");
    }
}
