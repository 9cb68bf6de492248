//! Bundles on disk: what comes back, what is refused, what differs.

use std::collections::BTreeMap;
use std::fs;

use crate::Plan;
use crate::bundle::{
    BundleError, Change, Difference, Outputs, PLAN, Place, Places, check, encode, outputs, parse, read, write,
};
use crate::digest::sha256_hex;
use crate::fixture::{acme, id};
use crate::model::{Asset, Content};

const TEXT: &[u8] = b"Dear customers,\n";

/// A plan whose assets are there.
fn bundle() -> (Plan, Outputs) {
    let mut plan = acme();
    let digest = sha256_hex(TEXT);
    plan.assets = BTreeMap::from([(
        digest.clone(),
        Asset { file: "announce/customers.md".to_owned(), bytes: u64::try_from(TEXT.len()).unwrap_or(0) },
    )]);
    let mut places = Places::default();
    places.insert(id("map/ticket"), Place { file: "acme.cutover".to_owned(), line: 12, column: 1 });
    let files = outputs(&mut plan, &places, &BTreeMap::from([(digest, TEXT.to_vec())]));
    let Ok(files) = files else { unreachable!("acme can be written") };
    (plan, files)
}

fn folder() -> tempfile::TempDir {
    let Ok(folder) = tempfile::tempdir() else { unreachable!("the test can make a folder") };
    folder
}

#[test]
fn the_plan_file() {
    let text = encode(&mut acme()).unwrap_or_default();
    super::expect(PLAN, &text);
    assert!(text.lines().all(|line| line.len() < 1_000), "a line for each small thing");
}

#[test]
fn what_is_written_comes_back() {
    let (plan, files) = bundle();
    let folder = folder();
    let place = folder.path().join("new/plan");
    assert!(write(&place, &files).is_ok());
    let Ok(back) = read(&place) else { unreachable!("{:?}", read(&place).err()) };
    assert_eq!(back.plan, plan);
    assert_eq!(back.places.get(&id("map/ticket/to/subject")).map(|place| place.line), Some(12));
    assert!(check(&place, &files).is_ok_and(|found| found.is_empty()));
    let names: Vec<_> =
        fs::read_dir(&place).into_iter().flatten().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 7, "no temporary files: {names:?}");
}

#[test]
fn an_unrelated_edit_changes_no_byte_of_another_item() {
    let text = |plan: &mut Plan| -> Vec<String> {
        encode(plan).unwrap_or_default().lines().map(str::to_owned).collect()
    };
    let mut plan = acme();
    let before = text(&mut plan);
    if let Some(item) = plan.items.get_mut("lessons") {
        item.owner = Some("li".to_owned());
    }
    let after = text(&mut plan);
    let differ: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(a, _)| a).collect();
    assert_eq!(before.len(), after.len());
    assert_eq!(differ.len(), 2, "the plan's digest and the item: {differ:?}");
}

#[test]
fn a_signature_covers_what_an_item_names_and_nothing_else() {
    let mut plan = acme();
    let old = plan.clone();
    let Some(Content::Translate(table)) =
        plan.items.get_mut("translate/statuses").map(|item| &mut item.content)
    else {
        unreachable!("acme translates statuses")
    };
    table.rows.pop();
    assert!(crate::digest::seal(&mut plan).is_ok());
    let found = crate::bundle::differences(&old, &plan);
    let items: Vec<_> =
        found.iter().filter(|(id, _)| id.kind() != "stage").map(|(id, c)| (id.as_str(), *c)).collect();
    assert_eq!(
        items,
        [
            ("map/ticket", Change::Affected),
            ("rehearsal", Change::Affected),
            ("test/urgent", Change::Affected),
            ("translate/statuses", Change::Changed),
            // The backup must be proven before the rehearsal, so it names it.
        ]
        .into_iter()
        .chain([("backup", Change::Affected)])
        .collect::<std::collections::BTreeMap<_, _>>()
        .into_iter()
        .collect::<Vec<_>>()
    );
    // A person's telephone number, an inventory and a newer compiler make no signature stale.
    let mut plan = old.clone();
    plan.header.compiler = "9.9.9".to_owned();
    if let Some(person) = plan.people.get_mut("maya") {
        person.contact = Some("+1".to_owned());
    }
    plan.figures.records.insert(id("wave/live"), 1);
    assert!(crate::digest::seal(&mut plan).is_ok());
    assert!(crate::bundle::differences(&old, &plan).is_empty());
    assert_ne!(plan.digest, old.digest, "people and figures are part of the plan");
    let mut plan = old.clone();
    plan.header.compiler = "9.9.9".to_owned();
    assert!(crate::digest::seal(&mut plan).is_ok());
    assert_eq!(plan.digest, old.digest, "the header is not");
}

