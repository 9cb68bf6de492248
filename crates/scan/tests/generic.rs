//! A scan of plain tables: kinds and fields come from the files.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fmt::Write as _;

use cutover_catalog::Catalog;
use cutover_scan::{ScanOptions, scan};

fn table() -> Catalog {
    Catalog { name: "table".into(), title: "Table".into(), revision: 1, generic: true, ..Catalog::default() }
}

#[test]
fn columns_become_typed_fields() {
    let dir = tempfile::tempdir().unwrap();
    let mut file = String::from("Account No,E-Mail,Tier,Active,Seats,Since,Score,Last Name,Code\r\n");
    for n in 0..30 {
        let tier = if n % 3 == 0 { "premium" } else { "basic" };
        let seats = if n == 7 { String::new() } else { (n * 2).to_string() };
        write!(
            file,
            "{n},u{n}@x.example,{tier},{},{seats},2024-01-{:02},{}.5,Ito,0{n}\r\n",
            n % 2 == 0,
            n % 28 + 1,
            n % 4
        )
        .unwrap();
    }
    std::fs::write(dir.path().join("Accounts 2024.csv"), file).unwrap();
    std::fs::write(
        dir.path().join("notes.jsonl"),
        "{\"at\":\"2026-01-02T03:04:05Z\",\"tags\":[\"a\",\"b\"],\"x\":{\"y\":1}}\n",
    )
    .unwrap();
    std::fs::write(dir.path().join("photo.png"), [0xFF]).unwrap();
    let options = ScanOptions {
        account: "crm".to_owned(),
        taken: cutover_ir::time::Date::new(2026, 11, 20),
        ..ScanOptions::default()
    };
    let outcome = scan(dir.path(), &table(), &options, &mut ()).expect("a scan");
    let schema = outcome.inventory.schema.get("accounts_2024").unwrap();
    let types: Vec<(String, String, bool)> = schema
        .fields
        .iter()
        .map(|(name, field)| {
            (name.to_owned(), serde_json::to_string(&field.ty).unwrap().replace('"', ""), field.unique)
        })
        .collect();
    let wanted = [
        ("account_no", "int", true),
        ("active", "bool", false),
        ("code", "text", true),
        ("e_mail", "email", true),
        ("last_name", "text", false),
        ("score", "decimal", false),
        ("seats", "int?", false),
        ("since", "date", false),
        ("tier", "text", false),
    ];
    assert_eq!(types, wanted.map(|(name, ty, unique)| (name.to_owned(), ty.to_owned(), unique)));
    let profile = outcome.inventory.profile.get("accounts_2024").unwrap();
    assert_eq!(profile.fields.get("tier").unwrap().values.get("premium"), Some(&10));
    assert_eq!(profile.fields.get("active").unwrap().values.get("true"), Some(&15));
    assert_eq!(profile.fields.get("since").unwrap().max.as_deref(), Some("2024-01-28"));
    assert_eq!(profile.fields.get("seats").unwrap().max.as_deref(), Some("58"));
    let notes = outcome.inventory.schema.get("notes").unwrap();
    assert_eq!(notes.fields.keys().collect::<Vec<_>>(), ["at", "tags", "x"]);
    let text = serde_json::to_string(&outcome.inventory).unwrap();
    assert!(!text.contains('@') && !text.contains("Ito"));
    assert_eq!(cutover_catalog::inventory_rules::broken(&outcome.inventory, &table()), []);
    assert_eq!(
        outcome.findings.iter().map(|f| (f.code, f.file.as_str())).collect::<Vec<_>>(),
        [("scan/unknown-file", "photo.png")]
    );
}
