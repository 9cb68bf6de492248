//! A signature is given for the plan of today, and what is noted beside it can stand in git for ever.

use std::fs;

use super::Repository;

#[test]
fn a_plan_that_is_not_that_of_the_spec_is_not_signed() {
    let repository = Repository::new();
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    let text = repository.spec();
    repository.write(&text.replace("more than 0.5%", "more than 5%"));
    let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("plan/ is not that of the spec"), "{shown}");
    repository.write(&text.replace("hold inbound; ", ""));
    let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines"]);
    assert_eq!(code, 2, "{shown}");
    assert!(!repository.project().join("signoffs").exists());
    repository.write(&text);
    assert_eq!(repository.run(&["sign", "go_live", "--by", "ines"]).0, 0);

    // That it is signed already is not the news.
    repository.write(&text.replace("more than 0.5%", "more than 5%"));
    let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines"]);
    assert!(code == 2 && shown.contains("plan/ is not that of the spec"), "{shown}");
    repository.write(&text);
    let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines"]);
    assert!(code == 0 && shown.contains("go_live is signed already"), "{shown}");

    // Beside another spec the plan is still that of its own.
    let other = text.replace("migration pots", "migration pans").replace("\"pots\"", "\"pans\"");
    assert!(fs::write(repository.project().join("a.cutover"), other).is_ok());
    let (code, shown) = repository.run(&["sign", "announce/customers", "--by", "ines"]);
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn evidence_holds_no_key_and_leads_to_no_program() {
    let repository = Repository::new();
    assert_eq!(repository.run(&["plan", "."]).0, 0);
    for evidence in [
        "javascript:alert(1)",
        "https://ines:pots@pots.example/minutes/12",
        "https://pots.example/minutes?token=a1b2c3",
        "https://pots.example/glpat-x8Kq2nR5vT9wY3zB7dF1",
        "",
    ] {
        let (code, shown) = repository.run(&["sign", "go_live", "--by", "ines", "--evidence", evidence]);
        assert_eq!(code, 2, "{evidence}: {shown}");
        assert!(shown.contains("the evidence is not kept"), "{evidence}: {shown}");
        assert!(!shown.contains("ines:pots@") && !shown.contains("a1b2c3"), "{shown}");
    }
    assert!(!repository.project().join("signoffs").exists());
    let good = "https://pots.example/minutes/12#decision";
    assert_eq!(repository.run(&["sign", "go_live", "--by", "ines", "--evidence", good]).0, 0);

    // A line that came another way is not believed either.
    let path = repository.project().join("signoffs/ines.jsonl");
    let line = fs::read_to_string(&path).unwrap_or_default();
    assert!(fs::write(&path, line.replace("https://pots.example", "javascript://pots.example")).is_ok());
    let (code, shown) = repository.run(&["signoffs", "verify"]);
    assert_eq!(code, 1);
    assert!(
        shown.contains("signoffs/ines.jsonl:1: this line is no sign-off: the evidence is not one"),
        "{shown}"
    );
}