#[test]
fn a_changed_plan_is_refused() {
    let (_, files) = bundle();
    let text = files.get(PLAN).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        parse(text.replacen(from, to, 1).as_bytes()).err()
    };
    assert!(
        matches!(refused("left the company", "left"), Some(BundleError::Digest { parts }) if parts.contains(&"scope/agent/retire/rest".to_owned()))
    );
    assert!(
        matches!(refused("+49 30 555 0101", "+49 30 555 0102"), Some(BundleError::Digest { parts }) if parts == ["plan"])
    );
    assert!(
        matches!(refused("\"format\": \"1.0\"", "\"format\": \"2.0\""), Some(BundleError::Format { found }) if found == "2.0")
    );
    let error = refused("\"format\": \"1.0\"", "\"requires\": [\"shards\"],\n \"format\": \"1.0\"");
    assert!(matches!(error, Some(BundleError::Requires { names }) if names == ["shards"]));
    assert!(matches!(refused("\"format\"", "\"later\":1,\"format\""), Some(BundleError::Shape { .. })));
    // Unknown members deep inside, where the types of another crate would not complain.
    assert!(matches!(
        refused("{\"field\":\"subject\"", "{\"more\":1,\"field\":\"subject\""),
        Some(BundleError::NotCanonical { .. } | BundleError::Shape { .. })
    ));
    assert!(matches!(refused("\n", " \n"), Some(BundleError::NotCanonical { line: 1 })));
    assert!(matches!(parse(b"{"), Err(BundleError::Shape { .. })));
    assert!(matches!(parse(b"\xff\xfe"), Err(BundleError::Shape { .. })));
    let deep = format!("{{\"format\":\"1.0\",\"x\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(matches!(parse(deep.as_bytes()), Err(BundleError::Shape { .. })));
}

#[test]
fn a_plan_whose_ids_lead_nowhere_is_refused() {
    let broken = |change: fn(&mut Plan)| {
        let mut plan = acme();
        change(&mut plan);
        let text = encode(&mut plan).unwrap_or_default();
        matches!(parse(text.as_bytes()), Err(BundleError::Dangling { .. }))
    };
    assert!(!broken(|_| {}));
    assert!(broken(|plan| _ = plan.items.remove("translate/statuses")));
    assert!(broken(|plan| _ = plan.people.remove("dana")));
    assert!(broken(|plan| plan.stages.reverse()));
    assert!(broken(|plan| plan.critical_path.push(id("stage/none"))));
    assert!(broken(|plan| plan.stages.extend(plan.stages.last().cloned())));
}

#[test]
fn a_changed_asset_is_refused() {
    let (plan, files) = bundle();
    let folder = folder();
    assert!(write(folder.path(), &files).is_ok());
    let asset = folder.path().join("assets").join(plan.assets.keys().next().map_or("", String::as_str));
    assert!(fs::write(&asset, b"other").is_ok());
    assert!(matches!(read(folder.path()), Err(BundleError::Digest { .. })));
    assert!(fs::remove_file(&asset).is_ok());
    assert!(matches!(read(folder.path()), Err(BundleError::Io { .. })));
}

#[test]
fn check_says_what_differs() {
    let (mut plan, files) = bundle();
    let folder = folder();
    let place = folder.path();
    assert!(check(place, &files).is_ok_and(|found| found.len() == files.len()), "everything is missing");
    assert!(write(place, &files).is_ok());
    assert!(fs::write(place.join("notes.txt"), "mine").is_ok());
    if let Some(item) = plan.items.get_mut("translate/roles") {
        item.because = Some("it was asked for".to_owned());
    }
    plan.items.remove("inspect/legacy_words");
    plan.assets.clear();
    let new = outputs(&mut plan, &Places::default(), &BTreeMap::new()).unwrap_or_default();
    let found = check(place, &new).unwrap_or_default();
    let Some(Difference::Changed { parts, line: 2, .. }) = found
        .iter()
        .find(|difference| matches!(difference, Difference::Changed { file, .. } if file == PLAN))
    else {
        unreachable!("{found:?}")
    };
    assert!(parts.contains(&(id("translate/roles"), Change::Changed)));
    assert!(parts.contains(&(id("map/agent"), Change::Affected)));
    assert!(parts.contains(&(id("inspect/legacy_words"), Change::Removed)));
    assert!(
        found.iter().any(
            |difference| matches!(difference, Difference::Extra { file } if file.starts_with("assets/"))
        )
    );
    // Writing removes what no longer belongs to the plan, and leaves other files alone.
    assert!(write(place, &new).is_ok());
    assert!(check(place, &new).is_ok_and(|found| found.is_empty()));
    assert!(place.join("notes.txt").exists());
}

#[test]
fn a_place_that_is_taken_leaves_everything_as_it_was() {
    let (_, files) = bundle();
    let folder = folder();
    assert!(fs::create_dir_all(folder.path().join("checklist.md")).is_ok());
    assert!(matches!(write(folder.path(), &files), Err(BundleError::Taken { .. })));
    let left: Vec<_> = fs::read_dir(folder.path()).into_iter().flatten().flatten().collect();
    assert_eq!(left.len(), 1);
    let file = folder.path().join("file");
    assert!(fs::write(&file, "").is_ok());
    assert!(matches!(write(&file, &files), Err(BundleError::Io { .. })));
    assert!(matches!(write(&file.join("below"), &files), Err(BundleError::Io { .. })));
}

#[test]
fn an_unfinished_plan_is_not_written() {
    let mut plan = acme();
    plan.unfinished.holes = 1;
    assert!(matches!(outputs(&mut plan, &Places::default(), &BTreeMap::new()), Err(BundleError::Unfinished)));
    plan.unfinished.holes = 0;
    assert!(matches!(
        outputs(&mut plan, &Places::default(), &BTreeMap::new()),
        Err(BundleError::NoAsset { .. })
    ));
}
