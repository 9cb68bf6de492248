//! The committed JSON Schemas are those of the types. `BLESS=1` rewrites them.

#![expect(clippy::panic, reason = "a test fails by panicking")]

use std::path::PathBuf;

fn check(name: &str, made: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/schema").join(name);
    if std::env::var_os("BLESS").is_some_and(|bless| bless == "1") {
        if let Some(folder) = path.parent() {
            assert!(std::fs::create_dir_all(folder).is_ok());
        }
        assert!(std::fs::write(&path, made).is_ok(), "{} cannot be written", path.display());
        return;
    }
    match std::fs::read_to_string(&path) {
        Ok(committed) => assert_eq!(committed, made, "{} is old: run the tests with BLESS=1", path.display()),
        Err(error) => panic!("{}: {error}; run the tests with BLESS=1", path.display()),
    }
}

#[test]
fn committed_schemas_are_those_of_the_types() {
    check("catalog.schema.json", &cutover_catalog::schema::catalog());
    check("inventory.schema.json", &cutover_catalog::schema::inventory());
}
